"""A discrete-event simulator of its own for small plants, to judge the engine: plain Python, nothing shared with it.

It follows the documented rules (`retwin explain`, the README's limits). At one instant everything that happens is settled first -
ends, repairs, failures, shifts, arrivals -, then lots move until none can, then servers take what waits, and crews are given out
last. Where the documents are silent it does what an engineer of the field would expect; crews.py, failures.py and moves.py each say
what that is. And here: the time that a failure's clock counts as working is that of phases, not of setups; a lot in service at the
start has not entered its station.
"""
import heapq
import random
from itertools import count

from referee.calendars import on_at, switches
from referee.crews import Crews
from referee.failures import Failures
from referee.moves import Moves
from referee.parts import Job, Lot, Pool, Request, Stage, Station


class Line:
    """Lots of a source that wait outside."""

    def __init__(self, name, spec, rank):
        self.name, self.spec, self.rank, self.lots, self.turn = name, spec, rank, [], 0


class Simulator(Crews, Failures, Moves):
    """Runs a plant (see generator.py) to its horizon; `events` are (time, event, place, lot).

    What no rule puts in order at one instant happens in the order of the file; with a number as `tie`, in another one.
    """

    INSTANT = 1e-9  # events closer than this happen at one instant [s]
    END, REPAIRED, FAIL, SHIFT, OVERDUE, ARRIVAL = range(6)  # in the order in which they are settled

    def __init__(self, plant, tie=None):
        self.plant = plant
        self.tie, self.luck, self.random = tie, None, random.Random(tie)
        if tie is not None:
            names = [*plant["stations"], *plant["sources"]]
            order = reversed(names) if tie == 0 else self.random.sample(names, len(names))
            self.luck = {name: k for k, name in enumerate(order)}
        self.now, self.horizon = 0.0, plant["horizon"]
        self.heap, self.count, self.jobs, self.events, self.grants = [], 0, 0, [], []
        self.stations = {name: Station(name, spec, k) for k, (name, spec) in enumerate(plant["stations"].items())}
        self.pools = {name: Pool(name, spec) for name, spec in plant["pools"].items()}
        self.outside = {name: Line(name, spec, k) for k, (name, spec) in enumerate(plant["sources"].items())}
        self.calendars, self.serial = plant["calendars"], count(1)
        self.changes, self.longest = None, {}
        self.jobs_begun = True  # at this instant

    # --- the loop --------------------------------------------------------------------------------------------------

    def run(self):
        self.begin()
        while self.heap and self.heap[0][0] <= self.horizon:
            self.now = self.heap[0][0]
            while self.heap and self.heap[0][0] <= self.now + self.INSTANT:
                self.act()
            self.settle()
        return self.events

    def act(self):
        """What happens at this instant. It may bring about more: a failure that was due during a repair."""
        at_once = []
        while self.heap and self.heap[0][0] <= self.now + self.INSTANT:
            at_once.append(heapq.heappop(self.heap))
        at_once.sort(key=lambda event: (event[1], self.chance(event[3]), event[2]))
        for kind in range(self.ARRIVAL + 1):
            acts = [event[4] for event in at_once if event[1] == kind]
            if kind == self.SHIFT and acts:
                self.change_shifts()
            for act in acts:
                act()

    def settle(self):
        self.look_again()
        while self.move_one() or self.grant_one():
            pass
        self.look_again()

    def look_again(self):
        """Whatever has changed: who is kept for a job, and which servers can work."""
        for pool in self.pools.values():
            if pool.spec.get("at_shift_end") == "keep":
                self.keep(pool)
        for station in self.stations.values():
            for server in station.servers:
                self.go_on(server)

    def at(self, time, kind, where, act):
        self.count += 1
        heapq.heappush(self.heap, (time, kind, self.count, where, act))

    def tell(self, event, place, lot):
        self.events.append((self.now, event, place, lot.key))

    def chance(self, where):
        """In the order of the file, or in a random one."""
        return self.luck[where.name] if self.luck else where.rank

    def on_at(self, calendar):
        return on_at(calendar, self.now)

    def begin(self):
        self.start_clocks()
        for line in self.outside.values():
            for number, (time, values) in enumerate(line.spec["rows"]):
                self.at(time, self.ARRIVAL, line, lambda n=line, k=number, v=values: self.arrive(n, k, v))
        for moment in {t for calendar in self.calendars.values() for t in switches(calendar, self.horizon)}:
            self.at(moment, self.SHIFT, next(iter(self.stations.values())), lambda: None)
        self.change_shifts()
        for number, entry in enumerate(self.plant["initial"]):
            self.place(Lot("", number, entry["values"], 0.0), self.stations[entry["station"]], entry.get("remaining"))
        self.settle()

    def place(self, lot, station, remaining):
        self.tell("made", "", lot)
        if remaining is None:
            self.enter(station, lot)
        else:
            lot.visits[station.name] = 1
            self.start_job(next(s for s in station.servers if s.job is None), [lot], remaining)

    # --- work ------------------------------------------------------------------------------------------------------

    def start_job(self, server, lots, remaining=None):
        """`remaining`: as much work is left at the start of the run, that of the last phases; the machine is set up."""
        self.jobs += 1
        server.begun = self.jobs
        job = server.job = Job(lots, self.stages_of(server, lots, remaining is None), self.now)
        if remaining is not None:
            for stage in reversed(job.stages):
                stage.left = remaining if stage is job.stages[0] else min(stage.duration, remaining)
                remaining -= stage.left
            while job.stage.left == 0:
                job.at += 1
            job.stage.asks_again = job.stage.begun = True
            server.finishing = not server.station.on and server.station.spec.get("at_shift_end") == "finish"
        setup = server.station.spec.get("setup")
        if setup and job.stage.kind != "setup":
            server.set_for = lots[0].values[setup["by"]]
        if server.station.before:
            server.place_since = self.now
        self.tell("started", server.station.name, lots[0])
        self.go_on(server)

    def stages_of(self, server, lots, with_setup):
        spec, values = server.station.spec, lots[0].values
        stages = []
        setup = spec.get("setup")
        if setup and with_setup:
            before, kind = server.set_for, values[setup["by"]]
            if kind != before and (before is not None or setup.get("first")):
                time = setup.get("matrix", {}).get(before, {}).get(kind, setup["time"])
                stages.append(Stage("setup", time, True, setup.get("needs", {})))
        for phase in spec["phases"]:
            attended = phase.get("attended", True)
            needs = phase.get("needs", spec.get("needs", {}) if attended else {})
            duration = phase["times"] * values[phase["of"]] if phase.get("of") else phase["times"]
            stages.append(Stage("phase", duration, attended, needs))
        return stages

    def could_work(self, server):
        return not server.down and (not server.job.stage.attended or server.station.on or server.finishing)

    def go_on(self, server):
        """The server works if it can, asks for its crew if only that is missing, and else stands still."""
        if server.running_since is not None or server.job is None or server.place_since is not None:
            return
        stage = server.job.stage
        if not self.could_work(server):
            self.withdraw(server)
            stage.asks_again = True
            return
        if server.asks:
            return
        if server.crew and server.crew.needs != stage.needs:
            self.release(server)
        if stage.needs and server.crew is None:
            again = stage.asks_again
            server.asks = Request(stage.needs, server.job.begun if again else self.now, stage.begun, again)
        elif not (server.crew and server.crew.away):
            self.work(server, stage)

    def work(self, server, stage):
        stage.begun = True
        server.speed = 1.0
        if server.crew and stage.attended:
            server.speed = min(self.pools[name].spec.get("speed", 1.0) for name in server.crew.units)
        server.running_since = self.now
        server.version += 1
        version = server.version

        def plan(delay, kind, act):
            self.at(self.now + delay, kind, server.station, lambda: act() if server.version == version else None)
        plan(stage.left / server.speed, self.END, lambda: self.end_stage(server))
        for name, mode in server.station.modes.items():
            if mode["clock"] == "working" and stage.kind == "phase":
                plan(mode["every"] - server.worked[name], self.FAIL, lambda n=name: self.fail(server, n))

    def stop(self, server):
        """Interrupts whatever a server does or waits for."""
        self.withdraw(server)
        if server.job is None or server.place_since is not None:
            return
        stage = server.job.stage
        stage.asks_again = True
        if server.running_since is None:
            return
        spent = self.now - server.running_since
        stage.left = max(0.0, stage.left - spent * server.speed)
        for name, mode in server.station.modes.items():
            if mode["clock"] == "working" and stage.kind == "phase":
                server.worked[name] += spent
        server.running_since = None
        server.version += 1

    def end_stage(self, server):
        self.stop(server)
        job = server.job
        if job.stage.kind == "setup":
            server.set_for = job.lots[0].values[server.station.spec["setup"]["by"]]
        job.at += 1
        if job.stage is None:
            return self.end_job(server)
        if server.crew and server.crew.needs != job.stage.needs:
            self.release(server)
        return self.go_on(server)

    def end_job(self, server):
        self.release(server)
        job, server.job, server.finishing = server.job, None, False
        server.out = list(job.lots)
        for lot in job.lots:
            lot.since = self.now
        self.tell("finished", server.station.name, job.lots[0])
        for name, mode in server.station.modes.items():
            if mode["clock"] == "count":
                server.worked[name] += 1
