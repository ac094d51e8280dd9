// What can be written in scenarios and is no list of fields: `retwin explain routes`. The examples are run by the tests.
#include "core/scenario/terms.hpp"

namespace retwin {
namespace {

constexpr Term languages[] = {
    {"routes", "where lots go from a station or source: `to`",
     R"(to: press                                       always there
to: {press: 70 %, paint: 30 %}                  by chance; the shares sum to 100 %
to: [{when: size > 3, to: press}, {to: paint}]  the first case that holds; the last one has no `when` (see retwin explain expressions)
to: {shortest: [a, b]}                          the fewest lots in line and at work, of those that have room
to: {fastest: {a: 5 min, b: 8 min}}             the least to wait for, as a controller reckons from the believed times
to: {cyclic: [a, b]}                            in turn, whether there is room or not
to: {overflow: [a, b]}                          the first that has room
to: {good: pack, bad: scrap}                    of a unit operation: a route for each of its ports (retwin explain UNIT names them)
to: agv -> press                                carried there by a station that transports (unit: vehicles, conveyor)

no room     by `shortest`, `overflow` and `fastest` a lot that finds no room goes where room comes first; else it waits for its target. A
            station whose finished lots cannot leave is blocked; `blocking: before` lets it begin only when there is room
order       shares are laid out by name: how a file is ordered never matters

example
  run: {duration: 1 d, warmup: 0 s, replications: 1}
  attributes: {size: {}}
  sources: {in: {every: 5 min, attributes: {size: {uniform: {low: 1, high: 5}}}, to: [{when: size > 3, to: press}, {to: sort}]}}
  stations:
    sort: {duration: 10 s, to: {shortest: [a, b]}}
    press: {duration: 8 min, to: check}
    a: {duration: 7 min, to: check}
    b: {duration: 9 min, to: check}
    check: {duration: 1 min, to: {done: 95 %, press: 5 %}}
  sinks: {done: product}
)"},
    {"dispatch", "which of the lots that wait at a station is next",
     R"(dispatch: fifo                  the one that came first (the default)
dispatch: lifo                  the one that came last
dispatch: random                any of them, each with the same chance
dispatch: {smallest: size}      that with the smallest value of an expression; of equals the first that came
dispatch: {largest: mass}       that with the largest
dispatch: campaign              lots of one kind (by setup.by or batch.by) as long as any wait, then those of the kind that has waited longest;
                                `campaign: {longest: 8 h, least: 2 t}` ends it earlier, and begins it only with so much

earliest due date               dispatch: {smallest: due - age}: due counts from the lot's arrival, as age does; `due: 8 h` of the source
shortest job                    dispatch: {smallest: size}, where the duration goes with size
giving up                       patience: {exponential: 20 min}, given_up: SINK: who has waited so long in the buffer goes there (stations.*.gave_up)
set up already                  setup: {..., ready_first: true}: of the free servers one that is set up for the lot takes it
crews                           who is served first where stations ask for the same resource says `priority` of the station, then who asked first

example
  run: {duration: 1 d, warmup: 0 s, replications: 1}
  sources: {in: {every: {exponential: 10 min}, due: {uniform: {low: 1 h, high: 5 h}}, to: press}}
  stations: {press: {duration: 9 min, dispatch: {smallest: due - age}, to: done}}
  sinks: {done: product}
)"},
    {"expressions", "numbers and conditions that depend on the lot",
     R"(where           duration, effort, `when` of a route, dispatch; named quantities with units: "3 min + 25 s * modules"
numbers         25 s, 80 %, 2 h 30 min, 5 kg/h: a number with its unit; every operation is checked for dimensions
names           attributes of the lot: of `attributes:`, of its kind (retwin explain pack), mass, due, visits.STATION; what is only known after
                an inspection is called label.*, after an analysis assay.*; routing by a true property that no label tells draws a warning
operators       + - * / ^, comparisons == != < <= > >=, and or not, c ? a : b
functions       min max abs sqrt exp log floor ceil round; in Python also those of retwin.function, which decide by code
the plant       queue.STATION (lots in its buffer), content.STATION (those in service too), level.TANK, time_of_day: as there is at that moment, in `when`,
                dispatch, durations and `admit` of a source (a lot for which it does not hold is lost): admit: queue.press < 5
categories      by name or in quotes: label.form == flat, grade == 'type-2'

example
  run: {duration: 1 d, warmup: 0 s, replications: 1}
  attributes: {grade: {categories: [A, B]}, pieces: {}}
  sources: {in: {every: 12 min, attributes: {grade: {A: 60 %, B: 40 %}, pieces: {poisson: {mean: 4}}}, to: test}}
  stations:
    test:
      duration: 2 min + 1 min * min(pieces, 8)
      to: [{when: grade == A and pieces >= 2, to: done}, {to: press}]
    press: {duration: "grade == A ? 5 min : 9 min", to: done}
  sinks: {done: product}
)"},
    {"mass", "lots with masses, bulk, and tanks",
     R"(lots with masses     kinds of lots of the library (`lot: pack`) have a mass of every component, chemistry by chemistry; `mass:` of a source scales it
unit operations      part, mix and turn it into other components; every element is balanced (retwin balance)
bulk                 powders and liquids: batches by mass (`batch: {mass: 2 t}`) cut the last lot to fit, and what is left stays a lot
buffers by mass      buffer: 20 t, or both, {places: 30, mass: 20 t}
times by mass        throughput: 1.6 t/h; by volume volume_rate: 3 m3/h with density: 1400 kg/m3
use by mass          consumes: {natural_gas: 67 m3/t}, energy_per_mass: 40 kWh/t
tanks                a tank takes what is to be reused (process water) like a sink; who doses that flow draws from it first. Perfectly mixed;
                     `bleed` lets a share out, without which builds up what comes with it (retwin explain tank)
stocks               readings of what is somewhere, over time (`stocks:` in a scenario, --table stocks)

`retwin new` writes a plant of such lots to begin with (see its --template)
)"},
    {"utilities", "what jobs share by time, and how they slow one another down",
     R"(utilities: {steam: 2 t/h, feeder: {capacity: 4.75 MW, flow: electricity}}     the second is metered as electricity, the first as steam
draws: {steam: 0.6 t/h}            of a station or phase: taken while its work goes on; with half of it the work takes twice as long
draws: {steam: 500 kg}             needed for the job, or {steam: 120 kg/t} by its mass, as fast as the utility gives it (or at_most: 0.6 t/h); the job
                                   ends when it has all of it and its work is done
sharing                            max-min fair: who asks for less than an equal share has what he asks for, the others share the rest equally, or by `weight`;
                                   higher `priority` first. Of several utilities at once, work goes on as the scarcest lets it
lost time                          waiting_utility: what the job takes longer than with all that it asks for; a trace shows the state from where it is
                                   held up to where it is not, the shares count the work that is done meanwhile as work
metered                            once, when the job ends: carbon and cost follow. counted: no where its unit, or the power of the station, tells it already
storage                            storage: {capacity: 500 kg, charge: 0.3 t/h, discharge: 1 t/h, start: 50 %, efficiency: 95 %, loss: 5 kg/h}: gives
                                   what is wanted beyond the capacity, and is filled up by what nobody takes
giving                             draws: {feeder: -20 kW}: given while the work goes on, metered as less: discharging into the feeder
its own use                        input: {flow: natural_gas, station: dry, at: [0 t/h, 2 t/h], use: [4 m3/h, 150 m3/h]}: fuel by what it gives, stand-by first
limit                              limit: 3 MW: quarter hours whose mean exceeds it are told (utilities.*.peak, beyond_limit, excess)
outages                            fails: {trip: {every: {exponential: 1000 h}, repair: 2 h, leaves: 40 %}}, at: [14 h], or during: CALENDAR
what-if                            --set utilities.steam.capacity="3 t/h", also from a running state; `retwin bottleneck` tries it
(explained field by field: retwin explain utility, retwin explain draw)

example
  run: {duration: 1 d, warmup: 0 s, replications: 1}
  utilities: {steam: {capacity: 1 t/h, fails: {trip: {at: [14 h], repair: 2 h}}}}
  sources: {in: {every: 30 min, to: boil}}
  stations:
    boil: {servers: 3, duration: 40 min, draws: {steam: {amount: 400 kg, at_most: 0.7 t/h}}, to: dry}
    dry: {servers: 2, duration: 45 min, draws: {steam: 300 kg/h}, to: done}
  sinks: {done: product}
)"},
    {"digital", "computers, networks, what is sent and computed, and jobs that wait for it",
     R"(digital: {hosts: {...}, links: {...}, routes: [...], tasks: {...}}
hosts                hosts: {box: {cores: 8, speed: 30 Gop/s, power: 60 W, idle_power: 15 W, station: look}}      speed of one core; it stands at `station`,
                     where its electricity is counted
links                links: {cell: {bandwidth: 1 Gbit/s, latency: 0.2 ms}}      bytes: kB, MB, GB; bits: Mbit, Gbit
routes               routes: [{from: camera, to: box, over: [cell]}]            both ways, if not one_way: true
tasks                tasks: {see: {steps: [{send: 24 MB, from: camera, to: box}, {compute: 260 Gop, host: box}]}}   one step after the other
waits_for            of a station or phase: the task begins with the job (the phase), which ends when its own work and the task are done
after                after: [look, press] of a task: begins as a job there ends, and nobody waits: records of lots
every                every: 24 h: by the clock, with first: 6 h: model updates
at_once              at_once: 2 of a task: so many go on at a time, the others wait in order
streams              what flows and is computed all the time, before all else: {plc: {send: 40 kB/s, from: camera, to: box}}
sharing              computations on more than the free cores share them, transfers over a link share it, equally (SimGrid); what shares nothing goes its
                     own pace, at once
lost time            waiting_digital: all is done but the result is not there. Latencies, delays, use: --table tasks, --table devices
outages              fails: of hosts and links, as of utilities: what is under way waits, nothing is lost
platform             platform: cell.xml: hosts, links and routes of a SimGrid platform file; `hosts` says where they stand
what-if              --set digital.hosts.box.cores=16, also from a running state; `retwin bottleneck` tries it

example
  run: {duration: 1 d, warmup: 0 s, replications: 1}
  digital:
    hosts: {camera: 1 Gop/s, box: {cores: 2, speed: 20 Gop/s, power: 60 W, idle_power: 15 W, station: look}}
    links: {cell: {bandwidth: 100 Mbit/s, latency: 0.2 ms}}
    routes: [{from: camera, to: box, over: [cell]}]
    tasks: {see: {steps: [{send: 240 MB, from: camera, to: box}, {compute: 400 Gop, host: box}]}}
  sources: {in: {every: {exponential: 30 s}, to: look}}
  stations: {look: {servers: 3, duration: 30 s, waits_for: see, to: done}}
  sinks: {done: product}
)"},
    {"changes", "parameters that change during a run", R"(changes: [{at: 3 d, set: {stations.press.duration: 4 min}}, {at: 5 d, set: {...}}]    paths as of --set, in order of time
in force        for what begins then: jobs in hand go on as they began, waiting lots stay, arrivals follow the new law
structure       stays: stations, routes' targets and sources are those of the beginning; a state that is saved can go on in another plant

example
  run: {duration: 1 d, warmup: 0 s, replications: 1}
  sources: {in: {every: 6 min, to: press}}
  stations: {press: {duration: 5 min, to: done}}
  sinks: {done: product}
  changes: [{at: 12 h, set: {stations.press.duration: 8 min, sources.in.every: 10 min}}]
)"},
    {"extends", "variants of a scenario: extends, set, changes, and --set",
     R"(extends: line.yaml    a file that says only what is different: maps are merged, lists and values replaced, null takes out; files may extend
                      files that extend others. Names of files are seen from the file that says them
set:                  paths and new values, {stations.press.servers: 2, run.duration: 4 weeks}: what is shorter so than as a nested map
--set PATH=VALUE      the same from the command line, for run, check, compare, bottleneck ...; text with a unit, {maps} and [lists]
changes:              parameters that change during the run (retwin explain changes)
now                   `run --save x.state` and `run other.yaml --from x.state`: another plant takes over the running one
compare               retwin compare base.yaml variant.yaml tells what differs, and what it does

example
  run: {duration: 1 d, warmup: 0 s, replications: 1}
  sources: {in: {every: 6 min, to: press}}
  stations: {press: {duration: 5 min, to: done}}
  sinks: {done: product}
)"},
    {"report", "what the words of the report of retwin run mean",
     R"(product, waste, emission, internal   the role of a sink. Only products count as output; internal is what leaves one part of the plant for another
per year          the rate of the window, over a year of operation (`run.year`)
+- (±)            half of the interval that holds the long-run value, over the replications (retwin explain steady)
*                 rests on an estimate of the scenario or the library
at work           share of the servers' time in jobs and setups. The shares of a station (at work, blocked, starved, waits for crew, down, off shift)
                  are of all server time and sum to 100 %
blocked           finished, but the next place has no room
starved           nothing to do
waits for crew    a job is there, people or tools are not
down              failures and maintenance
off shift         by the station's own calendar
in line           lots that wait before the station: mean over time, 95 % of the time no more than, most; in the mean replication
stops feeder      share of the time in which the station's full buffer held up those before it
wait              from coming into the line to the beginning of the job
utilisation       of a resource: units at work over units on duty
suspect           what may limit, by this run alone; retwin bottleneck measures it (retwin explain bottleneck)
static            load over capacity from the file alone, as of retwin check
sole              share of the time in which the station alone is at work without a break for the longest (momentary bottleneck)
active period     mean time at work without a break
turning point     blocked before it, starved behind it
cycle time        from birth (at a source; of what is cut or taken apart, that of its parent) to a sink
peak              largest mean power of a quarter hour
)"},
};

}  // namespace

std::span<const Term> words() { return languages; }

}  // namespace retwin
