// The list of files that a run writes.
#include "core/base/files.hpp"
#include "core/report/report.hpp"

namespace retwin {
namespace {

using MakeTable = Table (*)(const Scenario&, const Results&);

Exporter as_csv(const std::string& name, const std::string& doc, MakeTable make) {
  return {name, name + ".csv", doc, [make](const Scenario& s, const Results& r) { return make(s, r).csv(); }, make};
}

}  // namespace

const std::vector<Exporter>& exporters() {
  static const std::vector<Exporter> all{
      {"result", "result.json", "everything of the result", result_json, {}},
      as_csv("kpis", "one row per figure", kpis_table),
      as_csv("stations", "one row per station", stations_table),
      as_csv("buffers", "one row per buffer", buffers_table),
      as_csv("auxiliaries", "one row per load that belongs to no station", auxiliaries_table),
      as_csv("bottleneck", "what each method says of each station", bottleneck_table),
  };
  return all;
}

void write_reports(const std::string& folder, const Scenario& scenario, const Results& results) {
  FileSet files;
  const std::vector<Exporter>& all = exporters();
  for (auto exporter = all.rbegin(); exporter != all.rend(); ++exporter)  // the result itself appears last
    write_file(folder + "/" + exporter->file, exporter->text(scenario, results));
  files.commit();
}

}  // namespace retwin
