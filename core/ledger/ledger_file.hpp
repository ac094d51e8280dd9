// A ledger on the disk: the edges of a run in an SQLite file, about a thousand jobs a row, and what they do not say.
#pragma once
#include <optional>
#include <string>

#include "core/base/sqlite_file.hpp"
#include "core/ledger/edge_collector.hpp"

namespace retwin {

/// Written under a temporary name until it is complete.
class LedgerWriter {
 public:
  explicit LedgerWriter(const std::string& path);
  /// Takes the blocks as they come. It must stay where it is while they do.
  EdgeWriter::Sink sink();
  void commit(const EdgeSummary& summary, const Plant& plant, const std::string& scenario);

 private:
  SqliteFile file_;
  std::optional<SqliteStatement> insert_;
  std::size_t blocks_ = 0;
};

class LedgerFile : public EdgeStore {
 public:
  /// @throws InputError (file, structure): it is no ledger, it is damaged, or of a plant of another structure
  LedgerFile(const std::string& path, const Plant& plant);
  std::size_t blocks() const override { return blocks_; }
  std::string block(std::size_t number) const override;
  const EdgeSummary& summary() const { return summary_; }

 private:
  void read_summary(const Plant& plant);
  void check_blocks() const;
  [[noreturn]] void damaged(const std::string& why) const;
  mutable SqliteFile file_;
  mutable std::optional<SqliteStatement> select_;
  std::size_t blocks_ = 0;
  EdgeSummary summary_;
};

}  // namespace retwin
