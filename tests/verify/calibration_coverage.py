#!/usr/bin/python3
"""Round trip of a calibrated plant: do the stated 95 % intervals hold the truth in 95 % of the cases?

usage: calibration_coverage.py --retwin PATH [--repetitions 50] [--weeks 5] [--jobs N] [--first-seed 1] [--table FILE]

Each repetition simulates the plant Qingdao with hidden changes under another seed, calibrates the plant as given from that
log alone, and looks whether the truth lies within each interval. Pooled over parameters and repetitions the share must lie
in 93 ... 97 %, or its own 95 % interval (parameters of one repetition taken as independent) must reach there. What has no
scatter (constants, rates that are read off exactly) is checked to hold the truth always and not pooled, nor is the last
share of each choice, which follows from the others. Negative control: the same intervals against the plant as given must
miss the hidden changes.
"""
import argparse
import collections
import concurrent.futures
import csv
import math
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PLANT = ROOT / "scenarios/plants/qingdao.yaml"
MINUTE = 60.0

# what is set, and the truth of the parameters that it changes
HIDDEN = {
    "stations.e_screen.duration={lognormal: {mean: 23 min, sd: 7 min}}":
        {"stations.e_screen.duration.mean": 23 * MINUTE},
    "stations.triage.duration={triangular: {low: 2 min, mode: 4 min, high: 6 min}}":
        {"stations.triage.duration.mean": 4 * MINUTE},
    "stations.pack_refurb.duration={gamma: {mean: 50 min, sd: 20 min}}": {"stations.pack_refurb.duration.mean": 50 * MINUTE},
    "stations.r_dismantle.duration={lognormal: {mean: 34 min, sd: 11 min}}":
        {"stations.r_dismantle.duration.mean": 34 * MINUTE},
    "stations.gate_weigh.duration={exponential: {mean: 5 min}}": {"stations.gate_weigh.duration.mean": 5 * MINUTE},
    "stations.unit_age.phases.1.duration={triangular: {low: 12 h, mode: 13 h, high: 14 h}}":
        {"stations.unit_age.phases.factor": 13.3 / 12.3},
    "stations.shred.throughput=1.7 t/h": {"stations.shred.throughput": 1.7 / 3.6},
    "stations.module_grade.grades={pass: 76 %, reject: 24 %}":
        {"stations.module_grade.grades.pass": 0.76, "stations.module_grade.grades.reject": 0.24},
    "stations.unit_final.grades={ok: 95 %, rework: 4 %, scrap: 1 %}":
        {"stations.unit_final.grades.ok": 0.95, "stations.unit_final.grades.rework": 0.04,
         "stations.unit_final.grades.scrap": 0.01},
    "sources.contract.profile.rate=44/week": {"sources.contract.profile.rate": 44 / 604800},
    "sources.collection.profile.rate=15/week": {"sources.collection.profile.rate": 15 / 604800},
}


def repetition(retwin, seed, weeks):
    """Rows (parameter, value, low, high, truth, given) of one round trip."""
    truth = {name: value for values in HIDDEN.values() for name, value in values.items()}
    with tempfile.TemporaryDirectory() as folder:
        sets = [word for change in HIDDEN for word in ("--set", change)]
        length = ["--set", f"run.duration={weeks} weeks", "--set", "run.warmup=0 weeks"]
        for command in ([retwin, "run", str(PLANT), *length, "--seed", str(seed), *sets, "--log", "log.csv"],
                        [retwin, "calibrate", str(PLANT), "log.csv", "-o", "cal.yaml"],
                        [retwin, "check", "cal.yaml"]):
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
            if done.returncode != 0:
                raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr[-2000:]}")
        with open(pathlib.Path(folder) / "cal_parameters.csv") as file:
            return [(row["parameter"], *(float(row[k]) for k in ("value", "low", "high")),
                     truth.get(row["parameter"], float(row["given"])), float(row["given"])) for row in csv.DictReader(file)]


def wilson(hits, n, z=1.959964):
    """Score interval of a share."""
    p, middle = hits / n, 1 + z * z / n
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / middle
    centre = (p + z * z / (2 * n)) / middle
    return centre - half, centre + half


def last_shares(rows):
    """The last share of each choice: it follows from the others."""
    last = {}
    for name, *_ in rows:
        head, tail = name.rsplit(".", 1)
        if tail not in ("mean", "factor", "throughput", "rate"):
            last[head] = name
    return set(last.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--retwin", required=True)
    parser.add_argument("--repetitions", type=int, default=50)
    parser.add_argument("--weeks", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--table")
    options = parser.parse_args()
    retwin = str(pathlib.Path(options.retwin).resolve())
    hits, totals, exact_misses = collections.Counter(), collections.Counter(), []
    changed_missed = changed = 0
    table = []
    hidden = {name for values in HIDDEN.values() for name in values}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        seeds = range(options.first_seed, options.first_seed + options.repetitions)
        for seed, rows in zip(seeds, pool.map(lambda s: repetition(retwin, s, options.weeks), seeds)):
            skip = last_shares(rows)
            for name, value, low, high, truth, given in rows:
                table.append((seed, name, value, low, high, truth))
                inside = low <= truth <= high
                if high - low <= 1e-5 * abs(value):
                    if not inside:
                        exact_misses.append((seed, name, value, truth))
                    continue
                if name in hidden and given != truth:
                    changed += 1
                    changed_missed += not low <= given <= high
                if name not in skip:
                    hits[name] += inside
                    totals[name] += 1
    if options.table:
        with open(options.table, "w", newline="") as file:
            csv.writer(file).writerows([("seed", "parameter", "value", "low", "high", "truth"), *table])
    for name in sorted(totals):
        note = "  hidden change" if name in hidden else ""
        print(f"{name:45} {hits[name]:4} of {totals[name]:4}  {100 * hits[name] / totals[name]:5.1f} %{note}")
    n, all_hits = sum(totals.values()), sum(hits.values())
    low, high = wilson(all_hits, n)
    print(f"pooled: {all_hits} of {n}: {100 * all_hits / n:.2f} % ({100 * low:.2f} ... {100 * high:.2f})")
    print(f"control: {changed_missed} of {changed} intervals of changed parameters exclude the plant's own value")
    for miss in exact_misses:
        print("exact value missed:", *miss)
    ok = low <= 0.97 and high >= 0.93 and not exact_misses and changed_missed > 0.5 * changed
    print("ok" if ok else "FAILED")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
