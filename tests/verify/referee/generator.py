"""Random small plants for the referee: one number, one plant, as plain dictionaries that scenario and simulator both read.

A plant has a horizon [s], calendars, pools, sources (rows of time and attributes), stations, initial lots and sinks. Every time has
many digits, so that two things at one instant are rare unless the rules put them there (shifts).
"""
import random

COLOURS = ["red", "blue", "green"]
HOUR, DAY = 3600, 86400
# What a plant may have, and how often [%]. --without NAME leaves one out, to find what a difference hangs on.
FEATURES = {"calendar": 35, "breaks": 35, "station_finish": 40, "crew": 65, "pool_shifts": 60, "pool_rule": 60, "skills": 35,
            "speed": 30, "ageing": 40, "several_needs": 25, "phases": 30, "unattended": 60, "servers": 45, "fails": 45, "second_failure": 25,
            "repair_crew": 45, "job_fate": 60, "keep_crew": 35, "station_scope": 25, "counted_from": 30, "batch": 25, "by": 45,
            "longest_wait": 60, "least": 40, "setup": 30, "setup_crew": 35, "matrix": 45, "first": 40, "buffer": 75,
            "blocking": 20, "priority": 75, "dispatch": 30, "choice": 55, "rework": 25, "lose": 35, "second_source": 45,
            "initial": 35, "remaining": 60}


def digits(value):
    """A time [s] as it is written, to the microsecond."""
    return round(value, 6)


class Generator:
    def __init__(self, number, without=()):
        self.random = random.Random(f"plant {number}")
        self.without = set(without)

    def has(self, feature):
        return self.random.random() * 100 < FEATURES[feature] and feature not in self.without

    def pick(self, *choices):
        return self.random.choice(choices)

    def time(self, low, high):
        return digits(self.random.uniform(low, high))

    def plant(self):
        r = self.random
        n = r.randint(2, 6)
        names = r.sample(["anvil", "bench", "cutter", "drill", "etch", "furnace", "grinder", "hone"], n)
        self.names = names
        self.scale = self.time(900, 2700)  # how long a job takes, about
        plant = {"horizon": r.randint(2, 5) * DAY, "calendars": self.calendars(), "pools": {}, "sources": {}, "stations": {},
                 "initial": [], "sinks": ["out", "scrap"]}
        self.calendar_names = sorted(plant["calendars"])
        if self.has("crew"):
            plant["pools"] = self.pools()
        self.needs_known = self.needs_of(plant["pools"])
        self.priorities = r.sample(range(1, n + 1), n) if self.has("priority") else []
        for k, name in enumerate(names):
            plant["stations"][name] = self.station(k)
        plant["sources"]["dock"] = self.source(names[0], 0)
        if self.has("second_source"):
            plant["sources"]["gate"] = self.source(self.pick(*names), 1)
        if self.has("initial"):
            plant["initial"] = self.initial(plant)
        return plant

    # --- people and hours ------------------------------------------------------------------------------------------

    def calendars(self):
        r, out = self.random, {}
        begin = r.randrange(5, 9) * 60
        length = r.randrange(7, 10) * 60
        out["early"] = {"weekly": [[0, 6, begin, begin + length]]}
        out["late"] = {"weekly": [[0, 6, begin + length, (begin + 2 * length) % 1440]]}
        out["day"] = {"weekly": [[0, r.randint(3, 5), r.randrange(6, 10) * 60, r.randrange(16, 21) * 60]]}
        for name in out:
            if self.has("breaks"):
                middle = out[name]["weekly"][0][2] + r.randrange(2, 5) * 60 + 7
                out[name]["breaks"] = [[middle % 1440, (middle + r.randrange(10, 50)) % 1440]]
        return out

    def shifts(self, count):
        if not self.has("pool_shifts"):
            return None
        if self.random.random() < 0.5:
            return self.pick(*self.calendar_names)
        return {"early": count, "late": self.random.randint(1, count)}

    def pools(self):
        pools = {}
        for name in ["crew", "fitters"][:self.random.randint(1, 2)]:
            pools[name] = self.pool()
        if self.has("skills"):
            pools["expert"] = self.pool() | {"qualifications": ["crew", "care"]}
        return pools

    def pool(self):
        count = self.random.randint(1, 2)
        pool = {"count": count}
        shifts = self.shifts(count)
        if shifts:
            pool["shifts"] = shifts
            if self.has("pool_rule"):
                pool["at_shift_end"] = self.pick("finish", "keep", "fit")
        if self.has("ageing"):
            pool["ageing"] = self.pick(0, 1, 3, "unlimited")
        if self.has("speed"):
            pool["speed"] = self.pick(0.8, 0.7, 1.0)
        return pool

    def needs_of(self, pools):
        single = [{n: 1} for n in pools]
        return single, [{"crew": 1, "fitters": 1}] if len([p for p in pools if p != "expert"]) == 2 else single

    def needs(self):
        single, several = self.needs_known
        if not single:
            return {}
        return dict(self.pick(*several) if self.has("several_needs") else self.pick(*single))

    # --- stations --------------------------------------------------------------------------------------------------

    def station(self, k):
        spec = {"phases": [{"times": 1.0, "of": f"d{k}"}]}
        if self.has("servers"):
            spec["servers"] = self.random.randint(2, 3)
        if self.has("batch"):
            self.batch(spec, k)
        if self.has("phases"):
            self.phases(spec)
        if self.needs_known[0] and self.random.random() < 0.6 and any(p.get("attended", True) and "needs" not in p for p in spec["phases"]):
            spec["needs"] = self.needs()
        if self.has("calendar"):
            spec["calendar"] = self.pick(*self.calendar_names)
            if self.has("station_finish"):
                spec["at_shift_end"] = "finish"
        if self.has("setup"):
            spec["setup"] = self.setup()
        if self.has("fails"):
            spec["fails"] = {"jam": self.failure(spec)}
            if self.has("second_failure"):
                spec["fails"]["wear"] = self.failure(spec)
        if {"setup", "fails", "calendar"} <= set(spec):  # no rule says which of several idle servers takes a lot
            spec.pop("servers", None)
        if self.has("buffer") and "batch" not in spec:
            spec["buffer"] = self.pick(0, 1, 2, 5)
        if self.priorities:
            spec["priority"] = self.priorities[k]
        if self.has("dispatch") and "batch" not in spec and not ("servers" in spec and "needs" in spec):
            spec["dispatch"] = self.pick("lifo", ["smallest", "size"], ["largest", "size"])
        spec["to"] = self.route(k)
        if self.has("blocking") and "batch" not in spec:
            spec["blocking"] = "before"
        return spec

    def phases(self, spec):
        base = spec["phases"][0]
        attended = not self.has("unattended")
        spec["phases"] = [dict(base, times=base["times"] * 0.25), dict(base, times=base["times"], attended=attended)]
        if self.random.random() < 0.5:
            spec["phases"].append(dict(base, times=digits(base["times"] * 0.375)))
        if self.needs_known[0] and self.random.random() < 0.4:
            spec["phases"][0]["needs"] = self.needs()

    def batch(self, spec, k):
        count = self.random.randint(2, 4)
        batch = {"count": count}
        spec["phases"] = [{"times": digits(self.time(0.8, 1.6) * self.scale)}]
        if self.has("by"):
            batch["by"] = "colour"
        if self.has("longest_wait"):
            batch["longest_wait"] = self.time(0.5, 4) * HOUR
        if self.has("least"):
            batch["least"] = self.random.randint(1, count)
        spec["batch"] = batch
        if self.has("buffer"):
            spec["buffer"] = count * (len(COLOURS) if "by" in batch else 1) + self.random.randint(0, 3)

    def setup(self):
        setup = {"by": "colour", "time": self.time(0.1, 0.4) * self.scale}
        if self.has("matrix"):
            setup["matrix"] = {a: {b: self.time(0.05, 0.6) * self.scale for b in COLOURS if b != a} for a in COLOURS[:2]}
        if self.has("setup_crew") and self.needs_known[0]:
            setup["needs"] = self.needs()
        if self.has("first"):
            setup["first"] = True
        return setup

    def failure(self, spec):
        clock = self.pick("calendar", "calendar", "working", "count")
        mode = {"clock": clock, "repair": self.time(0.1, 1.5) * self.scale}
        mode["every"] = self.random.randint(3, 9) if clock == "count" else self.time(3, 20) * self.scale
        if self.has("job_fate") and clock != "count":
            mode["job"] = self.pick("restart", "scrap")
            if mode["job"] == "scrap":
                mode["scrap_to"] = "scrap"
        if self.has("keep_crew") and mode.get("job") != "scrap" and clock != "count":
            mode["keep_crew"] = True
        if self.has("repair_crew") and self.needs_known[0] and spec.get("servers", 1) == 1:
            others = [n for n in self.needs_known[0] if not mode.get("keep_crew") or not set(n) & self.crew_of(spec)]
            if others:
                mode["needs"] = self.pick(*others)
        if clock == "calendar":
            if self.has("counted_from"):
                mode["counted_from"] = "start"
            if self.has("station_scope"):
                mode["scope"] = "station"
        return mode

    def crew_of(self, spec):
        """Pools that may work here: a repair by one that the job keeps would wait for itself."""
        needs = [spec.get("needs", {}), spec.get("setup", {}).get("needs", {})] + [p.get("needs", {}) for p in spec["phases"]]
        names = {name for n in needs for name in n}
        return names | {"expert"} if names else names

    def route(self, k):
        after = self.names[k + 1:] + ["out"]
        onward = after[:3]
        if len(onward) < 2 or not self.has("choice"):
            return {"kind": "single", "to": onward[0]}
        stations = [n for n in onward if n != "out"]
        kind = self.pick("cases", "overflow", "cyclic", *(["shortest"] if len(stations) > 1 else []))
        if kind == "shortest":
            return {"kind": kind, "to": stations[:3]}
        if kind != "cases":
            return {"kind": kind, "to": onward[:self.random.randint(2, len(onward))]}
        cases = []
        if self.has("rework") and k > 0:
            cases.append([[["visits", 3], ["colour", "red"]], self.names[self.random.randint(0, k - 1)]])
        cases.append([[["colour", self.pick(*COLOURS)]], onward[1]])
        return {"kind": kind, "cases": cases + [[None, onward[0]]]}

    # --- lots ------------------------------------------------------------------------------------------------------

    def values(self):
        out = {f"d{k}": self.time(0.2, 1.8) * self.scale for k in range(len(self.names))}
        out = {name: digits(value) for name, value in out.items()}
        return out | {"size": digits(self.random.uniform(1, 9)), "colour": self.pick(*COLOURS)}

    def source(self, first, number):
        gap = self.scale * self.random.uniform(0.6, 2.5) * (1 + number)
        time, rows = 0.0, []
        for _ in range(self.random.randint(20, 70)):
            time = digits(time + self.random.uniform(0.1, 1.9) * gap)
            rows.append([time, self.values()])
        spec = {"rows": rows, "to": {"kind": "single", "to": first}}
        if number == 0 and len(self.names) > 1 and self.random.random() < 0.3 and "choice" not in self.without:
            spec["to"] = {"kind": self.pick("overflow", "shortest", "cyclic"), "to": self.names[:2]}
        if self.has("lose"):
            spec["when_full"] = "lose"
        return spec

    def initial(self, plant):
        out = []
        for name in self.random.sample(self.names, self.random.randint(1, 2)):
            spec = plant["stations"][name]
            simple = "batch" not in spec and spec.get("blocking") != "before"
            for k in range(self.random.randint(1, spec.get("servers", 1))):
                if simple and self.has("remaining"):
                    out.append({"station": name, "values": self.values(), "remaining": self.time(0.1, 0.9) * self.scale})
            if spec.get("buffer") is None or spec["buffer"] > 1:
                out.append({"station": name, "values": self.values()})
        return [dict(e, remaining=digits(e["remaining"])) if "remaining" in e else e for e in out]
