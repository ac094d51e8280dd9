// Distributions as written in scenario files: what is accepted, what it means, and what is refused with which code.
#include "core/stats/distribution_value.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace retwin::distribution_value_test {

namespace {

using Pairs = std::vector<std::pair<std::string, Node>>;

Node s(const std::string& text) { return Node::scalar(text, {"plant.yaml", 3, 7, static_cast<int>(text.size()), {}}); }
Node map(Pairs entries) {
  Node node = Node::map({"plant.yaml", 2, 5, 1, {}});
  for (auto& [key, value] : entries) node.at(key) = std::move(value);
  return node;
}
Node list(std::vector<Node> items) {
  Node node = Node::list({"plant.yaml", 2, 9, 1, {}});
  node.items = std::move(items);
  return node;
}
Node family(const std::string& name, Pairs parameters) { return map({{name, map(std::move(parameters))}}); }

struct Outcome {
  DistributionValue value;
  Problems problems;
  const Distribution& operator*() const { return *value.distribution(); }
  /// Exactly one problem, and of this code.
  bool only(Code code, Severity severity = Severity::error) const {
    return problems.all().size() == 1 && problems.all()[0].code == code && problems.all()[0].severity == severity;
  }
};

Outcome read(const Node& node, const Dimension& dimension = dimension::time, bool expressions = false,
             Range range = Range::non_negative()) {
  Outcome outcome{DistributionValue(dimension, expressions, range), {}};
  outcome.value.read(node, "stations.bath.duration", outcome.problems);
  CHECK(outcome.value.given() == !outcome.problems.any_errors());
  for (const Problem& problem : outcome.problems.all()) CHECK(problem.path.starts_with("stations.bath.duration"));
  return outcome;
}

void check(const Node& node, double mean, double sd) {
  const Outcome outcome = read(node);
  CAPTURE(canonical(node));
  for (const Problem& problem : outcome.problems.all()) FAIL_CHECK(format(problem));
  if (!outcome.value.distribution()) return;
  CHECK((*outcome).mean() == doctest::Approx(mean).epsilon(1e-9));
  CHECK((*outcome).sd() == doctest::Approx(sd).epsilon(1e-9));
}

}  // namespace

TEST_CASE("every family in the units of the file") {
  check(s("2 h"), 7200, 0);
  check(map({{"constant", s("5 min")}}), 300, 0);
  check(map({{"exponential", s("20 min")}}), 1200, 1200);
  check(family("exponential", {{"mean", s("20 min")}}), 1200, 1200);
  check(family("exponential", {{"rate", s("3 1/h")}}), 1200, 1200);
  check(family("uniform", {{"low", s("0 s")}, {"high", s("12 s")}}), 6, std::sqrt(12.0));
  check(family("triangular", {{"low", s("1 s")}, {"mode", s("2 s")}, {"high", s("6 s")}}), 3, std::sqrt(21.0 / 18));
  check(family("normal", {{"mean", s("1 h")}, {"sd", s("5 min")}}), 3600, 300);
  check(family("lognormal", {{"mean", s("2 h")}, {"sd", s("25 min")}}), 7200, 1500);
  check(family("gamma", {{"mean", s("10 s")}, {"sd", s("4 s")}}), 10, 4);
  check(family("gamma", {{"mean", s("10 s")}, {"shape", s("4")}}), 10, 5);
  check(family("erlang", {{"k", s("4")}, {"mean", s("10 s")}}), 10, 5);
  check(family("weibull", {{"shape", s("1")}, {"scale", s("10 s")}}), 10, 10);
  check(family("weibull", {{"shape", s("2")}, {"mean", s("10 s")}}), 10, 10 * std::sqrt(4 / std::acos(-1.0) - 1));
  check(family("beta", {{"alpha", s("2")}, {"beta", s("3")}, {"low", s("10 s")}, {"high", s("20 s")}}), 14, 2);
  check(family("hyperexponential", {{"mean", s("5 s")}, {"scv", s("4")}}), 5, 10);
  check(family("hyperexponential", {{"means", list({s("1 s"), s("3 s")})}, {"weights", list({s("1"), s("1")})}}), 2,
        std::sqrt(6.0));
  check(map({{"empirical", list({s("4 s"), s("0 s"), s("1 s")})}}), 1.5, std::sqrt((1.0 / 3 + 7) / 2 - 2.25));
  check(family("discrete", {{"1 s", s("1")}, {"3 s", s("1")}}), 2, 1);
  check(family("discrete", {{"values", list({s("1 s"), s("3 s")})}, {"weights", list({s("50 %"), s("50 %")})}}), 2, 1);
  check(map({{"mixture", list({map({{"weight", s("25 %")}, {"exponential", s("4 s")}}),
                               map({{"weight", s("75 %")}, {"constant", s("0 s")}})})}}),
        1, std::sqrt(7.0));
}

TEST_CASE("shift and truncation, among the parameters or beside the family") {
  const double e = std::exp(1.0);
  check(map({{"exponential", s("1 s")}, {"shift", s("1 min")}}), 61, 1);
  check(family("exponential", {{"mean", s("1 s")}, {"max", s("1 s")}}), 1 - 1 / (e - 1), std::sqrt(1 - e / (e - 1) / (e - 1)));
  check(map({{"exponential", s("1 s")}, {"shift", s("5 s")}, {"min", s("7 s")}}), 8, 1);
  check(family("discrete", {{"1 s", s("1")}, {"3 s", s("1")}, {"9 s", s("1")}, {"max", s("5 s")}}), 2, 1);
  CHECK(read(map({{"exponential", s("1 s")}, {"min", s("3 s")}, {"max", s("2 s")}})).only(Code::range));
  CHECK(read(map({{"uniform", map({{"low", s("1 s")}, {"high", s("2 s")}})}, {"min", s("3 s")}})).only(Code::range));
}

TEST_CASE("a quantity or an expression") {
  const Outcome constant = read(s("2 h"), dimension::time, true);
  CHECK((*constant).sample(0.5) == 7200);
  CHECK(constant.value.expression().empty());
  const Outcome expression = read(s("3 min + 25 s * modules"), dimension::time, true);
  CHECK_FALSE(expression.value.distribution());
  CHECK(expression.value.expression().text == "3 min + 25 s * modules");
  CHECK(expression.value.expression().place.column == 7);
  CHECK(expression.value.text() == "3 min + 25 s * modules");
  CHECK(read(s("450 kg"), dimension::time, true).only(Code::unit));
  CHECK(read(s("450 kg")).only(Code::unit));
  CHECK(read(s("7")).only(Code::unit));
  CHECK_FALSE(read(s("3 min + 25 s * modules")).value.given());
  CHECK((*read(s("7"), dimension::none)).sample(0.5) == 7);
}

TEST_CASE("values outside the admitted range") {
  CHECK(read(s("-2 h")).only(Code::range));
  CHECK(read(s("0 s"), dimension::time, false, Range::positive()).only(Code::range));
  CHECK(read(family("uniform", {{"low", s("-1 s")}, {"high", s("2 s")}})).only(Code::range));
  CHECK(read(map({{"exponential", s("2 s")}, {"shift", s("-1 s")}})).only(Code::range));
  CHECK(read(map({{"exponential", s("0.1")}}), dimension::none, false, Range::share()).only(Code::range));
  CHECK(read(map({{"poisson", s("3")}}), dimension::none, false, Range::positive()).only(Code::range));
  CHECK((*read(map({{"poisson", s("3")}, {"min", s("1")}}), dimension::none, false, Range::positive())).low() == 1);
  CHECK(
      read(family("discrete", {{"0 s", s("1")}, {"1 s", s("1")}}), dimension::time, false, Range::positive()).only(Code::range));
}

TEST_CASE("a normal duration is truncated at 0, with a warning if that matters") {
  const Outcome harmless = read(family("normal", {{"mean", s("60 s")}, {"sd", s("12 s")}}));
  CHECK(harmless.problems.all().empty());
  CHECK((*harmless).low() == 0);
  CHECK((*harmless).mean() == doctest::Approx(60).epsilon(1e-4));
  const Outcome wide = read(family("normal", {{"mean", s("60 s")}, {"sd", s("60 s")}}));
  CHECK(wide.only(Code::range, Severity::warning));
  CHECK((*wide).low() == 0);
  CHECK((*wide).mean() > 70);
  const Outcome share = read(family("normal", {{"mean", s("90 %")}, {"sd", s("2 %")}}), dimension::none, false, Range::share());
  CHECK((*share).high() == 1);
  CHECK(read(family("normal", {{"mean", s("-60 s")}, {"sd", s("1 s")}})).only(Code::range));
  const Outcome free = read(family("normal", {{"mean", s("0")}, {"sd", s("1")}}), dimension::none, false, Range::any());
  CHECK((*free).low() == -std::numeric_limits<double>::infinity());
}

TEST_CASE("parameters that make no sense") {
  CHECK(read(family("normal", {{"mean", s("1 h")}, {"sd", s("-5 min")}})).only(Code::range));
  CHECK(read(family("uniform", {{"low", s("5 s")}, {"high", s("2 s")}})).only(Code::range));
  CHECK(read(family("triangular", {{"low", s("1 s")}, {"mode", s("9 s")}, {"high", s("6 s")}})).only(Code::range));
  CHECK(read(family("hyperexponential", {{"mean", s("5 s")}, {"scv", s("0.5")}})).only(Code::range));
  CHECK(read(map({{"exponential", s("0 s")}})).only(Code::range));
  CHECK(read(family("erlang", {{"k", s("0")}, {"mean", s("10 s")}})).only(Code::range));
  CHECK(read(family("discrete", {{"1 s", s("-1")}, {"3 s", s("2")}})).only(Code::range));
  CHECK(read(family("discrete", {{"1 s", s("0")}, {"3 s", s("0")}})).only(Code::range));
  CHECK(read(family("discrete", {{"1 s", s("30 %")}, {"3 s", s("60 %")}})).only(Code::probability));
  CHECK(read(family("discrete", {{"values", list({s("1 s")})}, {"weights", list({s("1"), s("1")})}})).only(Code::conflict));
  CHECK(read(family("lognormal", {{"mean", s("1e300 h")}, {"sd", s("1 s")}})).only(Code::range));
}

TEST_CASE("parameters that are missing, unknown, double or of the wrong kind") {
  CHECK(read(family("normal", {{"mean", s("1 h")}})).only(Code::missing));
  CHECK(read(family("exponential", {})).only(Code::missing));
  CHECK(read(family("gamma", {{"mean", s("1 h")}})).only(Code::missing));
  CHECK(read(family("hyperexponential", {{"mean", s("1 h")}})).only(Code::missing));
  CHECK(read(map({})).only(Code::missing));
  CHECK(read(map({{"mixture", list({map({{"exponential", s("4 s")}})})}})).problems.all()[0].code == Code::missing);
  CHECK(read(family("normal", {{"mean", s("1 h")}, {"sd", s("1 s")}, {"sdd", s("1 s")}})).only(Code::unknown_key));
  CHECK(read(family("gamma", {{"mean", s("1 h")}, {"sd", s("1 s")}, {"shape", s("2")}})).only(Code::conflict));
  CHECK(read(map({{"exponential", s("1 s")}, {"constant", s("2 s")}})).only(Code::conflict));
  CHECK(read(family("normal", {{"mean", s("1 kg")}, {"sd", s("1 s")}})).only(Code::unit));
  CHECK(read(map({{"empirical", list({s("1 s"), s("3 kg")})}})).only(Code::unit));
  CHECK(read(map({{"poisson", s("3")}})).only(Code::unit));
  CHECK(read(map({{"empirical", s("1 s")}})).only(Code::type));
  CHECK(read(map({{"normal", s("1 s")}})).problems.any_errors());
  CHECK(read(list({s("1 s")})).problems.any_errors());
  // all problems of one distribution at once
  CHECK(read(family("normal", {{"mean", s("1 kg")}, {"sd", s("-1 s")}})).problems.all().size() == 2);
}

TEST_CASE("an unknown family is an unknown name, with the nearest one as a hint") {
  const Outcome outcome = read(family("lognormel", {{"mean", s("1 h")}, {"sd", s("1 s")}}));
  CHECK(outcome.only(Code::unknown_name));
  CHECK(outcome.problems.all()[0].hint.find("lognormal") != std::string::npos);
}

TEST_CASE("paths and places lead to the parameter") {
  const Outcome sd = read(family("normal", {{"mean", s("1 h")}, {"sd", s("-5 min")}}));
  CHECK(sd.problems.all()[0].path == "stations.bath.duration.normal.sd");
  CHECK(sd.problems.all()[0].place.line == 3);
  CHECK(read(s("450 kg")).problems.all()[0].path == "stations.bath.duration");
  const Outcome part = read(map({{"mixture", list({map({{"weight", s("1")}, {"exponential", s("4 kg")}})})}}));
  CHECK(part.problems.all()[0].path == "stations.bath.duration.mixture.parts.0.exponential.mean");
}

TEST_CASE("a second reading replaces the first") {
  DistributionValue value(dimension::time, true);
  Problems problems;
  value.read(s("2 h"), "d", problems);
  value.read(s("2 h * modules"), "d", problems);
  CHECK_FALSE(value.distribution());
  value.set(Distribution::exponential(60));
  CHECK(value.expression().empty());
  CHECK(value.text().starts_with("exponential(mean 60) s"));
  CHECK(problems.all().empty());
}

TEST_CASE("extreme numbers give a distribution that samples, or a problem; never an exception") {
  const std::vector<std::string> numbers{"0", "1e-320", "1e-29", "1e-9", "0.3", "1", "40", "1e9", "1e29", "1e200"};
  const std::vector<std::vector<std::string>> families{{"exponential", "mean", "max"}, {"normal", "mean", "sd"},
                                                       {"lognormal", "mean", "sd"},    {"gamma", "mean", "sd"},
                                                       {"gamma", "mean", "shape"},     {"weibull", "shape", "scale"},
                                                       {"weibull", "shape", "mean"},   {"poisson", "mean", "min"},
                                                       {"poisson", "mean", "max"},     {"hyperexponential", "mean", "scv"},
                                                       {"erlang", "k", "mean"},        {"uniform", "low", "high"},
                                                       {"discrete", "0", "1"},         {"lognormal", "mean", "sd", "max"},
                                                       {"gamma", "mean", "sd", "min"}};
  int made = 0;
  for (const auto& names : families) {
    for (const std::string& first : numbers) {
      for (const std::string& second : numbers) {
        Pairs entries{{names[1], s(first)}, {names[2], s(second)}};
        if (names.size() > 3) entries.emplace_back(names[3], s("5"));
        const Node node = family(names[0], std::move(entries));
        CAPTURE(canonical(node));
        const Outcome outcome = read(node, dimension::none);
        if (!outcome.value.distribution()) continue;
        ++made;
        for (const double u : {0x1.0p-53, 1e-6, 0.2, 0.5, 0.9, 1 - 1e-6, 1 - 0x1.0p-53}) {
          const double x = (*outcome).sample(u);
          if (!(std::isfinite(x) && x >= 0)) FAIL_CHECK("sample " << x << " at " << u);
        }
      }
    }
  }
  CHECK(made > 400);
}

TEST_CASE("the schema is JSON and names every family") {
  const auto schema = nlohmann::json::parse(DistributionValue(dimension::time, true).schema());
  REQUIRE(schema["oneOf"].size() == 2);
  CHECK(schema["oneOf"][0]["type"] == "string");
  for (const char* name :
       {"constant", "exponential", "uniform", "triangular", "normal", "lognormal", "gamma", "erlang", "weibull", "beta",
        "poisson", "hyperexponential", "empirical", "discrete", "mixture", "shift", "min", "max"}) {
    CHECK(schema["oneOf"][1]["properties"].contains(name));
  }
  CHECK(nlohmann::json::parse(DistributionValue(dimension::none).schema())["oneOf"].size() == 3);
}

}  // namespace retwin::distribution_value_test
