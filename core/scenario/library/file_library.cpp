// Looking up library documents by name.
#include "core/scenario/library/file_library.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "core/base/files.hpp"
#include "core/scenario/document/document.hpp"

namespace retwin {
namespace fs = std::filesystem;

const Node* FileLibrary::document(const std::string& name, const Place& from, Problems& problems) {
  if (const auto it = documents_.find(name); it != documents_.end()) return it->second.get();
  std::unique_ptr<Node>& slot = documents_[name];
  const bool inside = name.find("..") == std::string::npos && !name.empty() && name.front() != '/';
  for (const std::string& folder : folders_) {
    const std::string path = (fs::path(folder) / (name + ".yaml")).string();
    std::error_code ignored;
    if (!inside || !fs::is_regular_file(path, ignored)) continue;
    if (auto node = read_yaml_file(path, problems, from)) {
      slot = std::make_unique<Node>(std::move(*node));
      hashes_[name] = sha256_hex(canonical(*slot));
    }
    return slot.get();
  }
  const auto slash = name.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : name.substr(0, slash);
  const std::string near = nearest(slash == std::string::npos ? name : name.substr(slash + 1), list(folder));
  problems.error(Code::library, from, "", "the library has no document " + name,
                 near.empty() ? "see retwin list" : "did you mean " + (folder.empty() ? near : folder + "/" + near) + "?");
  return nullptr;
}

CsvReader FileLibrary::table(const Located& name, const std::string& path, Problems& problems) {
  const auto known = tables_.find(name.text);
  if (known != tables_.end()) {
    hashes_[name.text] = sha256_hex(known->second);
    return CsvReader::from_text(known->second, name.text, problems);
  }
  CsvReader reader(path, problems, ',', name.place);
  if (reader.open()) hashes_[name.text] = sha256_of_file(path);
  return reader;
}

std::vector<std::string> FileLibrary::list(const std::string& folder) {
  std::vector<std::string> names;
  for (const std::string& root : folders_) {
    std::error_code ignored;
    for (fs::directory_iterator it(fs::path(root) / folder, ignored), end; it != end; it.increment(ignored))
      if (it->path().extension() == ".yaml") names.push_back(it->path().stem().string());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

namespace {

/// The program or the shared object that this code belongs to; empty if that cannot be told.
fs::path own_file() {
  std::error_code failed;
  Dl_info own{};
  // of a program this is the word it was called by, which a path has only if it has a slash
  const bool named = ::dladdr(reinterpret_cast<const void*>(&default_library_folders), &own) != 0 && own.dli_fname != nullptr;
  if (named && std::string_view(own.dli_fname).find('/') != std::string_view::npos)
    if (const fs::path file = fs::canonical(own.dli_fname, failed); !failed) return file;
  fs::path program = fs::read_symlink("/proc/self/exe", failed);
  return failed ? fs::path() : program;
}

/// Where an installation has its scenarios: share/retwin beside the own file or above it (bin/retwin, lib/python3.11/dist-packages/retwin);
/// else those of the sources.
std::string share_folder() {
  constexpr int highest = 5;
  fs::path folder = own_file().parent_path();
  std::error_code ignored;
  for (int level = 0; level < highest && folder.has_relative_path(); ++level, folder = folder.parent_path())
    if (const fs::path share = folder / "share/retwin"; fs::is_directory(share / "library", ignored)) return share.string();
  return RETWIN_SHARE;
}

}  // namespace

std::vector<std::string> default_library_folders() {
  static const std::string share = share_folder();
  std::vector<std::string> folders;
  if (const char* folder = std::getenv("RETWIN_LIBRARY")) folders.emplace_back(folder);
  folders.push_back(share + "/library");
  return folders;
}

}  // namespace retwin
