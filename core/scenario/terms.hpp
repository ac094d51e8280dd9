// Words that are no fields, explained: those of reports (`retwin explain bottleneck`) and of scenarios (`retwin explain routes`).
#pragma once
#include <span>
#include <string_view>

namespace retwin {

struct Term {
  std::string_view name;
  std::string_view doc;   ///< one sentence
  std::string_view text;  ///< what there is to know, lines that end with \n
};
/// Of the reports of commands.
std::span<const Term> terms();
/// Of scenario files, and of the report of a run. A text may end with "\nexample\n" and a scenario, each line indented by two.
std::span<const Term> words();

}  // namespace retwin
