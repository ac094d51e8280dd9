// Sorting by partition curves: the curve, limits and trade-offs, the sourced matrix at the default set-points, policies, bad input.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/base/problem.hpp"
#include "models/stations/particles.hpp"
#include "models/stations/partition.hpp"
#include "models/stations/streams.hpp"
#include "tests/laws/test_binder.hpp"

namespace retwin::sorting_test {
using namespace testing;

namespace {

struct Mill {
  TestBinder binder;
  TestBench bench{binder};

  int component(const char* name) { return binder.component(name); }
  TestLot of(std::initializer_list<std::pair<const char*, double>> kg) {
    TestLot lot{"char", {}, std::vector<double>(binder.substances().size())};
    for (const auto& [name, mass] : kg) lot.kg[static_cast<std::size_t>(component(name))] = mass;
    return lot;
  }
  /// What leaves by a port, in one.
  TestLot at(TestBench::Out& out, const std::string& port) {
    TestLot all{"char", {}, std::vector<double>(binder.substances().size())};
    for (const TestLot& lot : out[port]) {
      all.attributes = lot.attributes;
      for (std::size_t c = 0; c < all.kg.size(); ++c) all.kg[c] += lot.kg[c];
    }
    return all;
  }
  TestBench::Out run(const std::string& unit, const std::string& yaml, const std::vector<TestLot>& feed) {
    const auto operation = binder.operation(unit, yaml);
    TestBench::Out out = bench.run(*operation, feed);
    REQUIRE(bench.verdict == "");
    REQUIRE(bench.imbalance < 1e-9);
    return out;
  }
  /// Likewise with a machine that is made for just this feed.
  TestBench::Out rated(const std::string& unit, const std::string& fields, const TestLot& feed) {
    return run(unit, fmt::format("{{rated_feed: {:.15g} kg/h{}}}", feed.mass(), fields), {feed});
  }
  double share(const std::string& unit, const std::string& yaml, const std::string& port, const char* name) {
    TestBench::Out out = run(unit, yaml, {of({{name, 1500}})});
    return at(out, port).mass() / 1500;
  }
  void set(TestLot& lot, const char* attribute, double value) {
    const auto slot = static_cast<std::size_t>(binder.attribute(attribute, dimension::none, false));
    if (lot.attributes.size() <= slot) lot.attributes.resize(slot + 1);
    lot.attributes[slot] = value;
  }
};

std::vector<Problem> problems_of(const std::string& unit, const std::string& yaml) {
  TestBinder binder;
  try {
    binder.operation(unit, yaml);
  } catch (const InputError& error) {
    return error.problems();
  }
  return {};
}
bool has(const std::vector<Problem>& problems, Code code, const std::string& path, const std::string& hint) {
  for (const Problem& p : problems)
    if (p.code == code && p.path == path && p.hint.find(hint) != std::string::npos && p.place.line > 0) return true;
  return false;
}

/// 300 kg of cathode powder of .2 mm and 100 kg of foil of 1 mm, each of one size.
const std::string two_sizes = "rows: {NMC622: {size: 0.2 mm}, Al: {size: 1 mm}}";

}  // namespace

TEST_CASE("the partition curve is a half at the cut, rises, and knows 0 and infinity") {
  for (const double k : {0.3, 1.0, 6.0, 100.0}) {
    CHECK(partition_curve(2e-3, 2e-3, k) == 0.5);
    CHECK(partition_curve(3e-3, 2e-3, k) == doctest::Approx(1 / (1 + std::exp(-k * std::log(1.5)))));
    double last = -1;
    for (double x = 1e-6; x < 1; x *= 1.3) {
      const double now = partition_curve(x, 2e-3, k);
      CHECK(now >= last);
      last = now;
    }
  }
  constexpr double infinite = std::numeric_limits<double>::infinity();
  CHECK(partition_curve(1e-3, 0, 6) == 1);
  CHECK(partition_curve(1e-3, infinite, 6) == 0);
  CHECK(partition_curve(0, 1e-3, 6) == 0);
}

TEST_CASE("pieces fall as Stokes and Newton say, flakes the slower the thinner") {
  constexpr double thick = std::numeric_limits<double>::infinity();
  CHECK(settling_velocity(5e-6, 2000, thick) == doctest::Approx((2000 / 1.2 - 1) * 9.81 * 25e-12 / (18 * 1.5e-5)).epsilon(0.01));
  CHECK(settling_velocity(50e-3, 2000, thick) ==
        doctest::Approx(std::sqrt((2000 / 1.2 - 1) * 9.81 * 50e-3 / 0.75)).epsilon(0.01));
  CHECK(settling_velocity(20e-3, 2700, 15e-6) < 2);
  CHECK(settling_velocity(20e-3, 2700, 15e-6) ==
        doctest::Approx(settling_velocity(40e-3, 2700, 15e-6)).epsilon(0.05));  // whatever their edge
  CHECK(settling_velocity(20e-3, 2700, 15e-6) < settling_velocity(20e-3, 8960, 15e-6));
  CHECK(settling_velocity(20e-3, 8960, 15e-6) < settling_velocity(20e-3, 2700, 2e-3));
}

TEST_CASE("one size: the share is the curve; classes of Rosin-Rammler sum to 1 and have its median") {
  Mill mill;
  for (const double mm : {0.1, 0.2, 0.5, 3.0}) {
    const double share =
        mill.share("sieve", "{sharpness: 4, aperture: " + std::to_string(mm) + " mm, " + two_sizes + "}", "undersize", "NMC622");
    CHECK(share == doctest::Approx(1 / (1 + std::pow(0.2 / mm, 4))).epsilon(1e-9));
  }
  Particles wide;
  wide.size_m = 2e-3, wide.spread = 0.9, wide.density_kg_per_m3 = 2000;
  wide.classify();
  double all = 0, below = 0;
  for (std::size_t j = 0; j < wide.share.size(); ++j) {
    all += wide.share[j];
    if (wide.sizes_m[j] < 2e-3 * std::pow(std::log(2.0), 1 / 0.9)) below += wide.share[j];
  }
  CHECK(all == doctest::Approx(1).epsilon(1e-12));
  CHECK(below == doctest::Approx(0.5).epsilon(0.08));  // a class wide
}

TEST_CASE("a wider aperture gives more powder and a worse one; at the ends all is on one side") {
  Mill mill;
  double recovery = -1, impurity = -1;
  for (const char* aperture : {"0.1 mm", "0.3 mm", "0.5 mm", "1 mm", "2 mm", "8 mm"}) {
    CAPTURE(aperture);
    auto out =
        mill.run("sieve", std::string("{aperture: ") + aperture + "}", {mill.of({{"NMC622", 900}, {"Al", 300}, {"Cu", 300}})});
    const TestLot powder = mill.at(out, "undersize");
    const double recovered = powder.kg[static_cast<std::size_t>(mill.component("NMC622"))] / 900,
                 foreign = 1 - recovered * 900 / powder.mass();
    CHECK(recovered > recovery);
    CHECK(foreign > impurity);
    recovery = recovered, impurity = foreign;
  }
  CHECK(mill.share("sieve", "{aperture: 0 mm}", "undersize", "NMC622") == 0);
  CHECK(mill.share("sieve", "{aperture: 10 m}", "undersize", "NMC622") == doctest::Approx(1).epsilon(1e-6));
  CHECK(mill.share("air_sort", "{air_speed: 0 m/s}", "light", "Al") == 0);
  CHECK(mill.share("air_sort", "{air_speed: 1 km/s}", "light", "steel") == doctest::Approx(1).epsilon(1e-6));
}

TEST_CASE("more load makes a cut less sharp, a slow job a sharper one") {
  Mill mill;
  const std::string fields = "{aperture: 0.5 mm, rated_feed: 1.5 t/h, " + two_sizes + "}";
  const auto sieve = mill.binder.operation("sieve", fields);
  double last = 1;
  for (const double kg : {15.0, 1500.0, 6000.0, 60000.0}) {
    TestBench::Out out = mill.bench.run(*sieve, {mill.of({{"NMC622", kg}})});
    const double share = mill.at(out, "undersize").mass() / kg;
    CHECK(share < last);
    last = share;
  }
  CHECK(last > 0.5);
  CHECK(mill.share("magnet", "{belt_speed: 4 m/s}", "magnetic", "steel_module") <
        mill.share("magnet", "{}", "magnetic", "steel_module"));
  CHECK(mill.share("eddy_current", "{belt_speed: 3 m/s}", "far", "Al_module") <
        mill.share("eddy_current", "{}", "far", "Al_module"));
}

TEST_CASE("what has stayed on a sieve is coarse for those behind it") {
  Mill mill;
  auto out = mill.run("sieve", "{aperture: 0.5 mm}", {mill.of({{"NMC622", 1500}})});
  const std::vector<TestLot> coarse = out["oversize"], fine = out["undersize"];
  auto again = mill.run("sieve", "{aperture: 0.1 mm}", coarse);
  CHECK(mill.at(again, "undersize").mass() / coarse[0].mass() < 0.01);
  again = mill.run("sieve", "{aperture: 2 mm}", fine);
  CHECK(mill.at(again, "oversize").mass() / fine[0].mass() < 0.001);
  again = mill.run("sieve", "{aperture: 0.1 mm}", {mill.of({{"NMC622", 1500}})});
  CHECK(mill.at(again, "undersize").mass() / 1500 > 0.5);  // negative control: of a lot that no sieve has seen
}

TEST_CASE("with the default set-points the train gives the sourced matrix within 2 points for every component and outlet") {
  const auto worst_of = [](const std::string& aperture) {
    Mill mill;
    Partition matrix;
    const Components components(mill.binder);
    matrix.bind(components, "partition/thermomech", sorting_streams());
    matrix.without(offgas_stream);
    double worst = 0;
    int compared = 0;
    for (const char* chemistry : {"NMC622", "NMC811", "LFP"}) {
      const auto maker = mill.binder.lot("module", std::string("{chemistry: {") + chemistry + ": 100 %}, mass: 1500 kg}");
      auto out = mill.run("pyrolyse", "{}", {make_lot(mill.binder, *maker, "module", 0)});
      const TestLot feed = mill.at(out, "char");
      out = mill.rated("sieve", aperture, feed);
      std::array<TestLot, 6> streams;  // black mass, Cu, Al, steel, plastics, residue
      streams[0] = mill.at(out, "undersize");
      out = mill.rated("magnet", "", mill.at(out, "oversize"));
      streams[3] = mill.at(out, "magnetic");
      out = mill.rated("air_sort", "", mill.at(out, "rest"));
      streams[2] = mill.at(out, "light");
      out = mill.rated("eddy_current", "", mill.at(out, "heavy"));
      const TestLot far = mill.at(out, "far");
      for (std::size_t c = 0; c < far.kg.size(); ++c) streams[2].kg[c] += far.kg[c];
      streams[1] = mill.at(out, "middle");
      streams[5] = mill.at(out, "near");
      for (std::size_t c = 0; c < feed.kg.size(); ++c) {
        if (!(feed.kg[c] > 0)) continue;
        for (const std::size_t s : {0, 1, 2, 3, 5}) {
          CAPTURE(components.name(static_cast<int>(c)));
          CAPTURE(s);
          const double gap = std::abs(streams[s].kg[c] / feed.kg[c] - matrix.to(s)[c]);
          if (aperture.empty()) CHECK(gap < 0.02);
          worst = std::max(worst, gap);
          ++compared;
        }
      }
    }
    CHECK(compared >= 3 * 5 * 10);
    return worst;
  };
  CHECK(worst_of("") < 0.02);
  CHECK(worst_of(", aperture: 1 mm") > 0.02);  // negative control
}

TEST_CASE("a set-point may follow what was measured of a lot, and is held within what the machine can do") {
  Mill mill;
  const std::string k = ", sharpness: 4, load_effect: 0, " + two_sizes + "}";
  const auto sieve =
      mill.binder.operation("sieve", "{aperture: '0.1 mm + 2 mm * assay.Al + (label.chemistry == LFP ? 1 mm : 0 mm)'" + k);
  TestLot lean = mill.of({{"NMC622", 750}}), rich = lean;
  mill.set(lean, "assay.Al", 0.05);
  mill.set(rich, "assay.Al", 0.2);
  const auto& chemistries = mill.binder.categories(mill.binder.category("label.chemistry", {}, false));
  const auto index = [&](const char* name) {
    return static_cast<double>(std::find(chemistries.begin(), chemistries.end(), name) - chemistries.begin());
  };
  for (TestLot* lot : {&lean, &rich}) mill.set(*lot, "label.chemistry", index("NMC622"));
  const auto undersize = [&](const UnitOperation& operation, const TestLot& lot) {
    TestBench::Out out = mill.bench.run(operation, {lot});
    return mill.at(out, "undersize").mass() / lot.mass();
  };
  const auto exact = [](double mm) { return 1 / (1 + std::pow(0.2 / mm, 4)); };
  CHECK(undersize(*sieve, lean) == doctest::Approx(exact(0.2)).epsilon(1e-9));
  CHECK(undersize(*sieve, rich) == doctest::Approx(exact(0.5)).epsilon(1e-9));
  mill.set(rich, "label.chemistry", index("LFP"));
  CHECK(undersize(*sieve, rich) == doctest::Approx(exact(1.5)).epsilon(1e-9));
  TestBench::Out both = mill.bench.run(*sieve, {lean, rich});  // each for itself
  REQUIRE(both["undersize"].size() == 2);
  CHECK(both["undersize"][0].mass() < both["undersize"][1].mass());

  const auto below = mill.binder.operation("sieve", "{aperture: '0.1 mm - 2 mm * assay.Al'" + k);
  CHECK(undersize(*below, rich) == 0);
  const auto nothing = mill.binder.operation("sieve", "{aperture: '0.1 mm * (0 / assay.Cu)'" + k);
  CHECK(undersize(*nothing, rich) == 0);  // 0/0
}

TEST_CASE("a policy that follows the feed earns what a fixed aperture cannot: two feeds, optimum by hand") {
  // f(a) = P/(1 + (d/a)^k) - Q/(1 + (D/a)^k) is largest where x = a^k is (B - s A)/(s - 1), s = sqrt(Q B/(P A)), A = d^k, B = D^k.
  constexpr double d = 0.2, big = 1, k = 2, price = 1, penalty = 1;
  const double a = std::pow(d, k), b = std::pow(big, k);
  Mill mill;
  const std::string fields = ", sharpness: 2, load_effect: 0, " + two_sizes + "}";
  const auto worth = [&](const std::string& aperture, const TestLot& lot) {
    TestBench::Out out = mill.run("sieve", "{aperture: '" + aperture + "'" + fields, {lot});
    const TestLot powder = mill.at(out, "undersize");
    return price * powder.kg[static_cast<std::size_t>(mill.component("NMC622"))] -
           penalty * powder.kg[static_cast<std::size_t>(mill.component("Al"))];
  };
  const auto best = [&](double p, double q) {
    const double s = std::sqrt(q * b / (p * a));
    return std::pow((b - s * a) / (s - 1), 1 / k);  // [mm]
  };
  TestLot lean = mill.of({{"NMC622", 940}, {"Al", 60}}), rich = mill.of({{"NMC622", 700}, {"Al", 300}});
  mill.binder.operation("sieve", "{aperture: '1 mm * assay.Al'}");
  mill.set(lean, "assay.Al", 0.06), mill.set(rich, "assay.Al", 0.3);
  const double at_lean = best(940, 60), at_rich = best(700, 300);
  const double slope = (at_rich - at_lean) / 0.24;
  const std::string policy = fmt::format("{:.15g} mm + {:.15g} mm * assay.Al", at_lean - slope * 0.06, slope);
  const double followed = worth(policy, lean) + worth(policy, rich);
  double fixed = 0;
  for (double mm = 0.05; mm < 5; mm *= 1.02) {
    const std::string aperture = fmt::format("{:.15g} mm", mm);
    const double lean_worth = worth(aperture, lean), rich_worth = worth(aperture, rich);
    fixed = std::max(fixed, lean_worth + rich_worth);
    CHECK(lean_worth <= worth(policy, lean) * (1 + 1e-9));  // no aperture is better for either
    CHECK(rich_worth <= worth(policy, rich) * (1 + 1e-9));
  }
  CHECK(followed > fixed * 1.01);
}

TEST_CASE("bad input: all at once, each with code, place and hint") {
  const auto found = problems_of("sieve", "{aperture: -1 mm, sharpness: 0, rows: {alumnium: {size: 1 mm}, copper: {spread: 1}}}");
  CHECK(has(found, Code::range, "test.aperture", ""));
  CHECK(has(found, Code::range, "test.sharpness", ""));
  CHECK(has(found, Code::unknown_name, "test.rows.alumnium", ""));
  CHECK(has(found, Code::missing, "test.rows.copper.size", ""));

  CHECK(has(problems_of("sieve", "{aperture: 1 mm - 2 mm}"), Code::range, "test.aperture", "from 0"));
  CHECK(has(problems_of("sieve", "{aperture: 1 kg}"), Code::unit, "test.aperture", "write for instance"));
  CHECK(has(problems_of("sieve", "{aperture: 1 mm * assay.AI}"), Code::expression, "test.aperture", "did you mean assay.Al"));
  CHECK(has(problems_of("sieve", "{aperture: 1 mm * al_share}"), Code::expression, "test.aperture", "known: assay.Al"));
  CHECK(has(problems_of("sieve", "{aperture: 1 * assay.Al}"), Code::unit, "test.aperture", ""));
  CHECK(has(problems_of("air_sort", "{air_speed: -1 m/s, rows: {copper: {size: 1 mm}}}"), Code::range, "test.air_speed", ""));
  CHECK(has(problems_of("air_sort", "{air_speed: -1 m/s, rows: {copper: {size: 1 mm}}}"), Code::missing,
            "test.rows.copper.density", ""));
  CHECK(has(problems_of("sieve", "{rows: {copper: {size: 1 mm, density: 8960 kg/m3}}}"), Code::unknown_key,
            "test.rows.copper.density", ""));  // no matter here
  CHECK(has(problems_of("eddy_current", "{belt_speed: 0 m/s, far_splitter: -1}"), Code::range, "test.belt_speed", ""));
  CHECK(has(problems_of("eddy_current", "{belt_speed: 0 m/s, far_splitter: -1}"), Code::range, "test.far_splitter", ""));
  CHECK(problems_of("sieve", "{aperture: 1 mm + 1 mm * assay.Ni_Co + 1 mm * assay.carbon_black}").empty());
}

}  // namespace retwin::sorting_test
