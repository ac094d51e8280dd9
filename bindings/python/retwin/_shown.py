"""What notebooks show of values, and their pandas frames with the units in the names of columns."""
from __future__ import annotations

import html as _html
import math
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, List, Sequence, Tuple

if TYPE_CHECKING:
    import pandas

_MOST_ROWS = 60
_STYLE = "text-align:{};padding:.15em .6em"


def pandas_module() -> Any:
    """pandas, which only frames need."""
    try:
        import pandas
    except ModuleNotFoundError as error:
        if error.name != "pandas":
            raise  # it is there, but cannot be imported: its own words say why
        raise ImportError("frames need pandas: apt install python3-pandas, or pip install pandas") from None
    return pandas


def with_unit(name: str, unit: str) -> str:
    return name if unit in ("", "1") else f"{name} [{unit}]"


def table_frame(table: Any) -> "pandas.DataFrame":
    units = table.units
    return pandas_module().DataFrame({with_unit(name, units[name]): values for name, values in table.arrays().items()})


def frame(value: Any) -> "pandas.DataFrame":
    return table_frame(table_of(value))


def table_of(value: Any) -> Any:
    """The one table that stands for a value."""
    kind = type(value).__name__
    if kind == "Result":
        return value.table("kpis")
    attribute = {"Scenario": "table", "Bottleneck": "gains", "Carbon": "sum", "Compliance": "table", "Cost": "table", "Check": "stations",
                 "Recording": "flows", "Background": "flows", "Calibration": "parameters", "Machines": "parameters", "Drift": "table"}.get(kind)
    return getattr(value, attribute) if attribute else value


# --- HTML -----------------------------------------------------------------------------------------------------------------------


def escape(text: object) -> str:
    return _html.escape(str(text), quote=True)


def rows_html(heads: Sequence[Tuple[str, bool, str]], rows: Iterable[Sequence[str]], left_out: int = 0) -> str:
    """A table of texts. heads: name, whether its column is set to the left, what it is."""
    def cell(tag: str, text: str, left: bool, title: str = "") -> str:
        told = f' title="{escape(title)}"' if title else ""
        return f'<{tag} style="{_STYLE.format("left" if left else "right")}"{told}>{escape(text)}</{tag}>'

    head = "".join(cell("th", name, left, title) for name, left, title in heads)
    body = "".join("<tr>" + "".join(cell("td", text, heads[k][1]) for k, text in enumerate(row)) + "</tr>" for row in rows)
    more = f"<p>and {left_out:,} more rows</p>" if left_out > 0 else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def table_html(table: Any) -> str:
    heads, rows = table._shown(_MOST_ROWS)
    told = [k for k in range(len(heads)) if k == 0 or any(row[k] not in ("", "-") for row in rows)]
    return rows_html([heads[k] for k in told], ([row[k] for k in told] for row in rows), len(table) - len(rows))


def _paragraphs(*texts: str) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts if text)


def _result_html(result: Any) -> str:
    days = (result.end_s - result.begin_s) / 86400
    title = f"<h4>{escape(result.name)}</h4>"
    about = f"{days:g} days, {result.replications} replications; ± at 95 % confidence"
    headline = ["plant.throughput", "plant.rate", "plant.cycle_time", "plant.wip", "plant.power", "plant.peak_power", "plant.carbon_per_year"]
    known = result.kpis
    paths = [path for path in headline if path in known] + [path for path in known if path.startswith("per.") and path.count(".") == 2]
    rows = []
    for path in paths:
        kpi = result.kpi(path)
        if not math.isnan(kpi.mean):
            value = f"{kpi.mean:,.4g}" + ("" if math.isnan(kpi.half_width) else f" ± {kpi.half_width:,.2g}")
            rows.append([path, value, kpi.unit + (" *" if kpi.estimate else ""), kpi.doc])
    figures = rows_html([("figure", True, ""), ("value", False, ""), ("unit", True, "* rests on estimates"), ("", True, "")], rows)
    return title + _paragraphs(about) + figures + _paragraphs(result.verdict, result.disagreement) + table_html(result.table("bottleneck"))


def _scenario_html(scenario: Any) -> str:
    days = scenario.duration_s / 86400
    about = f"{days:g} days, of which {scenario.warmup_s / 86400:g} warm-up; sources: {', '.join(scenario.sources)}; sinks: {', '.join(scenario.sinks)}"
    table = scenario.table
    units, arrays = table.units, table.arrays()
    heads = [(with_unit(name, units[name]), arrays[name].dtype.kind == "U", table.docs[name]) for name in table.columns]

    def text(value: Any) -> str:
        return "" if value != value else str(value) if isinstance(value, str) else f"{value:,.6g}"

    rows = [[text(value) for value in row] for row in zip(*(list(arrays[name])[:_MOST_ROWS] for name in table.columns))]
    left_out = len(table) - len(rows)
    warnings = str(scenario.warnings._repr_html_()) if len(scenario.warnings) else ""
    return f"<h4>{escape(scenario.name)}</h4>" + _paragraphs(about) + rows_html(heads, rows, left_out) + warnings


def _comparison_html(comparison: Any) -> str:
    parts = []
    for label, sentences in comparison.sentences.items():
        lines = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
        parts.append(f"<h4>{escape(label)}</h4><ul>{lines}</ul>")
    gate = table_html(comparison.gate) if len(comparison.gate) else ""
    return "".join(parts) + gate + table_html(comparison.changes) + table_html(comparison)


def _about(value: Any) -> Sequence[str]:
    """What is said above the one table of a value."""
    kind = type(value).__name__
    if kind == "Bottleneck":
        return [value.verdict]
    if kind == "Check":
        return [f"{value.name}: limited by {value.limited_by or 'nothing'}", *value.notes]
    if kind == "Compliance":
        return ["passed" if value.passed else "not shown to pass"]
    if kind == "Cost":
        return [f"cost {value.cost:,.0f} CNY/a, revenue {value.revenue:,.0f} CNY/a, margin {value.margin:,.0f} CNY/a"]
    return []


def html(value: Any) -> str:
    special: Dict[str, Callable[[Any], str]] = {"Result": _result_html, "Scenario": _scenario_html, "Comparison": _comparison_html}
    make = special.get(type(value).__name__)
    return make(value) if make else _paragraphs(*_about(value)) + table_html(table_of(value))


class Problems(List[Any]):
    """Problems of the input: a list of Problem that has a frame, and a table in notebooks."""

    def to_frame(self) -> "pandas.DataFrame":
        """A pandas.DataFrame with one row per problem. Raises ImportError without pandas."""
        names = ("severity", "code", "file", "line", "path", "message", "hint")
        return pandas_module().DataFrame({name: [getattr(problem, name) for problem in self] for name in names})

    def _repr_html_(self) -> str:
        heads = [(name, True, "") for name in ("severity", "code", "place", "path", "message", "hint")]
        rows = [[p.severity, p.code, f"{p.file}:{p.line}" if p.line else p.file, p.path, p.message, p.hint] for p in self]
        return rows_html(heads, rows)


class Series(Dict[str, Any]):
    """Levels at regular times: a dict of arrays. Those of numbers look at one memory, which they keep alive."""

    def to_frame(self) -> "pandas.DataFrame":
        """A pandas.DataFrame with one row per time: 'wip', 'press.queue', 'press.power [W]', ... Raises ImportError without pandas."""
        columns = {"wip": self["wip"]}
        for names, values in (("station", ("queue", "content", "power_W")), ("resource", ("resource_taken", "resource_on_duty")),
                              ("sink", ("sink_lots",)), ("stock", ("stock_level",)), ("flow", ("used",))):
            for what in values:
                for k, name in enumerate(self.get(names, ())):
                    plain = what[:-2] if what.endswith("_W") else what
                    unit = "W" if what.endswith("_W") else self["stock_unit"][k] if names == "stock" else self["flow_unit"][k] if names == "flow" else ""
                    columns[with_unit(f"{name}.{plain}", unit)] = self[what][:, k]
        return pandas_module().DataFrame(columns, index=pandas_module().Index(self["time_s"], name="time_s [s]"))

    def _repr_html_(self) -> str:
        times = self["time_s"]
        rows = [[name, str(values.dtype), " x ".join(str(n) for n in values.shape)] for name, values in self.items()]
        about = f"{len(times)} times from {times[0]:g} s to {times[-1]:g} s" if len(times) else "no times"
        return _paragraphs(about) + rows_html([("array", True, ""), ("type", True, ""), ("shape", True, "")], rows)
