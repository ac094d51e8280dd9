// The lines that are the same in both sums are those of no lot: jobs in hand, weeks without jobs, loads of no station.
#include "core/ledger/footprint.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "core/base/problem.hpp"
#include "core/ledger/rules_and_prices.hpp"

namespace retwin {
namespace {

constexpr double tolerance = 1e-9;

class Account {
 public:
  Account(const Plant& plant, const Reporting& reporting, const EdgeStore& edges, const EdgeSummary& summary, Measure of, double year_s, const FootprintVisit& visit)
      : plant_(plant), reporting_(reporting), edges_(edges), summary_(summary), totals_(plant, reporting, of, summary.paid), of_(of), year_s_(year_s), visit_(visit) {}

  Footprints run() {
    done_.of = of_;
    Sweep sweep(edges_, summary_, totals_, plant_.substances);
    borne(sweep);
    caused(sweep);
    done_.most_lots = sweep.most_lots();
    of_no_lot();
    std::vector<double> all(totals_.size());
    for (Index k = 0; k < summary_.used.size(); ++k)
      for (Index f = 0; f < summary_.used[k].size(); ++f) totals_.add(k, f, summary_.used[k][f], all.data());
    add_auxiliaries(all);
    done_.plant = of(all);
    if (of_ == Measure::money) of_people_and_years();
    check(done_.caused);
    check(done_.borne);
    return std::move(done_);
  }

 private:
  Burden of(const std::vector<double>& columns) const {
    Burden burden;
    for (std::size_t c = 0; c < totals_.size(); ++c) {
      const int scope = totals_.scope(c);
      (scope == 0 ? burden.credit : burden.sum) += columns[c];
      if (scope > 0) burden.part[static_cast<std::size_t>(scope) - 1] += columns[c];
    }
    return burden;
  }
  static void count(FootprintLine& line, double kg, const Burden& burden) {
    ++line.lots;
    line.kg += kg;
    line.burden += burden;
  }

  void borne(Sweep& sweep) {
    std::vector<FootprintLine> lines;
    for (const Sink& sink : plant_.sinks) lines.push_back({"sink " + sink.name + (sink.role.empty() ? "" : " (" + sink.role + ")"), 0, 0, {}});
    const Index lost_at = plant_.source_node(0);
    FootprintLine elsewhere{"lost, or used up", 0, 0, {}}, there{"lots still in the plant", 0, 0, {}};
    sweep.forward([&](const Swept& lot) {
      const Burden burden = of(lot.columns);
      const std::size_t sink = lot.place - plant_.n_stations();
      const bool at_sink = lot.place >= plant_.n_stations() && sink < lines.size();
      count(at_sink ? lines[sink] : elsewhere, lot.lot.kg, burden);
      if (lot.place >= lost_at) turned_away_.insert(lot.lot.id);
      if (!at_sink) return;
      done_.ended.push_back({lot.lot, static_cast<std::uint32_t>(sink), lot.now, burden, 0});
      if (visit_) visit_(FootprintOf::borne, lot.lot.id, 0, lot.columns);
    });
    elsewhere.burden += of(sweep.lost());
    sweep.each_left([&](std::uint64_t id, const Carried& carried) {
      const std::vector<double> columns = carried.sum();
      const Burden burden = of(columns);
      left_[id] = burden;
      there.burden += burden;
      if (visit_) visit_(FootprintOf::carried, id, 1, columns);
    });
    there.lots = left_.size();
    done_.borne = std::move(lines);
    done_.borne.push_back(elsewhere);
    done_.borne.push_back(there);
  }

  void caused(Sweep& sweep) {
    FootprintLine gone{"lots from outside, all gone", 0, 0, {}}, open{"lots from outside, partly still there", 0, 0, {}},
        before{"from before the ledger", 0, 0, {}}, away{"lots that their source lost", 0, 0, {}};
    sweep.backward(
        [&](const Swept& lot) {
          LotFootprint one{lot.lot, lot.place, lot.now, of(lot.columns), lot.open_kg / (lot.lot.kg > 0 ? lot.lot.kg : 1)};
          if (turned_away_.contains(lot.lot.id)) return count(away, lot.lot.kg, one.burden);
          const bool initial = lot.place != none && lot.place >= plant_.sources.size();
          count(initial ? before : one.open_share > closed_share ? open : gone, lot.lot.kg, one.burden);
          if (visit_) visit_(initial ? FootprintOf::caused_since : FootprintOf::caused, lot.lot.id, one.open_share, lot.columns);
          done_.origins.push_back(std::move(one));
        },
        [&](const Swept& lot) {
          const auto found = left_.find(lot.lot.id);
          done_.running.push_back({lot.lot, lot.place, 0, found == left_.end() ? Burden() : found->second, 1});
        });
    std::reverse(done_.origins.begin(), done_.origins.end());
    sweep.each_left([&](std::uint64_t, const Carried& carried) {
      std::vector<double> sum = carried.sum();
      sum.pop_back();
      count(before, 0, of(sum));
    });
    done_.caused = {gone, open, before};
    if (away.lots > 0) done_.caused.push_back(away);
  }

  void add_auxiliaries(std::vector<double>& columns) const {
    const double s = summary_.end_s - summary_.begin_s;
    for (Index k = 0; k < reporting_.auxiliaries.size(); ++k) {
      const Auxiliary& auxiliary = reporting_.auxiliaries[k];
      const Index place = Totals::place_of_auxiliary(plant_, k);
      totals_.add(place, plant_.electricity, auxiliary.power_W * s, columns.data());
      for (const auto& [flow, per_s] : auxiliary.consumes) totals_.add(place, flow, per_s * s, columns.data());
    }
  }

  void of_no_lot() {
    std::vector<double> hand(totals_.size()), idle = hand, loads = hand;
    for (Index k = 0; k < plant_.n_stations(); ++k)
      for (Index f = 0; f < summary_.in_hand[k].size(); ++f) totals_.add(k, f, summary_.in_hand[k][f], hand.data());
    for (const auto& [key, week] : summary_.weeks)
      if (week.jobs == 0)
        for (const Part& flow : week.flows) totals_.add(key.first, flow.of, flow.amount, idle.data());
    add_auxiliaries(loads);
    for (auto* lines : {&done_.caused, &done_.borne}) {
      lines->push_back({"jobs in hand at the end", 0, 0, of(hand)});
      lines->push_back({"unallocated: weeks of a station without a job", 0, 0, of(idle)});
      lines->push_back({"unallocated: loads of no station", 0, 0, of(loads)});
    }
  }

  /// What is paid whether there are jobs or not.
  void of_people_and_years() {
    Burden idle, fixed;
    for (const PriceLine& line : reporting_.accounts->prices) {
      if (line.of == PriceLine::Of::fixed) fixed.sum += line.per_unit * (summary_.end_s - summary_.begin_s) / year_s_;
      if (line.of != PriceLine::Of::labour) continue;
      double at_work_s = 0;
      const auto flow = static_cast<Index>(plant_.flows.size() + totals_.paid(line.name));
      for (const std::vector<double>& used : summary_.used) at_work_s += used[flow];
      idle.sum += line.per_unit * ((line.during ? paid_duty_s(plant_, line, summary_.begin_s, summary_.end_s) : summary_.on_duty_s[line.index]) - at_work_s);
    }
    idle.part[static_cast<std::size_t>(Totals::people) - 1] = idle.sum;
    for (auto* lines : {&done_.caused, &done_.borne}) {
      lines->push_back({"unallocated: people on duty, at no job that has ended", 0, 0, idle});
      lines->push_back({"unallocated: fixed costs", 0, 0, fixed});
    }
    done_.plant += idle;
    done_.plant += fixed;
  }

  void check(const std::vector<FootprintLine>& lines) {
    Burden sum;
    for (const FootprintLine& line : lines) sum += line.burden;
    const double scale = std::abs(done_.plant.sum) + std::abs(done_.plant.credit);
    const double off = std::abs(sum.sum - done_.plant.sum) + std::abs(sum.credit - done_.plant.credit);
    if (off > 0) done_.error = std::max(done_.error, off / scale);
    if (!(off <= tolerance * scale))
      refuse(Code::file, "ledger", "the ledger does not add up to what the plant used: an edge is missing, or was changed",
             "write it again, with `retwin run ... --ledger FILE`");
  }

  const Plant& plant_;
  const Reporting& reporting_;
  const EdgeStore& edges_;
  const EdgeSummary& summary_;
  Totals totals_;
  Measure of_;
  double year_s_;
  const FootprintVisit& visit_;
  Footprints done_;
  std::unordered_map<std::uint64_t, Burden> left_;
  std::unordered_set<std::uint64_t> turned_away_;
};

/// @param go one sweep; says the columns of the lot that it was about
template <class Go>
std::vector<Item> items(const Plant& plant, const Reporting& reporting, const EdgeStore& edges, const EdgeSummary& summary, Go go) {
  std::vector<Item> all;
  std::vector<Activity> activities;
  for (const Activity& activity : Totals::activities(plant, reporting))
    if (activity.place < summary.used.size() && summary.used[activity.place][activity.flow] != 0) activities.push_back(activity);
  for (std::size_t begin = 0; begin < activities.size(); begin += most_totals) {
    const std::span<const Activity> some = std::span(activities).subspan(begin, std::min(most_totals, activities.size() - begin));
    const Totals totals(plant, reporting, some, summary.paid.size());
    Sweep sweep(edges, summary, totals, plant.substances);
    std::vector<double> columns;
    go(sweep, columns);
    for (std::size_t k = 0; k < columns.size(); ++k)
      if (columns[k] != 0) all.push_back({some[k], columns[k]});
  }
  std::stable_sort(all.begin(), all.end(), [](const Item& a, const Item& b) { return a.kg > b.kg; });
  return all;
}

}  // namespace

void Burden::operator+=(const Burden& other) {
  sum += other.sum;
  credit += other.credit;
  for (std::size_t k = 0; k < part.size(); ++k) part[k] += other.part[k];
}

Footprints footprints(const Plant& plant, const Reporting& reporting, const EdgeStore& edges, const EdgeSummary& summary, Measure of, double year_s,
                      const FootprintVisit& visit) {
  return Account(plant, reporting, edges, summary, of, year_s, visit).run();
}

std::vector<double> earned_at_sinks(const Plant& plant, const Reporting& reporting, const EdgeSummary& summary) {
  std::vector<double> CNY(plant.sinks.size());
  if (!reporting.accounts) return CNY;
  for (const PriceLine& line : reporting.accounts->prices) {
    const auto paid = std::find(summary.paid.begin(), summary.paid.end(), line.name);
    if (!line.revenue || line.of != PriceLine::Of::sink || paid == summary.paid.end()) continue;
    const double amount = summary.used[plant.sink_node(line.index)][plant.flows.size() + static_cast<std::size_t>(paid - summary.paid.begin())];
    CNY[line.index] += amount * (line.per_lot != 0 ? line.per_lot : line.per_unit);
  }
  return CNY;
}

std::vector<Item> items_of_origin(const Plant& plant, const Reporting& reporting, const EdgeStore& edges, const EdgeSummary& summary, std::uint64_t lot) {
  return items(plant, reporting, edges, summary, [lot](Sweep& sweep, std::vector<double>& columns) {
    sweep.backward([&](const Swept& root) {
      if (root.lot.id == lot) columns = root.columns;
    });
  });
}

std::vector<Item> items_of_end(const Plant& plant, const Reporting& reporting, const EdgeStore& edges, const EdgeSummary& summary, std::uint64_t lot) {
  return items(plant, reporting, edges, summary, [lot](Sweep& sweep, std::vector<double>& columns) {
    sweep.forward([&](const Swept& ended) {
      if (ended.lot.id == lot) columns = ended.columns;
    });
  });
}

std::vector<Swept> origins_of(const Plant& plant, const Reporting& reporting, const EdgeStore& edges, const EdgeSummary& summary, std::uint64_t lot) {
  std::vector<Swept> all;
  const Totals totals(plant, reporting, {}, summary.paid.size());
  Sweep sweep(edges, summary, totals, plant.substances);
  sweep.matter_of(lot, [&](const Swept& root) {
    if (root.open_kg > 0) all.push_back(root);
  });
  std::stable_sort(all.begin(), all.end(), [](const Swept& a, const Swept& b) { return a.open_kg > b.open_kg; });
  return all;
}

}  // namespace retwin
