// Baselines to JSON and back: nothing in them depends on when or where they were written.
#include "core/experiment/baseline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/constants.hpp"
#include "core/base/files.hpp"
#include "core/base/table_json.hpp"
#include "core/base/yaml_writer.hpp"
#include "core/scenario/document/document.hpp"

namespace retwin {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t largest_file = std::size_t{256} << 20;  ///< [bytes]
constexpr const char* how_to_make = "make it anew with retwin regress --update";

double number_of_json(const Json& json) { return json.is_null() ? nan : json.get<double>(); }

/// Entries of a list, one to a line.
std::string lines_of(const char* name, const std::vector<std::string>& entries) {
  std::string out = fmt::format(" \"{}\": [", name);
  for (std::size_t k = 0; k < entries.size(); ++k) out += (k == 0 ? "\n  " : ",\n  ") + entries[k];
  return out + "]";
}

/// Bytes of a file that is not noted as an input, since it will be replaced.
std::string peek(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Json figure_json(const FigureRows::Path& path, std::size_t n) {
  const bool ratio = path.kpi->ratio;
  Json values = Json::array(), numerators = Json::array(), denominators = Json::array();
  for (std::size_t r = 0; r < n; ++r) {
    const FigureRows::Value* v = path.values[r];
    values.push_back(json_number<Json>(v ? v->value : nan));
    numerators.push_back(json_number<Json>(v ? v->numerator : nan));
    denominators.push_back(json_number<Json>(v ? v->denominator : nan));
  }
  Json json{{"path", path.kpi->path}, {"unit", path.kpi->unit}};
  if (ratio) json["numerators"] = std::move(numerators), json["denominators"] = std::move(denominators);
  json["values"] = std::move(values);
  return json;
}

void read_figures(const Json& json, Baseline& out) {
  std::vector<std::vector<Kpi>> rows(out.replications());
  for (const Json& one : json) {
    const bool ratio = one.contains("numerators");
    for (std::size_t r = 0; r < rows.size(); ++r) {
      Kpi kpi;
      kpi.path = one.at("path").get<std::string>();
      kpi.unit = one.at("unit").get<std::string>();
      kpi.value = number_of_json(one.at("values").at(r));
      kpi.ratio = ratio;
      if (ratio)
        kpi.numerator = number_of_json(one.at("numerators").at(r)), kpi.denominator = number_of_json(one.at("denominators").at(r));
      rows[r].push_back(std::move(kpi));
    }
  }
  out.figures = FigureRows(rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) out.figures.put(r, rows[r]);
}

Baseline baseline_from(const Json& json, const Place& place) {
  Baseline made;
  made.path = place.file;
  made.version = json.at("retwin").get<std::string>();
  made.plant = json.at("plant").get<std::string>();
  made.document = json.at("document").get<std::string>();
  made.inputs = json.at("inputs").get<std::map<std::string, std::string>>();
  for (const Json& one : json.at("replications")) {
    made.tasks.push_back(task_from_json(json_line(one), place));
    made.digests.push_back(one.at("digest").get<std::string>());
    made.figure_digests.push_back(one.at("figures").get<std::string>());
  }
  if (made.tasks.empty()) refuse(Code::missing, place, "there is no replication in it", how_to_make);
  read_figures(json.at("figures"), made);
  return made;
}

}  // namespace

std::string figures_digest(const std::vector<Kpi>& figures) {
  std::string all;
  for (const Kpi& kpi : figures) all += kpi.path + '=' + number_text(kpi.value) + '\n';
  return sha256_hex(all);
}

std::string baseline_file(const std::string& folder, const std::string& scenario) {
  return (std::filesystem::path(folder) / (std::filesystem::path(scenario).stem().string() + ".json")).string();
}

Baseline baseline_of(const PairedRuns& runs, std::size_t contender, std::size_t replications, const std::vector<std::string>& kept) {
  const Contender& of = runs.contenders().at(contender);
  Baseline made;
  made.version = RETWIN_VERSION;
  made.plant = of.scenario->name;
  made.document = yaml_text(of.document);
  made.inputs = of.scenario->inputs;
  made.tasks = runs.tasks(contender, replications);
  made.figures = FigureRows(replications);
  for (std::size_t r = 0; r < replications; ++r) {
    std::vector<Kpi> figures = runs.figures(contender).of(r);
    made.digests.push_back(runs.digest(contender, r));
    made.figure_digests.push_back(figures_digest(figures));
    std::erase_if(figures, [&](const Kpi& kpi) { return std::find(kept.begin(), kept.end(), kpi.path) == kept.end(); });
    made.figures.put(r, figures);
  }
  return made;
}

std::string baseline_json(const Baseline& b) {
  std::vector<std::string> replications, figures;
  for (std::size_t r = 0; r < b.replications(); ++r)
    replications.push_back(
        json_line<Json>({{"task", Json::parse(json_text(b.tasks[r]))}, {"digest", b.digests[r]}, {"figures", b.figure_digests[r]}}));
  for (const FigureRows::Path& path : b.figures.by_path()) figures.push_back(json_line(figure_json(path, b.replications())));
  std::string out = "{\n";
  for (const auto& [name, value] :
       {std::pair<const char*, Json>{"retwin", b.version}, {"plant", b.plant}, {"document", b.document}, {"inputs", b.inputs}})
    out += fmt::format(" \"{}\": {},\n", name, json_line(value));
  return out + lines_of("replications", replications) + ",\n" + lines_of("figures", figures) + "\n}\n";
}

Baseline read_baseline(const std::string& path, bool to_replace) {
  Place place;
  place.file = path;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) refuse(Code::file, place, "there are no kept figures of this scenario", how_to_make);
  std::string text;
  if (to_replace) {
    text = peek(path);
  } else {
    Problems problems;
    std::optional<std::string> read = read_file(path, largest_file, problems);
    problems.throw_if_errors();
    text = std::move(*read);
  }
  try {
    return baseline_from(Json::parse(text), place);
  } catch (const Json::exception&) {
    refuse(Code::syntax, place, "these are no kept figures of retwin regress", how_to_make);
  }
}

Node kept_document(const Baseline& baseline) {
  Problems problems;
  std::optional<Node> document = read_yaml(baseline.document, baseline.path + " (document)", problems);
  problems.throw_if_errors();
  return std::move(*document);
}

Contender kept_contender(const Baseline& baseline, const Contender& now, const Registry& registry) {
  Node document = kept_document(baseline);
  std::vector<std::string> folders = now.origin.libraries;
  for (std::string& folder : default_library_folders()) folders.push_back(std::move(folder));
  Contender made;
  made.scenario = std::make_shared<const Scenario>(compile_scenario(document, now.scenario->path, registry, folders));
  made.document = std::move(document);
  made.label = "as it was kept";
  made.origin = now.origin;
  return made;
}

}  // namespace retwin
