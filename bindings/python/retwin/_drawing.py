"""Drawings of the process graph: text in the DOT language, pictures through the program dot."""
from __future__ import annotations

import os
import pathlib
import subprocess
from typing import Any, Optional

from . import _retwin


class Drawing:
    """A drawing of a plant: `dot` is its text, svg() and save() make pictures of it; a notebook shows it."""

    def __init__(self, dot: str) -> None:
        self.dot = dot

    def _picture(self, form: str) -> bytes:
        try:
            done = subprocess.run(["dot", f"-T{form}"], input=self.dot.encode(), capture_output=True, check=False)
        except FileNotFoundError:
            raise RuntimeError("the program dot makes the pictures: apt install graphviz; .dot has the text") from None
        if done.returncode != 0:
            raise RuntimeError("dot could not make the picture: " + done.stderr.decode(errors="replace"))
        return done.stdout

    def svg(self) -> str:
        """The picture as SVG. Raises RuntimeError without Graphviz."""
        return self._picture("svg").decode()

    def save(self, path: "os.PathLike[str] | str") -> None:
        """Writes .dot, .svg or .png. Raises ValueError for another ending, RuntimeError without Graphviz."""
        target = pathlib.Path(path)
        form = target.suffix.lower()
        if form not in (".dot", ".gv", ".svg", ".png"):
            raise ValueError(f"the file must end in .dot, .svg or .png, not like {target.name}")
        content = self.dot.encode() if form in (".dot", ".gv") else self._picture(form[1:])
        part = target.with_name(target.name + ".part")
        part.write_bytes(content)
        part.replace(target)

    def _repr_svg_(self) -> str:
        return self.svg()

    def __str__(self) -> str:
        return self.dot

    def __repr__(self) -> str:
        return f"<Drawing: {len(self.dot.splitlines())} lines of DOT>"


def draw(scenario: Any, path: "Optional[os.PathLike[str] | str]" = None, *, run: bool = False, replications: "int | str | None" = None,
         precision: "float | str | None" = None, max_replications: Optional[int] = None, seed: Optional[int] = None, duration: "float | str | None" = None,
         warmup: "float | str | None" = None, jobs: Optional[int] = None) -> Drawing:
    """Draws a plant with its static capacity, or (run=True) with the figures of a run.

    scenario: a Scenario or the path of a file. path: .dot, .svg or .png to write it to. Settings of the run as in Scenario.run().

    Returns a Drawing. Raises InputError, RunError; ValueError for settings that need a run; RuntimeError if a picture is wanted and Graphviz is not there.
    """
    drawing = Drawing(_retwin._dot(scenario, run=run, replications=replications, precision=precision, max_replications=max_replications,
                                   seed=seed, duration=duration, warmup=warmup, jobs=jobs))
    if path is not None:
        drawing.save(path)
    return drawing
