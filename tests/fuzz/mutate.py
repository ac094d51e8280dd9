#!/usr/bin/python3
"""Mutates what people give to the program - scenarios, what-ifs, library files, saved states, logs, state logs, meters, tables - and
runs the command line on it. Nothing may crash, hang, end with another code than 0, 1, 2 or 3, or print a NaN with code 0.

usage: mutate.py --retwin PATH [--count N] [--first N] [--limit SECONDS] [--jobs N] [--keep FOLDER] [KIND ...]

A mutation has a number: the same number gives the same input. --keep keeps what was found wrong, one folder per number.
"""
import argparse
import collections
import concurrent.futures
import hashlib
import pathlib
import random
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCENARIOS = ROOT / "scenarios"
NUMBERS = ["0", "-1", "1", "1e-12", "1e-300", "1e18", "1e20", "1e300", "1e308", "1e999", "nan", "inf", "-inf", "4294967295", "4294967296",
           "9999999999999999", "0.5", "100", "101", "1000000000", "-0", "0x10", "1,5", "1e-9"]
WORDS = ["", "''", "~", "[]", "{}", "true", "unlimited", "nowhere", "\"\"", "a b", "*x", "- - -", "\u00e4\u4e2d\U0001f50b", "2026-13-45",
         "electricity", "kind", "mass", "always", "Mon-Sun 00:00-24:00", "[1, 2, 3]", "{a: 1}", "{exponential: 0 s}", "x" * 3000]
UNITS = ["s", "h", "weeks", "kg", "t/h", "%", "kW", "m", "m3", "kWh/kg", "1/h", ""]
STAMPS = ["1e300", "1900-01-01 00:00:00", "9999-12-31T23:59:59Z", "0001-01-01", "-5", "1970-01-01", "2026-02-30", "1e17", "nan", "", "inf",
          "2026-01-05 08:00", "45000.5", "20260105080000", "2100-01-01"]
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])")
STAMP = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|\+00:00)?")
WORD = re.compile(r"[A-Za-z_][\w.]*")
QUOTED = re.compile(r'"[^"\n]*"')  # names and what stood in the input
NO_NUMBER = re.compile(r"(?<![\w])-?(?:nan|inf)(?:inity)?(?![\w])", re.IGNORECASE)


def replace(text, match, new):
    return text[:match.start()] + new + text[match.end():]


def mutate_text(rng, text):
    """One small change that keeps the shape of the text: a number, a word, a unit, a line, a stamp."""
    lines = text.split("\n")
    what = rng.randrange(9)
    if what <= 2 and (found := list(NUMBER.finditer(text))):
        match = rng.choice(found)
        new = rng.choice(NUMBERS) if rng.random() < 0.8 else str(float(match.group()) * 10 ** rng.randrange(-9, 10))
        return replace(text, match, new)
    if what == 3 and (found := list(WORD.finditer(text))):
        return replace(text, rng.choice(found), rng.choice(found).group())
    if what == 4 and (found := list(WORD.finditer(text))):
        return replace(text, rng.choice(found), rng.choice(WORDS + UNITS))
    if what == 5:
        del lines[rng.randrange(len(lines))]
    elif what == 6:
        lines.insert(rng.randrange(len(lines)), rng.choice(lines))
    elif what == 7 and (found := list(STAMP.finditer(text))):
        return replace(text, rng.choice(found), rng.choice(STAMPS))
    elif what == 7:
        k = rng.randrange(len(lines))
        key, colon, _ = lines[k].partition(": ")
        lines[k] = key + colon + rng.choice(WORDS + NUMBERS)
    else:
        at = rng.randrange(len(text) + 1)
        return text[:at] + rng.choice(["\0", "\t", "\x1b", "'", '"', "{", "]", ":", "\n", ",", ";", "%", "\ufeff", "\u202e"]) + text[at + rng.randrange(3):]
    return "\n".join(lines)


def mutated(rng, text):
    for _ in range(1 + (rng.random() < 0.4) + (rng.random() < 0.2)):
        text = mutate_text(rng, text)
    return text


def mutate_words(rng, data):
    """A saved state with other words and a checksum that fits."""
    data = bytearray(data[:-64])
    begin = 24 + struct.unpack_from("<Q", data, 16)[0]
    for _ in range(1 + rng.randrange(3)):
        size = rng.choice([1, 4, 8])
        at = begin + rng.randrange((len(data) - begin - 8) // size) * size if rng.random() < 0.95 else 24 + rng.randrange(begin - 24)
        old = int.from_bytes(data[at:at + size], "little")
        new = rng.choice([0, -1, old + 1, old - 1, old ^ 1 << rng.randrange(8 * size), rng.randrange(256), rng.getrandbits(64),
                          0x7ff8 << 48, 0x7ff0 << 48, 0x80000000, struct.unpack("<Q", struct.pack("<d", 1e300))[0]])
        data[at:at + size] = (new & ((1 << 8 * size) - 1)).to_bytes(size, "little")
    return bytes(data) + hashlib.sha256(data).hexdigest().encode()


def mutate_bytes(rng, data):
    """Bytes of a file that is no text, and texts within it."""
    data = bytearray(data)
    for _ in range(1 + rng.randrange(4)):
        at = rng.randrange(len(data))
        what = rng.randrange(4)
        if what == 0:
            data[at] = rng.randrange(256)
        elif what == 1:
            del data[at:at + rng.randrange(1, 50)]
        elif what == 2 and (found := list(re.finditer(rb"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", bytes(data)))):
            match = rng.choice(found)
            data[match.start():match.end()] = rng.choice([b"9999-12-31T23:59:59", b"1900-01-01T00:00:00", b"2026-99-99T00:00:00", b"0000000000000000000"])
        else:
            data[at:at] = data[at:at + rng.randrange(1, 30)]
    return bytes(data)


PLAN_TABLE = """plan,step,at,after,duration [s],load [kg]
p0,cut,press,,30,2
p0,bend,press,cut,60,
p1,cut,press,,,1
"""
PLAN_PLANT = """run: {duration: 1 week}
plan_table: plans.csv
attributes: {load: {unit: kg}}
sources: {f: {every: 10 min, attributes: {plan: {p0: 40 %, p1: 60 %}, load: 1 kg}, to: desk}}
stations:
  desk: {unit: plan, to: done}
  press: {duration: 5 min, servers: 2, to: desk}
sinks: [done]
"""
TRACE = "time [h],size\n0,1\n0.5,3\n2,2\n7.25,9\n"
TRACE_PLANT = """run: {duration: 2 d, terminating: true}
attributes: {size: {}}
sources: {f: {trace: trace.csv, repeat: 1 d, to: press}}
stations:
  press: {duration: "1 min + 30 s * size", buffer: 3, to: done}
sinks: [done]
"""
BLOCKS = "block,day,weight,time [h]\na,Mon-Fri,1,8\na,Mon-Fri,1,9.5\nb,Mon-Fri,2,10\nc,Sat,1,\n"
BLOCK_PLANT = """run: {duration: 2 weeks, terminating: true}
sources: {f: {blocks: blocks.csv, to: press}}
stations: {press: {duration: 5 min, to: done}}
sinks: [done]
"""
STATES = """machine,state,start,end,energy [kJ]
P1,working,2026-01-05 08:00:00,2026-01-05 10:00:00,7200
P1,down,2026-01-05 10:00:00,2026-01-05 10:30:00,100
P1,working,2026-01-05 10:30:00,2026-01-05 12:00:00,5000
P1,idle,2026-01-05 12:00:00,2026-01-05 13:00:00,300
P2,working,2026-01-05 08:00:00,2026-01-05 11:00:00,9000
P2,setup,2026-01-05 11:00:00,2026-01-05 11:20:00,60
P2,working,2026-01-05 11:20:00,2026-01-05 13:00:00,6100
"""
METERS = "time,machine,power [kW]\n" + "".join(
    f"2026-01-05 {8 + k // 4:02}:{15 * (k % 4):02}:00,{m},{v}\n" for k in range(20) for m, v in (("P1", 1 + k % 3), ("P2", 2 - k % 2)))
FLOWS = """stream,from,to,measured,sd
feed,,shredder,10,0.2
cells,shredder,sorter,8.9,0.2
dust,shredder,,1.2,0.1
steel,sorter,,1.6,0.1
mass,sorter,,7.4,0.3
"""
SHORT = ["--replications", "1", "--duration", "2 d", "--warmup", "0 s"]


class Bases:
    """The unmutated files, made once: logs and states by the program itself."""

    def __init__(self, retwin, folder):
        self.folder = folder
        self.plants = sorted(SCENARIOS.glob("plants/*.yaml"))
        self.variants = sorted(SCENARIOS.glob("what-if/*.yaml"))
        self.library = sorted(p for p in (SCENARIOS / "library").rglob("*.yaml"))
        small = [p for p in self.plants if p.stem in ("small", "demo", "job_shop", "line")]
        self.states, self.logs = [], []
        for plant in small:
            state = folder / f"{plant.stem}.state"
            self.make(retwin, ["run", plant, *SHORT, "--save", state])
            if state.exists():
                self.states.append((plant, state.read_bytes()))
        for ending in ("csv", "xes", "json", "sqlite"):
            log = folder / f"log.{ending}"
            self.make(retwin, ["run", SCENARIOS / "plants/job_shop.yaml", *SHORT, "--log", log])
            if log.exists():
                self.logs.append((ending, log.read_bytes()))
        self.line_log = folder / "line_log.csv"
        self.make(retwin, ["run", SCENARIOS / "plants/line.yaml", *SHORT, "--log", self.line_log])

    @staticmethod
    def make(retwin, words):
        subprocess.run([str(retwin), *map(str, words)], capture_output=True, timeout=300, check=False)


# --- kinds: each writes its mutated files into a folder and returns the command lines to run there

def scenario(rng, bases, folder):
    plant = rng.choice(bases.plants)
    (folder / "x.yaml").write_text(mutated(rng, plant.read_text()), encoding="utf-8", errors="surrogateescape")
    return [["check", "x.yaml"], ["run", "x.yaml", *SHORT, "--format", "json", "--trace", "t.csv", "--log", "l.csv"]]


def what_if(rng, bases, folder):
    variant = rng.choice(bases.variants)
    text = mutated(rng, variant.read_text()).replace("extends: ../plants/", f"extends: {SCENARIOS}/plants/")
    (folder / "x.yaml").write_text(text, encoding="utf-8", errors="surrogateescape")
    return [["check", "x.yaml"]]


def override(rng, bases, folder):
    plant = rng.choice(bases.plants)
    text = plant.read_text()
    section, name, key, path = "", "", "", ""
    for line in text.split("\n"):  # a path that may exist
        if match := re.match(r"(\w+):\s*$", line):
            section = match.group(1)
        elif match := re.match(r"  (\w+):", line):
            name = match.group(1)
            for key in re.findall(r"[{,]\s*(\w+):", line):
                if rng.random() < 0.1 or not path:
                    path = f"{section}.{name}.{key}"
    if rng.random() < 0.4:
        path = "run." + rng.choice(["duration", "warmup", "replications", "seed", "start", "year", "confidence"])
    value = rng.choice(WORDS + NUMBERS + [n + " " + u for n in NUMBERS[:12] for u in UNITS])
    return [["check", str(plant), "--set", f"{path}={value}"], ["run", str(plant), *SHORT, "--set", f"{path}={value}", "--format", "csv"]]


def library(rng, bases, folder):
    document = rng.choice(bases.library)
    there = folder / "lib" / document.relative_to(SCENARIOS / "library")
    there.parent.mkdir(parents=True)
    there.write_text(mutated(rng, document.read_text()), encoding="utf-8", errors="surrogateescape")
    return [["run", str(SCENARIOS / "plants/qingdao.yaml"), "--library", "lib", *SHORT, "--format", "json"]]


def state(rng, bases, folder):
    plant, data = rng.choice(bases.states)
    (folder / "x.state").write_bytes(mutate_words(rng, data))
    other = str(rng.choice(bases.states)[0] if rng.random() < 0.1 else plant)
    return [["run", other, "--from", "x.state", "--replications", "1", "--duration", "1 d", "--format", "json"]]


def log(rng, bases, folder):
    ending, data = rng.choice(bases.logs)
    name = "x." + ending
    if ending == "sqlite":
        (folder / name).write_bytes(mutate_bytes(rng, data))
    else:
        (folder / name).write_text(mutated(rng, data.decode()), encoding="utf-8", errors="surrogateescape")
    (folder / "whole.csv").write_bytes(bases.logs[0][1])
    return [["calibrate", "--discover", name, "-o", "c.yaml"], rng.choice([["drift", name], ["distances", "whole.csv", name]])]


def line_log(rng, bases, folder):
    (folder / "x.csv").write_text(mutated(rng, bases.line_log.read_text()), encoding="utf-8", errors="surrogateescape")
    return [["calibrate", str(SCENARIOS / "plants/line.yaml"), "x.csv", "-o", "c.yaml"],
            ["run", str(SCENARIOS / "plants/line.yaml"), *SHORT, "--log-state", "x.csv"]]


def machines(rng, bases, folder):
    states, meters = STATES, METERS
    if rng.random() < 0.5:
        states = mutated(rng, states)
    else:
        meters = mutated(rng, meters)
    (folder / "s.csv").write_text(states, encoding="utf-8", errors="surrogateescape")
    (folder / "m.csv").write_text(meters, encoding="utf-8", errors="surrogateescape")
    return [["machines", "s.csv", "--meters", "m.csv"], ["drift", "--states", "s.csv"]]


def reconcile(rng, bases, folder):
    (folder / "f.csv").write_text(mutated(rng, FLOWS), encoding="utf-8", errors="surrogateescape")
    return [["reconcile", "f.csv"]]


def table(rng, bases, folder):
    name, plant, content = rng.choice([("plans.csv", PLAN_PLANT, PLAN_TABLE), ("trace.csv", TRACE_PLANT, TRACE), ("blocks.csv", BLOCK_PLANT, BLOCKS)])
    if rng.random() < 0.75:
        content = mutated(rng, content)
    else:
        plant = mutated(rng, plant)
    (folder / "x.yaml").write_text(plant, encoding="utf-8", errors="surrogateescape")
    (folder / name).write_text(content, encoding="utf-8", errors="surrogateescape")
    return [["run", "x.yaml", "--replications", "1", "--format", "json"]]


KINDS = {f.__name__: f for f in (scenario, what_if, override, library, state, log, line_log, machines, reconcile, table)}
WEIGHTS = {"scenario": 4, "state": 4, "log": 2}


def attempt(number, kinds, bases, options):
    """Runs one mutation. Its kind, the exit codes, and what was wrong with it."""
    rng = random.Random(number)
    kind = rng.choice([k for k in kinds for _ in range(WEIGHTS.get(k, 1))])
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{number}-", dir=bases.folder))
    codes, wrong = [], []
    for command in KINDS[kind](rng, bases, folder):
        try:  # the limit counts the processor's time: other work on the machine does not matter
            done = subprocess.run([str(options.retwin), *command], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=60 * options.limit, check=False,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (options.limit, options.limit + 2)))
        except subprocess.TimeoutExpired:
            done = None
        if done is None or done.returncode in (-signal.SIGXCPU, 128 + signal.SIGXCPU, -signal.SIGKILL):
            wrong.append((command, f"did not end within {options.limit} s"))
            codes.append("time")
            continue
        codes.append(done.returncode)
        if done.returncode not in (0, 1, 2, 3):
            tail = done.stderr.decode(errors="replace").strip().split("\n")
            wrong.append((command, f"exit {done.returncode}: " + next((t for t in tail if "rror" in t), tail[-1])[:300]))
        elif done.returncode == 0 and (found := NO_NUMBER.search(QUOTED.sub("", done.stdout.decode(errors="replace")))):
            wrong.append((command, f"exit 0 with {found.group()} in what it prints"))
    if wrong and options.keep:
        shutil.copytree(folder, pathlib.Path(options.keep) / f"{kind}-{number}", dirs_exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    return number, kind, codes, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--retwin", required=True, type=pathlib.Path)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--limit", type=int, default=5, help="seconds of the processor for a command")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    options = parser.parse_args()
    options.retwin = options.retwin.resolve()
    kinds = options.kinds or list(KINDS)
    codes, runs, failures = collections.defaultdict(collections.Counter), collections.Counter(), []
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        bases = Bases(options.retwin, pathlib.Path(folder))
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            numbers = range(options.first, options.first + options.count)
            for number, kind, ended, wrong in pool.map(lambda n: attempt(n, kinds, bases, options), numbers):
                runs[kind] += 1
                codes[kind].update(ended)
                failures += [(number, kind, *w) for w in wrong]
    print(f"{'kind':10} {'mutations':>9}  exits of their commands")
    for kind in kinds:
        ends = ", ".join(f"{code}: {n}" for code, n in sorted(codes[kind].items(), key=str))
        print(f"{kind:10} {runs[kind]:9}  {ends}")
    print(f"{sum(runs.values())} mutations, numbers {options.first} to {options.first + options.count - 1}, "
          f"{sum(sum(c.values()) for c in codes.values())} commands; found wrong: {len(failures)}")
    for number, kind, command, what in failures:
        print(f"  {kind} {number}: retwin {' '.join(command)}: {what}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
