"""A plant of the referee as a scenario: one YAML text and one CSV file of arrivals per source."""
import json
import re

from referee.calendars import text
from referee.generator import COLOURS

PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.*<>= +:-]*")


def flow(value):
    """YAML on one line; quantities stand without quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {flow(v)}" for name, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str) and PLAIN.fullmatch(value):
        return value
    return json.dumps(value)


def document(out):
    lines = []
    for key, value in out.items():
        if isinstance(value, dict) and value and all(isinstance(v, dict) for v in value.values()):
            lines += [f"{key}:"] + [f"  {name}: {flow(v)}" for name, v in value.items()]
        else:
            lines.append(f"{key}: {flow(value)}")
    return "\n".join(lines) + "\n"


def seconds(value):
    return f"{value!r} s"


def when(conditions):
    words = [f"visits < {v}" if a == "visits" else f"{a} == {v}" for a, v in conditions]
    return " and ".join(words)


def route(spec):
    if spec["kind"] == "single":
        return spec["to"]
    if spec["kind"] == "cases":
        return [{"to": to} if c is None else {"when": when(c), "to": to} for c, to in spec["cases"]]
    return {spec["kind"]: spec["to"]}


def duration(phase):
    if phase.get("of") is None:
        return seconds(phase["times"])
    return phase["of"] if phase["times"] == 1.0 else f"{phase['times']!r} * {phase['of']}"


def phase_text(phase, single):
    if single and set(phase) <= {"times", "of"}:
        return {"duration": duration(phase)}
    out = {"duration": duration(phase)}
    if not phase.get("attended", True):
        out["attended"] = False
    if "needs" in phase:
        out["needs"] = phase["needs"]
    return {"phases": [out]}


def station(spec):
    out = {}
    phases = [phase_text(p, len(spec["phases"]) == 1) for p in spec["phases"]]
    if len(phases) == 1:
        out.update(phases[0])
    else:
        out["phases"] = [p["phases"][0] if "phases" in p else p for p in phases]
    for name in ("servers", "needs", "calendar", "at_shift_end", "buffer", "priority", "blocking"):
        if name in spec:
            out[name] = spec[name]
    if "batch" in spec:
        out["batch"] = dict(spec["batch"])
        if "longest_wait" in out["batch"]:
            out["batch"]["longest_wait"] = seconds(out["batch"]["longest_wait"])
    if "dispatch" in spec:
        out["dispatch"] = spec["dispatch"] if isinstance(spec["dispatch"], str) else {spec["dispatch"][0]: spec["dispatch"][1]}
    if "setup" in spec:
        setup = dict(spec["setup"], time=seconds(spec["setup"]["time"]))
        if "matrix" in setup:
            setup["matrix"] = {a: {b: seconds(t) for b, t in row.items()} for a, row in setup["matrix"].items()}
        out["setup"] = setup
    if "fails" in spec:
        out["fails"] = {name: failure(mode) for name, mode in spec["fails"].items()}
    return out | {"to": route(spec["to"])}


def failure(mode):
    out = {"repair": seconds(mode["repair"])}
    if mode["clock"] == "count":
        out["after_jobs"] = mode["every"]
    else:
        out.update({"every": seconds(mode["every"]), "clock": mode["clock"]})
    for name in ("job", "keep_crew", "needs", "scope", "counted_from", "scrap_to"):
        if name in mode:
            out[name] = mode[name]
    return out


def attribute_values(values):
    return {n: seconds(v) if n.startswith("d") else v for n, v in values.items()}


def initial(entry):
    out = {"station": entry["station"], "attributes": attribute_values(entry["values"])}
    return out | ({"remaining": seconds(entry["remaining"])} if "remaining" in entry else {})


def scenario(plant, folder, name="plant"):
    """Writes the files; gives the path of the YAML text (JSON, which is YAML too)."""
    columns = sorted({n for s in plant["sources"].values() for _, v in s["rows"] for n in v}
                     | {n for e in plant.get("initial", []) for n in e["values"]})
    attributes = {n: {"categories": COLOURS} if n == "colour" else {"unit": "s" if n.startswith("d") else ""} for n in columns}
    out = {"name": "referee", "run": {"duration": seconds(float(plant["horizon"])), "terminating": True, "start": "2026-01-05"},
           "attributes": attributes, "calendars": {n: text(c) for n, c in plant["calendars"].items()}}
    if plant.get("pools"):
        out["resources"] = plant["pools"]
    out["sources"] = {}
    for source, spec in plant["sources"].items():
        path = folder / f"{name}_{source}.csv"
        lines = [",".join(["time [s]"] + [f"{c} [s]" if c.startswith("d") else c for c in columns])]
        lines += [",".join([repr(t)] + [str(v[c]) if c == "colour" else repr(v[c]) for c in columns]) for t, v in spec["rows"]]
        path.write_text("\n".join(lines) + "\n")
        out["sources"][source] = {"trace": path.name, "to": route(spec["to"])}
        if spec.get("when_full"):
            out["sources"][source]["when_full"] = spec["when_full"]
    out["stations"] = {n: station(s) for n, s in plant["stations"].items()}
    if plant.get("initial"):
        out["initial"] = [initial(entry) for entry in plant["initial"]]
    out["sinks"] = plant["sinks"]
    path = folder / f"{name}.yaml"
    path.write_text(document(out))
    return path
