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


def replay(trial):
    """At 20 random instants the counts of each station on the page are those of a run that was stopped there, saved, and asked who is in it."""
    plant = PLANTS / "qingdao.yaml"
    words = ["--seed", "3", "--replications", "1"]
    trial.make("run", plant, *words, "--duration", "2 weeks", "--warmup", "1 week", "--report", "r.html")
    size = (trial.folder / "r.html").stat().st_size
    trial.expect(size <= 8e6, f"a week of the reference plant takes {size / 1e6:.1f} MB")
    week = 7 * 86400
    chance = random.Random(14)
    instants = [0.5] + sorted(chance.uniform(0, week) for _ in range(19))
    with Browser() as browser:
        browser.open(trial.folder / "r.html")
        names = browser.run("return retwin.model.plant.stations.map(s => s.name)")
        wrong = 0
        shown = []
        for at in [instants[k] for k in chance.sample(range(20), 20)]:  # back and forth
            tick = int(at * 1000)
            shown.append((tick, browser.run("const r = retwin.replay; r.seek(arguments[0]); return [...r.events.at(arguments[0]).content]", tick)))
        for tick, counts in shown:
            until = week + (tick + 0.5) / 1000  # between two ticks of the page
            trial.make("run", plant, *words, "--duration", f"{until:.4f} s", "--warmup", "0 s", "--save", "s.state")
            told = trial.make("run", plant, "--from", "s.state", "--duration", "1 s", "--replications", "1", "--table", "leaving", "--format", "json")
            there = collections.Counter(row["at"] for row in json.loads(told.stdout)["rows"] if row["at"])
            for name, count in zip(names, counts):
                if there[name] != count:
                    wrong += 1
                    trial.failures.append(f"{tick / 1000:.3f} s, {name}: {count} on the page, {there[name]} in the state")
        trial.expect(wrong == 0, f"{wrong} counts differ")
        trial.expect(sum(map(sum, (counts for _, counts in shown))) > 20 * 1000, "hardly any lots: nothing was compared")
        # the control: with one record left out the counts are wrong
        spoiled = browser.run("const e = retwin.replay.events, before = [...e.at(e.length).content]; const end = e.places.n - 1; e.places.what[end] = e.places.what[end] === 1 ? 3 : 1; e.counts = {at: 0, content: e.kept[0].content.slice(), queue: e.kept[0].queue.slice()};"
                              "e.advance(e.places.n); return String(before) !== String([...e.counts.content])")
        trial.expect(spoiled, "control: a spoiled record changes no count")
        trial.expect_clean(browser, "replay")


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
        trial.expect(run("retwin.replay.seek(2e8); return retwin.replay.drawLots()") > 5, "no lot moves")
        run("document.querySelector('.node.station').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}))")
        trial.expect("Means of the window" in run("return document.querySelector('.panel').textContent"), "a station tells nothing")
        steps = run("const r = retwin.replay; r.openLot(r.events.places.who[r.events.places.n >> 1]); return document.querySelectorAll('.history li').length")
        trial.expect(steps > 1, f"a lot's history has {steps} steps")
        before = run("return retwin.replay.tick")
        run("document.querySelector('.play').click()")
        time.sleep(0.6)
        after = run("document.querySelector('.play').click(); return retwin.replay.tick")
        trial.expect(after > before, "playing does not go on")
        trial.expect(run("return retwin.replay.tick") == after, "a pause goes on")
        browser.emulate(prefers_reduced_motion="reduce")
        browser.open(trial.folder / "r.html")
        trial.expect(run("retwin.replay.seek(2e8); return retwin.replay.drawLots()") == 0, "lots move although motion is to be reduced")
        trial.expect_clean(browser, "use")


def access(trial):
    """axe finds nothing serious, in both colours."""
    axe = trial.packages / "axe-core" / "axe.min.js"
    if not axe.exists():
        skip("no axe-core (npm ci in the build)")
    trial.make("run", PLANTS / "qingdao.yaml", "--duration", "2 weeks", "--warmup", "1 week", "--replications", "2", "--report", "r.html")
    with Browser() as browser:
        for scheme in ("light", "dark"):
            browser.emulate(prefers_color_scheme=scheme)
            browser.open(trial.folder / "r.html")
            browser.run("retwin.drawAll(); retwin.replay.openStation(retwin.replay.map.nodes.get(0))")
            browser.run(axe.read_text())
            rules = "undefined" if scheme == "light" else "{runOnly: ['color-contrast']}"  # colours alone differ
            found = browser.driver.execute_async_script(f"const done = arguments[0]; axe.run(document, {rules}).then(r => done(r.violations.map(v => [v.impact, v.id, v.nodes.length, v.nodes[0].html.slice(0, 120), v.nodes[0].failureSummary.slice(0, 160)])))")
            for impact, *what in found:
                trial.expect(impact not in ("serious", "critical"), f"{scheme}: {impact} {what}")
        # the control: an image without words must be found
        browser.run("document.body.append(document.createElement('img'))")
        found = browser.driver.execute_async_script("const done = arguments[0]; axe.run().then(r => done(r.violations.map(v => v.id)))")
        trial.expect("image-alt" in found, "control: axe does not find an image without words")


def prints(trial):
    """On A4: every part is there, nothing is wider than the paper."""
    trial.make("run", PLANTS / "qingdao.yaml", "--duration", "2 weeks", "--warmup", "1 week", "--replications", "2", "--report", "r.html")
    with Browser() as browser:
        browser.open(trial.folder / "r.html")
        browser.run("retwin.drawAll()")
        pdf = base64.b64decode(browser.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})["data"])
        pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
        trial.expect(pdf.startswith(b"%PDF") and 4 <= pages <= 20, f"{pages} pages, {len(pdf)} bytes")
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 703, "height": 1000, "deviceScaleFactor": 1, "mobile": False})  # A4 less margins
        time.sleep(0.3)
        wide = browser.run("return [...document.querySelectorAll('main *')].filter(e => e.getClientRects().length && !e.closest('svg') && e.getBoundingClientRect().right > 704).map(e => e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 40)).slice(0, 5)")
        trial.expect(not wide, f"wider than the paper: {wide}")
        trial.expect_clean(browser, "print")


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
        frame = browser.run("const r = retwin.replay; r.speed = 86400 * 3; r.tick = 3e8; const t = performance.now(); let n = 0; for (let k = 0; k < 30; ++k) { r.tick += 1e5; n = r.drawLots(); } return [n, (performance.now() - t) / 30]")
        print(f"large: {frame[0]} lots moving at once take {frame[1]:.1f} ms of a frame")
        trial.expect(frame[0] > 1000 and frame[1] < 33, f"{frame[0]} lots take {frame[1]:.1f} ms")
        trial.expect_clean(browser, "large")


LINE = """run: {duration: 2 weeks, warmup: 2 d, replications: 4}
factors: [grid]
sources: {feed: {every: {exponential: 10 min}, to: press}}
stations: {press: {duration: 8 min, power: 3 kW, buffer: 5, to: saw}, saw: {duration: 9 min, power: 1 kW, to: done}}
sinks: {done: product}
"""
GRID = "factors: {grid: {flow: electricity, value: 0.6 kg CO2e/kWh, scope: 2, source: nobody, confidence: estimate}}\n"


def commands(trial):
    """Each command with --report: its own first screen, no fault."""
    (trial.folder / "library/factors").mkdir(parents=True)
    (trial.folder / "library/factors/grid.yaml").write_text(GRID)
    (trial.folder / "p.yaml").write_text(LINE)
    trial.make("run", "p.yaml", "--log", "log.csv", "--replications", "1")
    trial.make("calibrate", "--discover", "log.csv", "--train", "2/3", "-o", "cal.yaml")
    made = {"compare": (["p.yaml", "--variant-set", "stations.saw.servers=2"], "Comparison"), "bottleneck": (["p.yaml", "--replications", "4"], "What limits it"),
            "carbon": (["p.yaml", "--duration", "3 d"], "Report"), "validate": (["cal.yaml", "log.csv", "--test", "1/3", "--replications", "3"], "Report"),
            "run": (["p.yaml", "--verdict"], "Overview")}
    with Browser() as browser:
        for command, (words, title) in made.items():
            trial.make(command, *words, "--report", f"{command}.html")
            browser.open(trial.folder / f"{command}.html")
            browser.run("retwin.drawAll()")
            shown = browser.run("return document.querySelector('#overview h2')?.textContent ?? ''")
            trial.expect(title in shown, f"{command}: first screen {shown!r}")
            trial.expect_clean(browser, command)
        trial.expect(browser.run("return document.querySelectorAll('[data-table=gains] tbody tr').length") > 0, "run --verdict shows no gains")


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
