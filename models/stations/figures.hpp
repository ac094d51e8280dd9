// Figures of a unit operation: from a recipe of the library, each of which the station's own fields may replace.
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "core/flow/matter/unit_operation.hpp"

namespace retwin {

/// One number of a recipe.
struct Figure {
  const char* name;
  Dimension dimension;
  Range range;
  const char* doc;
  std::optional<double> given = {};  ///< by the station's file [SI]
  double value = 0;                  ///< after bind [SI]
};

/// The figures of a unit operation, in a fixed order; `recipe` names the document ("recipes/leach_nmc") with the defaults.
class Figures {
 public:
  Figures(std::string recipe, std::initializer_list<Figure> figures) : recipe_(std::move(recipe)), figures_(figures) {}
  void fields(Fields& fields);
  /// Takes what the file did not give from the recipe; a missing or misfit entry is a problem (library).
  void bind(Binder& binder);
  double operator[](std::size_t i) const { return figures_[i].value; }

 private:
  std::string recipe_;
  std::vector<Figure> figures_;
};

/// A map of shares that sum to 1, each with the output port of its name ("grades: {pass: 80 %, reject: 20 %}").
class Shares {
 public:
  explicit Shares(std::vector<NamedNumber> defaults) : entries_(std::move(defaults)) {}
  void fields(Fields& fields, const char* name, const char* doc);
  void check(Binder& binder, const char* name) const;
  std::vector<PortInfo> ports(const char* doc) const;
  const std::vector<NamedNumber>& entries() const { return entries_; }
  /// The entry that a uniform number falls into.
  int pick(double uniform) const;

 private:
  std::vector<NamedNumber> entries_;
};

/// Sends material through a port as a new lot of a kind; nothing leaves if there is nothing.
/// @return handle for set_output, -1 if nothing left
inline int emit(Job& job, int kind, int port, Material&& material, int parent = 0) {
  if (!(material.mass() > 0)) {
    job.nothing().absorb(std::move(material));
    return -1;
  }
  return job.make(kind, port, std::move(material), parent);
}

/// All material of all inputs in one; the inputs end.
inline Material take_all(Job& job) {
  Material all = job.nothing();
  for (int i = 0; i < job.inputs(); ++i) {
    all.absorb(job.take(i));
    job.end(i);
  }
  return all;
}

/// Adds a reagent from outside to material, metered as `flow`.
inline void dose(Job& job, Material& material, int component, double kg, int flow) {
  if (kg > 0) material.absorb(job.create(component, kg, flow));
}

}  // namespace retwin
