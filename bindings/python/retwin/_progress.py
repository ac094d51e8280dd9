"""Bars on long work: tqdm's, if it is there and somebody looks."""
from __future__ import annotations

import importlib.util
import sys
from typing import Any, Optional


class Bar:
    """One bar; it appears after a second, so that short work has none."""

    def __init__(self, tqdm: Any, what: str) -> None:
        self._bar = tqdm(total=100, desc=what, unit="%", delay=1, leave=False, bar_format="{desc} {bar} {n:.0f} %  {remaining} left")

    def show(self, done: float) -> None:
        self._bar.n = max(self._bar.n, round(min(100.0, 100 * done), 1))
        self._bar.update(0)

    def close(self) -> None:
        self._bar.close()


def _in_notebook() -> bool:
    """In the kernel of one; that a program has imported such a thing is not enough."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


def _somebody_looks() -> bool:
    return _in_notebook() or (sys.stderr is not None and sys.stderr.isatty())


def bar(what: str) -> Optional[Bar]:
    """A bar for work of this name, or None."""
    if not _somebody_looks():
        return None
    try:
        if _in_notebook() and importlib.util.find_spec("ipywidgets"):
            from tqdm.notebook import tqdm
        else:  # a kernel without widgets: tqdm.auto would warn in every notebook, though its bar of text is as good
            from tqdm import tqdm
    except ImportError:
        return None
    return Bar(tqdm, what)
