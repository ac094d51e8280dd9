"""A digital twin of a factory: plants are text files, runs are exact and repeatable."""
from . import _retwin
from ._retwin import (
    Bottleneck, Carbon, CheckError, Comparison, Compliance, Cost, EventLog, InputError, Kpi, Problem, Regression, Result, RunError,
    Scenario, Simulation, Table, __version__, balance, bottleneck, calibrate, carbon, compare, comply, cost, distances, explain, fit,
    from_dict, kinds, load, load_state, read_log, reconcile, regress, repeat, schema, validate,
)

__doc__ = _retwin.__doc__
__all__ = [name for name in dir(_retwin) if not name.startswith("_")]
