// Values of scenario files with a syntax of their own: routes, needs, buffers, dispatch rules, uses of flows, attributes, shifts.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/fields.hpp"
#include "core/flow/plant/plant.hpp"
#include "core/stats/distribution_value.hpp"

namespace retwin {

/// A route as written: names not looked up yet, expressions not compiled.
struct RouteSpec {
  struct Option {
    Located target;
    Located via;      ///< transport on the way, from "agv -> press"
    double share = 0;
    Located when;     ///< expression; empty: always
    std::optional<double> believed_s;
  };
  RouteKind kind = RouteKind::single;
  std::vector<Option> options;
  Place place;
};

/// `to: name` | `{a: 60 %, b: 40 %}` | `[{when: expression, to: a}, {to: b}]` | `{shortest: [a, b]}` | `{fastest: {a: 20 s, b: 30 s}}`
/// | `{cyclic: [...]}` | `{overflow: [...]}` | `{port: any of these, ...}`; a name may be "transport -> name".
class RoutesValue : public Value {
 public:
  void read(const Node& node, const std::string& path, Problems& problems) override;
  Node write() const override;
  bool given() const override { return !ports_.empty(); }
  std::string type() const override { return "route"; }
  std::string schema() const override;
  std::string text() const override { return {}; }
  /// Port and route; a port without name is the only one.
  const std::vector<std::pair<Located, RouteSpec>>& ports() const { return ports_; }
  void set(RouteSpec route) { ports_ = {{Located(), std::move(route)}}; }
  /// To one station or sink.
  void set(const std::string& target);

 private:
  std::vector<std::pair<Located, RouteSpec>> ports_;
};

/// Anything, kept as it stands: paths with their new values.
class AnythingValue : public Value {
 public:
  void read(const Node& node, const std::string&, Problems&) override {
    set(node);
  }
  Node write() const override { return node_; }
  void set(Node node) { given_ = true, node_ = std::move(node); }
  bool given() const override { return given_; }
  std::string type() const override { return "paths and values"; }
  std::string schema() const override { return R"({"type": "object"})"; }
  std::string text() const override { return {}; }
  const Node& node() const { return node_; }

 private:
  bool given_ = false;
  Node node_;
};

/// `{technician: 2, forklift: 1}`
class NeedsValue : public Value {
 public:
  void read(const Node& node, const std::string& path, Problems& problems) override;
  Node write() const override;
  bool given() const override { return !needs_.empty(); }
  std::string type() const override { return "resources and their numbers"; }
  std::string schema() const override;
  std::string text() const override { return {}; }
  const std::vector<std::pair<Located, double>>& needs() const { return needs_; }
  void add(const std::string& resource, double count) { needs_.emplace_back(Located{resource, {}}, count); }

 private:
  std::vector<std::pair<Located, double>> needs_;
};

/// `20` places | `60 t` | `15 m3` (with the station's density) | `unlimited` | `{count: 20, mass: 60 t, mixed: true}`
class BufferValue : public Value {
 public:
  void read(const Node& node, const std::string& path, Problems& problems) override;
  Node write() const override;
  bool given() const override { return given_; }
  std::string type() const override { return "places, mass or both"; }
  std::string schema() const override;
  std::string text() const override { return "unlimited"; }
  Index places() const { return places_; }
  void set_places(Index places) { given_ = true, places_ = places; }
  double kg() const { return kg_; }
  double m3() const { return m3_; }
  bool mixed() const { return mixed_; }

 private:
  bool given_ = false, mixed_ = false;
  Index places_ = unlimited;
  double kg_ = -1, m3_ = -1;
};

/// `auto`, or a number.
class ReplicationsValue : public Value {
 public:
  void read(const Node& node, const std::string& path, Problems& problems) override;
  Node write() const override;
  bool given() const override { return given_; }
  std::string type() const override { return "auto or a number"; }
  std::string schema() const override { return R"({"oneOf": [{"const": "auto"}, {"type": "integer", "minimum": 1}]})"; }
  std::string text() const override { return "auto"; }
  std::int64_t count() const { return count_; }  ///< 0: as many as it takes

 private:
  bool given_ = false;
  std::int64_t count_ = 0;
};

/// `auto` | a time
class WarmupValue : public Value {
 public:
  void read(const Node& node, const std::string& path, Problems& problems) override;
  Node write() const override;
  bool given() const override { return given_; }
  std::string type() const override { return "auto or a time"; }
  std::string schema() const override { return R"({"anyOf": [{"const": "auto"}, {"type": "string", "pattern": "^[-+]?[0-9.].*[A-Za-z%]"}]})"; }
  std::string text() const override { return "0 s"; }
  double s() const { return s_; }               ///< 0 if it is to be found
  bool to_be_found() const { return found_; }

 private:
  bool given_ = false, found_ = false;
  double s_ = 0;
};

/// `fifo` | `lifo` | `campaign` | `{smallest: expression}` | `{largest: expression}`
class DispatchValue : public Value {
 public:
  void read(const Node& node, const std::string& path, Problems& problems) override;
  Node write() const override;
  bool given() const override { return given_; }
  std::string type() const override { return "dispatch rule"; }
  std::string schema() const override;
  std::string text() const override { return "fifo"; }
  Dispatch rule() const { return rule_; }
  const Located& key() const { return key_; }

 private:
  bool given_ = false;
  Dispatch rule_ = Dispatch::fifo;
  Located key_;
};

/// `{natural_gas: 67 m3/t}` per mass of feed, `10 m3/h` while working, `5 kg` per job, or a map of these:
/// `{natural_gas: {per_mass: 67 m3/t, working: 10 m3/h, idle: 30 m3/h, off: 30 m3/h, per_job: 1 m3}}`.
class ConsumesValue : public Value {
 public:
  struct Use {
    Located flow;
    Dimension dimension;  ///< of an amount of the flow
    double per_job = 0, per_kg = 0, working = 0, off = 0;
    double idle = 0;  ///< starved, blocked, waiting, set up or stopped within the shift
  };
  void read(const Node& node, const std::string& path, Problems& problems) override;
  Node write() const override;
  bool given() const override { return !uses_.empty(); }
  std::string type() const override { return "flows and their use"; }
  std::string schema() const override;
  std::string text() const override { return {}; }
  const std::vector<Use>& uses() const { return uses_; }

 private:
  std::vector<Use> uses_;
};

/// Attributes that a source gives its lots: `{weight: {normal: {mean: 3 kg, sd: 1 kg}}, grade: {A: 60 %, B: 40 %}, colour: red}`.
class AttributesValue : public Value {
 public:
  struct Entry {
    Located name;
    Dimension dimension;
    std::optional<Distribution> distribution;              ///< numeric
    std::vector<std::pair<std::string, double>> categories;  ///< name and share
  };
  void read(const Node& node, const std::string& path, Problems& problems) override;
  Node write() const override;
  bool given() const override { return !entries_.empty(); }
  std::string type() const override { return "attributes and their distributions"; }
  std::string schema() const override;
  std::string text() const override { return {}; }
  const std::vector<Entry>& entries() const { return entries_; }
  void add(Entry entry) { entries_.push_back(std::move(entry)); }

 private:
  std::vector<Entry> entries_;
};

/// `two_shift` | `{day: 4, night: 2}` (units on duty per calendar)
class ShiftsValue : public Value {
 public:
  void read(const Node& node, const std::string& path, Problems& problems) override;
  Node write() const override;
  bool given() const override { return !shifts_.empty(); }
  std::string type() const override { return "calendar, or calendars and units on duty"; }
  std::string schema() const override;
  std::string text() const override { return "always"; }
  /// Calendar and units; negative units: all of the pool.
  const std::vector<std::pair<Located, double>>& shifts() const { return shifts_; }
  void set(const std::string& calendar) { shifts_ = {{Located{calendar, {}}, -1.0}}; }

 private:
  std::vector<std::pair<Located, double>> shifts_;
};

/// Numbers by two names, `{A: {B: 30 m}}`: distances, setup matrices.
class TableValue : public Value {
 public:
  explicit TableValue(Dimension dimension) : dimension_(dimension) {}
  struct Cell {
    Located row, column;
    double value = 0;
  };
  void read(const Node& node, const std::string& path, Problems& problems) override;
  Node write() const override;
  bool given() const override { return !cells_.empty(); }
  std::string type() const override { return "table by two names"; }
  std::string schema() const override;
  std::string text() const override { return {}; }
  const std::vector<Cell>& cells() const { return cells_; }

 private:
  Dimension dimension_;
  std::vector<Cell> cells_;
};

}  // namespace retwin
