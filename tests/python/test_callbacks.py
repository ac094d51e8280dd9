"""Python code in scenarios: it decides as the language's own words would, its errors arrive as raised, nothing it does is lost."""
import copy
import threading
import traceback

import pytest
import retwin

SHOP = {
    "run": {"duration": "3 d", "warmup": "0 s", "replications": 2},
    "attributes": {"grade": {"categories": ["A", "B"]}, "size": {}, "weight": {"unit": "kg"}},
    "sources": {"in": {"every": {"exponential": "6 min"}, "attributes": {"grade": {"A": "60 %", "B": "40 %"},
                "size": {"uniform": {"low": 1, "high": 9}}, "weight": {"uniform": {"low": "1 kg", "high": "4 kg"}}}, "to": "test"}},
    "stations": {
        "test": {"duration": "1 min", "to": [{"when": "grade == A and size > 3", "to": "fine"}, {"to": "coarse"}]},
        "fine": {"duration": "2 min + 1 min * size", "dispatch": {"smallest": "weight * (10 - size)"}, "to": "done"},
        "coarse": {"duration": "8 min", "to": "done"},
    },
    "sinks": ["done"],
}


def shop(**values):
    document = copy.deepcopy(SHOP)
    for path, value in values.items():
        station, field = path.split("__")
        document["stations"][station][field] = value
    return retwin.from_dict(document)


def figures(scenario, **how):
    result = scenario.run(**how)
    return result.kpis, result.table("stations").to_frame().to_csv()


@pytest.fixture(scope="module")
def as_written():
    return figures(shop())


def test_a_route_a_dispatch_and_a_duration_are_what_the_language_says(as_written):
    seen = set()

    @retwin.function(gives=bool)
    def is_fine(grade, size):
        seen.add(grade)
        return grade == "A" and size > 3

    @retwin.function(takes={"weight": "g"})
    def light_and_large(weight, size):
        return weight / 1000 * (10 - size)

    @retwin.function(gives="min")
    def grinding(size):
        return 2 + size

    assert figures(shop(test__to=[{"when": "is_fine(grade, size)", "to": "fine"}, {"to": "coarse"}])) == as_written
    assert seen == {"A", "B"}
    assert figures(shop(fine__dispatch={"smallest": "light_and_large(weight, size)"})) == as_written
    kpis, table = figures(shop(fine__duration="grinding(size)"))
    assert kpis["plant.throughput"] == as_written[0]["plant.throughput"]
    assert kpis["plant.cycle_time"] == pytest.approx(as_written[0]["plant.cycle_time"], rel=1e-9)
    # the control: another rule is another plant
    retwin.function(lambda size: 10 - size, name="grinding", gives="min")
    assert figures(shop(fine__duration="grinding(size)"))[1] != table


def test_replications_run_one_after_the_other():
    at_work, most, threads = [], [], set()

    @retwin.function(gives=bool)
    def watched(size):
        at_work.append(size)
        most.append(len(at_work))
        threads.add(threading.get_ident())
        at_work.pop()
        return size > 3

    route = [{"when": "watched(size)", "to": "fine"}, {"to": "coarse"}]
    together = figures(shop(test__to=route), replications=4, jobs=2)
    assert max(most) == 1 and len(threads) == 1
    assert figures(shop(test__to=route), replications=4, jobs=1) == together


def test_two_threads_of_python_both_come_to_an_end():
    retwin.function(lambda size: size > 3, name="large", gives=bool)
    scenario = shop(test__to=[{"when": "large(size)", "to": "fine"}, {"to": "coarse"}])
    made = []
    threads = [threading.Thread(target=lambda: made.append(figures(scenario))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(made) == 2 and made[0] == made[1]


@pytest.mark.parametrize("how", ["run", "threads", "advance", "compare"])
def test_what_is_raised_arrives_with_its_traceback(how):
    calls = []

    @retwin.function(gives=bool)
    def fails_late(size):
        calls.append(size)
        if len(calls) > 50:
            raise LookupError("no rule for this one")
        return size > 3

    scenario = shop(test__to=[{"when": "fails_late(size)", "to": "fine"}, {"to": "coarse"}])
    now = scenario.start()
    with pytest.raises(LookupError, match="no rule for this one") as caught:
        if how == "advance":
            now.advance("3 d")
        elif how == "compare":
            retwin.compare(scenario, {"stations.coarse.servers": 2})
        else:
            scenario.run(replications=4, jobs=2 if how == "threads" else 1)
    assert "fails_late" in "".join(traceback.format_tb(caught.value.__traceback__))
    if how == "advance":  # stopped between two thoughts: not to be gone on with
        with pytest.raises(RuntimeError):
            now.advance("4 d")


def test_its_source_counts_in_the_hash():
    def sources(of):
        return of.run(replications=1).outcomes[0]["task"]["manifest"]

    retwin.function(lambda size: size > 3, name="rule", gives=bool)
    scenario = shop(test__to=[{"when": "rule(size)", "to": "fine"}, {"to": "coarse"}])
    first = sources(scenario)
    assert sources(shop(test__to=[{"when": "rule(size)", "to": "fine"}, {"to": "coarse"}])) == first
    retwin.function(lambda size: size > 4, name="rule", gives=bool)
    assert sources(shop(test__to=[{"when": "rule(size)", "to": "fine"}, {"to": "coarse"}])) != first


@pytest.mark.parametrize("when, code, message", [
    ("rule(size, size)", "expression", "takes 1 value"),
    ("rule(weight)", "unit", "mass"),
    ("rul(size)", "expression", "no such function"),
    ("rule(size) > 1", "expression", "true or false"),
])
def test_calls_are_checked_like_all_else(when, code, message):
    retwin.function(lambda size: True, name="rule", gives=bool)
    with pytest.raises(retwin.InputError) as caught:
        shop(test__to=[{"when": when, "to": "fine"}, {"to": "coarse"}])
    [problem] = [p for p in caught.value.problems if p.severity == "error"]
    assert problem.code == code and message in problem.message and "stations.test" in problem.path
    assert when != "rul(size)" or "rule" in problem.hint


@pytest.mark.parametrize("wrong", [
    lambda: retwin.function(lambda a: a, name="min"),
    lambda: retwin.function(lambda a: a, name="a b"),
    lambda: retwin.function(lambda: 1, name="none"),
    lambda: retwin.function(lambda a: a, name="f", takes={"b": "kg"}),
    lambda: retwin.function(lambda a: a, name="f", takes={"a": "kgg"}),
    lambda: retwin.unit_operation(name="split")(type("Split", (), {"process": lambda self, job: None})),
    lambda: retwin.unit_operation(name="conveyor")(type("Split", (), {"process": lambda self, job: None})),
    lambda: retwin.unit_operation()(type("Nothing", (), {})),
    lambda: retwin.unit_operation(parameters={"force": "strong"})(type("Press", (), {"process": lambda self, job: None})),
])
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError):
        wrong()


# --- unit operations

@retwin.unit_operation(ports={"out": "sound", "scrap": "cracked"}, parameters={"cracked": "20 %"}, flows={"electricity": "kWh"},
                       attributes={"size": "", "grade": ["A", "B"]}, kinds=["half"])
class Inspection:
    """Looks at each piece, sets aside those that are cracked, halves the large ones."""

    def __init__(self, cracked):
        self.cracked = cracked / 100

    def duration(self, job):
        return 60 + 30 * sum(job.attribute(lot, "size") for lot in range(len(job)))

    def process(self, job):
        job.meter("electricity", .5)
        for lot in range(len(job)):
            assert job.attribute(lot, "grade") in ("A", "B") and job.kind(lot) in (None, "half")
            if job.uniform() < self.cracked:
                job.pass_on(lot, "scrap")
            elif job.attribute(lot, "size") > 8:
                for _ in range(2):
                    job.make("half", "out", parent=lot, attributes={"size": job.attribute(lot, "size") / 2, "grade": "B"})
                job.end(lot)
            else:
                job.set_attribute(lot, "size", 1)
                job.pass_on(lot)


def inspected(**values):
    document = copy.deepcopy(SHOP)
    document["run"]["duration"] = "60 d"
    document["stations"] = {"look": {"unit": "inspection", "to": {"out": "done", "scrap": "waste"}, **values}}
    document["sources"]["in"]["to"] = "look"
    document["sinks"] = ["done", "waste"]
    return retwin.from_dict(document)


def test_a_unit_operation_of_python():
    result = inspected(servers="unlimited").run(replications=1)
    jobs, good, bad = (result.kpis[f"{what}"] for what in ("stations.look.jobs", "sinks.done.lots", "sinks.waste.lots"))
    assert bad / jobs == pytest.approx(.2, abs=.01)  # 14,400 lots: three standard errors
    assert good == pytest.approx(jobs * .8 * (1 + 1 / 8), rel=.01)  # one size in eight is above 8: halved
    assert result.kpis["flows.electricity.total"] == pytest.approx(.5 * jobs, rel=1e-6)
    more = inspected(servers="unlimited", cracked="60 %").run(replications=1)
    assert more.kpis["sinks.waste.lots"] / more.kpis["stations.look.jobs"] == pytest.approx(.6, abs=.02)
    assert inspected(servers="unlimited").run(replications=1).kpis["sinks.waste.lots"] == bad  # its chance is that of the run
    text = retwin.explain("inspection")
    assert text.startswith("inspection: Looks at each piece") and "cracked" in text and "0.2" in text and "scrap" in text
    with pytest.raises(retwin.InputError) as caught:
        inspected(craked="1 %")
    assert caught.value.problems[0].code == "unknown-key" and "cracked" in caught.value.problems[0].hint


class Half:
    """Cuts half of each lot's material off and does with it what its class says."""

    def process(self, job):
        for lot in range(len(job)):
            whole = job.take(lot)
            self.half(job, lot, whole, job.extract(whole, .5))


class Joins(Half):
    def half(self, job, lot, whole, part):
        job.absorb(whole, part)
        assert job.mass_of(whole) > 0 and set(job.masses_of(whole)) == {"Al"}
        job.pass_on(lot, material=whole)


class Leaks(Half):
    def half(self, job, lot, whole, part):
        job.pass_on(lot, material=whole)


class Twice(Half):
    def half(self, job, lot, whole, part):
        job.absorb(whole, part)
        job.pass_on(lot, material=whole)
        job.pass_on(lot)


class Forgets(Half):
    def half(self, job, lot, whole, part):
        job.absorb(whole, part)


class FromNothing(Half):
    def half(self, job, lot, whole, part):
        job.absorb(whole, part)
        job.transmute(whole, {"Al": 1.0})
        job.pass_on(lot, material=whole)


KEPT = []


class Keeps(Half):
    def half(self, job, lot, whole, part):
        job.absorb(whole, part)
        job.pass_on(lot, material=whole)
        KEPT.append((job, whole))


def of_packs(made, name):
    retwin.unit_operation(name=name, components=["Al"])(made)
    return retwin.from_dict({"run": {"duration": "5 d", "terminating": True, "replications": 1}, "sources": {"in": {"every": "1 h", "lot": "pack", "chemistry": {"LFP": "100 %"}, "to": "half"}},
                             "stations": {"half": {"unit": name, "duration": "10 min", "to": "done"}}, "sinks": ["done"]})


def test_material_that_is_joined_again_is_all_there():
    plain = of_packs(Joins, "joins").run()
    assert plain.kpis["sinks.done.lots"] == 119 and plain.kpis["plant.product_mass"] > 0


@pytest.mark.parametrize("made, kind, message", [
    (Leaks, retwin.RunError, "leaked"), (Twice, ValueError, "gone on or ended"), (Forgets, retwin.RunError, "neither went on nor ended"),
    (FromNothing, retwin.RunError, "from nothing"),
])
def test_nothing_leaks_and_nothing_comes_of_nothing(made, kind, message):
    scenario = of_packs(made, made.__name__.lower())
    with pytest.raises(kind, match=message) as caught:
        scenario.run()
    if kind is retwin.RunError:
        assert caught.value.station == "half" and caught.value.time_s == pytest.approx(3600 + 600)


def test_a_job_is_of_no_use_when_it_is_over():
    of_packs(Keeps, "keeps").run()
    job, whole = KEPT[0]
    with pytest.raises(RuntimeError, match="over"):
        job.mass(0)
    with pytest.raises((RuntimeError, ValueError)):
        job.extract(whole, .5)


def test_what_is_not_declared_cannot_be_used():
    class Curious:
        """Asks for what it has not declared."""

        def process(self, job):
            job.attribute(0, "colour")

    scenario = of_packs(Curious, "curious")
    with pytest.raises(KeyError, match="colour"):
        scenario.run()
