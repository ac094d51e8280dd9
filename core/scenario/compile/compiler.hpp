// The compiler: specifications to a Plant. Private to core/scenario.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/ledger/reporting.hpp"
#include "core/scenario/library/file_library.hpp"
#include "core/scenario/specs/engine_units.hpp"
#include "core/scenario/specs/sections.hpp"

namespace retwin {

template <class T>
std::vector<std::string> names_of(const std::vector<T>& list) {
  std::vector<std::string> names;
  for (const T& item : list) names.push_back(item.name);
  return names;
}
/// A hint: the name that was meant, or those that are known.
std::string did_you_mean(const std::string& name, const std::vector<std::string>& known);

inline constexpr std::size_t most_in_table = 1000;  ///< values of a setup matrix, or places of distances: the table has their square

class Compiler : private Binder, private Symbols {
 public:
  Compiler(Specs& specs, const Registry& registry, FileLibrary& library, const std::string& file, Problems& problems);
  /// The plant, or null after problems.
  std::shared_ptr<Plant> compile();
  Reporting reporting();

 private:
  // --- compiler.cpp: names and routes
  void order_names();
  void specify(const SinkSpec& spec, Sink& sink);
  Index node(const Located& name, const std::string& path);
  Index find_station(const std::string& name) const;
  Index find_sink(const std::string& name) const;
  Index station_index(const Located& name, const std::string& path);
  Route route(const RouteSpec& spec, const std::string& path);
  void finish_routes();
  void count_visits();
  /// Whether an error has been reported at the path, or at or beneath one of its fields: what follows from it need not be.
  bool reported(const std::string& path, std::initializer_list<const char*> fields) const;
  // --- utilities.cpp
  void compile_utilities();
  void check_drawn();
  void compile_input(const UtilitySpec& spec, Utility& out, const Dimension& amount);
  void compile_standing();
  Utility utility(UtilitySpec& spec);
  void compile_draws(const StationSpec& spec, Station& station, const std::string& path);
  std::vector<Draw> draws(const std::vector<DrawSpec>& specs, const std::string& path);
  std::optional<double> by_time(const Located& text, const Dimension& of, const std::string& path, const char* example);
  // --- outages.cpp
  std::vector<Outage> outages(std::vector<OutageSpec>& specs, const std::string& path, const std::string& whose);
  // --- digital.cpp
  void compile_digital();
  // --- tanks.cpp
  void compile_tanks();
  void compile_tank(const TankSpec& spec);
  // --- calendars.cpp: calendars and resources
  void compile_calendars();
  Index calendar(const Located& name, const std::string& path);
  std::optional<ShiftCalendar> read_calendar(const CalendarSpec& spec, const std::string& path);
  void compile_resources();
  /// @param calendar that must be on as well, none: any time
  std::vector<Need> needs(const NeedsValue& value, const std::string& path, Index calendar = none);
  bool ever_met(const std::vector<Need>& needs, Index calendar) const;
  // --- binder.cpp: attributes, binding, expressions
  void declare_attributes();
  template <class Part>
  void bind(Part& part);
  void bind_all();
  std::vector<AttributeDraw> attribute_draws(const AttributesValue& value, const std::string& path);
  Duration duration(const DistributionValue& value, const std::string& path);
  std::optional<Expression> expression(const Located& text, Expression::Result result, const Dimension& dimension,
                                       const std::string& path);
  std::optional<Symbol> look(std::string_view name) const;
  int category_slot(const Located& name, const std::string& path);
  std::shared_ptr<const ForeignFunction> function(std::string_view name) const override;
  std::vector<std::string> functions() const override;
  // --- stations.cpp
  void compile_station(const StationPart& part, Station& station);
  void compile_phases(const StationPart& part, Station& station, const std::string& path);
  void compile_effort(const StationSpec& spec, Station& station, const std::string& path);
  void compile_batch(const StationSpec& spec, Station& station, const std::string& path);
  void compile_setup(const StationSpec& spec, Station& station, const std::string& path);
  void compile_failures(const StationSpec& spec, Station& station, const std::string& path);
  void compile_routes(const StationPart& part, Station& station, const std::string& path);
  void compile_energy(const StationSpec& spec, Station& station, const std::string& path);
  // --- transports.cpp
  void compile_conveyor(const StationSpec& spec, Station& station, const std::string& path);
  void compile_vehicles(const StationSpec& spec, Station& station, const std::string& path);
  // --- plans.cpp
  void check_tables();
  void read_plan_table();
  void compile_plans();
  Plan plan(PlanSpec& spec);
  void route_steps(Station& station, const std::string& path) const;
  void compile_plan_station(const StationSpec& spec, Station& station, const std::string& path);
  // --- arrivals.cpp: arrivals told one by one
  class ArrivalTable;
  struct Block;
  std::vector<TraceRow> times(const std::vector<Located>& at, const std::string& path);
  void compile_trace(const SourceSpec& spec, Source& source, const std::string& path);
  void compile_blocks(const SourceSpec& spec, Source& source, const std::string& path);
  std::vector<Block> written_blocks(const DayBlocksValue& value, const std::string& path);
  std::vector<Block> read_blocks(const Located& file, const std::string& path);
  // --- limits.cpp
  void check_limits();
  // --- sources.cpp
  void compile_source(const SourcePart& part, Source& source);
  void compile_profile(const SourceSpec& spec, Source& source, const std::string& path);
  void compile_initial(const InitialPart& part, std::size_t index);
  void check_in_service(const InitialSpec& spec, const std::string& path);
  void use_flows(const ConsumesValue& value, const std::string& path, std::vector<Consumption>& out);
  // --- reporting.cpp
  bool check_passage(const Located& name, const std::string& path);
  FunctionalUnit functional_unit(const FunctionalUnitSpec& spec);
  Allocation allocation(const AllocationSpec& spec);
  void check_values(const Reporting& reporting);
  Auxiliary auxiliary(const AuxiliarySpec& spec);
  std::vector<Passing::Rate> passing_rates(const ConsumesValue& value, const std::string& path, const char* whose);
  void add_passing(Reporting& out);
  // --- stocks.cpp
  Stock stock(const StockSpec& spec);
  // --- electricity.cpp
  void add_electricity(Reporting& out);
  std::optional<double> emission_per(const Located& written, const Dimension& of, const std::string& path);
  void add_displaced(Reporting& out);
  std::vector<double> by_the_hour(const Located& file, const std::string& path, const Dimension& dimension);
  std::vector<Passing::Rate> element_rates(const SinkSpec& spec);
  Index known_flow(const Located& name, const std::string& path);
  void add_flow_notes(Reporting& out);
  void add_factors(Reporting& out);
  void warn_of_uncovered(const Reporting& reporting);
  // --- rules_and_prices.cpp: rules and prices
  friend class RulesAndPricesCompiler;

  // --- Binder
  int attribute(const std::string& name, const Dimension& dimension, bool truth) override;
  int category(const std::string& name, const std::vector<std::string>& categories, bool truth) override;
  const std::vector<std::string>& categories(int slot) const override;
  int component(const std::string& name) override;
  const Substances& substances() override;
  int flow(const std::string& name, const Dimension& dimension) override;
  int kind(const std::string& name, bool divisible) override;
  const Node& library(const std::string& name) override;
  Problems& problems() override { return problems_; }
  const Place& place() const override { return place_; }
  const std::string& path() const override { return path_; }
  int find_attribute(const std::string& name) const;
  // --- Symbols
  std::optional<Symbol> find(std::string_view name) const override;
  std::vector<std::string> names() const override;

  Specs& specs_;
  const Registry& registry_;
  FileLibrary& library_;
  std::string file_;
  Problems& problems_;
  std::shared_ptr<Plant> plant_;
  Place place_;       ///< of what is being bound
  std::string path_;
  std::unordered_map<std::string, Index> stations_by_name_, sinks_by_name_;
  std::map<std::string, Index> calendars_;
  std::map<std::string, Index> pools_by_name_;
  std::map<std::string, double> in_service_;  ///< lots at the start, by station
  std::map<std::string, std::vector<Index>> pools_by_skill_;
  std::vector<std::pair<Index, Index>> dosed_;  ///< flow and station: what operations have asked for
  Index binding_ = none;                        ///< station whose operation is being bound
  bool substances_loaded_ = false;
  bool needs_leftover_sink_ = false, needs_scrap_sink_ = false;
  std::vector<Index> inputs_;  ///< flows that utilities use, of those that use any
  std::set<std::string> drawn_;  ///< utilities
  Node nothing_ = Node::map();
};

}  // namespace retwin
