// Magnetic separator: steel that is large enough, from a belt whose speed makes the bed shallow and the time in the field short.
#include "core/registry.hpp"
#include "models/stations/sorter.hpp"

namespace retwin {

namespace {

class Magnet final : public Sorter {
 public:
  Magnet() : Sorter(Told::magnetism, 4, {"steel_scrap", "fragments"}) {}
  void fields(Fields& f) override {
    belt_speed_.fields(f, "belt_speed", "set-point: a faster one makes the bed shallower, and loses small pieces");
    f.quantity("rated_belt_speed", rated_m_per_s_, dimension::speed, Range::positive(), "speed that the figures are of");
    f.quantity("least_size", least_m_, dimension::length, Range::positive(),
               "size of which half is caught at the rated speed, in proportion to the speed elsewhere");
    Sorter::fields(f);
  }
  std::vector<PortInfo> ports() const override { return {{"magnetic", "steel"}, {"rest", "what is not picked up"}}; }

 private:
  void bind_set_points(const Components& components) override { belt_speed_.bind(components, "belt_speed"); }
  Shares shares(const Job& job, int input, double load, std::uint64_t draw) const override {
    const double fast = belt_speed_.of(job, input, draw) / rated_m_per_s_, cut = least_m_ * fast, k = sharpness(load / fast);
    return {particles().mean(
        job, input, [&](const Particles& p, std::size_t j) { return p.magnetic * partition_curve(p.sizes_m[j], cut, k); })};
  }

  SetPoint belt_speed_{dimension::speed, {0.01, 100}, 1};
  double rated_m_per_s_ = 1, least_m_ = 2e-3;  // own estimates, as the sharpness of 4
};

}  // namespace

Maker<UnitOperation> make_magnet() {
  return {"Picks steel off a belt: the magnetic share of each component, by size, belt speed and depth of the bed.",
          "{belt_speed: 1 m/s}", [] { return std::make_unique<Magnet>(); }};
}

}  // namespace retwin
