// Points to scenarios.
#include "core/study/space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/files.hpp"

namespace retwin {
namespace {

/// The scalars of a tree, in its order.
void visit_scalars(Node& node, const std::function<void(Node&)>& visit) {
  if (node.is_scalar()) visit(node);
  for (Node& item : node.items) visit_scalars(item, visit);
  for (Node::Entry& entry : node.entries) visit_scalars(entry.value, visit);
}

}  // namespace

std::size_t Decision::count() const {
  if (kind == Kind::real) return 0;
  if (kind == Kind::whole) return static_cast<std::size_t>(high - low) + 1;
  return labels.size();
}

double Decision::at(double coordinate) const {
  const double u = std::clamp(coordinate, 0.0, 1.0);
  if (kind == Kind::real) return low + u * (high - low);
  const auto n = static_cast<double>(count());
  const double step = std::min(std::floor(u * n), n - 1);
  return kind == Kind::whole ? low + step : step;
}

double Decision::coordinate(double value) const {
  if (kind == Kind::real) return high > low ? (value - low) / (high - low) : 0.5;
  return ((kind == Kind::whole ? value - low : value) + 0.5) / static_cast<double>(count());
}

double Decision::snapped(double value) const {
  if (kind == Kind::real) return std::clamp(value, low, high);
  if (kind == Kind::whole) return std::clamp(std::round(value), low, high);
  return std::clamp(std::round(value), 0.0, static_cast<double>(count() - 1));
}

std::string Decision::text(double value) const {
  switch (kind) {
    case Kind::real: return quantity_text(value, dimension);
    case Kind::whole: return number_text(value);
    case Kind::levels:
    case Kind::files: break;
  }
  return labels.at(static_cast<std::size_t>(value));
}

std::string Decision::shown(double value) const {
  if (kind != Kind::real) return text(value);
  return fmt::format("{:.5g}{}", value / factor, unit.empty() ? "" : " " + unit);
}

void Decision::read_in(const std::string& quantity) {
  const std::size_t at = quantity.find_first_not_of("+-0123456789.eE \t");
  const std::string own = at == std::string::npos ? std::string() : quantity.substr(at);
  const auto known = own.empty() ? std::nullopt : parse_unit(own);
  const bool fits = known && known->dimension == dimension;
  unit = fits ? own : example_unit(dimension);
  factor = fits ? known->value : unit.empty() ? 1 : parse_unit(unit)->value;
}

double Decision::number(double value) const { return kind == Kind::levels ? numbers.at(static_cast<std::size_t>(value)) : value; }

std::optional<Symbol> DecisionSymbols::find(std::string_view name) const {
  for (std::size_t k = 0; k < decisions_.size(); ++k)
    if (decisions_[k].name == name) return Symbol{static_cast<int>(k), decisions_[k].dimension, {}, false};
  return std::nullopt;
}

std::vector<std::string> DecisionSymbols::names() const {
  std::vector<std::string> all;
  for (const Decision& decision : decisions_) all.push_back(decision.name);
  return all;
}

Template Template::compile(const Node& text, const std::string& path, const std::vector<Decision>& decisions, Problems& problems) {
  Template made;
  made.tree_ = text;
  const DecisionSymbols symbols(decisions);
  visit_scalars(made.tree_, [&](Node& scalar) {
    std::vector<Part> parts;
    std::size_t at = 0;
    for (std::size_t open = scalar.text.find('{'); open != std::string::npos; open = scalar.text.find('{', at)) {
      const std::size_t close = scalar.text.find('}', open);
      if (close == std::string::npos) {
        problems.error(Code::syntax, scalar.place, path, "a '{' without its '}'", "write for instance \"{20 - rate} s\"");
        return;
      }
      const std::string inside = scalar.text.substr(open + 1, close - open - 1);
      Part part{scalar.text.substr(at, open - at), {}, {}};
      const auto named = std::find_if(decisions.begin(), decisions.end(), [&](const Decision& d) { return d.name == inside; });
      if (named != decisions.end()) part.whole = static_cast<std::size_t>(named - decisions.begin());
      else part.value = Expression::compile(inside, symbols, Expression::Result::number, dimension::none, scalar.place, path, problems);
      if (!part.whole && !part.value) return;
      parts.push_back(std::move(part));
      at = close + 1;
    }
    if (!parts.empty()) parts.push_back({scalar.text.substr(at), {}, {}});
    made.scalars_.push_back(std::move(parts));
  });
  return made;
}

Node Template::fill(const std::vector<Decision>& decisions, const Point& point) const {
  Node filled = tree_;
  std::vector<double> numbers;
  for (std::size_t k = 0; k < decisions.size(); ++k) numbers.push_back(decisions[k].number(point[k]));
  std::size_t next = 0;
  visit_scalars(filled, [&](Node& scalar) {
    const std::vector<Part>& parts = scalars_.at(next++);
    if (parts.empty()) return;
    scalar.text.clear();
    for (const Part& part : parts) {
      scalar.text += part.text;
      if (part.whole) scalar.text += decisions[*part.whole].text(point[*part.whole]);
      if (part.value) scalar.text += number_text((*part.value)(numbers.data()));
    }
    scalar.quoted = false;
  });
  return filled;
}

Point Space::at(const std::vector<double>& coordinates) const {
  Point point;
  for (std::size_t k = 0; k < size(); ++k) point.push_back(decisions[k].at(coordinates.at(k)));
  return point;
}

std::vector<double> Space::coordinates(const Point& point) const {
  std::vector<double> all;
  for (std::size_t k = 0; k < size(); ++k) all.push_back(decisions[k].coordinate(point.at(k)));
  return all;
}

std::vector<double> Space::numbers(const Point& point) const {
  std::vector<double> all;
  for (std::size_t k = 0; k < size(); ++k) all.push_back(decisions[k].number(point.at(k)));
  return all;
}

bool Space::admits(const Point& point) const {
  const std::vector<double> values = numbers(point);
  return std::all_of(where.begin(), where.end(), [&](const Expression& one) { return one(values.data()) != 0; });
}

std::string Space::text(const Point& point) const {
  std::string all;
  for (std::size_t k = 0; k < size(); ++k) all += (k == 0 ? "" : "; ") + decisions[k].name + "=" + decisions[k].text(point.at(k));
  return all;
}

const std::string* Space::file(const Point& point) const {
  for (std::size_t k = 0; k < size(); ++k)
    if (decisions[k].kind == Decision::Kind::files) return &decisions[k].files.at(static_cast<std::size_t>(point.at(k)));
  return nullptr;
}

std::vector<Override> Space::overrides(const Point& point) const {
  std::vector<Override> all;
  const auto set = [&](const std::string& path, const Node& value, const std::string& who) { all.push_back({path, canonical(value), who}); };
  for (std::size_t k = 0; k < size(); ++k) {
    const Decision& d = decisions[k];
    if (d.path.empty() || d.kind == Decision::Kind::files) continue;
    const bool level = d.kind == Decision::Kind::levels;
    all.push_back({d.path, level ? canonical(d.values.at(static_cast<std::size_t>(point[k]))) : d.text(point[k]), "decision " + d.name});
  }
  for (const auto& [path, text] : sets) set(path, text.fill(decisions, point), "set " + path);
  return all;
}

}  // namespace retwin
