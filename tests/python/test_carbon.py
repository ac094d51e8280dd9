"""Footprints and balances: tables that sum, by the names of the command line."""
import os
import pathlib
import runpy
import subprocess

import numpy as np
import pytest
import retwin


EXAMPLE = pathlib.Path(__file__).resolve().parent.parent.parent / "examples/thirty_percent.py"


@pytest.fixture
def cells(tmp_path):
    (tmp_path / "library/factors").mkdir(parents=True)
    (tmp_path / "library/factors/mine.yaml").write_text("""source: a made-up figure for this test
factors:
  grid: {flow: electricity, value: 0.5 kg CO2e/kWh, scope: 2}
  lorry: {flow: road, value: 0.1 kg CO2e/(t km), scope: 3}
""")
    path = tmp_path / "plant.yaml"
    path.write_text("""name: cells
run: {duration: 2 days, replications: 1}
factors: [mine]
sources: {feed: {lot: cell, chemistry: {LFP: 100 %}, mass: 1 kg, every: 1 h, to: press}}
stations: {press: {duration: 30 min, power: 1 kW, to: done}}
sinks: {done: {role: product, consumes: {road: {per_mass: 250 km}}}}
""")
    return retwin.load(path)


def test_footprints_sum_to_the_plant_and_are_those_of_the_command_line(cells, tmp_path):
    made = retwin.carbon(cells)
    assert made.error < 1e-12
    assert len(made.products) == 47 and np.allclose(made.products["carbon"], 0.5 * 0.5 + 0.1 * 0.25)  # half a kWh, 250 km of a kilogram
    lot = made.products["lot"][0]
    items = made.product(lot)
    assert sorted(items["place"]) == ["done", "press"] and items["carbon"].sum() == pytest.approx(0.275)
    with pytest.raises(KeyError):
        made.battery("0")
    with pytest.raises(ValueError):
        made.battery("no lot")
    out = subprocess.run([os.environ["RETWIN"], "carbon", tmp_path / "plant.yaml", "--table", "products", "--format", "csv"], capture_output=True, check=True)
    assert out.stdout.decode() == made.products.csv()


def test_activities_sum_to_the_plant_and_footprints_are_spread_over_all_lots(cells, tmp_path):
    cells.set({"auxiliaries": {"light": {"power": "100 W"}}})
    made = retwin.carbon(cells)
    side = np.array(made.sum["side"]) == "plant"
    activities = dict(zip(made.activities["place"], made.activities["carbon"]))
    assert sum(activities.values()) == pytest.approx(np.array(made.sum["carbon"])[side][0], rel=1e-12)
    assert activities["light"] == pytest.approx(0.1 * 48 * 0.5) and activities["done"] == pytest.approx(47 * 0.025)
    assert list(made.activities["scope"]) == [2, 2, 3] and made.activities["share"].sum() == pytest.approx(1)
    spread = dict(zip(made.spread["side"], zip(made.spread["lots"], made.spread["p5"], made.spread["p95"])))
    assert spread["borne at"] == (47, pytest.approx(0.275), pytest.approx(0.275)) and spread["caused by"][0] == made.batteries["final"].sum()
    for table in ("activities", "spread"):
        out = subprocess.run([os.environ["RETWIN"], "carbon", tmp_path / "plant.yaml", "--set", "auxiliaries={light: {power: 100 W}}", "--table", table, "--format", "csv"], capture_output=True, check=True)
        assert out.stdout.decode() == getattr(made, table).csv()


def test_a_balance_is_that_of_the_command_line(cells, tmp_path):
    table = retwin.balance(cells)
    out = subprocess.run([os.environ["RETWIN"], "balance", tmp_path / "plant.yaml", "--format", "csv"], capture_output=True, check=True)
    assert out.stdout.decode() == table.csv()
    with pytest.raises(retwin.InputError):
        retwin.balance(cells.copy().set({"sources.feed": "{every: 1 h, to: press}", "sinks.done": "{}", "factors": None}))


def test_the_thirty_percent_example_adds_up(capsys):
    example = runpy.run_path(str(EXAMPLE), run_name="tested")
    result = example["run"]("only_lfp", "3 weeks", "1 week")
    ours, theirs = example["compare"]("LFP", result, "LFP_low")
    assert ours == pytest.approx(result.kpi("per.recycling.carbon").mean, rel=1e-3)
    assert theirs == pytest.approx(2289 * 0.6191 + 283)
    assert "30 % below needs" in capsys.readouterr().out


def test_products_by_other_rules(tmp_path):
    (tmp_path / "library/factors").mkdir(parents=True)
    (tmp_path / "library/factors/mine.yaml").write_text("source: by hand\nfactors: {grid: {flow: electricity, value: 0.5 kg CO2e/kWh, scope: 2}}\n")
    path = tmp_path / "plant.yaml"
    path.write_text("""name: two products and a waste
run: {duration: 1 day, replications: 1, terminating: true}
factors: [mine]
sources: {feed: {lot: cell, chemistry: {LFP: 100 %}, mass: 1 kg, at: [1 h, 3 h, 5 h, 7 h], to: press}}
stations: {press: {duration: 1 h, energy_per_job: 2 kWh, to: {cyclic: [fine, coarse, dust, dust]}}}
sinks: {fine: product, coarse: product, dust: waste}
prices: {f: {product: fine, value: 30 CNY/kg, source: x}, c: {product: coarse, value: 10 CNY/kg, source: x}}
""")
    made = retwin.carbon(retwin.load(path)).rules  # a kilogram of CO2e each, two of them of the dust
    rules = {name: [made[rule][k] for rule in ("by_matter", "by_mass", "by_value")] for k, name in enumerate(made["product"])}
    assert rules == {"fine": pytest.approx([1, 2, 3]), "coarse": pytest.approx([1, 2, 1])}


def test_a_background_system_is_asked(tmp_path):
    """.2 L of fuel a kWh, .1 kg CO2 a kWh and .1 kg a litre make .12 kg a kWh; 167 jobs of a kWh in a week."""
    system = tmp_path / "system"
    system.mkdir()
    (system / "processes.csv").write_text("process,unit\nelectricity,kWh\nfuel,L\n")
    (system / "technosphere.csv").write_text("process,input,amount\nelectricity,fuel,0.2\n")
    (system / "biosphere.csv").write_text("process,flow,amount\nelectricity,CO2,0.1\nfuel,CO2,0.1\n")
    (system / "weights.csv").write_text("flow,kg_CO2e\nCO2,1\n")
    (tmp_path / "library/factors").mkdir(parents=True)
    (tmp_path / "library/factors/mine.yaml").write_text(
        "source: a made-up figure for this test\nfactors:\n  grid: {flow: electricity, value: 0.5 kg CO2e/kWh, scope: 2}\n")
    plant = retwin.from_dict({"name": "a press", "run": {"duration": "1 week", "warmup": "0 s", "replications": 1}, "factors": ["mine"],
                              "sources": {"feed": {"every": "1 h", "to": "press"}}, "sinks": ["done"],
                              "stations": {"press": {"duration": "1 h", "energy_per_job": "1 kWh", "to": "done"}}}, path=tmp_path / "plant.yaml")
    carbon = retwin.carbon(plant)
    background = carbon.background(system)
    assert background.kg == pytest.approx(20.04) and list(background.warnings) == []
    assert dict(zip(background.processes["process"], background.processes["carbon"])) == pytest.approx({"electricity": 16.7, "fuel": 3.34})
    assert background.flows["intensity"][0] == pytest.approx(0.12) and "20.04" in str(background)
    with pytest.raises(retwin.InputError):
        carbon.background(tmp_path / "nowhere")
    assert retwin.carbon(plant, duration="2 d").background(system).kg == pytest.approx(47 * 0.12)
    plant.run(replications=1, ledger=tmp_path / "week.ledger")
    again = retwin.carbon(plant, ledger=tmp_path / "week.ledger")
    assert str(again.sum) == str(carbon.sum)
    with pytest.raises(ValueError):
        retwin.carbon(plant, ledger=tmp_path / "week.ledger", duration="2 d")
