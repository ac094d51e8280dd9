// Tables of a line's validation window by window.
#include "core/report/line_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/table.hpp"
#include "core/base/text.hpp"
#include "core/base/units.hpp"

namespace retwin {
namespace {

std::string count(const LineCount& c) { return fmt::format("{:.0f} / {:.1f}", c.log, c.twin); }

}  // namespace

std::string text_report(const LineValidation& v) {
  std::string out = fmt::format(
      "{} against {}, window by window from the state of the log, {} simulations each\nEvents in common: longest common "
      "subsequence, +-{:.6g} s, as share of the longer sequence\n\n",
      one_line(v.scenario), one_line(v.log), v.replications, v.tolerance_s);
  std::vector<std::string> heads{"Window", "all"};
  heads.insert(heads.end(), v.stations.begin(), v.stations.end());
  Table agreement = Table::for_people(heads);
  const auto add = [&](const std::string& name, const LineAgreement& all, const std::vector<LineAgreement>& stations) {
    std::vector<Cell> row{name, fmt::format("{:.3f}", all.share())};
    for (const LineAgreement& s : stations) row.emplace_back(fmt::format("{:.3f}", s.share()));
    agreement.row(row);
  };
  for (const LineWindow& w : v.windows) add(format_second(w.begin_s), w.all, w.stations);
  add("all", v.all, v.of_station);
  out += agreement.text();
  heads = {"Log / twin", "parts made"};
  for (const std::string& zone : v.zones) heads.push_back(zone);
  Table counts = Table::for_people(heads);
  for (const LineWindow& w : v.windows) {
    std::vector<Cell> row{format_second(w.end_s), count(w.made)};
    for (const LineCount& zone : w.zones) row.emplace_back(count(zone));
    counts.row(row);
  }
  counts.row({"all", count(v.made)});
  out += "\n" + counts.text();
  for (const std::string& note : v.notes) out += "  " + note + "\n";
  return out;
}

std::vector<std::pair<std::string, Table>> tables_of(const LineValidation& v) {
  Table windows({time_column("begin"), time_column("end"), number_column("agreement", "1", "events in common, as share of the longer sequence"),
                 number_column("made_log", "lots", "parts finished at the last machines"), number_column("made_twin", "lots", "mean of the simulations")});
  for (const LineWindow& w : v.windows) windows.row({w.begin_s, w.end_s, w.all.share(), w.made.log, w.made.twin});
  Table stations({text_column("station"), number_column("agreement", "1", "over all windows")});
  for (std::size_t s = 0; s < v.stations.size(); ++s) stations.row({v.stations[s], v.of_station[s].share()});
  return {{"windows", std::move(windows)}, {"stations", std::move(stations)}};
}

std::string json_report(const LineValidation& v) {
  using Json = nlohmann::ordered_json;
  const auto both = [](const LineCount& c) { return Json{{"log", c.log}, {"twin", c.twin}}; };
  const auto shares = [&](const std::vector<LineAgreement>& stations) {
    Json json;
    for (std::size_t s = 0; s < stations.size(); ++s) json[v.stations[s]] = stations[s].share();
    return json;
  };
  Json json{{"scenario", v.scenario},       {"log", v.log},
            {"tolerance_s", v.tolerance_s}, {"replications", v.replications},
            {"agreement", v.all.share()},   {"stations", shares(v.of_station)},
            {"made", both(v.made)}};
  for (const LineWindow& w : v.windows) {
    Json row{{"begin", format_second(w.begin_s)},
             {"seconds", w.end_s - w.begin_s},
             {"agreement", w.all.share()},
             {"stations", shares(w.stations)},
             {"made", both(w.made)}};
    for (std::size_t z = 0; z < w.zones.size(); ++z) row["zones_at_end"][v.zones[z]] = both(w.zones[z]);
    json["windows"].push_back(std::move(row));
  }
  json["notes"] = v.notes;
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace retwin
