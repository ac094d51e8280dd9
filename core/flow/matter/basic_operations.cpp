// Splitting and forking.
#include "core/flow/matter/basic_operations.hpp"

namespace retwin {
namespace {

// The k-th of n equal parts of what is left in `whole`.
Material part_of(Material& whole, std::size_t k, std::size_t n) { return whole.extract(1.0 / static_cast<double>(n - k)); }

}  // namespace

void Split::fields(Fields& f) {
  f.count("count", count_, {1, 1e6}, "lots that one lot becomes");
  f.text("kind", kind_name_, "kind of these lots");
}

void Split::bind(Binder& binder) { kind_ = binder.kind(kind_name_); }

void Split::process(Job& job) const {
  const auto n = static_cast<std::size_t>(count_);
  for (int input = 0; input < job.inputs(); ++input) {
    Material whole = job.take(input);
    for (std::size_t k = 0; k < n; ++k) job.make(kind_, 0, part_of(whole, k, n), input);
    job.end(input);
  }
}

void Fork::fields(Fields& f) {
  f.required().names("branches", branches_, "names of the ports, one sibling each");
  f.text("kind", kind_name_, "kind of the siblings");
}

void Fork::bind(Binder& binder) { kind_ = binder.kind(kind_name_); }

std::vector<PortInfo> Fork::ports() const {
  std::vector<PortInfo> ports;
  for (const Located& branch : branches_) ports.push_back({branch.text, "sibling", false});
  return ports;
}

void Fork::process(Job& job) const {
  for (int input = 0; input < job.inputs(); ++input) {
    Material whole = job.take(input);
    for (std::size_t k = 0; k < branches_.size(); ++k)
      job.make(kind_, static_cast<int>(k), part_of(whole, k, branches_.size()), input);
    job.end(input);
  }
}

}  // namespace retwin
