"""Distributions and judgements: cycle times, comparisons with their intervals, fits."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence

from . import _style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def cycle_times(recording: Any, ax: "Optional[Axes]" = None, *, sinks: Optional[Sequence[str]] = None, most: int = 6) -> "Axes":
    """How long lots took until their sink: the share of lots that took at most so long (empirical distribution).

    recording: of Simulation.record(). sinks: names, default the `most` with most lots.

    Returns the Axes. Raises KeyError for a sink that nothing reached, ValueError if nothing left at all.
    """
    import numpy as np

    left = recording.left
    if not len(left):
        raise ValueError("no lot left in the recorded time")
    names, counts = np.unique(left["sink"], return_counts=True)
    chosen = [str(names[k]) for k in np.argsort(-counts, kind="stable")[:most]] if sinks is None else list(sinks)
    _style.choose(names, chosen, "lots at")
    ax = _style.axes(ax, 7.5, 3.8)
    taken = np.isin(left["sink"], chosen)
    unit_s, unit = _style.time_unit(float(left["cycle_s"][taken].max()))
    for n, sink in enumerate(chosen):
        times = np.sort(left["cycle_s"][left["sink"] == sink]) / unit_s
        share = 100 * np.arange(1, len(times) + 1) / len(times)
        ax.step(np.concatenate([times[:1], times]), np.concatenate([[0], share]), where="post", linewidth=1.4, color=_style.SERIES[n % len(_style.SERIES)],
                label=f"{_style.plain(sink)}: {len(times):,} lots, median {_style.number(float(np.median(times)))} {unit}")
    ax.set_xlabel(f"time from birth to sink [{unit}]", fontsize=9)
    ax.set_ylabel("share of the lots [%]", fontsize=9)
    ax.set_ylim(0, 102)
    ax.set_xlim(left=0)
    ax.set_title(f"{_style.plain(recording.name)}: cycle times", fontsize=10, loc="left", color=_style.INK)
    ax.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    _style.calm(ax, "y")
    return ax


def forest(comparison: Any, ax: "Optional[Axes]" = None, *, figures: Optional[Sequence[str]] = None) -> "Axes":
    """Changes of figures against the base with their intervals [%], figure by figure, variant by variant; filled where a change is shown.

    comparison: of retwin.compare(). figures: paths, default the headline figures.

    Returns the Axes. Raises KeyError for a figure that there is not, ValueError where no change is relative.
    """
    table = comparison
    paths = list(dict.fromkeys(str(path) for path in table["path"]))
    wanted = [str(path) for path, head in zip(table["path"], table["headline"]) if head] if figures is None else list(figures)
    wanted = list(dict.fromkeys(wanted))
    _style.choose(paths, wanted, "figure")
    variants = list(dict.fromkeys(str(name) for name in table["variant"]))
    rows = []
    for path in wanted:
        for variant in variants:
            for k in range(len(table)):
                if table["path"][k] == path and table["variant"][k] == variant and table["change"][k] == table["change"][k]:
                    rows.append((path, variant, k))
    if not rows:
        raise ValueError("no change of these figures is relative to a base that is not 0")
    ax = _style.axes(ax, 8.0, 1.3 + 0.3 * len(rows) + 0.2 * len(wanted))
    ticks, labels, at, before = [], [], 0.0, ""
    for path, variant, k in rows:
        at += 1.0 if path == before or not before else 1.6
        before = path
        colour = _style.SERIES[variants.index(variant) % len(_style.SERIES)]
        low, mean, high = (100 * float(table[name][k]) for name in ("change_low", "change", "change_high"))
        ax.plot([low, high], [at, at], color=colour, linewidth=1.6, solid_capstyle="butt")
        ax.plot([mean], [at], marker="o", color=colour, markersize=5.5, markerfacecolor=colour if table["shown"][k] else "white", linestyle="none")
        ticks.append(at)
        labels.append(_style.plain(path if len(variants) == 1 else f"{path}   {variant}"))
    ax.axvline(0, color="#9aa4ad", linewidth=0.8)
    ax.set_yticks(ticks, labels)
    ax.set_ylim(ticks[-1] + 0.7, ticks[0] - 0.7)  # room around the marks of a few rows, too
    ax.set_xlabel("change against the base [%], line: 95 % interval, filled: shown", fontsize=9)
    base = _style.plain(str(comparison.labels[0]).rsplit("/", 1)[-1])  # a label may be the path of a file
    title = f"{_style.plain(variants[0])} against {base}" if len(variants) == 1 else f"{len(variants)} variants against {base}"
    ax.set_title(title, fontsize=10, loc="left", color=_style.INK)
    _style.calm(ax, "x")
    return ax


def qq(fit: Mapping[str, Any], ax: "Optional[Axes]" = None, *, unit: str = "s", title: str = "") -> "Axes":
    """Observed quantiles against those of a fitted distribution: on the line where it fits.

    fit: one of retwin.fit(). unit: of the values.

    Returns the Axes. Raises KeyError if this is no fit.
    """
    points = fit["qq"]
    ax = _style.axes(ax, 4.6, 4.6)
    low, high = float(points.min()), float(points.max())
    ax.plot([low, high], [low, high], color="#9aa4ad", linewidth=1.0)
    ax.plot(points[:, 0], points[:, 1], marker="o", markersize=3.2, linestyle="none", color=_style.MAIN)
    ax.set_xlabel(f"fitted: {fit['family']} [{unit}]", fontsize=9)
    ax.set_ylabel(f"observed [{unit}]", fontsize=9)
    ax.set_aspect("equal", adjustable="box")
    ax.set_title(_style.plain(title or f"n = {fit['n']:,}, KS = {fit['ks']:.3f}"), fontsize=10, loc="left", color=_style.INK)
    _style.calm(ax, "both")
    return ax
