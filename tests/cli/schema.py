#!/usr/bin/python3
"""The JSON Schema of scenario files against files: all that are shipped are accepted, planted errors are refused.

usage: schema.py --retwin PATH | schema.py --self-test
"""
import argparse
import copy
import datetime
import json
import pathlib
import subprocess
import sys

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SHIPPED = sorted(ROOT.glob("scenarios/plants/*.yaml")) + sorted(ROOT.glob("scenarios/what-if/*.yaml"))

LINE = {"name": "a line", "run": {"duration": "1 d"}, "sources": {"s": {"every": "10 min", "to": "a"}},
        "stations": {"a": {"duration": "3 min", "to": "out"}}, "sinks": ["out"]}
# Slips that an editor should underline: where, and what stands there (None: nothing).
SLIPS = [
    ("stations.a.durations", "3 min"),
    ("stations.a.duration", 3),
    ("stations.a.unit", "shredder"),
    ("stations.a.count", 3),                      # a field of another unit: split
    ("stations.a.servers", "three"),
    ("stations.a.servers", 0),
    ("stations.a.at_shift_end", "pause"),
    ("stations.a.batch", {"counts": 4}),
    ("stations.a.fails", {"jam": {"every": "3 h", "repair": "5 min", "jobs": "scrap"}}),
    ("stations.a.duration", {"lognormal": {"mean": "2 h", "sigma": "3 min"}}),
    ("sources.s.to", None),
    ("sources.s.every", 10),
    ("sources.s.saturated", "yes"),
    ("sources.s.profile", {"rate": "5/h", "day": {"Mon": "20 %"}}),
    ("resources", {"crew": {"counts": 2}}),
    ("run.duration", 8),
    ("run.replications", 1.5),
    ("runs", {"duration": "1 d"}),
    ("changes", [{"set": {"run.seed": 1}}]),
    ("set", ["stations.a.duration"]),
]
# What is right, so that the schema may not refuse it.
RIGHT = [
    ("stations.a", {"unit": "split", "count": 3, "to": "out"}),
    ("stations.a.servers", "unlimited"),
    ("stations.a.buffer", {"count": 3, "mass": "2 t"}),
    ("stations.a.to", [{"when": "mass > 3 kg", "to": "out"}, {"to": "out"}]),
    ("resources", {"crew": 2, "lift": {"count": 1, "shifts": "day"}}),
    ("sinks", {"out": {"role": "waste"}, "scrap": "waste"}),
    ("changes", [{"at": "3 h", "set": {"stations.a.duration": "2 min"}}]),
    ("sources.s.lot", "a_kind_of_my_own"),
    ("sources.s.profile", {"rate": "5/h", "days": {"Mon": "20 %", "Tue": 0.8}}),
]
VARIANT = {"extends": "base.yaml", "set": {"stations.a.servers": 2}, "stations": {"a": {"duration": "2 min"}, "b": None}}
VARIANT_SLIPS = [("stations.a.durations", "3 min"), ("stations.a.duration", 3), ("set", "stations.a.servers")]


def as_json(value):
    """What YAML reads, as JSON has it: names are texts, dates as they are written."""
    if isinstance(value, dict):
        return {str(key): as_json(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return str(value) if isinstance(value, (datetime.date, datetime.datetime)) else value


def changed(document, path, value):
    document = copy.deepcopy(document)
    *way, last = path.split(".")
    at = document
    for key in way:
        at = at.setdefault(key, {})
    if value is None:
        at.pop(last)
    else:
        at[last] = value
    return document


def problems_of(schema):
    """Files and slips that the schema takes for what they are not."""
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    found = []
    for path in SHIPPED:
        document = as_json(yaml.safe_load(path.read_text(encoding="utf-8")))
        found += [f"{path.relative_to(ROOT)}: refused at {'.'.join(map(str, error.absolute_path)) or 'the top'}"
                  for error in list(validator.iter_errors(document))[:1]]
    right = [("a line", LINE), ("a variant", VARIANT)] + [(f"{path}: {value}", changed(LINE, path, value)) for path, value in RIGHT]
    found += [f"refused: {what}" for what, document in right if not validator.is_valid(document)]
    wrong = [(f"{path}: {value}", changed(base, path, value))
             for base, slips in ((LINE, SLIPS), (VARIANT, VARIANT_SLIPS)) for path, value in slips]
    found += [f"accepted: {what}" for what, document in wrong if validator.is_valid(document)]
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--retwin")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:  # schemas that say nothing, or nothing is right for, must be caught
        anything, nothing = problems_of({}), problems_of({"not": {}})
        problems = [] if len(anything) == len(SLIPS) + len(VARIANT_SLIPS) and len(nothing) == len(SHIPPED) + len(RIGHT) + 2 else ["not caught"]
    else:
        made = subprocess.run([options.retwin, "schema"], capture_output=True, check=True)
        problems = problems_of(json.loads(made.stdout))
    print(*problems, sep="\n")
    print(f"schema: {len(SHIPPED)} files, {len(RIGHT) + 2} right and {len(SLIPS) + len(VARIANT_SLIPS)} wrong documents, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
