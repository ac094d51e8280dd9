// Care for the files of a whole command: none of its inputs is overwritten, and no temporary file outlives it.
#pragma once
#include <atomic>
#include <string>

namespace retwin {

/// From now on inputs are remembered and temporary files are listed: for a program that runs one command and ends. Elsewhere (a Python
/// session may well write again what it has read) nothing is an input, and remove_temporaries() finds none.
void guard_files();

/// A file that was opened for reading.
void note_input(const std::string& path);
/// Whether a file is one of these, under whatever name.
bool is_input(const std::string& path);

/// A temporary file, or a folder listed before what is in it, while it is about.
class ListedTemporary {
 public:
  explicit ListedTemporary(const std::string& path);
  ~ListedTemporary();
  ListedTemporary(const ListedTemporary&) = delete;
  ListedTemporary& operator=(const ListedTemporary&) = delete;

 private:
  std::atomic<bool>* there_ = nullptr;
};

/// Removes the temporary files that are about. Handlers of signals may call it; afterwards nothing may be written.
void remove_temporaries() noexcept;

}  // namespace retwin
