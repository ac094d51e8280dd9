// Texts from outside: made UTF-8, shown without commanding a terminal, written into YAML and read back the same.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/base/node.hpp"
#include "core/base/random.hpp"
#include "core/base/text.hpp"
#include "core/base/yaml_text.hpp"
#include "core/base/yaml_writer.hpp"
#include "core/scenario/document/document.hpp"

namespace retwin::text_test {

namespace {

constexpr auto nowhere = std::string_view::npos;

/// Texts made of what has gone wrong somewhere: quotes, ends of lines, what YAML begins things with, characters of each length.
std::string nasty(std::uint64_t number) {
  static const std::vector<std::string> pieces{
      "a", "B7", " ", "\n", "\t", "\"", "'", "\\", ":", ": ", " #", "- ", "{", "}", "[", "]", ",", "&", "*", "!", "|", ">", "%", "@", "`", "~",
      "null", "---", "...", "\xC3\xA9", "\xE7\xAB\x99", "\xF0\x9F\x94\x8B", "<b>", "=1+1", "\xE2\x80\xA8", "\xEF\xBB\xBF", "\n- x: y\n"};
  const Draws draws{number, 7};
  std::string text;
  const auto length = static_cast<std::size_t>(draws.uniform(0) * 12);
  for (std::size_t k = 1; k <= length; ++k)
    text += pieces[static_cast<std::size_t>(draws.uniform(k) * static_cast<double>(pieces.size()))];
  return text;
}

/// What comes of a text that `write` put into a document, as key and as value, with a comment before them.
bool comes_back(const std::string& text, std::string (*write)(std::string_view), std::string (*remark)(std::string_view)) {
  const std::string document = remark(text) + "\n" + write(text) + ": [" + write(text) + ", {x: " + write(text) + "}]\nend: here\n";
  Problems problems;
  const std::optional<Node> node = read_yaml(document, "nasty", problems);
  if (!node || !node->is_map() || node->entries.size() != 2 || node->entries[1].key != "end") return false;
  const Node& list = node->entries[0].value;
  return node->entries[0].key == text && list.is_list() && list.items.size() == 2 && list.items[0].text == text &&
         list.items[1].find("x") != nullptr && list.items[1].find("x")->text == text;
}

std::string careless_quotes(std::string_view text) { return '"' + std::string(text) + '"'; }
std::string careless_comment(std::string_view text) { return "# " + std::string(text); }

}  // namespace

TEST_CASE("bytes that are not UTF-8 become a character that says so") {
  CHECK(sound_utf8("plain \xC3\xA9") == "plain \xC3\xA9");
  CHECK(sound_utf8("a\xFF" "b\xC3") == "a\xEF\xBF\xBD" "b\xEF\xBF\xBD");
  CHECK(sound_utf8(std::string_view("\0", 1)) == "\xEF\xBF\xBD");
  CHECK(invalid_utf8(sound_utf8("\xED\xA0\x80\xF4\x90\x80\x80")) == nowhere);
}

TEST_CASE("what commands a terminal is found and not shown") {
  CHECK(control_character("tab\tand line\n, \xC3\xA9 and \xF0\x9F\x94\x8B") == nowhere);
  for (const char* bad : {"ab\x1b[31m", "ab\r", "ab\x7f", "ab\xC2\x9B" "31m", "ab\xEF\xBF\xBE", "ab\xEF\xBF\xBF", "ab\xF0\x9F\xBF\xBF", "ab\xEF\xB7\x90"})
    CHECK_MESSAGE(control_character(bad) == 2, bad);
  CHECK(printable("a\x1b[1mb\xC2\x9B\nc\xEF\xBF\xBF\t") == "a?[1mb?\nc?\t");
  CHECK(one_line("a\nb\xE2\x80\xA8" "c\xC2\x85") == "a?b?c?");
}

TEST_CASE("any text in YAML is read back as it was, and a comment stays one line") {
  int careless = 0, remarks = 0;
  for (std::uint64_t number = 0; number < 3000; ++number) {
    const std::string text = nasty(number);
    CHECK_MESSAGE(comes_back(text, yaml_quoted, yaml_comment), yaml_quoted(text));
    if (text.empty()) continue;
    careless += !comes_back(text, careless_quotes, yaml_comment);  // negative control: what is not escaped is lost
    remarks += !comes_back(text, yaml_quoted, careless_comment);
  }
  CHECK(careless > 500);
  CHECK(remarks > 100);
  CHECK(yaml_quoted("\x1b\xC2\x85\xEF\xBB\xBF\xEF\xBF\xBF\xFF") == "\"\\x1b\\x85\\U0000feff\\U0000ffff\xEF\xBF\xBD\"");
}

TEST_CASE("a document that hides what commands a terminal behind an escape is refused") {
  for (const char* text : {"name: \"\\e[31m\"", "\"a\\x9b\": 1", "list: [\"\\uFFFF\"]", "a: \"x\\ry\""}) {
    Problems problems;
    CHECK_FALSE(read_yaml(text, "t", problems).has_value());
    REQUIRE(problems.all().size() == 1);
    CHECK(problems.all()[0].code == Code::encoding);
    CHECK(problems.all()[0].place.line == 1);
  }
  Problems problems;
  CHECK(read_yaml("doc: |\r\n  two\r\n  lines\r\nnext: \"a\r\n  b\"\r\n", "t", problems).has_value());  // ends of lines of another system
  CHECK(problems.all().empty());
}

TEST_CASE("a document is written so that it is read back, remarks beside what they are about") {
  const auto read = [](const std::string& text) {
    Problems problems;
    const std::optional<Node> node = read_yaml(text, "t", problems);
    REQUIRE_MESSAGE(node.has_value(), text);
    return *node;
  };
  const Node node = read("{name: a plant, sinks: {out: product}, stations: {press: {duration: 5 min, to: out}, mill: {to: press}}, changes: [{at: -5}]}");
  CHECK(yaml_text(node, {{"", "One.\nTwo."}, {"stations.mill", "slow: #1"}, {"stations.press.to", "seen\nonce"}}) == R"(# One.
# Two.
name: a plant
sinks: {out: product}
stations:
  press:
    duration: 5 min
    # seen
    # once
    to: out
  mill: {to: press}  # slow: #1
changes:
  - {at: -5}
)");
  for (std::uint64_t number = 0; number < 500; ++number) {
    Node any = Node::map();
    for (std::uint64_t k = 0; k < 4; ++k) {
      Node& map = any.at("k" + nasty(number * 7 + k)).at(nasty(number + k));
      map.at("text") = Node::scalar(nasty(number + 3 * k));
      Node& list = map.at(nasty(2 * number + k)) = Node::list();
      for (std::uint64_t n = 0; n < number % 30; ++n) list.items.push_back(Node::scalar(nasty(n)));
      if (number % 3 == 0) list.items.push_back(map);
    }
    const Remarks remarks{{"", nasty(number)}, {any.entries[0].key, nasty(number + 1)}, {any.entries[0].key + ".text", "said\nhere"}};
    CHECK(canonical(read(yaml_text(any, remarks))) == canonical(any));
  }
}

}  // namespace retwin::text_test
