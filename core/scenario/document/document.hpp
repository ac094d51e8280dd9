// Scenario documents: YAML files to trees with places, and files that extend others.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/node.hpp"
#include "core/base/problem.hpp"

namespace retwin {

constexpr std::size_t largest_document = 16u << 20;  ///< [bytes]
constexpr int deepest_document = 64;                 ///< maps and lists within one another

/// Whether problems show the lines that they are about. Not those of a file that somebody else's scenario only points to.
enum class Excerpts : std::uint8_t { shown, hidden };

/// Reads one YAML document. Anything else than a tree of maps, lists and scalars is refused: aliases and anchors (alias), tags and
/// keys that are no scalars (syntax), keys given twice (duplicate), none or several documents (documents), brackets that a comma
/// cut in two (brackets), more than 64 levels (nesting) or 16 MB (too_large), bytes that are not UTF-8 (encoding).
/// Empty if there was an error; never throws for what is in the text.
std::optional<Node> read_yaml(std::string_view text, const std::string& file_name, Problems& problems,
                              Excerpts excerpts = Excerpts::shown);

/// Likewise from a file. `from`: where the file is named, for problems with the file itself.
std::optional<Node> read_yaml_file(const std::string& path, Problems& problems, const Place& from = {},
                                   Excerpts excerpts = Excerpts::shown);

/// The field that what stands at a path is short for: "count" at `resources.crew` of `crew: 2`; empty if it is no shorthand.
using ShortFor = std::function<std::string(const Node& document, const std::string& path)>;

/// Sets a value by its path; a name beneath a section (`stations.press`) must exist if the path goes on, so that a slip of the pen
/// makes no new station. A shorthand on the way becomes the map that it is short for. Problem: override_path.
void override_path(Node& document, std::string_view path, const Node& value, Problems& problems, const ShortFor& short_for = {});

/// Reads a file and, if it has `extends: base.yaml` (relative to the file that says so), the base first; then merges what the file
/// says over it, maps key by key. Such a file may also have `set: {stations.press.duration: 3 min, ...}`, applied last.
/// Every value keeps its own place; those of a base outside the folder of `path` are without excerpts. A file that extends itself is a
/// problem (conflict), a base that is no map too (type).
std::optional<Node> resolve_extends(const std::string& path, Problems& problems, const ShortFor& short_for = {});

/// Text that two scenario documents share if they say the same, whatever the order of keys in maps (for hashes). Kept is the order
/// of lists, of the parts of an assembly, and of the paths that a change sets.
std::string identity(const Node& document);

}  // namespace retwin
