// Reports of a verdict by relief: for people, and as tables.
#pragma once
#include <string>

#include "core/base/table.hpp"
#include "core/experiment/verdict.hpp"

namespace retwin {

/// One row per thing that was measured: `all`, `set`, `without` (the set without one member), `step`, `pair`, `demand`.
Table gains_table(const Verdict& verdict);
/// One row per suspect of one run.
Table suspects_table(const Verdict& verdict);

/// What limits the plant, in a few sentences.
std::string verdict_sentence(const Verdict& verdict);
/// "+34.9 % [34.1, 35.7]"; "0 [-0.1, 0.1]" where nothing is gained or lost; where nothing is made now in the unit of the objective.
std::string gain_text(const Gain& gain, const std::string& unit);

/// The report on the terminal: the sentence, the sufficient set, steps, demand, suspects.
std::string verdict_text(const Scenario& scenario, const Verdict& verdict);
/// The same for programs: settings, figures, tables.
std::string verdict_json(const Scenario& scenario, const Verdict& verdict);

}  // namespace retwin
