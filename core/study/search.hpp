// What the phases of an optimisation share: points that have been looked at, what they are worth, and the budget.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/study/answers.hpp"
#include "core/study/surrogate.hpp"

namespace retwin {

/// Points with their replications, by the same luck. Nothing in it depends on what was on file before: an optimisation that is gone on
/// with asks the same questions again and finds the answers there.
class Search {
 public:
  Search(StudyRuns& runs, std::function<void(double)> progress);

  struct Seen {
    Point point;
    std::int64_t replications = 0;
    bool feasible = false;
    std::vector<double> losses;   ///< of each objective: less is better; NaN where it cannot be run
    double error = 0;             ///< standard error of the first of them
    std::vector<double> margins;  ///< by how much each of `subject_to` holds
  };
  /// Sees to it that the points have so many replications; those that `where` leaves out are not run. In the order of the points.
  std::vector<const Seen*> look(const std::vector<Point>& points, std::int64_t replications);
  /// Whether that can be had within a share of the budget.
  bool affords(const std::vector<Point>& points, std::int64_t replications, double share) const;
  /// Replications spent elsewhere.
  void spend(std::int64_t replications);
  std::int64_t spent() const { return spent_; }
  std::int64_t budget() const { return study().optimise.budget; }
  bool over(double share) const { return static_cast<double>(spent_) >= share * static_cast<double>(budget()); }

  /// First feasible ones, the less the first loss the better; all points that have been looked at.
  std::vector<const Seen*> ranked() const;
  const std::vector<const Seen*>& all() const { return order_; }
  /// What a point that cannot be had counts as: worse than all others.
  double penalty() const;
  void note(const std::string& phase);  ///< of the best point seen
  void note(const std::string& phase, const Point& point, double loss);
  std::vector<Step> steps;

  const Study& study() const { return runs_.study(); }
  StudyRuns& runs() const { return runs_; }

 private:
  void judge(Seen& seen);

  StudyRuns& runs_;
  std::function<void(double)> progress_;
  std::map<std::string, Seen> seen_;
  std::vector<const Seen*> order_;  ///< in which they were first looked at
  std::int64_t spent_ = 0;
};

/// By how much conditions hold at a point of the unit cube.
struct Margins {
  std::vector<double> at, of;
};
/// Models of those conditions that do not hold everywhere.
Conditions conditions_of(const std::vector<Margins>& known, std::uint64_t seed);
inline constexpr double surely = 0.9;  ///< the chance to keep the conditions from which on a point is preferred to all others

/// Many points, cheap each: generations of pagmo's ant colony (one objective; Schlueter, Egea & Banga, Computers & Operations Research 36,
/// 2009) or NSGA-II (several; Deb, Pratap, Agarwal & Meyarivan, IEEE Trans. Evolutionary Computation 6, 2002), up to a share of the budget.
void evolve(Search& search, double share);
/// Few points, dear each: proposed by a Gaussian process, see Surrogate.
void search_by_surrogate(Search& search, double share);
/// Whether all decisions are numbers, so that points have distances.
bool knows_distances(const Space& space);
/// A point and what a model says of it.
struct Expected {
  Point point;
  Predicted loss;
};
/// From the best points on, in a region around the best that shrinks where no better one is found: a Gaussian process of the points in it, each
/// with its own luck, is drawn from, and where the draws are lowest is looked next (Thompson sampling in a trust region: Eriksson, Pearce,
/// Gardner, Turner & Poloczek, Scalable global optimization via local Bayesian optimization, NeurIPS 2019; here one region, and the model says which
/// point is the best). For spaces with distances. @return points in the order of the losses that the model expects of them, best first
std::vector<Expected> search_in_region(Search& search, double share);
/// Where the best seems to lie further inside of the conditions, when points that kept them in the search have broken them with fresh luck: by models of
/// the losses and of the margins, these moved by what the fresh luck did to them at those points, and by a standard error more.
/// @param broken points that have been looked at, with replications from `luck` on @return nothing where points have no distances
std::optional<Point> further_inside(Search& search, const std::vector<Point>& broken, std::int64_t luck);
/// From the best point on to its neighbours, with more replications as they become alike: steps of one in whole numbers and lists, alone and
/// in pairs, and shrinking steps in numbers.
void search_nearby(Search& search, double share);

}  // namespace retwin
