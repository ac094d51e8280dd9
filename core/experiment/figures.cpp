// FigureRows by the number of their path.
#include "core/experiment/figures.hpp"

#include <limits>

namespace retwin {

void FigureRows::put(std::size_t replication, const std::vector<Kpi>& figures) {
  std::vector<Value>& row = rows_.at(replication);
  row.clear();
  row.reserve(figures.size());
  for (std::size_t k = 0; k < figures.size(); ++k) {
    const Kpi& kpi = figures[k];
    auto number = static_cast<std::uint32_t>(k);  // mostly the order is that of the first one
    if (k >= names_.size() || names_[k].path != kpi.path) {
      const auto [found, is_new] = number_.emplace(kpi.path, static_cast<std::uint32_t>(names_.size()));
      number = found->second;
      if (is_new) names_.push_back(kpi);
    }
    row.push_back({number, kpi.value, kpi.numerator, kpi.denominator});
  }
}

std::vector<Kpi> FigureRows::of(std::size_t replication) const {
  std::vector<Kpi> out;
  for (const Value& value : rows_.at(replication)) {
    Kpi kpi = names_[value.figure];
    kpi.value = value.value;
    kpi.numerator = value.numerator;
    kpi.denominator = value.denominator;
    out.push_back(std::move(kpi));
  }
  return out;
}

std::vector<FigureRows::Path> FigureRows::by_path() const {
  constexpr std::size_t unseen = std::numeric_limits<std::size_t>::max();
  std::vector<std::size_t> place(names_.size(), unseen);
  std::vector<Path> all;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    for (const Value& value : rows_[r]) {
      std::size_t& at = place[value.figure];
      if (at == unseen) {
        at = all.size();
        all.push_back({&names_[value.figure], std::vector<const Value*>(rows_.size(), nullptr)});
      }
      all[at].values[r] = &value;
    }
  }
  return all;
}

}  // namespace retwin
