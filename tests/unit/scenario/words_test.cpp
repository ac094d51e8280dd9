// The examples of `retwin explain` run.
#include <doctest/doctest.h>

#include <string>

#include "core/scenario/explain.hpp"
#include "core/scenario/terms.hpp"
#include "models/models.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::words_test {

namespace {

/// The scenario at the end of a text, empty if it has none.
std::string example_of(std::string_view text) {
  constexpr std::string_view mark = "\nexample\n";
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return {};
  std::string out;
  for (std::string_view rest = text.substr(at + mark.size()); !rest.empty();) {
    const std::size_t end = rest.find('\n');
    REQUIRE(rest.starts_with("  "));
    out += std::string(rest.substr(2, end - 1));
    rest.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

TEST_CASE("every word of scenarios is explained, and its example runs") {
  std::size_t examples = 0;
  for (const Term& word : words()) {
    CAPTURE(word.name);
    CHECK(explain(plants::registry(), std::string(word.name)).find(word.text) != std::string::npos);
    const std::string example = example_of(word.text);
    if (example.empty()) continue;
    ++examples;
    plants::Run run(example, 86400);
    std::uint64_t left = 0;
    for (const SinkAccount& sink : run.simulation.state().accounts.sinks) left += sink.lots;
    CHECK(left > 0);
  }
  CHECK(examples == 7);
  CHECK(explain(plants::registry(), "distributions").find("hyperexponential") != std::string::npos);
}

TEST_CASE("no line of an explanation is wider than a page") {
  for (const Term& word : words())
    for (std::size_t from = 0; from < word.text.size();) {
      const std::size_t end = word.text.find('\n', from);
      CAPTURE(word.text.substr(from, end - from));
      CHECK(end - from <= 160);
      from = end + 1;
    }
}

}  // namespace retwin::words_test
