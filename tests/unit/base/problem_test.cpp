// Problems: code names, layout of the message with its caret, "did you mean".
#include <doctest/doctest.h>

#include <set>

#include "core/base/problem.hpp"

namespace retwin::problem_test {

namespace {

Place place_of(std::string excerpt, int column, int length) {
  Place place;
  place.file = "plants/demo.yaml";
  place.line = 42;
  place.column = column;
  place.length = length;
  place.excerpt = std::move(excerpt);
  return place;
}

}  // namespace

TEST_CASE("every code has a name of its own in kebab case") {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Code::override_path); ++i) {
    const std::string_view name = code_name(static_cast<Code>(i));
    CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string_view::npos);
    CHECK(names.insert(name).second);
  }
  CHECK(code_name(Code::file) == "file");
  CHECK(code_name(Code::too_large) == "too-large");
  CHECK(code_name(Code::unknown_key) == "unknown-key");
  CHECK(code_name(Code::expression) == "expression");
  CHECK(code_name(Code::trace) == "trace");
  CHECK(code_name(Code::override_path) == "override-path");
}

TEST_CASE("a problem reads as in the design") {
  const Problem problem{Code::unit,
                        Severity::error,
                        place_of("    throughput: 450 kg", 17, 6),
                        "stations.shred_1.throughput",
                        "\"450 kg\" is a mass; a mass rate is needed",
                        "write for instance 450 kg/h"};
  CHECK(format(problem) ==
        "plants/demo.yaml:42:17: error [unit]: stations.shred_1.throughput: \"450 kg\" is a mass; a mass rate is needed\n"
        "   42 |     throughput: 450 kg\n"
        "      |                 ^^^^^^\n"
        "      hint: write for instance 450 kg/h");
}

TEST_CASE("the parts that are not known are left out") {
  CHECK(format({Code::window, Severity::warning, {}, "run", "not whole weeks", {}}) == "warning [window]: run: not whole weeks");
  Place whole;
  whole.file = "a.yaml";
  CHECK(format({Code::file, Severity::error, whole, {}, "missing", {}}) == "a.yaml: error [file]: missing");
}

TEST_CASE("carets stand under the text whatever its letters") {
  const auto caret_column = [](const std::string& text) {
    return text.size() - text.rfind('\n') - 1 - text.substr(text.rfind('\n')).find('^');
  };
  const std::string accents = format({Code::unit, Severity::error, place_of("é: x", 5, 1), {}, "m", {}});
  CHECK(accents.ends_with("\n      |    ^"));
  const std::string wide = format({Code::unit, Severity::error, place_of("站: x", 6, 1), {}, "m", {}});
  CHECK(wide.ends_with("\n      |     ^"));
  const std::string tab = format({Code::unit, Severity::error, place_of("\tx", 2, 1), {}, "m", {}});
  CHECK(tab.ends_with("\n      | \t^"));
  CHECK(caret_column(tab) == 0);
}

TEST_CASE("places outside the excerpt and control characters do no harm") {
  const std::string far = format({Code::unit, Severity::error, place_of("ab", 99, 50), {}, "m\x1b[31m", {}});
  CHECK(far.find('\x1b') == std::string::npos);
  CHECK(far.ends_with("^"));
  Place cut = place_of("middle of a long line", 1007, 2);
  cut.excerpt_column = 1001;
  CHECK(format({Code::unit, Severity::error, cut, {}, "m", {}}).ends_with("\n      |       ^^"));
}

TEST_CASE("problems are collected and thrown together; warnings alone are not thrown") {
  Problems problems;
  problems.warning(Code::label, {}, "a", "w");
  CHECK_FALSE(problems.any_errors());
  CHECK_NOTHROW(problems.throw_if_errors());
  problems.error(Code::range, {}, "b", "e");
  problems.append(problems);
  CHECK(problems.all().size() == 4);
  try {
    problems.throw_if_errors();
    FAIL("nothing thrown");
  } catch (const InputError& error) {
    CHECK(error.problems().size() == 4);
    CHECK(std::string(error.what()).find("error [range]: b: e") != std::string::npos);
  }
}

TEST_CASE("broken promises and run errors say where") {
  CHECK_THROWS_AS(RETWIN_CHECK(1 == 2), CheckError);
  CHECK_NOTHROW(RETWIN_CHECK(1 == 1));
  const RunError error("deadlock", 3600, "press");
  CHECK(error.time_s() == 3600);
  CHECK(error.station() == "press");
}

TEST_CASE("nearest finds slips and nothing else") {
  const std::vector<std::string> known = {"throughput", "duration", "servers", "buffer", "to"};
  CHECK(nearest("througput", known) == "throughput");
  CHECK(nearest("thruoghput", known) == "throughput");
  CHECK(nearest("Servers", known) == "servers");
  CHECK(nearest("bufer", known) == "buffer");
  CHECK(nearest("colour", known).empty());
  CHECK(nearest("", known).empty());
  CHECK(nearest("x", known).empty());
  CHECK(nearest("ot", {"to"}) == "to");  // a swap is one slip
  CHECK(nearest(std::string(100000, 'a'), known).empty());
}

}  // namespace retwin::problem_test
