// The content of an OCEL 2.0 file in either format: events, objects, attributes, relations. Private to the OCEL reader.
#pragma once
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/telemetry/log/event_log.hpp"
#include "core/telemetry/tables/timestamps.hpp"

namespace retwin::ocel {

struct Event {
  std::uint32_t type = Names::absent;
  double time_s = std::numeric_limits<double>::quiet_NaN();
};
/// Of an event; or of an object, from a time on.
struct Attribute {
  std::uint32_t owner = 0;
  std::uint32_t name = 0;
  std::uint32_t text = Names::absent;  ///< absent: a number
  double number = 0;
  double time_s = 0;
};
/// Event to object, or object (source) to object (target).
struct Relation {
  std::uint32_t from = 0, to = 0;
  std::uint32_t qualifier = 0;
};

/// Names are numbered; events and objects by the number of their id.
struct Data {
  std::string path;
  StampOptions stamps;
  CommonZone zones;  // of events
  Names event_ids, event_types, object_ids, object_types, attribute_names, texts, qualifiers;
  std::vector<Event> events;
  std::vector<std::uint32_t> object_type;
  std::vector<Attribute> event_attributes, object_attributes;
  std::vector<Relation> event_object, object_object;
  std::vector<LogFinding> findings;

  /// An event as the file lists it. Its number; absent for one that is set aside: without id or type, without a time, told twice.
  std::uint32_t add_event(std::string_view id, std::string_view type, std::string_view stamp);
  std::uint32_t add_object(std::string_view id, std::string_view type);
  void add_text(std::vector<Attribute>& to, std::uint32_t owner, std::string_view name, std::string_view value,
                double time_s = 0);
  void add_number(std::vector<Attribute>& to, std::uint32_t owner, std::string_view name, double value, double time_s = 0);
  double time(std::string_view stamp) const { return parse_stamp(stamp, DateOrder::month_first, stamps.zone_s); }

 private:
  std::uint32_t rows_ = 0;
};

/// What a file says before all of it is known: objects may be named before they are listed, and a text may be a number.
struct Loose {
  Names named;  ///< objects, as relations name them
  std::vector<Relation> events_to, objects_to;
  std::set<std::string> numeric;  ///< attributes that are said to be numbers
  void relate(std::uint32_t from, std::string_view object, std::string_view qualifier, Data& data, std::vector<Relation>& to);
  /// Relations to objects that are not there are set aside.
  void resolve(Data& data) const;
};

/// @throws InputError: file, encoding; missing (tables or columns, all at once)
void read_sqlite(Data& data);
/// @throws InputError: file; syntax (with line and column); type (no object); missing (no events or objects in it)
void read_json(Data& data);
/// @throws InputError: file; syntax (with line and column); type (another root); missing (no events or objects in it)
void read_xml(Data& data);

}  // namespace retwin::ocel
