"""Rules on masses and money: the same as on the command line."""
import os
import pathlib
import subprocess

import pytest
import retwin

TEXT = """name: by hand
run: {start: 2026-01-05, duration: 1 week, terminating: true, replications: 2, year: 50 weeks}
compliance: {nickel: {rule: eu_2023_1542.recovery_Ni, out: {all: [ok]}, in: {all: [feed]}}}
prices: {power: {flow: electricity, value: 0.5 CNY/kWh, source: by hand}, sold: {product: ok, value: 10 CNY/kg, source: by hand}}
sources: {feed: {at: [1 h, 30 h], lot: cell, chemistry: {NMC622: 100 %}, mass: 100 kg, to: press}}
stations: {press: {duration: 1 h, power: 3 kW, idle_power: 1 kW, to: ok}}
sinks: {ok: product}
"""


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "plant.yaml"
    file.write_text(TEXT)
    return file


def said(*words):
    return subprocess.run([os.environ["RETWIN"], *map(str, words)], capture_output=True, text=True).stdout


def test_money_by_hand(path):
    money = retwin.cost(retwin.load(path))
    assert money.cost == pytest.approx((2 * 3 + 166) * 50 * 0.5) and money.revenue == pytest.approx(100000)
    assert money.margin == pytest.approx(money.revenue - money.cost)
    assert list(money.table["price"]) == ["power", "sold"] and list(money.prices["value"]) == ["0.5 CNY/kWh", "10 CNY/kg"]
    assert str(money) in said("cost", path)
    assert retwin.cost(retwin.load(path).set("prices.power.value", "1 CNY/kWh")).cost == pytest.approx(2 * money.cost)


def test_rules(path):
    rules = retwin.comply(retwin.load(path))
    assert rules.passed and list(rules.table["verdict"]) == ["pass", "pass"] and list(rules.table["value"]) == [1, 1]
    assert str(rules) == said("comply", path)
    assert len(retwin.comply(retwin.load(path), date="2032-01-01").table["target"]) == 1
    with pytest.raises(ValueError, match="2027-12-31"):
        retwin.comply(retwin.load(path), date="soon")
    with pytest.raises(retwin.InputError, match="comes out"):
        retwin.comply(retwin.load(path).set("compliance.nickel.out.more.of", "[feed]"))


def test_nothing_stated(path):
    plant = retwin.load(path).set("prices", None).set("compliance", None)
    with pytest.raises(retwin.InputError, match="no prices"):
        retwin.cost(plant)
    with pytest.raises(retwin.InputError, match="no rules"):
        retwin.comply(plant)
