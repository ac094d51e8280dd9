// Unit operations that know nothing of matter: splitting a lot, and forking it to several places at once.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/flow/matter/unit_operation.hpp"

namespace retwin {

/// A lot becomes `count` lots of a kind, each with an equal share of its mass and all of its attributes.
class Split : public UnitOperation {
 public:
  void fields(Fields& f) override;
  void bind(Binder& binder) override;
  void process(Job& job) const override;

 private:
  std::int64_t count_ = 2;
  std::string kind_name_ = "item";
  int kind_ = 0;
};

/// A lot becomes one sibling for each port, with an equal share of its mass; a station with batch: {siblings: true} joins them.
class Fork : public UnitOperation {
 public:
  void fields(Fields& f) override;
  void bind(Binder& binder) override;
  std::vector<PortInfo> ports() const override;
  void process(Job& job) const override;

 private:
  std::vector<Located> branches_;
  std::string kind_name_ = "item";
  int kind_ = 0;
};

}  // namespace retwin
