"""Studies in Python: the same answers as the command line, by threads, executors and a cluster."""
import concurrent.futures
import os
import signal
import subprocess
import time

import pytest
import retwin

STUDY = """scenario: {plant}
decisions:
  speed: {{path: stations.desk.duration.exponential, values: [0.8 min, 1 min, 1.1 min]}}
  power: {{path: stations.desk.power, from: 1 kW, to: 2 kW}}
points: {{factorial: 2}}
replications: 4
responses: {{through: plant.throughput, stay: plant.cycle_time, price: plant.cycle_time / 1 min + power / 1 kW}}
minimise: price
select: {{indifference: 0.3, first: 10, budget: 4000}}
optimise: {{budget: 120, first: 2}}
"""


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "study.yaml"
    here = os.path.dirname(os.path.abspath(__file__))
    path.write_text(STUDY.format(plant=os.path.join(here, "mm1.yaml")))
    return path


def csv_of(result):
    return result.get("results").to_frame().to_csv()


def test_a_sweep_is_that_of_the_command_line(study, tmp_path, command):
    result = retwin.sweep(study, results=tmp_path / "python.sqlite")
    assert result.made == 24 and retwin.sweep(study, results=tmp_path / "python.sqlite").made == 0
    told = subprocess.run([command, "sweep", str(study), "--results", str(tmp_path / "cli.sqlite"), "--format", "json"], capture_output=True, text=True, check=True)
    assert told.stdout == result.json()
    assert (tmp_path / "python.sqlite").read_bytes() == (tmp_path / "cli.sqlite").read_bytes()
    frame = result.to_frame()
    assert list(frame.columns[:3]) == ["point", "speed [min]", "power [kW]"] and len(frame) == 6
    assert set(result.tables) == {"points", "results", "effects"}
    rows = result.get("results").to_frame()
    assert rows["price"].to_numpy() == pytest.approx(60 * rows["stay [h]"].to_numpy() + rows["power [kW]"].to_numpy())
    result.write(tmp_path / "written")
    assert (tmp_path / "written/points.csv").read_text() == result.table.csv() and (tmp_path / "written/result.json").read_text() == result.json()
    with pytest.raises(KeyError, match="effects"):
        result.get("nothing")
    assert "<table" in result._repr_html_() and "speed" in str(result)


def test_relief_of_a_decision_is_that_of_a_run(study):
    """A point is nothing else than a scenario with values set."""
    result = retwin.sweep(study).get("results").to_frame()
    row = result[(result["point"] == 1) & (result["replication"] == 2)].iloc[0]
    scenario = retwin.load(os.path.join(os.path.dirname(os.path.abspath(__file__)), "mm1.yaml"))
    scenario.set({"stations.desk.duration.exponential": "0.8 min", "stations.desk.power": "1 kW"})
    outcome = scenario.run(replications=3).outcomes[2]
    figures = {figure["path"]: figure["value"] for figure in outcome["figures"]}
    assert row[[c for c in result if c.startswith("through")][0]] == figures["plant.throughput"]


def test_shards_of_any_executor_are_the_same_table(study):
    alone = csv_of(retwin.sweep(study))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        assert csv_of(retwin.sweep(study, executor=pool, shards=5)) == alone
    rows = [row for k in (3, 1, 2) for row in retwin.shard(study, k, 3)]
    result = retwin.sweep(study, rows=rows)
    assert csv_of(result) == alone and result.made == 0
    assert retwin.sweep(study, rows=rows[:-1]).made == 1  # the control: a row that is missing is run
    with pytest.raises(ValueError):
        retwin.shard(study, 4, 3)
    with pytest.raises(ValueError):
        retwin.sweep(study, shards=3)


def test_processes(study):
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        assert csv_of(retwin.sweep(study, executor=pool, shards=4)) == csv_of(retwin.sweep(study))


def test_dask_with_a_worker_killed_on_the_way(study):
    distributed = pytest.importorskip("distributed")
    alone = csv_of(retwin.sweep(study))
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster, distributed.Client(cluster) as client:
        killed = []

        class Killing:
            """Submits, and kills one worker when half of the parts are on their way."""

            def submit(self, *words, **named):
                future = client.submit(*words, **named, pure=False, retries=3)
                if not killed and len(named) and words[2] == 4:
                    time.sleep(0.3)
                    pid = next(iter(client.run(os.getpid).values()))
                    killed.append(pid)
                    os.kill(pid, signal.SIGKILL)
                return future

        assert csv_of(retwin.sweep(study, executor=Killing(), shards=8)) == alone
        assert killed


def test_a_selection_and_an_optimum(study):
    selected = retwin.select(study)
    assert selected.what == "select" and selected.decided and selected.best == {"speed": 0.8, "power": 1.0}
    assert selected.chance >= 0.95 and len(selected.to_frame()) == 6
    found = retwin.optimise(study)
    assert found.best["speed"] == 0.8 and found.best["power"] == pytest.approx(1, abs=0.05)
    assert list(found.get("front").to_frame()["feasible"]) == [True]
    assert retwin.optimise(study).json() == found.json()


@pytest.mark.parametrize("change, code, message", [
    ("decisions: {a: {path: stations.dsk.servers, values: [1, 2]}}", "override-path", "dsk"),
    ("decisions: {a: {path: stations.desk.servers, from: 3, to: 1, whole: true}}", "range", "between"),
    ("decisions: {a: {path: stations.desk.servers}}", "missing", "nothing says"),
    ("decisions: {a: {path: stations.desk.power, from: 1 kW, to: 2 min}}", "unit", "time"),
    ("decisions: {a: {path: stations.desk.duration, values: [x 2]}}", "type", "factor"),
    ("decisions: {a: {path: stations.desk.servers, values: [1, 1]}}", "duplicate", "twice"),
    ("maximise: plant.troughput", "expression", "no such name"),
    ("where: [speed > 3 kg]", "unit", "mass"),
    ("where: [speed > 9 min]", "range", "no point"),
    ("set: {stations.desk.power: '{speed'}", "syntax", "without"),
    ("subject_to: [plant.cycle_time < 5 kg]", "unit", "mass"),
    ("points: {sobol: 8, latin_hypercube: 9}", "conflict", "several ways"),
    ("scenario: nobody.yaml", "file", "nobody.yaml"),
    ("nonsense: 1", "unknown-key", "nonsense"),
])
def test_bad_studies_are_refused_with_code_and_place(study, change, code, message):
    key = change.split(":")[0]
    lines = [line for line in study.read_text().split("\n") if not line.startswith(key + ":")]
    if key == "decisions":
        lines = [line for line in lines if not line.startswith("  ")]
        lines = [line for line in lines if not line.startswith(("responses", "minimise", "where"))]
    if key == "maximise":
        lines = [line for line in lines if not line.startswith("minimise")]
    study.write_text("\n".join(lines + [change]) + "\n")
    with pytest.raises(retwin.InputError) as caught:
        retwin.sweep(study)
    problems = [p for p in caught.value.problems if p.code == code]
    assert problems and any(message in p.message for p in problems), [str(p) for p in caught.value.problems]
    assert problems[0].file


def test_many_values_are_told_in_parts(study):
    """A whole number of sixty values has fifty rows of effects; each point is in one that its value is named by. A list has all its rows."""
    text = study.read_text()
    head, tail = text[:text.index("decisions:")], text[text.index("responses:"):]
    tail = tail.replace(" + power / 1 kW", "").replace("replications: 4", "replications: 1")
    values = ", ".join(f"{k} kW" for k in range(1, 61))
    study.write_text(head + f"decisions:\n  servers: {{path: stations.desk.servers, from: 1, to: 60, whole: true}}\nset: {{run.duration: 2 h}}\nreplications: 1\n" + tail)
    rows = retwin.sweep(study).get("effects").to_frame()
    own = rows[rows["response"] == "through"]
    spans = [tuple(int(part) for part in (level.split(" to ") if " to " in level else (level, level))) for level in own["level"]]
    assert len(own) == 50 and spans[0][0] == 1 and spans[-1][1] == 60
    assert all(b[0] == a[1] + 1 for a, b in zip(spans, spans[1:])) and [hi - lo + 1 for lo, hi in spans] == list(own["points"])
    study.write_text(head + f"decisions:\n  power: {{path: stations.desk.power, values: [{values}]}}\nset: {{run.duration: 2 h}}\nreplications: 1\n" + tail)
    rows = retwin.sweep(study).get("effects").to_frame()
    assert list(rows[rows["response"] == "through"]["level"]) == [f"{k} kW" for k in range(1, 61)]


def test_a_budget_is_kept_or_refused(study):
    assert 0 < int(str(retwin.optimise(study)).split(" with ")[1].split()[0]) <= 120
    study.write_text(study.read_text().replace("budget: 120, first: 2", "budget: 20, first: 5"))
    with pytest.raises(retwin.InputError) as caught:
        retwin.optimise(study)
    assert caught.value.problems[0].code == "range" and "first look" in caught.value.problems[0].message
