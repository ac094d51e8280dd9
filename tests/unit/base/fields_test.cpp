// Fields: one function reads, checks, documents and makes the schema.
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/fields.hpp"
#include "core/base/random.hpp"
#include "core/scenario/document/document.hpp"

namespace retwin::fields_test {

namespace {

enum class Colour { red, green, blue };
constexpr const char* colours[] = {"red", "green", "blue"};

/// A value with a syntax of its own: any list.
struct Triple final : Value {
  Node written = Node::list();
  std::size_t size = 0;
  bool was_given = false;
  void read(const Node& node, const std::string& path, Problems& problems) override {
    was_given = true;
    size = node.items.size();
    written = node;
    if (!node.is_list()) problems.error(Code::type, node.place, path, "not a list");
  }
  Node write() const override { return written; }
  bool given() const override { return was_given; }
  std::string type() const override { return "three numbers"; }
  std::string schema() const override { return R"({"type": "array"})"; }
  std::string text() const override { return ""; }
};

struct Part {
  std::string name;
  double share = 0;
};
struct Change {
  double at_s = 0;
};

struct Spec {
  double rate = 0.125, share = 0.5;
  std::optional<double> power_W;
  std::int64_t servers = 1;
  std::optional<std::int64_t> buffer;
  bool open = false;
  std::string note;
  Located to;
  std::vector<Located> needs;
  Colour colour = Colour::green;
  Triple triple;
  bool batch_given = false;
  std::int64_t batch = 1;
  std::vector<Part> parts;
  std::vector<Change> changes;

  void fields(Fields& f) {
    f.required().quantity("rate", rate, dimension::mass_rate, Range::positive(), "how fast");
    f.quantity("share", share, dimension::none, Range::share(), "how much of it");
    f.quantity("power", power_W, dimension::power, Range::non_negative(), "what it draws");
    f.count("servers", servers, {1}, "how many at once");
    f.count("buffer", buffer, {0}, "places before it");
    f.flag("open", open, "whether it is open");
    f.text("note", note, "a remark");
    f.name("to", to, "where to");
    f.names("needs", needs, "what it takes");
    f.choice("colour", colour, colours, "of the paint");
    f.value("triple", triple, "a syntax of its own");
    f.object(
        "batch", [this](Fields& b) { b.count("count", batch, {1}, "lots to a batch"); }, "batching", &batch_given);
    f.map(
        "parts", parts,
        [](Part& part, Fields& p) { p.required().quantity("share", part.share, dimension::none, Range::share(), "of the whole"); },
        "what it is made of", "share");
    f.list(
        "changes", changes, [](Change& change, Fields& c) { c.quantity("at", change.at_s, dimension::time, Range::any(), "when"); },
        "changes in time");
  }
};

struct Outcome {
  Spec spec;
  Problems problems;
  std::string codes;  ///< "code@path" of each, blank between
};

Outcome read(std::string_view text) {
  Outcome out;
  const auto node = read_yaml(text, "test.yaml", out.problems);
  REQUIRE(node.has_value());
  read_fields(*node, "stations.press", out.problems, [&](Fields& f) { out.spec.fields(f); });
  for (const Problem& p : out.problems.all()) {
    const std::string path = p.path.substr(0, 9) == "stations." ? p.path.substr(9) : p.path;
    out.codes += (out.codes.empty() ? "" : " ") + std::string(code_name(p.code)) + "@" + path;
  }
  return out;
}

}  // namespace

TEST_CASE("fields read every kind of value, in SI") {
  const Outcome out = read(R"(
rate: 900 kg/h
share: 12 %
power: 90 kW
servers: 4
buffer: unlimited
open: true
note: 2026 model
to: sink
needs: [crew, crane]
colour: blue
triple: [1, 2, 3]
batch: {count: 8}
parts: {a: 60 %, b: {share: 0.4}}
changes:
  - at: 2 h
  - {at: 1 d}
)");
  CHECK(out.codes.empty());
  const Spec& s = out.spec;
  CHECK(s.rate == 0.25);
  CHECK(s.share == 0.12);
  CHECK(s.power_W == 90000);
  CHECK(s.servers == 4);
  CHECK(s.buffer == std::numeric_limits<std::int64_t>::max());
  CHECK(s.open);
  CHECK(s.note == "2026 model");
  CHECK(s.to.text == "sink");
  CHECK(s.to.place.line == 9);
  REQUIRE(s.needs.size() == 2);
  CHECK(s.needs[1].text == "crane");
  CHECK(s.needs[1].place.column == 15);
  CHECK(s.colour == Colour::blue);
  CHECK(s.triple.size == 3);
  CHECK(s.batch_given);
  CHECK(s.batch == 8);
  REQUIRE(s.parts.size() == 2);
  CHECK(s.parts[0].name == "a");
  CHECK(s.parts[0].share == 0.6);
  CHECK(s.parts[1].share == 0.4);
  REQUIRE(s.changes.size() == 2);
  CHECK(s.changes[0].at_s == 7200);
  CHECK(s.changes[1].at_s == 86400);
}

TEST_CASE("what the file does not mention keeps its default") {
  const Outcome out = read("rate: 1 kg/s");
  CHECK(out.codes.empty());
  CHECK(out.spec.share == 0.5);
  CHECK_FALSE(out.spec.power_W.has_value());
  CHECK(out.spec.colour == Colour::green);
  CHECK_FALSE(out.spec.batch_given);
  CHECK_FALSE(out.spec.triple.given());
  CHECK(read("{rate: '1 kg/s', needs: crew}").codes.empty());  // JSON has no other way; one name for a list of one
}

TEST_CASE("each slip has its code, path, place and hint") {
  const auto one = [](std::string_view text) {
    const Outcome out = read(text);
    INFO(std::string(text), " gave ", out.codes);
    REQUIRE(out.problems.all().size() == 1);
    return out.problems.all().front();
  };
  CHECK(read("share: 1").codes == "missing@press.rate");
  const Problem bare = one("rate: 450");
  CHECK(bare.code == Code::unit);
  CHECK(bare.hint == "write for instance 450 kg/h");
  const Problem mass = one("rate: 450 kg");
  CHECK(mass.message == "\"450 kg\" is a mass; a mass rate is needed");
  CHECK(mass.hint == "write for instance 450 kg/h");
  CHECK(mass.path == "stations.press.rate");
  CHECK(mass.place.line == 1);
  CHECK(mass.place.column == 7);
  CHECK(mass.place.length == 6);
  CHECK(read("rate: 5 kgg/h").codes == "unit@press.rate");
  CHECK(read("rate: fast").codes == "type@press.rate");
  CHECK(read("rate: [1]").codes == "type@press.rate");
  CHECK(read("rate:").codes == "type@press.rate");
  CHECK(read("rate: 0 kg/h").codes == "range@press.rate");
  CHECK(read("rate: -1 kg/h").codes == "range@press.rate");
  CHECK(read("{rate: 1 kg/h, share: 120 %}").codes == "range@press.share");
  CHECK(read("{rate: 1 kg/h, share: '0.5'}").codes == "type@press.share");
  CHECK(read("{rate: 1 kg/h, servers: 0}").codes == "range@press.servers");
  CHECK(read("{rate: 1 kg/h, servers: 2.5}").codes == "type@press.servers");
  CHECK(read("{rate: 1 kg/h, servers: 3 kg}").codes == "unit@press.servers");
  CHECK(read("{rate: 1 kg/h, servers: 1e20}").codes == "type@press.servers");
  CHECK(read("{rate: 1 kg/h, servers: 1e300}").codes == "range@press.servers");
  CHECK(read("{rate: 1 kg/h, open: maybe}").codes == "type@press.open");
  CHECK(read("{rate: 1 kg/h, to: {a: b}}").codes == "type@press.to");
  CHECK(read("{rate: 1 kg/h, needs: {a: b}}").codes == "type@press.needs");
  CHECK(read("{rate: 1 kg/h, triple: 1}").codes == "type@press.triple");
  CHECK(read("{rate: 1 kg/h, batch: 3}").codes == "type@press.batch");
  CHECK(read("{rate: 1 kg/h, batch: {cuont: 3}}").codes == "unknown-key@press.batch.cuont");
  CHECK(read("{rate: 1 kg/h, parts: [1]}").codes == "type@press.parts");
  CHECK(read("{rate: 1 kg/h, parts: {a: {}}}").codes == "missing@press.parts.a.share");
  CHECK(read("{rate: 1 kg/h, parts: {a.b: 1}}").codes == "syntax@press.parts.a.b");
  CHECK(read("{rate: 1 kg/h, parts: {a: 3}}").codes == "range@press.parts.a.share");
  CHECK(read("{rate: 1 kg/h, changes: {at: 1 h}}").codes == "type@press.changes");
  CHECK(read("{rate: 1 kg/h, changes: [1 h]}").codes == "type@press.changes.0");
  CHECK(read("{rate: 1 kg/h, changes: [{at: 1 kg}]}").codes == "unit@press.changes.0.at");
  CHECK(read("[1, 2]").codes == "type@press");
  const Problem colour = one("{rate: 1 kg/h, colour: gren}");
  CHECK(colour.code == Code::unknown_name);
  CHECK(colour.hint.find("did you mean green?") == 0);
  CHECK(colour.hint.find("red, green, blue") != std::string::npos);
  const Problem key = one("{rate: 1 kg/h, severs: 3}");
  CHECK(key.code == Code::unknown_key);
  CHECK(key.hint == "did you mean servers?");
  CHECK(key.place.column == 16);
}

TEST_CASE("all problems of a node are reported at once") {
  CHECK(read("{servers: x, share: 3, colour: pink, extra: 1}").codes ==
        "missing@press.rate range@press.share type@press.servers unknown-name@press.colour unknown-key@press.extra");
}

TEST_CASE("several owners share one map") {
  Problems problems;
  const auto node = read_yaml("{rate: 1 kg/h, depth: 3 m, dept: 1}", "test.yaml", problems);
  Spec spec;
  double depth = 0;
  const auto first = [&](Fields& f) { spec.fields(f); };
  const auto second = [&](Fields& f) { f.quantity("depth", depth, dimension::length, Range::positive(), "how deep"); };
  read_fields(*node, "s", problems, {first, second});
  REQUIRE(problems.all().size() == 1);
  CHECK(problems.all().front().path == "s.dept");
  CHECK(depth == 3);
  const auto schema = nlohmann::json::parse(schema_of({first, second}));
  CHECK(schema["properties"].contains("rate"));
  CHECK(schema["properties"].contains("depth"));
  CHECK(explain_fields({first, second}).find("depth") != std::string::npos);
}

TEST_CASE("the schema says what the reader admits") {
  Spec spec;
  const auto schema = nlohmann::json::parse(schema_of([&](Fields& f) { spec.fields(f); }));
  CHECK(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema");
  CHECK(schema["additionalProperties"] == false);
  CHECK(schema["required"] == nlohmann::json::array({"rate"}));
  const auto& p = schema["properties"];
  CHECK(p["rate"]["type"] == "string");
  CHECK(p["rate"]["default"] == "450 kg/h");
  CHECK(p["share"]["maximum"] == 1);
  CHECK(p["servers"]["anyOf"][1]["const"] == "unlimited");
  CHECK(p["colour"]["enum"] == nlohmann::json::array({"red", "green", "blue"}));
  CHECK(p["colour"]["default"] == "green");
  CHECK(p["triple"]["$ref"] == "#/$defs/three_numbers");
  CHECK(schema["$defs"]["three_numbers"]["type"] == "array");
  CHECK(p["batch"]["properties"]["count"]["anyOf"][0]["minimum"] == 1);
  CHECK(p["parts"]["additionalProperties"]["anyOf"].size() == 2);
  CHECK(p["changes"]["items"]["properties"].contains("at"));
  for (const auto& [name, property] : p.items()) CHECK(property.contains("description"));
}

TEST_CASE("explain lists every field with its unit and default") {
  Spec spec;
  const std::string text = explain_fields([&](Fields& f) { spec.fields(f); });
  for (const char* part : {"name", "rate", "mass rate [kg/h]", "required", "how fast", "red | green | blue", "green",
                           "batch.count", "parts.*.share", "changes.0.at", "three numbers", "power [kW]", "(0 to 1)"}) {
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  }
  // columns are aligned: every meaning starts where the heading says
  const std::size_t column = text.find("meaning");
  CHECK(text.substr(text.find("\nrate") + 1 + column, 8) == "how fast");
}

TEST_CASE("what is written of fields is read as the same values") {
  const char* text = R"(
rate: 1.7 t/h
share: 36 %
power: 45 kW
servers: unlimited
open: true
note: "12 %"
to: "~"
needs: [crew, "5"]
colour: blue
triple: [1, 2, 3]
batch: {count: 8}
parts: {a: 57 %, b: {share: 0.4}}
changes: [{at: 2 h}, {at: 90 s}, {}]
)";
  Outcome out = read(text);
  Spec blank;
  const Node once = write_fields({[&](Fields& f) { out.spec.fields(f); }}, {[&](Fields& f) { blank.fields(f); }});
  CHECK(canonical(once) ==
        "{rate: 1.7 t/h, share: 36 %, power: 45 kW, servers: unlimited, open: true, note: \"12 %\", to: \"~\", needs: [crew, \"5\"], "
        "colour: blue, triple: [1, 2, 3], batch: {count: 8}, parts: {a: 57 %, b: 40 %}, changes: [{at: 2 h}, {at: 90 s}, {}]}");
  Outcome again = read(canonical(once));
  CHECK(again.codes.empty());
  CHECK(canonical(written(again.spec)) == canonical(once));
  CHECK(again.spec.rate == out.spec.rate);
  CHECK(again.spec.parts[0].share == 0.57);
  // defaults are left out, what is required is not
  Spec plain;
  CHECK(canonical(written(plain)) == "{rate: 450 kg/h}");
}

TEST_CASE("a quantity is written in the unit that makes it shortest and read back to the last bit") {
  CHECK(quantity_text(0, dimension::time) == "0 s");
  CHECK(quantity_text(5400, dimension::time) == "90 min");
  CHECK(quantity_text(1209600, dimension::time) == "2 weeks");
  CHECK(quantity_text(50.3 / 604800, dimension::rate) == "50.3/week");
  CHECK(quantity_text(-273.15, dimension::temperature) == "-273.15 K");
  CHECK(quantity_text(3.6e6, dimension::energy) == "1 kWh");
  CHECK(quantity_text(2.5, dimension::mass / (dimension::length * dimension::time)) == "2.5 kg m-1 s-1");
  CHECK(quantity_text(1e-40, dimension::time) == "1e-40 s");  // who reads it refuses it
  CHECK(quantity_text(std::nan(""), dimension::mass) == "nan kg");
  CHECK(share_text(0.36) == "36 %");
  CHECK(share_text(1) == "1");
  const Dimension of[] = {dimension::none, dimension::time, dimension::mass, dimension::length, dimension::volume, dimension::speed,
                          dimension::energy, dimension::power, dimension::rate, dimension::mass_rate, dimension::volume_rate,
                          dimension::specific_energy, dimension::volume / dimension::mass, dimension::mass / dimension::volume};
  for (std::uint64_t number = 0; number < 200; ++number)
    for (const Dimension& d : of) {
      const Draws draws{number, 5};
      const double value = (draws.uniform(0) - 0.3) * std::pow(10, std::floor(20 * draws.uniform(1)) - 10);
      const std::string text = quantity_text(value, d);
      const std::optional<Quantity> again = parse_quantity(text);
      CAPTURE(text);
      REQUIRE(again.has_value());
      CHECK(again->value == value);
      CHECK(again->dimension == d);
      const std::string share = share_text(value);
      CHECK(parse_quantity(share)->value == value);
    }
}

TEST_CASE("the shorthands that a document uses, with their paths") {
  const auto body = [](Fields& f) {
    f.map("pools", [](const std::string&, const Place&, Fields& g) {
      std::int64_t count = 0;
      g.count("count", count, Range::any(), "units");
      g.map("skills", [](const std::string&, const Place&, Fields& h) {
        double level = 0;
        h.quantity("level", level, dimension::none, Range::any(), "level");
      }, "skills", "level");
    }, "pools", "count");
  };
  Problems problems;
  const auto node = read_yaml("{pools: {a: 2, b: {count: 3, skills: {weld: 0.5, cut: {level: 1}}}, c: [1, 2]}, stray: 1}",
                              "t.yaml", problems);
  REQUIRE(node);
  std::string told;
  for (const Shorthand& s : shorthands(*node, body)) told += s.path + "=" + s.field + " ";
  CHECK(told == "pools.a=count pools.b.skills.weld=level pools.c=count ");
  CHECK(shorthands(Node::scalar("x"), body).empty());
}

}  // namespace retwin::fields_test
