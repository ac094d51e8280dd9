"""Stations: their states, what limits them, their buffers over time, who did what when."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence

from . import _style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def states(result: Any, ax: "Optional[Axes]" = None, *, stations: Optional[Sequence[str]] = None, most: int = 30) -> "Axes":
    """Shares of the time that stations spend in each state, stacked; the busiest on top.

    stations: names, default the `most` busiest.

    Returns the Axes. Raises KeyError for a station that there is not.
    """
    table = result.stations
    chosen = _style.choose(table["station"], stations, "station")
    if stations is None:
        def busy(k: int) -> float:
            value = float(table["utilisation"][k])
            return value if value == value else -1.0

        chosen = sorted(chosen, key=busy, reverse=True)[:most]
    ax = _style.axes(ax, 8.0, 1.3 + 0.24 * len(chosen))
    left = [0.0] * len(chosen)
    for state, colour in _style.STATES.items():
        shares = [100 * float(table[state][k]) if table[state][k] == table[state][k] else 0.0 for k in chosen]
        if any(share > 0.05 for share in shares):
            ax.barh(range(len(chosen)), shares, left=left, color=colour, height=0.78, label=state.replace("_", " "))
            left = [a + b for a, b in zip(left, shares)]
    ax.set_yticks(range(len(chosen)), [_style.plain(table["station"][k]) for k in chosen])
    ax.set_ylim(len(chosen) - 0.4, -0.6)
    ax.set_xlim(0, 100)
    ax.set_xlabel("share of the time [%]", fontsize=9)
    ax.set_title(f"{_style.plain(result.name)}: states of stations", fontsize=10, loc="left", color=_style.INK)
    ax.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    _style.calm(ax)
    return ax


def bottleneck(limits: Any, ax: "Optional[Axes]" = None, *, most: int = 12) -> "Axes":
    """What reliefs gain, with their intervals: all at once, the sufficient set, single steps (pairs where no step gains), more demand.

    limits: of retwin.bottleneck(). most: steps and pairs in all, the largest gains first.

    Returns the Axes. Raises ValueError where nothing was measured.
    """
    gains = limits.gains
    tone = {"all": _style.INK, "set": _style.INK, "step": _style.MAIN, "pair": "#81b1d5", "demand": _style.SECOND}
    relative = any(value == value for value in gains["gain"])
    columns = ("gain", "gain_low", "gain_high") if relative else ("absolute", "absolute_low", "absolute_high")
    factor = 100.0 if relative else 1.0
    suspects = {str(name) for name in limits.suspects["suspect"]}

    def label(role: str, relief: str, path: str) -> str:
        if role == "set":
            return f"sufficient set of {len(limits.sufficient)}"
        return relief + (" (suspect)" if path in suspects else "")

    rows = [(str(role), label(str(role), str(relief), str(path)), factor * float(gain), factor * float(low), factor * float(high))
            for role, relief, path, gain, low, high in zip(gains["role"], gains["relief"], gains["path"], *(gains[name] for name in columns))
            if gain == gain and role in tone]
    single = sorted((row for row in rows if row[0] in ("step", "pair")), key=lambda row: -row[2])
    shown = [row for row in rows if row[0] in ("all", "set")] + single[:most] + [row for row in rows if row[0] == "demand"]
    if not shown:
        raise ValueError("no relief was measured")
    ax = _style.axes(ax, 8.0, 1.3 + 0.3 * len(shown))
    for k, (role, _, gain, low, high) in enumerate(shown):
        ax.barh(k, gain, color=tone[role], height=0.62, alpha=0.85)
        ax.plot([low, high], [k, k], color=_style.LIMIT if tone[role] == _style.INK else "black", linewidth=1.2, solid_capstyle="butt")
    ax.axvline(0, color="#9aa4ad", linewidth=0.8)
    ax.set_yticks(range(len(shown)), [_style.plain(text) for _, text, *_ in shown])
    ax.set_ylim(len(shown) - 0.4, -0.6)
    unit = "[%]" if relative else "[its unit]"
    ax.set_xlabel(f"gain of {_style.plain(limits.objective)} {unit}, bar: mean, line: 95 % interval", fontsize=9)
    left_out = len(single) - most
    ax.set_title("What relief brings" + (f"; {left_out} smaller steps are left out" if left_out > 0 else ""), fontsize=10, loc="left", color=_style.INK)
    _style.calm(ax, "x")
    return ax


def levels(series: Any, ax: "Optional[Axes]" = None, *, what: str = "queue", names: Optional[Sequence[str]] = None,
           limits: Optional[Mapping[str, float]] = None, most: int = 6) -> "Axes":
    """Levels over time, with the limits that are known.

    series: of Simulation.series(). what: queue, content [lots], power_W, resource_taken, resource_on_duty, sink_lots. names: of stations,
    resources or sinks, default the `most` with the highest levels. limits: name -> level drawn as a dashed line of the same colour, in
    the unit of the axis (kW for power); for queues for instance dict(zip(buffers['station'], buffers['room_lots'])) of Result.buffers.

    Returns the Axes. Raises KeyError for what there is not.
    """
    units = {"queue": "lots waiting", "content": "lots", "power_W": "kW", "resource_taken": "units taken", "resource_on_duty": "units on duty",
             "sink_lots": "lots since the start"}
    if what not in units:
        raise KeyError(f"no levels {what}; there are {', '.join(units)}")
    known = [str(name) for name in series["resource" if what.startswith("resource") else "sink" if what == "sink_lots" else "station"]]
    return _curves(series["time_s"], series[what] / (1000 if what == "power_W" else 1), known, units[what], ax, names, limits or {}, most,
                   {"queue": "Buffers", "content": "Lots at stations", "power_W": "Power"}.get(what, units[what].capitalize()))


def stocks(series: Any, ax: "Optional[Axes]" = None, *, names: Optional[Sequence[str]] = None, limits: Optional[Mapping[str, Any]] = None) -> "Axes":
    """Stocks over time, with the most that is held admissible.

    series: of Simulation.series(). names: of stocks of one unit, default all that have the unit of the first. limits: Scenario.stock_limits.

    Returns the Axes. Raises KeyError for a stock that there is not, ValueError for stocks of several units or none.
    """
    known = [str(name) for name in series["stock"]]
    if not known:
        raise ValueError("the scenario has no stocks")
    unit_of = dict(zip(known, (str(unit) for unit in series["stock_unit"])))
    chosen = list(names) if names is not None else [name for name in known if unit_of[name] == unit_of[known[0]]]
    _style.choose(known, chosen, "stock")
    if len({unit_of[name] for name in chosen}) != 1:
        raise ValueError("stocks of one axis have one unit")
    most = {name: float(limit[0]) for name, limit in (limits or {}).items() if name in chosen and float(limit[0]) < float("inf")}
    return _curves(series["time_s"], series["stock_level"], known, unit_of[chosen[0]], ax, chosen, most, len(chosen), "Stocks")


def _curves(time_s: Any, values: Any, known: Sequence[str], unit: str, ax: "Optional[Axes]", names: Optional[Sequence[str]],
            limits: Mapping[str, float], most: int, title: str) -> "Axes":
    chosen = _style.choose(known, names, "level")
    if names is None:
        chosen = sorted(chosen, key=lambda k: -float(values[:, k].max()) if len(values) else 0.0)[:most]
    ax = _style.axes(ax, 8.0, 3.8)
    unit_s, name_of_unit = _style.time_unit(float(time_s[-1] - time_s[0]) if len(time_s) else 0.0)
    for n, k in enumerate(chosen):
        colour = _style.SERIES[n % len(_style.SERIES)]
        ax.plot(time_s / unit_s, values[:, k], color=colour, linewidth=1.3, drawstyle="steps-post", label=_style.plain(known[k]))
        if known[k] in limits and limits[known[k]] == limits[known[k]]:
            ax.axhline(limits[known[k]], color=colour, linewidth=1.0, linestyle=(0, (5, 3)))
    drawn = [name for name in (known[k] for k in chosen) if name in limits and limits[name] == limits[name]]
    ax.set_xlabel(f"time after the start of the run [{name_of_unit}]", fontsize=9)
    ax.set_ylabel(unit, fontsize=9)
    ax.set_ylim(bottom=0)
    ax.margins(x=0.01)
    ax.set_title(title + ("; dashed: the limit" if drawn else ""), fontsize=10, loc="left", color=_style.INK)
    ax.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    _style.calm(ax, "y")
    return ax


def gantt(recording: Any, ax: "Optional[Axes]" = None, *, begin_s: Optional[float] = None, end_s: Optional[float] = None,
          stations: Optional[Sequence[str]] = None, most: int = 40) -> "Axes":
    """Who was in which state when: a line for each server.

    recording: of Simulation.record(). begin_s, end_s: window [s after the start of the run], default all of it. stations: names, default
    all; most: lines in all.

    Returns the Axes. Raises KeyError for a station that there is not, ValueError for an empty window.
    """
    spans = recording.spans
    begin = recording.begin_s if begin_s is None else begin_s
    end = recording.end_s if end_s is None else end_s
    if not end > begin:
        raise ValueError("the window ends before it begins")
    present = list(dict.fromkeys(str(name) for name in spans["station"]))
    wanted = present if stations is None else list(stations)
    _style.choose(present, wanted, "station")
    lines: dict[tuple[str, int], list[int]] = {}
    for k, (station, server) in enumerate(zip(spans["station"], spans["server"])):
        if spans["to_s"][k] > begin and spans["from_s"][k] < end and station in wanted:
            lines.setdefault((str(station), int(server)), []).append(k)
    keys = sorted(lines, key=lambda key: (wanted.index(key[0]), key[1]))[:most]
    several = {station for station, _ in keys if sum(1 for other, _ in keys if other == station) > 1}
    ax = _style.axes(ax, 10.0, 1.4 + 0.26 * len(keys))
    unit_s, name_of_unit = _style.time_unit(end - begin)
    seen = set()
    for row, key in enumerate(keys):
        for k in lines[key]:
            state = str(spans["state"][k])
            start, stop = max(begin, float(spans["from_s"][k])), min(end, float(spans["to_s"][k]))
            label = None if state in seen else state.replace("_", " ")
            seen.add(state)
            edge = "white" if state in ("working", "setup") else "none"  # a job ends where the next begins
            ax.barh(row, (stop - start) / unit_s, left=start / unit_s, color=_style.STATES[state], height=0.7, label=label, edgecolor=edge, linewidth=0.3)
    ax.set_yticks(range(len(keys)), [_style.plain(f"{station} #{server}" if station in several else station) for station, server in keys])
    ax.invert_yaxis()
    ax.set_xlim(begin / unit_s, end / unit_s)
    ax.set_xlabel(f"time after the start of the run [{name_of_unit}]", fontsize=9)
    left_out = len(lines) - len(keys)
    ax.set_title(f"{_style.plain(recording.name)}: servers" + (f"; {left_out} more are left out" if left_out else ""), fontsize=10, loc="left", color=_style.INK)
    order = {state.replace("_", " "): k for k, state in enumerate(_style.STATES)}
    handles, labels = ax.get_legend_handles_labels()
    pairs = sorted(zip(handles, labels), key=lambda pair: order[pair[1]])
    ax.legend([handle for handle, _ in pairs], [label for _, label in pairs], fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    _style.calm(ax)
    return ax
