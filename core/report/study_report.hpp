// Studies as tables, text and JSON.
#pragma once
#include <string>
#include <vector>

#include "core/base/table.hpp"
#include "core/study/answers.hpp"

namespace retwin {

/// One row per point and replication: decisions, then responses. What a sweep found, in the order of its points.
Table study_results_table(const StudyRuns& runs, const std::vector<PointAnswer>& points);
/// One row per point: decisions, then responses with their half-widths.
Table study_points_table(const Study& study, const std::vector<PointAnswer>& points);
/// One row per response, decision and value.
Table study_effects_table(const Study& study, const SweepAnswer& sweep);
/// One row per response and decision.
Table study_indices_table(const Study& study, const SweepAnswer& sweep);
/// One row per point, how it fared.
Table study_selection_table(const Study& study, const PointSelection& selection);
/// One row per step.
Table study_steps_table(const Study& study, const Optimum& optimum);

std::string sweep_text(const Study& study, const SweepAnswer& sweep);
std::string selection_text(const Study& study, const PointSelection& selection);
std::string optimum_text(const Study& study, const Optimum& optimum);
std::string sweep_json(const Study& study, const SweepAnswer& sweep);
std::string selection_json(const Study& study, const PointSelection& selection);
std::string optimum_json(const Study& study, const Optimum& optimum);

}  // namespace retwin
