// `retwin schema`: the JSON Schema of scenario files.
#include <CLI/CLI.hpp>

#include "bindings/cli/command.hpp"
#include "core/scenario/explain.hpp"

namespace retwin::cli {

std::function<void()> declare_schema(CLI::App&) {
  return [] { print(scenario_schema(registry()) + "\n"); };
}

}  // namespace retwin::cli
