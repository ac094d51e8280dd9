// Fuzz harness of everything that reads what people write: YAML, fields, expressions, quantities, paths, CSV. Nothing may crash or hang.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/expression.hpp"
#include "core/base/fields.hpp"
#include "core/base/files.hpp"
#include "core/scenario/document/document.hpp"

using namespace retwin;

namespace {

class Names final : public Symbols {
 public:
  std::optional<Symbol> find(std::string_view name) const override {
    if (name == "mass") return Symbol{0, dimension::mass, {}, false};
    if (name == "modules") return Symbol{1, dimension::none, {}, true};
    if (name == "label.form") return Symbol{2, {}, {"round", "flat"}, false};
    return std::nullopt;
  }
  std::vector<std::string> names() const override { return {"mass", "modules", "label.form"}; }
};

struct Number {
  std::string name;
  double value = 0;
};

struct Spec {
  double rate = 1, share = 0;
  std::int64_t servers = 1;
  bool open = false;
  std::string note;
  std::vector<Located> needs;
  int colour = 0;
  std::vector<Number> parts, changes;

  void fields(Fields& f) {
    static constexpr const char* colours[] = {"red", "green"};
    f.required().quantity("rate", rate, dimension::mass_rate, Range::positive(), "");
    f.quantity("share", share, dimension::none, Range::share(), "");
    f.count("servers", servers, {1}, "");
    f.flag("open", open, "");
    f.text("note", note, "");
    f.names("needs", needs, "");
    f.choice_index("colour", colour, colours, "");
    f.object(
        "batch", [this](Fields& b) { b.count("count", servers, {1}, ""); }, "");
    const auto number = [](Number& one, Fields& p) { p.quantity("value", one.value, dimension::time, {}, ""); };
    f.map("parts", parts, number, "", "value");
    f.list("changes", changes, number, "");
  }
};

void check(bool holds) {
  if (!holds) __builtin_trap();
}

void read_document(std::string_view text) {
  Problems problems;
  auto root = read_yaml(text, "fuzz.yaml", problems);
  check(root.has_value() == !problems.any_errors());
  if (root) {
    Spec spec;
    read_fields(*root, "", problems, [&](Fields& f) { spec.fields(f); });
    Problems again;
    const auto copy = read_yaml(canonical(*root), "canonical", again);
    check(copy.has_value() && canonical(*copy) == canonical(*root));  // what is written can be read
    set_path(*root, text.substr(0, 40), Node::scalar("x"), problems);
    merge(*root, *copy);
  }
  for (const Problem& problem : problems.all()) check(!format(problem).empty());
}

void read_rest(std::string_view text) {
  Problems problems;
  const double slots[3] = {1, 2, 0};
  for (const auto result : {Expression::Result::truth, Expression::Result::any_number}) {
    const auto expression = Expression::compile(text, Names(), result, {}, {}, "", problems);
    if (expression) static_cast<void>((*expression)(slots));
  }
  if (const auto quantity = parse_quantity(text)) check(!describe(quantity->dimension).empty());
  if (const auto unit = parse_unit(text)) check(parse_unit(si_unit(unit->dimension)).has_value());
  static_cast<void>(parse_date(text));
  CsvReader csv = CsvReader::from_text(std::string(text), "fuzz.csv", problems);
  while (csv.next()) check(csv.row().size() == csv.columns().size());
  for (const Problem& problem : problems.all()) check(!format(problem).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_document(text);
  read_rest(text);
  return 0;
}
