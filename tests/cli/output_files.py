#!/usr/bin/python3
"""No output destroys an input: every command, every option that names a file, every way to name the same file.

usage: output_files.py --retwin PATH      output_files.py --self-test

The table says which options of a command are read and which are written; a command or an option that the help knows and the table does
not is a failure. Where an output is an input, another output, or has no name, the command must refuse (exit 1) before it reads
anything; where it is a file that only an input names (exit 2); in both cases every file stays as it was. Other programs than the one
under test are tried by the self-test: one that writes what it was told to must be caught.
"""
import argparse
import itertools
import os
import pathlib
import re
import stat
import subprocess
import sys
import tempfile

# Per command: words that make it run, options to read, options to write; {name} is a file that every folder gets. Options that name an
# input by position are given as words.
TABLE = {
    "run": (["plant.yaml"], {"--from": "state.bin", "--log-state": "log.csv"}, {"--out": "", "--outcomes": "", "--trace": "", "--states": "", "--log": ".csv", "--series": "", "--ledger": "", "--save": "", "--performance": "", "--report": ""}),
    "compare": (["plant.yaml", "other.yaml"], {}, {"--out": "", "--report": ""}),
    "regress": (["plant.yaml"], {}, {"--junit": ".xml"}),
    "bottleneck": (["plant.yaml"], {}, {"--report": ""}),
    "sweep": (["study.yaml"], {}, {"--results": "", "--out": "", "--report": ""}),
    "select": (["study.yaml"], {}, {"--results": "", "--out": "", "--report": ""}),
    "optimise": (["study.yaml"], {}, {"--results": "", "--out": "", "--report": ""}),
    "merge": (["study.yaml", "shard.sqlite"], {}, {"--results": "", "--out": "", "--report": ""}),
    "carbon": (["plant.yaml"], {"--ledger": "l.ledger"}, {"--report": ""}),
    "comply": (["plant.yaml"], {}, {}),
    "balance": (["plant.yaml"], {}, {}),
    "cost": (["plant.yaml"], {"--ledger": "l.ledger"}, {}),
    "task": (["tasks.jsonl"], {}, {}),
    "calibrate": (["plant.yaml", "log.csv"], {"--states": "states.csv", "--flows": "flows.csv", "--assays": "assays.csv", "--meters": "meters.csv"}, {"--out": ".yaml"}),
    "machines": (["states.csv"], {"--meters": "meters.csv", "--mass": "mass.csv", "--extends": "plant.yaml"}, {"--out": ".yaml"}),
    "draw": (["plant.yaml"], {}, {"--output": ".dot"}),
    "check": (["plant.yaml"], {}, {}),
    "validate": (["plant.yaml", "log.csv"], {"--past": "past.csv"}, {"--report": ""}),
    "distances": (["log.csv", "past.csv"], {}, {}),
    "reconcile": (["flows.csv"], {}, {}),
    "drift": (["log.csv"], {"--states": "states.csv", "--meters": "meters.csv", "--mass": "mass.csv"}, {}),
    "new": ([], {}, {}), "explain": ([], {}, {}), "list": ([], {}, {}), "schema": ([], {}, {}),
}
FOLDERS = {("run", "--out"), *((command, "--out") for command in ("compare", "sweep", "select", "optimise", "merge"))}  # options that name a folder, which cannot be an input
LIBRARY = {"--library", "--baseline"}  # folders that are read, of which single documents are looked up
REQUIRED = {"regress": ["--baseline", "kept"]}  # words beside those of the table, without which a command is refused
PLANT = """extends: base.yaml
plan_table: plans.csv
sources: {feed: {trace: trace.csv, to: press}, jobs: {every: 1 h, limit: 1, attributes: {plan: {a: 100 %}}, to: hub}}
stations: {hub: {unit: plan, to: done}}
"""
FILES = {
    "plant.yaml": PLANT,
    "base.yaml": "run: {duration: 1 d, terminating: true}\nstations: {press: {duration: 1 min, to: done}, saw: {duration: 1 min, to: hub}}\nsinks: [done]\n",
    "other.yaml": "sources: {feed: {every: 1 h, to: press}}\nstations: {press: {duration: 1 min, to: done}}\nsinks: [done]\n",
    "plans.csv": "plan,step,at\na,1,saw\n", "trace.csv": "time [h]\n1\n2\n",
    "log.csv": "case_id,activity,start_time,end_time\n1,press,2026-01-05 08:00:00,2026-01-05 08:01:00\n",
    "states.csv": "machine,state,start,end\npress,working,2026-01-05 08:00:00,2026-01-05 09:00:00\n",
}
NAMED_BY_PLANT = ["base.yaml", "plans.csv", "trace.csv"]
FILE_TYPES = r"FILE|DIR|LOG|PLANT"


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


class Trial:
    """One command in a folder of its own."""

    def __init__(self, retwin):
        self.retwin, self.failures, self.count = retwin, [], 0

    def run(self, folder, words):
        return subprocess.run([str(self.retwin), *words], cwd=folder, capture_output=True, timeout=60, stdin=subprocess.DEVNULL)

    def folder(self):
        folder = pathlib.Path(self.parent.name) / str(self.count)
        folder.mkdir()
        inputs = {name for words, reads, _ in TABLE.values() for name in [*words, *reads.values()]}
        for name in inputs | set(FILES):
            (folder / name).write_text(FILES.get(name, "x\n"))
        self.count += 1
        return folder

    def refused(self, words, code, prepare=None):
        folder = self.folder()
        if prepare:
            prepare(folder)
        before = contents(folder)
        done = self.run(folder, words)
        if done.returncode != code:
            self.failures.append(f"{' '.join(words)}: exit {done.returncode}, not {code}: {done.stderr.decode(errors='replace')[:200]}")
        elif contents(folder) != before:
            self.failures.append(f"{' '.join(words)}: a file was written or changed")

    def command(self, name):
        words, reads, writes = TABLE[name]
        begin = [*words, *REQUIRED.get(name, [])]
        given = list(itertools.chain(*reads.items())) if name != "run" else []  # those of run exclude one another
        if name in ("validate", "distances", "reconcile", "check", "drift", "explain", "list", "schema"):
            return
        for option, ending in writes.items():
            self.refused([name, *begin, option, ""], 1)
            self.refused([name, *begin, option, "x\ny" + ending], 1)
            for other in writes:
                if other != option and (name, option) not in FOLDERS and (name, other) not in FOLDERS:
                    self.refused([name, *begin, option, "new" + ending, other, "./new" + ending], 1)
            if (name, option) in FOLDERS:
                self.refused([name, *begin, option, "out", "--trace", "out/kpis.csv"], 1)
                continue
            for read, file in [(None, word) for word in words] + list(reads.items()):
                more = given if name != "run" or read is None else [read, file]
                if pathlib.PurePath(file).suffix == ending or ending == "":
                    self.refused([name, *begin, *more, option, file], 1)
                    self.refused([name, *begin, *more, option, "./" + file], 1)
                link = "link" + ending
                self.refused([name, *begin, *more, option, link], 1, lambda folder: (folder / link).symlink_to(file))
                self.refused([name, *begin, *more, option, link], 1, lambda folder: os.link(folder / file, folder / link))
            if "plant.yaml" in words and name != "calibrate":
                for file in NAMED_BY_PLANT:
                    link = "named" + ending
                    self.refused([name, *begin, option, link], 2, lambda folder: (folder / link).symlink_to(file))

    def help(self, name):
        """What the help of a command names and the table does not."""
        with tempfile.TemporaryDirectory() as folder:
            text = self.run(folder, [name, "--help"]).stdout.decode()
        known = {option for part in TABLE[name][1:] for option in part} | LIBRARY
        for flags in re.findall(rf"^  ((?:-\w,)?--[\w,-]+) (?:{FILE_TYPES})\b", text, re.MULTILINE):
            if not known & set(flags.split(",")):
                self.failures.append(f"{name} {flags}: not in the table of this test")

    def all(self):
        with tempfile.TemporaryDirectory() as folder:
            commands = re.findall(r"^  ([a-z]+) ", self.run(folder, ["--help"]).stdout.decode().partition("Subcommands")[2], re.MULTILINE)
        self.failures += [f"{name}: not in the table of this test" for name in set(commands) - set(TABLE)]
        with tempfile.TemporaryDirectory() as parent:
            self.parent = type("Parent", (), {"name": parent})
            for name in TABLE:
                self.help(name)
                self.command(name)
        return self.failures


# Writes every file that an option of the table names, and is content.
CARELESS = """#!/usr/bin/python3
import os, sys
if "--help" in sys.argv: sys.exit("Subcommands\\n  run x")
for word in sys.argv[2:]:
    if word and not word.startswith("-"): os.makedirs(os.path.dirname(word) or ".", exist_ok=True); open(word, "a").write("!")
sys.exit(%d)
"""


def self_test():
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for code in (0, 1):
            program = pathlib.Path(folder) / f"careless_{code}"
            program.write_text(CARELESS % code)
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            trial = Trial(program)
            trial.all()
            # refusals that came with the code of a refusal, but after the damage, are failures as well
            wrong += len(trial.failures) < trial.count
    print(f"output_files: {'a careless program was not caught' if wrong else 'careless programs are caught'}")
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--retwin", type=pathlib.Path)
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    trial = Trial(options.retwin.resolve())
    failures = trial.all()
    print(*failures, sep="\n", end="\n" if failures else "")
    print(f"output_files: {trial.count} commands, {len(failures)} wrong")
    return 1 if failures or trial.count < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
