// The fields of a study: name, unit, range and meaning.
#include "core/scenario/specs/study_specs.hpp"

namespace retwin {

void DecisionSpec::fields(Fields& f) {
  f.name("path", path, "what it sets in the scenario, as --set does; without one only `set` of the study uses it");
  f.name("from", from, "least value, with its unit; \"x 0.8\": times what the scenario says");
  f.name("to", to, "largest value, likewise");
  f.flag("whole", whole, "whole numbers only");
  f.value("values", values, "instead of from and to: a list of values as a scenario has them, or factors \"x 1.2\"");
  f.value("files", files, "instead: scenario files by names of one's own, {as it is: ~, third shift: what-if/third_shift.yaml}; ~ is the scenario");
}

void PointsSpec::fields(Fields& f) {
  f.count("factorial", factorial, {2, 1000}, "every combination; of a number that is not whole so many values, from end to end");
  f.count("latin_hypercube", latin_hypercube, {2, 1e6}, "so many points, each decision spread evenly");
  f.count("sobol", sobol, {2, 1e6}, "so many points of a scrambled Sobol sequence");
  f.count("indices", indices, {16, 1e5}, "the points of Sobol indices: so many times (decisions + 2)");
  f.count("seed", seed, {0, 9e15}, "of the points that are drawn");
}

void ObjectiveSpec::fields(Fields& f) {
  f.name("maximise", maximise, "a response, a figure, or an expression of these and decisions");
  f.name("minimise", minimise, "likewise");
}

void SelectSpec::fields(Fields& f) {
  f.choice("procedure", procedure, choices::procedure, "kn: replications until the best is shown; ocba: a budget spent where it tells most");
  f.quantity("confidence", confidence, dimension::none, {0.5, 0.9999}, "of kn: least probability that what is selected is best, or worse by less than `indifference`");
  f.name("indifference", indifference, "of kn: difference that does not matter, with the unit of the objective");
  f.count("first", first, {5, 1e6}, "replications of every point before any is given up");
  f.count("budget", budget, {10, 1e8}, "most replications of all points together");
}

void OptimiseSpec::fields(Fields& f) {
  f.choice("method", method, choices::method,
           "evolution: many cheap points; surrogate: few expensive ones, each proposed by a Gaussian process; auto: by the budget");
  f.count("budget", budget, {20, 1e8}, "most replications of all points together");
  f.count("first", first, {1, 1e6}, "replications of a point when it is first looked at");
  f.count("population", population, {0, 1e5}, "points of a generation; 0: by the number of decisions");
  f.quantity("confidence", confidence, dimension::none, {0.5, 0.9999}, "of the selection at the end");
}

void StudySpec::fields(Fields& f) {
  f.text("doc", doc, "what it is for");
  f.required().name("scenario", scenario, "the plant, a file beside this one");
  f.value("set", set, "values over the scenario at every point, by path; in them {decision} stands for its value, {20 - a - b} for a plain number");
  f.map("decisions", decisions, [](DecisionSpec& one, Fields& g) { one.fields(g); }, "what is chosen, by names of one's own");
  f.names("where", where, "conditions on the decisions: a point that breaks one is left out");
  f.value("responses", responses, "figures that are kept: a list of paths, or names of one's own for paths and expressions; default: the objectives, else the headline figures");
  f.name("maximise", maximise, "short for one objective");
  f.name("minimise", minimise, "likewise");
  f.list("objectives", objectives, [](ObjectiveSpec& one, Fields& g) { one.fields(g); }, "what is wanted, several of them as a list of {maximise: ...} and {minimise: ...}");
  f.names("subject_to", subject_to, "conditions on responses and figures that a solution keeps");
  f.count("replications", replications, {1, 1e6}, "of every point of a sweep; the same luck for all points");
  f.count("seed", seed, {0, 9e15}, "of the replications; default: the scenario's");
  f.object("points", [this](Fields& g) { points.fields(g); }, "which points a sweep or a selection runs; default: every combination of the values");
  f.object("select", [this](Fields& g) { select.fields(g); }, "how retwin select finds the best of the points");
  f.object("optimise", [this](Fields& g) { optimise.fields(g); }, "how retwin optimise searches");
}

}  // namespace retwin
