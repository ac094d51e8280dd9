// Names against names, before anything is read.
#include "bindings/cli/outputs.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/base/text.hpp"

namespace retwin::cli {
namespace fs = std::filesystem;
namespace {

struct FileOption {
  const CLI::App* app;
  const CLI::Option* option;
  bool output;
  Written all;
  std::string unnamed;
};

/// Of all subcommands, since a subcommand has no place of its own for them.
std::vector<FileOption>& file_options() {
  static std::vector<FileOption> all;
  return all;
}

struct NamedFile {
  const CLI::Option* option;
  std::string path;
};

/// The same file under two names; pipes and devices are not replaced, so they may be named twice.
bool same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  const fs::file_status status = fs::status(a, error);
  if (fs::exists(status) && !fs::is_regular_file(status)) return false;
  if (fs::equivalent(a, b, error)) return true;
  const auto plain = [](const std::string& path) {
    std::error_code none_there;
    const fs::path full = fs::absolute(path, none_there), canonical = fs::weakly_canonical(full, none_there);
    return canonical.empty() ? full.lexically_normal() : canonical;
  };
  return plain(a) == plain(b);
}

void check_name(const FileOption& file, const std::string& name) {
  const auto wrong = [&](const char* why) { throw CLI::ValidationError(file.option->get_name(), why); };
  if (name.empty()) wrong("an empty name names no file");
  const bool sound = invalid_utf8(name) == std::string::npos && one_line(name) == name;
  if (file.output && !sound) wrong("a name with control characters, or that is not UTF-8, cannot be told in other files");
}

}  // namespace

CLI::Option* reads(CLI::App& app, CLI::Option* option) {
  file_options().push_back({&app, option, false, {}, {}});
  return option;
}

CLI::Option* writes(CLI::App& app, CLI::Option* option, Written all, std::string unnamed) {
  if (!all) all = [](const std::string& name) { return std::vector<std::string>{name}; };
  file_options().push_back({&app, option, true, std::move(all), std::move(unnamed)});
  return option;
}

std::vector<std::string> beside(const std::string& path, std::initializer_list<const char*> endings) {
  const fs::path file(path);
  std::vector<std::string> all{path};
  for (const char* ending : endings) all.push_back((file.parent_path() / (file.stem().string() + ending)).string());
  return all;
}

void check_files(const CLI::App& app) {
  std::vector<NamedFile> inputs, outputs;
  for (const FileOption& file : file_options()) {
    if (file.app != &app) continue;
    std::vector<std::string> names = file.option->results();
    for (const std::string& name : names) check_name(file, name);
    if (names.empty() && !file.unnamed.empty()) names.push_back(file.unnamed);
    for (const std::string& name : names)
      for (const std::string& path : file.output ? file.all(name) : names)
        (file.output ? outputs : inputs).push_back({file.option, path});
  }
  const auto refuse_same = [](const NamedFile& output, const NamedFile& other, const char* what) {
    if (same_file(output.path, other.path))
      throw CLI::ValidationError(output.option->get_name(),
                                 one_line(fmt::format("{} is {} {}", output.path, what, other.option->get_name())));
  };
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    for (const NamedFile& input : inputs) refuse_same(outputs[k], input, "the input");
    for (std::size_t j = 0; j < k; ++j) refuse_same(outputs[k], outputs[j], "also written by");
  }
}

}  // namespace retwin::cli
