// A file under a temporary name that takes the place of another when it is complete; several take their places together.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/file_guard.hpp"
#include "core/base/problem.hpp"

namespace retwin {

/// Why nothing can be put in the place of what is there: a folder, a file that may not be written, an input of this command or of the
/// files of a set.
std::optional<Problem> refusal_to_replace(const std::string& path);

/// The new file has the mode of the old one; a symbolic link stays, and what it leads to is replaced. What is no regular file (a pipe,
/// /dev/null) is written directly.
class Replacement {
 public:
  /// Makes the folders and an empty temporary file. @throws InputError (file, conflict)
  explicit Replacement(std::string path);
  ~Replacement();  ///< not complete: nothing is left behind
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;

  const std::string& path() const { return path_; }  ///< as it was asked for
  const std::string& name() const { return direct() ? target_ : temporary_; }  ///< what is to be written
  bool direct() const { return temporary_.empty(); }
  /// All is written and closed: it gets its name, or, while a FileSet lives, will get it with the others. @throws InputError (file)
  static void complete(std::unique_ptr<Replacement> file);
  /// @throws InputError (file) with what the system says
  [[noreturn]] void fail(const std::string& why) const;

 private:
  friend class FileSet;
  void sync() const;
  void take_place();
  std::string path_, target_, temporary_;
  std::optional<ListedTemporary> listed_;
};

/// While one lives, the files that this thread completes get their names only at commit(), one right after the other in the order of
/// completion, when all are on the disk. One within another leaves that to the outer one.
class FileSet {
 public:
  /// @param made_from none of these is replaced, also where inputs are not guarded
  explicit FileSet(std::vector<std::string> made_from = {});
  ~FileSet();  ///< without commit(): nothing is left behind
  FileSet(const FileSet&) = delete;
  FileSet& operator=(const FileSet&) = delete;
  /// All files or none, but for a disk that fails between two renamings. @throws InputError (file)
  void commit();

 private:
  friend class Replacement;
  friend std::optional<Problem> refusal_to_replace(const std::string& path);
  static bool made_from(const std::string& path);
  FileSet* outer_;
  std::vector<std::string> made_from_;
  std::vector<std::unique_ptr<Replacement>> complete_;
};

}  // namespace retwin
