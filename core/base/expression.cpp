// Evaluation of compiled expressions on a small fixed stack.
#include "core/base/expression.hpp"

#include <cmath>

namespace retwin {

std::optional<Expression> Expression::margin() const {
  if (code_.empty()) return std::nullopt;
  const Op last = code_.back().op;
  const bool below = last == Op::lt || last == Op::le;
  if (!below && last != Op::gt && last != Op::ge) return std::nullopt;
  Expression made = *this;
  made.code_.back().op = Op::sub;
  if (below) made.code_.push_back({Op::neg});
  made.text_ = "margin of " + text_;
  return made;
}

double Expression::operator()(const double* slots) const {
  return run(code_.data(), code_.data() + code_.size(), slots, calls_.data());
}

Expression Expression::constant(double value) {
  Expression expression;
  expression.code_ = {{Op::push, 0, value}};
  return expression;
}

// The compiler never lets a step find fewer values than it takes; the analyzer cannot know.
// NOLINTBEGIN(clang-analyzer-core.*)
double Expression::run(const Step* first, const Step* last, const double* slots, const ForeignCall* calls) {
  double stack[max_depth + 1];  // the compiler refuses what needs more
  double* top = stack;          // the value on top; stack[0] stays unused
  *top = 0;
  for (const Step* step = first; step != last; ++step) {
    const double a = top[0];
    switch (step->op) {
      case Op::push: *++top = step->value; continue;
      case Op::load: *++top = slots[step->slot]; continue;
      case Op::neg: *top = -a; continue;
      case Op::logical_not: *top = a != 0 ? 0 : 1; continue;
      case Op::abs: *top = std::fabs(a); continue;
      case Op::sqrt: *top = std::sqrt(a); continue;
      case Op::exp: *top = std::exp(a); continue;
      case Op::log: *top = std::log(a); continue;
      case Op::floor: *top = std::floor(a); continue;
      case Op::ceil: *top = std::ceil(a); continue;
      case Op::round: *top = std::round(a); continue;
      case Op::select:
        top -= 2;
        *top = *top != 0 ? top[1] : a;
        continue;
      case Op::call: {
        const ForeignCall& call = calls[step->slot];
        top -= call.function->takes.size() - 1;
        *top = call.function->call(top, call.categories);
        continue;
      }
      default: break;
    }
    double& left = *--top;
    switch (step->op) {
      case Op::add: left += a; break;
      case Op::sub: left -= a; break;
      case Op::mul: left *= a; break;
      case Op::div: left /= a; break;
      case Op::pow: left = std::pow(left, a); break;
      case Op::lt: left = left < a; break;
      case Op::le: left = left <= a; break;
      case Op::gt: left = left > a; break;
      case Op::ge: left = left >= a; break;
      case Op::eq: left = left == a; break;
      case Op::ne: left = left != a; break;
      case Op::logical_and: left = left != 0 && a != 0; break;
      case Op::logical_or: left = left != 0 || a != 0; break;
      case Op::min: left = a < left ? a : left; break;
      case Op::max: left = a > left ? a : left; break;
      default: break;
    }
  }
  return *top;
}
// NOLINTEND(clang-analyzer-core.*)

}  // namespace retwin
