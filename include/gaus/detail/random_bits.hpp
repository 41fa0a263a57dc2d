// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_RANDOM_BITS_HPP
#define GAUS_DETAIL_RANDOM_BITS_HPP

#include <cstdint>

namespace gaus::detail {

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every platform, which the standard
/// library's distributions do not promise.
class RandomBits {
 public:
  explicit RandomBits(std::uint64_t seed) : state_(seed) {}

  std::uint64_t operator()() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// Uniform in [0, n), n >= 1; the bias of at most n / 2^32 does not matter here.
  int below(int n) {
    return static_cast<int>(((operator()() >> 32) * static_cast<std::uint64_t>(n)) >> 32);
  }
  /// Uniform in [0, 1).
  double unit() { return static_cast<double>(operator()() >> 11) * 0x1.0p-53; }

 private:
  std::uint64_t state_;
};

}  // namespace gaus::detail

#endif
