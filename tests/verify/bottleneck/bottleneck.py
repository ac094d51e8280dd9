#!/usr/bin/python3
"""Small plants with their true gains: what `retwin bottleneck` says of them is compared with long runs of plants changed by hand.

usage: bottleneck.py --retwin PATH [--brute] [--jobs N] [PLANT ...]      bottleneck.py --self-test

The truth is in truth.json, made by --brute: every change is an override of the file (--set), so that it owes nothing to the reliefs of
the program; runs last WEEKS weeks of which a fifth is warm-up, REPLICATIONS each, the same draws for all changes of a plant. A gain is
the ratio of the sums of products, less 1; the half-width is the jackknife's at 95 %. A verdict is right if
- it says whether demand limits;
- its sufficient set is one of those that the long runs show to keep 95 % of all that can be gained, and that keep less without any of
  their members;
- every step that both know has a gain that differs by no more than both half-widths and half a percent.
"""
import argparse
import json
import math
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TRUTH = HERE / "truth.json"
WEEKS, REPLICATIONS, BRUTE_SEED = 60, 8, 77
T975 = {7: 2.365}

S = "stations."


def rate(source, minutes):
    return f"sources.{source}.every={{exponential: {minutes / 1.25:.10g} min}}"


# plant -> steps: what the program calls a relief -> overrides; full: path of a candidate -> overrides that relieve it in full; sets:
# the sufficient sets; none: demand limits.
PLANTS = {
    "shifting": {
        "steps": {**{f"{s}: servers 1 -> 2": [f"stations.{s}.servers=2"] for s in ("first", "second", "third")},
                  **{f"{s}: buffer 1 -> {n} places": [f"stations.{s}.buffer={n}"] for s in ("second", "third") for n in (2, 10)},
                  "demand: arrivals x 1.25": [rate("feed", 9)]},
        "full": {**{f"stations.{s}.servers": [f"stations.{s}.servers=21"] for s in ("first", "second", "third")},
                 **{f"stations.{s}.buffer": [f"stations.{s}.buffer=100000"] for s in ("second", "third")}}},
    "shared_crew": {
        "steps": {"fitter: 1 -> 2": ["resources.fitter.count=2"], "mount: servers 1 -> 2": [S + "mount.servers=2"],
                  "test: servers 1 -> 2": [S + "test.servers=2"], "demand: arrivals x 1.25": [rate("feed", 10)]},
        "full": {"resources.fitter": ["resources.fitter.count=1000"], S + "mount.servers": [S + "mount.servers=21"],
                 S + "test.servers": [S + "test.servers=21"], S + "test.buffer": [S + "test.buffer=100000"]}},
    "day_shift": {
        "steps": {"inspect: servers 1 -> 2": [S + "inspect.servers=2"], "inspect: buffer 3 -> 4 places": [S + "inspect.buffer=4"],
                  "inspect: buffer 3 -> 30 places": [S + "inspect.buffer=30"], "dismantle: servers 4 -> 5": [S + "dismantle.servers=5"],
                  "rack: servers 6 -> 7": [S + "rack.servers=7"], "rack: servers 6 -> 12": [S + "rack.servers=12"],
                  "day: round the clock": [S + "dismantle.calendar=~"], "demand: arrivals x 1.25": [rate("trucks", 30)]},
        "full": {S + "inspect.servers": [S + "inspect.servers=21"], S + "inspect.buffer": [S + "inspect.buffer=100000"],
                 S + "dismantle.servers": [S + "dismantle.servers=24"], S + "rack.servers": [S + "rack.servers=26"],
                 "calendars.day": [S + "dismantle.calendar=~"]}},
    "blocked_feeder": {
        "steps": {"paint: servers 1 -> 2": [S + "paint.servers=2"], "press: servers 1 -> 2": [S + "press.servers=2"],
                  "paint: buffer 2 -> 3 places": [S + "paint.buffer=3"], "demand: arrivals x 1.25": [rate("feed", 8)]},
        "full": {S + "paint.servers": [S + "paint.servers=21"], S + "press.servers": [S + "press.servers=21"],
                 S + "pack.servers": [S + "pack.servers=23"], S + "paint.buffer": [S + "paint.buffer=100000"],
                 S + "press.buffer": [S + "press.buffer=100000"], S + "pack.buffer": [S + "pack.buffer=100000"]}},
    "repair_crew": {
        "steps": {"mechanic: 1 -> 2": ["resources.mechanic.count=2"], "loom: servers 8 -> 9": [S + "loom.servers=9"],
                  "loom: thread off": [S + "loom.fails=~"],
                  "loom: thread 10 % rarer": [S + f"loom.fails.thread.every={{exponential: {8 / .9:.10g} h}}"],
                  "demand: arrivals x 1.25": [rate("feed", 4)]},
        "full": {"resources.mechanic": ["resources.mechanic.count=1000"], S + "loom.servers": [S + "loom.servers=32"],
                 S + "loom.fails.thread": [S + "loom.fails=~"], S + "fold.servers": [S + "fold.servers=21"],
                 S + "loom.buffer": [S + "loom.buffer=100000"]}},
    "setups": {
        "steps": {"mould: servers 1 -> 2": [S + "mould.servers=2"], "mould: setups without time": [S + "mould.setup=~"],
                  "mould: setups 10 % shorter": [S + "mould.setup.time=10.8 min"], "trim: servers 1 -> 2": [S + "trim.servers=2"],
                  "demand: arrivals x 1.25": [rate("feed", 12)]},
        "full": {S + "mould.servers": [S + "mould.servers=21"], S + "mould.setup": [S + "mould.setup=~"],
                 S + "trim.servers": [S + "trim.servers=21"]}},
    "rework": {
        "steps": {"bench: servers 1 -> 2": [S + "bench.servers=2"], "look: servers 1 -> 2": [S + "look.servers=2"],
                  "demand: arrivals x 1.25": [rate("feed", 10)]},
        "full": {S + "bench.servers": [S + "bench.servers=21"], S + "look.servers": [S + "look.servers=21"]}},
    "batch_never_fills": {
        "none": True,
        "steps": {"mill: servers 1 -> 2": [S + "mill.servers=2"], "oven: servers 1 -> 2": [S + "oven.servers=2"],
                  "oven: buffer 60 -> 61 places": [S + "oven.buffer=61"], "demand: arrivals x 1.25": [rate("feed", 60)]},
        "full": {S + "mill.servers": [S + "mill.servers=21"], S + "oven.servers": [S + "oven.servers=21"],
                 S + "oven.buffer": [S + "oven.buffer=100000"]}},
    "vehicles": {
        "steps": {"agv: vehicles 1 -> 2": [S + "agv.servers=2"], "cut: servers 1 -> 2": [S + "cut.servers=2"],
                  "weld: servers 1 -> 2": [S + "weld.servers=2"], "demand: arrivals x 1.25": [rate("feed", 10)]},
        "full": {S + "agv.servers": [S + "agv.servers=21"], S + "cut.servers": [S + "cut.servers=21"],
                 S + "weld.servers": [S + "weld.servers=21"], S + "weld.buffer": [S + "weld.buffer=100000"]}},
    "two_at_a_time": {
        "steps": {"kiln: servers 1 -> 2": [S + "kiln.servers=2"], "form: servers 1 -> 2": [S + "form.servers=2"],
                  "glaze: servers 1 -> 2": [S + "glaze.servers=2"], "kiln: buffer 8 -> 80 places": [S + "kiln.buffer=80"],
                  "demand: arrivals x 1.25": [rate("feed", 10)]},
        "full": {S + "kiln.servers": [S + "kiln.servers=21"], S + "form.servers": [S + "form.servers=21"],
                 S + "glaze.servers": [S + "glaze.servers=21"], S + "kiln.buffer": [S + "kiln.buffer=100000"],
                 S + "glaze.buffer": [S + "glaze.buffer=100000"]}},
    "demand": {
        "none": True,
        "steps": {"saw: servers 1 -> 2": [S + "saw.servers=2"], "lathe: servers 2 -> 3": [S + "lathe.servers=3"],
                  "day: round the clock": [S + "lathe.calendar=~"], "demand: arrivals x 1.25": [rate("feed", 20)]},
        "full": {S + "saw.servers": [S + "saw.servers=21"], S + "lathe.servers": [S + "lathe.servers=22"],
                 "calendars.day": [S + "lathe.calendar=~"]}},
    "lost": {
        "steps": {"dock: servers 1 -> 2": [S + "dock.servers=2"], "dock: buffer 1 -> 2 places": [S + "dock.buffer=2"],
                  "dock: buffer 1 -> 10 places": [S + "dock.buffer=10"], "demand: arrivals x 1.25": [rate("vans", 30)]},
        "full": {S + "dock.servers": [S + "dock.servers=21"], S + "dock.buffer": [S + "dock.buffer=100000"]}},
    "failures": {
        "steps": {"extrude: servers 1 -> 2": [S + "extrude.servers=2"], "extrude: screw off": [S + "extrude.fails=~"],
                  "extrude: screw 10 % rarer": [S + f"extrude.fails.screw.every={{exponential: {6 / .9:.10g} h}}"],
                  "cut: servers 1 -> 2": [S + "cut.servers=2"], "demand: arrivals x 1.25": [rate("feed", 10)]},
        "full": {S + "extrude.servers": [S + "extrude.servers=21"], S + "extrude.fails.screw": [S + "extrude.fails=~"],
                 S + "extrude.buffer": [S + "extrude.buffer=100000"], S + "cut.servers": [S + "cut.servers=21"],
                 S + "cut.buffer": [S + "cut.buffer=100000"]}},
    "pair": {
        "steps": {"first: servers 1 -> 2": [S + "first.servers=2"], "second: servers 1 -> 2": [S + "second.servers=2"],
                  "first: servers 1 -> 2 and second: servers 1 -> 2": [S + "first.servers=2", S + "second.servers=2"],
                  "demand: arrivals x 1.25": ["sources.feed.every=4.8 min"]},
        "full": {S + "first.servers": [S + "first.servers=21"], S + "second.servers": [S + "second.servers=21"],
                 S + "second.buffer": [S + "second.buffer=100000"], S + "first.buffer": [S + "first.buffer=100000"]}},
    "line_of_13": {
        "steps": {**{f"s{k:02}: servers 1 -> 2": [S + f"s{k:02}.servers=2"] for k in (5, 8, 9)}, "demand: arrivals x 1.25": [rate("feed", 9)]},
        "full": {S + f"s{k:02}.servers": [S + f"s{k:02}.servers=21"] for k in (2, 5, 6, 8, 9, 11)}},
    "near_ties": {
        "steps": {**{f"s{k:02}: servers 1 -> 2": [S + f"s{k:02}.servers=2"] for k in (5, 9, 11)}, "demand: arrivals x 1.25": [rate("feed", 9)]},
        "full": {S + f"s{k:02}.servers": [S + f"s{k:02}.servers=21"] for k in (2, 5, 6, 8, 9, 11)}},
    "blocked_line": {
        "steps": {"s05: servers 1 -> 2": [S + "s05.servers=2"], "s09: servers 1 -> 2": [S + "s09.servers=2"], "s09: jam off": [S + "s09.fails=~"],
                  "s06: buffer 2 -> 20 places": [S + "s06.buffer=20"], "s10: buffer 3 -> 30 places": [S + "s10.buffer=30"],
                  "demand: arrivals x 1.25": [rate("feed", 9)]},
        "full": {**{S + f"s{k:02}.servers": [S + f"s{k:02}.servers=21"] for k in (2, 5, 8, 9)},
                 **{S + f"s{k:02}.buffer": [S + f"s{k:02}.buffer=100000"] for k in (6, 7, 10)},
                 S + "s09.fails.jam": [S + "s09.fails=~"], S + "s02.fails.wear": [S + "s02.fails=~"]}},
}
SAMPLE = ["day_shift", "batch_never_fills", "setups", "pair", "blocked_line"]  # of every day


def products(retwin, plant, overrides, jobs):
    """Products per replication of a long run."""
    values = {}
    with tempfile.TemporaryDirectory() as folder:
        outcomes = pathlib.Path(folder) / "outcomes.jsonl"
        command = [retwin, "run", str(HERE / "plants" / f"{plant}.yaml"), "--jobs", str(jobs), "--replications", str(REPLICATIONS),
                   "--seed", str(BRUTE_SEED), "--duration", f"{WEEKS} weeks", "--warmup", f"{WEEKS // 5} weeks", "--outcomes", str(outcomes)]
        for one in overrides:
            command += ["--set", one]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(command)}\n{done.stderr}")
        for line in outcomes.read_text().splitlines():
            outcome = json.loads(line)
            values[outcome["task"]["replication"]] = next(f["value"] for f in outcome["figures"] if f["path"] == "plant.product_lots")
    return [values[k] for k in range(REPLICATIONS)]


def gain(now, then):
    """Ratio of sums less 1, and the jackknife's half-width."""
    n, ratio = len(now), sum(then) / sum(now)
    pseudo = [n * ratio - (n - 1) * (sum(then) - t) / (sum(now) - b) for b, t in zip(now, then)]
    mean = sum(pseudo) / n
    sd = math.sqrt(sum((p - mean) ** 2 for p in pseudo) / (n - 1))
    return ratio - 1, T975[n - 1] * sd / math.sqrt(n)


def minimal_sets(enough, paths):
    """Sets that are enough, and are not without any of their members; by size, so few runs are made."""
    from itertools import combinations
    found = []
    for size in range(1, len(paths) + 1):
        for some in combinations(paths, size):
            if not any(set(s) <= set(some) for s in found) and enough(some):
                found.append(some)
        if len(found) >= 1 and size >= 3:
            break
    return [sorted(s) for s in found]


def brute(retwin, names, jobs):
    """Makes the truth of these plants anew."""
    truth = json.loads(TRUTH.read_text()) if TRUTH.exists() else {}
    for name in names:
        plant = PLANTS[name]
        now = products(retwin, name, [], jobs)
        cache = {}

        def relieved(paths):
            key = tuple(sorted(paths))
            if key not in cache:
                cache[key] = products(retwin, name, [o for p in key for o in plant["full"][p]], jobs)
            return gain(now, cache[key])

        everything = relieved(plant["full"])
        entry = {"command": f"bottleneck.py --brute {name}", "all": everything, "sets": [],
                 "steps": {text: gain(now, products(retwin, name, overrides, jobs)) for text, overrides in plant["steps"].items()}}
        if not plant.get("none"):
            entry["sets"] = minimal_sets(lambda some: relieved(some)[0] >= .95 * everything[0], list(plant["full"]))
        truth[name] = entry
        print(f"{name}: all {everything[0]:+.2%}, sets {entry['sets']}", flush=True)
        for text, (mean, half) in entry["steps"].items():
            print(f"  {text}: {mean:+.2%} +- {half:.2%}", flush=True)
        TRUTH.write_text(json.dumps(truth, indent=1) + "\n")


def verdict(retwin, name, jobs):
    command = [retwin, "bottleneck", str(HERE / "plants" / f"{name}.yaml"), "--format", "json", "--jobs", str(jobs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout)


def faults(name, said, truth):
    """What is wrong with a verdict."""
    out = []
    none = bool(PLANTS[name].get("none"))
    if said["demand_limits"] != none:
        return [f"demand limits: {said['demand_limits']}, it is {none}"]
    if not none and sorted(said["sufficient"]) not in truth["sets"]:
        out.append(f"sufficient: {sorted(said['sufficient'])}, true ones: {truth['sets']}")
    known = {g["relief"]: g for g in said["gains"] if g["role"] in ("step", "pair", "demand")}
    for text, (mean, half) in truth["steps"].items():
        if text not in known:
            continue
        g = known[text]
        off = abs(g["gain"] - mean)
        if off > (g["gain_high"] - g["gain_low"]) / 2 + half + .005:
            out.append(f"{text}: {g['gain']:+.2%} [{g['gain_low']:.2%}, {g['gain_high']:.2%}], true {mean:+.2%} +- {half:.2%}")
    best = max(truth["steps"], key=lambda t: truth["steps"][t][0] if not t.startswith("demand") and " and " not in t else -1)
    if not none and truth["steps"][best][0] > .01 and best not in known:
        out.append(f"the best step is missing: {best}")
    return out


def check(retwin, names, jobs):
    truth = json.loads(TRUTH.read_text())
    wrong = 0
    for name in names:
        said = verdict(retwin, name, jobs)
        found = faults(name, said, truth[name])
        wrong += bool(found)
        compared = sum(g["relief"] in truth[name]["steps"] for g in said["gains"])
        print(f"{'wrong' if found else 'right'}  {name}: {compared} gains compared; {said['verdict']}", flush=True)
        for fault in found:
            print(f"       {fault}")
    print(f"{len(names) - wrong} of {len(names)} verdicts are right")
    return wrong == 0


def self_test():
    """A verdict that is wrong is found."""
    truth = json.loads(TRUTH.read_text())["day_shift"]
    steps = [{"role": "step", "relief": t, "gain": m, "gain_low": m - .004, "gain_high": m + .004} for t, (m, _) in truth["steps"].items()]
    right = {"demand_limits": False, "sufficient": truth["sets"][0], "gains": steps}
    assert not faults("day_shift", right, truth), faults("day_shift", right, truth)
    assert faults("day_shift", {**right, "demand_limits": True}, truth)
    assert faults("day_shift", {**right, "sufficient": ["stations.rack.servers"]}, truth)
    assert faults("day_shift", {**right, "gains": steps[1:]}, truth)
    assert faults("day_shift", {**right, "gains": [{**steps[0], "gain": steps[0]["gain"] + .05}] + steps[1:]}, truth)
    print("every planted fault is found")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--retwin")
    parser.add_argument("--brute", action="store_true")
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("plants", nargs="*", metavar="PLANT")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    names = options.plants or (SAMPLE if options.sample else list(PLANTS))
    if options.brute:
        return brute(options.retwin, names, options.jobs)
    sys.exit(0 if check(options.retwin, names, options.jobs) else 1)


if __name__ == "__main__":
    main()
