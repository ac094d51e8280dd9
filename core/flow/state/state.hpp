// The state: everything that changes while a plant runs, as one copyable value.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/flow/plant/plant.hpp"
#include "core/flow/state/calendar.hpp"
#include "core/flow/state/fifo.hpp"
#include "core/stats/levels.hpp"
#include "core/stats/tally.hpp"

namespace retwin {

inline constexpr Index source_holder = 0x80000000u;  ///< a lot's holder is a source: this bit and its index

/// A discrete lot, or a portion of bulk. Attributes and masses lie in arrays of the state under the same index. What every job touches
/// stands first, never across two cache lines.
struct alignas(32) Lot {
  std::uint64_t id = 0;
  double entered = 0;            ///< the buffer it is in, or the line of those that wait to enter one [s]
  double waited = 0;             ///< outside and in buffers so far [s]
  Index next = none;             ///< in a queue, a job or a port's output
  Index holder = none;           ///< server (or source) that holds it
  double born = 0;               ///< [s]
  double mass = 0;               ///< [kg]
  std::uint64_t family = 0;      ///< of siblings: the parent's identity
  Index wait_next = none;        ///< among the lots that wait to enter a station
  Index target = none;           ///< where it has been routed
  Index goal = none;             ///< final target while on a transport
  Index origin = none;           ///< node it left for the transport
  Index family_size = 0;
  Index kind = 0;
  std::uint16_t source = 0;
  std::uint16_t port = 0;
  Index plan_of = none;          ///< lot whose plan this one follows: itself, or the parent of one that stands for a step
  Index step = 0;                ///< of that plan
  Index choice = none;           ///< route in whose line it waits for the first of several targets to have room
};
static_assert(sizeof(Lot) == 96);
/// Whether it only stands for a step of another lot's plan; `index` is its own.
inline bool stands_for_step(const Lot& lot, Index index) { return lot.plan_of != none && lot.plan_of != index; }
/// What the state keeps of each step of a lot's plan: how many steps must be done before it, or one of these.
enum StepState : std::uint8_t { step_begun = 254, step_done = 255 };

enum Condition : std::uint8_t { condition_down = 1, condition_maintenance = 2, condition_off = 4 };
inline constexpr std::uint8_t out_of_order = condition_down | condition_maintenance;
/// Where a server is in its round.
enum class Stage : std::uint8_t { idle, reserve, setup, work, finished, changeover };

/// One server of a station; what every job touches stands first, within one cache line.
struct alignas(64) Server {
  std::uint64_t pending = 0;     ///< order of its scheduled event, 0: none
  double since = 0;              ///< when the shown state began [s]
  double active_since = 0;       ///< when the current active period began [s]
  double work_start = 0;         ///< when the present stretch of work began [s]
  double duration = 0;           ///< of the job so far, setup aside [s]
  Index job = none;              ///< first lot of the job
  Index jobs_lots = 0;
  Index next = none;             ///< in the idle list of its station
  Index outputs = 0;             ///< lots that have not left yet
  ServerState shown = ServerState::starved;
  ServerState base = ServerState::starved;  ///< beneath down, maintenance and off_shift
  std::uint8_t conditions = 0;   ///< bits: see Condition
  Stage stage = Stage::idle;
  std::uint8_t flags = 0;        ///< bits: see ServerFlag
  std::uint8_t pad[3] = {};
  double remaining = 0;          ///< work left at work_start, of a crew of speed 1 [s]; negative: the phase has not been drawn
  std::uint64_t batch_id = 0;    ///< identity that the draws of the job are addressed with
  Index grant = none;            ///< first grant of resources its job holds
  Index repair_grant = none;     ///< first grant of the crew that repairs it
  Index key = none;              ///< value of the setup attribute of the last job
  Index place = 0;               ///< of a vehicle
  std::uint16_t phase = 0;       ///< of the job in hand
  std::uint16_t failed_mode = 0;
  std::uint16_t due_modes = 0;   ///< failure modes that wait for their turn (bits)
  std::uint16_t pad2 = 0;
  std::uint64_t first_pending = 0;  ///< `pending` of a job that was in service at the start, 0: none was
  double done_before = 0;           ///< of the mean of that job, before the start [s]
  std::uint64_t began = 0;          ///< serial number of its job: the oldest job goes on first
};
static_assert(sizeof(Server) == 128);
enum ServerFlag : std::uint8_t {
  flag_suspended = 1,   ///< work was interrupted; `remaining` holds what is left
  flag_waiting = 2,     ///< has a waiting request
  flag_repairing = 4,   ///< the repair itself has begun
  flag_listed = 8,      ///< in the list of servers with outputs to push
  flag_reserved = 16    ///< the target of its job's first lot is chosen, and keeps a place (blocking before service)
};

struct alignas(64) StationState {
  Fifo<&Lot::next> queue;        ///< its buffer; `lifo`: the newest first
  Index queued = 0;
  Fifo<&Server::next> idlers;    ///< servers that are free, the longest-idle first
  Index idle = 0;
  Fifo<&Lot::wait_next> line;    ///< lots that wait to enter it alone
  Index blocked = 0;             ///< who waits to enter: those in this line, and those that wait for the first of several targets
  Index reserved = 0;            ///< places promised (blocking before service)
  Index inbound = 0;             ///< lots on transports towards it
  Fifo<&Lot::wait_next> offers;  ///< lots held out by saturated sources, taken as servers are free: an unlimited buffer
  Fifo<&Server::next> finished;  ///< servers with outputs to push
  Index campaign_key = none;
  double queued_kg = 0;
  double next_start = 0;         ///< headway [s]
  double campaign_since = 0;
  std::uint64_t batches = 0;     ///< batches begun (identities)
  std::uint64_t merged = 0;
  std::uint64_t wait_event = 0;  ///< order of the scheduled batch_wait, 0: none
  std::uint64_t headway_event = 0;
  std::uint64_t pad = 0;
};
static_assert(sizeof(StationState) == 128);

/// Lots in a buffer, and since when there are so many.
struct Queued {
  double since_s = 0;
  Index lots = 0;
  Index pad = 0;
};
inline constexpr double quarter_s = 900;
inline constexpr std::size_t most_quarters = 1'000'000;  ///< after the start in which power is metered by quarter hours
inline constexpr Index few_queued = 30;  ///< less than so many lots in a buffer are counted at once, see StationAccount::queue_s

/// What a station did, integrated; windows are differences of two snapshots. What every job touches lies in the first two cache lines,
/// the times in the first four states included.
struct alignas(64) StationAccount {
  std::uint64_t jobs = 0, lots_in = 0, lots_out = 0;
  std::uint64_t left_queue = 0;
  double waited = 0;             ///< sum of waits in the buffer of lots that left it [s]
  Queued queue;
  std::uint64_t had_to_wait = 0; ///< of those that left it
  StayIntegral content;          ///< lots in the buffer and in service
  std::uint64_t active_periods = 0;
  double active_time = 0;        ///< of ended active periods [s]
  std::array<double, n_server_states> time_in{};  ///< [server s], without the stretch that is still going on
  std::uint64_t scrapped = 0, failures = 0, setups = 0;
  std::uint64_t gave_up = 0;     ///< lots that waited too long
  double kg_in = 0;              ///< mass of finished jobs
  LevelIntegral queue_kg;
  AnyTime held_up;               ///< servers before it hold lots that find no room in it
  double slowed_work_s = 0;      ///< work that was done while it was held up by a utility, at full speed: of the time in `waiting_utility`
  std::array<double, few_queued> queue_s{};  ///< time with no lot in the buffer, one, ...; more: see Accounts::queue_times
};
static_assert(sizeof(StationAccount) == 512);

struct SourceState {
  std::uint64_t ordinal = 0;     ///< lots made
  std::uint64_t arrivals = 0;
  std::uint64_t pending = 0;     ///< order of the scheduled arrival
  std::uint64_t law = 0;         ///< that arrivals follow, see `arrival_law`; 0: they have not begun
  double next_s = 0;             ///< the next arrival by that law, whether `until` and `limit` let it come or not; inf: none
  double interval_s = 0;         ///< that ends with it, of arrivals at intervals
  double last_s = -1;            ///< the last arrival, negative: none has come
  std::uint64_t row = 0;         ///< of its table that comes next
  Fifo<&Lot::next> line;         ///< lots that did not find room
  Index waiting = 0;
  Index offered = 0;             ///< 1: the waiting one is held out by a saturated source, and not made before it enters
  Index at_once = 0;             ///< arrivals at the instant of the last one
  Index pad = 0;
  void came(double now_s) {
    at_once = last_s == now_s ? at_once + 1 : 1;
    last_s = now_s;
  }
};
/// A route: whose turn it is (cyclic), and the lots that wait for the first of its targets to have room.
struct RouteState {
  Index turn = 0;
  Fifo<&Lot::wait_next> line;
  Index waiting = 0;
};
struct SourceAccount {
  std::uint64_t made = 0, lost = 0, left = 0;
  double kg_made = 0, kg_lost = 0;
  Tally cycle_time;              ///< of its lots that left [s]
  Tally waiting;                 ///< outside and in buffers [s]
};
/// Lots that were due at some time.
struct DueAccount {
  std::uint64_t lots = 0, late = 0;
  double lateness_s = 0;         ///< sum of what they came after their time, negative if before it
  double tardiness_s = 0;        ///< the same of those that came late
  void add(double late_s) {
    ++lots;
    lateness_s += late_s;
    if (late_s <= 0) return;
    ++late;
    tardiness_s += late_s;
  }
};
struct SinkAccount {
  std::uint64_t lots = 0;
  double kg = 0;
  std::uint64_t off_spec = 0;    ///< lots that do not meet the sink's specification
  double off_spec_kg = 0;
  Tally cycle_time;
  DueAccount due;
};

/// What a tank holds, its masses by component aside; they lie in an array of the state.
struct TankState {
  double kg = 0;
  double since_s = 0;            ///< it has held that [s]
  std::uint64_t lot = 0;         ///< identity of what it holds, another one each time that it was empty
  std::uint64_t parts = 0;       ///< identities given so far
};
struct TankAccount {
  double drawn_kg = 0;           ///< of its component
  double fresh_kg = 0;           ///< of it that was asked for and made, the tank lacking it
  double bled_kg = 0;            ///< of all that was let out
};

struct PoolState {
  double capacity = 0, taken = 0;
  LevelIntegral use;             ///< units taken
  LevelIntegral offered;         ///< units on duty
};
struct Grant {
  Index pool = none;
  Index next = none;
  double count = 0;
  double speed = 1;              ///< of the pool, when it was granted
};
/// A server that waits for resources.
struct Request {
  Index server = none;
  Index overtaken = 0;
  std::uint64_t order = 0;       ///< of a job that asks again: its serial number
  double since = 0;
  int priority = 0;
  std::uint16_t resumes = 0;     ///< 1: its work was begun and interrupted, which goes before new work
  std::uint16_t fresh = 1;       ///< of this instant: not looked at yet
};

/// What the job of a server takes of utilities at a rate of its own: item 0 is the progress of its work [s, of a crew of speed 1], with all that is
/// drawn while it goes on; item k the amount of the k-th of its phase's draws that are needed. The phase ends when all of them have.
struct Pull {
  double left = 0;               ///< at `since`
  double rate = 0;               ///< [1/s]
  double since = 0;
  double end = 0;                ///< at this rate; infinity: never
  double bound = 0;              ///< highest rate: of work, the speed of the slowest of those who do it
  Index server = none;
  Index next = none;             ///< of the same server, or of those that are free
  Index in_circle = none;        ///< of those that share
  std::uint16_t item = 0;
  std::uint16_t active = 0;      ///< 1: it shares; else it has ended, or the work stands
};
/// The pulls of a server.
struct ServerPulls {
  Index first = none;
  Index pad = 0;
  double ahead_s = 0;            ///< what was left of the phase when its speed was last looked at, with all that it asks for
};
/// What a server has drawn of a utility for the job in hand, where that is counted.
struct DrawnAmount {
  double amount = 0, rate = 0, since = 0;
  double at(double now_s) const { return amount + rate * (now_s - since); }
  void set(double now_s, double to) {
    amount = at(now_s);
    rate = to;
    since = now_s;
  }
};
/// Utilities that are shared together.
struct CircleState {
  Fifo<&Pull::in_circle> users;
  std::uint64_t pending = 0;     ///< order of the event in which the first of them ends, 0: none does
  double end = 0;                ///< its time
  std::uint64_t ample = 0;       ///< 1: everybody has all that he asks for, so that who comes or goes changes nothing for the others
};
struct OutageState {
  std::uint64_t ordinal = 0;     ///< of the outage that comes next, or is there
  std::uint64_t pending = 0;     ///< order of its next event
  double next_s = 0;             ///< and its time
  std::uint64_t there = 0;       ///< 1: it is there
};
/// What a utility keeps.
struct StoreState {
  double level = 0;              ///< at `since`
  double rate = 0;               ///< by which it rises [1/s]
  double since = 0;
  double gives = 0;              ///< of it [1/s]
  double takes = 0;              ///< of what the utility gives, to fill up [1/s]
  std::uint64_t pending = 0;     ///< order of the event in which it is empty or full, 0: neither comes
  double at(double now_s) const { return level + rate * (now_s - since); }
};
struct UtilityAccount {
  LevelIntegral taken, offered;  ///< amount of the flow [1/s]
  LevelIntegral full;            ///< 1 while all of it is taken and somebody wants more
  LevelIntegral fed;             ///< by jobs that give [1/s]
  LevelIntegral made;            ///< what it gives itself: what is taken, and what goes into its store, less what comes from there and from jobs [1/s]
  double given = 0;              ///< from what it keeps
  double kept = 0;               ///< what it keeps x time
};

/// A task of the digital layer that is under way.
struct TaskState {
  double left = 0;               ///< of its step, at `since`: operations or bytes, or seconds of latency
  double rate = 0;               ///< [1/s]
  double since = 0;
  double end = 0;                ///< of its step, at this rate; infinity: never
  double begun = 0;              ///< the task [s]
  double scale = 1;              ///< of its amounts
  std::uint64_t number = 0;      ///< in the order in which tasks began, from 1
  Index task = none;
  Index server = none;           ///< whose job waits for it
  std::uint16_t step = 0;
  std::uint8_t sends = 0;        ///< 1: its latency is over, or it has none: it takes what its step goes over
  std::uint8_t together = 0;     ///< 1: it shares that with others, and SimGrid says how fast it goes
  std::uint8_t queued = 0;       ///< 1: as many of its kind go on as may at once; its first step has not begun
  std::uint8_t pad[3] = {};
};
/// A task that begins by the clock.
struct TaskClock {
  std::uint64_t ordinal = 0;     ///< of the one that comes next
  std::uint64_t pending = 0;     ///< order of its event, 0: none
};
struct DeviceAccount {
  LevelIntegral busy;            ///< cores, or byte/s, streams counted
  LevelIntegral away;            ///< 1 while it is
  LevelIntegral offered;         ///< cores, or byte/s, while it is not
};
struct TaskAccount {
  std::uint64_t begun = 0;
  Tally latency;                 ///< from the beginning to the end of its last step [s]
  std::uint64_t delayed = 0;     ///< jobs that were done but for its result
  double waited = 0;             ///< by them [s]
};

/// A failure mode of a server (or of a station as a whole).
struct ClockState {
  double left = 0;               ///< working [s] or jobs until the next failure; calendar: time of it [s]
  std::uint64_t ordinal = 0;
  std::uint64_t pending = 0;     ///< order of the scheduled event (calendar)
  Index server = none;
  Index mode = 0;
};

/// Streaming accounts: masses and metered flows by place. All arrays have fixed sizes for a plant.
struct Accounts {
  std::vector<StationAccount> stations;
  std::vector<LevelTimes> queue_times;    ///< per station: lots in its buffer, while they are many
  std::vector<LevelTimes> kg_times;       ///< per station: mass in its buffer, where that is kept [kg]
  std::vector<SourceAccount> sources;     ///< the last one: lots that were there at the start
  std::vector<SinkAccount> sinks;
  std::vector<Histogram> cycle_time;      ///< per sink [s]
  std::vector<double> metered;            ///< station x flow
  std::vector<double> port_kg;            ///< port x component: what left through it (no components: empty)
  std::vector<double> port_lots;          ///< per port
  std::vector<double> source_kg;          ///< source x component
  std::vector<double> sink_kg;            ///< sink x component
  std::vector<double> initial_kg;         ///< per component: lots that were there at the start
  std::vector<double> created_kg;         ///< station x component
  std::vector<double> transmuted_kg;      ///< station x component
  std::vector<UtilityAccount> utilities;
  std::vector<DeviceAccount> devices;
  std::vector<LevelIntegral> standing;    ///< see Plant::standing [1/s]
  std::vector<TaskAccount> tasks;
  std::vector<Histogram> task_latency;    ///< per task of the digital layer [s]
  std::vector<TankAccount> tanks;
  std::vector<double> tank_kg;            ///< tank x component: what arrived and was not let out
  std::vector<LevelTimes> tank_levels;    ///< see Tank::first_level: its mass [kg]; while it holds any, of each element [mg/kg]
  LevelIntegral wip;                      ///< lots in the plant
  std::vector<double> job_J;              ///< electricity of ended jobs, by the quarter hours in which they ran, from that of the start on
  double wip_cycle_sum = 0;               ///< sum of the stays of lots that ended [s]
  std::uint64_t events = 0, completions = 0;

  /// There have been so many lots in a buffer for so long.
  void many_queued(Index station, Index lots, double stay_s);
  /// Mass has come into a buffer, or left it.
  void add_kg(Index station, double now_s, double kg) {
    LevelIntegral& there = stations[station].queue_kg;
    kg_times[station].add(there.level(), there.stay(now_s));
    there.add(now_s, kg);
  }
  /// Spreads the electricity of a job evenly over its time. @param clock0_s time of day at the start
  void add_job_J(double begin_s, double end_s, double clock0_s, double J);
  /// Counts the stretches that still go on up to now.
  void settle(double now_s);
  /// Lots in a buffer x time, up to the last change.
  double queue_integral(Index station) const;
};

/// An ended active period of a server, for the momentary bottleneck.
struct ActivePeriod {
  double begin, end;
  Index station;
  Index pad;
};

/// Everything that changes. Copy it to fork the future.
struct State {
  double now = 0;
  std::uint64_t order = 1;       ///< next order of scheduling
  std::uint64_t key = 0;         ///< of the replication
  std::uint64_t structure_hash = 0, parameter_hash = 0;
  Calendar calendar;
  std::vector<Lot> lots;
  Index free_lot = none;
  Index live_lots = 0;           ///< without those that stand for steps of a plan
  std::vector<double> attributes;  ///< lot x attribute
  std::vector<double> kg;          ///< lot x component
  std::vector<std::uint8_t> steps;  ///< lot x step of its plan, see StepState
  std::vector<std::uint64_t> patience;  ///< by lot: order of the event in which it gives up, 0: it does not; of a plant where lots do
  std::vector<Server> servers;
  std::vector<Index> server_station;         ///< grows with stations of unlimited servers
  std::vector<StationState> stations;
  std::vector<SourceState> sources;
  std::vector<RouteState> routes;            ///< of ports, then of sources
  std::vector<PoolState> pools;
  std::vector<Grant> grants;
  Index free_grant = none;
  std::vector<Request> requests;   ///< waiting, in order of (priority, interrupted work first, order)
  std::vector<ClockState> clocks;
  std::vector<std::uint8_t> calendar_on;
  std::vector<std::uint64_t> calendar_event;
  std::vector<Fifo<&Lot::next>> outputs;     ///< that wait, by server and port: see server_port
  std::vector<Index> server_port;            ///< first of the ports of each server
  std::vector<std::uint32_t> key_count;      ///< waiting lots by batch key
  std::vector<double> key_kg;
  std::vector<double> memory;
  std::vector<TankState> tanks;
  std::vector<double> tank_kg;     ///< tank x component
  std::vector<Pull> pulls;
  Index free_pull = none;
  std::vector<ServerPulls> server_pulls;     ///< of a plant with utilities
  std::vector<DrawnAmount> drawn;                  ///< server x utility
  std::vector<CircleState> circles;
  std::vector<double> wanted;                ///< of each utility, by those who share it, at their highest rates [1/s]
  std::vector<double> fed;                   ///< to each utility, by jobs that give [1/s]
  std::vector<OutageState> outages;
  std::vector<StoreState> stores;            ///< by utility
  std::vector<TaskState> tasks;              ///< under way, in the order in which they began
  std::uint64_t tasks_begun = 0;
  std::uint64_t step_event = 0;              ///< order of the event in which the first step of one ends, 0: none does
  double step_end = 0;                       ///< its time
  std::vector<std::uint64_t> awaited;        ///< by server: number of the task that its job needs, 0: none; of a plant with tasks
  std::vector<TaskClock> task_clocks;
  Accounts accounts;
  // Activity log for the momentary bottleneck; off by default.
  bool log_activity = false;
  std::vector<ActivePeriod> activity;
  // Transient: empty between two instants.
  std::vector<Index> touched;
  std::vector<std::uint8_t> is_touched;
  bool pools_dirty = false;
  bool started = false;
};

/// Whether a lot is only held out by a saturated source: it is not in the plant yet.
inline bool is_offer(const State& state, const Lot& lot) {
  return lot.holder != none && (lot.holder & source_holder) && state.sources[lot.holder & ~source_holder].offered != 0;
}

/// Takes a lot out of the line of those that wait to enter a station.
void withdraw_from_line(State& state, Index station, Index lot);

/// Counts in these accounts what a tank of the state has held up to now.
void settle_tank(const Plant& plant, const State& state, std::size_t tank, Accounts& accounts);

/// Of the draws of a phase that which says with whom its work shares: taken while it goes on, else given; the end: neither.
std::vector<Draw>::const_iterator main_draw(const std::vector<Draw>& draws);
/// The draw of a phase that a pull stands for; null: the progress of its work.
const Draw* draw_of(const std::vector<Draw>& draws, const Pull& pull);
/// Counts in these accounts what a utility of the state has kept and given since its rate was last set.
void settle_store(const State& state, std::size_t utility, Accounts& accounts);
/// What is left of the phase that a server works on if it gets all that it asks for of utilities [s].
double phase_ahead(const State& state, Index server);

/// Bytes of a state: saved with its hashes, read back into a plant of the same structure.
std::string save_state(const State& state, const Plant& plant);
/// @throws InputError (code state: damaged; code structure: another structure)
State load_state(std::string_view bytes, const Plant& plant, const std::string& file_name);
/// SHA-256 over everything that decides the future.
std::string state_digest(const State& state, const Plant& plant);

/// The state at time 0, before anything is scheduled.
State initial_state(const Plant& plant, std::uint64_t seed, std::uint64_t replication = 0);

}  // namespace retwin
