// Each edge begins with its length, so that a block can be read from its end; bounds are checked once for each number.
#include "core/ledger/edges.hpp"

#include <cmath>
#include <cstring>

#include "core/base/problem.hpp"

namespace retwin {
namespace {

[[noreturn]] void damaged() {
  refuse(Code::file, "ledger", "the ledger is damaged: an edge does not end where it should", "write it again, with `retwin run --ledger FILE`");
}

constexpr std::size_t most_bytes = 1 << 22;  ///< of a block, but for its last edge
constexpr std::uint8_t like_the_last = 1, with_masses = 2;  ///< how the masses of a lot are written

class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : left_(bytes) {}
  template <class T>
  T get() {
    T value;
    if (left_.size() < sizeof value) damaged();
    std::memcpy(&value, left_.data(), sizeof value);
    left_.remove_prefix(sizeof value);
    return value;
  }
  /// A number of things that take at least so many bytes each.
  std::size_t count(std::size_t bytes) {
    const auto number = get<std::uint32_t>();
    if (number > left_.size() / bytes) damaged();
    return number;
  }

 private:
  std::string_view left_;
};

/// The same matter in another quantity.
bool alike(std::span<const Part> a, double a_kg, std::span<const Part> b, double b_kg) {
  if (a.size() != b.size() || !(b_kg > 0)) return false;
  const double scale = a_kg / b_kg;
  for (std::size_t k = 0; k < a.size(); ++k)
    if (a[k].of != b[k].of || std::abs(a[k].amount - b[k].amount * scale) > 1e-7 * a[k].amount) return false;
  return true;
}

/// All at once: a run has a hundred million of these.
template <class Number>
void append(std::string& bytes, std::span<const Part> parts) {
  constexpr std::size_t size = sizeof(std::uint16_t) + sizeof(Number);
  const std::size_t begin = bytes.size();
  bytes.resize(begin + parts.size() * size);
  char* to = bytes.data() + begin;
  for (const Part& part : parts) {
    const auto amount = static_cast<Number>(part.amount);
    std::memcpy(to, &part.of, sizeof part.of);
    std::memcpy(to + sizeof part.of, &amount, sizeof amount);
    to += size;
  }
}

void read_lots(Bytes& in, Edge& edge, std::vector<EdgeLot>& lots, bool with_parents) {
  lots.resize(in.count(17));
  const EdgeLot* last = nullptr;
  for (EdgeLot& lot : lots) {
    lot.id = in.get<std::uint64_t>();
    lot.kg = in.get<float>();
    lot.kind = in.get<std::uint32_t>();
    lot.first_part = static_cast<std::uint32_t>(edge.masses.size());
    lot.first_parent = static_cast<std::uint32_t>(edge.parents.size());
    const auto how = in.get<std::uint8_t>();
    if (how == like_the_last) {
      if (last == nullptr) damaged();
      const double scale = last->kg > 0 ? lot.kg / last->kg : 0;
      for (std::uint32_t k = 0; k < last->parts; ++k) {
        const Part part = edge.masses[last->first_part + k];
        edge.masses.push_back({part.of, part.amount * scale});
      }
    } else if (how == with_masses) {
      for (std::size_t k = in.count(6); k > 0; --k) {
        const auto of = in.get<std::uint16_t>();
        edge.masses.push_back({of, in.get<float>()});
      }
    }
    lot.parts = static_cast<std::uint32_t>(edge.masses.size()) - lot.first_part;
    lot.parents = with_parents ? static_cast<std::uint32_t>(in.count(4)) : 0;
    for (std::uint32_t k = 0; k < lot.parents; ++k) edge.parents.push_back(in.get<std::uint32_t>());
    if (lot.parts > 0) last = &lot;
  }
}

void read_parts(Bytes& in, std::vector<Part>& parts) {
  parts.resize(in.count(10));
  for (Part& part : parts) {
    part.of = in.get<std::uint16_t>();
    part.amount = in.get<double>();
  }
}

}  // namespace

void Edge::clear() {
  flows.clear();
  inputs.clear();
  outputs.clear();
  masses.clear();
  created.clear();
  transmuted.clear();
  parents.clear();
}

// --- writing -------------------------------------------------------------------------------------------------------------------

void EdgeWriter::put_parts(std::span<const Part> parts) {
  put(static_cast<std::uint32_t>(parts.size()));
  append<double>(bytes_, parts);
}

void EdgeWriter::put_lots(const Edge& edge, std::span<const EdgeLot> lots, bool with_parents) {
  put(static_cast<std::uint32_t>(lots.size()));
  const EdgeLot* last = nullptr;
  for (const EdgeLot& lot : lots) {
    put(lot.id);
    put(static_cast<float>(lot.kg));
    put(lot.kind);
    const std::span<const Part> masses = edge.masses_of(lot);
    const bool same = last != nullptr && alike(masses, lot.kg, edge.masses_of(*last), last->kg);
    put(masses.empty() ? std::uint8_t{0} : same ? like_the_last : with_masses);
    if (!masses.empty() && !same) {
      put(static_cast<std::uint32_t>(masses.size()));
      append<float>(bytes_, masses);
    }
    if (!masses.empty()) last = &lot;
    if (!with_parents) continue;
    put(lot.parents);
    for (const std::uint32_t parent : edge.parents_of(lot)) put(parent);
  }
}

void EdgeWriter::write(const Edge& edge) {
  const std::size_t begin = bytes_.size();
  put(std::uint32_t{0});
  put(edge.kind);
  put(edge.place);
  const bool is_job = edge.kind == EdgeKind::job || edge.kind == EdgeKind::unload;
  switch (edge.kind) {
    case EdgeKind::week: put(edge.week); break;
    case EdgeKind::root:
    case EdgeKind::end: put(edge.now); [[fallthrough]];
    case EdgeKind::mix: put_lots(edge, edge.inputs, false); break;
    case EdgeKind::split: put(edge.part), put_lots(edge, edge.inputs, false); break;
    default:
      put_parts(edge.flows);
      put_lots(edge, edge.inputs, false);
      if (is_job) put_lots(edge, edge.outputs, true), put_parts(edge.created), put_parts(edge.transmuted);
  }
  const auto size = static_cast<std::uint32_t>(bytes_.size() - begin);
  std::memcpy(bytes_.data() + begin, &size, sizeof size);
  jobs_ += is_job || edge.kind == EdgeKind::pass ? 1 : 0;
  if (jobs_ >= most_ || bytes_.size() >= most_bytes) flush();
}

void EdgeWriter::flush() {
  if (bytes_.empty()) return;
  sink_(bytes_, jobs_);
  bytes_.clear();
  jobs_ = 0;
}

// --- reading -------------------------------------------------------------------------------------------------------------------

std::vector<std::size_t> edges_in(std::string_view block) {
  std::vector<std::size_t> begins;
  for (std::size_t at = 0; at < block.size();) {
    const auto size = Bytes(block.substr(at)).get<std::uint32_t>();
    if (size < 9 || size > block.size() - at) damaged();
    begins.push_back(at);
    at += size;
  }
  return begins;
}

void read_edge(std::string_view bytes, Edge& edge) {
  Bytes in(bytes);
  edge.clear();
  in.get<std::uint32_t>();
  edge.kind = in.get<EdgeKind>();
  edge.place = in.get<std::uint32_t>();
  switch (edge.kind) {
    case EdgeKind::week: edge.week = in.get<std::int64_t>(); break;
    case EdgeKind::root:
    case EdgeKind::end: edge.now = in.get<double>(); [[fallthrough]];
    case EdgeKind::mix: read_lots(in, edge, edge.inputs, false); break;
    case EdgeKind::split: edge.part = in.get<double>(), read_lots(in, edge, edge.inputs, false); break;
    case EdgeKind::pass:
    case EdgeKind::job:
    case EdgeKind::unload:
      read_parts(in, edge.flows);
      read_lots(in, edge, edge.inputs, false);
      if (edge.kind == EdgeKind::pass) break;
      read_lots(in, edge, edge.outputs, true);
      read_parts(in, edge.created);
      read_parts(in, edge.transmuted);
      for (const std::uint32_t parent : edge.parents)
        if (parent >= edge.inputs.size()) damaged();
      break;
    default: damaged();
  }
  const std::size_t least = edge.kind == EdgeKind::week ? 0 : edge.kind == EdgeKind::mix || edge.kind == EdgeKind::split ? 2 : 1;
  if (edge.inputs.size() < least) damaged();
}

void EdgeStore::forward(const std::function<void(const Edge&)>& visit) const {
  Edge edge;
  for (std::size_t k = 0; k < blocks(); ++k) {
    const std::string bytes = block(k);
    for (const std::size_t at : edges_in(bytes)) read_edge(std::string_view(bytes).substr(at), edge), visit(edge);
  }
}

void EdgeStore::backward(const std::function<void(const Edge&)>& visit) const {
  Edge edge;
  for (std::size_t k = blocks(); k > 0; --k) {
    const std::string bytes = block(k - 1);
    const std::vector<std::size_t> begins = edges_in(bytes);
    for (std::size_t at = begins.size(); at > 0; --at) read_edge(std::string_view(bytes).substr(begins[at - 1]), edge), visit(edge);
  }
}

}  // namespace retwin
