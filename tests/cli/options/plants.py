"""Small plants as nested dictionaries: paths set values in them, and they are written as scenario files."""
import copy

# One source, one station, one sink; what a field needs beside itself is set in it by path.
BASE = {
    "run": {"start": "2026-01-05", "duration": "24 h"},
    "sources": {"src": {"every": "20 min", "to": "s"}},
    "stations": {"s": {"duration": "13 min", "to": "out"}},
    "sinks": {"out": {}},
}
PLAIN = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ %.+*/()<>-=")


def set_path(document, path, value):
    """Sets the value at a path such as stations.s.phases.0.duration; None takes out what is there."""
    keys = path.split(".")
    for key, following in zip(keys, keys[1:] + [""]):
        last = following == ""
        at = int(key) if isinstance(document, list) else key
        if isinstance(document, list):
            document.extend({} for _ in range(at + 1 - len(document)))
        if last:
            if value is None and not isinstance(document, list):
                document.pop(at, None)
            else:
                document[at] = copy.deepcopy(value)
            return
        fresh = [] if following.isdigit() else {}
        if isinstance(document, dict) and not isinstance(document.get(at), (dict, list)):
            document[at] = fresh
        document = document[at]


def plant(*settings):
    """The base with settings {path: value} one after the other."""
    document = copy.deepcopy(BASE)
    for setting in settings:
        for path, value in setting.items():
            set_path(document, path, value)
    return document


def scalar(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    plain = text and set(text) <= PLAIN and text[0] not in "-=*%<> " and text[-1] != " " and " -" not in text
    return text if plain else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def flow(value):
    """YAML in flow style; JSON would do but for quotes, which make a text of a number."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(v) for v in value) + "]"
    return scalar(value)


def yaml(document):
    return "".join(f"{scalar(key)}: {flow(value)}\n" for key, value in document.items())
