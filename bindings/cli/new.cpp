// `retwin new`: a plant to begin with, as a commented file that runs.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>

#include "bindings/cli/command.hpp"
#include "bindings/cli/outputs.hpp"
#include "core/base/files.hpp"
#include "core/scenario/library/file_library.hpp"

namespace retwin::cli {
namespace fs = std::filesystem;
namespace {

const std::map<std::string, std::string> templates{{"line", "twelve"}, {"recycling", "demo"}};

struct Options {
  std::string path = "plant.yaml", template_name = "line";
};

/// The shipped plant beside the library.
fs::path shipped(const std::string& plant) {
  for (const std::string& library : default_library_folders())
    if (fs::path file = fs::path(library).parent_path() / "plants" / (plant + ".yaml"); fs::exists(file)) return file;
  refuse(Code::file, "command line", fmt::format("the plant {} that comes with this program is not beside its library", plant), "RETWIN_LIBRARY names the library's folder");
}

/// Its text, in which the file is called what the new one is.
std::string renamed(std::string text, const std::string& plant, const std::string& path) {
  const std::string own = "scenarios/plants/" + plant + ".yaml";
  for (std::size_t at = text.find(own); at != std::string::npos; at = text.find(own, at + path.size())) text.replace(at, own.size(), path);
  return text;
}

void begin(const Options& options) {
  if (fs::exists(options.path)) refuse(Code::file, options.path, "there is such a file already", "name another one: retwin new FILE");
  const std::string& plant = templates.at(options.template_name);
  check_writable(options.path, false);
  Problems problems;
  const std::optional<std::string> text = read_file(shipped(plant).string(), std::size_t{1} << 20, problems);
  problems.throw_if_errors();
  write_file(options.path, renamed(*text, plant, options.path));
  tell(fmt::format("wrote {}; next: retwin run {}\n", options.path, options.path));
}

}  // namespace

std::function<void()> declare_new(CLI::App& app) {
  auto options = std::make_shared<Options>();
  writes(app, app.add_option("FILE", options->path, "the new scenario; default: plant.yaml"), {}, options->path)->type_name("FILE");
  std::vector<std::string> names;
  for (const auto& [name, plant] : templates) names.push_back(name);
  app.add_option("--template", options->template_name, "line (twelve stations, the default) or recycling (packs to black mass)")
      ->type_name("NAME")
      ->check(CLI::IsMember(names).description(""));
  return [options] { begin(*options); };
}

}  // namespace retwin::cli
