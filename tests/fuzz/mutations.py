"""Mutations of what people give to the program, by number: small changes of files, and kinds of files with the commands that read them."""
import hashlib
import pathlib
import random
import re
import struct

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCENARIOS = ROOT / "scenarios"
NUMBERS = ["0", "-1", "1", "1e-12", "1e-300", "1e18", "1e20", "1e300", "1e308", "1e999", "nan", "inf", "-inf", "4294967295", "4294967296",
           "9999999999999999", "0.5", "100", "101", "1000000000", "-0", "0x10", "1,5", "1e-9"]
WORDS = ["", "''", "~", "[]", "{}", "true", "unlimited", "nowhere", "\"\"", "a b", "*x", "- - -", "\u00e4\u4e2d\U0001f50b", "2026-13-45",
         "electricity", "kind", "mass", "always", "Mon-Sun 00:00-24:00", "[1, 2, 3]", "{a: 1}", "{exponential: 0 s}", "x" * 3000]
UNITS = ["s", "h", "weeks", "kg", "t/h", "%", "kW", "m", "m3", "kWh/kg", "1/h", ""]
STAMPS = ["1e300", "1900-01-01 00:00:00", "9999-12-31T23:59:59Z", "0001-01-01", "-5", "1970-01-01", "2026-02-30", "1e17", "nan", "", "inf",
          "2026-01-05 08:00", "45000.5", "20260105080000", "2100-01-01"]
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])")
STAMP = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|\+00:00)?")
WORD = re.compile(r"[A-Za-z_][\w.]*")


def replace(text, match, new):
    return text[:match.start()] + new + text[match.end():]


def mutate_text(rng, text):
    """One small change that keeps the shape of the text: a number, a word, a unit, a line, a stamp."""
    lines = text.split("\n")
    what = rng.randrange(9)
    if what <= 2 and (found := list(NUMBER.finditer(text))):
        match = rng.choice(found)
        new = rng.choice(NUMBERS) if rng.random() < 0.8 else str(float(match.group()) * 10 ** rng.randrange(-9, 10))
        return replace(text, match, new)
    if what == 3 and (found := list(WORD.finditer(text))):
        return replace(text, rng.choice(found), rng.choice(found).group())
    if what == 4 and (found := list(WORD.finditer(text))):
        return replace(text, rng.choice(found), rng.choice(WORDS + UNITS))
    if what == 5:
        del lines[rng.randrange(len(lines))]
    elif what == 6:
        lines.insert(rng.randrange(len(lines)), rng.choice(lines))
    elif what == 7 and (found := list(STAMP.finditer(text))):
        return replace(text, rng.choice(found), rng.choice(STAMPS))
    elif what == 7:
        k = rng.randrange(len(lines))
        key, colon, _ = lines[k].partition(": ")
        lines[k] = key + colon + rng.choice(WORDS + NUMBERS)
    else:
        at = rng.randrange(len(text) + 1)
        return text[:at] + rng.choice(["\0", "\t", "\x1b", "'", '"', "{", "]", ":", "\n", ",", ";", "%", "\ufeff", "\u202e"]) + text[at + rng.randrange(3):]
    return "\n".join(lines)


def mutated(rng, text):
    for _ in range(1 + (rng.random() < 0.4) + (rng.random() < 0.2)):
        text = mutate_text(rng, text)
    return text


def mutate_words(rng, data):
    """A saved state with other words and a checksum that fits."""
    data = bytearray(data[:-64])
    begin = 24 + struct.unpack_from("<Q", data, 16)[0]
    for _ in range(1 + rng.randrange(3)):
        size = rng.choice([1, 4, 8])
        at = begin + rng.randrange((len(data) - begin - 8) // size) * size if rng.random() < 0.95 else 24 + rng.randrange(begin - 24)
        old = int.from_bytes(data[at:at + size], "little")
        new = rng.choice([0, -1, old + 1, old - 1, old ^ 1 << rng.randrange(8 * size), rng.randrange(256), rng.getrandbits(64),
                          0x7ff8 << 48, 0x7ff0 << 48, 0x80000000, struct.unpack("<Q", struct.pack("<d", 1e300))[0]])
        data[at:at + size] = (new & ((1 << 8 * size) - 1)).to_bytes(size, "little")
    return bytes(data) + hashlib.sha256(data).hexdigest().encode()


def mutate_bytes(rng, data):
    """Bytes of a file that is no text, and texts within it."""
    data = bytearray(data)
    for _ in range(1 + rng.randrange(4)):
        at = rng.randrange(len(data))
        what = rng.randrange(4)
        if what == 0:
            data[at] = rng.randrange(256)
        elif what == 1:
            del data[at:at + rng.randrange(1, 50)]
        elif what == 2 and (found := list(re.finditer(rb"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", bytes(data)))):
            match = rng.choice(found)
            data[match.start():match.end()] = rng.choice([b"9999-12-31T23:59:59", b"1900-01-01T00:00:00", b"2026-99-99T00:00:00", b"0000000000000000000"])
        else:
            data[at:at] = data[at:at + rng.randrange(1, 30)]
    return bytes(data)


PLAN_TABLE = """plan,step,at,after,duration [s],load [kg]
p0,cut,press,,30,2
p0,bend,press,cut,60,
p1,cut,press,,,1
"""
PLAN_PLANT = """run: {duration: 1 week}
plan_table: plans.csv
attributes: {load: {unit: kg}}
sources: {f: {every: 10 min, attributes: {plan: {p0: 40 %, p1: 60 %}, load: 1 kg}, to: desk}}
stations:
  desk: {unit: plan, to: done}
  press: {duration: 5 min, servers: 2, to: desk}
sinks: [done]
"""
TRACE = "time [h],size\n0,1\n0.5,3\n2,2\n7.25,9\n"
TRACE_PLANT = """run: {duration: 2 d, terminating: true}
attributes: {size: {}}
sources: {f: {trace: trace.csv, repeat: 1 d, to: press}}
stations:
  press: {duration: "1 min + 30 s * size", buffer: 3, to: done}
sinks: [done]
"""
BLOCKS = "block,day,weight,time [h]\na,Mon-Fri,1,8\na,Mon-Fri,1,9.5\nb,Mon-Fri,2,10\nc,Sat,1,\n"
BLOCK_PLANT = """run: {duration: 2 weeks, terminating: true}
sources: {f: {blocks: blocks.csv, to: press}}
stations: {press: {duration: 5 min, to: done}}
sinks: [done]
"""
STATES = """machine,state,start,end,energy [kJ]
P1,working,2026-01-05 08:00:00,2026-01-05 10:00:00,7200
P1,down,2026-01-05 10:00:00,2026-01-05 10:30:00,100
P1,working,2026-01-05 10:30:00,2026-01-05 12:00:00,5000
P1,idle,2026-01-05 12:00:00,2026-01-05 13:00:00,300
P2,working,2026-01-05 08:00:00,2026-01-05 11:00:00,9000
P2,setup,2026-01-05 11:00:00,2026-01-05 11:20:00,60
P2,working,2026-01-05 11:20:00,2026-01-05 13:00:00,6100
"""
METERS = "time,machine,power [kW]\n" + "".join(
    f"2026-01-05 {8 + k // 4:02}:{15 * (k % 4):02}:00,{m},{v}\n" for k in range(20) for m, v in (("P1", 1 + k % 3), ("P2", 2 - k % 2)))
MEASURED = {
    "flows.csv": "stream;from;to;port;flow;measured;sd\nin;;shred;;;10 t;0,1 t\nfeed;shred;sort;;;9,9 t;1 %\nbm;sort;black_mass;;;5 t;1 %\ncu;sort;copper;;;1,4 t;1 %\n"
                 "al;sort;aluminium;;;1,1 t;2 %\nst;sort;steel;;;0,8 t;2 %\nrest;sort;residue;;;;\ngas;sort;stack;offgas;;0,9 t;5 %\ndust;shred;filter;dust;;;\nn2;;shred;;nitrogen;400 m3;2 %\n",
    "assays.csv": "stream,component,fraction [%],sd [%]\nfeed,Cu,13,0.3\nbm,Cu,1.2,0.1\ncu,Cu,88,1\nal,Cu,3,0.3\nst,Cu,0.5,0.1\nrest,Cu,3,\nrest,Cu,3.2,\nfeed,Al,10,0.3\nal,Al,90,1\n",
    "meters.csv": "station,energy [kWh],sd [kWh],working [h],idle [h],start,end\nshred,900,9,9,1,,\nshred,500,9,5,5,,\nsort,700,7,6,2,2026-01-05 08:00:00,2026-01-05 16:00:00\n",
}
FLOWS = """stream,from,to,measured,sd
feed,,shredder,10,0.2
cells,shredder,sorter,8.9,0.2
dust,shredder,,1.2,0.1
steel,sorter,,1.6,0.1
mass,sorter,,7.4,0.3
"""
# How long a plant is run: what a few hundred jobs take, but the large plant, whose first lots are through all of it after days.
RUN_FOR = {"pallets": "30 min", "qingdao": "6 h", "line": "6 h", "demo": "12 h", "mm1": "12 h"}


LIMITED = ["--set", "run.most_events=1e5"]  # a duration or a rate may be large and legal: the budget of events ends such a run


def short(plant, days="2 d"):
    return ["--replications", "1", "--duration", RUN_FOR.get(plant.stem, days), "--warmup", "0 s", *LIMITED]


class Bases:
    """The unmutated files, made once: logs and states by the program itself, which `call(words)` runs."""

    def __init__(self, call, folder):
        self.plants = sorted(p for p in SCENARIOS.glob("plants/*.yaml") if p.stem != "qingdao_shared")
        self.variants = sorted([*SCENARIOS.glob("what-if/*.yaml"), SCENARIOS / "plants/qingdao_shared.yaml"])
        self.library = sorted(p for p in (SCENARIOS / "library").rglob("*.yaml"))
        job_shop, line = SCENARIOS / "plants/job_shop.yaml", SCENARIOS / "plants/line.yaml"

        def made(name, *words):
            call(["run", *map(str, words), str(folder / name)])
            return (folder / name).read_bytes()

        self.states = [(p, made(f"{p.stem}.state", p, *short(p), "--save")) for p in self.plants]
        self.weights = [0.1 if p.stem == "qingdao" else 1 for p in self.plants]
        self.logs = [(ending, made(f"log.{ending}", job_shop, "--replications", "1", "--duration", "6 h", "--warmup", "0 s", "--log"))
                     for ending in ("csv", "xes", "json", "sqlite")]
        self.line_log = made("line_log.csv", line, "--replications", "1", "--duration", "12 min", "--warmup", "0 s", "--log").decode()


def write(path, text):
    path.write_text(text, encoding="utf-8", errors="surrogateescape")


# --- kinds: each writes its mutated files into a folder and returns the command lines to run there

def scenario(rng, bases, folder):
    plant = rng.choice(bases.plants)
    write(folder / "x.yaml", mutated(rng, plant.read_text()))
    large = plant.stem in ("qingdao", "demo")
    form = rng.choice(["json", "csv", "table"])
    return [["check", "x.yaml", *(short(plant) if large else LIMITED)],
            ["run", "x.yaml", *short(plant), "--format", form, "--trace", "t.csv", "--log", rng.choice(["l.csv", "l.xes", "l.json", "l.sqlite"])]]


def what_if(rng, bases, folder):
    variant = rng.choice(bases.variants)
    text = mutated(rng, variant.read_text())
    for plant in [*bases.plants, SCENARIOS / "plants/qingdao_shared.yaml"]:
        text = text.replace(f"extends: ../plants/{plant.name}", f"extends: {plant}").replace(f"extends: {plant.name}", f"extends: {plant}")
    write(folder / "x.yaml", text)
    return [[rng.choice(["check", "run"]), "x.yaml", "--replications", "1", "--duration", "1 h", "--warmup", "0 s", *LIMITED]]


def fields_of(text):
    """Paths of the values of a scenario, each with the unit of what stands there: block maps by their indent, flow maps by their braces."""
    outer, found = [], []
    for line in text.split("\n"):
        if not (match := re.match(r"( *)(\w+): *(.*)", line)):
            continue
        outer = outer[:len(match.group(1)) // 2] + [match.group(2)]
        inner = []
        for key, brace, value in re.findall(r"(?:(\w+): *)?(?:([{}])|([^\s,{}][^,{}]*))", match.group(3)):
            if brace == "{":
                inner.append(key)
            elif brace == "}":
                inner = inner[:-1]
            else:
                path = ".".join(k for k in [*outer, *inner, key] if k)
                found.append((path, (re.match(r"[-\d.]+ ?([A-Za-z%][\w/%]*)", value) or [""] * 2)[1]))
    return found


def override(rng, bases, folder):
    """A value of a field that the plant gives, or of the run: often of the right dimension."""
    plant = rng.choice(bases.plants)
    given = fields_of(plant.read_text())
    path, unit = rng.choice(given)
    if rng.random() < 0.4:
        path, unit = rng.choice([("run.duration", "d"), ("run.warmup", "h"), ("run.replications", ""), ("run.seed", ""), ("run.confidence", "%")])
    value = f"{rng.choice(NUMBERS)} {unit}".strip() if rng.random() < 0.7 else rng.choice(WORDS + [f"{n} {u}" for n in NUMBERS[:12] for u in UNITS])
    words = short(plant)
    settings = [word for k, word in enumerate(words) if path != "run." + words[k // 2 * 2].strip("-")]
    setting = ["--set", f"{path}={value}"]
    return [rng.choice([["check", str(plant), *settings, *setting], ["draw", str(plant), *LIMITED, *setting]]),
            ["run", str(plant), *settings, *setting, "--format", "csv"]]


def library(rng, bases, folder):
    document = rng.choice(bases.library)
    there = folder / "lib" / document.relative_to(SCENARIOS / "library")
    there.parent.mkdir(parents=True)
    write(there, mutated(rng, document.read_text()))
    return [["run", str(SCENARIOS / "plants/qingdao.yaml"), "--library", "lib", *short(SCENARIOS / "plants/qingdao.yaml"), "--format", "json"]]


def state(rng, bases, folder):
    plant, data = rng.choices(bases.states, bases.weights)[0]
    (folder / "x.state").write_bytes(mutate_words(rng, data))
    other = rng.choices(bases.states, bases.weights)[0][0] if rng.random() < 0.1 else plant
    return [["run", str(other), "--from", "x.state", "--replications", "1", "--duration", RUN_FOR.get(other.stem, "1 d"), *LIMITED, "--format", "json"]]


def log(rng, bases, folder):
    ending, data = rng.choice(bases.logs)
    name = "x." + ending
    if ending == "sqlite":
        (folder / name).write_bytes(mutate_bytes(rng, data))
    else:
        write(folder / name, mutated(rng, data.decode()))
    (folder / "whole.csv").write_bytes(bases.logs[0][1])
    return [["calibrate", "--discover", name, "-o", "c.yaml"], rng.choice([["drift", name], ["distances", "whole.csv", name]])]


def line_log(rng, bases, folder):
    line = SCENARIOS / "plants/line.yaml"
    write(folder / "x.csv", mutated(rng, bases.line_log))
    return [["calibrate", str(line), "x.csv", "-o", "c.yaml"],
            ["run", str(line), "--replications", "1", "--duration", "10 min", "--log-state", "x.csv", *LIMITED]]


def machines(rng, bases, folder):
    states, meters = STATES, METERS
    if rng.random() < 0.5:
        states = mutated(rng, states)
    else:
        meters = mutated(rng, meters)
    write(folder / "s.csv", states)
    write(folder / "m.csv", meters)
    return [["machines", "s.csv", "--meters", "m.csv"], ["drift", "--states", "s.csv"]]


def reconcile(rng, bases, folder):
    write(folder / "f.csv", mutated(rng, FLOWS))
    return [["reconcile", "f.csv"]]


def measured(rng, bases, folder):
    """Flows, analyses and meters of a given plant."""
    broken = rng.choice(sorted(MEASURED))
    for name, text in MEASURED.items():
        write(folder / name, mutated(rng, text) if name == broken else text)
    return [["calibrate", str(SCENARIOS / "plants/demo.yaml"), "--flows", "flows.csv", "--assays", "assays.csv", "--meters", "meters.csv", "-o", "c.yaml"]]


def table(rng, bases, folder):
    name, plant, content = rng.choice([("plans.csv", PLAN_PLANT, PLAN_TABLE), ("trace.csv", TRACE_PLANT, TRACE), ("blocks.csv", BLOCK_PLANT, BLOCKS)])
    if rng.random() < 0.75:
        content = mutated(rng, content)
    else:
        plant = mutated(rng, plant)
    write(folder / "x.yaml", plant)
    write(folder / name, content)
    return [["run", "x.yaml", "--replications", "1", *LIMITED, "--format", "json"]]


ACCOUNTS = {
    "x.yaml": """name: accounts
run: {start: 2026-01-05, duration: 2 d, warmup: 0 s, replications: 1}
factors: [mine]
functional_units: {fed: {of: [feed]}}
attributes: {charge: {unit: kWh}}
sources: {feed: {lot: cell, chemistry: {NMC622: 60 %, LFP: 40 %}, mass: 1 kg, every: 1 h, attributes: {charge: 0.2 kWh}, consumes: {road: {per_mass: 250 km}}, to: lab}}
stations:
  lab: {unit: assay, spec: specs/mine, duration: 20 min, sampling: 5 %, group: quality, power: 1 kW, to: {on_spec: press, off_spec: back}}
  press: {duration: 30 min, group: line, power: 2 kW, idle_power: 100 W, to: [{when: assay.Cu > 15 %, to: back}, {to: done}]}
sinks: {done: {spec: specs/mine, displaces: {value: 5 kg CO2e/kg, quality: 80 %, A: 20 %}}, back: {role: waste, elements: {waste_carbon: C}}}
stocks: {held: {of: charge, unit: kWh, every: 1 h, most: 1 kWh}, copper: {components: {Cu: 100 %}, stations: [press], every: 30 min}}
electricity: {supplies: {roof: {value: 0 kg CO2e/kWh, power: roof.csv}, wind: {value: 0.01 kg CO2e/kWh, share: 20 %, source: x}, papers: {value: 0 kg CO2e/kWh, energy: 1 MWh}}, residual: 0.8 kg CO2e/kWh, hourly: grid.csv}
compliance:
  copper: {kind: recovery, elements: [Cu], at_least: {2025-01-01: 40 %, 2030-01-01: 90 %}, source: x, out: {all: [done]}, in: {all: [feed]}}
  content: {kind: content, elements: [Cu], at_most: {2026-01-01: 16 %}, source: x, in: {all: [done]}}
prices: {power: {flow: electricity, value: 0.7 CNY/kWh, source: x}, cells: {feed: feed, value: -2 CNY/kg, source: x}, sold: {product: done, element: Cu, payable: 80 %, value: 60 CNY/kg, low: 50 CNY/kg, high: 70 CNY/kg, source: x},
  press: {capital: press, value: 100000 CNY, life: 3650 d, interest: 5 %, upkeep: 2 %}}
""",
    "library/specs/mine.yaml": "source: x\nyear: 2026\nconfidence: low\nwithout: [H2O]\nlimits: {Cu: {most: 15 %}, Ni+Co: {least: 0 %}, H2O: {most: 2 %, of: all}}\n",
    "library/factors/mine.yaml": "source: x\nfactors:\n  grid: {flow: electricity, value: 0.5 kg CO2e/kWh, low: 0.4 kg CO2e/kWh, high: 0.7 kg CO2e/kWh, distribution: lognormal, scope: 2, method: location}\n"
                                 "  lorry: {flow: road, value: 0.1 kg CO2e/(t km), scope: 3}\n  burnt: {flow: waste_carbon, value: 3.66 kg CO2e/kg, scope: 1}\n",
    "roof.csv": "hour,power [kW]\n" + "".join(f"{h},{max(0, 6 - abs(12 - h))}\n" for h in range(24)),
    "grid.csv": "hour,factor [kg CO2e/kWh]\n" + "".join(f"{h},{0.4 + h / 100}\n" for h in range(24)),
    "back/processes.csv": "process,unit\nelectricity,kWh\nroad,t km\ndiesel,L\n",
    "back/technosphere.csv": "process,input,amount\nroad,diesel,0.05\ndiesel,electricity,0.2\nelectricity,diesel,0.01\n",
    "back/biosphere.csv": "process,flow,amount\nelectricity,CO2,0.4\ndiesel,CO2,2.6\n",
    "back/weights.csv": "flow,kg_CO2e\nCO2,1\n",
}


def accounts(rng, bases, folder):
    """What is counted beside the flow: specifications, stocks, electricity, rules, prices, a background system."""
    name = "x.yaml" if rng.random() < 0.5 else rng.choice(sorted(ACCOUNTS))
    for each, text in ACCOUNTS.items():
        (folder / each).parent.mkdir(parents=True, exist_ok=True)
        write(folder / each, mutated(rng, text) if each == name else text)
    form = rng.choice(["json", "csv", "table"])
    return [["run", "x.yaml", "--format", form, *rng.choice([[], ["--table", rng.choice(["specs", "stocks", "electricity", "circular", "uncertainty", "allocation", "claims", "completeness", "leaving"])]]), *LIMITED],
            rng.choice([["comply", "x.yaml", "--format", form], ["cost", "x.yaml", "--format", form], ["balance", "x.yaml", "--format", form],
                        ["carbon", "x.yaml", "--format", form, "--set", "run.most_events=300000"], ["carbon", "x.yaml", "--background", "back"]])]


SHARED = {
    "x.yaml": """name: shared
run: {start: 2026-01-05, duration: 1 d, warmup: 0 s, replications: 1}
calendars: {hot: ["Mon-Sun 12:00-18:00"]}
utilities:
  steam: {capacity: 500 kg/h, input: {flow: gas, station: boil, at: [0 kg/h, 200 kg/h, 500 kg/h], use: [2 m3/h, 16 m3/h, 40 m3/h]}, limit: 400 kg/h,
    storage: {capacity: 80 kg, charge: 50 kg/h, discharge: 200 kg/h, start: 50 %, efficiency: 90 %, loss: 2 kg/h}, fails: {trip: {at: [9 h], repair: 1 h, leaves: 40 %}, hot: {during: hot, leaves: 80 %}}}
  feeder: {capacity: 60 kW, flow: electricity, fails: {blink: {every: {exponential: 7 h}, repair: 3 min}}}
digital:
  platform: cell.xml
  hosts: {camera: 1 Gop/s, box: {cores: 2, station: look, fails: {off: {at: [5 h], repair: 20 min}}}, office: {speed: 5 Gop/s, power: 90 W, idle_power: 30 W, station: boil}}
  links: {uplink: {bandwidth: 20 Mbit/s, latency: 5 ms, fails: {cut: {every: {exponential: 8 h}, repair: 10 min, leaves: 10 %}}}}
  routes: [{from: camera, to: box, over: [lan]}, {from: box, to: office, over: [lan, uplink]}]
  streams: {pulse: {send: 0.1 MB/s, from: camera, to: box, compute: 0.5 Gop/s, host: box}}
  tasks:
    see: {per_lot: true, at_once: 3, steps: [{send: 300 MB, from: camera, to: box}, {compute: 400 Gop, host: box}]}
    record: {after: [boil], steps: [{send: 5 MB, from: box, to: office}, {compute: 3 Gop, host: office}]}
    update: {every: {uniform: {low: 2 h, high: 5 h}}, first: 1 h, steps: [{send: 90 MB, from: office, to: box}]}
sources: {in: {every: {exponential: 3 min}, to: look}}
stations:
  look: {servers: 3, buffer: 9, duration: {exponential: 80 s}, waits_for: see, draws: {feeder: 8 kW}, fails: {jam: {every: {exponential: 5 h}, repair: 6 min, job: restart}}, to: boil}
  boil: {servers: 4, phases: [{duration: 1 min}, {duration: 6 min, draws: {steam: {amount: 30 kg, at_most: 300 kg/h, weight: 2, priority: 1}}}, {duration: 3 min, draws: {steam: 90 kg/h, feeder: 12 kW}}], to: empty}
  empty: {duration: 1 min, draws: {feeder: -5 kW}, to: out}
sinks: [out]
""",
    "cell.xml": """<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1"><zone id="z" routing="Full">
<host id="box" speed="10Gf" core="2"><prop id="wattage_per_state" value="15:20:60"/></host><host id="eye" speed="1Gf"/>
<link id="lan" bandwidth="100MBps" latency="100us"/><route src="eye" dst="box"><link_ctn id="lan"/></route></zone></platform>
""",
}


def shared(rng, bases, folder):
    """Utilities and the digital layer, a platform file, and what goes on from a saved state of such a plant."""
    name = "x.yaml" if rng.random() < 0.8 else "cell.xml"
    for each, text in SHARED.items():
        write(folder / each, mutated(rng, text) if each == name else text)
    write(folder / "whole.yaml", SHARED["x.yaml"])
    return [["run", "x.yaml", "--format", rng.choice(["json", "csv", "table"]), "--save", "x.state", *LIMITED],
            rng.choice([["check", "x.yaml"], ["run", "whole.yaml", "--from", "x.state", *LIMITED], ["draw", "x.yaml"]])]


STUDY = """scenario: plant.yaml
set: {stations.b.duration: "{0.5 * pace + 1} min", stations.b.power: "{watts}"}
decisions:
  pace: {path: stations.a.servers, from: 1, to: 3, whole: true}
  watts: {from: 1 kW, to: 2 kW}
  feed: {path: sources.s.every.exponential, values: [x 1, x 1.2, 4 min]}
  rule: {path: stations.b.dispatch, values: [fifo, lifo, {smallest: mass}]}
where: [pace + watts / 1 kW < 4.5]
responses: {output: plant.throughput, cost: plant.cycle_time / 1 min + 0.1 * pace ^ 2}
subject_to: [output > 1/h]
minimise: cost
"""
# How much is run is no mutation: a large number of it is legal, and takes its time.
STUDY_END = "points: {sobol: 4}\nreplications: 2\nselect: {indifference: 0.5, first: 5, budget: 60}\noptimise: {budget: 30, first: 2}\n"
STUDY_PLANT = """run: {duration: 5 h, terminating: true}
sources: {s: {every: {exponential: 5 min}, to: a}}
stations: {a: {duration: {exponential: 3 min}, to: b}, b: {duration: 2 min, power: 1 kW, to: done}}
sinks: [done]
"""


def study(rng, bases, folder):
    write(folder / "s.yaml", mutated(rng, STUDY) + STUDY_END)
    write(folder / "plant.yaml", mutated(rng, STUDY_PLANT) if rng.random() < 0.2 else STUDY_PLANT)
    command = rng.choice(["sweep", "select", "optimise"])
    return [[command, "s.yaml", "--results", "r.sqlite", "--format", rng.choice(["json", "csv", "table"]), *LIMITED], [command, "s.yaml", "--results", "r.sqlite", *LIMITED]]


KINDS = {f.__name__: f for f in (scenario, what_if, override, library, state, log, line_log, machines, measured, reconcile, table, accounts, study, shared)}
WEIGHTS = {"scenario": 4, "state": 4, "log": 2}


def mutation(number, kinds, bases, folder):
    """The kind of a number, and the commands that read the files which are now in the folder."""
    rng = random.Random(number)
    kind = rng.choice([k for k in kinds for _ in range(WEIGHTS.get(k, 1))])
    return kind, KINDS[kind](rng, bases, folder)
