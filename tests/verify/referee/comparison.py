"""One plant, two simulators: what the engine's trace and the referee's events say of each lot, and where they first differ."""
import collections
import csv
import random
import re
import subprocess

from referee.scenario import scenario
from referee.simulator import Simulator

TOLERANCE = 1e-6  # [s]
TIES = (0, 1, 2)  # numbers of the other orders that are tried
TOLD = ("made", "entered", "started", "finished", "ended")


class Verdict:
    def __init__(self):
        self.why = None              # what differs
        self.until = float("inf")    # what comes later hangs on a tie
        self.deadlock = False        # both stand still
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


def tied_from(plant, told):
    """The first moment at which the referee's own answer hangs on an order that no rule gives."""
    ties = (first_difference(told, Simulator(plant, number).run()) for number in TIES)
    return min((tie[0] for tie in ties if tie), default=float("inf"))


def stands_still(told, why):
    """Whether a deadlock that the engine reports is one for the referee too: nothing leaves that station from then on."""
    found = re.search(r"stopped (?:(\d+) d )?(\d+):(\d+):([\d.]+) after its start, at station (\w+): deadlock", why)
    if not found:
        return False
    days, hours, minutes, seconds, station = found.groups()
    stopped = int(days or 0) * 86400 + int(hours) * 3600 + int(minutes) * 60 + float(seconds) + 1
    for events in by_lot(told).values():
        for (_, _, place), (time, event, _) in zip(events, events[1:]):
            if place == station and event in ("entered", "ended") and time > stopped:
                return False
    return True


def judge(retwin, plant, folder, changed=lambda plant: plant):
    """`changed`: what the referee is told instead, for the control."""
    verdict = Verdict()
    told = Simulator(changed(plant)).run()
    verdict.until = tied_from(changed(plant), told)
    path, trace = scenario(plant, folder), folder / "trace.csv"
    why = run_engine(retwin, path, "--trace", str(trace))
    if why:
        verdict.deadlock = stands_still(told, why)
        verdict.why = None if verdict.deadlock else why
        return verdict
    events = engine_events(rows_of(trace))
    verdict.events = sum(time < verdict.until for time, *_ in events)
    difference = first_difference(events, told, verdict.until)
    if difference:
        time, verdict.lot, engine, referee = difference
        verdict.why = f"lot {verdict.lot} at {time!r} s: engine {engine}, referee {referee}"
    else:
        verdict.why = gone_on(retwin, plant, path, folder)
    return verdict


def gone_on(retwin, plant, path, folder, moment=None, then=None):
    """Saved at a moment and gone on from there (control: into another plant): what differs from the run without a stop."""
    moment = moment or round(random.Random(len(repr(plant))).uniform(0.1, 0.9) * plant["horizon"], 3)
    state, rest = folder / "now.state", folder / "rest.csv"
    def lasts(time):
        return ["--set", f"run.duration={time!r} s"]
    why = run_engine(retwin, path, *lasts(moment), "--save", str(state))
    if not why:
        path = scenario(then, folder, "then") if then else path
        why = run_engine(retwin, path, *lasts(plant["horizon"] - moment), "--from", str(state), "--trace", str(rest))
    if why:
        return f"saved at {moment} s: {why}"
    whole = [row for row in rows_of(folder / "trace.csv") if float(row["time_s"]) > moment]
    again = rows_of(rest)
    for one, other in zip(whole, again):
        if one != other:
            return f"saved at {moment} s: {one} became {other}"
    return None if len(whole) == len(again) else f"saved at {moment} s: {len(whole)} rows became {len(again)}"
