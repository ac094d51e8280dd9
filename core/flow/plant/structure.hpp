// The structure of a plant: what the layout of a state depends on, as text that can be compared and mapped by name.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace retwin {

class Plant;

/// Stations, sources, sinks, pools, calendars, attributes, kinds, flows and components in the order of the plant, each with the facts
/// that a state of it relies on. Everything else of a plant is a parameter: it may differ between saving and loading.
struct Structure {
  struct Entry {
    std::string kind;  ///< "station", "source", ...
    std::string name;
    std::vector<std::pair<std::string, std::vector<std::string>>> facts;
    const std::vector<std::string>& list(std::string_view fact) const;  ///< empty if there is no such fact
    std::string value(std::string_view fact) const;                     ///< the first of the list, "" if it is empty
    std::size_t number(std::string_view fact) const;                    ///< 0 if it is none
    bool operator==(const Entry&) const = default;
  };
  std::vector<Entry> entries;

  std::vector<const Entry*> of(std::string_view kind) const;
  /// One line per entry: "station crush servers=2 ports=out,reject ..."; blanks, commas and the like in names as %20.
  std::string text() const;
};

Structure structure_of(const Plant& plant);
/// Empty if it is not such a text.
std::optional<Structure> parse_structure(std::string_view text);
std::uint64_t structure_hash(const Structure& structure);
std::uint64_t structure_hash(const Plant& plant);

struct Difference {
  std::string path;  ///< e.g. "stations.crush"
  std::string message;
};
/// Of a part of a plant, nearly as a scenario has it: "stations.mill".
std::string path_of(const std::string& kind, const std::string& name);
/// What differs between the structure of a state and that of a plant, by name; empty if they are the same.
std::vector<Difference> differences(const Structure& state, const Structure& plant);

}  // namespace retwin
