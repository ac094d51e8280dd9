// What a study file says: the fields of `retwin sweep`, `select` and `optimise`.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/scenario/specs/values.hpp"

namespace retwin {

/// `presses: {path: stations.press.servers, from: 1, to: 4, whole: true}`
struct DecisionSpec {
  std::string name;
  Place place;
  Located path, from, to;
  bool whole = false;
  AnythingValue values, files;
  void fields(Fields& f);
};

/// Which points a sweep runs.
struct PointsSpec {
  std::int64_t factorial = 0, latin_hypercube = 0, sobol = 0, indices = 0;
  std::int64_t seed = 1;
  void fields(Fields& f);
};

/// What is wanted of a response.
struct ObjectiveSpec {
  Place place;
  Located maximise, minimise;
  void fields(Fields& f);
};

struct SelectSpec {
  int procedure = 0;
  double confidence = 0.95;
  Located indifference;
  std::int64_t first = 20, budget = 10000;
  void fields(Fields& f);
};

struct OptimiseSpec {
  int method = 0;
  std::int64_t budget = 2000, first = 5, population = 0;
  double confidence = 0.95;
  void fields(Fields& f);
};

struct StudySpec {
  std::string doc;
  Located scenario;
  AnythingValue set;
  std::vector<DecisionSpec> decisions;
  std::vector<Located> where, subject_to;
  AnythingValue responses;
  std::vector<ObjectiveSpec> objectives;
  Located maximise, minimise;
  std::int64_t replications = 10;
  std::optional<std::int64_t> seed;
  PointsSpec points;
  SelectSpec select;
  OptimiseSpec optimise;
  void fields(Fields& f);
};

namespace choices {
inline constexpr const char* procedure[] = {"kn", "ocba"};
inline constexpr const char* method[] = {"auto", "evolution", "surrogate"};
}  // namespace choices

}  // namespace retwin
