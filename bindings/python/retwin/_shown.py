"""What notebooks show of values, and their pandas frames with the units in the names of columns."""
from __future__ import annotations

import html as _html
import json as _json
import math
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, List, Sequence, Tuple

if TYPE_CHECKING:
    import pandas

    from ._retwin import Table

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
                 "Recording": "flows", "Background": "flows", "Calibration": "parameters", "Machines": "parameters", "Drift": "table", "EventLog": "table", "Forecast": "table", "StudyResult": "table"}.get(kind)
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

    rows = [[_text(value) for value in row] for row in zip(*(list(arrays[name])[:_MOST_ROWS] for name in table.columns))]
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
    if kind == "StudyResult":
        best = ", ".join(f"{name} {found:.5g}" if isinstance(found, float) else f"{name} {found}" for name, found in (value.best or {}).items())
        return [f"best: {best}" if best else ""]
    if kind == "Compliance":
        return ["passed" if value.passed else "not shown to pass"]
    if kind == "Cost":
        return [f"cost {value.cost:,.0f} CNY/a, revenue {value.revenue:,.0f} CNY/a, margin {value.margin:,.0f} CNY/a"]
    return []


def html(value: Any) -> str:
    special: Dict[str, Callable[[Any], str]] = {"Result": _result_html, "Scenario": _scenario_html, "Comparison": _comparison_html}
    make = special.get(type(value).__name__)
    return make(value) if make else _paragraphs(*_about(value)) + table_html(table_of(value))


# --- dicts and lists that have a frame ---------------------------------------------------------------------------------------------


class Framed:
    """What has columns of equal length, their units in their names: a frame, and a table in notebooks."""

    def _columns(self) -> Dict[str, Any]:
        raise NotImplementedError

    def to_frame(self) -> "pandas.DataFrame":
        """A pandas.DataFrame; columns carry their unit in brackets. Raises ImportError without pandas."""
        return pandas_module().DataFrame(self._columns())

    def _repr_html_(self) -> str:
        columns = self._columns()
        rows = [[_text(value) for value in row] for row in zip(*columns.values())]
        heads = [(name, any(isinstance(value, str) for value in values), "") for name, values in columns.items()]
        return rows_html(heads, rows[:_MOST_ROWS], len(rows) - _MOST_ROWS)


def _text(value: Any) -> str:
    """A value as people read it; nothing where there is none."""
    if value is None or value != value:
        return ""
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


class Problems(Framed, List[Any]):
    """Problems of the input: a list of Problem that has a frame, and a table in notebooks."""

    def _columns(self) -> Dict[str, Any]:
        return {name: [getattr(problem, name) for problem in self] for name in ("severity", "code", "file", "line", "path", "message", "hint")}

    def _repr_html_(self) -> str:
        heads = [(name, True, "") for name in ("severity", "code", "place", "path", "message", "hint")]
        rows = [[p.severity, p.code, f"{p.file}:{p.line}" if p.line else p.file, p.path, p.message, p.hint] for p in self]
        return rows_html(heads, rows)


class Kinds(Framed, Dict[str, str]):
    """Everything that explain() knows: a dict, name -> one sentence. Its frame has a row for each."""

    def _columns(self) -> Dict[str, Any]:
        return {"name": [*self], "doc": [*self.values()]}


class Figures(Framed, Dict[str, float]):
    """Figures of a simulation: a dict, path -> value; `units` and `docs` tell of them. Its frame has a row for each, with its unit."""

    def __init__(self, values: Dict[str, float], units: Dict[str, str], docs: Dict[str, str]) -> None:
        super().__init__(values)
        self.units, self.docs = units, docs

    def _columns(self) -> Dict[str, Any]:
        return {"path": [*self], "value": [*self.values()], "unit": [self.units[path] for path in self], "doc": [self.docs[path] for path in self]}


class Snapshot(Framed, Dict[str, Any]):
    """What is going on at an instant: a dict of arrays. Its frame has a row per station."""

    def _columns(self) -> Dict[str, Any]:
        columns = {name: self[name] for name in ("station", "queue", "content", "jobs", "scrapped", "failures")}
        columns["kg_in [kg]"] = self["kg_in"]
        for k, state in enumerate(self["state"]):
            columns[f"{state}_time_s [s]"] = self["state_time_s"][:, k]
        return columns


class Distances(Framed, Dict[str, float]):
    """Distances between two event logs: a dict, name -> value. Its frame has a row for each, with its unit."""

    def _columns(self) -> Dict[str, Any]:
        return {"distance": [name.removesuffix("_h") for name in self], "value": [*self.values()],
                "unit": ["h" if name.endswith("_h") else "1" for name in self]}


class Fits(Framed, List[Dict[str, Any]]):
    """Distributions fitted to values, best first: a list of dicts. Its frame has a row for each."""

    def _columns(self) -> Dict[str, Any]:
        units = {"mean": "s", "sd": "s"}
        names = ("family", "n", "mean", "sd", "log_likelihood", "aic", "bic", "ks", "ks_p", "anderson_darling", "scenario")
        return {with_unit(name, units.get(name, "")): [fit[name] for fit in self] for name in names}


class Reconciliation(Framed, Dict[str, Any]):
    """Flows made to obey their balances: a dict of arrays per stream and of figures. Its frame has a row per stream, in the unit of what was measured."""

    def _columns(self) -> Dict[str, Any]:
        names = ("stream", "measured", "value", "variance", "adjustment", "z", "value_without_gross_errors", "kind")
        return {**{name: self[name] for name in names}, "gross_error": [k in self["gross_errors"] for k in range(len(self["stream"]))]}


class Reconciliations(Framed, Dict[str, Reconciliation]):
    """Those of a file with several networks: a dict by their names. Its frame has a row per network and stream."""

    def _columns(self) -> Dict[str, Any]:
        parts = [(name, one._columns()) for name, one in self.items()]
        heads = parts[0][1] if parts else {}
        return {"network": [name for name, one in parts for _ in one["stream"]], **{head: [x for _, one in parts for x in one[head]] for head in heads}}


class Outcome(Framed, Dict[str, Any]):
    """What one replication came to: a dict with task, digest, error, figures. Its frame has a row per figure, with its unit."""

    def _columns(self) -> Dict[str, Any]:
        figures = self["figures"] or []
        return {name: [figure.get(name) for figure in figures] for name in ("path", "value", "unit", "doc", "estimate")}


class Outcomes(Framed, List[Outcome]):
    """What replications came to: a list of Outcome. Its frame has a row for each, and a column per figure."""

    def _columns(self) -> Dict[str, Any]:
        told = [{with_unit(f["path"], f["unit"]): f["value"] for f in outcome["figures"] or []} for outcome in self]
        heads = {head: None for figures in told for head in figures}
        columns: Dict[str, Any] = {"replication": [outcome["task"]["replication"] for outcome in self], "error": [outcome["error"] for outcome in self]}
        columns.update({head: [figures.get(head) for figures in told] for head in heads})
        return columns


class Validation(Dict[str, Any]):
    """How well a scenario predicts a log: the content of `retwin validate --format json` as a dict; str() is the report of the command line.

    table(name): figures, metrics and activities; of a production line windows and stations. to_frame() is the first of them.
    """

    def __init__(self, content: str, report: str, tables: Dict[str, Any]) -> None:
        super().__init__(_json.loads(content))
        self._content, self._report, self._tables = content, report, tables

    @property
    def tables(self) -> List[str]:
        """Names of its tables."""
        return [*self._tables]

    def table(self, name: str) -> "Table":
        """One of them, as a Table. Raises KeyError."""
        if name not in self._tables:
            raise KeyError(f"no table {name}; tables lists them all")
        table: "Table" = self._tables[name]
        return table

    def json(self) -> str:
        """The text of `retwin validate --format json`."""
        return self._content

    def to_frame(self) -> "pandas.DataFrame":
        """A pandas.DataFrame: one row per figure, or window of a line. Raises ImportError without pandas."""
        return table_frame(self._tables[self.tables[0]])

    def _repr_html_(self) -> str:
        return "".join(f"<h4>{escape(name)}</h4>" + table_html(table) for name, table in self._tables.items())

    def __str__(self) -> str:
        return self._report

    def __repr__(self) -> str:
        return f"<Validation of {self['scenario']}: {', '.join(f'{len(table)} {name}' for name, table in self._tables.items())}>"


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
