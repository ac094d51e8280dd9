"""Is the reference plant 30 % below the average? Oxide and phosphate batteries apart, on one electricity factor, every difference named.

    PYTHONPATH=build/release/python /usr/bin/python3 examples/thirty_percent.py
"""
# %% The averages as published rest on another electricity factor: they are taken apart into electricity and the rest.
import pathlib
import re

import retwin

scenarios = pathlib.Path(__file__).resolve().parent.parent / "scenarios"
text = (scenarios / "library/benchmarks/province_average.yaml").read_text()
published_factor = float(re.findall(r"electricity_factor: ([\d.]+)", text)[0])
averages = {name: (float(kwh), float(rest)) for name, kwh, rest in
            re.findall(r"(\w+): {electricity: ([\d.]+) kWh/t, rest: ([\d.]+) kg", text)}

# %% The plant, each family by itself; per tonne of battery entering recycling.
def run(name: str, duration: str = "20 weeks", warmup: str = "8 weeks", replications: int = 2) -> retwin.Result:
    return retwin.load(scenarios / f"what-if/{name}.yaml").set({"run.duration": duration, "run.warmup": warmup}).run(replications=replications)


def parts(result: retwin.Result, unit: str = "per.recycling") -> tuple[float, float, dict[str, float]]:
    """Electricity [kWh/t], its location factor, and contributions of everything else [kg/t] by factor."""
    head = unit + ".carbon."
    names = {path.removeprefix(head): result.kpi(path).mean for path in result.table("kpis")["path"] if path.startswith(head) and ".scope" not in path}
    electricity = result.kpi(unit + ".electricity").mean
    grid = names.pop("electricity") / electricity
    return electricity, grid, {name: value for name, value in sorted(names.items(), key=lambda item: -abs(item[1])) if abs(value) > 0.05}


# %% What is the difference made of, and at which electricity factor would it be 30 %?
def compare(label: str, result: retwin.Result, average: str) -> tuple[float, float]:
    electricity, grid, rest = parts(result)
    kwh, other = averages[average]
    ours, theirs = electricity * grid + sum(rest.values()), kwh * grid + other
    print(f"{label}: {ours:,.0f} kg CO2e/t against {theirs:,.0f} of {average} on the same {grid:.4f} kg/kWh "
          f"({kwh * published_factor + other:,.0f} as published): {ours / theirs - 1:+.1%}")
    print(f"  electricity  {electricity:7,.0f} against {kwh:,.0f} kWh/t: {(electricity - kwh) * grid:+,.0f}")
    print(f"  all else     {sum(rest.values()):7,.0f} against {other:,.0f} kg/t: {sum(rest.values()) - other:+,.0f}, which the average does not itemise; here")
    for name, value in list(rest.items())[:8]:
        print(f"    {name:<22} {value:7,.0f}")
    if ours <= 0.7 * theirs:
        print(f"  more than 30 % below, by {0.7 * theirs - ours:,.0f} kg/t\n")
        return ours, theirs
    slope = electricity - 0.7 * kwh
    factor = (0.7 * other - sum(rest.values())) / slope if slope else float("nan")
    word = "below" if slope > 0 else "above"
    print(f"  30 % below needs " + (f"a grid {word} {factor:.3f} kg/kWh" if factor > 0 else "less than what does not depend on electricity")
          + f", or {ours - 0.7 * theirs:,.0f} kg/t less\n")
    return ours, theirs


if __name__ == "__main__":
    nmc, lfp = run("only_nmc"), run("only_lfp")
    for average in ("NMC_medium", "NMC_low"):
        compare("NMC", nmc, average)
    compare("LFP", lfp, "LFP_low")
