// Max-min fair shares: hand-made cases, and on random ones what makes shares max-min fair.
#include "core/flow/engine/sharing.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace retwin::sharing_test {
namespace {

constexpr double without_bound = std::numeric_limits<double>::infinity();

/// Users with what they take.
struct Party {
  std::vector<double> capacities;
  std::vector<std::vector<Take>> takes;
  std::vector<Sharer> users;
  explicit Party(std::vector<double> all) : capacities(std::move(all)) {}
  Party& user(std::vector<Take> of, double bound = without_bound, double weight = 1, int priority = 0) {
    takes.push_back(std::move(of));
    users.push_back({bound, fair_share(weight, takes.back(), capacities), priority, {}});
    return *this;
  }
  std::vector<double> rates(std::vector<double> now = {}) {
    for (std::size_t k = 0; k < users.size(); ++k) users[k].takes = takes[k];
    Sharing sharing;
    return sharing(now.empty() ? capacities : now, users);
  }
};

/// In a max-min fair allocation nothing is used beyond its capacity, and who is below his bound takes of something that is full, of which nobody of his
/// priority or a lower one has more, measured by their shares.
bool max_min_fair(const Party& party, const std::vector<double>& capacities, const std::vector<double>& rates) {
  constexpr double slack = 1e-9;
  std::vector<double> used(capacities.size());
  for (std::size_t k = 0; k < rates.size(); ++k)
    for (const Take& take : party.takes[k]) used[take.utility] += rates[k] * take.per_rate;
  for (std::size_t u = 0; u < used.size(); ++u)
    if (used[u] > capacities[u] * (1 + slack)) return false;
  for (std::size_t k = 0; k < rates.size(); ++k) {
    const Sharer& user = party.users[k];
    if (rates[k] < 0 || rates[k] > user.bound * (1 + slack)) return false;
    if (rates[k] >= user.bound * (1 - slack)) continue;
    const bool held = std::any_of(party.takes[k].begin(), party.takes[k].end(), [&](const Take& mine) {
      if (used[mine.utility] < capacities[mine.utility] * (1 - slack)) return false;
      for (std::size_t other = 0; other < rates.size(); ++other) {
        const bool takes = std::any_of(party.takes[other].begin(), party.takes[other].end(), [&](const Take& its) { return its.utility == mine.utility; });
        if (!takes || rates[other] == 0 || party.users[other].priority > user.priority) continue;
        if (party.users[other].priority < user.priority) return false;
        if (rates[other] / party.users[other].share > rates[k] / user.share * (1 + slack)) return false;
      }
      return true;
    });
    if (!held) return false;
  }
  return true;
}

TEST_CASE("one user has what he asks for, or all there is") {
  CHECK(Party({10}).user({{0, 1}}, 4).rates() == std::vector<double>{4});
  CHECK(Party({10}).user({{0, 1}}, 40).rates() == std::vector<double>{10});
  CHECK(Party({10}).user({{0, 2}}).rates() == std::vector<double>{5});
  CHECK(Party({10}).user({}, 3).rates() == std::vector<double>{3});
}

TEST_CASE("equals share equally, by their weights, up to their bounds") {
  Party equal({12});
  for (int k = 0; k < 4; ++k) equal.user({{0, 1}});
  CHECK(equal.rates() == std::vector<double>{3, 3, 3, 3});
  CHECK(Party({12}).user({{0, 1}}, 1).user({{0, 1}}).user({{0, 1}}, 5).rates() == std::vector<double>{1, 6, 5});
  CHECK(Party({12}).user({{0, 1}}, without_bound, 2).user({{0, 1}}).rates() == std::vector<double>{8, 4});
  // Amounts are shared, not speeds: of 12, one who takes 4 for each unit of his work and one who takes 1 have 6 each.
  CHECK(Party({12}).user({{0, 4}}).user({{0, 1}}).rates() == std::vector<double>{1.5, 6});
}

TEST_CASE("several utilities at once") {
  // The second utility holds the last two to 2 each; the first leaves 8 of its 10 to the others.
  CHECK(Party({10, 4}).user({{0, 1}}).user({{0, 1}, {1, 2.5}}, 1).user({{0, 1}, {1, 1}}).rates().at(1) == doctest::Approx(0.8).epsilon(1e-12));
  const std::vector<double> rates = Party({10, 4}).user({{0, 1}}).user({{1, 1}}).user({{0, 1}, {1, 1}}).rates();
  CHECK(rates[0] == doctest::Approx(8).epsilon(1e-12));
  CHECK(rates[1] == doctest::Approx(2).epsilon(1e-12));
  CHECK(rates[2] == doctest::Approx(2).epsilon(1e-12));
}

TEST_CASE("priorities come before weights; an outage leaves the rest to share") {
  CHECK(Party({10}).user({{0, 1}}, 7, 1, 1).user({{0, 1}}, 7, 100).user({{0, 1}}, 7, 100).rates() == std::vector<double>{7, 1.5, 1.5});
  CHECK(Party({10}).user({{0, 1}}, 7, 1, 1).user({{0, 1}}, 7).rates({0}) == std::vector<double>{0, 0});
  CHECK(Party({10}).user({{0, 1}}, 7).user({{0, 1}}, 1).rates({4}) == std::vector<double>{3, 1});
}

TEST_CASE("random parties share max-min fairly; others do not") {
  std::mt19937 random(20260101);
  const auto uniform = [&](double low, double high) { return std::uniform_real_distribution<double>(low, high)(random); };
  int controls = 0;
  for (int trial = 0; trial < 500; ++trial) {
    Party party(std::vector<double>(1 + random() % 4));
    for (double& capacity : party.capacities) capacity = uniform(1, 100);
    const std::size_t n = 1 + random() % 30;
    for (std::size_t k = 0; k < n; ++k) {
      std::vector<Take> takes;
      for (Index u = 0; u < party.capacities.size(); ++u)
        if (random() % 2 == 0) takes.push_back({u, uniform(0.1, 5)});
      const double bound = takes.empty() || random() % 2 == 0 ? uniform(0.1, 20) : without_bound;
      party.user(std::move(takes), bound, uniform(0.5, 3), static_cast<int>(random() % 2));
    }
    std::vector<double> now = party.capacities;
    for (double& capacity : now) capacity *= random() % 4 == 0 ? uniform(0, 1) : 1;
    std::vector<double> rates = party.rates(now);
    CAPTURE(trial);
    CHECK(max_min_fair(party, now, rates));
    const std::size_t one = random() % n;
    if (rates[one] == 0) continue;
    rates[one] *= 0.99;  // who could have more
    controls += max_min_fair(party, now, rates) ? 0 : 1;
  }
  CHECK(controls > 300);
}

}  // namespace
}  // namespace retwin::sharing_test
