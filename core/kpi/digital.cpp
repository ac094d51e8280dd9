// The digital layer: how busy its computers and links are, how long its tasks take, and what waits for them.
#include "core/base/constants.hpp"
#include "core/kpi/accounts.hpp"

namespace retwin {

void digital_kpis(const KpiInput& in, KpiList& out) {
  const Window& w = in.window;
  const DigitalLayer& layer = w.plant().digital;
  if (layer.devices.empty()) return;
  constexpr double kWh_J = 3.6e6;
  double energy_J = 0;
  for (std::size_t k = 0; k < layer.devices.size(); ++k) {
    const Device& device = layer.devices[k];
    const std::string at = std::string("digital.") + (device.link ? "links." : "hosts.") + device.name + ".";
    const auto of = [&](LevelIntegral DeviceAccount::*level) { return w.average([&](const Reading& r) { return r.accounts.devices[k].*level; }); };
    const double busy = of(&DeviceAccount::busy), offered = of(&DeviceAccount::offered);
    out.ratio(at + "utilisation", busy, offered, "1", device.link ? "share of its bandwidth, outages aside, that is used" : "share of its cores, while it is on, that are at work");
    out.add(at + "away", of(&DeviceAccount::away), "1", "share of the time in which it is off or down");
    if (device.link) continue;
    const double power_W = w.average([&](const Reading& r) { return r.accounts.standing[k]; });
    out.add(at + "power", power_W, "W", "mean electric power");
    energy_J += power_W * w.length_s();
  }
  out.add("digital.electricity", energy_J / kWh_J, "kWh", "electricity of its computers in the window, counted at the stations where they stand");
  for (std::size_t k = 0; k < layer.tasks.size(); ++k) {
    const std::string at = "digital.tasks." + layer.tasks[k].name + ".";
    const auto change = [&](auto of) { return w.change([&](const Reading& r) { return static_cast<double>(of(r.accounts.tasks[k])); }); };
    const Tally latency = w.end().accounts.tasks[k].latency - w.begin().accounts.tasks[k].latency;
    const Histogram spread = w.end().accounts.task_latency[k] - w.begin().accounts.task_latency[k];
    out.add(at + "done", static_cast<double>(latency.count()), "1", "how often it was done in the window");
    out.ratio(at + "latency.mean", latency.total(), static_cast<double>(latency.count()), "s", "mean time from its beginning to the end of its last step");
    out.add(at + "latency.p50", spread.quantile(0.5), "s", "median of that time");
    out.add(at + "latency.p95", spread.quantile(0.95), "s", "that time, which 95 % stay below");
    out.add(at + "latency.p99", spread.quantile(0.99), "s", "that time, which 99 % stay below");
    out.add(at + "delayed", change([](const TaskAccount& a) { return a.delayed; }), "1", "jobs that were done but for its result");
    out.add(at + "delay", change([](const TaskAccount& a) { return a.waited; }) / hour_s, "h", "time for which they waited for it, in all");
    out.add(at + "backlog", change([](const TaskAccount& a) { return a.begun; }) - static_cast<double>(latency.count()), "1", "more of them under way at the end of the window than at its beginning");
  }
}

}  // namespace retwin
