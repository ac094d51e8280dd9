#!/usr/bin/python3
"""Nothing of a study is lost, whoever runs it: killed at random moments and gone on with, or cut into shards, it comes to the same bytes.

usage: studies.py --retwin PATH [--kills N]

A sweep is killed (-9) N times on its way, each time at another moment, and then let finish: its CSV and its file are those of a sweep that was left
alone. So are those of its shards, merged in any order; of a selection and an optimisation that were killed, the report. The control: with another seed
they are not. A file that is damaged, or another study's, is refused and left as it was.
"""
import argparse
import contextlib
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
STUDY = """scenario: {plant}
decisions:
  speed: {{path: stations.desk.duration.exponential, values: [0.3 s, 0.4 s, 0.5 s]}}
  feed: {{path: sources.in.every.exponential, values: [x 1, x 1.25]}}
seed: {seed}
replications: 40
responses: [plant.throughput, plant.cycle_time]
minimise: plant.cycle_time
select: {{indifference: 0.05 s, first: 20, budget: 3000}}
optimise: {{budget: 400, first: 5}}
"""


class Failures(list):
    def expect(self, good, what):
        print(("ok    " if good else "WRONG ") + what)
        if not good:
            self.append(what)


class Studies:
    def __init__(self, retwin, folder):
        self.retwin, self.folder, self.draw = str(retwin), pathlib.Path(folder), random.Random(7)
        self.study = self.write("study.yaml", 1)

    def write(self, name, seed):
        path = self.folder / name
        path.write_text(STUDY.format(plant=HERE / "queue.yaml", seed=seed))
        return path

    def run(self, command, results, *words, study=None, code=0):
        done = subprocess.run([self.retwin, command, str(study or self.study), *words, "--results", str(self.folder / results), "--format", "json" if command == "optimise" else "csv"],
                              capture_output=True, timeout=300)
        assert done.returncode == code, done.stderr.decode()
        return done.stdout

    def killed(self, command, results, kills):
        """Killed so many times, then let finish. How often it really was on its way, and what it came to."""
        began = time.monotonic()
        self.run(command, "measured.sqlite")
        takes = time.monotonic() - began
        (self.folder / "measured.sqlite").unlink()
        caught = 0
        for _ in range(kills):
            process = subprocess.Popen([self.retwin, command, str(self.study), "--results", str(self.folder / results)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(self.draw.uniform(0.01, takes))
            caught += process.poll() is None
            process.kill()
            process.wait()
        return caught, self.run(command, results)

    def bytes_of(self, name):
        return (self.folder / name).read_bytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--retwin", type=pathlib.Path, required=True)
    parser.add_argument("--kills", type=int, default=5)
    given = parser.parse_args()
    failures = Failures()
    with tempfile.TemporaryDirectory() as folder:
        studies = Studies(given.retwin.resolve(), folder)
        alone = studies.run("sweep", "alone.sqlite")
        with contextlib.closing(sqlite3.connect(studies.folder / "alone.sqlite")) as file:
            rows = file.execute("SELECT count(*), count(DISTINCT point) FROM results").fetchone()
        failures.expect(rows == (6 * 40, 6) and len(alone.splitlines()) == 1 + 6, "a sweep has a row for every point and replication")
        caught, table = studies.killed("sweep", "killed.sqlite", given.kills)
        failures.expect(table == alone and studies.bytes_of("killed.sqlite") == studies.bytes_of("alone.sqlite"),
                        f"killed {given.kills} times ({caught} on its way), the sweep has the same bytes")
        for k in (3, 1, 2):
            studies.run("sweep", f"shard{k}.sqlite", "--shard", f"{k}/3")
        merged = studies.run("merge", "merged.sqlite", *(str(studies.folder / f"shard{k}.sqlite") for k in (2, 3, 1)))
        failures.expect(merged == alone and studies.bytes_of("merged.sqlite") == studies.bytes_of("alone.sqlite"), "three shards, merged, are the same bytes")
        failures.expect(studies.run("sweep", "alone.sqlite") == alone, "a sweep that is complete is told again")
        failures.expect(studies.run("sweep", "one.sqlite", "--jobs", "1") == alone, "one thread comes to the same")
        other = studies.run("sweep", "other.sqlite", study=studies.write("other.yaml", 2))
        failures.expect(other != alone, "control: another seed is another table")
        for command in ("select", "optimise"):
            first = studies.run(command, f"{command}.sqlite")
            caught, again = studies.killed(command, f"{command}_killed.sqlite", max(2, given.kills // 3))
            failures.expect(again == first, f"{command}, killed {max(2, given.kills // 3)} times ({caught} on its way), says the same")
        before = studies.bytes_of("alone.sqlite")
        studies.run("sweep", "alone.sqlite", study=studies.folder / "other.yaml", code=2)
        failures.expect(studies.bytes_of("alone.sqlite") == before, "the file of another study is refused and stays as it was")
        damaged = bytearray(before)
        for at in range(4096, len(damaged), 512):
            damaged[at] ^= 0x5A
        for name, content in (("damaged.sqlite", bytes(damaged)), ("text.sqlite", b"no database\n" * 99), ("cut.sqlite", before[: len(before) // 2])):
            (studies.folder / name).write_bytes(content)
            studies.run("sweep", name, code=2)
            failures.expect(studies.bytes_of(name) == content, f"{name} is refused and stays as it was")
    print(f"{len(failures)} wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
