// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_SCATTER_HPP
#define GAUS_DETAIL_SCATTER_HPP

#include <gaus/detail/accessible.hpp>
#include <gaus/detail/workspace.hpp>

#include <Kokkos_Core.hpp>
#include <cstdint>
#include <string>

// Sums that many operations make into few entries, with the same bits in any order and on any
// number of threads: contributions are 64-bit integers (value * 2^k). On a device every thread adds
// atomically into one copy; on the host each thread has a copy of its own and no atomics are needed.
namespace gaus::detail {

using Fixed = std::int64_t;

/// 2^k such that sums up to total stay below 2^61.
inline double fixed_scale(double total) {
  double scale = 1;
  double const room = 2305843009213693952.0;  // 2^61
  double const bound = total > 1e-300 ? total : 1.0;
  while (scale * bound < room / 2 && scale < 1e17) scale *= 2;
  while (scale * bound > room) scale /= 2;
  return scale;
}

/// The integer towards zero: one instruction, where rounding would be a library call.
template <class Real>
KOKKOS_INLINE_FUNCTION Fixed to_fixed(Real value, double scale) {
  return static_cast<Fixed>(static_cast<double>(value) * scale);
}

/// Copies of the entries, one row each.
template <class MemorySpace>
using FixedCopies = Kokkos::View<Fixed**, Kokkos::LayoutRight, MemorySpace>;

/// Operations below which a second copy and a second thread cost more than they bring.
inline constexpr int scatter_grain = 4096;

/// Zeroed copies for n contributors: one on a device, one a thread on the host.
template <class ExecutionSpace, class MemorySpace>
FixedCopies<MemorySpace> fixed_copies(ExecutionSpace const& exec, Workspace<MemorySpace>& workspace,
                                      char const* label, int contributors, std::size_t entries) {
  int copies = 1;
  if constexpr (runs_on_host<ExecutionSpace>) {
    copies = contributors / scatter_grain;
    if (copies > exec.concurrency()) copies = exec.concurrency();
    if (copies < 1) copies = 1;
  }
  auto const flat =
      workspace.template array<Fixed>(label, static_cast<std::size_t>(copies) * entries);
  Kokkos::deep_copy(exec, flat, Fixed(0));
  return FixedCopies<MemorySpace>(flat.data(), copies, entries);
}

/// What a body adds through: plain in a copy of its own, atomic in a shared one.
template <bool Atomic>
struct Adder {
  Fixed* copy;
  KOKKOS_FUNCTION void operator()(std::size_t entry, Fixed value) const {
    if constexpr (Atomic)
      Kokkos::atomic_add(copy + entry, value);
    else
      copy[entry] += value;
  }
};

/// One contiguous share of the contributors into one copy.
template <class Body, class MemorySpace>
struct ScatterShare {
  Body body;
  FixedCopies<MemorySpace> copies;
  int contributors;
  KOKKOS_FUNCTION void operator()(int copy) const {
    auto const total = static_cast<std::int64_t>(contributors);
    auto const shares = static_cast<std::int64_t>(copies.extent(0));
    int const first = static_cast<int>(total * copy / shares);
    int const last = static_cast<int>(total * (copy + 1) / shares);
    Adder<false> const add{copies.data() + static_cast<std::size_t>(copy) * copies.extent(1)};
    for (int i = first; i < last; ++i) body(i, add);
  }
};

/// One contributor a thread, atomically into the one copy.
template <class Body, class MemorySpace>
struct ScatterAtomic {
  Body body;
  FixedCopies<MemorySpace> copies;
  KOKKOS_FUNCTION void operator()(int i) const { body(i, Adder<true>{copies.data()}); }
};

/// Runs body(i, add) for every contributor i; add(entry, value) sums into the copies.
template <class ExecutionSpace, class Body, class MemorySpace>
void scatter(char const* label, ExecutionSpace const& exec, int contributors,
             FixedCopies<MemorySpace> const& copies, Body const& body) {
  if constexpr (runs_on_host<ExecutionSpace>)
    Kokkos::parallel_for(
        label, Kokkos::RangePolicy<ExecutionSpace>(exec, 0, static_cast<int>(copies.extent(0))),
        ScatterShare<Body, MemorySpace>{body, copies, contributors});
  else
    Kokkos::parallel_for(label, Kokkos::RangePolicy<ExecutionSpace>(exec, 0, contributors),
                         ScatterAtomic<Body, MemorySpace>{body, copies});
}

}  // namespace gaus::detail

#endif
