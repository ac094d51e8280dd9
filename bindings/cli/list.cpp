// `retwin list`: what there is to run and to refer to.
#include <CLI/CLI.hpp>
#include <memory>

#include "bindings/cli/command.hpp"
#include "core/report/inventory.hpp"

namespace retwin::cli {
namespace {

/// A block for each kind.
void list(const std::vector<std::string>& given) {
  const Table all = inventory_table(library_folders(given), registry());
  const std::vector<std::string>&kinds = all.texts(0), &names = all.texts(1), &docs = all.texts(2);
  std::string out;
  for (std::size_t first = 0, last = 0; first < all.rows(); first = last) {
    Table block({text_column("name").as(kinds[first]), text_column("doc").as(" ").to_the_left()});
    for (; last < all.rows() && kinds[last] == kinds[first]; ++last) block.row({names[last], docs[last]});
    out += (out.empty() ? "" : "\n") + block.text();
  }
  print(out);
}

}  // namespace

std::function<void()> declare_list(CLI::App& app) {
  auto folders = std::make_shared<std::vector<std::string>>();
  declare_library(app, *folders);
  return [folders] { list(*folders); };
}

}  // namespace retwin::cli
