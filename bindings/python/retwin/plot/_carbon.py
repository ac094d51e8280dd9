"""Emissions: what makes them up per tonne, by whom they are borne, and those of one lot as a tree."""
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from . import _sankey, _style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def carbon_waterfall(result: Any, ax: "Optional[Axes]" = None, *, unit: Optional[str] = None, most: int = 12) -> "Axes":
    """What the emissions of a functional unit are made of [kg CO2e/t], the largest first, up to their sum with its interval.

    unit: functional unit of the plant, default the first. most: contributions with a bar of their own, the rest is one.

    Returns the Axes. Raises KeyError for a unit that there is not, ValueError for a plant without emission factors.
    """
    known = result.kpis
    units = [m[1] for m in (re.fullmatch(r"per\.(.+)\.carbon", path) for path in known) if m]
    if not units:
        raise ValueError("the result has no emissions per tonne: the plant has no functional units with factors")
    unit = unit or units[0]
    if unit not in units:
        raise KeyError(f"no functional unit {unit}; there are {', '.join(units)}")
    prefix = f"per.{unit}.carbon."
    parts = [(path[len(prefix):], known[path], result.kpi(path).estimate) for path in known
             if path.startswith(prefix) and not re.fullmatch(r"scope\d", path[len(prefix):]) and known[path] == known[path]]
    parts.sort(key=lambda part: -abs(float(part[1])))
    shown = [part for part in parts[:most] if part[1] != 0]
    rest = sum(part[1] for part in parts[most:])
    if rest:
        shown.append((f"{len(parts) - most} others", rest, any(part[2] for part in parts[most:])))
    total = result.kpi(f"per.{unit}.carbon")
    ax = _style.axes(ax, 7.5, 1.4 + 0.3 * (len(shown) + 1))
    at = 0.0
    for k, (_, value, _) in enumerate(shown):
        ax.barh(k, value, left=at, color=_style.MAIN if value >= 0 else _style.SECOND, height=0.66)
        ax.text(max(at, at + value) + total.mean * 0.012, k, _style.number(value), va="center", fontsize=8, color=_style.INK)
        at += value
    whisker = total.half_width if total.half_width == total.half_width else None
    ax.barh(len(shown), total.mean, color=_style.INK, height=0.66, xerr=whisker, error_kw={"ecolor": _style.LIMIT, "capsize": 3})
    ax.text(total.mean + (whisker or 0) + total.mean * 0.012, len(shown), _style.number(total.mean) + (f" ± {_style.number(whisker)}" if whisker else ""), va="center", fontsize=8, color=_style.INK)
    ax.set_yticks(range(len(shown) + 1), [_style.plain(name) + (" *" if guess else "") for name, _, guess in shown] + ["sum" + (" *" if total.estimate else "")])
    ax.set_ylim(len(shown) + 0.6, -0.6)
    ax.set_xlim(right=(total.mean + (whisker or 0)) * 1.25)
    guessed = any(part[2] for part in shown)
    ax.set_xlabel("kg CO2e per tonne" + ("    * rests on estimates" if guessed else ""), fontsize=9)
    ax.set_title(f"{_style.plain(result.name)}: emissions per tonne, {_style.plain(unit)}", fontsize=10, loc="left", color=_style.INK)
    _style.calm(ax, "x")
    return ax


def carbon_sankey(carbon: Any, ax: "Optional[Axes]" = None, *, least: float = 0.005) -> "Axes":
    """By whom the emissions of the plant are caused, and by what they are borne [t CO2e], both of the same sum.

    carbon: of retwin.carbon(). least: share of the plant below which lines are put together.

    Returns the Axes. Raises ValueError where nothing is emitted.
    """
    table = carbon.sum
    rows = [(str(side), str(line), float(kg) / 1000) for side, line, kg in zip(table["side"], table["line"], table["carbon"]) if line != "sum"]
    plant = sum(value for side, _, value in rows if side == "plant")
    links: List[Tuple[str, str, float]] = []
    for side in ("caused by", "borne by"):
        lines = [(line, value) for of, line, value in rows if of == side]
        others = [entry for entry in lines if 0 < entry[1] <= least * plant]
        large = [entry for entry in lines if entry[1] > least * plant]
        large += others if len(others) < 2 else [(f"{len(others)} others", sum(value for _, value in others))]
        for line, value in large:  # a line of both sides is two places
            links.append((line, "plant", value) if side == "caused by" else ("plant", line + " " if any(line == a for a, _, _ in links) else line, value))
    tone: Dict[str, str] = {}
    for _, name, _ in links:
        tone[name] = "#5b8c5a" if "(product)" in name else "#8c8f94" if "(waste)" in name or "(emission)" in name else _style.MAIN
    tone["plant"] = _style.MAIN
    return _sankey.draw(ax, links, "t CO2e", "Caused by, and borne by", tone)


def footprint(items: Any, ax: "Optional[Axes]" = None, *, least: float = 0.01, title: str = "Footprint") -> "Axes":
    """The footprint of one lot as a tree: all of it, the places where it arose, what was used there [kg CO2e].

    items: Table of Carbon.battery(lot) or Carbon.product(lot). least: share of all below which places and flows are put together.

    Returns the Axes. Raises ValueError for an empty table.
    """
    from matplotlib.patches import Rectangle

    places: Dict[str, Dict[str, float]] = {}
    for place, flow, kg in zip(items["place"], items["flow"], items["carbon"]):
        if kg > 0:
            of = places.setdefault(str(place), {})
            of[str(flow)] = of.get(str(flow), 0.0) + float(kg)
    total = sum(sum(of.values()) for of in places.values())
    if not total > 0:
        raise ValueError("this lot has no footprint that could be drawn")
    large: Dict[str, Dict[str, float]] = {}
    others = 0.0
    for place, of in sorted(places.items(), key=lambda entry: -sum(entry[1].values())):
        if sum(of.values()) >= max(least, 0.012) * total:
            large[place] = of
        else:
            others += sum(of.values())
    if others:
        large[f"{len(places) - len(large)} other places"] = {"": others}
    drawn = ax = _style.axes(ax, 8.5, max(4.5, 0.3 * sum(min(3, len(of)) for of in large.values())))

    def box(column: int, bottom: float, value: float, text: str, colour: str, ink: str) -> None:
        patch = Rectangle((column, bottom), 0.98, value, facecolor=colour, edgecolor="white", linewidth=1)
        setattr(patch, "retwin", (column, text, value))
        drawn.add_patch(patch)
        if value >= 0.018 * total:
            drawn.text(column + 0.02, bottom + value / 2, f"{text}  {_style.number(value)}", fontsize=8, va="center", color=ink, clip_on=True)

    box(0, 0, total, "all", _style.INK, "white")
    at = total
    for k, (place, of) in enumerate(large.items()):
        value = sum(of.values())
        box(1, at - value, value, _style.plain(place), _style.MAIN, "white")
        below = at
        for flow, kg in sorted(of.items(), key=lambda entry: -entry[1]):
            if flow:
                box(2, below - kg, kg, _style.plain(flow), "#a9c6dd" if k % 2 == 0 else "#c3d7e6", _style.INK)
            below -= kg
        at -= value
    ax.set_xlim(0, 3)
    ax.set_ylim(0, total)
    ax.set_xticks([0.49, 1.49, 2.49], ["the lot", "where", "what was used"])
    ax.xaxis.tick_top()
    ax.set_ylabel("kg CO2e", fontsize=9)
    ax.set_title(_style.plain(title), fontsize=10, loc="left", color=_style.INK)
    _style.calm(ax)
    ax.tick_params(axis="x", length=0)
    for side in ("bottom", "left"):
        ax.spines[side].set_visible(False)
    return ax
