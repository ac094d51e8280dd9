// Compiling the digital layer: computers and links, of the scenario and of a platform file; the routes of what is sent; tasks and who waits for them.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "core/platform/network.hpp"
#include "core/scenario/compile/compiler.hpp"

namespace retwin {
namespace {

/// What is counted: bytes, or operations.
enum class Measured { bytes, operations };

}  // namespace

/// Reads the section, device by device and task by task.
class DigitalCompiler {
 public:
  /// Links between two computers, and what they take before the first byte is over.
  struct Way {
    std::vector<Index> over;
    double latency_s = 0;
  };
  DigitalCompiler(DigitalSpec& spec, Plant& plant, Problems& problems, const std::string& file) : spec_(spec), plant_(plant), layer_(plant.digital), problems_(problems), file_(file) {}

  /// A plain amount, or one by time; 0 after a problem.
  double amount(const Located& text, Measured what, bool by_time, const std::string& path, const char* example) {
    std::string why;
    const auto q = parse_quantity(text.text, &why);
    const Dimension wanted = by_time ? dimension::none / dimension::time : dimension::none;
    const bool other = text.text.find(what == Measured::bytes ? "op" : "B") != std::string::npos || (what == Measured::operations && text.text.find("bit") != std::string::npos);
    const char* const things = what == Measured::bytes ? "bytes" : "operations";
    if (!q || !(q->dimension == wanted) || other)
      problems_.error(Code::unit, text.place, path, !q ? why : fmt::format("\"{}\" is no amount of {}{}", text.text, things, by_time ? " by time" : ""), std::string("write for instance ") + example);
    else if (!(q->value > 0)) problems_.error(Code::range, text.place, path, "must be more than 0", std::string("write for instance ") + example);
    else return q->value;
    return 0;
  }

  Index device(const Located& name, bool link, const std::string& path) {
    std::vector<std::string> known;
    for (Index d = 0; d < layer_.devices.size(); ++d) {
      if (layer_.devices[d].link != link) continue;
      if (layer_.devices[d].name == name.text) return d;
      known.push_back(layer_.devices[d].name);
    }
    problems_.error(Code::unknown_name, name.place, path, fmt::format("there is no {} {}", link ? "link" : "host", name.text), did_you_mean(name.text, known));
    return none;
  }

  /// Every pair of hosts between which something is sent.
  std::vector<std::pair<std::string, std::string>> pairs() const {
    std::vector<std::pair<std::string, std::string>> out;
    const auto add = [&](const auto& step) {
      if (!step.from.empty() && !step.to.empty()) out.emplace_back(step.from.text, step.to.text);
    };
    for (const StreamSpec& stream : spec_.streams) add(stream);
    for (const TaskSpec& task : spec_.tasks)
      for (const TaskStepSpec& step : task.steps) add(step);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  void read_platform_file() {
    if (spec_.platform.empty()) return;
    const std::string& from = spec_.platform.place.file.empty() ? file_ : spec_.platform.place.file;
    const std::string path = (std::filesystem::path(from).parent_path() / spec_.platform.text).string();
    std::error_code why;  // a name that can be no file's is that of none
    if (!std::filesystem::exists(path, why)) {
      platform_.failure = "missing";
      problems_.error(Code::missing, spec_.platform.place, "digital.platform", "there is no file " + path, "its name is relative to the file that says it");
      return;
    }
    platform_ = read_platform(path, pairs());
    if (platform_.failure.empty()) return;
    problems_.error(Code::syntax, spec_.platform.place, "digital.platform", platform_.failure, "write a platform file as SimGrid reads it, version 4.1");
  }
  /// Nothing can be said of what it may hold.
  bool has_failed() const { return !platform_.failure.empty(); }

  void computers(const auto& outages) {
    std::map<std::string, Device> all;
    for (const Platform::Computer& there : platform_.computers) {
      Device& d = all[there.name];
      d.name = there.name;
      d.place = spec_.platform.place;
      d.cores = there.cores;
      d.capacity = there.core * there.cores;
      d.idle_W = there.idle_W;
      d.busy_W = there.busy_W;
    }
    for (HostSpec& host : spec_.hosts) {
      const std::string path = "digital.hosts." + host.name;
      const bool known = all.contains(host.name);
      Device& d = all[host.name];
      d.name = host.name;
      d.place = host.place;
      if (host.speed.empty() && !known)
        problems_.error(Code::missing, host.place, path + ".speed", "how fast is it?", "write speed: 20 Gop/s");
      const double core = host.speed.empty() ? d.core() : amount(host.speed, Measured::operations, true, path + ".speed", "20 Gop/s");
      if (!known || host.cores > 1) d.cores = static_cast<std::uint32_t>(host.cores);
      d.capacity = core * d.cores;
      if (host.power_W > 0 || host.idle_power_W > 0) {
        d.idle_W = host.idle_power_W;
        d.busy_W = host.power_W;
      }
      if (d.busy_W < d.idle_W) problems_.error(Code::range, host.place, path + ".power", "at work it draws less than without work", "write the larger one as power");
      if (!host.station.empty()) {
        const Index station = plant_.find_station(host.station.text);
        stands_[host.name] = station;
        if (station == none) problems_.error(Code::unknown_name, host.station.place, path + ".station", "there is no station " + host.station.text, did_you_mean(host.station.text, names_of(plant_.stations)));
      }
      d.outages = outages(host.fails, path, "host " + host.name);
      for (const Outage& outage : d.outages)
        if (outage.leaves > 0) problems_.error(Code::conflict, host.place, path + ".fails." + outage.name + ".leaves", "a host is on or off", "leave it out");
      if (d.busy_W > 0 && host.station.empty())
        problems_.error(Code::missing, host.place, path + ".station", "where is its electricity counted?", "name a station, as station: " + (plant_.stations.empty() ? "..." : plant_.stations.front().name));
    }
    for (auto& [name, d] : all) {
      if (d.busy_W > 0 && !stands_.contains(name) && platform_.failure.empty())
        problems_.warning(Code::missing, d.place, "digital.platform", fmt::format("host {} draws up to {:.4g} W, which are counted nowhere", name, d.busy_W), fmt::format("add to digital.hosts: {}: {{station: ...}}", name));
      layer_.devices.push_back(std::move(d));
    }
  }

  void links(const auto& outages) {
    std::map<std::string, Device> all;
    for (const Platform::Link& there : platform_.links) {
      Device& d = all[there.name];
      d.name = there.name;
      d.place = spec_.platform.place;
      d.capacity = there.capacity;
      d.shared = there.shared;
    }
    for (LinkSpec& link : spec_.links) {
      const std::string path = "digital.links." + link.name;
      Device& d = all[link.name];
      d.name = link.name;
      d.place = link.place;
      d.capacity = link.bandwidth.empty() ? 0 : amount(link.bandwidth, Measured::bytes, true, path + ".bandwidth", "1 Gbit/s");
      d.outages = outages(link.fails, path, "link " + link.name);
      latency_[link.name] = link.latency_s;
    }
    for (auto& [name, d] : all) {
      d.link = true;
      layer_.devices.push_back(std::move(d));
    }
  }

  void ways() {
    for (const PlatformRoute& route : platform_.routes) {
      Way way{{}, route.latency_s};
      for (const std::string& link : route.over) way.over.push_back(device({link, spec_.platform.place}, true, "digital.platform"));
      ways_[{route.from, route.to}] = way;
    }
    for (const WaySpec& spec : spec_.routes) {
      Way way;
      device(spec.from, false, "digital.routes");
      device(spec.to, false, "digital.routes");
      for (const Located& link : spec.over) {
        const Index d = device(link, true, "digital.routes");
        if (d == none) continue;
        if (std::find(way.over.begin(), way.over.end(), d) != way.over.end()) problems_.error(Code::duplicate, link.place, "digital.routes", "a route goes over " + link.text + " twice");
        way.over.push_back(d);
        way.latency_s += latency_[link.text];
      }
      if (spec.over.empty()) problems_.error(Code::missing, spec.place, "digital.routes", "over which links?", "write over: [LINK]");
      const auto add = [&](const std::string& from, const std::string& to) {
        if (!given_.insert({from, to}).second) problems_.error(Code::duplicate, spec.place, "digital.routes", fmt::format("two routes lead from {} to {}", from, to), "leave one out");
        ways_[{from, to}] = way;
      };
      add(spec.from.text, spec.to.text);
      if (spec.one_way) continue;
      std::reverse(way.over.begin(), way.over.end());
      add(spec.to.text, spec.from.text);
    }
  }

  /// The way between two hosts, null after a problem; none at all within one of them.
  const Way* way(const Located& from, const Located& to, const std::string& path) {
    static const Way within;
    if (from.empty() || to.empty()) {
      problems_.error(Code::missing, from.empty() ? to.place : from.place, path, "from where to where?", "write from: HOST, to: HOST");
      return nullptr;
    }
    if (device(from, false, path) == none || device(to, false, path) == none) return nullptr;
    if (from.text == to.text) return &within;
    const auto found = ways_.find({from.text, to.text});
    if (found != ways_.end()) return &found->second;
    problems_.error(Code::missing, from.place, path, fmt::format("no route leads from {} to {}", from.text, to.text), "add to digital.routes: {from: " + from.text + ", to: " + to.text + ", over: [LINK]}");
    return nullptr;
  }

  void streams() {
    for (const StreamSpec& stream : spec_.streams) {
      const std::string path = "digital.streams." + stream.name;
      if (stream.send.empty() && stream.compute.empty()) problems_.error(Code::missing, stream.place, path, "what flows?", "write send: 40 kB/s, or compute: 0.5 Gop/s");
      if (!stream.send.empty()) {
        const double bytes = amount(stream.send, Measured::bytes, true, path + ".send", "40 kB/s");
        if (const Way* const found = way(stream.from, stream.to, path))
          for (const Index d : found->over)
            if (d != none) layer_.devices[d].streams += bytes;
      }
      if (!stream.compute.empty()) {
        const double operations = amount(stream.compute, Measured::operations, true, path + ".compute", "0.5 Gop/s");
        if (stream.on.empty()) problems_.error(Code::missing, stream.place, path + ".host", "on which host?");
        else if (const Index d = device(stream.on, false, path + ".host"); d != none) layer_.devices[d].streams += operations;
      }
    }
    for (const Device& d : layer_.devices)
      if (d.streams >= d.capacity && d.capacity > 0)
        problems_.error(Code::range, d.place, fmt::format("digital.{}.{}", d.link ? "links" : "hosts", d.name), fmt::format("streams take all of it: {:.4g} times what it has", d.streams / d.capacity), "send less, or give it more");
  }

  void tasks() {
    for (TaskSpec& spec : spec_.tasks) {
      const std::string path = "digital.tasks." + spec.name;
      DigitalTask task;
      task.name = spec.name;
      task.place = spec.place;
      task.every = spec.every.distribution();
      task.first_s = spec.first_s;
      task.per_lot = spec.per_lot;
      if (spec.at_once) task.at_once = static_cast<Index>(*spec.at_once);
      task.stream = stream_id("task " + spec.name);
      if (task.every && !(task.every->mean() > 0)) problems_.error(Code::range, spec.place, path + ".every", "the time between two must be positive");
      if (!task.every && spec.first_s > 0) problems_.error(Code::conflict, spec.place, path + ".first", "it does not begin by the clock", "write every as well");
      if (spec.steps.empty()) problems_.error(Code::missing, spec.place, path + ".steps", "what is sent or computed?", "write steps: [{send: 24 MB, from: HOST, to: HOST}]");
      for (std::size_t k = 0; k < spec.steps.size(); ++k) add_step(spec.steps[k], fmt::format("{}.steps.{}", path, k), task);
      for (const Located& name : spec.after) {
        const Index station = plant_.find_station(name.text);
        if (station == none) problems_.error(Code::unknown_name, name.place, path + ".after", "there is no station " + name.text, did_you_mean(name.text, names_of(plant_.stations)));
        else plant_.stations[station].tasks_after.push_back(static_cast<Index>(layer_.tasks.size()));
      }
      begun_.push_back(task.every.has_value() || !spec.after.empty());
      layer_.tasks.push_back(std::move(task));
    }
  }

  void add_step(const TaskStepSpec& spec, const std::string& path, DigitalTask& task) {
    DigitalStep step;
    if (spec.send.empty() == spec.compute.empty()) {
      problems_.error(spec.send.empty() ? Code::missing : Code::conflict, spec.place, path, "a step sends, or it computes", "write {send: 24 MB, from: HOST, to: HOST} or {compute: 30 Gop, host: HOST}");
      return;
    }
    if (!spec.send.empty()) {
      step.amount = amount(spec.send, Measured::bytes, false, path + ".send", "24 MB");
      if (!spec.on.empty()) problems_.error(Code::conflict, spec.on.place, path + ".host", "what is sent goes from a host to another", "leave it out");
      const Way* const found = way(spec.from, spec.to, path);
      if (found == nullptr) return;
      step.latency_s = found->latency_s;
      step.over = found->over;
    } else {
      step.amount = amount(spec.compute, Measured::operations, false, path + ".compute", "30 Gop");
      if (!spec.from.empty() || !spec.to.empty()) problems_.error(Code::conflict, spec.place, path, "what is computed stays on one host", "leave from and to out");
      if (spec.on.empty()) problems_.error(Code::missing, spec.place, path + ".host", "on which host?");
      else step.over.push_back(device(spec.on, false, path + ".host"));
    }
    task.steps.push_back(std::move(step));
  }

  Index task(const Located& name, const std::string& path) {
    for (Index k = 0; k < layer_.tasks.size(); ++k)
      if (layer_.tasks[k].name == name.text) {
        begun_[k] = true;
        return k;
      }
    problems_.error(Code::unknown_name, name.place, path, "there is no task " + name.text + " of the digital layer", did_you_mean(name.text, names_of(layer_.tasks)));
    return none;
  }

  void finish() {
    std::vector<StandingUse> standing(layer_.devices.size());
    for (std::size_t d = 0; d < layer_.devices.size(); ++d)
      if (const auto found = stands_.find(layer_.devices[d].name); found != stands_.end() && !layer_.devices[d].link) standing[d] = {found->second, plant_.electricity};
    plant_.standing.insert(plant_.standing.begin(), standing.begin(), standing.end());
    for (Index k = 0; k < layer_.tasks.size(); ++k)
      if (!begun_[k] && !problems_.any_errors())
        problems_.warning(Code::missing, layer_.tasks[k].place, "digital.tasks." + layer_.tasks[k].name, "it never begins", "name it as waits_for of a station, or write after or every");
    if (layer_.devices.empty() || problems_.any_errors()) return;
    std::vector<DigitalDevice> devices(layer_.devices.begin(), layer_.devices.end());
    std::vector<std::vector<std::uint32_t>> over;
    for (const DigitalTask& task : layer_.tasks)
      for (const DigitalStep& step : task.steps)
        if (!step.over.empty() && layer_.devices[step.over.front()].link) over.push_back(step.over);
    layer_.network = simulated_network(std::move(devices), std::move(over));
  }

 private:
  DigitalSpec& spec_;
  Plant& plant_;
  DigitalLayer& layer_;
  Problems& problems_;
  const std::string& file_;
  Platform platform_;
  std::map<std::string, double> latency_;
  std::map<std::string, Index> stands_;  ///< where hosts are
  std::map<std::pair<std::string, std::string>, Way> ways_;
  std::set<std::pair<std::string, std::string>> given_;
  std::vector<bool> begun_;
};

void Compiler::compile_digital() {
  DigitalSpec& spec = specs_.digital;
  const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
  std::stable_sort(spec.tasks.begin(), spec.tasks.end(), by_name);
  DigitalCompiler digital(spec, *plant_, problems_, file_);
  const auto their_outages = [&](std::vector<OutageSpec>& fails, const std::string& path, const std::string& whose) { return outages(fails, path, whose); };
  digital.read_platform_file();
  if (digital.has_failed()) return;
  digital.computers(their_outages);
  digital.links(their_outages);
  digital.ways();
  digital.streams();
  digital.tasks();
  for (std::size_t i = 0; i < specs_.stations.size(); ++i) {
    const StationSpec& station = specs_.stations[i].spec;
    const std::string path = "stations." + station.name;
    std::vector<WorkPhase>& phases = plant_->stations[i].phases;
    bool any = !station.waits_for.empty();
    if (any) phases.back().task = digital.task(station.waits_for, path + ".waits_for");
    for (std::size_t k = 0; k < station.phases.size() && k < phases.size(); ++k) {
      const Located& name = station.phases[k].waits_for;
      if (name.empty()) continue;
      any = true;
      const std::string at = fmt::format("{}.phases.{}.waits_for", path, k);
      if (phases[k].task != none) problems_.error(Code::conflict, name.place, at, "the station waits for a task in that phase already", "leave waits_for of the station out");
      phases[k].task = digital.task(name, at);
    }
    const EngineUnit* const known = engine_unit(station.unit);
    if (any && known != nullptr && (known->transport || known->special == Special::plan))
      problems_.error(Code::conflict, station.place, path + ".waits_for", "a " + station.unit + " waits for no task", "let the stations beside it wait");
  }
  digital.finish();
}

}  // namespace retwin
