// Scenario by scenario, figure by figure.
#include "core/report/regress_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "core/base/table_json.hpp"
#include "core/base/text.hpp"

namespace retwin {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_changed = 15;

std::size_t not_passed(const Regressed& one) {
  return static_cast<std::size_t>(std::count_if(one.judged.begin(), one.judged.end(), [](const Judged& j) { return !j.ok(); }));
}

/// ` name="text"`: what an attribute of XML must not have is escaped, what no document may have is a question mark.
std::string attribute(const char* name, std::string_view text) {
  std::string out = fmt::format(" {}=\"", name);
  for (const char c : one_line(text)) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else out += c;
  }
  return out + '"';
}

std::string what_changed(const Regressed& one) {
  std::string out;
  for (std::size_t k = 0; k < std::min(most_changed, one.changes.size()); ++k) out += (k == 0 ? "" : ", ") + one.changes[k].path;
  if (one.changes.size() > most_changed) out += fmt::format(" and {} more", one.changes.size() - most_changed);
  return out.empty() ? "nothing but the program" : out;
}

}  // namespace

Table regress_table(const std::vector<Regressed>& all) {
  std::vector<std::pair<std::string, Judged>> rows;
  for (const Regressed& one : all)
    for (const Judged& judged : one.judged) rows.emplace_back(one.scenario, judged);
  return gate_table(rows, "Scenario");
}

std::string regress_text(const std::vector<Regressed>& all) {
  std::string out;
  std::size_t failed = 0;
  for (const Regressed& one : all) {
    out += fmt::format("{}: {}, against {}\n", one.scenario, one.ok() ? "passed" : "not passed", one.against);
    if (!one.changes.empty()) {
      const std::vector<DocumentChange> first(
          one.changes.begin(), one.changes.begin() + static_cast<std::ptrdiff_t>(std::min(most_changed, one.changes.size())));
      out += "  changed since the figures were kept:\n" + changes_table(first).text();
      if (one.changes.size() > first.size()) out += fmt::format("  and {} more\n", one.changes.size() - first.size());
    }
    if (one.changes.empty() && !one.identical())
      out += fmt::format(
          "  the scenario and its files are as they were when the figures were kept: the program has changed (kept by retwin {})\n",
          one.kept_by);
    for (const Judged& judged : one.judged) out += "  " + sentence(judged) + "\n";
    failed += one.ok() ? 0 : 1;
  }
  return out +
         (failed == 0 ? fmt::format("\nall {} passed\n", all.size()) : fmt::format("\n{} of {} did not pass\n", failed, all.size()));
}

std::string regress_json(const std::vector<Regressed>& all) {
  Json json = {{"passed", std::all_of(all.begin(), all.end(), [](const Regressed& r) { return r.ok(); })}, {"scenarios", Json::array()}};
  for (const Regressed& one : all) {
    const Table table = regress_table({one}), changes = changes_table(one.changes);
    json["scenarios"].push_back({{"scenario", one.scenario},
                                 {"baseline", one.baseline},
                                 {"against", one.against},
                                 {"passed", one.ok()},
                                 {"changes", json_rows<Json>(changes)},
                                 {"figures", json_rows<Json>(table)}});
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string regress_junit(const std::vector<Regressed>& all) {
  std::size_t tests = 0, failures = 0;
  for (const Regressed& one : all) tests += one.judged.size(), failures += not_passed(one);
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"retwin regress\" tests=\"{}\" failures=\"{}\">\n", tests, failures);
  for (const Regressed& one : all) {
    out += "  <testsuite" + attribute("name", one.scenario) +
           fmt::format(" tests=\"{}\" failures=\"{}\">\n", one.judged.size(), not_passed(one));
    for (const Judged& judged : one.judged) {
      out += "    <testcase" + attribute("classname", one.scenario) + attribute("name", judged.condition.text);
      if (judged.ok()) {
        out += "/>\n";
        continue;
      }
      const std::string message = sentence(judged) + "; changed since the figures were kept: " + what_changed(one);
      out +=
          ">\n      <failure" + attribute("type", verdict_name(judged.verdict)) + attribute("message", message) + "/>\n    </testcase>\n";
    }
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace retwin
