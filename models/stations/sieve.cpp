// Sieve: pieces above and below an aperture.
#include "core/registry.hpp"
#include "models/stations/sorter.hpp"

namespace retwin {

namespace {

class Sieve final : public Sorter {
 public:
  Sieve() : Sorter(Told::size, 6, {"black_mass", "fragments"}) {}
  void fields(Fields& f) override {
    aperture_.fields(f, "aperture",
                     "size of which half falls through; set-point: a larger one gives more and less pure undersize");
    Sorter::fields(f);
  }
  std::vector<PortInfo> ports() const override { return {{"undersize", "what falls through"}, {"oversize", "what stays on it"}}; }

 private:
  void bind_set_points(const Components& components) override { aperture_.bind(components, "aperture"); }
  Shares shares(const Job& job, int input, double load, std::uint64_t draw) const override {
    const double cut = aperture_.of(job, input, draw), k = sharpness(load);
    return {particles().mean(job, input,
                             [&](const Particles& p, std::size_t j) { return 1 - partition_curve(p.sizes_m[j], cut, k); })};
  }
  void remember(Job& job, int output, int port, int input, double load, std::uint64_t draw) const override {
    const double cut = aperture_.of(job, input, draw), k = sharpness(load);
    if (port == 0) particles().fell(job, output, cut, k);
    else particles().stayed(job, output, cut, k);
  }

  // the default and the sharpness of 6: own estimates that particles/crushed was fitted with
  SetPoint aperture_{dimension::length, {0, 10}, 0.5e-3};
};

}  // namespace

Maker<UnitOperation> make_sieve() {
  return {
      "Sieves pieces by size: a partition curve per component, with a set-point that may follow what was measured of the lot.",
      "{aperture: 0.4 mm + 2 mm * assay.Al, sharpness: 6, rated_feed: 1.5 t/h}", [] { return std::make_unique<Sieve>(); }};
}

}  // namespace retwin
