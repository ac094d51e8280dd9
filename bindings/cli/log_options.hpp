// The options that name an event log, shared by the subcommands that read one.
#pragma once
#include <string>

#include "core/telemetry/readers/read_log.hpp"

namespace CLI {
class App;
}

namespace retwin::cli {

struct LogOptions {
  std::string path;
  ReadLogOptions read;
  std::string zone;
  void declare(CLI::App& app, bool required = true);
  void declare_columns(CLI::App& app, bool resources = true);  ///< all but LOG itself @param resources they count
  void declare_further_columns(CLI::App& app);  ///< that services may depend on
  /// Reads and cleans the log; what was found goes to standard error. @throws InputError
  EventLog load() const { return load(path); }
  EventLog load(const std::string& file) const;  ///< another one with the same columns
  EventLog load_other(const std::string& file) const;  ///< one that may have been written elsewhere: where it has not the columns that are named, those that are recognised count
};

/// The option --window: a WindowRule or "auto". @param what its text, before "became of cases open ..."
void declare_window(CLI::App& app, std::string& rule, const std::string& what);
/// A share: "2/3", "0.66", "66 %". @throws InputError (range) named after the option
double share_of(const std::string& text, const char* option);
/// A time as logs write it, since 1970-01-01 in UTC [s]; `zone_s` is the offset of one that names no zone.
/// @throws InputError (range) named after the option
double time_of(const std::string& text, const char* option, double zone_s = 0);
/// A time such as "5 min", at least `least_s` [s]. @throws InputError (range, unit) named after the option
double duration_of(const std::string& text, const char* option, double least_s);

}  // namespace retwin::cli
