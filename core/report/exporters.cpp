// The list of files that a run writes.
#include "core/base/files.hpp"
#include "core/report/report.hpp"

namespace retwin {

const std::vector<Exporter>& exporters() {
  static const std::vector<Exporter> all{
      {"result.json", "everything of the result", result_json},
      {"kpis.csv", "one row per figure", kpis_csv},
      {"stations.csv", "one row per station", stations_csv},
      {"buffers.csv", "one row per buffer", buffers_csv},
      {"auxiliaries.csv", "one row per load that belongs to no station", auxiliaries_csv},
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
