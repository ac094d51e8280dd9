// Reads chemical formulas by recursive descent.
#include "models/materials/formula.hpp"

#include <charconv>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace retwin {

namespace {

constexpr int deepest = 8;  // nested parentheses

bool upper(char c) { return c >= 'A' && c <= 'Z'; }
bool lower(char c) { return c >= 'a' && c <= 'z'; }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<Formula> all() {
    std::optional<Formula> result = group(0);
    if (result && at_ < text_.size()) return refuse(fmt::format("'{}' is not part of a formula", text_[at_]));
    if (result && result->empty()) return refuse("an empty formula");
    return result;
  }
  const std::string& why() const { return why_; }

 private:
  std::optional<Formula> refuse(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    return std::nullopt;
  }

  /// Elements and groups with their counts, up to a closing parenthesis or the end.
  std::optional<Formula> group(int depth) {
    if (depth > deepest) return refuse("too many nested parentheses");
    Formula sum;
    while (at_ < text_.size() && text_[at_] != ')') {
      std::optional<Formula> part = text_[at_] == '(' ? bracket(depth) : element();
      if (!part) return std::nullopt;
      const std::optional<double> n = count();
      if (!n) return std::nullopt;
      for (const auto& [symbol, atoms] : *part) sum[symbol] += atoms * *n;
    }
    return sum;
  }

  std::optional<Formula> bracket(int depth) {
    ++at_;
    std::optional<Formula> inner = group(depth + 1);
    if (!inner) return std::nullopt;
    if (at_ == text_.size()) return refuse("a parenthesis is not closed");
    ++at_;
    return inner;
  }

  std::optional<Formula> element() {
    if (!upper(text_[at_])) return refuse(fmt::format("an element symbol is missing before '{}'", text_[at_]));
    const std::size_t start = at_++;
    if (at_ < text_.size() && lower(text_[at_])) ++at_;
    return Formula{{std::string(text_.substr(start, at_ - start)), 1.0}};
  }

  /// A number after a symbol or group, 1 if there is none.
  std::optional<double> count() {
    if (at_ == text_.size() || !digit(text_[at_])) return 1.0;
    std::optional<double> n = number();
    if (n && at_ < text_.size() && text_[at_] == '/') {
      ++at_;
      const std::optional<double> divisor = number();
      if (!divisor) return std::nullopt;
      *n /= *divisor;
    }
    return n;
  }

  std::optional<double> number() {
    double value = 0;
    const char* begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value, std::chars_format::fixed);
    if (error != std::errc() || !(value > 0) || value > 1e6) {
      refuse("a count must be a positive number");
      return std::nullopt;
    }
    at_ += static_cast<std::size_t>(end - begin);
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string why_;
};

}  // namespace

std::optional<Formula> parse_formula(std::string_view text, std::string* why) {
  Parser parser(text);
  std::optional<Formula> formula = parser.all();
  if (!formula && why != nullptr) *why = parser.why();
  return formula;
}

}  // namespace retwin
