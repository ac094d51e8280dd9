#!/usr/bin/python3
"""Closed forms: runs scenario files by the ordinary command and compares its figures with exact values.

usage: verify.py --retwin BINARY [--jobs N] [--case TEXT] FAMILY...
       verify.py --retwin BINARY --self-test [FAMILY...]
       verify.py --list [FAMILY...]

A figure passes if the exact value lies inside the 99.9 % interval *and* the half-width is below 1 % of it, so that a vague result
cannot pass; a deterministic one if it agrees to 1e-9. A case that fails is run once more with four times the replications and
another seed; only a second failure counts. --list prints the command of each case.
"""
import argparse
import json
import resource
import shlex
import subprocess
import sys
import zlib

import families

SHARPNESS = 0.01  # half-width / exact
EXACTNESS = 1e-9  # of deterministic cases


def seed_of(case, attempt):
    """Cases have luck of their own: with one seed for all, lines of the same stations would err together."""
    return 1000 * (zlib.crc32(f"{case.scenario} {case.name}".encode()) % 1000000) + attempt


def command(retwin, case, seed, replications=None):
    words = [*retwin, f"{families.HERE}/scenarios/{case.scenario}", "--format", "json", "--seed", str(seed)]
    for path, value in case.sets.items():
        words += ["--set", f"{path}={value}"]
    return words + (["--replications", str(replications)] if replications else [])


def run(retwin, case, seed, replications=None):
    """The result as the command prints it, and why there is none."""
    done = subprocess.run(command(retwin, case, seed, replications), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None, f"exit {done.returncode}: {done.stderr.strip()[:2000]}"
    return json.loads(done.stdout), ""


def figure(result, weights):
    """Mean and half-width of a weighted sum of figures; the half-width of a sum is at most the sum of half-widths."""
    mean = half = 0.0
    for path, factor in weights.items():
        kpi = result["kpis"].get(path)
        if kpi is None or kpi["mean"] is None:
            return None, None
        mean += factor * kpi["mean"]
        half = None if half is None or kpi["half_width"] is None else half + abs(factor) * kpi["half_width"]
    return mean, half


def verdict(result, case):
    """One line for each check: (passed, text)."""
    lines = []
    for what, weights, exact in case.checks:
        mean, half = figure(result, weights)
        if mean is None:
            lines.append((False, f"{what}: no figure {', '.join(weights)}"))
        elif case.deterministic:
            passed = abs(mean - exact) <= EXACTNESS * abs(exact)
            lines.append((passed, f"{what}: {mean:.12g}, exact {exact:.12g}" + ("" if passed else ": differs")))
        else:
            known = half is not None
            sharp = known and half < SHARPNESS * abs(exact)
            inside = known and abs(mean - exact) <= half
            why = "" if sharp and inside else ": vague" if not sharp else ": outside"
            width = f"{half:.2g} ({100 * half / abs(exact):.2f} %)" if known else "unknown"
            lines.append((sharp and inside, f"{what}: {mean:.6g} +- {width}, exact {exact:.6g}{why}"))
    return lines


def confidence_is_high(result, case):
    return case.deterministic or abs(result["run"]["confidence"] - 0.999) < 1e-12


def processor_time():
    """Of the commands so far [s]."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def verify(retwin, case, report):
    """Runs a case, and once more if it fails."""
    replications = None
    for attempt in (0, 1):
        begin = processor_time()
        result, why = run(retwin, case, seed_of(case, attempt), replications)
        lines = [(False, why)] if result is None else verdict(result, case)
        if result is not None and not confidence_is_high(result, case):
            lines.append((False, f"the level of the intervals is {result['run']['confidence']}, not 0.999"))
        passed = all(ok for ok, _ in lines)
        report(f"{'ok    ' if passed else 'FAILED'} {case.name}  [{processor_time() - begin:.1f} s]"
               + (" second run" if attempt else ""))
        for ok, text in lines:
            report(f"         {text}")
        if passed:
            return True
        if result is None or case.deterministic:
            return False
        replications = 4 * result["run"]["replications"]
    return False


def self_test(retwin, registered):
    """The criterion must refuse a wrong value, a vague result, an unknown width, a missing figure and a broken scenario.

    Every family of queueing.json must have a maker of cases, and be among those that are registered (if any are named).
    """
    def queue(exact, **sets):
        return families.Case("M/M/1", "mmc.yaml", {"run.duration": "150000 s", "run.replications": "20"} | sets,
                             [families.check("W", "sources.customers.cycle_time", exact)])

    best = next(c for c in families.penny_fab() if c.deterministic)
    off = families.Case(best.name, best.scenario, best.sets, [(w, k, x * (1 + 1e-8)) for w, k, x in best.checks], True)
    missing = families.Case("M/M/1", "mmc.yaml", {}, [families.check("W", "sources.nobody.cycle_time", 2.0)])
    controls = [("the exact value passes", queue(2.0), True), ("a value 2 % too large is refused", queue(2.04), False),
                ("a value 2 % too small is refused", queue(1.96), False),
                ("a vague result is refused", queue(2.0, **{"run.duration": "8000 s", "run.replications": "5"}), False),
                ("one replication, without a width, is refused",
                 queue(2.0, **{"run.replications": "1", "run.duration": "9000 s"}), False),
                ("a lower level is refused", queue(2.0, **{"run.confidence": "0.95"}), False),
                ("a missing figure is refused", missing, False),
                ("a scenario that does not run is refused", queue(2.0, **{"stations.desk.duration": "1 kg"}), False),
                ("a deterministic value passes", best, True), ("a deterministic value 1e-8 off is refused", off, False)]
    wanted = {name for name in families.REFERENCE if not name.startswith("_")} | families.OF_THEIR_OWN
    good = wanted == set(families.FAMILIES) and (not registered or wanted == set(registered))
    print(f"{'ok    ' if good else 'FAILED'} every family is verified")
    for what, case, wanted in controls:
        log = []
        right = verify(retwin, case, log.append) == wanted
        good = good and right
        print(f"{'ok    ' if right else 'FAILED'} {what}")
        if not right:
            print("\n".join(log))
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--retwin", default="retwin")
    parser.add_argument("--jobs", type=int, default=0, help="threads of the command; default: as it chooses")
    parser.add_argument("--case", default="", help="only cases whose name contains this text")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("family", nargs="*", choices=[[], *families.FAMILIES])
    args = parser.parse_args()
    retwin = [args.retwin, "run"] + (["--jobs", str(args.jobs)] if args.jobs else [])
    if args.self_test:
        return 0 if self_test(retwin, args.family) else 1
    cases = [c for family in args.family or families.FAMILIES for c in families.FAMILIES[family]() if args.case in c.name]
    if args.list:
        for case in cases:
            print(f"# {case.name}\n{shlex.join(command(retwin, case, seed_of(case, 0)))}")
        return 0
    failed = [case.name for case in cases if not verify(retwin, case, print)]
    checks = sum(len(case.checks) for case in cases)
    print(f"{len(cases)} cases, {checks} figures, {len(failed)} cases failed" + (": " + "; ".join(failed) if failed else ""))
    return 0 if cases and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
