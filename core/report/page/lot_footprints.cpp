// One pair of sweeps; what they say of lots that the page does not tell of is dropped on the way.
#include "core/report/page/lot_footprints.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "core/base/problem.hpp"
#include "core/base/table_json.hpp"
#include "core/ledger/footprint.hpp"
#include "core/ledger/totals.hpp"

namespace retwin {
namespace {

using nlohmann::json;

class LotRows {
 public:
  LotRows(const Scenario& scenario, const Moves& moves, const EdgeSummary& summary)
      : totals_(*scenario.plant, scenario.reporting, Measure::carbon, summary.paid) {
    for (std::uint32_t k = 0; k < moves.lots.size(); ++k) number_.emplace(moves.lots[k].id, k);
    for (std::size_t c = 0; c < totals_.size(); ++c) {
      const std::string& name = totals_.names()[c];
      scope_.push_back(place(scopes_, totals_.scope(c)));
      stage_.push_back(place(stages_, name.substr(name.find('.') + 1)));
    }
  }

  void add(FootprintOf of, std::uint64_t lot, double open_share, std::span<const double> columns) {
    const auto found = number_.find(lot);
    if (found == number_.end()) return;
    std::vector<double> by_scope(scopes_.size()), by_stage(stages_.size());
    double sum = 0;
    for (std::size_t c = 0; c < columns.size() && c < totals_.size(); ++c) {
      by_scope[scope_[c]] += columns[c];
      if (totals_.scope(c) == 0) continue;
      by_stage[stage_[c]] += columns[c];
      sum += columns[c];
    }
    std::uint32_t number = found->second;
    lots_.append(reinterpret_cast<const char*>(&number), sizeof number);
    of_ += static_cast<char>(of);
    open_.push_back(open_share);
    kg_.insert(kg_.end(), by_scope.begin(), by_scope.end());
    for (const double kg : by_stage)
      shares_ += static_cast<char>(sum > 0 ? std::lround(255 * std::clamp(kg / sum, 0.0, 1.0)) : 0);
  }

  json part() const {
    return {{"scopes", scopes_},
            {"stages", stages_},
            {"lots", base64(lots_)},
            {"of", base64(of_)},
            {"open", base64_floats(open_)},
            {"kg", base64_floats(kg_)},
            {"shares", base64(shares_)}};
  }

 private:
  template <class T>
  static std::size_t place(std::vector<T>& among, const T& one) {
    const auto found = std::find(among.begin(), among.end(), one);
    const auto at = static_cast<std::size_t>(found - among.begin());
    if (found == among.end()) among.push_back(one);
    return at;
  }
  const Totals totals_;
  std::unordered_map<std::uint64_t, std::uint32_t> number_;
  std::vector<int> scopes_;
  std::vector<std::string> stages_;
  std::vector<std::size_t> scope_, stage_;  ///< of each column
  std::string lots_, of_, shares_;
  std::vector<double> open_, kg_;
};

/// Whether something that was used, or its factor, is an estimate.
bool rests_on_estimates(const Scenario& scenario, const EdgeSummary& summary) {
  const Reporting& reporting = scenario.reporting;
  const auto used = [&](const Factor& factor) {
    return factor.estimate && std::any_of(summary.used.begin(), summary.used.end(), [&](const auto& flows) {
             return factor.flow < flows.size() && flows[factor.flow] != 0;
           });
  };
  return std::any_of(reporting.factors.begin(), reporting.factors.end(), used) ||
         std::any_of(reporting.passing.begin(), reporting.passing.end(), [](const Passing& passing) { return passing.estimate; });
}

}  // namespace

void add_footprints(Page& page, const Scenario& scenario, const Moves& moves, const Ledger* ledger) {
  if (!ledger) return page.text("no_footprints", "the plant has no emission factors");
  LotRows rows(scenario, moves, ledger->summary);
  try {
    footprints(*scenario.plant, scenario.reporting, *ledger->edges, ledger->summary, Measure::carbon, scenario.run.year_s,
               [&](FootprintOf of, std::uint64_t lot, double open_share, std::span<const double> columns) {
                 rows.add(of, lot, open_share, columns);
               });
  } catch (const InputError& error) {
    return page.text("no_footprints", error.problems().front().message);
  }
  json part = rows.part();
  part["begin_s"] = ledger->summary.begin_s;
  part["until_s"] = ledger->summary.end_s;
  part["estimate"] = rests_on_estimates(scenario, ledger->summary);
  page.part("footprints", json_line(part));
}

}  // namespace retwin
