"""Runs: figures, tables as views, threads, and the same bytes as the command line."""
import gc
import json
import math
import os
import pathlib
import signal
import subprocess
import threading
import time

import numpy as np
import pytest
import retwin

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLE = HERE.parent.parent / "examples/what_if.py"


def test_mm1_is_within_its_interval(mm1):
    result = mm1.run(replications=10, duration="2000 h")
    queue = result.kpi("stations.desk.mean_queue")
    assert abs(queue.mean - 3.2) < 3 * queue.half_width and queue.half_width < 0.3
    assert result.kpis["stations.desk.utilisation"] == pytest.approx(0.8, abs=0.01)
    assert result.replications == queue.n == 10
    assert (result.begin_s, result.end_s) == (0, 2000 * 3600)


def test_figures_agree_with_one_another(mm1):
    result = mm1.run()
    assert list(result.kpis) == list(result.half_widths)
    for path, mean in result.kpis.items():
        kpi = result.kpi(path)
        assert kpi.path == path and kpi.unit and kpi.doc
        np.testing.assert_equal([kpi.mean, kpi.half_width], [mean, result.half_widths[path]])
    kpi = result.kpi("stations.desk.mean_content")
    assert kpi.values.shape == (4,) and kpi.mean == pytest.approx(kpi.values.mean())
    # Student's t for 3 degrees of freedom at 95 %: 3.182446 (any table)
    assert kpi.half_width == pytest.approx(3.182446 * kpi.values.std(ddof=1) / 2, rel=1e-6)
    assert math.isnan(mm1.run(replications=1).kpi("stations.desk.mean_content").half_width)
    with pytest.raises(KeyError, match="did you mean stations.desk.utilisation"):
        result.kpi("stations.desk.utilization")


def test_reports(mm1, workshop, tmp_path):
    result = workshop.run()
    assert result.bottleneck in result.verdict and result.verdict in str(result)
    mm1.run().write(tmp_path / "out")
    assert json.loads((tmp_path / "out/result.json").read_text())["run"]["replications"] == 4


def test_stations_are_columns(workshop):
    result = workshop.run()
    table = result.stations
    assert list(table["station"]) == workshop.stations
    assert table["utilisation"].dtype == np.float64
    for k, name in enumerate(workshop.stations):
        assert table["utilisation"][k] == result.kpis[f"stations.{name}.utilisation"]
    states = [table[s] for s in ("starved", "working", "setup", "blocked", "waiting_resource", "waiting_utility", "waiting_digital", "down",
                                 "maintenance", "off_shift")]
    np.testing.assert_allclose(np.sum(states, axis=0), 1)
    assert list(result.buffers["room_lots"]) == [5, 3]


def test_arrays_are_views_that_keep_their_owner(mm1):
    result = mm1.run()
    kpi = result.kpi("stations.desk.mean_content")
    first, again = kpi.values, result.kpi("stations.desk.mean_content").values
    assert np.shares_memory(first, again) and first.base is not None
    assert np.shares_memory(result.stations["jobs"], result.stations["jobs"])
    assert not np.shares_memory(first, mm1.run().kpi("stations.desk.mean_content").values)
    with pytest.raises(ValueError):
        first[0] = 0
    kept = first.copy()
    del result, kpi, again
    gc.collect()
    [mm1.run(replications=1) for _ in range(3)]  # would reuse the memory if it had been freed
    np.testing.assert_array_equal(first, kept)


def test_the_result_does_not_depend_on_threads(workshop):
    one, two = (workshop.run(replications=5, jobs=jobs).json() for jobs in (1, 2))
    assert one == two
    assert workshop.run(replications=5, seed=2).json() != one


def test_settings_of_one_run_are_not_kept(mm1):
    settings = dict(seed=3, replications=2, duration="100 h")
    np.testing.assert_equal(mm1.run(**settings).kpis, mm1.run(seed=3, replications=2, duration=360000).kpis)
    assert mm1.overrides == {}
    for name, value in settings.items():
        mm1.set(f"run.{name}", value)
    assert mm1.run().json() == mm1.run(**settings).json()


@pytest.mark.parametrize("settings, code", [
    ({"duration": "3 kg"}, "unit"), ({"replications": 0}, "range"), ({"warmup": "300 h"}, "conflict"),
])
def test_settings_that_make_no_sense(mm1, settings, code):
    with pytest.raises(retwin.InputError) as caught:
        mm1.run(**settings)
    assert code in [p.code for p in caught.value.problems]
    with pytest.raises(ValueError):
        mm1.run(jobs=0)


def test_a_deadlock_says_when_and_where(jam):
    with pytest.raises(retwin.RunError) as caught:
        jam.run()
    assert 0 < caught.value.time_s < 36000
    assert "left" in str(caught.value) and caught.value.station in ("left", "right", "")


def ticks_during(work):
    """How often another thread got its turn, well within the work."""
    ticks, stop = [], threading.Event()

    def tick():
        while not stop.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    while not ticks:
        time.sleep(0.001)
    begin = time.perf_counter()
    work()
    end = time.perf_counter()
    stop.set()
    thread.join()
    margin = (end - begin) / 10
    return sum(begin + margin < t < end - margin for t in ticks)


def test_other_python_threads_go_on(mm1):
    simulation = mm1.start()
    assert ticks_during(lambda: mm1.run(replications=1, jobs=1, duration="50000 h")) > 10
    assert ticks_during(lambda: simulation.advance("50000 h")) > 10
    # Control: a call that keeps the interpreter to itself must not pass.
    assert ticks_during(lambda: sum(range(10_000_000))) <= 1


@pytest.mark.parametrize("work", [
    lambda plant: plant.run(replications=1000, duration="50000 h"),
    lambda plant: plant.run(replications=1, jobs=1, duration="1e7 h"),
    lambda plant: plant.run(replications=3, jobs=3, duration="1e7 h"),
    lambda plant: plant.start().advance("1e7 h"),
    lambda plant: plant.start().series("1e7 h", "1e6 h"),
    lambda plant: plant.start().record("1e7 h"),
    lambda plant: retwin.compare(plant, {"stations.desk.servers": 2}, replications=500),
    lambda plant: retwin.draw(plant.copy().set("run.duration", "1e7 h"), run=True),
])
def test_ctrl_c_ends_what_takes_long(mm1, work):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # who starts the tests in the background has it ignored
    sent = []

    def interrupt():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.2, interrupt)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        work(mm1)
    assert time.perf_counter() - sent[0] < 1  # a fifth of that, but for other work on the machine
    timer.join()
    assert mm1.run().replications == 4


def test_runs_in_several_threads(mm1):
    expected = mm1.run().json()
    found = []
    threads = [threading.Thread(target=lambda: found.append(mm1.run(jobs=1).json())) for _ in range(3)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert found == [expected] * 3


@pytest.mark.parametrize("name", ["mm1", "workshop"])
def test_the_command_line_gives_the_same_bytes(name, command, tmp_path):
    file = HERE / f"{name}.yaml"
    options = ["--seed", "5", "--replications", "3", "--set", "run.confidence=0.9"]
    subprocess.run([command, "run", str(file), *options, "--out", str(tmp_path)], check=True, capture_output=True)
    result = retwin.load(file).set("run.confidence", 0.9).run(seed=5, replications=3)
    assert result.json() == (tmp_path / "result.json").read_text()
    lines = (tmp_path / "stations.csv").read_text().splitlines()
    assert list(result.stations) == lines[0].split(",") and len(result.stations["station"]) == len(lines) - 1


def test_the_reference_plant_runs(qingdao):
    assert len(qingdao.stations) > 30
    result = qingdao.run(replications=1, duration="2 weeks", warmup="1 week")
    assert result.kpis["plant.throughput"] > 0
    assert abs(result.kpis["plant.mass_balance_error"]) < 1e-9
    assert len(result.stations["station"]) == len(qingdao.stations)
    covered = result.table("completeness")
    assert set(covered["status"]) == {"counted", "reason"} and "electricity" in covered["item"]
    assert "source" in result.table("factors").columns


def test_the_example_runs(capsys):
    with pytest.warns(UserWarning, match="carried over by name"):
        exec(compile(EXAMPLE.read_text(), str(EXAMPLE), "exec"), {"__file__": str(EXAMPLE), "__name__": "__main__"})
    assert "from now" in capsys.readouterr().out


def test_tables_name_their_units(workshop):
    result = workshop.run()
    assert result.tables == ["kpis", "stations", "buffers", "due", "tanks", "utilities", "devices", "tasks", "stocks", "specs", "leaving", "auxiliaries", "bottleneck", "completeness", "uncertainty",
                             "circular", "claims", "allocation", "electricity", "factors", "compliance", "cost", "prices", "balance", "elements"]
    table = result.table("stations")
    assert len(table) == len(workshop.stations) and table.columns[0] == "station"
    assert table.units["throughput_per_h"] == "1/h" and table.units["utilisation"] == "1" and table.docs["utilisation"]
    assert table["servers"].dtype == np.int64
    assert table["phases"].dtype.kind == "U"  # text, not numbers that are none
    np.testing.assert_array_equal(table["utilisation"], result.stations["utilisation"])
    assert np.shares_memory(table["utilisation"], result.table("stations")["utilisation"])
    assert result.table("kpis")["estimate"].dtype == np.bool_
    rows = json.loads(table.json())["rows"]
    assert [row["utilisation"] for row in rows] == list(table["utilisation"])
    assert table.csv().splitlines()[0].split(",") == table.columns
    assert "utilisation" in str(table).splitlines()[0]
    with pytest.raises(KeyError, match="did you mean buffers"):
        result.table("bufers")
    with pytest.raises(KeyError, match="did you mean utilisation"):
        table["utilization"]


def test_tables_outlive_their_result(mm1):
    column = mm1.run().table("kpis")["mean"]
    kept = column.copy()
    gc.collect()
    [mm1.run(replications=1) for _ in range(3)]
    np.testing.assert_array_equal(column, kept)


def test_pandas_frames_carry_units(workshop):
    pandas = pytest.importorskip("pandas")
    table = workshop.run().table("stations")
    frame = table.to_pandas()
    assert isinstance(frame, pandas.DataFrame) and list(frame.columns) == table.columns
    assert frame.attrs["units"]["throughput_per_h"] == "1/h"
    assert frame.set_index("station")["jobs"].to_dict() == dict(zip(table["station"], table["jobs"]))


def test_tables_are_those_of_the_command_line(command, workshop, tmp_path):
    result = workshop.run()
    result.write(tmp_path / "python")
    for name in result.tables:
        for form, text in (("csv", result.table(name).csv()), ("json", result.table(name).json()), ("table", str(result.table(name)))):
            out = subprocess.run([command, "run", HERE / "workshop.yaml", "--table", name, "--format", form], capture_output=True, check=True)
            assert out.stdout.decode() == text, (name, form)
        if name not in ("due", "tanks", "utilities", "devices", "tasks", "stocks", "specs", "leaving", "completeness", "uncertainty", "circular", "claims", "allocation", "electricity", "factors", "compliance", "cost",
                        "prices", "balance", "elements"):  # of plants that have such
            assert (tmp_path / f"python/{name}.csv").read_text() == result.table(name).csv()


def test_a_replication_is_repeated_from_its_task(mm1):
    outcomes = mm1.set("stations.desk.servers", 2).run(replications=18, duration="50 h").outcomes
    assert [o["task"]["replication"] for o in outcomes] == list(range(18))
    assert retwin.repeat(outcomes[17]) == outcomes[17]
    assert retwin.repeat(json.dumps(outcomes[17]["task"])) == outcomes[17]
    assert len({o["digest"] for o in outcomes}) == 18  # other luck, another end
    assert {f["path"] for f in outcomes[3]["figures"]} == set(mm1.run().kpis)
    with pytest.raises(retwin.InputError):
        retwin.repeat({"replication": 1})
    outcomes[2]["task"]["manifest"] = "of another"
    assert retwin.repeat(outcomes[2])["error"]["kind"] == "input"
