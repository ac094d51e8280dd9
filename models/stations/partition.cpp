// Reads and applies partition matrices.
#include "models/stations/partition.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

namespace retwin {

void Partition::bind(const Components& components, const std::string& document, const std::vector<std::string>& streams) {
  Binder& binder = components.binder();
  std::map<std::string, std::vector<double>> rows;
  const Node& doc = binder.library(document);
  read_fields(doc, document, binder.problems(), [&](Fields& f) {
    std::string source, confidence;
    std::int64_t year = 0;
    f.text("source", source, "where the figures come from");
    f.count("year", year, Range::any(), "year of the source");
    f.text("confidence", confidence, "high, medium, low or estimate");
    f.required().map(
        "rows",
        [&](const std::string& name, const Place& place, Fields& row) {
          std::vector<double>& shares = rows[name];
          shares.resize(streams.size());
          double sum = 0;
          for (std::size_t s = 0; s < streams.size(); ++s) {
            row.quantity(streams[s].c_str(), shares[s], dimension::none, Range::share(), "share of the stream");
            sum += shares[s];
          }
          if (std::abs(sum - 1) > 1e-9)
            binder.problems().error(Code::library, place, row.path(), fmt::format("the row sums to {}, not to 1", sum));
        },
        "rows of the matrix by component or group");
  });
  to_.assign(streams.size(), std::vector<double>(components.size()));
  for (std::size_t c = 0; c < components.size(); ++c) {
    const int component = static_cast<int>(c);
    auto row = rows.find(components.name(component));
    if (row == rows.end()) row = rows.find(components.group(component));
    if (row == rows.end()) row = rows.find("other");
    if (row == rows.end()) {
      binder.problems().error(Code::library, doc.place, document, fmt::format("no row for {}", components.name(component)),
                              "a row `other` serves all that have none of their own");
      return;
    }
    for (std::size_t s = 0; s < streams.size(); ++s) to_[s][c] = row->second[s];
  }
}

void Partition::without(std::size_t stream) {
  for (std::size_t c = 0; c < to_[stream].size(); ++c) {
    const double left = 1 - to_[stream][c];
    if (left <= 0) continue;
    for (auto& shares : to_) shares[c] /= left;
    to_[stream][c] = 0;
  }
}

std::vector<Material> Partition::split(Job& job, Material&& material) const {
  std::vector<Material> out;
  out.reserve(to_.size());
  std::vector<double> left(material.masses().size(), 1.0), share(left.size());
  for (const auto& to : to_) {  // each stream takes its share of what those before it left; the last with a share takes the rest
    for (std::size_t c = 0; c < left.size(); ++c) {
      share[c] = left[c] <= 1e-12 ? 0 : std::min(1.0, to[c] / left[c]);
      if (to[c] > 0 && left[c] - to[c] <= 1e-12) share[c] = 1;
      left[c] -= to[c];
    }
    out.push_back(material.extract(share));
  }
  job.nothing().absorb(std::move(material));  // nothing is left but rounding
  return out;
}

}  // namespace retwin
