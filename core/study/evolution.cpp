// The global phase: pagmo asks, the study answers.
#include <algorithm>
#include <cmath>
#include <limits>
#include <pagmo/algorithm.hpp>
#include <pagmo/algorithms/gaco.hpp>
#include <pagmo/algorithms/nsga2.hpp>
#include <pagmo/batch_evaluators/member_bfe.hpp>
#include <pagmo/bfe.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>

#include "core/study/search.hpp"

namespace retwin {
namespace {

constexpr int stagnant = 12;  ///< generations without a new point or a better one

/// A study as a problem of pagmo, which has whole numbers behind all others: lists are whole numbers too.
class StudyProblem {
 public:
  StudyProblem() = default;
  explicit StudyProblem(Search& search) : search_(&search) {
    const auto& decisions = search.study().space.decisions;
    for (const bool whole : {false, true})
      for (std::size_t k = 0; k < decisions.size(); ++k)
        if ((decisions[k].kind != Decision::Kind::real) == whole) order_.push_back(k);
  }

  std::pair<pagmo::vector_double, pagmo::vector_double> get_bounds() const {
    pagmo::vector_double low, high;
    for (const std::size_t k : order_) {
      const Decision& d = decision(k);
      const bool number = d.kind == Decision::Kind::real || d.kind == Decision::Kind::whole;
      low.push_back(number ? d.low : 0);
      high.push_back(number ? d.high : static_cast<double>(d.count() - 1));
    }
    return {low, high};
  }
  pagmo::vector_double::size_type get_nobj() const { return search_ == nullptr ? 1 : search_->study().objectives.size(); }
  pagmo::vector_double::size_type get_nix() const {
    return static_cast<std::size_t>(std::count_if(order_.begin(), order_.end(), [&](std::size_t k) { return decision(k).kind != Decision::Kind::real; }));
  }
  pagmo::vector_double fitness(const pagmo::vector_double& x) const { return batch_fitness(x); }
  /// All points of a generation together, on all threads.
  pagmo::vector_double batch_fitness(const pagmo::vector_double& all) const {
    const std::size_t d = order_.size();
    std::vector<Point> points;
    for (std::size_t begin = 0; begin < all.size(); begin += d) {
      Point point(d);
      for (std::size_t k = 0; k < d; ++k) point[order_[k]] = decision(order_[k]).snapped(all[begin + k]);
      points.push_back(std::move(point));
    }
    const auto seen = search_->look(points, search_->study().optimise.first);
    const double penalty = search_->penalty();
    pagmo::vector_double out;
    for (const Search::Seen* one : seen) {
      for (const double loss : one->losses) out.push_back(std::isnan(loss) ? 4 * penalty : one->feasible ? loss : loss + 2 * penalty);
    }
    return out;
  }

 private:
  const Decision& decision(std::size_t k) const { return search_->study().space.decisions[k]; }

  Search* search_ = nullptr;
  std::vector<std::size_t> order_;
};

pagmo::algorithm algorithm_of(const Study& study, unsigned population, unsigned seed) {
  const pagmo::bfe together{pagmo::member_bfe{}};
  if (study.objectives.size() > 1) {
    pagmo::nsga2 made(1, 0.95, 10, 1.0 / static_cast<double>(std::max<std::size_t>(1, study.space.size())), 50, seed);
    made.set_bfe(together);
    return pagmo::algorithm(made);
  }
  const unsigned kernel = std::max(2U, std::min(population - 1, 63U));
  pagmo::gaco made(1, kernel, 1.0, 0.0, 0.01, 1U, 7U, std::numeric_limits<unsigned>::max(), std::numeric_limits<unsigned>::max(), 0.0, true, seed);
  made.set_bfe(together);
  return pagmo::algorithm(made);
}

}  // namespace

void evolve(Search& search, double share) {
  const Study& study = search.study();
  const auto d = static_cast<unsigned>(study.space.size());
  unsigned population = study.optimise.population > 0 ? static_cast<unsigned>(study.optimise.population) : std::clamp(8 * d, 24U, 200U);
  const auto affordable = static_cast<unsigned>(share * static_cast<double>(search.budget()) / static_cast<double>(4 * study.optimise.first));
  population = std::max(8U, std::min(population, affordable));
  population += (4 - population % 4) % 4;  // which NSGA-II asks for
  const auto seed = static_cast<unsigned>(study.seed);
  const pagmo::problem problem{StudyProblem(search)};
  pagmo::population people(problem, pagmo::bfe{pagmo::member_bfe{}}, population, seed);
  pagmo::algorithm algorithm = algorithm_of(study, population, seed);
  std::string best;
  for (int idle = 0; idle < stagnant && !search.over(share);) {
    const std::size_t known = search.all().size();
    people = algorithm.evolve(people);
    search.note("evolution");
    const std::string now = search.steps.empty() ? std::string() : search.steps.back().point;
    idle = search.all().size() == known || (now == best && study.objectives.size() == 1) ? idle + 1 : 0;
    best = now;
  }
}

}  // namespace retwin
