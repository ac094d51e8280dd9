// The seam between engine and physics: what a unit operation, and what a maker of lots, sees and may do.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/base/random.hpp"
#include "core/stats/distribution.hpp"

namespace retwin {

/// Components that material is made of and their elements; filled by the models from library data.
struct Substances {
  std::vector<std::string> components;
  std::vector<std::string> elements;
  std::vector<double> fraction;       ///< components x elements, kg/kg, row by row
  std::vector<double> molar_mass;     ///< per component [kg/mol], 0 if it is a mixture
  int component(std::string_view name) const;  ///< -1 if unknown
  std::size_t size() const { return components.size(); }
};

/// Resolves names to slots once, when a plant is compiled; reports problems at the place of the station.
class Binder {
 public:
  virtual ~Binder() = default;
  /// Slot of a numeric attribute of lots, made if new. @param truth a true property that only a label can tell in a plant
  virtual int attribute(const std::string& name, const Dimension& dimension, bool truth = false) = 0;
  /// Slot of a categorical attribute; its list of categories grows by those given.
  virtual int category(const std::string& name, const std::vector<std::string>& categories, bool truth = false) = 0;
  virtual const std::vector<std::string>& categories(int slot) const = 0;
  /// Index of a component; a problem (library) if the library lacks it. Asking makes lots carry masses.
  virtual int component(const std::string& name) = 0;
  virtual const Substances& substances() = 0;
  /// Index of a metered flow such as "electricity" [J], "H2SO4" [kg], "natural_gas" [m3], made if new.
  virtual int flow(const std::string& name, const Dimension& dimension) = 0;
  /// Index of a kind of lot ("pack", "module"), made if new. Divisible lots are bulk: batches by mass may cut them.
  virtual int kind(const std::string& name, bool divisible = false) = 0;
  /// A document of the library, e.g. "materials/steel"; empty map and a problem if missing.
  virtual const Node& library(const std::string& name) = 0;
  virtual Problems& problems() = 0;
  virtual const Place& place() const = 0;
  virtual const std::string& path() const = 0;
};

class Job;

/// Matter on its way through a job: it can be moved, absorbed, split off or transmuted, never copied and never lost. It knows of which
/// input it is.
/// What is left in one when it dies is a leak; the job reports it and the run stops with CheckError.
class Material {
 public:
  Material(Material&& other) noexcept;
  Material& operator=(Material&& other) noexcept;
  Material(const Material&) = delete;
  Material& operator=(const Material&) = delete;
  ~Material();
  double mass() const;                             ///< [kg]
  double operator[](int component) const { return kg_[static_cast<std::size_t>(component)]; }
  std::span<const double> masses() const { return kg_; }
  /// Takes in all of `other`.
  void absorb(Material&& other);
  /// Splits off the share [0, 1] of every component.
  Material extract(double share);
  /// Splits off a share [0, 1] per component (size: components).
  Material extract(std::span<const double> shares);
  static constexpr int from_outside = -1, mixed = -2;
  int from() const { return from_; }  ///< the input; `mixed`: of several; `from_outside`: of none

 private:
  friend class Job;
  Material(Job* job, std::vector<double> kg, int from) : job_(job), kg_(std::move(kg)), from_(from) {}
  void gone();
  Job* job_;
  std::vector<double> kg_;
  int from_;
};

/// One job at its completion, as the unit operation sees it: the lots that went in, and the verbs that make what comes out.
class Job {
 public:
  /// A lot that went in; the arrays belong to the engine (or to a test).
  struct Input {
    std::uint64_t identity = 0;
    int kind = 0;
    double* attributes = nullptr;
    double* kg = nullptr;  ///< masses per component, null if lots carry none
  };
  /// What comes out: a passed input (`input` >= 0) or a new lot (attributes and masses in the job's arrays).
  struct Output {
    int port = 0;
    int input = -1;   ///< the passed lot, or -1
    int parent = -1;  ///< the input that its attributes were copied from
    int from = -1;    ///< the input that its material came from, see Material::from
    int kind = 0;
    std::size_t attributes = 0, kg = 0;  ///< offsets
  };
  struct Metered {
    int flow;
    double amount;
  };
  struct Transmuted {  // recorded change of components, sums to zero mass
    int component;
    double kg;
  };

  /// A tank that doses of a flow are taken from first, with all that it holds in proportion.
  struct Supply {
    int flow, component;
    const double* kg = nullptr;  ///< what it holds, per component
    double gone = 0;             ///< share of that which the job has drawn
    double fresh_kg = 0;         ///< what was asked for and made, the tank lacking it
    int input = -1;              ///< what was drawn is one more input, behind those that went in; -1: nothing was
  };

  Job(std::size_t attributes, std::size_t components) : n_attributes_(attributes), n_components_(components) {}
  /// Makes it ready for another job.
  void reset(Draws draws, std::span<double> memory, double duration_s);
  void add_input(const Input& input) {
    inputs_.push_back(input);
    fate_.push_back(Fate::open);
    taken_.push_back(0);
  }

  void add_supply(int flow, int component, const double* kg) { supplies_.push_back({flow, component, kg}); }

  // --- what went in
  int inputs() const { return static_cast<int>(inputs_.size()); }
  double attribute(int input, int slot) const { return inputs_[static_cast<std::size_t>(input)].attributes[slot]; }
  void set_attribute(int input, int slot, double value) { inputs_[static_cast<std::size_t>(input)].attributes[slot] = value; }
  int kind(int input) const { return inputs_[static_cast<std::size_t>(input)].kind; }
  std::uint64_t identity(int input) const { return inputs_[static_cast<std::size_t>(input)].identity; }
  std::span<const double> masses(int input) const;  ///< [kg] per component
  double mass(int input) const;                     ///< [kg]
  double duration_s() const { return duration_s_; }

  // --- chance and memory
  /// The n-th uniform draw of this job in (0, 1); n is the caller's, from 0.
  double uniform(std::uint64_t n) const { return draws_.uniform(draw_offset + n); }
  double sample(const Distribution& distribution, std::uint64_t n) const { return distribution.sample(uniform(n)); }
  std::span<double> memory() const { return memory_; }  ///< of the server, see UnitOperation::memory; `duration_s` only reads it

  // --- the four verbs and where things go
  Material take(int input);                            ///< all material of a lot; the lot must then end or pass empty
  Material create(int component, double kg, int flow); ///< a reagent, air: from a tank of that flow, else from outside, metered as `flow` [kg] (-1: not metered)
  void transmute(Material& material, int component, double kg);  ///< changes a component by kg; over the job these must sum to 0
  void pass(int input, int port);                      ///< the lot goes on through a port
  void pass_with(int input, int port, Material&& material);  ///< likewise, with this material now in it
  void end(int input);                                 ///< the lot is no more; its material must have been taken
  /// A new lot of a kind through a port, attributes copied from input `parent`. @return handle for set_output
  int make(int kind, int port, Material&& material, int parent = 0);
  int make(int kind, int port, int parent = 0);        ///< without material
  void set_output(int output, int slot, double value); ///< attribute of a made lot
  double output_attribute(int output, int slot) const;
  void meter(int flow, double amount);                 ///< use of a flow [its SI unit]
  Material nothing();                                  ///< an empty material to absorb into

  // --- for the engine
  static constexpr std::uint64_t draw_offset = 64;  ///< draws below belong to the engine (durations, routes)
  const std::vector<Output>& outputs() const { return outputs_; }
  const double* output_attributes(const Output& o) const { return attributes_.data() + o.attributes; }
  const double* output_kg(const Output& o) const { return kg_.data() + o.kg; }
  const std::vector<Metered>& metered() const { return metered_; }
  const std::vector<Transmuted>& created() const { return created_; }
  const std::vector<Transmuted>& transmuted() const { return transmuted_; }
  const std::vector<Supply>& supplies() const { return supplies_; }
  /// Whether material of a lot was taken, or put into it. What came from a tank was.
  bool taken(int input) const { return input >= inputs() || taken_[static_cast<std::size_t>(input)] != 0; }
  bool ended(int input) const { return fate_[static_cast<std::size_t>(input)] == Fate::ended; }
  /// Empty if the job is in order; else what is wrong: a leak, a lot without a fate, transmutations that do not balance by mass or by
  /// element to 1e-9 of what goes through the job, an output of a port or kind that does not exist.
  std::string verdict(std::size_t ports, std::size_t kinds, const Substances& substances = {}) const;

 private:
  friend class Material;
  enum class Fate : std::uint8_t { open, passed, ended };
  std::size_t n_attributes_, n_components_;
  Draws draws_;
  std::span<double> memory_;
  double duration_s_ = 0;
  std::vector<Input> inputs_;
  std::vector<Fate> fate_;
  std::vector<std::uint8_t> taken_;
  std::vector<Output> outputs_;
  std::vector<double> attributes_, kg_;
  std::vector<Metered> metered_;
  std::vector<Transmuted> created_, transmuted_;
  std::vector<Supply> supplies_;
  int drawn_ = 0;  ///< supplies that are inputs
  double draw(Supply& supply, double kg, Material& into);
  std::string unbalanced(double through, const Substances& substances) const;
  std::vector<double> buffer();
  std::vector<std::vector<double>> spare_;  ///< of materials that are gone
  double leaked_kg_ = 0;
};

/// An output port of a unit operation.
struct PortInfo {
  std::string name;
  std::string doc;
  bool optional = false;  ///< may stay unconnected if nothing ever leaves through it
};

/// Something that a server remembers from job to job: how far a bath is exhausted, how much cake lies in a filter.
struct MemoryField {
  std::string name;
  Dimension dimension;
  double initial = 0;  ///< at the start, and when work on the machine renews it [SI]
  std::string doc;
};

/// What happens to a feed in a station. Never sees the clock, a queue or another station. Immutable after bind; shared by
/// threads. One object per station of the plant.
class UnitOperation {
 public:
  virtual ~UnitOperation() = default;
  /// Parameters of this operation, beside the station's own fields.
  virtual void fields(Fields&) {}
  /// Output ports; known after the fields were read.
  virtual std::vector<PortInfo> ports() const { return {{"out", "what comes out", false}}; }
  /// Resolves names; called once after the fields were read.
  virtual void bind(Binder&) {}
  /// Whether `duration_s` knows a time; else the file must give duration, phases or throughput.
  virtual bool has_duration() const { return false; }
  /// Time for a feed [s], for stations whose file gives none.
  virtual double duration_s(const Job&) const { return 0; }
  /// What each server remembers, known after bind: `Job::memory` in this order, also in `duration_s`. Servers without number share one.
  virtual std::vector<MemoryField> memory() const { return {}; }
  /// What comes out and what is used, at completion.
  virtual void process(Job&) const = 0;
  /// Whether its code was brought along by the program around this one: what is wrong with it is an error of the run, not of ours.
  virtual bool foreign() const { return false; }
};

/// A lot about to be made by a source (or unloaded from one).
struct NewLot {
  Draws draws;
  std::span<double> attributes;
  std::span<double> kg;  ///< empty if lots carry no masses
};

/// Makes the lots of a source: attributes and masses. One object per source; immutable after bind.
class LotMaker {
 public:
  virtual ~LotMaker() = default;
  virtual void fields(Fields&) {}
  virtual void bind(Binder&) {}
  virtual void make(NewLot&) const {}
};

}  // namespace retwin
