// YAML documents: places, everything that is refused, files that extend others.
#include <doctest/doctest.h>

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>

#include "core/base/files.hpp"
#include "core/scenario/document/document.hpp"

namespace retwin::document_test {
namespace fs = std::filesystem;

namespace {

std::string codes(const Problems& problems) {
  std::string out;
  for (const Problem& p : problems.all()) {
    out += (out.empty() ? "" : " ") + std::string(code_name(p.code)) + "@" + std::to_string(p.place.line) + ":" +
           std::to_string(p.place.column);
  }
  return out;
}

/// The codes and places of the problems of a text; "ok" if there are none.
std::string judged(std::string_view text) {
  Problems problems;
  const auto node = read_yaml(text, "t.yaml", problems);
  CHECK(node.has_value() == !problems.any_errors());
  return problems.all().empty() ? "ok" : codes(problems);
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Folder {
  fs::path path = fs::temp_directory_path() / ("retwin_document_test_" + std::to_string(::getpid()));
  ~Folder() { fs::remove_all(path); }
  std::string write(const char* name, std::string_view text) const {
    write_file((path / name).string(), text);
    return (path / name).string();
  }
};

}  // namespace

TEST_CASE("values and keys know their places") {
  Problems problems;
  const auto root = read_yaml(
      "\xEF\xBB\xBF# plant\nstations:\n  shred_1:\n    throughput: 450 kg  # slow\n    to: {a: \"x y\", b: ['é', z]}\r\n",
      "p.yaml", problems);
  REQUIRE(root.has_value());
  const Node& shred = *root->find("stations")->find("shred_1");
  const Place& rate = shred.find("throughput")->place;
  CHECK(rate.file == "p.yaml");
  CHECK(rate.line == 4);
  CHECK(rate.column == 17);
  CHECK(rate.length == 6);
  CHECK(rate.excerpt == "    throughput: 450 kg  # slow");
  CHECK(shred.entries[0].place.column == 5);
  CHECK(shred.entries[0].place.length == 10);
  const Node& to = *shred.find("to");
  CHECK(to.find("a")->quoted);
  CHECK(to.find("a")->place.length == 5);
  CHECK(to.find("b")->items[0].text == "é");
  CHECK(to.find("b")->items[1].place.column == 30);  // in bytes
  CHECK(to.place.excerpt.find('\r') == std::string::npos);
  CHECK_FALSE(shred.find("throughput")->quoted);
}

TEST_CASE("plain YAML of all sorts is read") {
  CHECK(judged("a: 1\nb:\n  - x\n  - y: z\nc: [1, {d: e}]\nf: |\n  [[[[ text\n") == "ok");
  CHECK(judged("{\"json\": [1, 2.5, true, null, \"x\"]}") == "ok");
  CHECK(judged("---\na: 1\n...\n") == "ok");
  CHECK(judged("duration: f(2 h, 3 h)") == "ok");  // outside {...} a comma is only a comma
  CHECK(judged("{d: \"f(2 h, 3 h)\"}") == "ok");
  CHECK(judged("{note: 'a (half, open'}") == "ok");
  CHECK(judged(repeated("# [0, 1)\n", 500) + "a: 1") == "ok");
  CHECK(judged("a: 'it''s [[[['\nb: \"[[\\\"[[\"") == "ok");
  Problems problems;
  const auto nothing = read_yaml("a:\nb: ~\nc: null\nd: \"null\"\n", "t.yaml", problems);
  REQUIRE(nothing.has_value());
  CHECK(nothing->find("a")->is_null());
  CHECK(nothing->find("a")->place.line == 1);
  CHECK(nothing->find("c")->is_null());
  CHECK(nothing->find("d")->text == "null");
}

TEST_CASE("bytes that are no text") {
  CHECK(judged(std::string_view("a: \0b", 5)) == "encoding@1:4");
  CHECK(judged("a: 1\nb: \xff") == "encoding@2:4");
  CHECK(judged("a: \xC3\x28") == "encoding@1:4");
  CHECK(judged(std::string_view("\xFF\xFE"
                                "a\0",
                                4)) == "encoding@1:1");  // UTF-16
  CHECK(judged("a: 1\n\x04 b: 2") == "encoding@2:1");    // yaml-cpp takes 0x04 for the end
  CHECK(judged("\x7f"
               "ELF") == "encoding@1:1");
}

TEST_CASE("none or several documents") {
  CHECK(judged("") == "documents@0:0");
  CHECK(judged("  \n# only a remark\n") == "documents@0:0");
  CHECK(judged("---\n") == "documents@0:0");
  CHECK(judged("~") == "documents@0:0");
  CHECK(judged("a: 1\n---\nb: 2\n") == "documents@2:1");
  CHECK(judged("a: 1\n...\nb: 2\n") == "documents@3:1");
}

TEST_CASE("texts on which a parser may hang or give up early end in a problem") {
  CHECK(judged(",8") == "syntax@1:1");
  CHECK(judged("- 1\na: 2\n") == "syntax@2:1");
  CHECK(judged("]") == "brackets@1:1");
  CHECK(judged("a: b: c") == "syntax@1:5");
  CHECK(judged("a: @x") == "syntax@1:4");
  CHECK(judged("a: %x") == "syntax@1:4");
  CHECK(judged("\ta: 1").substr(0, 6) == "syntax");
  CHECK(judged("%YAML 9.9\n---\na").substr(0, 6) == "syntax");
  CHECK(judged("a: \"x").substr(0, 6) == "syntax");
  CHECK(judged("a: 'x").substr(0, 6) == "syntax");
  CHECK(judged("!").substr(0, 9) == "documents");
  for (int a = 1; a < 128; ++a) {
    for (int b = 1; b < 128; ++b) {
      Problems problems;
      const char text[] = {static_cast<char>(a), static_cast<char>(b)};
      static_cast<void>(read_yaml(std::string_view(text, 2), "t.yaml", problems));
    }
  }
}

TEST_CASE("brackets, also those that a comma cuts in two") {
  CHECK(judged("{d: f(2 h, 3 h), to: x}") == "brackets@1:5");
  CHECK(judged("{a: f(1, 2), b: g(1, 2)}") == "brackets@1:5 brackets@1:17");
  CHECK(judged("{a: 3)}") == "brackets@1:5");
  CHECK(judged("a: {b: [1, 2}").substr(0, 8) == "brackets");
  CHECK(judged("x: 1\na: [1, 2") == "brackets@2:4");
  CHECK(judged("a: {b: 1") == "brackets@1:4");
}

TEST_CASE("anchors, aliases and tags") {
  CHECK(judged("a: &x 1\nb: *x\n") == "alias@1:4 alias@2:4");
  CHECK(judged("a: *x\n") == "alias@1:4");
  CHECK(judged("a: &x [*x]\n") == "alias@1:4 alias@1:8");  // a circle
  CHECK(judged("a: !!str 1\nb: !thing {c: d}\n") == "syntax@1:4 syntax@2:4");
  std::string bomb = "a: &a [x, x]\n";  // ten levels of nine aliases each would be 3.5 billion nodes
  for (char c = 'b'; c <= 'k'; ++c) {
    bomb += std::string(1, c) + ": &" + c + " [" + repeated(std::string("*") + static_cast<char>(c - 1) + ", ", 8) + "*" +
            static_cast<char>(c - 1) + "]\n";
  }
  CHECK(judged(bomb).substr(0, 5) == "alias");
  CHECK(judged("a: &x 1\n" + repeated("- *x\n", 3)).substr(0, 5) == "alias");
}

TEST_CASE("keys given twice and keys that are no words") {
  CHECK(judged("a: 1\nb: 2\na: 3\n") == "duplicate@3:1");
  CHECK(judged("{a: 1, 'a': 2}") == "duplicate@1:8");
  CHECK(judged("a: {x: 1}\nb: {x: 1}\n") == "ok");
  CHECK(judged("? [a]\n: 1\n") == "syntax@1:3");
  CHECK(judged("{[a]: 1}").substr(0, 6) == "syntax");
  CHECK(judged("{{a: 1}: 1}").substr(0, 6) == "syntax");
  CHECK(judged(": 1").substr(0, 6) == "syntax");
}

TEST_CASE("nesting is limited however it is written") {
  CHECK(judged(repeated("[", 60) + repeated("]", 60)) == "ok");
  CHECK(judged(repeated("[", 65) + repeated("]", 65)).substr(0, 7) == "nesting");
  CHECK(judged(repeated("[\n", 65) + repeated("]", 65)).substr(0, 7) == "nesting");
  CHECK(judged(repeated("{a: ", 65) + "1" + repeated("}", 65)).substr(0, 7) == "nesting");
  CHECK(judged(repeated("- ", 65) + "x").substr(0, 7) == "nesting");
  CHECK(judged(repeated("? ", 65) + "x").find("nesting") != std::string::npos);
  std::string stairs, list;
  for (std::size_t i = 0; i < 65; ++i) {
    stairs += std::string(i, ' ') + "a:\n";
    list += std::string(i, ' ') + "-\n";
  }
  CHECK(judged(stairs + std::string(65, ' ') + "b").substr(0, 7) == "nesting");
  CHECK(judged(list + std::string(65, ' ') + "b").substr(0, 7) == "nesting");
  CHECK(judged("a: |\n  'x\nb: " + repeated("[", 30000)).substr(0, 7) == "nesting");  // the quote hides the brackets
}

TEST_CASE("large and hostile texts are refused quickly") {
  CHECK(seconds_of([] { CHECK(judged(std::string(100u << 20, '[')) == "too-large@0:0"); }) < 2);
  CHECK(seconds_of([] { CHECK(judged(std::string(16u << 20, '[')).substr(0, 7) == "nesting"); }) < 2);
  CHECK(seconds_of([] { CHECK(judged(repeated("- ", 4u << 20)).substr(0, 7) == "nesting"); }) < 5);
  CHECK(seconds_of([] { CHECK(judged("[" + repeated("*a,", 100000) + "]").substr(0, 5) == "alias"); }) < 5);
  CHECK(seconds_of([] { CHECK(judged("{" + repeated("a: 1, ", 100000) + "}").substr(0, 9) == "duplicate"); }) < 5);
}

TEST_CASE("very long lines keep a part around the place") {
  Problems problems;
  const auto root = read_yaml("{k: " + repeated("站", 2000) + ", z: 站站}", "t.yaml", problems);
  REQUIRE(root.has_value());
  const Place& place = root->find("z")->place;
  CHECK(place.excerpt.size() < 200);
  CHECK(place.excerpt.substr(static_cast<std::size_t>(place.column - place.excerpt_column), 6) == "站站");
  CHECK(invalid_utf8(place.excerpt) == std::string::npos);
}

TEST_CASE("a file extends another and changes it by key and by path") {
  const Folder folder;
  folder.write("base.yaml",
               "name: base\nrun: {duration: 1 d, seed: 1}\nstations:\n  press: {duration: 3 min, power: 9 kW}\n  saw: {duration: "
               "1 min}\n");
  folder.write("middle.yaml", "extends: base.yaml\nname: middle\nstations: {saw: ~}\n");
  const std::string top = folder.write(
      "sub/top.yaml",
      "extends: ../middle.yaml\nrun: {seed: 2}\nset:\n  stations.press.duration: 4 min\n  stations.press.power: ~\n");
  Problems problems;
  const auto root = resolve_extends(top, problems);
  CHECK(codes(problems).empty());
  REQUIRE(root.has_value());
  CHECK(canonical(*root) == "{name: middle, run: {duration: 1 d, seed: 2}, stations: {press: {duration: 4 min}}}");
  CHECK(root->find("run")->find("seed")->place.file == top);
  CHECK(fs::path(root->find("run")->find("duration")->place.file).filename() == "base.yaml");
  CHECK(root->find("stations")->find("press")->find("duration")->place.line == 4);
}

TEST_CASE("extends that lead nowhere") {
  const Folder folder;
  const auto judge = [&](const std::string& path) {
    Problems problems;
    static_cast<void>(resolve_extends(path, problems));
    return codes(problems);
  };
  folder.write("base.yaml", "a: {b: 1}\n");
  folder.write("bad.yaml", "a: [\n");
  const std::string first = folder.write("first.yaml", "extends: second.yaml\n");
  folder.write("second.yaml", "extends: ./first.yaml\n");
  CHECK(judge(first) == "conflict@1:10");
  CHECK(judge(folder.write("self.yaml", "extends: self.yaml\n")) == "conflict@1:10");
  CHECK(judge(folder.write("none.yaml", "x: 1\nextends: nothing.yaml\n")) == "file@2:10");
  CHECK(judge(folder.write("list.yaml", "extends: [base.yaml]\n")) == "type@1:10");
  CHECK(judge(folder.write("folder.yaml", "extends: .\n")) == "file@1:10");
  CHECK(judge(folder.write("broken.yaml", "extends: bad.yaml\n")).substr(0, 8) == "brackets");
  CHECK(judge(folder.write("path.yaml", "extends: base.yaml\nset: {a.b.c: 1}\n")) == "override-path@2:14");
  CHECK(judge(folder.write("set.yaml", "extends: base.yaml\nset: [1]\n")) == "type@2:6");
  CHECK(judge((folder.path / "absent.yaml").string()) == "file@0:0");
}

}  // namespace retwin::document_test
