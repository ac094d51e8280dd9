// OCEL 2.0 in XML: objects and events one after the other, each with its attributes and relations.
#include <cmath>
#include <string>

#include "core/base/problem.hpp"
#include "core/telemetry/readers/ocel_data.hpp"
#include "core/telemetry/tables/xml_stream.hpp"

namespace retwin::ocel {
namespace {

class XmlReader : private XmlStream {
 public:
  explicit XmlReader(Data& data) : XmlStream(data.path, "event log"), data_(data) {}

  void read() {
    read_tags();
    Problems problems;
    Place place;
    place.file = data_.path;
    for (const auto& [seen, part] : {std::pair(events_, "events"), {objects_, "objects"}})
      if (!seen) problems.error(Code::missing, place, {}, std::string("there are no ") + part, "OCEL 2.0 in XML has object-types, event-types, objects and events");
    problems.throw_if_errors();
    loose_.resolve(data_);
  }

 private:
  enum class In : std::uint8_t { nothing, event, object, type };

  void open(const char* tag, const char** attributes) override {
    const std::string_view name = tag;
    const auto given = [&](std::string_view key) { return attribute(attributes, key); };
    if (depth() == 1 && name != "log") refuse(Code::type, "the root is <" + std::string(name) + ">", "OCEL 2.0 in XML begins with <log>");
    if (depth() == 2) events_ = events_ || name == "events", objects_ = objects_ || name == "objects";
    if (depth() == 3 && name == "event") {
      in_ = In::event;
      owner_ = data_.add_event(given("id"), given("type"), given("time"));
    } else if (depth() == 3 && name == "object") {
      in_ = In::object;
      owner_ = given("id").empty() ? Names::absent : data_.add_object(given("id"), given("type"));
    } else if (depth() == 3) {
      in_ = In::type;
    } else if (depth() == 5 && name == "attribute") {
      if (in_ == In::type && (given("type") == "integer" || given("type") == "float")) loose_.numeric.insert(std::string(given("name")));
      attribute_ = given("name");
      const double from_s = in_ == In::object ? data_.time(given("time")) : 0;
      time_s_ = std::isnan(from_s) ? 0 : from_s;
      value_.clear();
      takes_ = in_ == In::event || in_ == In::object;
    } else if (depth() == 5 && (name == "relationship" || name == "object" || name == "relobj") && owner_ != Names::absent && in_ != In::type) {
      const std::string_view object = given("object-id");
      loose_.relate(owner_, object, given("qualifier"), data_, in_ == In::event ? loose_.events_to : loose_.objects_to);
    }
  }
  void text(std::string_view part) override {
    if (takes_) value_ += part;
  }
  void close(const char*) override {
    if (depth() != 5 || !takes_) return;
    takes_ = false;
    if (owner_ != Names::absent) data_.add_text(in_ == In::event ? data_.event_attributes : data_.object_attributes, owner_, attribute_, value_, time_s_);
  }

  Data& data_;
  Loose loose_;
  In in_ = In::nothing;
  std::uint32_t owner_ = Names::absent;
  std::string attribute_, value_;
  double time_s_ = 0;
  bool takes_ = false, events_ = false, objects_ = false;
};

}  // namespace

void read_xml(Data& data) { XmlReader(data).read(); }

}  // namespace retwin::ocel
