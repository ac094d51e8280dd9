// What the readers of values have in common: names with their places, shares, quantities. Private to core/scenario/specs.
#pragma once
#include <optional>
#include <string>

#include "core/base/fields.hpp"

namespace retwin {

Located located(const Node& node);
Located located(const Node::Entry& entry);
void wrong_kind(const Node& node, const std::string& path, const char* wanted, const char* hint, Problems& problems);
/// A plain number or a percentage.
std::optional<double> share_of(const Node& node);
/// Whether a map is one of names with such shares.
bool has_shares(const Node& node);
/// Reports a share that is none; false then.
bool check_share(double share, const Node& node, const std::string& path, Problems& problems);
/// The number of a scalar of this dimension; empty after a problem.
std::optional<double> quantity_of(const Node& node, const Dimension& dimension, const std::string& path, Problems& problems);

}  // namespace retwin
