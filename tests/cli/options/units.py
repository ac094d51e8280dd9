"""For every field of a unit operation or kind of lot: a value that makes a difference in a small plant, or is refused there.

UNITS: kind -> (settings of the plant, the station or source that has the field, {field: value, or several settings}).
"""
from plants import plant  # noqa: F401

OUT, NOWHERE = "out", "recipes/none"  # no such document: refused
MIX = {"LFP": "40 %", "NMC622": "60 %"}


def station(unit, to, **more):
    return {"unit": unit, "duration": "7 min", "to": to, **more}


# Packs from triage to black mass.
PACKS = {
    "sources.src": {"lot": "pack", "every": "20 min", "chemistry": MIX, "to": "triage"}, "stations.s": None, "sinks.other": {},
    "stations.triage": station("vision_triage", {"echelon": "screen", "recycle": "regen", "damaged": "quar"}, second_life={"LFP": "70 %", "other": "75 %"}),
    "stations.quar": station("quarantine", {"confirmed": "bath", "hot": OUT, "cleared": "regen"}),
    "stations.screen": station("pack_screen", {"whole": "test", "module": "open", "reject": "regen"}),
    "stations.test": station("capacity_test", {"pass": [{"when": "label.soh >= 75 %", "to": "refurb"}, {"to": "other"}]}),
    "stations.refurb": station("refurbish", {"out": "rest"}),
    "stations.rest": station("hold", {"out": "final"}),
    "stations.final": station("final_test", {"ok": "look", "rework": "other", "scrap": "open"}),
    "stations.look": station("inspect", {"out": OUT}),
    "stations.regen": station("regen_discharge", {"done": "open", "rebound": "bath"}),
    "stations.bath": station("salt_bath", {"out": "open", "brine": OUT}, bleed=True),
    "stations.open": station("dismantle", {"modules": "grade", "hardware": "cut"}),
    "stations.grade": station("capacity_test", {"pass": [{"when": "label.soh >= 75 %", "to": "halve"}, {"to": "shred"}]}, servers=9),
    "stations.halve": station("split", {"out": "shred"}, servers=9, count=2),
    "stations.cut": station("cut_sort", OUT),
    "stations.shred": station("shred", {"fragments": "oven", "dust": OUT, "vapour": OUT}, servers=9, dust="0.1 %"),
    "stations.oven": station("pyrolyse", {"char": "sort", "gas": "stack"}, servers=9),
    "stations.stack": station("offgas", OUT, servers=9),
    "stations.sort": station("sorting_train", OUT, servers=9, after_pyrolysis=True),
}
# Black mass to salts.
HYDROMET = {
    "sources.src": {"lot": "black_mass", "every": "2 h", "chemistry": {"NMC622": "100 %"}, "to": "leach"}, "stations.s": None,
    "stations.leach": station("leach", {"slurry": "filter", "vent": OUT}),
    "stations.filter": station("filter_press", {"filtrate": "purify", "cake": OUT, "sludge": OUT, "off_spec": OUT}, off_spec="2 %"),
    "stations.purify": station("purify", {"liquor": "sx", "sludge": OUT}),
    "stations.sx": station("solvent_extraction", {"raffinate": "mvr", "Mn": "base", "Co": "salts", "Ni": "salts"}),
    "stations.salts": station("crystallise", {"salt": "dry", "mother_liquor": OUT, "condensate": "water", "off_spec": OUT, "purge": OUT}),
    "stations.base": station("hydroxide", OUT, servers=9),
    "stations.dry": station("dry_pack", OUT),
    "stations.mvr": station("evaporate", {"liquor": "soda", "salt": OUT, "condensate": "water", "permeate": "water", "vent": OUT}),
    "stations.soda": station("precipitate", {"carbonate": "dry", "mother_liquor": OUT, "vent": OUT, "off_spec": OUT}),
    "stations.water": station("wastewater", OUT),
}
SEWAGE = {"stations.leach.to": {"slurry": {"cyclic": ["filter", "water"]}, "vent": OUT}}


def pieces(kind):
    return {"sources.src": {"lot": kind, "every": "20 min", "chemistry": MIX, "to": "s"}, "sinks.other": {}}


def rows(*ports):
    """Rows of a partition matrix, of a group that mostly goes elsewhere."""
    return {f"rows.*.{port}": {"copper" if port == "Al" else "aluminium": {port: "100 %"}} for port in ports}


SEEN = {"stations.s.to": [{"when": "soh >= 75 %", "to": "out"}, {"to": "other"}]}
SOAK = {"stations.bath.duration": None, "stations.bath.soak": "20 min", "stations.bath.capacity": "1 t", "stations.bath.slowdown": 3}
FULL = {"stations.s.to": [{"when": "soc >= 50 %", "to": "out"}, {"to": "other"}]}
FORK = {"stations.s": {"unit": "fork", "branches": ["a", "b"], "duration": "3 min", "to": "t"},
        "stations.t": {"batch": {"parts": {"item": 2}}, "duration": "1 min", "to": "out"}, "stations.s.kind": "item"}
PIECE = {"chemistry.*.share": {"LFP": "100 %"}, "bill": "2023", "mass": "37 kg"}
CELL = {**PIECE, "soh": {"": "90 %", **SEEN}, "soc": {"": "90 %", **FULL}}

# Modules, crushed as they come, over all machines that sort pieces.
PIECES = {"sources.src": {"lot": "module", "every": "20 min", "chemistry": MIX, "mass": "400 kg", "to": "lab"}, "stations.s": None, "sinks.other": {},
          "stations.lab": station("assay", "sieve", spec="specs/black_mass_nmc"),
          "stations.sieve": station("sieve", {"undersize": OUT, "oversize": "magnet"}), "stations.magnet": station("magnet", {"magnetic": OUT, "rest": "air"}),
          "stations.air": station("air_sort", {"light": OUT, "heavy": "eddy"}), "stations.eddy": station("eddy_current", {"far": OUT, "middle": OUT, "near": "other"})}


def sorter(**more):
    """Fields of every machine of these, and its own."""
    return {"particles": "particles/none", "sharpness": 2, "rated_feed": "0.5 t/h", "load_effect": 2,
            "rows.*.size": {"aluminium": {"size": "3 mm"}}, "rows.*.spread": {"aluminium": {"size": "3 mm", "spread": 0.6}}, **more}


LAB = {"sources.src": {"lot": "black_mass", "every": "1 h", "chemistry": MIX, "to": "lab"}, "stations.s": None, "sinks.other": {},
       "stations.lab": station("assay", {"on_spec": OUT, "off_spec": "other"}, spec="specs/black_mass_nmc")}
WEIGHED = {"stations.lab.to": {"on_spec": [{"when": "assay.kg > 1.02 t", "to": OUT}, {"to": "other"}], "off_spec": [{"when": "assay.kg > 1.02 t", "to": OUT}, {"to": "other"}]}}
SHEETS = {"sources.src": {"lot": "cathode_sheet", "every": "1 h", "chemistry": {"NMC622": "100 %"}, "to": "lab"}, "stations.s": None, "sinks.other": {},
          "stations.lab": station("relithiate", {"cathode": OUT, "foil": OUT, "residue": OUT, "liquor": OUT, "reject": "other"})}

UNITS = {
    "split": (PACKS, "stations.halve", {"count": 3, "kind": {"": "half", "stations.shred.batch": {"parts": {"item": 1}}}}),
    "fork": (FORK, "stations.s", {"branches": ["a", "b", "c"], "kind": "half"}),
    "inspect": (PACKS, "stations.look", {"grades.*.share": {"": {"out": "50 %", "x": "50 %"}, "stations.look.to": {"out": OUT, "x": "other"}}}),
    "hold": (PACKS, "stations.rest", {"grades.*.share": {"": {"out": "50 %", "x": "50 %"}, "stations.rest.to": {"out": "final", "x": "other"}}}),
    "refurbish": (PACKS, "stations.refurb", {"grades.*.share": {"": {"out": "50 %", "x": "50 %"}, "stations.refurb.to": {"out": "rest", "x": "other"}}}),
    "final_test": (PACKS, "stations.final", {"grades.*.share": {"ok": "50 %", "rework": "25 %", "scrap": "25 %"}}),
    "capacity_test": (PACKS, "stations.grade", {"recipe": NOWHERE, "test_error": "9 %", "grades.*.share": {"": {"pass": "50 %", "x": "50 %"},
                      "stations.grade.to": {"pass": "halve", "x": "shred"}}}),
    "vision_triage": (PACKS, "stations.triage", {"models": "packs/none", "recipe": NOWHERE, "wrong_label": {"": "50 %", "stations.triage.changes_chemistry": "99 %", "stations.triage.second_life": {"LFP": "99 %", "other": "0 %"}},
                      "changes_chemistry": {"": "99 %", "stations.triage.wrong_label": "50 %"}, "damage_missed": "50 %", "false_alarm": "20 %",
                      "recipes": {"": "packs/dismantling", "stations.open.duration": "label.work"}, "soc_error": {"": "40 %", "stations.triage.recipes": "packs/dismantling", "stations.open.duration": "label.work"},
                      "soh_error": "9 %", "second_life.*.soh": {"LFP": "85 %", "other": "90 %"}}),
    "assay": (LAB, "stations.lab", {"spec": "specs/black_mass_lfp", "recipe": NOWHERE, "weighing": {"": "10 %", **WEIGHED}, "sampling": "40 %", "analysis": "40 %"}),
    "relithiate": (SHEETS, "stations.lab", {"recipe": NOWHERE, "recovery": "80 %", "least_purity": {"": "40 %", "sources.src.chemistry": MIX, "stations.lab.batch": {"mass": "800 kg"}},
                   "lithium_excess": 1, "water": 9}),
    "quarantine": (PACKS, "stations.quar", {"recipe": NOWHERE, "hot": "50 %"}),
    "pack_screen": (PACKS, "stations.screen", {"whole_above.*.soh": {"LFP": "90 %", "other": "90 %"}, "readable": "40 %", "reject": "20 %"}),
    "dismantle": (PACKS, "stations.open", {"into": {"": "cells", "stations.open.to": {"cells": "grade", "hardware": "cut"}}, "drain_coolant": {"": True, "stations.open.to": {"modules": "grade", "hardware": "cut",
                  "coolant": OUT}}, "models": "packs/none", "recipe": NOWHERE, "soh_spread": "9 %"}),
    "regen_discharge": (PACKS, "stations.regen", {"recipe": NOWHERE, "regeneration": "50 %", "rebound": "30 %"}),
    "salt_bath": (PACKS, "stations.bath", {"bleed": {"": False, "stations.bath.to": {"out": "open"}}, "recipe": NOWHERE, "salt": "8 kg/t", "water": "60 kg/t",
                  "soak": {"": "20 min", "stations.bath.duration": None}, "capacity": {"": "5 t", **SOAK, "stations.bath.capacity": "1 t"},
                  "slowdown": {"": 5, **SOAK}}),
    "cut_sort": (PACKS, "stations.cut", {"matrix": "partition/none", **rows("Al", "steel", "Cu", "electronics", "plastics", "residue")}),
    "shred": (PACKS, "stations.shred", {"vapour": "10 %", "dust": "1 %", "nitrogen": "50 Nm3/t"}),
    "pyrolyse": (PACKS, "stations.oven", {"matrix": "partition/none"}),
    "sorting_train": (PACKS, "stations.sort", {"matrix": "partition/mechanical", "after_pyrolysis": False, "residue_is_waste": False, "off_spec": "9 %",
                      **rows("black_mass", "Cu", "Al", "steel", "plastics", "residue", "offgas")}),
    "sieve": (PIECES, "stations.sieve", sorter(aperture="0.2 mm + 9 mm * assay.Al")),
    "magnet": (PIECES, "stations.magnet", sorter(belt_speed="3 m/s", rated_belt_speed="2 m/s", least_size="9 mm", **{"rows.*.magnetic": {"aluminium": {"size": "20 mm", "spread": 0.8, "magnetic": "9 %"}}})),
    "air_sort": (PIECES, "stations.air", sorter(air_speed="4 m/s", **{"rows.*.size": {"aluminium": {"size": "3 mm", "density": "2700 kg/m3"}},
                 "rows.*.spread": {"aluminium": {"size": "3 mm", "spread": 0.6, "density": "2700 kg/m3"}}, "rows.*.density": {"aluminium": {"size": "3 mm", "density": "900 kg/m3"}},
                 "rows.*.thickness": {"aluminium": {"size": "3 mm", "density": "2700 kg/m3", "thickness": "0.1 mm"}}})),
    "eddy_current": (PIECES, "stations.eddy", sorter(belt_speed="2 m/s", far_splitter=0.8, near_splitter=0.2, rated_belt_speed="2 m/s", half_size="3 mm", covered="20 %",
                     **{"rows.*.throw": {"aluminium": {"size": "3 mm", "throw": 0.5}}})),
    "offgas": (PACKS, "stations.stack", {"recipe": NOWHERE, "lime": 2, "removal": "50 %", "water": "300 kg/t", "excess_air": "50 %"}),
    "leach": (HYDROMET, "stations.leach", {"recipe": "recipes/leach_lfp", "oxide_extraction": "80 %", "phosphate_extraction": {"": "80 %", "sources.src.chemistry": {"LFP": "100 %"}, "stations.leach.recipe": "recipes/leach_lfp"},
              "phosphate_dissolution": {"": "50 %", "sources.src.chemistry": {"LFP": "100 %"}}, "aluminium_extraction": "50 %", "copper_extraction": "50 %",
              "fluoride_extraction": "50 %", "metal_reduction": "0 %", "acid": 1.5, "peroxide": 2, "peroxide_strength": "50 %", "solids": "150 kg/m3",
              "hydrogen_limit": "0.1 %"}),
    "filter_press": (HYDROMET, "stations.filter", {"recipe": "recipes/filter_lfp", "wash": 3, "moisture": "50 %", "wash_efficiency": "80 %",
                     "metal_removal": "50 %", "off_spec": "20 %"}),
    "purify": (HYDROMET, "stations.purify", {"recipe": NOWHERE, "iron": 2, "lime": 2, "fluoride_removal": "50 %", "base_strength": "50 %", "moisture": "50 %"}),
    "solvent_extraction": (HYDROMET, "stations.sx", {"recipe": NOWHERE, "base": 2.4, "strip": 2, "recovery": "90 %", "co_extraction": "5 %", "base_strength": "50 %",
                           "strip_metal": "70 kg/m3", "rate": {"": "2 m3/h", "stations.sx.duration": None}}),
    "crystallise": (HYDROMET, "stations.salts", {"recipe": NOWHERE, "mother_liquor": "30 %", "purge": "50 %", "moisture": "9 %", "off_spec": "20 %", "steam": 2,
                    "boiler_gas": "70 m3/t"}),
    "hydroxide": (HYDROMET, "stations.base", {"recipe": NOWHERE, "base": 2, "base_strength": "50 %", "moisture": "30 %"}),
    "evaporate": (HYDROMET, "stations.mvr", {"recipe": NOWHERE, "solute_rejection": "50 %", "rate": {"": "2 t/h", "stations.mvr.duration": None}, "lithium": "20 kg/m3",
                  "sodium_sulphate": "300 kg/m3", "entrainment": "20 %", "permeate": "50 %", "membrane_energy": "9 kWh/t", "steam": 0.1,
                  "boiler_gas": "70 m3/t"}),
    "precipitate": (HYDROMET, "stations.soda", {"recipe": NOWHERE, "soda": 2, "yield": "70 %", "moisture": "20 %", "washed": "50 %", "off_spec": "20 %"}),
    "wastewater": ({**HYDROMET, **SEWAGE}, "stations.water", {"recipe": NOWHERE, "reuse": "50 %", "sludge_moisture": "40 %", "solute_rejection": "50 %",
                   "rate": {"": "2 m3/h", "stations.water.duration": None}}),
    "pack": (PACKS, "sources.src", {"models": "packs/none", "model.*.share": {"": {"LFP_car": "50 %", "NMC811_car": "50 %"}, "sources.src.chemistry": None},
             "chemistry.*.share": {"LFP": "100 %"}, "shares": "count", "bill": "2023", "year": {"": 2030, "sources.src.bill": "by_vintage"}, "soh": "70 %",
             "soc": "70 %", "mass": "300 kg", "damaged": "20 %", "bms_dead": {"": "30 %", "stations.regen.to": {"done": [{"when":
             "label.bms_dead > 0.5", "to": "other"}, {"to": "open"}], "rebound": "bath"}},
             "youngest": {"": "5 yr", "sources.src.bill": "by_vintage"}, "oldest": {"": "5 yr", "sources.src.bill": "by_vintage"}}),
    "module": (pieces("module"), "sources.src", CELL),
    "cell": (pieces("cell"), "sources.src", CELL),
    "black_mass": (pieces("black_mass"), "sources.src", PIECE),
    "cathode_sheet": (pieces("cathode_sheet"), "sources.src", CELL),
}
