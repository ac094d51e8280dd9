// The fields of every specification: name, unit, range and meaning.
#include "core/scenario/specs/specs.hpp"

#include "core/ledger/reporting.hpp"
#include "core/scenario/specs/goes_with.hpp"

namespace retwin {

void RunSpec::fields(Fields& f) {
  f.name("start", start, "first day of the run (ISO date), also with a time (2026-01-05 09:30); shifts and profiles follow it");
  f.quantity("duration", duration_s, dimension::time, Range::positive(), "length of the run, warm-up included");
  f.value("warmup", warmup,
          "left out of the results; whole weeks; auto: as much as the figure that counts takes to settle, by MSER on its mean over the replications");
  f.value("replications", replications,
          "independent replications; auto: at least 10, by half more each time, until the figure that counts and carbon per tonne are as "
          "precise as `precision` asks");
  f.quantity("precision", precision, dimension::none, {1e-6, 1}, "of replications: auto: half the interval of these figures, relative");
  f.count("max_replications", max_replications, {2, 1e6}, "of replications: auto: so many at most");
  f.count("seed", seed, Range::non_negative(), "of all random numbers");
  f.flag("terminating", terminating, "the run has a natural end: no warm-up, no warning about whole weeks");
  f.quantity("year", year_s, dimension::time, Range::positive(), "production time that yearly figures refer to, e.g. 50 weeks");
  f.quantity("confidence", confidence, dimension::none, {0.5, 0.99999}, "level of the intervals");
  f.count("most_lots", most_lots, {1, 4e9}, "lots at a time in a replication, from which on it stops with an error (about 150 bytes each)");
  f.quantity("most_events", most_events, dimension::none, {1, 1e18}, "events of a replication, from which on it stops with an error");
  check_company(f, *this);
}

void CalendarSpec::fields(Fields& f) {
  f.names("weekly", weekly, "working times, e.g. [\"Mon-Sat 06:00-22:00\"]; \"always\" for day and night");
  f.names("breaks", breaks, "daily breaks within them, e.g. [\"10:00-10:45\"]");
  f.names("holidays", holidays, "dates off, e.g. [2026-02-16, \"2026-02-17..2026-03-01\"]");
}

void ResourceSpec::fields(Fields& f) {
  f.quantity("count", count, dimension::none, Range::non_negative(), "units of the pool");
  f.value("shifts", shifts, "calendar on which they are on duty, or units by calendar");
  f.names("qualifications", qualifications, "what else they can be asked for as");
  f.quantity("speed", speed, dimension::none, Range::positive(), "attended work takes its duration divided by this");
  f.choice_index("at_shift_end", at_shift_end, choices::crew_shift_end,
                 "the job in hand is suspended until anybody who can do it has time, finished, or kept until these are back; what was begun goes on "
                 "before new work, the oldest job first; fit: a phase (or setup) is begun only where it ends before they go off duty, unless no "
                 "shift is long enough for it");
  f.count("ageing", ageing, Range::non_negative(),
          "who waits for them and was overtaken so often by others of his priority is served before those; unlimited: never");
  f.flag("people", people, "they are people, whose time on duty counts as labour, at work or not; no: tools, pallets, robots");
  check_company(f, *this);
}

void DisplacesSpec::fields(Fields& f) {
  f.required().name("value", value, "kg CO2e per mass of the primary material, e.g. 5.2 kg CO2e/kg");
  f.quantity("quality", quality, dimension::none, {0, 1, true}, "Qs/Qp: how much of it a kilogram of the product replaces");
  f.quantity("A", allocation, dimension::none, Range::share(), "of the Circular Footprint Formula: the share of burden and benefit that falls to who takes the secondary material (0.2 to 0.8)");
  f.text("source", source, "where the figures come from");
  f.flag("estimate", estimate, "the figures are an estimate");
}

void SinkSpec::fields(Fields& f) {
  f.text("role", role, "product, waste, emission or internal, for the report");
  f.name("spec", specification, "document of the library that says what it must be made of, e.g. specs/cobalt_sulphate: lots that fail it are counted");
  f.object("displaces", [this](Fields& g) { displaces.fields(g); },
           "primary material that the product stands in for: avoided burden and the Circular Footprint Formula as accounts of their own, never netted", &displaces.given);
  f.value("consumes", consumes, "flows used for what arrives here, per mass ({per_mass: 250 km}, 2 kg/t) or per lot (5 kg): transport, packaging, disposal");
  f.map("elements", elements, [](ElementSpec& e, Fields& g) { g.required().name("element", e.element, "symbol, e.g. C"); },
        "flows metered as the mass of an element of what arrives, {burnt_carbon: C}", "element");
  f.text("no_factor", no_factor, "why what leaves here bears no burden, for the completeness table");
  f.flag("estimate", estimate, "what it consumes is an estimate");
  check_company(f, *this);
}

void TankSpec::fields(Fields& f) {
  f.required().name("flow", flow, "metered flow, e.g. process_water: who doses it draws from the tank first, and only what that lacks is made and metered");
  f.required().name("component", component, "that is dosed, e.g. H2O; all else in the tank goes with it in proportion, dissolved as it came");
  f.quantity("capacity", capacity_kg, dimension::mass, Range::positive(), "mass that it holds; default: no limit");
  f.quantity("bleed", bleed, dimension::none, Range::share(), "share of what arrives that is let out");
  f.name("to", to, "sink for that, and for what finds no room");
  check_company(f, *this);
}

void TableSpec::fields(Fields& f) {
  f.required().name("file", file, "name, relative to the file that says so");
  f.required().name("sha256", sha256, "checksum of its bytes");
}

void AttributeSpec::fields(Fields& f) {
  f.text("unit", unit, "unit of a numeric attribute; empty for a plain number");
  f.names("categories", categories, "values of a categorical attribute");
  f.flag("truth", truth, "a true property that the plant cannot know; routing on it draws a warning");
  check_company(f, *this);
}

void DrawSpec::fields(Fields& f) {
  f.required().name("amount", amount, "by time, as 0.6 t/h or 60 kW: while the work goes on, which slows down with it; of a job, as 500 kg, or by its mass, as 120 kg/t: needed, and the "
                                      "job ends when it has it, and its work is done; less than 0 by time, as -20 kW: given while the work goes on");
  f.name("at_most", at_most, "of what is needed, by time; default: the capacity of the utility");
  f.quantity("weight", weight, dimension::none, Range::positive(), "where there is not enough, who asks for more than its share has a share in proportion to this; of several utilities while it works, that of which it takes the largest share counts");
  f.count("priority", priority, {-1000, 1000}, "larger first, before all weights: the others are shed; of several likewise");
  f.flag("counted", counted, "metered at the end of the job; no: its unit, or the power of the station, tells how much is used, and this says only how it is shared");
}

void OutageSpec::fields(Fields& f) {
  f.value("every", every, "time from the end of one outage to the next");
  f.names("at", at, "in place of every: times of outages that are known, after the start of the run, e.g. [14 h, 62 h]");
  f.value("repair", repair, "how long one lasts");
  f.name("during", during, "in place of every, at and repair: calendar while which it is there: derating in hot hours, a limit in the evening");
  f.quantity("leaves", leaves, dimension::none, Range::share(), "share of the capacity that is left meanwhile");
}

void StorageSpec::fields(Fields& f) {
  f.required().name("capacity", capacity, "amount that it keeps: 500 kg, 2 MWh");
  f.name("charge", charge, "by time, at most, of what nobody takes; default: the capacity of the utility");
  f.name("discharge", discharge, "by time, at most, beside what the utility gives; default: likewise");
  f.quantity("start", start, dimension::none, Range::share(), "share of it that is there at the start");
  f.quantity("efficiency", efficiency, dimension::none, Range::share(), "share of what goes in that is kept");
  f.name("loss", loss, "by time, while it holds anything: 5 kg/h");
  f.name("station", station, "of a utility without input: where what goes in and does not come out is counted");
}

void InputSpec::fields(Fields& f) {
  f.required().name("flow", flow, "metered flow that it uses: natural_gas of a boiler");
  f.required().name("station", station, "where that is counted");
  f.names("at", at, "what it gives, at points that are known, from little to much: [0 t/h, 1 t/h, 2 t/h]");
  f.names("use", use, "what it uses there: [4 m3/h, 72 m3/h, 150 m3/h], the first in stand-by; linear between them, and beyond the last as before it");
}

void UtilitySpec::fields(Fields& f) {
  f.required().name("capacity", capacity, "by time: 2 t/h of steam, 4.75 MW of electricity, 600 m3/h of air");
  f.name("flow", flow, "metered flow that it is: electricity for a feeder; default: its own name");
  f.object("input", [this](Fields& g) { input.fields(g); }, "what it uses for what it gives: fuel of a boiler, electricity of a chiller, losses of a transformer", &input.given);
  f.name("limit", limit, "that its mean over a quarter hour should not exceed: 3 MW; what its store and jobs give aside; told, not enforced");
  f.object("storage", [this](Fields& g) { storage.fields(g); }, "what it keeps for times in which more is wanted: steam accumulator, store of electricity, tank of chilled water", &storage.given);
  f.map("fails", fails, [](OutageSpec& outage, Fields& g) { outage.fields(g); }, "outages, whole or in part");
  f.choice_index("confidence", confidence, choices::confidence, "what its capacity rests on");
  f.text("source", source, "where the figures come from");
}

void PhaseSpec::fields(Fields& f) {
  f.text("name", name, "what happens");
  f.required().value("duration", duration, "time of the phase");
  f.flag("attended", attended, "stops with the shift; an unattended phase runs through");
  f.value("needs", needs, "resources held during the phase");
  f.map("draws", draws, [](DrawSpec& draw, Fields& g) { draw.fields(g); }, "of utilities, during the phase", "amount");
  f.name("waits_for", waits_for, "task of the digital layer that begins with the phase; the phase ends when that is done as well");
}

void BatchSpec::fields(Fields& f) {
  f.count("count", count, {1, 1e9}, "lots of a batch (with mass: at most); they gather in the buffer");
  f.quantity("mass", kg, dimension::mass, Range::positive(), "mass of a batch; bulk is cut to fit");
  f.quantity("volume", m3, dimension::volume, Range::positive(), "volume of a batch, with the station's density");
  f.count("least", least, {0, 1e9}, "smallest batch that starts at once (0: only a full one)");
  f.name("by", by, "categorical attribute that the lots of a batch share");
  f.quantity("longest_wait", longest_wait_s, dimension::time, Range::non_negative(), "after which a partial batch starts");
  f.flag("siblings", siblings, "the lots that one parent was split or forked into");
  f.flag("keep_parent", keep_parent, "siblings that are merged take their parent's identity again");
  f.flag("merge", merge, "the batch becomes one lot");
  f.name("kind", kind, "kind of the merged lot");
  f.value("parts", parts, "kinds and numbers of an assembly; the first one leads");
}

void SetupSpec::fields(Fields& f) {
  f.name("by", by, "attribute whose change needs a setup");
  f.value("time", time, "setup time for any change that the matrix does not name");
  f.value("matrix", matrix, "setup time from one value to another, {A: {B: 2 h}}");
  f.value("needs", needs, "resources held during the setup");
  f.flag("first", first, "a setup also before the first job");
  f.flag("ready_first", ready_first, "of the free servers one that is set up for the lot takes it; else the one that has been free for longest");
}

void FailureSpec::fields(Fields& f) {
  f.value("every", every, "time between failures");
  f.names("at", at, "in place of every: the times of outages that are known, after the start of the run, e.g. [14 h, 62 h]; a state that goes on has those that are ahead of it");
  f.value("after_jobs", after_jobs, "jobs between failures (clock: count)");
  f.value(maintenance ? "duration" : "repair", repair, maintenance ? "time of the work" : "time to repair");
  f.choice_index("clock", clock, choices::clock, "time between failures counts calendar time, working time or jobs");
  if (!maintenance) {
    f.choice_index("job", job, choices::job, "what becomes of the job in hand; a setup is never scrapped, but resumed");
    f.flag("keep_crew", keep_crew, "the crew of the job stays during the repair (if a restart begins with the same)");
    f.name("scrap_to", scrap_to, "sink for scrapped jobs");
  }
  f.flag("renews", renews, "what the machine remembers (see its unit) begins anew: a fresh bath, a clean filter");
  f.value("needs", needs, "resources for the repair");
  f.choice_index("scope", scope, choices::scope, "each server has its own clock, or the station as a whole has one");
  f.choice_index("counted_from", counted_from, choices::counted_from,
                 "time between counts from the end of the last one (of a station: of its last repair) or from when it was due");
  check_company(f, *this);
}

void ProfileSpec::fields(Fields& f) {
  f.required().quantity("rate", rate_per_s, dimension::rate, Range::non_negative(), "mean rate over the week, e.g. 50/week");
  f.shares("days", days, "share of each weekday, {Mon: 22 %, ...}; default: all alike");
  f.shares("hours", hours, "share of times of day, {08-10: 30 %, ...}; default: all alike");
}

void LoadSpec::fields(Fields& f) {
  f.text("lot", kind, "kind of lot inside");
  f.required().value("count", count, "lots per carrier (rounded)");
  f.value("attributes", attributes, "attributes of the lots inside");
  if (of_kind) of_kind(f, kind);
}

void SourceSpec::fields(Fields& f) {
  f.text("lot", lot, "kind of lot; kinds known to the library have fields of their own");
  f.value("every", every, "time between arrivals");
  f.quantity("rate", rate_per_s, dimension::rate, Range::positive(), "Poisson arrivals at this rate");
  f.flag("saturated", saturated, "there is always a lot when there is room");
  f.object("profile", [this](Fields& g) { profile.fields(g); }, "Poisson arrivals with a weekly profile", &profile.given);
  f.names("at", at, "times of arrival after the start, e.g. [0 h, 3 h]");
  f.name("trace", trace, "CSV file of arrivals: a column time (with unit, e.g. \"time [h]\") and attributes");
  f.value("blocks", blocks, "whole days of arrivals, one drawn for every day of the run among those possible on its weekday");
  f.quantity("repeat", repeat_s, dimension::time, Range::non_negative(), "the times repeat with this period");
  f.quantity("first", first_s, dimension::time, Range::non_negative(), "by every or rate: time of the first arrival; else one interval after the start");
  f.quantity("from", from_s, dimension::time, Range::non_negative(), "no arrivals before");
  f.quantity("until", until_s, dimension::time, Range::non_negative(), "no arrivals from then on (0: no end)");
  f.value("batch", batch, "lots per arrival (rounded)");
  f.count("limit", limit, {0, 4e9}, "lots in all");
  f.name("admit", admit, "condition, over the lot and the plant, that holds as a lot comes, e.g. queue.press < 5; else it goes away: it is lost");
  f.choice_index("when_full", when_full, choices::when_full, "without room, lots wait outside in line, the first of which has waited since it came to be first, or are lost");
  f.value("attributes", attributes, "attributes of the lots");
  f.object("load", [this](Fields& g) { load.fields(g); }, "what a carrier brings; a station with unit: unload takes it out", &load.given);
  f.value("due", due, "time after arrival at which the lots are due at a sink, those made of them as well; `due` in expressions; 0: never");
  f.required().value("to", to, "where the lots go");
  f.count("priority", priority, {-1000, 1000}, "kept for ties; larger first");
  f.value("consumes", consumes, "flows used for what it brings (and is not lost), per mass ({road: {per_mass: 250 km}}) or per lot (5 kg): inbound transport");
  f.text("group", group, "part of the plant that bears what it consumes");
  check_company(f, *this);
}

void InitialSpec::fields(Fields& f) {
  f.required().name("station", station, "where they are");
  f.count("count", count, {1, 1e8}, "how many");
  f.text("lot", lot, "kind of lot");
  f.quantity("remaining", remaining_s, dimension::time, Range::non_negative(),
             "in service (with others of a batch) with this much work left, that of the last phases; set up, and suspended if off shift (unless jobs are finished then); else waiting");
  f.name("to", to, "station they are bound for, on a transport");
  f.value("attributes", attributes, "attributes of the lots");
}

void FunctionalUnitSpec::fields(Fields& f) {
  f.required().names("of", of, "whose mass counts: sources, sinks or station.port");
  f.names("groups", groups, "groups of stations whose use is divided by it; default: all");
  f.names("without", without, "components whose mass does not count");
  f.text("doc", doc, "the tonne in words, e.g. feed entering the line");
}

void AllocationSpec::fields(Fields& f) {
  f.flag("by_electricity", by_electricity, "in proportion to the groups' own electricity; else by shares");
  f.shares("to", shares, "groups and their shares, {line_1: 28 %, line_2: 72 %}");
  f.map("by_mass", by_mass,
        [](MassShareSpec& share, Fields& g) { g.required().names("of", share.of, "whose mass counts: sources, sinks or station.port"); },
        "in place of shares: groups and whose mass counts for them, {line_1: [sorter.large], line_2: [sorter.small]}", "of");
  f.map("by_value", by_value, [](MassShareSpec& share, Fields& g) { g.required().names("of", share.of, "sinks whose revenue counts, at the prices of the plant"); },
        "in place of shares: groups and what they earn (economic allocation), {line_1: [large], line_2: [small]}", "of");
  f.choice_index("by", by, allocation_rules, "which of the rules counts, if several are stated; the others are told beside it, as its sensitivity");
}

void FlowSpec::fields(Fields& f) {
  f.text("no_factor", no_factor, "why it has no factor: those of the sets are left aside");
  f.name("made_from", made_from, "metered flow that it is made from on site and that bears its burden; a factor beside it would count twice");
}

void AuxiliarySpec::fields(Fields& f) {
  f.text("group", group, "group whose functional unit bears it");
  f.quantity("power", power_W, dimension::power, Range::non_negative(), "mean electric power around the clock");
  f.value("consumes", consumes, "other flows, by time");
  f.text("note", note, "where the figure comes from");
  f.flag("estimate", estimate, "the figure is an estimate");
}

void StockSpec::fields(Fields& f) {
  f.name("of", of, "what a lot carries: an expression over its attributes, e.g. soc * capacity");
  f.quantities("components", components, dimension::none, Range::non_negative(), "in its place, what a kilogram of each component stands for, {LiPF6: 79 %}");
  f.names("stations", stations, "stations that count; none: all, also by group");
  f.name("unit", unit, "unit in which it is told, e.g. MWh; of components kg");
  f.quantity("every", every_s, dimension::time, {60, std::numeric_limits<double>::infinity()}, "time between two readings");
  f.name("most", most, "level that is held admissible, e.g. 40 MWh: the share of readings above it is told");
  f.text("note", note, "where the figures come from");
  f.flag("estimate", estimate, "a figure in it is an estimate");
}

void SupplySpec::fields(Fields& f) {
  f.required().name("value", value, "kg CO2e per energy, e.g. 0 kg CO2e/kWh");
  f.quantity("share", share, dimension::none, Range::share(), "share of the use that it covers in every hour: a contract");
  f.quantity("energy", energy_J, dimension::energy, Range::non_negative(), "energy of a reporting year that it covers, whenever it is used: certificates");
  f.name("power", power, "CSV file with a column such as \"power [kW]\", a row for each hour of the day (24) or of the year (8760): covers what is used in each quarter hour, before all others");
  f.text("source", source, "where the figure comes from");
  f.flag("estimate", estimate, "the figure is an estimate");
}

void ElectricitySpec::fields(Fields& f) {
  f.map("supplies", supplies, [](SupplySpec& supply, Fields& g) { supply.fields(g); }, "how electricity is bought or made: a share, an energy or a power by the hour");
  f.name("residual", residual, "kg CO2e per energy of what no supply covers; if not given, as the grid of the location");
  f.text("residual_source", residual_source, "where that comes from");
  f.name("hourly", hourly, "CSV file with a column such as \"factor [kg CO2e/kWh]\" of the grid of the location, a row for each hour of the day (24) or of the year (8760)");
}

void PlanStepSpec::fields(Fields& f) {
  f.required().name("at", at, "station where it is done");
  f.names("after", after, "steps of this plan that come before it");
  f.value("duration", duration, "in place of that of the station (of its first phase)");
  f.value("attributes", attributes, "attributes that the lot is given as this step begins");
}

void PlanSpec::fields(Fields& f) {
  f.map(
      "steps", steps, [](PlanStepSpec& step, Fields& g) { step.fields(g); },
      "operations; those that wait for no other may go on at the same time", "at");
}

void StationSpec::fields(Fields& f) {
  f.text("unit", unit, "unit operation; see retwin explain");
  f.count("servers", servers, {1}, "jobs at a time, up to a million, or unlimited; default 1, of a delay or plan unlimited");
  f.value("duration", duration, "time of a job: quantity, distribution, or expression over the lot");
  f.name("effort", effort,
         "expression over the lot that the durations (also of phases) are multiplied by, e.g. 0.3 + 0.02 * pieces");
  f.quantity("throughput", throughput_kg_per_s, dimension::mass_rate, Range::positive(), "time of a job from the mass of its feed");
  f.quantity("volume_rate", volume_rate_m3_per_s, dimension::volume_rate, Range::positive(), "time of a job from the volume of its feed");
  static const Dimension per_volume = dimension::mass / dimension::volume;
  f.quantity("density", density_kg_per_m3, per_volume, Range::positive(), "of the feed, for volume_rate");
  f.list("phases", phases, [](PhaseSpec& phase, Fields& g) { phase.fields(g); }, "a job in several phases, each attended or not");
  f.object("batch", [this](Fields& g) { batch.fields(g); }, "lots that are worked on together", &batch.given);
  f.value("buffer", buffer, "room for waiting lots; a free server is room for its next job as well");
  f.value("to", to, "where lots go, by port; by `shortest`, `fastest` or `overflow` a lot joins only what has room for it, and where none has, "
                    "it goes where room comes first; the shortest line is that with the fewest lots waiting and servers that can take none now, "
                    "being at work, off shift or down");
  f.value("needs", needs, "resources of attended work");
  f.map("draws", draws, [](DrawSpec& draw, Fields& g) { draw.fields(g); },
        "what a job takes of utilities: {steam: 0.6 t/h} while it is worked on, {steam: 500 kg} or {steam: 120 kg/t} in all", "amount");
  f.name("waits_for", waits_for, "task of the digital layer that begins with each job (of several phases: with the last); the job ends when that is done as well");
  f.name("calendar", calendar, "when attended work goes on");
  f.choice_index("at_shift_end", at_shift_end, choices::shift_end, "attended work in hand is suspended, or the whole job is finished, also after a repair");
  f.object("setup", [this](Fields& g) { setup.fields(g); }, "work when the kind of job changes", &setup.given);
  f.value("changeover", changeover, "time between two jobs, apart from service");
  f.value("changeover_needs", changeover_needs, "resources of the changeover");
  f.value("patience", patience, "how long a lot waits in the buffer, at most; then it gives up");
  f.name("given_up", given_up, "with patience: sink where it goes");
  f.value("dispatch", dispatch, "which waiting lot is next; of a full buffer one of those inside, before others are let in");
  f.object(
      "campaign",
      [this](Fields& g) {
        g.quantity("longest", campaign_s, dimension::time, Range::non_negative(), "0: until nothing of its kind waits");
        g.quantity("least", campaign_kg, dimension::mass, Range::non_negative(), "mass that must wait before its campaign begins");
      },
      "with dispatch: campaign, how long jobs of one kind go on");
  f.choice_index("blocking", blocking, choices::blocking, "after service, or a job starts only when its target has room");
  f.quantity("headway", headway_s, dimension::time, Range::non_negative(), "least time between two starts");
  f.count("priority", priority, {-1000, 1000}, "larger first: for resources (what a request can have is kept from lower ones), and of those who have waited equally long "
                                              "for room, in line or in choosing among targets; never by name");
  const auto mode = [](FailureSpec& failure, Fields& g) { failure.fields(g); };
  FailureSpec planned;
  planned.maintenance = true;
  f.map("fails", fails, mode, "failure modes; what comes due during a repair comes once, at its end, of several that which is named first");
  f.map("maintenance", maintenance, mode, "planned work, done between jobs", nullptr, planned);
  f.quantity("power", power_W, dimension::power, Range::non_negative(), "electric power of a working server");
  f.quantity("idle_power", idle_power_W, dimension::power, Range::non_negative(), "while starved, blocked or waiting; default 0");
  f.quantity("setup_power", setup_power_W, dimension::power, Range::non_negative(), "during setups; default: idle_power");
  f.quantity("down_power", down_power_W, dimension::power, Range::non_negative(), "while down or maintained; default 0");
  f.quantity("off_power", off_power_W, dimension::power, Range::non_negative(), "outside the calendar");
  f.quantity("energy_per_job", energy_per_job_J, dimension::energy, Range::non_negative(), "electricity of a job beside power");
  f.quantity("energy_per_mass", energy_per_mass_J_per_kg, dimension::specific_energy, Range::non_negative(), "electricity per mass of feed beside power");
  f.value("consumes", consumes, "other flows: per mass (67 m3/t), per time at work (10 m3/h, 5 kW) or per job (5 kg)");
  f.name("completes", completes, "a lot that is finished here counts as this product and starts a new lap");
  f.flag("one_at_a_time", one_at_a_time, "of a plan: the lot itself goes from step to step; else steps may overlap");
  f.text("group", group, "part of the plant, for reports and functional units");
  f.choice_index("confidence", confidence, choices::confidence, "what its times rest on; estimates are marked in reports");
  f.text("source", source, "where the figures come from");
  f.quantity("speed", speed_m_per_s, dimension::speed, Range::positive(), "of a conveyor or vehicle");
  f.quantity("length", length_m, dimension::length, Range::non_negative(), "of a conveyor");
  f.quantity("load_time", load_s, dimension::time, Range::non_negative(), "of a vehicle");
  f.quantity("unload_time", unload_s, dimension::time, Range::non_negative(), "of a vehicle");
  f.value("distances", distances, "between places that vehicles serve, both ways unless given twice");
  check_company(f, *this);
}

}  // namespace retwin
