// What a scenario or a document of the library says of rules and prices.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/fields.hpp"

namespace retwin {

/// Where a figure comes from; what an entry does not say, the head of its document says.
struct OriginSpec {
  std::string source, region, document, note;
  std::int64_t year = 0;
  int confidence = -1;
  void fields(Fields& f);
};

/// Places whose mass counts, and what of it.
struct CountedSpec {
  std::string name;
  Place place;
  std::vector<Located> of, elements, components, without, without_elements;
  void fields(Fields& f);
};

/// What a rule asks for.
struct RuleSpec {
  int kind = -1;
  std::vector<Located> elements, components;
  std::vector<std::pair<Located, double>> at_least, at_most;
  std::string doc;
  OriginSpec about;
  void fields(Fields& f);
};

/// A rule as it is counted in a plant.
struct ComplianceSpec {
  std::string name;
  Place place;
  Located rule;
  RuleSpec own;
  std::vector<CountedSpec> out, in;
  void fields(Fields& f);
};

/// A price and what it is paid for.
struct PriceSpec {
  std::string name;
  Place place;
  Located flow, labour, feed, product, waste, capital, element;
  Located value, low, high, during;
  double payable = 1;
  std::vector<Located> without;
  std::optional<double> life_s, interest, upkeep;
  int kind = -1;
  std::string group;
  OriginSpec about;
  void fields(Fields& f);
};

/// Less emissions than a baseline, claimed as a credit.
struct ClaimSpec {
  std::string name;
  Place place;
  Located per;
  std::string additionality;
  double leakage = 0;
  OriginSpec about;
  void fields(Fields& f);
};

namespace choices {
inline constexpr const char* rule_kind[] = {"efficiency", "recovery", "content"};
inline constexpr const char* cost_kind[] = {"energy", "reagents", "labour", "waste", "maintenance", "capital", "feed", "transport", "other"};
}  // namespace choices

}  // namespace retwin
