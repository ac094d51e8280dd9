// The Gaussian process behind a surrogate: its matrix, its likelihood, and the search for the hyperparameters of the highest.
#pragma once
#include <Eigen/Cholesky>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "core/study/surrogate.hpp"

namespace retwin {

/// Points and responses, these less their mean and over a deviation that neither they nor their noise are large against; noise likewise.
struct GaussianData {
  Points points;
  Eigen::VectorXd y, noise;
  bool nugget = false;
  double offset = 0, scale = 1;
  Eigen::Index size() const { return y.size(); }
  Eigen::Index parameters() const { return static_cast<Eigen::Index>(points.dimensions) + (nugget ? 2 : 1); }
};
/// @throws CheckError if there is no point, the lengths differ or a value is not finite
GaussianData gaussian_data(Points points, const Responses& responses, bool nugget);

/// A process with given hyperparameters, conditioned on data, which must stay.
class GaussianProcess {
 public:
  /// @param theta logarithms of the lengths, of the variance and, where wanted, of the nugget
  GaussianProcess(const GaussianData& data, Eigen::VectorXd theta);
  const Eigen::VectorXd& theta() const { return theta_; }
  double mean() const { return mean_; }
  double variance() const { return variance_; }
  double nugget() const { return data_->nugget ? std::exp(theta_[dimensions() + 1]) : 0; }
  double log_likelihood() const { return log_likelihood_; }
  /// Of the likelihood, in theta (Rasmussen & Williams (5.9)); the mean is at its best, so that it adds nothing.
  Eigen::VectorXd gradient() const;
  Predicted predict(std::span<const double> x) const;
  /// Means of several points, and a root L of their covariance L L' ((2.42), jointly).
  std::pair<Eigen::VectorXd, Eigen::MatrixXd> predict_all(const Points& at) const;
  /// Of each point by the others (see Surrogate); of two points or more.
  std::vector<Predicted> left_out() const;

 private:
  Eigen::Index dimensions() const { return static_cast<Eigen::Index>(data_->points.dimensions); }
  double correlation(std::span<const double> a, std::span<const double> b) const;
  Eigen::MatrixXd kernel() const;
  Eigen::MatrixXd inverse() const;
  void factorise(const Eigen::MatrixXd& kernel);

  const GaussianData* data_;
  Eigen::VectorXd theta_, inverse_squares_;
  double variance_, jitter_ = 0, mean_ = 0, precision_ = 0, log_likelihood_ = 0;
  Eigen::LLT<Eigen::MatrixXd> factor_;
  Eigen::VectorXd inverse_ones_, weights_;
};

/// The most likely process: of a part of the data from each start, then of all of it.
GaussianProcess most_likely(const GaussianData& data, const SurrogateOptions& options);

}  // namespace retwin
