// What machines that sort pieces by a partition curve have in common: particles, sharpness, and what a load makes of it.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "models/stations/figures.hpp"
#include "models/stations/particles.hpp"
#include "models/stations/set_point.hpp"

namespace retwin {

/// Every lot is sorted for itself, with the set-points that are right for it. The load is the feed rate (mass of the job over its time)
/// over that which the figures are of; it makes the bed deeper and the cut less sharp: k(depth) = k (1 + b)/(1 + b depth), a stated
/// simplification with k as given at depth 1. Where a job takes no time the load is 1.
class Sorter : public UnitOperation {
 public:
  void fields(Fields& f) override;
  void bind(Binder& binder) final;
  void process(Job& job) const final;

 protected:
  /// @param kinds of the lots by port
  Sorter(Told by, double sharpness, std::vector<std::string> kinds)
      : sharpness_(sharpness), particles_(by), kind_names_(std::move(kinds)) {}
  /// Share of each component of a lot that leaves by each port but the last, which takes the rest.
  using Shares = std::vector<std::vector<double>>;
  /// @param draw first of `draws` that are the lot's
  virtual Shares shares(const Job& job, int input, double load, std::uint64_t draw) const = 0;
  virtual void bind_set_points(const Components& components) = 0;
  /// What a made lot remembers. @param port that it leaves by
  virtual void remember(Job&, int /*output*/, int /*port*/, int /*input*/, double /*load*/, std::uint64_t /*draw*/) const {}
  double sharpness(double depth) const { return sharpness_ * (1 + load_effect_) / (1 + load_effect_ * depth); }
  const ParticleTable& particles() const { return particles_; }

 private:
  static constexpr std::uint64_t draws = 4;
  double sharpness_, rated_kg_per_s_ = 1500.0 / 3600, load_effect_ = 0.5;  // own estimates; 1.5 t/h is the reference plant's line
  ParticleTable particles_;
  std::vector<std::string> kind_names_;
  std::vector<int> kinds_;
};

}  // namespace retwin
