// Compiling arrivals told one by one: timetables, traces and blocks of whole days.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string_view>
#include <unordered_map>

#include "core/base/files.hpp"
#include "core/base/constants.hpp"
#include "core/scenario/compile/compiler.hpp"

namespace retwin {
namespace {

constexpr const char* day_hint = "write Mon, or Mon-Fri";

}  // namespace

/// A CSV file of arrivals: a column time, columns of attributes, and those that its reader knows, which have no unit.
class Compiler::ArrivalTable {
 public:
  ArrivalTable(Compiler& compiler, const Located& file, std::string path, std::initializer_list<const char*> own = {})
      : of_(compiler),
        path_(std::move(path)),
        file_(beside(compiler.file_, file.text)),
        problems_before_(of_.problems_.all().size()),
        csv_(of_.library_.table(file, file_, of_.problems_)) {
    usable_ = of_.problems_.all().size() == problems_before_;
    for (std::size_t k = 0; usable_ && k < csv_.columns().size(); ++k)
      if (std::find(own.begin(), own.end(), csv_.columns()[k]) == own.end()) read_column(static_cast<int>(k));
    if (usable_ && time_column_ < 0) {
      if (!csv_.columns().empty()) error(Code::trace, header(), "there is no column time", "name one time [h]");
      usable_ = false;
    }
  }

  bool usable() const { return usable_; }
  bool next() { return csv_.next(); }
  int column(const char* name) const { return csv_.column(name); }
  int time_column() const { return time_column_; }
  const std::string& cell(int column) const { return csv_.cell(column); }
  Place place(int column) const { return csv_.place(column); }
  Place header() const { return {file_, 1, 1, 1, ""}; }

  void error(Code code, const Place& place, const std::string& message, const std::string& hint = "") {
    of_.problems_.error(code, place, path_, message, hint);
  }

  bool number(int column, double& value) {
    const std::string& text = cell(column);
    const std::optional<double> given = number_of(text);
    value = given.value_or(0);
    if (given) return true;
    error(Code::trace, place(column), text.empty() ? "a gap: this cell is empty" : "\"" + text + "\" is not a number",
          "give every row all its values");
    return false;
  }

  /// Adds the row in hand, whose times are not to fall.
  void add_to(std::vector<TraceRow>& rows) {
    TraceRow row;
    if (!number(time_column_, row.time_s)) return;
    row.time_s *= time_factor_;
    if (row.time_s < 0) error(Code::trace, place(time_column_), "a time before the start");
    if (!rows.empty() && row.time_s < rows.back().time_s)
      error(Code::trace, place(time_column_), "earlier than the row before", "sort the rows by time");
    for (const Column& column : columns_) {
      double value = 0;
      if (column.category) {
        value = category(column);
      } else if (number(column.index, value)) {
        value *= column.factor;
      } else {
        continue;
      }
      row.values.emplace_back(column.slot, value);
    }
    rows.push_back(std::move(row));
  }

 private:
  struct Column {
    int index, slot;
    double factor;
    bool category;
    std::unordered_map<std::string_view, std::size_t> numbers = {};  ///< of the categories
  };

  static std::string beside(const std::string& scenario, const std::string& file) {
    namespace fs = std::filesystem;
    return (fs::path(file).is_absolute() ? fs::path(file) : fs::path(scenario).parent_path() / file).string();
  }

  void read_column(int index) {
    const std::string& title = csv_.columns()[static_cast<std::size_t>(index)];
    std::string name = title, unit;
    if (const auto bracket = name.find('['); bracket != std::string::npos) {
      unit = name.substr(bracket + 1, name.find(']', bracket) - bracket - 1);
      name = name.substr(0, name.find_last_not_of(' ', bracket - 1) + 1);
    }
    const auto factor = unit.empty() ? std::optional<Quantity>(Quantity{1, {}}) : parse_unit(unit);
    if (!factor) return error(Code::unit, header(), "column " + title + ": no such unit", "write for instance time [h]");
    if (name == "time") {
      time_column_ = index;
      time_factor_ = factor->value;
      if (!(factor->dimension == dimension::time))
        error(Code::unit, header(), "the column time needs a unit of time", "name it time [h]");
      return;
    }
    const int slot = of_.find_attribute(name);
    if (slot < 0) {
      const std::string near = nearest(name, of_.names());
      return error(Code::unknown_name, header(), "column " + name + " is no attribute of this plant",
                   near.empty() ? "declare it under attributes" : "did you mean " + near + "?");
    }
    const Attribute& a = of_.plant_->attributes[static_cast<std::size_t>(slot)];
    if (a.categories.empty() && !(a.dimension == factor->dimension))
      error(Code::unit, header(),
            "column " + name + " is " + describe(factor->dimension) + "; " + describe(a.dimension) + " is needed");
    columns_.push_back({index, slot, factor->value, !a.categories.empty()});
    for (std::size_t k = 0; k < a.categories.size(); ++k) columns_.back().numbers.emplace(a.categories[k], k);
  }

  double category(const Column& column) {
    const std::vector<std::string>& known = of_.categories(column.slot);
    const auto it = column.numbers.find(cell(column.index));
    if (it == column.numbers.end()) {
      const std::string near = nearest(cell(column.index), known);
      error(Code::trace, place(column.index), "no such value: \"" + cell(column.index) + "\"",
            near.empty() ? "declare it under attributes" : "did you mean " + near + "?");
    }
    return it == column.numbers.end() ? 0 : static_cast<double>(it->second);
  }

  Compiler& of_;
  std::string path_, file_;
  std::size_t problems_before_;
  CsvReader csv_;
  std::vector<Column> columns_;
  int time_column_ = -1;
  double time_factor_ = 0;
  bool usable_ = false;
};

std::vector<TraceRow> Compiler::times(const std::vector<Located>& at, const std::string& path) {
  std::vector<TraceRow> rows;
  for (const Located& time : at) {
    std::string why;
    const auto q = parse_quantity(time.text, &why);
    if (q && q->dimension == dimension::time) {
      rows.push_back({q->value, {}});
    } else {
      problems_.error(Code::unit, time.place, path,
                      q ? "\"" + time.text + "\" is " + describe(q->dimension) + "; a time is needed" : why, "write 3 h");
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.time_s < b.time_s; });
  return rows;
}

void Compiler::compile_trace(const SourceSpec& spec, Source& source, const std::string& path) {
  source.arrivals = Arrivals::timetable;
  ArrivalTable table(*this, spec.trace, path + ".trace");
  while (table.usable() && table.next()) table.add_to(source.rows);
}

// --- blocks of whole days ------------------------------------------------------------------------------------------------------

struct Compiler::Block {
  std::string name;
  std::vector<int> days;
  double weight = 1;
  std::vector<TraceRow> rows;
  bool without_arrivals = false;  ///< and says so
};

std::vector<Compiler::Block> Compiler::written_blocks(const DayBlocksValue& value, const std::string& path) {
  std::vector<Block> blocks;
  for (std::size_t k = 0; k < value.list().size(); ++k) {
    const DayBlocksValue::Block& spec = value.list()[k];
    const std::string here = path + "." + std::to_string(k);
    Block& block = blocks.emplace_back();
    block.days = parse_weekdays(spec.day.text);
    if (block.days.empty() && !spec.day.empty())
      problems_.error(Code::type, spec.day.place, here + ".day", "\"" + spec.day.text + "\" is no weekday", day_hint);
    block.weight = spec.weight;
    block.rows = times(spec.at, here + ".at");
    if (!block.rows.empty() && (block.rows.front().time_s < 0 || block.rows.back().time_s >= day_s))
      problems_.error(Code::range, spec.at.front().place, here + ".at", "a time of day lies between 0 h and 24 h");
  }
  return blocks;
}

std::vector<Compiler::Block> Compiler::read_blocks(const Located& file, const std::string& path) {
  std::vector<Block> blocks;
  ArrivalTable table(*this, file, path, {"block", "day", "weight"});
  if (!table.usable()) return blocks;
  const int name = table.column("block"), day = table.column("day"), weight = table.column("weight"), time = table.time_column();
  if (name < 0 || day < 0) {
    table.error(Code::trace, table.header(), name < 0 ? "there is no column block" : "there is no column day",
                "the columns are block, day, time [h], and as wanted weight and attributes");
    return blocks;
  }
  std::map<std::string, std::size_t> known;
  while (table.next()) {
    const auto [it, fresh] = known.emplace(table.cell(name), blocks.size());
    if (fresh) blocks.push_back({table.cell(name), parse_weekdays(table.cell(day)), 1, {}, false});
    Block& block = blocks[it->second];
    if (table.cell(name).empty()) table.error(Code::trace, table.place(name), "a gap: this block has no name");
    const std::vector<int> days = parse_weekdays(table.cell(day));
    if (days.empty()) {
      table.error(Code::trace, table.place(day), "\"" + table.cell(day) + "\" is no weekday", day_hint);
    } else if (days != block.days) {
      table.error(Code::trace, table.place(day), "block " + block.name + " has another day above",
                  "give all its rows the same day");
    }
    double share = 1;
    if (weight >= 0 && table.number(weight, share)) {
      if (fresh) block.weight = share;
      if (!(share > 0 && share <= 1e9)) table.error(Code::trace, table.place(weight), "a weight is positive (and at most 1e9)");
      if (share != block.weight)
        table.error(Code::trace, table.place(weight), "block " + block.name + " has another weight above",
                    "give all its rows the same");
    }
    const bool nothing = table.cell(time).empty();
    if (block.without_arrivals || (nothing && !fresh))
      table.error(Code::trace, table.place(time), "block " + block.name + " has arrivals and a row without a time",
                  "only a block without arrivals has an empty time, in its only row");
    block.without_arrivals = block.without_arrivals || nothing;
    if (nothing) continue;
    const std::size_t rows = block.rows.size();
    table.add_to(block.rows);
    if (block.rows.size() > rows && block.rows.back().time_s >= day_s)
      table.error(Code::trace, table.place(time), "a time of day lies between 0 h and 24 h", "it counts from midnight");
  }
  if (blocks.empty()) table.error(Code::trace, table.header(), "there are no blocks");
  return blocks;
}

void Compiler::compile_blocks(const SourceSpec& spec, Source& source, const std::string& path) {
  source.arrivals = Arrivals::blocks;
  const Located& file = spec.blocks.file();
  const std::string here = path + ".blocks";
  std::vector<Block> blocks = file.empty() ? written_blocks(spec.blocks, here) : read_blocks(file, here);
  double sum[7] = {};
  for (Block& block : blocks) {
    for (const int weekday_number : block.days) {
      const auto day = static_cast<std::size_t>((weekday_number - weekday(plant_->day0) + 7) % 7);
      sum[day] += block.weight;
      source.day_blocks[day].push_back({sum[day], static_cast<Index>(source.rows.size()), static_cast<Index>(block.rows.size())});
    }
    std::move(block.rows.begin(), block.rows.end(), std::back_inserter(source.rows));
  }
  for (std::size_t day = 0; day < 7; ++day)
    for (DayBlock& block : source.day_blocks[day]) block.up_to /= sum[day];
}

}  // namespace retwin
