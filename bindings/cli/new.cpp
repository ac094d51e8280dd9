// `retwin new`: a plant to begin with, as a commented file that runs.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "bindings/cli/command.hpp"
#include "bindings/cli/outputs.hpp"
#include "models/templates.hpp"

namespace retwin::cli {

std::function<void()> declare_new(CLI::App& app) {
  struct Options {
    std::string path = "plant.yaml", name = "line";
  };
  auto options = std::make_shared<Options>();
  writes(app, app.add_option("FILE", options->path, "the new scenario; default: plant.yaml"), {}, options->path)->type_name("FILE");
  app.add_option("--template", options->name, "line (twelve stations, the default) or recycling (packs to black mass)")
      ->type_name("NAME")
      ->check(CLI::IsMember(template_names()).description(""));
  return [options] {
    check_writable(options->path, false);
    write_template(options->path, options->name);
    tell(fmt::format("wrote {}; next: retwin run {}\n", options->path, options->path));
  };
}

}  // namespace retwin::cli
