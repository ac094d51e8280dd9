// How a line is found in a log: the steps that line_discovery.hpp describes share what they know of each operation.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "core/telemetry/lines/discovery.hpp"

namespace retwin {

/// An operation in its place: after the part before on its machine, and after the station before of its part.
struct LineVisit {
  std::uint32_t station = 0;
  std::uint32_t machine_before = Names::absent, part_before = Names::absent;  // events
  std::uint32_t link = Names::absent;
  double gap_s = std::numeric_limits<double>::quiet_NaN(), delay_s = gap_s;  // since the ends of these
  bool whole = true;                                                         // else its start is not known
  bool unblocked = false;  // it began a changeover after a part had begun at the station that the part before it went to
  bool room = true;        // fewer parts than ever lay behind its machine when the part before ended
};

/// Mean with Student's interval, and spread.
LineTime line_time(const std::vector<double>& values);

/// Finds a line step by step, once.
class LineFinder {
 public:
  explicit LineFinder(const EventLog& log) : log_(log) {}
  LineFindings find();

 private:
  void find_resolution();
  void find_own_activity();
  void find_machines();
  void add_stations(std::uint32_t activity, std::vector<std::pair<std::uint32_t, std::vector<double>>> machines);
  void order_machines();
  void order_parts();
  void find_zones();
  void count_zones();
  void find_times();
  void find_loop();
  bool find_labelled_loop();
  void find_unlabelled_loop();
  std::size_t parts_at_once(const std::vector<std::uint32_t>& starts, const std::vector<double>& ends, std::size_t inside) const;
  void match_return(const std::vector<std::uint32_t>& starts, const std::vector<double>& ends, std::size_t inside,
                    std::size_t pallets);
  LineTime find_changeover(std::uint32_t station) const;
  std::vector<std::size_t> parts_before() const;
  void find_unblocking();
  void find_rooms();
  void find_blocking();
  void find_services();
  void find_shares();
  void find_clocks();
  LineFindings refused() const;
  bool goes_on() const;
  bool has_own_activities();
  bool has_its_form();
  void judge();
  void put_in_order();

  double step() const { return std::max(0.5, 2.001 * found_.resolution_s); }  ///< what nearly constant times may spread [s]
  /// Those of the shortest values that agree, if there are enough of them; single ones below are taken for slips.
  std::vector<double> shortest(std::vector<double> values) const;
  double beyond(const LineTime& time) const { return time.mean.estimate + std::max(step(), 3 * time.sd); }
  std::vector<double> delays_of(std::uint32_t link, bool free_only) const;
  std::vector<double> gaps_of(std::uint32_t station, bool waited_only) const;
  bool waited(const LineVisit& v) const { return v.link != Names::absent && v.delay_s > beyond(found_.links[v.link].transport); }

  const EventLog& log_;
  LineFindings found_;
  std::vector<LineVisit> visits_;                                                // by event
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> station_of_;  // by activity and resource
  std::vector<std::vector<std::uint32_t>> by_lot_, of_link_, of_station_;        // events
  std::vector<std::vector<double>> unblocked_;                                   // by station: changeovers of visits that are
  std::uint32_t entry_ = 0;
  double overlaps_ = 0, own_activity_ = 0, at_two_places_ = 0;
};

}  // namespace retwin
