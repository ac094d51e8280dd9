"""Crews of the referee: who is on duty, who may have whom, and what the end of a shift does.

Requests are met all or none, in the order of priority, then work that was interrupted, then age (of a job that asks again: that of
the job; of those who ask at one instant, that of the lot). What a waiting request could have now is kept from those of lower priority,
as long as all on duty would do for it; once it was overtaken too often (`ageing`), from those of its own.
"""
from itertools import combinations

from referee.calendars import on_at, switches
from referee.parts import Grant


class Crews:
    # --- who may have whom -----------------------------------------------------------------------------------------

    def order(self, since, server):
        """By age; of equals at one station who began first. No rule puts stations in order."""
        return (since, self.chance(server.station), server.begun, server.number)

    def turn(self, server):
        """Of those who ask for the first time at one instant the older lot is served first; machines without a job last.

        No rule says what becomes of one that asks again and has a job as old as the request of another.
        """
        asks = server.asks
        born = server.job.lots[0].made if server.job else float("inf")
        if asks.again:
            born = {None: 0, 0: float("inf")}.get(self.tie, born)
        return (-server.station.priority, not asks.resumes, asks.since, born, self.order(0, server))

    def candidates(self, need):
        """Pools that will do, the least qualified first."""
        able = [p for p in self.pools.values() if need == p.name or need in p.spec.get("qualifications", [])]
        return sorted(able, key=lambda p: (len(p.spec.get("qualifications", [])), p.name))

    def match(self, needs, free):
        """Units by pool that meet all needs at once, or None."""
        if not needs:
            return {}
        (need, count), *rest = needs
        for pool in self.candidates(need):
            if free[pool.name] < count:
                continue
            others = self.match(rest, free | {pool.name: free[pool.name] - count})
            if others is not None:
                others[pool.name] = others.get(pool.name, 0) + count
                return others
        return None

    # --- work that is to end within the shift

    def duty_at(self, pool, time):
        shifts, count = pool.spec.get("shifts"), pool.spec["count"]
        if shifts is None:
            return count
        on = {name: on_at(calendar, time) for name, calendar in self.calendars.items()}
        return count * on[shifts] if isinstance(shifts, str) else sum(units for name, units in shifts.items() if on[name])

    def moments(self):
        """All changes of calendars in twenty weeks."""
        if self.changes is None:
            self.changes = sorted({t for calendar in self.calendars.values() for t in switches(calendar, 20 * 7 * 86400)})
        return self.changes

    def longest_shift(self, needs):
        """The longest time in which those who stay can meet all these needs together."""
        key = tuple(sorted(needs.items()))
        if key not in self.longest:
            times = [0.0, *self.moments()]
            duty = [{p.name: self.duty_at(p, time) for p in self.pools.values()} for time in times]
            longest = 0
            for k, begin in enumerate(times):
                stay = dict(duty[k])
                for m in range(k, len(times)):
                    stay = {name: min(stay[name], duty[m][name]) for name in stay}
                    if self.match(list(key), stay) is None:
                        break
                    longest = max(longest, (times[m + 1] if m + 1 < len(times) else float("inf")) - begin)
                    if longest == float("inf"):
                        break
            self.longest[key] = longest
        return self.longest[key]

    def leaving(self, server):
        """By pool: who is on duty, but goes before the work at hand is done, where that is to end within the shift."""
        gone = dict.fromkeys(self.pools, 0)
        for pool in self.pools.values():
            if pool.spec.get("at_shift_end") != "fit" or server.asks.repair:
                continue
            end = self.now + server.job.stage.left / pool.spec.get("speed", 1)
            if end - self.now <= self.longest_shift(server.asks.needs):
                least = min([self.duty_at(pool, t) for t in self.moments() if self.now < t < end], default=pool.duty)
                gone[pool.name] = pool.duty - min(pool.duty, least)
        return gone

    def claim(self, server, free):
        """Takes from what is free the most that a waiting request can have now."""
        needs, gone = sorted(server.asks.needs.items()), self.leaving(server)
        if self.match(needs, {p.name: p.duty - gone[p.name] for p in self.pools.values()}) is None:
            return
        for size in range(len(needs), 0, -1):
            for some in combinations(needs, size):
                units = self.match(list(some), {name: units - gone[name] for name, units in free.items()})
                if units is not None:
                    for name, count in units.items():
                        free[name] -= count
                    return

    def grant_one(self):
        """Serves the first request that can be met."""
        asking = [s for station in self.stations.values() for s in station.servers if s.asks]
        asking.sort(key=self.turn)
        unclaimed = {p.name: p.duty - p.used for p in self.pools.values()}
        passed = []
        for server in asking:
            while passed and passed[0].station.priority > server.station.priority:
                self.claim(passed.pop(0), unclaimed)
            free = unclaimed if server.crew is None else {p.name: p.duty - p.used for p in self.pools.values()}
            gone = self.leaving(server)
            units = self.match(sorted(server.asks.needs.items()), {name: units - gone[name] for name, units in free.items()})
            if units is not None:
                for other in passed:
                    other.asks.overtaken += self.share(other.asks.needs, server.asks.needs)
                self.grant(server, units)
                return True
            if self.aged(server.asks):
                self.claim(server, unclaimed)
            else:
                passed.append(server)
        return False

    def aged(self, request):
        """Whether it was overtaken so often that it claims against its equals too."""
        limits = [pool.spec.get("ageing", 8) for need in request.needs for pool in self.candidates(need)]
        return any(limit != "unlimited" and request.overtaken >= limit for limit in limits)

    def share(self, needs, others):
        def pools(names):
            return {pool.name for need in names for pool in self.candidates(need)}
        return bool(pools(needs) & pools(others))

    def grant(self, server, units):
        request, server.asks = server.asks, None
        grant = Grant(units, request.needs, server, request.repair)
        self.grants.append(grant)
        for name, count in units.items():
            self.pools[name].used += count
        if request.repair:
            server.repair_crew = grant
            self.repair(server)
        else:
            server.crew = grant
            self.go_on(server)

    def release(self, server, repair=False):
        grant = server.repair_crew if repair else server.crew
        if grant is None:
            return
        for name, count in grant.units.items():
            self.pools[name].used -= count
        self.grants.remove(grant)
        if repair:
            server.repair_crew = None
        else:
            server.crew = None

    def withdraw(self, server):
        if server.asks and not server.asks.repair:
            server.asks = None

    # --- shifts ----------------------------------------------------------------------------------------------------

    def change_shifts(self):
        """People first: a job whose crew goes off duty as its station closes waits for a crew, or has it kept, when that closes."""
        on = {name: self.on_at(calendar) for name, calendar in self.calendars.items()}
        for pool in self.pools.values():
            shifts, count = pool.spec.get("shifts"), pool.spec["count"]
            if shifts is None:
                pool.duty = count
            elif isinstance(shifts, str):
                pool.duty = count if on[shifts] else 0
            else:
                pool.duty = sum(units for name, units in shifts.items() if on[name])
        for pool in self.pools.values():
            rule = pool.spec.get("at_shift_end", "suspend")
            if rule in ("suspend", "fit"):
                self.send_home(pool)
            elif rule == "keep":
                self.keep(pool)
        for station in self.stations.values():
            calendar = station.spec.get("calendar")
            if calendar is None or on[calendar] == station.on:
                continue
            station.on = on[calendar]
            for server in station.servers:
                self.station_shift(server)

    def station_shift(self, server):
        """`finish` finishes all of a job that is not waiting for its crew."""
        station, job = server.station, server.job
        if station.on:
            server.finishing = False
            self.frees(server)
        elif job:
            waits = server.asks and not server.asks.repair
            server.finishing = station.spec.get("at_shift_end") == "finish" and not waits and server.place_since is None
            if job.stage.attended and not server.finishing:
                self.stop(server)
                if not (server.crew and server.crew.away):
                    self.release(server)

    def jobs_with(self, pool):
        """Grants of jobs that hold people of a pool, the oldest job first."""
        held = [grant for grant in self.grants if pool.name in grant.units and not grant.repair]
        return sorted(held, key=lambda grant: self.order(grant.server.job.begun, grant.server))

    def send_home(self, pool):
        """The jobs begun last stop until those on duty suffice."""
        jobs = self.jobs_with(pool)
        while pool.used > pool.duty and jobs:
            grant = jobs.pop()
            self.stop(grant.server)
            self.release(grant.server)
            self.go_on(grant.server)  # it waits for others

    def keep(self, pool):
        """People kept for their jobs: those on duty are with the oldest."""
        left = pool.duty - sum(g.units[pool.name] for g in self.grants if pool.name in g.units and g.repair)
        for grant in self.jobs_with(pool):
            left -= grant.units[pool.name]
            if left >= 0:
                grant.away.discard(pool.name)
            elif pool.name not in grant.away:
                grant.away.add(pool.name)
                self.stop(grant.server)
