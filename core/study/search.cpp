// Points that an optimisation looks at.
#include "core/study/search.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/constants.hpp"

namespace retwin {

Search::Search(StudyRuns& runs, std::function<void(double)> progress) : runs_(runs), progress_(std::move(progress)) {}

void Search::spend(std::int64_t replications) {
  spent_ += replications;
  if (progress_) progress_(std::min(1.0, static_cast<double>(spent_) / static_cast<double>(budget())));
}

std::vector<const Search::Seen*> Search::look(const std::vector<Point>& points, std::int64_t replications) {
  std::vector<Wanted> wanted;
  std::vector<Seen*> these;
  std::int64_t more = 0;
  for (const Point& point : points) {
    auto [at, fresh] = seen_.try_emplace(study().space.text(point), Seen{point, 0, false, {}, 0, {}});
    Seen& seen = at->second;
    if (fresh) order_.push_back(&seen);
    these.push_back(&seen);
    if (seen.replications >= replications) continue;
    if (fresh && !study().space.admits(point)) {
      seen.losses.assign(study().objectives.size(), nan);
      seen.replications = replications;  // never run
      continue;
    }
    if (!seen.losses.empty() && std::isnan(seen.losses.front())) continue;
    wanted.push_back({point, replications - seen.replications, seen.replications});
    more += replications - seen.replications;
    seen.replications = replications;
    seen.losses.clear();
    seen.margins.clear();
  }
  runs_.reach(wanted);
  spend(more);
  std::vector<const Seen*> out;
  for (Seen* seen : these) {
    if (seen->losses.empty()) judge(*seen);
    out.push_back(seen);
  }
  return out;
}

bool Search::affords(const std::vector<Point>& points, std::int64_t replications, double share) const {
  std::int64_t more = 0;
  for (const Point& point : points) {
    const auto seen = seen_.find(study().space.text(point));
    more += std::max<std::int64_t>(0, replications - (seen == seen_.end() ? 0 : seen->second.replications));
  }
  return static_cast<double>(spent_ + more) <= share * static_cast<double>(budget());
}

void Search::judge(Seen& seen) {
  const Study& of = study();
  const auto rows = runs_.figures(seen.point);
  for (const Objective& objective : of.objectives) {
    if (rows.size() < static_cast<std::size_t>(seen.replications)) {
      seen.losses.push_back(nan);
      continue;
    }
    const PointEstimate found = estimate(of, of.responses[objective.response], seen.point, rows);
    seen.losses.push_back(objective.maximise ? -found.mean : found.mean);
    if (seen.losses.size() == 1) seen.error = student_interval(found.each, 0.6827).half_width;
  }
  if (rows.empty() || std::isnan(seen.losses.front())) return;
  for (const Response& margin : of.margins) seen.margins.push_back(estimate(of, margin, seen.point, rows).mean);
  seen.feasible = !std::isnan(seen.losses.front()) && std::all_of(of.constraints.begin(), of.constraints.end(), [&](const Response& c) {
    return estimate(of, c, seen.point, rows).mean != 0;
  });
}

std::vector<const Search::Seen*> Search::ranked() const {
  std::vector<const Seen*> all;
  for (const Seen* seen : order_)
    if (!seen->losses.empty() && !std::isnan(seen->losses.front())) all.push_back(seen);
  std::stable_sort(all.begin(), all.end(), [](const Seen* a, const Seen* b) {
    return a->feasible != b->feasible ? a->feasible : a->losses.front() < b->losses.front();
  });
  return all;
}

double Search::penalty() const {
  double worst = 0, best = infinity;
  for (const Seen* seen : order_) {
    for (const double loss : seen->losses)
      if (std::isfinite(loss)) worst = std::max(worst, std::abs(loss)), best = std::min(best, loss);
  }
  return 2 * worst + 1;
}

void Search::note(const std::string& phase) {
  const auto all = ranked();
  if (!all.empty()) note(phase, all.front()->point, all.front()->losses.front());
}

void Search::note(const std::string& phase, const Point& point, double loss) {
  steps.push_back({phase, spent_, study().space.text(point), study().objectives.front().maximise ? -loss : loss});
}

Conditions conditions_of(const std::vector<Margins>& known, std::uint64_t seed) {
  Conditions made;
  for (std::size_t c = 0; !known.empty() && c < known.front().of.size(); ++c) {
    if (std::all_of(known.begin(), known.end(), [&](const Margins& one) { return one.of[c] >= 0; })) continue;
    Points points{known.front().at.size(), {}};
    Responses responses;
    for (const Margins& one : known) points.add(one.at), responses.mean.push_back(one.of[c]);
    SurrogateOptions options;
    options.nugget = true;
    options.starts = 3;
    options.seed = seed;
    made.emplace_back(std::move(points), responses, options);
  }
  return made;
}

}  // namespace retwin
