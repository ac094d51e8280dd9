// The figures that a comparison speaks of first.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/scenario/scenario.hpp"

namespace retwin {

/// What a rise of a figure means.
enum class Better : std::uint8_t { more, less, unknown };

constexpr std::size_t headline_most = 12;
/// The figures that are tested together, at most headline_most: the objective; products by mass and by lots; per functional unit
/// carbon; electricity per lot; cycle time; lots in the plant; of each source the share of lots lost. Those that the scenario has.
std::vector<std::string> headline_figures(const Scenario& scenario);
/// Those that a regression must not make worse unless other ones are named, at most 6: the objective, carbon per functional unit, and
/// electricity per lot.
std::vector<std::string> guarded_figures(const Scenario& scenario);
/// Whether more or less of a figure is better, as far as its path tells.
Better better_of(const std::string& path, const std::string& objective);
/// What people call a figure: "products", "cycle time", "carbon per t of cells"; else its path.
std::string figure_name(const std::string& path, const std::string& objective);

}  // namespace retwin
