"""Which of three changes helps a line, and is it sure? Variants against a base with the same luck; run it cell by cell or at once.

    PYTHONPATH=build/release/python /usr/bin/python3 examples/compare.py
"""
# %% A base and three variants: values set over it. Replication r of each has the same luck.
import pathlib

import retwin

plants = pathlib.Path(__file__).resolve().parent.parent / "scenarios/plants"
line = retwin.load(plants / "line.yaml").set({"run.duration": "3 weeks", "run.warmup": "1 week"})
comparison = retwin.compare(line, {"stations.mill.buffer": 40}, {"stations.wash.buffer": 40},
                            {"stations.mill.fails.breakdown.repair": "{exponential: 30 min}"}, replications=10)
for label, sentences in comparison.sentences.items():
    print(label, *sentences, sep="\n  ")

# %% The same as a table: one row per variant and figure, the change as a share of the base with its interval.
for k in range(len(comparison)):
    if comparison["path"][k] == "plant.throughput":
        print(f"{comparison['variant'][k]:<60} {comparison['change'][k]:+.1%} "
              f"[{comparison['change_low'][k]:.1%}, {comparison['change_high'][k]:.1%}]{'  *' if comparison['shown'][k] else ''}")

# %% A gate: shown not to be worse than 1 %, at 10, 20, 40, ... replications until it is decided.
gate = retwin.compare(line, {"stations.wash.buffer": 8}, fail_if=["products < -1 %"])
print(gate.gate)
print("passed" if gate.passed else "not passed")
