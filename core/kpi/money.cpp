// Money: what is paid for what is used, bought, worked and invested, and what is earned.
#include <fmt/format.h>

#include <map>

#include "core/kpi/accounts.hpp"

namespace retwin {
namespace {

/// Amount of a source or sink in the unit of its price: mass that is paid for, and lots.
double worth(const PriceLine& line, const Window& w) {
  const bool source = line.of == PriceLine::Of::source;
  double sum = 0;
  for (std::size_t c = 0; c < line.share.size() && line.per_unit != 0; ++c)
    if (line.share[c] != 0) sum += line.per_unit * line.share[c] * (source ? w.source_kg(line.index, c) : w.sink_kg(line.index, c));
  if (line.per_lot == 0) return sum;
  return sum + line.per_lot * w.change([&](const Reading& r) {
    return source ? static_cast<double>(r.accounts.sources[line.index].made - r.accounts.sources[line.index].lost)
                  : static_cast<double>(r.accounts.sinks[line.index].lots);
  });
}

Paid paid_by(const PriceLine& line, const KpiInput& in, const Groups& groups) {
  const Window& w = in.window;
  Paid out{&line, {}, line.about.estimate};
  switch (line.of) {
    case PriceLine::Of::flow:
      for (const auto& [group, use] : groups) {
        out.groups.emplace_back(group, line.per_unit * use.amount[line.index]);
        out.estimate = out.estimate || use.estimate[line.index];
      }
      break;
    case PriceLine::Of::labour:
      out.groups.emplace_back(line.group, line.per_unit * (line.during ? paid_duty_s(w.plant(), line, w.begin_s(), w.end_s())
                                                                         : w.length_s() * w.average([&](const Reading& r) { return r.pools[line.index].offered; })));
      break;
    case PriceLine::Of::source:
      out.groups.emplace_back(line.group, worth(line, w));
      break;
    case PriceLine::Of::sink: {
      const double CNY = worth(line, w);
      for (const auto& [group, part] : filled_by(w, line.index)) out.groups.emplace_back(group, part * CNY);
      break;
    }
    case PriceLine::Of::fixed:
      out.groups.emplace_back(line.group, line.per_unit * w.length_s() / in.year_s);
      break;
  }
  return out;
}

struct Sum {
  double CNY = 0;
  bool estimate = false;
  void add(double amount, bool estimated) {
    CNY += amount;
    estimate = estimate || (estimated && amount != 0);
  }
};

struct Sums {
  Sum cost, revenue;
  std::map<std::string, Sum> kinds;
};

Sums sums_of(const std::vector<Paid>& all, const std::function<double(const std::string&)>& share) {
  Sums sums;
  for (const Paid& one : all)
    for (const auto& [group, CNY] : one.groups) {
      const double mine = CNY * share(group);
      (one.line->revenue ? sums.revenue : sums.cost).add(mine, one.estimate);
      if (!one.line->revenue) sums.kinds[one.line->kind].add(mine, one.estimate);
    }
  return sums;
}

/// @param per what the sums are divided by, in the unit
void tell(const Sums& sums, double per, const std::string& at, const std::string& unit, KpiList& out) {
  const bool estimate = sums.cost.estimate || sums.revenue.estimate;
  out.ratio(at + "cost", sums.cost.CNY, per, unit, "what is paid, by the prices that are stated", sums.cost.estimate);
  for (const auto& [kind, sum] : sums.kinds) out.ratio(at + "cost." + kind, sum.CNY, per, unit, "of the cost: " + kind, sum.estimate);
  out.ratio(at + "revenue", sums.revenue.CNY, per, unit, "what products earn", sums.revenue.estimate);
  out.ratio(at + "margin", sums.revenue.CNY - sums.cost.CNY, per, unit, "revenue less cost", estimate);
}

}  // namespace

std::vector<Paid> paid(const KpiInput& in, const Groups& groups) {
  std::vector<Paid> out;
  if (!in.reporting.accounts) return out;
  for (const PriceLine& line : in.reporting.accounts->prices) out.push_back(paid_by(line, in, groups));
  return out;
}

double earned(const KpiInput& in, Index sink) {
  double CNY = 0;
  if (in.reporting.accounts)
    for (const PriceLine& line : in.reporting.accounts->prices)
      if (line.revenue && line.of == PriceLine::Of::sink && line.index == sink) CNY += worth(line, in.window);
  return CNY;
}

void money_kpis(const KpiInput& in, KpiList& out) {
  if (!in.reporting.accounts || in.reporting.accounts->prices.empty()) return;
  const std::vector<Paid> all = paid(in, use_by_group(in));
  const double years = in.window.length_s() / in.year_s;
  const std::string at = "money.", unit = "CNY/a";
  tell(sums_of(all, [](const std::string&) { return 1.0; }), years, at, unit, out);
  std::map<std::string, Sum> groups;
  for (const Paid& one : all)
    for (const auto& [group, CNY] : one.groups)
      if (!one.line->revenue) groups[group].add(CNY, one.estimate);
  for (const auto& [group, sum] : groups)
    out.ratio(at + "group." + (group.empty() ? "none" : group), sum.CNY, years, unit, group.empty() ? "cost that belongs to no group" : "cost of the group", sum.estimate);
  for (const Paid& one : all)
    out.ratio(at + "price." + one.line->name, one.total(), years, unit,
              fmt::format("{}: {} at {}", one.line->revenue ? "earned" : "paid", one.line->kind, one.line->price), one.estimate);
}

void money_per_unit(const std::vector<Paid>& all, const std::function<double(const std::string&)>& share, double tonnes, const std::string& at, KpiList& out) {
  if (!all.empty()) tell(sums_of(all, share), tonnes, at, "CNY/t", out);
}

}  // namespace retwin
