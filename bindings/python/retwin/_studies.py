"""Studies: sweeps, selections and optimisations of a scenario, on threads here or by any executor."""
from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from ._retwin import StudyResult, _run_study, _shard_rows

Path = Union[str, "os.PathLike[str]"]
Row = Tuple[str, int, str, str, str, List[Tuple[float, bool, float, float]]]


def _texts(values: Optional[Mapping[str, Any]]) -> Dict[str, str]:
    return {path: str(value) for path, value in (values or {}).items()}


def shard(study: Path, index: int, of: int, *, set: Optional[Mapping[str, Any]] = None, library: Sequence[Path] = (), jobs: int = 1) -> List[Row]:
    """The rows of one of several parts of a sweep: a pure function of the study and the part, for whatever runs functions elsewhere.

    study: file, which that machine must see too. index: from 1. of: how many parts. Rows go to `sweep(..., rows=...)` as they are: point,
    replication, manifest, digest, error, figures. Raises InputError for a study that cannot be read, ValueError for a part that is none.
    """
    rows: List[Row] = _shard_rows(study, index, of, _texts(set), list(library), jobs)
    return rows


def sweep(study: Path, *, results: Optional[Path] = None, set: Optional[Mapping[str, Any]] = None, library: Sequence[Path] = (), jobs: Optional[int] = None,
          report: Optional[Path] = None, executor: Any = None, shards: Optional[int] = None, rows: Sequence[Row] = ()) -> StudyResult:
    """Runs a scenario at all points of a study, with the same luck at each, and tells what the decisions do.

    study: file, see explain('study'). results: SQLite file in which the study is kept, and from which it goes on; None: nowhere.
    set: path -> value over the scenario at every point. library: as of load(). jobs: threads, default all cores.
    report: file for the page of the browser.
    executor: a concurrent.futures.Executor, a dask.distributed client, an mpi4py.futures pool: whatever has submit(function, ...); the study is
        cut into `shards` (default 16) that travel as names and numbers. The table is that of one process, byte for byte.
    rows: what `shard` gave elsewhere.

    Returns a StudyResult with the tables points, results, effects and, of `points: {indices: ...}`, indices. Raises InputError with all problems of
    the study; a point that cannot be run is a row with its error.
    """
    known = list(rows)
    if executor is not None:
        parts = shards or 16
        pending = [executor.submit(shard, os.fspath(study), k + 1, parts, set=_texts(set), library=[os.fspath(folder) for folder in library]) for k in range(parts)]
        for future in pending:
            known.extend(future.result())
    elif shards is not None:
        raise ValueError("shards are for an executor")
    return _run_study("sweep", study, results, _texts(set), list(library), jobs, report, known)


def select(study: Path, *, results: Optional[Path] = None, set: Optional[Mapping[str, Any]] = None, library: Sequence[Path] = (),
           jobs: Optional[int] = None, report: Optional[Path] = None) -> StudyResult:
    """Finds the best of the points of a study by its one objective, with a stated chance; arguments as of sweep().

    Returns a StudyResult: best, chance, decided; the table says how each point fared. Raises InputError, also where the study states no
    objective or no indifference.
    """
    return _run_study("select", study, results, _texts(set), list(library), jobs, report, [])


def optimise(study: Path, *, results: Optional[Path] = None, set: Optional[Mapping[str, Any]] = None, library: Sequence[Path] = (),
             jobs: Optional[int] = None, report: Optional[Path] = None) -> StudyResult:
    """Searches for the best decisions of a study, or for the front of several objectives; arguments as of sweep().

    Returns a StudyResult: best and chance of one objective; tables front, rivals (those left at the end, judged by replications that did not choose
    them), steps. Raises InputError, also where no point that was looked at can be run and keeps the conditions.
    """
    return _run_study("optimise", study, results, _texts(set), list(library), jobs, report, [])
