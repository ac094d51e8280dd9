// A study as it is run: the scenario behind it, its decisions, its points, what is looked at and what is wanted.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/experiment/task.hpp"
#include "core/registry.hpp"
#include "core/study/space.hpp"
#include "core/scenario/specs/study_specs.hpp"

namespace retwin {

/// A figure as replications give it.
struct FigureValue {
  double value = 0;
  bool ratio = false;  ///< over replications: of the sums of numerator and denominator
  double numerator = 0, denominator = 0;
  bool operator==(const FigureValue&) const = default;
};

/// Something that is looked at at every point: a figure, or an expression of figures and decisions.
struct Response {
  std::string name;
  std::string unit;        ///< as people read it; "1" of plain numbers
  Expression value;        ///< in slots: the decisions, then the figures of the study
  double factor = 1;       ///< from SI to the unit
};

struct Objective {
  std::size_t response = 0;
  bool maximise = true;
};

/// What a response is at a point over its replications.
struct PointEstimate {
  double mean = 0;            ///< of the figures over all replications: ratios of sums where they are ratios
  std::vector<double> each;   ///< jackknife pseudo-values, one per replication: their mean is nearly `mean`, their spread is its error
};

struct Study {
  std::string path, scenario;  ///< files
  std::vector<std::string> libraries;
  std::vector<Override> overrides;  ///< over the scenario at every point, before those of the point
  Space space;
  std::vector<std::string> figures;    ///< paths of what is kept of a replication, in their order
  std::vector<double> figure_factors;  ///< from the unit of each to SI
  std::vector<Response> responses;
  std::vector<Objective> objectives;
  std::vector<Response> constraints;  ///< 1 where it holds
  std::vector<Response> margins;      ///< of each: by how much it holds, below 0 where it does not; 1 and -1 where that has no measure
  std::int64_t replications = 10;
  std::uint64_t seed = 1;
  PointsSpec points;
  SelectSpec select;
  double indifference = 0;  ///< in the unit of the objective
  OptimiseSpec optimise;
  std::string sha256;  ///< of what it says and of the scenario with all its inputs
  std::vector<Problem> warnings;
};

struct StudyOptions {
  std::vector<Override> overrides;
  std::vector<std::string> libraries;
};

/// Reads a study and the scenario behind it. @throws InputError with all problems at once
Study read_study(const std::string& path, const Registry& registry, const StudyOptions& options = {});

/// All points of a sweep or a selection, in their order, those that `where` leaves out not among them. @throws InputError (range) if there is
/// none, or there are more than a million
std::vector<Point> points_of(const Study& study);

/// A response at a point from the figures of its replications. @param figures per replication, in the order of Study::figures
PointEstimate estimate(const Study& study, const Response& response, const Point& point, const std::vector<const std::vector<FigureValue>*>& figures);
/// Of one replication alone.
double value_of(const Study& study, const Response& response, const Point& point, const std::vector<FigureValue>& figures);

}  // namespace retwin
