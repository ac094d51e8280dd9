// Group-sequential tests: looks at growing samples that together spend one error probability.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace retwin {

/// How the error is spent over the looks: evenly, so that early looks can decide, or hardly before the last.
enum class Spending { pocock, obrien_fleming };

/// Error spent up to a share `t` [0, 1] of the whole sample, of `alpha` in all, one-sided (Lan & DeMets, Discrete sequential boundaries
/// for clinical trials, Biometrika 70, 1983): alpha ln(1 + (e - 1) t) like Pocock's bounds, 2 - 2 Phi(z(1 - alpha/2) / sqrt t) like those
/// of O'Brien and Fleming.
double alpha_spent(Spending spending, double alpha, double t);

/// Critical values of a normal statistic at looks of these shares of the whole sample (growing, the last one usually 1), such that the
/// chance to be above one of them at any look is alpha if there is no effect: by numerical integration from look to look (Armitage,
/// McPherson & Rowe, J. R. Statist. Soc. A 132, 1969). Infinite where next to nothing (1e-12) may be spent.
std::vector<double> normal_bounds(Spending spending, double alpha, std::span<const double> shares);

/// The same for Student's statistic of samples of these sizes, variance unknown: each critical value has the tail of the normal one, with
/// n - 1 degrees of freedom (Jennison & Turnbull, Group Sequential Methods with Applications to Clinical Trials, 2000, section 4.4).
/// @param sizes growing, from 2 on; shares are those of the last one
std::vector<double> student_bounds(Spending spending, double alpha, std::span<const std::size_t> sizes);

}  // namespace retwin
