"""Smaller plants that still differ: parts are left out one by one for as long as the same kind of difference remains."""
import json

KEPT = {"phases", "to", "count", "by", "time", "clock", "repair", "every", "scrap_to", "times", "of"}


def copied(plant):
    return json.loads(json.dumps(plant))


def targets(route):
    if route["kind"] == "cases":
        return [to for _, to in route["cases"]]
    return [route["to"]] if route["kind"] == "single" else route["to"]


def without_station(plant, name):
    """Who went there goes where it would have sent them."""
    out = copied(plant)
    onward = targets(out["stations"].pop(name)["to"])[-1]
    for spec in [*out["stations"].values(), *out["sources"].values()]:
        route = spec["to"]
        if route["kind"] == "single":
            route["to"] = onward if route["to"] == name else route["to"]
        elif route["kind"] == "cases":
            route["cases"] = [[conditions, onward if to == name else to] for conditions, to in route["cases"]]
        else:
            left = [to for to in route["to"] if to != name]
            spec["to"] = {"kind": route["kind"], "to": left} if left else {"kind": "single", "to": onward}
    out["initial"] = [entry for entry in out["initial"] if entry["station"] != name]
    return out


def options(spec, path):
    """Paths of all that may be left out of a part of a plant."""
    for key, value in spec.items() if isinstance(spec, dict) else enumerate(spec):
        if key not in KEPT and not (isinstance(spec, list) and len(spec) == 1):
            yield path + [key]
        if isinstance(value, (dict, list)) and key not in ("to", "shifts", "weekly"):
            yield from options(value, path + [key])


def smaller(plant):
    """Plants with a little less each, the boldest first."""
    for name, source in plant["sources"].items():
        rows = source["rows"]
        for size in sorted({len(rows) // 2, len(rows) // 4, 4, 2, 1} - {0}, reverse=True):
            for begin in range(0, len(rows), size):
                out = copied(plant)
                del out["sources"][name]["rows"][begin:begin + size]
                yield out
    for name in plant["stations"]:
        yield without_station(plant, name)
    for room in ("sources", "initial", "stations", "pools", "calendars"):
        for path in options({room: plant[room]}, []):
            if len(path) < (3 if room == "stations" else 2) or "rows" in path or "values" in path:
                continue
            out = copied(plant)
            inner = out
            for key in path[:-1]:
                inner = inner[key]
            del inner[path[-1]]
            yield out
    for room in ("stations", "sources"):
        for name, spec in plant[room].items():
            for target in [*targets(spec["to"]), "out"]:
                if spec["to"] != {"kind": "single", "to": target}:
                    out = copied(plant)
                    out[room][name]["to"] = {"kind": "single", "to": target}
                    yield out
    if plant["horizon"] > 86400:
        yield copied(plant) | {"horizon": plant["horizon"] - 86400}


def shrunk(plant, differs, tries=5000):
    """The smallest plant found for which `differs` still holds."""
    going = True
    while going:
        going = False
        for candidate in smaller(plant):
            tries -= 1
            if tries < 0:
                return plant
            try:
                going = differs(candidate)
            except (KeyError, IndexError, StopIteration):  # it names what is not there any more
                going = False
            if going:
                plant = candidate
                break
    return plant


def tidied(plant):
    """Without attributes and calendars that nothing reads."""
    out = copied(plant)
    read = json.dumps([out["stations"], out["pools"]])
    out["calendars"] = {name: calendar for name, calendar in out["calendars"].items() if f'"{name}"' in read}
    for values in [v for source in out["sources"].values() for _, v in source["rows"]] + [e["values"] for e in out["initial"]]:
        for name in [n for n in values if f'"{n}"' not in read]:
            del values[name]
    return out
