// A document as YAML text: what is short stands on one line, what is long one entry to a line, with remarks where there is something to say.
#pragma once
#include <map>
#include <string>

#include "core/base/node.hpp"

namespace retwin {

/// What is said beside the value at a path ("stations.press.duration"); at "" before everything. Each line a comment of its own: the
/// only one beside its value, several above it.
using Remarks = std::map<std::string, std::string>;

/// Reading it gives the document again (compared by canonical()).
std::string yaml_text(const Node& document, const Remarks& remarks = {});

}  // namespace retwin
