"""For every option of every command: words with which something else comes out than without them, or for which it is refused.

OPTIONS: command -> the words it begins with, and option -> option(words, context): both runs have the words of the context.
required=True: without it the command is refused.
REFUSED: whole command lines in which an option would say nothing.
SAME: options that are to change nothing but how long it takes.
"""

FILES = {
    "p.yaml": "name: press\nrun: {start: 2026-01-05, duration: 3 d, replications: 2}\nsources: {feed: {every: {exponential: 30 min}, to: press}}\n"
              "stations: {press: {duration: {exponential: 15 min}, calendar: day, fails: {jam: {every: {exponential: 10 h}, repair: 20 min}}, to: ok}}\nsinks: [ok]\n",
    "s.yaml": "scenario: p.yaml\ndecisions: {time: {path: stations.press.duration.exponential, values: [15 min, 26 min]}}\n"
              "replications: 3\nmaximise: plant.throughput\nselect: {indifference: 0.1/h, first: 5, budget: 200}\noptimise: {budget: 40, first: 2}\n",
    "other/calendars/day.yaml": "weekly: [\"Mon-Sun 10:00-12:00\"]\nsource: nobody\n",
    "other/calendars/odd.yaml": "weekly: [\"Mon-Sun 10:00-12:00\"]\n",
    "base.yaml": "run: {duration: 1 week}\nsources: {feed: {every: {exponential: 10 min}, to: press}}\n"
                 "stations: {press: {duration: 5 min, to: done}}\nsinks: [done]\n",
    "c.yaml": "run: {start: 2026-01-05, duration: 1 d}\nfactors: [grid]\nsources: {feed: {every: {exponential: 30 min}, to: press}}\n"
              "stations: {press: {duration: {exponential: 15 min}, calendar: day, power: 3 kW, to: ok}}\nsinks: [ok]\n",
    "sys/processes.csv": "process,unit\nelectricity,kWh\n",
    "sys/technosphere.csv": "process,input,amount\n",
    "sys/biosphere.csv": "process,flow,amount\nelectricity,CO2,0.1\n",
    "sys/weights.csv": "flow,kg_CO2e\nCO2,1\n",
    "m.yaml": "run: {start: 2026-01-05, duration: 3 d, replications: 2}\nsources: {feed: {every: {exponential: 30 min}, lot: pack, chemistry: {LFP: 100 %}, to: press}}\n"
              "compliance: {cu: {rule: eu_2023_1542.recovery_Cu, out: {all: [ok]}, in: {all: [feed]}}}\nprices: {power: {flow: electricity, value: 1 CNY/kWh, source: x}}\n"
              "stations: {press: {duration: {exponential: 15 min}, calendar: day, power: 3 kW, to: {ok: 60 %, bad: 40 %}}}\nsinks: {ok: product, bad: waste}\n",
    "library/factors/grid.yaml": "factors: {grid: {flow: electricity, value: 0.6 kg CO2e/kWh, scope: 2, source: nobody}}\n",
    "states.csv": "Machine,State,Start,End,Energy\n" + "".join(
        f"press,{state},2026-01-{5 + day:02} {start},2026-01-{5 + day:02} {end},{energy + 10 * day}\n"
        for day in range(6) for state, start, end, energy in [
            ("Working", "08:00:00", "09:00:00", 36000), ("Idle", "09:00:00", "09:30:00", 1800),
            ("Working", "09:30:00", f"11:{day:02}:00", 55000), ("Down", f"11:{day:02}:00", "11:20:00", 0),
            ("Working", "11:20:00", "13:00:00", 60000), ("Setup", "13:00:00", "13:10:00", 1200),
            ("Working", "13:10:00", "14:00:00", 30000), ("Stopped", "14:00:00", "14:30:00", 0)]),
    "meters.csv": "time,power\n" + "".join(f"2026-01-05 {h:02}:{m:02}:00,{9 + h % 3}\n" for h in range(8, 14) for m in (0, 30)),
    "mass.csv": "time,mass\n" + "".join(f"2026-01-05 {h:02}:{m:02}:00,{100 + h}\n" for h in range(8, 14) for m in (0, 30)),
    "used.csv": "stream,from,to,measured [t],sd [t]\nin,feed,press,10.2,0.2\nout,press,ok,6,0.2\nrest,press,bad,4.4,0.1\n",
    "assays.csv": "stream,component,fraction [%],sd [%]\nin,Cu,10,1\nout,Cu,9,1\n",
    "energies.csv": "station,energy [kWh],sd [kWh],start,end,working [h]\npress,30,1,2026-01-05 08:00:00,2026-01-05 18:00:00,9\n",
    "timeless.csv": "station,energy [kWh],sd [kWh],start,end\npress,30,1,2026-01-05 08:00:00,2026-01-05 14:00:00\n",
    "flows.csv": "stream,from,to,measured [t/h],sd [t/h]\nfeed,,a,10.2,0.2\nx,a,,8.9,0.2\ny,a,,1.9,0.1\n",
    "log.csv": "case,activity,resource,start,end,made,good,rejected,energy [kWh],mass [kg],who,from,till,grade,pieces\n" + "".join(
        f"c{c},{a},m{c % 2},2026-01-{5 + c // 8:02} {8 + c % 8:02}:{at:02}:00,2026-01-{5 + c // 8:02} {8 + c % 8:02}:{at + 5 + c % 4 + (9 if a == 'cut' and c > 60 else 0):02}:00,10,"
        f"{9 + c % 2},{1 - c % 2},{3 + c % 5 + 2 * (c > 60)},{50 + c % 7},w{c % 3},2026-01-{5 + c // 8:02} {8 + c % 8:02}:{at + 1:02}:00,"
        f"2026-01-{5 + c // 8:02} {8 + c % 8:02}:{at + 6 + c % 3:02}:00,{'ab'[c % 2]},{c % 4 + 1}\n"
        for c in range(96) for a, at in (("cut", 5), ("weld", 25))),
    # Two at a time for each case, told apart by the resource.
    "rows.csv": "case,activity,time,moment,what,how,resource,who\n" + "".join(
        f"c{c},cut,2026-01-{5 + c // 8:02} {8 + c % 8:02}:{m:02}:00,2026-01-{5 + c // 8:02} {8 + c % 8:02}:{m + 1 + (c % 3 if m > 7 else 0):02}:00,"
        f"{w},{v},{by},all\n"
        for c in range(96) for m, w, v, by in ((5, "start", "complete", "m1"), (6, "start", "complete", "m2"),
                                               (8 + c % 3, "complete", "start", "m2"), (20 + 9 * (c > 60), "complete", "start", "m1"))),
}
# Made once with the program itself.
MADE = [
    "run p.yaml --duration 1week --log p.csv",
    "run p.yaml --save p.state",
    "run p.yaml --outcomes tasks.jsonl",
    "run c.yaml --duration 2d --ledger c.ledger",
    "run m.yaml --duration 2d --ledger m.ledger",
    "run {root}/scenarios/plants/pallets.yaml --log line.csv",
    "regress p.yaml --baseline kept --update --replications 3",
    "regress p.yaml --baseline kept2 --update --replications 2",
    "calibrate --discover line.csv -o line/cal.yaml",
    "calibrate --discover log.csv --train 2/3 -o cal.yaml",
    "calibrate --discover rows.csv -o rows.yaml",
    "sweep s.yaml --shard 1/2 --results s1.sqlite",
]


def option(words, context="", **more):
    return {"words": words, "context": context, **more}


LINE = "line/cal_line.yaml line.csv --every 5min --replications 2"
RUN_SETTINGS = {"--seed": option("--seed 2"), "--replications": option("--replications 3"),
                "--precision": option("--precision 5%", "--replications auto --max-replications 12"),
                "--max-replications": option("--max-replications 12", "--replications auto --precision 0.001%"), "--duration": option("--duration 4d"),
                "--warmup": option("--warmup 1d")}
SCENARIO = {"--set": option("--set stations.press.duration=16min"), "--library": option("--library other")}
COLUMNS = {  # what logs have
           "--lot": option("--lot who"), "--activity": option("--activity grade"), "--resource": option("--resource who"),
           "--start": option("--start from"), "--end": option("--end till"), "--reader": option("--reader xes"),
           "--time-format": option("--time-format %d.%m.%Y"), "--time-unit": option("--time-unit ms")}
ROWS = {"--stamp": "--stamp moment", "--lifecycle": "--lifecycle how", "--resource": "--resource who"}
MACHINE = {"--machine": option("--machine State"), "--state": option("--state Machine"),
           "--meters": option("--meters meters.csv --meter-unit kW"),
           "--meter-unit": option("--meter-unit MW", "--meters meters.csv"),
           "--mass": option("--mass mass.csv --mass-unit kg"),
           "--mass-unit": option("--mass-unit t", "--mass mass.csv"),
           "--energy-unit": option("--energy-unit kJ")}

OPTIONS = {
    "run": ("p.yaml", {**SCENARIO, **RUN_SETTINGS,
                       "--out": option("--out o"), "--trace": option("--trace t.csv"), "--states": option("--states t.json"), "--log": option("--log l.csv"),
                       "--save": option("--save s.state"), "--from": option("--from p.state"),
                       "--log-state": option("--log-state line.csv", begin="line/cal_line.yaml"),
                       "--state-at": option('--state-at "2026-01-05 00:10:00"', "--log-state line.csv", begin="line/cal_line.yaml"),
                       "--performance": option("--performance speed.json"), "--format": option("--format csv"),
                       "--table": option("--table stations"), "--outcomes": option("--outcomes t.jsonl"), "--series": option("--series s.csv"), "--ledger": option("--ledger l.ledger"),
                       "--every": option("--every 2h", "--series s.csv"), "--verdict": option("--verdict"), "--report": option("--report r.html"),
                       "--replay": option("--replay 2h", "--report r.html")}),
    "compare": ("p.yaml --variant-set stations.press.duration=14min",
                {**SCENARIO, **RUN_SETTINGS, "--precision": option("--precision 50%", "--set run.replications=auto"),
                 "--max-replications": option("--max-replications 12", "--set run.replications=auto --precision 0.001%"), "--variant-set": option("--variant-set stations.press.duration=16min"), "--replications": option("--replications 3"),
                 "--fail-if": option('--fail-if "products < -50 %"'), "--out": option("--out o"), "--report": option("--report r.html"), "--replay": option("--replay 2h", "--report r.html"),
                 "--format": option("--format csv")}),
    "regress": ("p.yaml --baseline kept", {"--baseline": option("--baseline kept2", begin="p.yaml", required=True), "--update": option("--update"),
                "--margin": option("--margin plant.wip=5%"), "--seed": option("--seed 2"), "--replications": option("--replications 2"),
                "--junit": option("--junit j.xml"), "--library": option("--library other"), "--format": option("--format csv")}),
    "task": ("tasks.jsonl", {"--only": option("--only 1")}),
    "sweep": ("s.yaml", {**SCENARIO, "--shard": option("--shard 1/2"), "--results": option("--results r.sqlite"), "--out": option("--out o"), "--report": option("--report r.html"),
                         "--format": option("--format csv")}),
    "select": ("s.yaml", {**SCENARIO, "--results": option("--results r.sqlite"), "--out": option("--out o"), "--report": option("--report r.html"), "--format": option("--format csv")}),
    "optimise": ("s.yaml", {**SCENARIO, "--results": option("--results r.sqlite"), "--out": option("--out o"), "--report": option("--report r.html"), "--format": option("--format csv")}),
    "merge": ("s.yaml s1.sqlite", {**SCENARIO, "--results": option("--results r.sqlite"), "--out": option("--out o"), "--report": option("--report r.html"), "--format": option("--format csv")}),
    "check": ("p.yaml", {**SCENARIO, **{k: v for k, v in RUN_SETTINGS.items() if k != "--warmup"}, "--seed": option("--seed 2"),
                         "--warmup": option("--warmup 4d")}),
    "draw": ("p.yaml", {**SCENARIO, "--run": option("--run"), "--output": option("--output d.dot"),
                        **{k: option(v["words"], "--run") for k, v in RUN_SETTINGS.items()}}),
    "bottleneck": ("p.yaml --replications 4", {**SCENARIO, "--seed": option("--seed 2"), "--replications": option("--replications 3", begin="p.yaml"),
                                               "--format": option("--format json"), "--report": option("--report r.html")}),
    "carbon": ("c.yaml", {"--set": option("--set stations.press.duration=16min"), "--library": option("--library other"),
                          "--seed": option("--seed 2"), "--duration": option("--duration 2d"), "--ledger": option("--ledger c.ledger"),
                          "--battery": option("--battery ac0f5c399264dc4b"), "--product": option("--product ac0f5c399264dc4b"),
                          "--background": option("--background sys"),
                          "--format": option("--format csv"), "--table": option("--table products"), "--report": option("--report r.html")}),
    "balance": ("m.yaml", {**SCENARIO, **RUN_SETTINGS, "--precision": option("--precision 90%", "--replications auto --max-replications 12"), "--format": option("--format csv")}),
    "comply": ("m.yaml", {**SCENARIO, **RUN_SETTINGS, "--precision": option("--precision 90%", "--replications auto --max-replications 12"), "--date": option("--date 2032-01-01"), "--fail": option("--fail"), "--format": option("--format csv")}),
    "cost": ("m.yaml", {**SCENARIO, **RUN_SETTINGS, "--precision": option("--precision 90%", "--replications auto --max-replications 12"), "--prices": option("--prices"),
                      "--ledger": option("--ledger m.ledger"), "--table": option("--table products"), "--format": option("--format csv")}),
    "calibrate": ("--discover log.csv", {**COLUMNS, "--discover": option("--discover", begin="log.csv"),
                  **{k: option(v, begin="--discover rows.csv") for k, v in ROWS.items()},
                  "--quantity": option("--quantity pieces"), "--attribute": option("--attribute grade"),
                  "--train": option("--train 1/2"), "--window": option("--window dropped"), "--out": option("--out x.yaml"),
                  "--library": option("--library other", begin="p.yaml p.csv"),
                  "--draws": option("--draws 2", begin="p.yaml p.csv"), "--seed": option("--seed 2", "--draws 2", begin="p.yaml p.csv"),
                  "--states": option("--states states.csv", begin="p.yaml p.csv"), "--flows": option("--flows used.csv", begin="m.yaml --meters energies.csv"),
                  "--assays": option("--assays assays.csv", begin="m.yaml --flows used.csv"), "--meters": option("--meters energies.csv", begin="m.yaml --flows used.csv"),
                  "--state-at": option('--state-at "2026-01-05 00:10:00"', begin="--discover line.csv")}),
    "validate": ("cal.yaml log.csv --draws 2 --replications 3", {**COLUMNS, "--report": option("--report r.html"),
                 **{k: option(v, begin="rows.yaml rows.csv --draws 2 --replications 3") for k, v in ROWS.items()},
                 "--test": option("--test 1/4"), "--past": option("--past p.csv"),
                 "--replications": option("--replications 4", begin="cal.yaml log.csv --draws 2"),
                 "--draws": option("--draws 3", begin="cal.yaml log.csv --replications 3"),
                 "--seed": option("--seed 9"), "--acceptable": option("--acceptable 50%"), "--window": option("--window cut"),
                 "--uncertainty": option("--uncertainty"), "--format": option("--format json"),
                 "--every": option("--every 4min", begin=LINE.replace("--every 5min ", "")),
                 "--from": option('--from "2026-01-05 00:20:00"', begin=LINE),
                 "--tolerance": option("--tolerance 2s", begin=LINE)}),
    "distances": ("log.csv p.csv", {**{k: v for k, v in COLUMNS.items() if k != "--resource"},
                  **{k: option(f"{k} nowhere") for k in ("--activity", "--start", "--end")},  # another column is as far from p.csv
                  **{k: option(v, begin="rows.csv p.csv") for k, v in ROWS.items() if k != "--resource"},
                  "--zone": option("--zone 10"), "--format": option("--format json")}),
    "reconcile": ("flows.csv", {"--alpha": option("--alpha 0.01"), "--format": option("--format json")}),
    "machines": ("states.csv", {**MACHINE, "--start": option("--start End"), "--end": option("--end Start"), "--energy": option("--energy -"),
                 "--out": option("--out m.yaml"), "--extends": option("--extends base.yaml", "--out m.yaml"),
                 "--format": option("--format json")}),
    "drift": ("log.csv", {**COLUMNS, **{k: option(v, begin="rows.csv") for k, v in ROWS.items()},
              "--resource": option("--resource who"), "--states": option("--states states.csv"), **MACHINE,
              "--rejected": option("--rejected -"), "--good": option("--good pieces", "--rejected - --made made"),
              "--made": option("--made pieces", "--rejected - --good good"),
              "--energy": option("--energy -"), "--weight": option("--weight made", "--level 99%"), "--reference": option("--reference 1/2"),
              "--level": option("--level 20%"), "--format": option("--format json")}),
    "new": ("n.yaml", {"--template": option("--template recycling")}),
    "list": ("", {"--library": option("--library other")}),
    "explain": ("", {}),
    "schema": ("", {}),
}
# The classes of states of machines and drift: what a state is taken for.
for command, begin in (("machines", "states.csv --energy-unit kJ"), ("drift", "--states states.csv --energy-unit kJ")):
    for flag in ("--working", "--idle", "--setup", "--planned", "--jam", "--failure"):
        OPTIONS[command][1][flag] = option(f"{flag} Stopped", begin=begin)
    for flag, one in MACHINE.items():
        OPTIONS[command][1][flag] = {**one, "begin": begin.split(" --energy")[0]}

SAME = {("run", "--jobs"), ("bottleneck", "--jobs"), ("comply", "--jobs"), ("cost", "--jobs"), ("balance", "--jobs"), ("task", "--jobs"), ("compare", "--jobs"), ("regress", "--jobs"), ("validate", "--jobs"),
        ("sweep", "--jobs"), ("select", "--jobs"), ("optimise", "--jobs"), ("merge", "--jobs")}

REFUSED = [
    "compare p.yaml",
    "regress p.yaml --baseline kept --update --junit j.xml",
    "regress p.yaml --baseline kept --update --format csv",
    "run p.yaml --state-at 2026-01-05",
    "run p.yaml --every 2h",
    "run p.yaml --replay 2h",
    "compare p.yaml --variant-set stations.press.duration=14min --replay 2h",
    "run p.yaml --from p.state --warmup 1d",
    "run p.yaml --from p.state --log-state line.csv",
    "run line/cal_line.yaml --log-state line.csv --outcomes t.jsonl",
    "run p.yaml --warmup 1d --set run.terminating=true",
    "run p.yaml --verdict --from p.state",
    "run p.yaml --verdict --table stations",
    "run p.yaml --verdict --format csv",
    "run line/cal_line.yaml --verdict --log-state line.csv",
    "carbon c.yaml --ledger c.ledger --seed 2",
    "cost m.yaml --ledger m.ledger --seed 2",
    "cost m.yaml --table products --replications 3",
    "carbon c.yaml --ledger c.ledger --duration 2d",
    "carbon c.yaml --battery 1 --product 2",
    "carbon c.yaml --table items",
    "carbon c.yaml --background sys --battery 1",
    "carbon c.yaml --background sys --table batteries",
    "carbon c.yaml --table processes",
    "comply m.yaml --date soon",
    "comply p.yaml",
    "cost p.yaml",
    "balance p.yaml",
    "bottleneck p.yaml --replications 1",
    "sweep s.yaml --shard 3/2",
    "sweep s.yaml --shard 0/2",
    "sweep s.yaml --shard 2",
    "sweep p.yaml",
    "merge s.yaml",
    "check p.yaml --warmup 1d --set run.terminating=true",
    "draw p.yaml --replications 2",
    "draw p.yaml --warmup 1d",
    "calibrate --discover log.csv --draws 2",
    "calibrate --discover log.csv --seed 2",
    "calibrate --discover log.csv --library other",
    "calibrate --discover log.csv --states states.csv",
    "calibrate --discover log.csv --flows used.csv",
    "calibrate --discover log.csv --meters energies.csv",
    "calibrate --discover log.csv --assays assays.csv",
    "calibrate m.yaml",
    "calibrate m.yaml --assays assays.csv",
    "calibrate m.yaml --flows used.csv --states states.csv",
    "calibrate m.yaml --flows used.csv --lot who",
    "calibrate p.yaml p.csv --seed 2",
    "calibrate p.yaml p.csv --train 1/2",
    "calibrate p.yaml p.csv --state-at 2026-01-05",
    "calibrate p.yaml p.csv --window cut",
    "validate cal.yaml log.csv --past p.csv --test 1/2",
    "validate cal.yaml log.csv --every 5min",
    "validate cal.yaml log.csv --from 2026-01-05",
    "validate cal.yaml log.csv --tolerance 5s",
    *[f"validate {LINE} {words}" for words in ("--test 1/2", "--past p.csv", "--draws 3", "--acceptable 5%", "--window cut",
                                                    "--uncertainty")],
    "machines states.csv --meter-unit kW",
    "machines states.csv --mass-unit kg",
    "machines states.csv --extends base.yaml",
    "drift log.csv --meters meters.csv",
    "drift log.csv --meter-unit kW",
    "drift log.csv --machine who",
    "drift log.csv --failure Stopped",
    "drift --states states.csv --reference 1/2",
    "drift --states states.csv --lot who",
    "drift --states states.csv --reader csv",
    "drift --states states.csv --good who",
]
