// Reads and applies partition matrices.
#include "models/stations/partition.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <fmt/format.h>

namespace retwin {
namespace {

void visit_shares(Fields& row, std::vector<double>& shares, const std::vector<std::string>& streams) {
  shares.resize(streams.size());
  for (std::size_t s = 0; s < streams.size(); ++s)
    row.quantity(streams[s].c_str(), shares[s], dimension::none, Range::share(), "share of the stream");
}

void check_sum(const std::vector<double>& shares, Code code, const Place& place, const std::string& path, Problems& problems) {
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  if (std::abs(sum - 1) > 1e-9) problems.error(code, place, path, fmt::format("the row sums to {}, not to 1", sum));
}

}  // namespace

void Partition::rows(Fields& f, const std::vector<std::string>& streams) {
  f.map("rows", own_, [&](Row& row, Fields& g) { visit_shares(g, row.shares, streams); },
        "rows that replace those of the matrix, by component or group: {copper: {Cu: 92 %, residue: 8 %}}");
}

void Partition::bind(const Components& components, const std::string& document, const std::vector<std::string>& streams) {
  Binder& binder = components.binder();
  std::map<std::string, std::vector<double>> rows;
  const Node& doc = binder.library(document);
  read_fields(doc, document, binder.problems(), [&](Fields& f) {
    std::string source, confidence;
    std::int64_t year = 0;
    f.text("source", source, "where the figures come from");
    f.count("year", year, Range::any(), "year of the source");
    f.text("confidence", confidence, "high, medium, low or estimate");
    std::vector<Located> reactions;
    f.names("reactions", reactions, "reactions of the library that happen before the streams are told apart");
    reactions_.clear();
    for (const Located& reaction : reactions) reactions_.push_back(Reaction::named(components, reaction.text));
    f.required().map(
        "rows",
        [&](const std::string& name, const Place& place, Fields& row) {
          std::vector<double>& shares = rows[name];
          visit_shares(row, shares, streams);
          check_sum(shares, Code::library, place, row.path(), binder.problems());
        },
        "rows of the matrix by component or group");
  });
  for (const Row& row : own_) {
    const std::string path = binder.path() + ".rows." + row.name;
    bool known = row.name == "other";
    for (std::size_t c = 0; c < components.size() && !known; ++c)
      known = components.name(static_cast<int>(c)) == row.name || components.group(static_cast<int>(c)) == row.name;
    if (const std::string near = nearest(row.name, components.substances().components); !known)
      binder.problems().error(Code::unknown_name, row.place, path, "no component and no group is called " + row.name,
                              near.empty() ? std::string() : "did you mean " + near + "?");
    check_sum(row.shares, Code::probability, row.place, path, binder.problems());
    rows[row.name] = row.shares;
  }
  names_.clear();
  reacts_.clear();
  to_.assign(streams.size(), std::vector<double>(components.size()));
  taken_out_.assign(streams.size(), false);
  for (std::size_t c = 0; c < components.size(); ++c) {
    const int component = static_cast<int>(c);
    auto row = rows.find(components.name(component));
    if (row == rows.end()) row = rows.find(components.group(component));
    if (row == rows.end()) row = rows.find("other");
    if (row == rows.end()) {
      binder.problems().error(Code::library, doc.place, document, fmt::format("no row for {}", components.name(component)),
                              "a row `other` serves all that have none of their own");
      return;
    }
    for (std::size_t s = 0; s < streams.size(); ++s) to_[s][c] = row->second[s];
    names_.push_back(components.name(component));
    reacts_.push_back(std::any_of(reactions_.begin(), reactions_.end(), [&](const Reaction& r) { return r.coefficient(component) != 0; }));
  }
  in_turn();
}

void Partition::without(std::size_t stream) {
  taken_out_[stream] = true;
  for (std::size_t c = 0; c < to_[stream].size(); ++c) {
    const double left = 1 - to_[stream][c];
    if (left <= 0) continue;
    for (auto& shares : to_) shares[c] /= left;
    to_[stream][c] = 0;
  }
  in_turn();
}

void Partition::in_turn() {
  taken_ = to_;
  const std::size_t n = to_.empty() ? 0 : to_[0].size();
  for (std::size_t c = 0; c < n; ++c) {
    double left = 1;
    for (std::size_t s = 0; s < to_.size(); ++s) {
      const bool last = left - to_[s][c] <= 1e-12;  // takes the rest
      taken_[s][c] = to_[s][c] == 0 ? 0 : last ? 1 : to_[s][c] / left;
      left -= to_[s][c];
    }
  }
}

Teachable Partition::teachable() const {
  Teachable result;
  for (std::size_t c = 0; c < names_.size(); ++c) {
    result.kept.push_back(!reacts_[c]);
    PortShares row{"rows." + names_[c], {static_cast<int>(c)}, {}, {}};
    bool leaves = reacts_[c];
    for (std::size_t s = 0; s < to_.size(); ++s) {
      leaves = leaves || (taken_out_[s] && to_[s][c] > 0);  // it has no other share
      if (taken_out_[s]) continue;
      row.ports.push_back(static_cast<int>(s));
      row.given.push_back(to_[s][c]);
    }
    if (!leaves) result.shares.push_back(std::move(row));
  }
  return result;
}

std::vector<Material> Partition::split(Job& job, Material&& material) const {
  std::vector<Material> out;
  out.reserve(taken_.size());
  for (const auto& shares : taken_) out.push_back(material.extract(shares));
  job.nothing().absorb(std::move(material));  // nothing is left
  return out;
}

}  // namespace retwin
