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


def test_money_goes_with_matter(path, tmp_path):
    money = retwin.cost(retwin.load(path))
    first, second = money.lots()["cost"]  # idle: the other 166 h of the one week
    assert first == pytest.approx((3 + 83) * 0.5) and second == pytest.approx(first)
    assert list(money.lots()["revenue"]) == [pytest.approx(1000)] * 2 and list(money.lots("products")["cost"]) == [pytest.approx(first)] * 2
    assert money.lots("sum")["cost"][-1] * 50 == pytest.approx(money.cost)
    ledger = tmp_path / "week.ledger"
    said("run", path, "--ledger", ledger)
    assert list(money.lots(ledger=ledger)["cost"]) == list(money.lots()["cost"])
    assert said("cost", path, "--ledger", ledger, "--table", "batteries") == str(money.lots())
    with pytest.raises(ValueError, match="batteries"):
        money.lots("all")
    (tmp_path / "toll.yaml").write_text("extends: plant.yaml\nprices: {toll: {feed: feed, value: 1 CNY/kg, source: by hand}}\n")
    with pytest.raises(retwin.InputError, match="without the price toll"):  # control: it knows nothing of this one
        retwin.cost(retwin.load(tmp_path / "toll.yaml")).lots(ledger=ledger)


CLAIM = """extends: plant.yaml
stations: {press: {power: 1 kW}}
claims: {smaller_motor: {per: feed, additionality: nobody asks for it, leakage: 10 %, source: by hand}}
"""


def test_a_claim_takes_a_baseline_and_is_netted_with_nothing(path):
    path.write_text(TEXT + """factors: [mine]
functional_units: {feed: {of: [feed]}}
""")
    (path.parent / "library/factors").mkdir(parents=True)
    (path.parent / "library/factors/mine.yaml").write_text("source: by hand\nfactors: {grid: {flow: electricity, value: 0.5 kg CO2e/kWh, scope: 2}}\n")
    other = path.parent / "other.yaml"
    other.write_text(CLAIM)
    made = retwin.compare(retwin.load(path), retwin.load(other), replications=2)
    less = 2 * 2 * 0.5 / 0.2  # two hours by 2 kW less, over 0.2 t
    claim = {name: made.claims[name][0] for name in ("per_tonne", "volume", "leakage", "estimate")}
    assert claim == {"per_tonne": pytest.approx(less), "volume": pytest.approx(less * 0.2 * 50 / 1000 * 0.9), "leakage": 0.1, "estimate": False}
    assert "nobody asks for it" in str(made) and "netted with nothing" in str(made)
    carbon = [row for row in zip(made["path"], made["difference"]) if row[0] == "per.feed.carbon"]
    assert carbon == [("per.feed.carbon", pytest.approx(-less))]
    assert retwin.load(other).run(replications=1).kpis["per.feed.carbon"] == pytest.approx((2 * 1 + 166) * 0.5 / 0.2)
    assert len(retwin.compare(retwin.load(other), retwin.load(path), replications=2).claims) == 0  # control: the base claims nothing
    with pytest.raises(retwin.InputError, match="no functional unit"):
        retwin.load(other).set("claims.smaller_motor.per", "gate").check()
