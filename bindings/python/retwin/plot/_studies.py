"""Studies: what each decision does to a response, and the front of two responses."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from . import _style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _unit(table: Any, name: str) -> str:
    unit = table.units[name]
    return "" if unit in ("", "1") else f" [{unit}]"


def _responses(table: Any) -> "list[str]":
    return [name[: -len(".half_width")] for name in table.columns if name.endswith(".half_width")]


def effects(study: Any, ax: "Optional[Axes]" = None, *, response: Optional[str] = None) -> "Axes":
    """Mean of a response at each value of each decision, whatever the others are; bars are what the luck of the replications may do to it (95 %).

    study: of retwin.sweep(). response: its name, default the first.

    Returns the Axes. Raises KeyError for a response that there is not, ValueError where a sweep has no effects.
    """
    table = study.get("effects")
    names = list(dict.fromkeys(str(name) for name in table["response"]))
    if not names:
        raise ValueError("the sweep has no effects: some of its points could not be run")
    wanted = names[0] if response is None else response
    _style.choose(names, [wanted], "response")
    rows = [k for k in range(len(table)) if str(table["response"][k]) == wanted and int(table["points"][k]) > 0]
    decisions = list(dict.fromkeys(str(table["decision"][k]) for k in rows))
    ax = _style.axes(ax, max(5.0, 1.5 + 0.55 * len(rows)), 3.8)
    at, ticks, labels = 0.0, [], []
    for n, decision in enumerate(decisions):
        own = [k for k in rows if str(table["decision"][k]) == decision]
        places = [at + step for step in range(len(own))]
        means = [float(table["mean"][k]) for k in own]
        errors = [1.96 * float(table["noise_error"][k]) for k in own]
        errors = [0.0 if error != error else error for error in errors]
        ax.errorbar(places, means, yerr=errors, marker="o", markersize=5, linewidth=1.2, capsize=3, color=_style.SERIES[n % len(_style.SERIES)],
                    label=_style.plain(decision))
        ticks += places
        labels += [_style.plain(table["level"][k]) for k in own]
        at = places[-1] + 1.7
    ax.set_xticks(ticks, labels, rotation=45 if max(len(label) for label in labels) > 5 else 0, ha="right" if max(len(label) for label in labels) > 5 else "center")
    unit = str(table["unit"][rows[0]])
    ax.set_ylabel(_style.plain(wanted) + ("" if unit in ("", "1") else f" [{unit}]"), fontsize=9)
    ax.set_title("what each decision does", fontsize=10, loc="left", color=_style.INK)
    ax.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    _style.calm(ax, "y")
    return ax


def front(study: Any, ax: "Optional[Axes]" = None, *, x: Optional[str] = None, y: Optional[str] = None) -> "Axes":
    """Two responses of the points of a study with their intervals; of an optimisation those that no other beats, the rest behind them in grey.

    study: of retwin.optimise() or retwin.sweep(). x, y: responses, default the first two.

    Returns the Axes. Raises KeyError for a response that there is not, ValueError where there are less than two.
    """
    best = study.get("front") if "front" in study.tables else study.get("points")
    names = _responses(best)
    if len(names) < 2 and (x is None or y is None):
        raise ValueError("two responses are needed: the study has one")
    across, up = names[0] if x is None else x, names[1] if y is None else y
    _style.choose(names, [across, up], "response")
    ax = _style.axes(ax, 6.0, 4.2)

    def values(table: Any, name: str) -> Any:
        return table[name]

    if "rivals" in study.tables:
        rest = study.get("rivals")
        ax.plot(values(rest, across), values(rest, up), "o", markersize=4, color=_style.QUIET, label="looked at to the end")
    ax.errorbar(values(best, across), values(best, up), xerr=values(best, across + ".half_width"), yerr=values(best, up + ".half_width"), fmt="o", markersize=5,
                elinewidth=0.9, capsize=2, color=_style.MAIN, label="no other beats it in all" if "front" in study.tables else "points")
    ax.set_xlabel(_style.plain(across) + _unit(best, across), fontsize=9)
    ax.set_ylabel(_style.plain(up) + _unit(best, up), fontsize=9)
    ax.set_title("front" if "front" in study.tables else "points", fontsize=10, loc="left", color=_style.INK)
    ax.legend(fontsize=8, frameon=False)
    _style.calm(ax, "both")
    return ax
