// Amounts move along the edges and are never lost: what does not find its way by matter is shared out by mass, without mass by number.
#include "core/ledger/sweep.hpp"

#include <algorithm>

#include "core/base/problem.hpp"

namespace retwin {
namespace {

double weight(const EdgeLot& lot) { return lot.kg > 0 ? lot.kg : 0; }
double weight(const std::vector<EdgeLot>& lots) {
  double sum = 0;
  for (const EdgeLot& lot : lots) sum += weight(lot);
  return sum;
}
/// Part of a lot among others, by mass or by number.
double part_of(const EdgeLot& lot, double all_kg, std::size_t number) {
  return all_kg > 0 ? weight(lot) / all_kg : 1.0 / static_cast<double>(number);
}
void add(std::vector<double>& to, std::span<const double> what, double times = 1) {
  if (to.size() < what.size()) to.resize(what.size());
  for (std::size_t k = 0; k < what.size(); ++k) to[k] += what[k] * times;
}
void scale(std::vector<double>& all, double by) {
  for (double& x : all) x *= by;
}
void add(Carried& to, const Carried& what, std::size_t columns) {
  add(to.whole, what.whole);
  if (what.of.empty()) return;
  Carried both;
  std::size_t i = 0, j = 0;
  const auto put = [&](const Carried& from, std::size_t k, bool again) {
    if (!again) both.of.push_back(from.of[k]), both.rows.resize(both.rows.size() + columns);
    for (std::size_t c = 0; c < columns; ++c) both.rows[both.rows.size() - columns + c] += from.rows[k * columns + c];
  };
  while (i < to.of.size() || j < what.of.size()) {
    const bool first = j == what.of.size() || (i < to.of.size() && to.of[i] <= what.of[j]);
    const std::uint16_t of = first ? to.of[i] : what.of[j];
    if (first) put(to, i++, false);
    if (j < what.of.size() && what.of[j] == of) put(what, j++, first);
  }
  to.of = std::move(both.of);
  to.rows = std::move(both.rows);
}

}  // namespace

void JobBurdens::of(const Edge& job, std::int64_t week, std::vector<double>& out) {
  std::fill(out.begin(), out.end(), 0.0);
  for (const Part& flow : job.flows) totals_.add(job.place, flow.of, flow.amount, out.data());
  Share& share = shares_[job.place];
  if (!share.known || share.week != week) {
    share.known = true;
    share.week = week;
    share.columns.assign(totals_.size(), 0.0);
    const auto found = summary_.weeks.find({job.place, week});
    if (found != summary_.weeks.end() && found->second.jobs > 0) {
      for (const Part& flow : found->second.flows) totals_.add(job.place, flow.of, flow.amount, share.columns.data());
      scale(share.columns, 1.0 / static_cast<double>(found->second.jobs));
    }
  }
  for (std::size_t c = 0; c < share.columns.size(); ++c) out[c] += share.columns[c];
}

std::vector<double> Carried::sum() const {
  std::vector<double> sum = whole;
  const std::size_t columns = whole.size();
  for (std::size_t k = 0; k < rows.size(); ++k) sum[k % columns] += rows[k];
  return sum;
}

Sweep::Sweep(const EdgeStore& store, const EdgeSummary& summary, const Totals& totals, const Substances& substances)
    : store_(store), summary_(summary), totals_(totals), burdens_(summary, totals), transfer_(substances), components_(substances.size()) {}

void Sweep::forward(const SweptSink& ended) {
  lots_.clear();
  backward_ = false;
  columns_ = totals_.size();
  burden_.assign(columns_, 0.0);
  lost_.assign(columns_, 0.0);
  store_.forward([&](const Edge& edge) { meet_forward(edge, ended); });
}

void Sweep::matter_of(std::uint64_t lot, const SweptSink& root) {
  only_ = lot;
  backward(root);
  only_.reset();
}

void Sweep::backward(const SweptSink& root, const SweptSink& open) {
  lots_.clear();
  backward_ = true;
  open_ = open;
  columns_ = totals_.size() + 1;  // with the mass that is still there
  burden_.assign(columns_, 0.0);
  lost_.assign(columns_, 0.0);
  week_ = summary_.last_week;
  store_.backward([&](const Edge& edge) { meet_backward(edge, root); });
}

std::vector<double> Sweep::left() const {
  std::vector<double> sum(columns_);
  each_left([&](std::uint64_t, const Carried& carried) { add(sum, carried.sum()); });
  return sum;
}

/// In the order of their identities: that of a map is nobody's.
void Sweep::each_left(const std::function<void(std::uint64_t id, const Carried&)>& visit) const {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, carried] : lots_) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  for (const std::uint64_t id : ids) visit(id, lots_.at(id));
}

void Sweep::take_burden(const Edge& edge) {
  if (only_) std::fill(burden_.begin(), burden_.end(), 0.0);
  else burdens_.of(edge, week_, burden_);
}

// --- what both have in common ---------------------------------------------------------------------------------------------------

bool Sweep::take(std::uint64_t id, Carried& out) {
  const auto found = lots_.find(id);
  if (found == lots_.end()) {
    out = {std::vector<double>(columns_), {}, {}};
    return false;
  }
  out = std::move(found->second);
  lots_.erase(found);
  return true;
}

void Sweep::give(std::uint64_t id, Carried&& carried) {
  const auto [at, fresh] = lots_.try_emplace(id, std::move(carried));
  if (!fresh) add(at->second, carried, columns_);
  most_lots_ = std::max(most_lots_, lots_.size());
}

/// A lot that nothing has happened to afterwards: it is still there.
Carried Sweep::open(const EdgeLot& lot, std::uint32_t place) {
  Carried carried{std::vector<double>(columns_), {}, {}};
  if (only_) return carried;
  carried.whole.back() = lot.kg > 0 ? lot.kg : 1;
  if (open_) open_({lot, place, 0, {}, carried.whole.back()});
  return carried;
}

/// A file may hold anything.
void Sweep::check(const Edge& edge) const {
  const bool job = edge.kind == EdgeKind::job || edge.kind == EdgeKind::pass || edge.kind == EdgeKind::unload;
  const auto beyond = [](std::size_t most) { return [most](const Part& part) { return part.of >= most; }; };
  bool sound = !job || edge.place < summary_.used.size();
  if (job) sound = sound && std::none_of(edge.flows.begin(), edge.flows.end(), beyond(summary_.used.empty() ? 0 : summary_.used[0].size()));
  for (const auto* parts : {&edge.masses, &edge.created, &edge.transmuted})
    sound = sound && std::none_of(parts->begin(), parts->end(), beyond(components_));
  if (!sound) refuse(Code::file, "ledger", "the ledger is damaged: it names what this plant has not", "write it again, with `retwin run ... --ledger FILE`");
}

void Sweep::put_in_rows(const Carried& carried, const EdgeLot& lot) {
  double kg = 0;
  for (const Part& part : job_.masses_of(lot)) kg += part.amount;
  std::size_t next = 0;
  for (std::uint32_t m = lot.first_part; m < lot.first_part + lot.parts; ++m) {
    const Part& part = job_.masses[m];
    for (std::size_t c = 0; c < columns_; ++c) row(m)[c] += carried.whole[c] * part.amount / kg;
    while (next < carried.of.size() && carried.of[next] < part.of) add(loose_, std::span(carried.rows).subspan(next++ * columns_, columns_));
    if (next < carried.of.size() && carried.of[next] == part.of) {
      for (std::size_t c = 0; c < columns_; ++c) row(m)[c] += carried.rows[next * columns_ + c];
      ++next;
    }
  }
  for (; next < carried.of.size(); ++next) add(loose_, std::span(carried.rows).subspan(next * columns_, columns_));
}

Carried Sweep::out_of_rows(const EdgeLot& lot) const {
  Carried carried{std::vector<double>(columns_), {}, {}};
  for (std::uint32_t m = lot.first_part; m < lot.first_part + lot.parts; ++m) {
    const double* const from = rows_.data() + m * columns_;
    if (std::all_of(from, from + columns_, [](double x) { return x == 0; })) continue;
    carried.of.push_back(job_.masses[m].of);
    carried.rows.insert(carried.rows.end(), from, from + columns_);
  }
  return carried;
}

void Sweep::spread(std::span<const double> what, const std::vector<EdgeLot>& lots, std::vector<Carried>& over,
                   std::span<const std::uint32_t> only) {
  double kg = 0;
  for (const std::uint32_t k : only) kg += weight(lots[k]);
  if (only.empty()) kg = weight(lots);
  const std::size_t number = only.empty() ? lots.size() : only.size();
  for (std::size_t k = 0; k < number; ++k) {
    const std::size_t at = only.empty() ? k : only[k];
    add(over[at].whole, what, part_of(lots[at], kg, number));
  }
}

/// Each lot goes on as it is, and bears its part of the job.
void Sweep::pass(const Edge& edge) {
  const double kg = weight(edge.inputs);
  for (const EdgeLot& lot : edge.inputs) {
    auto found = lots_.find(lot.id);
    if (found == lots_.end()) {
      give(lot.id, backward_ ? open(lot, edge.place) : Carried{std::vector<double>(columns_), {}, {}});
      found = lots_.find(lot.id);
    }
    const double mine = part_of(lot, kg, edge.inputs.size());
    for (std::size_t c = 0; c < columns_; ++c) found->second.whole[c] += burden_[c] * mine;
  }
}

/// Two portions as the inputs of a job that joins them.
void Sweep::take_mix(const Edge& edge) {
  job_ = edge;
  EdgeLot &into = job_.inputs[0], &from = job_.inputs[1];
  job_.outputs.assign(1, into);
  into.kg = std::max(0.0, into.kg - from.kg);
  into.first_part = static_cast<std::uint32_t>(job_.masses.size());
  for (const Part& now : edge.masses_of(edge.inputs[0])) {
    double kg = now.amount;
    for (const Part& part : edge.masses_of(edge.inputs[1])) kg -= part.of == now.of ? part.amount : 0;
    if (kg > 1e-6 * now.amount) job_.masses.push_back({now.of, kg});
  }
  into.parts = static_cast<std::uint32_t>(job_.masses.size()) - into.first_part;
  std::fill(burden_.begin(), burden_.end(), 0.0);
}

// --- forward -------------------------------------------------------------------------------------------------------------------

void Sweep::meet_forward(const Edge& edge, const SweptSink& ended) {
  check(edge);
  Carried carried;
  switch (edge.kind) {
    case EdgeKind::week: week_ = edge.week; break;
    case EdgeKind::root: break;
    case EdgeKind::split: split_forward(edge); break;
    case EdgeKind::end:
      take(edge.inputs[0].id, carried);
      ended({edge.inputs[0], edge.place, edge.now, carried.sum()});
      break;
    case EdgeKind::mix:
      take_mix(edge);
      job_forward();
      break;
    case EdgeKind::pass:
      take_burden(edge);
      pass(edge);
      break;
    case EdgeKind::job:
    case EdgeKind::unload:
      take_burden(edge);
      job_ = edge;
      job_forward();
  }
}

void Sweep::split_forward(const Edge& edge) {
  Carried piece;
  if (!take(edge.inputs[0].id, piece)) return;
  Carried rest = piece;
  for (auto [what, by] : {std::pair(&piece, edge.part), std::pair(&rest, 1 - edge.part)}) scale(what->whole, by), scale(what->rows, by);
  give(edge.inputs[0].id, std::move(rest));
  give(edge.inputs[1].id, std::move(piece));
}

/// Of one lot that carries the same on all its mass, all parts do.
void Sweep::simple_forward() {
  for (std::size_t c = 0; c < columns_; ++c) in_[0].whole[c] += burden_[c];
  spread(in_[0].whole, job_.outputs, out_);
}

void Sweep::job_forward() {
  in_.resize(job_.inputs.size());
  for (std::size_t k = 0; k < in_.size(); ++k) take(job_.inputs[k].id, in_[k]);
  out_.assign(job_.outputs.size(), Carried{std::vector<double>(columns_), {}, {}});
  const bool simple = in_.size() == 1 && in_[0].of.empty() && job_.created.empty() && job_.transmuted.empty();
  if (simple) {
    simple_forward();
    if (out_.empty()) add(lost_, in_[0].whole);
  } else {
    transfer_.of(job_);
    rows_.assign(job_.masses.size() * columns_, 0.0);
    loose_ = burden_;
    std::vector<std::uint32_t> mine;
    for (std::uint32_t k = 0; k < in_.size(); ++k) {
      const EdgeLot& input = job_.inputs[k];
      put_in_rows(in_[k], input);
      if (input.parts > 0) continue;
      mine.clear();
      for (std::uint32_t o = 0; o < out_.size(); ++o) {
        const auto parents = job_.parents_of(job_.outputs[o]);
        if (std::find(parents.begin(), parents.end(), k) != parents.end()) mine.push_back(o);
      }
      if (mine.empty()) add(loose_, in_[k].whole);
      else spread(in_[k].whole, job_.outputs, out_, mine);
    }
    for (const EdgeLot& input : job_.inputs)
      for (std::uint32_t m = input.first_part; m < input.first_part + input.parts; ++m)
        if (!(transfer_.gone_kg[m] > 0)) add(loose_, std::span(row(m), columns_));
    for (const Piece& piece : transfer_.pieces) {
      const double share = piece.kg / transfer_.gone_kg[piece.from];
      double* const to = row(piece.to);
      const double* const from = row(piece.from);
      for (std::size_t c = 0; c < columns_; ++c) to[c] += share * from[c];
    }
    if (out_.empty()) add(lost_, loose_);
    else spread(loose_, job_.outputs, out_);
    for (std::size_t o = 0; o < out_.size(); ++o) {
      Carried rows = out_of_rows(job_.outputs[o]);
      out_[o].of = std::move(rows.of);
      out_[o].rows = std::move(rows.rows);
    }
  }
  for (std::size_t o = 0; o < out_.size(); ++o) give(job_.outputs[o].id, std::move(out_[o]));
}

// --- backward ------------------------------------------------------------------------------------------------------------------

void Sweep::meet_backward(const Edge& edge, const SweptSink& root) {
  check(edge);
  Carried carried;
  switch (edge.kind) {
    case EdgeKind::week: week_ = edge.week - edge.place; break;
    case EdgeKind::end:
      carried.whole.resize(columns_);
      if (only_ && *only_ == edge.inputs[0].id) carried.whole.back() = edge.inputs[0].kg > 0 ? edge.inputs[0].kg : 1;
      give(edge.inputs[0].id, std::move(carried));
      break;
    case EdgeKind::split: split_backward(edge); break;
    case EdgeKind::root: {
      const EdgeLot& lot = edge.inputs[0];
      if (!take(lot.id, carried)) carried = open(lot, none);
      std::vector<double> sum = carried.sum();
      const double open_kg = sum.back();
      sum.pop_back();
      root({lot, edge.place, edge.now, std::move(sum), open_kg});
      break;
    }
    case EdgeKind::mix:
      take_mix(edge);
      job_backward();
      break;
    case EdgeKind::pass:
      take_burden(edge);
      pass(edge);
      break;
    case EdgeKind::job:
    case EdgeKind::unload:
      take_burden(edge);
      job_ = edge;
      if (edge.kind == EdgeKind::unload && !edge.outputs.empty()) unload_backward(root);
      else job_backward();
  }
}

void Sweep::split_backward(const Edge& edge) {
  Carried rest, piece;
  if (!take(edge.inputs[1].id, piece)) piece = open(edge.inputs[1], edge.place);
  EdgeLot portion = edge.inputs[0];
  portion.kg = edge.part > 0 ? edge.inputs[1].kg * (1 - edge.part) / edge.part : 0;
  if (!take(portion.id, rest)) rest = edge.part < 1 ? open(portion, edge.place) : Carried{std::vector<double>(columns_), {}, {}};
  add(rest, piece, columns_);
  give(edge.inputs[0].id, std::move(rest));
}

/// What comes out is from outside, and bears the unloading; the carrier has caused what came before.
void Sweep::unload_backward(const SweptSink& root) {
  const double kg = weight(job_.outputs);
  for (const EdgeLot& lot : job_.outputs) {
    Carried carried;
    if (!take(lot.id, carried)) carried = open(lot, job_.place);
    std::vector<double> sum = carried.sum();
    add(sum, burden_, part_of(lot, kg, job_.outputs.size()));
    const double open_kg = sum.back();
    sum.pop_back();
    root({lot, none, 0, std::move(sum), open_kg});
  }
  for (const EdgeLot& carrier : job_.inputs) give(carrier.id, Carried{std::vector<double>(columns_), {}, {}});
}

void Sweep::job_backward() {
  out_.resize(job_.outputs.size());
  for (std::size_t k = 0; k < out_.size(); ++k)
    if (!take(job_.outputs[k].id, out_[k])) out_[k] = open(job_.outputs[k], job_.place);
  in_.assign(job_.inputs.size(), Carried{std::vector<double>(columns_), {}, {}});
  transfer_.of(job_);
  rows_.assign(job_.masses.size() * columns_, 0.0);
  came_kg_.assign(job_.masses.size(), 0.0);
  loose_ = burden_;
  bought_.assign(columns_, 0.0);
  for (std::size_t k = 0; k < out_.size(); ++k) {
    put_in_rows(out_[k], job_.outputs[k]);
    if (job_.outputs[k].parts == 0) spread(out_[k].whole, job_.inputs, in_, job_.parents_of(job_.outputs[k]));
  }
  for (const Piece& piece : transfer_.pieces) {
    const double share = piece.kg / transfer_.gone_kg[piece.to];
    double* const to = row(piece.from);
    const double* const from = row(piece.to);
    for (std::size_t c = 0; c < columns_; ++c) to[c] += share * from[c];
    came_kg_[piece.to] += piece.kg;
  }
  for (const EdgeLot& output : job_.outputs)  // what was bought, and what comes from nowhere, is the job's own
    for (std::uint32_t m = output.first_part; m < output.first_part + output.parts; ++m) {
      const double all = transfer_.gone_kg[m];
      add(bought_, std::span(row(m), columns_), all > 0 ? 1 - came_kg_[m] / all : 1);
    }
  bought_.back() = 0;  // nobody brought that matter
  add(loose_, bought_);
  spread(loose_, job_.inputs, in_);
  for (std::size_t k = 0; k < in_.size(); ++k) {
    Carried rows = out_of_rows(job_.inputs[k]);
    in_[k].of = std::move(rows.of);
    in_[k].rows = std::move(rows.rows);
    give(job_.inputs[k].id, std::move(in_[k]));
  }
}

}  // namespace retwin
