# What the extension of the package has; made by tests/python/stub.py, which compares it too.
import os
from typing import Any, Dict, List, Optional, Tuple, Union, overload

import numpy.typing as npt
import pandas

from ._shown import Distances, Figures, Fits, Kinds, Outcome, Outcomes, Problems, Reconciliation, Reconciliations, Series, Snapshot, Validation

Array = npt.NDArray[Any]
Path = Union[str, "os.PathLike[str]"]
Time = Union[float, str]

__version__: str

class InputError(ValueError):
    """Bad input. `problems`: every problem at once."""
    problems: Problems

class RunError(RuntimeError):
    """A run that cannot go on, a deadlock for instance. `time_s`: when, `station`: where."""
    time_s: Optional[float]
    station: str

class CheckError(RuntimeError):
    """A bug of retwin itself."""

class Background:
    """What the flows that a plant used cause in a background system; str() is the report of the command line."""
    def _repr_html_(self) -> str:
        """What a notebook shows; names from the scenario are escaped."""
    @property
    def flows(self) -> Table:
        """Table: one row per flow that the system makes [kg CO2e]"""
    @property
    def kg(self) -> float:
        """In all [kg CO2e]"""
    @property
    def processes(self) -> Table:
        """Table: one row per process that emits [kg CO2e]"""
    def to_frame(self) -> pandas.DataFrame:
        """A pandas.DataFrame: one row per flow, as `flows`."""
    @property
    def warnings(self) -> Problems:
        """List of Problem: flows that the system does not make"""

class Bottleneck:
    """What limits a plant, measured by relieving it; str() is the report of the command line."""
    def _repr_html_(self) -> str:
        """What a notebook shows; names from the scenario are escaped."""
    @property
    def demand_limits(self) -> bool:
        """Nothing is gained even with all reliefs at once, and that is shown"""
    @property
    def gains(self) -> Table:
        """Table: one row per relief, with its gain and interval; role tells all, set, without, step, pair, demand"""
    def json(self) -> str:
        """The text of `retwin bottleneck --format json`"""
    @property
    def objective(self) -> str:
        """Path of the figure that counts"""
    @property
    def replications(self) -> int:
        """Fresh ones of every figure"""
    @property
    def sufficient(self) -> List[str]:
        """Paths of the sufficient set, who is missed most first"""
    @property
    def suspects(self) -> Table:
        """Table: what one run makes suspect"""
    def to_frame(self) -> pandas.DataFrame:
        """A pandas.DataFrame: one row per relief, as `gains`."""
    @property
    def undecided(self) -> bool:
        """Neither a gain of all reliefs is shown nor that there is none"""
    @property
    def verdict(self) -> str:
        """In a few sentences"""

class Calibration:
    """What was learned from records and written to a scenario; str() is the report of the command line."""
    def _repr_html_(self) -> str:
        """What a notebook shows; names from the scenario are escaped."""
    @property
    def parameters(self) -> Table:
        """Table: one row per learned parameter, with unit, interval, number of observations and method"""
    @property
    def path(self) -> str:
        """The scenario that was written; load() takes it"""
    def to_frame(self) -> pandas.DataFrame:
        """A pandas.DataFrame: one row per parameter, as `parameters`."""

class Carbon:
    """Footprints of every battery and product, from the ledger of a run; str() is the report of the command line."""
    def _repr_html_(self) -> str:
        """What a notebook shows; names from the scenario are escaped."""
    @property
    def activities(self) -> Table:
        """Table: what the plant emits and avoids elsewhere, by what uses a flow and its factor [kg CO2e]"""
    def background(self, folder: Path, *, report: Optional[Path] = ...) -> Background:
        """What the flows used cause in a background system: folder with processes.csv, technosphere.csv, biosphere.csv, weights.csv."""
    @property
    def batteries(self) -> Table:
        """Table: one row per lot from outside, what its matter caused [kg CO2e]"""
    def battery(self, lot: str, *, report: Optional[Path] = ...) -> Table:
        """Table: activity by activity what one lot from outside caused."""
    @property
    def error(self) -> float:
        """Of the two sums, relative to the plant"""
    def origins(self, lot: str) -> Table:
        """Table: the lots from outside that one lot at a sink is made of [kg]."""
    def product(self, lot: str, *, report: Optional[Path] = ...) -> Table:
        """Table: activity by activity what one lot at a sink bears."""
    @property
    def products(self) -> Table:
        """Table: one row per lot at a sink, what it bears [kg CO2e]"""
    @property
    def rules(self) -> Table:
        """Table: products by other rules of allocation: by matter, others' burdens moved onto products by mass, all by value [kg CO2e/kg]"""
    @property
    def running(self) -> Table:
        """Table: lots still in the plant, what they bear so far [kg CO2e]"""
    @property
    def spread(self) -> Table:
        """Table: footprints over lots, by kind and by sink, as quantiles [kg CO2e/kg]"""
    @property
    def sum(self) -> Table:
        """Table: by whom the emissions of the plant are caused, and by what they are borne; each sums to the plant"""
    def to_frame(self) -> pandas.DataFrame:
        """A pandas.DataFrame: the lines of `sum`."""

class Check:
    """What a plant could do at best, by its static capacity (traffic equations); str() is the report of the command line."""
    def _repr_html_(self) -> str:
        """What a notebook shows; names from the scenario are escaped."""
    @property
    def capacity_per_h(self) -> float:
        """Lots of all sources together [1/h], of a plant without sources rounds; infinite where nothing limits it"""
    @property
    def feed_per_h(self) -> float:
        """What the sources offer [lots/h]; NaN if unknown"""
    @property
    def limited_by(self) -> str:
        """The station or resource that limits it; '' if nothing does"""
    @property
    def most_per_h(self) -> float:
        """If every route chose best (max-flow) [lots/h]"""
    @property
    def name(self) -> str:
        """Of the plant"""
    @property
    def notes(self) -> List[str]:
        """What was assumed"""
    @property
    def resources(self) -> Table:
        """Table: one row per resource"""
    @property
    def stations(self) -> Table:
        """Table: one row per station, the busiest first"""
    def to_frame(self) -> pandas.DataFrame:
        """A pandas.DataFrame: one row per station, as `stations`."""
    @property
    def utilities(self) -> Table:
        """Table: one row per utility that jobs share"""
    @property
    def warnings(self) -> Problems:
        """List of Problem"""

class Comparison(Table):
    """Variants against a base: a Table with one row per variant and figure, headline figures first."""
    @property
    def changes(self) -> Table:
        """Table of what differs in the scenarios, by path"""
    @property
    def claims(self) -> Table:
        """Table of the reductions that variants claim against the base [kg CO2e/t, t CO2e/a]; netted with nothing"""
    @property
    def gate(self) -> Table:
        """Table of the conditions of fail_if"""
    @property
    def identical(self) -> Dict[str, bool]:
        """Label -> whether all replications came to the same as those of the base"""
    @property
    def labels(self) -> List[str]:
        """Of the base, then of the variants"""
    @property
    def passed(self) -> bool:
        """Every condition of fail_if was shown to hold off"""
    def result_json(self) -> str:
        """Everything, with the values of every replication: the text of result.json"""
    @property
    def sentences(self) -> Dict[str, List[str]]:
        """Label -> one sentence per headline figure"""
    def write(self, folder: Path) -> None:
        """Writes result.json and the tables as CSV, as `retwin compare --out`."""

class Compliance:
    """Rules on masses and what was reached; str() is the report of the command line."""
    def _repr_html_(self) -> str:
        """What a notebook shows; names from the scenario are escaped."""
    @property
    def passed(self) -> bool:
        """Whether every target in force on the day (default: the first of the run) is shown to be kept"""
    @property
    def table(self) -> Table:
        """Table: one row per rule and target"""
    def to_frame(self) -> pandas.DataFrame:
        """A pandas.DataFrame: one row per rule and target."""

class Cost:
    """What a plant costs and earns; str() is the report of the command line."""
    def _repr_html_(self) -> str:
        """What a notebook shows; names from the scenario are escaped."""
    @property
    def cost(self) -> float:
        """CNY in a reporting year"""
    def lots(self, table: str = ..., *, ledger: Optional[Path] = ...) -> Table:
        """Table: cost and revenue [CNY] of every lot from outside (batteries), of every lot at a sink (products), of those still there (running), or by whom the money of the plant is caused and borne (sum): from a ledger of `run --ledger`, or from one run made for it."""
    @property
    def margin(self) -> float:
        """CNY in a reporting year"""
    @property
    def prices(self) -> Table:
        """Table: one row per price, what it rests on"""
    @property
    def revenue(self) -> float:
        """CNY in a reporting year"""
    @property
    def table(self) -> Table:
        """Table: one row per price, what it comes to"""
    def to_frame(self) -> pandas.DataFrame:
        """A pandas.DataFrame: one row per price."""

class Drift:
    """What changed in logs, and when; str() is the report of the command line."""
    def _repr_html_(self) -> str:
        """What a notebook shows; names from the scenario are escaped."""
    def json(self) -> str:
        """The text of `retwin drift --format json`"""
    @property
    def table(self) -> Table:
        """Table: one row per change: what, when, before and after, with its interval"""
    def to_frame(self) -> pandas.DataFrame:
        """A pandas.DataFrame: one row per change, as `table`."""

class EventLog:
    """An event log: one row per operation, in order of their starts."""
    def __len__(self) -> int:
        ...
    def _repr_html_(self) -> str:
        """What a notebook shows; names from the scenario are escaped."""
    @property
    def activities(self) -> List[str]:
        """Names, by number"""
    @property
    def activity(self) -> Array:
        """Number of the activity"""
    def column(self, name: str) -> Any:
        """A further column named when the log was read: floats (nan where missing) or a list of names (None where missing)."""
    @property
    def end(self) -> Array:
        """Seconds since 1970-01-01"""
    @property
    def findings(self) -> Table:
        """Table: what was found wrong in it, one row per fault and repair"""
    @property
    def lot(self) -> Array:
        """Number of the lot"""
    @property
    def lots(self) -> List[str]:
        """Names, by number"""
    @property
    def resource(self) -> Array:
        """Number of the resource, -1: none"""
    @property
    def resources(self) -> List[str]:
        """Names, by number"""
    @property
    def sha256(self) -> str:
        """Of the file's bytes"""
    @property
    def source(self) -> str:
        """The file, as given"""
    @property
    def start(self) -> Array:
        """Seconds since 1970-01-01"""
    @property
    def table(self) -> Table:
        """Table: one row per operation: lot, activity, resource, start, end"""
    def to_frame(self) -> pandas.DataFrame:
        """A pandas.DataFrame: one row per operation, as `table`."""

class Forecast:
    """Many futures of one present, as planned and with changes."""
    def _repr_html_(self) -> str:
        """What a notebook shows; names from the scenario are escaped."""
    def figure(self, path: str) -> Table:
        """Table: the rows of one figure, 'sinks.ok.lots'."""
    @property
    def labels(self) -> List[str]:
        """Of the branches: as planned, then the changes"""
    @property
    def name(self) -> str:
        """Of the plant"""
    @property
    def now_s(self) -> float:
        """The present [s after the start of the run]"""
    @property
    def table(self) -> Table:
        """Table: one row per branch, time and figure: mean with its interval, quantiles of the futures, paired difference to the first branch with its interval"""
    def to_frame(self) -> pandas.DataFrame:
        """A pandas.DataFrame: one row per branch, time and figure, as `table`."""
    def values(self, path: str) -> Array:
        """Of one figure, shape (branches, times, futures), in its unit; NaN where it is undefined."""

class Job:
    """One job as a unit operation written in Python sees it; lots are numbered from 0."""
    def __len__(self) -> int:
        ...
    def absorb(self, into: Material, material: Material) -> None:
        """Puts material into other material."""
    def attribute(self, lot: int, name: str) -> Any:
        """In the unit declared; a category as text, None where the lot has none."""
    def create(self, component: str, kg: float, flow: str = ...) -> Material:
        """A reagent from outside (or a tank), metered as the flow."""
    @property
    def duration_s(self) -> float:
        """Time that the job took [s]; only in process."""
    def end(self, lot: int) -> None:
        """The lot is no more; its material must have been taken."""
    def extract(self, material: Material, share: Any) -> Material:
        """Splits a share (0 to 1) off, of everything or, as a dict, of components by name."""
    def identity(self, lot: int) -> int:
        """Number of the lot."""
    def kind(self, lot: int) -> Any:
        """Its kind, if that is among the kinds declared; else None."""
    def make(self, kind: str, port: str = ..., *, material: Optional[Material] = ..., parent: int = ..., attributes: Dict[Any, Any] = ...) -> None:
        """A new lot through a port, its attributes those of the lot `parent` but for those given."""
    def mass(self, lot: int) -> float:
        """[kg]"""
    def mass_of(self, material: Material) -> float:
        """[kg]"""
    def masses(self, lot: int) -> Dict[Any, Any]:
        """Of the components declared: name -> kg."""
    def masses_of(self, material: Material) -> Dict[Any, Any]:
        """Of the components declared: name -> kg."""
    def meter(self, flow: str, amount: float) -> None:
        """Use of a flow, in the unit declared."""
    def pass_on(self, lot: int, port: str = ..., *, material: Optional[Material] = ...) -> None:
        """The lot goes on through a port, with this material now in it."""
    def set_attribute(self, lot: int, name: str, value: Any) -> None:
        """In the unit declared."""
    def take(self, lot: int) -> Material:
        """All material of a lot."""
    def transmute(self, material: Material, changes: Dict[Any, Any]) -> None:
        """Changes components by kg (name -> kg); over the job these sum to 0, by mass and by element."""
    def uniform(self) -> float:
        """The next draw of this job in (0, 1): the same in every run with its seed."""

class Kpi:
    """A figure over the replications of a run."""
    @property
    def doc(self) -> str:
        """What it is, in one sentence"""
    @property
    def estimate(self) -> bool:
        """Rests on a figure that its file marks as an estimate"""
    @property
    def half_width(self) -> float:
        """Of the confidence interval; NaN with one replication"""
    @property
    def level(self) -> float:
        """Confidence, 0.95 unless the scenario says otherwise"""
    @property
    def mean(self) -> float:
        """Of the replications; of a ratio, the ratio of the sums"""
    @property
    def n(self) -> int:
        """Replications in which the figure is defined"""
    @property
    def path(self) -> str:
        """As in kpis: 'stations.press.utilisation'"""
    @property
    def unit(self) -> str:
        """Unit of mean, half_width and values; '1' for counts and shares"""
    @property
    def values(self) -> Array:
        """One value per replication, NaN where it is undefined; a read-only view of the result"""

class Machines:
    """Failures, repairs and powers of machines, learned from their states; str() is the report of the command line."""
    def _repr_html_(self) -> str:
        """What a notebook shows; names from the scenario are escaped."""
    def json(self) -> str:
        """The text of `retwin machines --format json`"""
    @property
    def parameters(self) -> Table:
        """Table: one row per learned parameter, with unit, interval, number of observations and method"""
    def to_frame(self) -> pandas.DataFrame:
        """A pandas.DataFrame: one row per parameter, as `parameters`."""

class Material:
    """Material on its way through a job, see Job.take."""

class Problem:
    """One problem of the input; str() shows it with its line of the file and a caret."""
    @property
    def code(self) -> str:
        """From a closed list, the same as on the command line: 'unit', 'unknown-key', ..."""
    @property
    def column(self) -> int:
        """From 1, in bytes"""
    @property
    def file(self) -> str:
        """The file, or who set the value"""
    @property
    def hint(self) -> str:
        """What to write instead; '' if there is none"""
    @property
    def line(self) -> int:
        """From 1; 0: the file as a whole"""
    @property
    def message(self) -> str:
        """What is wrong; wording may change, codes do not"""
    @property
    def path(self) -> str:
        """'stations.press.duration'; '' if there is none"""
    @property
    def severity(self) -> str:
        """'error' or 'warning'"""

class Recording:
    """What happened from begin_s to end_s, event by event."""
    def _repr_html_(self) -> str:
        """What a notebook shows; names from the scenario are escaped."""
    @property
    def begin_s(self) -> float:
        """After the start of the run [s]"""
    @property
    def end_s(self) -> float:
        """After the start of the run [s]"""
    @property
    def flows(self) -> Table:
        """Table: one row per way between two places: from, to, lots, mass_kg [kg]"""
    @property
    def left(self) -> Table:
        """Table: one row per lot that reached a sink: lot, sink, kind, time_s, cycle_s [s], mass_kg [kg]"""
    @property
    def name(self) -> str:
        """Of the plant"""
    @property
    def spans(self) -> Table:
        """Table: one row per stay of a server in a state: station, server, from_s, to_s [s], state, lot"""
    def to_frame(self) -> pandas.DataFrame:
        """A pandas.DataFrame: the ways taken, as `flows`."""

class Regression(Table):
    """Scenarios against their kept figures: a Table with one row per scenario and figure."""
    @property
    def changes(self) -> Table:
        """Table of what has changed in the scenarios since their figures were kept"""
    def junit(self) -> str:
        """As JUnit XML"""
    @property
    def passed(self) -> bool:
        """Every figure of every scenario passed"""

class Result:
    """What a run has found; str() is the report of the command line."""
    def _repr_html_(self) -> str:
        """What a notebook shows; names from the scenario are escaped."""
    @property
    def begin_s(self) -> float:
        """Of the window, after the start [s]"""
    @property
    def bottleneck(self) -> str:
        """The station that the verdict names"""
    @property
    def buffers(self) -> Dict[str, Array]:
        """Column -> array with one entry per station, as buffers.csv"""
    @property
    def disagreement(self) -> str:
        """Where the methods disagree; '' if they agree"""
    @property
    def end_s(self) -> float:
        """Of the window, after the start [s]"""
    @property
    def half_widths(self) -> Figures:
        """Path -> half-width of the confidence interval, NaN with one replication"""
    def json(self) -> str:
        """The text of result.json: the same bytes for the same scenario and seed"""
    def kpi(self, path: str) -> Kpi:
        """One figure with its interval, unit and values."""
    @property
    def kpis(self) -> Figures:
        """Path -> mean over the replications, in the unit that kpi(path) names; a new dict each time"""
    @property
    def name(self) -> str:
        """Of the plant"""
    @property
    def outcomes(self) -> Outcomes:
        """Outcomes, a list with one dict per replication: task (from which repeat() runs it again), digest, error, figures."""
    @property
    def relief(self) -> Optional[Bottleneck]:
        """Bottleneck: what limits, measured by relieving it; None without run(verdict=True)"""
    @property
    def replications(self) -> int:
        """How many there were"""
    @property
    def stations(self) -> Dict[str, Array]:
        """Column -> array with one entry per station, as stations.csv: names tell the unit; NaN where undefined"""
    def table(self, name: str) -> Table:
        """One of them, as a Table."""
    @property
    def tables(self) -> List[str]:
        """Names of its tables"""
    def to_frame(self) -> pandas.DataFrame:
        """A pandas.DataFrame: one row per figure."""
    @property
    def verdict(self) -> str:
        """What one run makes suspect, in one sentence; bottleneck() measures what limits"""
    @property
    def warnings(self) -> Problems:
        """List of Problem: what the run has shown"""
    def write(self, folder: Path) -> None:
        """Writes result.json and the tables as CSV."""

class Scenario:
    """A scenario file, read, checked and compiled, with what was set over it."""
    def __copy__(self) -> Scenario:
        ...
    def _repr_html_(self) -> str:
        """What a notebook shows; names from the scenario are escaped."""
    def copy(self) -> Scenario:
        """Another scenario with the same values set."""
    @property
    def duration_s(self) -> float:
        """Warm-up included [s]"""
    @property
    def hash(self) -> str:
        """SHA-256 of the scenario with everything that it extends and that was set"""
    @property
    def name(self) -> str:
        """Of the plant"""
    @property
    def overrides(self) -> Dict[str, str]:
        """What was set: path -> text"""
    @property
    def path(self) -> str:
        """The file it was read from"""
    def run(self, *, replications: Optional[Union[int, str]] = ..., jobs: Optional[int] = ..., seed: Optional[int] = ..., duration: Optional[Time] = ..., warmup: Optional[Time] = ..., precision: Optional[Time] = ..., max_replications: Optional[int] = ..., state: Optional[Path] = ..., log_state: Optional[EventLog] = ..., state_at: Optional[str] = ..., log: Optional[Path] = ..., trace: Optional[Path] = ..., states: Optional[Path] = ..., ledger: Optional[Path] = ..., series: Optional[Path] = ..., every: Time = ..., save: Optional[Path] = ..., outcomes: Optional[Path] = ..., report: Optional[Path] = ..., replay: Optional[Time] = ..., verdict: bool = ...) -> Result:
        """Runs the replications and returns their Result."""
    @overload
    def set(self, path: str, value: Any) -> Scenario:
        """Sets a value in place of the file's; returns the scenario."""
    @overload
    def set(self, values: Dict[Any, Any]) -> Scenario:
        """Sets several values together."""
    @property
    def sinks(self) -> List[str]:
        """Names"""
    @property
    def sources(self) -> List[str]:
        """Names"""
    def start(self, seed: Optional[int] = ..., replication: int = ...) -> Simulation:
        """A Simulation of the plant at time 0, to be advanced step by step."""
    @property
    def stations(self) -> List[str]:
        """Names, in the order of all arrays with one entry per station"""
    @property
    def stock_limits(self) -> Dict[str, Tuple[float, str]]:
        """Stock -> (most that is held admissible, its unit); infinite where nothing is said"""
    @property
    def table(self) -> Table:
        """Table: one row per station, with its servers, room, expected time of a job [s] and power [W]"""
    def to_frame(self) -> pandas.DataFrame:
        """A pandas.DataFrame: one row per station, as `table`."""
    def to_yaml(self) -> str:
        """The scenario as one file, with what it extends and what was set: text of YAML."""
    @property
    def warmup_s(self) -> float:
        """[s]"""
    @property
    def warnings(self) -> Problems:
        """List of Problem"""

class Simulation:
    """A plant at an instant: a state that can be advanced, copied and saved."""
    def __copy__(self) -> Simulation:
        ...
    def advance(self, until: Time) -> None:
        """Handles every event up to and including a time after the start of the run."""
    def begin_window(self) -> None:
        """kpis() counts from now on, as after a warm-up."""
    @overload
    def copy(self) -> Simulation:
        """A fork, with the same window and the same future."""
    @overload
    def copy(self, scenario: Scenario) -> Simulation:
        """A fork that goes on under another scenario: a what-if from now."""
    @property
    def differences(self) -> Table:
        """Table: what differs from the structure of the state that was carried over by copy(scenario) or load_state(); empty if nothing does"""
    def digest(self) -> str:
        """SHA-256 of everything that decides the future, in hexadecimal."""
    def forecast(self, until: Union[Time, List[Time]], *variants: Any, replications: int = ..., seed: Optional[int] = ..., jobs: Optional[int] = ...) -> Forecast:
        """Many futures from now, each a fork with its own random numbers; the simulation itself stays where it is."""
    def kpis(self) -> Figures:
        """Figures, a dict: path -> figure, for the window since the start, load_state() or begin_window()."""
    @property
    def now(self) -> float:
        """Time after the start [s]"""
    @property
    def queue_lengths(self) -> Array:
        """Lots in the buffer of each station, shape (stations,): a live, read-only view, it changes as the simulation advances; .copy() keeps the figures"""
    def record(self, until: Time) -> Recording:
        """Advances like advance() and writes down all that happens, as a Recording."""
    def rekey(self, seed: int) -> None:
        """Another future from here: later random draws differ."""
    def save(self, path: Path) -> None:
        """Writes the state to a file, for load_state() and `retwin run --from`."""
    def series(self, until: Time, every: Time, *, stocks: bool = ..., flows: bool = ...) -> Series:
        """Advances like advance() and looks in every so often, from now on."""
    def snapshot(self) -> Snapshot:
        """What is going on now, as a Snapshot, a dict of arrays that later advances do not touch."""
    @property
    def stations(self) -> List[str]:
        """Names, in the order of all arrays with one entry per station"""

class StudyResult:
    """What a study found; str() is the report of the command line."""
    def _repr_html_(self) -> str:
        """What a notebook shows; names from the scenario are escaped."""
    @property
    def best(self) -> Any:
        """Decision -> value of the best point, in the units of the table; None where there is no single best"""
    @property
    def chance(self) -> Optional[float]:
        """That it is the best, as far as that is stated; else None"""
    @property
    def decided(self) -> bool:
        """Of a selection: whether the best was shown with the confidence asked for"""
    def get(self, name: str) -> Table:
        """The table of a name."""
    def json(self) -> str:
        """The text of --format json"""
    @property
    def made(self) -> int:
        """Replications that were run now; the others were on file"""
    @property
    def table(self) -> Table:
        """Table of what it is about: the points of a sweep, how each fared in a selection, the best point or the front of an optimisation"""
    @property
    def tables(self) -> List[str]:
        """Names of its tables: points, results (one row per point and replication), effects, indices, selection, front, rivals, steps"""
    def to_frame(self) -> pandas.DataFrame:
        """A pandas.DataFrame: one row per point, as `table`."""
    @property
    def what(self) -> str:
        """'sweep', 'select' or 'optimise'"""
    def write(self, folder: Path) -> None:
        """result.json and every table as CSV, as --out does."""

class Table:
    """A table of a result: named columns with their units; str() is the table for people."""
    def __getitem__(self, __arg0: str) -> Array:
        ...
    def __len__(self) -> int:
        ...
    def _repr_html_(self) -> str:
        """What a notebook shows; names from the scenario are escaped."""
    def _shown(self, most: int) -> Tuple[List[Any], List[List[str]]]:
        """Heads and the first rows, as people read them."""
    def arrays(self) -> Dict[str, Array]:
        """Column -> array, as a dict"""
    @property
    def columns(self) -> List[str]:
        """Names, in their order"""
    def csv(self) -> str:
        """The text that the command line writes"""
    @property
    def docs(self) -> Dict[str, str]:
        """Column -> what it is"""
    def json(self) -> str:
        """Columns with units and rows, as text"""
    def to_frame(self) -> pandas.DataFrame:
        """A pandas.DataFrame: its rows, with all columns that programs read."""
    def to_pandas(self) -> pandas.DataFrame:
        """A pandas.DataFrame with the plain names of the columns; attrs['units'] and attrs['docs'] tell of its columns."""
    @property
    def units(self) -> Dict[str, str]:
        """Column -> unit; '1' for counts and shares, '' for none"""

def _add_function(name: str, doc: str, sha256: str, takes: List[str], gives: str, gives_truth: bool, call: function) -> None:
    """For retwin.function."""

def _add_unit_operation(name: str, doc: str, sha256: str, ports: Dict[Any, Any], parameters: List[Tuple[str, float, str]], attributes: Dict[Any, Any], flows: Dict[Any, Any], kinds: List[str], components: List[str], has_duration: bool, type: Any) -> None:
    """For retwin.unit_operation."""

def _dot(scenario: Union[Scenario, str, "os.PathLike[str]"], *, run: bool, replications: Optional[Union[int, str]] = ..., precision: Optional[Time] = ..., max_replications: Optional[int] = ..., seed: Optional[int] = ..., duration: Optional[Time] = ..., warmup: Optional[Time] = ..., jobs: Optional[int] = ...) -> str:
    """The drawing as text in the DOT language."""

def _run_study(what: str, study: Path, results: Optional[Path], set: Dict[Any, Any], library: List[Path], jobs: Optional[int], report: Optional[Path], rows: List[Any]) -> StudyResult:
    """For retwin.sweep, select and optimise."""

def _shard_rows(study: Path, index: int, of: int, set: Dict[Any, Any], library: List[Path], jobs: Optional[int]) -> List[Any]:
    """For retwin.shard."""

def balance(scenario: Scenario, *, replications: Optional[Union[int, str]] = ..., precision: Optional[Time] = ..., max_replications: Optional[int] = ..., seed: Optional[int] = ..., duration: Optional[Time] = ..., warmup: Optional[Time] = ..., jobs: Optional[int] = ...) -> Table:
    """Table: every element [kg] from sources and reagents to each sink and the stock, with its error, from a run."""

def bottleneck(scenario: Scenario, *, replications: Optional[int] = ..., seed: Optional[int] = ..., jobs: Optional[int] = ..., report: Optional[Path] = ...) -> Bottleneck:
    """Measures what limits a plant: what it would make with more of each thing, one at a time and together."""

def calibrate(log: Optional[EventLog], out: Path, train: float = ..., plant: Optional[Path] = ..., window: str = ..., flows: Optional[Path] = ..., assays: Optional[Path] = ..., meters: Optional[Path] = ..., states: Optional[Path] = ..., draws: int = ..., seed: int = ..., library: List[Path] = ..., state_at: Optional[str] = ...) -> Calibration:
    """Learns a scenario from an event log, or the parameters of a given plant, and writes it to `out` with tables beside it."""

def carbon(scenario: Scenario, *, ledger: Optional[Path] = ..., seed: Optional[int] = ..., duration: Optional[Time] = ..., report: Optional[Path] = ...) -> Carbon:
    """Footprints from a ledger that run(ledger=...) or `run --ledger` has written, or from one run made for them, as a Carbon."""

def check(scenario: Union[Scenario, str, "os.PathLike[str]"], *, replications: Optional[Union[int, str]] = ..., precision: Optional[Time] = ..., max_replications: Optional[int] = ..., seed: Optional[int] = ..., duration: Optional[Time] = ..., warmup: Optional[Time] = ..., jobs: Optional[int] = ...) -> Check:
    """What a scenario could do at best, and what is to be warned of."""

def compare(base: Union[Scenario, str, "os.PathLike[str]"], *variants: Any, replications: Optional[int] = ..., precision: Optional[Time] = ..., max_replications: Optional[int] = ..., seed: Optional[int] = ..., duration: Optional[Time] = ..., warmup: Optional[Time] = ..., jobs: Optional[int] = ..., fail_if: List[str] = ..., report: Optional[Path] = ..., replay: Optional[Time] = ...) -> Comparison:
    """Runs variants with the same luck as a base and compares their figures, replication by replication."""

def comply(scenario: Scenario, *, date: Optional[str] = ..., replications: Optional[Union[int, str]] = ..., precision: Optional[Time] = ..., max_replications: Optional[int] = ..., seed: Optional[int] = ..., duration: Optional[Time] = ..., warmup: Optional[Time] = ..., jobs: Optional[int] = ...) -> Compliance:
    """Recycling efficiency, recoveries and contents against dated targets, from a run, as a Compliance."""

def cost(scenario: Scenario, *, replications: Optional[Union[int, str]] = ..., precision: Optional[Time] = ..., max_replications: Optional[int] = ..., seed: Optional[int] = ..., duration: Optional[Time] = ..., warmup: Optional[Time] = ..., jobs: Optional[int] = ...) -> Cost:
    """What a plant costs and earns by the prices that are stated [CNY in a reporting year], from a run, as a Cost."""

def distances(real: EventLog, simulated: EventLog, zone_h: float = ...) -> Distances:
    """Distances between two event logs, see `retwin distances`, as Distances, a dict: ngd and ngd2 [1], the others in hours."""

def drift(log: Optional[Path] = ..., *, states: Optional[Path] = ..., meters: Optional[Path] = ..., mass: Optional[Path] = ..., reference: float = ..., level: float = ..., columns: Dict[str, str] = ..., meaning: Dict[str, str] = ...) -> Drift:
    """What changed in an event log or a state log, when and by how much; the alarms that a watch would have given."""

def explain(kind: Optional[str] = ...) -> str:
    """What a kind of thing ('station', 'run', a unit operation, a kind of lot) can be given in a scenario, or what terms of a report mean ('compare', 'bottleneck'); without a kind, a list of everything."""

def fit(values: List[float]) -> Fits:
    """Distributions fitted to values [s] by maximum likelihood, best first, as Fits, a list of dicts: family, parameters, aic, bic, ks, ..., and qq, an array (n, 2) of fitted and observed quantiles."""

def from_dict(document: Dict[Any, Any], path: Optional[Path] = ..., library: List[Path] = ..., name: str = ...) -> Scenario:
    """Checks and compiles a scenario that is built in Python, as a scenario file has it: dictionaries, lists, and values as in set()."""

def kinds() -> Kinds:
    """Everything that explain() knows, as Kinds, a dict: name -> one sentence."""

def list(library: List[Path] = ...) -> Table:
    """Table of what there is to run and to refer to: kind (Plants, What-ifs, Library, Unit operations, ...), name, doc."""

def load(path: Path, library: List[Path] = ...) -> Scenario:
    """Reads, checks and compiles a scenario file."""

def load_state(path: Path, scenario: Scenario) -> Simulation:
    """A Simulation that goes on from a saved state."""

def machines(states: Path, *, meters: Optional[Path] = ..., mass: Optional[Path] = ..., machine: str = ..., state: str = ..., start: str = ..., end: str = ..., energy: str = ..., energy_unit: str = ..., meter_unit: str = ..., mass_unit: str = ..., meaning: Dict[str, str] = ..., out: Optional[Path] = ..., extends: Optional[Path] = ...) -> Machines:
    """Failures, repairs and powers of machines from a state log (machine, state, start, end, perhaps energy) and meters."""

def new(path: Path = ..., template: str = ...) -> Path:
    """Writes a commented scenario that runs, to begin with: a line of twelve stations, or template='recycling'."""

def read_log(path: Path, *, lot: str = ..., activity: str = ..., resource: str = ..., start: str = ..., end: str = ..., stamp: str = ..., lifecycle: str = ..., numeric: List[str] = ..., categorical: List[str] = ..., reader: str = ..., time_format: str = ..., time_unit: str = ...) -> EventLog:
    """Reads and cleans an event log (CSV, XES, OCEL 2.0; texts also with .gz)."""

@overload
def reconcile(path: Path, alpha: float = ...) -> Union[Reconciliation, Reconciliations]:
    """The same of a file of flows (stream, from, to, measured, sd or variance; or .json), in its unit; of a file with several networks Reconciliations, a dict by their names."""
@overload
def reconcile(measured: List[float], variance: List[float], incidence: List[List[float]], alpha: float = ...) -> Union[Reconciliation, Reconciliations]:
    """Measured flows (nan: unmeasured) made to obey incidence @ flow = 0 by weighted least squares, as a Reconciliation."""

def regress(scenarios: List[Union[Scenario, str, "os.PathLike[str]"]], baseline: Path, *, update: bool = ..., margin: Dict[str, str] = ..., replications: Optional[int] = ..., seed: Optional[int] = ..., jobs: Optional[int] = ..., junit: Optional[Path] = ..., library: List[Path] = ...) -> Regression:
    """Judges scenarios against the figures kept in the folder `baseline`, or keeps them (update=True)."""

def repeat(task: Union[str, Dict[str, Any]]) -> Outcome:
    """Runs one replication again, from its task."""

def schema() -> Dict[str, Any]:
    """The JSON Schema of scenario files, as a dict."""

def validate(scenario: Path, log: EventLog, test: float = ..., replications: Optional[int] = ..., seed: int = ..., acceptable: float = ..., acceptable_of: Dict[str, float] = ..., window: str = ..., past: Optional[EventLog] = ..., draws: int = ..., uncertainty: bool = ..., jobs: Optional[int] = ..., every: Time = ..., tolerance: Time = ..., from_: Optional[str] = ..., report: Optional[Path] = ...) -> Validation:
    """How well a calibrated scenario predicts the last `test` of the cases of a log."""
