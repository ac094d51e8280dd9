// Columns of a table by name: as given, or recognised from what plants usually call them.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/problem.hpp"
#include "core/base/units.hpp"
#include "core/telemetry/tables/records.hpp"
#include "core/telemetry/tables/timestamps.hpp"

namespace retwin {

/// In place of a column's name: there is none, and none is looked for.
inline constexpr std::string_view no_column = "-";

/// What plants and tools call their columns of times, the surest first, as plain_name() writes them. The last of the ends,
/// "time:timestamp", is one only beside a start.
extern const std::vector<std::string_view> usual_starts, usual_ends, usual_stamps;

/// What plants call the column that says where a lot goes next.
extern const std::vector<std::string> usual_destinations;

/// A header name without case, blanks, underscores and other signs: "case:concept:name" and "Case Concept Name" are the same.
std::string plain_name(std::string_view name);

/// Whether a cell says that there is nothing: empty, "-", "?", None, nan, NaT, null, n/a, \N and the like.
bool absent_text(std::string_view text);

/// Looks columns up in a header and collects what is missing.
class ColumnFinder {
 public:
  explicit ColumnFinder(const Records& records);
  /// The column called `given`, or else the first of `usual` (plain names; "energy*": any that starts so) that is there and not
  /// taken yet; one that is filled in less than half of the first rows stands back behind others.
  /// `given` is replaced by the name as it stands in the header.
  std::optional<std::size_t> find(std::string& given, const std::vector<std::string_view>& usual = {});
  /// The same; a missing column is a problem.
  std::optional<std::size_t> require(std::string& given, const char* role, const std::vector<std::string_view>& usual = {});
  void problem(Code code, std::string message, std::string hint = {});
  bool taken(std::size_t column) const { return taken_[column]; }
  void throw_if_problems() const { problems_.throw_if_errors(); }

 private:
  std::string header_text() const;
  Place place_;
  std::vector<std::string> names_, plain_;
  std::vector<bool> taken_, sparse_;
  Problems problems_;
};

/// The unit in a header name: "Energy [kJ]", "power (kW)", "energy_kWh"; empty if there is none.
std::string unit_in_name(std::string_view name);

/// Whether a number can be one of a plant: squares and products of a few larger ones, or infinity, would spoil every sum.
inline bool sane_number(double value) { return value >= -1e30 && value <= 1e30; }

/// A number of a cell; nan if it is none, or beyond any plant. Where the delimiter is no comma, a comma is read as a decimal point.
double cell_number(std::string_view text, char delimiter);

/// How the stamps in some columns are read, from the first rows, or as the options say.
/// @throws InputError (conflict): a unit of numbers where none is one
StampReading stamp_reading(const Records& records, const std::vector<std::size_t>& columns, const StampOptions& options);

}  // namespace retwin
