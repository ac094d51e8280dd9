// Edges: what happened to matter, as bytes in blocks. A job is a hyperedge from its inputs to its outputs, with the flows it used.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace retwin {

enum class EdgeKind : std::uint8_t {
  root,    ///< a lot from outside; of an unloading, its outputs are
  pass,    ///< a job whose lots go on as they are; also what a lot uses at its source or sink
  job,     ///< a job that changes, joins or parts its lots
  unload,  ///< a job whose outputs come from outside, in its inputs
  mix,     ///< two portions have become the first
  split,   ///< a part of a portion is another one now
  end,     ///< a lot is gone: at a sink, lost, used up
  week     ///< from here on it is another calendar week
};

/// So much of a component, or of a flow.
struct Part {
  std::uint16_t of = 0;
  double amount = 0;  ///< [kg], [SI unit of the flow]
};
/// A lot at one end of an edge. Masses are kept in single precision: they are weights by which totals are shared out.
struct EdgeLot {
  std::uint64_t id = 0;
  double kg = 0;
  std::uint32_t kind = 0;
  std::uint32_t first_part = 0, parts = 0;      ///< among the edge's masses; none: what it is made of does not matter
  std::uint32_t first_parent = 0, parents = 0;  ///< inputs that an output comes from; none: all
};
struct Edge {
  EdgeKind kind = EdgeKind::pass;
  std::uint32_t place = 0;     ///< station, or node as Observer::lot_ended tells it; root: source
  std::int64_t week = 0;       ///< week: which, counted from that of 1970-01-01
  double now = 0;              ///< root, end [s]
  double part = 0;             ///< split: of the portion that it was cut off
  std::vector<Part> flows;     ///< that it used; one may come more than once
  std::vector<EdgeLot> inputs, outputs;  ///< one after the other; root, end and split: the lot alone, split: then the piece
  std::vector<Part> masses, created, transmuted;
  std::vector<std::uint32_t> parents;

  std::span<const Part> masses_of(const EdgeLot& lot) const { return std::span(masses).subspan(lot.first_part, lot.parts); }
  std::span<const std::uint32_t> parents_of(const EdgeLot& lot) const { return std::span(parents).subspan(lot.first_parent, lot.parents); }
  void clear();
};

/// Edges to bytes; every so many jobs a block is given away.
class EdgeWriter {
 public:
  using Sink = std::function<void(std::string_view block, std::size_t jobs)>;
  explicit EdgeWriter(Sink sink, std::size_t jobs_in_block = 1000) : sink_(std::move(sink)), most_(jobs_in_block) {}
  void write(const Edge& edge);
  void flush();
  std::string_view pending() const { return bytes_; }  ///< what no block holds yet

 private:
  template <class T>
  void put(const T& value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put_lots(const Edge& edge, std::span<const EdgeLot> lots, bool with_parents);
  void put_parts(std::span<const Part> parts);
  Sink sink_;
  std::size_t most_, jobs_ = 0;
  std::string bytes_;
};

/// Blocks of edges, in the order in which things happened.
class EdgeStore {
 public:
  virtual ~EdgeStore() = default;
  virtual std::size_t blocks() const = 0;
  virtual std::string block(std::size_t number) const = 0;
  void forward(const std::function<void(const Edge&)>& visit) const;
  void backward(const std::function<void(const Edge&)>& visit) const;
};
class EdgesInMemory : public EdgeStore {
 public:
  std::vector<std::string> all;
  std::size_t blocks() const override { return all.size(); }
  std::string block(std::size_t number) const override { return all[number]; }
};

/// Where each edge of a block begins. @throws InputError (file): it is damaged
std::vector<std::size_t> edges_in(std::string_view block);
void read_edge(std::string_view bytes, Edge& edge);

}  // namespace retwin
