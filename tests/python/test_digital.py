"""The digital layer from Python: figures, tables, the same bytes whatever the number of jobs, and what fails in it is an error of the run."""
import threading

import pytest

import retwin

LAYER = """
run: {duration: 4 h, warmup: 0 s, replications: 4}
digital:
  hosts: {camera: 1 Gop/s, box: {cores: 2, speed: 10 Gop/s, power: 60 W, idle_power: 20 W, station: look}}
  links: {cell: {bandwidth: 20 MB/s, latency: 1 ms}}
  routes: [{from: camera, to: box, over: [cell]}]
  tasks: {see: {steps: [{send: 400 MB, from: camera, to: box}, {compute: 300 Gop, host: box}]}}
sources: {parts: {every: {exponential: 30 s}, to: look}}
stations: {look: {servers: 3, duration: {exponential: 20 s}, waits_for: see, to: out}}
sinks: [out]
"""


@pytest.fixture
def plant(tmp_path):
    (tmp_path / "plant.yaml").write_text(LAYER)
    return retwin.load(tmp_path / "plant.yaml")


def test_figures_and_tables(plant):
    result = plant.run()
    assert result.kpis["digital.tasks.see.latency.p50"] >= 20.001 + 30  # alone: 400 MB at 20 MB/s, a millisecond, 300 Gop on a core
    assert 0 < result.kpis["stations.look.waiting_digital"] < 1
    assert list(result.table("tasks")["task"]) == ["see"]
    assert {"box", "camera", "cell"} == set(result.table("devices")["device"])
    assert result.kpis["digital.electricity"] == pytest.approx(result.kpis["digital.hosts.box.power"] * 4 / 1000, rel=1e-6)


def test_the_same_bytes_with_any_number_of_jobs(plant):
    digests = {tuple(outcome["digest"] for outcome in plant.run(jobs=jobs).outcomes) for jobs in (1, 2, 4)}
    assert len(digests) == 1


def test_from_a_thread_of_a_notebook(plant):
    found = []
    thread = threading.Thread(target=lambda: found.append(plant.run(replications=2).kpis["digital.tasks.see.latency.mean"]))
    thread.start()
    thread.join()
    assert found == [plant.run(replications=2).kpis["digital.tasks.see.latency.mean"]]


def test_a_simulation_goes_on_from_a_copy(plant):
    simulation = plant.start()
    simulation.advance(3000)
    other = simulation.copy()
    simulation.advance(9000)
    other.advance(9000)
    assert simulation.digest() == other.digest()
