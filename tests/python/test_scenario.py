"""Loading, setting values by path, and what is said about input that is wrong."""
import copy
import pathlib

import pytest
import retwin

HERE = pathlib.Path(__file__).resolve().parent


def test_load_and_describe(mm1):
    assert mm1.name == "M/M/1"
    assert mm1.stations == ["desk"]
    assert mm1.duration_s == 200 * 3600
    assert mm1.warnings == []
    assert len(mm1.hash) == 64
    assert "M/M/1" in repr(mm1)


def test_set_changes_the_run_and_the_hash(mm1):
    before = mm1.run().kpis["stations.desk.utilisation"]
    loaded = mm1.hash
    assert mm1.set("stations.desk.duration", "{exponential: 30 s}") is mm1
    assert mm1.hash != loaded
    assert mm1.overrides == {"stations.desk.duration": "{exponential: 30 s}"}
    assert mm1.run().kpis["stations.desk.utilisation"] == pytest.approx(before / 2, rel=0.05)


def test_numbers_bools_and_none_are_values(mm1):
    mm1.set({"stations.desk.servers": 2, "run.terminating": True, "run.seed": 7, "stations.desk.idle_power": None})
    assert mm1.overrides["run.terminating"] == "true"
    assert mm1.run().stations["servers"][0] == 2
    with pytest.raises(TypeError):
        mm1.set("stations.desk.servers", object())


@pytest.mark.parametrize("path, value, code", [
    ("stations.desk.duration", "3 kg", "unit"),
    ("stations.desk.duration", 3, "unit"),
    ("stations.desk.servers", -1, "range"),
    ("stations.desk.to", "nowhere", "route"),
    ("stations.desk.durration", "3 s", "unknown-key"),
])
def test_wrong_values_are_refused_at_once(mm1, path, value, code):
    loaded = mm1.hash
    with pytest.raises(retwin.InputError) as caught:
        mm1.set(path, value)
    problem = caught.value.problems[0]
    assert (problem.code, problem.severity) == (code, "error")
    assert path in problem.file and problem.path.startswith("stations.desk")
    assert problem.message and problem.message in str(problem)
    assert isinstance(caught.value, ValueError)
    assert mm1.hash == loaded and mm1.overrides == {}, "after an error the scenario is as it was"


def test_values_that_make_sense_only_together(mm1):
    with pytest.raises(retwin.InputError):
        mm1.set("stations.desk.to", "shop")
    mm1.set({"stations.desk.to": "shop", "sinks": "[shop]"})
    assert "sinks.shop.lots" in mm1.run().kpis


def test_all_problems_of_a_file_at_once(tmp_path):
    text = (HERE / "mm1.yaml").read_text().replace("1.25 min", "1.25 kg").replace("idle_power", "idle_powr")
    (tmp_path / "broken.yaml").write_text(text)
    with pytest.raises(retwin.InputError) as caught:
        retwin.load(tmp_path / "broken.yaml")
    problems = caught.value.problems
    assert {p.code for p in problems} >= {"unit", "unknown-key"}
    unit = next(p for p in problems if p.code == "unit")
    assert (unit.line, unit.path) == (5, "sources.customers.every.exponential.mean") and unit.column > 0 and unit.hint
    assert unit.file.endswith("broken.yaml")


def test_a_missing_file_is_a_problem(tmp_path):
    with pytest.raises(retwin.InputError) as caught:
        retwin.load(str(tmp_path / "nothing.yaml"))
    assert [p.code for p in caught.value.problems] == ["file"]


def test_copies_are_independent(mm1):
    other = copy.copy(mm1).set("stations.desk.servers", 2)
    assert mm1.overrides == {} and other.overrides == {"stations.desk.servers": "2"}
    assert other.copy().hash == other.hash != mm1.hash


def test_library_beside_the_installed_one(tmp_path):
    text = (HERE / "workshop.yaml").read_text().replace('calendars:\n  day: {weekly: "Mon-Fri 08:00-18:00"}\n', "")
    (tmp_path / "plant.yaml").write_text(text.replace("calendar: day", "calendar: nights"))
    with pytest.raises(retwin.InputError):
        retwin.load(tmp_path / "plant.yaml")
    (tmp_path / "mine/calendars").mkdir(parents=True)
    (tmp_path / "mine/calendars/nights.yaml").write_text('weekly: "Mon-Fri 20:00-24:00"\n')
    assert retwin.load(tmp_path / "plant.yaml", library=[tmp_path / "mine"]).stations == ["press", "saw"]


def test_help():
    assert retwin.__version__.count(".") == 2
    assert "duration" in retwin.explain("station")
    assert set(retwin.kinds()) >= {"station", "run", "shred", "pack"}
    with pytest.raises(KeyError, match="shred"):
        retwin.explain("shredd")
    assert "stations" in retwin.schema()["$defs"]["scenario"]["properties"]


def test_everything_public_is_documented():
    for name in dir(retwin):
        if not name.startswith("_"):
            thing = getattr(retwin, name)
            assert thing.__doc__, name
            for member in vars(thing) if isinstance(thing, type) else ():
                if not member.startswith("_") and name not in ("InputError", "RunError", "CheckError"):
                    assert getattr(thing, member).__doc__, f"{name}.{member}"


LINE = {
    "name": "a: line # 1",
    "run": {"duration": "2 weeks", "seed": 3},
    "sources": {"feed": {"every": {"exponential": "20 min"}, "to": "press"}},
    "stations": {"press": {"duration": {"gamma": {"mean": "15 min", "shape": 3}}, "servers": 1, "priority": -2, "to": {"ok": "95 %", "press": 0.05}}},
    "sinks": ["ok"],
}


def test_a_scenario_from_a_dictionary_runs_like_its_file(tmp_path):
    made = retwin.from_dict(LINE)
    assert made.name == "a: line # 1"
    text = made.set("stations.press.power", "45 kW").to_yaml()
    (tmp_path / "line.yaml").write_text(text)
    assert "power: 45 kW" in text and "seed: 3" in text and "replications" not in text
    read = retwin.load(tmp_path / "line.yaml")
    assert read.run().kpis == made.run().kpis
    assert read.to_yaml() == text
    assert made.copy().set("stations.press.servers", 2).run().kpis != read.run().kpis


@pytest.mark.parametrize("change, code, path", [
    ({"stations": {"press": {"duration": "3 kg", "to": "ok"}}}, "unit", "stations.press.duration"),
    ({"sinks": None}, "route", "stations.press.to.ok"),
    ({"extends": "base.yaml"}, "unknown-key", "extends"),
])
def test_what_is_wrong_with_a_dictionary_is_told_by_its_path(change, code, path):
    with pytest.raises(retwin.InputError) as caught:
        retwin.from_dict({**LINE, **change})
    assert any(p.code == code and p.path.startswith(path[:len("stations.press.to")]) for p in caught.value.problems)


def test_a_dictionary_is_made_of_what_files_have():
    with pytest.raises(TypeError):
        retwin.from_dict({"name": object()})
    endless = {}
    endless["name"] = endless
    with pytest.raises(ValueError):
        retwin.from_dict(endless)


def test_a_plant_to_begin_with(tmp_path):
    for template in ("line", "recycling"):
        path = retwin.new(tmp_path / f"{template}.yaml", template)
        assert f"retwin run {path}" in path.read_text() and "scenarios/plants" not in path.read_text()
        assert retwin.load(path).run(replications=2).kpis["plant.throughput"] > 0
    with pytest.raises(retwin.InputError, match="such a file already"):
        retwin.new(path)
    with pytest.raises(retwin.InputError, match="no such template"):
        retwin.new(tmp_path / "other.yaml", "chocolate")


def test_a_dictionary_is_called_by_its_name():
    short = {**LINE, "run": {"duration": "1 day", "terminating": True}}
    more = {**short, "sources": {"feed": {"every": {"exponential": "15 min"}, "to": "press"}}}
    told = retwin.compare(retwin.from_dict(short), retwin.from_dict(more, name="more of it"), replications=2)
    assert told.labels == ["dict", "more of it"] and "scenario.yaml" not in str(told)
    assert retwin.compare(retwin.from_dict(short, path="plant.yaml", name="base"), {"run.year": "1000 h"}, replications=2).labels == ["base", "run.year=1000 h"]
    called = retwin.from_dict({**more, "label": "by itself"}, name="more of it")
    assert retwin.compare(retwin.from_dict(short), called, replications=2).labels[1] == "by itself"
    with pytest.raises(retwin.InputError, match="shop: "):
        retwin.from_dict({**LINE, "sinks": "nowhere else"}, name="shop")
    for name in ("", "a/b"):
        with pytest.raises(ValueError):
            retwin.from_dict(LINE, name=name)
