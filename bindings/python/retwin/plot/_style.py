"""What the plots share: axes, colours, units of time and texts."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional, Tuple

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAIN, SECOND, LIMIT, QUIET, INK = "#2f6690", "#d98e32", "#a63d2f", "#c9ced3", "#22303c"
STATES = {"working": "#2f6690", "setup": "#81b1d5", "blocked": "#d98e32", "waiting_resource": "#9a6fb0", "waiting_digital": "#7d5a50", "waiting_utility": "#c8aed6",
          "down": "#a63d2f", "maintenance": "#e3a59c", "starved": "#d8dde1", "off_shift": "#f3f4f5"}
SERIES = ("#2f6690", "#d98e32", "#5b8c5a", "#9a6fb0", "#a63d2f", "#4aa3a2", "#7a6a53", "#c06c9b")


def axes(ax: "Optional[Axes]", width: float, height: float) -> "Axes":
    """The axes that are given, or those of a new figure of this size [inches]. Raises ImportError without matplotlib."""
    if ax is not None:
        return ax
    try:
        import matplotlib.pyplot as pyplot
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "matplotlib":
            raise  # it is there, but cannot be imported: its own words say why
        raise ImportError("plots need matplotlib: apt install python3-matplotlib, or pip install matplotlib") from None
    return pyplot.subplots(figsize=(width, height), layout="constrained")[1]


def calm(ax: "Axes", grid: str = "") -> None:
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color("#9aa4ad")
    ax.tick_params(labelsize=8, color="#9aa4ad")
    if grid:
        ax.grid(axis=grid, color="#e6e9ec", linewidth=0.7)
        ax.set_axisbelow(True)


def plain(text: object) -> str:
    """A name as it is: matplotlib takes a dollar for mathematics."""
    return str(text).replace("$", r"\$").replace("\n", " ")


def number(value: float) -> str:
    """Three digits, thousands grouped."""
    if value == 0 or value != value:
        return "0" if value == 0 else "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def time_unit(span_s: float) -> Tuple[float, str]:
    """Seconds of one unit and its name, for an axis over such a span."""
    for least_s, unit_s, name in ((4 * 86400, 86400, "d"), (3 * 3600, 3600, "h"), (180, 60, "min")):
        if span_s >= least_s:
            return float(unit_s), name
    return 1.0, "s"


def choose(known: Any, wanted: Any, what: str) -> Any:
    """Positions of names; all without any. Raises KeyError."""
    names = [str(name) for name in known]
    if wanted is None:
        return list(range(len(names)))
    missing = [name for name in wanted if name not in names]
    if missing:
        raise KeyError(f"no {what} {', '.join(missing)}; there are {', '.join(names)}")
    return [names.index(name) for name in wanted]
