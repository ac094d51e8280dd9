// Block style down to what fits on a line, flow style (canonical()) from there on: names are escaped in one place.
#include "core/base/yaml_writer.hpp"

#include <algorithm>
#include <string_view>

#include "core/base/text.hpp"
#include "core/base/yaml_text.hpp"

namespace retwin {
namespace {

constexpr std::size_t widest = 120;  ///< [bytes] of a line in flow style, its remark not counted

bool collection(const Node& node) { return node.is_map() || node.is_list(); }
bool empty(const Node& node) { return node.items.empty() && node.entries.empty(); }

std::string beneath(const std::string& path, const std::string& key) { return path.empty() ? key : path + "." + key; }

class YamlWriter {
 public:
  explicit YamlWriter(const Remarks& remarks) : remarks_(remarks) {}

  void entries(const Node& node, const std::string& path, std::size_t indent) {
    for (std::size_t k = 0; k < node.entries.size() + node.items.size(); ++k) {
      const bool map = node.is_map();
      const std::string key = map ? node.entries[k].key : std::to_string(k);
      entry(map ? canonical(Node::scalar(key)) + ":" : "-", map ? node.entries[k].value : node.items[k], beneath(path, key), indent);
    }
  }

  /// A remark of several lines, or one that has no value beside it.
  void above(const std::string& path, std::size_t indent) {
    for (const std::string& line : lines(path)) out_ += std::string(indent, ' ') + yaml_comment(line) + "\n";
  }

  std::string text() { return std::move(out_); }

 private:
  std::vector<std::string> lines(const std::string& path) const {
    std::vector<std::string> result;
    const auto found = remarks_.find(path);
    std::string_view rest = found == remarks_.end() ? std::string_view() : found->second;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      result.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return result;
  }

  bool remarked_beneath(const std::string& path) const {
    const auto next = remarks_.lower_bound(path + ".");
    return next != remarks_.end() && next->first.starts_with(path + ".");
  }

  /// Sections stand one entry to a line, unless their entries are plain.
  static bool section(const Node& node, std::size_t indent) {
    if (indent > 0) return false;
    return std::any_of(node.entries.begin(), node.entries.end(), [](const Node::Entry& e) { return collection(e.value); }) ||
           std::any_of(node.items.begin(), node.items.end(), collection);
  }

  void entry(const std::string& head, const Node& value, const std::string& path, std::size_t indent) {
    const std::vector<std::string> said = lines(path);
    if (said.size() > 1) above(path, indent);
    const std::string beside = said.size() == 1 ? "  " + yaml_comment(said[0]) : std::string();
    const std::string flow = canonical(value);
    const bool block = collection(value) && !empty(value) &&
                       (indent + head.size() + 1 + flow.size() > widest || section(value, indent) || remarked_beneath(path));
    out_ += std::string(indent, ' ') + head;
    if (!block) {
      out_ += " " + flow + beside + "\n";
    } else {
      out_ += beside + "\n";
      entries(value, path, indent + 2);
    }
  }

  const Remarks& remarks_;
  std::string out_;
};

}  // namespace

std::string yaml_text(const Node& document, const Remarks& remarks) {
  YamlWriter writer(remarks);
  writer.above({}, 0);
  if (!collection(document) || empty(document)) return writer.text() + canonical(document) + "\n";
  writer.entries(document, {}, 0);
  return writer.text();
}

}  // namespace retwin
