// Reads recipes and shares.
#include "models/stations/figures.hpp"

#include <cmath>

#include <fmt/format.h>

#include <algorithm>

namespace retwin {

void Figures::fields(Fields& f) {
  f.text("recipe", recipe_, "library document with the figures that are not given here");
  for (Figure& figure : figures_) f.quantity(figure.name, figure.given, figure.dimension, figure.range, figure.doc);
}

void Figures::bind(Binder& binder) {
  const Node& document = binder.library(recipe_);
  const Node* figures = document.find("figures");
  for (Figure& figure : figures_) {
    if (figure.given) {
      figure.value = *figure.given;
      continue;
    }
    const Node* entry = figures == nullptr ? nullptr : figures->find(figure.name);
    const Node* value = entry == nullptr ? nullptr : entry->find("value");
    const std::optional<Quantity> read = value == nullptr ? std::nullopt : parse_quantity(value->text);
    const Range& range = figure.range;
    const bool fits = read && read->dimension == figure.dimension && read->value <= range.high &&
                      (range.low_open ? read->value > range.low : read->value >= range.low);
    if (fits) figure.value = read->value;
    else
      binder.problems().error(Code::library, value == nullptr ? binder.place() : value->place, binder.path() + "." + figure.name,
                              fmt::format("the recipe {} has no fit value of {}", recipe_, figure.name),
                              fmt::format("give {} here, or in the recipe", figure.name));
  }
}

void Shares::fields(Fields& f, const char* name, const char* doc) {
  f.numbers(name, entries_, "share", Range::share(), "share of the lots", doc);
}

void Shares::check(Binder& binder, const char* name) const {
  double sum = 0;
  for (const NamedNumber& e : entries_) sum += e.value;
  if (std::abs(sum - 1) > 1e-9)
    binder.problems().error(Code::probability, binder.place(), binder.path() + "." + name,
                            fmt::format("the shares sum to {}, not to 1", sum));
}

std::vector<PortInfo> Shares::ports(const char* doc) const {
  std::vector<PortInfo> out;
  for (const NamedNumber& e : entries_) out.push_back({e.name, doc, e.value == 0});
  return out;
}

int Shares::pick(double uniform) const {
  double sum = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    sum += entries_[i].value;
    if (uniform < sum) return static_cast<int>(i);
  }
  return static_cast<int>(entries_.size()) - 1;
}

}  // namespace retwin
