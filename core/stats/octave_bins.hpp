// Bins of equal relative width: what histograms of values and of levels over time count in.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace retwin {

/// 2^mantissa_bits bins to an octave. The exponent and the first bits of the mantissa of a positive double are the number of its bin. Only
/// the bins between the lowest and the highest used take memory.
template <class Count, int mantissa_bits>
class OctaveBins {
 public:
  static constexpr std::uint64_t bin(double x) { return std::bit_cast<std::uint64_t>(x) >> drop; }
  static constexpr double edge(std::uint64_t bin) { return std::bit_cast<double>(bin << drop); }

  std::size_t size() const { return counts_.size(); }
  std::uint64_t first() const { return first_; }                        ///< number of the first bin kept
  const Count& operator[](std::size_t i) const { return counts_[i]; }  ///< of bin first() + i
  double low(std::size_t i) const { return edge(first_ + i); }
  const std::vector<Count>& counts() const { return counts_; }

  /// The bin of a number, kept from now on.
  Count& at(std::uint64_t bin) {
    const std::uint64_t i = bin - first_;  // wraps around below the first bin
    return i < counts_.size() ? counts_[i] : grow(bin);
  }
  /// Takes away what `earlier`, a copy of this as it was, has counted.
  OctaveBins& operator-=(const OctaveBins& earlier) {
    for (std::size_t i = 0; i < earlier.counts_.size(); ++i) counts_[earlier.first_ - first_ + i] -= earlier.counts_[i];
    return *this;
  }
  OctaveBins& operator+=(const OctaveBins& other) {
    for (std::size_t i = 0; i < other.counts_.size(); ++i)
      if (other.counts_[i] > Count{}) at(other.first_ + i) += other.counts_[i];
    return *this;
  }
  /// Shows its parts to an archive that writes them or reads them back.
  template <class Self, class Archive>
  static void visit(Self& self, Archive& archive) {
    archive(self.first_);
    archive(self.counts_);
  }

 private:
  static constexpr int drop = 52 - mantissa_bits;
  Count& grow(std::uint64_t bin) {
    if (counts_.empty()) first_ = bin;
    if (bin < first_) {
      counts_.insert(counts_.begin(), first_ - bin, Count{});
      first_ = bin;
    } else if (bin - first_ >= counts_.size()) {
      counts_.resize(bin - first_ + 1, Count{});
    }
    return counts_[bin - first_];
  }

  std::uint64_t first_ = 0;
  std::vector<Count> counts_;
};

}  // namespace retwin
