"""A program that embeds the module may have set a locale with a decimal comma: numbers mean the same under it."""
import locale
import pathlib
import subprocess
import sys

import retwin

from conftest import HERE

# The category LC_NUMERIC of such a locale, as localedef writes it for the C library of Linux (that of de_DE).
COMMA = bytes.fromhex("1411032006000000200000002200000024000000280000002c000000300000002c002e00030300002c0000002e0000005554462d3800")

SCENARIO = """
run: {duration: 1.5 d, terminating: true}
sources: {feed: {trace: trace.csv, to: press}}
stations: {press: {duration: 1.25 h, energy_per_job: 2.5 kWh, power: 1.5 kW, to: done}}
sinks: [done]
"""
TRACE = "time [h]\n0.5\n1.75\n3.25\n"
LOG = "case_id,activity,start_time,end_time,amount\n" + "".join(
    f"{k},press,{1700000000.5 + 100 * k},{1700000000.75 + 100 * k + k % 3},{k}.5\n" for k in range(8))


def figures(folder):
    """Everything that is read from texts, as one list of numbers."""
    result = retwin.load(folder / "plant.yaml").set("stations.press.power", "1.75 kW").run()
    log = retwin.read_log(folder / "log.csv")
    return [result.kpis[name] for name in sorted(result.kpis)] + list(log.start) + list(log.end)


def main(folder):
    folder = pathlib.Path(folder)
    if len(sys.argv) > 2:
        assert locale.setlocale(locale.LC_NUMERIC, "comma") and locale.localeconv()["decimal_point"] == ","
    print([repr(figure) for figure in figures(folder)])


def test_numbers_are_the_same_under_a_decimal_comma(tmp_path):
    for name, text in (("plant.yaml", SCENARIO), ("trace.csv", TRACE), ("log.csv", LOG)):
        (tmp_path / name).write_text(text)
    (tmp_path / "comma").mkdir()
    (tmp_path / "comma/LC_NUMERIC").write_bytes(COMMA)
    outputs = [subprocess.run([sys.executable, __file__, str(tmp_path), *more], capture_output=True, text=True, check=True, cwd=HERE,
                              env={"LOCPATH": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}).stdout for more in ([], ["comma"])]
    assert outputs[0] == outputs[1] and len(outputs[0]) > 500


if __name__ == "__main__":
    main(sys.argv[1])
