// Compiling rules on masses and prices. Private to core/scenario.
#pragma once
#include <memory>

#include "core/ledger/rules_and_prices.hpp"

namespace retwin {

class Compiler;

/// Null where a scenario has neither. After problems: whatever could be made.
std::shared_ptr<const RulesAndPrices> compile_rules_and_prices(Compiler& compiler);

}  // namespace retwin
