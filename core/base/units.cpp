// Units: a whitelist, composed by udunits2 behind one mutex.
#include "core/base/units.hpp"

#include <fmt/format.h>
#include <locale.h>
#include <udunits2.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/problem.hpp"
#include "core/base/text.hpp"

namespace retwin {
namespace {

constexpr std::array<const char*, 8> base_symbols = {"m", "kg", "s", "A", "K", "mol", "CNY", "kgCO2e"};

struct Unit {
  std::string_view symbol;
  const char* definition;  ///< of base units, as udunits2 reads it
};

/// Every unit that may be written, in base units. What is not here is refused: udunits2 itself would take "a" for an are, "C" for
/// coulomb, "ton" for a short ton. EUR and USD: central parity of the China Foreign Exchange Trade System of 24 July 2024 (Xinhua,
/// "Market exchange rates in China", 777.64 and 713.58 CNY per 100), one fixed rate so that results do not drift.
constexpr Unit units[] = {
    {"kg", "kg"},
    {"g", "0.001 kg"},
    {"mg", "1e-6 kg"},
    {"t", "1000 kg"},
    {"kt", "1e6 kg"},
    {"m", "m"},
    {"mm", "0.001 m"},
    {"cm", "0.01 m"},
    {"um", "1e-6 m"},
    {"km", "1000 m"},
    {"L", "0.001 m3"},
    {"l", "0.001 m3"},
    {"mL", "1e-6 m3"},
    {"ml", "1e-6 m3"},
    {"Nm3", "m3"},
    {"s", "s"},
    {"ms", "0.001 s"},
    {"min", "60 s"},
    {"h", "3600 s"},
    {"d", "86400 s"},
    {"week", "604800 s"},
    {"weeks", "604800 s"},
    {"day", "86400 s"},
    {"days", "86400 s"},
    {"hour", "3600 s"},
    {"hours", "3600 s"},
    {"minute", "60 s"},
    {"minutes", "60 s"},
    {"second", "s"},
    {"seconds", "s"},
    {"Hz", "s-1"},
    {"N", "kg.m.s-2"},
    {"Pa", "kg.m-1.s-2"},
    {"hPa", "100 kg.m-1.s-2"},
    {"kPa", "1000 kg.m-1.s-2"},
    {"MPa", "1e6 kg.m-1.s-2"},
    {"bar", "1e5 kg.m-1.s-2"},
    {"mbar", "100 kg.m-1.s-2"},
    {"J", "kg.m2.s-2"},
    {"kJ", "1000 kg.m2.s-2"},
    {"MJ", "1e6 kg.m2.s-2"},
    {"GJ", "1e9 kg.m2.s-2"},
    {"TJ", "1e12 kg.m2.s-2"},
    {"Wh", "3600 kg.m2.s-2"},
    {"kWh", "3.6e6 kg.m2.s-2"},
    {"MWh", "3.6e9 kg.m2.s-2"},
    {"GWh", "3.6e12 kg.m2.s-2"},
    {"W", "kg.m2.s-3"},
    {"kW", "1000 kg.m2.s-3"},
    {"MW", "1e6 kg.m2.s-3"},
    {"GW", "1e9 kg.m2.s-3"},
    {"A", "A"},
    {"mA", "0.001 A"},
    {"kA", "1000 A"},
    {"Ah", "3600 A.s"},
    {"mAh", "3.6 A.s"},
    {"kAh", "3.6e6 A.s"},
    {"V", "kg.m2.s-3.A-1"},
    {"mV", "0.001 kg.m2.s-3.A-1"},
    {"kV", "1000 kg.m2.s-3.A-1"},
    {"ohm", "kg.m2.s-3.A-2"},
    {"mohm", "0.001 kg.m2.s-3.A-2"},
    {"K", "K"},
    {"degC", "K"},
    {"mol", "mol"},
    {"mmol", "0.001 mol"},
    {"kmol", "1000 mol"},
    {"CNY", "CNY"},
    {"EUR", "7.7764 CNY"},
    {"USD", "7.1358 CNY"},
    {"gCO2e", "0.001 kgCO2e"},
    {"kgCO2e", "kgCO2e"},
    {"tCO2e", "1000 kgCO2e"},
    {"ktCO2e", "1e6 kgCO2e"},
    {"%", "0.01"},
    {"ppm", "1e-6"},
    {"1", "1"},
    {"bit", "0.125"},
    {"kbit", "125"},
    {"Mbit", "125000"},
    {"Gbit", "1.25e8"},
    {"B", "1"},
    {"kB", "1000"},
    {"MB", "1e6"},
    {"GB", "1e9"},
    {"TB", "1e12"},
    {"op", "1"},
    {"Mop", "1e6"},
    {"Gop", "1e9"},
    {"Top", "1e12"},
    {"piece", "1"},
    {"pieces", "1"},
};

/// What people write and we refuse, because it means two things, with what to write instead.
constexpr std::pair<std::string_view, const char*> traps[] = {
    {"C", "degC for a temperature, Ah for a charge"},
    {"F", "degC"},
    {"degF", "degC"},
    {"a", "days, for instance 365 d"},
    {"yr", "days, for instance 365 d"},
    {"year", "days, for instance 365 d"},
    {"years", "days, for instance 365 d"},
    {"y", "days, for instance 365 d"},
    {"month", "weeks or days, for instance 30 d"},
    {"months", "weeks or days, for instance 30 d"},
    {"ton", "t for a tonne of 1000 kg"},
    {"tons", "t for a tonne of 1000 kg"},
    {"tonne", "t"},
    {"tonnes", "t"},
    {"T", "t"},
    {"hr", "h"},
    {"hrs", "h"},
    {"H", "h"},
    {"sec", "s"},
    {"secs", "s"},
    {"mins", "min"},
    {"wk", "weeks"},
    {"S", "s"},
    {"CO2e", "kg CO2e"},
    {"CO2", "kg CO2e"},
    {"RMB", "CNY"},
    {"kw", "kW"},
    {"kwh", "kWh"},
    {"KWh", "kWh"},
    {"KW", "kW"},
    {"kph", "km/h"},
    {"pcs", "pieces, or nothing: 30/h"},
    {"cal", "J"},
    {"kcal", "kJ"},
    {"VA", "W"},
    {"kVA", "kW"},
    {"Mbps", "Mbit/s"},
    {"Gbps", "Gbit/s"},
    {"byte", "B"},
    {"bytes", "B"},
    {"flop", "op"},
    {"Gflop", "Gop"},
    {"GHz", "Gop/s, for what one core does"},
};

const Unit* find_unit(std::string_view symbol) {
  const auto* found = std::find_if(std::begin(units), std::end(units), [&](const Unit& u) { return u.symbol == symbol; });
  return found == std::end(units) ? nullptr : found;
}

/// Superscripts, degree and micro signs to the ASCII spelling.
std::string ascii(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> spellings[] = {
      {"²", "2"}, {"³", "3"}, {"°", "deg"}, {"℃", "degC"}, {"µ", "u"}, {"μ", "u"}, {"·", "."}, {"\xC2\xA0", " "}};
  std::string out(text);
  for (const auto& [from, to] : spellings) {
    for (std::size_t at = out.find(from); at != std::string::npos; at = out.find(from, at + to.size()))
      out.replace(at, from.size(), to);
  }
  return out;
}

Refusal no_such_unit(std::string_view word) {
  Refusal refusal{fmt::format("no such unit: {}", word), {}};
  for (const auto& [trap, instead] : traps) {
    if (trap == word) refusal.hint = fmt::format("write {}", instead);
  }
  if (!refusal.hint.empty()) return refusal;
  std::vector<std::string> known;
  for (const Unit& unit : units) known.emplace_back(unit.symbol);
  const std::string near = nearest(word, known);
  refusal.hint = near.empty() ? "things that are counted have no unit, for instance 30/h" : fmt::format("did you mean {}?", near);
  return refusal;
}

/// Writes a unit out in base units for udunits2: words of the whitelist with small exponents, products, quotients, brackets.
class Translator {
 public:
  Translator(std::string_view text, Refusal& refusal) : text_(text), refusal_(refusal) {}

  /// The definition; nothing (and a refusal) if the text is no unit.
  std::optional<std::string> translate() {
    while (skip_blanks(), at_ < text_.size()) {
      if (!item()) return std::nullopt;
    }
    if (open_ != 0) refuse("unbalanced brackets in a unit");
    else if (wants_unit_) refuse("a unit is missing");
    else return out_;
    return std::nullopt;
  }

 private:
  bool refuse(std::string message, std::string hint = {}) {
    refusal_ = {std::move(message), std::move(hint)};
    return false;
  }

  void skip_blanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }

  bool item() {
    const char c = text_[at_];
    if (letter(c) || c == '%' || (c == '1' && out_.empty())) return word();
    ++at_;
    if (c == '/' || c == '*' || c == '.') {
      if (wants_unit_ && !(c == '/' && out_.empty())) return refuse("a unit is missing");
      if (c != '/' && divided_ && open_ == 0) return ambiguous();
      out_ += out_.empty() ? "1/" : c == '/' ? "/" : ".";
      divided_ = divided_ || (c == '/' && open_ == 0);
      wants_unit_ = true;
      return true;
    }
    if (c == '(' && wants_unit_ && open_ == 0) {
      out_ += '(';
      ++open_;
      return true;
    }
    if (c == ')' && !wants_unit_ && open_ > 0) {
      out_ += ')';
      --open_;
      return true;
    }
    return refuse(fmt::format("'{}' is not part of a unit", c));
  }

  bool ambiguous() { return refuse("a product after '/' can be read in two ways", "use brackets, for instance kg/(m2 h)"); }

  bool word() {
    if (!wants_unit_) {
      if (divided_ && open_ == 0) return ambiguous();
      out_ += '.';
    }
    const std::size_t start = at_;
    while (at_ < text_.size() && (letter(text_[at_]) || digit(text_[at_]) || text_[at_] == '%')) ++at_;
    std::string symbol(text_.substr(start, at_ - start));
    const std::string written = symbol;
    if (find_unit(symbol + "CO2e") != nullptr && text_.substr(at_).starts_with(" CO2e")) {  // "kg CO2e" is one unit
      symbol += "CO2e";
      at_ += 5;
      if (at_ < text_.size() && (letter(text_[at_]) || digit(text_[at_]))) return fail(symbol);
    }
    const Unit* unit = find_unit(symbol);
    std::string exponent;
    if (unit == nullptr) {
      while (!symbol.empty() && digit(symbol.back())) {
        exponent.insert(exponent.begin(), symbol.back());
        symbol.pop_back();
      }
      unit = find_unit(symbol);
    }
    if (unit == nullptr) return fail(written);
    if (exponent.empty() && !written_exponent(exponent)) return false;
    if (exponent.size() > (exponent.starts_with('-') ? 3u : 2u)) return refuse("too large an exponent in a unit");
    out_ += fmt::format("({}){}{}", unit->definition, exponent.empty() ? "" : "^", exponent);
    wants_unit_ = false;
    return true;
  }

  bool fail(const std::string& symbol) {
    refusal_ = no_such_unit(symbol);
    return false;
  }

  /// "^2", "^-1", "-1" after a word.
  bool written_exponent(std::string& exponent) {
    const bool caret = at_ < text_.size() && text_[at_] == '^';
    std::size_t next = at_ + (caret ? 1 : 0);
    if (next < text_.size() && text_[next] == '-' && next + 1 < text_.size() && digit(text_[next + 1])) {
      exponent = "-";
      ++next;
    }
    while (next < text_.size() && digit(text_[next])) exponent += text_[next++];
    if (caret && exponent.empty()) return refuse("an exponent is missing in a unit");
    at_ = next;
    return true;
  }

  std::string_view text_;
  Refusal& refusal_;
  std::string out_;
  std::size_t at_ = 0;
  int open_ = 0;
  bool wants_unit_ = true;
  bool divided_ = false;  ///< a '/' outside brackets came before
};

/// udunits2 reads numbers as the C library does: while this lives, with a decimal point, whatever the locale of the program.
class DecimalPoint {
 public:
  DecimalPoint() : before_(::uselocale(plain())) {}
  ~DecimalPoint() { ::uselocale(before_); }
  DecimalPoint(const DecimalPoint&) = delete;
  DecimalPoint& operator=(const DecimalPoint&) = delete;

 private:
  static locale_t plain() {
    static const locale_t c = ::newlocale(LC_ALL_MASK, "C", nullptr);
    return c;
  }
  locale_t before_;
};

/// The one unit system; udunits2 is not safe for threads, so every use holds the mutex.
class UnitSystem {
 public:
  static UnitSystem& get() {
    static UnitSystem system;
    return system;
  }

  std::optional<Quantity> parse(const std::string& definition) {
    const std::lock_guard lock(mutex_);
    if (const auto found = cache_.find(definition); found != cache_.end()) return found->second;
    const DecimalPoint point;
    ut_unit* unit = ut_parse(system_, definition.c_str(), UT_ASCII);
    if (unit == nullptr) return std::nullopt;
    Quantity quantity{1.0, {}};
    const ut_visitor visitor{visit_basic, visit_product, visit_galilean, refuse_timestamp, refuse_logarithmic};
    const ut_status status = ut_accept_visitor(unit, &visitor, &quantity);
    ut_free(unit);
    const auto& exponents = quantity.dimension.exponent;
    const bool sober =
        std::all_of(exponents.begin(), exponents.end(), [](int e) { return std::abs(e) < 100; });  // two digits, read back
    if (status != UT_SUCCESS || !sober || !std::isfinite(quantity.value) || quantity.value <= 0) return std::nullopt;
    if (cache_.size() >= 4096) cache_.clear();  // only a generator of nonsense gets here
    cache_.emplace(definition, quantity);
    return quantity;
  }

  UnitSystem(const UnitSystem&) = delete;
  UnitSystem& operator=(const UnitSystem&) = delete;

 private:
  UnitSystem() : system_(ut_new_system()) {
    ut_set_error_message_handler(ut_ignore);
    RETWIN_CHECK(system_ != nullptr);
    for (const char* symbol : base_symbols) {
      ut_unit* unit = ut_new_base_unit(system_);
      RETWIN_CHECK(unit != nullptr && ut_map_symbol_to_unit(symbol, UT_ASCII, unit) == UT_SUCCESS);
      RETWIN_CHECK(ut_map_unit_to_symbol(unit, symbol, UT_ASCII) == UT_SUCCESS);
      ut_free(unit);
    }
  }
  ~UnitSystem() { ut_free_system(system_); }

  static void count(const ut_unit* unit, int power, Quantity& quantity) {
    const char* symbol = ut_get_symbol(unit, UT_ASCII);
    for (std::size_t i = 0; i < base_symbols.size(); ++i) {
      if (symbol == nullptr || std::string_view(symbol) != base_symbols[i]) continue;
      const int sum = quantity.dimension.exponent[i] + power;
      quantity.dimension.exponent[i] = static_cast<signed char>(std::clamp(sum, -100, 100));
    }
  }
  static ut_status visit_basic(const ut_unit* unit, void* out) {
    count(unit, 1, *static_cast<Quantity*>(out));
    return UT_SUCCESS;
  }
  static ut_status visit_product(const ut_unit*, int n, const ut_unit* const* basic, const int* powers, void* out) {
    for (int i = 0; i < n; ++i) count(basic[i], powers[i], *static_cast<Quantity*>(out));
    return UT_SUCCESS;
  }
  static ut_status visit_galilean(const ut_unit*, double scale, const ut_unit* underlying, double, void* out) {
    static_cast<Quantity*>(out)->value *= scale;
    const ut_visitor visitor{visit_basic, visit_product, visit_galilean, refuse_timestamp, refuse_logarithmic};
    return ut_accept_visitor(underlying, &visitor, out);
  }
  static ut_status refuse_timestamp(const ut_unit*, const ut_unit*, double, void*) { return UT_MEANINGLESS; }
  static ut_status refuse_logarithmic(const ut_unit*, double, const ut_unit*, void*) { return UT_MEANINGLESS; }

  ut_system* system_;
  std::mutex mutex_;
  std::unordered_map<std::string, Quantity> cache_;
};

/// The unit in ASCII, degC counting as K.
std::optional<Quantity> compose(std::string_view unit, Refusal& why) {
  if (unit.size() > 100) {
    why = {"too long a unit", {}};
    return std::nullopt;
  }
  const auto definition = Translator(unit, why).translate();
  if (!definition) return std::nullopt;
  auto quantity = UnitSystem::get().parse(*definition);
  if (!quantity) why = {fmt::format("no such unit: {}", unit), {}};
  return quantity;
}

}  // namespace

std::string Refusal::text() const { return hint.empty() ? message : message + " (" + hint + ")"; }

std::optional<Quantity> parse_unit(std::string_view unit, Refusal& why) {
  const std::string spelled = ascii(trim(unit));
  if (spelled == "degC") {
    why = {"degC is a scale, not a factor", "write K"};
    return std::nullopt;
  }
  if (spelled.empty()) return Quantity{1.0, {}};
  return compose(spelled, why);
}

std::optional<Quantity> parse_unit(std::string_view unit, std::string* why) {
  Refusal refusal;
  const auto quantity = parse_unit(unit, refusal);
  if (!quantity && why != nullptr) *why = refusal.text();
  return quantity;
}

}  // namespace retwin
