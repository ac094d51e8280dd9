// Law: what a scenario says is written so that it is read the same: every shipped plant and variant, and names that YAML would misread.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "core/base/yaml_writer.hpp"
#include "core/scenario/explain.hpp"
#include "core/scenario/specs/sections.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::writing_test {
namespace {

namespace fs = std::filesystem;

struct Read {
  Specs specs;
  HeadSpec head;
};

Read read(const Node& document, const Registry& registry) {
  Problems problems;
  Read out;
  out.specs = read_scenario(document, registry, problems, &out.head);
  for (const Problem& problem : problems.all()) FAIL_CHECK(format(problem));
  return out;
}

Node write(const Node& document, const Registry& registry) {
  const Read out = read(document, registry);
  return write_scenario(out.head, out.specs, registry);
}

/// Fields of entries that are read, not written, and not even declared to who does not read: "stations.press.power". (A field that is
/// declared and left out has its default.)
std::string lost_fields(Node document, const Registry& registry) {
  const Node once = write(document, registry);
  const std::string declared = scenario_schema(registry);
  list_sinks(document);
  std::string lost;
  for (const Node::Entry& section : document.entries)
    for (const Node::Entry& entry : section.value.entries)
      for (const Node::Entry& field : entry.value.entries) {
        const Node* there = once.find(section.key);
        for (const std::string& key : {entry.key, field.key}) there = there == nullptr ? nullptr : there->find(key);
        if (there == nullptr && declared.find("\"" + field.key + "\"") == std::string::npos)
          lost += section.key + "." + entry.key + "." + field.key + " ";
      }
  return lost;
}

/// What differs between a document and what is written of it; empty: nothing.
std::string differs(const Node& document, const std::string& path, const Registry& registry) {
  const Node once = write(document, registry);
  Problems problems;
  const std::optional<Node> again = read_yaml(yaml_text(once), "written.yaml", problems);
  if (!again) return "it is no YAML: " + format(problems.all().at(0));
  if (canonical(*again) != canonical(once)) return "as YAML it is another document";
  if (const Node twice = write(*again, registry); canonical(twice) != canonical(once)) return "written again it is another:\n" + yaml_text(once) + yaml_text(twice);
  const std::vector<std::string> library{RETWIN_SOURCE_DIR "/scenarios/library"};
  const Scenario given = compile_scenario(document, path, registry, library), written = compile_scenario(*again, path, registry, library);
  if (given.plant->structure_hash != written.plant->structure_hash) return "another structure";
  if (given.reporting.functional_units.size() != written.reporting.functional_units.size()) return "other functional units";
  if (given.run.duration_s != written.run.duration_s || given.run.warmup_s != written.run.warmup_s || given.run.year_s != written.run.year_s ||
      given.run.seed != written.run.seed || given.run.replications != written.run.replications || given.run.day0 != written.run.day0 ||
      given.run.terminating != written.run.terminating || given.run.confidence != written.run.confidence)
    return "another run";
  Simulation a = plants::start(given), b = plants::start(written);
  const double until_s = std::min(given.run.duration_s, 3 * 86400.0);
  a.advance(until_s), b.advance(until_s);
  const auto told = plants::tell(a), other = plants::tell(b);
  for (const auto& [name, value] : told)
    if (const auto it = other.find(name); it == other.end() || it->second != value) return "another run: " + name;
  return {};
}

std::vector<std::string> shipped() {
  std::vector<std::string> files;
  for (const char* folder : {"plants", "what-if"})
    for (const auto& file : fs::directory_iterator(std::string(RETWIN_SOURCE_DIR "/scenarios/") + folder))
      if (file.path().extension() == ".yaml") files.push_back(file.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

Node document_of(const std::string& path) {
  Problems problems;
  const std::optional<Node> document = load_document(path, {}, problems, plants::registry());
  problems.throw_if_errors();
  return *document;
}

/// A unit operation that reads a field and does not write it, as one does that keeps it only where there is a node.
class Forgetful final : public UnitOperation {
 public:
  void fields(Fields& f) override {
    if (f.node() != nullptr) f.quantity("planted", planted_, dimension::none, Range::share(), "forgotten");
  }
  std::vector<PortInfo> ports() const override { return {{"kept", ""}, {"thrown", ""}}; }
  void process(Job& job) const override {
    for (int i = 0; i < job.inputs(); ++i) job.pass(i, job.uniform(static_cast<std::uint64_t>(i)) < planted_ ? 1 : 0);
  }

 private:
  double planted_ = 0.5;
};

}  // namespace

TEST_CASE("every shipped scenario is read the same from what is written of it") {
  REQUIRE(shipped().size() >= 15);
  for (const std::string& file : shipped()) {
    CAPTURE(file);
    const Node document = document_of(file);
    CHECK(differs(document, file, plants::registry()) == "");
    CHECK(lost_fields(document, plants::registry()) == "");
  }
}

TEST_CASE("a field that is read and not written is found") {
  Registry registry = plants::registry();
  registry.unit_operations["forgetful"] = {"forgets", "", [] { return std::make_unique<Forgetful>(); }};
  const Node document = plants::parse(R"(
sources: {s: {every: 1 min, to: f}}
stations: {f: {unit: forgetful, planted: 20 %, duration: 30 s, to: {kept: out, thrown: waste}}}
sinks: [out, waste]
)");
  CHECK(differs(document, "t.yaml", registry).starts_with("another run"));
  CHECK(lost_fields(document, registry) == "stations.f.planted ");
}

TEST_CASE("every notation of a value is read the same from what is written of it") {
  for (const char* text : {
           "{count: 5}", "{duration: {gamma: {mean: 100 s, shape: 3}}}", "{duration: {erlang: {k: 3, mean: 1 min}}}",
           "{duration: {weibull: {shape: 1.7, mean: 7 s}}}", "{duration: {hyperexponential: {mean: 5 s, scv: 4.7}}}",
           "{duration: {discrete: {2 h: 0.3, 4 h: 0.7, 5.1 h: 0.1}}}", "{duration: {empirical: [4 s, 1 s, 9.7 s]}}",
           "{duration: {normal: {mean: 10 s, sd: 3 s, shift: 0.7 s, min: 1.3 s, max: 12.1 s}}}",
           "{duration: {mixture: [{weight: 3, exponential: 2 min, shift: 1 s}, {weight: 1, constant: 5 s}]}}",
           "{duration: {exponential: {rate: 7/h}}}", "{duration: {beta: {alpha: 2, beta: 3, low: 1 s, high: 9.3 s}}}",
           "{duration: {triangular: {low: 1 s, mode: 2.2 s, high: 3 s}}, throughput: 0}", "{duration: 3 min + 2 s}",
           "{duration: 10 s, buffer: {count: 20, mass: 60 t, mixed: true}}", "{duration: 10 s, buffer: 15 m3}", "{duration: 10 s, buffer: unlimited}",
           "{duration: 10 s, priority: -5}", "{duration: 10 s, dispatch: {largest: age}}", "{duration: 10 s, dispatch: lifo}",
           "{duration: 10 s, consumes: {steam: {per_mass: 3 kg/t, idle: 2.7 kg/h}, heat: 5 kW, bags: 3, water: 10 m3/h}}",
           "{duration: 10 s, servers: unlimited}", "{phases: [{name: swap, duration: 3 s, needs: {crew: 1}}, {duration: 1 min, attended: false}]}",
           "{duration: 10 s, calendar: two_shift, at_shift_end: finish}",
           "{duration: 10 s, fails: {jam: {every: 3 h, repair: 5 min, job: scrap}}, maintenance: {oil: {after_jobs: 70, duration: 1 h}}}",
           "{duration: 10 s, confidence: estimate, source: \"# a: b\"}"}) {
    Problems ignored;
    Node station = plants::parse(text);
    station.erase("throughput"), station.erase("count");
    if (station.find("duration") == nullptr && station.find("phases") == nullptr) station.at("duration") = Node::scalar("5 s");
    station.at("to") = Node::scalar("out");
    Node document = plants::parse(R"(
sources: {s: {every: {exponential: 20 s}, attributes: {grade: {A: 30 %, "b: c": 0.7}, weight: {exponential: {mean: 3}}, kind_: "5"}, to: f}}
stations: {f: {}}
resources: {crew: 2}
sinks: [out]
)");
    document.at("stations").at("f") = station;
    CAPTURE(text);
    CHECK(differs(document, "t.yaml", plants::registry()) == "");
  }
}

TEST_CASE("names that YAML would take for something else are read the same from what is written of them") {
  const std::vector<std::string> pieces{"a", "b: c", "#", "\"", "'", "~", "yes", "null", "5", "12 %", "-3", "{", "]", "\n", "站", "\xF0\x9F\x94\x8B", ", ",
                                        "- x", "&", "*", "!", "|", ">", "@", "%", "\\", "2026-01-05", "1e3", "=", "true", "<<", "? "};
  int quoted = 0;
  for (std::uint64_t number = 0; number < 400; ++number) {
    const Draws draws{number, 11};
    auto name = [&, k = std::uint64_t{0}]() mutable {
      std::string text;
      for (std::uint64_t n = 0; n <= static_cast<std::uint64_t>(draws.uniform(++k) * 3); ++n)
        text += pieces[static_cast<std::size_t>(draws.uniform(100 + ++k) * static_cast<double>(pieces.size()))];
      return text;
    };
    Specs specs;
    specs.name = name();
    specs.doc = name();
    StationSpec& station = specs.stations.emplace_back().spec;
    station.name = "st" + std::to_string(number);
    station.group = name();
    station.duration.set(Distribution::constant(5));
    station.effort.text = name();
    station.calendar.text = name();
    station.needs.add(name(), 2);
    RouteSpec route;
    route.kind = RouteKind::cases;
    route.options.resize(2);
    route.options[0].target.text = "n" + name();
    route.options[0].when.text = name();
    route.options[1].target.text = "a";
    station.to.set(route);
    SourceSpec& source = specs.sources.emplace_back().spec;
    source.name = "src";
    source.to.set("st" + std::to_string(number));
    source.attributes.add({{name(), {}}, {}, {}, {{name(), 1.0}}});
    HeadSpec head;
    head.extends.text = name();
    const std::string text = yaml_text(write_scenario(head, specs, {}), {{"stations", name()}, {"", name()}});
    CAPTURE(text);
    Problems problems;
    const std::optional<Node> node = read_yaml(text, "t.yaml", problems);
    REQUIRE(node.has_value());
    Specs again;
    HeadSpec other;
    read_fields(*node, "", problems, {[&](Fields& f) { again.fields(f, {}); }, [&](Fields& f) { other.fields(f); }});
    for (const Problem& problem : problems.all()) FAIL_CHECK(format(problem));
    CHECK(again.name == specs.name);
    CHECK(again.doc == specs.doc);
    CHECK(other.extends.text == head.extends.text);
    REQUIRE(again.stations.size() == 1);
    const StationSpec& s = again.stations[0].spec;
    CHECK(s.group == station.group);
    CHECK(s.effort.text == station.effort.text);
    CHECK(s.calendar.text == station.calendar.text);
    REQUIRE(s.needs.needs().size() == 1);
    CHECK(s.needs.needs()[0].first.text == station.needs.needs()[0].first.text);
    REQUIRE(s.to.ports().size() == 1);
    CHECK(s.to.ports()[0].second.options[0].when.text == route.options[0].when.text);
    REQUIRE(again.sources[0].spec.attributes.entries().size() == 1);
    const auto &a = again.sources[0].spec.attributes.entries()[0], &b = source.attributes.entries()[0];
    CHECK(a.name.text == b.name.text);
    CHECK(a.categories == b.categories);
    CHECK(canonical(write_scenario(other, again, {})) == canonical(write_scenario(head, specs, {})));
    quoted += text.find('"') != std::string::npos;
  }
  CHECK(quoted > 300);
}

}  // namespace retwin::writing_test
