// Runs the lots of a job through a partition curve.
#include "models/stations/sorter.hpp"

namespace retwin {

void Sorter::fields(Fields& f) {
  particles_.fields(f);
  f.quantity("sharpness", sharpness_, dimension::none, {0, 1000, true},
             "k of the partition curve 1/(1 + exp(-k ln(x/cut))), at the rated feed");
  f.quantity("rated_feed", rated_kg_per_s_, dimension::mass_rate, Range::positive(),
             "feed rate that the figures are of; the feed rate itself is the station's throughput or duration");
  f.quantity("load_effect", load_effect_, dimension::none, {0, 1000},
             "b of what a deeper bed makes of it: k (1 + b)/(1 + b depth), depth 1 at the rated feed");
}

void Sorter::bind(Binder& binder) {
  const Components components(binder);
  particles_.bind(components);
  bind_set_points(components);
  kinds_.clear();
  for (const std::string& kind : kind_names_) kinds_.push_back(binder.kind(kind, true));
}

void Sorter::process(Job& job) const {
  double kg = 0;
  for (int i = 0; i < job.inputs(); ++i) kg += job.mass(i);
  const double load = job.duration_s() > 0 ? kg / job.duration_s() / rated_kg_per_s_ : 1;
  for (int i = 0; i < job.inputs(); ++i) {
    const std::uint64_t draw = static_cast<std::uint64_t>(i) * draws;
    const Shares to = shares(job, i, load, draw);
    std::vector<double> left(job.masses(i).size(), 1.0), taken(left.size());
    Material feed = job.take(i);
    const auto send = [&](std::size_t port, Material&& material) {
      if (const int made = emit(job, kinds_[port], static_cast<int>(port), std::move(material), i); made >= 0)
        remember(job, made, static_cast<int>(port), i, load, draw);
    };
    for (std::size_t port = 0; port < to.size(); ++port) {
      for (std::size_t c = 0; c < left.size(); ++c) {
        taken[c] = left[c] > 0 ? std::clamp(to[port][c] / left[c], 0.0, 1.0) : 0;
        left[c] = std::max(0.0, left[c] - to[port][c]);
      }
      send(port, feed.extract(taken));
    }
    send(to.size(), std::move(feed));
    job.end(i);
  }
}

}  // namespace retwin
