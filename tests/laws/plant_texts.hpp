// A dozen small plants that together use everything a scenario can say; the laws hold on each of them.
#pragma once
#include <string>
#include <vector>

namespace retwin::plants {

struct PlantText {
  std::string name;
  double days;
  std::string text;
};

inline const std::vector<PlantText>& plant_texts() {
  static const std::vector<PlantText> all = {
      {"line with finite buffers", 2, R"(
sources:
  parts: {saturated: true, to: a}
  more: {every: {exponential: 90 s}, when_full: lose, to: c}
stations:
  a: {duration: {exponential: 60 s}, buffer: 0, to: b}
  b: {duration: {exponential: 100 s}, servers: 2, buffer: 3, to: c}
  c: {duration: {uniform: {low: 20 s, high: 50 s}}, buffer: 2, to: d}
  d: {duration: 34 s, buffer: 0, to: e}
  e: {duration: {exponential: 30 s}, buffer: 4, to: done}
sinks: [done]
)"},
      {"baths in batches, with a crew and shifts", 10, R"(
calendars: {early: {weekly: ["Mon-Sat 06:00-14:00"], breaks: ["10:00-10:30"], holidays: [2026-01-07]}, late: ["Mon-Fri 14:00-22:00"]}
resources:
  crew: {count: 3, shifts: {early: 3, late: 2}}
  watch: {count: 1, shifts: early, at_shift_end: finish}
sources:
  packs: {every: {exponential: 20 min}, attributes: {colour: {red: 50 %, blue: 30 %, green: 20 %}}, to: sort}
stations:
  sort: {duration: 5 min, buffer: 10, calendar: early, at_shift_end: finish, needs: {crew: 1}, to: bath}
  bath:
    {servers: 4, buffer: 12, calendar: early, batch: {count: 4, by: colour, longest_wait: 6 h}, needs: {crew: 2}, to: rinse,
     phases: [{name: load, duration: 30 min}, {name: soak, duration: {uniform: {low: 5 h, high: 9 h}}, attended: false}, {name: unload, duration: 20 min, needs: {watch: 1}}]}
  rinse: {duration: {exponential: 10 min}, batch: {count: 3, least: 2, merge: true, kind: rinsed}, buffer: 6, calendar: late, to: out}
sinks: [out]
)"},
      {"setups, changeovers and campaigns", 4, R"(
resources: {fitter: 1}
sources:
  orders: {every: {exponential: 10 min}, attributes: {grade: {A: 40 %, B: 40 %, C: 20 %}, size: {uniform: {low: 1, high: 9}}}, to: mill}
stations:
  mill: {duration: 5 min + 30 s * size, buffer: 20, servers: 2, dispatch: campaign, campaign: {longest: 4 h}, setup: {by: grade, time: 12 min, matrix: {A: {B: 30 min}, C: {A: 5 min}}, needs: {fitter: 1}}, to: press}
  press: {duration: {lognormal: {mean: 8 min, sd: 3 min}}, buffer: 5, changeover: {uniform: {low: 1 min, high: 2 min}}, changeover_needs: {fitter: 1}, dispatch: {smallest: size}, to: polish}
  polish: {duration: 7 min, buffer: 5, dispatch: lifo, setup: {by: grade, time: 1 min, first: true}, blocking: before, to: store}
  store: {duration: {exponential: 6 min}, buffer: 2, dispatch: {largest: size + visits}, to: out}
sinks: [out]
)"},
      {"failures by every clock", 6, R"(
calendars: {day: ["Mon-Fri 07:00-19:00"]}
resources:
  operator: {count: 2, shifts: day}
  mechanic: 1
sources: {parts: {every: {exponential: 5 min}, when_full: lose, to: cut}}
stations:
  cut: {duration: {exponential: 4 min}, buffer: 6, fails: {jam: {every: {exponential: 1 h}, clock: working, repair: {exponential: 4 min}}, blunt: {after_jobs: {uniform: {low: 20, high: 40}}, repair: 9 min, needs: {mechanic: 1}}}, to: weld}
  weld:
    {duration: {erlang: {k: 3, mean: 10 min}}, servers: 3, buffer: 4, needs: {operator: 1}, calendar: day, to: test,
     fails: {gas: {every: {exponential: 9 h}, repair: 30 min, job: restart, keep_crew: true}, power: {every: {exponential: 40 h}, repair: {exponential: 1 h}, scope: station}, burn: {every: {exponential: 8 h}, clock: working, repair: 10 min, job: scrap, needs: {mechanic: 1}}},
     maintenance: {oil: {every: 20 h, duration: 40 min, needs: {mechanic: 1}}, tips: {every: 5 h, clock: working, duration: 6 min}}}
  test: {duration: 3 min, buffer: 3, blocking: before, fails: {probe: {every: {weibull: {shape: 1.5, mean: 6 h}}, repair: 20 min, counted_from: start, job: scrap, scrap_to: bin}}, maintenance: {clean: {after_jobs: 50, duration: 5 min}}, to: pack}
  pack: {duration: 3.2 min, buffer: 1, fails: {tape: {every: {exponential: 3 h}, repair: 11 min}, known: {at: [5 h, 29 h, 29.5 h], repair: 50 min, scope: station}}, maintenance: {audit: {at: [11 h, 52 h], duration: 1 h}}, to: out}
sinks: [out, bin]
)"},
      {"plans whose steps overlap", 5, R"(
resources: {inspector: 1}
calendars: {day: ["Mon-Fri 07:00-19:00"]}
plans:
  rebuild:
    steps:
      open: bench
      clean: {at: bath, after: open}
      test: {at: tester, after: open, duration: {uniform: {low: 10 min, high: 20 min}}}
      close: {at: bench, after: [clean, test], duration: 4 min + 1 min * cells}
  repair: {steps: {open: bench, fix: {at: tester, after: open}}}
  nothing: {}
sources:
  orders: {every: {exponential: 30 min}, attributes: {plan: {rebuild: 60 %, repair: 30 %, nothing: 10 %}, cells: {uniform: {low: 1, high: 9}}}, to: work}
  walk_in: {every: {exponential: 3 h}, to: bench}
stations:
  work: {unit: plan, to: pack}
  bench: {duration: {exponential: 8 min}, servers: 2, fails: {jam: {every: {exponential: 9 h}, repair: 20 min}}, to: work}
  bath: {duration: 25 min, servers: 2, batch: {count: 2, longest_wait: 1 h}, to: work}
  tester: {duration: 12 min, needs: {inspector: 1}, calendar: day, to: out}
  pack: {duration: 5 min, buffer: 2, to: out}
sinks: [out]
)"},
      {"plans step by step", 4, R"(
plans:
  first: {steps: {turn: lathe, mill: mill, drill: {at: drill, after: turn}, grind: {at: lathe, after: [mill, drill], duration: 3 min}}}
  second: {steps: {mill: {at: mill, duration: {exponential: 9 min}}, drill: drill, again: {at: mill, after: mill}}}
sources: {orders: {every: {exponential: 25 min}, attributes: {plan: {first: 50 %, second: 50 %}}, to: shop}}
stations:
  shop: {unit: plan, one_at_a_time: true, to: out}
  lathe: {duration: {exponential: 8 min}, buffer: 2, to: shop}
  mill: {duration: 6 min, buffer: 0, to: shop}
  drill: {duration: {exponential: 5 min}, buffer: 1, fails: {bit: {after_jobs: 9, repair: 30 min}}, to: shop}
sinks: [out]
)"},
      {"steps with attributes, efforts and setups", 4, R"(
attributes: {alloy: {categories: [soft, hard]}, pieces: {}}
resources:
  old_hand: {count: 1, speed: 0.6, qualifications: [turner]}
  young_hand: {count: 1, qualifications: [turner]}
plans:
  shafts: {steps: {turn: {at: lathe, attributes: {pieces: 12, alloy: hard}}, wash: {at: bath, after: turn, attributes: {pieces: 12}}}}
  pins: {steps: {turn: {at: lathe, attributes: {pieces: {uniform: {low: 1, high: 40}}, alloy: soft}}, wash: {at: bath, after: turn}}}
  spares: {steps: {turn: {at: lathe, duration: 9 min}, turn_again: {at: lathe, after: turn, attributes: {alloy: hard}}}}
sources: {orders: {every: {exponential: 30 min}, attributes: {plan: {shafts: 30 %, pins: 50 %, spares: 20 %}}, to: work}}
stations:
  work: {unit: plan, to: out}
  lathe: {duration: {lognormal: {mean: 10 min, sd: 3 min}}, servers: 2, needs: {turner: 1}, setup: {by: alloy, time: 6 min}, effort: '(0.4 + 0.03 * pieces) * (alloy == hard ? 1.5 : 1)', to: work}
  bath: {phases: [{name: soak, duration: 20 min}, {name: rinse, duration: {exponential: 5 min}}], effort: 'max(0.5, 0.1 * pieces)', batch: {count: 2, longest_wait: 2 h}, to: work}
sinks: [out]
)"},
      {"fork, join, split and assembly", 3, R"(
sources:
  kits: {every: {exponential: 15 min}, to: fork}
  frames: {every: 15 min, lot: frame, to: build}
stations:
  fork: {unit: fork, branches: [left, right, top], duration: 1 min, to: {left: l, right: r, top: t}}
  l: {duration: {exponential: 9 min}, to: join}
  r: {duration: {exponential: 8 min}, buffer: 5, to: join}
  t: {duration: {exponential: 5 min}, servers: 2, to: join}
  join: {duration: 1 min, batch: {siblings: true}, to: split}
  split: {unit: split, count: 3, kind: bolt, duration: 30 s, to: check}
  check: {duration: {exponential: 2 min}, buffer: 9, to: {build: 95 %, bin: 5 %}}
  build: {duration: 4 min, batch: {parts: {frame: 1, bolt: 3}, kind: cart}, buffer: 80, to: out}
sinks: [out, bin]
)"},
      {"vehicles, conveyor and delay", 2, R"(
sources:
  parts: {every: {exponential: 4 min}, to: agv -> cut}
  express: {saturated: true, limit: 40, to: belt -> weld}
stations:
  cut: {duration: {exponential: 3 min}, buffer: 3, to: {agv -> weld: 70 %, belt -> weld: 30 %}}
  weld: {duration: {exponential: 3 min}, buffer: 3, to: oven}
  oven: {unit: delay, duration: {uniform: {low: 10 min, high: 20 min}}, to: {shortest: [agv -> p1, agv -> p2]}}
  p1: {duration: {exponential: 5 min}, buffer: 2, to: agv -> out}
  p2: {duration: {exponential: 5 min}, buffer: 2, to: agv -> out}
  agv: {unit: vehicles, servers: 3, speed: 1 m/s, load_time: 10 s, unload_time: 15 s, distances: {parts: {cut: 40 m}, cut: {weld: 60 m}, weld: {oven: 5 m}, oven: {p1: 30 m, p2: 45 m}, p1: {out: 20 m}, p2: {out: 10 m}}}
  belt: {unit: conveyor, servers: 10, length: 30 m, speed: 0.25 m/s}
sinks: [out]
)"},
      {"pallets in a closed loop", 2, R"(
stations:
  load: {duration: 2 min, buffer: 8, completes: parts, to: mill}
  mill: {duration: {exponential: 5 min}, servers: 2, buffer: 2, fails: {jam: {every: {exponential: 2 h}, repair: 10 min}}, to: wash}
  wash: {unit: conveyor, servers: 4, length: 8 m, speed: 0.1 m/s, to: load}
initial:
  - {station: load, count: 4}
  - {station: mill, count: 2, remaining: 3 min}
  - {station: mill}
sinks: [parts]
)"},
      {"rework and blocking before service", 3, R"(
sources: {parts: {rate: 6/h, batch: {poisson: 1.2}, attributes: {weight: {gamma: {mean: 3 kg, sd: 1 kg}}}, to: make}}
stations:
  make: {duration: {exponential: 5 min}, buffer: 20, blocking: before, to: test}
  test: {duration: 2 min, buffer: 3, to: [{when: visits >= 3, to: bin}, {when: weight > 3.2 kg and visits < 2, to: fix}, {to: gate}]}
  fix: {duration: {exponential: 8 min}, buffer: 30, to: test}
  gate: {duration: {exponential: 1 min}, buffer: 80, to: {out: 80 %, make: 20 %}}
sinks: [out, bin]
)"},
      {"routes of every kind", 2, R"(
sources: {jobs: {rate: 50/h, attributes: {urgent: {yes: 10 %, no: 90 %}}, to: [{when: urgent == yes, to: fast1}, {to: desk}]}}
stations:
  desk: {duration: {exponential: 40 s}, buffer: 30, to: {shortest: [s1, s2, s3]}}
  s1: {duration: {exponential: 3 min}, buffer: 6, to: {cyclic: [fast1, fast2, over]}}
  s2: {duration: {exponential: 3.5 min}, buffer: 6, servers: 2, to: {fastest: {fast1: 2 min, fast2: 1 min}}}
  s3: {duration: {exponential: 2.5 min}, buffer: 6, to: {fast2: 50 %, over: 50 %}}
  fast1: {duration: {exponential: 1.5 min}, buffer: 5, priority: 5, to: out}
  fast2: {duration: {exponential: 1.5 min}, buffer: 5, to: over}
  over: {duration: 10 s, buffer: 2, to: {overflow: [o1, o2, out]}}
  o1: {duration: {exponential: 5 min}, buffer: 1, to: out}
  o2: {duration: {exponential: 5 min}, buffer: 1, to: out}
sinks: [out]
)"},
      {"sources of every kind", 15, R"(
calendars: {gate: ["Mon-Fri 07:00-18:00"]}
resources: {forklift: {count: 2, shifts: gate}}
sources:
  trucks: {lot: truck, profile: {rate: 30/week, days: {Mon: 40 %, Tue: 30 %, Fri: 30 %}, hours: {08-10: 50 %, 14-18: 50 %}}, load: {lot: crate, count: {poisson: 12}, attributes: {kind_of: {big: 20 %, small: 80 %}}}, to: dock}
  vans: {lot: truck, at: [30 min, 3 h, 3 h], repeat: 1 d, from: 12 h, load: {lot: crate, count: 2}, to: dock}
  walk_in: {rate: 2/h, batch: {discrete: {1: 70 %, 3: 30 %}}, when_full: lose, from: 1 d, until: 9 d, lot: crate, to: desk}
  once: {every: 2 h, first: 0 s, limit: 7, lot: crate, to: desk}
  stock: {saturated: true, lot: crate, limit: 300, to: desk}
  rounds: {lot: crate, blocks: [{day: Mon-Fri, at: [7 h, 7 h, 9 h 15 min, 16 h]}, {day: Mon-Thu, at: [8 h, 23 h 59 min], weight: 3}, {day: Sat, at: []}], from: 10 h, until: 13 d, to: desk}
stations:
  dock: {unit: unload, duration: 10 min + 1 min * contents, servers: 2, calendar: gate, needs: {forklift: 1}, buffer: 3, to: desk}
  desk: {duration: {exponential: 12 min}, servers: 3, buffer: 12, to: out}
sinks: [out]
)"},
      {"utilities that jobs share", 4, R"(
calendars: {day: ["Mon-Fri 06:00-20:00"]}
resources: {boilerman: {count: 2, shifts: day}, quick: {count: 1, speed: 1.3}}
utilities:
  steam: {capacity: 900 kg/h, storage: {capacity: 150 kg, charge: 100 kg/h, start: 50 %, efficiency: 90 %, loss: 3 kg/h}, input: {flow: gas, station: heat, at: [0 kg/h, 400 kg/h, 900 kg/h], use: [2 m3/h, 33 m3/h, 80 m3/h]}, limit: 700 kg/h, fails: {hot: {during: day, leaves: 85 %}, burner: {every: {exponential: 11 h}, repair: {exponential: 1 h}, leaves: 40 %}, tube: {at: [9 h, 50 h], repair: 2 h}}}
  feeder: {capacity: 150 kW, flow: electricity, fails: {trip: {every: {exponential: 17 h}, repair: 20 min}}}
  air: 40 m3/h
sources:
  batches: {every: {exponential: 13 min}, to: heat}
  parts: {rate: 5/h, batch: {poisson: 1.5}, to: mill}
stations:
  heat:
    {servers: 5, buffer: 20, calendar: day, batch: {count: 2, longest_wait: 1 h}, needs: {boilerman: 1}, fails: {leak: {every: {exponential: 7 h}, clock: working, repair: 15 min, job: restart}}, to: dry,
     phases: [{name: fill, duration: 4 min}, {name: boil, duration: {uniform: {low: 10 min, high: 30 min}}, attended: false, draws: {steam: {amount: 130 kg, at_most: 400 kg/h, weight: 2}}},
              {name: hold, duration: 20 min, attended: false, draws: {steam: 90 kg/h, feeder: 20 kW}}, {name: empty, duration: 3 min, draws: {air: 1 m3}}]}
  dry: {duration: {exponential: 12 min}, servers: 3, buffer: 4, draws: {steam: {amount: 200 kg/h, priority: -1}, feeder: {amount: 30 kW, priority: -1}, air: {amount: 2 m3, counted: false}}, fails: {fire: {every: {exponential: 20 h}, repair: 30 min, job: scrap}}, to: out}
  mill: {duration: {exponential: 5 min}, servers: 4, needs: {quick: 1}, power: 2 kW, draws: {feeder: {amount: 40 kW, weight: 3}}, setup: {by: grade, time: 1 min}, to: store}
  store: {servers: unlimited, duration: {exponential: 20 min}, draws: {air: {amount: 9 m3/h, priority: 1}}, to: empty}
  empty: {servers: 2, duration: {exponential: 6 min}, draws: {feeder: -25 kW}, to: out}
attributes: {grade: {categories: [A, B]}}
sinks: [out, scrap]
)"},
      {"a digital layer that jobs wait for", 3, R"(
calendars: {day: ["Mon-Fri 06:00-20:00"]}
resources: {inspector: {count: 2, shifts: day}}
digital:
  hosts:
    camera: 1 Gop/s
    box: {cores: 2, speed: 10 Gop/s, power: 60 W, idle_power: 15 W, station: see, fails: {crash: {every: {exponential: 9 h}, repair: {exponential: 10 min}}}}
    office: {cores: 4, speed: 5 Gop/s, power: 200 W, idle_power: 80 W, station: test}
  links:
    cell: {bandwidth: 4 MB/s, latency: 1 ms, fails: {cut: {at: [7 h, 30 h], repair: 1 h}, noise: {every: {exponential: 6 h}, repair: 20 min, leaves: 30 %}}}
    backbone: {bandwidth: 3 MB/s, latency: 30 ms}
  routes: [{from: camera, to: box, over: [cell]}, {from: box, to: office, over: [cell, backbone]}]
  streams: {pulse: {send: 0.2 MB/s, from: camera, to: box, compute: 3 Gop/s, host: box}}
  tasks:
    look: {per_lot: true, steps: [{send: 250 MB, from: camera, to: box}, {compute: 700 Gop, host: box}]}
    judge: {steps: [{compute: 900 Gop, host: box}, {send: 60 MB, from: box, to: office}, {compute: 200 Gop, host: office}]}
    record: {after: [see, test], steps: [{send: 20 MB, from: box, to: office}, {compute: 10 Gop, host: office}]}
    update: {every: {uniform: {low: 2 h, high: 5 h}}, first: 1 h, steps: [{send: 600 MB, from: office, to: box}]}
sources:
  packs: {every: {exponential: 3 min}, to: see}
stations:
  see: {servers: 3, buffer: 12, duration: {exponential: 80 s}, waits_for: look, fails: {jam: {every: {exponential: 5 h}, repair: 6 min, job: restart}}, to: test}
  test:
    {servers: 4, calendar: day, needs: {inspector: 1}, batch: {count: 2, longest_wait: 10 min}, to: out, fails: {fire: {every: {exponential: 20 h}, clock: working, repair: 30 min, job: scrap}},
     phases: [{name: set up, duration: 1 min}, {name: measure, duration: 2 min, attended: false, waits_for: judge}, {name: clear, duration: 30 s}]}
sinks: [out, scrap]
)"},
      {"lots that give up, choose by what they see, and are served in random order", 3, R"(
calendars: {day: ["Mon-Fri 06:00-20:00"]}
sources:
  calls: {every: {exponential: 4 min}, attributes: {grade: {A: 60 %, B: 40 %}}, admit: queue.first < 12 or grade == A, to: first}
  rush: {every: {exponential: 30 min}, admit: time_of_day >= 7 h, attributes: {grade: B}, to: first}
stations:
  first: {servers: 2, duration: {exponential: 6 min}, dispatch: random, patience: {exponential: 20 min}, given_up: gone, setup: {by: grade, time: 1 min, ready_first: true},
          to: [{when: queue.second < 4 and grade == A, to: second}, {when: content.third < 6, to: third}, {to: second}]}
  second: {calendar: day, buffer: 9, duration: {exponential: 9 min}, patience: {uniform: {low: 10 min, high: 8 h}}, given_up: gone, fails: {jam: {every: {exponential: 9 h}, repair: 20 min}}, to: out}
  third: {servers: 2, buffer: 30, duration: {exponential: 11 min}, batch: {count: 2, longest_wait: 15 min}, patience: 40 min, given_up: gone, to: out}
sinks: [out, gone]
)"},
      {"crews with skills, shifts and priorities", 9, R"(
calendars: {early: ["Mon-Fri 06:00-14:00"], late: ["Mon-Fri 14:00-22:00"], night: ["Mon-Thu 22:00-06:00"]}
resources:
  senior: {count: 1, qualifications: [weld, lift], shifts: {early: 1, late: 1}}
  junior: {count: 3, qualifications: [lift], shifts: {early: 3, late: 2, night: 1}, speed: 0.8}
  welder: {count: 2, qualifications: [weld], shifts: {early: 2, night: 1}, at_shift_end: finish}
sources:
  small: {every: {exponential: 15 min}, to: lift1}
  big: {every: {exponential: 50 min}, to: lift4}
stations:
  lift1: {duration: {exponential: 10 min}, servers: 2, buffer: 9, needs: {lift: 1}, to: weld}
  lift4: {duration: {exponential: 20 min}, buffer: 9, needs: {junior: 2, lift: 1}, to: weld}
  weld: {duration: {exponential: 12 min}, servers: 3, buffer: 6, priority: 3, needs: {weld: 1}, to: out}
sinks: [out]
)"},
      {"packs to bulk by mass", 12, R"(
calendars: {six: ["Mon 06:00 - Sun 06:00"]}
sources:
  packs: {lot: pack, chemistry: {LFP: 60 %, NMC622: 40 %}, every: {exponential: 30 min}, to: take_apart}
  bulk: {lot: black_mass, chemistry: {NMC622: 1}, mass: {uniform: {low: 50 kg, high: 150 kg}}, every: 5 h, to: tank}
stations:
  take_apart: {unit: dismantle, servers: 3, duration: {lognormal: {mean: 60 min, sd: 10 min}}, buffer: 30, to: {modules: shred, hardware: bin}}
  shred: {unit: shred, throughput: 0.9 t/h, buffer: 4 t, batch: {mass: 0.3 t, by: label.chemistry, longest_wait: 8 h}, dispatch: campaign, setup: {by: label.chemistry, time: 20 min}, calendar: six, dust: 0.5 %, fails: {jam: {every: {exponential: 5 h}, clock: working, repair: 10 min}}, to: {fragments: hopper, dust: stack, vapour: stack}}
  hopper: {throughput: 1.2 t/h, buffer: {count: 6, mass: 2 t, mixed: true}, batch: {mass: 100 kg, count: 3}, to: sort}
  sort: {unit: sorting_train, throughput: 1 t/h, buffer: 3 t, to: {black_mass: tank, Cu: out, Al: out, steel: out, residue: bin}}
  tank: {duration: 40 min, buffer: 2 t, batch: {mass: 200 kg, merge: true, longest_wait: 2 d}, to: out}
sinks: {out: product, bin: waste, stack: emission}
)"},
      {"a loop of water with bleed and overflow", 12, R"(
sources:
  packs: {lot: pack, chemistry: {LFP: 60 %, NMC622: 40 %}, every: {exponential: 40 min}, to: {shortest: [bath, rinse]}}
stations:
  bath: {unit: salt_bath, soak: 2 h, servers: 3, bleed: true, salt: 5 %, water: 60 %, buffer: 20, to: {out: out, brine: treat}}
  rinse: {unit: salt_bath, soak: 1 h, servers: 2, bleed: true, salt: 1 %, water: 20 %, buffer: 20, to: {out: out, brine: treat}}
  treat: {unit: wastewater, reuse: 90 %, solute_rejection: 60 %, duration: 20 min, buffer: 5 t, batch: {mass: 500 kg, longest_wait: 1 d}, to: {reuse: water, discharge: sewer}}
tanks: {water: {flow: tap_water, component: H2O, capacity: 300 kg, bleed: 10 %, to: sewer}}
sinks: {out: product, sewer: emission}
)"},
  };
  return all;
}

}  // namespace retwin::plants
