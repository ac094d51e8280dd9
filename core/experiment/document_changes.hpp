// What differs between two scenario documents, value by value.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "core/base/node.hpp"
#include "core/base/table.hpp"

namespace retwin {

/// One value that two documents do not share.
struct DocumentChange {
  std::string kind;    ///< "station" (source, resource, ...): one that only one of them has; "route"; "run"; "parameter"; "file"
  std::string path;    ///< "stations.press.duration"; of a file its name
  std::string before;  ///< as the base says it; empty: not at all
  std::string after;   ///< as the variant says it
  Place place;         ///< in the variant, or in the base where the variant has none
};

/// In the order of the base, then what only the variant has. What a scenario is called, its seed and its number of replications aside.
/// @param base, variant resolved, see load_document
std::vector<DocumentChange> changes_between(const Node& base, const Node& variant);

/// Library documents and tables that are not the same. @param base, variant as Scenario::inputs
std::vector<DocumentChange> changed_files(const std::map<std::string, std::string>& base,
                                          const std::map<std::string, std::string>& variant);

/// One row per change; before and after are shown up to 40 characters long.
Table changes_table(const std::vector<DocumentChange>& changes);

}  // namespace retwin
