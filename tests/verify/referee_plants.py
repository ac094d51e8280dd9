#!/usr/bin/python3
"""The referee of whole plants: random small plants through the engine and through a simulator of its own; every time must agree.

usage: referee_plants.py --retwin BINARY [--first N] [--plants N] [--jobs N] [--only FEATURE ...] [--without FEATURE ...] [--shrink]
       referee_plants.py --retwin BINARY --self-test

Compared are all times of all lots - made, entering, starting, finishing, leaving - within 1e-6 s; and each run is saved at a random
moment and gone on from there, which must give the same trace, row by row.
Ties are excepted: where no rule says what comes first at one instant, the referee tries other orders too, and what comes after the
first moment at which these runs differ is not compared. Plants that stand still (a deadlock that the referee finds as well) are not
compared either. Both are counted.
"""
import argparse
import functools
import math
import multiprocessing
import pathlib
import random
import re
import sys
import tempfile

from referee.comparison import by_lot, engine_events, gone_on, judge, rows_of
from referee.faults import FAULTS
from referee.generator import FEATURES, Generator
from referee.simulator import Simulator
from referee.smaller import copied, shrunk, tidied

# Plants that are not compared to their end: 27 % of the study's two thousand. A referee that calls everything a tie judges nothing; of a
# few plants three standard deviations more may be cut.
USUALLY_CUT = 0.27


def most_cut(plants):
    """[%]"""
    return 100 * (USUALLY_CUT + 3 * math.sqrt(USUALLY_CUT * (1 - USUALLY_CUT) / plants))


def kind_of(why):
    """What sort of difference it is, so that a smaller plant shows the same one."""
    if why is None or why.startswith("exit 2"):
        return None
    return re.sub(r"[0-9.:]+", "", why)[:60] if why.startswith("exit") else why.split(" ")[0]


def smallest(retwin, plant, folder):
    kind = kind_of(judge(retwin, plant, folder).why)
    return tidied(shrunk(plant, lambda candidate: kind_of(judge(retwin, candidate, folder).why) == kind)) if kind else plant


def report(retwin, plant, folder):
    for path in folder.glob("plant*"):
        path.unlink()
    verdict = judge(retwin, plant, folder)
    print((folder / "plant.yaml").read_text())
    for path in sorted(folder.glob("plant_*.csv")):
        print(path.name + "\n" + path.read_text())
    print(verdict.why)
    if verdict.lot:
        for name, events in (("engine ", engine_events(rows_of(folder / "trace.csv"))), ("referee", Simulator(plant).run())):
            print(name, *(f"{event} {place} {time!r}" for time, event, place in by_lot(events)[verdict.lot]), sep="  ")


def judged(retwin, without, number):
    plant = Generator(number, without).plant()
    with tempfile.TemporaryDirectory() as folder:
        return number, plant, judge(retwin, plant, pathlib.Path(folder))


def campaign(retwin, arguments, folder):
    numbers = range(arguments.first, arguments.first + arguments.plants)
    differ = otherwise = tied = still = refused = events = 0
    with multiprocessing.Pool(arguments.jobs) as pool:
        for number, plant, verdict in pool.imap(functools.partial(judged, retwin, arguments.without), numbers):
            tied += verdict.until < plant["horizon"]
            still += verdict.deadlock
            refused += verdict.refused
            events += verdict.events
            differ += verdict.why is not None
            otherwise += verdict.on is not None
            for why in filter(None, (verdict.why, verdict.on)):
                print(f"plant {number}: {why[:500]}", flush=True)
            if verdict.why and arguments.shrink:
                report(retwin, smallest(retwin, plant, folder), folder)
    cut = 100 * (tied + still + refused) / arguments.plants
    print(f"{arguments.plants} plants, {events} events compared: {differ} differ; saved and gone on with: {otherwise} differ; "
          f"cut short by a tie: {tied}, by a deadlock: {still}, refused: {refused}, {cut:.1f} %")
    return differ == otherwise == 0 and cut <= most_cut(arguments.plants)


def longer(plant, lots):
    """The same plant, the work on some of the lots a thousandth of a second longer."""
    out = copied(plant)
    for _, values in out["sources"]["dock"]["rows"][lots]:
        for name in values:
            if name.startswith("d"):
                values[name] += 1e-3
    return out


def shows(retwin, folder, fault, features, plants=30):
    """The first plant on which a referee with a wrong rule is found out, or None."""
    for number in range(1, plants + 1):
        plant = Generator(number, set(FEATURES) - features).plant()
        if judge(retwin, plant, folder, simulator=fault, on=False).why and not judge(retwin, plant, folder, on=False).why:
            return number
    return None


def self_test(retwin, folder, plants=8):
    """The comparison must notice a referee with a wrong rule, one lot that takes longer, and a run that goes on another one."""
    passed = True
    for fault, features in FAULTS.items():
        number = shows(retwin, folder, fault, features)
        print(f"{fault.__name__}: noticed on plant {number}")
        passed = passed and number is not None
    for number in range(1, plants + 1):
        plant = Generator(number, set(FEATURES) - {"servers", "fails", "calendar"}).plant()
        rows = plant["sources"]["dock"]["rows"]
        lot = random.Random(number).randrange(len(rows) // 2)
        seen = judge(retwin, plant, folder, lambda plant: longer(plant, slice(lot, lot + 1))).why is not None
        agrees = judge(retwin, plant, folder).why is None
        moment, another = rows[len(rows) // 3][0] + 1, longer(plant, slice(None))
        seen_on = gone_on(retwin, plant, folder / "plant.yaml", folder, moment, another) is not None
        print(f"plant {number}: agrees {agrees}; noticed: one lot longer {seen}, another plant from {moment} s on {seen_on}")
        passed = passed and agrees and seen and seen_on
    return passed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--retwin", required=True)
    parser.add_argument("--first", type=int, default=1, help="number of the first plant")
    parser.add_argument("--plants", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=1, help="plants at a time")
    parser.add_argument("--without", nargs="*", default=[], choices=list(FEATURES))
    parser.add_argument("--only", nargs="*", choices=list(FEATURES), help="no other features than these")
    parser.add_argument("--shrink", action="store_true", help="find a small plant for each difference")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.only is not None:
        arguments.without += [feature for feature in FEATURES if feature not in arguments.only]
    with tempfile.TemporaryDirectory() as name:
        check = self_test if arguments.self_test else lambda retwin, folder: campaign(retwin, arguments, folder)
        sys.exit(0 if check(arguments.retwin, pathlib.Path(name)) else 1)


if __name__ == "__main__":
    main()
