"""Plots of results with matplotlib: each takes a value and, if wanted, the Axes to draw in, and returns the Axes."""
from ._carbon import carbon_sankey, carbon_waterfall, footprint
from ._judged import cycle_times, forest, qq
from ._sankey import sankey
from ._stations import bottleneck, gantt, levels, states, stocks
from ._studies import effects, front

__all__ = ["bottleneck", "carbon_sankey", "carbon_waterfall", "cycle_times", "effects", "footprint", "forest", "front", "gantt", "levels", "qq", "sankey", "states",
           "stocks"]
