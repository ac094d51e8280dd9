// Fits recover what values were drawn from, also when rounded, tied or few; wrong families lose; logs of known truth.
#include "core/stats/fit.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/base/random.hpp"
#include "core/scenario/document/document.hpp"
#include "core/stats/distribution_value.hpp"
#include "core/stats/intervals.hpp"

namespace retwin::fit_test {

namespace {

std::vector<double> sample(const Distribution& distribution, std::size_t n, const std::string& stream = "fit",
                           std::uint64_t replication = 0) {
  const Draws draws{replication_key(11, replication), stream_id(stream), 0};
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = distribution.sample(draws.uniform(i));
  return values;
}

std::vector<double> rounded(std::vector<double> values, double step) {
  for (double& x : values) x = step * std::round(x / step);
  return values;
}

double parameter(const Fit& fit, const std::string& name) {
  for (const auto& [key, value] : fit.parameters()) {
    if (key == name) return value;
  }
  return std::nan("");
}

const Fit& named(const std::vector<Fit>& fits, const std::string& family) {
  for (const Fit& fit : fits) {
    if (fit.family == family) return fit;
  }
  static const Fit none;
  FAIL_CHECK("no fit of " << family);
  return none;
}

struct Case {
  const char* family;
  Distribution truth;
};

const std::vector<Case>& cases() {
  static const double inf = std::numeric_limits<double>::infinity();
  static const std::vector<Case> all{
      {"exponential", Distribution::exponential(60)},
      {"shifted exponential", Distribution::exponential(100).shifted(1800)},
      {"shifted truncated exponential", Distribution::exponential(1000).shifted(600).truncated(600, 3600)},
      {"gamma", Distribution::gamma(600, 300)},
      {"shifted gamma", Distribution::gamma(600, 380).shifted(900)},
      {"lognormal", Distribution::lognormal(7200, 2400)},
      {"shifted lognormal", Distribution::lognormal(600, 600).shifted(1000)},
      {"weibull", Distribution::weibull(0.7, 600)},
      {"shifted weibull", Distribution::weibull(0.7, 600).shifted(1000)},
      {"normal", Distribution::normal(600, 60)},
      {"truncated normal", Distribution::normal(10, 10).truncated(0, inf)},
      {"uniform", Distribution::uniform(5, 9)},
      {"triangular", Distribution::triangular(100, 200, 600)},
      {"two exponentials", Distribution::hyperexponential(600, 4)},
      {"two lognormals",
       Distribution::mixture({Distribution::lognormal(100, 30), Distribution::lognormal(1000, 300)}, {0.3, 0.7})},
      {"two normals", Distribution::mixture({Distribution::normal(100, 10), Distribution::normal(200, 20)}, {0.3, 0.7})},
      {"constant + exponential", Distribution::mixture({Distribution::constant(0), Distribution::exponential(50)}, {0.3, 0.7})},
      {"constant + lognormal",
       Distribution::mixture({Distribution::constant(300), Distribution::lognormal(600, 200)}, {0.4, 0.6})},
      {"discrete", Distribution::discrete({60, 120, 600}, {5, 3, 1})},
  };
  return all;
}

}  // namespace

TEST_CASE("the family of 5,000 values is recovered, with its mean, and no other comes near") {
  for (const Case& c : cases()) {
    CAPTURE(c.family);
    const std::vector<Fit> fits = fit_all(sample(c.truth, 5000, c.family));
    CHECK(fits[0].family == c.family);
    CHECK(fits[0].distribution.mean() ==
          doctest::Approx(c.truth.mean()).epsilon(4 * c.truth.sd() / c.truth.mean() / std::sqrt(5000)));
    CHECK(fits[0].distribution.sd() == doctest::Approx(c.truth.sd()).epsilon(0.12));
    CHECK(fits[0].ks < 0.025);
    CHECK(fits.back().family == "empirical");
    CHECK(fits[0].bic < fits[1].bic);
    CHECK(fits[0].aic == doctest::Approx(2 * fits[0].n_parameters - 2 * fits[0].log_likelihood));
  }
}

TEST_CASE("200 values are enough for the mean and for a distance within chance") {
  for (const Case& c : cases()) {
    CAPTURE(c.family);
    const Fit fit = fit_best(sample(c.truth, 200, c.family));
    CHECK(std::abs(fit.distribution.mean() - c.truth.mean()) < 4 * c.truth.sd() / std::sqrt(200));
    CHECK(fit.ks < 0.1);
  }
}

TEST_CASE("wrong families lose by far, and their distances say so") {
  const std::vector<Fit> fits = fit_all(sample(Distribution::lognormal(600, 900), 2000));
  CHECK(fits[0].family == "lognormal");
  for (const char* wrong : {"exponential", "gamma", "weibull", "truncated normal", "uniform"}) {
    CAPTURE(wrong);
    CHECK(named(fits, wrong).bic > fits[0].bic + 50);
    CHECK(named(fits, wrong).ks_p < 0.001);
    CHECK(named(fits, wrong).anderson_darling > 10 * fits[0].anderson_darling);
  }
}

TEST_CASE("among nearly equal criteria the fewest parameters come first") {
  int preferred = 0;
  for (std::uint64_t r = 0; r < 60; ++r) {
    const std::vector<Fit> fits = fit_all(sample(Distribution::weibull(1.3, 60), 50, "few", r));
    const Fit& best = fits[fits[0].family == "empirical" ? 1 : 0];  // of the families
    double least = best.bic;
    for (const Fit& fit : fits) least = std::isnan(fit.bic) ? least : std::min(least, fit.bic);
    preferred += least < best.bic ? 1 : 0;
    CHECK(best.bic < least + 2);
    for (const Fit& fit : fits) CHECK_FALSE((fit.n_parameters < best.n_parameters && fit.bic < least + 2));
  }
  CHECK(preferred > 0);
}

TEST_CASE("the smallest value alone buys no likelihood; different values are no constants; ends are not preferred") {
  double most = 0;  // in log-likelihood above the truth; without a least width of the cells it is 17
  int discrete = 0, ends = 0;
  for (std::uint64_t r = 0; r < 200; ++r) {
    const std::vector<Fit> fits = fit_all(sample(Distribution::normal(600, 60), 15, "spike", r));
    const double truth = named(fits, "normal").log_likelihood;
    for (const Fit& fit : fits) {
      if (fit.family.starts_with("shifted")) most = std::max(most, fit.log_likelihood - truth);
    }
    discrete += fits[0].family == "discrete" ? 1 : 0;
    const std::string best = fit_best(sample(Distribution::normal(600, 60), 30, "ends", r)).family;
    ends += best == "uniform" || best == "shifted exponential" || best == "shifted truncated exponential" ? 1 : 0;
  }
  CHECK(most < 12);
  CHECK(discrete == 0);
  CHECK(ends < 40);  // with each end counted once in the criterion, about 80
}

TEST_CASE("a fit has the mean and the deviation of its values, or is not one of a family") {
  const auto keeps = [](const std::vector<double>& values, const Fit& fit) {
    double sum = 0, squares = 0;
    const double n = static_cast<double>(values.size());
    for (const double x : values) sum += x;
    for (const double x : values) squares += (x - sum / n) * (x - sum / n);
    return std::abs(fit.distribution.mean() / (sum / n) - 1) < 0.01 && std::abs(fit.distribution.sd() / std::sqrt(squares / (n - 1)) - 1) < 0.05;
  };
  std::vector<double> quarters;  // two values, and three, rounded to quarters of an hour
  for (int k = 0; k < 400; ++k) quarters.push_back(k % 3 == 0 ? 1800 : 900);
  CHECK(fit_best(quarters).family == "discrete");
  CHECK(keeps(quarters, fit_best(quarters)));
  CHECK_FALSE(keeps(quarters, fit_family(quarters, "lognormal")));  // control: rounded, it explains them perfectly
  quarters.insert(quarters.end(), 80, 2700);
  CHECK(keeps(quarters, fit_best(quarters)));
  const std::vector<double> ten{174, 150, 198, 281, 710, 1959, 1961, 1964, 2454, 2564};
  CHECK(fit_best(ten).distribution.sd() < 1.3 * 1000);
  for (std::uint64_t r = 0; r < 10; ++r) {  // 4,000 values of ordinary spread: whatever is taken
    const std::vector<double> values = sample(Distribution::gamma(600, 300), 4000, "moments", r);
    CHECK(keeps(values, fit_best(values)));
  }
}

TEST_CASE("values that no family can have produced stay empirical") {
  const Distribution three = Distribution::mixture(
      {Distribution::normal(100, 5), Distribution::normal(200, 5), Distribution::normal(400, 5)}, {0.4, 0.3, 0.3});
  const std::vector<double> values = sample(three, 3000);
  const Fit fit = fit_best(values);
  CHECK(fit.family == "empirical");
  CHECK(fit.note == "no family is near enough");
  CHECK(fit.parts[0].parameters.size() == 1001);
  CHECK(fit.distribution.mean() == doctest::Approx(three.mean()).epsilon(0.02));
  FitOptions tolerant;
  tolerant.largest_ks = 1;
  CHECK(fit_best(values, tolerant).family != "empirical");
}

TEST_CASE("many values cost no accuracy: 300,000 in cells") {
  const Fit fit = fit_best(sample(Distribution::gamma(600, 300), 300000));
  CHECK(fit.family == "gamma");
  CHECK(fit.n == 300000);
  CHECK(parameter(fit, "mean") == doctest::Approx(600).epsilon(0.005));
  CHECK(parameter(fit, "sd") == doctest::Approx(300).epsilon(0.01));
  const Fit zeros =
      fit_best(sample(Distribution::mixture({Distribution::constant(0), Distribution::exponential(50)}, {1, 9}), 50000));
  CHECK(zeros.family == "constant + exponential");
  CHECK(parameter(zeros, "1.value") == 0);
}

TEST_CASE("fewer and wider cells move parameters by less than chance does; a few wide ones do not serve") {
  const auto values = sample(Distribution::gamma(300, 150), 3000);
  FitOptions wide, too_wide;
  wide.most_cells = 800;
  too_wide.most_cells = 8;
  const Fit fine = fit_family(values, "gamma"), coarse = fit_family(values, "gamma", wide);
  CHECK(fine.cell < coarse.cell);
  CHECK(parameter(coarse, "mean") == doctest::Approx(parameter(fine, "mean")).epsilon(1e-4));
  CHECK(parameter(coarse, "sd") == doctest::Approx(parameter(fine, "sd")).epsilon(1e-4));
  CHECK(fit_best(values, wide).family == fit_best(values).family);
  const double sd = parameter(fit_family(values, "gamma", too_wide), "sd");
  CHECK(std::abs(sd / parameter(fine, "sd") - 1) > 1e-3);
}

TEST_CASE("the best fit is the first of all, with its distances") {
  for (const std::size_t n : {5, 200, 3000}) {
    const auto values = sample(Distribution::lognormal(300, 150), n);
    const std::vector<Fit> all = fit_all(values);
    const Fit best = fit_best(values);
    CHECK(best.family == all.front().family);
    CHECK(best.parameters() == all.front().parameters());
    CHECK(best.ks == all.front().ks);
    CHECK(best.anderson_darling == all.front().anderson_darling);
    for (const Fit& fit : all) CHECK(!std::isnan(fit.ks));
  }
}

TEST_CASE("resolution is seen, as far as it is there") {
  CHECK(detect_resolution(std::vector<double>{900, 1800, 0}) == 900);
  CHECK(detect_resolution(std::vector<double>{60, 180, 240}) == 60);
  CHECK(detect_resolution(std::vector<double>{61, 180, 240}) == 1);
  CHECK(detect_resolution(std::vector<double>{61.25, 180.1}) == doctest::Approx(0.01));
  CHECK(detect_resolution(rounded(sample(Distribution::exponential(60), 500), 1e-3)) == doctest::Approx(1e-3));
  CHECK(detect_resolution(sample(Distribution::exponential(60), 500)) == 0);
}

TEST_CASE("rounding to quarters of an hour does not move an exponential; ignoring the rounding does") {
  Tally fitted, naive;
  int recognised = 0;
  for (std::uint64_t r = 0; r < 40; ++r) {
    const std::vector<double> values = rounded(sample(Distribution::exponential(600), 2000, "quarters", r), 900);
    const Fit fit = fit_best(values);
    recognised += fit.family == "exponential" ? 1 : 0;
    fitted.add(fit.distribution.mean());
    for (const double x : values) naive.add(x);
  }
  CHECK(recognised >= 38);
  CHECK(std::abs(fitted.mean() - 600) < 4 * 600 / std::sqrt(80000));
  CHECK(fitted.sd() == doctest::Approx(600 / std::sqrt(2000)).epsilon(0.4));
  CHECK(naive.mean() < 0.95 * 600);  // negative control: what a likelihood of points would give
}

TEST_CASE("rounding to minutes: families are still told apart, ties and zeros give no infinite likelihood") {
  for (const char* family : {"exponential", "gamma", "lognormal", "shifted truncated exponential"}) {
    CAPTURE(family);
    const auto c = std::find_if(cases().begin(), cases().end(), [&](const Case& x) { return x.family == std::string(family); });
    const std::vector<Fit> fits = fit_all(rounded(sample(c->truth, 5000, family), 60));
    CHECK(fits[0].family == family);
    CHECK(fits[0].distribution.mean() == doctest::Approx(c->truth.mean()).epsilon(0.03));
    for (const Fit& fit : fits) CHECK((std::isfinite(fit.log_likelihood) || fit.family == "empirical"));
    for (const Fit& fit : fits) CHECK((fit.log_likelihood <= 0 || fit.family == "empirical"));
  }
}

TEST_CASE("constants: with jitter of the stamps, not with that of the work") {
  std::vector<double> values(500, 86400.0);
  for (std::size_t i = 0; i < values.size(); i += 3) values[i] = 86400.001;
  const Fit fit = fit_best(values);
  CHECK(fit.family == "constant");
  CHECK(fit.distribution.mean() == doctest::Approx(86400).epsilon(1e-6));
  CHECK(fit.log_likelihood == 0);
  CHECK(fit_best(sample(Distribution::normal(86400, 0.01), 500)).family != "constant");
  CHECK(fit_best({60, 0, 0, 60, 0, 60, 0, 0, 60, 0, 60, 0}).family != "constant");  // a minute is not nothing
  CHECK(fit_best({1800, 1860, 1860, 1800}).family == "constant");                   // but half an hour and a bit
}

TEST_CASE("small samples are taken as they are; nothing finite throws") {
  CHECK_THROWS_AS(fit_all({}), std::invalid_argument);
  CHECK_THROWS_AS(fit_all({1, std::nan("")}), std::invalid_argument);
  CHECK_THROWS_AS(fit_all({std::numeric_limits<double>::infinity()}), std::invalid_argument);
  for (std::size_t n = 1; n <= 9; ++n) {
    const Fit fit = fit_best(sample(Distribution::exponential(5), n));
    CHECK(fit.family == (n == 1 ? "constant" : "empirical"));
    CHECK_FALSE(fit.note.empty());
    CHECK(fit_best(std::vector<double>(n, 7.5)).family == "constant");
  }
  CHECK(fit_best({4}).distribution.mean() == 4);
  CHECK(fit_best(sample(Distribution::exponential(5), 10)).note.empty());
  const std::vector<double> odd{0, 1, -1, 1e-300, 1e300, -1e300, 1e12, 60, 900, 1e-9, 3, 3, 3, 0.1};
  const Draws draws{replication_key(5, 0), stream_id("odd"), 0};
  for (std::uint64_t round = 0; round < 150; ++round) {
    std::vector<double> values;
    const auto n = static_cast<std::size_t>(1 + 40 * draws.uniform(1000 * round));
    const std::size_t kinds = 1 + round % odd.size();
    for (std::size_t i = 0; i < n; ++i) {
      const auto at = static_cast<std::size_t>(draws.uniform(1000 * round + 1 + i) * static_cast<double>(kinds));
      values.push_back(odd[at] * (round % 2 == 0 ? 1 : draws.uniform(1000 * round + 500 + i)));
    }
    CAPTURE(round);
    std::vector<Fit> fits;
    CHECK_NOTHROW(fits = fit_all(values));
    CHECK_FALSE(fits.empty());
  }
}

TEST_CASE("distances agree with those of the plain definitions") {
  std::vector<double> values = sample(Distribution::exponential(50), 400);
  const Fit fit = fit_family(values, "exponential");
  CHECK(parameter(fit, "mean") == doctest::Approx(student_interval(values).mean));
  const auto cdf = [&](double x) { return fit.distribution.cdf(x); };
  CHECK(fit.ks == doctest::Approx(ks_one_sample(values, cdf).statistic).epsilon(0.02));
  std::sort(values.begin(), values.end());
  double sum = 0;
  const double n = static_cast<double>(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += (2 * static_cast<double>(i) + 1) * (std::log(cdf(values[i])) + std::log1p(-cdf(values[values.size() - 1 - i])));
  }
  CHECK(fit.anderson_darling == doctest::Approx(-n - sum / n).epsilon(0.03));
}

TEST_CASE("quantile-quantile: on the diagonal for the right family, off it for a wrong one") {
  const std::vector<double> values = sample(Distribution::gamma(600, 300), 5000);
  const auto away = [&](const Distribution& distribution) {
    double most = 0;
    for (const auto& [fitted, observed] : qq(distribution, values, 50)) most = std::max(most, std::abs(fitted / observed - 1));
    return most;
  };
  CHECK(away(Distribution::gamma(600, 300)) < 0.1);
  CHECK(away(Distribution::exponential(600)) > 0.5);
  CHECK(qq(Distribution::exponential(1), {}, 5).empty());
}

TEST_CASE("the bootstrap of a mean spreads by its standard error") {
  const std::vector<double> values = sample(Distribution::gamma(600, 300), 400);
  Tally means;
  for (const Distribution& fit : bootstrap_fits(values, 60)) {
    CHECK(fit.family() == Family::gamma);
    means.add(fit.mean());
  }
  CHECK(means.sd() == doctest::Approx(15).epsilon(0.35));  // 300 / sqrt(400)
  CHECK(bootstrap_fits(values, 2, 1)[1].mean() == bootstrap_fits(values, 2, 1)[1].mean());
  CHECK(bootstrap_fits(values, 2, 1)[1].mean() != bootstrap_fits(values, 2, 2)[1].mean());
}

TEST_CASE("a fit is written as scenario files read it") {
  for (const Case& c : cases()) {
    CAPTURE(c.family);
    const Fit fit = fit_family(sample(c.truth, 500, c.family), c.family);
    CHECK(fit.family == c.family);
    const std::string text = scenario_text(fit, "s");
    CAPTURE(text);
    Problems problems;
    const std::optional<Node> node = read_yaml("duration: " + text + "\n", "fit.yaml", problems);
    REQUIRE(node.has_value());
    DistributionValue value(dimension::time, false, Range::non_negative());
    value.read(*node->find("duration"), "duration", problems);
    REQUIRE_FALSE(problems.any_errors());
    CHECK(value.distribution()->mean() == doctest::Approx(fit.distribution.mean()).epsilon(1e-6));
    CHECK(value.distribution()->quantile(0.9) == doctest::Approx(fit.distribution.quantile(0.9)).epsilon(1e-6));
  }
  CHECK(scenario_text(fit_best({1.5}), "kg") == "{constant: {value: 1.5 kg}}");
  CHECK(scenario_text(fit_best({1, 2}), "") == "{discrete: {1: 0.5, 2: 0.5}}");  // a curve between two would have less than half their variance
}

namespace {

const std::string truth_folder = RETWIN_SOURCE_DIR "/../shared/logs/known_truth/";

/// Seconds from start to end of each row, by activity. Stamps are "2023-01-02 10:02:58.550936+00:00", microseconds optional.
std::map<std::string, std::vector<double>> durations(const std::string& log) {
  std::map<std::string, std::vector<double>> out;
  FILE* pipe = popen(("gzip -dc '" + truth_folder + log + ".csv.gz'").c_str(), "r");
  REQUIRE(pipe != nullptr);
  const auto seconds = [](const std::string& stamp) {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0;
    double second = 0;
    REQUIRE(std::sscanf(stamp.c_str(), "%d-%d-%d %d:%d:%lf", &year, &month, &day, &hour, &minute, &second) == 6);
    const int y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;  // days by March years
    const int days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day;
    return std::pair(86400.0 * days + hour * 3600 + minute * 60, second);
  };
  char line[4096];
  bool header = true;
  while (std::fgets(line, sizeof line, pipe) != nullptr) {
    if (std::exchange(header, false)) continue;
    std::istringstream row(line);
    std::string id, activity, start, end;
    std::getline(row, id, ','), std::getline(row, activity, ','), std::getline(row, start, ','), std::getline(row, end, ',');
    const auto [from, from_part] = seconds(start);
    const auto [to, to_part] = seconds(end);
    out[activity].push_back(to - from + (to_part - from_part));
  }
  pclose(pipe);
  return out;
}

std::string content(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

/// (law, parameters) of each activity as the simulator that wrote the log was told.
std::map<std::string, std::pair<std::string, std::vector<double>>> truths(const std::string& log) {
  std::map<std::string, std::pair<std::string, std::vector<double>>> out;
  const std::string model = content(truth_folder + log + ".bpmn");
  const nlohmann::json told = nlohmann::json::parse(content(truth_folder + log + ".json"));
  for (const auto& task : told["task_resource_distribution"]) {
    const std::size_t at = model.find("id=\"" + task["task_id"].get<std::string>() + "\"");
    const std::size_t name = model.find("name=\"", at) + 6;
    const auto& law = task["resources"][0];
    std::vector<double> parameters;
    for (const auto& value : law["distribution_params"]) parameters.push_back(value["value"].get<double>());
    out[model.substr(name, model.find('"', name) - name)] = {law["distribution_name"].get<std::string>(), parameters};
  }
  return out;
}

}  // namespace

// The simulator's "expon" [mean, min, max] is min + Exp(mean - min), drawn again above max. In this log max lies 18 or more
// means away, so that the values cannot tell of it: shifted exponentials they are. All its resources work day and night; in other
// logs durations contain nights.
TEST_CASE("a log of known truth: every activity's law, its ends and its mean") {
  if (!std::filesystem::exists(truth_folder + "Confidential.csv.gz")) {
    MESSAGE("skipped: no logs beside this clone");
    return;
  }
  const auto known = truths("Confidential");
  int constants = 0, exponentials = 0;
  for (const auto& [activity, values] : durations("Confidential")) {
    CAPTURE(activity);
    const auto truth = known.find(activity);
    REQUIRE(truth != known.end());
    const auto& [law, parameters] = truth->second;
    const Fit fit = fit_best(values);
    if (law == "fix") {
      ++constants;
      CHECK(fit.family == "constant");
      CHECK(fit.distribution.mean() == doctest::Approx(parameters[0]).epsilon(1e-6));
    } else {
      ++exponentials;
      CHECK(fit.family == "shifted exponential");
      CHECK(parameter(fit, "shift") == doctest::Approx(parameters[1]).epsilon(0.001));
      CHECK(fit.distribution.mean() == doctest::Approx(parameters[0]).epsilon(0.03));
      // the exponential part on its own within four standard errors
      const double mean = parameters[0] - parameters[1];
      CHECK(std::abs(parameter(fit, "mean") - mean) < 4 * mean / std::sqrt(static_cast<double>(values.size())));
    }
  }
  CHECK(constants == 2);
  CHECK(exponentials == 25);
}

TEST_CASE("discrete values that would be written alike are one") {
  std::vector<double> values;
  for (int k = 0; k < 300; ++k) values.push_back((k % 3 == 0 ? 3371.493 : 10571.493) + (k % 2 == 0 ? 0 : 5e-7));
  const Fit fit = fit_best(values);
  CHECK(fit.family == "discrete");
  CHECK(scenario_text(fit, "s") == "{discrete: {3371.493 s: 0.333333333, 10571.493 s: 0.666666667}}");
}

}  // namespace retwin::fit_test
