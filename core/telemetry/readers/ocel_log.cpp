// OCEL to an event log: which objects are lots, what resource, from when to when.
#include "core/telemetry/readers/ocel_log.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <tuple>

#include "core/base/constants.hpp"
#include "core/base/files.hpp"
#include "core/base/problem.hpp"
#include "core/telemetry/log/findings.hpp"
#include "core/telemetry/readers/log_assembler.hpp"
#include "core/telemetry/readers/ocel_data.hpp"
#include "core/telemetry/tables/columns.hpp"
#include "core/telemetry/tables/text_stream.hpp"

namespace retwin {
namespace ocel {

std::uint32_t Data::add_event(std::string_view id, std::string_view type, std::string_view stamp) {
  const std::uint32_t row = ++rows_;
  const double time_s = parse_stamp(stamp, DateOrder::month_first, stamps.zone_s, &zones);
  const auto set_aside = [&](LogFault fault, const char* what) {
    note(findings, fault, "set aside", true, row,
         [&] { return fmt::format("event {} \"{}\": {} \"{}\"", row, id, what, stamp); });
    return Names::absent;
  };
  if (id.empty()) return set_aside(LogFault::foreign_row, "no id");
  if (absent_text(type)) return set_aside(LogFault::missing_activity, "no type");
  if (std::isnan(time_s)) return set_aside(is_placeholder(stamp) ? LogFault::placeholder_date : LogFault::unparsable_time, "time");
  const std::uint32_t number = event_ids.number(id);
  if (number < events.size()) return set_aside(LogFault::duplicate, "told twice");
  events.push_back({event_types.number(type), time_s});
  return number;
}

std::uint32_t Data::add_object(std::string_view id, std::string_view type) {
  const std::uint32_t number = object_ids.number(id);
  if (number == object_type.size()) object_type.push_back(object_types.number(type));
  return number;
}

void Data::add_text(std::vector<Attribute>& to, std::uint32_t owner, std::string_view name, std::string_view value,
                    double time_s) {
  if (!absent_text(value)) to.push_back({owner, attribute_names.number(name), texts.number(value), 0, time_s});
}

void Data::add_number(std::vector<Attribute>& to, std::uint32_t owner, std::string_view name, double value, double time_s) {
  to.push_back({owner, attribute_names.number(name), Names::absent, value, time_s});
}

void Loose::relate(std::uint32_t from, std::string_view object, std::string_view qualifier, Data& data, std::vector<Relation>& to) {
  to.push_back({from, named.number(object), data.qualifiers.number(qualifier)});
}

void Loose::resolve(Data& data) const {
  for (const auto& [from, to] : {std::pair(&events_to, &data.event_object), {&objects_to, &data.object_object}})
    for (std::size_t k = 0; k < from->size(); ++k) {
      const Relation& relation = (*from)[k];
      if (const std::uint32_t object = data.object_ids.find(named[relation.to]); object != Names::absent) {
        to->push_back({relation.from, object, relation.qualifier});
        continue;
      }
      note(data.findings, LogFault::foreign_row, "set aside", true, static_cast<std::uint32_t>(k + 1),
           [&] { return fmt::format("a relation to the object \"{}\", which is not there", named[relation.to]); });
    }
  for (std::vector<Attribute>* all : {&data.event_attributes, &data.object_attributes})
    for (Attribute& a : *all) {
      if (a.text == Names::absent || numeric.count(data.attribute_names[a.name]) == 0) continue;
      const std::string& text = data.texts[a.text];
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), a.number);
      if (error == std::errc() && end == text.data() + text.size()) a.text = Names::absent;
    }
}

}  // namespace ocel

namespace {

using ocel::Attribute;
using ocel::Data;
using ocel::Relation;

/// Qualifiers by which the source of a relation of objects is the whole; of all others it is the part.
constexpr const char* wholes[] = {"comprises", "contains", "consists of", "includes", "has", "has part", "parent of"};

/// What belongs to each owner: elements of a list that is in order of owners.
template <class Element, class Owner>
class Ranges {
 public:
  Ranges(std::vector<Element>& all, std::size_t owners, Owner owner) : all_(all), first_(owners + 1) {
    for (const Element& e : all) ++first_[owner(e) + std::size_t{1}];
    for (std::size_t k = 0; k < owners; ++k) first_[k + 1] += first_[k];
  }
  const Element* begin(std::uint32_t owner) const { return all_.data() + first_[owner]; }
  const Element* end(std::uint32_t owner) const { return all_.data() + first_[owner + std::size_t{1}]; }

 private:
  const std::vector<Element>& all_;
  std::vector<std::size_t> first_;
};
constexpr auto owner_of = [](const Attribute& a) { return a.owner; };
constexpr auto from_of = [](const Relation& r) { return r.from; };

bool usual_resource(const std::string& type) {
  static constexpr std::string_view usual[] = {"resource", "resources", "machine", "machines", "equipment", "workstation", "operator", "worker", "employee"};
  return std::count(std::begin(usual), std::end(usual), plain_name(type)) > 0;
}

class Assembly {
 public:
  Assembly(Data& data, const OcelLogOptions& options) : data_(data), options_(options) {
    std::stable_sort(data.event_attributes.begin(), data.event_attributes.end(),
                     [](const Attribute& a, const Attribute& b) { return a.owner < b.owner; });
    std::stable_sort(data.object_attributes.begin(), data.object_attributes.end(), [](const Attribute& a, const Attribute& b) {
      return std::tie(a.owner, a.time_s) < std::tie(b.owner, b.time_s);
    });
    std::stable_sort(data.event_object.begin(), data.event_object.end(),
                     [](const Relation& a, const Relation& b) { return a.from < b.from; });
    out_.log.source = data.path;
    out_.log.findings = std::move(data.findings);
    for (const std::string& type : data.object_types.all()) is_resource_.push_back(usual_resource(type));
    for (const std::string& name : data.attribute_names.all()) {
      const std::string plain = plain_name(name);
      const bool starts = std::count(usual_starts.begin(), usual_starts.end(), plain) > 0;
      roles_.push_back(starts                                                   ? Role::start
                       : plain == "lifecycle" || plain == "lifecycletransition" ? Role::lifecycle
                       : plain == "resource" || plain == "orgresource"          ? Role::resource
                                                                                : Role::other);
    }
  }

  OcelLog read() {
    if (data_.events.empty() && out_.log.findings.empty()) refuse(Code::missing, "the log has no events", "check the file");
    if (!data_.events.empty() && data_.event_object.empty())
      refuse(Code::missing, "no event is related to an object",
             "the lots of an event are told by the table event_object, in JSON by its \"relationships\"");
    choose_resources();
    choose_lots();
    const Ranges attributes(data_.event_attributes, data_.events.size(), owner_of);
    const Ranges objects(data_.event_object, data_.events.size(), from_of);
    const Ranges states(data_.object_attributes, data_.object_type.size(), owner_of);
    for (std::uint32_t e = 0; e < data_.events.size(); ++e) event(e, attributes, objects, states);
    OcelLog result;
    result.events = out_.take();
    result.events.zone_s = data_.zones.zone_s();
    if (result.events.events.empty())
      refuse_unusable(data_.path, result.events.findings, "name the type of the objects that are lots (case type)");
    result.events.sha256 = sha256_of_file(data_.path);
    for (const Relation& r : data_.object_object) relation(r, result.relations);
    return result;
  }

 private:
  enum class Role : std::uint8_t { other, start, lifecycle, resource };

  [[noreturn]] void refuse(Code code, std::string message, std::string hint) const {
    Place place;
    place.file = data_.path;
    throw InputError({{code, Severity::error, std::move(place), {}, std::move(message), std::move(hint)}});
  }

  std::uint32_t type_called(const std::string& name) const {
    const std::uint32_t type = data_.object_types.find(name);
    if (type != Names::absent) return type;
    const std::string near = nearest(name, data_.object_types.all());
    refuse(Code::unknown_name, fmt::format("there is no object type \"{}\"", name),
           near.empty() ? fmt::format("there are: {}", fmt::join(data_.object_types.all(), ", ")) : fmt::format("did you mean {}?", near));
  }

  void choose_resources() {
    const std::uint32_t lots = options_.case_type.empty() ? Names::absent : data_.object_types.find(options_.case_type);
    if (options_.resource_type.empty() && lots != Names::absent) is_resource_[lots] = false;
    if (options_.resource_type.empty() && std::all_of(is_resource_.begin(), is_resource_.end(), [](bool is) { return is; })) is_resource_.assign(is_resource_.size(), false);
    if (options_.resource_type.empty()) return;
    is_resource_.assign(is_resource_.size(), false);
    is_resource_[type_called(options_.resource_type)] = true;
  }

  void choose_lots() {
    if (!options_.case_type.empty()) {
      lot_type_ = type_called(options_.case_type);
      if (is_resource_[lot_type_]) refuse(Code::conflict, fmt::format("objects of type \"{}\" are lots and resources at once", options_.case_type), "name two types");
      return;
    }
    lot_qualifier_ = data_.qualifiers.find("lot");
    if (lot_qualifier_ != Names::absent) return;
    std::vector<std::uint64_t> relations(data_.object_types.size());
    for (const Relation& r : data_.event_object) ++relations[data_.object_type[r.to]];
    for (std::uint32_t type = 0; type < relations.size(); ++type) {
      if (is_resource_[type] || relations[type] == 0) continue;
      if (plain_name(data_.object_types[type]) == "lot") {
        lot_type_ = type;
        return;
      }
      if (lot_type_ == Names::absent || relations[type] > relations[lot_type_]) lot_type_ = type;
    }
  }

  bool is_lot(const Relation& r) const {
    return lot_qualifier_ != Names::absent ? r.qualifier == lot_qualifier_ : data_.object_type[r.to] == lot_type_;
  }
  bool is_resource(const Relation& r) const {
    return is_resource_[data_.object_type[r.to]] || plain_name(data_.qualifiers[r.qualifier]).rfind("resource", 0) == 0;
  }
  /// Ids of objects are of one space: a resource may be called like a lot.
  std::string_view resource_name(std::uint32_t object) const {
    constexpr std::string_view prefix = "resource:";
    const std::string_view id = data_.object_ids[object];
    return id.rfind(prefix, 0) == 0 ? id.substr(prefix.size()) : id;
  }
  double time_in(const Attribute& a) const { return a.text == Names::absent ? nan : data_.time(data_.texts[a.text]); }

  template <class Attributes, class Objects, class States>
  void event(std::uint32_t number, const Attributes& attributes, const Objects& objects, const States& states) {
    LogEvent event;
    event.row = number + 1;
    event.activity = out_.log.activities.number(data_.event_types[data_.events[number].type]);
    event.start_s = event.end_s = data_.events[number].time_s;
    bool has_start = false;
    LifecycleStep step = LifecycleStep::other;
    std::string_view word;
    std::vector<const Attribute*> others;
    for (const Attribute* a = attributes.begin(number); a != attributes.end(number); ++a) {
      const Role role = roles_[a->name];
      if (role == Role::start && !std::isnan(time_in(*a))) {
        event.start_s = time_in(*a);
        has_start = true;
      } else if (role == Role::lifecycle && a->text != Names::absent) {
        word = data_.texts[a->text];
        step = lifecycle_step(word, options_.start_values, options_.finish_values);
      } else if (role == Role::resource && a->text != Names::absent) {
        event.resource = out_.log.resources.number(data_.texts[a->text]);
      } else {
        others.push_back(a);
      }
    }
    if (!word.empty() && !has_start && step == LifecycleStep::other)
      return set_aside(LogFault::foreign_row, number, fmt::format("\"{}\" is neither a start nor a finish", word));
    std::vector<std::uint32_t> lots;
    bool resource_known = false;
    for (const Relation* r = objects.begin(number); r != objects.end(number); ++r) {
      if (is_resource(*r)) {
        if (!std::exchange(resource_known, true)) event.resource = out_.log.resources.number(resource_name(r->to));
      } else if (is_lot(*r) && std::count(lots.begin(), lots.end(), r->to) == 0) {
        lots.push_back(r->to);
      }
    }
    if (lots.empty()) return set_aside(LogFault::missing_case, number, "no lot is related to it");
    for (const std::uint32_t lot : lots) {
      const std::uint32_t record = out_.new_record();
      const std::string& kind = data_.object_types[data_.object_type[lot]];
      if (kind != "lot") out_.text(record, "kind", kind);
      for (const Attribute* a = states.begin(lot); a != states.end(lot) && a->time_s <= event.end_s; ++a) keep(record, *a);
      for (const Attribute* a : others) keep(record, *a);  // what the event says itself goes first
      if (lots.size() > 1) out_.text(record, "batch", data_.event_ids[number]);
      event.lot = out_.log.lots.number(data_.object_ids[lot]);
      if (has_start || word.empty()) out_.operation(event, record);
      else if (step == LifecycleStep::start) out_.start(event, record);
      else if (step != LifecycleStep::finish) {
        if (!out_.interrupt(event, step == LifecycleStep::suspend)) set_aside(LogFault::foreign_row, number, "it interrupts nothing");
      }
      else out_.finish(event, record);
    }
  }

  void keep(std::uint32_t record, const Attribute& a) {
    const std::string& name = data_.attribute_names[a.name];
    if (a.text == Names::absent) out_.number(record, name, a.number);
    else out_.text(record, name, data_.texts[a.text]);
  }

  void set_aside(LogFault fault, std::uint32_t number, std::string why) {
    note(out_.log.findings, fault, "set aside", true, number + 1,
         [&] { return fmt::format("event \"{}\": {}", data_.event_ids[number], why); });
  }

  void relation(const Relation& r, std::vector<LotRelation>& to) const {
    if (is_resource_[data_.object_type[r.from]] || is_resource_[data_.object_type[r.to]]) return;
    const std::string& qualifier = data_.qualifiers[r.qualifier];
    const bool whole = std::count(std::begin(wholes), std::end(wholes), qualifier) > 0;
    to.push_back({data_.object_ids[whole ? r.to : r.from], data_.object_ids[whole ? r.from : r.to], qualifier});
  }

  Data& data_;
  const OcelLogOptions& options_;
  LogAssembler out_;
  std::vector<bool> is_resource_;  ///< by object type
  std::vector<Role> roles_;        ///< by name of attribute
  std::uint32_t lot_type_ = Names::absent, lot_qualifier_ = Names::absent;
};

/// Whether a name ends so, packed or not, in any case.
bool named_in_any_case(std::string path, std::initializer_list<std::string_view> endings) {
  for (char& c : path) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (path.ends_with(".gz")) path.resize(path.size() - 3);
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view end) { return path.ends_with(end); });
}

}  // namespace

OcelLog read_ocel_log(const std::string& path, const OcelLogOptions& options) {
  Data data;
  data.path = path;
  data.stamps = options.stamps;
  if (named_in_any_case(path, {".json", ".jsonocel"})) ocel::read_json(data);
  else if (named_in_any_case(path, {".xml", ".xmlocel"})) ocel::read_xml(data);
  else ocel::read_sqlite(data);
  return Assembly(data, options).read();
}

}  // namespace retwin
