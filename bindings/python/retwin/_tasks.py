"""Replications again from the file of their outcomes, as `retwin task` does."""
from __future__ import annotations

import concurrent.futures
import json
import os
import pathlib
from typing import Iterable, Optional

from ._retwin import repeat
from ._shown import Outcomes


def task(path: "os.PathLike[str] | str", *, only: Optional[Iterable[int]] = None, jobs: int = 1) -> Outcomes:
    """Runs replications again from a file that Scenario.run(outcomes=...) or `retwin run --outcomes` has written.

    only: numbers of replications, from 0; default all. jobs: threads.

    Returns their outcomes, as repeat() does. Raises InputError for a line that is no task, ValueError if there is none of these
    numbers, RuntimeError if one came to another end than it had before.
    """
    wanted = None if only is None else set(only)
    lines = []
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        told = json.loads(line)
        number = told.get("task", told).get("replication")
        if wanted is not None and number not in wanted:
            continue
        lines.append((line, number, told.get("digest")))
    if not lines:
        raise ValueError(f"{os.fspath(path)}: there is no such task in it")
    made: Outcomes = Outcomes()
    with concurrent.futures.ThreadPoolExecutor(jobs) as threads:
        for (_, number, digest), outcome in zip(lines, threads.map(lambda one: repeat(one[0]), lines)):
            if digest and not outcome["error"] and outcome["digest"] != digest:
                raise RuntimeError(f"replication {number} came to another end than it had before: another version of retwin wrote it")
            made.append(outcome)
    return made
