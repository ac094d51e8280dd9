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
