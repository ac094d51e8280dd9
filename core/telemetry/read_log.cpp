// From extensions to readers.
#include "core/telemetry/read_log.hpp"

#include <string_view>

#include "core/telemetry/ocel_log.hpp"
#include "core/telemetry/xes_log.hpp"

namespace retwin {
namespace {

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

EventLog read_by_format(const std::string& path, const ReadLogOptions& options) {
  std::string_view name = path;
  if (ends_with(name, ".gz")) name.remove_suffix(3);
  if (ends_with(name, ".xes")) {
    XesLogOptions xes;
    xes.stamps = options.stamps;
    return read_xes_log(path, xes);
  }
  for (const char* extension : {".sqlite", ".db", ".json", ".jsonocel"})
    if (ends_with(name, extension)) {
      OcelLogOptions ocel;
      ocel.case_type = options.mapping.lot;
      ocel.stamps = options.stamps;
      return read_ocel_log(path, ocel).events;
    }
  CsvLogOptions csv;
  csv.stamps = options.stamps;
  return read_csv_log(path, options.mapping, csv);
}

}  // namespace

EventLog read_log(const std::string& path, const ReadLogOptions& options) {
  EventLog log = read_by_format(path, options);
  clean(log, options.clean);
  return log;
}

}  // namespace retwin
