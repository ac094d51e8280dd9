// A simulation as Python sees it: the scenario it belongs to, and the window of its figures.
#pragma once
#include <atomic>
#include <memory>
#include <vector>

#include "bindings/python/door.hpp"
#include "core/flow/engine/simulation.hpp"
#include "core/kpi/kpi.hpp"
#include "core/ledger/quarters.hpp"
#include "core/ledger/series.hpp"
#include "core/ledger/window.hpp"

namespace retwin::python {

class Running {
 public:
  Running(Variant variant, Simulation simulation);
  Running(const Running& other);
  Running& operator=(const Running&) = delete;

  /// To `until_s` [s], with the window following through changes of parameters. @param watch, observer may be null
  void advance(double until_s, Watch* watch, Observer* observer = nullptr);
  void begin_window();
  Window window() const;  ///< up to now
  std::vector<Kpi> kpis() const;

  const Variant& variant() const { return variant_; }
  const Scenario& scenario() const { return *variant_.scenario(); }
  const Plant& plant() const { return simulation_.plant(); }
  const State& state() const { return simulation_.state(); }
  void rekey(std::uint64_t seed) { simulation_.rekey(seed); }

  /// From the structure of the state that was carried over to that of the plant.
  std::vector<Difference> differences;

  /// While one thread works with it, others are refused.
  class Use {
   public:
    /// @throws std::runtime_error if another thread works with it
    explicit Use(const Running& of);
    ~Use() { busy_ = false; }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    std::atomic<bool>& busy_;
  };

 private:
  Variant variant_;  ///< its scenario owns the plants that simulation and window refer to
  Simulation simulation_;
  Window window_;  ///< up to the last change of parameters
  QuarterMeter meter_;
  StockMeter stocks_;
  mutable std::atomic<bool> busy_{false};
};

py::class_<Running, std::shared_ptr<Running>> declare_simulations(py::module_& module);
/// What needs to know scenarios too.
void declare_going_on(py::module_& module, py::class_<Running, std::shared_ptr<Running>>& simulation);
void declare_forecasts(py::module_& module, py::class_<Running, std::shared_ptr<Running>>& simulation);
void declare_recordings(py::module_& module, py::class_<Running, std::shared_ptr<Running>>& simulation);

/// Seconds of a time that is not past. @throws InputError (unit), value_error
double time_ahead(const Running& self, const Time& until);
/// Advances so that Ctrl-C ends it. Without the GIL. @param observer may be null
void advance_with(Running& self, double until_s, Observer* observer);

}  // namespace retwin::python
