// Compiles rules on masses and prices: looks up what they name, works out what counts of each component, and what is paid.
#include "core/scenario/compile/rules_and_prices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/confidence.hpp"
#include "core/base/constants.hpp"
#include "core/scenario/compile/compiler.hpp"

namespace retwin {
namespace {

constexpr double days_of_year = 365;

Provenance origin_of(const OriginSpec& spec, const std::string& set) {
  const bool estimate = spec.source.empty() || spec.confidence >= estimated;
  const std::string confidence = spec.confidence >= 0 ? confidences[spec.confidence] : estimate ? "estimate" : "";
  return {set, spec.source, spec.region, confidence, spec.document, spec.note, spec.year, estimate};
}

}  // namespace

class RulesAndPricesCompiler {
 public:
  explicit RulesAndPricesCompiler(Compiler& compiler)
      : compiler_(compiler), specs_(compiler.specs_), problems_(compiler.problems_), plant_(*compiler.plant_) {}

  std::shared_ptr<const RulesAndPrices> compile() {
    if (specs_.compliance.empty() && specs_.prices.empty() && specs_.price_sets.empty() && specs_.claims.empty()) return nullptr;
    for (const ComplianceSpec& spec : specs_.compliance) add_rule(spec);
    add_prices();
    for (const ClaimSpec& spec : specs_.claims) add_claim(spec);
    return std::make_shared<const RulesAndPrices>(std::move(out_));
  }

 private:
  void error(Code code, const Place& place, const std::string& path, std::string message, std::string hint = {}) {
    problems_.error(code, place, path, std::move(message), std::move(hint));
  }
  void warn_of_no_source(const OriginSpec& about, const Place& place, const std::string& path, const char* what) {
    if (about.source.find_first_not_of(" \t\n") == std::string::npos && about.confidence < estimated)
      problems_.warning(Code::missing, place, path + ".source", std::string(what) + " without a source counts as an estimate, and is marked as one",
                        "say where the figure comes from, or confidence: estimate");
  }

  void add_claim(const ClaimSpec& spec) {
    const std::string path = "claims." + spec.name;
    std::vector<std::string> units;
    for (const FunctionalUnitSpec& unit : specs_.functional_units) units.push_back(unit.name);
    if (std::find(units.begin(), units.end(), spec.per.text) == units.end())
      error(Code::unknown_name, spec.per.place, path + ".per", "there is no functional unit " + spec.per.text, did_you_mean(spec.per.text, units));
    if (specs_.factors.empty()) error(Code::missing, spec.place, path, "the plant has no emission factors, so that nothing can be less", "name a set: factors: [...]");
    warn_of_no_source(spec.about, spec.place, path, "a leakage");
    out_.claims.push_back({spec.name, spec.per.text, spec.additionality, spec.leakage, origin_of(spec.about, "")});
  }

  // --- what counts of each component
  double fraction(std::size_t component, const std::vector<std::size_t>& elements) const {
    const Substances& s = plant_.substances;
    double sum = 0;
    for (const std::size_t e : elements) sum += s.fraction[component * s.elements.size() + e];
    return sum;
  }
  std::vector<std::size_t> indices(const std::vector<Located>& names, const std::vector<std::string>& known, const std::string& path, const char* what) {
    std::vector<std::size_t> found;
    for (const Located& name : names) {
      const auto at = std::find(known.begin(), known.end(), name.text);
      if (at != known.end()) found.push_back(static_cast<std::size_t>(at - known.begin()));
      else error(Code::unknown_name, name.place, path, fmt::format("nothing in this plant is known to {} {}", what, name.text), did_you_mean(name.text, known));
    }
    return found;
  }
  std::vector<double> shares(const std::vector<Located>& elements, const std::vector<Located>& components, const std::vector<Located>& without,
                             const std::vector<Located>& without_elements, const std::string& path) {
    const Substances& s = plant_.substances;
    const auto some_elements = indices(elements, s.elements, path + ".elements", "have the element");
    const auto no_elements = indices(without_elements, s.elements, path + ".without_elements", "have the element");
    const auto some = indices(components, s.components, path + ".components", "hold the component");
    const auto none_of = indices(without, s.components, path + ".without", "hold the component");
    if (!elements.empty() && !without_elements.empty())
      error(Code::conflict, without_elements.front().place, path + ".without_elements", "only what `elements` names counts anyhow", "keep one of them");
    const auto in = [](const std::vector<std::size_t>& list, std::size_t x) { return std::find(list.begin(), list.end(), x) != list.end(); };
    const bool whole = elements.empty() && components.empty();
    std::vector<double> share(plant_.n_components);
    for (std::size_t c = 0; c < share.size(); ++c) {
      if (in(none_of, c)) continue;
      share[c] = whole || in(some, c) ? 1 - fraction(c, no_elements) : fraction(c, some_elements);
    }
    return share;
  }
  /// "sinks.out" of "out", so that no place has two names.
  std::string whole_name(const std::string& text) const {
    for (const char* kind : {"sources.", "sinks.", "stations."})
      if (text.starts_with(kind)) return text;
    if (text.find('.') != std::string::npos) return "stations." + text;
    return (plant_.find_source(text) != none ? "sources." : compiler_.find_sink(text) != none ? "sinks." : "stations.") + text;
  }
  std::vector<Counted> counted(const std::vector<CountedSpec>& specs, const RuleSpec& rule, bool of_rule, const std::string& path) {
    std::vector<Counted> out;
    std::map<std::string, std::vector<double>> all;
    for (const CountedSpec& spec : specs) {
      const std::string at = path + "." + spec.name;
      Counted one;
      for (const Located& of : spec.of) {
        if (compiler_.check_passage(of, at))
          error(Code::conflict, of.place, at + ".of", "the jobs of a station are counted by their whole mass", "write station.port");
        one.of.push_back(of.text);
      }
      const bool own = !spec.elements.empty() || !spec.components.empty();
      if (of_rule && own)
        error(Code::conflict, spec.place, at, "what counts is said by the rule", "leave out elements and components");
      if (of_rule && !spec.without_elements.empty())
        error(Code::conflict, spec.without_elements.front().place, at + ".without_elements", "the rule counts elements by themselves", "leave it out");
      one.share = of_rule ? shares(rule.elements, rule.components, spec.without, {}, at)
                          : shares(spec.elements, spec.components, spec.without, spec.without_elements, at);
      for (const Located& of : spec.of) {
        std::vector<double>& sum = all.try_emplace(whole_name(of.text), plant_.n_components).first->second;
        bool twice = false;
        for (std::size_t c = 0; c < sum.size(); ++c) twice = (sum[c] += one.share[c]) > 1 + 1e-9 || twice;
        if (twice) error(Code::duplicate, of.place, at + ".of", of.text + " would be counted twice", "name each place once, or other elements or components of it");
      }
      out.push_back(std::move(one));
    }
    return out;
  }

  // --- rules
  /// Of the library, "document.rule".
  const RuleSpec* known_rule(const Located& name, const std::string& path) {
    const std::size_t dot = name.text.find('.');
    const std::string set = name.text.substr(0, dot), key = dot == std::string::npos ? "" : name.text.substr(dot + 1);
    if (!rule_sets_.contains(set)) read_rules(set, name.place);
    const auto& rules = rule_sets_[set];
    for (const auto& [known, rule] : rules)
      if (known == key) return &rule;
    if (rules.empty()) return nullptr;  // told already
    std::vector<std::string> names;
    for (const auto& [known, rule] : rules) names.push_back(set + "." + known);
    error(Code::unknown_name, name.place, path + ".rule", "the library has no rule " + name.text, did_you_mean(name.text, names));
    return nullptr;
  }
  void read_rules(const std::string& set, const Place& place) {
    auto& rules = rule_sets_[set];
    const Node* document = compiler_.library_.document("compliance/" + set, place, problems_);
    if (document == nullptr) return;
    read_fields(*document, "compliance/" + set, problems_, [&](Fields& f) {
      RuleSpec head;
      head.about.fields(f);
      f.required().map(
          "rules",
          [&](const std::string& key, const Place& at, Fields& each) {
            RuleSpec rule = head;
            rule.fields(each);
            warn_of_no_source(rule.about, at, each.path(), "a rule");
            rules.emplace_back(key, std::move(rule));
          },
          "rules by name");
    });
  }
  void add_rule(const ComplianceSpec& spec) {
    const std::string path = "compliance." + spec.name;
    const RuleSpec* rule = &spec.own;
    if (plant_.n_components == 0) return error(Code::conflict, spec.place, path, "the lots of this plant have no masses");
    if (!spec.rule.empty()) {
      if (spec.own.kind >= 0 || !spec.own.at_least.empty() || !spec.own.at_most.empty() || !spec.own.elements.empty() || !spec.own.components.empty())
        return error(Code::conflict, spec.place, path, "what is asked for is said by the rule " + spec.rule.text, "leave it out here, or leave out rule");
      rule = known_rule(spec.rule, path);
      if (rule == nullptr) return;
    } else {
      warn_of_no_source(spec.own.about, spec.place, path, "a rule");
    }
    if (rule->kind < 0) return error(Code::missing, spec.place, path + ".kind", "what kind of rule is it?", "write kind: efficiency, recovery or content");
    const std::string kind = choices::rule_kind[rule->kind];
    const bool content = kind == "content", of_elements = kind != "efficiency";
    MassRule made{spec.name, spec.rule.text, kind, spec.own.doc.empty() ? rule->doc : spec.own.doc, !rule->at_most.empty(), {}, {}, {}, {}, spec.place};
    made.about = origin_of(rule->about, spec.rule.text.substr(0, spec.rule.text.find('.')));
    if (!spec.rule.empty() && spec.own.about.confidence >= estimated) made.about.estimate = true;  // how it is counted here
    if (of_elements && rule->elements.empty() && rule->components.empty())
      error(Code::missing, spec.place, path + ".elements", "of which elements or components?", "write elements: [Ni]");
    if (spec.in.empty()) error(Code::missing, spec.place, path + ".in", "what counts as input?", "write in: {feed: [trucks]}");
    if (content != spec.out.empty())
      error(content ? Code::conflict : Code::missing, spec.place, path + ".out", content ? "a content is a share of what `in` names" : "what counts as output?",
            content ? "leave out `out`" : "write out: {product: [ok]}");
    targets(*rule, made, spec.place, path);
    made.in = counted(spec.in, *rule, kind == "recovery", path + ".in");
    made.out = content ? made.in : counted(spec.out, *rule, kind == "recovery", path + ".out");
    if (content) {
      const std::vector<double> wanted = shares(rule->elements, rule->components, {}, {}, path);
      for (Counted& one : made.out)
        for (std::size_t c = 0; c < wanted.size(); ++c) one.share[c] = one.share[c] > 0 ? wanted[c] : 0;
    }
    if (!made.targets.empty()) out_.rules.push_back(std::move(made));
  }
  void targets(const RuleSpec& rule, MassRule& made, const Place& place, const std::string& path) {
    if (rule.at_least.empty() == rule.at_most.empty())
      error(rule.at_least.empty() ? Code::missing : Code::conflict, place, path + ".at_least",
            rule.at_least.empty() ? "no share is asked for" : "at_most stands in place of at_least", "write at_least: {2025-12-31: 65 %}");
    for (const auto& [date, share] : made.at_most ? rule.at_most : rule.at_least) {
      const auto day = parse_date(date.text);
      if (day) made.targets.push_back({date.text, *day, share});
      else error(Code::type, date.place, path + (made.at_most ? ".at_most" : ".at_least"), "\"" + date.text + "\" is no day", "write 2025-12-31");
    }
    std::sort(made.targets.begin(), made.targets.end(), [](const auto& a, const auto& b) { return a.day < b.day; });
  }

  // --- prices
  struct Named {
    PriceSpec spec;
    std::string set;
    bool collection = false;
  };
  void put(Named price) {
    const auto old = std::find_if(prices_.begin(), prices_.end(), [&](const Named& p) { return p.spec.name == price.spec.name; });
    if (old == prices_.end()) prices_.push_back(std::move(price));
    else *old = std::move(price);
  }
  void read_prices(const Located& set) {
    const Node* document = compiler_.library_.document("prices/" + set.text, set.place, problems_);
    if (document == nullptr) return;
    read_fields(*document, "prices/" + set.text, problems_, [&](Fields& f) {
      PriceSpec head;
      bool collection = false;
      head.about.fields(f);
      f.flag("collection", collection, "a plant need not have what all its prices are for");
      f.required().map(
          "prices",
          [&](const std::string& key, const Place& at, Fields& each) {
            PriceSpec price = head;
            price.name = key;
            price.place = at;
            price.fields(each);
            put({std::move(price), set.text, collection});
          },
          "prices by name");
    });
  }
  void add_prices() {
    for (const Located& set : specs_.price_sets) read_prices(set);
    for (const PriceSpec& price : specs_.prices) put({price, "", false});
    for (const Named& price : prices_) add_price(price);
  }
  /// What it is for: the field that says so, and there is just one. Null after a problem.
  const Located* target_of(const PriceSpec& spec, const std::string& path, int& which) {
    const Located* const all[] = {&spec.flow, &spec.labour, &spec.feed, &spec.product, &spec.waste, &spec.capital};
    const Located* found = nullptr;
    for (int k = 0; k < 6; ++k) {
      if (all[k]->empty()) continue;
      if (found != nullptr) {
        error(Code::conflict, all[k]->place, path, "a price is for one thing", "keep one of flow, labour, feed, product, waste and capital");
        return nullptr;
      }
      found = all[k];
      which = k;
    }
    if (found == nullptr) error(Code::missing, spec.place, path, "what is it paid for?", "say one of flow, labour, feed, product, waste and capital");
    return found;
  }
  /// In CNY per SI unit of one of the dimensions; empty after a problem.
  std::optional<Quantity> amount(const Located& written, const std::string& path, const std::vector<Dimension>& per, const char* example) {
    const std::string hint = fmt::format("write for instance {}", example);
    std::string why;
    const std::optional<Quantity> value = parse_quantity(written.text, &why);
    const auto refuse = [&](std::string message) {
      error(Code::unit, written.place, path, "\"" + written.text + "\"" + std::move(message), hint);
      return std::optional<Quantity>();
    };
    if (!value) return refuse(": " + why);
    if (value->dimension.exponent[6] == 0) return refuse(" has no currency");
    for (const Dimension& unit : per)
      if (value->dimension * unit == dimension::money) return value;
    return refuse(" is " + describe(value->dimension) + ", which does not fit what it is paid for");
  }
  void add_price(const Named& price) {
    const PriceSpec& spec = price.spec;
    const std::string path = "prices." + spec.name;
    int which = -1;
    const Located* target = target_of(spec, path, which);
    if (target == nullptr) return;
    warn_of_no_source(spec.about, spec.place, path, "a price");
    PriceLine line;
    line.name = spec.name;
    line.price = spec.value.text;
    line.about = origin_of(spec.about, price.set);
    line.group = spec.group;
    const bool of_lots = which >= 2 && which <= 4;
    std::vector<Dimension> per;
    const char* example = "";
    if (!find(which, *target, price, path, line, per, example)) return;
    check_company(spec, which, path);
    const auto value = amount(spec.value, path + ".value", per, example);
    for (const auto& [bound, into, side] : {std::tuple{&spec.low, &line.low, -1}, std::tuple{&spec.high, &line.high, 1}}) {
      if (bound->empty()) continue;
      const auto read = amount(*bound, path + (side < 0 ? ".low" : ".high"), per, example);
      if (!read || !value) continue;
      *into = read->value;
      if (side * (read->value - value->value) < 0)
        error(Code::range, bound->place, path, fmt::format("the value lies {} this", side < 0 ? "below" : "above"), "low <= value <= high");
    }
    if (of_lots && plant_.n_components > 0)
      line.share = shares(spec.element.empty() ? std::vector<Located>{} : std::vector<Located>{spec.element}, {}, spec.without, {}, path);
    if (!value || problems_.any_errors()) return;  // nothing comes of it
    const bool per_lot = of_lots && value->dimension == dimension::money;
    if (per_lot && (!spec.element.empty() || !spec.without.empty()))
      error(Code::conflict, spec.value.place, path + ".value", "a price of a lot is not one of what it holds", "write CNY/t");
    for (double& share : line.share) share *= spec.payable;
    (per_lot ? line.per_lot : line.per_unit) = value->value * (per_lot ? spec.payable : 1);
    if (which == 5) add_investment(spec, line, value->value);
    else out_.prices.push_back(std::move(line));
  }
  void check_company(const PriceSpec& spec, int which, const std::string& path) {
    const auto only = [&](bool given, bool allowed, const char* field, const char* with) {
      if (given && !allowed) error(Code::conflict, spec.place, path + "." + field, std::string(field) + " is said of " + with, "leave it out");
    };
    const bool of_lots = which >= 2 && which <= 4, capital = which == 5;
    only(!spec.element.empty(), of_lots, "element", "feed, products and waste");
    only(!spec.without.empty(), of_lots, "without", "feed, products and waste");
    only(spec.payable != 1, of_lots, "payable", "feed, products and waste");
    only(!spec.during.empty(), which == 1, "during", "labour");
    only(spec.life_s.has_value(), capital, "life", "investments");
    only(spec.interest.has_value(), capital, "interest", "investments");
    only(spec.upkeep.has_value(), capital, "upkeep", "investments");
    only(!spec.group.empty(), capital || which == 1, "group", "labour and investments");
    if (!spec.group.empty()) {
      const auto in = [&](const auto& list) { return std::any_of(list.begin(), list.end(), [&](const auto& x) { return x.group == spec.group; }); };
      if (!in(plant_.stations) && !in(specs_.auxiliaries)) error(Code::unknown_name, spec.place, path + ".group", "no station is of the group " + spec.group);
    }
    if (capital && spec.life_s.has_value() != spec.interest.has_value())
      error(Code::missing, spec.place, path, "an annuity takes life and interest", "write life: 3650 d, interest: 8 %");
    if (capital && spec.value.text.starts_with("-")) error(Code::range, spec.value.place, path + ".value", "an investment is not below 0", "a subsidy is an investment less");
    if (capital && !spec.life_s && !spec.upkeep) error(Code::missing, spec.place, path, "an investment costs nothing by itself", "say life and interest, or upkeep");
  }
  /// Looks up what a price is for. False after a problem, and where a collection has more than the plant.
  bool find(int which, const Located& target, const Named& price, const std::string& path, PriceLine& line, std::vector<Dimension>& per, const char*& example) {
    static const char* const kinds[] = {"reagents", "labour", "feed", "products", "waste", "capital"};
    line.kind = price.spec.kind < 0 ? kinds[which] : choices::cost_kind[price.spec.kind];
    const auto pick = [&](const auto& list, const char* what) {
      std::vector<std::string> names;
      for (const auto& item : list) {
        if (item.name == target.text) return static_cast<Index>(names.size());
        names.push_back(item.name);
      }
      if (!price.collection) error(Code::unknown_name, target.place, path, fmt::format("{} {}", what, target.text), did_you_mean(target.text, names));
      return none;
    };
    if (which == 0) {
      line.index = pick(plant_.flows, "no station, auxiliary, source or sink meters");
      if (line.index == none) return false;
      per = {plant_.flows[line.index].dimension};
      example = line.index == plant_.electricity ? "0.65 CNY/kWh" : "3 CNY/kg";
      if (price.spec.kind < 0 && plant_.flows[line.index].dimension == dimension::energy) line.kind = "energy";
    } else if (which == 1) {
      line.of = PriceLine::Of::labour;
      line.index = pick(plant_.pools, "there is no resource");
      if (const Located& name = price.spec.during; !name.empty()) {
        const auto& names = plant_.calendar_names;
        const auto found = std::find(names.begin(), names.end(), name.text);
        if (found != names.end()) line.during = plant_.calendars[static_cast<std::size_t>(found - names.begin())];
        else error(Code::unknown_name, name.place, path + ".during", "no calendar of the plant is called " + name.text, did_you_mean(name.text, names));
      }
      per = {dimension::time};
      example = "38 CNY/h";
    } else if (which == 2) {
      line.of = PriceLine::Of::source;
      line.index = pick(plant_.sources, "there is no source");
      for (const SourcePart& part : specs_.sources)
        if (part.spec.name == target.text) line.group = part.spec.group;
    } else if (which <= 4) {
      line.of = PriceLine::Of::sink;
      line.revenue = which == 3;
      line.index = pick(plant_.sinks, "there is no sink");
    } else {
      line.of = PriceLine::Of::fixed;
      const Index station = compiler_.find_station(target.text);
      if (station != none && line.group.empty()) line.group = plant_.stations[station].group;
      per = {dimension::none};
      example = "12e6 CNY";
      return true;
    }
    if (which >= 2) {
      per = {dimension::none};
      if (plant_.n_components > 0) per.push_back(dimension::mass);
      example = plant_.n_components > 0 ? "1200 CNY/t" : "300 CNY";
    }
    return line.index != none;
  }
  /// Annuity I q / (1 - (1 + q)^-n); without interest I / n.
  void add_investment(const PriceSpec& spec, PriceLine line, double investment) {
    if (spec.upkeep) {
      PriceLine upkeep = line;
      upkeep.name += spec.life_s ? "_upkeep" : "";
      upkeep.kind = "maintenance";
      upkeep.per_unit = *spec.upkeep * investment;
      upkeep.low *= *spec.upkeep, upkeep.high *= *spec.upkeep;
      out_.prices.push_back(std::move(upkeep));
    }
    if (!spec.life_s) return;
    const double years = *spec.life_s / (days_of_year * day_s), q = *spec.interest;
    const double annuity = q > 0 ? q / (1 - std::pow(1 + q, -years)) : 1 / years;
    line.per_unit = annuity * investment;
    line.low *= annuity, line.high *= annuity;
    out_.prices.push_back(std::move(line));
  }

  Compiler& compiler_;
  Specs& specs_;
  Problems& problems_;
  const Plant& plant_;
  RulesAndPrices out_;
  std::map<std::string, std::vector<std::pair<std::string, RuleSpec>>> rule_sets_;
  std::vector<Named> prices_;
};

std::shared_ptr<const RulesAndPrices> compile_rules_and_prices(Compiler& compiler) { return RulesAndPricesCompiler(compiler).compile(); }

}  // namespace retwin
