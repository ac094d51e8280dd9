"""Python code in scenarios: functions of expressions, and unit operations."""
from __future__ import annotations

import hashlib
import inspect
import re
from typing import Any, Callable, Mapping, Sequence, TypeVar, overload

from ._retwin import _add_function, _add_unit_operation

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)

_name = re.compile(r"[A-Za-z_]\w*")


def _sha256(code: Any) -> str:
    """Of the source; where there is none, of the name: then a change cannot be told."""
    try:
        text = inspect.getsource(code)
    except (OSError, TypeError):
        text = f"{code.__module__}.{code.__qualname__}"
    return hashlib.sha256(text.encode()).hexdigest()


def _first_line(code: Any) -> str:
    return (inspect.getdoc(code) or "Python code").split("\n")[0]


def _sound(name: str) -> str:
    if not _name.fullmatch(name):
        raise ValueError(f"{name!r} is not a name: letters, digits and _ only")
    return name


@overload
def function(call: F) -> F: ...
@overload
def function(call: None = None, *, name: str | None = None, takes: Mapping[str, str] | None = None, gives: str | type[bool] = "") -> Callable[[F], F]: ...
def function(call: Any = None, *, name: str | None = None, takes: Mapping[str, str] | None = None, gives: str | type[bool] = "") -> Any:
    """Makes a Python function known to the expressions of scenarios: as a routing rule, a dispatch key, a duration.

        @retwin.function(takes={'age': 'h'}, gives=bool)
        def urgent(age, form):
            return age > 8 or form == 'pouch'

    and in the scenario `route: [{to: express, when: 'urgent(age, label.form)'}, {to: normal}]` or `dispatch: 'key(mass, age)'`.

    name: in expressions; that of the function if not given. One of the same name is replaced for all that is loaded, set, or run with other
        settings from then on; a Simulation goes on with the one that it was started with.
    takes: parameter -> unit in which its value arrives; a plain number where none is said. An attribute that is a category arrives
        as text (None where the lot has none).
    gives: the unit of the answer, '' for a plain number; bool for true or false.

    The answer must follow from the arguments alone: the function is called as often as the engine likes. Slow (about a microsecond a
    call and what its code takes); replications run one after the other. Its source counts in the hash of the scenario. What it
    raises ends the run and arrives as raised, traceback and all. Raises ValueError for a unit that there is not.
    """
    if call is None:
        return lambda later: _function(later, name, takes, gives)
    return _function(call, name, takes, gives)


def _function(call: F, name: str | None, takes: Mapping[str, str] | None, gives: str | type[bool]) -> F:
    parameters = [p.name for p in inspect.signature(call).parameters.values()
                  if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if not parameters:
        raise ValueError("a function of expressions takes at least one value")
    units = dict(takes or {})
    if unknown := [one for one in units if one not in parameters]:
        raise ValueError(f"takes: {call.__name__} has no parameter {', '.join(unknown)}")
    truth = gives is bool
    _add_function(_sound(name or call.__name__), _first_line(call), _sha256(call), [units.get(one, "") for one in parameters],
                  "" if truth else str(gives), truth, call)
    return call


def _quantity(name: str, text: str | float) -> tuple[str, float, str]:
    parts = re.fullmatch(r"\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(.*)", str(text))
    if not parts:
        raise ValueError(f"parameter {_sound(name)}: a number with a unit is needed, {text!r} is none")
    return _sound(name), float(parts[1]), parts[2].strip()


def unit_operation(*, name: str | None = None, ports: Mapping[str, str] | None = None, parameters: Mapping[str, str | float] | None = None,
                   attributes: Mapping[str, str | Sequence[str]] | None = None, flows: Mapping[str, str] | None = None,
                   kinds: Sequence[str] = (), components: Sequence[str] = ()) -> Callable[[C], C]:
    """Makes a class known as a unit operation: `unit: NAME` of a station.

        @retwin.unit_operation(ports={'out': 'sound', 'scrap': 'cracked'}, parameters={'cracked': '2 %'}, flows={'electricity': 'kWh'})
        class Inspection:
            '''Looks at each cell and sets aside those that are cracked.'''
            def __init__(self, cracked): self.cracked = cracked / 100
            def duration(self, job): return 20 * len(job)
            def process(self, job):
                for lot in range(len(job)):
                    job.pass_on(lot, 'scrap' if job.uniform() < self.cracked else 'out')
                job.meter('electricity', .01 * len(job))

    name: in scenarios; that of the class, in small letters, if not given.
    ports: name -> what leaves there; one port `out` if not given.
    parameters: name -> default with its unit ('2 %', '3 kN'): fields of the station, given to the class's constructor as numbers in that
        unit.
    attributes: name -> unit, or the list of its categories; flows: name -> unit; kinds of lots that it makes or tells apart;
        components that it moves or looks at. Names that are not declared cannot be used.

    `process(job)` says what comes out, see Job; `duration(job)`, if there is one, the time in seconds or text ('3 min') where the
    scenario gives none. One instance per station, which remembers nothing from job to job: chance comes from `job.uniform()`.
    Slow, and replications run one after the other; the source of the class counts in the hash of the scenario; what it raises
    ends the run and arrives as raised. Raises ValueError for a unit or a name that cannot be.
    """
    def add(made: C) -> C:
        if not callable(getattr(made, "process", None)):
            raise ValueError(f"{made.__name__} has no method process(job)")
        called = name or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", made.__name__).lower()
        _add_unit_operation(_sound(called), _first_line(made), _sha256(made), dict(ports or {"out": "what comes out"}),
                            [_quantity(*one) for one in (parameters or {}).items()],
                            {one: unit if isinstance(unit, str) else list(unit) for one, unit in (attributes or {}).items()},
                            dict(flows or {}), list(kinds), list(components), callable(getattr(made, "duration", None)), made)
        return made
    return add
