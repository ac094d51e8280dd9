// Expressions of scenario files ("3 min + 25 s * modules"), compiled once into an immutable, dimension-checked program.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/problem.hpp"
#include "core/base/units.hpp"

namespace retwin {

/// What a name in an expression stands for: a slot of the value array, typed.
struct Symbol {
  int slot = 0;
  Dimension dimension;
  std::vector<std::string> categories;  ///< not empty: a category; its values are indices into this list (-1: unknown)
  bool truth = false;                   ///< a true property of a lot that only a label could tell (routing on it warns)
};

/// A function that the program around this one brings along, code of Python for instance. Its answer must follow from its arguments
/// alone: it is asked as often as is convenient, one call at a time.
struct ForeignFunction {
  std::string name;
  std::string doc;                ///< one sentence
  std::string sha256;             ///< of its code, as far as that is known
  std::vector<Dimension> takes;   ///< of its arguments; one without a dimension may also be a category
  Dimension gives;
  bool gives_truth = false;
  /// @param values as many as it takes, in SI; of a category its index @param categories per argument, empty for numbers
  std::function<double(const double* values, const std::vector<std::vector<std::string>>& categories)> call;
};

/// Names visible to an expression.
class Symbols {
 public:
  virtual ~Symbols() = default;
  virtual std::optional<Symbol> find(std::string_view name) const = 0;
  virtual std::vector<std::string> names() const = 0;
  /// Null if there is none of that name.
  virtual std::shared_ptr<const ForeignFunction> function(std::string_view) const { return nullptr; }
  virtual std::vector<std::string> functions() const { return {}; }
};

/// An immutable program over an array of values; safe to share between threads. What may be written:
/// - `c ? a : b`, `or ||`, `and &&`, `not !`, comparisons (not chained), `+ -`, `* /`, sign, `^` (binds tightest, from the right);
///   functions min max abs sqrt exp log floor ceil round, and foreign ones; `true false`. A single '=' is a problem of code `expression`.
/// - Names with dots (`label.health`) from Symbols; a category by its bare name or in quotes (`label.form == flat`, `== 'type-2'`).
/// - A number directly followed by a word is a literal with that unit: `25 s * modules`, `80 %`, `2 h 30 min`, `20 degC`. After a
///   unit (or a bare number) `/word` belongs to the literal as long as the word is a unit and not a known name: `5 kg/h`, `30/h`.
///   `3 m^2` is refused: write `3 m2` or `(3 m)^2`.
/// Every operation is checked for dimensions; nothing but numbers, truths and categories, never mixed. Constant parts are computed
/// at compile time. Nesting beyond about 60 brackets is refused.
class Expression {
 public:
  enum class Result {
    number,      ///< of the expected dimension
    truth,       ///< 0 or 1
    any_number,  ///< of whatever dimension (a key to sort by)
  };
  /// Problems (code expression or unit) point into `place`; on a problem the result is empty.
  static std::optional<Expression> compile(std::string_view text, const Symbols& symbols, Result result,
                                           const Dimension& expected, const Place& place, const std::string& path,
                                           Problems& problems);
  static Expression constant(double value);
  /// Names of the functions that need nobody to bring them along.
  static std::span<const std::string_view> own_functions();

  /// Value in SI (truth: 0 or 1). Throws only what a foreign function throws; division by zero gives infinity as in IEEE.
  double operator()(const double* slots) const;
  /// Of a comparison by < <= > >=: by how much it holds, in SI; below 0 where it does not. None of other expressions.
  std::optional<Expression> margin() const;
  bool is_constant() const { return code_.size() == 1 && code_[0].op == Op::push; }
  const std::vector<int>& slots() const { return slots_; }
  /// Names of true properties it reads.
  const std::vector<std::string>& truths() const { return truths_; }
  const std::string& text() const { return text_; }
  bool calls_foreign() const { return !calls_.empty(); }

 private:
  enum class Op : std::uint8_t {
    push,
    load,
    add,
    sub,
    mul,
    div,
    pow,
    neg,
    lt,
    le,
    gt,
    ge,
    eq,
    ne,
    logical_and,
    logical_or,
    logical_not,
    select,
    min,
    max,
    abs,
    sqrt,
    exp,
    log,
    floor,
    ceil,
    round,
    call  ///< of the foreign function `slot` of `calls_`
  };
  struct Step {
    Op op;
    int slot = 0;
    double value = 0;
  };
  /// Where a foreign function is called, with what its arguments are there.
  struct ForeignCall {
    std::shared_ptr<const ForeignFunction> function;
    std::vector<std::vector<std::string>> categories;
  };
  friend class ExpressionCompiler;
  static double run(const Step* first, const Step* last, const double* slots, const ForeignCall* calls);
  static constexpr int max_depth = 64;
  std::vector<Step> code_;
  std::vector<int> slots_;
  std::vector<std::string> truths_;
  std::vector<ForeignCall> calls_;
  std::string text_;
};

}  // namespace retwin
