// What a scenario says of the digital layer: computers, links between them, and what is computed and sent.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/scenario/specs/specs.hpp"

namespace retwin {

struct HostSpec {
  std::string name;
  Place place;
  Located speed;
  std::int64_t cores = 1;
  double power_W = 0, idle_power_W = 0;
  Located station;
  std::vector<OutageSpec> fails;
  std::string source;
  int confidence = -1;
  void fields(Fields& f);
};

struct LinkSpec {
  std::string name;
  Place place;
  Located bandwidth;
  double latency_s = 0;
  std::vector<OutageSpec> fails;
  std::string source;
  int confidence = -1;
  void fields(Fields& f);
};

/// The links between two computers.
struct WaySpec {
  Place place;
  Located from, to;
  std::vector<Located> over;
  bool one_way = false;
  void fields(Fields& f);
};

/// What flows all the time.
struct StreamSpec {
  std::string name;
  Place place;
  Located send, from, to, compute, on;
  void fields(Fields& f);
};

struct TaskStepSpec {
  Place place;
  Located send, from, to, compute, on;
  void fields(Fields& f);
};

struct TaskSpec {
  std::string name;
  Place place;
  std::vector<TaskStepSpec> steps;
  DistributionValue every{dimension::time, false, Range::non_negative()};
  double first_s = 0;
  std::vector<Located> after;
  bool per_lot = false;
  std::optional<std::int64_t> at_once;
  std::string source;
  int confidence = -1;
  void fields(Fields& f);
};

struct DigitalSpec {
  bool given = false;
  Located platform;
  std::vector<HostSpec> hosts;
  std::vector<LinkSpec> links;
  std::vector<WaySpec> routes;
  std::vector<StreamSpec> streams;
  std::vector<TaskSpec> tasks;
  void fields(Fields& f);
};

}  // namespace retwin
