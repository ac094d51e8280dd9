// Types and dimensions of expressions, and the steps they become.
#include "core/base/expression_compiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace retwin {
namespace {

constexpr std::string_view functions[] = {"min", "max", "abs", "sqrt", "exp", "log", "floor", "ceil", "round"};

std::string list_of(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string near_or_list(std::string_view word, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  if (!near.empty()) return fmt::format("did you mean {}?", near);
  return known.size() <= 12 ? "known: " + list_of(known) : std::string();
}

}  // namespace

std::span<const std::string_view> Expression::own_functions() { return functions; }

void ExpressionCompiler::refuse(std::string message, std::string hint, std::size_t offset, std::size_t length) const {
  throw ExpressionTrouble{Code::expression, std::move(message), std::move(hint), offset, length};
}

void ExpressionCompiler::refuse_at(const Operand& operand, std::string message, std::string hint, Code code) const {
  throw ExpressionTrouble{code, std::move(message), std::move(hint), operand.offset, operand.end - operand.offset};
}

void ExpressionCompiler::refuse_name(const Operand& operand) const {
  std::string hint = near_or_list(operand.name, symbols_.names());
  if (parse_unit(operand.name)) hint = fmt::format("a unit follows a number, for instance 1 {}", operand.name);
  refuse_at(operand, fmt::format("no such name: {}", operand.name), hint);
}

std::string ExpressionCompiler::kind_of(const Operand& operand) const {
  switch (operand.kind) {
    case Kind::truth: return "true or false";
    case Kind::category: return "a category";
    case Kind::name: return "a name";
    case Kind::number: break;
  }
  return describe(operand.dimension);
}

// --- operands

void ExpressionCompiler::push(Operand operand, Op op, int slot, double value) {
  operand.step = program_.code_.size();
  program_.code_.push_back({op, slot, value});
  operands_.push_back(std::move(operand));
  if (operands_.size() > Expression::max_depth)
    refuse("too many open operands", "use simpler expressions", operands_.back().offset, 1);
}

void ExpressionCompiler::literal(std::size_t offset, std::size_t length) {
  const std::string_view text = text_.substr(offset, length);
  Refusal why;
  const auto quantity = parse_quantity(text, why);
  if (!quantity) {
    const std::size_t word = text.find_first_not_of("0123456789.+-eE \t\r\n");
    if (word != std::string_view::npos && symbols_.find(text.substr(word)))
      why.hint = fmt::format("to multiply, write * {}", text.substr(word));
    throw ExpressionTrouble{Code::unit, fmt::format("\"{}\": {}", text, why.message), why.hint, offset, length};
  }
  const std::size_t next = text_.find_first_not_of(" \t\r\n", offset + length);
  if (next != std::string_view::npos && text_[next] == '^' &&
      text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) {
    refuse("a power right after a unit can be read in two ways", "write for instance 3 m2, or (3 m)^2", offset,
           next - offset + 1);
  }
  push({Kind::number, quantity->dimension, {}, {}, offset, offset + length}, Op::push, 0, quantity->value);
}

void ExpressionCompiler::name(std::size_t offset, std::size_t length) {
  const std::string name(text_.substr(offset, length));
  Operand operand{Kind::name, {}, {}, name, offset, offset + length};
  if (const auto symbol = symbols_.find(name)) {
    operand.kind = symbol->categories.empty() ? Kind::number : Kind::category;
    operand.dimension = symbol->dimension;
    operand.categories = symbol->categories;
    auto& slots = program_.slots_;
    const auto at = std::lower_bound(slots.begin(), slots.end(), symbol->slot);
    if (at == slots.end() || *at != symbol->slot) slots.insert(at, symbol->slot);
    auto& truths = program_.truths_;
    if (symbol->truth && std::find(truths.begin(), truths.end(), name) == truths.end()) truths.push_back(name);
    return push(std::move(operand), Op::load, symbol->slot, 0);
  }
  if (name == "true" || name == "false") {
    operand.kind = Kind::truth;
    return push(std::move(operand), Op::push, 0, name == "true" ? 1 : 0);
  }
  push(std::move(operand), Op::push, 0, std::numeric_limits<double>::quiet_NaN());  // a category, settled by the comparison
}

void ExpressionCompiler::quoted(std::size_t offset, std::size_t length) {
  push({Kind::name, {}, {}, std::string(text_.substr(offset + 1, length - 2)), offset, offset + length}, Op::push, 0,
       std::numeric_limits<double>::quiet_NaN());
}

ExpressionCompiler::Operand ExpressionCompiler::pop() {
  RETWIN_CHECK(!operands_.empty());
  Operand operand = std::move(operands_.back());
  operands_.pop_back();
  return operand;
}

// --- checks

void ExpressionCompiler::need_number(const Operand& operand) const {
  if (operand.kind == Kind::name) refuse_name(operand);
  if (operand.kind != Kind::number)
    refuse_at(operand, fmt::format("\"{}\" is {}; a number is needed", source(operand), kind_of(operand)));
}

void ExpressionCompiler::need_truth(const Operand& operand) const {
  if (operand.kind == Kind::name) refuse_name(operand);
  if (operand.kind == Kind::truth) return;
  refuse_at(operand, fmt::format("\"{}\" is {}; true or false is needed", source(operand), kind_of(operand)),
            "compare it, for instance x > 0");
}

void ExpressionCompiler::need_plain(const Operand& operand, std::string_view by) const {
  need_number(operand);
  if (operand.dimension.none()) return;
  refuse_at(operand, fmt::format("{} needs a plain number; \"{}\" is {}", by, source(operand), kind_of(operand)),
            fmt::format("divide it by 1 {}", example_unit(operand.dimension)), Code::unit);
}

void ExpressionCompiler::need_same(const Operand& a, const Operand& b) const {
  if (a.dimension == b.dimension) return;
  const auto bare = [&](const Operand& o) {
    return o.dimension.none() && source(o).find_first_not_of("0123456789.eE") == std::string_view::npos;
  };
  std::string hint;
  if (bare(a)) hint = fmt::format("write for instance {} {}", source(a), example_unit(b.dimension));
  if (bare(b)) hint = fmt::format("write for instance {} {}", source(b), example_unit(a.dimension));
  throw ExpressionTrouble{Code::unit, fmt::format("\"{}\" is {}, \"{}\" is {}", source(a), kind_of(a), source(b), kind_of(b)),
                          hint, a.offset, b.end - a.offset};
}

/// A bare name beside a category becomes its index.
void ExpressionCompiler::settle(Operand& category, Operand& name) {
  const auto found = std::find(category.categories.begin(), category.categories.end(), name.name);
  if (found == category.categories.end()) {
    refuse_at(name, fmt::format("{} is none of the categories of {}", name.name, source(category)),
              near_or_list(name.name, category.categories));
  }
  program_.code_[name.step].value = static_cast<double>(found - category.categories.begin());
  name.kind = Kind::category;
  name.categories = category.categories;
}

Dimension ExpressionCompiler::raised(const Operand& base, const Operand& exponent) const {
  need_number(base);
  need_plain(exponent, "an exponent");
  if (base.dimension.none()) return {};
  const Expression::Step& step = program_.code_[exponent.step];
  const bool constant = exponent.step + 1 == program_.code_.size() && step.op == Op::push;
  if (!constant || step.value != std::round(step.value) || std::abs(step.value) > 9) {
    refuse_at(exponent, fmt::format("\"{}\" has a dimension; its exponent must be a small whole number", source(base)), {},
              Code::unit);
  }
  return power(base.dimension, static_cast<int>(step.value));
}

Dimension ExpressionCompiler::root(const Operand& operand) const {
  need_number(operand);
  Dimension half = operand.dimension;
  for (signed char& exponent : half.exponent) {
    if (exponent % 2 != 0) refuse_at(operand, fmt::format("no square root of {}", kind_of(operand)), {}, Code::unit);
    exponent = static_cast<signed char>(exponent / 2);
  }
  return half;
}

// --- operators

/// Adds a step; one whose operands are all constants is computed on the spot.
void ExpressionCompiler::emit(Op op, int arity) {
  auto& code = program_.code_;
  code.push_back({op, 0, 0});
  const auto first = code.end() - 1 - arity;
  if (!std::all_of(first, code.end() - 1, [](const Expression::Step& s) { return s.op == Op::push; })) return;
  const double value = Expression::run(&*first, code.data() + code.size(), nullptr, nullptr);
  code.erase(first, code.end());
  code.push_back({Op::push, 0, value});
}

void ExpressionCompiler::add_operator(Op op, int arity, Operand result) {
  emit(op, arity);
  operands_.push_back(std::move(result));
}

void ExpressionCompiler::unary(std::string_view symbol, std::size_t offset) {
  Operand operand = pop();
  if (symbol == "-") need_number(operand);
  else need_truth(operand);
  operand.offset = offset;
  add_operator(symbol == "-" ? Op::neg : Op::logical_not, 1, std::move(operand));
}

void ExpressionCompiler::binary(std::string_view symbol) {
  struct Row {
    std::string_view symbol;
    Op op;
  };
  static constexpr Row rows[] = {{"+", Op::add}, {"-", Op::sub},           {"*", Op::mul},        {"/", Op::div},
                                 {"^", Op::pow}, {"and", Op::logical_and}, {"or", Op::logical_or}};
  const Op op = std::find_if(std::begin(rows), std::end(rows), [&](const Row& r) { return r.symbol == symbol; })->op;
  const Operand b = pop(), a = pop();
  Operand result{Kind::number, a.dimension, {}, {}, a.offset, b.end, a.step};
  if (op == Op::logical_and || op == Op::logical_or) {
    need_truth(a);
    need_truth(b);
    result.kind = Kind::truth;
  } else if (op == Op::pow) {
    result.dimension = raised(a, b);
  } else {
    need_number(a);
    need_number(b);
    if (op == Op::mul) result.dimension = a.dimension * b.dimension;
    else if (op == Op::div) result.dimension = a.dimension / b.dimension;
    else need_same(a, b);
  }
  add_operator(op, 2, std::move(result));
}

void ExpressionCompiler::compare() {
  struct Row {
    std::string_view symbol;
    Op op;
  };
  static constexpr Row rows[] = {{"<", Op::lt}, {"<=", Op::le}, {">", Op::gt}, {">=", Op::ge}, {"==", Op::eq}, {"!=", Op::ne}};
  const std::string symbol = comparators_.back();
  comparators_.pop_back();
  const Op op = std::find_if(std::begin(rows), std::end(rows), [&](const Row& r) { return r.symbol == symbol; })->op;
  Operand b = pop(), a = pop();
  if (a.kind == Kind::category && b.kind == Kind::name) settle(a, b);
  if (b.kind == Kind::category && a.kind == Kind::name) settle(b, a);
  if (a.kind == Kind::category || b.kind == Kind::category) {
    const Operand& other = a.kind == Kind::category ? b : a;
    const Operand& category = a.kind == Kind::category ? a : b;
    if (other.kind != Kind::category || other.categories != category.categories) {
      refuse_at(
          other,
          fmt::format("\"{}\" is {}; one of the categories of {} is needed", source(other), kind_of(other), source(category)),
          "known: " + list_of(category.categories));
    }
    if (op != Op::eq && op != Op::ne) refuse_at(category, "categories have no order", "compare them by == or !=");
  } else {
    need_number(a);
    need_number(b);
    need_same(a, b);
  }
  add_operator(op, 2, {Kind::truth, {}, {}, {}, a.offset, b.end, a.step});
}

void ExpressionCompiler::select() {
  Operand otherwise = pop(), then = pop(), condition = pop();
  need_truth(condition);
  if (then.kind != Kind::truth || otherwise.kind != Kind::truth) {
    need_number(then);
    need_number(otherwise);
    need_same(then, otherwise);
  }
  then.offset = condition.offset;
  then.end = otherwise.end;
  then.step = condition.step;
  add_operator(Op::select, 3, std::move(then));
}

void ExpressionCompiler::begin_call(std::size_t offset, std::size_t length) {
  const std::string_view name = text_.substr(offset, length);
  const auto* found = std::find(std::begin(functions), std::end(functions), name);
  std::shared_ptr<const ForeignFunction> foreign = found == std::end(functions) ? symbols_.function(name) : nullptr;
  if (found == std::end(functions) && !foreign) {
    std::vector<std::string> known = symbols_.functions();
    known.insert(known.begin(), std::begin(functions), std::end(functions));
    refuse(fmt::format("no such function: {}", name), near_or_list(name, known), offset, length);
  }
  calls_.push_back({static_cast<std::size_t>(found - std::begin(functions)), offset, offset + length, std::move(foreign)});
}

void ExpressionCompiler::end_foreign_call(const Call& call) {
  const ForeignFunction& function = *call.foreign;
  const std::size_t n = function.takes.size();
  if (static_cast<std::size_t>(call.arguments) != n) {
    refuse(fmt::format("{} takes {} value{}, here are {}", function.name, n, n == 1 ? "" : "s", call.arguments), {}, call.offset,
           call.end - call.offset);
  }
  Expression::ForeignCall made{call.foreign, std::vector<std::vector<std::string>>(n)};
  Operand result;
  for (std::size_t k = n; k-- > 0;) {
    Operand argument = pop();
    result.step = argument.step;
    if (argument.kind == Kind::category && function.takes[k].none()) {
      made.categories[k] = std::move(argument.categories);
      continue;
    }
    need_number(argument);
    if (argument.dimension == function.takes[k]) continue;
    refuse_at(argument, fmt::format("\"{}\" is {}; {} takes {} here", source(argument), kind_of(argument), function.name, describe(function.takes[k])),
              {}, Code::unit);
  }
  program_.code_.push_back({Op::call, static_cast<int>(program_.calls_.size()), 0});
  program_.calls_.push_back(std::move(made));
  result.kind = function.gives_truth ? Kind::truth : Kind::number;
  result.dimension = function.gives;
  result.offset = call.offset;
  result.end = call.end;
  operands_.push_back(std::move(result));
}

void ExpressionCompiler::end_call() {
  const Call call = calls_.back();
  calls_.pop_back();
  if (call.foreign) return end_foreign_call(call);
  const std::string_view name = functions[call.function];
  const Op op = static_cast<Op>(static_cast<std::size_t>(Op::min) + call.function);  // both lists are in one order
  const bool many = op == Op::min || op == Op::max;
  if (many ? call.arguments < 2 : call.arguments != 1) {
    refuse(fmt::format("{} takes {}", name, many ? "two or more values" : "one value"), {}, call.offset, call.end - call.offset);
  }
  Operand result = pop();
  need_number(result);
  if (op == Op::sqrt) result.dimension = root(result);
  else if (op != Op::abs && !many) need_plain(result, name);
  for (int i = 1; i < call.arguments; ++i) {
    const Operand left = pop();
    need_number(left);
    need_same(left, result);
    result.step = left.step;
    emit(op, 2);
  }
  if (!many) emit(op, 1);
  result.offset = call.offset;
  operands_.push_back(std::move(result));
}

Expression ExpressionCompiler::finish(Expression::Result result, const Dimension& expected) {
  RETWIN_CHECK(operands_.size() == 1 && calls_.empty() && comparators_.empty());
  const Operand value = pop();
  if (result == Expression::Result::truth) need_truth(value);
  else need_number(value);
  if (result == Expression::Result::number && value.dimension != expected) {
    const std::string unit = example_unit(expected);
    refuse_at(value, fmt::format("\"{}\" is {}; {} is needed", source(value), kind_of(value), describe(expected)),
              program_.is_constant() && value.dimension.none() ? fmt::format("write for instance {} {}", source(value), unit)
                                                               : std::string(),
              Code::unit);
  }
  program_.text_ = text_;
  if (program_.is_constant() && !std::isfinite(program_.code_[0].value)) refuse_at(value, "this has no finite value");
  return std::move(program_);
}

}  // namespace retwin
