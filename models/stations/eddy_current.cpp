// Eddy-current separator: conductors are thrown off a belt the farther the better they conduct for their density; two splitters.
// Efficiency curve (own, stated; the throw of small pieces grows with d^2 and no more once they fill a pole):
//   throw y = throw of the component * d^2/(d^2 + d0^2) * rated belt speed / belt speed
//   beyond a splitter at s: (1 - covered)/(1 + exp(-k ln(y/s)))
// covered: share that lies beneath others and is not thrown, 1 - (1 - covered)^depth, depth = load * rated belt speed / belt speed.
#include "core/registry.hpp"
#include "models/stations/sorter.hpp"

namespace retwin {

namespace {

class EddyCurrent final : public Sorter {
 public:
  EddyCurrent() : Sorter(Told::conductivity, 12, {"aluminium", "copper", "residue"}) {}
  void fields(Fields& f) override {
    belt_speed_.fields(f, "belt_speed", "set-point: a faster one makes the bed shallower, and throws less");
    far_.fields(f, "far_splitter", "throw beyond which pieces are taken for aluminium, whose large pieces have 1; set-point");
    near_.fields(f, "near_splitter", "throw below which pieces are taken for no metal; set-point");
    f.quantity("rated_belt_speed", rated_m_per_s_, dimension::speed, Range::positive(), "speed that the figures are of");
    f.quantity("half_size", half_m_, dimension::length, Range::positive(),
               "size of which pieces are thrown half as far as large ones");
    f.quantity("covered", covered_, dimension::none, {0, 0.99},
               "share that lies beneath others and is not thrown, at the rated feed and speed");
    Sorter::fields(f);
  }
  std::vector<PortInfo> ports() const override {
    return {{"far", "aluminium"}, {"middle", "copper"}, {"near", "what is hardly thrown"}};
  }

 private:
  void bind_set_points(const Components& components) override {
    belt_speed_.bind(components, "belt_speed");
    far_.bind(components, "far_splitter");
    near_.bind(components, "near_splitter");
  }
  Shares shares(const Job& job, int input, double load, std::uint64_t draw) const override {
    const double slow = rated_m_per_s_ / belt_speed_.of(job, input, draw), depth = load * slow, k = sharpness(depth);
    const double far = far_.of(job, input, draw + 1), near = near_.of(job, input, draw + 2), seen = std::pow(1 - covered_, depth);
    const auto beyond = [&](double splitter) {
      return particles().mean(job, input, [&](const Particles& p, std::size_t j) {
        const double d2 = p.sizes_m[j] * p.sizes_m[j];
        return seen * partition_curve(p.thrown * slow * d2 / (d2 + half_m_ * half_m_), splitter, k);
      });
    };
    Shares to{beyond(far), beyond(near)};
    for (std::size_t c = 0; c < to[0].size(); ++c)
      to[1][c] = std::max(0.0, to[1][c] - to[0][c]);  // nothing lies between crossed splitters
    return to;
  }

  SetPoint belt_speed_{dimension::speed, {0.01, 100}, 1}, far_{dimension::none, {1e-3, 100}, 0.65},
      near_{dimension::none, {1e-3, 100}, 0.064};
  double rated_m_per_s_ = 1, half_m_ = 0.4e-3,
         covered_ = 0.03;  // own estimates, as the sharpness, fitted with those of particles/crushed
};

}  // namespace

Maker<UnitOperation> make_eddy_current() {
  return {
      "Throws conductors off a belt: aluminium far, copper less, all else hardly; by size, belt speed, depth of the bed and "
      "splitters.",
      "{far_splitter: 0.65, near_splitter: 0.064}", [] { return std::make_unique<EddyCurrent>(); }};
}

}  // namespace retwin
