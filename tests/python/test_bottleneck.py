"""The verdict by relief: the same as on the command line, tables with their intervals."""
import contextlib
import io
import json
import os
import pathlib
import subprocess

import numpy as np
import pytest
import retwin

HERE = pathlib.Path(__file__).resolve().parent
PLANTS = HERE.parent / "verify/bottleneck/plants"
EXAMPLE = HERE.parent.parent / "examples/relief.py"


def test_pairs_where_no_step_gains():
    plant = retwin.load(PLANTS / "pair.yaml").set({"run.duration": "2 weeks", "run.warmup": "1 d"})
    limits = retwin.bottleneck(plant, replications=3, jobs=2)
    assert not limits.demand_limits and not limits.undecided and limits.objective == "plant.throughput"
    assert set(limits.sufficient) == {"stations.first.servers", "stations.second.servers"}
    gains = limits.gains
    roles, gain, low, high = (gains[name] for name in ("role", "gain", "gain_low", "gain_high"))
    assert np.all((low <= gain) & (gain <= high))
    assert np.all(np.abs(gain[roles == "step"]) < 0.001) and gain[roles == "pair"].max() > 0.6
    assert "In pairs: first: servers 1 -> 2 and second: servers 1 -> 2" in limits.verdict
    assert str(limits).count("Two steps at a time") == 1


def test_same_as_the_command_line():
    path = PLANTS / "demand.yaml"
    limits = retwin.bottleneck(retwin.load(path).set("run.duration", "4 weeks"), replications=3, seed=5)
    said = subprocess.run([os.environ["RETWIN"], "bottleneck", str(path), "--set", "run.duration=4 weeks", "--replications", "3", "--seed", "5",
                           "--format", "json"], capture_output=True, text=True, check=True).stdout
    one, other = json.loads(limits.json()), json.loads(said)
    one.pop("hash"), other.pop("hash")
    assert one == other
    assert limits.demand_limits and limits.sufficient == [] and limits.verdict.startswith("Demand limits it")


def test_refused():
    plant = retwin.load(PLANTS / "pair.yaml")
    with pytest.raises(ValueError):
        retwin.bottleneck(plant, replications=1)
    with pytest.raises(ValueError):
        retwin.bottleneck(plant, jobs=0)


def test_example():
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(EXAMPLE.read_text(), str(EXAMPLE), "exec"), {"__file__": str(EXAMPLE), "__name__": "__main__"})
    assert "inspect: servers 1 -> 2" in said.getvalue() and "with a second inspector: " in said.getvalue()
