// Where the parts of one plant are in another, by name. Private to core/flow; see `rebase` in simulation.hpp.
#pragma once
#include <array>
#include <map>
#include <string>
#include <vector>

#include "core/flow/plant/structure.hpp"
#include "core/flow/state/state.hpp"

namespace retwin {

/// Where the parts of a station lie in the arrays of a state.
struct StationLayout {
  const Structure::Entry* entry = nullptr;
  Index first_server = 0, servers = 0;
  Index first_port = 0, ports = 0;
  Index first_clock = 0, modes = 0;
  Index first_key = 0, keys = 0;
  std::size_t first_memory = 0, memory = 0;
};

using IndexMap = std::vector<Index>;

/// Old index -> new index, `none` for what is gone. Points into both structures.
struct NameMaps {
  NameMaps(const Structure& from, const Structure& to);

  std::vector<StationLayout> old_stations, new_stations;
  std::vector<const Structure::Entry*> old_sources;
  IndexMap stations, sources, sinks, tanks, tank_levels, pools, utilities, devices, tasks, calendars, attributes, kinds, flows, components;
  std::vector<IndexMap> ports, modes, phases;  ///< per old station; empty if it is gone
  std::vector<IndexMap> categories;            ///< per old attribute
  Index new_sinks = 0, new_flows = 0, new_components = 0, new_devices = 0;

  Index old_servers() const;  ///< without those added as needed
  Index old_ports() const;
  /// Of a port or of a source.
  Index route(Index old, const Plant& to) const;
  /// A station or a sink.
  Index node(Index old) const;
  /// A station, a sink or (as the origin of a transport) a source.
  Index origin(Index old) const;
};

/// The accounts of what exists in both plants; what came from or went to places that are gone counts as there from the start, so that
/// balances still close.
Accounts rebase_accounts(const Accounts& old, const NameMaps& maps, Accounts fresh);

/// One state on its way into another plant. Lots and grants keep their places; servers, nodes and the rest are mapped.
class Rebase {
 public:
  Rebase(const State& old, const Structure& from, const Plant& to);
  /// @throws InputError (structure) with everything that cannot be carried over
  State run();

 private:
  enum class At { queue, job, output, source };

  // --- rebase.cpp: servers and stations, then the rest
  void map_servers();
  void move_station(Index station);
  void move_server(Index from, Index station);
  void drop_server(Index from, Index station, Index number);
  void move_outputs(Index from, Index station);
  void move_clocks(Index station);
  void move_memory(Index station);
  Index moved_key(std::uint32_t key, Index station) const;
  void move_sources();
  void move_pools();
  void move_calendars();
  void move_events();

  // --- rebase_lots.cpp
  void withdraw_offers();
  void withdraw(Index lot, Index source);
  void move_lots();
  void move_lot(Index lot);
  void move_attributes();
  void move_masses();
  double moved_category(std::size_t attribute, double value, bool live);
  void move_keys(Index station);
  void move_tanks();

  // --- utilities.cpp
  void move_utilities();

  // --- digital.cpp
  void move_digital();
  template <class F>
  void for_lots(F&& f) const;

  // --- small things
  Index server(Index old) const { return old < servers_.size() ? servers_[old] : none; }
  std::string old_name(const char* kind, std::size_t index) const { return from_.of(kind)[index]->name; }
  /// Counts something that cannot be carried over: "station shred is gone", then "lot" and "in it" for "with 3 lots in it".
  void refuse(const char* kind, const std::string& name, const std::string& what, const std::string& noun = "",
              const std::string& rest = "", double amount = 1);
  void throw_if_refused() const;

  State old_;
  const Structure& from_;
  const Plant& to_;
  Structure there_;  ///< of the new plant
  NameMaps maps_;
  State new_;
  IndexMap servers_, clocks_, outages_;
  std::vector<std::uint8_t> live_;  ///< lots that exist
  std::vector<Index> new_servers_;
  std::map<std::array<std::string, 4>, double> refused_;  ///< by path, what, noun, rest
};

}  // namespace retwin
