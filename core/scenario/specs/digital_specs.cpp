// The fields of the digital layer.
#include "core/scenario/specs/digital_specs.hpp"

namespace retwin {
namespace {

void outages(Fields& f, std::vector<OutageSpec>& fails, const char* doc) {
  f.map("fails", fails, [](OutageSpec& outage, Fields& g) { outage.fields(g); }, doc);
}

void origin(Fields& f, int& confidence, std::string& source) {
  f.choice_index("confidence", confidence, choices::confidence, "what the figures rest on");
  f.text("source", source, "where they come from");
}

template <class Step>
void step_fields(Fields& f, Step& step, const char* send, const char* compute) {
  f.name("send", step.send, send);
  f.name("from", step.from, "host that sends");
  f.name("to", step.to, "host that receives");
  f.name("compute", step.compute, compute);
  f.name("host", step.on, "host that computes");
}

}  // namespace

void HostSpec::fields(Fields& f) {
  f.name("speed", speed, "of one core: 20 Gop/s; of a host of the platform file: another one");
  f.count("cores", cores, {1, 100000}, "computations at full speed at a time; more share them");
  f.quantity("power", power_W, dimension::power, Range::non_negative(), "with all cores at work, in between in proportion to those at work");
  f.quantity("idle_power", idle_power_W, dimension::power, Range::non_negative(), "with none at work");
  f.name("station", station, "where it stands: its electricity is counted there");
  outages(f, fails, "times in which it is off; what it computes waits");
  origin(f, confidence, source);
}

void LinkSpec::fields(Fields& f) {
  f.required().name("bandwidth", bandwidth, "1 Gbit/s, 100 MB/s: transfers share it equally");
  f.quantity("latency", latency_s, dimension::time, Range::non_negative(), "before the first byte of a transfer is over it");
  outages(f, fails, "times in which it is down, whole or in part; what it carries waits");
  origin(f, confidence, source);
}

void WaySpec::fields(Fields& f) {
  f.required().name("from", from, "host");
  f.required().name("to", to, "host");
  f.names("over", over, "links, in order");
  f.flag("one_way", one_way, "the way back is another one");
}

void StreamSpec::fields(Fields& f) { step_fields(f, *this, "bytes by time: 40 kB/s", "operations by time: 0.5 Gop/s"); }

void TaskStepSpec::fields(Fields& f) { step_fields(f, *this, "bytes: 24 MB", "operations: 30 Gop"); }

void TaskSpec::fields(Fields& f) {
  f.list("steps", steps, [](TaskStepSpec& step, Fields& g) { step.fields(g); }, "one after the other: {send: 24 MB, from: camera, to: box}, {compute: 30 Gop, host: box}");
  f.names("after", after, "stations after each of whose jobs it begins, nobody waiting for it: records");
  f.value("every", every, "time from one beginning to the next, by the clock: model updates, reports");
  f.quantity("first", first_s, dimension::time, Range::non_negative(), "with every: the first beginning, after the start of the run");
  f.count("at_once", at_once, {1, 1e9}, "so many go on at a time, the others wait in order; if not given, any number shares what it needs");
  f.flag("per_lot", per_lot, "the amounts are those of one lot; a job of several sends and computes as many times as much");
  origin(f, confidence, source);
}

void DigitalSpec::fields(Fields& f) {
  f.name("platform", platform, "platform file of SimGrid (XML): its hosts, links and routes are known by name");
  f.map("hosts", hosts, [](HostSpec& host, Fields& g) { host.fields(g); }, "computers: edge boxes, servers, controllers, cameras", "speed");
  f.map("links", links, [](LinkSpec& link, Fields& g) { link.fields(g); }, "networks between them", "bandwidth");
  f.list("routes", routes, [](WaySpec& way, Fields& g) { way.fields(g); }, "which links lie between two hosts");
  f.map("streams", streams, [](StreamSpec& stream, Fields& g) { stream.fields(g); }, "what flows and is computed all the time, before everything else: sensors");
  f.map("tasks", tasks, [](TaskSpec& task, Fields& g) { task.fields(g); }, "what is sent and computed of a job, after one, or by the clock; a station waits for it with waits_for", "steps");
}

}  // namespace retwin
