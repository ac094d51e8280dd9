"""One plant, two simulators: what the engine's trace and the referee's events say of each lot, and where they first differ."""
import collections
import csv
import random
import re
import subprocess

from referee.calendars import DAY, switches
from referee.scenario import scenario
from referee.simulator import Simulator

TOLERANCE = 1e-6  # [s]
TIES = range(5)   # numbers of the other orders that are tried
TOLD = ("made", "entered", "started", "finished", "ended")


class Verdict:
    def __init__(self):
        self.why = None              # what differs
        self.on = None               # what differs once the run was saved and gone on with
        self.until = float("inf")    # what comes later hangs on a tie
        self.deadlock = False        # both stand still
        self.refused = False         # it cannot work, both say
        self.events = 0
        self.lot = None


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def engine_events(rows):
    """(time, event, place, lot) of a trace; a lot is named by its source and its number there."""
    names, counts, out = {}, collections.Counter(), []
    for row in rows:
        if row["event"] not in TOLD:
            continue
        if row["event"] == "made":
            names[row["lot"]] = (row["place"], counts[row["place"]])
            counts[row["place"]] += 1
        out.append((float(row["time_s"]), row["event"], row["place"], names[row["lot"]]))
    return out


def run_engine(retwin, path, *options):
    """Why it did not run, or None."""
    done = subprocess.run([retwin, "run", str(path), "--jobs", "1", *options], capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else f"exit {done.returncode}: {done.stderr.strip()[:1500]}"


def by_lot(events):
    """What happens to each lot, in order."""
    out = collections.defaultdict(list)
    for time, event, place, lot in events:
        out[lot].append((time, event, place))
    return out


def first_difference(one, other, until=float("inf")):
    """Time and lot of the earliest disagreement of two lists of events before a time, or None."""
    a, b = by_lot(one), by_lot(other)
    found = None
    for lot in a.keys() | b.keys():
        x, y = a.get(lot, []), b.get(lot, [])
        for k in range(max(len(x), len(y))):
            left, right = x[k:k + 1], y[k:k + 1]
            if left and right and left[0][1:] == right[0][1:] and abs(left[0][0] - right[0][0]) <= TOLERANCE:
                continue
            time = min(event[0] for event in left + right)
            if time < until - TOLERANCE and (found is None or time < found[0]):
                found = (time, lot, left, right)
            break
    return found


def tied_from(plant, told, simulator):
    """The first moment at which the referee's own answer hangs on an order that no rule gives."""
    ties = (first_difference(told, simulator(plant, number).run()) for number in TIES)
    return min((tie[0] for tie in ties if tie), default=float("inf"))


def stopped_at(why):
    """Time [s] and station of a deadlock that the engine reports, or None; of a circle, one that is in it."""
    found = re.search(r"stopped (?:(\d+) d )?(\d+):(\d+):([\d.]+) after its start, at station (\w+): deadlock", why or "")
    if not found:
        return None
    days, hours, minutes, seconds, station = found.groups()
    circle = re.search(r"can ever free [\w> -]*-> (\w+)", why)
    station = circle.group(1) if circle else station
    return int(days or 0) * DAY + int(hours) * 3600 + int(minutes) * 60 + float(seconds), station


def stands_still(told, why):
    """Whether a deadlock that the engine reports is one for the referee too: nothing leaves that station from then on."""
    if not stopped_at(why):
        return False
    stopped, station = stopped_at(why)
    stopped += 1
    for events in by_lot(told).values():
        for (_, _, place), (time, event, _) in zip(events, events[1:]):
            if place == station and event in ("entered", "ended") and time > stopped:
                return False
    return True


def never_together(plant):
    """Whether some work finds its people never on duty at once, as the engine says of a plant that it refuses."""
    simulator, least = Simulator(plant), {}
    moments = {t for calendar in plant["calendars"].values() for t in switches(calendar, plant["horizon"] + 7 * DAY)}
    for simulator.now in sorted({0.0} | moments):
        simulator.change_shifts()
        duty = {name: pool.duty for name, pool in simulator.pools.items()}
        for name, station in simulator.stations.items():
            for k, work in enumerate([station.spec, station.spec.get("setup", {}), *station.spec["phases"]]):
                open_now = station.on or station.spec.get("at_shift_end") == "finish"
                met = open_now and simulator.match(sorted(work.get("needs", {}).items()), duty) is not None
                least[name, k] = least.get((name, k), False) or met
    return not all(least.values())


def judge(retwin, plant, folder, changed=lambda plant: plant, simulator=Simulator, on=True):
    """`changed`, for a control: what the referee is told instead; `simulator`: one with other rules; `on`: gone on with as well."""
    verdict = Verdict()
    told = simulator(changed(plant)).run()
    verdict.until = tied_from(changed(plant), told, simulator)
    path, trace = scenario(plant, folder), folder / "trace.csv"
    stopped = run_engine(retwin, path, "--trace", str(trace))
    if stopped:
        verdict.deadlock = stands_still(told, stopped)
        verdict.refused = "never be had together" in stopped and never_together(plant)
        if verdict.refused:
            return verdict
        if not verdict.deadlock:
            verdict.why = stopped
            return verdict
    else:
        events = engine_events(rows_of(trace))
        verdict.events = sum(time < verdict.until for time, *_ in events)
        difference = first_difference(events, told, verdict.until)
        if difference:
            time, verdict.lot, engine, referee = difference
            verdict.why = f"lot {verdict.lot} at {time!r} s: engine {engine}, referee {referee}"
    if on:
        verdict.on = gone_on(retwin, plant, path, folder, stopped=stopped)
    return verdict


def gone_on(retwin, plant, path, folder, moment=None, then=None, stopped=None):
    """Saved at a moment and gone on from there (control: into another plant): what differs from the run without a stop.

    A run that stopped in a deadlock is saved before that, and must stop at the same time (which of those held up is named first hangs
    on when it is looked for).
    """
    until = stopped_at(stopped)[0] if stopped_at(stopped) else plant["horizon"]
    moment = moment or round(random.Random(len(repr(plant))).uniform(0.1, 0.9) * until, 3)
    state, rest = folder / "now.state", folder / "rest.csv"
    def lasts(time):
        return ["--set", f"run.duration={time!r} s"]
    why = run_engine(retwin, path, *lasts(moment), "--save", str(state))
    if not why:
        path = scenario(then, folder, "then") if then else path
        why = run_engine(retwin, path, *lasts(plant["horizon"] - moment), "--from", str(state), "--trace", str(rest))
    if why and not (stopped and stopped_at(why) and stopped_at(why)[0] == until):
        return f"saved at {moment} s: {why}"
    if stopped and not why:
        return f"saved at {moment} s: it goes on where it stopped before"
    traces = rows_of(folder / "trace.csv"), rows_of(rest)
    whole, again = ([row for row in rows if moment < float(row["time_s"]) <= until] for rows in traces)
    for one, other in zip(whole, again):
        if one != other:
            return f"saved at {moment} s: {one} became {other}"
    return None if len(whole) == len(again) else f"saved at {moment} s: {len(whole)} rows became {len(again)}"
