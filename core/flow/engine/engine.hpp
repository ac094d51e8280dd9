// The engine: moves a State through time by the rules of a Plant. Private to core/flow; users hold a Simulation.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "core/base/random.hpp"
#include "core/flow/engine/arrivals.hpp"
#include "core/flow/engine/crews.hpp"
#include "core/flow/engine/observer.hpp"
#include "core/flow/engine/sharing.hpp"
#include "core/flow/engine/watch.hpp"
#include "core/flow/plant/plant.hpp"
#include "core/flow/state/state.hpp"

namespace retwin {

/// Draw numbers of a job below Job::draw_offset.
namespace draw {
inline constexpr std::uint64_t phase = 0;       // + phase
inline constexpr std::uint64_t patience = 38;
inline constexpr std::uint64_t turn = 39;        // in a random order of service
inline constexpr std::uint64_t setup = 40;
inline constexpr std::uint64_t changeover = 41;
inline constexpr std::uint64_t route = 44;      // + port
inline constexpr std::uint64_t visit_shift = 24;  // draws of one visit to a station lie 2^24 apart from those of the next
}  // namespace draw

inline constexpr double mass_tolerance = 1e-9;  ///< relative: a batch of 1 t is full at 1 t less a microgram

/// Who may move next at one instant, when all that has one way to go has gone; see instant.cpp.
enum class TurnKind : std::uint8_t { choice, step, patience, arrival, saturated };
struct Turn {
  double since;
  int priority;
  Index rank;                ///< of the station; sources after all stations
  std::uint64_t number;      ///< in the order of asking
  TurnKind kind;
  Index index;               ///< choice: route; step: server; patience, arrival: lot; saturated: source
  bool outside() const { return kind == TurnKind::arrival || kind == TurnKind::saturated; }
  friend bool operator>(const Turn& a, const Turn& b) {
    if (a.since != b.since) return a.since > b.since;
    if (a.outside() != b.outside()) return a.outside();
    if (a.priority != b.priority) return a.priority < b.priority;
    return a.rank != b.rank ? a.rank > b.rank : a.number > b.number;
  }
};

class Engine {
 public:
  Engine(const Plant& plant, State& state, Observer* observer, Watch* watch = nullptr);
  /// Puts calendars, sources, failure clocks and the initial lots in place; everything at time 0 is then settled and dispatched.
  void start();
  /// Handles every event up to and including `until` and leaves the clock there.
  /// @throws RunError if lots are deadlocked
  /// @param goal where the clock goes on to from there, if further: only then lots are looked at for a deadlock
  void run(double until, double goal = 0);
  /// The plant is not the one that the state has run on so far: calendars, pools, failure clocks and arrivals are looked at again,
  /// servers and sources that are new begin, and everything is dispatched. Changes nothing if nothing differs.
  void adopt(const std::vector<Index>& new_servers = {});

 private:
  // --- engine.cpp: the loop and the hot path
  void loop(double until, double goal);
  void handle(const Event& event);
  void fetch_ahead();
  [[gnu::always_inline]] void complete_plain(Index server);
  [[gnu::noinline]] Index way_out_plain(Index lot, Index station);
  void arrive_plain(Index source);
  bool push_plain(Index lot, Index node);
  void free_plain(Index server);
  void take_offer_plain(Index server);
  bool offer_next_plain(Index source, Index station);
  void start_plain(Index server, Index lot);
  void book_plain(Index server, Index lot);
  bool ends_plain(Index server) const;
  bool frees_plain(Index server) const;
  double service_plain(const StationHot& hot, const Station& station, Index lot, std::uint64_t visits);

  // --- instant.cpp: the order at one instant
  void settle_instant(std::uint64_t time_bits);
  bool settle_later();
  void touch(Index node);
  void add_turn(Turn turn);
  void take_turn();
  void move_on(Index station);
  bool pulls_first(Index station) const;
  bool arrives_beside(const Turn& turn) const;
  bool another_event_now();
  void dispatch_all();

  // --- stations.cpp, picking.cpp, jobs.cpp, outputs.cpp: buffers, batches, jobs, what leaves them
  bool has_room(Index station, const Lot& lot) const;
  bool lacks(Index station, const Lot& lot) const;
  double promised_kg(Index station) const;
  bool enter(Index lot, Index node);                 ///< false: no room
  void put_in(Index lot, Index node);
  void enqueue(Index lot, Index station);
  void adopt_queue(Index station);
  void take_from_queue(Index lot, Index previous, Index station);
  void give_up(Index lot);
  static constexpr std::uint64_t patience_over = ~std::uint64_t{0};
  void await_patience(Index lot, Index station);
  void adopt_patience();
  bool start_job(Index station);
  Index pick_single(Index station, Index& previous);
  bool pick_batch(Index station, std::vector<Index>& lots);
  bool pick_siblings(Index station, std::vector<Index>& lots);
  bool pick_assembly(Index station, std::vector<Index>& lots);
  void collect(Index station, std::uint32_t key, std::vector<Index>& lots);
  void schedule_batch_wait(Index station);
  Index pick_server(Index station, Index lot);
  void add_server(Index station);
  /// @param left_s in service already, with this much work left [s]
  void begin_job(Index server, const std::vector<Index>& lots, std::optional<double> left_s = {});
  void leave_last_phases(Index server, double left_s);
  void finish_job(Index server);
  void pass_job(Index server);
  void next_lap(Index lot, const Station& spec);
  void run_operation(Index server, Station const& station);
  void unload(Index server);
  void merge_job(Index server);
  void add_output(Index server, Index lot, std::uint16_t port);
  Index make_child(Index parent, std::uint64_t identity);
  void meter_job(Index server, double kg);
  void spread_energy(Index server, double J);
  void count_port(std::size_t port, Index lot);
  void push_outputs(Index server);
  void count_out(Index server);
  void detach_output(Index server, Index lot);
  void output_left(Index server);
  void outputs_done(Index server);
  void list_finished(Index server);
  void give_up_place(Index server);
  std::uint32_t key_of(const Lot& lot, Index index, int slot) const;
  Index split_lot(Index lot, double kg, Index station);

  // --- tanks.cpp
  void supply_job();
  void draw_supplies(Index station);
  void end_drawn(Index station);
  void fill_tank(Index lot, Index tank);
  void let_out(Index tank, Lot& from, double* kg, double share);
  void change_tank(Index tank);
  void weigh_tank(Index tank);
  Lot tank_lot(Index tank) const;
  std::uint64_t part_of_tank(Index tank, std::uint64_t from);
  double* tank_kg_of(Index tank) { return s_.tank_kg.data() + static_cast<std::size_t>(tank) * p_.n_components; }

  // --- records.cpp: what observers are told of jobs
  const Lot& fill_in(JobRecord& record, Index station, Index server, double began_s) const;
  JobRecord& record_inputs(Index server);
  void tell_start(Index server);
  void tell_start_plain(Index station, Index server, bool meters);
  WorkStretch stretch_of(Index server, ServerState state, std::vector<CrewPart>& crews) const;
  void hear_stretch(Index server);
  JobRecord& open_record(Index server);
  void record_output(Index lot, std::uint16_t port, bool passed);
  void record_ancestor(std::uint64_t input);
  void record_mixture(bool of_taken = false);
  void record_operation();
  void record_lineage(const Job::Output& output);
  void tell_finish(Origin origin);
  void tell_plain(Index station, Index server);
  void tell_metered(Index server);

  // --- servers.cpp: work, phases, shifts, failures
  void begin_phase(Index server);
  void continue_phase(Index server);
  void start_work(Index server);
  void resume_work(Index server);
  void stop_work(Index server);
  void end_of_work(Index server);
  void make_idle(Index server);
  void unlink_idle(Index server);
  const WorkPhase& current_phase(const Server& server) const;
  double phase_duration(Index server);
  double setup_duration(Index server, const Draws& draws) const;
  std::span<double> memory_of(Index server);
  bool attended(const Server& server) const;
  double work_ahead(Index server);
  void set_base(Index server, ServerState base);
  void show(Index server);
  void shift_change(Index calendar);
  void change_shifts(const std::vector<Index>& calendars);
  void station_shift(Index station, bool on);
  void suspend(Index server);
  bool off_shift(Index station) const;
  void link_idle(Index server);
  void clock_failure(Index clock);
  void working_failure(Index server);
  void due_failure(Index server, std::uint16_t mode);
  void begin_failure(Index server, std::uint16_t mode);
  void interrupt_job(Index server, const FailureMode& mode);
  void scrap_job(Index server, Index sink);
  void begin_repair(Index server);
  void end_repair(Index server);
  void renew_memory(Index server);
  bool station_repaired(Index server) const;
  void after_repair(Index server);
  void schedule_clock(Index clock, double from);
  std::optional<double> listed_failure(const FailureMode& mode, double from, bool first) const;  ///< none: no more
  bool clock_stands(Index clock) const;
  void run_clocks(Index server, double elapsed);
  double draw_failure(const FailureMode& mode, const Duration& time, Index server, std::uint64_t ordinal, std::uint64_t which) const;
  ClockState& clock_of(Index server, std::uint16_t mode);

  // --- resources.cpp
  void serve_requests();
  void begin_granted(Index server);
  void pool_shifts();
  void send_home(Index pool);
  void suspend_kept(Index pool);
  void resume_kept();
  double speed_of(const Server& server) const;

  // --- utilities.cpp
  const Draw* draw_of(const Pull& pull) const;
  double bound_of(const Pull& pull) const;
  void takes_of(const Pull& pull, std::vector<Take>& out) const;
  Index circle_of(const Pull& pull) const;
  Index new_pull(Index server, std::uint16_t item, double left);
  void make_pulls(Index server);
  void count_slowed(Index server);
  void set_rate(Pull& pull, double rate);
  void tell_drawn(const Pull& pull);
  void begin_pulls(Index server);
  void leave_circle(Index pull);
  void want(const Pull& pull, double rate);
  void give_all(Index circle);
  void await_end(Index circle, double end);
  void set_level(LevelIntegral& level, double to);
  double to_be_had(Index utility) const;
  void keep_or_give(Index utility);
  bool gives(const Pull& pull) const;
  void feed(Index circle);
  void count_input(Index utility);
  void use_always(Index index, double per_s);
  void end_store(Index utility);
  void stop_pulls(Index server);
  void drop_pulls(Index server);
  void meter_drawn(Index server);
  bool pulls(Index server) const { return !s_.server_pulls.empty() && s_.server_pulls[server].first != none; }
  void share_anew(Index circle);
  void pulls_ended(Index circle);
  void share_utilities();
  double capacity_now(Index utility) const;
  void share(Index circle);
  void show_speed(Index server);
  void tell_capacity(Index utility);
  void start_utilities();
  void adopt_utilities(bool same);

  // --- outages.cpp
  double next_outage(Index outage, bool first);
  void await_outage(Index outage, double time);
  void turn_outage(Index outage);
  void tell_outage(Index outage);
  /// What the outages that are there leave, of 1.
  double left_by_outages(Index first, std::size_t outages) const;
  void start_outages();
  void adopt_outages();

  // --- digital.cpp
  void begin_task(Index task, Index server, double lots);
  void begin_step(TaskState& task);
  void begin_queued(Index task);
  void await_result(Index server);
  bool awaits_result(Index server) const { return !s_.awaited.empty() && s_.awaited[server] != 0; }
  void hold_for_result(Index server);
  bool is_held(const Server& server) const { return server.base == ServerState::waiting_digital; }
  void forget_result(Index server);
  void result_is_there(Index server);
  void tasks_after(Index server);
  void steps_ended();
  void end_task(const TaskState& task);
  double capacity_of_device(Index device) const;
  void share_devices();
  bool goes_alone(const TaskState& task, const std::vector<Index>& users, double& rate) const;
  void ask_network(const std::vector<double>& capacity);
  void set_task_rate(TaskState& task, double rate);
  void count_devices(const std::vector<double>& capacity);
  void await_task(Index task, double time);
  void task_due(Index task);
  void start_digital();
  void adopt_digital(bool same);

  // --- sources.cpp
  void start_source(Index source);
  ArrivalMoment moment_of(Index source, bool changed = false);
  bool comes(Index source, double time) const;
  void await_arrival(Index source, double time);
  void arrive(Index source);
  void open_or_close(Index source);
  Index make_lot(Index source);
  void count_made(Index lot, Index source);
  void withdraw_offer(Index source);
  void offer(Index lot, Index source);
  void lose(Index lot, Index source);
  void saturate(Index source);
  void detach_source(Index source, Index lot);
  void source_admitted(Index source);
  void wait_outside(Index source);
  Index first_target(Index lot, Index source);
  void apply_draws(Index lot, const std::vector<AttributeDraw>& draws, std::uint64_t stream);

  // --- initial.cpp
  void place_initial();
  Index make_initial(const InitialLots& initial, Index ordinal);
  Index server_for_initial(Index station);

  // --- routes.cpp
  const RouteOption& choose_option(Index route, Index lot, std::uint64_t stream, std::uint64_t number, Index visit_slot = none);
  Index route_lot(Index lot, Index station, std::uint16_t port);
  Index set_out(Index lot, const RouteOption& option, Index route);
  Index waits_ahead(const RouteOption& option) const;
  double expected_wait(const RouteOption& option) const;
  double const* slots_of(Index lot, Index count, Index visit_slot = none) const;
  void look_around() const;
  Index send_from_source(Index lot, Index source);
  void forget_goal(Index lot);
  double const* slots_of_job(const Server& server) const;

  // --- choices.cpp
  bool choose_later(Index server, Index lot, std::uint16_t port);
  bool look_for_room(const Route& route, Index lot);
  const RouteOption& best_with_room(const Route& route) const;
  void add_choice_turn(Index route);
  void take_choice(Index route);
  void take_step(Index server);

  // --- lines.cpp
  bool stands_before(Index lot, Index other) const;
  void wait_to_enter(Index lot, Index station);
  bool stands_at(Index lot, Index gate) const;
  bool admit_offer(Index station);
  void wait_for_choice(Index lot, Index route);
  void leave_line(Index route);
  Index first_in_line(Index station) const;
  bool admit_blocked(Index station);
  void admit(Index lot, Index node);
  void adopt_lines();
  void decide_anew(Index lot);

  // --- plans.cpp
  bool stands_for_step(Index lot) const { return retwin::stands_for_step(s_.lots[lot], lot); }
  const Plan& plan_of(Index lot) const;
  const PlanStep* step_of(Index lot) const;
  void begin_plan(Index server);
  void step_ended(Index owner, Index step);
  void end_step_lot(Index lot, Index where);
  bool plan_done(Index owner) const;
  void begin_ready_steps(Index owner);
  Index choose_step(Index lot);
  std::uint8_t* steps_of(Index lot) { return s_.steps.data() + static_cast<std::size_t>(lot) * p_.most_steps; }
  const std::uint8_t* steps_of(Index lot) const { return s_.steps.data() + static_cast<std::size_t>(lot) * p_.most_steps; }

  // --- adopt.cpp
  void adopt_running_jobs();
  void adopt_calendars();
  void adopt_clocks();
  void adopt_arrivals();
  bool offer_stands(Index source, bool same_law) const;
  double capacity_of(Index pool) const;

  // --- liveness.cpp
  void check_liveness();

  // --- limits.cpp
  [[noreturn]] void too_many_lots() const;
  [[noreturn]] void time_stands_still() const;
  void check_events(double began_s, std::uint64_t handled, double until_s) const;
  const std::string& busiest() const;

  // --- lots.cpp; small things
  Index new_lot();
  void free_lot(Index lot);
  void leave(Index lot, Index sink);
  void count_due(Index lot, Index sink);
  void end_lot(Index lot, Index where);
  void log_active(Server& server, Index station);
  double* attributes_of(Index lot) { return s_.attributes.data() + static_cast<std::size_t>(lot) * n_attributes_; }
  double* kg_of(Index lot) { return s_.kg.data() + static_cast<std::size_t>(lot) * p_.n_components; }
  const double* attributes_of(Index lot) const { return s_.attributes.data() + static_cast<std::size_t>(lot) * n_attributes_; }
  const double* kg_of(Index lot) const { return s_.kg.data() + static_cast<std::size_t>(lot) * p_.n_components; }
  std::span<const double> masses_of(Index lot) const { return {kg_of(lot), p_.n_components}; }
  double mass_of(Index lot) const;
  Index station_of(Index server) const { return s_.server_station[server]; }
  template <class F>
  void for_clocks(F&& f) const {  // of failures, by the rank of their stations
    for (const Index station : p_.by_rank) {
      const Index first = p_.stations[station].first_clock;
      const Index clocks = p_.hot[station].servers * static_cast<Index>(p_.stations[station].failures.size());
      for (Index clock = first; clock < first + clocks; ++clock)
        if (s_.clocks[clock].server != none) f(clock);
    }
  }
  std::uint64_t schedule(double time, EventKind kind, Index index) {
    const std::uint64_t order = s_.order++;
    s_.calendar.push({std::bit_cast<std::uint64_t>(time), order, kind, index});
    return order;
  }
  /// A lot is at a station from now on, whichever path it takes there.
  StationAccount& come_to(Index station, Index lot) {
    StationAccount& account = s_.accounts.stations[station];
    ++account.lots_in;
    account.content.add(s_.now, 1);
    if (observer_) [[unlikely]] observer_->lot_entered(s_.now, station, s_.lots[lot]);
    return account;
  }
  /// It waits there, behind all others or before them.
  void wait_in_buffer(Index lot, Index station, StationState& st, StationAccount& account, bool first = false) {
    s_.lots[lot].entered = s_.now;
    if (first) st.queue.insert(s_.lots, lot, none);
    else st.queue.push_back(s_.lots, lot);
    ++st.queued;
    count_queued(station, account, 1);
  }
  void count_queued(Index station, StationAccount& account, int change) {
    Queued& queue = account.queue;
    const double stay_s = s_.now - queue.since_s;
    if (queue.lots < few_queued) [[likely]] account.queue_s[queue.lots] += stay_s;
    else s_.accounts.many_queued(station, queue.lots, stay_s);
    queue.since_s = s_.now;
    queue.lots += static_cast<Index>(change);
  }
  /// The longest-waiting of its line is about to come in. @param held by a server
  void leave_head_of_line(Index station, StationState& st, bool held) {
    st.line.pop_front(s_.lots);
    --st.blocked;
    if (held) s_.accounts.stations[station].held_up.go(s_.now);
  }
  static bool held_by_server(const Lot& lot) { return (lot.holder & source_holder) == 0; }
  void change_state(Server& server, Index station, Index index, ServerState to) {
    if (server.shown == to) return;
    StationAccount& account = s_.accounts.stations[station];
    account.time_in[static_cast<std::size_t>(server.shown)] += s_.now - server.since;
    server.since = s_.now;
    const bool was = is_active(server.shown), is = is_active(to);
    if (was != is) {
      if (is) {
        server.active_since = s_.now;
      } else {
        ++account.active_periods;
        account.active_time += s_.now - server.active_since;
        if (s_.log_activity) log_active(server, station);
      }
    }
    if (observer_) [[unlikely]] observer_->state_changed(s_.now, station, index, server.shown, to);
    server.shown = to;
  }

  const Plant& p_;
  State& s_;
  Observer* observer_;
  Watch* watch_;
  Crews crews_;
  std::size_t n_attributes_;
  bool plain_lots_;  ///< they have neither attributes nor masses
  Job job_;
  /// Outputs of one kind that an operation makes of one input.
  struct Family {
    int parent, kind;
    Index size;
  };
  Family& family_of(const Job::Output& output);
  std::vector<Family> families_;
  std::vector<std::uint64_t> ordinals_;  ///< per input: how many lots have been made of it
  std::vector<std::pair<Index, std::size_t>> born_;  ///< of the job that ends: lots that it made, and the numbers of their outputs
  bool suspect_ = false;  ///< lots have blocked one another along a cycle: a deadlock is possible
  std::vector<Event> later_;  ///< failures and shift changes of this instant: after everything that ends
  std::vector<Turn> turns_;   ///< a heap
  std::vector<Index> ready_;  ///< ranks of the stations where jobs may begin when all that moves has moved: a heap
  std::vector<std::uint8_t> is_ready_;
  std::uint64_t next_turn_ = 0;
  bool unfinished_ = false;   ///< there is more to do at this instant, after an event that it has brought about
  std::vector<std::uint8_t> has_room_;  ///< per option of the route that was looked at last
  std::vector<Index> picked_;
  std::vector<Lot> drawn_;        ///< from tanks, by the job that ends
  std::vector<double> drawn_kg_;  ///< x components
  std::vector<Index> to_share_;   ///< circles of utilities whose rates are found anew when nothing else moves at this instant
  std::vector<Index> fresh_;      ///< pulls that share since this instant
  bool share_devices_ = false;    ///< likewise the rates of tasks of the digital layer
  bool ask_again_ = false;        ///< and what SimGrid has said of them does not hold any more
  Sharing sharing_;
  std::vector<Sharer> users_;
  std::vector<Take> takes_;
  mutable std::vector<double> slots_;
};

}  // namespace retwin
