// Names of things that can be plugged in (unit operations, kinds of lots, KPIs) and how to make them.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/flow/matter/unit_operation.hpp"

namespace retwin {

/// One entry of a list of makers.
template <class T>
struct Maker {
  std::string doc;  ///< one sentence
  std::string example;  ///< fields beside the name as a YAML map; every law is run on it ("" for none needed)
  std::function<std::unique_ptr<T>()> make;
};

/// Reads library documents by name ("materials/steel"); looks beside the plant first, then in the installed library.
class Library {
 public:
  virtual ~Library() = default;
  /// The document, or null (then a problem `library` with near names was added).
  virtual const Node* document(const std::string& name, const Place& from, Problems& problems) = 0;
  virtual std::vector<std::string> list(const std::string& folder) = 0;
};

/// Everything the generic half can be given; the models fill it, one line each.
struct Registry {
  std::map<std::string, Maker<UnitOperation>> unit_operations;
  std::map<std::string, Maker<LotMaker>> lots;
  std::function<Substances(Library&, Problems&)> substances;
};

}  // namespace retwin
