// The Gaussian process: its gradient against differences, predictions without a point against making it without, a maximum that is one.
#include "core/study/gaussian_process.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "core/base/problem.hpp"
#include "tests/unit/normal_stream.hpp"

namespace retwin::gaussian_process_test {

namespace {

Responses responses_at(const Points& points, double sd) {
  Normal normal(3);
  Responses out;
  for (std::size_t k = 0; k < points.size(); ++k) {
    out.mean.push_back(std::sin(6 * points[k][0]) + points[k][1] * points[k][1] + sd * normal());
    out.error.push_back(sd * (k % 2 == 0 ? 1 : 0.5));
  }
  return out;
}

GaussianData data(std::size_t n, double sd, bool nugget) {
  const Points points = sobol_points(n, 2, 1);
  return gaussian_data(points, responses_at(points, sd), nugget);
}

Eigen::VectorXd theta(double first, double second, double variance, double nugget) {
  return Eigen::Vector4d(first, second, variance, nugget).array().log();
}

}  // namespace

TEST_CASE("the gradient of the likelihood is that of its differences, for few points and for more than a block") {
  for (const std::size_t n : {7u, 64u, 150u}) {
    const GaussianData some = data(n, 0.1, true);
    const Eigen::VectorXd at = theta(0.4, 0.9, 1.5, 0.02), gradient = GaussianProcess(some, at).gradient();
    for (Eigen::Index k = 0; k < 4; ++k) {
      const double h = 1e-5;
      Eigen::VectorXd up = at, down = at;
      up[k] += h;
      down[k] -= h;
      const double slope = (GaussianProcess(some, up).log_likelihood() - GaussianProcess(some, down).log_likelihood()) / (2 * h);
      CHECK(gradient[k] == doctest::Approx(slope).epsilon(1e-5).scale(1));
    }
  }
}

TEST_CASE("what the others say about a point is what a process without it says") {
  const GaussianData all = data(90, 0.1, false);
  const Eigen::VectorXd at = theta(0.4, 0.9, 1.5, 1).head(3);
  const std::vector<Predicted> out = GaussianProcess(all, at).left_out();
  for (const std::size_t gone : {0u, 41u, 89u}) {
    GaussianData rest{{2, {}}, Eigen::VectorXd(89), Eigen::VectorXd(89), false, all.offset, all.scale};
    for (std::size_t k = 0, to = 0; k < 90; ++k) {
      if (k == gone) continue;
      rest.points.add(all.points[k]);
      rest.y[static_cast<Eigen::Index>(to)] = all.y[static_cast<Eigen::Index>(k)];
      rest.noise[static_cast<Eigen::Index>(to++)] = all.noise[static_cast<Eigen::Index>(k)];
    }
    const Predicted predicted = GaussianProcess(rest, at).predict(all.points[gone]);
    CHECK(out[gone].mean == doctest::Approx(predicted.mean).epsilon(1e-8));
    CHECK(out[gone].variance == doctest::Approx(predicted.variance + all.noise[static_cast<Eigen::Index>(gone)]).epsilon(1e-8));
  }
}

TEST_CASE("the most likely process is better than those around it, or held at a bound") {
  const GaussianData some = data(60, 0.1, true);
  const GaussianProcess best = most_likely(some, {true});
  int worse = 0;
  for (Eigen::Index k = 0; k < 4; ++k) {
    for (const double step : {-0.3, 0.3}) {
      Eigen::VectorXd near = best.theta();
      near[k] += step;
      const double gain = GaussianProcess(some, near).log_likelihood() - best.log_likelihood();
      worse += gain < 0;
      CHECK(gain < 0.01);  // towards a bound it may be flat: a nugget of next to nothing
    }
  }
  CHECK(worse >= 6);
  CHECK(GaussianProcess(some, theta(0.05, 0.05, 1, 0.1)).log_likelihood() < best.log_likelihood() - 5);  // control
}

TEST_CASE("far from all points a process says its mean, and as much as it varies") {
  GaussianData some = data(20, 0.1, false);
  const GaussianProcess process(some, theta(0.02, 0.02, 2, 1).head(3));
  const Predicted predicted = process.predict(std::vector<double>{40, 40});
  CHECK(predicted.mean == doctest::Approx(process.mean()));
  CHECK(predicted.variance > 2);  // the mean is not known exactly
  CHECK(predicted.variance < 2.5);
  some.y[3] = std::nan("");
  CHECK_THROWS_AS(gaussian_data(some.points, {{some.y.begin(), some.y.end()}, {}}, false), CheckError);
}

}  // namespace retwin::gaussian_process_test
