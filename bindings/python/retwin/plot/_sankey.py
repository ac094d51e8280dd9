"""Flows between places as bands whose widths are amounts."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Set, Tuple

from . import _style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Link = Tuple[str, str, float]
_MOST_NODES = 25
_STUB = 0.09  # of a way that leads back, in columns


def _backward(links: List[Link]) -> Set[Tuple[str, str]]:
    """Ways that close a circle, found by going ahead from where flows begin."""
    out: Dict[str, List[str]] = {}
    for a, b, _ in links:
        out.setdefault(a, []).append(b)
    targets = {b for _, b, _ in links}
    back: Set[Tuple[str, str]] = set()
    done: Set[str] = set()
    for start in sorted(out, key=lambda name: name in targets):
        stack: List[Tuple[str, int]] = [(start, 0)] if start not in done else []
        ahead = {start}
        while stack:
            node, k = stack.pop()
            following = out.get(node, [])
            if k == len(following):
                ahead.discard(node)
                done.add(node)
                continue
            stack.append((node, k + 1))
            if following[k] in ahead:
                back.add((node, following[k]))
            elif following[k] not in done:
                ahead.add(following[k])
                stack.append((following[k], 0))
    return back


def _columns(links: List[Link], back: Set[Tuple[str, str]]) -> Dict[str, int]:
    """Each place behind the last of those that lead there."""
    ahead = [(a, b) for a, b, _ in links if (a, b) not in back]
    column = {name: 0 for a, b, _ in links for name in (a, b)}
    for _ in column:
        moved = False
        for a, b in ahead:
            if column[b] <= column[a]:
                column[b], moved = column[a] + 1, True
        if not moved:
            break
    for name in column:  # what only begins stands right before where it goes
        following = [column[b] for a, b in ahead if a == name]
        if following and not any(b == name for _, b in ahead):
            column[name] = min(following) - 1
    return column


def _order(links: List[Link], column: Dict[str, int]) -> List[List[str]]:
    """Places of each column from top to bottom, near those that they are joined with."""
    ranks: List[List[str]] = [[] for _ in range(max(column.values()) + 1)]
    for name in column:
        ranks[column[name]].append(name)
    position = {name: float(k) for rank in ranks for k, name in enumerate(rank)}
    for sweep in range(8):
        for rank in ranks if sweep % 2 == 0 else reversed(ranks):
            def pull(name: str) -> float:
                joined = [(position[a if b == name else b], value) for a, b, value in links if name in (a, b) and a != b]
                weight = sum(value for _, value in joined)
                return sum(at * value for at, value in joined) / weight if weight > 0 else position[name]

            rank.sort(key=pull)
            for k, name in enumerate(rank):
                position[name] = (k + 0.5) / len(rank)
    return ranks


def draw(ax: "Optional[Axes]", links: List[Link], unit: str, title: str, colours: Dict[str, str]) -> "Axes":
    """Bands between places. colours: of a place, else all are alike. Each band's `retwin` attribute tells (from, to, amount)."""
    from matplotlib.patches import PathPatch, Rectangle
    from matplotlib.path import Path

    links = [link for link in links if link[2] > 0 and link[0] != link[1]]
    if not links:
        raise ValueError("nothing flows that could be drawn")
    back = _backward(links)
    column = _columns(links, back)
    ranks = _order(links, column)
    into: Dict[str, float] = dict.fromkeys(column, 0.0)
    out: Dict[str, float] = dict.fromkeys(column, 0.0)
    for a, b, value in links:
        out[a] += value
        into[b] += value
    size = {name: max(into[name], out[name]) for name in column}
    most = max(len(rank) for rank in ranks)
    ax = _style.axes(ax, min(26.0, 1.7 * (len(ranks) + 1) + 0.4), max(4.0, 0.34 * most + 1.0, 0.3 * len(ranks)))
    gap = min(0.05, 0.6 / most)
    scale = min((1 - gap * (len(rank) - 1)) / sum(size[name] for name in rank) for rank in ranks)
    top: Dict[str, float] = {}
    for rank in ranks:
        height = sum(size[name] for name in rank) * scale + gap * (len(rank) - 1)
        at = 0.5 + height / 2
        for name in rank:
            top[name] = at
            at -= size[name] * scale + gap
    wide = 0.06
    left, right = dict(top), dict(top)
    for a, b, value in sorted(links, key=lambda link: (-top[link[0]], -top[link[1]])):
        y0, h = right[a], value * scale
        right[a] -= h
        x0, x1 = column[a] + wide, float(column[b])
        y1 = left[b]
        left[b] -= h
        returned = (a, b) in back
        if returned:  # a stub where it leaves, and one where it comes in
            for x, y in ((x0, y0 - h), (x1 - _STUB, y1 - h)):
                ax.add_patch(Rectangle((x, y), _STUB, h, facecolor=_style.SECOND, alpha=0.8, linewidth=0, zorder=2))
        bend = (x1 - x0) / 2
        curve = [(x0, y0), (x0 + bend, y0), (x1 - bend, y1), (x1, y1), (x1, y1 - h), (x1 - bend, y1 - h), (x0 + bend, y0 - h), (x0, y0 - h), (x0, y0)]
        codes = [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.LINETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.CLOSEPOLY]
        band = PathPatch(Path(curve, codes), linewidth=0, alpha=0.45, facecolor=colours.get(b, colours.get(a, _style.MAIN)), zorder=1, visible=not returned)
        setattr(band, "retwin", (a, b, value))
        ax.add_patch(band)
    for name, c in column.items():
        h = max(size[name] * scale, 0.002)
        ax.add_patch(Rectangle((c, top[name] - h), wide, h, facecolor=_style.INK, linewidth=0, zorder=3))
        x, side = (c - 0.04, "right") if c == 0 else (c + wide + 0.03, "left")
        ax.text(x, top[name] - h / 2, f"{_style.plain(name)}  {_style.number(size[name])}", fontsize=8, va="center", ha=side, color=_style.INK, zorder=4)
    ax.set_xlim(-1.0, len(ranks) - 1 + 1.0)
    ax.set_ylim(0.5 - 0.56, 0.5 + 0.56)
    ax.axis("off")
    told = [f"{_style.plain(a)} to {_style.plain(b)} {_style.number(value)}" for a, b, value in sorted(links, key=lambda link: -link[2]) if (a, b) in back]
    returns = "\norange: returned from " + ", ".join(told[:3]) + (f" and {len(told) - 3} more ways" if len(told) > 3 else "") if told else ""
    ax.set_title(f"{title} [{unit}]{returns}", fontsize=10, loc="left", color=_style.INK)
    return ax


def sankey(recording: Any, ax: "Optional[Axes]" = None, *, by: Optional[str] = None, least: float = 0.002) -> "Axes":
    """Masses from sources over stations to sinks, in tonnes of the recorded time; ways that lead back are told by their colour.

    recording: of Simulation.record(). by: 'station', or 'group' (what goes on within a group is left out); default by what fits.
    least: share of all that is fed in below which a way is left out.

    Returns the Axes. Raises ValueError where lots have no masses, or for another `by`.
    """
    flows = recording.flows
    names = {str(name) for key in ("from", "to") for name in flows[key]}
    by = by or ("station" if len(names) <= _MOST_NODES else "group")
    if by not in ("station", "group"):
        raise ValueError(f"by is station or group, not {by}")
    sums: Dict[Tuple[str, str], float] = {}
    roles = {}
    for a, b, group_a, group_b, role, kg in zip(*(flows[key] for key in ("from", "to", "from_group", "to_group", "to_role", "mass_kg"))):
        roles[str(b)] = str(role)
        way = (str(a), str(b)) if by == "station" else (str(group_a or a), str(group_b or b))
        sums[way] = sums.get(way, 0.0) + float(kg) / 1000
    targets = {b for _, b in sums}
    fed = sum(value for (a, _), value in sums.items() if a not in targets) or sum(sums.values())
    links = [(a, b, value) for (a, b), value in sums.items() if value > least * fed]
    tone = {"product": "#5b8c5a", "waste": "#8c8f94", "emission": "#b9bec4", "internal": "#d3d7db"}
    days = (recording.end_s - recording.begin_s) / 86400
    return draw(ax, links, "t", f"{_style.plain(recording.name)}: masses in {days:g} days", {name: tone[role] for name, role in roles.items() if role in tone})
