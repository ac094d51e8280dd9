#!/usr/bin/python3
"""The type stub of the extension, made of the signatures that it tells itself: stub.py --update writes it anew.

Where a signature says less than is known (object, ndarray), REFINED says more.
"""
import inspect
import pathlib
import re
import sys

STUB = pathlib.Path(__file__).resolve().parent.parent.parent / "bindings/python/retwin/_retwin.pyi"
HEAD = '''# What the extension of the package has; made by tests/python/stub.py, which compares it too.
import os
from typing import Any, Dict, List, Optional, Tuple, Union, overload

import numpy.typing as npt
import pandas

from ._shown import Distances, Figures, Fits, Kinds, Outcome, Outcomes, Problems, Reconciliation, Reconciliations, Series, Snapshot, Validation

Array = npt.NDArray[Any]
Path = Union[str, "os.PathLike[str]"]
Time = Union[float, str]

__version__: str
'''
# (class, member): what it returns, where the extension says object.
REFINED = {
    "to_frame": "pandas.DataFrame", "to_pandas": "pandas.DataFrame", "_repr_html_": "str", "warnings": "Problems", "series": "Series",
    "__getitem__": "Array", "schema": "Dict[str, Any]", "repeat": "Outcome", "validate": "Validation", "snapshot": "Snapshot",
    "fit": "Fits", "outcomes": "Outcomes", "kpis": "Figures", "half_widths": "Figures",
    "stations": None, "buffers": "Dict[str, Array]", "arrays": "Dict[str, Array]", "units": "Dict[str, str]", "docs": "Dict[str, str]",
    "distances": "Distances", "reconcile": "Union[Reconciliation, Reconciliations]", "overrides": "Dict[str, str]", "kinds": "Kinds",
    "stock_limits": "Dict[str, Tuple[float, str]]", "__copy__": None, "_shown": "Tuple[List[Any], List[List[str]]]",
}
SCENARIO = "Union[Scenario, str, \"os.PathLike[str]\"]"
ARGUMENTS = {"base": SCENARIO, "scenarios": f"List[{SCENARIO}]", "value": "Any", "task": "Union[str, Dict[str, Any]]", "document": "Dict[str, Any]",
             "values": None, "scenario": None}
ERRORS = '''class InputError(ValueError):
    """Bad input. `problems`: every problem at once."""
    problems: Problems

class RunError(RuntimeError):
    """A run that cannot go on, a deadlock for instance. `time_s`: when, `station`: where."""
    time_s: Optional[float]
    station: str

class CheckError(RuntimeError):
    """A bug of retwin itself."""
'''


def python_type(text):
    text = text.replace("retwin.", "").replace("numpy.ndarray", "Array").replace("os.PathLike", "Path").replace("buffer", "Any")
    text = text.replace("Union[float, str]", "Time")
    text = re.sub(r"\bdict\b", "Dict[Any, Any]", re.sub(r"\blist\b", "List[Any]", re.sub(r"\btuple\b", "Tuple[Any, ...]", text)))
    return re.sub(r"\bobject\b|\bhandle\b|\bcapsule\b", "Any", text)


def split_arguments(text):
    """At commas that stand in no bracket and no quotes."""
    parts, depth, start, quoted = [], 0, 0, ""
    for k, c in enumerate(text):
        if quoted:
            quoted = "" if c == quoted else quoted
        elif c in "'\"":
            quoted = c
        elif c in "[({<":
            depth += 1
        elif c in "])}>":
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[start:k])
            start = k + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def signature(line, name, method):
    """'f(a: int = 1) -> str' as a line of a stub."""
    inner, returned = re.fullmatch(r"\w+\((.*)\) -> (.*)", line).groups()
    arguments = []
    for k, part in enumerate(split_arguments(inner)):
        argument, _, default = part.partition(" = ")
        called, _, kind = argument.partition(": ")
        if method and k == 0:
            arguments.append("self")
        elif called.startswith("*"):
            arguments.append("*variants: Any" if called == "*args" else called)
        else:
            known = ARGUMENTS.get(called) if "object" in kind or "handle" in kind else None
            if called == "scenario" and kind == "object":
                known = SCENARIO
            told = known or python_type(kind)
            absent = default == "None" or (name, called) == ("calibrate", "log")
            arguments.append(f"{called}: " + (f"Optional[{told}]" if absent and "Optional" not in told else told) + (" = ..." if default else ""))
    if method and [a for a in arguments if a.startswith("arg")]:
        arguments = [re.sub(r"^arg(\d)", r"__arg\1", a) for a in arguments]
    refined = REFINED.get(name)
    told = refined if refined and re.search(r"object|dict|list|tuple|ndarray", returned) else python_type(returned)
    if name == "stations" and returned == "dict":
        told = "Dict[str, Array]"
    return f"def {name}({', '.join(arguments)}) -> {told}:"


def sentence(lines):
    text = " ".join(" ".join(lines).split())
    first = re.match(r".*?\.(?= |$)", text)
    return (first[0] if first else text).replace('"', "'").replace("\\", "\\\\")


def function(name, doc, indent, method):
    """A function with its overloads."""
    lines = doc.splitlines()
    if lines[0].strip() == f"{name}(*args, **kwargs)" and "Overloaded function." in doc:
        found = [k for k, line in enumerate(lines) if re.match(rf"\d+\. {name}\(", line)]
        told = [(re.sub(r"^\d+\. ", "", lines[k]), lines[k + 1:(found + [len(lines)])[n + 1]]) for n, k in enumerate(found)]
    else:
        told = [(lines[0], lines[1:])]
    out = []
    for line, rest in told:
        if len(told) > 1:
            out.append(f"{indent}@overload")
        out.append(indent + signature(line, name, method))
        text = sentence(rest)
        out.append(f'{indent}    """{text}"""' if text else f"{indent}    ...")
    return out


def whole_class(cls):
    base = cls.__base__.__name__
    out = [f"class {cls.__name__}" + (f"({base})" if base != "pybind11_object" else "") + ":"]
    out.append(f'    """{sentence((cls.__doc__ or "").splitlines())}"""')
    for name, member in sorted(vars(cls).items()):
        if isinstance(member, property):
            returned = re.search(r"-> (.*)", member.fget.__doc__)[1]
            refined = REFINED.get(name)
            kind = refined if refined and re.search(r"object|dict|list|tuple|ndarray", returned) else python_type(returned)
            if name == "stations" and returned == "dict":
                kind = "Dict[str, Array]"
            out += ["    @property", f"    def {name}(self) -> {kind}:", f'        """{sentence((member.__doc__ or "").splitlines())}"""']
        elif name in ("__init__", "__doc__", "__module__", "__new__", "__repr__", "__str__") or not (member.__doc__ or "").startswith(name + "("):
            continue
        else:
            out += function(name, member.__doc__, "    ", True)
    return out


def stub():
    from retwin import _retwin

    parts = [HEAD, ERRORS]
    for name, member in sorted(vars(_retwin).items()):
        if name.startswith("__"):
            continue
        if inspect.isclass(member) and not issubclass(member, BaseException):
            parts.append("\n".join(whole_class(member)) + "\n")
    for name, member in sorted(vars(_retwin).items()):
        if not inspect.isclass(member) and callable(member):
            parts.append("\n".join(function(name, member.__doc__, "", False)) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        STUB.write_text(stub())
    else:
        print(stub(), end="")
