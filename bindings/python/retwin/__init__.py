"""A digital twin of a factory: plants are text files, runs are exact and repeatable."""
from . import _retwin, plot
from ._drawing import Drawing, draw
from ._retwin import (
    Background, Bottleneck, Calibration, Carbon, Check, CheckError, Comparison, Compliance, Cost, Drift, EventLog, Forecast, InputError, Kpi, Machines, Problem,
    Recording, Regression, Result, RunError, Scenario, Simulation, Table, __version__, balance, bottleneck, calibrate, carbon, check, compare,
    comply, cost, distances, drift, explain, fit, from_dict, kinds, list, load, load_state, machines, new, read_log, reconcile, regress, repeat,
    schema, validate,
)
from ._shown import Distances, Figures, Fits, Kinds, Outcome, Outcomes, Problems, Reconciliation, Reconciliations, Series, Snapshot, Validation
from ._tasks import task

for _python in (Distances, Drawing, draw, Figures, Fits, Kinds, Outcome, Outcomes, Problems, Reconciliation, Reconciliations, Series, Snapshot, task,
                Validation):
    _python.__module__ = __name__  # where people find them
del _python

__doc__ = _retwin.__doc__
# without list: `from retwin import *` leaves Python's own alone
__all__ = [
    "Background", "Bottleneck", "Calibration", "Carbon", "Check", "CheckError", "Comparison", "Compliance", "Cost", "Distances", "Drawing", "Drift", "EventLog",
    "Figures", "Fits", "Forecast", "InputError", "Kinds", "Kpi", "Machines", "Outcome", "Outcomes", "Problem", "Problems", "Reconciliation", "Reconciliations",
    "Recording", "Regression", "Result", "RunError", "Scenario", "Series", "Simulation", "Snapshot", "Table", "Validation", "__version__", "balance", "bottleneck", "calibrate", "carbon", "check", "compare", "comply", "cost", "distances", "draw", "drift",
    "explain", "fit", "from_dict", "kinds", "load", "load_state", "machines", "new", "plot", "read_log", "reconcile", "regress", "repeat", "schema",
    "task", "validate",
]
