"""Plots: what is drawn is what the values say, and the picture is not blank. RETWIN_PICTURES names a folder to keep them in."""
import io
import os
import pathlib

import numpy as np
import pytest
import retwin

from conftest import ROOT

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
import matplotlib.pyplot as pyplot  # noqa: E402


@pytest.fixture(scope="module")
def week():
    return retwin.load(ROOT / "scenarios/plants/qingdao.yaml").set({"run.duration": "2 weeks", "run.warmup": "1 week"})


@pytest.fixture(scope="module")
def result(week):
    return week.run(replications=2)


@pytest.fixture(scope="module")
def recording(week):
    simulation = week.start()
    simulation.advance("7 d")
    return simulation.record("12 d")


@pytest.fixture(scope="module")
def line():
    return retwin.load(ROOT / "scenarios/plants/line.yaml").set({"run.duration": "5 days", "run.warmup": "1 day"})


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    pyplot.close("all")


def picture(ax, name):
    """Saves it as people get it; a picture has ink in several shades, and no text runs out of it."""
    figure = ax.figure
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=100)
    if "RETWIN_PICTURES" in os.environ:
        (pathlib.Path(os.environ["RETWIN_PICTURES"]) / f"{name}.png").write_bytes(data.getvalue())
    data.seek(0)
    pixels = pyplot.imread(data)
    assert len(np.unique(pixels.reshape(-1, pixels.shape[-1]), axis=0)) > 20 and 0.5 < pixels[..., :3].mean() < 0.999, f"{name} is blank"
    assert not pixels.shape[0] > 3000 and not pixels.shape[1] > 3000
    renderer = figure.canvas.get_renderer()
    whole = figure.bbox
    for text in texts_of(ax):
        box = text.get_window_extent(renderer)
        assert box.x0 > whole.x0 - 2 and box.x1 < whole.x1 + 2 and box.y0 > whole.y0 - 2 and box.y1 < whole.y1 + 2, (name, text.get_text())


def texts_of(ax):
    """All that can be read: labels of ticks beyond the limits are there, but not drawn."""
    texts = [*ax.texts, ax.xaxis.label, ax.yaxis.label, ax._left_title, *(ax.get_legend().get_texts() if ax.get_legend() else [])]
    for axis, (low, high) in ((ax.xaxis, sorted(ax.get_xlim())), (ax.yaxis, sorted(ax.get_ylim()))):
        if ax.axison:
            texts += [label for at, label in zip(axis.get_ticklocs(), axis.get_ticklabels()) if low <= at <= high]
    return [text for text in texts if text.get_visible() and text.get_text().strip()]


def overlapping(ax):
    """Texts that lie over one another."""
    renderer = ax.figure.canvas.get_renderer()
    texts = texts_of(ax)
    boxes = [text.get_window_extent(renderer).padded(-1.5) for text in texts]
    return [(a.get_text(), b.get_text()) for i, a in enumerate(texts) for j, b in enumerate(texts) if i < j and boxes[i].overlaps(boxes[j])]


def calm(ax, name):
    picture(ax, name)
    assert overlapping(ax) == []
    return ax


def widths(ax):
    return [bar.get_width() for bar in ax.patches]


def test_the_control_sees_blank_pictures_and_overlaps():
    ax = pyplot.subplots()[1]
    ax.axis("off")
    with pytest.raises(AssertionError, match="blank"):
        picture(ax, "blank")
    ax.text(0.5, 0.5, "one text"), ax.text(0.5, 0.5, "another")
    ax.figure.canvas.draw()
    assert overlapping(ax)


def test_states_are_the_shares_of_the_table(result):
    ax = calm(retwin.plot.states(result), "states")
    names = [label.get_text() for label in ax.get_yticklabels()]
    table = result.stations
    for container in ax.containers:
        state = container.get_label().replace(" ", "_")
        for name, bar in zip(names, container):
            share = table[state][list(table["station"]).index(name)]
            assert bar.get_width() == pytest.approx(100 * np.nan_to_num(share))
    assert np.add.reduce([[bar.get_width() for bar in c] for c in ax.containers]) == pytest.approx(np.full(len(names), 100), abs=0.5)
    few = retwin.plot.states(result, stations=["mvr", "sx"], ax=pyplot.subplots()[1])
    assert [label.get_text() for label in few.get_yticklabels()] == ["mvr", "sx"]
    with pytest.raises(KeyError, match="no station mwr"):
        retwin.plot.states(result, stations=["mwr"])


def test_a_waterfall_comes_to_the_sum(result):
    ax = calm(retwin.plot.carbon_waterfall(result), "carbon_waterfall")
    *parts, total = widths(ax)
    assert total == pytest.approx(result.kpis["per.recycling.carbon"])
    assert sum(parts) == pytest.approx(total, rel=1e-6) and len(parts) == 13
    assert parts[0] == pytest.approx(result.kpis["per.recycling.carbon.electricity"])
    assert "kg CO2e" in ax.get_xlabel()
    calm(retwin.plot.carbon_waterfall(result, unit="echelon"), "carbon_waterfall_echelon")
    with pytest.raises(KeyError, match="no functional unit"):
        retwin.plot.carbon_waterfall(result, unit="bicycles")


def bands(ax):
    return [patch.retwin for patch in ax.patches if hasattr(patch, "retwin")]


def test_masses_of_a_sankey_are_those_of_the_recording(line, recording):
    ax = calm(retwin.plot.sankey(recording), "sankey_groups")
    flows = recording.flows
    fed = dict()
    for a, group, kg in zip(flows["from"], flows["to_group"], flows["mass_kg"]):
        if a in ("collection", "contract"):
            fed[(a, group)] = fed.get((a, group), 0) + kg / 1000
    drawn = {(a, b): value for a, b, value in bands(ax)}
    assert fed and all(drawn[way] == pytest.approx(tonnes) for way, tonnes in fed.items() if way in drawn) and fed.keys() & drawn.keys()
    whole = calm(retwin.plot.sankey(recording, by="station", least=0.01), "sankey_stations")
    tonnes = {(a, b): kg / 1000 for a, b, kg in zip(flows["from"], flows["to"], flows["mass_kg"])}
    assert all(value == pytest.approx(tonnes[a, b]) for a, b, value in bands(whole)) and len(bands(whole)) > 20
    with pytest.raises(ValueError, match="nothing flows"):
        retwin.plot.sankey(line.start().record("1 h"))
    with pytest.raises(ValueError):
        retwin.plot.sankey(recording, by="colour")


def test_a_ring_is_drawn_with_its_way_back():
    from retwin.plot import _sankey
    ax = calm(_sankey.draw(None, [("in", "a", 3.0), ("a", "b", 4.0), ("b", "a", 1.0), ("b", "out", 3.0)], "t", "ring", {}), "ring")
    assert sorted(bands(ax)) == [("a", "b", 4.0), ("b", "a", 1.0), ("b", "out", 3.0), ("in", "a", 3.0)]
    assert _sankey._backward([("in", "a", 3.0), ("a", "b", 4.0), ("b", "a", 1.0)]) == {("b", "a")}


def test_footprints_are_the_sums_of_their_items(week):
    carbon = retwin.carbon(week)
    ax = calm(retwin.plot.carbon_sankey(carbon), "carbon_sankey")
    table = carbon.sum
    tonnes = table["carbon"][list(table["side"]).index("plant")] / 1000
    into = sum(value for _, b, value in bands(ax) if b == "plant")
    out = sum(value for a, _, value in bands(ax) if a == "plant")
    assert into == pytest.approx(tonnes, rel=1e-6) and out == pytest.approx(tonnes, rel=1e-6)  # small lines are put together, not left out
    lots = carbon.batteries
    items = carbon.battery(lots["lot"][int(np.argmax(lots["carbon"]))])
    ax = calm(retwin.plot.footprint(items, title="A battery"), "footprint")
    for column in (0, 1, 2):
        boxes = [value for c, _, value in bands(ax) if c == column]
        assert sum(boxes) == pytest.approx(items["carbon"].sum(), rel=0.15 if column == 2 else 1e-9)
    assert carbon.origins(carbon.products["lot"][0])["share"].sum() == pytest.approx(1)


def test_reliefs_are_those_that_were_measured(line):
    limits = retwin.bottleneck(line, replications=4)
    ax = calm(retwin.plot.bottleneck(limits), "bottleneck")
    gains = limits.gains
    rows = [k for k in range(len(gains)) if gains["role"][k] in ("all", "set", "demand")]
    steps = sorted((k for k in range(len(gains)) if gains["role"][k] in ("step", "pair")), key=lambda k: -gains["gain"][k])[:12]
    drawn = dict(zip(widths(ax), [curve.get_xdata() for curve in ax.lines[:-1]]))
    assert len(drawn) == len(rows) + len(steps) and len(steps) == 12
    for k in rows + steps:
        near = min(drawn, key=lambda width: abs(width - 100 * gains["gain"][k]))
        assert [near, *drawn[near]] == pytest.approx([100 * gains[name][k] for name in ("gain", "gain_low", "gain_high")])
    assert "throughput" in ax.get_xlabel()


def test_levels_and_their_limits(line, week):
    result = line.run(replications=2)
    series = line.start().series("2 d", "10 min")
    limits = dict(zip(result.buffers["station"], result.buffers["room_lots"]))
    ax = calm(retwin.plot.levels(series, limits=limits, names=["wash", "mill"]), "buffers")
    station = list(series["station"])
    curve, limit = ax.lines[0], ax.lines[1]
    np.testing.assert_allclose(curve.get_ydata(), series["queue"][:, station.index("wash")])
    assert limit.get_ydata()[0] == limits["wash"] == 10 and curve.get_ydata().max() <= 10
    assert "lots" in ax.get_ylabel() and "[h]" in ax.get_xlabel()
    power = calm(retwin.plot.levels(series, what="power_W"), "power")
    assert power.get_ylabel() == "kW"
    stocks = week.start().series("7 d", "6 h", stocks=True)
    ax = calm(retwin.plot.stocks(stocks, limits=week.stock_limits), "stocks")
    np.testing.assert_allclose(ax.lines[0].get_ydata(), stocks["stock_level"][:, 0])
    with pytest.raises(KeyError):
        retwin.plot.levels(series, what="heat")
    with pytest.raises(KeyError):
        retwin.plot.levels(series, names=["sauna"])


def test_a_gantt_has_the_stays_of_its_window(line):
    recording = line.start().record("1 d")
    ax = calm(retwin.plot.gantt(recording, begin_s=6 * 3600, end_s=8 * 3600), "gantt")
    left, right = ax.get_xlim()
    assert (left, right) == (360, 480)  # minutes
    servers = len(ax.get_yticklabels())
    assert sum(widths(ax)) == pytest.approx(servers * 120)
    down = sum(c[0].get_width() for c in ax.containers if c[0].get_facecolor() == matplotlib.colors.to_rgba("#a63d2f"))
    spans = recording.spans
    clipped = np.clip(spans["to_s"], 21600, 28800) - np.clip(spans["from_s"], 21600, 28800)
    assert down == pytest.approx(clipped[spans["state"] == "down"].sum() / 60)
    with pytest.raises(ValueError):
        retwin.plot.gantt(recording, begin_s=5, end_s=5)


def test_cycle_times_are_an_empirical_distribution(recording):
    ax = calm(retwin.plot.cycle_times(recording), "cycle_times")
    left = recording.left
    label = ax.lines[0].get_label().split(":")[0]
    own = np.sort(left["cycle_s"][left["sink"] == label])
    assert ax.lines[0].get_ydata()[-1] == pytest.approx(100) and len(ax.lines[0].get_xdata()) == len(own) + 1
    assert ax.lines[0].get_xdata()[-1] * 86400 == pytest.approx(own[-1])


def test_a_forest_has_the_changes_of_the_table(line):
    compared = retwin.compare(line, {"stations.wash.buffer": 40}, {"stations.mill.buffer": 40}, replications=6)
    ax = calm(retwin.plot.forest(compared, figures=["plant.throughput", "plant.electricity_per_lot"]), "forest")
    drawn = sorted(curve.get_xdata()[0] for curve in ax.lines if curve.get_marker() == "o")
    wanted = sorted(100 * compared["change"][k] for k in range(len(compared)) if compared["path"][k] in ("plant.throughput", "plant.electricity_per_lot"))
    assert drawn == pytest.approx(wanted) and len(drawn) == 4
    calm(retwin.plot.forest(compared), "forest_headlines")
    few = retwin.plot.forest(compared, figures=["plant.throughput"])
    low, high = sorted(few.get_ylim())
    assert all(low + 0.5 < at < high - 0.5 for at in few.get_yticks())  # no mark on the edge
    with pytest.raises(KeyError):
        retwin.plot.forest(compared, figures=["plant.beauty"])


def test_quantiles_lie_on_the_line_where_the_family_fits():
    rng = np.random.default_rng(1)
    fit = retwin.fit(600 + rng.exponential(60, 500))[0]
    ax = calm(retwin.plot.qq(fit), "qq")
    np.testing.assert_allclose(ax.lines[1].get_xdata(), fit["qq"][:, 0])
    np.testing.assert_allclose(ax.lines[1].get_ydata(), fit["qq"][:, 1])
    assert "shifted exponential" in ax.get_xlabel() and "[s]" in ax.get_ylabel()


def test_a_name_with_a_dollar_is_no_formula():
    plant = {"name": "$a$", "run": {"duration": "5 h", "terminating": True}, "sources": {"a": {"every": "5 min", "to": "b"}},
             "stations": {"b": {"duration": "1 min", "to": "c"}}, "sinks": ["c"]}
    calm(retwin.plot.states(retwin.from_dict(plant).run(replications=2)), "dollar")


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(f"scenario: {ROOT / 'tests/python/mm1.yaml'}\n"
                    "decisions:\n  speed: {path: stations.desk.duration.exponential, from: 0.6 min, to: 1.1 min}\n  power: {path: stations.desk.power, values: [1 kW, 2 kW]}\n"
                    "points: {factorial: 3}\nreplications: 4\nresponses: {stay: plant.cycle_time, price: power / 1 kW + 1 min / speed}\n"
                    "objectives: [{minimise: stay}, {minimise: price}]\noptimise: {budget: 400, first: 2}\n")
    return path


def test_effects_are_the_means_of_the_table(study):
    swept = retwin.sweep(study)
    ax = calm(retwin.plot.effects(swept), "effects")
    table = swept.get("effects")
    wanted = [float(table["mean"][k]) for k in range(len(table)) if table["response"][k] == "stay"]
    assert [y for line in ax.lines if len(line.get_xdata()) == len(line.get_ydata()) and line.get_marker() == "o" for y in line.get_ydata()] == pytest.approx(wanted)
    with pytest.raises(KeyError):
        retwin.plot.effects(swept, response="beauty")


def test_a_front_has_the_points_that_none_beats(study):
    found = retwin.optimise(study)
    ax = calm(retwin.plot.front(found), "front")
    best = found.get("front")
    drawn = [line for line in ax.lines if line.get_marker() == "o"][-1]
    assert sorted(drawn.get_xdata()) == pytest.approx(sorted(best["stay"])) and len(best) > 3
    calm(retwin.plot.front(retwin.sweep(study)), "front_of_a_sweep")
