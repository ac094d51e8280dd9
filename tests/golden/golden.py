"""Golden ring: a case is a folder with case.json (scenario, figures with tolerances, comparisons) and why.md.

case.json:
  "scenario":  file, relative to the repository      "options": further words of the command line
  "expect":    {KPI path: {"value": v, "rel": r | "abs": a}}   the figure lies within the tolerance of the value
  "verdict":   text that the verdict must contain
  "compare":   [{"scenario": file, "options": [...], "kpi": path | "capacity_of": station, "ratio": [low, high]}]
               that scenario's figure over the case's own
  "break_even": [{"scenario": file, "saved": [KPI paths], "spent": KPI path, "options": [...], "value": v, "abs": a}]
               what that scenario saves of the first for each unit that it uses more of the second
  "digest":    SHA-256 of result.json, the same in every build type
Options: --retwin FILE (the command), --update (rewrites values and digests; say why in why.md), --self-test.
"""
import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def run(retwin, scenario, options):
    """JSON of a run, and the bytes of its result.json."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([retwin, "run", os.path.join(ROOT, scenario), "--format", "json", "--out", folder, *options],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{scenario}: exit {done.returncode}\n{done.stderr[-2000:]}")
        with open(os.path.join(folder, "result.json"), "rb") as file:
            return json.loads(done.stdout), file.read()


def value_of(result, path):
    if path not in result["kpis"]:
        raise RuntimeError(f"no such KPI: {path}")
    value = result["kpis"][path]["mean"]
    if value is None or value != value:
        raise RuntimeError(f"{path} has no value")
    return value


def capacity_of(result, station):
    """Static capacity of a station [jobs in the window]: what it did over how much of its capacity that was."""
    row = next(r for r in result["bottleneck"]["stations"] if r["station"] == station)
    return value_of(result, f"stations.{station}.jobs") / row["static_utilisation"]


def judge(expect, value):
    """Empty if the value lies within the tolerance, else what is wrong."""
    margin = expect["abs"] if "abs" in expect else expect["rel"] * abs(expect["value"])
    off = abs(value - expect["value"])
    return "" if off <= margin else f"{value:.6g}, expected {expect['value']:.6g} +- {margin:.3g}"


def break_even(base, variant, saved, spent):
    gain = sum(value_of(base, path) - value_of(variant, path) for path in saved)
    more = value_of(variant, spent) - value_of(base, spent)
    if more <= 0:
        raise RuntimeError(f"{spent} does not rise")
    return gain / more


def judge_ratio(limits, ratio):
    return "" if limits[0] <= ratio <= limits[1] else f"ratio {ratio:.4f}, expected {limits[0]} to {limits[1]}"


def check(retwin, folder, update):
    path = os.path.join(folder, "case.json")
    with open(path) as file:
        case = json.load(file)
    problems = []
    result, raw = run(retwin, case["scenario"], case.get("options", []))
    for kpi, expect in case.get("expect", {}).items():
        value = value_of(result, kpi)
        wrong = judge(expect, value)
        print(f"  {kpi}: {value:.6g} (expected {expect['value']:.6g}){'  WRONG' if wrong else ''}")
        if wrong and update:
            expect["value"] = value
        elif wrong:
            problems.append(f"{kpi}: {wrong}")
    wanted = case.get("verdict", "")
    if wanted not in result["bottleneck"]["verdict"]:
        problems.append(f"verdict \"{result['bottleneck']['verdict']}\" does not name \"{wanted}\"")
    if "digest" in case:
        digest = hashlib.sha256(raw).hexdigest()
        if digest != case["digest"] and update:
            case["digest"] = digest
        elif digest != case["digest"]:
            problems.append(f"digest {digest}, expected {case['digest']}")
    others = {}
    for even in case.get("break_even", []):
        base, variant = (run(retwin, name, even["options"])[0] for name in (case["scenario"], even["scenario"]))
        value = break_even(base, variant, even["saved"], even["spent"])
        wrong = judge(even, value)
        print(f"  {even['scenario']}: breaks even at {value:.4f} per unit of {even['spent']}{'  WRONG' if wrong else ''}")
        if wrong:
            problems.append(f"{even['scenario']}: break-even: {wrong}")
    for comparison in case.get("compare", []):
        key = (comparison["scenario"], *comparison.get("options", case.get("options", [])))
        if key not in others:
            others[key] = run(retwin, key[0], list(key[1:]))[0]
        figure, name = (value_of, comparison["kpi"]) if "kpi" in comparison else (capacity_of, comparison["capacity_of"])
        ratio = figure(others[key], name) / figure(result, name)
        wrong = judge_ratio(comparison["ratio"], ratio)
        what = f"{comparison['scenario']}: {name if 'kpi' in comparison else 'capacity of ' + name}"
        print(f"  {what} x {ratio:.4f}{'  WRONG' if wrong else ''}")
        if wrong:
            problems.append(f"{what}: {wrong}")
    if not os.path.exists(os.path.join(folder, "why.md")):
        problems.append("why.md is missing")
    if update:
        with open(path, "w") as file:
            json.dump(case, file, indent=1)
            file.write("\n")
    return problems


def self_test():
    """The judges refuse what they must."""
    assert judge({"value": 100, "rel": 0.03}, 102.9) == "" and judge({"value": 100, "rel": 0.03}, 103.1)
    assert judge({"value": 0.5, "abs": 0.05}, 0.549) == "" and judge({"value": 0.5, "abs": 0.05}, 0.44)
    assert judge_ratio([1.01, 2], 1.5) == "" and judge_ratio([1.01, 2], 1.0) and judge_ratio([0, 0.9], 0.95)
    flows = [{"kpis": {"gas": {"mean": gas}, "kWh": {"mean": kWh}}} for gas, kWh in ((200, 900), (35, 1260))]
    assert abs(break_even(*flows, ["gas"], "kWh") - 165 / 360) < 1e-12
    assert judge({"value": 0.456, "abs": 0.01}, break_even(*flows, ["gas"], "kWh")) == ""
    try:
        break_even(*reversed(flows), ["gas"], "kWh")
        raise AssertionError("less was taken for more")
    except RuntimeError:
        pass
    try:
        value_of({"kpis": {"a": {"mean": None}}}, "a")
    except RuntimeError:
        return
    raise AssertionError("a figure without value was taken")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", help="folders; default: all")
    parser.add_argument("--retwin", default=os.path.join(ROOT, "build", "release", "retwin"))
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        self_test()
        return 0
    names = options.cases or sorted(n for n in os.listdir(HERE) if os.path.exists(os.path.join(HERE, n, "case.json")))
    failed = 0
    for name in names:
        print(name)
        problems = check(options.retwin, os.path.join(HERE, name), options.update)
        for problem in problems:
            print(f"  FAILED {problem}")
        failed += 1 if problems else 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
