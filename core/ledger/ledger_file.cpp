// Stations and flows stand in it by their names, for those who read it with other means.
#include "core/ledger/ledger_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/base/files.hpp"
#include "core/base/problem.hpp"

namespace retwin {
namespace {

constexpr const char* version = "retwin ledger 3";
constexpr const char* write_again = "write it again, with `retwin run ... --ledger FILE`";

/// Of the plant, and beyond them what prices of lots and people count.
std::vector<std::string> flow_names(const Plant& plant, const std::vector<std::string>& paid) {
  std::vector<std::string> names;
  for (const FlowInfo& flow : plant.flows) names.push_back(flow.name);
  for (const std::string& price : paid) names.push_back("prices." + price);
  return names;
}

/// Names in the order of EdgeSummary::used.
std::vector<std::string> places(const Plant& plant) {
  std::vector<std::string> names;
  for (const Station& station : plant.stations) names.push_back(station.name);
  for (const Sink& sink : plant.sinks) names.push_back("sinks." + sink.name);
  for (const Source& source : plant.sources) names.push_back("sources." + source.name);
  return names;
}

}  // namespace

// --- writing -------------------------------------------------------------------------------------------------------------------

LedgerWriter::LedgerWriter(const std::string& path) : file_(path, SqliteFile::Mode::write) {
  file_.run("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT)");
  file_.run("CREATE TABLE blocks (number INTEGER PRIMARY KEY, jobs INTEGER, edges BLOB)");
  file_.run("CREATE TABLE used (place TEXT, flow TEXT, amount REAL, in_hand REAL)");
  file_.run("CREATE TABLE weeks (station TEXT, week INTEGER, jobs INTEGER, flow TEXT, beside_jobs REAL)");
  insert_.emplace(file_.prepare("INSERT INTO blocks VALUES (?, ?, ?)"));
}

EdgeWriter::Sink LedgerWriter::sink() {
  return [this](std::string_view block, std::size_t jobs) {
    insert_->bind(0, static_cast<double>(blocks_++)).bind(1, static_cast<double>(jobs)).bind_bytes(2, block);
    insert_->run();
  };
}

void LedgerWriter::commit(const EdgeSummary& summary, const Plant& plant, const std::string& scenario) {
  SqliteStatement about = file_.prepare("INSERT INTO about VALUES (?, ?)");
  const auto say = [&](std::string_view name, std::string_view value) { about.bind(0, name).bind(1, value).run(); };
  say("format", version);
  say("scenario", scenario);
  say("structure", fmt::format("{:016x}", summary.structure_hash));
  say("begin_s", number_text(summary.begin_s));
  say("end_s", number_text(summary.end_s));
  say("jobs", std::to_string(summary.jobs));
  say("last_week", std::to_string(summary.last_week));
  say("parent", summary.parent);
  say("sha256", summary.sha256);
  say("prices", nlohmann::json(summary.paid).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  say("on_duty_s", nlohmann::json(summary.on_duty_s).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  const std::vector<std::string> flows = flow_names(plant, summary.paid);
  SqliteStatement used = file_.prepare("INSERT INTO used VALUES (?, ?, ?, ?)");
  const std::vector<std::string> names = places(plant);
  for (Index k = 0; k < summary.used.size(); ++k)
    for (Index f = 0; f < flows.size(); ++f)
      if (summary.used[k][f] != 0 || summary.in_hand[k][f] != 0)
        used.bind(0, names[k]).bind(1, flows[f]).bind(2, summary.used[k][f]).bind(3, summary.in_hand[k][f]).run();
  SqliteStatement weeks = file_.prepare("INSERT INTO weeks VALUES (?, ?, ?, ?, ?)");
  for (const auto& [key, week] : summary.weeks) {
    const auto row = [&](std::string_view flow, double amount) {
      weeks.bind(0, plant.stations[key.first].name).bind(1, static_cast<double>(key.second)).bind(2, static_cast<double>(week.jobs));
      weeks.bind(3, flow).bind(4, amount).run();
    };
    if (week.flows.empty()) row("", 0);
    for (const Part& flow : week.flows) row(flows[flow.of], flow.amount);
  }
  insert_.reset();
  about = SqliteStatement();
  used = SqliteStatement();
  weeks = SqliteStatement();
  file_.commit();
}

// --- reading -------------------------------------------------------------------------------------------------------------------

void LedgerFile::damaged(const std::string& why) const { refuse(Code::file, file_.path(), file_.path() + " " + why, write_again); }

LedgerFile::LedgerFile(const std::string& path, const Plant& plant) : file_(path, SqliteFile::Mode::read) {
  for (const char* table : {"about", "blocks", "used", "weeks"})
    if (file_.columns_of(table).empty()) damaged("is no ledger");
  read_summary(plant);
  SqliteStatement count = file_.prepare("SELECT count(*) FROM blocks");
  count.step();
  blocks_ = static_cast<std::size_t>(count.number(0));
  select_.emplace(file_.prepare("SELECT edges FROM blocks WHERE number = ?"));
  check_blocks();
}

void LedgerFile::read_summary(const Plant& plant) {
  std::map<std::string, std::string> about;
  SqliteStatement rows = file_.prepare("SELECT name, value FROM about");
  while (rows.step()) about[std::string(rows.text(0))] = rows.text(1);
  if (about["format"] != version) damaged("is no ledger of this version");
  if (about["structure"] != fmt::format("{:016x}", plant.structure_hash))
    refuse(Code::structure, file_.path(), file_.path() + " was written by a plant of another structure", "name the scenario that it was written with");
  const auto number = [&](const char* name) {
    const std::optional<double> value = number_of(about[name]);
    if (!value) damaged("is damaged");
    return *value;
  };
  summary_.structure_hash = plant.structure_hash;
  summary_.begin_s = number("begin_s");
  summary_.end_s = number("end_s");
  summary_.jobs = static_cast<std::uint64_t>(number("jobs"));
  summary_.last_week = static_cast<std::int64_t>(number("last_week"));
  summary_.parent = about["parent"];
  summary_.sha256 = about["sha256"];
  try {
    nlohmann::json::parse(about["prices"]).get_to(summary_.paid);
    nlohmann::json::parse(about["on_duty_s"]).get_to(summary_.on_duty_s);
  } catch (const nlohmann::json::exception&) {
    damaged("is damaged");
  }
  const std::vector<std::string> names = places(plant), flows = flow_names(plant, summary_.paid);
  summary_.used.assign(names.size(), std::vector<double>(flows.size()));
  summary_.in_hand = summary_.used;
  const auto place = [&](SqliteStatement& row, int name, int flow) {
    const auto found = static_cast<Index>(std::find(names.begin(), names.end(), row.text(name)) - names.begin());
    const auto of = static_cast<Index>(std::find(flows.begin(), flows.end(), row.text(flow)) - flows.begin());
    const std::pair at(found < names.size() ? found : none, of < flows.size() ? of : none);
    if (at.first == none || (at.second == none && !row.text(flow).empty())) damaged("is damaged");
    return at;
  };
  SqliteStatement used = file_.prepare("SELECT place, flow, amount, in_hand FROM used");
  while (used.step()) {
    const auto [station, flow] = place(used, 0, 1);
    if (flow == none) damaged("is damaged");
    summary_.used[station][flow] = used.number(2);
    summary_.in_hand[station][flow] = used.number(3);
  }
  SqliteStatement weeks = file_.prepare("SELECT station, flow, week, jobs, beside_jobs FROM weeks");
  while (weeks.step()) {
    const auto [station, flow] = place(weeks, 0, 1);
    if (station >= plant.n_stations()) damaged("is damaged");
    StationWeek& week = summary_.weeks[{station, static_cast<std::int64_t>(weeks.number(2))}];
    week.jobs = static_cast<std::uint64_t>(weeks.number(3));
    if (flow != none) week.flows.push_back({static_cast<std::uint16_t>(flow), weeks.number(4)});
  }
}

void LedgerFile::check_blocks() const {
  std::string hashes = summary_.parent;
  for (std::size_t k = 0; k < blocks_; ++k) hashes += sha256_hex(block(k));
  if (sha256_hex(hashes) != summary_.sha256) damaged("is damaged: its edges are not those that were written");
}

std::string LedgerFile::block(std::size_t number) const {
  select_->bind(0, static_cast<double>(number));
  if (!select_->step()) damaged("is damaged: a block is missing");
  std::string bytes(select_->bytes(0));
  select_->step();
  return bytes;
}

}  // namespace retwin
