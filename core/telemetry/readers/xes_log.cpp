// XES as a stream of tags (expat); names of elements without their namespaces.
#include "core/telemetry/readers/xes_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/base/constants.hpp"
#include "core/base/files.hpp"
#include "core/base/problem.hpp"
#include "core/telemetry/log/findings.hpp"
#include "core/telemetry/readers/log_assembler.hpp"
#include "core/telemetry/tables/columns.hpp"
#include "core/telemetry/tables/xml_stream.hpp"

namespace retwin {
namespace {

constexpr const char* values[] = {"string", "date", "int", "float", "boolean", "id"};

/// What an attribute of an event is for.
enum class Role { other, activity, resource, stamp, start, lifecycle, instance };

struct Value {
  std::string key, text;
  bool number = false;
};

class XesReader : private XmlStream {
 public:
  XesReader(const std::string& path, const XesLogOptions& options) : XmlStream(path, "event log"), options_(options) { out_.log.source = path; }

  EventLog read() {
    read_tags();
    return finish();
  }

 private:
  void open(const char* name, const char** attributes) override {
    const auto is = [&](const char* other) { return std::strcmp(name, other) == 0; };
    const int depth = this->depth();
    if (depth == 1 && !is("log"))
      refuse(Code::type, fmt::format("the root is <{}>", name), "an event log in XES begins with <log>");
    if (depth == 2 && is("trace")) {
      trace_ = depth;
      ++traces_;
      lot_.clear();
      of_trace_.clear();
    } else if (is("event") && (depth == 2 || (trace_ != 0 && depth == 3))) {
      event_ = depth;
      record_ = out_.new_record();
      for (std::string& text : roles_) text.clear();
    } else if (event_ != 0 ? depth == event_ + 1 : trace_ != 0 && depth == trace_ + 1) {
      for (const char* kind : values)
        if (is(kind)) take(name, attributes);
    }
  }

  void close(const char*) override {
    const int depth = this->depth();
    if (depth == event_) {
      event();
      event_ = 0;
    } else if (depth == trace_) {
      trace_ = 0;
    }
  }

  void take(const char* kind, const char** attributes) {
    const std::string_view key = attribute(attributes, "key"), value = attribute(attributes, "value");
    const bool number = std::strcmp(kind, "int") == 0 || std::strcmp(kind, "float") == 0;
    if (event_ == 0) {
      if (key == options_.lot) {
        lot_ = value;
      } else {
        of_trace_.push_back({fmt::format("case:{}", key), std::string(value), number});
      }
      return;
    }
    const Role role = role_of(key, std::strcmp(kind, "date") == 0);
    if (role == Role::other) {
      keep(key, value, number);
    } else {
      roles_[static_cast<std::size_t>(role)] = value;
    }
  }

  Role role_of(std::string_view key, bool date) const {
    if (key == options_.activity) return Role::activity;
    if (key == options_.resource) return Role::resource;
    if (key == options_.stamp) return Role::stamp;
    if (key == "lifecycle:transition") return Role::lifecycle;
    if (key == "concept:instance") return Role::instance;
    if (!options_.start.empty()) return key == options_.start ? Role::start : Role::other;
    return date && std::count(usual_starts.begin(), usual_starts.end(), plain_name(key)) > 0 ? Role::start : Role::other;
  }

  void keep(std::string_view key, std::string_view value, bool number) {
    if (!number) {
      if (!absent_text(value)) out_.text(record_, key, value);
      return;
    }
    double parsed = nan;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
    if (error != std::errc() || end != value.data() + value.size() || !sane_number(parsed)) {
      if (absent_text(value)) return;
      note(out_.log.findings, LogFault::unparsable_number, "kept without the number", false, events_ + 1,
           [&] { return fmt::format("event {}, {}: \"{}\"", events_ + 1, key, value.substr(0, 60)); });
      return;
    }
    out_.number(record_, key, parsed);
  }

  const std::string& at(Role role) const { return roles_[static_cast<std::size_t>(role)]; }

  void set_aside(LogFault fault, const char* what, const std::string& text) {
    note(out_.log.findings, fault, "set aside", true, events_, [&] {
      return fmt::format("event {} in line {}: {} \"{}\"", events_, line(), what,
                         text.substr(0, 60));
    });
  }

  /// A time, nan where there is none; false if the attribute holds something else.
  bool time_of(Role role, double& time_s) {
    time_s = parse_stamp(at(role), DateOrder::month_first, options_.stamps.zone_s, &zones_);
    if (!std::isnan(time_s) || absent_text(at(role))) return true;
    set_aside(is_placeholder(at(role)) ? LogFault::placeholder_date : LogFault::unparsable_time, "time", at(role));
    return false;
  }

  void event() {
    ++events_;
    if (trace_ == 0) return set_aside(LogFault::missing_case, "outside of a trace:", at(Role::activity));
    if (absent_text(at(Role::activity))) return set_aside(LogFault::missing_activity, "activity", at(Role::activity));
    double stamp = nan, start = nan;
    if (!time_of(Role::stamp, stamp) || !time_of(Role::start, start)) return;
    if (std::isnan(stamp) && std::isnan(start)) return set_aside(LogFault::unparsable_time, "no time of", at(Role::activity));
    LogEvent e;
    e.lot = out_.log.lots.number(absent_text(lot_) ? std::to_string(traces_) : lot_);
    if (!absent_text(at(Role::resource))) e.resource = out_.log.resources.number(at(Role::resource));
    e.row = events_;
    e.end_s = stamp;
    e.start_s = at(Role::start).empty() ? stamp : start;
    for (const Value& v : of_trace_) keep(v.key, v.text, v.number);
    if (!at(Role::start).empty() || at(Role::lifecycle).empty()) {
      e.activity = out_.log.activities.number(at(Role::activity));
      return out_.operation(e, record_);
    }
    const LifecycleStep step = lifecycle_step(at(Role::lifecycle), options_.start_values, options_.finish_values);
    if (step == LifecycleStep::other)
      return set_aside(LogFault::foreign_row, "neither a start nor a completion:", at(Role::lifecycle));
    // instances of an activity are told apart while they are paired
    const std::uint32_t activity = out_.log.activities.number(at(Role::activity));
    e.activity = instances_.number(fmt::format("{}\n{}", activity, at(Role::instance)));
    if (e.activity == activity_of_.size()) activity_of_.push_back(activity);
    if (step == LifecycleStep::suspend || step == LifecycleStep::resume) {
      if (!out_.interrupt(e, step == LifecycleStep::suspend)) set_aside(LogFault::foreign_row, "interrupts nothing:", at(Role::lifecycle));
      return;
    }
    paired_.push_back(events_);
    step == LifecycleStep::start ? out_.start(e, record_) : out_.finish(e, record_);
  }

  EventLog finish() {
    if (traces_ == 0) refuse(Code::missing, "the log has no traces", "each lot is a <trace> within <log>", true);
    if (events_ == 0) refuse(Code::missing, "the traces have no events", "each operation is an <event> within a <trace>", true);
    EventLog log = out_.take();
    log.zone_s = zones_.zone_s();
    std::sort(paired_.begin(), paired_.end());
    for (LogEvent& e : log.events)
      if (std::binary_search(paired_.begin(), paired_.end(), e.row)) e.activity = activity_of_[e.activity];
    if (log.events.empty()) refuse_unusable(log.source, log.findings, "events need concept:name and time:timestamp");
    log.sha256 = sha256_of_file(log.source);
    return log;
  }

  const XesLogOptions& options_;
  CommonZone zones_;
  LogAssembler out_;
  int trace_ = 0, event_ = 0;  ///< depth of the trace and of the event in hand, 0: none
  std::uint32_t traces_ = 0, events_ = 0, record_ = 0;
  std::string lot_;
  std::vector<Value> of_trace_;
  std::string roles_[7];
  Names instances_;  ///< activity and instance, as they are paired
  std::vector<std::uint32_t> activity_of_, paired_;
};

}  // namespace

EventLog read_xes_log(const std::string& path, const XesLogOptions& options) { return XesReader(path, options).read(); }

}  // namespace retwin
