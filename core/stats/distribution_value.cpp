// Reading a distribution from a scenario file: the family with its parameters, then shift, truncation and the admitted range.
#include "core/stats/distribution_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/stats/distribution_families.hpp"

namespace retwin {

namespace {

void declare_modifiers(Fields& f, FamilyDraft& d) {
  f.quantity("shift", d.shift, d.dimension, Range::any(), "added to every value");
  f.quantity("min", d.min, d.dimension, Range::any(), "truncated below (no value is rejected: the rest is rescaled)");
  f.quantity("max", d.max, d.dimension, Range::any(), "truncated above");
}

bool is_modifier(std::string_view key) { return key == "shift" || key == "min" || key == "max"; }

constexpr double least_probability = 1e-12;  ///< a truncation must leave more

std::optional<Distribution> modified(Distribution distribution, const FamilyDraft& d, const FamilyReport& report) {
  if (d.shift) distribution = distribution.shifted(*d.shift);
  const double low = d.min.value_or(-std::numeric_limits<double>::infinity());
  const double high = d.max.value_or(std::numeric_limits<double>::infinity());
  if (!d.min && !d.max) return distribution;
  if (low > high) return report.refuse(Code::range, "max", "max is below min");
  if (!(distribution.probability(low, high) > least_probability)) {
    return report.refuse(Code::range, d.min ? "min" : "max", "the distribution has no values between min and max");
  }
  return distribution.truncated(low, high);
}

/// Numbers whose squares or quotients would leave the range of double are nobody's intention.
bool reasonable(FamilyDraft& d, const FamilyReport& report) {
  const auto fits = [](double x) { return x == 0 || (std::abs(x) > 1e-30 && std::abs(x) < 1e30); };
  for (const auto& [name, number] : d.numbers()) {
    if (*number && !fits(**number)) report.refuse(Code::range, std::string(name), fmt::format("{:.3g} in SI is beyond any plant", **number));
  }
  for (const auto& [name, list] :
       {std::pair{"values", &d.values}, {"means", &d.means}, {"weights", &d.weights}, {"parts", &d.parts.weights}}) {
    if (!std::all_of(list->numbers().begin(), list->numbers().end(), fits)) {
      report.refuse(Code::range, name, "a number is beyond any plant");
    }
  }
  return !report.problems.any_errors();
}

/// Parameters as a map: {2 h: 0.3, 4 h: 0.7} of discrete as values and weights, a shorthand under its name.
Node parameters(const FamilyEntry& family, const Node& node) {
  if (!node.is_map() && family.shorthand != nullptr) {
    Node map = Node::map(node.place);
    map.at(family.shorthand) = node;
    return map;
  }
  if (!node.is_map() || std::string_view(family.name) != "discrete") return node;
  if (node.find("values") != nullptr || node.find("weights") != nullptr) return node;
  Node map = Node::map(node.place), values = Node::list(node.place), weights = Node::list(node.place);
  for (const Node::Entry& entry : node.entries) {
    if (is_modifier(entry.key)) {
      map.at(entry.key) = entry.value;
    } else {
      values.items.push_back(Node::scalar(entry.key, entry.place));
      weights.items.push_back(entry.value);
    }
  }
  map.at("values") = std::move(values);
  map.at("weights") = std::move(weights);
  return map;
}

std::optional<Distribution> read_parameters(const FamilyEntry& family, const Node& node, const std::string& path,
                                            const Dimension& dimension, Range range, Problems& problems) {
  const Node map = parameters(family, node);
  FamilyDraft draft(dimension, range);
  Problems found;
  const FamilyReport report{map, path, found};
  read_fields(map, path, found, [&](Fields& fields) {
    family.declare(fields, draft);
    declare_modifiers(fields, draft);
  });
  std::optional<Distribution> made;
  if (!found.any_errors() && reasonable(draft, report)) made = family.build(draft, report);
  if (made) made = modified(std::move(*made), draft, report);
  problems.append(found);
  return made;
}

/// The map {family: parameters, shift, min, max}.
std::optional<Distribution> read_family(const Node& node, const std::string& path, const Dimension& dimension, Range range,
                                        Problems& problems) {
  const Node::Entry* chosen = nullptr;
  Node modifiers = Node::map(node.place);
  for (const Node::Entry& entry : node.entries) {
    if (is_modifier(entry.key)) {
      modifiers.at(entry.key) = entry.value;
    } else if (chosen == nullptr) {
      chosen = &entry;
    } else {
      problems.error(Code::conflict, entry.place, path,
                     fmt::format("one family is needed, not both {} and {}", chosen->key, entry.key));
      return std::nullopt;
    }
  }
  if (chosen == nullptr) {
    problems.error(Code::missing, node.place, path, "a distribution is needed", "write for instance {exponential: ...}");
    return std::nullopt;
  }
  std::vector<std::string> names;
  for (const FamilyEntry& family : distribution_families()) {
    if (chosen->key != family.name) {
      names.emplace_back(family.name);
      continue;
    }
    auto made = read_parameters(family, chosen->value, path + "." + chosen->key, dimension, range, problems);
    FamilyDraft draft(dimension, range);
    Problems found;
    const FamilyReport report{modifiers, path, found};
    read_fields(modifiers, path, found, [&](Fields& fields) { declare_modifiers(fields, draft); });
    if (made && !found.any_errors() && reasonable(draft, report)) made = modified(std::move(*made), draft, report);
    problems.append(found);
    return found.any_errors() ? std::nullopt : made;
  }
  const std::string near = nearest(chosen->key, names);
  problems.error(Code::unknown_name, chosen->place, path, fmt::format("no distribution is called {}", chosen->key),
                 near.empty() ? fmt::format("one of: {}", fmt::join(names, ", ")) : fmt::format("did you mean {}?", near));
  return std::nullopt;
}

}  // namespace

Node family_node(const Distribution& distribution, const Dimension& dimension, Range range) {
  Distribution::Recipe recipe = distribution.recipe();
  const auto family = std::find_if(distribution_families().begin(), distribution_families().end(),
                                   [&](const FamilyEntry& f) { return std::string_view(f.name) == recipe.family; });
  FamilyDraft draft(dimension, range), blank(dimension, range);
  for (const auto& [name, value] : recipe.parameters) {
    if (std::string_view(name) == "k") draft.k = static_cast<std::int64_t>(value);
    for (const auto& [field, number] : draft.numbers())
      if (field == name) *number = value;
  }
  draft.shift = recipe.shift, draft.min = recipe.min, draft.max = recipe.max;
  draft.values.set(std::move(recipe.values));
  (recipe.parts.empty() ? draft.weights : draft.parts.weights).set(std::move(recipe.weights));
  draft.parts.parts = std::move(recipe.parts);
  const auto declare = [&](FamilyDraft& d) {
    return [&](Fields& f) { family->declare(f, d), declare_modifiers(f, d); };
  };
  Node parameters = write_fields({declare(draft)}, {declare(blank)});
  Node node = Node::map();
  const Node* weights = parameters.find("weights");
  if (weights != nullptr) {  // {2 h: 0.3, 4 h: 0.7}
    const std::vector<Node>& values = parameters.find("values")->items;
    Node pairs = Node::map();
    for (std::size_t i = 0; i < values.size(); ++i) pairs.entries.push_back({values[i].text, {}, weights->items[i]});
    parameters.erase("values"), parameters.erase("weights");
    merge(pairs, parameters);
    parameters = std::move(pairs);
  }
  // of a plain number the short form would look like a share
  const Node* brief = family->shorthand != nullptr && parameters.entries.size() == 1 ? parameters.find(family->shorthand) : nullptr;
  node.at(family->name) = brief != nullptr && (brief->is_list() || !dimension.none()) ? Node(*brief) : parameters;
  return node;
}

void DistributionValue::accept(Distribution distribution, const Node& node, const std::string& path, Problems& problems) {
  const auto show = [this](double x) { return fmt::format("{:.6g}{}{}", x, dimension_.none() ? "" : " ", si_unit(dimension_)); };
  const auto refuse = [&](std::string message, std::string hint) {
    problems.error(Code::range, node.place, path, std::move(message), std::move(hint));
  };
  const double mean = distribution.mean();
  if (!std::isfinite(mean) || !std::isfinite(distribution.sd())) {
    return refuse("the mean or standard deviation is not finite", "check the parameters");
  }
  const bool outside = distribution.low() < range_.low || distribution.high() > range_.high;
  if (outside && distribution.family() == Family::normal) {
    if (!(distribution.probability(range_.low, range_.high) > least_probability)) {
      return refuse("almost none of the values are in the admitted range", "check mean and sd");
    }
    distribution = distribution.truncated(range_.low, range_.high);
    if (std::abs(distribution.mean() - mean) > 0.01 * std::abs(mean)) {
      problems.warning(Code::range, node.place, path,
                       fmt::format("this normal is truncated to the admitted range, which moves its mean from {} to {}",
                                   show(mean), show(distribution.mean())),
                       "lognormal or gamma keep mean and sd");
    }
  } else if (distribution.low() < range_.low) {
    return refuse(
        fmt::format("values down to {} are possible; at least {} is needed", show(distribution.low()), show(range_.low)),
        "truncate it with min");
  } else if (distribution.high() > range_.high) {
    return refuse(
        fmt::format("values up to {} are possible; at most {} is admitted", show(distribution.high()), show(range_.high)),
        "truncate it with max");
  }
  if (range_.low_open && distribution.cdf(range_.low) > 0) {
    return refuse(fmt::format("{} is possible; more than that is needed", show(range_.low)), "truncate it with min");
  }
  distribution_ = std::move(distribution);
}

void DistributionValue::read(const Node& node, const std::string& path, Problems& problems) {
  distribution_.reset();
  expression_ = {};
  if (node.is_map()) {
    if (auto made = read_family(node, path, dimension_, range_, problems)) accept(std::move(*made), node, path, problems);
  } else if (expressions_ && node.is_scalar() && !node.text.empty() && (node.quoted || !parse_quantity(node.text))) {
    expression_ = {node.text, node.place};
  } else if (const auto value = read_number(node, path, dimension_, range_, problems)) {
    accept(Distribution::constant(*value), node, path, problems);
  }
}

Node DistributionValue::write() const {
  if (!distribution_) return text_node(expression_.text);
  if (distribution_->is_constant()) return quantity_node(distribution_->first_parameter(), dimension_);
  return family_node(*distribution_, dimension_, range_);
}

std::string DistributionValue::type() const {
  return fmt::format("distribution of {}{}", describe(dimension_), expressions_ ? ", or an expression" : "");
}

std::string DistributionValue::schema() const {
  std::string properties;
  for (const FamilyEntry& family : distribution_families()) {
    FamilyDraft draft(dimension_, range_);
    const std::string parameters = schema_of([&](Fields& fields) {
      family.declare(fields, draft);
      declare_modifiers(fields, draft);
    });
    const std::string_view name = family.name;
    const std::string shape = name == "discrete" ? R"({"type": "object"})"
                              : family.shorthand == nullptr
                                  ? parameters
                                  : fmt::format(R"({{"oneOf": [{{"type": ["string", "number", "array"]}}, {}]}})", parameters);
    properties += fmt::format(R"("{}": {}, )", name, shape);
  }
  const std::string number = R"({"type": ["string", "number"]})";
  properties += fmt::format(R"("shift": {0}, "min": {0}, "max": {0})", number);
  return fmt::format(
      R"({{"oneOf": [{{"type": "string"}}, {}{{"type": "object", "additionalProperties": false, "minProperties": 1, )"
      R"("properties": {{{}}}}}]}})",
      dimension_.none() ? R"({"type": "number"}, )" : "", properties);
}

std::string DistributionValue::text() const {
  if (!distribution_) return expression_.text;
  const std::string unit = si_unit(dimension_);
  return unit.empty() || dimension_.none() ? distribution_->text() : fmt::format("{} {}", distribution_->text(), unit);
}

std::string explain_distributions() {
  std::string out = "a value                             5 min\na family and its parameters         {gamma: {mean: 5 min, sd: 1 min}}\n"
                    "a family that needs one only        {exponential: 5 min}\nmoved, or cut                       {exponential: 5 min, shift: 1 min, max: 20 min}\n"
                    "text, where a text is expected      \"--set stations.press.duration={exponential: 5 min}\"\n";
  const auto rows = [](const std::function<void(Fields&)>& body) {
    const std::string all = explain_fields(body);
    std::string text;
    for (std::size_t from = all.find('\n') + 1, to; from < all.size(); from = to + 1) {  // without the heading
      to = std::min(all.find('\n', from), all.size());
      text += "  " + all.substr(from, to - from) + "\n";
    }
    return text;
  };
  for (const FamilyEntry& family : distribution_families()) {
    FamilyDraft draft(dimension::time, Range::any());
    out += fmt::format("\n{}{}\n", family.name, family.shorthand == nullptr ? "" : fmt::format(" (or its {} alone)", family.shorthand));
    out += rows([&](Fields& f) { family.declare(f, draft); });
  }
  FamilyDraft draft(dimension::time, Range::any());
  return out + "\nbeside any of them\n" + rows([&](Fields& f) { declare_modifiers(f, draft); });
}

}  // namespace retwin
