// What was chosen, what came of it.
#include "core/report/study_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/constants.hpp"
#include "core/base/readable.hpp"
#include "core/base/table_json.hpp"

namespace retwin {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_shown = 40;

/// A decision as a column: a number where it is one, else a text.
bool is_number(const Decision& decision) {
  return decision.kind == Decision::Kind::real || decision.kind == Decision::Kind::whole ||
         (decision.kind == Decision::Kind::levels && std::none_of(decision.values.begin(), decision.values.end(), [](const Node& v) {
            return !v.is_scalar() || v.quoted || !parse_quantity(v.text);
          }));
}

Column decision_column(const Decision& decision) {
  if (!is_number(decision)) return text_column(decision.name, "decision").as(decision.name);
  return number_column(decision.name, decision.unit.empty() ? "1" : decision.unit, "decision").as(decision.name);
}

Cell decision_cell(const Decision& decision, double value) {
  if (!is_number(decision)) return decision.text(value);
  return decision.number(value) / decision.factor;
}

void add_decisions(const Study& study, std::vector<Column>& columns) {
  for (const Decision& decision : study.space.decisions) columns.push_back(decision_column(decision));
}
void add_decisions(const Study& study, const Point& point, std::vector<Cell>& cells) {
  for (std::size_t k = 0; k < study.space.size(); ++k) cells.push_back(decision_cell(study.space.decisions[k], point[k]));
}

std::string with_unit(const Response& response) { return response.unit == "1" ? response.name : response.name + " [" + response.unit + "]"; }
std::string shown(const Interval& interval) { return interval.n == 0 ? "-" : readable(interval.mean, interval.half_width); }

/// Points for people: their decisions as written, their responses with intervals.
Table shown_points(const Study& study, const std::vector<PointAnswer>& points, std::size_t most) {
  std::vector<Column> columns;
  for (const Decision& decision : study.space.decisions) columns.push_back(shown_column(decision.name));
  for (const Response& response : study.responses) columns.push_back(shown_column(with_unit(response)));
  const bool limited = !study.constraints.empty(), failed = std::any_of(points.begin(), points.end(), [](const PointAnswer& p) { return !p.error.empty(); });
  if (limited) columns.push_back(shown_column("keeps the conditions").to_the_left());
  if (failed) columns.push_back(shown_column("error").to_the_left());
  Table table(columns);
  for (std::size_t k = 0; k < std::min(most, points.size()); ++k) {
    const PointAnswer& answer = points[k];
    std::vector<Cell> cells;
    for (std::size_t d = 0; d < study.space.size(); ++d) cells.emplace_back(study.space.decisions[d].shown(answer.point[d]));
    for (const Interval& interval : answer.responses) cells.emplace_back(shown(interval));
    if (limited) cells.emplace_back(answer.feasible() ? "yes" : "no");
    if (failed) cells.emplace_back(answer.error);
    table.row(cells);
  }
  return table;
}

/// No chance is certain.
std::string shown_chance(double chance) { return chance > 0.999 ? "above 99.9 %" : fmt::format("{:.3g} %", 100 * chance); }

std::string shown_point(const Study& study, const Point& point) {
  std::string all;
  for (std::size_t k = 0; k < study.space.size(); ++k) all += (k == 0 ? "" : ", ") + study.space.decisions[k].name + " " + study.space.decisions[k].shown(point[k]);
  return all;
}

std::string head(const Study& study, const std::string& what) {
  return fmt::format("{} of {}: {}\n", what, study.scenario, study.path);
}

std::string more(std::size_t all, std::size_t shown_ones) {
  return all > shown_ones ? fmt::format("  and {} more; --format csv lists them all\n", all - shown_ones) : std::string();
}

Json json_of(const Study& study, const char* what) {
  return {{"retwin", RETWIN_VERSION}, {"what", what}, {"study", study.path}, {"scenario", study.scenario}, {"sha256", study.sha256}, {"seed", study.seed}};
}

std::string objective_text(const Study& study, const Objective& objective) {
  return (objective.maximise ? "most " : "least ") + study.responses[objective.response].name;
}

}  // namespace

Table study_results_table(const StudyRuns& runs, const std::vector<PointAnswer>& points) {
  const Study& study = runs.study();
  std::vector<Column> columns{integer_column("point", "number of the point, from 1")};
  add_decisions(study, columns);
  columns.push_back(integer_column("replication", "number of the replication: the same luck for all points"));
  for (const Response& response : study.responses) columns.push_back(number_column(response.name, response.unit, "response"));
  columns.push_back(text_column("error", "why there is none"));
  Table table(columns);
  for (std::size_t k = 0; k < points.size(); ++k) {
    const PointAnswer& answer = points[k];
    const auto row = [&](std::int64_t replication, const std::vector<FigureValue>* figures) {
      std::vector<Cell> cells{Cell(static_cast<std::int64_t>(k + 1))};
      add_decisions(study, answer.point, cells);
      cells.emplace_back(figures == nullptr ? Table::missing : replication);
      for (const Response& response : study.responses) cells.emplace_back(figures == nullptr ? nan : value_of(study, response, answer.point, *figures));
      cells.emplace_back(figures == nullptr ? answer.error : std::string());
      table.row(cells);
    };
    std::int64_t replication = answer.first;
    for (const auto* figures : runs.figures(answer.point, answer.first)) row(replication++, figures);
    if (!answer.error.empty()) row(0, nullptr);
  }
  return table;
}

Table study_points_table(const Study& study, const std::vector<PointAnswer>& points) {
  std::vector<Column> columns{integer_column("point", "number of the point, from 1")};
  add_decisions(study, columns);
  columns.push_back(integer_column("replications"));
  for (const Response& response : study.responses) {
    columns.push_back(number_column(response.name, response.unit, "over the replications"));
    columns.push_back(number_column(response.name + ".half_width", response.unit, "of its interval"));
  }
  columns.push_back(flag_column("feasible", "whether it can be run and keeps the conditions"));
  columns.push_back(text_column("error", "why it cannot be run"));
  Table table(columns);
  for (std::size_t k = 0; k < points.size(); ++k) {
    std::vector<Cell> cells{Cell(static_cast<std::int64_t>(k + 1))};
    add_decisions(study, points[k].point, cells);
    cells.emplace_back(points[k].replications);
    for (const Interval& interval : points[k].responses) {
      cells.emplace_back(interval.mean);
      cells.emplace_back(interval.half_width);
    }
    cells.emplace_back(points[k].feasible());
    cells.emplace_back(points[k].error);
    table.row(cells);
  }
  return table;
}

Table study_effects_table(const Study& study, const SweepAnswer& sweep) {
  Table table({text_column("response").as("response"), text_column("unit"), text_column("decision").as("decision").to_the_left(), text_column("level").as("at"),
               integer_column("points").as("points"), number_column("mean", "", "over the points at this level, in the unit of the response").as("mean"),
               number_column("effect", "", "mean less that of all points").as("less the mean of all"),
               number_column("noise_error", "", "standard error of the mean from the luck of the replications alone").as("its error")});
  for (const LevelAnswer& one : sweep.effects)
    table.row({study.responses[one.response].name, study.responses[one.response].unit, study.space.decisions[one.decision].name, one.level,
               one.effect.points, one.effect.mean.mean, one.effect.effect, one.effect.noise_error});
  return table;
}

Table study_indices_table(const Study& study, const SweepAnswer& sweep) {
  const auto bounds = [](const char* name, const char* doc, const char* head) {
    return number_column(name, "1", doc).as(head, shown_fixed(3));
  };
  Table table({text_column("response").as("response"), text_column("decision").as("decision").to_the_left(),
               bounds("first", "share of the variance that it explains alone", "alone"), bounds("first_low", "", "from"), bounds("first_high", "", "to"),
               bounds("total", "share left when all others are known", "with others"), bounds("total_low", "", "from"), bounds("total_high", "", "to")});
  for (std::size_t r = 0; r < sweep.indices.size(); ++r)
    for (std::size_t k = 0; k < study.space.size(); ++k) {
      const SobolIndex& index = sweep.indices[r].of[k];
      table.row({study.responses[r].name, study.space.decisions[k].name, index.first.estimate, index.first.low, index.first.high, index.total.estimate,
                 index.total.low, index.total.high});
    }
  return table;
}

Table study_selection_table(const Study& study, const PointSelection& selection) {
  static constexpr const char* names[] = {"best", "open", "beaten", "same", "failed", "unseen"};
  std::vector<Column> columns{integer_column("point", "number of the point, from 1").as("point")};
  for (Column& column : [&] {
         std::vector<Column> all;
         add_decisions(study, all);
         return all;
       }())
    columns.push_back(column);
  columns.push_back(text_column("standing", "best, open, beaten or the same as another").as("standing").to_the_left());
  columns.push_back(integer_column("other", "number of that other").as("by"));
  columns.push_back(integer_column("replications").as("replications"));
  columns.push_back(number_column("mean", "", "of the objective").as("mean"));
  columns.push_back(number_column("sd", "", "of the objective").as("sd"));
  Table table(columns);
  for (std::size_t k = 0; k < selection.points.size(); ++k) {
    const Entrant& entrant = selection.selected.entrants.at(k);
    const bool by = entrant.standing == Standing::beaten || entrant.standing == Standing::same;
    std::vector<Cell> cells{Cell(static_cast<std::int64_t>(k + 1))};
    add_decisions(study, selection.points[k].point, cells);
    cells.emplace_back(names[static_cast<std::size_t>(entrant.standing)]);
    cells.emplace_back(by ? static_cast<std::int64_t>(entrant.other + 1) : Table::missing);
    cells.emplace_back(entrant.replications);
    cells.emplace_back(entrant.mean);
    cells.emplace_back(entrant.sd);
    table.row(cells);
  }
  return table;
}

Table study_steps_table(const Study& study, const Optimum& optimum) {
  Table table({text_column("phase"), integer_column("replications", "spent so far"), text_column("best", "point"),
               number_column("objective", study.objectives.empty() ? "" : study.responses[study.objectives.front().response].unit, "of the best so far")});
  for (const Step& step : optimum.steps) table.row({step.phase, step.spent, step.point, step.objective});
  return table;
}

std::string sweep_text(const Study& study, const SweepAnswer& sweep) {
  std::string out = head(study, fmt::format("Sweep of {} points, {} replications each,", sweep.points.size(), study.replications)) + "\n";
  out += shown_points(study, sweep.points, most_shown).text() + more(sweep.points.size(), most_shown);
  if (!sweep.indices.empty()) {
    out += "\nShares of the variance (Sobol), of each decision alone and with others\n" + study_indices_table(study, sweep).text();
    return out;
  }
  if (sweep.effects.empty()) return out;
  out += "\nMeans at each value, whatever the other decisions are\n";
  for (std::size_t r = 0; r < study.responses.size(); ++r) {
    Table table({shown_column(with_unit(study.responses[r])), shown_column("at").to_the_left(), shown_column("points"), shown_column("mean"), shown_column("effect")});
    for (const LevelAnswer& one : sweep.effects)
      if (one.response == r && one.effect.points > 0)
        table.row({study.space.decisions[one.decision].name, one.level, std::to_string(one.effect.points), readable(one.effect.mean.mean),
                   readable(one.effect.effect, 1.96 * one.effect.noise_error)});
    out += table.text() + "\n";
  }
  return out + "effect: mean less that of all points, ± what the luck of the replications may do to it (95 %)\n";
}

std::string selection_text(const Study& study, const PointSelection& selection) {
  const Selected& s = selection.selected;
  std::string out = head(study, fmt::format("Selection among {} points, {}", selection.points.size(), objective_text(study, study.objectives.front())));
  if (!s.best) return out + "none of them can be run\n";
  out += fmt::format("\nBest: {} ({}), after {} replications in all: {}\n", shown_point(study, selection.points[*s.best].point),
                     shown(selection.points[*s.best].responses[study.objectives.front().response]), s.observations, ending_text(s.ending));
  if (study.select.procedure == 0 && s.decided)
    out += fmt::format("With {:.4g} % it is the best, or less than {} {} worse.\n", 100 * study.select.confidence, readable(study.indifference),
                       study.responses[study.objectives.front().response].unit);
  else
    out += fmt::format("Chance that it is the best: {}{}\n", shown_chance(s.chance), s.decided ? "" : "; this was not shown, more replications would tell");
  return out + "\n" + study_selection_table(study, selection).text();
}

std::string optimum_text(const Study& study, const Optimum& optimum) {
  std::string aims;
  for (const Objective& one : study.objectives) aims += (aims.empty() ? "" : ", ") + objective_text(study, one);
  std::string out = head(study, "Optimum, " + aims + ",");
  out += fmt::format("{} points were looked at, with {} replications\n\n", optimum.points, optimum.spent);
  if (study.objectives.size() > 1) {
    out += fmt::format("{} points that no other beats in every objective, by replications that did not choose them\n", optimum.front.size());
    return out + shown_points(study, optimum.front, most_shown).text();
  }
  out += shown_points(study, optimum.front, 1).text();
  out += std::isfinite(optimum.chance) ? fmt::format("\nChance that it is the best of the {} that were left at the end: {} (by replications that did not choose them)\n",
                                                    optimum.rivals.size(), shown_chance(optimum.chance))
                                       : "\nThose that seemed better broke a condition in replications that had not chosen them; it lies further inside\n";
  if (optimum.rivals.size() > 1) out += "\n" + shown_points(study, optimum.rivals, 8).text() + more(optimum.rivals.size(), 8);
  return out;
}

std::string sweep_json(const Study& study, const SweepAnswer& sweep) {
  Json json = json_of(study, "sweep");
  json["replications"] = study.replications;
  json["points"] = Json::parse(study_points_table(study, sweep.points).json());
  json["effects"] = Json::parse(study_effects_table(study, sweep).json());
  if (!sweep.indices.empty()) json["indices"] = Json::parse(study_indices_table(study, sweep).json());
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string selection_json(const Study& study, const PointSelection& selection) {
  Json json = json_of(study, "selection");
  const Selected& s = selection.selected;
  json["best"] = s.best ? Json(study.space.text(selection.points[*s.best].point)) : Json(nullptr);
  json["decided"] = s.decided;
  json["chance"] = std::isfinite(s.chance) ? Json(s.chance) : Json(nullptr);
  json["replications"] = s.observations;
  json["why"] = std::string(ending_text(s.ending));
  json["points"] = Json::parse(study_selection_table(study, selection).json());
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string optimum_json(const Study& study, const Optimum& optimum) {
  Json json = json_of(study, "optimum");
  json["points"] = optimum.points;
  json["replications"] = optimum.spent;
  json["chance"] = optimum.rivals.empty() || study.objectives.size() > 1 || !std::isfinite(optimum.chance) ? Json(nullptr) : Json(optimum.chance);
  json["front"] = Json::parse(study_points_table(study, optimum.front).json());
  json["rivals"] = Json::parse(study_points_table(study, optimum.rivals).json());
  json["steps"] = Json::parse(study_steps_table(study, optimum).json());
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace retwin
