// The families of distributions as scenario files know them: one table says fields, alternatives and makers.
#include "core/stats/distribution_families.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/stats/distribution_value.hpp"

namespace retwin {

/// One number of the document, read as the field its path ends with.
std::optional<double> read_number(const Node& node, const std::string& path, const Dimension& dimension, Range range,
                                  Problems& problems) {
  const std::size_t dot = path.rfind('.');
  const std::string name = dot == std::string::npos ? path : path.substr(dot + 1);
  Node map = Node::map(node.place);
  map.at(name) = node;
  std::optional<double> value;
  Problems found;
  read_fields(map, dot == std::string::npos ? "" : path.substr(0, dot), found,
              [&](Fields& fields) { fields.required().quantity(name.c_str(), value, dimension, range, ""); });
  problems.append(found);
  return found.any_errors() ? std::nullopt : value;
}

std::nullopt_t FamilyReport::refuse(Code code, const std::string& key, std::string message, std::string hint) const {
  const Node* value = node.find(key);
  problems.error(code, value != nullptr ? value->place : node.place, path + "." + key, std::move(message), std::move(hint));
  return std::nullopt;
}

bool FamilyReport::either(const char* first, bool has_first, const char* second, bool has_second) const {
  if (has_first && has_second) refuse(Code::conflict, second, fmt::format("give {} or {}, not both", first, second));
  if (!has_first && !has_second) refuse(Code::missing, first, fmt::format("{} or {} is needed", first, second));
  return has_first != has_second;
}

void QuantityList::read(const Node& node, const std::string& path, Problems& problems) {
  if (!node.is_list()) {
    problems.error(Code::type, node.place, path, fmt::format("a list is needed, not {}", kind_name(node.kind)));
    return;
  }
  for (const Node& item : node.items) add(item, fmt::format("{}.{}", path, numbers_.size()), problems);
}

void QuantityList::add(const Node& node, const std::string& path, Problems& problems) {
  const bool percent = node.is_scalar() && node.text.ends_with('%');
  all_percent_ = (all_percent_ || numbers_.empty()) && percent;
  numbers_.push_back(read_number(node, path, dimension_, range_, problems).value_or(0));
}

Node QuantityList::write() const {
  Node list = Node::list();
  for (const double number : numbers_) list.items.push_back(quantity_node(number, dimension_));
  return list;
}

Node PartList::write() const {
  Node list = Node::list();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Node& part = list.items.emplace_back(Node::map());
    part.at("weight") = quantity_node(weights.numbers()[i], dimension::none);
    merge(part, family_node(parts[i], dimension_, range_));
  }
  return list;
}

void PartList::read(const Node& node, const std::string& path, Problems& problems) {
  if (!node.is_list()) {
    problems.error(Code::type, node.place, path, fmt::format("a list is needed, not {}", kind_name(node.kind)),
                   "write for instance [{weight: 30 %, exponential: 2 h}, {weight: 70 %, constant: 5 min}]");
    return;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const std::string part_path = fmt::format("{}.{}", path, i);
    Node part = node.items[i];
    const Node* weight = part.find("weight");
    if (weight == nullptr) {
      problems.error(Code::missing, part.place, part_path + ".weight", "each part of a mixture needs a weight");
      continue;
    }
    weights.add(*weight, part_path + ".weight", problems);
    part.erase("weight");
    DistributionValue value(dimension_, false, range_);
    value.read(part, part_path, problems);
    parts.push_back(value.distribution().value_or(Distribution()));
  }
}

namespace {

constexpr double shape_low = 0.02, shape_high = 1e6;  // beyond, moments leave the range of double or nothing is random any more

void declare_mean(Fields& f, FamilyDraft& d) { f.required().quantity("mean", d.mean, d.dimension, Range::positive(), "mean"); }
void declare_sd(Fields& f, FamilyDraft& d) {
  f.required().quantity("sd", d.sd, d.dimension, Range::non_negative(), "standard deviation");
}
void declare_ends(Fields& f, FamilyDraft& d) {
  f.required().quantity("low", d.low, d.dimension, Range::any(), "smallest value");
  f.required().quantity("high", d.high, d.dimension, Range::any(), "largest value");
}
void declare_shape(Fields& f, FamilyDraft& d) {
  f.quantity("shape", d.shape, dimension::none, Range{shape_low, shape_high}, "shape");
}

bool check_weights(const QuantityList& weights, const char* key, const FamilyReport& report) {
  const double sum = weights.sum();
  if (!(sum > 0)) {
    report.refuse(Code::range, key, "the weights sum to 0");
  } else if (weights.all_percent() && std::abs(sum - 1) > 1e-6) {
    report.refuse(Code::probability, key, fmt::format("the shares sum to {:.6g} %, not to 100 %", 100 * sum),
                  "correct them, or write plain weights, which are made to sum to 1");
  } else {
    return true;
  }
  return false;
}

bool check_pairs(const QuantityList& numbers, const char* key, const FamilyDraft& d, const FamilyReport& report) {
  if (numbers.numbers().empty()) {
    report.refuse(Code::missing, key, fmt::format("at least one of the {} is needed", key));
  } else if (numbers.numbers().size() != d.weights.numbers().size()) {
    report.refuse(Code::conflict, "weights",
                  fmt::format("{} {} but {} weights", numbers.numbers().size(), key, d.weights.numbers().size()));
  } else {
    return check_weights(d.weights, "weights", report);
  }
  return false;
}

std::optional<Distribution> build_gamma(const FamilyDraft& d, const FamilyReport& report) {
  if (!report.either("sd", d.sd.has_value(), "shape", d.shape.has_value())) return std::nullopt;
  const double sd = d.sd ? *d.sd : *d.mean / std::sqrt(*d.shape);
  const double shape = sd > 0 ? (*d.mean / sd) * (*d.mean / sd) : 1;
  if (shape < 1e-6 || shape > 1e12) {
    return report.refuse(Code::range, "sd", fmt::format("the shape (mean/sd)^2 is {:.3g}, outside 1e-6 ... 1e12", shape));
  }
  return Distribution::gamma(*d.mean, sd);
}

std::optional<Distribution> build_hyperexponential(const FamilyDraft& d, const FamilyReport& report) {
  if (!report.either("mean", d.mean.has_value(), "means", d.means.given())) return std::nullopt;
  if (d.mean) {
    if (!d.scv) return report.refuse(Code::missing, "scv", "scv (squared coefficient of variation) is needed beside mean");
    if (d.weights.given()) return report.refuse(Code::conflict, "weights", "weights go with means, scv goes with mean");
    return Distribution::hyperexponential(*d.mean, *d.scv);
  }
  if (d.scv) return report.refuse(Code::conflict, "scv", "scv goes with mean, weights go with means");
  if (!check_pairs(d.means, "means", d, report)) return std::nullopt;
  std::vector<Distribution> parts;
  for (const double mean : d.means.numbers()) parts.push_back(Distribution::exponential(mean));
  return Distribution::mixture(std::move(parts), d.weights.numbers());
}

std::optional<Distribution> build_triangular(const FamilyDraft& d, const FamilyReport& report) {
  if (*d.low > *d.high) return report.refuse(Code::range, "high", "high is below low");
  if (*d.mode < *d.low || *d.mode > *d.high) return report.refuse(Code::range, "mode", "the mode lies outside low ... high");
  return Distribution::triangular(*d.low, *d.mode, *d.high);
}

std::optional<Distribution> build_poisson(const FamilyDraft& d, const FamilyReport& report) {
  if (!d.dimension.none()) {
    return report.refuse(Code::unit, "mean", fmt::format("poisson gives counts; {} is needed", describe(d.dimension)),
                         "use exponential, gamma or discrete");
  }
  return Distribution::poisson(*d.mean);
}

const FamilyEntry declared_families[] = {
    {"constant", "value",
     [](Fields& f, FamilyDraft& d) { f.required().quantity("value", d.value, d.dimension, Range::any(), "the value"); },
     [](const FamilyDraft& d, const FamilyReport&) { return std::optional(Distribution::constant(*d.value)); }},
    {"exponential", "mean",
     [](Fields& f, FamilyDraft& d) {
       f.quantity("mean", d.mean, d.dimension, Range::positive(), "mean");
       f.quantity("rate", d.rate, dimension::none / d.dimension, Range::positive(), "1 / mean");
     },
     [](const FamilyDraft& d, const FamilyReport& report) -> std::optional<Distribution> {
       if (!report.either("mean", d.mean.has_value(), "rate", d.rate.has_value())) return std::nullopt;
       return Distribution::exponential(d.mean ? *d.mean : 1 / *d.rate);
     }},
    {"uniform", nullptr, declare_ends,
     [](const FamilyDraft& d, const FamilyReport& report) -> std::optional<Distribution> {
       if (*d.low > *d.high) return report.refuse(Code::range, "high", "high is below low");
       return Distribution::uniform(*d.low, *d.high);
     }},
    {"triangular", nullptr,
     [](Fields& f, FamilyDraft& d) {
       declare_ends(f, d);
       f.required().quantity("mode", d.mode, d.dimension, Range::any(), "most likely value");
     },
     build_triangular},
    {"normal", nullptr,
     [](Fields& f, FamilyDraft& d) {
       f.required().quantity("mean", d.mean, d.dimension, Range::any(), "mean, before truncation");
       declare_sd(f, d);
     },
     [](const FamilyDraft& d, const FamilyReport&) { return std::optional(Distribution::normal(*d.mean, *d.sd)); }},
    {"lognormal", nullptr, [](Fields& f, FamilyDraft& d) { declare_mean(f, d), declare_sd(f, d); },
     [](const FamilyDraft& d, const FamilyReport&) { return std::optional(Distribution::lognormal(*d.mean, *d.sd)); }},
    {"gamma", nullptr,
     [](Fields& f, FamilyDraft& d) {
       declare_mean(f, d);
       f.quantity("sd", d.sd, d.dimension, Range::non_negative(), "standard deviation");
       declare_shape(f, d);
     },
     build_gamma},
    {"erlang", nullptr,
     [](Fields& f, FamilyDraft& d) {
       f.required().count("k", d.k, Range{1, shape_high}, "number of exponential phases");
       declare_mean(f, d);
     },
     [](const FamilyDraft& d, const FamilyReport&) {
       return std::optional(Distribution::erlang(static_cast<int>(*d.k), *d.mean));
     }},
    {"weibull", nullptr,
     [](Fields& f, FamilyDraft& d) {
       f.required();
       declare_shape(f, d);
       f.quantity("scale", d.scale, d.dimension, Range::positive(), "the 63.2 % quantile");
       f.quantity("mean", d.mean, d.dimension, Range::positive(), "mean");
     },
     [](const FamilyDraft& d, const FamilyReport& report) -> std::optional<Distribution> {
       if (!report.either("scale", d.scale.has_value(), "mean", d.mean.has_value())) return std::nullopt;
       return Distribution::weibull(*d.shape, d.scale ? *d.scale : *d.mean / std::tgamma(1 + 1 / *d.shape));
     }},
    {"beta", nullptr,
     [](Fields& f, FamilyDraft& d) {
       f.required().quantity("alpha", d.alpha, dimension::none, Range{shape_low, shape_high}, "first shape");
       f.required().quantity("beta", d.beta, dimension::none, Range{shape_low, shape_high}, "second shape");
       declare_ends(f, d);
     },
     [](const FamilyDraft& d, const FamilyReport& report) -> std::optional<Distribution> {
       if (*d.low > *d.high) return report.refuse(Code::range, "high", "high is below low");
       return Distribution::beta(*d.alpha, *d.beta, *d.low, *d.high);
     }},
    {"poisson", "mean",
     [](Fields& f, FamilyDraft& d) {
       f.required().quantity("mean", d.mean, dimension::none, Range{0, 1e12}, "mean");
     },
     build_poisson},
    {"hyperexponential", nullptr,
     [](Fields& f, FamilyDraft& d) {
       f.quantity("mean", d.mean, d.dimension, Range::positive(), "mean");
       f.quantity("scv", d.scv, dimension::none, Range{1, shape_high}, "variance / mean^2; two exponentials with balanced means");
       f.value("means", d.means, "means of the exponentials");
       f.value("weights", d.weights, "their weights");
     },
     build_hyperexponential},
    {"empirical", "values",
     [](Fields& f, FamilyDraft& d) { f.required().value("values", d.values, "observed values, interpolated between"); },
     [](const FamilyDraft& d, const FamilyReport& report) -> std::optional<Distribution> {
       if (!d.values.given()) return report.refuse(Code::missing, "values", "at least one value is needed");
       return Distribution::empirical(d.values.numbers());
     }},
    {"discrete", nullptr,
     [](Fields& f, FamilyDraft& d) {
       f.required().value("values", d.values, "possible values");
       f.required().value("weights", d.weights, "their weights");
     },
     [](const FamilyDraft& d, const FamilyReport& report) -> std::optional<Distribution> {
       if (!check_pairs(d.values, "values", d, report)) return std::nullopt;
       return Distribution::discrete(d.values.numbers(), d.weights.numbers());
     }},
    {"mixture", "parts", [](Fields& f, FamilyDraft& d) { f.required().value("parts", d.parts, "maps of a weight and a family"); },
     [](const FamilyDraft& d, const FamilyReport& report) -> std::optional<Distribution> {
       if (!d.parts.given()) return report.refuse(Code::missing, "parts", "at least one part is needed");
       if (!check_weights(d.parts.weights, "parts", report)) return std::nullopt;
       return Distribution::mixture(d.parts.parts, d.parts.weights.numbers());
     }},
};

}  // namespace

std::span<const FamilyEntry> distribution_families() { return declared_families; }

}  // namespace retwin
