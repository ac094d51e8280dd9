// Replications of the points of a study: run where they are not on file yet, on as many threads as there are.
#pragma once
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/experiment/executor.hpp"
#include "core/study/study_file.hpp"

namespace retwin {

/// So many replications of a point, from `first` on.
struct Wanted {
  Point point;
  std::int64_t replications = 0;
  std::int64_t first = 0;
};

class StudyRuns {
 public:
  /// @param how jobs, progress (of each `reach`), poll
  StudyRuns(const Study& study, const Registry& registry, StudyFile& file, LocalOptions how);

  /// Sees to it that these are on file. A replication that cannot be run is a row with its error.
  void reach(const std::vector<Wanted>& wanted);

  /// Rows of a point from a replication on, those that are there without a gap; a row with an error ends them.
  std::vector<const std::vector<FigureValue>*> figures(const Point& point, std::int64_t first = 0) const;
  /// Why a point cannot be run; empty if it can.
  std::string error(const Point& point) const;
  PointEstimate estimate(const Point& point, const Response& response, std::int64_t first = 0) const;
  /// One value of the objective as one replication gives it; NaN if there is none.
  double value(const Point& point, const Response& response, std::int64_t replication) const;
  std::int64_t made() const { return made_; }      ///< replications run, not found on file
  std::int64_t points() const { return static_cast<std::int64_t>(known_.size()); }
  const Study& study() const { return study_; }

 private:
  /// A point that has been looked at.
  struct Known {
    std::string manifest;  ///< empty: it does not compile
    std::string error;
    std::map<std::int64_t, std::int64_t> asked;  ///< replications that were asked for: from the first of each span to its end
    void ask(std::int64_t first, std::int64_t end);
    std::int64_t end_from(std::int64_t first) const;  ///< of the span that a replication lies in; itself where it lies in none
  };
  /// A point whose scenario is in memory, while its replications are run.
  struct Open {
    const Point* point;
    std::string text, error;
    std::shared_ptr<const Scenario> scenario;
    std::exception_ptr why;  ///< something that is no fault of the point
  };
  std::shared_ptr<const Scenario> compile(const Point& point) const;
  std::vector<Open> open(const std::vector<Wanted>& wanted);
  bool has_gap(const std::string& text, const std::string& manifest, const Wanted& wanted) const;
  void run_some(const std::vector<Wanted>& wanted);

  const Study& study_;
  const Registry& registry_;
  StudyFile& file_;
  LocalOptions how_;
  std::map<std::string, Known> known_;  ///< by Space::text
  std::int64_t made_ = 0;
};

}  // namespace retwin
