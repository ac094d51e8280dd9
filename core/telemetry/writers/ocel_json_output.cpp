// Logs in OCEL 2.0 as JSON: lots, their parents and resources are objects; the lots of a batch share an event.
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/files.hpp"
#include "core/telemetry/writers/log_output.hpp"

namespace retwin {
namespace {

using nlohmann::ordered_json;

class OcelJson {
 public:
  OcelJson(const EventLog& log, const std::string& path)
      : log_(log), file_(path), operations_(log), prefix_(single_event_prefix(log)), by_lot_(log.lots.size()) {
    for (const std::size_t e : operations_.in_order_of_ends()) by_lot_[log.events[e].lot].push_back(e);
  }

  void write() {
    of_batch();
    file_.write("{\n\"eventTypes\": [");
    for (const std::string& activity : log_.activities.all()) element({{"name", activity}, {"attributes", attributes_of(false)}});
    next_list("objectTypes");
    std::set<std::string> kinds;
    for (std::size_t e = 0; e < log_.events.size(); ++e) kinds.insert(kind_of(operations_(e)));
    if (!strangers().empty()) kinds.insert("lot");
    for (const std::string& kind : kinds) element({{"name", kind}, {"attributes", attributes_of(true)}});
    if (log_.resources.size() > 0) element({{"name", "resource"}, {"attributes", ordered_json::array()}});
    next_list("objects");
    objects();
    next_list("events");
    for (std::size_t e = 0; e < log_.events.size(); ++e) event(e);
    file_.write("\n]\n}\n");
    file_.commit();
  }

 private:
  void element(const ordered_json& value) {
    file_.write(first_ ? "\n" : ",\n");
    first_ = false;
    file_.write(value.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
  }
  void next_list(const char* name) {
    file_.write("\n],\n\"" + std::string(name) + "\": [");
    first_ = true;
  }

  static std::string kind_of(const LoggedOperation& o) {
    return o.kind.empty() || o.kind == "resource" ? "lot" : std::string(o.kind);
  }

  /// Parents without an operation of their own.
  std::set<std::string> strangers() const {
    std::set<std::string> names;
    const LogColumn* column = log_.column("parent");
    if (column == nullptr || column->numeric) return names;
    for (const std::string& parent : column->categories.all()) {
      const std::uint32_t lot = log_.lots.find(parent);
      if (lot == Names::absent || by_lot_[lot].empty()) names.insert(parent);
    }
    return names;
  }

  void of_batch() {
    for (std::size_t e = 0; e < log_.events.size(); ++e) {
      const std::uint32_t b = operations_.batch(e);
      if (b == Names::absent) continue;
      if (members_.size() <= b) members_.resize(b + std::size_t{1});
      members_[b].push_back(e);
    }
  }

  ordered_json attributes_of(bool lot) {
    ordered_json list = ordered_json::array();
    if (lot) {
      list.push_back({{"name", "kind"}, {"type", "string"}});
    } else {
      list.push_back({{"name", "start_timestamp"}, {"type", "time"}});
      list.push_back({{"name", "lifecycle"}, {"type", "string"}});
    }
    for (const LogField& field : operations_.fields())
      if (field.of_lot || !lot) list.push_back({{"name", field.name}, {"type", field.numeric ? "float" : "string"}});
    return list;
  }

  static bool missing(const LogField& field, const LogValue& value) {
    return field.numeric ? std::isnan(value.number) : value.text.empty();
  }
  /// The schema of the standard knows texts alone; the type of the attribute says what they are.
  static ordered_json text_of(const LogField& field, const LogValue& value) {
    return field.numeric ? ordered_json(number_text(value.number)) : ordered_json(std::string(value.text));
  }

  void objects() {
    for (std::uint32_t lot = 0; lot < by_lot_.size(); ++lot)
      if (!by_lot_[lot].empty()) object(log_.lots[lot], by_lot_[lot]);
    for (const std::string& parent : strangers()) element(bare_object(parent, "lot"));
    for (const std::string& resource : log_.resources.all()) element(bare_object("resource:" + resource, "resource"));
  }

  static ordered_json bare_object(const std::string& id, const std::string& type) {
    return {{"id", id}, {"type", type}, {"attributes", ordered_json::array()}, {"relationships", ordered_json::array()}};
  }

  /// What the lots of a batch differ in, and what a lot has become, is told of each lot, at the times when it changes.
  void object(const std::string& id, const std::vector<std::size_t>& events) {
    const LoggedOperation& at_first = operations_(events.front());
    ordered_json object = bare_object(id, kind_of(at_first));
    if (!at_first.parent.empty())
      object["relationships"].push_back({{"objectId", std::string(at_first.parent)}, {"qualifier", "part of"}});
    std::vector<ordered_json> last(operations_.fields().size());
    std::string kind = object["type"];
    for (const std::size_t e : events) {
      const LoggedOperation& o = operations_(e);
      if (kind_of(o) != kind) {
        kind = kind_of(o);
        object["attributes"].push_back({{"name", "kind"}, {"time", utc_stamp(time_of(o))}, {"value", kind}});
      }
      for (std::size_t c = 0; c < last.size(); ++c) {
        const LogField& field = operations_.fields()[c];
        if (!field.of_lot || missing(field, o.values[c])) continue;
        ordered_json value = text_of(field, o.values[c]);
        if (value == last[c]) continue;
        object["attributes"].push_back(
            {{"name", field.name}, {"time", utc_stamp(last[c].is_null() ? 0 : time_of(o))}, {"value", value}});
        last[c] = std::move(value);
      }
    }
    element(object);
  }

  static double time_of(const LoggedOperation& o) { return std::isnan(o.end_s) ? o.start_s : o.end_s; }

  void event(std::size_t e) {
    const std::uint32_t batch = operations_.batch(e);
    if (batch != Names::absent && members_[batch].front() != e) return;
    const LoggedOperation& o = operations_(e);
    ordered_json event{{"id", batch == Names::absent ? prefix_ + std::to_string(e + 1) : std::string(o.batch)},
                       {"type", std::string(o.activity)},
                       {"time", utc_stamp(time_of(o))},
                       {"attributes", ordered_json::array()},
                       {"relationships", ordered_json::array()}};
    ordered_json& attributes = event["attributes"];
    if (!std::isnan(o.start_s) && !std::isnan(o.end_s))
      attributes.push_back({{"name", "start_timestamp"}, {"value", utc_stamp(o.start_s)}});
    attributes.push_back({{"name", "lifecycle"}, {"value", std::isnan(o.end_s) ? "start" : "complete"}});
    for (std::size_t c = 0; c < operations_.fields().size(); ++c) {
      const LogField& field = operations_.fields()[c];
      if ((field.of_lot && batch != Names::absent) || missing(field, o.values[c])) continue;
      attributes.push_back({{"name", field.name}, {"value", text_of(field, o.values[c])}});
    }
    ordered_json& related = event["relationships"];
    if (!o.resource.empty()) related.push_back({{"objectId", "resource:" + std::string(o.resource)}, {"qualifier", "resource"}});
    const std::vector<std::size_t> alone{e};
    for (const std::size_t member : batch == Names::absent ? alone : members_[batch])
      related.push_back({{"objectId", log_.lots[log_.events[member].lot]}, {"qualifier", "lot"}});
    element(event);
  }

  const EventLog& log_;
  TextFile file_;
  LogOperations operations_;
  std::string prefix_;
  std::vector<std::vector<std::size_t>> by_lot_;   ///< events, in order of their ends
  std::vector<std::vector<std::size_t>> members_;  ///< events of each batch
  bool first_ = true;
};

}  // namespace

void write_ocel_json(const EventLog& log, const std::string& path) { OcelJson(log, path).write(); }

}  // namespace retwin
