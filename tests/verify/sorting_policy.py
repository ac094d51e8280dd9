#!/usr/bin/python3
"""The constructed case of sorting: the best fixed aperture and the best policy by hand, against what the command makes of them.

usage: sorting_policy.py --retwin BINARY            sorting_policy.py --retwin BINARY --self-test

Prints the apertures that are best for either feed, what the best fixed one and the best policy earn, and the gain between them, which is
what a search for a policy is held against. Fails where a run differs from the formula of scenarios/sorting_policy.yaml by more than 1e-6, or
where an aperture or policy beside the best earns more. --self-test: the formula must not fit runs of another sharpness, and a policy of
the wrong slope must reach less than 95 % of the gain.
"""
import argparse
import json
import math
import pathlib
import subprocess
import sys

SCENARIO = pathlib.Path(__file__).resolve().parent / "scenarios" / "sorting_policy.yaml"
SMALL, LARGE, K = 0.2, 1.0, 2  # [mm], [mm], 1
EXACT = 1e-6
APERTURE, NEVER = "stations.sieve.aperture", "1000 weeks"
KINDS = ("new_cells", "old_modules")


class Plant:
    def __init__(self, retwin, sets):
        self.retwin, self.sets = retwin, sets

    def run(self, aperture, **sets):
        """What nickel in the powder earns, what aluminium in it costs [CNY/a], and the feed's share of aluminium."""
        words = [self.retwin, "run", str(SCENARIO), "--format", "json"]
        for path, value in {**self.sets, **sets, APERTURE: aperture}.items():
            words += ["--set", f"{path}={value}"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(words)}: exit {done.returncode}\n{done.stderr}")
        kpis = json.loads(done.stdout)["kpis"]
        return kpis["money.price.nickel"]["mean"], -kpis["money.price.aluminium"]["mean"], kpis["compliance.fed_aluminium.value"]["mean"]

    def earns(self, aperture):
        nickel, aluminium, _ = self.run(aperture)
        return nickel - aluminium

    def kind(self, name):
        """All that one kind of feed would earn and cost if it came alone and nothing was held back."""
        every = {f"sources.{k}.every": "2 h" if k == name else NEVER for k in KINDS}
        return self.run("10 m", changes="~", **every)


def through(size, aperture):
    return 1 / (1 + (size / aperture) ** K)


def best(p, q):
    """Aperture [mm] that is best for a feed."""
    s = math.sqrt(q * LARGE**K / (p * SMALL**K))
    return ((LARGE**K - s * SMALL**K) / (s - 1)) ** (1 / K)


def worth(feeds, apertures):
    return sum(p * through(SMALL, a) - q * through(LARGE, a) for (p, q), a in zip(feeds, apertures))


def best_fixed(feeds):
    """Of one aperture for all: the formula again, of the sums."""
    return best(sum(p for p, _ in feeds), sum(q for _, q in feeds))


def line(shares, apertures):
    """The policy through both."""
    slope = (apertures[1] - apertures[0]) / (shares[1] - shares[0])
    return f"{apertures[0] - slope * shares[0]:.12g} mm + {slope:.12g} mm * assay.Al".replace("+ -", "- ")


def case(retwin, sets):
    """Feeds as they come by turns, their shares of aluminium, and what is best."""
    plant = Plant(retwin, sets)
    alone = [plant.kind(name) for name in KINDS]
    p, q, _ = plant.run("10 m")
    (p0, q0, share0), (p1, q1, share1) = alone
    det = p0 * q1 - p1 * q0
    amount = (p * q1 - p1 * q) / det, (p0 * q - p * q0) / det  # of each kind, in runs of it alone
    feeds = [(p0 * amount[0], q0 * amount[0]), (p1 * amount[1], q1 * amount[1])]
    return plant, feeds, (share0, share1)


def failures(retwin, sets):
    plant, feeds, shares = case(retwin, sets)
    own, fixed = [best(*feed) for feed in feeds], best_fixed(feeds)
    policy = line(shares, own)
    expected = {"policy": worth(feeds, own), "fixed": worth(feeds, [fixed] * 2)}
    found = {"policy": plant.earns(policy), "fixed": plant.earns(f"{fixed:.12g} mm")}
    gain = expected["policy"] - expected["fixed"]
    print(f"aluminium in the feed {shares[0]:.4f} and {shares[1]:.4f}: best apertures {own[0]:.4f} and {own[1]:.4f} mm; fixed {fixed:.4f} mm")
    print(f"policy {policy}")
    print(f"policy earns {found['policy']:.6g} CNY/a (by hand {expected['policy']:.6g}), fixed {found['fixed']:.6g} ({expected['fixed']:.6g}), "
          f"gain {gain:.6g}, {100 * gain / expected['fixed']:.2f} %")
    wrong = [f"{name}: {found[name]} is not {expected[name]}" for name in expected if abs(found[name] / expected[name] - 1) > EXACT]
    for factor in (0.5, 0.8, 0.95, 1.05, 1.25, 2):
        if plant.earns(f"{factor * fixed:.12g} mm") > found["fixed"] * (1 + EXACT):
            wrong.append(f"a fixed aperture {factor} times as wide earns more")
        if plant.earns(line(shares, [factor * own[0], own[1]])) > found["policy"] * (1 + EXACT):
            wrong.append(f"an aperture {factor} times as wide for {KINDS[0]} earns more")
        if plant.earns(line(shares, [own[0], factor * own[1]])) > found["policy"] * (1 + EXACT):
            wrong.append(f"an aperture {factor} times as wide for {KINDS[1]} earns more")
    return wrong


def self_test(retwin):
    wrong = []
    if not failures(retwin, {"stations.sieve.sharpness": 3}):
        wrong.append("another sharpness fits the formula as well")
    plant, feeds, shares = case(retwin, {})
    own, fixed = [best(*feed) for feed in feeds], best_fixed(feeds)
    poor = plant.earns(line(shares, [own[1], own[0]]))
    if poor > worth(feeds, [fixed] * 2) + 0.95 * (worth(feeds, own) - worth(feeds, [fixed] * 2)):
        wrong.append("a policy of the wrong slope is as good")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--retwin", required=True)
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    wrong = self_test(options.retwin) if options.self_test else failures(options.retwin, {})
    for text in wrong:
        print(f"WRONG: {text}")
    print("failed" if wrong else "passed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
