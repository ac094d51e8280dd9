"""How lots of the referee move: rooms, routes, lines outside, batches, and what an idle server takes.

Room goes to whoever has waited longest, inside or outside the plant (there since it came to be the first of its line); of equals inside
first, then the station of higher priority; no rule puts others in order. A line outside is a line: its head holds up the others. A
server takes a lot only if it could begin - up and on shift, whatever the first phase needs -, and only then is it room, for as many
lots as it works on at a time; where all places are taken and lots wait inside, it takes from these before others come in. All that has
one way to go moves before jobs begin, and all of these begin before what chooses. The shortest line is that with the fewest lots
waiting and servers that can take none now. The lots of a batch leave one by one, as they came, and wait from when it is their turn.
With blocking before service a server takes its lot and waits with it for a place, even while it is down or off shift; the place is
kept until the lot comes.
"""
from referee.parts import Lot


class Moves:
    # --- what a server takes ---------------------------------------------------------------------------------------

    def ready(self, server):
        return server.station.on and not (server.job or server.out or server.down)

    def take(self, only=None):
        """A server takes what is next: of several the one that has been idle longest."""
        for station in [only] if only else self.stations.values():
            servers = [server for server in station.servers if self.ready(server)]
            lots = self.pick(station) if servers and station.queue else []
            if lots:
                for lot in lots:
                    station.queue.remove(lot)
                self.start_job(min(servers, key=lambda server: (server.idle_since, self.of_equals(server.freed, server, 0))), lots)
                return True
        return False

    def of_equals(self, serial, server, reversed_in):
        """No rule puts servers of a station in order at one instant: as they come; in one of the other orders the last first."""
        if self.tie is None or self.tie in (0, 1) and self.tie != reversed_in:
            return serial, server.number
        return (-serial, -server.number) if self.tie == reversed_in else (self.random.random(), 0)

    def frees(self, server):
        server.idle_since, server.freed = self.now, next(self.serial)

    def pick(self, station):
        rule, batch = station.spec.get("dispatch", "fifo"), station.spec.get("batch")
        if batch:
            return self.pick_batch(station.queue, batch)
        if rule == "lifo":
            return station.queue[-1:]
        if rule == "fifo":
            return station.queue[:1]
        word, attribute = rule
        return [(min if word == "smallest" else max)(station.queue, key=lambda lot: lot.values[attribute])]

    def pick_batch(self, queue, batch):
        groups = {}
        for lot in queue:
            groups.setdefault(lot.values[batch["by"]] if batch.get("by") else None, []).append(lot)
        for group in groups.values():  # in the order of their oldest lots
            overdue = batch.get("longest_wait") is not None and self.now >= group[0].entered + batch["longest_wait"] - self.INSTANT
            if len(group) >= batch["count"] or overdue or (batch.get("least") and len(group) >= batch["least"]):
                return group[:batch["count"]]
        return []

    # --- where a lot goes ------------------------------------------------------------------------------------------

    def has_room(self, name):
        station = self.stations.get(name)
        if station is None or station.spec.get("buffer") is None:
            return True
        there = len(station.queue) + station.reserved
        free = sum(map(self.ready, station.servers)) * station.spec.get("batch", {}).get("count", 1)
        if there >= station.spec["buffer"] and station.queue and free and not self.jobs_begun:
            return False  # servers first take from those inside
        return there < station.spec["buffer"] + free

    def line(self, name):
        """How long the line is: lots that wait, and servers that cannot take one now."""
        station = self.stations[name]
        return len(station.queue) + sum(not self.ready(server) for server in station.servers)

    def holds(self, conditions, lot, place):
        seen = lot.visits.get(place, 0)
        return all(seen < value if what == "visits" else lot.values[what] == value for what, value in conditions)

    def choose(self, route, lot, place, owner):
        """The station or sink that a lot goes to now, or None if it has to wait."""
        kind = route["kind"]
        if kind in ("overflow", "shortest"):
            free = [to for to in route["to"] if self.has_room(to)]
            if kind == "shortest":
                free.sort(key=self.line)  # stable: the first named among equals
            return free[0] if free else None
        if kind == "single":
            target = route["to"]
        elif kind == "cases":
            target = next(to for conditions, to in route["cases"] if conditions is None or self.holds(conditions, lot, place))
        else:
            if lot.target is None:
                lot.target = route["to"][owner.turn % len(route["to"])]
                owner.turn += 1
            target = lot.target
        held = self.held.get(target, self.waits_since) < self.waits_since
        return None if held or not self.has_room(target) else target

    # --- moving ----------------------------------------------------------------------------------------------------

    def movers(self):
        """All that wait to move on, with what they do if they can; who has waited longest comes first."""
        out = []
        for station in self.stations.values():
            for server in station.servers:
                order = (0, -station.priority, self.chance(station), self.of_equals(server.begun, server, 1))
                if server.out:
                    out.append(((server.out[0].since, *order), station.spec["to"], self.move_out, server))
                elif server.place_since is not None:
                    out.append(((server.place_since, *order), station.spec["to"], self.reserve, server))
        for line in self.outside.values():
            if line.lots:
                out.append(((line.lots[0].since, 1, 0, self.chance(line), 0), line.spec["to"], self.move_in, line))
        return sorted(out, key=lambda mover: mover[0])

    def move_one(self):
        """What has one way to go moves before jobs begin, and these before what chooses; but it does not pass who waits longer."""
        ways, choices, self.held = [], [], {}
        for (since, *_), route, move, what in self.movers():
            chooses = route["kind"] in ("overflow", "shortest")
            (choices if chooses else ways).append((since, move, what))
            for to in route["to"] if chooses else []:
                self.held.setdefault(to, since)
        self.jobs_begun = False
        if self.any_moves(ways):
            return True
        if self.take():
            while self.take():  # all free servers, before their places are filled
                pass
            return True
        self.jobs_begun = True
        return self.any_moves(ways) or self.any_moves(choices)

    def any_moves(self, movers):
        for self.waits_since, move, what in movers:
            if move(what):
                return True
        return False

    def move_out(self, server):
        lot, station = server.out[0], server.station
        kept = server.reserved
        self.give_back(server)
        target = kept or self.choose(station.spec["to"], lot, station.name, station)
        if target is None:
            return False
        server.out.pop(0)
        self.arrive_at(target, lot)
        if server.out:
            server.out[0].since = self.now
        else:
            self.frees(server)
            self.emptied(server)
        return True

    def reserve(self, server):
        station = server.station
        target = self.choose(station.spec["to"], server.job.lots[0], station.name, station)
        if target is None:
            return False
        self.keep_place(server, target)
        server.place_since = None
        self.go_on(server)
        return True

    def keep_place(self, server, target):
        server.reserved = target
        if target in self.stations:
            self.stations[target].reserved += 1

    def give_back(self, server):
        if server.reserved in self.stations:
            self.stations[server.reserved].reserved -= 1
        server.reserved = None

    def move_in(self, line):
        lot = line.lots[0]
        target = self.choose(line.spec["to"], lot, line.name, line)
        if target is None:
            return False
        line.lots.pop(0)
        if line.lots:
            line.lots[0].since = self.now  # it stands in line since it is the first outside
        self.arrive_at(target, lot)
        return True

    def arrive_at(self, target, lot):
        lot.target = None
        if target in self.stations:
            self.enter(self.stations[target], lot)
        else:
            self.tell("ended", target, lot)

    def enter(self, station, lot):
        lot.visits[station.name] = lot.visits.get(station.name, 0) + 1
        lot.entered = self.now
        station.queue.append(lot)
        self.tell("entered", station.name, lot)
        wait = station.spec.get("batch", {}).get("longest_wait")
        if wait is not None:
            self.at(self.now + wait, self.OVERDUE, station, lambda: None)

    def arrive(self, line, number, values):
        lot = Lot(line.name, number, values, self.now)
        self.tell("made", line.name, lot)
        line.lots.append(lot)
        if line.spec.get("when_full") == "lose":
            while self.move_one():
                pass
            if lot in line.lots:
                line.lots.remove(lot)
                self.tell("ended", line.name, lot)
