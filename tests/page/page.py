#!/usr/bin/python3
"""Opens pages that `retwin ... --report` writes in a headless Chromium, and looks at what they show and do.

usage: page.py --retwin PATH [--packages DIR] CASE ...

Each case is a function below; skipped (77) where the browser or the page is missing. A page must not write to the console, nor ask
anything of a network: a page that does both must be caught first (the control).
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

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
