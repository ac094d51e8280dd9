"""What would one more server at the bottleneck bring? First from scratch, then from now on; run it cell by cell or at once.

    PYTHONPATH=build/release/python /usr/bin/python3 examples/what_if.py
"""
# %% The plant as it is: four weeks after two weeks of warm-up, four replications.
import pathlib

import numpy as np
import retwin

plants = pathlib.Path(__file__).resolve().parent.parent / "scenarios/plants"
plant = retwin.load(plants / "qingdao.yaml").set({"run.duration": "6 weeks", "run.warmup": "2 weeks", "run.replications": 4})
as_is = plant.run()
print(as_is.verdict)

# %% The five busiest stations: the table is a dict of numpy arrays, pandas.DataFrame(as_is.stations) takes it as it is.
table = as_is.stations
for k in np.argsort(-np.nan_to_num(table["utilisation"]))[:5]:
    print(f"  {table['station'][k]:<16} {table['utilisation'][k]:5.1%} utilised, {table['blocked'][k]:5.1%} blocked")

# %% One more server there. The same seed means the same packs and the same luck, so replications are compared pair by pair.
servers = int(table["servers"][list(table["station"]).index(as_is.bottleneck)])
variant = plant.copy().set(f"stations.{as_is.bottleneck}.servers", servers + 1)
to_be = variant.run()
print(f"\n{as_is.bottleneck}: {servers} -> {servers + 1} servers")
for path in ("plant.throughput", "plant.wip", "plant.electricity"):
    before, after = as_is.kpi(path), to_be.kpi(path)
    difference = after.values - before.values
    half_width = 3.182 * difference.std(ddof=1) / np.sqrt(difference.size)  # Student's t, 3 degrees of freedom, 95 %
    print(f"  {path:<18} {before.mean:10.5g} -> {after.mean:10.5g} {before.unit},",
          f"difference {difference.mean():.3g} +- {half_width:.2g}")

# %% And from now on: a running twin is forked, once as it is and once with the new server (a plant of another structure: the
# state is carried over by name, and a warning says so).
now = plant.start()
now.advance("6 weeks")
forks = {"as it is": now.copy(), "one more server": now.copy(variant)}
print("\nthe next two weeks, from now")
for name, fork in forks.items():
    fork.begin_window()
    stock = fork.series(until="8 weeks", every="1 h")["wip"]
    print(f"  {name:<16} {fork.kpis()['plant.throughput']:.4g} lots/h, {stock.mean():.0f} lots in the plant,",
          f"{stock[-1]:.0f} at the end")
