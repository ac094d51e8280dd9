"""A digital twin of a factory: plants are text files, runs are exact and repeatable."""
from . import _retwin, plot
from ._callbacks import function, unit_operation
from ._drawing import Drawing, draw
from ._retwin import (
    Background, Bottleneck, Calibration, Carbon, Check, CheckError, Comparison, Compliance, Cost, Drift, EventLog, Forecast, InputError, Job, Kpi,
    Machines, Material, Problem, Recording, Regression, Result, RunError, Scenario, Simulation, StudyResult, Table, __version__, balance, bottleneck,
    calibrate, carbon, check, compare, comply, cost, distances, drift, explain, fit, from_dict, kinds, list, load, load_state, machines, new, read_log,
    reconcile, regress, repeat, schema, validate,
)
from ._shown import Distances, Figures, Fits, Kinds, Outcome, Outcomes, Problems, Reconciliation, Reconciliations, Series, Snapshot, Validation
from ._studies import optimise, select, shard, sweep
from ._tasks import task

for _python in (Distances, Drawing, draw, Figures, Fits, function, Kinds, optimise, Outcome, Outcomes, Problems, Reconciliation, Reconciliations, select,
                Series, shard, Snapshot, sweep, task, unit_operation, Validation):
    _python.__module__ = __name__  # where people find them
del _python

__doc__ = _retwin.__doc__
# without list: `from retwin import *` leaves Python's own alone
__all__ = [
    "Background", "Bottleneck", "Calibration", "Carbon", "Check", "CheckError", "Comparison", "Compliance", "Cost", "Distances", "Drawing", "Drift",
    "EventLog", "Figures", "Fits", "Forecast", "InputError", "Job", "Kinds", "Kpi", "Machines", "Material", "Outcome", "Outcomes", "Problem",
    "Problems", "Reconciliation", "Reconciliations", "Recording", "Regression", "Result", "RunError", "Scenario", "Series", "Simulation",
    "Snapshot", "StudyResult", "Table", "Validation", "__version__", "balance", "bottleneck", "calibrate", "carbon", "check", "compare", "comply",
    "cost", "distances", "draw", "drift", "explain", "fit", "from_dict", "function", "kinds", "load", "load_state", "machines", "new", "optimise",
    "plot", "read_log", "reconcile", "regress", "repeat", "schema", "select", "shard", "sweep", "task", "unit_operation", "validate",
]
