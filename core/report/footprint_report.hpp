// Reports of footprints: sums with their lines, and tables of lots.
#pragma once
#include <string>
#include <vector>

#include "core/base/table.hpp"
#include "core/ledger/footprint.hpp"
#include "core/scenario/scenario.hpp"

namespace retwin {

/// A lot as it is called in files: its identity in hexadecimal.
std::string lot_text(std::uint64_t id);

/// Both sums, line by line, and the plant that each must be.
Table footprint_sum_table(const Footprints& all);
/// One row per lot from outside; what is partly still there has not caused all that it will.
Table origins_table(const Footprints& all, const Plant& plant);
/// One row per lot that reached a sink.
Table products_table(const Footprints& all, const Plant& plant);
/// One row per lot that is still in the plant, with what it has been burdened with so far.
Table running_table(const Footprints& all, const Plant& plant);
/// One row per factor and thing that uses its flow, the largest first: what the plant emits, or avoids elsewhere, taken apart. Their sum is that of the plant.
Table activities_table(const Scenario& scenario, const EdgeSummary& summary);
/// One row per kind of lots from outside that are gone, and per sink: how footprints are spread over lots, per kg, or of lots without mass
/// per lot. Of equal weight; quantiles as order statistics.
Table spread_table(const Footprints& all, const Plant& plant);
/// One row per product sink: what a kilogram bears as the ledger shares it, by mass with what other sinks bear moved onto products, and by
/// what products earn. @param earned see earned_at_sinks
Table product_rules_table(const Footprints& all, const Plant& plant, const std::vector<double>& earned);
/// One row per activity, the largest first.
Table items_table(const std::vector<Item>& items, const Plant& plant);
/// One row per lot from outside that is in a product.
Table shares_table(const std::vector<Swept>& origins, const Plant& plant, double kg);

/// What people read of all lots: the sums, then lots from outside by kind, and what left by sink.
std::string footprint_text(const Footprints& all, const Plant& plant);

}  // namespace retwin
