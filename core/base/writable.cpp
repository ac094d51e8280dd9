// Looks at what is there, and at the nearest folder that exists.
#include "core/base/writable.hpp"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "core/base/problem.hpp"
#include "core/base/replacement.hpp"

namespace retwin {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void refuse_place(const std::string& path, const std::string& why, const std::string& hint) {
  Place place;
  place.file = path;
  throw InputError({{Code::file, Severity::error, place, {}, "cannot write here: " + why, hint}});
}

}  // namespace

void check_writable(const std::string& path, bool folder) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (folder && fs::exists(status) && !fs::is_directory(status)) refuse_place(path, "this is no folder", "name another folder");
  if (!folder)
    if (std::optional<Problem> refusal = refusal_to_replace(path)) throw InputError({std::move(*refusal)});
  if (!folder && fs::exists(status) && !fs::is_regular_file(status)) return;  // a pipe or a device
  fs::path parent = fs::absolute(path, ignored);
  if (!folder) parent = parent.parent_path();
  while (!fs::exists(parent, ignored) && parent.has_relative_path()) parent = parent.parent_path();
  if (!fs::is_directory(parent, ignored)) refuse_place(path, parent.string() + " is no folder", "name a place within a folder");
  if (::access(parent.c_str(), W_OK | X_OK) != 0)
    refuse_place(path, parent.string() + ": " + std::generic_category().message(errno), "name another place");
}

}  // namespace retwin
