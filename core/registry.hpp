// Names of things that can be plugged in (unit operations, kinds of lots, KPIs, exporters, log readers) and how to make them.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/expression.hpp"
#include "core/base/table.hpp"
#include "core/flow/matter/unit_operation.hpp"

namespace retwin {

struct EventLog;
struct KpiInput;
class KpiList;
struct ReadLogOptions;
struct Results;
struct Scenario;

/// One entry of a list of makers.
template <class T>
struct Maker {
  std::string doc;  ///< one sentence
  std::string example;  ///< fields beside the name as a YAML map; every law is run on it ("" for none needed)
  std::function<std::unique_ptr<T>()> make;
  std::string sha256 = {};  ///< of code that the program around this one brings along, see ForeignFunction; "": it is our own
};

/// Adds figures (of a domain, for instance) to the list; which ones, and their order, depends on the plant and the reporting only.
using KpiMaker = std::function<void(const KpiInput&, KpiList&)>;
struct KpiEntry {
  std::string doc;  ///< one sentence
  KpiMaker add;
};

/// One file of a result, by its name: what `run --out` writes, `run --table` prints, Result.table() gives.
struct Exporter {
  std::string name;
  std::string file;  ///< name within the folder
  std::string doc;   ///< one sentence
  std::function<std::string(const Scenario&, const Results&)> text;
  std::function<Table(const Scenario&, const Results&)> table;  ///< of those that are one
  std::function<bool(const Scenario&)> applies;                 ///< to this plant; empty: to any
};
/// An exporter of a table as `name`.csv.
Exporter table_exporter(const std::string& name, const std::string& doc, std::function<Table(const Scenario&, const Results&)> table,
                        std::function<bool(const Scenario&)> applies = {});

/// One format of event logs.
struct LogReader {
  std::string doc;  ///< one sentence
  std::function<bool(const std::string& path)> takes;  ///< whether a file is of it, by its name or its first bytes
  std::function<EventLog(const std::string& path, const ReadLogOptions& options)> read;
};

/// Reads library documents by name ("materials/steel"); looks beside the plant first, then in the installed library.
class Library {
 public:
  virtual ~Library() = default;
  /// The document, or null (then a problem `library` with near names was added).
  virtual const Node* document(const std::string& name, const Place& from, Problems& problems) = 0;
  virtual std::vector<std::string> list(const std::string& folder) = 0;
};

/// Everything the generic half can be given; the models fill it, one line each.
struct Registry {
  std::map<std::string, Maker<UnitOperation>> unit_operations;
  std::map<std::string, Maker<LotMaker>> lots;
  std::map<std::string, std::shared_ptr<const ForeignFunction>, std::less<>> functions;  ///< of expressions, beside their own
  std::function<Substances(Library&, Problems&)> substances;
  std::map<std::string, KpiEntry> kpis;   ///< beside those of every plant; of every run, in the order of their names
  std::vector<Exporter> exporters;        ///< in the order in which they are told of
  std::map<std::string, LogReader> readers;

  const Exporter* exporter(const std::string& name) const;
  /// Those that are tables.
  std::vector<std::string> names_of_tables() const;
};

}  // namespace retwin
