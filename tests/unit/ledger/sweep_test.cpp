// Footprints by hand: a cut, a joining with a bought reagent that reacts, a separation; and what a station uses beside its jobs.
#include "core/ledger/sweep.hpp"

#include <doctest/doctest.h>

#include <map>

namespace retwin::sweep_test {

namespace {

enum : std::uint16_t { A, B, R, P, Q };
enum : std::uint32_t { cut, join };

/// A is of element X, R of Y, P of both; A and R make P and Q.
Substances substances() {
  Substances s;
  s.components = {"A", "B", "R", "P", "Q"};
  s.elements = {"X", "Y"};
  s.fraction = {1, 0, 0, 0, 0, 1, .5, .5, 0, 1};
  return s;
}

Plant two_stations() {
  Plant plant;
  plant.stations.resize(2);
  plant.stations[cut].name = "cut";
  plant.stations[join].name = "join";
  plant.flows = {{"gas", {}}};
  return plant;
}

Reporting one_factor() {
  Reporting reporting;
  reporting.factors.resize(1);
  reporting.factors[0].kgCO2e_per_unit = 1;
  return reporting;
}

struct Book {
  EdgesInMemory edges;
  EdgeWriter writer{[this](std::string_view block, std::size_t) { edges.all.emplace_back(block); }, 2};  // blocks of two jobs
  Edge edge;

  Book& begin(EdgeKind kind, std::uint32_t place = 0, double used = 0) {
    edge = {};
    edge.kind = kind;
    edge.place = place;
    if (used > 0) edge.flows = {{0, used}};
    return *this;
  }
  EdgeLot lot(std::uint64_t id, const std::vector<Part>& masses) {
    EdgeLot lot{id, 0, 0, static_cast<std::uint32_t>(edge.masses.size()), static_cast<std::uint32_t>(masses.size())};
    for (const Part& part : masses) lot.kg += part.amount, edge.masses.push_back(part);
    return lot;
  }
  Book& in(std::uint64_t id, const std::vector<Part>& masses) { return edge.inputs.push_back(lot(id, masses)), *this; }
  Book& out(std::uint64_t id, const std::vector<Part>& masses) { return edge.outputs.push_back(lot(id, masses)), *this; }
  Book& of(std::uint64_t id, double kg) { return edge.inputs.push_back({id, kg}), *this; }
  void write() { writer.write(edge); }
};

/// Root 1 is cut in two, of which one stays; the other is joined with root 2 and a reagent, and what comes of it taken apart.
void fill(Book& book, double bought = 12) {
  book.begin(EdgeKind::root).of(1, 10).write();
  book.begin(EdgeKind::root).of(2, 30).write();
  book.begin(EdgeKind::job, cut, 100).of(1, 10).out(11, {{A, 4}}).out(12, {{A, 6}}).write();
  book.begin(EdgeKind::job, join, 440).in(12, {{A, 6}}).in(2, {{A, 10}, {B, 20}}).out(20, {{A, 12}, {B, 20}, {P, 8}, {Q, 8}});
  if (bought > 0) book.edge.created = {{R, bought}};
  book.edge.transmuted = {{A, -4}, {R, -12}, {P, 8}, {Q, 8}};
  book.write();
  book.begin(EdgeKind::pass, cut, 96).of(20, 48).write();
  book.begin(EdgeKind::job, cut, 48).of(20, 48).out(21, {{P, 8}}).out(22, {{A, 12}, {B, 20}, {Q, 8}}).write();
  book.begin(EdgeKind::end, 2).of(21, 8).write();
  book.begin(EdgeKind::end, 3).of(22, 40).write();
  book.writer.flush();
}

EdgeSummary summary_of(const Plant& plant) {
  EdgeSummary summary;
  summary.used.assign(plant.stations.size(), std::vector<double>(plant.flows.size()));
  summary.in_hand = summary.used;
  return summary;
}

struct Swept2 {
  std::map<std::uint64_t, double> caused, borne, open, left;
};
Swept2 sweep(const Book& book, const EdgeSummary& summary) {
  static const Plant plant = two_stations();
  const Totals totals(plant, one_factor());
  const Substances s = substances();
  Sweep sweep(book.edges, summary, totals, s);
  Swept2 found;
  sweep.forward([&](const Swept& lot) { found.borne[lot.lot.id] = totals.sum(lot.columns); });
  sweep.each_left([&](std::uint64_t id, const Carried& carried) { found.left[id] = carried.sum()[0]; });
  sweep.backward([&](const Swept& lot) {
    found.caused[lot.lot.id] = totals.sum(lot.columns);
    found.open[lot.lot.id] = lot.open_kg;
  });
  return found;
}

}  // namespace

TEST_CASE("what each lot from outside has caused, by hand") {
  Book book;
  fill(book);
  const Swept2 found = sweep(book, summary_of(two_stations()));
  // Later than the joining: 144 on 48 kg, 3 per kg. A: 36, of which 6/16 from 12. B: 60 from 2. P: 24, its X (half) of A as before, its
  // Y bought; Q: 24, bought. What was bought returns 36 to the job: 476, by mass 6 : 30.
  CHECK(found.caused.at(1) == doctest::Approx(100 + 13.5 + 4.5 + 476.0 / 6).epsilon(1e-12));
  CHECK(found.caused.at(2) == doctest::Approx(22.5 + 60 + 7.5 + 476.0 * 5 / 6).epsilon(1e-12));
  CHECK(found.open.at(1) == doctest::Approx(4));  // the piece that stays
  CHECK(found.open.at(2) == 0);
}

TEST_CASE("what each lot that left bears, by hand") {
  Book book;
  fill(book);
  const Swept2 found = sweep(book, summary_of(two_stations()));
  // 12 brings 60 on its A, a quarter of which goes into P; the joining and the pass lay 536 on 48 kg; the separation 1 on each kg.
  CHECK(found.borne.at(21) == doctest::Approx(8 * 536.0 / 48 + 15 + 8).epsilon(1e-12));
  CHECK(found.borne.at(22) == doctest::Approx(40 * 536.0 / 48 + 45 + 40).epsilon(1e-12));
  CHECK(found.left.at(11) == doctest::Approx(40).epsilon(1e-12));
  CHECK(found.left.size() == 1);
}

TEST_CASE("a product is made of the atoms that its reactants gave") {
  Book book;
  fill(book);
  const EdgeSummary summary = summary_of(two_stations());
  const Plant plant = two_stations();
  const Totals totals(plant, one_factor());
  const auto kg_of = [&](const Substances& s) {
    std::map<std::uint64_t, double> kg;
    Sweep sweep(book.edges, summary, totals, s);
    sweep.matter_of(21, [&](const Swept& root) { kg[root.lot.id] = root.open_kg; });
    return kg;
  };
  const auto kg = kg_of(substances());
  CHECK(kg.at(1) == doctest::Approx(1.5).epsilon(1e-12));
  CHECK(kg.at(2) == doctest::Approx(2.5).epsilon(1e-12));
  Substances blind = substances();  // control: by mass of the reactants it would be a quarter instead of half
  blind.elements.clear();
  blind.fraction.clear();
  CHECK(kg_of(blind).at(2) == doctest::Approx(1.25).epsilon(1e-12));
}

TEST_CASE("what a station uses beside its jobs is borne by its jobs of that week") {
  Book book;
  book.begin(EdgeKind::week);
  book.edge.week = 7;
  book.write();
  book.begin(EdgeKind::root).of(1, 1).write();
  book.begin(EdgeKind::pass, cut, 1).of(1, 1).write();
  book.begin(EdgeKind::root).of(2, 1).write();
  book.begin(EdgeKind::pass, cut, 1).of(2, 1).write();
  book.begin(EdgeKind::week, 2);
  book.edge.week = 9;
  book.write();
  book.begin(EdgeKind::root).of(3, 1).write();
  book.begin(EdgeKind::pass, cut, 1).of(3, 1).write();
  book.begin(EdgeKind::end, 2).of(1, 1).write();
  book.writer.flush();
  EdgeSummary summary = summary_of(two_stations());
  summary.last_week = 9;
  summary.weeks[{cut, 7}] = {2, {{0, 10}}};
  summary.weeks[{cut, 8}] = {0, {{0, 1000}}};
  summary.weeks[{cut, 9}] = {1, {{0, 30}}};
  const Swept2 found = sweep(book, summary);
  for (const std::uint64_t lot : {1, 2}) CHECK(found.caused.at(lot) == doctest::Approx(6));
  CHECK(found.caused.at(3) == doctest::Approx(31));
  CHECK(found.borne.at(1) == doctest::Approx(6));
  CHECK(found.left.at(3) == doctest::Approx(31));
  CHECK(found.open.at(1) == 0);
  CHECK(found.open.at(3) == 1);
}

TEST_CASE("a block that is cut short is damaged") {
  Book book;
  fill(book);
  book.edges.all.back().resize(book.edges.all.back().size() - 3);
  CHECK_THROWS(sweep(book, summary_of(two_stations())));
}

}  // namespace retwin::sweep_test
