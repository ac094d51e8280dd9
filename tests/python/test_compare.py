"""Comparisons, gates and regressions: tables, errors, and the same as the command line."""
import os
import pathlib
import subprocess
import sys
import xml.etree.ElementTree

import numpy as np
import pytest
import retwin

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLE = HERE.parent.parent / "examples/compare.py"


@pytest.fixture
def line(tmp_path):
    path = tmp_path / "line.yaml"
    path.write_text("""name: small line
run: {duration: 1 week}
sources: {feed: {every: {exponential: 10 min}, to: press}}
stations:
  press: {duration: {lognormal: {mean: 11 min, sd: 2 min}}, buffer: 10, power: 9 kW, to: pack}
  pack: {duration: 5 min, buffer: 5, to: done}
sinks: {done: product}
""")
    return retwin.load(path)


def test_a_faster_press_makes_more(line):
    made = retwin.compare(line, {"stations.press.duration": "{lognormal: {mean: 10.5 min, sd: 2 min}}"}, line.copy(), replications=10)
    label = "stations.press.duration={lognormal: {mean: 10.5 min, sd: 2 min}}"
    assert label in made.labels and made.identical[label] is False
    assert any(same for same in made.identical.values())
    row = next(k for k in range(len(made)) if made["path"][k] == "plant.throughput" and made["variant"][k] == label)
    assert made["shown"][row] and made["headline"][row]
    assert 0.03 < made["change_low"][row] < made["change_high"][row] < 11 / 10.5 - 1 + 0.005  # now and then it has nothing to do
    assert made["n"][row] == 10 and made["variance_reduction"][row] > 1
    assert list(made.changes["path"]) == ["stations.press.duration.lognormal.mean"]
    assert isinstance(made, retwin.Table) and "products +" in str(made)
    base, variant = line.run(replications=10), line.copy().set("stations.press.duration", "{lognormal: {mean: 10.5 min, sd: 2 min}}").run(replications=10)
    difference = variant.kpi("plant.throughput").values - base.kpi("plant.throughput").values
    assert made["difference"][row] == pytest.approx(difference.mean())
    assert made["difference_high"][row] - made["difference"][row] == pytest.approx(2.262157 * difference.std(ddof=1) / np.sqrt(10), rel=1e-5)


def test_gate(line):
    worse = {"stations.press.duration": "{lognormal: {mean: 11.5 min, sd: 2 min}}"}
    assert not retwin.compare(line, worse, fail_if=["products < -1 %"]).passed
    good = retwin.compare(line, worse, fail_if=["products < -20 %"])
    assert good.passed and list(good.gate["verdict"]) == ["passed"] and list(good.gate["n"]) == [10]
    with pytest.raises(retwin.InputError, match="did you mean plant.throughput"):
        retwin.compare(line, worse, fail_if=["plant.througput < -1 %"])
    with pytest.raises(TypeError):
        retwin.compare(line)


def test_regress(line, tmp_path):
    kept = tmp_path / "kept"
    assert len(retwin.regress([line], kept, update=True, replications=10)) == 0
    before = (kept / "line.json").read_bytes()
    same = retwin.regress([line], kept)
    assert same.passed and set(same["verdict"]) == {"identical"}
    assert retwin.regress([line.path], kept, seed=5).passed
    worse = retwin.regress([line.copy().set("stations.press.duration", "12 min")], kept, junit=tmp_path / "out.xml")
    assert not worse.passed and "stations.press.duration" in list(worse.changes["path"])
    assert "<failure" in (tmp_path / "out.xml").read_text() and worse.junit() == (tmp_path / "out.xml").read_text()
    assert retwin.regress([line.copy().set("stations.press.duration", "12 min")], kept, margin={"products": "30 %", "plant.electricity_per_lot": "30 %"}).passed
    with pytest.raises(retwin.InputError, match="another plant"):
        retwin.regress([line.copy().set("name", "another")], kept, update=True)
    assert (kept / "line.json").read_bytes() == before


def test_junit_is_read_by_others(line, tmp_path):
    odd = tmp_path / "a <b> & 'c' \"d\".yaml"
    odd.write_text(pathlib.Path(line.path).read_text())
    retwin.regress([odd], tmp_path / "kept", update=True, replications=10)
    worse = retwin.regress([retwin.load(odd).set("stations.press.duration", "12 min")], tmp_path / "kept")
    root = xml.etree.ElementTree.fromstring(worse.junit())
    assert root.find("testsuite").get("name") == str(odd)
    assert int(root.get("failures")) == len(root.findall(".//failure")) > 0
    assert int(root.get("tests")) == len(root.findall(".//testcase")) == len(worse)
    assert "stations.press.duration" in root.find(".//failure").get("message")


def test_the_command_line_says_the_same(line, tmp_path):
    binary = os.environ.get("RETWIN")
    if not binary:
        pytest.skip("RETWIN names no command line")
    told = subprocess.run([binary, "compare", line.path, "--variant-set", "stations.press.servers=2", "--format", "csv"], capture_output=True, text=True, check=True).stdout
    assert told == retwin.compare(line, {"stations.press.servers": 2}).csv()


def test_the_gate_of_the_example_holds():
    binary = os.environ.get("RETWIN")
    if not binary:
        pytest.skip("RETWIN names no command line")
    done = subprocess.run([EXAMPLE.parent / "ci/gate.sh", binary], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "identical in 10 replications" in done.stdout and "1 of 1 did not pass" in done.stdout


def test_the_example_runs():
    told = subprocess.run([sys.executable, EXAMPLE], capture_output=True, text=True, check=True, timeout=300).stdout
    assert "stations.wash.buffer=40" in told and "passed" in told
