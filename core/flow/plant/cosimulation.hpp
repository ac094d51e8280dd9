// The door to who simulates what computers and links of the digital layer share. Behind it stands SimGrid, see core/platform.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace retwin {

/// A computer, or a link between computers.
struct DigitalDevice {
  std::string name;
  bool link = false;
  bool shared = true;      ///< a link: transfers share it; else each has all of it (a backbone)
  double capacity = 0;     ///< of a computer, all cores [operations/s]; of a link [byte/s]
  std::uint32_t cores = 1;
  double streams = 0;      ///< of its capacity, taken by streams before all else
  /// A computation runs on one core.
  double core() const { return capacity / cores; }
};

/// What goes on of a task: a computation, or a transfer.
struct DigitalActivity {
  double left = 0;                      ///< operations, or bytes; more than 0
  std::span<const std::uint32_t> over;  ///< devices: its computer, or its links
};

/// Asked only while activities share something. The answer depends on nothing but the question, so that a state may be copied, saved or gone on
/// with at any moment, and who asks, in which thread and in which order, changes no byte.
class Cosimulation {
 public:
  virtual ~Cosimulation() = default;
  /// The same network of devices with other figures.
  virtual std::shared_ptr<const Cosimulation> of(std::vector<DigitalDevice> devices) const = 0;
  /// @param capacity of each device now: of links with outages less than what they have
  /// @return what is done of each of the activities by time, until the first of them ends [operations/s, byte/s]
  /// @throws std::runtime_error if the simulation of the network fails, with what it says
  virtual std::vector<double> rates(std::span<const double> capacity, std::span<const DigitalActivity> activities) const = 0;
};

}  // namespace retwin
