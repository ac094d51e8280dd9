// The file of a study: what every replication of every point came to, on the disk as soon as it is known.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "core/base/sqlite_file.hpp"
#include "core/base/table.hpp"
#include "core/study/study.hpp"

namespace retwin {

/// One replication of one point.
struct StudyRow {
  std::string point;     ///< see Space::text
  std::int64_t replication = 0;
  std::string manifest;  ///< of the scenario of the point, see Task
  std::string digest;    ///< of the state at its end
  std::string error;     ///< why there are no figures
  std::vector<FigureValue> figures;
};

/// Rows by point, replication and manifest, in an SQLite file (or in memory, without a name). A program that is killed loses what it was
/// about to run and nothing else; whoever goes on finds the rest. One writer at a time.
class StudyFile {
 public:
  /// Opens the file of this study, or begins one. @throws InputError (file) if it is no study or damaged; (conflict) if it is another
  /// study's: then nothing has been changed
  StudyFile(std::string path, const Study& study);

  const StudyRow* find(const std::string& point, std::int64_t replication, const std::string& manifest) const;
  bool knows(const std::string& point) const;
  void put(StudyRow row);
  /// What has been put is kept, whatever happens next.
  void flush();
  std::size_t size() const { return rows_.size(); }
  std::vector<StudyRow> rows() const;  ///< in the order of their keys
  const std::string& path() const { return path_; }

  /// Takes what other files of the same study have. @throws InputError (file, conflict)
  void take(const std::string& other, const Study& study);
  /// Written anew in the order of its keys, so that the same rows are the same bytes, with a table for people and other programs
  /// if it has columns.
  void complete(const Table& results);

 private:
  using Key = std::tuple<std::string, std::int64_t, std::string>;
  void open(const Study& study);
  void load(SqliteFile& file, const Study& study);

  std::string path_;
  std::unique_ptr<SqliteFile> file_;
  SqliteStatement insert_;
  std::map<Key, StudyRow> rows_;
  std::map<std::string, std::string> head_;
  bool open_transaction_ = false;
};

}  // namespace retwin
