#!/usr/bin/python3
"""Optimisation against exact optima: how good is what `retwin optimise` chooses?

usage: references.py --retwin PATH [--seeds N] [--first N] [--jobs N] [--only NAME ...]

design_20, design_50: the exact throughput (a Markov chain, solved here) of the design that was chosen, against that of the best. speed: against the closed form.
shares: the exact cost (Pollaczek and Khinchine) of the shares that were chosen. policy: what the rule that was found earns of the gain of the best one. Per study: how many of N seeds were within the bound, the median and worst loss,
replications spent. sorting: the recoveries that were reached within a limit of impurity, against the best of a grid of ten times as many runs.
"""
import argparse
import concurrent.futures
import csv
import io
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

import numpy

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import sorting_policy  # noqa: E402


def line_throughput(rates, buffers):
    """Saturated line of three exponential stations, blocking after service; buffers of the second and third count the job in service.

    States (i, j): jobs at the second and third; one more than the buffer: the station before it is blocked, its job waiting there.
    """
    (r1, r2, r3), (b2, b3) = rates, buffers
    n, m = b2 + 2, b3 + 2
    index = lambda i, j: i * m + j
    q = numpy.zeros((n * m, n * m))

    def flow(i, j, to_i, to_j, rate):
        q[index(i, j), index(to_i, to_j)] += rate
        q[index(i, j), index(i, j)] -= rate

    for i in range(n):
        for j in range(m):
            if i <= b2:
                flow(i, j, i + 1, j, r1)
            if i >= 1 and j < b3:
                flow(i, j, i - 1, j + 1, r2)
            if i >= 1 and j == b3:
                flow(i, j, i, j + 1, r2)
            if 1 <= j <= b3:
                flow(i, j, i, j - 1, r3)
            if j == b3 + 1:  # the job that waited enters; its place in the second is free
                flow(i, j, max(i - 1, 0), j - 1, r3)
    a = q.T.copy()
    a[-1, :] = 1
    right = numpy.zeros(n * m)
    right[-1] = 1
    p = numpy.linalg.solve(a, right)
    return r3 * sum(p[index(i, j)] for i in range(n) for j in range(1, m))


def design(total):
    def value(best):
        r1, r2, b2 = (int(float(best[name])) for name in ("rate_1", "rate_2", "buffer_2"))
        return line_throughput((r1, r2, total - r1 - r2), (b2, total - b2))
    return value


def speed(best):
    mu = float(best["speed"])
    return 1 / (mu - 1.5) + 0.1 * mu ** 2


def shares(best):
    weights = [float(best[f"w{i}"]) for i in range(1, 11)]
    total, cost = sum(weights), 0.0
    for i, weight in enumerate(weights, 1):
        p = weight / total
        if p * i >= 1:
            return float("inf")
        second_moment = i ** 2 + 0.25 / 6  # variance of a symmetric triangle of half-width .5: .25 / 6
        cost += p * (0.1 / i + 0.005 * (i + p * second_moment / (2 * (1 - p * i))))
    return cost


def policy(retwin):
    """Share of what the best policy earns beyond the best fixed aperture, by the formula of the constructed case of sorting."""
    plant, feeds, _ = sorting_policy.case(str(retwin), {})
    fixed = sorting_policy.worth(feeds, [sorting_policy.best_fixed(feeds)] * 2)
    gain = sorting_policy.worth(feeds, [sorting_policy.best(*feed) for feed in feeds]) - fixed
    return lambda best: (plant.earns(f"max(0.05 mm, {best['base']} mm + {best['slope']} mm * assay.Al)") - fixed) / gain


def sorting(_):
    return lambda best: float(best["recovery + copper"]) if best["feasible"] else 0.0


def grid_of_sorting(retwin):
    """Best of 400 runs that keeps the limit."""
    text = (HERE / "sorting.yaml").read_text().replace("scenario: ", f"scenario: {HERE}/").split("optimise:")[0] + "points: {factorial: 20}\nreplications: 1\n"
    with tempfile.TemporaryDirectory() as folder:
        study = pathlib.Path(folder) / "grid.yaml"
        study.write_text(text)
        done = subprocess.run([str(retwin), "sweep", str(study), "--results", f"{folder}/grid.sqlite", "--format", "csv"], capture_output=True, text=True, check=True)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 400
    return max(float(row["recovery + copper"]) for row in rows if row["feasible"] == "yes")


# name -> exact optimum, or what finds it, what makes the exact value of a point, bound on the loss relative to the optimum, largest is best
STUDIES = {"design_20": (5.776122, lambda _: design(20), 0.001, True), "design_50": (15.697585, lambda _: design(50), 0.003, True),
           "speed": (1.552769, lambda _: speed, 0.005, False), "shares": (0.062750, lambda _: shares, 0.03, False), "policy": (1, policy, 0.05, True),
           "sorting": (grid_of_sorting, sorting, 0.001, True)}


def chosen(retwin, name, seed, jobs):
    """Front's first row and the replications that were spent. @param jobs options: threads of the study"""
    text = (HERE / f"{name}.yaml").read_text()
    text = re.sub(r"^scenario: (.*)$", lambda m: f"scenario: {HERE / m[1]}\nseed: {seed}", text, flags=re.MULTILINE)
    with tempfile.TemporaryDirectory() as folder:
        study = pathlib.Path(folder) / f"{name}.yaml"
        study.write_text(text)
        done = subprocess.run([str(retwin), "optimise", str(study), "--results", str(study.with_suffix(".sqlite")), "--format", "json", *jobs], capture_output=True, timeout=3600)
    if done.returncode != 0:
        raise SystemExit(done.stderr.decode())
    found = json.loads(done.stdout)
    return found["front"]["rows"][0], found["replications"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--retwin", type=pathlib.Path, required=True)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1, help="number of the first seed")
    parser.add_argument("--jobs", type=int, default=1, help="studies at the same time; with one of them, a study has all processors")
    parser.add_argument("--only", nargs="*", default=list(STUDIES))
    given = parser.parse_args()
    assert abs(line_throughput((6, 7, 7), (12, 8)) - 5.776122) < 1e-6 and abs(line_throughput((7, 7, 6), (8, 12)) - 5.776122) < 1e-6
    wrong = 0
    for name in given.only:
        exact, made, bound, largest = STUDIES[name]
        value = made(given.retwin.resolve())
        if callable(exact):
            exact = exact(given.retwin.resolve())
        jobs = [] if given.jobs == 1 else ["--jobs", "1"]
        with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
            found = list(pool.map(lambda seed: chosen(given.retwin.resolve(), name, seed, jobs), range(given.first, given.first + given.seeds)))
        losses = [(exact - value(best)) / exact if largest else (value(best) - exact) / exact for best, _ in found]
        spent = [replications for _, replications in found]
        within = sum(loss <= bound for loss in losses)
        budget = int(re.search(r"budget: (\d+)", (HERE / f"{name}.yaml").read_text())[1])
        wrong += within < 0.95 * given.seeds or max(spent) > budget
        print(f"{name}: {within} of {given.seeds} within {100 * bound:g} %; loss median {100 * statistics.median(losses):.3f} %, worst {100 * max(losses):.3f} %; "
              f"at most {max(spent)} replications", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
