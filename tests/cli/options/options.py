#!/usr/bin/python3
"""No field and no option is ignored: each changes what comes of a small plant, or is refused.

usage: options.py --retwin PATH [fields] [units] [alone] [commands] [pairs] [--part N/M] [--only TEXT]      ... --self-test

fields    every field that `retwin explain scenario` names, by the table in fields.py: two values, two results
units     every field of every unit operation and kind of lot, likewise
alone     what `retwin explain` says a field goes with: without it the field is refused (exit 2, at its path)
commands  every option of every command, by the table in commands.py: with it something else comes out, or it is refused
pairs     every two fields of a station or source together: refused, or each still makes a difference
"""
import argparse
import concurrent.futures
import functools
import itertools
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
import commands  # noqa: E402
import fields as table  # noqa: E402
import plants  # noqa: E402
import units  # noqa: E402

RETWIN = None


def call(*words, cwd=None):
    done = subprocess.run([RETWIN, *words], cwd=cwd, capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout, done.stderr


def fields_of(kind):
    """Names of the fields that `retwin explain KIND` lists, each with its line."""
    code, out, err = call("explain", kind)
    assert code == 0, err
    lines = next((block for block in out.split("\n\n") if block.startswith("name ")), "name").splitlines()
    return {line.split()[0]: line for line in lines[1:] if line and not line.startswith(" ")}


class Outcome:
    """What comes of a plant: its exit code, what was said, and everything told of the run but its name and settings."""

    def __init__(self, document, files=None, echo=False):
        with tempfile.TemporaryDirectory() as folder:
            at = pathlib.Path(folder)
            (at / "p.yaml").write_text(document if isinstance(document, str) else plants.yaml(document))
            for name, text in (files or {}).items():
                (at / name).parent.mkdir(parents=True, exist_ok=True)
                (at / name).write_text(text)
            code, out, err = call("run", "p.yaml", "--trace", "t.csv", "--out", "o", "--jobs", "1", cwd=folder)
            self.code, self.said, self.told = code, err, None
            if code == 0:
                result = json.loads((at / "o/result.json").read_text())
                told = {key: result[key] for key in ("kpis", "bottleneck", "warnings")}
                tables = {f.name: f.read_text() for f in sorted((at / "o").glob("*.csv"))}
                self.told = (told, (at / "t.csv").read_text(), tables, out)
                if echo:
                    for name in ("library", "plants"):
                        (at / name).mkdir()
                    (at / "p.yaml").rename(at / "plants/p.yaml")
                    self.told += (call("list", "--library", "library", cwd=folder)[1],)


@functools.lru_cache(maxsize=None)
def told_of(text, files):
    return Outcome(text, dict(files))


def place(field, case):
    """The path at which a field of the table is set."""
    if "at" in case:
        return case["at"]
    keys = field.split(".")
    return ".".join(table.NAMES[keys[k - 1]] if key == "*" else key for k, key in enumerate(keys))


def try_field(field, case):
    """Empty, or what is wrong with a field's two values."""
    path = place(field, case)
    outcomes = []
    for value, letter in zip(case["values"], "ab"):
        document = plants.plant(*case["settings"], {path: value})
        outcome = Outcome(document, case.get("files"), case.get("echo", False))
        refused = case.get("refused") == letter
        if refused != (outcome.code == 2):
            return f"{path}: {value}: exit {outcome.code}\n{outcome.said}{plants.yaml(document)}"
        outcomes.append(outcome)
    if outcomes[0].told == outcomes[1].told:
        return f"{path}: {case['values'][0]} and {case['values'][1]} come to the same\n{plants.yaml(document)}"
    return ""


def run_all(jobs, most=1500):
    """Runs (name, function, arguments); tells the failures and their number."""
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        todo = [(name, pool.submit(function, *arguments)) for name, function, *arguments in jobs]
        for name, result in todo:
            wrong = result.result()
            if wrong:
                failed += 1
                print(f"{name}: {wrong[:most]}")
    print(f"{len(todo)} tried, {failed} failed")
    return failed


# Maps and lists whose own fields are in the list, not fields themselves.
def leaves(names):
    return [n for n in names if not any(other.startswith(n + ".") for other in names)]


def without_entry(known, entries):
    return [name for name in known if name not in entries]


def unmatched(prefix, known, entries, file):
    """Jobs that fail for names that the program knows and the table does not, and the other way round."""
    jobs = [(prefix + name, lambda: f"no entry in {file}: say what difference it makes") for name in without_entry(known, entries)]
    return jobs + [(prefix + name, lambda: f"the program knows it no more, {file} does") for name in entries if name not in known]


def check_fields(only):
    known = leaves(fields_of("scenario"))
    jobs = unmatched("", known, table.FIELDS, "fields.py")
    return run_all(jobs + [(f, try_field, f, case) for f, case in table.FIELDS.items() if f in known and only in f])


def rules_of(kind):
    """What `retwin explain KIND` says that fields go with: {field: with}."""
    text = call("explain", kind)[1].split("says something only with\n")
    return dict(line.strip().split(": ", 1) for line in text[1].splitlines()) if len(text) > 1 else {}


def try_alone(field, section, case):
    """A field without what it goes with: refused at its path, or told in a warning."""
    path = place(f"{section}.*.{field}" if section != "run" else f"run.{field}", {})
    document = plants.plant(*case[1:], {path: case[0]})
    outcome = Outcome(document)
    if outcome.code == 2 and "[conflict]" in outcome.said and f"{path}:" in outcome.said:
        return ""
    if outcome.code == 0 and f"warning [conflict]: {path}:" in outcome.said:
        return ""
    return f"{path}: exit {outcome.code}\n{outcome.said}{plants.yaml(document)}"


def check_alone(only):
    jobs = []
    for kind, section in (("run", "run"), ("station", "stations"), ("source", "sources"), ("resource", "resources"), ("attribute", "attributes"),
                          ("sink", "sinks")):
        rules = rules_of(kind)
        known = {f.split(".", 1)[1] for f in table.ALONE if f.startswith(kind + ".")}
        jobs += unmatched(f"{kind}.", rules, known, "ALONE of fields.py")
        jobs += [(f"{kind}.{f}", try_alone, f, section, table.ALONE[f"{kind}.{f}"]) for f in rules if f in known and only in f]
    return run_all(jobs)


# --- unit operations and kinds of lots


def try_unit(settings, path, value):
    """A value, beside other settings perhaps, against the same plant with those settings but without it."""
    beside = value if isinstance(value, dict) and "" in value else {"": value}
    others = {key: setting for key, setting in beside.items() if key}
    text = plants.yaml(plants.plant(settings, others, {path: beside[""]}))
    given = told_of(text, ())
    if given.code not in (0, 2):
        return f"{path}: exit {given.code}\n{given.said}{text}"
    if given.code == 2 and path not in given.said and str(beside[""]) not in given.said:
        return f"{path}: refused for another reason\n{given.said}{text}"
    outcome = told_of(plants.yaml(plants.plant(settings, others)), ())
    return f"{path}: {beside['']} comes to the same as without\n{text}" if (outcome.code, outcome.told) == (given.code, given.told) else ""


def check_units(only):
    listed = call("explain")[1].split("\n\n")
    parts, *kinds = [[line.split()[0] for line in block.splitlines()[1:]] for block in listed
                     if block.startswith(("Parts", "Unit operations", "Kinds of lots"))]
    jobs = []
    for kind in [kind for block in kinds for kind in block if kind not in parts]:
        known = leaves(fields_of(kind))
        settings, at, values = units.UNITS.get(kind, ({}, "", {}))
        jobs += unmatched(f"{kind}.", known, values, "units.py")
        jobs += [(f"{kind}.{f}", try_unit, settings, f"{at}.{f.split('.*')[0]}", values[f]) for f in known
                 if f in values and only in f"{kind}.{f}"]
    return run_all(jobs)


# --- the command line


def options_of(command):
    """Long names of the options that `retwin COMMAND --help` lists, but for help itself."""
    found = []
    for line in call(command, "--help")[1].splitlines():
        names = re.match(r"  ((?:-\w,)?--[\w-]+(?:,--[\w-]+)*)", line)
        if names:
            found.append(next(name for name in names.group(1).split(",") if name.startswith("--")))
    return [name for name in found if name not in ("--help", "--help-all")]


@functools.lru_cache(maxsize=None)
def run_command(folder, words):
    """Exit code, what was said, and the files it left, in a copy of the folder."""
    with tempfile.TemporaryDirectory() as copy:
        subprocess.run(["cp", "-r", f"{folder}/.", copy], check=True)
        before = {p: p.stat().st_mtime_ns for p in pathlib.Path(copy).rglob("*") if p.is_file()}
        code, out, err = call(*shlex.split(words.replace("{root}", str(ROOT))), cwd=copy)
        files = {str(p.relative_to(copy)): p.read_bytes() for p in sorted(pathlib.Path(copy).rglob("*"))
                 if p.is_file() and before.get(p) != p.stat().st_mtime_ns}
        return code, out, err, files


def try_option(folder, command, begin, case):
    words = f"{command} {case.get('begin', begin)} {case['context']}"
    without, given = run_command(folder, words), run_command(folder, f"{words} {case['words']}")
    if without[0] not in ((1,) if case.get("required") else (0, 2, 4)) or given[0] not in (0, 1, 2, 4):
        return f"retwin {words} {case['words']}: exit {without[0]} and {given[0]}\n{without[2]}{given[2]}"
    return f"retwin {words} {case['words']}: the same as without" if without == given else ""


def try_refused(folder, words):
    code, out, err, files = run_command(folder, words)
    if code in (1, 2) and not files:
        return ""
    return f"retwin {words}: exit {code}, wrote {list(files)}\n{err}"


def check_commands(only):
    listed = [line.split()[0] for line in call("--help")[1].split("Subcommands:\n")[1].split("\n\n")[0].splitlines() if line.startswith("  ")]
    with tempfile.TemporaryDirectory() as folder:
        for name, text in commands.FILES.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for words in commands.MADE:
            code, out, err = call(*shlex.split(words.replace("{root}", str(ROOT))), cwd=folder)
            assert code == 0, f"{words}: {err}"
        jobs = []
        for command in listed:
            begin, table_of = commands.OPTIONS.get(command, ("", {}))
            known = [flag for flag in options_of(command) if (command, flag) not in commands.SAME]
            jobs += unmatched(f"{command} ", known, table_of, "commands.py")
            jobs += [(f"{command} {flag}", try_option, folder, command, begin, table_of[flag]) for flag in known
                     if flag in table_of and only in f"{command} {flag}"]
        jobs += [(words, try_refused, folder, words) for words in commands.REFUSED if only in words]
        return run_all(jobs)


# --- two fields at a time


def pair_in(first, second, order):
    """"both", "refused", or the field that makes no difference beside the other."""
    settings = [setting for field in order for setting in table.FIELDS[field]["settings"]]
    files = tuple(item for field in order for item in table.FIELDS[field].get("files", {}).items())

    def outcome(*letters):
        values = {place(f, table.FIELDS[f]): table.FIELDS[f]["values"]["ab".index(letter)] for f, letter in zip((first, second), letters)}
        return told_of(plants.yaml(plants.plant(*settings, values)), files)

    given = outcome("b", "b")
    if given.code == 2:
        return "refused", given
    for letters, field in (("ab", first), ("ba", second)):
        without = outcome(*letters)
        if (without.code, without.told) == (given.code, given.told):
            return field, given
    return "both", given


def try_pair(first, second):
    seen = [pair_in(first, second, order)[0] for order in ((first, second), (second, first))]
    if "both" in seen or seen == ["refused"] * 2 or frozenset((first, second)) in table.EXCUSED:
        return ""
    return f"{seen}"


def check_pairs(only, part="1/1"):
    number, of = map(int, part.split("/"))
    jobs = []
    for section in ("stations.", "sources."):
        fields = [f for f, case in table.FIELDS.items() if f.startswith(section) and "refused" not in case]
        jobs += [(f"{f} + {g}", try_pair, f, g) for f, g in itertools.combinations(fields, 2) if only in f or only in g]
    return run_all(jobs[number - 1::of])


# --- the negative control


def self_test():
    """A program that does not read `headway`, an entry without a difference, fields without an entry: all must be seen."""
    global RETWIN
    real, case, missed = RETWIN, table.FIELDS["stations.*.headway"], []
    with tempfile.TemporaryDirectory() as folder:
        deaf = pathlib.Path(folder, "retwin")
        deaf.write_text(f"#!/bin/sh\nsed -i 's/, headway: [0-9]* min//' p.yaml\nexec {real} \"$@\"\n")
        deaf.chmod(0o755)
        RETWIN = str(deaf)
        missed += ["a field that is not read"] if not try_field("stations.*.headway", case) else []
        missed += ["a field that is not read beside another"] if not try_pair("stations.*.headway", "stations.*.power") else []
        RETWIN = real
        told_of.cache_clear()
    missed += ["a field that is read"] if try_field("stations.*.headway", case) or try_pair("stations.*.headway", "stations.*.power") else []
    missed += ["equal values"] if not try_field("stations.*.duration", {**table.FIELDS["stations.*.duration"], "values": ("13 min", "780 s")}) else []
    missed += ["a value like none"] if not try_unit(units.PACKS, "stations.shred.dust", "0.1 %") else []
    missed += ["a field that is not refused"] if not try_alone("headway", "stations", ("1 min",)) else []
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "p.yaml").write_text(commands.FILES["p.yaml"])
        missed += ["an option without effect"] if not try_option(folder, "run", "p.yaml", commands.option("--jobs 1")) else []
        missed += ["an option that is not refused"] if not try_refused(folder, "run p.yaml --seed 3") else []
    known = table.FIELDS.pop("stations.*.headway")
    missed += ["a field without an entry"] if "stations.*.headway" not in without_entry(leaves(fields_of("scenario")), table.FIELDS) else []
    table.FIELDS["stations.*.headway"] = known
    print("\n".join(f"not as it should be: {what}" for what in missed) or "self-test passed")
    return len(missed)


def main():
    global RETWIN
    parser = argparse.ArgumentParser()
    parser.add_argument("--retwin", required=True)
    parser.add_argument("what", nargs="*", default=["fields"])
    parser.add_argument("--only", default="", help="those whose name has this in it")
    parser.add_argument("--part", default="1/1", help="of the pairs: every M-th from the N-th on")
    parser.add_argument("--self-test", action="store_true")
    given = parser.parse_args()
    RETWIN = os.path.abspath(given.retwin)
    if given.self_test:
        return 1 if self_test() else 0
    checks = {"fields": check_fields, "units": check_units, "alone": check_alone, "commands": check_commands,
              "pairs": lambda only: check_pairs(only, given.part)}
    return 1 if sum(checks[what](given.only) for what in given.what) else 0


if __name__ == "__main__":
    sys.exit(main())
