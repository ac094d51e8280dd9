// Compiling attributes and expressions, and what unit operations and kinds of lots ask for by name.
#include <algorithm>

#include "core/scenario/compile/compiler.hpp"

namespace retwin {
namespace {

struct Unbound {};  ///< thrown where a part cannot be bound at all; the problem has been reported

}  // namespace

int Compiler::find_attribute(const std::string& name) const {
  for (std::size_t k = 0; k < plant_->attributes.size(); ++k)
    if (plant_->attributes[k].name == name) return static_cast<int>(k);
  return -1;
}

int Compiler::attribute(const std::string& name, const Dimension& dimension, bool truth) {
  if (const int slot = find_attribute(name); slot >= 0) {
    Attribute& known = plant_->attributes[static_cast<std::size_t>(slot)];
    if (!known.categories.empty() || !(known.dimension == dimension))
      problems_.error(Code::conflict, place_, path_, "attribute " + name + " is already of another type");
    known.truth = known.truth || truth;
    return slot;
  }
  plant_->attributes.push_back({name, dimension, {}, truth});
  return static_cast<int>(plant_->attributes.size()) - 1;
}

int Compiler::category(const std::string& name, const std::vector<std::string>& categories, bool truth) {
  int slot = find_attribute(name);
  if (slot < 0) {
    plant_->attributes.push_back({name, dimension::none, {}, truth});
    slot = static_cast<int>(plant_->attributes.size()) - 1;
  } else if (plant_->attributes[static_cast<std::size_t>(slot)].categories.empty()) {
    problems_.error(Code::conflict, place_, path_, "attribute " + name + " is already a number");
  }
  Attribute& attribute = plant_->attributes[static_cast<std::size_t>(slot)];
  attribute.truth = attribute.truth || truth;
  for (const std::string& c : categories)
    if (std::find(attribute.categories.begin(), attribute.categories.end(), c) == attribute.categories.end())
      attribute.categories.push_back(c);
  return slot;
}

const std::vector<std::string>& Compiler::categories(int slot) const {
  static const std::vector<std::string> nothing;  // after a problem
  return slot < 0 ? nothing : plant_->attributes[static_cast<std::size_t>(slot)].categories;
}

const Substances& Compiler::substances() {
  if (!substances_loaded_) {
    substances_loaded_ = true;
    if (registry_.substances) plant_->substances = registry_.substances(library_, problems_);
  }
  return plant_->substances;
}

int Compiler::component(const std::string& name) {
  const int index = substances().component(name);
  if (index < 0) {
    problems_.error(Code::library, place_, path_, "the library has no component " + name, did_you_mean(name, substances().components));
    if (substances().size() == 0) throw Unbound();
    return 0;
  }
  return index;
}

int Compiler::flow(const std::string& name, const Dimension& dimension) {
  for (std::size_t k = 0; k < plant_->flows.size(); ++k) {
    if (plant_->flows[k].name != name) continue;
    if (binding_ != none) dosed_.emplace_back(static_cast<Index>(k), binding_);
    if (!(plant_->flows[k].dimension == dimension))
      problems_.error(Code::conflict, place_, path_, "flow " + name + " is metered as " + describe(plant_->flows[k].dimension) +
                                                         " elsewhere, here as " + describe(dimension));
    return static_cast<int>(k);
  }
  plant_->flows.push_back({name, dimension});
  if (binding_ != none) dosed_.emplace_back(static_cast<Index>(plant_->flows.size() - 1), binding_);
  return static_cast<int>(plant_->flows.size()) - 1;
}

int Compiler::kind(const std::string& name, bool divisible) {
  for (std::size_t k = 0; k < plant_->kinds.size(); ++k) {
    if (plant_->kinds[k].name != name) continue;
    plant_->kinds[k].divisible = plant_->kinds[k].divisible || divisible;
    return static_cast<int>(k);
  }
  plant_->kinds.push_back({name, divisible});
  return static_cast<int>(plant_->kinds.size()) - 1;
}

const Node& Compiler::library(const std::string& name) {
  const Node* document = library_.document(name, place_, problems_);
  return document ? *document : nothing_;
}

void Compiler::declare_attributes() {
  if (!specs_.plans.empty()) {
    std::vector<std::string> plans;
    for (const PlanSpec& spec : specs_.plans) plans.push_back(spec.name);
    place_ = specs_.plans.front().place;
    path_ = "plans";
    plant_->plan_slot = category("plan", plans, false);
  }
  for (const AttributeSpec& spec : specs_.attributes) {
    place_ = spec.place;
    path_ = "attributes." + spec.name;
    if (!spec.categories.empty()) {
      std::vector<std::string> list;
      for (const Located& c : spec.categories) list.push_back(c.text);
      category(spec.name, list, spec.truth);
      continue;
    }
    Dimension dimension;
    if (!spec.unit.empty()) {
      std::string why;
      if (const auto unit = parse_unit(spec.unit, &why)) {
        dimension = unit->dimension;
      } else {
        problems_.error(Code::unit, spec.place, path_ + ".unit", why);
      }
    }
    attribute(spec.name, dimension, spec.truth);
  }
}

// Figures that contradict one another break a promise of the mathematics: that is a problem of the input too.
template <class Part>
void Compiler::bind(Part& part) {
  if (!part) return;
  try {
    part->bind(*this);
  } catch (const Unbound&) {
  } catch (const CheckError& error) {
    problems_.error(Code::range, place_, path_, std::string("these figures do not go together: ") + error.what(),
                    "compare them with those of retwin explain");
  }
}

void Compiler::bind_all() {
  const auto set = [&](const Place& place, const std::string& path) {
    place_ = place;
    path_ = path;
  };
  for (SourcePart& part : specs_.sources) {
    set(part.spec.place, "sources." + part.spec.name);
    kind(part.spec.lot, false);
    bind(part.maker);
    if (part.spec.load.given) {
      kind(part.spec.load.kind, false);
      plant_->contents_slot = attribute("contents", dimension::none, false);
      bind(part.load_maker);
    }
  }
  for (InitialPart& part : specs_.initial) {
    set(part.spec.place, "initial");
    kind(part.spec.lot, false);
    bind(part.maker);
  }
  for (StationPart& part : specs_.stations) {
    set(part.spec.place, "stations." + part.spec.name);
    binding_ = find_station(part.spec.name);
    bind(part.operation);
    binding_ = none;
    if (!part.spec.batch.kind.empty()) kind(part.spec.batch.kind.text, false);
    for (const auto& [name, count] : part.spec.batch.parts.needs()) kind(name.text, false);
  }
  for (const TankSpec& tank : specs_.tanks) kind(tank.name, true);
  // attributes that sources give their lots, before any expression is compiled
  for (const SourcePart& part : specs_.sources) {
    set(part.spec.place, "sources." + part.spec.name + ".attributes");
    attribute_draws(part.spec.attributes, path_);
    attribute_draws(part.spec.load.attributes, path_);
  }
  for (const InitialPart& part : specs_.initial) attribute_draws(part.spec.attributes, "initial");
  for (const SourcePart& part : specs_.sources) {
    if (!part.spec.due.given()) continue;
    set(part.spec.place, "sources." + part.spec.name + ".due");
    if (plant_->due_slot < 0 && find_attribute("due") >= 0)
      problems_.error(Code::conflict, place_, path_, "the attribute due is the time that a source gives its lots here",
                      "call the plant's own attribute something else");
    plant_->due_slot = attribute("due", dimension::time, false);
  }
  for (const PlanSpec& plan : specs_.plans)
    for (const PlanStepSpec& step : plan.steps) attribute_draws(step.attributes, "plans." + plan.name + "." + step.name);
}

std::vector<AttributeDraw> Compiler::attribute_draws(const AttributesValue& value, const std::string& path) {
  std::vector<AttributeDraw> draws;
  for (const AttributesValue::Entry& entry : value.entries()) {
    place_ = entry.name.place;
    path_ = path + "." + entry.name.text;
    AttributeDraw draw;
    if (!entry.categories.empty()) {
      std::vector<std::string> list;
      for (const auto& [name, share] : entry.categories) list.push_back(name);
      draw.slot = category(entry.name.text, list, false);
      const auto& all = categories(draw.slot);
      std::vector<double> values, weights;
      for (const auto& [name, share] : entry.categories) {
        values.push_back(static_cast<double>(std::find(all.begin(), all.end(), name) - all.begin()));
        weights.push_back(share);
      }
      draw.distribution = values.size() == 1 ? Distribution::constant(values[0]) : Distribution::discrete(values, weights);
    } else {
      draw.slot = attribute(entry.name.text, entry.dimension, false);
      draw.distribution = entry.distribution;
    }
    draw.draw = stream_id(entry.name.text);
    draws.push_back(std::move(draw));
  }
  return draws;
}

// --- expressions -----------------------------------------------------------------------------------------------------------------

std::optional<Symbol> Compiler::find(std::string_view name) const {
  static const std::map<std::string_view, std::pair<Builtin, Dimension>> builtins = {
      {"mass", {Builtin::mass, dimension::mass}},    {"count", {Builtin::count, dimension::none}},
      {"age", {Builtin::age, dimension::time}},      {"visits", {Builtin::visits, dimension::none}}};
  if (const int slot = find_attribute(std::string(name)); slot >= 0) {
    const Attribute& a = plant_->attributes[static_cast<std::size_t>(slot)];
    return Symbol{n_builtins + slot, a.dimension, a.categories, a.truth};
  }
  if (const auto it = builtins.find(name); it != builtins.end()) return Symbol{static_cast<int>(it->second.first), it->second.second, {}, false};
  if (name == "kind") {
    Symbol symbol{static_cast<int>(Builtin::kind), dimension::none, {}, false};
    for (const LotKindInfo& k : plant_->kinds) symbol.categories.push_back(k.name);
    return symbol;
  }
  return look(name);
}

/// `queue.press`, `content.press`, `level.water_tank`, `time_of_day`: what there is as the expression is asked.
std::optional<Symbol> Compiler::look(std::string_view name) const {
  const std::size_t dot = name.find('.');
  const std::string_view what = name.substr(0, dot), of = dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
  Look seen;
  Dimension dimension = dimension::none;
  if (what == "time_of_day" && of.empty()) {
    seen = {Look::At::time_of_day, 0};
    dimension = dimension::time;
  } else if ((what == "queue" || what == "content") && find_station(std::string(of)) != none) {
    seen = {what == "queue" ? Look::At::queue : Look::At::content, find_station(std::string(of))};
  } else if (what == "level") {
    const auto tank = std::find_if(specs_.tanks.begin(), specs_.tanks.end(), [&](const TankSpec& spec) { return spec.name == of; });
    if (tank == specs_.tanks.end()) return std::nullopt;
    const auto before = std::count_if(specs_.tanks.begin(), specs_.tanks.end(), [&](const TankSpec& spec) { return spec.name < of; });
    seen = {Look::At::level, static_cast<Index>(before)};  // they stand in the order of their names
    dimension = dimension::mass;
  } else {
    return std::nullopt;
  }
  std::vector<Look>& looks = plant_->looks;
  auto found = std::find(looks.begin(), looks.end(), seen);
  if (found == looks.end()) {
    if (looks.size() == most_looks) return std::nullopt;
    found = looks.insert(looks.end(), seen);
  }
  return Symbol{static_cast<int>(Builtin::n) + static_cast<int>(found - looks.begin()), dimension, {}, false};
}

std::vector<std::string> Compiler::names() const {
  std::vector<std::string> all = {"mass", "count", "age", "visits", "kind"};
  for (const Attribute& a : plant_->attributes) all.push_back(a.name);
  return all;
}

std::shared_ptr<const ForeignFunction> Compiler::function(std::string_view name) const {
  const auto found = registry_.functions.find(name);
  if (found == registry_.functions.end()) return nullptr;
  library_.uses_foreign("function " + found->first, found->second->sha256);
  return found->second;
}

std::vector<std::string> Compiler::functions() const {
  std::vector<std::string> all;
  for (const auto& [name, function] : registry_.functions) all.push_back(name);
  return all;
}

std::optional<Expression> Compiler::expression(const Located& text, Expression::Result result, const Dimension& dimension,
                                               const std::string& path) {
  return Expression::compile(text.text, *this, result, dimension, text.place, path, problems_);
}

Duration Compiler::duration(const DistributionValue& value, const std::string& path) {
  Duration result;
  result.distribution = value.distribution();
  if (!value.expression().empty()) {
    result.expression = expression(value.expression(), Expression::Result::number, dimension::time, path);
    if (result.expression && result.expression->is_constant()) {
      const std::vector<double> no_slots(n_builtins + plant_->attributes.size());
      result.distribution = Distribution::constant((*result.expression)(no_slots.data()));
      result.expression.reset();
    }
  }
  return result;
}

int Compiler::category_slot(const Located& name, const std::string& path) {
  const int slot = find_attribute(name.text);
  if (slot < 0) {
    problems_.error(Code::unknown_name, name.place, path, "there is no attribute " + name.text, did_you_mean(name.text, names()));
  } else if (plant_->attributes[static_cast<std::size_t>(slot)].categories.empty()) {
    problems_.error(Code::type, name.place, path, name.text + " is a number; a categorical attribute is needed");
    return -1;
  }
  return slot;
}

}  // namespace retwin
