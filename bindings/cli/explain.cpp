// `retwin explain`: what a kind of thing can be given, or the list of kinds.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "bindings/cli/command.hpp"
#include "core/scenario/explain.hpp"

namespace retwin::cli {
namespace {

std::string list_of_kinds() {
  const std::vector<Explainable> all = explainable(registry());
  std::size_t width = 0;
  for (const Explainable& kind : all) width = std::max(width, kind.name.size());
  std::string out, group;
  for (const Explainable& kind : all) {
    if (kind.group != group) out += (out.empty() ? "" : "\n") + (group = kind.group) + "\n";
    out += fmt::format("  {:<{}}  {}\n", kind.name, width, kind.doc);
  }
  return out + "\nretwin explain KIND shows the fields of one of them\n";
}

std::string unknown(const std::string& kind) {
  if (!explain(registry(), kind).empty()) return {};
  std::vector<std::string> names;
  for (const Explainable& known : explainable(registry())) names.push_back(known.name);
  const std::string near = nearest(kind, names);
  return "nothing is called " + kind + "; " + (near.empty() ? "retwin explain lists everything" : "did you mean " + near + "?");
}

}  // namespace

std::function<void()> declare_explain(CLI::App& app) {
  auto kind = std::make_shared<std::string>();
  app.add_option("KIND", *kind, "e.g. station, run, shred; without it: a list of everything")->check(unknown);
  return [kind] { print(kind->empty() ? list_of_kinds() : explain(registry(), *kind)); };
}

}  // namespace retwin::cli
