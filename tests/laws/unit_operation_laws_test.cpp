// Laws of every registered unit operation, driven directly: elements balance, nothing leaks, outputs are finite and not negative.
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "models/materials/components.hpp"
#include "tests/laws/test_binder.hpp"

namespace retwin::unit_operation_laws_test {

using namespace testing;

namespace {

constexpr double tolerance = 1e-9;  // relative, per element

/// Feeds of one chemistry: packs, modules, cells, black mass, and random mixtures of everything the library knows.
std::vector<std::vector<TestLot>> feeds(TestBinder& binder, const std::string& chemistry, std::uint64_t seed) {
  std::vector<std::vector<TestLot>> out;
  const std::string mix = "{chemistry: {" + chemistry + ": 100 %}}";
  for (const char* kind : {"pack", "module", "cell", "black_mass"}) {
    const auto maker = binder.lot(kind, mix);
    std::vector<TestLot> lots;
    for (std::uint64_t n = 0; n < 1 + seed % 4; ++n) lots.push_back(make_lot(binder, *maker, kind, n, seed));
    out.push_back(lots);
  }
  TestLot soup = out.back()[0];
  for (std::size_t c = 0; c < soup.kg.size(); ++c) {
    const Draws draws{seed, stream_id("soup"), c};
    soup.kg[c] = draws.uniform(0) < 0.4 ? 0 : -std::log(draws.uniform(1)) * std::pow(10.0, 3 * draws.uniform(2) - 1);
  }
  out.push_back({soup, soup});
  TestLot thin = soup;  // one component only
  std::fill(thin.kg.begin(), thin.kg.end(), 0.0);
  thin.kg[seed % thin.kg.size()] = 12.5;
  out.push_back({thin});
  std::fill(thin.kg.begin(), thin.kg.end(), 0.0);
  out.push_back({thin});
  return out;
}

/// Lots with traces, as an operation leaves them that has taken all out but for rounding.
std::vector<TestLot> with_traces(std::vector<TestLot> lots, std::uint64_t seed) {
  for (TestLot& lot : lots)
    for (std::size_t c = 0; c < lot.kg.size(); ++c) {
      const Draws draws{seed, stream_id("traces"), c};
      if (draws.uniform(0) < 0.7) lot.kg[c] *= std::pow(10.0, -18 * draws.uniform(1));
    }
  return lots;
}

bool sound(const TestBench::Out& out) {
  for (const auto& [port, lots] : out)
    for (const TestLot& lot : lots) {
      for (double kg : lot.kg)
        if (!std::isfinite(kg) || kg < 0) return false;
      for (double a : lot.attributes)
        if (!std::isfinite(a)) return false;
    }
  return true;
}

/// Loses a millionth of what goes through it.
class Leaky final : public UnitOperation {
 public:
  void process(Job& job) const override {
    Material all = job.take(0);
    { const Material lost = all.extract(1e-6); }
    job.pass_with(0, 0, std::move(all));
  }
};

/// Turns graphite into iron, and weighs it generously.
class Alchemist final : public UnitOperation {
 public:
  explicit Alchemist(double gain) : gain_(gain) {}
  void bind(Binder& binder) override {
    from_ = binder.component("graphite");
    to_ = binder.component("Fe");
  }
  void process(Job& job) const override {
    Material all = job.take(0);
    job.transmute(all, from_, -1.0);
    job.transmute(all, to_, 1.0 + gain_);
    job.pass_with(0, 0, std::move(all));
  }

 private:
  double gain_;
  int from_ = 0, to_ = 0;
};

/// Sends its input through a port that it does not have.
class Elsewhere final : public UnitOperation {
 public:
  void process(Job& job) const override { job.pass(0, 3); }
};

/// Forgets one of its inputs.
class Forgetful final : public UnitOperation {
 public:
  void process(Job& job) const override { job.pass(0, 0); }
};

}  // namespace

TEST_CASE("every unit operation keeps every element, for every chemistry and feed") {
  TestBinder binder;
  TestBench bench(binder);
  const Components components(binder);
  REQUIRE(components.chemistries().size() >= 7);
  for (const auto& entry : binder.registry().unit_operations) {
    const std::string& name = entry.first;
    CAPTURE(name);
    const auto operation = binder.operation(name);
    double largest = 0;
    for (const std::string& chemistry : components.chemistries()) {
      CAPTURE(chemistry);
      for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        std::size_t number = 0;
        for (const std::vector<TestLot>& feed : feeds(binder, chemistry, seed)) {
          CAPTURE(number++);
          const TestBench::Out out = bench.run(*operation, feed, seed);
          REQUIRE(bench.verdict == "");
          REQUIRE(bench.imbalance <= tolerance);
          REQUIRE(sound(out));
          largest = std::max(largest, bench.imbalance);
        }
      }
    }
    CHECK(largest <= tolerance);
  }
}

TEST_CASE("no share among the figures, and no trace in the feed, lets anything leak") {
  std::size_t tried = 0;
  auto binder = std::make_unique<TestBinder>();
  const std::map<std::string, Maker<UnitOperation>> operations = binder->registry().unit_operations;
  for (const auto& [name, maker] : operations) {
    CAPTURE(name);
    const std::unique_ptr<UnitOperation> unread = maker.make();
    const auto schema = nlohmann::json::parse(schema_of([&](Fields& f) { unread->fields(f); }));
    for (const auto& [figure, about] : schema.at("properties").items()) {
      CAPTURE(figure);
      for (const char* value : {"0 %", "30 %", "100 %"}) {
        CAPTURE(value);
        Problems problems;
        auto fields = read_yaml(maker.example.empty() ? "{}" : maker.example, "example", problems);
        fields->at(figure) = Node::scalar(value);
        std::unique_ptr<UnitOperation> operation;
        try {
          operation = binder->operation(name, canonical(*fields));
        } catch (const InputError&) {  // no share
          binder = std::make_unique<TestBinder>();
          break;
        }
        TestBench bench(*binder);
        bench.floor = 1e-6;  // of a trace no more is known
        for (std::uint64_t seed = 1; seed <= 4; ++seed)
          for (const std::vector<TestLot>& feed : feeds(*binder, seed % 2 == 1 ? "NMC622" : "LFP", seed)) {
            const TestBench::Out out = bench.run(*operation, seed > 2 ? with_traces(feed, seed) : feed, seed);
            REQUIRE(bench.verdict == "");
            REQUIRE(bench.imbalance <= tolerance);
            REQUIRE(sound(out));
          }
        ++tried;
      }
    }
  }
  CHECK(tried > 60);
}

TEST_CASE("the same draws give the same outputs") {
  TestBinder binder;
  for (const auto& entry : binder.registry().unit_operations) {
    CAPTURE(entry.first);
    const auto operation = binder.operation(entry.first);
    const auto feed = feeds(binder, "NMC622", 3);
    TestBench one(binder), two(binder);
    for (const auto& lots : feed) {
      const auto a = one.run(*operation, lots, 7), b = two.run(*operation, lots, 7);
      REQUIRE(a.size() == b.size());
      for (const auto& [port, made] : a) {
        REQUIRE(b.at(port).size() == made.size());
        for (std::size_t i = 0; i < made.size(); ++i) REQUIRE(b.at(port)[i].kg == made[i].kg);
      }
    }
    CHECK(one.metered == two.metered);
  }
}

TEST_CASE("negative controls: a leak, a false transmutation and a forgotten lot are caught") {
  TestBinder binder;
  TestBench bench(binder);
  const auto maker = binder.lot("pack", "{chemistry: {LFP: 100 %}}");
  const TestLot pack = make_lot(binder, *maker, "pack", 0);

  bench.run(Leaky{}, {pack});
  CHECK(bench.verdict != "");
  CHECK(bench.imbalance > tolerance);

  Alchemist generous(1e-6);
  generous.bind(binder);
  bench.run(generous, {pack});
  CHECK(bench.verdict != "");

  Alchemist honest_weight(0);  // mass balances, elements do not: the law must see it although the job cannot
  honest_weight.bind(binder);
  bench.run(honest_weight, {pack});
  CHECK(bench.verdict == "");
  CHECK(bench.imbalance > tolerance);

  bench.run(Forgetful{}, {pack, pack});
  CHECK(bench.verdict != "");

  bench.run(Elsewhere{}, {pack});
  CHECK(bench.verdict == "an output leaves by port 3 of 1");
}

}  // namespace retwin::unit_operation_laws_test
