"""What a plant of the referee is made of while it runs: lots, jobs, servers, stations, pools and requests."""


class Lot:
    def __init__(self, source, number, values, made):
        self.key = (source, number)
        self.values = values
        self.made = made
        self.visits = {}
        self.entered = made  # when it came to the station where it is
        self.since = made    # has waited to move on since then
        self.target = None   # its turn in a cyclic route


class Stage:
    """One piece of work of a job: its setup or a phase."""

    def __init__(self, kind, duration, attended, needs):
        self.kind, self.duration, self.attended, self.needs = kind, duration, attended, needs
        self.left = duration
        self.begun = False
        self.asks_again = False  # it was interrupted, or had to wait for the shift


class Job:
    def __init__(self, lots, stages, begun):
        self.lots, self.stages, self.begun = lots, stages, begun
        self.at = 0

    @property
    def stage(self):
        return self.stages[self.at] if self.at < len(self.stages) else None


class Request:
    def __init__(self, needs, since, resumes, again=False, repair=False):
        self.needs, self.since, self.resumes, self.again, self.repair = needs, since, resumes, again, repair
        self.overtaken = 0


class Grant:
    def __init__(self, units, needs, server, repair):
        self.units, self.needs, self.server, self.repair = units, needs, server, repair
        self.away = set()  # pools whose people were kept for this and are off duty


class Server:
    def __init__(self, station, number):
        self.station, self.number = station, number
        self.job = None
        self.begun = 0           # number of its job among all that have begun
        self.out = []            # finished lots that have not left
        self.idle_since, self.freed = 0.0, 0  # and the serial number of that
        self.set_for = None
        self.down = None         # name of the failure
        self.due = []            # failures that wait for the end of a repair
        self.crew = None
        self.repair_crew = None
        self.asks = None         # a request
        self.running_since = None
        self.speed = 1.0
        self.finishing = False   # works on after the end of its shift
        self.version = 0         # of its planned events
        self.worked = {}         # by failure: time of work, or jobs
        self.place_since = None  # waits with its job for a place at the target
        self.reserved = None     # the target where it has one


class Station:
    def __init__(self, name, spec, rank):
        self.name, self.spec, self.rank = name, spec, rank
        self.servers = [Server(self, number) for number in range(spec.get("servers", 1))]
        self.queue = []
        self.reserved = 0
        self.on = True
        self.priority = spec.get("priority", 0)
        self.turn = 0

    @property
    def before(self):
        """Whether a job starts only when its target has room."""
        return self.spec.get("blocking") == "before"

    @property
    def modes(self):
        return self.spec.get("fails", {})


class Pool:
    def __init__(self, name, spec):
        self.name, self.spec = name, spec
        self.duty = 0
        self.used = 0
