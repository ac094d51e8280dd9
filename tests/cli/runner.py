#!/usr/bin/python3
"""Runs the cases of the command line: each *.case file says a command, its input files and what must come of it.

usage: runner.py --retwin PATH [--jobs N] [CASE or FOLDER ...]      runner.py --self-test

A case runs in an empty folder of its own. Lines before the first file are `key: value`, `#` starts a comment:

    run: retwin check plant.yaml     a step; the lines below it are about it, until the next `run:`; {root} is the repository
    exit: 2                          exit code (0 if not said)
    stdout: text                     occurs in standard output, perhaps over the end of a line; any number of these
    stderr: [unit]                   occurs in standard error
    stderr: plant.yaml:6:17
    not stdout: text                 does not occur; also `not stderr:`
    empty: stdout                    nothing was written there; also `empty: stderr`
    writes: out/kpis.csv             this file exists after the step (a file, not empty)
    json: stdout                     it is one JSON document; also a file
    same: a/x.json b/x.json          these files have the same bytes after the step; also `differ:`
    signal: INT 0.5                  this signal is sent after so many seconds
    limit: 20                        seconds it may take (60 if not said)
    env: PATH=/nowhere               a variable of the environment of this step
    change: s.state = data[:100]     after the step, this file gets these bytes, made from its own
    needs: dot                       before the first step: skipped with a message where this program is missing
    bytes: big.yaml = b"[" * 100     an input file from a Python expression, for what cannot be shown as text
    --- plant.yaml                   an input file as text: all lines up to the next `--- ` line
    name: a plant

A step whose exit code is not 0 must leave the folder as it found it: no file new, none changed, unless named by `writes:`.
A step that ends by a signal or after its limit fails in any case.
"""
import argparse
import concurrent.futures
import gzip
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
KEYS = {"exit", "stdout", "stderr", "not stdout", "not stderr", "empty", "writes", "json", "same", "differ", "limit", "env", "change",
        "signal"}
BUILTINS = {f.__name__: f for f in (bytes, range, str, len, float, enumerate)}
BUILTINS["packed"] = lambda data: gzip.compress(data, mtime=0)


def evaluate(expression, **names):
    """Bytes from a Python expression of a case file."""
    return bytes(eval(expression, {"__builtins__": BUILTINS}, names))


class BadCase(Exception):
    """The case file itself is wrong."""


class Skipped(Exception):
    """A program that the case needs is missing."""


def parse(path):
    """Input files {name: bytes} and steps [(command line, [(key, value), ...])] of a case."""
    inputs, steps, current = {}, [], None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("--- "):
            current = line[4:].strip()
            inputs[current] = b""
        elif current is not None:
            inputs[current] += line.encode() + b"\n"
        elif line.strip() and not line.startswith("#"):
            key, colon, value = (part.strip() for part in line.partition(":"))
            if key == "run" and value.split()[:1] == ["retwin"]:
                steps.append((value, []))
            elif key == "bytes" and "=" in value:
                name, _, expression = value.partition("=")
                inputs[name.strip()] = evaluate(expression)
            elif key == "needs" and not steps:
                if not shutil.which(value):
                    raise Skipped(value)
            elif colon and key in KEYS and steps:
                steps[-1][1].append((key, value))
            else:
                raise BadCase(f"line {number}: not understood: {line}")
    if not steps:
        raise BadCase("no `run: retwin ...`")
    return inputs, steps


def contents(folder):
    """State of a folder: every entry with size and time of change."""
    return {str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns) if path.is_file() else None
            for path in sorted(folder.rglob("*"))}


def is_json(text):
    try:
        json.loads(text)
        return True
    except ValueError:
        return False


def check_step(retwin, folder, command, expectations):
    """Runs one step; returns what is wrong with it."""
    wanted = {"exit": "0", "limit": "60", **{key: value for key, value in expectations if key in ("exit", "limit")}}
    writes = [value for key, value in expectations if key == "writes"]
    environment = {**os.environ, **dict(value.split("=", 1) for key, value in expectations if key == "env")}
    words = [str(retwin)] + shlex.split(command.replace("{root}", str(ROOT)))[1:]
    before = contents(folder)
    signals = [value.split() for key, value in expectations if key == "signal"]
    with subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment) as done:
        timers = [threading.Timer(float(after), done.send_signal, [signal.Signals["SIG" + name]]) for name, after in signals]
        for timer in timers:
            timer.start()
        try:
            output = done.communicate(timeout=float(wanted["limit"]))
        except subprocess.TimeoutExpired:
            done.kill()
            return [f"still running after {wanted['limit']} s"]
        finally:
            for timer in timers:
                timer.cancel()
    streams = dict(zip(("stdout", "stderr"), (text.decode(errors="replace") for text in output)))
    said = {name: text + "\n" + re.sub(r"\n  (?=\S)", " ", text) for name, text in streams.items()}  # also with paragraphs in one line
    wrong = []
    if done.returncode < 0:
        wrong.append(f"ended by signal {-done.returncode}")
    if done.returncode != int(wanted["exit"]):
        wrong.append(f"exit code {done.returncode}, expected {wanted['exit']}")
    for key, value in expectations:
        if key in streams and value not in said[key]:
            wrong.append(f"{key} lacks: {value}")
        elif key.startswith("not ") and value in said[key[4:]]:
            wrong.append(f"{key[4:]} has: {value}")
        elif key == "empty" and streams[value]:
            wrong.append(f"{value} is not empty")
        elif key == "json" and not is_json(streams[value] if value in streams else (folder / value).read_text()):
            wrong.append(f"{value} is not JSON")
        elif key in ("same", "differ"):
            one, other = ((folder / name).read_bytes() for name in value.split())
            if (one == other) != (key == "same"):
                wrong.append(f"not {key}: {value}")
        elif key == "writes" and not ((folder / value).is_file() and (folder / value).stat().st_size):
            wrong.append(f"not written: {value}")
    if done.returncode != 0:
        after = contents(folder)
        for name in sorted(name for name in before.keys() | after.keys() if before.get(name, 0) != after.get(name, 0)):
            if not any(name == write or write.startswith(name + "/") for write in writes):
                wrong.append(f"exit code {done.returncode}, yet {name} was written or changed")
    for name, _, expression in (value.partition("=") for key, value in expectations if key == "change"):
        file = folder / name.strip()
        file.write_bytes(evaluate(expression, data=file.read_bytes()))
    if wrong:
        wrong += [f"  {stream} | {line}" for stream, text in streams.items() for line in text.splitlines()[:12]]
    return wrong


def run_case(retwin, path):
    """What is wrong with a case, as lines; nothing if it passes."""
    try:
        inputs, steps = parse(path)
    except Skipped as missing:
        print(f"{path.name}: skipped, there is no program {missing}")
        return []
    except (BadCase, SyntaxError, NameError, TypeError, UnicodeDecodeError) as error:
        return [f"bad case file: {error}"]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for file, data in inputs.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(data)
        wrong = []
        for command, expectations in steps:
            try:
                found = check_step(retwin, folder, command, expectations)
            except OSError as error:
                found = [str(error)]
            wrong += [f"{command}: {line}" if not line.startswith(" ") else line for line in found]
        return wrong


def run_all(retwin, paths, jobs):
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(lambda path: run_case(retwin, path), paths))
    failed = [(path, wrong) for path, wrong in zip(paths, results) if wrong]
    for path, wrong in failed:
        print(f"FAILED {path.name}", *("    " + line for line in wrong), sep="\n")
    print(f"cli: {len(paths)} cases, {len(failed)} failed")
    return 1 if failed or not paths else 0


# Negative control: a stand-in for the program with known behaviour, cases that pass on it and cases that must not.
STAND_IN = """#!/bin/sh
[ "$1" != json ] || { echo "[$2]"; exit; }
echo "to stdout: $*$EXTRA"; echo "plant.yaml:1:7: error [unit]: no" >&2
[ "$1" != write ] || echo x > "$2"
[ "$1" != crash ] || kill -SEGV $$
[ "$1" != sleep ] || sleep 5
[ "$1" != trap ] || { trap 'exit 9' TERM; while :; do sleep 0.1; done; }
exit "${3:-0}"
"""
PASSING = ["run: retwin check plant.yaml 2\nexit: 2\nstderr: [unit]\nstderr: plant.yaml:1:7\nnot stdout: error\n--- plant.yaml\na: 1\n",
           "run: retwin write out.csv\nwrites: out.csv\nrun: retwin write out.csv 3\nexit: 3\nwrites: out.csv",
           "bytes: x.yaml = b'[' * 3\nrun: retwin check x.yaml\nstdout: x.yaml",
           "run: retwin json 1\njson: stdout", "run: retwin check\nenv: EXTRA=more\nstdout: more",
           "run: retwin trap\nsignal: TERM 0.5\nexit: 9\nlimit: 10",
           "needs: no-such-program\nrun: retwin check\nstdout: nonsense",
           "run: retwin write a\nrun: retwin write b\nsame: a b\nchange: b = data + b'x'\nrun: retwin check\ndiffer: a b"]
FAILING = {"wrong exit code": "run: retwin check p 2", "missing text": "run: retwin check p\nstderr: [range]",
           "text that must not be there": "run: retwin check p\nnot stderr: [unit]", "not empty": "run: retwin check\nempty: stderr",
           "nothing written": "run: retwin check p\nwrites: out.csv", "crash": "run: retwin crash\nexit: 139",
           "ended by a signal": "run: retwin trap\nsignal: KILL 0.2\nexit: 137",
           "half a file left": "run: retwin write out.csv 2\nexit: 2", "input changed": "run: retwin write p 2\nexit: 2\n--- p\nabc\n",
           "too slow": "run: retwin sleep\nlimit: 0.2", "no command": "exit: 2", "unknown key": "run: retwin check\nexti: 2",
           "not JSON": "run: retwin json ,\njson: stdout", "other bytes": "run: retwin write a\nrun: retwin check\nsame: a x\n--- x\ny\n",
           "same bytes": "run: retwin write a\nrun: retwin check\ndiffer: a x\n--- x\nx\n", "no such file": "run: retwin check\nsame: a b",
           "another program": "run: rm x", "second step": "run: retwin check\nrun: retwin check p 2"}


def self_test():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        retwin = folder / "retwin"
        retwin.write_text(STAND_IN)
        retwin.chmod(retwin.stat().st_mode | stat.S_IXUSR)
        case = folder / "x.case"
        missed = []
        for text in PASSING:
            case.write_text(text)
            missed += [f"should pass: {text}: {line}" for line in run_case(retwin, case)]
        for what, text in FAILING.items():
            case.write_text(text)
            if not run_case(retwin, case):
                missed.append(f"not caught: {what}")
    print(*missed, sep="\n", end="\n" if missed else "")
    print(f"runner: {len(PASSING)} cases that pass, {len(FAILING)} that must not, {len(missed)} wrong")
    return 1 if missed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--retwin", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("cases", nargs="*", type=pathlib.Path, default=[HERE])
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    if not options.retwin:
        parser.error("--retwin is needed")
    paths = [path for case in options.cases for path in (sorted(case.rglob("*.case")) if case.is_dir() else [case])]
    return run_all(options.retwin.resolve(), paths, options.jobs)


if __name__ == "__main__":
    sys.exit(main())
