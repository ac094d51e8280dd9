// Counter-based random numbers: a draw is a pure function of (seed, replication, stream, lot, draw); nothing is stored.
#pragma once
#include <cstdint>
#include <string_view>

namespace retwin {

/// Mixes 64 bits (the finaliser of SplitMix64, Steele, Lea & Flood 2014); a bijection.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

/// Identity of a named stream, independent of everything but the name (FNV-1a, then mixed).
constexpr std::uint64_t stream_id(std::string_view name) {
  std::uint64_t h = 0xcbf29ce484222325ull;
  for (char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return mix64(h);
}

/// Identity of something made by `maker` as its `ordinal`-th (a child of a lot, a batch of a station, a lot of a source).
constexpr std::uint64_t identity(std::uint64_t maker, std::uint64_t ordinal) { return mix64(maker ^ mix64(ordinal)); }

/// Key of one replication.
constexpr std::uint64_t replication_key(std::uint64_t seed, std::uint64_t replication) {
  return identity(seed, replication);
}

/// 64 uniform bits at (key; counter0, counter1): Philox 2x64 with 7 rounds (Salmon, Moraes, Dror & Shaw, SC11, table 2: six rounds
/// pass BigCrush, ten are their default). The same function as Random123's philox2x64_R(7), written out so that it inlines with a
/// single output; a test compares the two.
inline std::uint64_t philox(std::uint64_t key, std::uint64_t counter0, std::uint64_t counter1) {
  __extension__ typedef unsigned __int128 Wide;  // NOLINT(modernize-use-using): the extension needs it
  std::uint64_t c0 = counter0, c1 = counter1;
  for (int round = 0; round < 7; ++round) {
    const Wide product = static_cast<Wide>(0xD2B74407B1CE6E93ull) * c0;
    c0 = static_cast<std::uint64_t>(product >> 64) ^ key ^ c1;
    c1 = static_cast<std::uint64_t>(product);
    key += 0x9E3779B97F4A7C15ull;
  }
  return c0;
}

/// Bits to a double strictly inside (0, 1).
inline double to_unit(std::uint64_t bits) { return (static_cast<double>(bits >> 12) + 0.5) * 0x1.0p-52; }

/// Draws of one thing that happens to one lot: stream = who draws, lot = for whom; the n-th draw is addressed by n.
struct Draws {
  std::uint64_t key = 0;     ///< of the replication
  std::uint64_t stream = 0;  ///< of the station (or source, failure mode, ...), visit included
  std::uint64_t lot = 0;
  double uniform(std::uint64_t draw) const { return to_unit(philox(key, lot, stream + draw)); }
};

}  // namespace retwin
