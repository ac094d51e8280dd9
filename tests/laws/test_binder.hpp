// A binder and a bench for unit operations without a plant: jobs are fed directly, and their balances are added up.
#pragma once
#include <cmath>
#include <deque>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/flow/matter/unit_operation.hpp"
#include "core/registry.hpp"
#include "core/scenario/document/document.hpp"
#include "core/scenario/library/file_library.hpp"
#include "models/models.hpp"

namespace retwin::testing {

/// Resolves names as the plant compiler does, over the library of the repository.
class TestBinder final : public Binder {
 public:
  TestBinder() : library_({std::string(RETWIN_SOURCE_DIR) + "/scenarios/library"}) { register_models(registry_); }

  int attribute(const std::string& name, const Dimension&, bool) override { return slot(attributes_, name); }
  int category(const std::string& name, const std::vector<std::string>& categories, bool) override {
    const int index = slot(attributes_, name);
    for (const std::string& c : categories) slot(categories_[index], c);
    return index;
  }
  const std::vector<std::string>& categories(int index) const override { return categories_.at(index); }
  int component(const std::string& name) override {
    const int index = substances().component(name);
    if (index < 0) problems_.error(Code::library, place_, path_, "no such component: " + name);
    return index;
  }
  const Substances& substances() override {
    if (substances_.components.empty()) substances_ = registry_.substances(library_, problems_);
    return substances_;
  }
  int flow(const std::string& name, const Dimension&) override { return slot(flows_, name); }
  int kind(const std::string& name, bool) override { return slot(kinds_, name); }
  const Node& library(const std::string& name) override {
    const Node* node = library_.document(name, place_, problems_);
    return node == nullptr ? nothing_ : *node;
  }
  Problems& problems() override { return problems_; }
  const Place& place() const override { return place_; }
  const std::string& path() const override { return path_; }

  Registry& registry() { return registry_; }
  Library& files() { return library_; }
  const std::vector<std::string>& attributes() const { return attributes_; }
  const std::vector<std::string>& flows() const { return flows_; }
  const std::vector<std::string>& kinds() const { return kinds_; }

  /// A bound unit operation with fields as YAML text (empty: the registered example). @throws on any problem
  std::unique_ptr<UnitOperation> operation(const std::string& name, const std::string& yaml = {}) {
    const Maker<UnitOperation>& maker = registry_.unit_operations.at(name);
    auto made = maker.make();
    bind(*made, yaml.empty() ? maker.example : yaml);
    return made;
  }
  std::unique_ptr<LotMaker> lot(const std::string& name, const std::string& yaml = {}) {
    const Maker<LotMaker>& maker = registry_.lots.at(name);
    auto made = maker.make();
    bind(*made, yaml.empty() ? maker.example : yaml);
    return made;
  }

 private:
  static int slot(std::vector<std::string>& names, const std::string& name) {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == name) return static_cast<int>(i);
    names.push_back(name);
    return static_cast<int>(names.size()) - 1;
  }
  template <class T>
  void bind(T& made, const std::string& yaml) {
    const auto node = read_yaml(yaml.empty() ? "{}" : yaml, "test.yaml", problems_);
    if (node) read_fields(*node, "test", problems_, [&](Fields& f) { made.fields(f); });
    made.bind(*this);
    problems_.throw_if_errors();
  }

  FileLibrary library_;
  Registry registry_;
  Problems problems_;
  Place place_;
  std::string path_ = "test";
  Node nothing_ = Node::map();
  Substances substances_;
  std::vector<std::string> attributes_, flows_, kinds_;
  std::map<int, std::vector<std::string>> categories_;
};

/// A lot outside of any plant.
struct TestLot {
  std::string kind;
  std::vector<double> attributes;
  std::vector<double> kg;
  double mass() const {
    double sum = 0;
    for (double m : kg) sum += m;
    return sum;
  }
};

/// Runs one job and keeps what came out, what was metered, and the balance of every element.
class TestBench {
 public:
  explicit TestBench(TestBinder& binder) : binder_(binder) {}

  /// Lots by port.
  using Out = std::map<std::string, std::vector<TestLot>>;

  Out run(const UnitOperation& operation, std::vector<TestLot> feed, std::uint64_t seed = 1) {
    const std::size_t n_attributes = binder_.attributes().size(), n_components = binder_.substances().size();
    Job job(n_attributes, n_components);
    std::vector<double> memory;
    for (const MemoryField& field : operation.memory()) memory.push_back(field.initial);
    job.reset(Draws{seed, stream_id("test"), ++jobs_}, memory, 3600);
    std::vector<double> before = elements({});
    for (TestLot& lot : feed) {
      lot.attributes.resize(n_attributes);
      lot.kg.resize(n_components);
      add(before, elements(lot.kg));
    }
    for (TestLot& lot : feed) job.add_input({++lots_, binder_.kind(lot.kind, false), lot.attributes.data(), lot.kg.data()});
    operation.process(job);
    verdict = job.verdict(operation.ports().size(), binder_.kinds().size());
    for (const Job::Transmuted& t : job.created()) {
      std::vector<double> kg(n_components);
      kg[static_cast<std::size_t>(t.component)] = t.kg;
      add(before, elements(kg));
    }
    Out out;
    if (verdict.starts_with("an output")) return out;  // of a port or kind that is none
    std::vector<double> after = elements({});
    const std::vector<PortInfo> ports = operation.ports();
    for (const Job::Output& o : job.outputs()) {
      TestLot lot;
      if (o.input >= 0) {
        lot = feed[static_cast<std::size_t>(o.input)];
      } else {
        lot.kind = binder_.kinds()[static_cast<std::size_t>(o.kind)];
        lot.attributes.assign(job.output_attributes(o), job.output_attributes(o) + n_attributes);
        lot.kg.assign(job.output_kg(o), job.output_kg(o) + n_components);
      }
      add(after, elements(lot.kg));
      out[ports.at(static_cast<std::size_t>(o.port)).name].push_back(lot);
    }
    for (const Job::Metered& m : job.metered()) metered[binder_.flows()[static_cast<std::size_t>(m.flow)]] += m.amount;
    imbalance = 0;
    for (std::size_t e = 0; e < after.size(); ++e)
      imbalance =
          std::max(imbalance, std::abs(after[e] - before[e]) / std::max({after[e], before[e], floor * total(before), 1e-300}));
    return out;
  }

  std::string verdict;                    ///< of the last job
  double floor = 1e-9;                    ///< share of all that an element counts as at least
  double imbalance = 0;                   ///< of the last job: largest relative gap of an element
  std::map<std::string, double> metered;  ///< of all jobs [SI]

  /// Mass of every element of a mass vector [kg].
  std::vector<double> elements(const std::vector<double>& kg) {
    const Substances& s = binder_.substances();
    std::vector<double> sum(s.elements.size());
    for (std::size_t c = 0; c < kg.size(); ++c)
      for (std::size_t e = 0; e < sum.size(); ++e) sum[e] += kg[c] * s.fraction[c * sum.size() + e];
    return sum;
  }

 private:
  static void add(std::vector<double>& to, const std::vector<double>& from) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
  }
  static double total(const std::vector<double>& v) {
    double sum = 0;
    for (double x : v) sum += x;
    return sum;
  }
  TestBinder& binder_;
  std::uint64_t jobs_ = 0, lots_ = 0;
};

/// The n-th lot of a maker.
inline TestLot make_lot(TestBinder& binder, const LotMaker& maker, const std::string& kind, std::uint64_t n,
                        std::uint64_t seed = 1) {
  TestLot lot{kind, std::vector<double>(binder.attributes().size()), std::vector<double>(binder.substances().size())};
  NewLot fresh{Draws{seed, stream_id("source"), identity(seed, n)}, lot.attributes, lot.kg};
  maker.make(fresh);
  return lot;
}

}  // namespace retwin::testing
