"""A headless Chromium for the tests of pages: what it says on its console and asks of the network is remembered and judged."""
import json
import pathlib
import shutil
import sys

SKIPPED = 77


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


class Browser:
    def __init__(self, width=1400, height=1000):
        try:
            from selenium import webdriver
            from selenium.webdriver.chrome.options import Options
            from selenium.webdriver.chrome.service import Service
        except ImportError:
            skip("no selenium (apt install python3-selenium)")
        program, driver = shutil.which("chromium"), shutil.which("chromedriver")
        if not program or not driver:
            skip("no Chromium (apt install chromium chromium-driver)")
        options = Options()
        options.binary_location = program
        for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--window-size={width},{height}", "--force-device-scale-factor=1"):
            options.add_argument(word)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service(driver), options=options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def emulate(self, **features):
        """Media features, with _ for -: prefers_color_scheme="dark"."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]})

    def open(self, path):
        self.path = pathlib.Path(path).resolve()
        self.driver.get_log("performance")
        self.driver.get(self.path.as_uri())

    def run(self, script, *values):
        return self.driver.execute_script(script, *values)

    def faults(self):
        """What a page must not do, since the last call: errors and warnings on the console, and requests other than for itself."""
        found = [f"console: {entry['level']} {entry['message'][:300]}" for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if url != self.path.as_uri() and not url.startswith(("data:", "blob:")):
                    found.append(f"request: {url[:200]}")
            elif message["method"] == "Page.javascriptDialogOpening":
                found.append("a dialog opened")
        return found
