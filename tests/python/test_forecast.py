"""Many futures of a running simulation: those of run(state=...), paired with what-ifs from now."""
import numpy as np
import pytest
import retwin

from conftest import ROOT


@pytest.fixture
def now():
    plant = retwin.load(ROOT / "scenarios/plants/line.yaml").set({"run.duration": "4 days", "run.warmup": "1 day"})
    running = plant.start()
    running.advance("1 d")
    return running


FIGURE = "plant.throughput"
OUTAGE = {"label": "down", "stations.wash.fails.tonight": {"at": "30 h", "repair": "6 h"}}


def test_futures_are_those_of_a_run_from_the_state(now, tmp_path):
    now.save(tmp_path / "now.state")
    plant = retwin.load(ROOT / "scenarios/plants/line.yaml").set({"run.duration": "4 days", "run.warmup": "1 day"})
    for seed in (None, 7):
        run = plant.run(state=tmp_path / "now.state", replications=4, duration="12 h", **({} if seed is None else {"seed": seed}))
        made = now.forecast("36 h", replications=4, seed=seed, jobs=1)
        assert (made.values(FIGURE)[0, 0] == run.kpi(FIGURE).values).all()
        row = made.figure(FIGURE)
        assert row["mean"][0] == pytest.approx(run.kpi(FIGURE).mean, rel=1e-12)
        assert row["high"][0] - row["mean"][0] == pytest.approx(run.kpi(FIGURE).half_width, rel=1e-9)
    fork = now.copy()
    fork.begin_window()
    fork.advance("36 h")
    assert now.forecast("36 h", replications=2).values(FIGURE)[0, 0, 0] == pytest.approx(fork.kpis()[FIGURE], rel=1e-12)
    assert made.values(FIGURE)[0, 0, 0] != fork.kpis()[FIGURE]  # control: another seed


def test_a_what_if_has_the_same_luck(now):
    before = now.digest()
    made = now.forecast(["28 h", "48 h"], OUTAGE, replications=5, jobs=2)
    assert now.digest() == before and made.labels[1] == "down" and len(made.labels) == 2
    values = made.values(FIGURE)
    assert values.shape == (2, 2, 5)
    assert (values[0, 0] == values[1, 0]).all() and (values[0, 1] > values[1, 1]).all()  # nothing differs before 30 h
    rows = made.figure(FIGURE)
    late = rows["until_s"] == 48 * 3600
    down = rows["branch"] == "down"
    assert rows["difference"][late & down][0] == pytest.approx((values[1, 1] - values[0, 1]).mean())
    assert rows["difference_high"][late & down][0] < 0 and np.isnan(rows["difference"][~down]).all()
    assert rows["median"][late & down][0] == pytest.approx(np.median(values[1, 1])) and rows["p05"][late & down][0] == pytest.approx(np.quantile(values[1, 1], 0.05))
    assert str(made.table) == str(now.forecast(["28 h", "48 h"], OUTAGE, replications=5, jobs=1).table)  # of threads
    assert (now.forecast("48 h", OUTAGE, replications=5).values(FIGURE)[:, 0] == values[:, 1]).all()     # of other times


def test_it_is_a_value(now):
    pandas = pytest.importorskip("pandas")
    made = now.forecast("30 h", {"stations.wash.buffer": 40}, replications=2)
    frame = made.to_frame()
    assert isinstance(frame, pandas.DataFrame) and "until_s [s]" in frame and "<table>" in made._repr_html_()
    assert set(frame["branch"]) == set(made.labels) and made.labels[1] == "stations.wash.buffer=40"
    assert FIGURE in str(made) and "2 branches" in repr(made)
    with pytest.raises(KeyError, match="did you mean plant.throughput"):
        made.figure("plant.throughputs")


def test_what_makes_no_sense_is_refused(now):
    for until in ("1 h", "24 h", [], "3 kg"):
        with pytest.raises(ValueError):
            now.forecast(until)
    with pytest.raises(ValueError):
        now.forecast("30 h", replications=1)
    with pytest.raises(retwin.InputError):
        now.forecast("30 h", {"stations.wash.buffers": 3})
    assert now.now == 24 * 3600


def test_an_outage_at_a_time_comes_once(now):
    with pytest.warns(UserWarning) as told:
        down = now.copy(retwin.load(ROOT / "scenarios/plants/line.yaml").set(OUTAGE))
    message = str(told[0].message)
    assert "\n" not in message and len(message) < 160 and "carried over by name" in message and "stations.wash" in message
    assert any("wash" in path for path in down.differences["path"]) and len(now.differences) == 0
    wash = down.stations.index("wash")
    had = down.snapshot()["failures"][wash]
    spans = down.record("3 d").spans
    at = (spans["station"] == "wash") & (spans["state"] == "down")
    held = [(begin, end) for begin, end in zip(spans["from_s"][at], spans["to_s"][at]) if begin <= 30 * 3600 < end]
    assert len(held) == 1 and held[0][1] - 30 * 3600 >= 6 * 3600  # it was jammed just then: the outage waits for the end of that
    assert sum(end - begin >= 6 * 3600 for begin, end in zip(spans["from_s"][at], spans["to_s"][at])) == 1
    assert down.snapshot()["failures"][wash] >= had + 1
