// XES as a stream of tags (expat); names of elements without their namespaces.
#include "core/telemetry/readers/xes_log.hpp"

#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <exception>
#include <limits>
#include <memory>

#include "core/base/constants.hpp"
#include "core/base/files.hpp"
#include "core/base/problem.hpp"
#include "core/telemetry/log/findings.hpp"
#include "core/telemetry/readers/log_assembler.hpp"
#include "core/telemetry/tables/columns.hpp"
#include "core/telemetry/tables/text_stream.hpp"

namespace retwin {
namespace {

constexpr int block = 1 << 18;
constexpr int deepest = 1000;
constexpr long long longest_token = 1 << 24;
constexpr const char* values[] = {"string", "date", "int", "float", "boolean", "id"};

/// What an attribute of an event is for.
enum class Role { other, activity, resource, stamp, start, lifecycle, instance };

struct Value {
  std::string key, text;
  bool number = false;
};

class XesReader {
 public:
  XesReader(const std::string& path, const XesLogOptions& options)
      : options_(options), source_(path), parser_(XML_ParserCreate(nullptr), &XML_ParserFree) {
    out_.log.source = path;
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(
        parser_.get(),
        [](void* self, const char* name, const char** attributes) {
          static_cast<XesReader*>(self)->guarded([&](XesReader& r) { r.open(local(name), attributes); });
        },
        [](void* self, const char*) { static_cast<XesReader*>(self)->guarded([](XesReader& r) { r.close(); }); });
    XML_SetEntityDeclHandler(
        parser_.get(), [](void* self, const char*, int, const char*, int, const char*, const char*, const char*, const char*) {
          static_cast<XesReader*>(self)->guarded([](XesReader& r) {
            r.refuse(Code::syntax, "the file declares entities", "an event log needs none: write them out");
          });
        });
  }

  EventLog read() {
    for (bool more = true; more;) {
      void* buffer = XML_GetBuffer(parser_.get(), block);
      if (buffer == nullptr) throw std::bad_alloc();
      const std::size_t n = source_.read(static_cast<char*>(buffer), block);
      more = n > 0;
      fed_ += static_cast<long long>(n);
      if (XML_ParseBuffer(parser_.get(), static_cast<int>(n), more ? 0 : 1) == XML_STATUS_ERROR) fail();
      if (fed_ - XML_GetCurrentByteIndex(parser_.get()) > longest_token)
        refuse(Code::too_large, "a single tag or text of more than 16 MB", "this is no event log");
    }
    return finish();
  }

 private:
  static const char* local(const char* name) {
    const char* colon = std::strrchr(name, ':');
    return colon == nullptr ? name : colon + 1;
  }

  /// Nothing may be thrown through the parser: it is stopped, and what was thrown goes on afterwards.
  template <class Action>
  void guarded(Action&& action) {
    if (thrown_) return;
    try {
      action(*this);
    } catch (...) {
      thrown_ = std::current_exception();
      XML_StopParser(parser_.get(), XML_FALSE);
    }
  }

  [[noreturn]] void refuse(Code code, std::string message, std::string hint, bool whole_file = false) const {
    Place place;
    place.file = out_.log.source;
    if (!whole_file) {
      place.line = static_cast<int>(XML_GetCurrentLineNumber(parser_.get()));
      place.column = static_cast<int>(XML_GetCurrentColumnNumber(parser_.get())) + 1;
    }
    throw InputError({{code, Severity::error, std::move(place), {}, std::move(message), std::move(hint)}});
  }

  [[noreturn]] void fail() const {
    if (thrown_) std::rethrow_exception(thrown_);
    refuse(Code::syntax, fmt::format("not well-formed XML: {}", XML_ErrorString(XML_GetErrorCode(parser_.get()))),
           "write the log again with the tool that made it; a gzip file may have been cut off");
  }

  void open(const char* name, const char** attributes) {
    const auto is = [&](const char* other) { return std::strcmp(name, other) == 0; };
    if (++depth_ > deepest) refuse(Code::nesting, fmt::format("more than {} levels of tags", deepest), "this is no event log");
    if (depth_ == 1 && !is("log"))
      refuse(Code::type, fmt::format("the root is <{}>", name), "an event log in XES begins with <log>");
    if (depth_ == 2 && is("trace")) {
      trace_ = depth_;
      ++traces_;
      lot_.clear();
      of_trace_.clear();
    } else if (is("event") && (depth_ == 2 || (trace_ != 0 && depth_ == 3))) {
      event_ = depth_;
      record_ = out_.new_record();
      for (std::string& text : roles_) text.clear();
    } else if (event_ != 0 ? depth_ == event_ + 1 : trace_ != 0 && depth_ == trace_ + 1) {
      for (const char* kind : values)
        if (is(kind)) attribute(name, attributes);
    }
  }

  void close() {
    if (depth_ == event_) {
      event();
      event_ = 0;
    } else if (depth_ == trace_) {
      trace_ = 0;
    }
    --depth_;
  }

  void attribute(const char* kind, const char** attributes) {
    std::string_view key, value;
    for (; *attributes != nullptr; attributes += 2) {
      const std::string_view name = local(attributes[0]);
      if (name == "key") key = attributes[1];
      if (name == "value") value = attributes[1];
    }
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
      return fmt::format("event {} in line {}: {} \"{}\"", events_, XML_GetCurrentLineNumber(parser_.get()), what,
                         text.substr(0, 60));
    });
  }

  /// A time, nan where there is none; false if the attribute holds something else.
  bool time_of(Role role, double& time_s) {
    time_s = parse_stamp(at(role), DateOrder::month_first, options_.stamps.zone_s, &zones_);
    if (!std::isnan(time_s) || absent_text(at(role))) return true;
    set_aside(LogFault::unparsable_time, "time", at(role));
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
  ByteSource source_;
  std::unique_ptr<XML_ParserStruct, void (*)(XML_Parser)> parser_;
  LogAssembler out_;
  std::exception_ptr thrown_;
  long long fed_ = 0;
  int depth_ = 0, trace_ = 0, event_ = 0;  ///< nesting; that of the trace and of the event in hand, 0: none
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
