// Air classifier (zigzag): pieces that the air carries, and pieces that fall against it.
#include "core/registry.hpp"
#include "models/stations/sorter.hpp"

namespace retwin {

namespace {

class AirSort final : public Sorter {
 public:
  AirSort() : Sorter(Told::settling, 9, {"aluminium", "fragments"}) {}
  void fields(Fields& f) override {
    air_speed_.fields(f, "air_speed",
                      "settling velocity of which half is carried off; set-point: a faster one carries off heavier pieces");
    Sorter::fields(f);
  }
  std::vector<PortInfo> ports() const override {
    return {{"light", "what the air carries: foils"}, {"heavy", "what falls: casings, copper, lumps"}};
  }

 private:
  void bind_set_points(const Components& components) override { air_speed_.bind(components, "air_speed"); }
  Shares shares(const Job& job, int input, double load, std::uint64_t draw) const override {
    const double cut = air_speed_.of(job, input, draw), k = sharpness(load);
    return {particles().mean(
        job, input, [&](const Particles& p, std::size_t j) { return 1 - partition_curve(p.settling_m_per_s[j], cut, k); })};
  }

  // the default and the sharpness of 9: own estimates that particles/crushed was fitted with
  SetPoint air_speed_{dimension::speed, {0, 1000}, 2.5};
};

}  // namespace

Maker<UnitOperation> make_air_sort() {
  return {"Sorts pieces by the velocity at which they fall through air, so that density and shape count: foils, casings, powder.",
          "{air_speed: 2.5 m/s, sharpness: 9}", [] { return std::make_unique<AirSort>(); }};
}

}  // namespace retwin
