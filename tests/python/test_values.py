"""Results as values: frames with units, what notebooks show, recordings, files of a run; the same by both doors."""
import ast
import csv
import json
import subprocess
import sys

import numpy as np
import pytest
import retwin

from conftest import HERE, ROOT

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def line():
    return retwin.load(ROOT / "scenarios/plants/line.yaml").set({"run.duration": "2 days", "run.warmup": "1 day"})


@pytest.fixture(scope="module")
def compared(line):
    return retwin.compare(line, {"stations.wash.buffer": 40}, replications=4)


def values(line, compared):
    yield line
    yield line.run(replications=2)
    yield line.run(replications=2).table("buffers")
    yield compared
    yield retwin.check(line)
    yield line.start().record("3 h")
    yield retwin.bottleneck(line, replications=2)


def test_values_have_frames_and_html(line, compared):
    pandas = pytest.importorskip("pandas")
    for value in values(line, compared):
        frame = value.to_frame()
        assert isinstance(frame, pandas.DataFrame) and len(frame) > 0, value
        assert value._repr_html_().count("<table>") >= 1, value
    buffers = line.run(replications=2).table("buffers")
    frame = buffers.to_frame()
    assert list(frame["waiting_s [s]"]) == list(buffers["waiting_s"]) and "mean_lots" in frame
    assert list(frame.columns) == [name if buffers.units[name] in ("", "1") else f"{name} [{buffers.units[name]}]" for name in buffers.columns]


def test_names_are_escaped_in_html():
    plant = {"name": EVIL, "run": {"duration": "2 h", "terminating": True}, "sources": {"a": {"every": "5 min", "to": "b"}},
             "stations": {"b": {"duration": "1 min", "group": EVIL, "to": "c"}}, "sinks": ["c"]}
    scenario = retwin.from_dict(plant)
    result = scenario.run(replications=2)
    for value in (scenario, result, retwin.check(scenario), result.table("stations"), scenario.start().record("1 h")):
        assert "<script" not in value._repr_html_()
    assert "&lt;script&gt;" in scenario._repr_html_() and "&lt;script&gt;" in result.table("stations")._repr_html_()
    with pytest.raises(retwin.InputError) as caught:
        retwin.from_dict({**plant, "stations": {"b": {"duration": EVIL, "to": "c"}}})
    assert "<script" not in caught.value.problems._repr_html_()
    with pytest.raises(retwin.InputError) as caught:
        retwin.from_dict({**plant, EVIL: 1})
    shown = caught.value.problems._repr_html_()
    assert "<script" not in shown and "&lt;script" in shown


def test_problems_have_a_frame():
    pytest.importorskip("pandas")
    with pytest.raises(retwin.InputError) as caught:
        retwin.from_dict({"stations": {"b": {"duration": "3 kg", "servers": -1}}})
    frame = caught.value.problems.to_frame()
    assert len(frame) == len(caught.value.problems) >= 2
    assert list(frame["code"]) == [p.code for p in caught.value.problems]


def test_a_recording_agrees_with_what_is_counted(line):
    simulation = line.start()
    simulation.advance("5 h")
    before = simulation.snapshot()
    recording = simulation.record("2 d")
    after = simulation.snapshot()
    spans = recording.spans
    length = spans["to_s"] - spans["from_s"]
    for k, station in enumerate(line.stations):
        for s, state in enumerate(after["state"]):
            told = length[(spans["station"] == station) & (spans["state"] == state)].sum()
            assert told == pytest.approx(after["state_time_s"][k, s] - before["state_time_s"][k, s], abs=1e-6)
    left = recording.left
    for k, sink in enumerate(after["sink"]):
        assert (left["sink"] == sink).sum() == after["sink_lots"][k] - before["sink_lots"][k]
        flows = recording.flows
        assert flows["lots"][flows["to"] == sink].sum() == (left["sink"] == sink).sum()
    assert (left["cycle_s"] > 0).all() and (left["time_s"] > recording.begin_s).all()


def test_recorded_masses_are_those_of_the_sinks(qingdao):
    simulation = qingdao.start()
    simulation.advance("3 d")
    before = simulation.snapshot()
    recording = simulation.record("6 d")
    after = simulation.snapshot()
    flows = recording.flows
    for k, sink in enumerate(after["sink"]):
        if sink in set(flows["to"]) and sink not in ("water_tank",):
            assert flows["mass_kg"][flows["to"] == sink].sum() == pytest.approx(after["sink_kg"][k] - before["sink_kg"][k], rel=1e-6), sink


def test_series_of_stocks_and_flows(qingdao, mm1):
    simulation = qingdao.start()
    series = simulation.series("2 d", "6 h", stocks=True, flows=True)
    assert series["stock_level"].shape == (9, len(series["stock"])) and series["stock_level"][-1].max() > 0
    assert (np.diff(series["used"], axis=0) >= -1e-6).all() and series["carbon_kg"][-1] > 0
    assert set(series["stock"]) == set(qingdao.stock_limits)
    other = mm1.start()
    used = other.series("200 h", "50 h", flows=True)
    energy = other.kpis()["plant.electricity"]  # kWh, of stations alone: there are no auxiliary loads
    assert used["used"][-1, list(used["flow"]).index("electricity")] / 3.6e6 == pytest.approx(energy, rel=1e-9)
    assert used["used"].base is not None and not used["used"].flags.writeable
    plain = mm1.start().series("200 h", "50 h")
    np.testing.assert_array_equal(plain["queue"], used["queue"])
    assert "stock" not in plain


def test_files_of_a_run_are_those_of_the_command_line(command, tmp_path):
    names = {"log": "log.csv", "trace": "trace.csv", "series": "series.csv", "save": "end.state", "outcomes": "all.jsonl"}
    ours, theirs = tmp_path / "python", tmp_path / "command"
    ours.mkdir(), theirs.mkdir()
    settings = ["--replications", "2", "--duration", "30 h", "--warmup", "5 h"]
    subprocess.run([command, "run", HERE / "workshop.yaml", *settings, *(word for key, name in names.items() for word in (f"--{key}", theirs / name))],
                   check=True, capture_output=True)
    workshop = retwin.load(HERE / "workshop.yaml")
    workshop.run(replications=2, duration="30 h", warmup="5 h", **{key: ours / name for key, name in names.items()})
    for key, name in names.items():
        if key == "outcomes":
            digests = [[json.loads(line)["digest"] for line in (folder / name).read_text().splitlines()] for folder in (ours, theirs)]
            assert digests[0] == digests[1] and len(digests[0]) == 2
        else:
            assert (ours / name).read_bytes() == (theirs / name).read_bytes(), name
    assert [o["digest"] for o in retwin.task(ours / "all.jsonl", only=[1])] == digests[0][1:]
    with pytest.raises(ValueError):
        retwin.task(ours / "all.jsonl", only=[7])
    on = workshop.run(replications=1, duration="10 h", state=ours / "end.state")
    told = subprocess.run([command, "run", HERE / "workshop.yaml", "--replications", "1", "--duration", "10 h", "--from", theirs / "end.state", "--format", "json"],
                          check=True, capture_output=True).stdout.decode()
    assert json.loads(on.json())["kpis"] == json.loads(told)["kpis"]
    (tmp_path / "file").touch()
    with pytest.raises(retwin.InputError):
        workshop.run(log=tmp_path / "file/log.csv")
    with pytest.raises(retwin.InputError):
        workshop.run(save=tmp_path / "file/end.state")
    with pytest.raises(ValueError):
        workshop.run(state=ours / "end.state", warmup="1 h")


def test_a_comparison_is_written(compared, tmp_path):
    compared.write(tmp_path)
    assert (tmp_path / "result.json").read_text() == compared.result_json()
    assert (tmp_path / "figures.csv").read_text() == compared.csv() and (tmp_path / "changes.csv").exists()


def test_measured_flows_are_read_from_a_file(command, tmp_path):
    path = tmp_path / "flows.csv"
    path.write_text("stream,from,to,measured,variance\nF1,,U1,9.22,0.07650756\nF2,U1,,4.83,0.02099601\nF3,U1,,3.22,0.00933156\n")
    flows = retwin.reconcile(path)
    told = json.loads(subprocess.run([command, "reconcile", path, "--format", "json"], check=True, capture_output=True).stdout)
    assert list(flows["value"]) == told["reconciled"] and list(flows["stream"]) == told["streams"] == ["F1", "F2", "F3"]
    assert flows["value"] == pytest.approx([8.38213098, 5.05993684, 3.32219415], abs=1e-7)


def test_check_list_explain_and_draw_are_those_of_the_command_line(command, tmp_path):
    def told(*words):
        return subprocess.run([command, *words], check=True, capture_output=True, cwd=tmp_path).stdout.decode()

    path = ROOT / "scenarios/plants/line.yaml"
    check = retwin.check(path)
    assert str(check) == told("check", path)
    assert check.limited_by in retwin.load(path).stations and len(check.stations) == len(retwin.load(path).stations)
    assert str(retwin.draw(path)) == told("draw", path)
    assert retwin.explain("station") == told("explain", "station")
    assert retwin.explain().split()[:6] == told("explain").split()[:6]
    names = [sys.executable, "-c", "import retwin; print('\\n'.join(retwin.list()['name']))"]  # of its own: other tests add to what there is
    every = subprocess.run(names, check=True, capture_output=True, text=True).stdout.split("\n")[:-1]
    text = told("list")
    assert len(every) > 50 and all(name.split("/")[-1] in text for name in every)
    with pytest.raises(KeyError, match="did you mean station"):
        retwin.explain("statio")
    with pytest.raises(retwin.InputError):
        retwin.check(tmp_path / "none.yaml")


def test_drawings_are_pictures(line, tmp_path):
    drawing = retwin.draw(line, tmp_path / "line.svg")
    assert "<svg" in (tmp_path / "line.svg").read_text() and "<svg" in drawing._repr_svg_()
    with pytest.raises(ValueError):
        drawing.save(tmp_path / "line.jpg")
    assert not (tmp_path / "line.jpg").exists()


def test_machines_and_drift_are_those_of_the_command_line(command, tmp_path):
    path = tmp_path / "states.csv"
    rng = np.random.default_rng(3)
    clock, rows = 0.0, []
    for k in range(120):
        for state, mean in (("working", 3600), ("down", 600)):
            length = 60 + round(float(rng.exponential(mean * (1 if k < 60 or state == "working" else 6))))
            stamps = [np.datetime_as_string(np.datetime64("2026-01-05T00:00:00") + np.timedelta64(int(t), "s")) for t in (clock, clock + length)]
            rows.append(["press", state, *stamps])
            clock += length
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([["machine", "state", "start", "end"], *rows])

    def told(*words):
        return json.loads(subprocess.run([command, *words, "--format", "json"], check=True, capture_output=True).stdout)

    learned = retwin.machines(path, meaning={"down": "breakdown"})
    assert json.loads(learned.json()) == told("machines", str(path), "--breakdown", "down")
    assert len(learned.parameters) > 0
    drift = retwin.drift(states=path)
    assert json.loads(drift.json()) == told("drift", "--states", str(path))
    assert "repair" in set(drift.table["kind"])
    for wrong in (lambda: retwin.machines(path, meaning={"down": "asleep"}), lambda: retwin.drift(), lambda: retwin.drift(states=path, columns={"colour": "x"})):
        with pytest.raises(ValueError):
            wrong()


def test_values_of_all_kinds_are_set(mm1):
    as_text = mm1.copy().set("stations.desk.duration", "{exponential: 2 min}")
    as_dict = mm1.copy().set("stations.desk.duration", {"exponential": "2 min"})
    assert as_text.to_yaml() == as_dict.to_yaml() and as_text.hash != mm1.hash
    with pytest.raises(TypeError):
        mm1.set("stations.desk.duration", object())


# Documents, not results: a schema, a help text.
DOCUMENTS = {"schema": "Dict[str, Any]", "explain": "str", "_dot": "str", "_shard_rows": "List[Any]"}


def bare_results(text):
    """Functions of a stub, and what simulations are asked, that give a bare dict, list of dicts or text."""
    tree = ast.parse(text)
    simulation = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Simulation")
    asked = [node for node in simulation.body if isinstance(node, ast.FunctionDef) and node.name in ("kpis", "snapshot", "series", "forecast", "record")]
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)] + asked
    told = {node.name: ast.unparse(node.returns) for node in functions}
    return {name: returned for name, returned in told.items() if returned == "str" or "Dict" in returned or returned.startswith("List")}


def test_results_are_values():
    import stub
    text = stub.stub()
    assert bare_results(text) == DOCUMENTS
    assert "validate" in bare_results(text.replace("-> Validation", "-> Dict[str, Any]"))  # control


def test_dicts_of_results_have_frames(mm1):
    pandas = pytest.importorskip("pandas")
    running = mm1.start()
    running.advance("20 h")
    result = mm1.run(replications=3, duration="50 h")
    balanced = retwin.reconcile([10.2, 8.9, 1.9], [0.04, 0.04, 0.01], [[1, -1, -1]])
    frames = {"kpis": running.kpis(), "snapshot": running.snapshot(), "outcomes": result.outcomes, "outcome": retwin.repeat(result.outcomes[1]),
              "fit": retwin.fit(list(np.random.default_rng(1).gamma(2, 30, 80))), "reconcile": balanced, "kinds": retwin.kinds()}
    for name, value in frames.items():
        frame = value.to_frame()
        assert isinstance(frame, pandas.DataFrame) and len(frame) > 0 and isinstance(value, (dict, list)), name
        assert "<table>" in value._repr_html_() and repr(value).startswith(("{", "[")), name
    kpis = frames["kpis"].to_frame().set_index("path")
    assert kpis.loc["plant.throughput", "unit"] == "1/h" and kpis.loc["plant.throughput", "value"] == running.kpis()["plant.throughput"]
    snapshot = frames["snapshot"].to_frame()
    assert list(snapshot["station"]) == running.stations and "kg_in [kg]" in snapshot and "working_time_s [s]" in snapshot
    assert list(frames["outcomes"].to_frame()["plant.throughput [1/h]"]) == list(result.kpi("plant.throughput").values)
    assert "mean [s]" in frames["fit"].to_frame() and json.loads(json.dumps(frames["outcome"])) == frames["outcome"]
    assert list(balanced.to_frame()["measured"]) == [10.2, 8.9, 1.9] and balanced["value"].sum() == pytest.approx(2 * balanced["value"][0])
    with pytest.raises(AssertionError):  # control: a bare dict has none of it
        assert hasattr(dict(frames["kpis"]), "to_frame")
