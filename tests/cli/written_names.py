#!/usr/bin/python3
"""Whatever things are called, everything written is read back: by strict readers of YAML, CSV, XML, JSON and SQL, and by retwin itself.

usage: written_names.py --retwin PATH [--seeds N]      written_names.py --self-test

Names are drawn from what has gone wrong somewhere: quotes, ends of lines, what YAML, XML, Graphviz or a spreadsheet take for their own,
characters that command a terminal, names of 2 kB, bytes that are not UTF-8 in the name of a file. A log with such names is learned from,
the scenario is checked, run, drawn, and its logs are written in every format; a plant whose stations are called so is run. Nothing may
get into a file or on the terminal but as a name. The self-test gives the same checks the output of careless writers.
"""
import argparse
import csv
import io
import json
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import xml.parsers.expat

import yaml

PIECES = ['"', "'", "\\", ":", ": ", " #", "\n", "\r\n", "\t", "\nx: {y: 1}\n#", "- ", "{a}", "[b]", ",", ";", "&amp;", "&", "<b>", "]]>", "*", "!", "|", ">",
          "%", "@", "`", "~", "=1+1", "-x", "+", "é", "站", "🔋", "\x1b[31m", "\x07", "\x7f", "\u009b", "\u0085", "\u2028", "\uffff", "null", "'; DROP TABLE event"]
PLAIN = [piece for piece in PIECES if not re.search(r"[\s.\x00-\x1f\x7f-\x9f\uffff\u2028=+@]", piece)]  # what a scenario admits in a name
SECTIONS = {"name", "run", "plan_table", "tables", "calendars", "resources", "attributes", "sources", "stations", "sinks", "initial", "changes"}
COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")


def names(rng, pieces, count, mangled):
    """Different names, also after blanks, dots and control characters have become the same sign."""
    found = {}
    while len(found) < count:
        name = "".join(rng.choice(pieces) for _ in range(rng.randint(1, 4))) + rng.choice(["", "a", "B"]) + str(len(found))
        if mangled and len(found) == 1:
            name += "x" * 2000 + "é" * 20
        if not mangled and name[0] in "=+-@":
            name = "n" + name
        found.setdefault(re.sub(r"[\W_]+", "_", name), name)
    return list(found.values())


# --- what must hold of each kind of output; each gives the names it found --------------------------------------------------------


def check_terminal(data):
    text = data.decode("utf-8")
    assert not COMMANDS.search(text), f"a control character: {COMMANDS.search(text)[0]!r}"


def check_yaml(data):
    text = data.decode("utf-8")
    document = yaml.load(text, Loader=yaml.BaseLoader)
    assert set(document) <= SECTIONS, f"a section of its own: {sorted(set(document) - SECTIONS)}"
    return set(document["stations"])


def check_csv(data, column=None):
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
    assert rows and all(len(row) == len(rows[0]) for row in rows), "rows of different lengths"
    assert column is None or column in rows[0], f"no column {column}"
    return {row[rows[0].index(column)] for row in rows[1:]} if column else set()


def check_xml(data, key):
    found = set()

    def element(_, attributes):
        if attributes.get("key") == key:
            found.add(attributes["value"])
    parser = xml.parsers.expat.ParserCreate()
    parser.StartElementHandler = element
    parser.Parse(data, True)
    return found - {""}


def check_json(data):
    return {event["name"] for event in json.loads(data.decode("utf-8"))["eventTypes"]}


def check_sqlite(path):
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        types = dict(database.execute("SELECT ocel_type, ocel_type_map FROM event_map_type"))
        for table in types.values():
            database.execute('SELECT count(*) FROM "event_' + table.replace('"', '""') + '"').fetchone()
    return set(types)


# --- what is tried ---------------------------------------------------------------------------------------------------------------


class Trial:
    def __init__(self, retwin, seed):
        self.retwin, self.rng = str(retwin), random.Random(seed)

    def run(self, *words, code=0):
        done = subprocess.run([self.retwin, *words], cwd=self.folder, capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
        check_terminal(done.stderr)
        check_terminal(done.stdout)
        assert done.returncode == code, f"{words}: exit {done.returncode}: {done.stderr.decode()[:600]}"
        return done

    def bytes(self, name):
        return (self.folder / name).read_bytes()

    def learned(self):
        """A log with nasty names, to a scenario, to logs of it in every format."""
        steps, people = names(self.rng, PIECES, 4, True), names(self.rng, PIECES, 2, True)
        rows = io.StringIO(newline="")
        writer = csv.writer(rows)
        writer.writerow(["case_id", "activity", "start_time", "end_time", "resource"])
        for case in range(30):
            for k, step in enumerate(steps):
                day, minute = 1 + case // 6, 60 * (8 + case % 6) + 12 * k
                stamp = "2024-01-%02d %02d:%02d:00"
                end = minute + 3 + (case + k) % 5
                writer.writerow([f"c{case}{self.rng.choice(PIECES)}", step, stamp % (day, minute // 60, minute % 60), stamp % (day, end // 60, end % 60),
                                 people[k % 2]])
        log = os.fsencode(self.folder / ("log" + "".join(self.rng.sample([p for p in PIECES if "/" not in p], 3)))) + b"\xff.csv"
        with open(log, "wb") as file:
            file.write(rows.getvalue().encode())
        self.run("calibrate", "--discover", log, "-o", "cal.yaml")
        stations = check_yaml(self.bytes("cal.yaml"))
        assert len(stations) >= len(steps) + 1, f"{len(stations)} stations of {len(steps)} activities"
        for table in ("plans", "history", "arrivals", "parameters"):
            check_csv(self.bytes(f"cal_{table}.csv"))
        self.run("check", "cal.yaml")
        self.run("distances", log, log)
        self.run("drift", log)
        formats = {}
        for ending, check in (("csv", lambda p: check_csv(p.read_bytes(), "activity")), ("xes", lambda p: check_xml(p.read_bytes(), "concept:name")),
                              ("json", lambda p: check_json(p.read_bytes())), ("sqlite", check_sqlite)):
            self.run("run", "cal.yaml", "--log", f"out.{ending}")
            formats[ending] = check(self.folder / f"out.{ending}") & stations
        assert len(formats["csv"]) >= len(steps), f"{len(formats['csv'])} activities in the log of {len(steps)}"
        assert all(found == formats["csv"] for found in formats.values()), "the formats differ in the names of activities"
        for ending in ("xes", "json", "sqlite"):
            same = json.loads(self.run("distances", "out.csv", f"out.{ending}", "--format", "json").stdout)
            assert same["NGD"] == 0, f"retwin reads other activities from out.{ending} than from out.csv: {same}"
        self.run("validate", "cal.yaml", log, "--replications", "2", "--draws", "1")

    def named(self):
        """A plant whose stations are called so, to tables, traces and pictures."""
        stations = names(self.rng, PLAIN, 4, False)
        plant = {"name": "".join(self.rng.choice(["\n", '"', "&", "<x>", "é", "\\"]) for _ in range(4)),
                 "run": {"duration": "1 d", "terminating": "true"}, "sinks": ["done"],
                 "sources": {"feed": {"every": "10 min", "to": stations[0]}},
                 "stations": {name: {"duration": "1 min", "to": after} for name, after in zip(stations, stations[1:] + ["done"])}}
        (self.folder / "plant.yaml").write_text(json.dumps(plant, ensure_ascii=False))
        self.run("run", "plant.yaml", "--out", "out", "--trace", "trace.csv", "--log", "log.xes", "--save", "state")
        assert check_csv(self.bytes("out/stations.csv"), "station") == set(stations)
        assert check_csv(self.bytes("out/buffers.csv"), "station") == set(stations)
        paths = set(json.loads(self.bytes("out/result.json"))["kpis"])
        assert paths == check_csv(self.bytes("out/kpis.csv"), "path")
        assert all(f"stations.{name}.utilisation" in paths for name in stations), "a station is missing in result.json"
        assert check_csv(self.bytes("trace.csv"), "place") == {*stations, "feed", "done"}
        assert check_xml(self.bytes("log.xes"), "concept:name") >= set(stations)
        self.run("run", "plant.yaml", "--from", "state")
        self.run("draw", "plant.yaml", "-o", "plant.dot")
        if shutil.which("dot"):
            self.run("draw", "plant.yaml", "-o", "plant.svg")
            shown = []
            parser = xml.parsers.expat.ParserCreate()
            parser.CharacterDataHandler = shown.append
            parser.Parse(self.bytes("plant.svg"), True)
            assert all(name in "".join(shown) for name in stations), "a station is missing in the picture"

    def refused(self):
        """Names that would not be shown as they are, or be formulas, are refused with their place."""
        for name in ("\x1b[31m", "a\uffff", "\u009b2J", "=1+1", "-x", "@a", "n" * 201):
            plant = {"sources": {"feed": {"every": "10 min", "to": name}}, "stations": {name: {"duration": "1 min", "to": "done"}}, "sinks": ["done"]}
            (self.folder / "bad.yaml").write_text(json.dumps(plant, ensure_ascii=False))
            assert b"bad.yaml:1:" in self.run("check", "bad.yaml", code=2).stderr

    def all(self):
        failures = []
        for part in (self.learned, self.named, self.refused):
            with tempfile.TemporaryDirectory() as name:
                self.folder = pathlib.Path(name)
                try:
                    part()
                except (AssertionError, UnicodeDecodeError, yaml.YAMLError, csv.Error, xml.parsers.expat.ExpatError, ValueError, sqlite3.Error, KeyError) as error:
                    failures.append(f"{part.__name__}: {type(error).__name__}: {str(error)[:800]}")
        return failures


# Output of careless writers, and the check that must not pass it.
CARELESS = [
    (check_terminal, b"station \x1b[31mpress\n"), (check_terminal, "station \u009b31m\n".encode()), (check_terminal, b"\xff\n"),
    (check_yaml, b"# from x\nauxiliaries: {evil: {power: 1 MW}}\n#.csv\nstations: {a: {}}\n"), (check_yaml, b'stations: {"a"b": {}}\n'),
    (check_yaml, b"name: a\x1bb\nstations: {a: {}}\n"), (check_yaml, b"name: \xff\nstations: {a: {}}\n"),
    (check_yaml, "# a\u0085x: {evil: 1}\nstations: {a: {}}\n".encode()), (check_csv, b'a,b\n"x"y,1\n'), (check_csv, b"a,b\nx,y,1\n"), (check_csv, b"a\n\xff\n"),
    (lambda data: check_xml(data, "k"), b'<log k="a"b"/>'), (lambda data: check_xml(data, "k"), b"<log k='\x1b'/>"), (lambda data: check_xml(data, "k"), "<log k='\uffff'/>".encode()),
    (check_json, b'{"eventTypes": [{"name": "a"b"}]}'), (check_json, b'{"eventTypes": [{"name": "a\nb"}]}'),
]
CAREFUL = [
    (check_terminal, "station é 站\tx\n".encode()), (check_yaml, '# x\nname: "a\\x1bb"\nstations: {"a: b": {}}\n'.encode()), (check_csv, b'a,b\n"x""y\nz",1\n'),
    (lambda data: check_xml(data, "k"), '<log k="a&quot;b&#10;é"/>'.encode()), (check_json, b'{"eventTypes": [{"name": "a\\"b\\n"}]}'),
]


def self_test():
    wrong = []
    for check, data in CARELESS:
        try:
            check(data)
            wrong.append(f"not caught: {data!r}")
        except (AssertionError, UnicodeDecodeError, yaml.YAMLError, csv.Error, xml.parsers.expat.ExpatError, ValueError):
            pass
    for check, data in CAREFUL:
        check(data)
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print(f"written_names: {len(CARELESS)} careless outputs, {len(wrong)} not caught")
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--retwin", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    failed = 0
    for seed in range(options.seeds):
        for failure in Trial(options.retwin.resolve(), seed).all():
            print(f"seed {seed}: {failure}")
            failed += 1
    print(f"written_names: {options.seeds} sets of names, {failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
