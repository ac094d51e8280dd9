// Regressions as tables, text, JSON and JUnit.
#pragma once
#include <string>
#include <vector>

#include "core/base/table.hpp"
#include "core/experiment/regress.hpp"

namespace retwin {

/// One row per scenario and figure, see gate_table.
Table regress_table(const std::vector<Regressed>& all);
/// For people: each scenario, what changed in it, its figures.
std::string regress_text(const std::vector<Regressed>& all);
std::string regress_json(const std::vector<Regressed>& all);
/// JUnit XML as CI servers read it: a suite per scenario, a case per figure, a failure with its sentence where it was not passed. No times:
/// the same bytes for the same outcome.
std::string regress_junit(const std::vector<Regressed>& all);

}  // namespace retwin
