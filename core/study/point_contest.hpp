// Points of a study as competing systems.
#pragma once
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "core/study/contest.hpp"
#include "core/study/runs.hpp"

namespace retwin {

/// By the first objective, in replications from `first` on.
class PointContest : public Contest {
 public:
  /// @param spent told how many more replications are asked for; may be empty
  PointContest(StudyRuns& runs, std::vector<Point> points, std::int64_t first, std::function<void(std::int64_t)> spent = {});
  std::size_t systems() const override { return points_.size(); }
  void reach(const std::vector<std::size_t>& replications) override;
  double value(std::size_t system, std::size_t replication) const override;
  std::int64_t reached(std::size_t system) const { return reached_[system]; }

 private:
  StudyRuns& runs_;
  std::vector<Point> points_;
  std::int64_t first_;
  std::function<void(std::int64_t)> spent_;
  std::vector<std::int64_t> reached_;
};

}  // namespace retwin
