// Compiling outages of utilities and of devices of the digital layer.
#include <algorithm>

#include "core/scenario/compile/compiler.hpp"

namespace retwin {

/// In the order of their names. @param whose names their random numbers: "utility steam"
std::vector<Outage> Compiler::outages(std::vector<OutageSpec>& specs, const std::string& path, const std::string& whose) {
  std::stable_sort(specs.begin(), specs.end(), [](const OutageSpec& a, const OutageSpec& b) { return a.name < b.name; });
  std::vector<Outage> out;
  for (const OutageSpec& f : specs) {
    const std::string at = path + ".fails." + f.name;
    Outage outage;
    outage.name = f.name;
    outage.every = f.every.distribution();
    for (const TraceRow& row : times(f.at, at + ".at")) outage.at_s.push_back(row.time_s);
    if (!outage.at_s.empty() && outage.at_s.front() < 0) problems_.error(Code::range, f.at.front().place, at + ".at", "a time lies before the start of the run");
    if (!f.during.empty()) {
      if (f.every.given() || !f.at.empty() || f.repair.given())
        problems_.error(Code::conflict, f.during.place, at + ".during", "a calendar says when it comes and goes", "leave every, at and repair out");
      outage.during = calendar(f.during, at + ".during");
    } else if (!f.repair.given() && !reported(at, {"repair"})) {
      problems_.error(Code::missing, f.place, at + ".repair", "how long does one last?", "write repair: 2 h");
    }
    if (f.during.empty() && f.every.given() == !f.at.empty() && !reported(at, {"every", "at"}))
      problems_.error(f.every.given() ? Code::conflict : Code::missing, f.place, at, f.every.given() ? "every and at exclude one another" : "how often?",
                      "write every: {exponential: 1000 h}, or at: [14 h]");
    if (outage.every && !(outage.every->mean() > 0)) problems_.error(Code::range, f.place, at + ".every", "the time between outages must be positive");
    if (f.repair.distribution()) outage.lasts = *f.repair.distribution();
    if (f.repair.distribution() && !(outage.lasts.mean() > 0)) problems_.error(Code::range, f.place, at + ".repair", "an outage lasts some time", "write repair: 2 h");
    if (f.leaves >= 1) problems_.error(Code::range, f.place, at + ".leaves", "an outage leaves less than all of it", "write leaves: 40 %, or leave it out");
    outage.leaves = f.leaves;
    outage.stream = stream_id(whose + " fails " + f.name);
    out.push_back(std::move(outage));
  }
  return out;
}

}  // namespace retwin
