// OCEL 2.0 in JSON: the elements of its four arrays are taken one by one as they are parsed.
#include <fmt/format.h>

#include <cmath>
#include <istream>
#include <nlohmann/json.hpp>
#include <set>
#include <streambuf>

#include "core/base/problem.hpp"
#include "core/telemetry/log/findings.hpp"
#include "core/telemetry/readers/ocel_data.hpp"
#include "core/telemetry/tables/text_stream.hpp"

namespace retwin::ocel {
namespace {

using nlohmann::json;

/// Bytes for the parser; counts lines.
class Bytes : public std::streambuf {
 public:
  explicit Bytes(const std::string& path) : source_(path) {}
  /// Line and column of a byte, if it is within the block that was read last.
  Place place(std::size_t byte) const {
    Place place;
    place.line = 1 + lines_;
    std::size_t begin = line_begin_;
    const std::size_t there = byte > before_ ? std::min(byte - before_, static_cast<std::size_t>(egptr() - eback())) : 0;
    for (std::size_t k = 0; k + 1 < there; ++k) {
      if (eback()[k] != '\n') continue;
      ++place.line;
      begin = before_ + k + 1;
    }
    place.column = static_cast<int>(std::max(byte, begin + 1) - begin);
    return place;
  }

 protected:
  int_type underflow() override {
    for (const char* c = eback(); c != egptr(); ++c) {
      if (*c != '\n') continue;
      ++lines_;
      line_begin_ = before_ + static_cast<std::size_t>(c - eback()) + 1;
    }
    before_ += static_cast<std::size_t>(egptr() - eback());
    const std::size_t n = source_.read(buffer_.data(), buffer_.size());
    setg(buffer_.data(), buffer_.data(), buffer_.data() + n);
    return n == 0 ? traits_type::eof() : traits_type::to_int_type(buffer_[0]);
  }

 private:
  ByteSource source_;
  std::vector<char> buffer_ = std::vector<char>(1 << 16);
  std::size_t before_ = 0, line_begin_ = 0;
  int lines_ = 0;
};

std::string_view text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? std::string_view(found->get_ref<const std::string&>())
                                                     : std::string_view();
}

const json& list_of(const json& object, const char* key) {
  static const json nothing = json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : nothing;
}

class JsonReader {
 public:
  explicit JsonReader(Data& data) : data_(data), bytes_(data.path) {}

  void read() {
    std::istream stream(&bytes_);
    std::string key;
    std::size_t kept = 0;  // values of the element in hand
    const auto take = [&](int depth, json::parse_event_t event, json& parsed) {
      if (depth > deepest) refuse(Code::nesting, {}, fmt::format("more than {} levels of brackets", deepest), "this is no event log");
      if (depth <= 1) kept = 0;
      if (++kept > most_in_element) refuse(Code::too_large, {}, "an event or object of more than a million values", "this is no event log");
      if (depth == 1 && event == json::parse_event_t::key) {
        key = parsed.get<std::string>();
        seen_.insert(key);
      }
      if (depth != 2 || event == json::parse_event_t::object_start) return true;
      if (event == json::parse_event_t::object_end) element(key, parsed), kept = 0;
      return event == json::parse_event_t::key;  // nothing of an array is kept
    };
    try {
      const json rest = json::parse(stream, take);
      if (rest.is_object()) {
        check_parts();
        loose_.resolve(data_);
        return;
      }
    } catch (const json::parse_error& error) {
      refuse(Code::syntax, bytes_.place(error.byte), "not JSON", "write the log again with the tool that made it");
    } catch (const json::out_of_range&) {
      refuse(Code::range, {}, "a number in it is larger than any", "write the log again with the tool that made it");
    }
    refuse(Code::type, {}, "the document is no object", parts);
  }

 private:
  static constexpr int deepest = 100;
  static constexpr std::size_t most_in_element = 1'000'000;
  static constexpr const char* parts = "OCEL 2.0 in JSON has objectTypes, eventTypes, objects and events";

  [[noreturn]] void refuse(Code code, Place place, std::string message, std::string hint) const {
    place.file = data_.path;
    throw InputError({{code, Severity::error, std::move(place), {}, std::move(message), std::move(hint)}});
  }

  void check_parts() const {
    Problems problems;
    Place place;
    place.file = data_.path;
    for (const char* part : {"events", "objects"})
      if (seen_.count(part) == 0) problems.error(Code::missing, place, {}, fmt::format("there are no {}", part), parts);
    problems.throw_if_errors();
  }

  void element(const std::string& part, const json& e) {
    if (part == "events") event(e);
    if (part == "objects") object(e);
    if (part != "eventTypes" && part != "objectTypes") return;
    for (const json& attribute : list_of(e, "attributes")) {
      if (!attribute.is_object()) continue;
      const std::string_view type = text_of(attribute, "type");
      if (type == "integer" || type == "float") loose_.numeric.insert(std::string(text_of(attribute, "name")));
    }
  }

  void event(const json& e) {
    const std::uint32_t number = data_.add_event(text_of(e, "id"), text_of(e, "type"), text_of(e, "time"));
    if (number == Names::absent) return;
    for (const json& attribute : list_of(e, "attributes")) value(data_.event_attributes, number, attribute, 0);
    related(number, e, loose_.events_to);
  }

  void object(const json& e) {
    if (text_of(e, "id").empty()) return;
    const std::uint32_t number = data_.add_object(text_of(e, "id"), text_of(e, "type"));
    for (const json& attribute : list_of(e, "attributes"))
      if (attribute.is_object()) {
        const double from_s = data_.time(text_of(attribute, "time"));
        value(data_.object_attributes, number, attribute, std::isnan(from_s) ? 0 : from_s);
      }
    related(number, e, loose_.objects_to);
  }

  void value(std::vector<Attribute>& to, std::uint32_t owner, const json& attribute, double time_s) {
    if (!attribute.is_object() || attribute.find("value") == attribute.end()) return;
    const json& v = attribute["value"];
    const std::string_view name = text_of(attribute, "name");
    if (v.is_number()) data_.add_number(to, owner, name, v.get<double>(), time_s);
    else if (v.is_string()) data_.add_text(to, owner, name, v.get_ref<const std::string&>(), time_s);
    else if (v.is_boolean()) data_.add_text(to, owner, name, v.get<bool>() ? "true" : "false", time_s);
  }

  void related(std::uint32_t from, const json& e, std::vector<Relation>& to) {
    for (const json& relation : list_of(e, "relationships"))
      if (relation.is_object()) loose_.relate(from, text_of(relation, "objectId"), text_of(relation, "qualifier"), data_, to);
  }

  Data& data_;
  Bytes bytes_;
  std::set<std::string> seen_;
  Loose loose_;
};

}  // namespace

void read_json(Data& data) { JsonReader(data).read(); }

}  // namespace retwin::ocel
