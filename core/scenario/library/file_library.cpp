// Looking up library documents by name.
#include "core/scenario/library/file_library.hpp"

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

std::vector<std::string> default_library_folders() {
  std::vector<std::string> folders;
  if (const char* folder = std::getenv("RETWIN_LIBRARY")) folders.emplace_back(folder);
  folders.emplace_back(std::string(RETWIN_SHARE) + "/library");
  return folders;
}

}  // namespace retwin
