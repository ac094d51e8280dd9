// Logs in XES (IEEE 1849-2016): each operation is a start and a completion with the same concept:instance.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/telemetry/writers/log_output.hpp"

namespace retwin {
namespace {

constexpr const char* head = R"(<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
  <global scope="trace">
    <string key="concept:name" value=""/>
  </global>
  <global scope="event">
    <string key="concept:name" value=""/>
    <date key="time:timestamp" value="1970-01-01T00:00:00.000Z"/>
    <string key="lifecycle:transition" value="complete"/>
  </global>
  <classifier name="Activity" keys="concept:name"/>
)";

/// As the value of an XML attribute; what XML 1.0 cannot say becomes "?".
std::string escaped(std::string_view text) {
  const std::string sound = sound_utf8(text);
  std::string out;
  for (std::size_t at = 0; at < sound.size();) {
    const CodePoint c = code_point(sound, at);
    switch (c.value) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += "&#10;"; break;
      case '\t': out += "&#9;"; break;
      case '\r': out += "&#13;"; break;
      case 0xFFFE:
      case 0xFFFF: out += '?'; break;
      default: out += c.value < ' ' ? "?" : sound.substr(at, c.bytes);
    }
    at += c.bytes;
  }
  return out;
}

/// A start or a completion.
struct Half {
  double time_s;
  int rank;  ///< at one instant: what took time ends first
  std::size_t event;
  bool completion;
  std::size_t instance;  ///< the operation's number within its trace
};

class XesFile {
 public:
  XesFile(const EventLog& log, const std::string& path) : log_(log), file_(path), operations_(log) {}

  void write() {
    file_.write(head);
    const auto by_lot = log_.by_lot();
    for (std::uint32_t lot = 0; lot < by_lot.size(); ++lot) {
      if (by_lot[lot].empty()) continue;
      file_.write("  <trace>\n");
      attribute(4, "string", "concept:name", log_.lots[lot]);
      trace(by_lot[lot]);
      file_.write("  </trace>\n");
    }
    file_.write("</log>\n");
    file_.commit();
  }

 private:
  void attribute(int indent, const char* type, std::string_view key, std::string_view value) {
    file_.write(fmt::format("{:{}}<{} key=\"{}\" value=\"{}\"/>\n", "", indent, type, escaped(key), escaped(value)));
  }

  void trace(const std::vector<std::uint32_t>& events) {
    std::vector<Half> halves;
    for (std::size_t k = 0; k < events.size(); ++k) {
      const std::uint32_t e = events[k];
      const LogEvent& event = log_.events[e];
      const bool takes_time = event.end_s > event.start_s;
      if (!std::isnan(event.start_s)) halves.push_back({event.start_s, 1, e, false, k + 1});
      if (!std::isnan(event.end_s)) halves.push_back({event.end_s, takes_time ? 0 : 1, e, true, k + 1});
    }
    std::sort(halves.begin(), halves.end(), [](const Half& a, const Half& b) {
      return std::tie(a.time_s, a.rank, a.event, a.completion) < std::tie(b.time_s, b.rank, b.event, b.completion);
    });
    for (const Half& half : halves) event(half);
  }

  void event(const Half& half) {
    const LoggedOperation& o = operations_(half.event);
    file_.write("    <event>\n");
    attribute(6, "string", "concept:name", o.activity);
    attribute(6, "string", "concept:instance", std::to_string(half.instance));
    if (!o.resource.empty()) attribute(6, "string", "org:resource", o.resource);
    attribute(6, "string", "lifecycle:transition", half.completion ? "complete" : "start");
    attribute(6, "date", "time:timestamp", utc_stamp(half.time_s));
    if (half.completion || std::isnan(o.end_s)) further(o);
    file_.write("    </event>\n");
  }

  void further(const LoggedOperation& o) {
    if (!o.kind.empty()) attribute(6, "string", "kind", o.kind);
    if (!o.batch.empty()) attribute(6, "string", "batch", o.batch);
    if (!o.parent.empty()) attribute(6, "string", "parent", o.parent);
    for (std::size_t c = 0; c < operations_.fields().size(); ++c) {
      const LogField& field = operations_.fields()[c];
      const LogValue& value = o.values[c];
      if (field.numeric && !std::isnan(value.number)) attribute(6, "float", field.name, number_text(value.number));
      if (!field.numeric && !value.text.empty()) attribute(6, "string", field.name, value.text);
    }
  }

  const EventLog& log_;
  TextFile file_;
  LogOperations operations_;
};

}  // namespace

void write_xes_log(const EventLog& log, const std::string& path) { XesFile(log, path).write(); }

}  // namespace retwin
