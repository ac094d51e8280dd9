// Which points a study runs.
#include <fmt/format.h>

#include <algorithm>

#include "core/study/designs.hpp"
#include "core/study/study.hpp"

namespace retwin {
namespace {

constexpr std::size_t most_points = 1'000'000;

/// Values of a decision in a factorial; a real number at so many values from end to end.
std::vector<double> values_of(const Decision& decision, std::size_t levels) {
  std::vector<double> all;
  if (decision.kind == Decision::Kind::real) {
    for (std::size_t k = 0; k < levels; ++k)
      all.push_back(decision.low + (decision.high - decision.low) * static_cast<double>(k) / static_cast<double>(levels - 1));
    return all;
  }
  for (std::size_t k = 0; k < decision.count(); ++k) all.push_back((decision.kind == Decision::Kind::whole ? decision.low : 0) + static_cast<double>(k));
  return all;
}

[[noreturn]] void refuse_points(const Study& study, const std::string& message, const std::string& hint) {
  Place place;
  place.file = study.path;
  throw InputError({{Code::range, Severity::error, place, "points", message, hint}});
}

std::vector<Point> factorial(const Study& study) {
  std::vector<std::vector<double>> values;
  double all = 1;
  for (const Decision& decision : study.space.decisions) {
    if (decision.kind == Decision::Kind::real && study.points.factorial == 0)
      refuse_points(study, decision.name + " can be any number: every combination is without end", "say points: {factorial: 3}, {latin_hypercube: 64} or {sobol: 64}");
    values.push_back(values_of(decision, static_cast<std::size_t>(study.points.factorial)));
    all *= static_cast<double>(values.back().size());
  }
  if (all > static_cast<double>(most_points)) refuse_points(study, fmt::format("{:.0f} combinations are more than a million", all), "draw some: points: {sobol: 1024}");
  std::vector<Point> points;
  for (std::size_t k = 0; k < static_cast<std::size_t>(all); ++k) {
    Point point(values.size());
    std::size_t rest = k;
    for (std::size_t d = values.size(); d-- > 0; rest /= values[d].size()) point[d] = values[d][rest % values[d].size()];
    points.push_back(std::move(point));
  }
  return points;
}

}  // namespace

std::vector<Point> points_of(const Study& study) {
  const std::size_t d = study.space.size();
  const auto seed = static_cast<std::uint64_t>(study.points.seed);
  const PointsSpec& spec = study.points;
  std::vector<Point> points;
  const auto drawn = [&](const Points& cube) {
    if (cube.size() > most_points) refuse_points(study, fmt::format("{} points are more than a million", cube.size()), "give fewer");
    for (std::size_t k = 0; k < cube.size(); ++k) points.push_back(study.space.at({cube[k].begin(), cube[k].end()}));
  };
  if (spec.latin_hypercube > 0) drawn(latin_hypercube(static_cast<std::size_t>(spec.latin_hypercube), d, seed));
  else if (spec.sobol > 0) drawn(sobol_points(static_cast<std::size_t>(spec.sobol), d, seed));
  else if (spec.indices > 0) drawn(saltelli_points(static_cast<std::size_t>(spec.indices), d, seed));
  else points = factorial(study);
  std::erase_if(points, [&](const Point& point) { return !study.space.admits(point); });
  if (points.empty()) refuse_points(study, "no point is left", "the conditions of `where` leave none");
  return points;
}

}  // namespace retwin
