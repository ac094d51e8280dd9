#!/usr/bin/python3
"""How often a plant is said not to be in a steady state, and how often its intervals hold the truth, over many seeds.

usage: steady_rates.py --retwin PATH [--runs N] [--jobs N]

M/M/1 at load .9 is steady (an alarm is false), at 1.05 it is not (no alarm is a miss). M/M/1 at .8 waits 4 service times in the queue on
average (A. Y. Khintchine, F. Pollaczek: rho / (1 - rho)); a machine that fails every 100 h of the calendar for 5 h makes 100 / 105 of
what a sound one does where it never starves; two machines that fail, with five places between them, make what their Markov chain does
(tests/verify/queueing.json: two_machine_exponential_ODF_line, .7562 a second). Fails where a rate is outside what the project promises:
false alarms at most 3 %, misses at most 2.5 %, intervals of 95 % hold the truth in 93 to 97 %.
"""
import argparse
import concurrent.futures
import json
import math
import pathlib
import subprocess
import sys
import tempfile

QUEUE = """name: M/M/1 at {load}
run: {{start: 2026-01-05, duration: 6 weeks, warmup: 1 week}}
sources: {{in: {{every: {{exponential: {every} s}}, to: desk}}}}
stations: {{desk: {{duration: {{exponential: 60 s}}, to: done}}}}
sinks: [done]
"""
PRESS = """name: a press that fails
run: {start: 2026-01-05, duration: 26 weeks}
sources: {in: {saturated: true, to: press}}
stations:
  press: {duration: {exponential: 10 min}, to: done, fails: {jam: {every: {exponential: 95 h}, repair: {exponential: 5 h}}}}
sinks: [done]
"""
LINE = """name: a line with failures
run: {start: 2026-01-05, duration: 8 h, warmup: 1 h}
sources: {in: {saturated: true, to: m1}}
stations:
  m1: {duration: {exponential: 1 s}, buffer: 0, to: m2,
       fails: {stop: {every: {exponential: 100 s}, clock: working, job: resume, repair: {exponential: 10 s}}}}
  m2: {duration: {exponential: 1 s}, buffer: 5, to: done,
       fails: {stop: {every: {exponential: 100 s}, clock: working, job: resume, repair: {exponential: 10 s}}}}
sinks: [done]
"""
LINE_RATE = next(c["throughput"] for c in json.loads((pathlib.Path(__file__).parent / "queueing.json").read_text())
                 ["two_machine_exponential_ODF_line"]["cases"] if c["buffer"] == 5 and c["fail"] == [.01, .01])


def run(retwin, path, seed):
    out = subprocess.run([retwin, "run", path, "--seed", str(seed), "--format", "json", "--jobs", "1"], check=True, capture_output=True).stdout
    return json.loads(out)


def alarms(result):
    return any(warning.get("path") == "plant.growth" for warning in result["warnings"])


def holds(result, path, truth):
    figure = result["kpis"][path]
    return abs(figure["mean"] - truth) <= figure["half_width"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--retwin", required=True)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    questions = [
        ("M/M/1 at .9: not in a steady state", QUEUE.format(load=.9, every=60 / .9), alarms, (0, .03)),
        ("M/M/1 at 1.05: not in a steady state", QUEUE.format(load=1.05, every=60 / 1.05), alarms, (.975, 1)),
        ("M/M/1 at .8: the mean wait is within its interval", QUEUE.format(load=.8, every=60 / .8),
         lambda r: holds(r, "stations.desk.waiting", 240), (.93, .97)),
        ("a press that fails: its throughput is within its interval", PRESS, lambda r: holds(r, "plant.throughput", 6 * .95), (.93, .97)),
        ("a line with failures: its throughput is within its interval", LINE,
         lambda r: holds(r, "plant.throughput", 3600 * LINE_RATE), (.93, .97)),
    ]
    failed = False
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for number, (what, text, seen, (low, high)) in enumerate(questions):
            path = pathlib.Path(folder) / f"{number}.yaml"
            path.write_text(text)
            results = list(pool.map(lambda seed: run(options.retwin, path, seed), range(1, options.runs + 1)))
            count = sum(seen(result) for result in results)
            sizes = sorted(result["run"]["replications"] for result in results)
            spread = 2.6 * math.sqrt(.05 * .95 / options.runs) if low == .93 and options.runs < 1000 else 0  # what chance does to few runs
            good = low - spread <= count / options.runs <= high + spread
            failed = failed or not good
            print(f"{what}: {count} of {options.runs} runs, {sizes[0]} to {sizes[-1]} replications (median {sizes[len(sizes) // 2]}): "
                  f"{'as promised' if good else 'NOT as promised'}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
