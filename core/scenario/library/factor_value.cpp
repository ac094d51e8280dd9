// Works out emission factors: units, ranges, gases by their warming potentials, strength, days of validity.
#include "core/scenario/library/factor_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace retwin {
namespace {

constexpr const char* example = "write for instance 0.62 kg CO2e/kWh";
constexpr double agreement = 0.01;  ///< of a value and the sum of its gases, both being rounded

const Dimension& carbon() {
  static const Dimension of_CO2e = parse_unit("kgCO2e").value_or(Quantity{}).dimension;
  return of_CO2e;
}

class FactorReader {
 public:
  FactorReader(Library& library, const std::string& path, const Place& place, Problems& problems, EmissionFactor& factor)
      : library_(library), path_(path), place_(place), problems_(problems), factor_(factor) {}

  bool read() {
    if (factor_.source.find_first_not_of(" \t\n") == std::string::npos) {
      problems_.warning(Code::missing, place_, path_ + ".source", "a factor without a source counts as an estimate, and is marked as one",
                        "say where the figure comes from");
      factor_.confidence = std::max(factor_.confidence, estimated);
    }
    dates();
    factor_.place = factor_.value.empty() ? place_ : factor_.value.place;
    if (!factor_.value.empty()) factor_.kg_per_unit = emission(factor_.value, ".value", factor_.unit).value_or(0);
    if (!factor_.gases.empty()) gases();
    else if (factor_.value.empty()) error(Code::missing, place_, ".value", "neither a value nor gases", example);
    factor_.low_kg = bound(factor_.low, ".low", -1);
    factor_.high_kg = bound(factor_.high, ".high", 1);
    if (factor_.distribution > 0 && (factor_.low.empty() || factor_.high.empty()))
      error(Code::missing, factor_.place, ".distribution", "a distribution lies between low and high", "give both");
    else if (factor_.distribution == lognormal_distribution && !(factor_.low_kg > 0))
      error(Code::range, factor_.low.place, ".low", "a lognormal distribution lies above 0", "give a low above 0, or another distribution");
    if (sound_ && factor_.basis)
      for (double* figure : {&factor_.kg_per_unit, &factor_.low_kg, &factor_.high_kg}) *figure /= *factor_.basis;
    return sound_;
  }

 private:
  void error(Code code, const Place& place, const std::string& field, std::string message, std::string hint = {}) {
    problems_.error(code, place, path_ + field, std::move(message), std::move(hint));
    sound_ = false;
  }

  /// Reads "0.62 kg CO2e/kWh": the dimension of the flow is what it is per.
  std::optional<double> emission(const Located& written, const char* field, Dimension& per) {
    std::string why;
    const std::optional<Quantity> value = parse_quantity(written.text, &why);
    if (!value) {
      error(Code::unit, written.place, field, fmt::format("\"{}\": {}", written.text, why), example);
      return std::nullopt;
    }
    per = carbon() / value->dimension;
    if (per.exponent[7] == 0) return value->value;  // carbon is above the line and nowhere else
    error(Code::unit, written.place, field, fmt::format("\"{}\" is no emission per something", written.text), example);
    return std::nullopt;
  }

  double bound(const Located& written, const char* field, int side) {
    if (written.empty()) return std::numeric_limits<double>::quiet_NaN();
    Dimension per;
    const auto value = emission(written, field, per);
    if (!value) return 0;
    if (!(per == factor_.unit)) error(Code::unit, written.place, field, "this is per another unit than the value", example);
    else if (side * (*value - factor_.kg_per_unit) < 0)
      error(Code::range, written.place, field, fmt::format("the value lies {} this", side < 0 ? "below" : "above"), "low <= value <= high");
    return *value;
  }

  void dates() {
    const auto day = [&](const Located& written, const char* field) {
      const auto found = written.empty() ? std::optional<long>() : parse_date(written.text);
      if (!written.empty() && !found) error(Code::type, written.place, field, "\"" + written.text + "\" is no day", "write 2023-12-31");
      return found;
    };
    const auto from = day(factor_.valid_from, ".valid_from"), to = day(factor_.valid_to, ".valid_to");
    if (from && to && *to < *from) error(Code::range, factor_.valid_to.place, ".valid_to", "it ends before it begins");
  }

  // --- gases
  std::map<std::string, double> potentials() {
    std::map<std::string, double> out;
    const Node* document = library_.document("factors/" + factor_.gwp, factor_.gases.front().place, problems_);
    const Node* list = document != nullptr ? document->find("potentials") : nullptr;
    for (const Node::Entry& entry : list != nullptr ? list->entries : std::vector<Node::Entry>()) {
      const auto value = parse_quantity(entry.value.text);
      if (value && value->dimension.none()) out[entry.key] = value->value;
      else error(Code::unit, entry.value.place, ".gwp", entry.key + ": a number of kg CO2e per kg is needed");
    }
    if (out.empty()) error(Code::library, factor_.gases.front().place, ".gwp", factor_.gwp + " has no potentials of gases");
    return out;
  }

  void gases() {
    const std::map<std::string, double> known = potentials();
    if (known.empty()) return;
    const auto share = [](const GasPart& gas) { return gas.amount.text.ends_with("%"); };
    const bool shares = share(factor_.gases.front());
    double sum = 0;
    for (const GasPart& gas : factor_.gases) {
      const std::string field = ".gases." + gas.name;
      const auto potential = known.find(gas.name);
      if (potential == known.end()) {
        std::vector<std::string> names;
        for (const auto& [name, value] : known) names.push_back(name);
        const std::string near = nearest(gas.name, names);
        error(Code::unknown_name, gas.place, field, fmt::format("{} has no potential of {}", factor_.gwp, gas.name),
              near.empty() ? "" : "did you mean " + near + "?");
        continue;
      }
      const auto amount = parse_quantity(gas.amount.text);
      if (!amount || share(gas) != shares) {
        error(Code::unit, gas.amount.place, field, "\"" + gas.amount.text + "\": amounts, or shares of the value",
              "write for instance {CO2: 2.1 kg/m3} or {CO2: 97 %, CH4: 3 %}");
        continue;
      }
      sum += shares ? amount->value : amount->value * potential->second;
      if (shares) continue;
      const Dimension per = dimension::mass / amount->dimension;
      if (factor_.value.empty() && &gas == &factor_.gases.front()) factor_.unit = per;
      if (!(per == factor_.unit)) error(Code::unit, gas.amount.place, field, "this is per another unit than what comes before it");
    }
    if (sound_) sum_up(sum, shares);
  }

  void sum_up(double sum, bool shares) {
    const Place& place = factor_.gases.front().place;
    if (shares && factor_.value.empty()) error(Code::missing, place, ".value", "shares of what?", example);
    else if (shares && std::abs(sum - 1) > 1e-9) error(Code::probability, place, ".gases", fmt::format("the shares sum to {:.9g}, not to 1", sum));
    else if (!shares && factor_.value.empty()) factor_.kg_per_unit = sum;
    else if (!shares && std::abs(sum - factor_.kg_per_unit) > agreement * std::abs(factor_.kg_per_unit))
      error(Code::conflict, factor_.value.place, ".value", fmt::format("the gases sum to {:.4g} of this", sum / factor_.kg_per_unit),
            "leave the value out, or correct the gases");
  }

  Library& library_;
  const std::string& path_;
  const Place& place_;
  Problems& problems_;
  EmissionFactor& factor_;
  bool sound_ = true;
};

}  // namespace

bool read_factor(Library& library, const std::string& path, const Place& place, Problems& problems, EmissionFactor& factor) {
  return FactorReader(library, path, place, problems, factor).read();
}

}  // namespace retwin
