// Lives of which some are known only to have lasted at least so long: times to failure or repair, cut by the end of a log.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "core/stats/bounds.hpp"
#include "core/stats/fit.hpp"

namespace retwin {

/// Values with a mark for those known only to exceed what is given ("right-censored").
struct Lives {
  std::vector<double> values;
  std::vector<bool> censored;  ///< empty: none
};

/// Exponential, weibull, lognormal and gamma fitted by maximum likelihood to lives that may be censored (Meeker & Escobar,
/// Statistical Methods for Reliability Data, 1998, ch. 7-8); order and cells as in fit_all. n counts all lives, BIC those that
/// ended (Volinsky & Raftery, Biometrics 56, 2000); ks is the largest distance to the Kaplan-Meier estimate, without p-value.
/// Below two ended lives only the exponential is fitted; if none has ended, with the mean for which that has a chance of one
/// half: total / ln 2 (note says so).
/// @throws std::invalid_argument if there is no value, one is negative or not finite, or the lengths differ.
std::vector<Fit> fit_lives(const Lives& lives, const FitOptions& options = {});

/// Likelihood interval of the mean under a family of fit_lives: the means whose profile likelihood is within chi-square's
/// quantile of the largest (Wilks, Annals of Mathematical Statistics 9, 1938). Without an ended life: estimate infinite, `low`
/// one-sided.
/// @throws std::invalid_argument as fit_lives, or for an unknown family.
Bounds mean_interval(const Lives& lives, const std::string& family, double level = 0.95, const FitOptions& options = {});

/// One step of the estimated probability to last longer than `time`.
struct SurvivalStep {
  double time = 0;
  std::size_t at_risk = 0, ended = 0;  ///< just before `time`; at it
  Bounds survival;  ///< pointwise; limits by Greenwood's variance of log(-log S) (Kalbfleisch & Prentice 1980); NaN at 0
};
/// Product-limit estimate, a step where lives ended (Kaplan & Meier, JASA 53, 1958). Lives cut at the time of an end were at
/// risk.
std::vector<SurvivalStep> kaplan_meier(const Lives& lives, double level = 0.95);

}  // namespace retwin
