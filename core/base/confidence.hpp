// How good a figure from outside is, as its file says: of emission factors, rules, prices, specifications.
#pragma once

namespace retwin {

inline constexpr const char* confidences[] = {"high", "medium", "low", "estimate", "recalled"};
inline constexpr int estimated = 3;  ///< of these, the first that is marked in reports

}  // namespace retwin
