// The document tree: look-up, merging, overrides by path, canonical text.
#include <doctest/doctest.h>

#include "core/base/node.hpp"
#include "core/scenario/document/document.hpp"

namespace retwin::node_test {

namespace {

Node yaml(std::string_view text) {
  Problems problems;
  const auto node = read_yaml(text, "test.yaml", problems);
  if (!node) MESSAGE(format(problems.all().front()));
  REQUIRE(node.has_value());
  return *node;
}

/// Sets a path and gives the code of the problem, or nothing.
std::string set(Node& root, std::string_view path, const Node& value) {
  Problems problems;
  set_path(root, path, value, problems);
  return problems.all().empty() ? "" : std::string(code_name(problems.all().front().code));
}

}  // namespace

TEST_CASE("maps are looked up, grown and shrunk by key, in the order of the file") {
  Node node = yaml("{b: 1, a: 2}");
  CHECK(node.keys() == std::vector<std::string>{"b", "a"});
  CHECK(node.find("a")->text == "2");
  CHECK(node.find("c") == nullptr);
  node.at("c") = Node::scalar("3");
  CHECK(canonical(node) == "{b: 1, a: 2, c: 3}");
  node.erase("b");
  node.erase("nothing");
  CHECK(canonical(node) == "{a: 2, c: 3}");
  Node fresh;
  fresh.at("x") = Node::scalar("y");
  CHECK(fresh.is_map());
  Node scalar = Node::scalar("x");
  CHECK_THROWS_AS(scalar.at("y"), CheckError);
  CHECK(kind_name(Node::Kind::null) == "nothing");
  CHECK(kind_name(Node::Kind::scalar) == "text");
}

TEST_CASE("merging goes key by key, replaces the rest, and removes by null") {
  Node base = yaml("{a: {x: 1, y: 2}, list: [1, 2], gone: 3, scalar: 4}");
  merge(base, yaml("{a: {y: 5, z: 6}, list: [9], gone: ~, scalar: {now: map}, fresh: 7}"));
  CHECK(canonical(base) == "{a: {x: 1, y: 5, z: 6}, list: [9], scalar: {now: map}, fresh: 7}");
  CHECK(base.find("a")->find("y")->place.column == 9);  // the place of the override
}

TEST_CASE("paths set, make and remove") {
  Node root = yaml("{stations: {press: {duration: 3 min}}, changes: [{at: 1 h}, {at: 2 h}], none: ~}");
  CHECK(set(root, "stations.press.duration", Node::scalar("4 min")).empty());
  CHECK(root.find("stations")->find("press")->find("duration")->text == "4 min");
  CHECK(set(root, "stations.press.power", Node::scalar("9 kW")).empty());
  CHECK(set(root, "changes.1.at", Node::scalar("5 h")).empty());
  CHECK(root.find("changes")->items[1].find("at")->text == "5 h");
  CHECK(set(root, "none.deep.er", Node::scalar("x")).empty());
  CHECK(root.find("none")->find("deep")->find("er")->text == "x");
  CHECK(set(root, "stations.press.power", Node()).empty());
  CHECK(root.find("stations")->find("press")->find("power") == nullptr);
}

TEST_CASE("paths that lead nowhere are problems and change nothing") {
  Node root = yaml("{stations: {press: {duration: 3 min}}, changes: [{at: 1 h}]}");
  const std::string before = canonical(root);
  for (const char* path : {"", ".", "stations.", ".stations", "stations..press", "changes.1.at", "changes.-1", "changes.x",
                           "changes.0x.at", "changes.99999999999999999999", "stations.press.duration.mean"}) {
    INFO(path);
    CHECK(set(root, path, Node::scalar("x")) == "override-path");
    CHECK(canonical(root) == before);
  }
  for (const char* path : {"nothing", "nothing.here", "stations.press.power"}) {
    INFO(path);
    CHECK(set(root, path, Node()) == "override-path");
    CHECK(canonical(root) == before);
  }
}

TEST_CASE("canonical text reads back as the same tree") {
  const char* texts[] = {
      "{a: 1, b: [x, {c: d}], e: ~, f: {}, g: []}",
      R"({a: "1", b: 'it''s', c: "tab\tnew\nline \\ \"q\"", "key: odd": "x, y", d: "", "": e, f: "null", g: "~"})",
      "a: 3 min + 25 s * modules\nb: f(2 h, 3 h)\nc: |\n  block\n  text\nd: 站\ne: ' blank '\nf: '- x'\ng: '#'\n", "plain"};
  for (const char* text : texts) {
    INFO(text);
    const Node node = yaml(text);
    const Node again = yaml(canonical(node));
    CHECK(canonical(again) == canonical(node));
    const Node* a = node.find("a");
    if (a != nullptr) CHECK(again.find("a")->quoted == a->quoted);
  }
  CHECK(canonical(yaml("a: '1'")) != canonical(yaml("a: 1")));  // a text is not a number
}

}  // namespace retwin::node_test
