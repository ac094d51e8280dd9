// The simplex search of Nelder and Mead: minimises a function of a few variables without derivatives.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace retwin {

/// Minimises `f` from `start` (overwritten by the best point found) with first steps of `step` along each axis; returns the least
/// value. Stops when the values of the simplex agree within `tolerance`, or after `evaluations`. Values of +inf mark points that
/// are not allowed (Nelder & Mead, The Computer Journal 7, 1965; coefficients 1, 2, 1/2, 1/2).
template <class Function>
double simplex_minimise(Function f, std::vector<double>& start, double step, double tolerance, int evaluations) {
  struct Vertex {
    std::vector<double> at;
    double value;
  };
  const std::size_t n = start.size();
  const auto make = [&](std::vector<double> at) {
    --evaluations;
    const double value = f(at);
    return Vertex{std::move(at), value};
  };
  std::vector<Vertex> simplex{make(start)};
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<double> at = start;
    at[i] += step;
    simplex.push_back(make(std::move(at)));
  }
  const auto less = [](const Vertex& a, const Vertex& b) { return a.value < b.value; };
  std::vector<double> centre(n);
  while (true) {
    std::stable_sort(simplex.begin(), simplex.end(), less);
    Vertex& worst = simplex.back();
    if (evaluations <= 0 || worst.value - simplex.front().value <= tolerance) break;
    std::fill(centre.begin(), centre.end(), 0.0);
    for (std::size_t v = 0; v < n; ++v) {
      for (std::size_t i = 0; i < n; ++i) centre[i] += simplex[v].at[i] / static_cast<double>(n);
    }
    const auto along = [&](double t) {
      std::vector<double> at(n);
      for (std::size_t i = 0; i < n; ++i) at[i] = centre[i] + t * (worst.at[i] - centre[i]);
      return make(std::move(at));
    };
    Vertex mirrored = along(-1);
    if (less(mirrored, simplex.front())) {
      Vertex further = along(-2);
      worst = less(further, mirrored) ? std::move(further) : std::move(mirrored);
    } else if (less(mirrored, simplex[n - 1])) {
      worst = std::move(mirrored);
    } else {
      const bool outside = less(mirrored, worst);
      Vertex nearer = along(outside ? -0.5 : 0.5);
      if (nearer.value < (outside ? mirrored.value : worst.value)) {
        worst = std::move(nearer);
      } else {
        for (std::size_t v = 1; v <= n; ++v) {
          for (std::size_t i = 0; i < n; ++i) simplex[v].at[i] = (simplex[v].at[i] + simplex[0].at[i]) / 2;
          simplex[v] = make(std::move(simplex[v].at));
        }
      }
    }
  }
  start = simplex.front().at;
  return simplex.front().value;
}

}  // namespace retwin
