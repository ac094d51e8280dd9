"""Records in Python: logs written by the simulator are read, compared, fitted and learned from."""
import json
import math
import subprocess

import numpy as np
import pytest
import retwin

from conftest import HERE


@pytest.fixture
def log_file(tmp_path, command):
    path = tmp_path / "mm1.csv"
    subprocess.run([command, "run", HERE / "mm1.yaml", "--log", path, "--replications", "1"], check=True, capture_output=True)
    return path


def test_a_log_is_arrays_of_its_operations(log_file):
    log = retwin.read_log(log_file)
    assert len(log) == len(log.start) == len(log.end) == len(log.lot) > 100
    assert (log.end >= log.start).all() and (np.diff(log.start) >= 0).all()
    assert set(np.unique(log.activity)) == set(range(len(log.activities)))
    assert len(log.sha256) == 64
    with pytest.raises(ValueError):
        log.start[0] = 0


def test_a_log_is_no_distance_from_itself(log_file):
    log = retwin.read_log(log_file)
    assert all(value == 0 for value in retwin.distances(log, log).values())
    other = retwin.read_log(log_file, activity="case_id")  # another sequence of activities
    assert retwin.distances(log, other)["ngd"] > 0.5


def test_the_family_of_values_is_found():
    rng = np.random.default_rng(1)
    best = retwin.fit(600 + rng.exponential(60, 2000))[0]
    assert best["family"] == "shifted exponential"
    assert best["mean"] == pytest.approx(660, rel=0.02)
    assert best["qq"].shape == (100, 2)
    assert np.allclose(best["qq"][:90, 0], best["qq"][:90, 1], rtol=0.02)
    assert retwin.fit(rng.normal(100, 5, 2000))[0]["family"] == "normal"
    with pytest.raises(ValueError):
        retwin.fit([])


def test_flows_obey_their_balance():
    flows = retwin.reconcile([9.22, 4.83, 3.22], [0.07650756, 0.02099601, 0.00933156], [[1, -1, -1]])
    assert flows["value"] == pytest.approx([8.38213098, 5.05993684, 3.32219415], abs=1e-7)
    assert flows["statistic"] == pytest.approx(12.813201051, abs=1e-6)
    assert flows["gross_errors"] == [0]
    assert retwin.reconcile([9, math.nan, 3], [0.1, math.nan, 0.1], [[1, -1, -1]])["kind"] == ["nonredundant", "observable", "nonredundant"]
    with pytest.raises(ValueError):
        retwin.reconcile([1, 2], [1], [[1, -1]])


def test_a_scenario_is_learned_and_judged(log_file, tmp_path):
    log = retwin.read_log(log_file)
    report = retwin.calibrate(log, tmp_path / "learned.yaml", train=0.5)
    assert "Service" in str(report) and len(report.parameters) > 2 and report.path == str(tmp_path / "learned.yaml")
    learned = retwin.load(tmp_path / "learned.yaml")
    assert learned is not None
    judged = retwin.validate(tmp_path / "learned.yaml", log, test=0.5, replications=4)
    assert judged["trace_driven"]["redd_h"] < 0.1
    assert set(judged["metrics"]) >= {"NGD", "AEDD", "CEDD", "REDD", "CTDD"}
    assert json.loads(judged.json()) == judged and "predicts the last" in str(judged) and "Validation of" in repr(judged)
    assert judged.tables == ["figures", "metrics", "activities"] and list(judged.table("figures")["figure"]) == list(judged["figures"])
    assert judged.table("activities").units["service_s"] == "s" and judged._repr_html_().count("<table>") == 3
    assert list(judged.to_frame()["log"]) == [f["log"] for f in judged["figures"].values()]
    with pytest.raises(KeyError):
        judged.table("figure")
    units = report.parameters["unit"]
    assert "" not in units and {"s", "1"} <= set(units), list(zip(report.parameters["parameter"], units))
    declared = retwin.validate(tmp_path / "learned.yaml", log, test=0.5, replications=4, acceptable_of={"throughput": 0.05})
    assert declared["figures"]["throughput"]["acceptable"] == 0.05
    assert declared["figures"]["events"]["acceptable"] == 0.1
    with pytest.raises(retwin.InputError):
        retwin.validate(tmp_path / "learned.yaml", log, acceptable_of={"speed": 0.05})
    with pytest.raises(retwin.InputError):
        retwin.calibrate(log, tmp_path / "learned.yaml", train=0.0)
    with pytest.raises(ValueError):
        retwin.calibrate(log, tmp_path / "learned.yaml", train=0.5, plant=tmp_path / "learned.yaml")


def test_further_columns_are_kept(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("case_id,activity,start_time,end_time,kg,colour\n"
                    "a,cut,2024-01-01 08:00:00,2024-01-01 08:10:00,2.5,red\n"
                    "b,cut,2024-01-01 08:10:00,2024-01-01 08:30:00,,\n")
    log = retwin.read_log(path, numeric=["kg"], categorical=["colour"])
    assert log.column("kg")[0] == 2.5 and math.isnan(log.column("kg")[1])
    assert log.column("colour") == ["red", None]
    with pytest.raises(KeyError):
        log.column("size")


def test_a_given_plant_gets_the_parameters_of_its_log(log_file, tmp_path):
    report = retwin.calibrate(retwin.read_log(log_file), tmp_path / "patched.yaml", plant=HERE / "mm1.yaml")
    assert "duration" in str(report)
    assert any(path.startswith("stations.desk.") for path in report.parameters[report.parameters.columns[0]])
    assert "extends" in (tmp_path / "patched.yaml").read_text()
    assert retwin.load(tmp_path / "patched.yaml") is not None


def test_a_given_plant_learns_from_meters_without_a_log(tmp_path):
    meters = tmp_path / "meters.csv"
    meters.write_text("station,energy [kWh],sd [kWh],working [h],idle [h]\ndesk,166,1,8,2\ndesk,115,1,5,5\n")
    report = retwin.calibrate(None, tmp_path / "patched.yaml", plant=HERE / "mm1.yaml", meters=str(meters))
    assert "stations.desk.power" in str(report) and "20,000" in str(report)
    assert retwin.load(tmp_path / "patched.yaml") is not None
    with pytest.raises(ValueError):
        retwin.calibrate(None, tmp_path / "patched.yaml", plant=HERE / "mm1.yaml")
    with pytest.raises(ValueError):
        retwin.calibrate(None, tmp_path / "patched.yaml", meters=str(meters))
    meters.write_text("station,energy [kWh],working [h]\nnowhere,166,8\n")
    with pytest.raises(retwin.InputError):
        retwin.calibrate(None, tmp_path / "patched.yaml", plant=HERE / "mm1.yaml", meters=str(meters))


def test_how_times_are_written_is_told(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("case_id,activity,start_time,end_time\na,cut,10,20\nb,cut,20,50\n")
    for unit, second in (("s", 1), ("min", 60), ("h", 3600)):
        log = retwin.read_log(path, time_unit=unit)
        assert (log.end - log.start).tolist() == [10 * second, 30 * second]
    with pytest.raises(ValueError, match="fortnight"):
        retwin.read_log(path, time_unit="fortnight")
    path.write_text("case_id,activity,start_time,end_time\na,cut,2024#02#01 08,2024#02#01 09\n")
    assert retwin.read_log(path, time_format="%Y#%m#%d %H").start[0] == 1706774400  # 2024-02-01T08:00Z
