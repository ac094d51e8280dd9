"""Pages for the browser: the same bytes as those of the command line, errors before the work, and no option ignored."""
import json
import pathlib
import re
import subprocess

import pytest
import retwin

from conftest import HERE, ROOT

PLANTS = ROOT / "tests/verify/bottleneck/plants"
BUILT = pathlib.Path(retwin.__file__).resolve().parent.parent.parent / "report/page.html"
if not BUILT.exists() or BUILT.stat().st_size == 0:
    pytest.skip("the report page is not built", allow_module_level=True)


@pytest.fixture
def page_of(command, tmp_path):
    """The bytes of the page that a command writes."""
    def page(*words):
        path = tmp_path / "command.html"
        subprocess.run([command, *map(str, words), "--report", path], check=True, capture_output=True)
        return path.read_bytes()
    return page


def model(path):
    """What a page has for its program."""
    return json.loads(re.search(r'<script type="application/json" id="model">(.*?)</script>', path.read_text(), re.DOTALL)[1])


def test_the_page_of_a_run(workshop, page_of, tmp_path):
    file = HERE / "workshop.yaml"
    made, states = tmp_path / "run.html", tmp_path / "states.json"
    settings = ["--seed", 5, "--replications", 3]
    result = workshop.run(seed=5, replications=3, report=made, states=states)
    assert result.relief is None and "verdict" not in model(made)
    assert made.read_bytes() == page_of("run", file, *settings, "--states", tmp_path / "command.json")
    assert states.read_bytes() == (tmp_path / "command.json").read_bytes() and json.loads(states.read_text())
    week = made.read_bytes()
    workshop.run(seed=5, replications=3, report=made, replay="2 d")
    assert made.read_bytes() == page_of("run", file, *settings, "--replay", "2 d") != week
    moves = model(made)["moves"]
    assert moves["end_s"] - moves["begin_s"] == 2 * 86400
    workshop.run(seed=5, replications=3, report=made, replay=2 * 86400)
    assert made.read_bytes() == page_of("run", file, *settings, "--replay", "2 d")
    assert workshop.run(seed=5, replications=3).json() == result.json()  # who looks on changes nothing


def test_the_verdict_is_on_the_page_of_a_run(command, page_of, tmp_path):
    file = PLANTS / "demand.yaml"
    made = tmp_path / "run.html"
    result = retwin.load(file).set("run.duration", "4 weeks").run(verdict=True, report=made)
    assert result.relief.demand_limits and model(made)["verdict"]
    options = [file, "--set", "run.duration=4 weeks", "--verdict"]
    assert made.read_bytes() == page_of("run", *options)
    said = subprocess.run([command, "run", *options], check=True, capture_output=True, text=True).stdout
    assert str(result) == said


def test_the_page_goes_on_from_a_state(workshop, page_of, tmp_path):
    state, made = tmp_path / "state.bin", tmp_path / "on.html"
    workshop.run(replications=1, save=state)
    workshop.run(replications=1, state=state, duration="1 week", report=made)
    assert made.read_bytes() == page_of("run", HERE / "workshop.yaml", "--replications", 1, "--duration", "1 week", "--from", state)


def test_the_page_of_a_comparison(workshop, page_of, tmp_path):
    made = tmp_path / "compare.html"
    retwin.compare(workshop, {"stations.press.servers": 3}, replications=4, report=made)
    theirs = page_of("compare", HERE / "workshop.yaml", "--variant-set", "stations.press.servers=3", "--replications", 4)
    from_option = b"--variant-set stations.press.servers"  # where a value of the variant was given: the one difference that there must be
    assert theirs.count(from_option) == 1 and made.read_bytes() == theirs.replace(from_option, b"set stations.press.servers")
    base, variant = model(made)["replays"]
    assert variant["title"] == "stations.press.servers=3" and variant["moves"]["places"] != base["moves"]["places"]
    retwin.compare(workshop, {"stations.press.servers": 3}, workshop, replications=2, report=made, replay="1 d")
    first, _, again = model(made)["replays"]
    assert first["moves"]["end_s"] - first["moves"]["begin_s"] == 86400
    assert again["same_as"] == 0 and "moves" not in again  # a scenario that occurs twice is run and told of once
    with pytest.raises(ValueError):
        retwin.compare(workshop, {"stations.press.servers": 3}, replay="1 d")


def test_the_page_of_what_limits(page_of, tmp_path):
    made = tmp_path / "limits.html"
    retwin.bottleneck(retwin.load(PLANTS / "demand.yaml").set("run.duration", "4 weeks"), replications=3, report=made)
    assert made.read_bytes() == page_of("bottleneck", PLANTS / "demand.yaml", "--set", "run.duration=4 weeks", "--replications", 3)


def test_the_page_of_a_validation(command, page_of, tmp_path):
    log, learned, made = tmp_path / "mm1.csv", tmp_path / "learned.yaml", tmp_path / "validate.html"
    subprocess.run([command, "run", HERE / "mm1.yaml", "--log", log, "--replications", "1"], check=True, capture_output=True)
    read = retwin.read_log(log)
    retwin.calibrate(read, learned, train=0.5)
    retwin.validate(learned, read, test=0.5, replications=4, report=made)
    assert made.read_bytes() == page_of("validate", learned, log, "--test", "0.5", "--replications", 4)


def test_the_pages_of_carbon(page_of, tmp_path):
    system = tmp_path / "system"
    system.mkdir()
    (system / "processes.csv").write_text("process,unit\nelectricity,kWh\n")
    (system / "technosphere.csv").write_text("process,input,amount\n")
    (system / "biosphere.csv").write_text("process,flow,amount\nelectricity,CO2,0.1\n")
    (system / "weights.csv").write_text("flow,kg_CO2e\nCO2,1\n")
    (tmp_path / "library/factors").mkdir(parents=True)
    (tmp_path / "library/factors/mine.yaml").write_text("source: by hand\nfactors: {grid: {flow: electricity, value: 0.5 kg CO2e/kWh, scope: 2}}\n")
    path, made = tmp_path / "plant.yaml", tmp_path / "carbon.html"
    path.write_text("""name: cells
run: {duration: 2 days, replications: 1}
factors: [mine]
sources: {feed: {lot: cell, chemistry: {LFP: 100 %}, mass: 1 kg, every: 1 h, to: press}}
stations: {press: {duration: 30 min, power: 1 kW, to: done}}
sinks: {done: product}
""")
    carbon = retwin.carbon(retwin.load(path), report=made)
    pages = {made.read_bytes()}
    assert pages == {page_of("carbon", path)}
    battery, product = carbon.batteries["lot"][0], carbon.products["lot"][0]
    for call, words in ((lambda: carbon.battery(battery, report=made), ("--battery", battery)), (lambda: carbon.product(product, report=made), ("--product", product)),
                        (lambda: carbon.background(system, report=made), ("--background", system))):
        call()
        assert made.read_bytes() == page_of("carbon", path, *words)
        pages.add(made.read_bytes())
    assert len(pages) == 4


@pytest.mark.parametrize("work", [
    lambda plant, page: plant.run(duration="1e7 h", report=page),  # would take minutes
    lambda plant, page: retwin.compare(plant.copy().set("run.duration", "1e7 h"), {"stations.desk.servers": 2}, report=page),
    lambda plant, page: retwin.bottleneck(plant.copy().set("run.duration", "1e7 h"), report=page),
])
def test_a_place_that_cannot_be_written_is_told_before_the_work(mm1, work, tmp_path):
    (tmp_path / "file").write_text("no folder")
    before = sorted(tmp_path.iterdir())
    for page in (tmp_path, tmp_path / "file/page.html"):
        with pytest.raises(retwin.InputError) as caught:
            work(mm1, page)
        assert [p.code for p in caught.value.problems] == ["file"]
    assert sorted(tmp_path.iterdir()) == before


def test_folders_are_made(mm1, tmp_path):
    mm1.run(replications=1, duration="100 h", report=tmp_path / "new/folder/page.html")
    assert model(tmp_path / "new/folder/page.html")["command"] == "run"


@pytest.mark.parametrize("settings, error", [
    ({"replay": "1 d"}, ValueError), ({"report": "page.html", "replay": "3 kg"}, retwin.InputError), ({"report": "page.html", "replay": -1}, ValueError),
    ({"verdict": True, "state": "state.bin"}, ValueError),
])
def test_what_makes_no_sense(mm1, settings, error, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error):
        mm1.run(**settings)
    assert not list(tmp_path.iterdir())


def test_a_run_that_cannot_go_on_has_no_page_but_states(jam, tmp_path):
    with pytest.raises(retwin.RunError):
        jam.run(report=tmp_path / "page.html", states=tmp_path / "states.json")
    assert [path.name for path in tmp_path.iterdir()] == ["states.json"]
