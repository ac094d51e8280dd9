// Expressions: values, literals with units, dimensions, categories, refusals with their places.
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <thread>

#include "core/base/expression.hpp"

namespace retwin::expression_test {

namespace {

class Names final : public Symbols {
 public:
  std::map<std::string, Symbol, std::less<>> known = {{"modules", {0, dimension::none, {}, false}},
                                                      {"mass", {1, dimension::mass, {}, false}},
                                                      {"label.health", {2, dimension::none, {}, false}},
                                                      {"health", {3, dimension::none, {}, true}},
                                                      {"label.form", {4, {}, {"round", "flat", "type-2"}, false}},
                                                      {"form", {5, {}, {"round", "flat", "type-2"}, true}},
                                                      {"h", {6, dimension::none, {}, false}},
                                                      {"colour", {7, {}, {"red", "green"}, false}},
                                                      {"wait", {8, dimension::time, {}, false}}};
  std::optional<Symbol> find(std::string_view name) const override {
    const auto found = known.find(name);
    return found == known.end() ? std::nullopt : std::optional<Symbol>(found->second);
  }
  std::vector<std::string> names() const override {
    std::vector<std::string> out;
    for (const auto& [name, symbol] : known) out.push_back(name);
    return out;
  }
};

const double lot[] = {12, 300, 0.85, 0.7, 1, 0, 4, -1, 60};  // by slot
using Result = Expression::Result;

std::optional<Expression> compile(std::string_view text, Result result, const Dimension& expected, Problems& problems) {
  Place place;
  place.file = "x.yaml";
  place.line = 3;
  place.column = 4;
  place.excerpt = "a: " + std::string(text);
  return Expression::compile(text, Names(), result, expected, place, "p", problems);
}

double number(std::string_view text, const Dimension& expected = dimension::none) {
  Problems problems;
  const auto expression = compile(text, Result::number, expected, problems);
  if (!expression) MESSAGE(format(problems.all().front()));
  REQUIRE(expression.has_value());
  return (*expression)(lot);
}

bool truth(std::string_view text) {
  Problems problems;
  const auto expression = compile(text, Result::truth, {}, problems);
  if (!expression) MESSAGE(format(problems.all().front()));
  REQUIRE(expression.has_value());
  return (*expression)(lot) != 0;
}

Problem refused(std::string_view text, Result result = Result::number, const Dimension& expected = dimension::none) {
  Problems problems;
  INFO(std::string(text));
  CHECK_FALSE(compile(text, result, expected, problems).has_value());
  REQUIRE(problems.all().size() == 1);
  return problems.all().front();
}

}  // namespace

TEST_CASE("arithmetic and its precedence") {
  CHECK(number("1 + 2 * 3") == 7);
  CHECK(number("(1 + 2) * 3") == 9);
  CHECK(number("10 - 3 - 2") == 5);
  CHECK(number("24 / 4 / 2") == 3);
  CHECK(number("2 ^ 3 ^ 2") == 512);
  CHECK(number("-2 ^ 2") == -4);
  CHECK(number("2 ^ -1") == 0.5);
  CHECK(number("--3") == 3);
  CHECK(number("+3") == 3);
  CHECK(number("1e3+1") == 1001);
  CHECK(number(" .5 ") == 0.5);
  CHECK(number("modules*2") == 24);
  CHECK(number("min(3, 1, 2) + max(1, 5)") == 6);
  CHECK(number("max(modules, 3, h)") == 12);
  CHECK(number("abs(-3) + sqrt(16) + exp(0) + log(1) + floor(1.7) + ceil(1.2) + round(2.5)") == 3 + 4 + 1 + 0 + 1 + 2 + 3);
  CHECK(std::isinf(number("1 / (modules - 12)")));
}

TEST_CASE("literals carry units") {
  CHECK(number("3 min + 25 s * modules", dimension::time) == 180 + 300);
  CHECK(number("2 h 30 min + wait", dimension::time) == 9060);
  CHECK(number("80 %") == 0.8);
  CHECK(number("80% * modules") == doctest::Approx(9.6));
  CHECK(number("mass / (600 kg / 1 min)", dimension::time) == 30);
  CHECK(number("mass / 5 kg/min", dimension::time) == 3600);  // kg/min belongs to the literal
  CHECK(number("8 kg/h", dimension::mass) == 2);              // h is a known name here, so this divides
  CHECK(number("30/min", dimension::rate) == 0.5);
  CHECK(number("60 / min(2, 3)") == 30);  // the function, not the minute
  CHECK(number("0.5 kg CO2e/kWh * 2 kWh", parse_unit("kg CO2e")->dimension) == doctest::Approx(1));
  CHECK(number("20 degC", dimension::temperature) == doctest::Approx(293.15));
  CHECK(number("(3 m)^2", power(dimension::length, 2)) == 9);
  CHECK(number("3 m2", power(dimension::length, 2)) == 3);
  CHECK(number("sqrt(9 m2)", dimension::length) == 3);
}

TEST_CASE("truths, conditions and categories") {
  CHECK(truth("label.health >= 0.8 and label.form == flat"));
  CHECK(truth("label.health >= 80 % && !(label.form == round) || false"));
  CHECK(truth("not label.form == round"));
  CHECK(truth("label.form != 'type-2'"));
  CHECK(truth("label.form != \"type-2\""));
  CHECK(truth("flat == label.form"));
  CHECK(truth("label.form != form"));
  CHECK_FALSE(truth("colour == red"));  // unknown (-1) equals nothing
  CHECK(truth("mass > 200 kg or modules < 1"));
  CHECK(truth("true"));
  CHECK(number("label.form == flat ? 5 min : 2 min", dimension::time) == 300);
  CHECK(number("modules > 20 ? 1 : modules > 10 ? 2 : 3") == 2);
  CHECK(truth("modules > 20 ? false : true"));
  CHECK(truth("1 < 2 and 2 <= 2 and 3 > 2 and 2 >= 2 and 1 == 1 and 1 != 2"));
}

TEST_CASE("what an expression says about itself") {
  Problems problems;
  const auto expression = compile("health > 0.8 and health < 1 and modules > 3", Result::truth, {}, problems);
  REQUIRE(expression.has_value());
  CHECK(expression->slots() == std::vector<int>{0, 3});
  CHECK(expression->truths() == std::vector<std::string>{"health"});
  CHECK(expression->text() == "health > 0.8 and health < 1 and modules > 3");
  CHECK_FALSE(expression->is_constant());
  CHECK(compile("3 min + 2 * 25 s", Result::number, dimension::time, problems)->is_constant());
  CHECK(Expression::constant(4)(nullptr) == 4);
  CHECK(compile("mass", Result::any_number, {}, problems).has_value());
}

TEST_CASE("dimensions are checked in every operation") {
  const auto code = [](std::string_view text, const Dimension& expected = dimension::none) {
    return refused(text, Result::number, expected).code;
  };
  CHECK(code("3 min + 5 kg") == Code::unit);
  CHECK(code("mass + 1") == Code::unit);
  CHECK(code("min(mass, 3)", dimension::mass) == Code::unit);
  CHECK(code("mass", dimension::time) == Code::unit);
  CHECK(code("exp(mass)") == Code::unit);
  CHECK(code("2 ^ mass") == Code::unit);
  CHECK(code("mass ^ modules") == Code::unit);
  CHECK(code("mass ^ 0.5") == Code::unit);
  CHECK(code("sqrt(mass)") == Code::unit);
  CHECK(code("3 m^2", power(dimension::length, 2)) == Code::expression);
  CHECK(code("5 minn", dimension::time) == Code::unit);
  CHECK(code("true ? mass : 3", dimension::mass) == Code::unit);
  CHECK(refused("mass > 3", Result::truth).hint == "write for instance 3 kg");
  CHECK(refused("5", Result::number, dimension::time).hint == "write for instance 5 min");
  CHECK(refused("3 modules").hint.find("* modules") != std::string::npos);
}

TEST_CASE("numbers, truths and categories do not mix") {
  CHECK(refused("label.form").code == Code::expression);
  CHECK(refused("label.form + 1").code == Code::expression);
  CHECK(refused("modules", Result::truth).code == Code::expression);
  CHECK(refused("modules and true", Result::truth).code == Code::expression);
  CHECK(refused("modules > 3").code == Code::expression);
  CHECK(refused("(1 < 2) + 1").code == Code::expression);
  CHECK(refused("modules ? 1 : 2").code == Code::expression);
  CHECK(refused("label.form == 1", Result::truth).code == Code::expression);
  CHECK(refused("label.form == colour", Result::truth).code == Code::expression);
  CHECK(refused("label.form < flat", Result::truth).code == Code::expression);
  CHECK(refused("flat == round", Result::truth).code == Code::expression);
}

TEST_CASE("slips get a hint and the place of the slip") {
  const Problem equals = refused("label.form = flat", Result::truth);
  CHECK(equals.code == Code::expression);
  CHECK(equals.hint.find("==") != std::string::npos);
  CHECK(equals.place.column == 4 + 11);
  const Problem category = refused("label.form == flatt", Result::truth);
  CHECK(category.code == Code::expression);
  CHECK(category.hint == "did you mean flat?");
  CHECK(category.place.column == 4 + 14);
  CHECK(category.place.length == 5);
  CHECK(refused("label.form == damaged", Result::truth).hint == "known: round, flat, type-2");
  CHECK(refused("moduels * 2").hint == "did you mean modules?");
  CHECK(refused("maxi(1, 2)").hint == "did you mean max?");
  CHECK(refused("5 * min").hint.find("1 min") != std::string::npos);
  CHECK(refused("1 < 2 < 3", Result::truth).hint.find("and") != std::string::npos);
}

TEST_CASE("what does not parse is refused, never more") {
  for (const char* text : {"",
                           "   ",
                           "1 +",
                           "(1",
                           "1)",
                           "1 2",
                           "min(1",
                           "min()",
                           "min(1)",
                           "abs(1, 2)",
                           "foo(1)",
                           "* 2",
                           "a..b",
                           "label.",
                           ".",
                           "'",
                           "''",
                           "'x",
                           "\"",
                           "1 ? 2",
                           "1 < 2 ? 3",
                           "1 ? 2 :",
                           "and",
                           "not",
                           "1 and",
                           "&",
                           "1 & 2",
                           "modules | 2",
                           "x % 2",
                           "@",
                           "1,2",
                           "1e999",
                           "1/0",
                           "log(0)",
                           "0/0",
                           "5 kg/",
                           "^",
                           "\xff\xfe",
                           "3 \xc2\xb5",
                           "a b",
                           "modules modules",
                           "1 == ",
                           "!",
                           "!=",
                           "=",
                           "=="}) {
    INFO(text);
    CHECK((refused(text).code == Code::expression || refused(text).code == Code::unit));
  }
}

TEST_CASE("nesting and length cannot exhaust the stack") {
  for (const char* unit : {"(", "-", "not ", "!", "abs(", "1 ? 2 : ", "true ? 1 : ", "2 ^ ", "1 + (", "min(1, "}) {
    std::string text;
    for (int i = 0; i < 300; ++i) text += unit;
    INFO(unit);
    CHECK(refused(text + "1").code == Code::expression);
  }
  CHECK(refused(std::string(1 << 20, '(')).code == Code::expression);
  CHECK(number(std::string(50, '(') + "1" + std::string(50, ')')) == 1);
  std::string chain = "modules";
  for (int i = 0; i < 300; ++i) chain += " + 1";
  CHECK(number(chain) == 312);
  std::string operands = "max(modules";
  for (int i = 0; i < 70; ++i) operands += ", modules";
  CHECK(refused(operands + ")").code == Code::expression);  // the fixed stack would not hold them
}

TEST_CASE("one program serves several threads") {
  Problems problems;
  const auto expression = compile("label.form == flat ? modules * 25 s + 3 min : 0 s", Result::number, dimension::time, problems);
  REQUIRE(expression.has_value());
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      double slots[9] = {0, 0, 0, 0, 1, 0, 0, 0, 0};
      for (int i = 0; i < 10000; ++i) {
        slots[0] = i;
        if ((*expression)(slots) != 25.0 * i + 180) ++wrong[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4, 0));
}

TEST_CASE("by how much a comparison holds") {
  const auto margin = [](std::string_view text) -> std::optional<double> {
    Problems problems;
    const auto expression = compile(text, Result::truth, {}, problems);
    REQUIRE(expression.has_value());
    const auto made = expression->margin();
    if (!made) return std::nullopt;
    CHECK(((*made)(lot) > 0) == ((*expression)(lot) != 0));  // it holds where it is above 0
    return (*made)(lot);
  };
  CHECK(margin("modules > 10") == 2);
  CHECK(margin("modules < 10") == -2);
  CHECK(margin("10 >= modules") == -2);
  CHECK(margin("mass - 100 kg <= 250 kg") == 50);
  CHECK_FALSE(margin("modules > 10 and mass > 1 kg"));
  CHECK_FALSE(margin("not (modules > 10)"));
  CHECK_FALSE(margin("modules == 12"));
}

}  // namespace retwin::expression_test
