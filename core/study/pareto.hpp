// Several goals at once: what nothing else beats in all of them, and how much of the plane that covers.
#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace retwin {

enum class Sense { minimise, maximise };

/// Numbers of the points that no other dominates: as good in every goal and better in one. Equal points are on the front together; one
/// with a NaN is never on it and dominates nothing. In the order of the points. Of n points in m goals: n^2 m at most.
/// @param points values of each goal @param senses of each goal
std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& points, std::span<const Sense> senses);

/// Area that the points dominate, up to the reference (Zitzler & Thiele, IEEE Transactions on Evolutionary Computation 3, 1999; swept
/// along the first goal). A point that is not better than the reference in both goals covers nothing.
double hypervolume_2d(const std::vector<std::vector<double>>& points, std::array<Sense, 2> senses,
                      std::array<double, 2> reference);

}  // namespace retwin
