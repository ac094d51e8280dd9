// Figures of plant, sinks, sources, stations, resources and flows.
#include "core/kpi/kpi.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "core/base/constants.hpp"
#include "core/base/units.hpp"
#include "core/kpi/accounts.hpp"

namespace retwin {
namespace {

constexpr double kWh_J = 3.6e6;

struct StateDoc {
  ServerState state;
  const char* doc;
};
constexpr StateDoc state_docs[] = {
    {ServerState::starved, "share of server time without anything to work on"},
    {ServerState::working, "share of server time at work"},
    {ServerState::setup, "share of server time in setups and changeovers"},
    {ServerState::blocked, "share of server time with finished work that finds no room"},
    {ServerState::waiting_resource, "share of server time waiting for crews or other resources"},
    {ServerState::waiting_utility, "share of server time waiting for a utility"},
    {ServerState::waiting_digital, "share of server time waiting for a result of the digital layer, all else done"},
    {ServerState::down, "share of server time broken down or jammed"},
    {ServerState::maintenance, "share of server time in planned maintenance"},
    {ServerState::off_shift, "share of server time outside its shifts"},
};

void plant_kpis(const KpiInput& in, KpiList& out) {
  const Window& w = in.window;
  const Plant& plant = w.plant();
  const double T = w.length_s();
  Tally stays;
  double kg_in = 0, kg_out = 0;
  for (Index k = 0; k < plant.sinks.size(); ++k) {
    stays += w.end().accounts.sinks[k].cycle_time - w.begin().accounts.sinks[k].cycle_time;
    kg_out += w.sink_kg(k);
  }
  for (Index k = 0; k < plant.sources.size(); ++k) kg_in += w.source_kg(k);
  const double lots = static_cast<double>(stays.count());
  const double electricity = total_use(in, plant.electricity);
  double carbon = 0, credit = 0;
  for (const Factor& factor : in.reporting.factors)
    (factor.credit() ? credit : carbon) += factor.kgCO2e_per_unit * total_use(in, factor.flow);
  double product_lots = 0, product_kg = 0;
  for (const Index sink : plant.product_sinks()) {
    product_lots += w.change([&](const Reading& r) { return static_cast<double>(r.accounts.sinks[sink].lots); });
    product_kg += w.sink_kg(sink);
  }
  out.add("plant.throughput", product_lots / T * hour_s, "1/h", "products: lots that reach a sink of role product; without one, of no role");
  out.add("plant.product_lots", product_lots, "1", "products in the window, see plant.throughput");
  out.add("plant.rate", lots / T, "1/s", "lots that reach a sink");
  const double more_lots = w.change([](const Reading& r) { return r.accounts.wip.level(); });
  double made = 0, created_kg = 0;
  for (Index k = 0; k < plant.sources.size(); ++k)
    made += w.change([&](const Reading& r) { return static_cast<double>(r.accounts.sources[k].made - r.accounts.sources[k].lost); });
  for (Index k = 0; k < plant.n_stations(); ++k) created_kg += w.created_kg(k);
  const bool weighs = plant.n_components > 0;
  out.ratio("plant.growth", weighs ? kg_in + created_kg - kg_out : more_lots, weighs ? kg_in + created_kg : made, "1",
            "what is in the plant at the end and was not at the beginning, as a share of what came in: mass, without masses lots");
  out.add("plant.wip", w.average([](const Reading& r) { return r.accounts.wip; }), "1", "mean number of lots in the plant");
  out.ratio("plant.cycle_time", stays.total() / hour_s, lots, "h", "mean time from birth to sink");
  out.add("plant.electricity", electricity / kWh_J, "kWh", "electricity of all stations and auxiliaries in the window");
  out.add("plant.electricity_per_year", electricity / kWh_J / 1000 * in.year_s / T, "MWh/a", "electricity of a reporting year");
  out.add("plant.power", electricity / T / 1000, "kW", "mean electric power");
  double auxiliaries_W = 0;
  for (const Auxiliary& auxiliary : in.reporting.auxiliaries) auxiliaries_W += auxiliary.power_W;
  double peak_J = std::numeric_limits<double>::quiet_NaN();
  if (in.quarters != nullptr && !in.quarters->J.empty()) peak_J = *std::max_element(in.quarters->J.begin(), in.quarters->J.end());
  out.add("plant.peak_power", (peak_J / quarter_s + auxiliaries_W) / 1000, "kW",
          "largest mean electric power over a whole quarter hour of the calendar, as a utility meters it; energy of a job is spread "
          "evenly over its time");
  out.ratio("plant.electricity_per_lot", electricity / kWh_J, lots, "kWh", "electricity per lot that reaches a sink");
  if (!in.reporting.factors.empty())
    out.add("plant.carbon_per_year", carbon / tonne_kg * in.year_s / T, "t CO2e/a",
            "emissions of a reporting year, all factors; credits aside");
  const OtherElectricity other = other_electricity(in);
  const auto otherwise = [&](const char* path, const std::optional<double>& factor, const char* doc) {
    if (!factor) return;
    out.add(std::string("plant.electricity_factor_") + path, *factor * kWh_J, "kg CO2e/kWh", "mean of the electricity used, " + std::string(doc));
    out.add(std::string("plant.carbon_") + path + "_per_year", (carbon + (*factor - other.location) * electricity) / tonne_kg * in.year_s / T, "t CO2e/a",
            "emissions of a reporting year with electricity " + std::string(doc));
  };
  otherwise("market", other.market, "by what is bought (market-based)");
  otherwise("hourly", other.hourly, "of the location, by the hour");
  const auto& supplies = in.reporting.electricity.supplies;
  for (std::size_t k = 0; k < supplies.size(); ++k)
    out.ratio("plant.electricity_share." + supplies[k].name, other.account.supplied_J[k], other.account.J, "1", "share of the electricity that comes from there");
  if (!in.reporting.displaced.empty()) {  // mass by mass: products bear equal burdens a kilogram
    double avoided = 0, shared = 0, kg = 0, kept = 0;
    for (const Displaced& what : in.reporting.displaced) {
      const double mass = w.sink_kg(what.sink), primary = mass * what.quality * what.kg_per_kg;
      avoided += primary;
      shared += (1 - what.allocation) * primary;
      kg += mass;
      kept += (1 - what.allocation) * mass;
    }
    out.add("plant.avoided_per_year", avoided / tonne_kg * in.year_s / T, "t CO2e/a", "primary material that the products displace (avoided burden), never netted with the emissions");
    out.add("plant.cff_benefit_per_year", shared / tonne_kg * in.year_s / T, "t CO2e/a", "Circular Footprint Formula: (1 - A) Qs/Qp x primary material, the part of what came in");
    out.ratio("plant.cff_burden_per_year", carbon * kept / tonne_kg * in.year_s / T, kg, "t CO2e/a", "Circular Footprint Formula: (1 - A) of the emissions, by mass of the products; the rest goes with the secondary material");
  }
  if (in.reporting.credits())
    out.add("plant.carbon_credit_per_year", credit / tonne_kg * in.year_s / T, "t CO2e/a",
            "credits of a reporting year (factors below 0), beside the emissions and never netted");
  if (plant.n_components > 0) {
    out.add("plant.mass_in", kg_in / tonne_kg * in.year_s / T, "t/a", "mass that the sources bring in a reporting year");
    out.add("plant.mass_out", kg_out / tonne_kg * in.year_s / T, "t/a", "mass that reaches sinks in a reporting year");
    out.add("plant.product_mass", product_kg / tonne_kg / T * hour_s, "t/h", "mass of the products");
    std::map<std::string, double> by_role;
    for (Index k = 0; k < plant.sinks.size(); ++k) {
      const std::string& role = plant.sinks[k].role;
      by_role[role == "product" || role == "waste" || role == "emission" || role == "internal" ? role : "other"] += w.sink_kg(k);
    }
    for (const auto& [role, kg] : by_role)
      out.add("plant.mass_out." + role, kg / tonne_kg * in.year_s / T, "t/a", "mass that reaches sinks of this role in a reporting year");
    out.add("plant.mass_balance_error", w.mass_balance_error(), "1",
            "closure of the mass balance, errors of all components, relative");
  }
  if (has_people(plant)) {
    const double hours = labour_hours(w);
    out.add("plant.labour", hours, "h", "time on duty of all people (resources, but those with people: no) in the window, at work or not");
    if (plant.n_components > 0) out.ratio("plant.labour_per_tonne", hours, product_kg / tonne_kg, "h/t", "that per tonne of the products");
  }
  out.add("plant.little_error", w.little_error(), "1", "Little's law as an identity over the window, relative");
}

/// Of sinks together. @param overdue lots that are late without having come
void due_kpis(const Window& w, const std::vector<Index>& sinks, double overdue, const std::string& at, KpiList& out) {
  DueAccount sum;
  for (const Index sink : sinks) {
    const DueAccount &a = w.begin().accounts.sinks[sink].due, &b = w.end().accounts.sinks[sink].due;
    sum.lots += b.lots - a.lots;
    sum.late += b.late - a.late;
    sum.lateness_s += b.lateness_s - a.lateness_s;
    sum.tardiness_s += b.tardiness_s - a.tardiness_s;
  }
  const double lots = static_cast<double>(sum.lots);
  out.ratio(at + "late_share", static_cast<double>(sum.late) + overdue, lots + overdue, "1",
            at == "plant." ? "share of the products with a due time that came after it; lots still in the plant past theirs are late too"
                           : "share of the lots with a due time that came after it");
  out.ratio(at + "lateness", sum.lateness_s / hour_s, lots, "h", "mean time by which lots came after their due time, less if they came before it");
  out.ratio(at + "tardiness", sum.tardiness_s / hour_s, lots, "h", "the same, those in time counted as 0");
}

void sink_kpis(const KpiInput& in, Index sink, KpiList& out) {
  const Window& w = in.window;
  const double T = w.length_s();
  const std::string at = "sinks." + w.plant().sinks[sink].name + ".";
  const Tally stays = w.end().accounts.sinks[sink].cycle_time - w.begin().accounts.sinks[sink].cycle_time;
  const Histogram spread = w.end().accounts.cycle_time[sink] - w.begin().accounts.cycle_time[sink];
  const double lots = w.change([&](const Reading& r) { return r.accounts.sinks[sink].lots; });
  out.add(at + "lots", lots, "1", "lots that arrived in the window");
  out.add(at + "throughput", lots / T * hour_s, "1/h", "lots that arrive");
  out.add(at + "rate", lots / T, "1/s", "lots that arrive");
  out.add(at + "lots_per_year", lots * in.year_s / T, "1/a", "lots of a reporting year");
  if (w.plant().n_components > 0) {
    out.add(at + "mass_rate", w.sink_kg(sink) / tonne_kg / T * hour_s, "t/h", "mass that arrives");
    out.add(at + "per_year", w.sink_kg(sink) / tonne_kg * in.year_s / T, "t/a", "mass of a reporting year");
    // a sink that is called after a component: how much of it there is, apart from moisture and impurities
    if (const int own = w.plant().substances.component(w.plant().sinks[sink].name); own >= 0) {
      const double kg = w.sink_kg(sink, static_cast<std::size_t>(own));
      out.add(at + "pure_per_year", kg / tonne_kg * in.year_s / T, "t/a", "mass of the component of this name in a reporting year");
      out.ratio(at + "purity", kg, w.sink_kg(sink), "1", "share of the component of this name in the mass");
    }
  }
  if (const Specification* spec = w.plant().sinks[sink].specification.get()) {
    std::vector<double> kg(w.plant().n_components);
    for (std::size_t c = 0; c < kg.size(); ++c) kg[c] = w.sink_kg(sink, c);
    for (const Limit& limit : spec->limits) out.add(at + "content." + limit.word(), limit.share(kg), "1", "share of the mass as the specification tells it");
    out.ratio(at + "off_spec", w.change([&](const Reading& r) { return static_cast<double>(r.accounts.sinks[sink].off_spec); }), lots, "1",
              "share of the lots that do not meet the specification, as they truly are");
    out.ratio(at + "off_spec_mass", w.change([&](const Reading& r) { return r.accounts.sinks[sink].off_spec_kg; }), w.sink_kg(sink), "1",
              "share of the mass in such lots");
  }
  out.ratio(at + "cycle_time.mean", stays.total() / hour_s, static_cast<double>(stays.count()), "h",
            "mean time from birth to here");
  out.add(at + "cycle_time.p50", spread.quantile(0.5) / hour_s, "h", "median time from birth to here");
  out.add(at + "cycle_time.p90", spread.quantile(0.9) / hour_s, "h", "time from birth to here that 90 % stay below");
  out.add(at + "cycle_time.p99", spread.quantile(0.99) / hour_s, "h", "time from birth to here that 99 % stay below");
  if (w.plant().due_slot >= 0) due_kpis(w, {sink}, 0, at, out);
}

void stock_kpis(const KpiInput& in, KpiList& out) {
  for (std::size_t k = 0; k < in.reporting.stocks.size(); ++k) {
    const Stock& stock = in.reporting.stocks[k];
    const std::vector<std::string> groups = stock_groups(in.window.plant(), stock);
    for (std::size_t g = 0; g < groups.size(); ++g) {
      std::vector<double> levels = in.stocks == nullptr ? std::vector<double>() : (*in.stocks)[k].levels[g];
      std::sort(levels.begin(), levels.end());
      const double n = static_cast<double>(levels.size()), none_read = std::numeric_limits<double>::quiet_NaN();
      double sum = 0;
      for (const double level : levels) sum += level;
      const std::string at = "stocks." + stock.name + "." + (g == 0 ? "" : groups[g] + ".");
      const auto add = [&](const char* what, double value, const char* doc) { out.add(at + what, value / stock.unit_factor, stock.unit, doc); };
      add("mean", n > 0 ? sum / n : none_read, "mean of the readings");
      add("p95", n > 0 ? levels[static_cast<std::size_t>(std::ceil(0.95 * n)) - 1] : none_read, "not exceeded in 95 % of the readings");
      add("max", n > 0 ? levels.back() : none_read, "largest of the readings");
      if (g > 0) continue;
      add("largest_lot", n > 0 ? (*in.stocks)[k].largest_lot : none_read, "most in one lot: what one event may set free");
      if (std::isfinite(stock.most))
        out.ratio(at + "above", n - static_cast<double>(std::upper_bound(levels.begin(), levels.end(), stock.most) - levels.begin()), n, "1",
                  "share of the readings above what is held admissible");
    }
  }
}

void source_kpis(const KpiInput& in, Index source, const std::string& name, KpiList& out) {
  const Window& w = in.window;
  const double T = w.length_s();
  const std::string at = "sources." + name + ".";
  const SourceAccount &a = w.begin().accounts.sources[source], &b = w.end().accounts.sources[source];
  const double made = static_cast<double>(b.made - a.made), lost = static_cast<double>(b.lost - a.lost);
  const Tally stays = b.cycle_time - a.cycle_time, waits = b.waiting - a.waiting;
  out.add(at + "made", made, "1", "lots made in the window");
  out.add(at + "lost", lost, "1", "lots lost because there was no room");
  out.ratio(at + "lost_share", lost, made, "1", "share of its lots that were lost");
  out.add(at + "rate", made / T, "1/s", "lots made");
  if (w.plant().n_components > 0 && source < w.plant().sources.size())
    out.add(at + "per_year", w.source_kg(source) / tonne_kg * in.year_s / T, "t/a", "mass made, less lost, in a reporting year");
  out.ratio(at + "cycle_time", stays.total(), static_cast<double>(stays.count()), "s", "mean time from birth to a sink");
  out.ratio(at + "waiting", waits.total(), static_cast<double>(waits.count()), "s", "mean time of waiting, outside and in buffers, on the way to a sink");
}

void station_kpis(const KpiInput& in, Index k, KpiList& out) {
  const Window& w = in.window;
  const Station& station = w.plant().stations[k];
  const double T = w.length_s(), server_s = w.server_time(k);
  const std::string at = "stations." + station.name + ".";
  const StationAccount &a = w.begin().accounts.stations[k], &b = w.end().accounts.stations[k];
  const double jobs = static_cast<double>(b.jobs - a.jobs), taken = static_cast<double>(b.left_queue - a.left_queue);
  const double setup = w.time_in(k, ServerState::setup), down = w.time_in(k, ServerState::down);
  out.ratio(at + "utilisation", w.time_in(k, ServerState::working) + setup, w.available_time(k), "1",
            "working and setup as a share of the time on shift, in order and not in maintenance");
  for (const StateDoc& state : state_docs)
    out.add(at + server_state_names[static_cast<std::size_t>(state.state)], w.time_in(k, state.state) / server_s, "1", state.doc);
  out.add(at + "jobs", jobs, "1", "jobs finished in the window");
  out.add(at + "throughput", jobs / T * hour_s, "1/h", "jobs finished");
  out.add(at + "rate", jobs / T, "1/s", "jobs finished");
  out.add(at + "mean_content", w.average([&](const Reading& r) { return r.accounts.stations[k].content; }), "1",
          "mean number of lots in its buffer and in service");
  out.add(at + "growth", w.change([&](const Reading& r) { return r.accounts.stations[k].content.level(); }) / T * week_s, "1/week",
          "lots by which its buffer and service have grown");
  const LevelTimes lots_there = w.queue_times(k);
  out.add(at + "mean_queue", w.mean_queue(k), "1", "mean number of lots in its buffer");
  out.add(at + "queue.p95", lots_there.quantile(0.95), "1",
          "lots in its buffer that are not exceeded in 95 % of the time; above 512 rounded down by at most 0.4 %, as are maxima and masses");
  out.add(at + "queue.max", lots_there.maximum(), "1", "most lots in its buffer for any time");
  if (station.buffer_kg >= 0 || station.batch.rule == BatchRule::mass)
    out.add(at + "mean_queue_mass", w.average([&](const Reading& r) { return r.accounts.stations[k].queue_kg; }) / tonne_kg, "t",
            "mean mass in its buffer");
  if (station.buffer_kg >= 0 || station.batch.rule == BatchRule::mass) {
    const LevelTimes kg_there = w.kg_times(k);
    out.add(at + "queue_mass.p95", kg_there.quantile(0.95) / tonne_kg, "t", "mass in its buffer that is not exceeded in 95 % of the time");
    out.add(at + "queue_mass.max", kg_there.maximum() / tonne_kg, "t", "most mass in its buffer for any time");
  }
  const double held_up = w.held_up_s(k);
  out.add(at + "feeder_blocked", held_up / T, "1",
          "share of the window in which a server before it held a lot that found no room here, whatever that server showed; of several "
          "targets that a lot could go to, each is full");
  out.add(at + "feeder_blocked_time", held_up / hour_s, "h", "time of that in the window");
  out.ratio(at + "waiting", b.waited - a.waited, taken, "s", "mean wait in its buffer");
  out.ratio(at + "had_to_wait", static_cast<double>(b.had_to_wait - a.had_to_wait), taken, "1", "share of the lots that waited in its buffer at all");
  if (station.patience) out.ratio(at + "gave_up", static_cast<double>(b.gave_up - a.gave_up), taken, "1", "share of the lots that left its buffer by giving up");
  out.add(at + "electricity", w.electricity(k) / kWh_J, "kWh", "electricity in the window");
  if (w.plant().n_components > 0) out.add(at + "kg_in", b.kg_in - a.kg_in, "kg", "mass of finished jobs");
  const double planned = server_s - w.time_in(k, ServerState::off_shift) - w.time_in(k, ServerState::maintenance);
  const double scrapped = static_cast<double>(b.scrapped - a.scrapped);
  const double quality = taken > 0 ? std::clamp(1 - scrapped / taken, 0.0, 1.0) : 1;
  out.ratio(at + "oee", quality * (planned - down - setup), planned, "1",
            "availability x performance x quality; performance is 1 (no ideal time is known) and waiting for others is no loss "
            "of this station");
  out.add(at + "failures", static_cast<double>(b.failures - a.failures), "1", "failures and planned stops");
}

void resource_kpis(const KpiInput& in, std::size_t pool, KpiList& out) {
  const Window& w = in.window;
  const std::string at = "resources." + w.plant().pools[pool].name + ".";
  const double taken = w.average([&](const Reading& r) { return r.pools[pool].use; });
  const double offered = w.average([&](const Reading& r) { return r.pools[pool].offered; });
  out.ratio(at + "utilisation", taken, offered, "1", "units at work as a share of the units on duty");
  out.add(at + "offered", offered, "1", "mean number of units on duty");
  out.add(at + "taken", taken, "1", "mean number of units at work");
}

void flow_kpis(const KpiInput& in, Index flow, KpiList& out) {
  const Window& w = in.window;
  const FlowInfo& info = w.plant().flows[flow];
  const double amount = total_use(in, flow);
  const UserUnit unit = user_unit(info.dimension);
  out.add("flows." + info.name + ".total", amount * unit.factor, unit.name, "used in the window, by stations and auxiliaries");
  out.add("flows." + info.name + ".per_year", amount * unit.factor * in.year_s / w.length_s(), unit.name + "/a",
          "used in a reporting year");
}

}  // namespace

void KpiList::add(std::string path, double value, std::string unit, std::string doc) {
  all_.push_back({std::move(path), value, std::move(unit), std::move(doc), false, 0, 0, false});
}

void KpiList::ratio(std::string path, double numerator, double denominator, std::string unit, std::string doc, bool estimate) {
  const double value = denominator != 0 ? numerator / denominator : std::numeric_limits<double>::quiet_NaN();
  all_.push_back({std::move(path), value, std::move(unit), std::move(doc), true, numerator, denominator, estimate});
}

UserUnit user_unit(const Dimension& dimension) {
  if (dimension == dimension::energy) return {"kWh", 1 / kWh_J};
  if (dimension == dimension::mass) return {"kg", 1};
  if (dimension == dimension::volume) return {"m3", 1};
  if (dimension == dimension::mass * dimension::length) return {"t km", 1e-6};
  const std::string si = si_unit(dimension);
  return {si.empty() ? "1" : si, 1};
}

UserUnit rate_unit(const Dimension& dimension) {
  const UserUnit amount = user_unit(dimension);
  return {amount.name == "kWh" ? "kW" : amount.name + "/h", amount.factor * hour_s};
}

bool has_people(const Plant& plant) {
  return std::any_of(plant.pools.begin(), plant.pools.end(), [](const Pool& pool) { return pool.people; });
}

double labour_hours(const Window& window) {
  double unit_s = 0;
  for (std::size_t k = 0; k < window.plant().pools.size(); ++k)
    if (window.plant().pools[k].people) unit_s += window.average([&](const Reading& r) { return r.pools[k].offered; }) * window.length_s();
  return unit_s / hour_s;
}

std::vector<Kpi> compute_kpis(const KpiInput& input, const std::vector<KpiMaker>& more) {
  const Plant& plant = input.window.plant();
  KpiList out;
  plant_kpis(input, out);
  if (plant.due_slot >= 0) {
    due_kpis(input.window, plant.product_sinks(), input.window.end().overdue, "plant.", out);
    out.add("plant.overdue", input.window.end().overdue, "1", "lots in the plant past their due time, at the end of the window");
  }
  stock_kpis(input, out);
  for (Index k = 0; k < plant.sinks.size(); ++k)
    if (plant.sinks[k].tank == none) sink_kpis(input, k, out);
  tank_kpis(input, out);
  for (Index k = 0; k < plant.sources.size(); ++k) source_kpis(input, k, plant.sources[k].name, out);
  if (!plant.initial.empty() && plant.find_source("initial") == none)
    source_kpis(input, static_cast<Index>(plant.sources.size()), "initial", out);
  for (Index k = 0; k < plant.n_stations(); ++k) station_kpis(input, k, out);
  for (std::size_t k = 0; k < plant.pools.size(); ++k) resource_kpis(input, k, out);
  utility_kpis(input, out);
  digital_kpis(input, out);
  for (Index k = 0; k < plant.flows.size(); ++k) flow_kpis(input, k, out);
  functional_unit_kpis(input, out);
  compliance_kpis(input, out);
  money_kpis(input, out);
  for (const KpiMaker& maker : more) maker(input, out);
  return out.take();
}

}  // namespace retwin
