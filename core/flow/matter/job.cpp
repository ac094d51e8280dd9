// Material that cannot leak, and one job at its completion: the verbs, where things go, and the verdict on the whole.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/flow/matter/unit_operation.hpp"

namespace retwin {

namespace {
/// What rounding may do to a balance, relative to what went through the job.
constexpr double tolerance = 1e-9;

/// Sum in four strands: a single one waits for every addition.
double sum(std::span<const double> kg) {
  double strand[4] = {0, 0, 0, 0};
  std::size_t c = 0;
  for (; c + 4 <= kg.size(); c += 4)
    for (std::size_t s = 0; s < 4; ++s) strand[s] += kg[c + s];
  for (; c < kg.size(); ++c) strand[0] += kg[c];
  return (strand[0] + strand[1]) + (strand[2] + strand[3]);
}

/// No mass is negative (or no number).
bool sound(std::span<const double> kg) {
  bool all = true;
  for (double m : kg) all &= m >= 0;
  return all;
}

std::size_t index(int i) { return static_cast<std::size_t>(i); }
}  // namespace

int Substances::component(std::string_view name) const {
  const auto found = std::find(components.begin(), components.end(), name);
  return found == components.end() ? -1 : static_cast<int>(found - components.begin());
}

// --- material

Material::Material(Material&& other) noexcept : job_(other.job_), kg_(std::move(other.kg_)), from_(other.from_) {
  other.job_ = nullptr;
  other.kg_.clear();
}

Material& Material::operator=(Material&& other) noexcept {
  if (this == &other) return *this;
  if (job_ != nullptr) job_->leaked_kg_ += mass();
  job_ = other.job_;
  kg_ = std::move(other.kg_);
  from_ = other.from_;
  other.job_ = nullptr;
  other.kg_.clear();
  return *this;
}

Material::~Material() {
  if (job_ == nullptr) return;
  job_->leaked_kg_ += mass();
  gone();
}

/// It has become part of something else; its memory serves the next one.
void Material::gone() {
  job_->spare_.push_back(std::move(kg_));
  kg_.clear();
  job_ = nullptr;
}

double Material::mass() const { return sum(kg_); }

void Material::absorb(Material&& other) {
  for (std::size_t c = 0; c < other.kg_.size(); ++c) kg_[c] += other.kg_[c];
  if (from_ == from_outside) {
    from_ = other.from_;
  } else if (other.from_ != from_outside && other.from_ != from_) {
    from_ = mixed;
  }
  other.gone();
}

Material Material::extract(double share) {
  std::vector<double> out = job_->buffer();
  for (std::size_t c = 0; c < kg_.size(); ++c) {
    const double part = kg_[c] * std::min(share, 1.0);  // which rounding may have taken above 1
    out[c] = part;
    kg_[c] -= part;
  }
  return {job_, std::move(out), from_};
}

Material Material::extract(std::span<const double> shares) {
  RETWIN_CHECK(shares.size() == kg_.size());
  std::vector<double> out = job_->buffer();
  for (std::size_t c = 0; c < kg_.size(); ++c) {
    const double part = kg_[c] * std::min(shares[c], 1.0);
    out[c] = part;
    kg_[c] -= part;
  }
  return {job_, std::move(out), from_};
}

// --- job

void Job::reset(Draws draws, std::span<double> memory, double duration_s) {
  draws_ = draws;
  memory_ = memory;
  duration_s_ = duration_s;
  inputs_.clear();
  fate_.clear();
  taken_.clear();
  outputs_.clear();
  attributes_.clear();
  kg_.clear();
  metered_.clear();
  created_.clear();
  transmuted_.clear();
  supplies_.clear();
  drawn_ = 0;
  leaked_kg_ = 0;
}

std::span<const double> Job::masses(int input) const {
  const double* kg = inputs_[index(input)].kg;
  return {kg, kg == nullptr ? 0 : n_components_};
}

double Job::mass(int input) const { return sum(masses(input)); }

/// Room for the masses of a material; what it holds is to be overwritten.
std::vector<double> Job::buffer() {
  if (spare_.empty()) return std::vector<double>(n_components_);
  std::vector<double> kg = std::move(spare_.back());
  spare_.pop_back();
  return kg;
}

Material Job::nothing() {
  std::vector<double> kg = buffer();
  std::fill(kg.begin(), kg.end(), 0.0);
  return {this, std::move(kg), Material::from_outside};
}

Material Job::take(int input) {
  double* kg = inputs_[index(input)].kg;
  if (kg == nullptr) return nothing();
  std::vector<double> taken = buffer();
  std::copy_n(kg, n_components_, taken.begin());
  std::fill_n(kg, n_components_, 0.0);
  taken_[index(input)] = 1;
  return {this, std::move(taken), input};
}

Material Job::create(int component, double kg, int flow) {
  RETWIN_CHECK(component >= 0 && index(component) < n_components_);
  RETWIN_CHECK(kg >= 0);
  Material made = nothing();
  if (kg == 0) return made;
  for (Supply& supply : supplies_) {
    if (supply.flow != flow || supply.component != component) continue;
    kg -= draw(supply, kg, made);
    supply.fresh_kg += kg;
    if (kg == 0) return made;
  }
  made.kg_[index(component)] += kg;
  created_.push_back({component, kg});
  if (flow >= 0) meter(flow, kg);
  return made;
}

/// @return how much of its component the tank has of what is wanted; that, and its part of all else, is in the material now
double Job::draw(Supply& supply, double kg, Material& into) {
  const double holds = supply.kg[index(supply.component)], has = holds * (1 - supply.gone);
  if (!(has > 0)) return 0;
  const bool all = kg >= has;
  const double share = all ? 1 - supply.gone : kg / holds;
  supply.gone = all ? 1 : supply.gone + share;
  if (supply.input < 0) supply.input = inputs() + drawn_++;
  for (std::size_t c = 0; c < n_components_; ++c) into.kg_[c] += supply.kg[c] * share;
  into.from_ = supply.input;
  return all ? has : kg;
}

void Job::transmute(Material& material, int component, double kg) {
  RETWIN_CHECK(component >= 0 && index(component) < n_components_ && material.kg_.size() == n_components_);
  double& have = material.kg_[index(component)];
  double left = have + kg;
  if (left < 0 && -left <= tolerance * material.mass()) left = 0;  // the rest of a component that is used up, but for rounding
  RETWIN_CHECK(left >= 0);
  transmuted_.push_back({component, left - have});
  have = left;
}

void Job::pass(int input, int port) {
  RETWIN_CHECK(fate_[index(input)] == Fate::open);
  fate_[index(input)] = Fate::passed;
  outputs_.push_back({port, input, input, input, kind(input), 0, 0});
}

void Job::pass_with(int input, int port, Material&& material) {
  double* kg = inputs_[index(input)].kg;
  if (kg != nullptr) {
    for (std::size_t c = 0; c < n_components_; ++c) kg[c] += material.kg_[c];
    taken_[index(input)] = 1;
  }
  const int from = material.from_;
  material.gone();
  pass(input, port);
  if (from != Material::from_outside && from != input) outputs_.back().from = Material::mixed;
}

void Job::end(int input) {
  RETWIN_CHECK(fate_[index(input)] == Fate::open);
  fate_[index(input)] = Fate::ended;
  leaked_kg_ += mass(input);
}

int Job::make(int kind, int port, Material&& material, int parent) {
  const int output = make(kind, port, parent);
  std::copy(material.kg_.begin(), material.kg_.end(), kg_.end() - static_cast<std::ptrdiff_t>(n_components_));
  outputs_.back().from = material.from_;
  material.gone();
  return output;
}

int Job::make(int kind, int port, int parent) {
  outputs_.push_back({port, -1, parent, parent, kind, attributes_.size(), kg_.size()});
  const double* from = parent >= 0 ? inputs_[index(parent)].attributes : nullptr;
  if (from != nullptr) {
    attributes_.insert(attributes_.end(), from, from + n_attributes_);
  } else {
    attributes_.resize(attributes_.size() + n_attributes_);
  }
  kg_.resize(kg_.size() + n_components_);
  return static_cast<int>(outputs_.size()) - 1;
}

void Job::set_output(int output, int slot, double value) {
  attributes_[outputs_[index(output)].attributes + index(slot)] = value;
}

double Job::output_attribute(int output, int slot) const { return attributes_[outputs_[index(output)].attributes + index(slot)]; }

void Job::meter(int flow, double amount) { metered_.push_back({flow, amount}); }

/// What transmutation makes of nothing, by mass or by element; a trace that is turned is known no better than the rest.
std::string Job::unbalanced(double through, const Substances& substances) const {
  double gained = 0, turned = 0;
  for (const Transmuted& t : transmuted_) {
    gained += t.kg;
    turned += std::abs(t.kg);
  }
  if (std::abs(gained) > tolerance * std::max(turned, through))
    return fmt::format("transmutation makes {} kg of {} kg from nothing", gained, turned);
  const std::size_t elements = substances.elements.size();
  if (substances.fraction.size() < n_components_ * elements) return {};
  for (std::size_t e = 0; e < elements && !transmuted_.empty(); ++e) {
    double kg = 0;
    for (const Transmuted& t : transmuted_) kg += t.kg * substances.fraction[index(t.component) * elements + e];
    if (std::abs(kg) > tolerance * std::max(turned, through))
      return fmt::format("transmutation makes {} kg of {} from nothing", kg, substances.elements[e]);
  }
  return {};
}

std::string Job::verdict(std::size_t ports, std::size_t kinds, const Substances& substances) const {
  for (std::size_t i = 0; i < fate_.size(); ++i)
    if (fate_[i] == Fate::open) return fmt::format("input {} neither went on nor ended", i);
  for (const Output& o : outputs_) {
    if (o.port < 0 || index(o.port) >= ports) return fmt::format("an output leaves by port {} of {}", o.port, ports);
    if (o.kind < 0 || index(o.kind) >= kinds) return fmt::format("an output is of kind {} of {}", o.kind, kinds);
    if (o.parent >= inputs()) return fmt::format("an output comes from input {} of {}", o.parent, inputs());
  }

  double through = leaked_kg_ + sum(kg_);
  bool all_sound = sound(kg_);
  for (const Output& o : outputs_) {
    if (o.input < 0 || !taken(o.input)) continue;  // what nobody touched is as it was
    through += mass(o.input);
    all_sound = all_sound && sound(masses(o.input));
  }
  if (!all_sound || !std::isfinite(through)) return "what leaves has a negative or infinite mass";
  if (leaked_kg_ > tolerance * through) return fmt::format("{} kg of {} kg leaked", leaked_kg_, through);

  if (const std::string why = unbalanced(through, substances); !why.empty()) return why;
  for (const Metered& m : metered_)
    if (!std::isfinite(m.amount)) return fmt::format("the use of flow {} is not a finite number", m.flow);
  return {};
}

}  // namespace retwin
