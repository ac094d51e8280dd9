// By which rule a line sends parts to machines that stand in for one another.
#pragma once
#include <cstdint>
#include <vector>

#include "core/telemetry/lines/discovery.hpp"

namespace retwin {

/// In words: "in turn", "shortest queue" ...
std::string words(const LineRule& rule);

/// Machines of a station's links that stand in for one another: of one activity, or with the same stations behind them. Empty if
/// there are less than two.
std::vector<std::uint32_t> parallel_stations(const LineFindings& line, std::uint32_t from);

/// The rules that scenarios know, held against each decision of the log: in turn; the machine with fewest parts on their way,
/// waiting and at work; the one that is expected to be done first, by the services of its parts; fixed shares; by the part's
/// label. Both at the end of the station before and behind the way. A rule that is right k times in n has the likelihood of k
/// successes; it is taken instead of fixed shares if its log-likelihood is larger by 3 (an estimate of what chance does among so
/// many rules) and it is right at least four times in five. Of rules that explain the log about as well (within 3) the one that has to
/// know least is taken: in turn before the label before the shortest queue before the expected time.
std::vector<LineSplit> find_splits(const LineFindings& line, const EventLog& log);

}  // namespace retwin
