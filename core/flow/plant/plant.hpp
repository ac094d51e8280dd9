// The plant: everything that does not change while it runs, compiled once from the specification and shared by all states.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/expression.hpp"
#include "core/flow/matter/specification.hpp"
#include "core/flow/matter/unit_operation.hpp"
#include "core/flow/plant/cosimulation.hpp"
#include "core/flow/plant/shift.hpp"
#include "core/stats/distribution.hpp"

namespace retwin {

using Index = std::uint32_t;
inline constexpr Index none = 0xffffffffu;
inline constexpr Index unlimited = 0xfffffffeu;

/// What a server is doing; every server is in exactly one state at each instant (down before maintenance before off_shift before
/// the rest).
enum class ServerState : std::uint8_t {
  starved, working, setup, blocked, waiting_resource, waiting_utility, waiting_digital, down, maintenance, off_shift
};
inline constexpr std::size_t n_server_states = 10;
extern const char* const server_state_names[n_server_states];
/// Active in Roser's sense: not waiting for another station.
constexpr bool is_active(ServerState s) {
  return s == ServerState::working || s == ServerState::setup || s == ServerState::down || s == ServerState::maintenance;
}

/// A time that is drawn from a distribution or computed from the lot.
struct Duration {
  std::optional<Distribution> distribution;
  std::optional<Expression> expression;  ///< over attributes, see `builtin`
  bool given() const { return distribution || expression; }
};

/// Values an expression can use beside the attributes of the first lot; they precede the attributes in the slot array.
enum class Builtin : int { mass, count, contents, age, visits, kind, n };
inline constexpr std::size_t most_looks = 32;
inline constexpr int n_builtins = static_cast<int>(Builtin::n) + static_cast<int>(most_looks);

/// What expressions may look at of the plant beside the lot; its value stands behind the builtins.
struct Look {
  enum class At : std::uint8_t { queue, content, level, time_of_day } at = At::queue;
  Index index = 0;  ///< station, or tank
  bool operator==(const Look&) const = default;
};

/// A typed property of lots; its slot is its index.
struct Attribute {
  std::string name;
  Dimension dimension;
  std::vector<std::string> categories;
  bool truth = false;
};

struct LotKindInfo {
  std::string name;
  bool divisible = false;
};

/// Something metered: electricity [J], reagents [kg], gas [m3].
struct FlowInfo {
  std::string name;
  Dimension dimension;
};

// --- resources -----------------------------------------------------------------------------------------------------------------

/// Units of a pool on duty while a calendar is on.
struct PoolShift {
  Index calendar = none;  ///< none: always
  double count = 0;
};
struct Pool {
  std::string name;
  std::vector<PoolShift> shifts;
  std::vector<std::string> qualifications;
  double speed = 1;        ///< attended work takes duration / speed
  bool finish = false;     ///< at shift end: finish the job in hand, or suspend it
  bool keep = false;       ///< a suspended job waits for this pool to be back, even if another could do it
  bool fit = false;        ///< work is begun only where it ends before those go off duty who are at it
  bool people = true;      ///< their time on duty is labour
  bool ample = false;      ///< never runs out: all who may ask for its units have them at once
  Index ageing = 8;        ///< a request that so many others of its priority have overtaken is served before them; unlimited: never
};
/// One item of a request: so many units from any of these pools, in this order of preference.
struct Need {
  std::vector<Index> pools;
  double count = 1;
  bool operator==(const Need&) const = default;
};

// --- utilities -----------------------------------------------------------------------------------------------------------------

/// Times in which a part of the capacity of a utility, or of a device of the digital layer, is away.
struct Outage {
  std::string name;
  std::optional<Distribution> every;  ///< from the end of the last one
  std::vector<double> at_s;           ///< in its place: times after the start of the run, in order
  Distribution lasts;
  double leaves = 0;                  ///< share of the capacity that is left
  Index during = none;                ///< in place of both: while this calendar is on
  std::uint64_t stream = 0;
};
/// What a utility keeps for times in which more is wanted than it gives: a steam accumulator, a store of electricity, a tank of chilled water.
struct Storage {
  double amount = 0;      ///< of the flow; 0: none
  double charge = 0, discharge = 0;  ///< at most [1/s]
  double start = 0;       ///< share of it that is there at the start
  double efficiency = 1;  ///< what is kept of what goes in
  double loss_per_s = 0;  ///< while it holds anything
};
/// What jobs share by time: steam, power, compressed air. Whoever gets less than he asks for takes longer.
struct Utility {
  std::string name;
  Place place;
  Index flow = none;      ///< that is metered
  double capacity = 0;    ///< amount of the flow [1/s]
  Storage storage;
  std::vector<std::pair<double, double>> input;  ///< what it uses by what it gives, points of a line [1/s, 1/s]; empty: nothing
  double limit = 0;       ///< that its mean over a quarter hour should not exceed [1/s], 0: none
  std::vector<Outage> outages;
  Index first_outage = 0; ///< of all outages of the plant
  Index circle = 0;       ///< utilities that some work takes of together are shared together; the others each by itself
};

// --- the digital layer -----------------------------------------------------------------------------------------------------------

/// A device, what it draws, and when it is away.
struct Device : DigitalDevice {
  Place place;
  double idle_W = 0, busy_W = 0;   ///< of a computer: with no core at work, with all of them
  std::vector<Outage> outages;
  Index first_outage = 0;          ///< of all outages of the plant
};
/// A part of a task: a computation, or a transfer.
struct DigitalStep {
  double amount = 0;               ///< operations, or bytes
  double latency_s = 0;            ///< of the route, before the bytes flow
  std::vector<Index> over;         ///< its computer, or its links in order
};
/// What is computed and sent, step by step: images of a job, records of an event, a model once a day.
struct DigitalTask {
  std::string name;
  Place place;
  std::vector<DigitalStep> steps;
  std::optional<Distribution> every;  ///< it begins by the clock
  double first_s = 0;
  bool per_lot = false;            ///< its amounts are those of one lot of the job
  Index at_once = unlimited;       ///< so many go on, the others wait in the order of their beginning
  std::uint64_t stream = 0;
};
struct DigitalLayer {
  std::vector<Device> devices;     ///< computers, then links
  std::vector<DigitalTask> tasks;
  std::shared_ptr<const Cosimulation> network;  ///< null: there is no layer
};

/// What is used at a station whatever jobs there are: by computers, and by utilities for what they give.
struct StandingUse {
  Index station = none;   ///< none: nothing is counted
  Index flow = 0;
};

/// Whose outage it is, and which of its own.
struct OutageOwner {
  Index utility = none, device = none;
  Index number = 0;
};

// --- routes --------------------------------------------------------------------------------------------------------------------

enum class RouteKind : std::uint8_t { single, probability, cases, shortest, fastest, cyclic, overflow };
struct RouteOption {
  Index target = none;     ///< node: station, or first_sink + sink
  Index via = none;        ///< transport station on the way, none: direct
  double share = 0;        ///< cumulative probability
  std::optional<Expression> when;
  double believed_s = 0;   ///< the controller's mean service time of the target [s], for `fastest`
};
struct Route {
  RouteKind kind = RouteKind::single;
  std::vector<RouteOption> options;
  Place place;
  std::string path;
  /// Whether it looks at what the targets hold: only such a route has to wait until everything else of an instant has moved.
  bool chooses() const {
    return options.size() > 1 && (kind == RouteKind::shortest || kind == RouteKind::fastest || kind == RouteKind::overflow);
  }
  /// Where a lot must find room to take an option: `overflow` looks at the target itself, the others at what is entered first.
  Index gate(const RouteOption& option) const {
    return option.via == none || kind == RouteKind::overflow ? option.target : option.via;
  }
};

// --- stations ------------------------------------------------------------------------------------------------------------------

/// What a phase of a job draws of a utility: an amount by time while the work goes on, or an amount that it needs, at its own pace.
struct Draw {
  Index utility = none;
  double per_s = 0;           ///< while the work goes on; less than 0: it gives so much [1/s]
  double per_job = 0, per_kg = 0;  ///< needed, of the job and of each kilogram of it
  double at_most_per_s = 0;   ///< of what is needed [1/s]; infinity: as fast as it comes
  double weight = 1;          ///< its share where there is not enough, against others'
  int priority = 0;           ///< larger first, before any weights
  bool counted = true;        ///< metered; else the unit operation, or the power of the station, tells how much is used
  bool needed() const { return per_s == 0; }
  bool gives() const { return per_s < 0; }
};
struct WorkPhase {
  std::string name;
  Duration duration;
  std::vector<Need> needs;
  bool attended = true;
  ServerState state = ServerState::working;
  std::vector<Draw> draws;    ///< in the order of the utilities, at most one of each
  Index task = none;          ///< of the digital layer, begun with it: it ends when that is done as well
};

enum class FailureClock : std::uint8_t { calendar, working, count };
enum class JobFate : std::uint8_t { resume, restart, scrap };
struct FailureMode {
  std::string name;
  FailureClock clock = FailureClock::calendar;
  Duration every, repair;
  std::vector<double> at_s;  ///< in place of `every`: times of failures after the start of the run, in order (calendar clock)
  JobFate fate = JobFate::resume;
  bool keep_crew = false;
  bool planned = false;     ///< maintenance: waits for the end of the job in hand, counts as `maintenance`
  bool from_repair = true;  ///< calendar clock by `every`: counted from the end of the repair (else from start to start)
  bool whole_station = false;  ///< one clock for all servers
  bool renews = false;      ///< what the server remembers begins anew after it
  std::vector<Need> needs;  ///< repair crew
  Index scrap_sink = none;  ///< where a scrapped job goes
  std::uint64_t stream = 0;
};

enum class BatchRule : std::uint8_t { single, count, mass, siblings, assembly };
struct Batch {
  BatchRule rule = BatchRule::single;
  Index count = 1;              ///< lots of a batch (count), at most (mass; unlimited)
  Index least = 0;              ///< smallest batch that may start at once (0: a full one)
  double kg = 0;                ///< mass of a batch
  int by = -1;                  ///< slot of the categorical attribute that a batch shares
  double longest_wait_s = -1;   ///< after which a partial batch starts; negative: never
  bool merge = false;           ///< the batch becomes one lot
  bool merge_keeps_parent = false; ///< siblings: the merged lot takes the identity of the parent again
  Index kind = none;            ///< of the merged lot
  std::vector<std::pair<Index, Index>> parts;  ///< assembly: kind and count
};

enum class Dispatch : std::uint8_t { fifo, lifo, smallest, campaign, random };

struct Setup {
  int by = -1;                       ///< slot of the attribute whose change needs a setup
  std::optional<Distribution> time;  ///< for any change
  std::vector<std::optional<Distribution>> matrix;  ///< from x to, of that attribute's categories
  std::vector<Need> needs;
  bool first = false;                ///< also before the first job
  bool ready_first = false;          ///< of the free servers one that is set up for it takes a lot
};

/// Use of a flow by state: amounts per second in SI, or per kg and per job of feed.
struct Consumption {
  Index flow = 0;
  double per_job = 0, per_kg = 0;
  double per_s[n_server_states] = {};
};

enum class Special : std::uint8_t { nothing, unload, fleet, lap, plan };

/// What the hot path reads, one cache line.
struct alignas(64) StationHot {
  std::uint64_t stream = 0;
  double service_a = 0;       ///< mean (exponential) or value (constant)
  Index first_server = 0;
  Index servers = 1;          ///< at the start, if their number is unlimited
  Index capacity = unlimited; ///< places in the buffer, service aside
  Index target = none;        ///< of a single direct route
  Index visit_slot = none;    ///< attribute slot that counts visits, for stations on a cycle
  std::uint16_t rare = 0;     ///< any feature that the hot path does not know
  std::uint8_t family = 0;    ///< 0 exponential, 1 constant, 2 other
  std::uint8_t chosen = 0;    ///< some route has a choice that leads here
  std::uint8_t books = 0;     ///< a job that ends is metered, or its crew is free
  std::uint8_t stops = 0;     ///< its work may be interrupted, by a failure or, in another plant, for want of a crew
  std::uint8_t meters = 0;    ///< masses, or what a job uses, are accounted for when it ends
  Index pool = none;          ///< an ample one whose units its work holds
  double units = 0;
  std::uint64_t pad2 = 0;
};
static_assert(sizeof(StationHot) == 64);

struct Station {
  std::string name;
  std::string unit;
  Place place;
  int priority = 0;
  Index servers = 1;
  Index buffer_places = unlimited;
  Index visit_slot = none;
  std::vector<WorkPhase> phases;
  std::optional<Expression> effort;     ///< that the durations of the phases are multiplied by; empty: 1
  Setup setup;
  Duration changeover;
  std::vector<Need> changeover_needs;
  Batch batch;
  Dispatch dispatch = Dispatch::fifo;
  std::optional<Expression> key;        ///< smallest first
  double campaign_s = 0;                ///< longest campaign, 0: until nothing of its kind is left
  double campaign_kg = 0;               ///< mass that must wait before a campaign begins
  double buffer_kg = -1;                ///< room by mass, negative: none
  double buffer_m3 = -1;
  bool mixed = false;                   ///< the buffer mixes perfectly
  bool block_before = false;            ///< a job starts only when its target has room
  bool finish_shift = false;            ///< at shift end: finish the job in hand
  Index calendar = none;
  double headway_s = 0;                 ///< least time between two starts
  std::optional<Distribution> patience; ///< of a lot in its buffer, which then gives up; empty: it waits for ever
  Index given_up = none;                ///< sink where it goes
  std::vector<FailureMode> failures;
  std::vector<PortInfo> ports;
  std::vector<Route> routes;            ///< per port
  Index first_port = 0;                 ///< among all ports of the plant
  double power_W[n_server_states] = {}; ///< of one server by state
  double energy_J_per_job = 0, energy_J_per_kg = 0;
  std::vector<Consumption> consumption;
  std::shared_ptr<const UnitOperation> operation;  ///< null: lots pass
  Special special = Special::nothing;
  double throughput_kg_per_s = 0;       ///< duration from mass, 0: from the phases
  double throughput_m3_per_s = 0;
  double density = 0;
  bool duration_from_operation = false;
  std::vector<MemoryField> memory;      ///< of each server
  std::size_t first_memory = 0;         ///< in the state
  Index first_clock = 0;                ///< failure clocks of this station in the state
  Index first_key = 0, n_keys = 0;      ///< counters of waiting lots by batch attribute
  Index lap_sink = none;                ///< a lap is counted as this product
  double steps_per_lot = 0;             ///< plan: expected
  bool one_at_a_time = false;           ///< plan: the lot itself goes from step to step; else its steps may overlap
  bool unlimited_servers = false;       ///< servers are added as needed (no shifts, no failures)
  double speed_m_per_s = 0;             ///< fleet
  std::vector<double> distance_m;       ///< fleet: place x place
  std::vector<Index> place_of_node;     ///< fleet: place of each node, none if not served
  double load_s = 0, unload_s = 0;
  std::vector<Index> tasks_after;       ///< of the digital layer: begun as each of its jobs ends
  double mean_s = 0;                    ///< expected time of a job [s], for reports and static capacity; nan if unknown
  std::string group;                    ///< branch of the plant, for reports
  /// Whether its buffer takes whatever comes; a saturated source then gives only what a free server lacks.
  bool has_no_bound() const { return buffer_places == unlimited && buffer_kg < 0; }
};

/// Value of an attribute that a source gives its lots, or a step of a plan the lot that stands for it.
struct AttributeDraw {
  int slot = 0;
  std::optional<Distribution> distribution;
  std::uint64_t draw = 0;  ///< its number among the lot's draws, from the attribute's name; 0: from its place in the list
};

/// A step of a plan: an operation at a station, begun when the steps before it are done.
struct PlanStep {
  std::string name;
  std::uint64_t stream = 0;       ///< from its name: identity of the lot that stands for it
  Index station = none;
  Duration duration;              ///< in place of that of the station's first phase, if given
  std::vector<AttributeDraw> attributes;  ///< that the lot is given as the step begins
  std::vector<Index> after;       ///< steps that come before it
  std::vector<Index> followers;   ///< steps that have this one among those before them
};
/// A precedence graph of operations that a lot carries, named by its attribute `plan`; steps in the order of their names.
struct Plan {
  std::string name;
  std::vector<PlanStep> steps;
};
inline constexpr std::size_t most_steps_before = 250;  ///< of one step; a state counts them in a byte

struct Sink {
  std::string name;
  std::string role;  ///< "product", "waste", "emission", "internal" or what the file says
  Place place;
  std::shared_ptr<const Specification> specification = {};  ///< that lots are held against; null: none
  Index tank = none;         ///< what arrives goes into it, and does not leave the plant
};

/// What it holds is mixed perfectly, and goes back into the plant with every dose of its flow, before any of that is made.
struct Tank {
  std::string name;
  Place place;
  Index sink = none;         ///< of its name, where lots come to it
  Index flow = 0;
  int component = 0;         ///< that is dosed; all else in the tank goes with it
  Index kind = 0;            ///< of what leaves it
  double capacity_kg = 0;
  double bleed = 0;          ///< share of what arrives that is let out
  Index to = none;           ///< sink for that, and for what finds no room; none: nothing is ever let out
  std::uint64_t stream = 0;
  std::vector<std::size_t> elements;  ///< beside the component's own
  std::size_t first_level = 0;        ///< of its level times in the accounts: its mass, then its elements
  std::vector<Index> drawn_by;        ///< stations whose operations may dose its flow
};

// --- sources -------------------------------------------------------------------------------------------------------------------

enum class Arrivals : std::uint8_t { saturated, renewal, profile, timetable, blocks };
/// A row of a timetable, trace or day block.
struct TraceRow {
  double time_s = 0;
  std::vector<std::pair<int, double>> values;
};
/// The arrivals of a whole day, drawn among those that are possible on a weekday.
struct DayBlock {
  double up_to = 1;              ///< cumulated probability on that weekday, this block included
  Index first_row = 0, rows = 0; ///< in the source's rows, in order of their time of day
};
struct Source {
  std::string name;
  Place place;
  std::uint64_t stream = 0;
  int priority = 0;
  Arrivals arrivals = Arrivals::saturated;
  Distribution every;                     ///< renewal
  std::vector<double> profile_time_s;     ///< profile: breakpoints within a cycle, from 0 to the cycle's end
  std::vector<double> profile_rate;       ///< 1/s between them
  double profile_offset_s = 0;            ///< where in the cycle the run starts
  std::vector<TraceRow> rows;             ///< timetable: from the start; blocks: from midnight
  double repeat_s = 0;                    ///< timetable repeats, 0: once
  std::optional<double> first_s;          ///< first arrival, else one interval after the start
  double start_s = 0, until_s = 0;        ///< active in [start, until); until 0: forever
  std::optional<Distribution> batch;      ///< lots per arrival
  Index limit = unlimited;                ///< lots in all
  bool lose = false;                      ///< no room: lose the lot (else wait)
  std::optional<Expression> admit;        ///< a lot for which it does not hold as it comes is lost
  Index kind = 0;
  bool divisible = false;
  std::vector<AttributeDraw> attributes;
  std::shared_ptr<const LotMaker> maker;  ///< null: plain item
  // contents of a carrier
  std::shared_ptr<const LotMaker> load_maker;
  Index load_kind = none;
  std::optional<Distribution> load_count;
  std::vector<AttributeDraw> load_attributes;
  Route route;
  bool simple = false;                    ///< renewal, one plain lot at a time: the hot path knows it
  Index plain_target = none;              ///< of such a source: the station that its lots enter at once
  bool unceasing = false;                 ///< saturated, one way to go, no end: the hot path offers its next lot
  std::array<std::vector<DayBlock>, 7> day_blocks;  ///< blocks: possible on the days d, d + 7, ... of the run
};

/// Lots that are there at the start: in a buffer, or in service with some work left.
struct InitialLots {
  Index station = 0;
  Index count = 1;
  Index kind = 0;
  std::optional<double> remaining_s;  ///< in service with this much work left; else waiting
  std::shared_ptr<const LotMaker> maker;
  std::vector<AttributeDraw> attributes;
  std::uint64_t stream = 0;
  Index bound_for = none;             ///< station, of lots on a transport
};

/// One of a plant's routes: of a port of a station, or of a source.
struct RouteOwner {
  Index station = none, port = 0;
  Index source = none;
};

/// What a run may use, so that absurd figures end with a message and not without memory or end.
struct Limits {
  std::size_t lots = 10'000'000;  ///< at a time
  double events = 1e10;           ///< of a replication
};

/// The compiled plant. Stations, sources, sinks, pools and calendars are in the order of their names (stations of higher
/// priority first), so that the order of declaration cannot matter. Nothing that happens may follow that order: see `by_rank`.
class Plant {
 public:
  std::string name;
  std::vector<StationHot> hot;
  std::vector<Station> stations;
  std::vector<Source> sources;
  std::vector<Sink> sinks;
  std::vector<Tank> tanks;
  std::vector<Pool> pools;
  std::vector<Utility> utilities;
  DigitalLayer digital;
  std::vector<OutageOwner> outages;         ///< of utilities, then of devices
  std::vector<StandingUse> standing;        ///< of devices, then of utilities
  std::vector<std::vector<Index>> circles;  ///< utilities by circle
  std::vector<ShiftCalendar> calendars;
  std::vector<std::string> calendar_names;
  std::vector<Attribute> attributes;
  std::vector<double> blank;     ///< attributes of a lot that nobody has given any: unknown (-1) where they have categories, else 0
  std::vector<LotKindInfo> kinds;
  std::vector<FlowInfo> flows;
  std::vector<InitialLots> initial;
  std::vector<Plan> plans;       ///< by category of the attribute `plan`
  int plan_slot = -1;            ///< of that attribute, negative: there are no plans
  int due_slot = -1;             ///< attribute: time from birth until a lot is due [s], 0: never; negative: no lot is ever due
  std::size_t most_steps = 0;    ///< of a plan
  Substances substances;
  std::size_t n_components = 0;  ///< 0: lots carry no masses
  Index n_servers = 0, n_ports = 0, n_clocks = 0, n_keys = 0;
  std::size_t n_memory = 0;
  int contents_slot = -1;
  std::vector<Look> looks;       ///< at most `most_looks`
  bool patience = false;         ///< lots give up waiting somewhere
  Index electricity = 0;         ///< index of that flow
  long day0 = 0;                 ///< day on which the run starts, days since 1970-01-01
  double clock0_s = 0;           ///< and its time of day [s], whole seconds
  Limits limits;
  std::uint64_t structure_hash = 0, parameter_hash = 0;
  /// Stations of higher priority first, then along the flow from the sources, whatever their names: who goes first at one instant.
  std::vector<Index> by_rank, rank;
  std::vector<RouteOwner> route_owners;          ///< per route: first those of the ports, then those of the sources
  std::vector<std::vector<Index>> choices_into;  ///< per station: routes with a choice that have their gate there, in order of rank

  std::vector<Index> visit_slots;                ///< attributes that count visits, one per station on a cycle

  Index route_of_port(Index station, Index port) const { return stations[station].first_port + port; }
  Index route_of_source(Index source) const { return n_ports + source; }
  const Route& route(Index index) const {
    const RouteOwner& owner = route_owners[index];
    return owner.source != none ? sources[owner.source].route : stations[owner.station].routes[owner.port];
  }
  Index n_stations() const { return static_cast<Index>(stations.size()); }
  const Outage& outage(Index index) const {
    const OutageOwner& of = outages[index];
    return (of.utility != none ? utilities[of.utility].outages : digital.devices[of.device].outages)[of.number];
  }
  /// The sinks that count as what the plant makes: those of role `product`; where none has it, those without a role; else all but
  /// internal ones.
  std::vector<Index> product_sinks() const;
  bool is_sink(Index node) const { return node >= stations.size(); }
  Index sink_node(Index sink) const { return n_stations() + sink; }
  /// Beyond the nodes, for what is told of sources.
  Index source_node(Index source) const { return n_stations() + static_cast<Index>(sinks.size()) + source; }
  Index find_station(std::string_view station_name) const;
  Index find_sink(std::string_view sink_name) const;
  Index find_source(std::string_view source_name) const;
  const std::string& node_name(Index node) const;
};

/// Fills what follows from the rest: offsets, hot records, the rare flags. Called once, last.
void finish_plant(Plant& plant);

}  // namespace retwin
