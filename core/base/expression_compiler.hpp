// Internal to expressions: turns what the grammar recognises into typed steps, dimension by dimension.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/expression.hpp"

namespace retwin {

/// Why an expression does not compile, with the part of the text it is about.
struct ExpressionTrouble {
  Code code = Code::expression;
  std::string message;
  std::string hint;
  std::size_t offset = 0;
  std::size_t length = 1;
};

/// Builds the program in postfix order; the grammar calls it as it recognises operands and operators.
/// Every verb throws ExpressionTrouble where types or dimensions do not fit.
class ExpressionCompiler {
 public:
  ExpressionCompiler(std::string_view text, const Symbols& symbols) : text_(text), symbols_(symbols) {}

  void literal(std::size_t offset, std::size_t length);     ///< a number, perhaps with a unit
  void name(std::size_t offset, std::size_t length);        ///< a symbol, `true`, or a category by its bare name
  void quoted(std::size_t offset, std::size_t length);      ///< a category in quotes
  void unary(std::string_view symbol, std::size_t offset);  ///< "-", "not"
  void binary(std::string_view symbol);                     ///< of the two operands on top
  void select();                                            ///< c ? a : b
  void begin_call(std::size_t offset, std::size_t length);  ///< a function name
  void argument() { ++calls_.back().arguments; }
  void end_call();
  void comparator(std::string_view symbol) { comparators_.emplace_back(symbol); }
  void compare();
  [[noreturn]] void refuse(std::string message, std::string hint, std::size_t offset, std::size_t length) const;

  /// Bytes of the literal that starts at `offset`, 0 if none does.
  std::size_t literal_length(std::size_t offset) const;
  Expression finish(Expression::Result result, const Dimension& expected);

  int nesting = 0;  ///< of rules: a bracket counts three, a sign or a condition one
  static constexpr int max_nesting = 192;

 private:
  using Op = Expression::Op;
  enum class Kind { number, truth, category, name };
  struct Operand {
    Kind kind = Kind::number;
    Dimension dimension;
    std::vector<std::string> categories;
    std::string name;  ///< of a bare name that is no symbol
    std::size_t offset = 0, end = 0;
    std::size_t step = 0;  ///< index of the first of its steps
  };
  struct Call {
    std::size_t function, offset, end;
    std::shared_ptr<const ForeignFunction> foreign;  ///< instead of `function`
    int arguments = 0;
  };

  std::string_view source(const Operand& operand) const { return text_.substr(operand.offset, operand.end - operand.offset); }
  std::string kind_of(const Operand& operand) const;
  void push(Operand operand, Op op, int slot, double value);
  Operand pop();
  void end_foreign_call(const Call& call);
  void emit(Op op, int arity);
  void add_operator(Op op, int arity, Operand result);
  void need_number(const Operand& operand) const;
  void need_truth(const Operand& operand) const;
  void need_plain(const Operand& operand, std::string_view by) const;
  void need_same(const Operand& a, const Operand& b) const;
  void settle(Operand& category, Operand& name);
  [[noreturn]] void refuse_name(const Operand& operand) const;
  [[noreturn]] void refuse_at(const Operand& operand, std::string message, std::string hint = {},
                              Code code = Code::expression) const;
  Dimension raised(const Operand& base, const Operand& exponent) const;
  Dimension root(const Operand& operand) const;
  std::size_t unit_word(std::size_t offset, bool must_be_unit) const;

  std::string_view text_;
  const Symbols& symbols_;
  Expression program_;
  std::vector<Operand> operands_;
  std::vector<Call> calls_;
  std::vector<std::string> comparators_;
};

}  // namespace retwin
