"""What limits a plant, and what would one step bring? Measured, not guessed; run it cell by cell or at once.

    PYTHONPATH=build/release/python /usr/bin/python3 examples/relief.py
"""
# %% A rack, a day shift and an inspector round the clock: one run makes the rack suspect, which is always full.
import retwin

plant = retwin.from_dict({
    "name": "rack and inspector",
    "run": {"start": "2026-01-05", "duration": "13 weeks", "warmup": "1 week"},
    "calendars": {"day": {"weekly": ["Mon-Fri 06:00-22:00"]}},
    "sources": {"trucks": {"every": {"exponential": "30 min"}, "to": "rack"}},
    "stations": {
        "rack": {"servers": 6, "duration": "5 h", "to": "dismantle"},
        "dismantle": {"servers": 4, "calendar": "day", "duration": "45 min", "to": "inspect"},
        "inspect": {"duration": "40 min", "buffer": 3, "to": "out"},
    },
    "sinks": ["out"],
})

# %% The verdict by relief: sentences, and tables with an interval for every gain.
limits = retwin.bottleneck(plant, replications=10)
print(limits.verdict)

# %% One step at a time, the best first. limits.gains.to_pandas() has all of it.
gains = limits.gains
for role, relief, gain, low, high in zip(*(gains[name] for name in ("role", "relief", "gain", "gain_low", "gain_high"))):
    if role == "step":
        print(f"  {relief:<34} {gain:+7.1%}  [{low:+.1%}, {high:+.1%}]")

# %% Bought first, looked at again: with the second inspector it is the rack.
after = retwin.bottleneck(plant.copy().set("stations.inspect.servers", 2), replications=10)
print("\nwith a second inspector:", ", ".join(after.sufficient))
