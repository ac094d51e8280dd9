"""Simulations: advance, fork, save and go on, and arrays of what is going on."""
import copy
import gc
import subprocess
import threading

import numpy as np
import pytest
import retwin

DAY = 86400.0


def test_advance_takes_seconds_or_text(mm1):
    simulation = mm1.start()
    assert simulation.now == 0
    simulation.advance("3 h")
    assert simulation.now == 3 * 3600
    simulation.advance(5 * 3600)
    other = mm1.start(seed=1, replication=0)
    other.advance("5 h")
    assert simulation.digest() == other.digest(), "in two steps or one"
    assert "M/M/1" in repr(simulation)


@pytest.mark.parametrize("until, error", [
    ("3 kg", retwin.InputError), ("soon", retwin.InputError), ("1 h", ValueError), (float("nan"), ValueError),
    (float("inf"), ValueError),
])
def test_times_that_are_none(mm1, until, error):
    simulation = mm1.start()
    simulation.advance("2 h")
    with pytest.raises(error) as caught:
        simulation.advance(until)
    if error is retwin.InputError:
        assert caught.value.problems[0].code == "unit"
    assert simulation.now == 7200


def test_seed_and_replication(mm1):
    def digest(**key):
        simulation = mm1.start(**key)
        simulation.advance("10 h")
        return simulation.digest()
    assert len({digest(), digest(seed=2), digest(replication=1)}) == 3
    assert digest() == digest(seed=1, replication=0)


@pytest.mark.parametrize("fork_of", [lambda s: s.copy(), copy.copy])
def test_a_copy_is_a_fork(workshop, fork_of):
    simulation = workshop.start()
    simulation.advance("5 d")
    fork, other = fork_of(simulation), fork_of(simulation)
    other.rekey(17)
    before = simulation.digest()
    fork.advance("12 d")
    assert simulation.now == 5 * DAY and simulation.digest() == before, "the fork leaves it alone"
    simulation.advance("12 d")
    other.advance("12 d")
    assert simulation.digest() == fork.digest() != other.digest()
    np.testing.assert_equal(simulation.kpis(), fork.kpis())


def test_kpis_are_those_of_a_run(mm1, workshop):
    """Also where parameters change during the window."""
    for scenario, warmup in ((mm1, 0), (workshop, 7 * DAY)):
        simulation = scenario.start()
        simulation.advance(warmup)
        simulation.begin_window()
        for part in (0.3, 0.9, 1):
            simulation.advance(warmup + part * (scenario.duration_s - warmup))
        apart, run = simulation.kpis(), dict(scenario.run(replications=1).kpis)
        assert run["plant.peak_power"] > 0
        np.testing.assert_equal(apart, run)


def test_save_and_go_on(workshop, tmp_path):
    simulation = workshop.start()
    simulation.advance("5 d")
    simulation.save(tmp_path / "now.state")
    back = retwin.load_state(tmp_path / "now.state", workshop)
    assert back.now == simulation.now and back.digest() == simulation.digest()
    simulation.advance("12 d")
    back.advance("12 d")
    assert back.digest() == simulation.digest()
    assert back.kpis()["sinks.done.lots"] < simulation.kpis()["sinks.done.lots"], "its window begins where it was loaded"


def test_what_if_from_now(workshop, tmp_path):
    simulation = workshop.start()
    simulation.advance("5 d")
    simulation.save(tmp_path / "now.state")
    variant = workshop.copy().set("stations.press.duration", "{exponential: 5 min}")
    faster = retwin.load_state(tmp_path / "now.state", variant)
    fork = simulation.copy(variant)
    simulation.begin_window()
    for one in (simulation, faster, fork):
        one.advance("12 d")
    assert fork.digest() == faster.digest()
    assert faster.kpis()["stations.press.utilisation"] < 0.8 * simulation.kpis()["stations.press.utilisation"]


def test_states_of_other_plants(mm1, workshop, tmp_path):
    simulation = workshop.start()
    simulation.advance("5 d")
    simulation.save(tmp_path / "now.state")
    with pytest.warns(UserWarning, match="press"):
        more = retwin.load_state(tmp_path / "now.state", workshop.copy().set("stations.press.servers", 3))
    assert more.now == simulation.now
    with pytest.raises(retwin.InputError) as caught:
        retwin.load_state(tmp_path / "now.state", mm1)
    assert {p.code for p in caught.value.problems} == {"structure"}
    (tmp_path / "now.state").write_bytes((tmp_path / "now.state").read_bytes()[:-9])
    with pytest.raises(retwin.InputError) as caught:
        retwin.load_state(tmp_path / "now.state", workshop)
    assert caught.value.problems[0].code == "state"
    with pytest.raises(retwin.InputError) as caught:
        retwin.load_state(tmp_path / "nothing.state", workshop)
    assert caught.value.problems[0].code == "file"


def test_the_command_line_goes_on_from_a_saved_state(workshop, command, tmp_path):
    simulation = workshop.start()
    simulation.advance("7 d")
    simulation.save(tmp_path / "now.state")
    options = ["--from", str(tmp_path / "now.state"), "--duration", "1 week", "--replications", "1", "--format", "csv"]
    run = subprocess.run([command, "run", workshop.path, *options], check=True, capture_output=True, text=True)
    going_on = retwin.load_state(tmp_path / "now.state", workshop)
    going_on.advance("14 d")
    line = next(row for row in run.stdout.splitlines() if row.startswith("sinks.done.lots,"))
    assert float(line.split(",")[1]) == going_on.kpis()["sinks.done.lots"]


def test_queue_lengths_are_a_live_view(workshop):
    simulation = workshop.start()
    live = simulation.queue_lengths
    assert live.shape == (2,) and live.sum() == 0
    assert np.shares_memory(live, simulation.queue_lengths)
    assert not np.shares_memory(live, simulation.copy().queue_lengths)
    simulation.advance("4 d 7 h")  # before the shift: the press has a full buffer
    assert live.sum() > 0, "it changes as the simulation advances"
    np.testing.assert_array_equal(live, simulation.snapshot()["queue"])
    with pytest.raises(ValueError):
        live[0] = 1
    kept = live.copy()
    del simulation
    gc.collect()
    np.testing.assert_array_equal(live, kept)


def test_snapshots_stay(workshop):
    simulation = workshop.start()
    simulation.advance("9 d 10 h")
    snapshot = simulation.snapshot()
    assert list(snapshot["station"]) == workshop.stations
    times = snapshot["state_time_s"]
    assert times.shape == (2, 10) == (len(workshop.stations), len(snapshot["state"]))
    np.testing.assert_allclose(times.sum(axis=1), np.array([2, 1]) * simulation.now)  # servers x time
    assert times.base is snapshot["jobs"].base, "one memory, no copies"
    kept = times.copy()
    simulation.advance("20 d")
    np.testing.assert_array_equal(times, kept)
    later = simulation.snapshot()
    assert (later["jobs"] > snapshot["jobs"]).all() and later["sink_lots"][0] > snapshot["sink_lots"][0]
    assert list(later["resource"]) == ["fitter"] and later["resource_on_duty"][0] == 1


def test_series(workshop):
    simulation = workshop.start()
    series = simulation.series(until="10 d 30 min", every="1 h")
    assert simulation.now == 10 * DAY + 1800
    np.testing.assert_allclose(series["time_s"], np.arange(241) * 3600)
    assert series["queue"].shape == series["content"].shape == (241, 2)
    assert (series["content"] >= series["queue"]).all() and series["queue"].max() <= 5
    np.testing.assert_array_equal(series["content"].sum(axis=1), series["wip"])
    assert (np.diff(series["sink_lots"][:, 0].astype(int)) >= 0).all()
    assert series["queue"].base is series["wip"].base
    straight = workshop.start()
    straight.advance(simulation.now)
    assert straight.digest() == simulation.digest(), "looking changes nothing"
    for every in (0, -1, "3 kg"):
        with pytest.raises(ValueError):
            simulation.series(until="11 d", every=every)


def test_one_thread_at_a_time(mm1):
    simulation = mm1.start()
    thread = threading.Thread(target=simulation.advance, args=("50000 h",))
    thread.start()
    refused = 0
    while thread.is_alive():
        try:
            simulation.digest()
        except RuntimeError:
            refused += 1
    thread.join()
    assert refused > 0
    assert simulation.now == 50000 * 3600


def test_a_deadlock_stops_the_simulation(jam):
    simulation = jam.start()
    with pytest.raises(retwin.RunError) as caught:
        simulation.advance("10 h")
    assert 0 < caught.value.time_s < 10 * 3600
    for use in (lambda: simulation.now, simulation.digest, simulation.kpis, simulation.copy, lambda: simulation.advance("11 h")):
        with pytest.raises(RuntimeError, match="stopped by an error"):
            use()
