// Words that reports use, explained: what `retwin explain bottleneck` prints.
#pragma once
#include <span>
#include <string_view>

namespace retwin {

/// A word of the reports, not of scenario files.
struct Term {
  std::string_view name;
  std::string_view doc;   ///< one sentence
  std::string_view text;  ///< what there is to know, lines that end with \n
};
std::span<const Term> terms();

}  // namespace retwin
