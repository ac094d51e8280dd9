// What differs between two documents: parameters, routes, stations; nothing where nothing does.
#include "core/experiment/document_changes.hpp"

#include <doctest/doctest.h>

#include "core/scenario/document/document.hpp"

namespace retwin::document_changes_test {

namespace {

Node document(const char* text) {
  Problems problems;
  const std::optional<Node> node = read_yaml(text, "p.yaml", problems);
  REQUIRE(node);
  return *node;
}

const char* const base = R"(name: a
run: {duration: 1 week, seed: 1}
stations:
  press: {duration: 3 min, to: {good: 90 %, bad: 10 %}}
  pack: {duration: 1 min, to: done}
sinks: [good, bad, done]
)";

}  // namespace

TEST_CASE("values, routes and stations by their paths") {
  const Node a = document(base), b = document(R"(name: b
run: {duration: 2 weeks, seed: 9, replications: 4}
stations:
  press: {duration: 4 min, to: {good: 80 %, bad: 20 %}, buffer: 3}
  wrap: {duration: 1 min, to: done}
sinks: [good, bad, done, more]
)");
  const std::vector<DocumentChange> changes = changes_between(a, b);
  const auto find = [&](const std::string& path) {
    for (const DocumentChange& c : changes)
      if (c.path == path) return c;
    return DocumentChange{};
  };
  CHECK(changes.size() == 8);
  CHECK(find("stations.press.duration").before == "3 min");
  CHECK(find("stations.press.duration").after == "4 min");
  CHECK(find("stations.press.duration").kind == "parameter");
  CHECK(find("stations.press.duration").place.line == 4);
  CHECK(find("stations.press.to.good").kind == "route");
  CHECK(find("stations.press.buffer").before.empty());
  CHECK(find("stations.pack").kind == "station");
  CHECK(find("stations.pack").after.empty());
  CHECK(find("stations.wrap").kind == "station");
  CHECK(find("run.duration").kind == "run");
  CHECK(find("sinks").kind == "parameter");
  CHECK(changes_between(b, a).size() == 8);
}

TEST_CASE("order of keys, name and seed are no differences") {
  const Node other = document(R"(stations:
  pack: {to: done, duration: 1 min}
  press: {to: {bad: 10 %, good: 90 %}, duration: 3 min}
sinks: [good, bad, done]
run: {seed: 5, duration: 1 week}
)");
  CHECK(changes_between(document(base), other).empty());
}

TEST_CASE("files that were read") {
  const std::vector<DocumentChange> changes = changed_files({{"a", "1"}, {"b", "2"}, {"c", "3"}}, {{"a", "1"}, {"b", "4"}, {"d", "5"}});
  REQUIRE(changes.size() == 3);
  CHECK(changes[0].path == "b");
  CHECK(changes[1].after.empty());
  CHECK(changes[2].path == "d");
  CHECK(changes_table(changes).rows() == 3);
}

}  // namespace retwin::document_changes_test
