// Designs of experiments: points of the unit cube at which a study asks its question.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace retwin {

/// Points of the unit cube, row by row.
struct Points {
  std::size_t dimensions = 0;
  std::vector<double> at;  ///< size() x dimensions
  std::size_t size() const { return dimensions == 0 ? 0 : at.size() / dimensions; }
  std::span<const double> operator[](std::size_t k) const { return std::span(at).subspan(k * dimensions, dimensions); }
  void add(std::span<const double> point);
};

/// The level, of so many, that a coordinate in [0, 1] means: levels have equal shares of the unit interval.
std::size_t level_of(double coordinate, std::size_t levels);
/// The middle of its share, so that level_of() maps it back.
double middle_of(std::size_t level, std::size_t levels);

/// Number of points of a full factorial; the largest number where it is larger than that.
std::size_t factorial_size(std::span<const std::size_t> levels);
/// All combinations of the levels of each dimension, as their middles; the last dimension changes fastest.
/// @param levels one or more of each; their product is checked by whoever reads them
Points full_factorial(std::span<const std::size_t> levels);

/// One point in each of n equal slices of every dimension, at random in it, slices matched at random (McKay, Beckman & Conover,
/// Technometrics 21, 1979). Its first points are not a Latin hypercube of their own.
Points latin_hypercube(std::size_t n, std::size_t dimensions, std::uint64_t seed);

inline constexpr std::size_t most_sobol_dimensions = 3667;  ///< that the table of Boost has
/// Sobol's sequence (direction numbers of Joe & Kuo, SIAM J. Sci. Comput. 30, 2008, by Boost.Random), scrambled as Owen does it:
/// each binary digit is flipped or not by a fair coin that belongs to the digits before it (Owen, in: Monte Carlo and Quasi-Monte
/// Carlo Methods in Scientific Computing, Lecture Notes in Statistics 106, 1995), for the first 32 digits; the rest is random.
/// Each point alone is uniform, whatever the seed. The sequence begins with its point 0, which scrambling takes out of the corner;
/// without it the first 2^m points would not be balanced (Owen, On dropping the first Sobol' point, in: Monte Carlo and Quasi-Monte
/// Carlo Methods 2020, 2022). The first m points are those of sobol_points(m, ...), and so are the first dimensions.
/// @param n best a power of two, at most 2^32 @param dimensions 1 ... most_sobol_dimensions
Points sobol_points(std::size_t n, std::size_t dimensions, std::uint64_t seed);

/// Points for the indices of Sobol, in groups of d + 2 from each pair of points (a, b) of d dimensions: a, b, then for i = 1 ... d
/// the point a with its i-th coordinate from b (Saltelli et al., Computer Physics Communications 181, 2010, whose rows of A, B and
/// A_B^(i) these are). Group by group, so that more pairs add groups and change none.
/// @param pairs of 2 d dimensions: a, then b
Points saltelli_points(const Points& pairs);
/// The same of scrambled points of Sobol: n (d + 2) points. The first m groups are those of saltelli_points(m, ...).
Points saltelli_points(std::size_t n, std::size_t dimensions, std::uint64_t seed);

}  // namespace retwin
