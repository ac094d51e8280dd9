// What a study may choose: decisions with their domains, and how a point of that space becomes a scenario.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/expression.hpp"
#include "core/base/node.hpp"
#include "core/base/units.hpp"
#include "core/scenario/scenario.hpp"

namespace retwin {

/// One thing that is chosen.
struct Decision {
  enum class Kind : std::uint8_t {
    real,    ///< any number from low to high
    whole,   ///< any whole number from low to high
    levels,  ///< one of the values that are listed
    files    ///< one of several scenario files
  };
  std::string name;
  Place place;
  std::string path;  ///< of the scenario; empty: only `set` of the study uses it
  Kind kind = Kind::real;
  double low = 0, high = 0;  ///< [SI] of a number
  Dimension dimension;
  std::string unit;          ///< in which people read it, that of the study where it names one; empty: a plain number
  double factor = 1;         ///< of that unit to SI
  std::vector<Node> values;         ///< of levels, as a scenario has them
  std::vector<double> numbers;      ///< of levels that are quantities [SI], else their positions
  std::vector<std::string> labels;  ///< of levels and files
  std::vector<std::string> files;

  /// How many values it has; 0: without number.
  std::size_t count() const;
  /// Value of a coordinate in [0, 1): a number, or a position in the list.
  double at(double coordinate) const;
  /// The coordinate in the middle of what becomes this value.
  double coordinate(double value) const;
  /// The nearest value that it can have.
  double snapped(double value) const;
  /// As a scenario has it, to the last bit: "3", "1.2 mm", "third shift".
  std::string text(double value) const;
  /// As people read it: five digits.
  std::string shown(double value) const;
  /// What it is in an expression [SI]; of files their position.
  double number(double value) const;
  /// Takes the unit of a text, if it has one of the dimension, else what people write for it.
  void read_in(const std::string& quantity);
};

/// One value per decision, in their order.
using Point = std::vector<double>;

/// A text with places in braces, {20 - rate_1}, that the decisions fill.
class Template {
 public:
  /// Problems at the place of the text; then it must not be filled.
  static Template compile(const Node& text, const std::string& path, const std::vector<Decision>& decisions, Problems& problems);
  Node fill(const std::vector<Decision>& decisions, const Point& point) const;

 private:
  struct Part {
    std::string text;                   ///< before the place
    std::optional<Expression> value;    ///< a plain number
    std::optional<std::size_t> whole;   ///< a decision as it is, with its unit
  };
  std::vector<std::vector<Part>> scalars_;  ///< of the scalars in braces, in order of the tree
  Node tree_;
};

/// All decisions of a study, what else they set, and which points are admitted.
struct Space {
  std::vector<Decision> decisions;
  std::vector<std::pair<std::string, Template>> sets;
  std::vector<Expression> where;  ///< all must hold

  std::size_t size() const { return decisions.size(); }
  Point at(const std::vector<double>& coordinates) const;
  std::vector<double> coordinates(const Point& point) const;
  bool admits(const Point& point) const;
  /// What identifies it: "presses=3; width=1.2 mm".
  std::string text(const Point& point) const;
  /// The file of the point, if a decision chooses it.
  const std::string* file(const Point& point) const;
  /// What is set over the file.
  std::vector<Override> overrides(const Point& point) const;
  /// Values as expressions see them.
  std::vector<double> numbers(const Point& point) const;
};

/// Decisions as names of expressions, in slots from 0.
class DecisionSymbols : public Symbols {
 public:
  explicit DecisionSymbols(const std::vector<Decision>& decisions) : decisions_(decisions) {}
  std::optional<Symbol> find(std::string_view name) const override;
  std::vector<std::string> names() const override;

 private:
  const std::vector<Decision>& decisions_;
};

}  // namespace retwin
