// Footprints of a ledger: what each lot from outside has caused, what each lot that left bears, and whether all of it is there.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/ledger/sweep.hpp"

namespace retwin {

/// Emissions [kg CO2e], or money [CNY].
struct Burden {
  double sum = 0, credit = 0;  ///< never netted: what is avoided elsewhere, or earned
  std::array<double, 3> part{};  ///< of the sum: by scope; of money: for flows, for people, for lots that come and go
  void operator+=(const Burden& other);
};
struct LotFootprint {
  EdgeLot lot;
  std::uint32_t place = 0;         ///< see Swept; of one that is still there, the station that it left last
  double now = 0;
  Burden burden;
  double open_share = 0;           ///< of what came from outside, mass that is still there
};
/// A line of a sum that must be what the plant has emitted.
struct FootprintLine {
  std::string name;
  std::uint64_t lots = 0;
  double kg = 0;
  Burden burden;
};
struct Footprints {
  Measure of = Measure::carbon;
  std::vector<LotFootprint> origins, ended, running;
  std::vector<FootprintLine> caused, borne;
  Burden plant;
  double error = 0;                ///< of the two sums, relative to the plant
  std::size_t most_lots = 0;       ///< that a sweep carried at once
};

/// What a lot's footprint is of: what its matter has caused since it came from outside; what it bore when it reached a sink; what it bears
/// where it still is; what one has caused since the ledger began that was there before.
enum class FootprintOf : std::uint8_t { caused, borne, carried, caused_since };
/// Hears of lots on the way. @param open_share see LotFootprint @param columns see Totals
using FootprintVisit = std::function<void(FootprintOf of, std::uint64_t lot, double open_share, std::span<const double> columns)>;

/// Matter that is still there may be so much of a lot that is done with.
inline constexpr double closed_share = 1e-3;

/// Two sweeps. @throws InputError (file): the ledger does not add up, an edge is missing
/// @param of emissions by the factors, or money by the prices. Of what is paid for people, the time on duty that no job took belongs to no
/// lot, as fixed costs do. @param visit may be empty @throws InputError (missing): the ledger was written without a price of a source, a sink or of people
Footprints footprints(const Plant& plant, const Reporting& reporting, const EdgeStore& edges, const EdgeSummary& summary, Measure of = Measure::carbon, double year_s = 365 * 86400.0,
                      const FootprintVisit& visit = {});

/// What each sink has earned by the prices that the ledger was written with [CNY].
std::vector<double> earned_at_sinks(const Plant& plant, const Reporting& reporting, const EdgeSummary& summary);

/// What an activity has to do with one lot.
struct Item {
  Activity activity;
  double kg = 0;  ///< CO2e
};
/// Activity by activity, of a lot from outside or of one that left; sweeps of as many columns as they carry. Empty: no such lot.
std::vector<Item> items_of_origin(const Plant& plant, const Reporting& reporting, const EdgeStore& edges, const EdgeSummary& summary, std::uint64_t lot);
std::vector<Item> items_of_end(const Plant& plant, const Reporting& reporting, const EdgeStore& edges, const EdgeSummary& summary, std::uint64_t lot);
/// The lots from outside that one that left is made of: open_kg is how much of it.
std::vector<Swept> origins_of(const Plant& plant, const Reporting& reporting, const EdgeStore& edges, const EdgeSummary& summary, std::uint64_t lot);

}  // namespace retwin
