// Studies: read, checked against the scenario, and the arithmetic of their responses.
#include "core/study/study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "core/base/constants.hpp"
#include "core/base/files.hpp"
#include "core/base/yaml_text.hpp"
#include "core/experiment/headlines.hpp"
#include "core/experiment/objective.hpp"
#include "core/kpi/kpi.hpp"
#include "core/scenario/document/document.hpp"
#include "core/scenario/specs/sections.hpp"
#include "core/study/designs.hpp"

namespace retwin {
namespace {

/// Names of expressions: decisions, responses and figures, in this order of slots; a figure that is found is one that is kept.
class StudySymbols : public Symbols {
 public:
  StudySymbols(Study& study, std::size_t responses, std::map<std::string, std::string> units)
      : study_(study), responses_(responses), units_(std::move(units)) {}

  std::optional<Symbol> find(std::string_view name) const override {
    if (const auto decision = DecisionSymbols(study_.space.decisions).find(name)) return decision;
    for (std::size_t k = 0; k < study_.responses.size(); ++k)
      if (study_.responses[k].name == name) return Symbol{static_cast<int>(study_.space.size() + k), dimensions_[k], {}, false};
    const auto known = units_.find(std::string(name));
    if (known == units_.end()) return std::nullopt;
    return Symbol{slot_of(known->first), unit(known->second).dimension, {}, false};
  }
  std::vector<std::string> names() const override {
    std::vector<std::string> all = DecisionSymbols(study_.space.decisions).names();
    for (const Response& one : study_.responses) all.push_back(one.name);
    for (const auto& [path, unit] : units_) all.push_back(path);
    return all;
  }

  /// A figure's unit to SI; one that is no unit of quantities ("lots") counts as a plain number.
  static Quantity unit(const std::string& text) { return parse_unit(text == "1" ? std::string() : text).value_or(Quantity{1, dimension::none}); }
  bool is_figure(const std::string& path) const { return units_.contains(path); }
  const std::string& unit_of(const std::string& path) const { return units_.at(path); }
  void known_response(const Dimension& dimension) { dimensions_.push_back(dimension); }

 private:
  int slot_of(const std::string& path) const {
    auto& kept = study_.figures;
    const auto found = std::find(kept.begin(), kept.end(), path);
    const auto at = static_cast<std::size_t>(found - kept.begin());
    if (found == kept.end()) kept.push_back(path);
    return static_cast<int>(study_.space.size() + responses_ + at);
  }

  Study& study_;
  std::size_t responses_;
  std::map<std::string, std::string> units_;
  std::vector<Dimension> dimensions_;
};

/// Reads what a study says into what is run.
class Reader {
 public:
  Reader(const std::string& path, const Registry& registry, const StudyOptions& options) : registry_(registry), options_(options) {
    study_.path = path;
  }

  Study read() {
    std::optional<Node> document = read_yaml_file(study_.path, problems_);
    problems_.throw_if_errors();
    read_fields(*document, "", problems_, [&](Fields& f) { spec_.fields(f); });
    problems_.throw_if_errors();
    study_.scenario = beside(spec_.scenario.text);
    study_.libraries = options_.libraries;
    study_.overrides = options_.overrides;
    std::optional<Node> scenario = load_document(study_.scenario, study_.overrides, problems_, registry_);
    problems_.throw_if_errors();
    decisions(*scenario);
    sets();
    conditions();
    problems_.throw_if_errors();
    numbers();
    const Scenario first = compile_first();
    looked_at(first);
    problems_.throw_if_errors();
    study_.sha256 = sha256_hex(identity(*document) + '\n' + first.scenario_hash);
    study_.warnings = problems_.all();
    return std::move(study_);
  }

 private:
  std::string beside(const std::string& file) const {
    return (std::filesystem::path(study_.path).parent_path() / file).lexically_normal().string();
  }
  void error(Code code, const Place& place, const std::string& path, const std::string& message, const std::string& hint = {}) {
    problems_.error(code, place, path, message, hint);
  }

  /// A quantity as it stands, or "x 1.2" as so many times what the scenario says.
  std::optional<Quantity> quantity(const Located& text, const Node& scenario, const DecisionSpec& of, const std::string& path) {
    Refusal why;
    if (!text.text.starts_with("x")) {
      const auto value = parse_quantity(text.text, why);
      if (!value) error(Code::unit, text.place, path, "\"" + text.text + "\": " + why.message, why.hint);
      return value;
    }
    const auto times = number_of(text.text.substr(std::min(text.text.find_first_not_of(" x"), text.text.size())));
    if (!times) {
      error(Code::syntax, text.place, path, "\"" + text.text + "\" is no factor", "write for instance \"x 1.2\"");
      return std::nullopt;
    }
    const Node* base = at(scenario, of.path.text);
    const auto value = base != nullptr && base->is_scalar() ? parse_quantity(base->text, why) : std::nullopt;
    if (!value) {
      error(Code::type, text.place, path, "the scenario has no single quantity at " + of.path.text + ", which a factor could multiply",
            "name the number itself, for instance stations.press.duration.exponential, or give values");
      return std::nullopt;
    }
    return Quantity{value->value * *times, value->dimension};
  }

  static const Node* at(const Node& root, const std::string& path) {
    const Node* node = &root;
    for (std::size_t begin = 0; node != nullptr && begin <= path.size();) {
      const std::size_t end = std::min(path.find('.', begin), path.size());
      node = node->is_map() ? node->find(path.substr(begin, end - begin)) : nullptr;
      begin = end + 1;
    }
    return node;
  }

  void decisions(const Node& scenario) {
    bool any_files = false;
    for (const DecisionSpec& spec : spec_.decisions) {
      const std::string path = "decisions." + spec.name;
      Decision made;
      made.name = spec.name;
      made.place = spec.place;
      made.path = spec.path.text;
      const int ways = (spec.from.empty() && spec.to.empty() ? 0 : 1) + (spec.values.given() ? 1 : 0) + (spec.files.given() ? 1 : 0);
      if (ways != 1) {
        error(ways == 0 ? Code::missing : Code::conflict, spec.place, path, ways == 0 ? "nothing says what it can be" : "it is said twice what it can be",
              "give from and to, or values, or files");
        continue;
      }
      if (spec.values.given()) levels(spec, made, scenario, path);
      else if (spec.files.given()) files(spec, made, path, any_files);
      else bounds(spec, made, scenario, path);
      study_.space.decisions.push_back(std::move(made));
    }
    if (spec_.decisions.empty()) {
      Place place;
      place.file = study_.path;
      error(Code::missing, place, "decisions", "there is nothing to choose", "decisions: {presses: {path: stations.press.servers, values: [1, 2]}}");
    }
  }

  void bounds(const DecisionSpec& spec, Decision& made, const Node& scenario, const std::string& path) {
    made.kind = spec.whole ? Decision::Kind::whole : Decision::Kind::real;
    if (spec.from.empty() || spec.to.empty()) {
      error(Code::missing, spec.place, path, spec.from.empty() ? "from is missing" : "to is missing");
      return;
    }
    const auto low = quantity(spec.from, scenario, spec, path + ".from"), high = quantity(spec.to, scenario, spec, path + ".to");
    if (!low || !high) return;
    made.low = low->value, made.high = high->value, made.dimension = low->dimension;
    made.read_in(spec.from.text);
    if (low->dimension != high->dimension)
      error(Code::unit, spec.to.place, path + ".to", fmt::format("from is {}, to is {}", describe(low->dimension), describe(high->dimension)));
    else if (!(made.low < made.high))
      error(Code::range, spec.to.place, path + ".to", "there is nothing between from and to", "from must be less than to");
    else if (spec.whole && (!low->dimension.none() || std::floor(made.low) != made.low || std::floor(made.high) != made.high || made.high - made.low > 1e6))
      error(Code::range, spec.place, path, "whole numbers have whole ends without a unit, at most a million apart");
  }

  /// "inf s", "nan": what no scenario takes for a number.
  static bool no_number(const std::string& text) {
    const std::size_t sign = text.find_first_not_of("+- ");
    return sign != std::string::npos && (text.compare(sign, 3, "inf") == 0 || text.compare(sign, 3, "nan") == 0) && (sign + 3 == text.size() || text[sign + 3] == ' ');
  }

  void levels(const DecisionSpec& spec, Decision& made, const Node& scenario, const std::string& path) {
    made.kind = Decision::Kind::levels;
    const Node& list = spec.values.node();
    if (spec.whole) error(Code::conflict, spec.place, path + ".whole", "values are what they are: `whole` goes with from and to");
    if (!list.is_list() || list.items.empty()) {
      error(Code::type, list.place, path + ".values", "a list of values is needed", "write [1, 2, 3]");
      return;
    }
    bool all_numbers = true;
    std::set<std::string> seen;
    for (const Node& item : list.items) {
      Node value = item;
      std::optional<Quantity> number;
      if (item.is_scalar() && !item.quoted && item.text.starts_with("x") && item.text.find_first_of("0123456789") != std::string::npos) {
        number = quantity({item.text, item.place}, scenario, spec, path + ".values");
        if (!number) return;
        value = Node::scalar(quantity_text(number->value, number->dimension), item.place);
        made.labels.push_back(item.text);
      } else {
        if (item.is_scalar() && !item.quoted) number = parse_quantity(item.text);
        if (item.is_scalar() && no_number(item.text)) return error(Code::range, item.place, path + ".values", item.text + " is no value of a plant");
        made.labels.push_back(item.is_scalar() ? item.text : canonical(item));
      }
      all_numbers = all_numbers && number && (made.numbers.empty() || number->dimension == made.dimension);
      if (number) made.dimension = number->dimension;
      made.numbers.push_back(number ? number->value : 0);
      made.values.push_back(std::move(value));
      if (!seen.insert(made.labels.back()).second) error(Code::duplicate, item.place, path + ".values", made.labels.back() + " stands there twice");
    }
    if (all_numbers) return made.read_in(list.items.front().text);
    made.dimension = dimension::none;
    for (std::size_t k = 0; k < made.numbers.size(); ++k) made.numbers[k] = static_cast<double>(k);
  }

  void files(const DecisionSpec& spec, Decision& made, const std::string& path, bool& any) {
    made.kind = Decision::Kind::files;
    const Node& map = spec.files.node();
    if (!spec.path.empty()) error(Code::conflict, spec.path.place, path + ".path", "a file says itself what it sets");
    if (std::exchange(any, true)) error(Code::conflict, spec.place, path, "two decisions choose the file", "make files for the combinations, or values for one of them");
    if (!map.is_map() || map.entries.empty()) {
      error(Code::type, map.place, path + ".files", "names and files are needed", "write {as it is: ~, third shift: what-if/third_shift.yaml}");
      return;
    }
    for (const Node::Entry& entry : map.entries) {
      if (!entry.value.is_null() && !entry.value.is_scalar()) error(Code::type, entry.value.place, path + ".files." + entry.key, "the name of a file is needed, or ~ for the scenario");
      made.labels.push_back(entry.key);
      made.files.push_back(entry.value.is_scalar() ? beside(entry.value.text) : study_.scenario);
    }
  }

  void sets() {
    if (!spec_.set.given()) return;
    const Node& map = spec_.set.node();
    if (!map.is_map()) {
      error(Code::type, map.place, "set", "a map of paths is needed", "write {stations.press.duration: \"{60 / rate} s\"}");
      return;
    }
    for (const Node::Entry& entry : map.entries)
      study_.space.sets.emplace_back(entry.key, Template::compile(entry.value, "set." + entry.key, study_.space.decisions, problems_));
  }

  void conditions() {
    const DecisionSymbols symbols(study_.space.decisions);
    for (const Located& text : spec_.where)
      if (auto one = Expression::compile(text.text, symbols, Expression::Result::truth, dimension::none, text.place, "where", problems_))
        study_.space.where.push_back(std::move(*one));
  }

  void numbers() {
    study_.points = spec_.points;
    study_.select = spec_.select;
    study_.optimise = spec_.optimise;
    study_.replications = spec_.replications;
    Place place;
    place.file = study_.path;
    const std::int64_t ways = (spec_.points.factorial > 0) + (spec_.points.latin_hypercube > 0) + (spec_.points.sobol > 0) + (spec_.points.indices > 0);
    if (ways > 1) error(Code::conflict, place, "points", "points are said in several ways", "give one of factorial, latin_hypercube, sobol, indices");
    if (spec_.points.indices > 0 && !study_.space.where.empty())
      error(Code::conflict, spec_.where.front().place, "where", "Sobol indices need every combination: a condition cannot leave points out");
    problems_.throw_if_errors();
  }

  /// The middle of the space, or the first of many drawn points that `where` admits.
  Point first_point() {
    const std::size_t d = study_.space.size();
    Point point = study_.space.at(std::vector<double>(d, 0.5));
    const Points drawn = study_.space.admits(point) ? Points() : sobol_points(4096, d, 1);
    for (std::size_t k = 0; k < drawn.size() && !study_.space.admits(point); ++k) point = study_.space.at({drawn[k].begin(), drawn[k].end()});
    if (!study_.space.admits(point)) {
      error(Code::range, spec_.where.front().place, "where", "no point is left: of 4,096 that were drawn none keeps these conditions");
      problems_.throw_if_errors();
    }
    return point;
  }

  /// The scenario at a point that is admitted: what it has, all points have.
  Scenario compile_first() {
    const Point point = first_point();
    const std::string* file = study_.space.file(point);
    std::vector<Override> all = study_.overrides;
    for (Override& one : study_.space.overrides(point)) all.push_back(std::move(one));
    std::vector<std::string> folders = study_.libraries;
    for (std::string& folder : default_library_folders()) folders.push_back(std::move(folder));
    Scenario made = load_scenario(file != nullptr ? *file : study_.scenario, registry_, all, folders);
    if (made.run.finds_warmup) {
      Place place;
      place.file = study_.path;
      problems_.error(Code::window, place, "set", "the scenario's warm-up is to be found: every point would have another one", "say it: set: {run.warmup: 2 d}");
    }
    study_.seed = spec_.seed ? static_cast<std::uint64_t>(*spec_.seed) : made.run.seed;
    return made;
  }

  // --- what is looked at

  void looked_at(const Scenario& scenario) {
    std::vector<std::pair<std::string, Located>> wanted = wanted_responses(scenario);
    std::vector<std::pair<bool, Located>> objectives;
    const auto objective = [&](const ObjectiveSpec& one) {
      if (one.maximise.empty() == one.minimise.empty()) {
        error(Code::missing, one.place, "objectives", "an objective says what to maximise or what to minimise");
        return;
      }
      objectives.emplace_back(!one.maximise.empty(), one.maximise.empty() ? one.minimise : one.maximise);
    };
    if (!spec_.maximise.empty() || !spec_.minimise.empty()) objective({spec_.maximise.empty() ? spec_.minimise.place : spec_.maximise.place, spec_.maximise, spec_.minimise});
    for (const ObjectiveSpec& one : spec_.objectives) objective(one);
    for (const auto& [maximise, text] : objectives)  // one that is no response is one more
      if (std::none_of(wanted.begin(), wanted.end(), [&](const auto& w) { return w.first == text.text; })) wanted.emplace_back(text.text, text);
    StudySymbols symbols(study_, wanted.size(), figure_units(scenario));
    for (const auto& [name, text] : wanted) response(name, text, symbols);
    problems_.throw_if_errors();
    for (const auto& [maximise, text] : objectives)
      for (std::size_t k = 0; k < study_.responses.size(); ++k)
        if (study_.responses[k].name == text.text) study_.objectives.push_back({k, maximise});
    for (const Located& text : spec_.subject_to)
      if (auto one = Expression::compile(text.text, symbols, Expression::Result::truth, dimension::none, text.place, "subject_to", problems_))
        keep_constraint({text.text, "1", std::move(*one), 1}, symbols, text);
    for (const std::string& path : study_.figures) study_.figure_factors.push_back(StudySymbols::unit(symbols.unit_of(path)).value);
    indifference();
  }

  void keep_constraint(Response holds, const StudySymbols& symbols, const Located& text) {
    Response margin{holds.name, "1", Expression::constant(0), 1};
    const auto measured = holds.value.margin();
    if (measured) margin.value = *measured;
    else if (auto sign = Expression::compile("(" + text.text + ") ? 1 : -1", symbols, Expression::Result::number, dimension::none, text.place, "subject_to", problems_))
      margin.value = std::move(*sign);
    study_.constraints.push_back(std::move(holds));
    study_.margins.push_back(std::move(margin));
  }

  std::vector<std::pair<std::string, Located>> wanted_responses(const Scenario& scenario) {
    std::vector<std::pair<std::string, Located>> wanted;
    const Node& given = spec_.responses.node();
    if (!spec_.responses.given()) {
      if (!spec_.maximise.empty() || !spec_.minimise.empty() || !spec_.objectives.empty()) return wanted;  // what is wanted is enough
      for (const std::string& path : headline_figures(scenario)) wanted.emplace_back(path, Located{path, spec_.scenario.place});
    } else if (given.is_list()) {
      for (const Node& item : given.items) wanted.emplace_back(item.text, Located{item.text, item.place});
    } else if (given.is_map()) {
      for (const Node::Entry& entry : given.entries) wanted.emplace_back(entry.key, Located{entry.value.text, entry.value.place});
    } else {
      error(Code::type, given.place, "responses", "a list of figures is needed, or names for figures and expressions", "write [plant.throughput, plant.cycle_time]");
    }
    return wanted;
  }

  void response(const std::string& name, const Located& text, StudySymbols& symbols) {
    Response made{name, "1", Expression::constant(0), 1};
    if (symbols.is_figure(text.text)) {
      made.unit = symbols.unit_of(text.text);
      made.factor = StudySymbols::unit(made.unit).value;
    }
    Problems attempt;
    const Dimension dimension = symbols.is_figure(text.text) ? StudySymbols::unit(made.unit).dimension : dimension::none;
    auto value = Expression::compile(text.text, symbols, Expression::Result::number, dimension, text.place, "responses." + name, attempt);
    if (!value) problems_.append(attempt);
    else made.value = std::move(*value);
    symbols.known_response(dimension);
    study_.responses.push_back(std::move(made));
  }

  void indifference() {
    const Located& text = spec_.select.indifference;
    if (text.empty()) return;
    Refusal why;
    const auto value = parse_quantity(text.text, why);
    if (!value) return error(Code::unit, text.place, "select.indifference", "\"" + text.text + "\": " + why.message, why.hint);
    if (study_.objectives.empty()) return;
    const Response& of = study_.responses[study_.objectives.front().response];
    if (value->dimension != StudySymbols::unit(of.unit).dimension)
      return error(Code::unit, text.place, "select.indifference", fmt::format("this is {}; {} is measured in {}", describe(value->dimension), of.name, of.unit));
    study_.indifference = value->value / of.factor;
    if (!(study_.indifference > 0)) error(Code::range, text.place, "select.indifference", "a difference above 0 is needed");
  }

  const Registry& registry_;
  const StudyOptions& options_;
  Problems problems_;
  StudySpec spec_;
  Study study_;
};

/// Figures over replications, one left out on request.
class Sums {
 public:
  explicit Sums(const std::vector<const std::vector<FigureValue>*>& rows) {
    const std::size_t figures = rows.empty() ? 0 : rows.front()->size();
    all_.resize(figures);
    for (const auto* row : rows) add(*row, 1);
  }
  void add(const std::vector<FigureValue>& row, double sign) {
    for (std::size_t k = 0; k < all_.size(); ++k) {
      const FigureValue& v = row[k];
      Sum& sum = all_[k];
      if (v.ratio) sum.ratio = true, sum.numerator += sign * v.numerator, sum.denominator += sign * v.denominator;
      if (!std::isnan(v.value)) sum.value += sign * v.value, sum.n += sign;
    }
  }
  double value(std::size_t k) const {
    const Sum& sum = all_[k];
    return sum.ratio ? sum.numerator / sum.denominator : sum.value / sum.n;
  }
  std::size_t size() const { return all_.size(); }

 private:
  struct Sum {
    bool ratio = false;
    double value = 0, n = 0, numerator = 0, denominator = 0;
  };
  std::vector<Sum> all_;
};

}  // namespace

Study read_study(const std::string& path, const Registry& registry, const StudyOptions& options) { return Reader(path, registry, options).read(); }

namespace {

/// Values of all responses at figures, in the slots of their expressions.
class Evaluation {
 public:
  Evaluation(const Study& study, const Point& point) : study_(study), slots_(study.space.numbers(point)) {
    slots_.resize(study.space.size() + study.responses.size() + study.figures.size());
  }
  /// NaN where there is none. @param figure value of the k-th, in the unit that people read
  template <class Figure>
  double operator()(const Response& response, const Figure& figure) {
    const std::size_t before = study_.space.size(), responses = study_.responses.size();
    for (std::size_t k = 0; k < study_.figures.size(); ++k) slots_[before + responses + k] = figure(k) * factor(k);
    for (std::size_t k = 0; k < responses; ++k) slots_[before + k] = study_.responses[k].value(slots_.data());
    const double value = response.value(slots_.data()) / response.factor;
    return std::isfinite(value) ? value : nan;  // an expression may divide by nothing
  }

 private:
  double factor(std::size_t figure) const { return study_.figure_factors.at(figure); }

  const Study& study_;
  std::vector<double> slots_;
};

}  // namespace

PointEstimate estimate(const Study& study, const Response& response, const Point& point, const std::vector<const std::vector<FigureValue>*>& figures) {
  Evaluation evaluate(study, point);
  Sums sums(figures);
  const auto value = [&](std::size_t k) { return sums.value(k); };
  PointEstimate made;
  made.mean = evaluate(response, value);
  const auto n = static_cast<double>(figures.size());
  if (figures.size() == 1) made.each = {made.mean};
  for (std::size_t r = 0; figures.size() > 1 && r < figures.size(); ++r) {
    sums.add(*figures[r], -1);
    made.each.push_back(n * made.mean - (n - 1) * evaluate(response, value));
    sums.add(*figures[r], 1);
  }
  return made;
}

double value_of(const Study& study, const Response& response, const Point& point, const std::vector<FigureValue>& figures) {
  return Evaluation(study, point)(response, [&](std::size_t k) { return figures[k].value; });
}

}  // namespace retwin
