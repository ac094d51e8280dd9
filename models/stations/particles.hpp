// Sizes, densities and shapes of the pieces that each component comes in, and the curves that machines tell them apart by.
#pragma once
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "models/materials/components.hpp"

namespace retwin {

/// Share of what is `x` that goes to the side of the large: 1/(1 + exp(-k ln(x/cut))), which is 1/2 at the cut.
/// @param x, cut in the same unit, from 0 to infinity, not both 0 @param sharpness k > 0
inline double partition_curve(double x, double cut, double sharpness) { return 1 / (1 + std::pow(cut / x, sharpness)); }

/// Velocity at which a piece falls through air of 20 degC [m/s]: Ferguson & Church, Journal of Sedimentary Research 74 (2004) 933-937,
/// R g d^2 / (C1 nu + sqrt(.75 C2 R g d^3)) with C1 = 18 and C2 = 1 (natural grains), here with the weight of a flake spread over the
/// body of its edge, rho thickness / d, so that foils fall the slower the thinner they are, whatever their edge.
double settling_velocity(double size_m, double density_kg_per_m3, double thickness_m);

/// What a machine tells pieces apart by, beside their size; `all`: any machine.
enum class Told { size, settling, magnetism, conductivity, all };

/// The pieces of one component, or of all in a group.
struct Particles {
  std::string name;
  Place place;
  double size_m = 0, density_kg_per_m3 = 0, magnetic = 0, thrown = 0;
  std::optional<double> spread, thickness_m;
  std::vector<double> sizes_m, share;    ///< classes and their share of the mass, which sums to 1
  std::vector<double> settling_m_per_s;  ///< by class
  /// Those that `by` needs.
  void fields(Fields& f, Told by);
  /// Classes of Rosin-Rammler, R(x) = exp(-(x/size)^spread); without a spread one class.
  void classify();
};

/// The pieces of every component, and which of them a lot still has after sieves. Between sieves all sizes of a component stay together:
/// magnets, air and eddy currents tell them apart too, but what is left is taken to be as before them.
class ParticleTable {
 public:
  explicit ParticleTable(Told by) : by_(by) {}
  void fields(Fields& f);
  /// Problems have the code unknown_name (a row), or library (a component without one).
  void bind(const Components& components);
  /// Share of each component of a lot for which `curve` stands: the mean over the classes that it has, 0 of components that it lacks.
  /// @param curve (const Particles&, std::size_t class) -> share
  template <class Curve>
  std::vector<double> mean(const Job& job, int input, const Curve& curve) const {
    const auto kg = job.masses(input);
    std::vector<double> by_row(rows_.size(), -1), shares(kg.size());
    for (std::size_t c = 0; c < kg.size(); ++c) {
      if (!(kg[c] > 0)) continue;
      double& row = by_row[row_of_[c]];
      if (row < 0) row = mean_of(rows_[row_of_[c]], job, input, curve);
      shares[c] = row;
    }
    return shares;
  }
  /// A lot has been on a sieve: its pieces are those that stayed on it, or fell through.
  void stayed(Job& job, int output, double cut_m, double sharpness) const { mark(job, output, stayed_, cut_m, sharpness); }
  void fell(Job& job, int output, double cut_m, double sharpness) const { mark(job, output, fell_, cut_m, sharpness); }

 private:
  struct Cut {
    int size = 0, sharpness = 0;  ///< slots of attributes; size 0: none yet
  };
  static void mark(Job& job, int output, const Cut& cut, double cut_m, double sharpness) {
    job.set_output(output, cut.size, cut_m);
    job.set_output(output, cut.sharpness, sharpness);
  }
  void check_own(const Components& components) const;
  void find_rows(const Components& components, const Place& place);
  /// Share of a class that sieves have left in the lot.
  double left(const Job& job, int input, double size_m) const;
  template <class Curve>
  double mean_of(const Particles& row, const Job& job, int input, const Curve& curve) const {
    double all = 0, part = 0, whole = 0;
    for (std::size_t j = 0; j < row.share.size(); ++j) {
      const double weight = row.share[j] * left(job, input, row.sizes_m[j]), value = curve(row, j);
      all += weight, part += weight * value, whole += row.share[j] * value;
    }
    return std::min(1.0, all > 0 ? part / all : whole);  // what sieves leave nothing of may be there for other reasons
  }

  Told by_;
  std::string document_ = "particles/crushed";
  std::vector<Particles> own_, rows_;
  std::vector<std::size_t> row_of_;  ///< by component
  Cut stayed_, fell_;
};

}  // namespace retwin
