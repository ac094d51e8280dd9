// The library: YAML documents by name, looked up beside the plant first and then in the installed folders.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/base/files.hpp"
#include "core/registry.hpp"

namespace retwin {

/// Tables in memory, by the name that a scenario has for them: CSV as text.
using Tables = std::map<std::string, std::string>;

class FileLibrary : public Library {
 public:
  explicit FileLibrary(std::vector<std::string> folders, Tables tables = {}) : folders_(std::move(folders)), tables_(std::move(tables)) {}
  const Node* document(const std::string& name, const Place& from, Problems& problems) override;
  std::vector<std::string> list(const std::string& folder) override;
  /// A table that the scenario names: one in memory, else the file. @param name with its place in the scenario
  CsvReader table(const Located& name, const std::string& path, Problems& problems);
  /// SHA-256 of everything that was read, by name: of documents without regard to the order of their keys, of tables byte by byte.
  const std::map<std::string, std::string>& hashes() const { return hashes_; }
  /// Code that the program around this one brings along and that the scenario uses: an input like any file.
  void uses_foreign(const std::string& name, const std::string& sha256) {
    hashes_[name] = sha256;
    foreign_ = true;
  }
  bool foreign() const { return foreign_; }

 private:
  std::vector<std::string> folders_;
  Tables tables_;
  std::map<std::string, std::unique_ptr<Node>> documents_;  // a document that failed is kept as null: one report is enough
  std::map<std::string, std::string> hashes_;
  bool foreign_ = false;
};

/// Folders of the library: RETWIN_LIBRARY, and what is installed with the program or, where nothing is, that of the sources.
std::vector<std::string> default_library_folders();

}  // namespace retwin
