#!/usr/bin/python3
"""Opens pages that `retwin ... --report` writes in a headless Chromium, and looks at what they show and do.

usage: page.py --retwin PATH [--packages DIR] CASE ...

Each case is a function below; skipped (77) where the browser or the page is missing. A page must not write to the console, nor ask
anything of a network: a page that does both must be caught first (the control).
"""
import argparse
import base64
import collections
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from browser import Browser, skip  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLANTS = ROOT / "scenarios" / "plants"


class Trial:
    def __init__(self, retwin, packages, folder):
        self.retwin, self.packages, self.folder, self.failures = retwin, packages, pathlib.Path(folder), []

    def make(self, *words, exit_code=0):
        done = subprocess.run([self.retwin, *map(str, words)], cwd=self.folder, capture_output=True, text=True)
        if "built without the page" in done.stderr:
            skip("this retwin was built without npm, and has no page")
        assert done.returncode == exit_code, f"{words}: exit {done.returncode}\n{done.stderr}"
        return done

    def expect(self, holds, what):
        if not holds:
            self.failures.append(what)

    def expect_clean(self, browser, where):
        for fault in browser.faults():
            self.failures.append(f"{where}: {fault}")


def first(trial):
    """The figures on the first screen are those of result.json; nothing is asked of a network."""
    trial.make("run", PLANTS / "qingdao.yaml", "--duration", "3 weeks", "--warmup", "1 week", "--replications", "2", "--report", "r.html", "--out", "o")
    kpis = json.loads((trial.folder / "o/result.json").read_text())["kpis"]
    (trial.folder / "bad.html").write_text("<!doctype html><link rel='icon' href='data:,'><img src='http://127.0.0.1:9/x'><script>console.error('x')</script>")
    with Browser() as browser:
        browser.open(trial.folder / "bad.html")
        kinds = {fault.split(":")[0] for fault in browser.faults()}
        trial.expect({"console", "request"} <= kinds, f"control: a bad page was not caught, only {kinds}")
        browser.open(trial.folder / "r.html")
        shown = browser.run("return [...document.querySelectorAll('[data-path]')].map(e => [e.dataset.path, e.dataset.value, e.textContent])")
        trial.expect(len(shown) > 40, f"only {len(shown)} figures on the page")
        for path, value, text in shown:
            trial.expect(float(value) == kpis[path]["mean"], f"{path}: {value} on the page, {kpis[path]['mean']} in result.json")
            trial.expect(bool(kpis[path].get("estimate")) == ("*" in text), f"{path}: mark of estimates: {text}")
        products = {path for path, _, _ in shown if path.startswith("sinks.")}
        trial.expect("sinks.Li2CO3.per_year" in products, "Li2CO3 is not among what is made")
        browser.run("retwin.drawAll()")
        trial.expect_clean(browser, "qingdao")


HOSTILE = """name: "</script><script>document.title='bad'</script>"
sources: {"<img/onerror=alert(1)/src=x>": {every: {exponential: 20 min}, to: "<script>alert(1)</script>"}}
stations: {"<script>alert(1)</script>": {duration: 15 min, power: 3 kW, group: "<b>g</b>", to: "</script><h1>ok"}}
sinks: ["</script><h1>ok"]
run: {duration: 2 d, terminating: true, replications: 2}
"""


def inert(trial):
    """Text of a scenario stays text, and a name can end no element."""
    (trial.folder / "p.yaml").write_text(HOSTILE)
    trial.make("run", "p.yaml", "--report", "r.html")
    with Browser() as browser:
        browser.open(trial.folder / "r.html")
        browser.run("retwin.drawAll()")
        trial.expect(browser.run("return document.querySelectorAll('img, h1').length") == 1, "a name became an element")
        trial.expect(browser.run("return document.title") != "bad" and browser.run("return document.querySelector('h1').textContent").startswith("</script>"), "a name became a script")
        trial.expect("<script>alert(1)</script>" in browser.run("return document.body.textContent"), "the station's name is not on the page")
        trial.expect_clean(browser, "hostile names")


def state_counts(trial, plant, words, until_s):
    """Lots in each station at an instant, by a run that is stopped there, saved, and asked who is in it."""
    trial.make("run", plant, *words, "--duration", f"{until_s:.4f} s", "--warmup", "0 s", "--save", "s.state")
    told = trial.make("run", plant, "--from", "s.state", *[word for word in words if word not in ("--seed", "3")], "--duration", "1 s", "--table", "leaving", "--format", "json")
    return collections.Counter(row["at"] for row in json.loads(told.stdout)["rows"] if row["at"])


COUNTS = "const r = retwin.replay; r.seek(arguments[0]); return r.views.map(v => [...v.events.at(v.tick).content])"
WEEK = 7 * 86400


def count_differences(trial, names, counts, plant, words, tick):
    """Stations whose counts on the page are not those of the state."""
    there = state_counts(trial, plant, words, WEEK + (tick + 0.5) / 1000)  # between two ticks of the page
    return [f"{tick / 1000:.3f} s, {name}: {count} on the page, {there[name]} in the state" for name, count in zip(names, counts) if there[name] != count]


def replay(trial):
    """At 20 random instants the counts of each station on the page are those of a run that was stopped there, saved, and asked who is in it."""
    plant = PLANTS / "qingdao.yaml"
    words = ["--seed", "3", "--replications", "1"]
    trial.make("run", plant, *words, "--duration", "2 weeks", "--warmup", "1 week", "--report", "r.html")
    size = (trial.folder / "r.html").stat().st_size
    trial.expect(size <= 8e6, f"a week of the reference plant takes {size / 1e6:.1f} MB")
    chance = random.Random(14)
    instants = [0.5] + sorted(chance.uniform(0, WEEK) for _ in range(19))
    with Browser() as browser:
        browser.open(trial.folder / "r.html")
        names = browser.run("return retwin.model.plant.stations.map(s => s.name)")
        shown = []
        for at in [instants[k] for k in chance.sample(range(20), 20)]:  # back and forth
            tick = int(at * 1000)
            shown.append((tick, browser.run(COUNTS, tick)[0]))
        for tick, counts in shown:
            trial.failures += count_differences(trial, names, counts, plant, words, tick)
        trial.expect(sum(map(sum, (counts for _, counts in shown))) > 20 * 1000, "hardly any lots: nothing was compared")
        # the control: with one record left out the counts are wrong
        spoiled = browser.run("const e = retwin.replay.views[0].events, before = [...e.at(e.length).content]; const end = e.places.n - 1; e.places.what[end] = e.places.what[end] === 1 ? 3 : 1; e.counts = {at: 0, content: e.kept[0].content.slice(), queue: e.kept[0].queue.slice()};"
                              "e.advance(e.places.n); return String(before) !== String([...e.counts.content])")
        trial.expect(spoiled, "control: a spoiled record changes no count")
        trial.expect_clean(browser, "replay")


def beside(trial):
    """Of scenarios that are compared two stand beside each other by one clock, and the counts of each are those of its own state."""
    plant = PLANTS / "qingdao.yaml"
    words = ["--seed", "3", "--replications", "1"]
    sets = [[], ["--set", "resources.grading_technician.count=6"], ["--set", "resources.grading_technician.count=20"]]
    variants = [word for one in sets[1:] for word in ("--variant-set", one[1])]
    trial.make("compare", plant, *variants, "--seed", "3", "--replications", "2", "--duration", "9 days", "--warmup", "1 week", "--report", "r.html")
    chance = random.Random(15)
    instants = [int(1000 * chance.uniform(0, 2 * 86400)) for _ in range(4)] + [int(1000 * 1.9 * 86400)]
    choose = "const s = document.querySelectorAll('#map select')[arguments[0]]; s.value = arguments[1]; s.dispatchEvent(new Event('change'))"
    titles = "return [...document.querySelectorAll('.one h3')].map(e => e.textContent)"
    with Browser(width=1500) as browser:
        browser.open(trial.folder / "r.html")
        labels = browser.run("return retwin.model.replays.map(r => r.title)")
        names = browser.run("return retwin.model.replays[0].plant.stations.map(s => s.name)")
        trial.expect(browser.run(titles) == labels[:2], f"base and first variant do not stand beside each other: {browser.run(titles)}")
        shown = [(tick, *browser.run(COUNTS, tick)) for tick in instants]
        browser.run(choose, 1, "2")
        trial.expect(browser.run(titles) == [labels[0], labels[2]], f"the choice changes nothing: {browser.run(titles)}")
        third = [(tick, browser.run(COUNTS, tick)[1]) for tick in instants[:2]]
        browser.run(choose, 0, "2")
        alike = browser.run(COUNTS, instants[0])
        trial.expect(alike[0] == alike[1] == third[0][1], "the same scenario on both sides differs")
        for tick, left, right in shown:
            trial.failures += ["left, " + text for text in count_differences(trial, names, left, plant, words, tick)]
            trial.failures += ["right, " + text for text in count_differences(trial, names, right, plant, words + sets[1], tick)]
        for tick, counts in third:
            trial.failures += ["chosen, " + text for text in count_differences(trial, names, counts, plant, words + sets[2], tick)]
        # the control: the left ones are not those of the right
        trial.expect(count_differences(trial, names, shown[-1][1], plant, words + sets[1], shown[-1][0]), "control: the two sides cannot be told apart")
        x = browser.run("return [...document.querySelectorAll('.one')].map(e => [e.getBoundingClientRect().left, e.getBoundingClientRect().top])")
        trial.expect(x[1][0] > x[0][0] and x[0][1] == x[1][1], f"not beside each other at a width of 1500: {x}")
        before = browser.run("return retwin.replay.tick")
        browser.run("document.querySelector('.play').focus()")
        browser.run("document.activeElement.click()")
        time.sleep(0.6)
        browser.run("document.activeElement.click()")
        trial.expect(browser.run("return retwin.replay.tick") > before, "playing does not go on")
        browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 700, "height": 1000, "deviceScaleFactor": 1, "mobile": False})
        time.sleep(0.3)
        x = browser.run("return [...document.querySelectorAll('.one')].map(e => [e.getBoundingClientRect().left, e.getBoundingClientRect().top])")
        trial.expect(x[1][0] == x[0][0] and x[1][1] > x[0][1], f"not one below the other at a width of 700: {x}")
        trial.expect_clean(browser, "beside")


def footprints(trial):
    """What the panel of a lot says of its footprint is what `retwin carbon` says of the same run; lots are found by a part of their identity, or by kind."""
    plant = PLANTS / "qingdao.yaml"
    run = ["--seed", "3", "--duration", "2 weeks"]
    trial.make("run", plant, *run, "--warmup", "1 week", "--replications", "1", "--report", "r.html")
    run = [*run, "--set", "run.warmup=1 week"]
    told = json.loads(trial.make("carbon", plant, *run, "--format", "json").stdout)
    tables = {"caused": told["batteries"]["rows"], "borne": told["products"]["rows"], "carried": told["running"]["rows"]}
    carbon = {(of, row["lot"]): row for of, rows in tables.items() for row in rows}
    look = ("const v = retwin.replay.views[0]; retwin.replay.seek(3e8); v.find(arguments[0]); return [v.panel.querySelector('h3').textContent,"
            "[...v.panel.querySelectorAll('.footprint')].map(e => [e.dataset.of, e.querySelector('.sum').dataset.value, e.textContent])]")
    chance = random.Random(16)
    seen = collections.Counter()
    with Browser() as browser:
        browser.open(trial.folder / "r.html")
        lots = browser.run("const e = retwin.replay.views[0].events; return [...e.kinds.keys()].map(k => e.id(k))")
        there = set(lots)
        off = lambda shown, row: abs(float(shown) - row["carbon"]) > 2e-6 * abs(row["carbon"])
        for of, rows in tables.items():
            of_page = [row for row in rows if row["lot"] in there]
            closed = [row for row in of_page if of == "caused" and row["final"]]  # few, after so short a time
            for row in chance.sample(closed, min(8, len(closed))) + chance.sample(of_page, min(15, len(of_page))):
                title, shown = browser.run(look, row["lot"])
                trial.expect(title.endswith(row["lot"]), f"{row['lot']}: found {title}")
                for what, value, text in shown:
                    expected = carbon.get((what, row["lot"]))
                    trial.expect(expected and not off(value, expected), f"{row['lot']}, {what}: {value} on the page, {expected and expected['carbon']} by carbon")
                    if what == "caused":
                        trial.expect(("(final)" in text) == expected["final"], f"{row['lot']}: {text}")
                    seen[what, "final" if "(final)" in text else "running"] += 1
                    trial.expect("*" in text, f"{row['lot']}: rests on estimates, which is not marked")
                trial.expect(of in [what for what, _, _ in shown], f"{row['lot']}: nothing is told of what it has {of}")
        trial.expect(all(seen[key] > 2 for key in (("caused", "final"), ("caused", "running"), ("borne", "final"), ("carried", "running"))), f"hardly anything was compared: {seen}")
        battery = next(row for row in tables["caused"] if row["lot"] in there and row["carbon"] > 0)
        text = trial.make("carbon", plant, *run, "--battery", battery["lot"]).stdout
        alone = float(re.search(r": ([0-9.e+-]+) kg CO2e", text)[1])
        shown = {what: value for what, value, _ in browser.run(look, battery["lot"])[1]}
        trial.expect(abs(float(shown["caused"]) - alone) < 1e-5 * alone, f"{shown} on the page, {alone} by --battery")
        # the control: another lot's figure is another
        others = [row for row in tables["caused"] if row["lot"] in there and abs(row["carbon"] / battery["carbon"] - 1) > 1e-3]
        trial.expect(others and off(shown["caused"], others[0]), "control: all lots have the same footprint")
        # found by a part, by kind, and not found
        title, _ = browser.run(look, battery["lot"][-9:].upper())
        trial.expect(title.endswith(battery["lot"]), f"a part of an identity finds {title}")
        kind = browser.run("const v = retwin.replay.views[0]; v.find(v.events.kind(v.events.places.who[0])); return v.panel.querySelectorAll('.found li').length")
        trial.expect(kind > 1, f"a kind finds {kind} lots")
        trial.expect("No lot" in browser.run("const v = retwin.replay.views[0]; v.find('no such lot'); return v.panel.textContent"), "what is not there is found")
        trial.expect_clean(browser, "footprints")


def works(trial):
    """Filter, switches, folding, seeking, lots and stations, keyboard, colours, reduced motion."""
    trial.make("run", PLANTS / "qingdao.yaml", "--duration", "2 weeks", "--warmup", "1 week", "--replications", "2", "--report", "r.html")
    with Browser() as browser:
        browser.open(trial.folder / "r.html")
        run = browser.run
        run("retwin.drawAll()")
        background = "return getComputedStyle(document.body).backgroundColor"
        light = run(background)
        run("document.getElementById('theme').click()")
        trial.expect(run(background) != light, "the switch of colours changes nothing")
        rows = "return [...document.querySelectorAll('[data-table=made] tbody tr')].filter(r => r.dataset.key && !r.hidden).map(r => r.dataset.key)"
        everything = run(rows)
        set_filter = "const f = document.getElementById('filter'); f.value = arguments[0]; f.dispatchEvent(new Event('input'))"
        run(set_filter, "li2co3")
        trial.expect(run(rows) == ["Li2CO3"] and len(everything) > 8, f"filter: {run(rows)} of {len(everything)}")
        run(set_filter, "hydromet")
        trial.expect(run("return document.querySelectorAll('#states svg text').length") < 40, "the picture of states does not follow the filter")
        run(set_filter, "")
        flow = "return document.querySelector('[data-table=flow] thead').textContent"
        mass = run(flow)
        run("[...document.querySelectorAll('#flows button')].find(b => b.textContent.startsWith('Carbon')).click()")
        trial.expect("t/h" in mass and "CO2e" in run(flow), f"flows: {mass}, then {run(flow)}")
        boxes, height = run("return [document.querySelectorAll('.node').length, document.querySelector('.stage').clientHeight]")
        run("document.querySelector('[data-lane=hydromet]').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}))")
        folded = run("return [document.querySelectorAll('.node').length, document.querySelector('.stage').clientHeight]")
        trial.expect(folded[0] < boxes and folded[1] < height - 100, f"folding: {boxes} to {folded[0]} boxes, {height} to {folded[1]} pixels")
        run("document.querySelector('[data-lane=hydromet]').dispatchEvent(new KeyboardEvent('keydown', {key: ' '}))")
        trial.expect(run("return document.querySelectorAll('.node').length") == boxes, "unfolding does not bring all back")
        trial.expect(run("retwin.replay.seek(2e8); return retwin.replay.views[0].drawLots()") > 5, "no lot moves")
        run("document.querySelector('.node.station').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}))")
        trial.expect("Means of the window" in run("return document.querySelector('.panel').textContent"), "a station tells nothing")
        steps = run("const r = retwin.replay.views[0]; r.openLot(r.events.places.who[r.events.places.n >> 1]); return document.querySelectorAll('.history li').length")
        trial.expect(steps > 1, f"a lot's history has {steps} steps")
        before = run("return retwin.replay.tick")
        run("document.querySelector('.play').click()")
        time.sleep(0.6)
        after = run("document.querySelector('.play').click(); return retwin.replay.tick")
        trial.expect(after > before, "playing does not go on")
        trial.expect(run("return retwin.replay.tick") == after, "a pause goes on")
        browser.emulate(prefers_reduced_motion="reduce")
        browser.open(trial.folder / "r.html")
        trial.expect(run("retwin.replay.seek(2e8); return retwin.replay.views[0].drawLots()") == 0, "lots move although motion is to be reduced")
        trial.expect_clean(browser, "use")


def pages_of(trial):
    """A page of each kind that has pictures of its own, by name."""
    trial.make("run", PLANTS / "qingdao.yaml", "--duration", "2 weeks", "--warmup", "1 week", "--replications", "2", "--report", "run.html")
    trial.make("compare", PLANTS / "qingdao.yaml", "--variant-set", "resources.grading_technician.count=6", "--replications", "2", "--duration", "8 days", "--warmup", "1 week", "--report", "compare.html")
    trial.make("carbon", PLANTS / "qingdao.yaml", "--duration", "1 week", "--set", "run.warmup=0 s", "--report", "carbon.html")
    (trial.folder / "p.yaml").write_text(LINE.replace("factors: [grid]\n", ""))
    trial.make("run", "p.yaml", "--log", "log.csv", "--replications", "1")
    trial.make("calibrate", "--discover", "log.csv", "--train", "2/3", "-o", "cal.yaml")
    trial.make("validate", "cal.yaml", "log.csv", "--test", "1/3", "--replications", "3", "--report", "validate.html")
    (trial.folder / "study.yaml").write_text(STUDY)
    trial.make("sweep", "study.yaml", "--report", "sweep.html")
    return ["run", "compare", "carbon", "validate", "sweep"]


def access(trial):
    """axe finds nothing serious, in both colours."""
    axe = trial.packages / "axe-core" / "axe.min.js"
    if not axe.exists():
        skip("no axe-core (npm ci in the build)")
    pages = pages_of(trial)
    with Browser() as browser:
        for name in pages:
            for scheme in ("light", "dark"):
                browser.emulate(prefers_color_scheme=scheme)
                browser.open(trial.folder / f"{name}.html")
                browser.run("retwin.drawAll(); retwin.replay?.seek(2e7); retwin.replay?.views.forEach((v, k) => k || retwin.model.command === 'run' ? v.openLot(v.events.places.who[v.events.places.n >> 1]) : v.openStation(v.map.nodes.get(0)))")
                browser.run(axe.read_text())
                rules = "undefined" if scheme == "light" else "{runOnly: ['color-contrast']}"  # colours alone differ
                found = browser.driver.execute_async_script(f"const done = arguments[0]; axe.run(document, {rules}).then(r => done(r.violations.map(v => [v.impact, v.id, v.nodes.length, v.nodes[0].html.slice(0, 120), v.nodes[0].failureSummary.slice(0, 160)])))")
                for impact, *what in found:
                    trial.expect(impact not in ("serious", "critical"), f"{name}, {scheme}: {impact} {what}")
        # the control: an image without words must be found
        browser.run("document.body.append(document.createElement('img'))")
        found = browser.driver.execute_async_script("const done = arguments[0]; axe.run().then(r => done(r.violations.map(v => v.id)))")
        trial.expect("image-alt" in found, "control: axe does not find an image without words")


def prints(trial):
    """On A4: every part is there, nothing is wider than the paper."""
    with Browser() as browser:
        for name in pages_of(trial):
            browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
            browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
            browser.open(trial.folder / f"{name}.html")
            browser.run("retwin.drawAll()")
            pdf = base64.b64decode(browser.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})["data"])
            pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
            trial.expect(pdf.startswith(b"%PDF") and (4 if name == "run" else 1) <= pages <= 20, f"{name}: {pages} pages, {len(pdf)} bytes")
            browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
            browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 703, "height": 1000, "deviceScaleFactor": 1, "mobile": False})  # A4 less margins
            time.sleep(0.3)
            wide = browser.run("return [...document.querySelectorAll('main *')].filter(e => e.getClientRects().length && !e.closest('svg') && e.getBoundingClientRect().right > 704).map(e => e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 40)).slice(0, 5)")
            trial.expect(not wide, f"{name}: wider than the paper: {wide}")
            trial.expect_clean(browser, "print " + name)


def large(trial):
    """1,000 stations are there within 3 s, a week of the reference plant within 1; times are told."""
    chance = random.Random(1)
    lines = ["run: {duration: 1 week, terminating: true, replications: 1}", "sources: {feed: {every: {exponential: 10 min}, to: s0}}", "sinks: [done]", "stations:"]
    for k in range(1000):
        other = k + 1 + chance.randint(1, 8)
        to = "done" if k == 999 else f"s{k + 1}" if k % 3 or other > 999 else f"{{s{k + 1}: 70 %, s{other}: 30 %}}"
        lines.append(f"  s{k}: {{duration: 5 min, power: 3 kW, group: g{k // 50:02}, to: {to}}}")
    (trial.folder / "p.yaml").write_text("\n".join(lines) + "\n")
    trial.make("run", "p.yaml", "--report", "p.html")
    trial.make("run", PLANTS / "qingdao.yaml", "--duration", "2 weeks", "--warmup", "1 week", "--replications", "2", "--report", "r.html")
    trial.make("compare", PLANTS / "qingdao.yaml", "--variant-set", "resources.grading_technician.count=6", "--replications", "2", "--duration", "2 weeks", "--warmup", "1 week", "--report", "two.html")
    with Browser() as browser:
        for name, most in (("p", 3000), ("r", 1000)):
            ms = []
            for _ in range(3):
                browser.open(trial.folder / f"{name}.html")
                time.sleep(0.5)
                ms.append(browser.run("return performance.getEntriesByName('first-frame')[0]?.startTime ?? 1e9"))
            size = (trial.folder / f"{name}.html").stat().st_size
            print(f"large: {name}.html {size / 1e6:.2f} MB, first frame after {min(ms):.0f} ms")
            trial.expect(min(ms) <= most, f"{name}.html: first frame after {min(ms):.0f} ms")
        frames = "const r = retwin.replay; r.live = true; r.speed = 86400 * 3; r.tick = arguments[0]; const t = performance.now(); let n = 0; for (let k = 0; k < 30; ++k) { r.tick += 1e5; n = r.views.reduce((sum, v) => sum + v.drawLots(), 0); } return [n, (performance.now() - t) / 30]"
        frame = browser.run(frames, 3e8)
        print(f"large: {frame[0]} lots moving at once take {frame[1]:.1f} ms of a frame")
        trial.expect(frame[0] > 1000 and frame[1] < 33, f"{frame[0]} lots take {frame[1]:.1f} ms")
        browser.open(trial.folder / "two.html")
        time.sleep(0.5)
        ms, size = browser.run("return performance.getEntriesByName('first-frame')[0]?.startTime ?? 1e9"), (trial.folder / "two.html").stat().st_size
        frame = browser.run(frames, 3e8)
        print(f"large: two.html {size / 1e6:.2f} MB, first frame after {ms:.0f} ms, {frame[0]} lots on two maps {frame[1]:.1f} ms of a frame")
        trial.expect(size <= 16e6 and frame[0] > 2000 and frame[1] < 50, f"two maps: {size / 1e6:.1f} MB, {frame[0]} lots take {frame[1]:.1f} ms")
        trial.expect_clean(browser, "large")


LINE = """run: {duration: 2 weeks, warmup: 2 d, replications: 4}
factors: [grid]
sources: {feed: {every: {exponential: 10 min}, to: press}}
stations: {press: {duration: 8 min, power: 3 kW, buffer: 5, to: saw}, saw: {duration: 9 min, power: 1 kW, to: done}}
sinks: {done: product}
"""
STUDY = """scenario: p.yaml
decisions: {saw: {path: stations.saw.servers, values: [1, 2]}, feed: {path: run.seed, from: 1, to: 3, whole: true}}
replications: 2
responses: [plant.throughput, plant.cycle_time]
maximise: plant.throughput
select: {indifference: 1/h, first: 5, budget: 100}
optimise: {budget: 60, first: 2}
"""
GRID = "factors: {grid: {flow: electricity, value: 0.6 kg CO2e/kWh, scope: 2, source: nobody, confidence: estimate}}\n"


def commands(trial):
    """Each command with --report: its own first screen, no fault."""
    (trial.folder / "library/factors").mkdir(parents=True)
    (trial.folder / "library/factors/grid.yaml").write_text(GRID)
    (trial.folder / "p.yaml").write_text(LINE)
    trial.make("run", "p.yaml", "--log", "log.csv", "--replications", "1")
    trial.make("calibrate", "--discover", "log.csv", "--train", "2/3", "-o", "cal.yaml")
    (trial.folder / "study.yaml").write_text(STUDY)
    made = {"sweep": (["study.yaml"], "What was found", 3), "select": (["study.yaml"], "What was found", 1), "optimise": (["study.yaml"], "What was found", 2),
            "compare": (["p.yaml", "--variant-set", "stations.saw.servers=2"], "Comparison", 1), "bottleneck": (["p.yaml", "--replications", "4"], "What limits it", 1),
            "carbon": (["p.yaml", "--duration", "3 d"], "What emits", 3), "validate": (["cal.yaml", "log.csv", "--test", "1/3", "--replications", "3"], "Prediction", 2),
            "run": (["p.yaml", "--verdict"], "Overview", 0)}
    with Browser() as browser:
        for command, (words, title, pictures) in made.items():
            trial.make(command, *words, "--report", f"{command}.html")
            browser.open(trial.folder / f"{command}.html")
            browser.run("retwin.drawAll()")
            shown = browser.run("return document.querySelector('#overview h2')?.textContent ?? ''")
            trial.expect(title in shown, f"{command}: first screen {shown!r}")
            drawn = browser.run("return document.querySelectorAll('#overview .chart svg').length")
            trial.expect(drawn >= pictures, f"{command}: {drawn} pictures on the first screen")
            trial.expect_clean(browser, command)
        trial.expect(browser.run("return document.querySelectorAll('[data-table=gains] tbody tr').length") > 0, "run --verdict shows no gains")
        lot = json.loads(trial.make("carbon", "p.yaml", "--duration", "3 d", "--table", "products", "--format", "json").stdout)["rows"][0]["lot"]
        trial.make("carbon", "p.yaml", "--duration", "3 d", "--product", lot, "--report", "lot.html")
        browser.open(trial.folder / "lot.html")
        browser.run("retwin.drawAll()")
        trial.expect(browser.run("return document.querySelectorAll('#overview .chart svg').length") > 0, "the page of a lot has no picture")
        trial.expect_clean(browser, "carbon of a lot")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--retwin", required=True)
    parser.add_argument("--packages", default="")
    parser.add_argument("case", nargs="+")
    told = parser.parse_args()
    failed = 0
    for case in told.case:
        with tempfile.TemporaryDirectory() as folder:
            trial = Trial(pathlib.Path(told.retwin).resolve(), pathlib.Path(told.packages), folder)
            globals()[case](trial)
        for failure in trial.failures[:20]:
            print(f"{case}: {failure}")
        print(f"{case}: {'ok' if not trial.failures else f'{len(trial.failures)} failures'}")
        failed += bool(trial.failures)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
