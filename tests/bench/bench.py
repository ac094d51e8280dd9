#!/usr/bin/python3
"""Measures retwin against the yardsticks of this folder, in one session, and prints one table with the ratios.

usage: bench.py [--build DIR] [--rounds N] [--only PART[,PART]]      parts: line mm1 cliff year threads memory size log written calibrate sweep utilities digital

Contestants of a part take turns; figures are medians over the rounds. Build first (./dev bench does it): the yardsticks
are compiled with the flags of the release preset. Times are reported, never judged here: a busy machine is not a bug.
"""
import argparse
import datetime
import heapq
import json
import os
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LINE = HERE / "line.yaml"
MM1 = HERE / "mm1.yaml"
QINGDAO = ROOT / "scenarios" / "plants" / "qingdao.yaml"
QINGDAO_SHARED = ROOT / "scenarios" / "plants" / "qingdao_shared.yaml"
TANDEM_PARTS, TANDEM_STATIONS, MM1_CUSTOMERS = 200_000, 10, 1_000_000
PARTS = ["line", "mm1", "cliff", "year", "threads", "memory", "size", "log", "written", "calibrate", "sweep", "utilities", "digital"]
# What one feature on every station of the line costs: settings of each station, of its source, and further sections.
FEATURES = {"energy_per_job": (", energy_per_job: 1 kWh", "", ""),
            "failures": (", fails: {jam: {every: {exponential: 1000 s}, repair: {exponential: 10 s}}}", "", ""),
            "crew": (", needs: {crew: 1}", "", "resources: {crew: {count: 10}}\n"),
            "masses, 66 components": ("", ", lot: pack, model: {LFP_car: 100 %}", "")}


class NotThere(Exception):
    """A scenario or a program is missing, or did not run; the table says so."""


class Run:
    """One finished process: wall and processor time [s], peak memory [MB], standard output."""

    def __init__(self, command):
        self.command = [str(word) for word in command]
        self.out, self.err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self.start = time.perf_counter()
        try:
            self.process = subprocess.Popen(self.command, stdout=self.out, stderr=self.err, stdin=subprocess.DEVNULL)
        except OSError as error:
            raise NotThere(f"not there: {pathlib.Path(self.command[0]).name} ({error.strerror})") from error

    def wait(self):
        _, status, usage = os.wait4(self.process.pid, 0)
        self.wall_s = time.perf_counter() - self.start
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.memory_MB = usage.ru_maxrss / 1024
        self.cpu_s = usage.ru_utime + usage.ru_stime
        self.out.seek(0)
        self.err.seek(0)
        self.text = self.out.read().decode(errors="replace")
        if self.process.returncode != 0:
            why = (self.err.read().decode(errors="replace").strip().splitlines() or ["no message"])[0]
            raise NotThere(f"exit {self.process.returncode}: {why[:100]}")
        return self


def rate_of_heap(program, mode, count):
    """Service completions per second of a bare event loop."""
    result = json.loads(Run([program, mode, count, 1]).wait().text)
    completions = result["events"] if mode == "tandem" else count  # half of the events of mm1 are arrivals
    return completions / result["loop_s"]


def rate_of_simgrid(program):
    words = Run([program, TANDEM_STATIONS, 5, 20_000]).wait().text.split()
    return float(words[words.index("service-ev/s") + 1])


class Bench:
    def __init__(self, build, rounds):
        self.build, self.rounds = build, rounds
        self.rows = []

    def retwin(self, scenario, *options):
        """Command line of a run with its figures as JSON."""
        if not scenario.exists():
            name = scenario.relative_to(ROOT) if scenario.is_relative_to(ROOT) else scenario.name
            raise NotThere(f"not there: {name}")
        return [self.build / "retwin", "run", scenario, "--format", "json", *options]

    def performance(self, scenario, *options):
        """The run and how fast it went: loop_s, events, completions."""
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            run = Run(self.retwin(scenario, "--performance", file.name, *options)).wait()
            try:
                return run, json.loads(pathlib.Path(file.name).read_text())
            except (OSError, ValueError) as error:
                raise NotThere(f"no performance of the run: {error!r}") from error

    def rate(self, scenario):
        _, performance = self.performance(scenario, "--replications", "1", "--jobs", "1")
        return performance["completions"] / performance["loop_s"]

    def row(self, what, figure, yardstick="", ratio="", aim=""):
        self.rows.append((what, figure, yardstick, ratio, aim))

    def medians(self, contestants):
        """Median of each contestant {name: callable}, taking turns; a NotThere in place of what did not run."""
        values = {name: [] for name in contestants}
        for _ in range(self.rounds):
            for name, measure in contestants.items():
                if isinstance(values[name], list):
                    try:
                        values[name].append(measure())
                    except NotThere as error:
                        values[name] = error
        return {name: statistics.median(value) if isinstance(value, list) else value for name, value in values.items()}

    def against(self, what, scenario, yardsticks):
        """Rows of retwin against yardsticks {name: (callable, aim)}."""
        found = self.medians({"retwin": lambda: self.rate(scenario), **{name: pair[0] for name, pair in yardsticks.items()}})
        mine = found["retwin"]
        for name, (_, aim) in yardsticks.items():
            its = found[name]
            both = not isinstance(mine, NotThere) and not isinstance(its, NotThere)
            self.row(what, millions(mine), f"{name} {millions(its)}", f"{mine / its:.2f} x" if both else "", aim)

    def line(self):
        self.against("line of 10 stations, 200,000 parts", LINE, {
            "bench_heap": (lambda: rate_of_heap(self.build / "tests/bench/bench_heap", "tandem", TANDEM_PARTS), "0.6 (0.8)"),
            "bench_heap2": (lambda: rate_of_heap(self.build / "tests/bench/bench_heap2", "tandem", TANDEM_PARTS), "-"),
            "bench_simgrid_line": (lambda: rate_of_simgrid(self.build / "tests/bench/bench_simgrid_line"), "15")})

    def mm1(self):
        self.against("M/M/1, 1,000,000 customers", MM1, {
            "bench_heap": (lambda: rate_of_heap(self.build / "tests/bench/bench_heap", "mm1", MM1_CUSTOMERS), "0.5 (0.7)"),
            "bench_heap2": (lambda: rate_of_heap(self.build / "tests/bench/bench_heap2", "mm1", MM1_CUSTOMERS), "-")})

    def cliff(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = {"plain": LINE}
            for name, (station, source, more) in FEATURES.items():
                paths[name] = pathlib.Path(folder) / f"{len(paths)}.yaml"
                text = LINE.read_text().replace(", to: s", f"{source}, to: s", 1).replace("buffer:", "@buffer:")
                paths[name].write_text(text.replace(", @buffer:", f"{station}, buffer:") + more)

            def cost(path):
                _, performance = self.performance(path, "--replications", "1", "--jobs", "1")
                return performance["loop_s"] / performance["events"] * 1e9

            costs = self.medians({name: lambda path=path: cost(path) for name, path in paths.items()})
        plain = costs["plain"]
        for name, value in costs.items():
            both = not isinstance(value, NotThere) and not isinstance(plain, NotThere)
            self.row(f"cost per event of the line, {name}", f"{value:.0f} ns" if both else str(value), "", f"{value / plain:.2f} x" if both else "",
                     {"plain": "59 ns", "masses, 66 components": "at most 2.2 x (130 ns)"}.get(name, "at most 1.36 x (80 ns)"))

    def written(self):
        bare = self.medians({"bare": lambda: self.performance(LINE, "--replications", "1", "--jobs", "1")[1]["loop_s"]})["bare"]
        with tempfile.TemporaryDirectory() as folder:
            for ending in ("csv", "xes", "sqlite", "json"):
                def took(path=pathlib.Path(folder) / f"log.{ending}"):
                    _, performance = self.performance(LINE, "--replications", "1", "--jobs", "1", "--log", path, "--duration", "65500 s")
                    return performance["completions"] / performance["loop_s"]
                rate = self.medians({ending: took})[ending]
                self.row(f"log written, {ending}, rows", millions(rate), f"without, {millions(TANDEM_PARTS * TANDEM_STATIONS / bare)}", "",
                         "3.9 M/s" if ending == "csv" else "-")

    def year(self):
        figures = [self.performance(QINGDAO, "--replications", "1", "--jobs", "1", "--warmup", "0 weeks", "--duration", "52 weeks")
                   for _ in range(self.rounds)]
        wall = statistics.median(run.wall_s for run, _ in figures)
        events = statistics.median(performance["events"] / performance["loop_s"] for _, performance in figures)
        memory = max(run.memory_MB for run, _ in figures)
        self.row("a year of Qingdao", f"{wall:.2f} s", f"{events / 1e6:.2f} M events/s, {memory:.0f} MB", "", "below 5 s")

    def threads(self):
        scenario = QINGDAO if QINGDAO.exists() else LINE

        def one_process():
            return Run(self.retwin(scenario, "--replications", "4", "--jobs", "2")).wait().wall_s

        def two_processes():
            start = time.perf_counter()
            runs = [Run(self.retwin(scenario, "--replications", "2", "--jobs", "1", "--seed", seed)) for seed in ("1", "2")]
            for run in runs:
                run.wait()
            return time.perf_counter() - start

        found = self.medians({"threads": one_process, "processes": two_processes})
        for value in found.values():
            if isinstance(value, NotThere):
                raise value
        self.row(f"2 threads, 4 replications of {scenario.stem}", f"{found['threads']:.2f} s",
                 f"2 processes {found['processes']:.2f} s", f"{found['processes'] / found['threads']:.2f} x", "0.95")

    def memory(self):
        peaks = []
        for count in (1, 4):
            duration = f"{count * TANDEM_PARTS / 0.7635:.0f} s"
            peaks.append(self.performance(LINE, "--replications", "1", "--jobs", "1", "--duration", duration)[0].memory_MB)
        self.row("peak memory, line, 4 x the parts", f"{peaks[1]:.1f} MB", f"once {peaks[0]:.1f} MB",
                 f"{peaks[1] / peaks[0]:.2f} x", "1.0")

    def size(self):
        costs = {}
        with tempfile.TemporaryDirectory() as folder:
            paths = {}
            for stations in (10, 100, 1_000, 10_000):
                paths[stations] = pathlib.Path(folder) / f"lines_{stations}.yaml"
                paths[stations].write_text(parallel_lines(stations))

            def cost(path):
                _, performance = self.performance(path, "--replications", "1", "--jobs", "1")
                return performance["loop_s"] / performance["events"] * 1e9

            costs = self.medians({stations: lambda path=path: cost(path) for stations, path in paths.items()})
        for stations, value in costs.items():
            there = not isinstance(value, NotThere)
            base = costs[1_000 if stations == 10_000 else 10]
            self.row(f"cost per event, {stations:,} stations", f"{value:.0f} ns" if there else str(value),
                     "against 1,000" if stations == 10_000 else "against 10",
                     f"{value / base:.2f} x" if there and not isinstance(base, NotThere) else "",
                     "at most 2" if stations == 10_000 else "-")

    def log(self):
        program = self.build / "tests/bench/read_log"
        with tempfile.TemporaryDirectory() as folder:
            figures = {}
            for blocks in (100, 400):
                path = pathlib.Path(folder) / f"log_{blocks}.csv"
                write_log(path, blocks)
                runs = [Run([program, path]).wait() for _ in range(self.rounds)]
                results = [json.loads(run.text) for run in runs]
                figures[blocks] = (statistics.median(result["rows"] / result["loop_s"] for result in results),
                                   max(run.memory_MB for run in runs))
        self.row("event log in CSV, rows read, 4,000,000 rows", millions(figures[400][0]), f"1,000,000 rows {millions(figures[100][0])}",
                 "", "1 M/s")
        self.row("peak memory, event log, 4 x the rows", f"{figures[400][1]:.1f} MB", f"once {figures[100][1]:.1f} MB",
                 f"{figures[400][1] / figures[100][1]:.2f} x", "1.0")

    def calibrate(self):
        with tempfile.TemporaryDirectory() as folder:
            runs = {}
            for cases in (25_000, 100_000):
                path = pathlib.Path(folder) / f"cases_{cases}.csv"
                write_cases(path, cases)
                command = [self.build / "retwin", "calibrate", "--discover", path, "-o", path.with_suffix(".yaml")]
                runs[cases] = [Run(command).wait() for _ in range(min(self.rounds, 2))]
        wall, cpu = ({cases: statistics.median(getattr(run, what) for run in done) for cases, done in runs.items()}
                     for what in ("wall_s", "cpu_s"))
        memory = {cases: max(run.memory_MB for run in done) for cases, done in runs.items()}
        self.row("calibrating 1,000,000 events", f"{wall[100_000]:.1f} s, of one core {cpu[100_000]:.1f} s, {memory[100_000]:.0f} MB",
                 f"250,000 events {cpu[25_000]:.1f} s, {memory[25_000]:.0f} MB", f"{cpu[100_000] / cpu[25_000]:.2f} x", "below 20 s")


    def sweep(self):
        """Sweeps: what a study costs beyond its runs, what a second core and Dask give or cost."""
        def swept(study, jobs):
            with tempfile.TemporaryDirectory() as fresh:  # else the second would find what the first has run
                return Run([self.build / "retwin", "sweep", study, "--results", pathlib.Path(fresh) / "s.sqlite", "--format", "csv", "--jobs", str(jobs)]).wait()

        with tempfile.TemporaryDirectory() as folder:
            month = pathlib.Path(folder) / "month.yaml"
            month.write_text(f"scenario: {QINGDAO}\ndecisions:\n  crew: {{path: resources.dismantler.count, from: 8, to: 15, whole: true}}\n"
                             "  tanks: {path: stations.crystallise_ni.servers, from: 1, to: 8, whole: true}\n"
                             "points: {factorial: 8}\nset: {run.warmup: 0 s, run.duration: 30 d, run.terminating: true}\nreplications: 1\nresponses: [plant.throughput]\n")
            found = self.medians({"two": lambda: swept(month, 2).wall_s, "one": lambda: swept(month, 1).wall_s})
            for value in found.values():
                if isinstance(value, NotThere):
                    raise value
            self.row("64 points, a month of Qingdao each, two cores", f"{found['two']:.1f} s", f"one core {found['one']:.1f} s",
                     f"{found['one'] / found['two']:.2f} x", "1.9")
            small = pathlib.Path(folder) / "line.yaml"
            short = ["--duration", "300 s"]
            small.write_text(f"scenario: {LINE}\ndecisions:\n  buffer: {{path: stations.s1.buffer, values: [5, 6]}}\nwhere: [buffer < 6]\n"
                             "set: {run.duration: 300 s, run.replications: 1}\nreplications: 1000\nresponses: [plant.throughput]\n")
            cost = self.medians({"study": lambda: swept(small, 1).cpu_s,
                                 "run": lambda: Run(self.retwin(LINE, "--replications", "1000", "--jobs", "1", *short)).wait().cpu_s,
                                 "engine": lambda: self.performance(LINE, "--replications", "1000", "--jobs", "1", *short)[1]["loop_s"]})
            for value in cost.values():
                if isinstance(value, NotThere):
                    raise value
            self.row("1,000 replications of a small line, as a study", f"{cost['study']:.2f} s", f"`run` {cost['run']:.2f} s, its engine {cost['engine']:.2f} s",
                     f"{cost['study'] / cost['engine']:.2f} x", "1.1")
            distributed = {"processes": [], "dask": []}
            environment = {**os.environ, "PYTHONPATH": str(self.build / "python")}
            for _ in range(min(self.rounds, 3)):
                done = subprocess.run(["/usr/bin/python3", HERE / "executors.py", month, "64"], env=environment, capture_output=True, text=True)
                if done.returncode != 0:
                    raise NotThere((done.stderr.strip().splitlines() or ["no message"])[-1][:100])
                for name, seconds in json.loads(done.stdout.splitlines()[-1]).items():
                    distributed[name].append(seconds)
            dask, processes = (statistics.median(distributed[name]) for name in ("dask", "processes"))
            self.row("the same 64 points by Dask, two workers", f"{dask:.1f} s", f"two processes {processes:.1f} s", f"{dask / processes:.2f} x", "1.05")


    def utilities(self):
        """What sharing costs: the reference plant with its boiler and feeder, a line of ten stations, and one utility with ever more users."""
        def loop_s(path, *options):
            return self.performance(path, "--replications", "1", "--jobs", "1", *options)[1]["loop_s"]

        weeks = ["--warmup", "0 weeks", "--duration", "12 weeks"]
        with tempfile.TemporaryDirectory() as folder:
            shared = pathlib.Path(folder) / "utilities_alone.yaml"  # without its digital layer
            text = QINGDAO_SHARED.read_text().replace("extends: qingdao.yaml", f"extends: {QINGDAO}").replace("  stations.triage.waits_for: look\n", "")
            shared.write_text(re.sub(r"(?ms)^digital:.*?(?=^set:)", "", text))
            found = self.medians({"with": lambda: loop_s(shared, *weeks), "without": lambda: loop_s(QINGDAO, *weeks)})
        self.row("12 weeks of Qingdao with its utilities shared", f"{found['with']:.2f} s", f"without {found['without']:.2f} s", f"{found['with'] / found['without']:.2f} x", "1.5")
        with tempfile.TemporaryDirectory() as folder:
            paths = {"plain": LINE}
            for name, capacity in (("ample", "100 kW"), ("short", "5 kW")):
                paths[name] = pathlib.Path(folder) / f"{name}.yaml"
                paths[name].write_text(LINE.read_text().replace("buffer:", "draws: {feeder: {amount: 1 kW, counted: false}}, buffer:") + f"utilities: {{feeder: {{capacity: {capacity}, flow: electricity}}}}\n")
            found = self.medians({name: lambda path=path: loop_s(path, "--duration", "50000 s") for name, path in paths.items()})
            for name in ("ample", "short"):
                self.row(f"line of 10 stations on one feeder, {name}", f"{found[name]:.3f} s", f"without {found['plain']:.3f} s", f"{found[name] / found['plain']:.1f} x", "-")
            paths = {}
            for users in (10, 100, 1_000, 10_000):
                paths[users] = pathlib.Path(folder) / f"users_{users}.yaml"
                jobs = max(200, 200_000 // users)
                paths[users].write_text(f"run: {{duration: {jobs} s, warmup: 0 s, replications: 1, terminating: true}}\nutilities: {{power: 1 kW}}\n"
                                        f"stations: {{desk: {{servers: unlimited, duration: {{exponential: 1 s}}, draws: {{power: 1 kW}}, completes: done, to: desk}}}}\n"
                                        f"initial: [{{station: desk, count: {users}}}]\nsinks: [done]\n")

            def cost(path):
                _, performance = self.performance(path, "--replications", "1", "--jobs", "1")
                return performance["loop_s"] / performance["completions"] * 1e6
            found = self.medians({users: lambda path=path: cost(path) for users, path in paths.items()})
            for users, value in found.items():
                self.row(f"one end among {users:,} users of a utility", f"{value:.1f} us", f"{1e3 * value / users:.0f} ns a user", "", "O(users)")


    def digital(self):
        """What a digital layer costs: the reference plant with its cameras, boxes and records, and one computer with ever more tasks that share it."""
        def loop_s(path, *options):
            return self.performance(path, "--replications", "1", "--jobs", "1", *options)[1]["loop_s"]

        weeks = ["--warmup", "0 weeks", "--duration", "12 weeks"]
        with tempfile.TemporaryDirectory() as folder:
            layer = pathlib.Path(folder) / "digital_alone.yaml"  # without utilities
            text = re.sub(r"(?ms)^(utilities|flows):.*?(?=^[a-z])", "", QINGDAO_SHARED.read_text()).replace("extends: qingdao.yaml", f"extends: {QINGDAO}")
            layer.write_text(re.sub(r"(?m)^  stations\..*draws: .*\n", "", text))
            found = self.medians({"with": lambda: loop_s(layer, *weeks), "without": lambda: loop_s(QINGDAO, *weeks)})
        self.row("12 weeks of Qingdao with its digital layer", f"{found['with']:.2f} s", f"without {found['without']:.2f} s", f"{found['with'] / found['without']:.2f} x", "2")
        with tempfile.TemporaryDirectory() as folder:
            paths = {}
            for tasks in (1, 10, 100, 1_000):
                paths[tasks] = pathlib.Path(folder) / f"tasks_{tasks}.yaml"
                # nine in ten of the lots wait for the computer, and no two tasks end together
                paths[tasks].write_text(f"run: {{duration: {2 * tasks + 300} s, warmup: 0 s, replications: 1, terminating: true}}\n"
                                        "digital: {hosts: {box: 1 Gop/s}, tasks: {see: {steps: [{compute: 1 Gop, host: box}]}}}\n"
                                        f"stations: {{desk: {{servers: unlimited, phases: [{{duration: {{exponential: {max(1, tasks / 10)} s}}}}, {{duration: 0 s, waits_for: see}}],\n"
                                        "  completes: done, to: desk}}\n"
                                        f"initial: [{{station: desk, count: {tasks}}}]\nsinks: [done]\n")

            def cost(path):
                _, performance = self.performance(path, "--replications", "1", "--jobs", "1")
                return performance["loop_s"] / performance["completions"] * 1e6
            found = self.medians({tasks: lambda path=path: cost(path) for tasks, path in paths.items()})
            for tasks, value in found.items():
                self.row(f"one end among {tasks:,} tasks on a computer", f"{value:.1f} us", f"{1e6 / value:,.0f}/s", "", "-")


def write_cases(path, cases):
    """An event log of ten operations a case: a loop, a choice, two parallel branches, five crews that work Mon-Fri 08:00-18:00."""
    crews = {"receive": 3, "sort": 4, "mill": 9, "test": 6, "pack": 5}
    minutes = {"receive": (1.0, "receive"), "sort": (1.5, "sort"), "mill A": (3.0, "mill"), "mill B": (2.0, "mill"), "wash": (2.5, "mill"),
               "test": (1.2, "test"), "mend": (2.0, "test"), "weigh": (1.0, "pack"), "pack": (1.8, "pack"), "label": (1.0, "pack")}
    draws = random.Random(1)
    free = {crew: [(0.0, f"{crew} {k + 1}") for k in range(count)] for crew, count in crews.items()}
    start = datetime.datetime(2024, 1, 1, 8)
    days = {}

    def stamp(open_s):  # seconds within the hours to the calendar
        day, rest = divmod(open_s, 36_000)
        if day not in days:
            days[day] = start + datetime.timedelta(days=day // 5 * 7 + day % 5)
        return (days[day] + datetime.timedelta(seconds=rest)).isoformat(" ", "milliseconds")

    def ways():
        middle = ["mill A", "wash"] if draws.random() < 0.6 else ["mill B", "wash"]
        loops = 1 + (draws.random() < 0.3)
        return ["receive", "sort", *middle, *["test", "mend"] * loops, "test", ("weigh", "label"), "pack"]

    with path.open("w") as file:
        file.write("case_id,activity,start_time,end_time,resource\n")
        waiting, made = [], 0  # in order of the time at which a step can begin
        coming = [0.0, 0]
        while waiting or coming[1] < cases:
            if coming[1] < cases and (not waiting or coming[0] <= waiting[0][0]):
                heapq.heappush(waiting, (coming[0], made, coming[1], ways(), 0))
                made += 1
                coming = [coming[0] + draws.expovariate(1 / 60), coming[1] + 1]
            ready, _, case, way, step = heapq.heappop(waiting)
            done = ready
            for activity in [way[step]] if isinstance(way[step], str) else way[step]:
                mean, crew = minutes[activity]
                since, name = heapq.heappop(free[crew])
                begin = max(ready, since)
                end = begin + 60 * mean * (0.5 + draws.expovariate(2))
                heapq.heappush(free[crew], (end, name))
                file.write(f"case {case},{activity},{stamp(begin)},{stamp(end)},{name}\n")
                done = max(done, end)
            if step + 1 < len(way):
                heapq.heappush(waiting, (done, made, case, way, step + 1))
                made += 1


def write_log(path, blocks):
    """An event log of five columns: `blocks` times the same 10,000 rows of 1,250 cases."""
    rows = [f"case-{i // 8},activity {i * 7 % 20},2023-01-{1 + i // 400:02} {i % 24:02}:{i % 60:02}:{i * 13 % 60:02}.{i * 37 % 1000:03}000+00:00,"
            f"2023-01-{2 + i // 400:02} {i % 24:02}:{i * 3 % 60:02}:{i * 17 % 60:02}.{i * 41 % 1000:03}000+00:00,machine-{i * 11 % 50:04}\n"
            for i in range(10_000)]
    with path.open("w") as file:
        file.write("case_id,activity,start_time,end_time,resource\n")
        block = "".join(rows)
        for _ in range(blocks):
            file.write(block)


def parallel_lines(stations):
    """A plant of as many ten-station lines as make `stations`, run until about two million services are done in all."""
    lines = stations // TANDEM_STATIONS
    duration_s = TANDEM_PARTS / 0.7635 / lines
    text = ["# Parallel lines of ten stations with exponential service and buffers of five, each fed by a saturated source.",
            f"name: {stations} stations",
            f"run: {{start: 2026-01-05, duration: {duration_s:.0f} s, warmup: 0 s, replications: 1, terminating: true}}", "sources:"]
    text += [f"  parts_{i}: {{saturated: true, to: s_{i}_0}}" for i in range(lines)]
    text.append("stations:")
    for i in range(lines):
        for k in range(TANDEM_STATIONS):
            to = f"s_{i}_{k + 1}" if k + 1 < TANDEM_STATIONS else "done"
            text.append(f"  s_{i}_{k}: {{duration: {{exponential: 1 s}}, buffer: {5 if k else 0}, to: {to}}}")
    text.append("sinks: [done]")
    return "\n".join(text) + "\n"


def millions(value):
    return str(value) if isinstance(value, NotThere) else f"{value / 1e6:.2f} M/s"


def print_table(rows):
    head = ("what", "retwin", "beside it", "ratio", "aim")
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, tuple("-" * width for width in widths), *rows]:
        print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", type=lambda text: text.split(","), default=PARTS, metavar="PART[,PART]")
    options = parser.parse_args()
    if options.rounds < 1 or not set(options.only) <= set(PARTS):
        parser.error(f"parts are {', '.join(PARTS)}; at least one round")
    bench = Bench(options.build.resolve(), options.rounds)
    for part in options.only:
        print(f"measuring {part} ...", file=sys.stderr)
        try:
            getattr(bench, part)()
        except NotThere as error:
            bench.row(part, str(error))
    print(f"medians of {options.rounds} rounds, {os.cpu_count()} cores; service completions per second where not said otherwise")
    print_table(bench.rows)


if __name__ == "__main__":
    main()
