#!/usr/bin/python3
"""How often `retwin regress` is wrong: a planted loss of 2 % that passes, an unchanged plant that fails, each under many seeds.

usage: regress_rates.py --retwin BINARY [--losses N] [--unchanged N] [--jobs N] [--only line|job_shop]

The line and the job shop, shortened, with up to six figures at the default margin of 1 %. Losses are planted in different places: fewer
good parts, slower machines, fewer orders. An unchanged plant is judged under seeds that are not those of its kept figures. Beside the two
rates that are judged stands a harder one that is not: the same plant with one station renamed, whose luck is another; there is no
difference to be found, only noise to be told from it, and what is not shown within 160 replications counts as failed.
"""
import argparse
import concurrent.futures
import json
import math
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PLANTS = {
    "line": {
        "run": "{duration: 3 weeks, warmup: 1 week}",
        "figures": ["products", "plant.electricity_per_lot", "plant.rate", "stations.test.throughput", "stations.wash.throughput", "plant.cycle_time"],
        "losses": ["stations: {test: {to: {good: 95.06 %, scrap: 4.94 %}}}",
                   "stations: {lathe: {duration: 1.02 min}, mill: {duration: 1.02 min}, wash: {duration: 1.02 min}, "
                   "test: {duration: {lognormal: {mean: 1.02 min, sd: 20.4 s}}}}"],
        "renamed": ("wash", "rinse"),
    },
    "job_shop": {
        "run": "{duration: 9 weeks, warmup: 1 week}",
        "figures": ["products", "plant.rate", "stations.bench.throughput", "stations.bath.throughput", "stations.tester.throughput"],
        "losses": ["sources: {orders: {every: {exponential: 20.408 min}}}"],
        "renamed": ("tester", "test_bench"),
    },
}
MOST_LOSSES = 2 / 100
MOST_UNCHANGED = 6 / 300


def call(retwin, *words, cwd):
    return subprocess.run([retwin, *words], cwd=cwd, capture_output=True, text=True, timeout=600)


def margins(plant):
    return [word for figure in plant["figures"] for word in ("--margin", f"{figure}=1%")]


def prepare(retwin, folder, name, plant):
    text = (ROOT / f"scenarios/plants/{name}.yaml").read_text()
    lines = [f"run: {plant['run']}" if line.startswith("run:") else line for line in text.splitlines()]
    (folder / "plant.yaml").write_text("\n".join(lines) + "\n")
    for number, loss in enumerate(plant["losses"]):
        at = folder / f"loss{number}"
        at.mkdir()
        (at / "plant.yaml").write_text(f"extends: ../plant.yaml\n{loss}\n")
    old, new = plant["renamed"]
    (folder / "renamed").mkdir()
    (folder / "renamed/plant.yaml").write_text("\n".join(lines).replace(f"{old}:", f"{new}:").replace(f"to: {old}", f"to: {new}").replace(f"at: {old}", f"at: {new}")
                                               .replace(f": {old}}}", f": {new}}}") + "\n")
    done = call(retwin, "regress", "plant.yaml", "--baseline", "kept", "--update", "--replications", "10", *margins(plant), cwd=folder)
    assert done.returncode == 0, done.stderr


def gate(retwin, folder, plant, which, seed):
    """Whether it passed, and after how many replications."""
    figures = [f for f in plant["figures"] if which != "renamed" or plant["renamed"][0] not in f]
    words = [word for figure in figures for word in ("--margin", f"{figure}=1%")]
    path = "plant.yaml" if which == "unchanged" else f"{which}/plant.yaml"
    done = call(retwin, "regress", path, "--baseline", "kept", "--seed", str(seed), "--jobs", "1", "--format", "json", *words, cwd=folder)
    assert done.returncode in (0, 4), done.stderr
    told = json.loads(done.stdout)
    return told["passed"], max(row["n"] for row in told["scenarios"][0]["figures"])


def upper(wrong, of):
    """One-sided 95 % bound of a rate (Clopper & Pearson, by bisection)."""
    low, high = wrong / of, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        tail = sum(math.comb(of, k) * middle**k * (1 - middle) ** (of - k) for k in range(wrong + 1))
        low, high = (middle, high) if tail > 0.05 else (low, middle)
    return high


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--retwin", type=lambda p: str(pathlib.Path(p).resolve()), required=True)
    parser.add_argument("--losses", type=int, default=100)
    parser.add_argument("--unchanged", type=int, default=300)
    parser.add_argument("--renamed", type=int, default=30)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", choices=list(PLANTS))
    options = parser.parse_args()
    failed = False
    for name, plant in PLANTS.items():
        if options.only and name != options.only:
            continue
        with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            folder = pathlib.Path(folder)
            prepare(options.retwin, folder, name, plant)

            def rates(kinds, count):
                jobs = [pool.submit(gate, options.retwin, folder, plant, kinds[k % len(kinds)], 1001 + k) for k in range(count)]
                done = [job.result() for job in jobs]
                return sum(ok for ok, _ in done), sum(n for _, n in done) / max(1, count)

            losses = [f"loss{k}" for k in range(len(plant["losses"]))]
            passed, n = rates(losses, options.losses)
            print(f"{name}: a planted loss of 2 % passed in {passed} of {options.losses} gates (below {upper(passed, options.losses):.1%}), {n:.0f} replications each")
            failed |= passed > MOST_LOSSES * options.losses
            passed, n = rates(["unchanged"], options.unchanged)
            wrong = options.unchanged - passed
            print(f"{name}: the unchanged plant failed in {wrong} of {options.unchanged} gates (below {upper(wrong, options.unchanged):.1%}), {n:.0f} replications each")
            failed |= wrong > MOST_UNCHANGED * options.unchanged
            if options.renamed:
                passed, n = rates(["renamed"], options.renamed)
                print(f"{name}: with other luck, a station renamed, it failed in {options.renamed - passed} of {options.renamed} gates, {n:.0f} replications each (not judged)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
