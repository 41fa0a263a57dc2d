// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_WORKSPACE_HPP
#define GAUS_DETAIL_WORKSPACE_HPP

#include <Kokkos_Core.hpp>
#include <cstddef>
#include <string>
#include <vector>

namespace gaus {

/// Buffers that survive from one evaluation to the next.
///
/// A policy asks for what it needs, in the same order every time; the first round allocates, later
/// rounds get the same buffers back, so that an iteration never allocates. rewind() starts a round.
/// What a buffer holds at the start of a round is unspecified. Lives on the host; one per solve,
/// not for concurrent use.
template <class MemorySpace>
class Workspace {
 public:
  /// Starts a new round of requests.
  void rewind() { next_ = 0; }

  /// An array of n entries; rank-0 slots are arrays of one.
  template <class T>
  Kokkos::View<T*, MemorySpace> array(char const* label, std::size_t n) {
    std::size_t const bytes = n * sizeof(T);
    if (next_ == blocks_.size()) blocks_.emplace_back();
    auto& block = blocks_[next_++];
    if (block.bytes.extent(0) < bytes) {
      block.bytes = Kokkos::View<std::byte*, MemorySpace>(
          Kokkos::view_alloc(std::string(label), Kokkos::WithoutInitializing), bytes);
    }
    return Kokkos::View<T*, MemorySpace>(reinterpret_cast<T*>(block.bytes.data()), n);
  }

  /// Bytes held at present.
  [[nodiscard]] std::size_t bytes() const {
    std::size_t total = 0;
    for (auto const& block : blocks_) total += block.bytes.extent(0);
    return total;
  }

 private:
  struct Block {
    Kokkos::View<std::byte*, MemorySpace> bytes;
  };
  std::vector<Block> blocks_;
  std::size_t next_ = 0;
};

}  // namespace gaus

#endif
