"""Whatever a command can be told, Python can be told by the same name; what is elsewhere is listed, with where."""
import inspect
import re
import subprocess

import pytest
import retwin

from conftest import ROOT

# What each command is in Python.
DOORS = {"run": "Scenario.run", "compare": "compare", "regress": "regress", "task": "task", "check": "check", "draw": "draw", "bottleneck": "bottleneck",
         "carbon": "carbon", "balance": "balance", "comply": "comply", "cost": "cost", "calibrate": "calibrate", "validate": "validate",
         "distances": "distances", "reconcile": "reconcile", "machines": "machines", "drift": "drift", "explain": "explain", "list": "list",
         "new": "new", "schema": "schema", "sweep": "sweep", "select": "select", "optimise": "optimise", "merge": "sweep"}
# Of every command: an option that stands elsewhere in Python, as an attribute or as f(argument).
EVERYWHERE = {"--set": "Scenario.set", "--library": "load(library)", "--format": "Table.csv"}
ELSEWHERE = {
    "run": {"--out": "Result.write", "--table": "Result.table", "--from": "Scenario.run(state)"},
    "compare": {"--variant-set": "compare(*variants)", "--out": "Comparison.write"},
    "draw": {"--output": "draw(path)"},
    "carbon": {"--battery": "Carbon.battery", "--product": "Carbon.product", "--background": "Carbon.background", "--table": "Carbon.products"},
    "comply": {"--fail": "Compliance.passed"},
    "cost": {"--prices": "Cost.prices", "--ledger": "Cost.lots(ledger)", "--table": "Cost.lots(table)"},
    "calibrate": {"--discover": "calibrate(plant)", "--quantity": "read_log(numeric)", "--attribute": "read_log(categorical)"},
    "validate": {"--from": "validate(from_)"},
    "distances": {"--zone": "distances(zone_h)"},
    "machines": {f"--{state}": "machines(meaning)" for state in ("working", "setup", "idle", "planned", "jam", "failure", "breakdown")},
    "drift": {f"--{state}": "drift(meaning)" for state in ("working", "setup", "idle", "planned", "jam", "failure", "breakdown")},
    "sweep": {"--out": "StudyResult.write", "--shard": "shard(index)"},
    "select": {"--out": "StudyResult.write"},
    "optimise": {"--out": "StudyResult.write"},
    "merge": {"--out": "StudyResult.write"},
    "schema": {},
}
# Columns of logs are told where the log is read.
READ = ("calibrate", "validate", "distances")
EXCUSES = {("run", "--performance"): "how fast the command went is no result"}


def options(command, name):
    told = subprocess.run([command, name, "--help"], check=True, capture_output=True, text=True).stdout
    found = {flag for line in re.findall(r"^ +((?:-\w, ?)?--[\w-]+(?:, ?--[\w-]+)*)", told, re.MULTILINE) for flag in re.findall(r"--[\w-]+", line)}
    return found - {"--help", "--version"}


def arguments(path):
    """Names of what a function can be told."""
    function = retwin
    for part in path.split("."):
        function = getattr(function, part)
    try:
        return set(inspect.signature(function).parameters)
    except ValueError:  # of the extension: its docstring begins with its signatures
        lines = [line for line in function.__doc__.splitlines() if re.match(rf"(\d+\. )?{path.split('.')[-1]}\(", line)]
        return set(re.findall(r"[(,] \*?(\w+)(?=[:,)])", " ".join(lines).replace("(", "( "))) | ({"variants"} if "*args" in lines[0] else set())


def stands(where):
    path, _, argument = where.rstrip(")").partition("(")
    if argument:
        return argument.lstrip("*") in arguments(path)
    owner, name = path.split(".")
    return hasattr(getattr(retwin, owner), name)


def missing(command, name):
    """Options of a command that Python has neither by name nor where it is said."""
    told = arguments(DOORS[name])
    out = []
    for flag in sorted(options(command, name)):
        plain = flag[2:].replace("-", "_")
        where = ELSEWHERE.get(name, {}).get(flag) or EVERYWHERE.get(flag)
        if plain in told or (name, flag) in EXCUSES or (where and stands(where)):
            continue
        if name in READ and plain in arguments("read_log"):
            continue
        if name == "drift" and "columns" in told and plain in COLUMNS_OF_DRIFT:
            continue
        out.append(flag)
    return out


COLUMNS_OF_DRIFT = set(re.findall(r"\w+", re.search(r"that is not recognised: (.*?)\.\nmeaning", retwin.drift.__doc__, re.DOTALL)[1]))


def test_every_command_has_a_door(command):
    told = subprocess.run([command, "--help"], check=True, capture_output=True, text=True).stdout
    commands = set(re.findall(r"^  (\w+)  ", told.partition("ommands")[2], re.MULTILINE))
    assert commands == set(DOORS)


@pytest.mark.parametrize("name", sorted(DOORS))
def test_every_option_of_a_command_is_there_by_its_name(command, name):
    assert len(options(command, name)) > (0 if name not in ("schema", "explain") else -1)
    assert missing(command, name) == []


def test_what_is_listed_is_needed(command):
    for name, flags in ELSEWHERE.items():
        for flag in flags:
            assert flag in options(command, name) and flag[2:].replace("-", "_") not in arguments(DOORS[name]), (name, flag)


def test_an_option_that_is_missing_is_seen(command, monkeypatch):
    """Control: compare without duration, a place that is not there, an excuse less."""
    with monkeypatch.context() as patch:
        patch.setitem(globals(), "arguments", lambda path, real=arguments: real(path) - {"duration"})
        assert missing(command, "compare") == ["--duration"]
    with monkeypatch.context() as patch:
        patch.setitem(ELSEWHERE, "cost", {**ELSEWHERE["cost"], "--prices": "Cost.prizes"})
        assert missing(command, "cost") == ["--prices"]
    monkeypatch.delitem(EXCUSES, ("run", "--performance"))
    assert missing(command, "run") == ["--performance"]


def test_settings_are_those_of_the_command(command, tmp_path):
    plant, values = ROOT / "scenarios/plants/line.yaml", {"duration": "2 days", "warmup": "1 day", "seed": 5}
    flags = ["--duration", "2 days", "--warmup", "1 day", "--seed", "5", "--replications", "3"]
    told = subprocess.run([command, "compare", plant, "--variant-set", "stations.wash.buffer=40", *flags, "--format", "csv"], check=True, capture_output=True, text=True).stdout
    assert retwin.compare(plant, {"stations.wash.buffer": 40}, replications=3, **values).csv() == told
    assert retwin.compare(plant, {"stations.wash.buffer": 40}, replications=3, **{**values, "seed": 6}).csv() != told  # control
    checked = subprocess.run([command, "check", plant, *flags], check=True, capture_output=True, text=True).stdout
    assert str(retwin.check(plant, replications=3, **values)) == checked
    with pytest.raises(retwin.InputError):
        retwin.check(plant, duration="3 kg")
    with pytest.raises(ValueError):
        retwin.compare(plant, {"stations.wash.buffer": 40}, replications=3, precision="5 %")
