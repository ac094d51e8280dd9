// Crews: who has which units of the resource pools, who asks for some, and who is served next. What they then do is the engine's.
#pragma once
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "core/flow/engine/observer.hpp"
#include "core/flow/plant/matching.hpp"
#include "core/flow/plant/plant.hpp"
#include "core/flow/state/state.hpp"

namespace retwin {

class Crews {
 public:
  static constexpr double eps = Matching::tolerance;  ///< [units]

  /// @param work_s what a server that asks would do with the crew, at speed 1 [s]
  Crews(const Plant& plant, State& state, Observer* observer, std::function<double(Index server)> work_s)
      : p_(plant), s_(state), observer_(observer), work_s_(std::move(work_s)) {}

  /// What a server needs for what it is at; null: nothing. @param server one of the state
  const std::vector<Need>* needs_of(const Server& server) const;

  // --- units that are held: a list of grants, by the index of its first
  void take(Index& grant, Index pool, double count);
  void release(Index& grant);
  double slowest(Index grant) const;  ///< speed of who holds it up, of at least one grant
  double units_in(Index grant, Index pool) const;
  /// Servers whose jobs hold units of a pool, the oldest job first.
  std::vector<Index> holders_of(Index pool) const;
  /// Whether a crew that was kept during a repair has gone off duty meanwhile.
  bool beyond_shift(Index grant) const;
  /// Whether a job has to wait for those who are to go on with it: the units on duty are with the oldest jobs.
  bool off_duty(Index server) const;

  // --- requests
  /// The server waits in line: who is served is decided when nothing else can move at this instant.
  void ask(Index server);
  void cancel(Index server);
  /// Another plant: other priorities, needs and units.
  void renew();
  bool may_serve() const { return s_.pools_dirty || asked_; }
  /// @param begin told of each server that has what it asked for; it may ask again
  /// @param waits told of each that has to wait from now on, other than for a repair
  void serve(const std::function<void(Index)>& begin, const std::function<void(Index)>& waits);
  /// Whether needs could be met by what is free, as told by pool. @param free what would be free of a pool
  template <class F>
  bool meet(const std::vector<Need>& needs, F&& free) {
    return matching_.meet(needs, free);
  }

  /// Units on duty have changed, or are taken.
  void tell(Index pool);
  /// Units on duty are free that jobs kept for their pool may go on with.
  bool kept_are_free = false;

 private:
  double to_be_had(Index pool, Index server) const;
  bool grant(Index server, Index& granted, const std::vector<double>* claims);
  void claim(Index server, std::vector<double>& claims);
  bool aged(const Request& waiting) const;
  bool asks_again(Index server) const;
  void insert(Index server);
  void order_fresh();

  const Plant& p_;
  State& s_;
  Observer* observer_;
  std::function<double(Index)> work_s_;
  mutable std::map<const std::vector<Need>*, double> longest_;  ///< shift for needs of the plant [s]
  Matching matching_;
  bool asked_ = false;  ///< somebody has, at this instant
};

}  // namespace retwin
