#!/usr/bin/python3
"""Mutates what people give to the program - scenarios, what-ifs, library files, saved states, logs, state logs, meters, tables - and
runs the command line on it. Nothing may crash, hang, end with another code than 0, 1, 2 or 3, or put out a NaN with code 0.

usage: mutate.py --server PATH [--count N] [--first N] [--limit SECONDS] [--jobs N] [--keep FOLDER] [KIND ...]
       mutate.py --server PATH --corpus FOLDER | --self-test

The server is `command_server` of the build: the command line itself, whose start is paid once (see command_server.cpp).
A mutation has a number: the same number gives the same input. --keep keeps what was found wrong, one folder per number.
What was found becomes the corpus: a folder of the input, with its command lines in the file `commands`.
SIGINT and SIGTERM end the campaign with a report of what was run.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from mutations import KINDS, ROOT, Bases, mutation

QUOTED = re.compile(r'"[^"\n]*"')  # names and what stood in the input
NAN = re.compile(r"(?<!\w)-?nan(?!\w)", re.IGNORECASE)
NO_NUMBER = re.compile(r"(?<!\w)-?(?:nan|inf|infinity)(?!\w)", re.IGNORECASE)
HEADING = re.compile(r"^.*, \d+ replications?, seed .*$", re.MULTILINE)  # of a report: the name of the plant, which may be "-inf"
FILE = "\n--- file\n"
WHOLE = 10  # one mutation in so many ends as processes end, the search for leaks included
SANITIZERS = {"ASAN_OPTIONS": "exitcode=99:allocator_may_return_null=1:quarantine_size_mb=16", "UBSAN_OPTIONS": "exitcode=99:print_stacktrace=1"}
NO_MEMORY = re.compile("not enough memory|out-of-memory|allocation-size-too-big|failed to allocate")
TOO_LONG = (signal.SIGXCPU, signal.SIGALRM, signal.SIGKILL)


class Server:
    """The command line, in a process of its own that forks for each command."""

    def __init__(self, path, limit, megabytes=3000):  # the sanitizers double what a command needs
        self.limit, self.megabytes = limit, megabytes
        self.process = subprocess.Popen([str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**SANITIZERS, **os.environ},
                                        start_new_session=True)  # an interruption of the terminal is ours to handle

    def run(self, folder, words, quick=False):
        """How the command ended: its exit code or the negative number of its signal, and what it printed."""
        request = {"folder": str(folder), "words": words, "seconds": self.limit, "megabytes": self.megabytes, "quick": quick}
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer.get("exit", -answer.get("signal", 0)), *((folder / name).read_text(errors="replace") for name in ("stdout", "stderr"))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def judge(code, out, err, limit):
    """Empty, or what is wrong with how a command ended and with what it put out."""
    if -code in TOO_LONG or code == 128 + signal.SIGXCPU:
        return f"did not end within {limit} s"
    if code != 0 and NO_MEMORY.search(err):
        return "took more memory than it may"
    if code not in (0, 1, 2, 3):
        lines = err.strip().split("\n")
        return f"exit {code}: " + next((line for line in lines if "rror" in line), lines[-1])[:300]
    return f"exit 0 with {what} in what it puts out" if code == 0 and (what := no_number(out)) else ""


def no_number(out):
    """A NaN in what was put out; or, in what was printed, something infinite: in tables a bound may be open."""
    printed, *files = out.split(FILE)
    found = NO_NUMBER.search(QUOTED.sub("", HEADING.sub("", printed))) or next(filter(None, (NAN.search(QUOTED.sub("", text)) for text in files)), None)
    return found and found.group()


def put_out(folder, before, out):
    """What a command printed and wrote, binary files apart."""
    written = [path for path in sorted(folder.rglob("*")) if path.is_file() and path not in before and path.suffix != ".sqlite"]
    return FILE.join([out, *(path.read_text(errors="replace") for path in written if path.name not in ("stdout", "stderr"))])


def attempt(number, kinds, bases, server, scratch, keep):
    """Runs one mutation: its kind, the exit codes, and what was wrong with it."""
    folder = scratch / str(number)
    folder.mkdir()
    codes, wrong = [], []
    kind, commands = mutation(number, kinds, bases, folder)
    for words in commands:
        before = {path for path in folder.rglob("*")}
        code, out, err = server.run(folder, words, quick=number % WHOLE != 0)
        codes.append(code)
        if what := judge(code, put_out(folder, before, out), err, server.limit):
            wrong.append((words, what))
            if keep:
                shutil.copytree(folder, pathlib.Path(keep) / f"{kind}-{number}", dirs_exist_ok=True)
    shutil.rmtree(folder)
    return number, kind, codes, wrong


def replay(server, corpus):
    """Runs what was found wrong once: the commands of every folder of the corpus."""
    found, done = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        for case in sorted(corpus.iterdir()):
            folder = pathlib.Path(shutil.copytree(case, pathlib.Path(scratch) / case.name))
            for line in (case / "commands").read_text().splitlines():
                words, before, done = shlex.split(line.replace("{root}", str(ROOT))), set(folder.rglob("*")), done + 1
                code, out, err = server.run(folder, words)
                if what := judge(code, put_out(folder, before, out), err, server.limit):
                    found.append(f"{case.name}: retwin {line}: {what}")
    server.close()
    print("\n".join(found) or f"{done} commands of the corpus: nothing wrong")
    return 1 if found or not done else 0


class Campaign:
    """Servers that take the next number each, and what came of them."""

    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.kinds = options.kinds or list(KINDS)
        self.codes, self.runs, self.failures = collections.defaultdict(collections.Counter), collections.Counter(), []
        self.numbers = iter(range(options.first, options.first + options.count))
        self.lock, self.began, self.stopped = threading.Lock(), time.monotonic(), False
        server = Server(options.server, options.limit * 10)
        self.bases = Bases(lambda words: server.run(scratch, words), scratch)
        server.close()

    def work(self):
        server = Server(self.options.server, self.options.limit)
        while not self.stopped:
            with self.lock:
                number = next(self.numbers, None)
            if number is None:
                break
            number, kind, codes, wrong = attempt(number, self.kinds, self.bases, server, self.scratch, self.options.keep)
            with self.lock:
                self.runs[kind] += 1
                self.codes[kind].update(codes)
                self.failures += [(number, kind, *w) for w in wrong]
                self.tell_progress()
        server.close()

    def tell_progress(self):
        if (done := sum(self.runs.values())) % 1000 == 0:
            print(f"{done} of {self.options.count}, {time.monotonic() - self.began:.0f} s, found wrong: {len(self.failures)}", file=sys.stderr, flush=True)

    def stop(self, *_):
        self.stopped = True

    def run(self):
        workers = [threading.Thread(target=self.work) for _ in range(self.options.jobs)]
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self.stop)
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def report(self):
        print(f"{'kind':10} {'mutations':>9}  exits of their commands")
        for kind in self.kinds:
            ends = ", ".join(f"{code}: {n}" for code, n in sorted(self.codes[kind].items()))
            print(f"{kind:10} {self.runs[kind]:9}  {ends}")
        done = sum(self.runs.values())
        lacking = done < self.options.count and not self.stopped
        print(f"{done} mutations, numbers {self.options.first} to {self.options.first + done - 1}{' (stopped before the end)' * self.stopped}{' (some were not run: a server ended)' * lacking}, "
              f"{sum(sum(c.values()) for c in self.codes.values())} commands; found wrong: {len(self.failures)}")
        for number, kind, words, what in sorted(self.failures, key=lambda f: f[0]):
            print(f"  {kind} {number}: retwin {shlex.join(words)}: {what}")
        return 1 if self.failures or lacking or not done else 0


# What command_server_control does, and what must be said of it.
CONTROL = {"0": "", "3": "", "nan": "exit 0 with nan", "70": "exit 70", "abort": "exit -6", "loop": "did not end", "memory": "took more",
           "nan-file": "exit 0 with nan"}


def self_test(server):
    """A program with known faults behind the same server: each must be seen."""
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server = Server(server, 2, 500)
        for word, expected in CONTROL.items():
            before = set(folder.rglob("*"))
            code, out, err = server.run(folder, [word])
            said = judge(code, put_out(folder, before, out), err, server.limit)
            if not said.startswith(expected) or (said and not expected):
                wrong.append(f"{word}: {said!r} instead of {expected!r}")
        server.close()
    print("\n".join(wrong) or f"{len(CONTROL)} endings told apart")
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--self-test", action="store_true", help="the server is then command_server_control")
    parser.add_argument("--corpus", type=pathlib.Path, help="replay what was found once")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--limit", type=int, default=5, help="seconds of the processor for a command")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    options = parser.parse_args()
    if options.self_test:
        return self_test(options.server)
    if options.corpus:
        return replay(Server(options.server, options.limit), options.corpus)
    with tempfile.TemporaryDirectory(prefix="mutations-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as scratch:
        campaign = Campaign(options, pathlib.Path(scratch))
        campaign.run()
        return campaign.report()


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main())
