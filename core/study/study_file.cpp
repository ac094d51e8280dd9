// Studies on disk.
#include "core/study/study_file.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/constants.hpp"

namespace retwin {
namespace {

using Json = nlohmann::json;

constexpr const char* format_version = "1";

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string json_of(const std::vector<FigureValue>& figures) {
  const auto number = [](double value) { return std::isfinite(value) ? Json(value) : std::isnan(value) ? Json(nullptr) : Json(value > 0 ? "inf" : "-inf"); };
  Json all = Json::array();
  for (const FigureValue& one : figures)
    all.push_back(one.ratio ? Json{number(one.value), number(one.numerator), number(one.denominator)} : number(one.value));
  return text_of(all);
}

double number_of_json(const Json& json) {
  if (json.is_string()) return json.get<std::string>() == "inf" ? infinity : -infinity;
  return json.is_null() ? nan : json.get<double>();
}

std::vector<FigureValue> figures_of(std::string_view text) {
  std::vector<FigureValue> all;
  for (const Json& one : Json::parse(text)) {
    if (one.is_array()) all.push_back({number_of_json(one.at(0)), true, number_of_json(one.at(1)), number_of_json(one.at(2))});
    else all.push_back({number_of_json(one), false, 0, 0});
  }
  return all;
}

std::map<std::string, std::string> head_of(const Study& study) {
  return {{"format", format_version}, {"study", study.sha256}, {"figures", text_of(Json(study.figures))}, {"seed", std::to_string(study.seed)}};
}

void make_tables(SqliteFile& file, const std::map<std::string, std::string>& head) {
  file.run("CREATE TABLE study (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID");
  file.run("CREATE TABLE outcome (point TEXT, replication INTEGER, manifest TEXT, digest TEXT, error TEXT, figures TEXT, "
           "PRIMARY KEY (point, replication, manifest)) WITHOUT ROWID");
  SqliteStatement put = file.prepare("INSERT INTO study VALUES (?, ?)");
  for (const auto& [key, value] : head) put.bind(0, key).bind(1, value).run();
}

constexpr const char* insert_row = "INSERT OR REPLACE INTO outcome VALUES (?, ?, ?, ?, ?, ?)";

void write_row(SqliteStatement& insert, const StudyRow& row) {
  const std::string figures = json_of(row.figures);
  insert.bind(0, row.point).bind(1, static_cast<double>(row.replication)).bind(2, row.manifest).bind(3, row.digest).bind(4, row.error).bind(5, figures).run();
}

}  // namespace

StudyFile::StudyFile(std::string path, const Study& study) : path_(std::move(path)), head_(head_of(study)) {
  if (!path_.empty()) open(study);
}

void StudyFile::open(const Study& study) {
  std::error_code ignored;
  const bool there = std::filesystem::exists(path_, ignored) && std::filesystem::file_size(path_, ignored) != 0;
  file_ = std::make_unique<SqliteFile>(path_, SqliteFile::Mode::keep);
  if (there) {
    load(*file_, study);
  } else {
    file_->run("BEGIN");
    make_tables(*file_, head_);
    file_->run("COMMIT");
  }
  insert_ = file_->prepare(insert_row);
}

void StudyFile::load(SqliteFile& file, const Study& study) {
  Place place;
  place.file = file.path();
  std::map<std::string, std::string> head;
  if (!file.columns_of("study").empty() && !file.columns_of("outcome").empty()) {
    SqliteStatement all = file.prepare("SELECT key, value FROM study");
    while (all.step()) head.emplace(all.text(0), all.text(1));
  }
  if (!head.contains("study")) refuse(Code::conflict, place, file.path() + " is no file of a study", "give the name of a new file");
  if (head["format"] != format_version) refuse(Code::conflict, place, "the file is of another version of retwin", "give the name of a new file");
  if (head["study"] != study.sha256)
    refuse(Code::conflict, place, "the file belongs to another study: " + study.path + ", its scenario or what they read has changed since",
           "give the name of a new file, or bring the study back as it was");
  SqliteStatement rows = file.prepare("SELECT point, replication, manifest, digest, error, figures FROM outcome");
  try {
    while (rows.step()) {
      StudyRow row{std::string(rows.text(0)), static_cast<std::int64_t>(rows.number(1)), std::string(rows.text(2)), std::string(rows.text(3)),
                   std::string(rows.text(4)), figures_of(rows.text(5))};
      if (row.error.empty() && row.figures.size() != study.figures.size()) refuse(Code::file, place, "the file is damaged: a row has too few figures");
      Key key{row.point, row.replication, row.manifest};
      rows_.insert_or_assign(std::move(key), std::move(row));
    }
  } catch (const Json::exception&) {
    refuse(Code::file, place, "the file is damaged: the figures of a row cannot be read", "give the name of a new file");
  }
}

const StudyRow* StudyFile::find(const std::string& point, std::int64_t replication, const std::string& manifest) const {
  const auto found = rows_.find({point, replication, manifest});
  return found == rows_.end() ? nullptr : &found->second;
}

bool StudyFile::knows(const std::string& point) const {
  const auto next = rows_.lower_bound({point, 0, {}});
  return next != rows_.end() && std::get<0>(next->first) == point;
}

std::vector<StudyRow> StudyFile::rows() const {
  std::vector<StudyRow> all;
  for (const auto& [key, row] : rows_) all.push_back(row);
  return all;
}

void StudyFile::put(StudyRow row) {
  if (file_) {
    if (!std::exchange(open_transaction_, true)) file_->run("BEGIN");
    write_row(insert_, row);
  }
  Key key{row.point, row.replication, row.manifest};
  rows_.insert_or_assign(std::move(key), std::move(row));
}

void StudyFile::flush() {
  if (file_ && std::exchange(open_transaction_, false)) file_->run("COMMIT");
}

void StudyFile::take(const std::string& other, const Study& study) {
  SqliteFile file(other, SqliteFile::Mode::read);
  StudyFile theirs({}, study);
  theirs.load(file, study);
  for (auto& [key, row] : theirs.rows_)
    if (!rows_.contains(key)) put(std::move(row));
  flush();
}

void StudyFile::complete(const Table& results) {
  if (!file_) return;
  flush();
  insert_ = SqliteStatement();
  file_.reset();
  SqliteFile tidy(path_, SqliteFile::Mode::write);
  make_tables(tidy, head_);
  SqliteStatement insert = tidy.prepare(insert_row);
  for (const auto& [key, row] : rows_) write_row(insert, row);
  if (results.columns().empty()) return tidy.commit();
  std::string columns, places;
  for (const Column& column : results.columns()) {
    columns += (columns.empty() ? "" : ", ") + SqliteFile::quoted(column.name);
    places += places.empty() ? "?" : ", ?";
  }
  tidy.run("CREATE TABLE results (" + columns + ")");
  SqliteStatement put = tidy.prepare("INSERT INTO results VALUES (" + places + ")");
  for (std::size_t r = 0; r < results.rows(); ++r) {
    put.unbind();
    for (std::size_t c = 0; c < results.columns().size(); ++c) {
      const Cell cell = results.at(r, c);
      if (const auto* number = std::get_if<double>(&cell.value())) put.bind(static_cast<int>(c), *number);
      if (const auto* integer = std::get_if<std::int64_t>(&cell.value())) put.bind(static_cast<int>(c), static_cast<double>(*integer));
      if (const auto* text = std::get_if<std::string>(&cell.value())) put.bind(static_cast<int>(c), *text);
    }
    put.run();
  }
  tidy.commit();
}

}  // namespace retwin
