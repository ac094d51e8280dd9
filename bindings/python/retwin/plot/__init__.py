"""Plots of results with matplotlib: each takes a value and, if wanted, the Axes to draw in, and returns the Axes."""
from ._carbon import carbon_sankey, carbon_waterfall, footprint
from ._judged import cycle_times, forest, qq
from ._sankey import sankey
from ._stations import bottleneck, gantt, levels, states, stocks

__all__ = ["bottleneck", "carbon_sankey", "carbon_waterfall", "cycle_times", "footprint", "forest", "gantt", "levels", "qq", "sankey", "states",
           "stocks"]
