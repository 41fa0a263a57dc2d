// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_SCATTER_HPP
#define GAUS_DETAIL_SCATTER_HPP

#include <gaus/detail/accessible.hpp>
#include <gaus/detail/arrays.hpp>
#include <gaus/detail/lanes.hpp>
#include <gaus/detail/launch.hpp>
#include <gaus/detail/workspace.hpp>

#include <Kokkos_Core.hpp>
#include <cstdint>
#include <type_traits>

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

/// What one contributor adds to one entry. 32 bits do for a float, and they become vector code.
template <class Real>
using FixedShare = std::conditional_t<sizeof(Real) == 4, std::int32_t, Fixed>;

/// 2^k such that shares up to most and sums up to total fit.
template <class Real>
double fixed_scale(double total, double most) {
  double scale = fixed_scale(total);
  double const bound = most > 1e-300 ? most : 1.0;
  if (sizeof(Real) == 4)
    while (scale * bound > 1073741824.0) scale /= 2;  // 2^30
  return scale;
}

/// Copies of the entries, one row each.
template <class MemorySpace>
using FixedCopies = Kokkos::View<Fixed**, Kokkos::LayoutRight, MemorySpace>;

/// Zeroed copies for n contributors: one on a device, one a thread on the host. A copy is followed by
/// zeros, for lanes that lie beyond.
template <class ExecutionSpace, class MemorySpace>
FixedCopies<MemorySpace> fixed_copies(ExecutionSpace const& exec, Workspace<MemorySpace>& workspace,
                                      char const* label, int contributors, std::size_t entries) {
  int copies = 1;
  if constexpr (runs_on_host<ExecutionSpace>) {
    copies = contributors / (parallel_grain / 2);
    if (copies > exec.concurrency()) copies = exec.concurrency();
    if (copies < 1) copies = 1;
  }
  entries += static_cast<std::size_t>(lanes_of<MemorySpace>);
  auto const flat =
      workspace.template array<Fixed>(label, static_cast<std::size_t>(copies) * entries);
  zero_values(exec, flat);
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
  /// The same for N entries from a first one on.
  template <int N, class Share>
  KOKKOS_FUNCTION void lanes(std::size_t first, Share const (&values)[N]) const {
    if constexpr (Atomic) {
      for (int u = 0; u < N; ++u)
        if (values[u] != 0) Kokkos::atomic_add(copy + first + u, Fixed(values[u]));
    } else {
      Fixed* const to = copy + first;
      GAUS_LANE_LOOP
      for (int u = 0; u < N; ++u) to[u] += values[u];
    }
  }
};

/// One contiguous share of the contributors into one copy of either kind.
template <class Body, class MemorySpace>
struct ScatterShare {
  Body body;
  FixedCopies<MemorySpace> first;
  FixedCopies<MemorySpace> second;
  int contributors;
  void operator()(int copy) const {
    auto const total = static_cast<std::int64_t>(contributors);
    auto const shares = static_cast<std::int64_t>(first.extent(0));
    int const begin = static_cast<int>(total * copy / shares);
    int const end = static_cast<int>(total * (copy + 1) / shares);
    Adder<false> const add{&first(copy, 0)};
    Adder<false> const local{&second(copy, 0)};
    run_range([&](int i) { body(i, add, local); }, begin, end);
  }
};

/// One contributor a thread, atomically into the one copy of either kind.
template <class Body, class MemorySpace>
struct ScatterAtomic {
  Body body;
  FixedCopies<MemorySpace> first;
  FixedCopies<MemorySpace> second;
  KOKKOS_FUNCTION void operator()(int i) const {
    body(i, Adder<true>{first.data()}, Adder<true>{second.data()});
  }
};

/// Runs body(i, add, local) for every contributor i; each of the two sums into its own copies.
template <class ExecutionSpace, class Body, class MemorySpace>
void scatter(char const* label, ExecutionSpace const& exec, int contributors,
             FixedCopies<MemorySpace> const& first, FixedCopies<MemorySpace> const& second,
             Body const& body) {
  if constexpr (runs_on_host<ExecutionSpace>)
    Kokkos::parallel_for(
        label, Kokkos::RangePolicy<ExecutionSpace>(exec, 0, static_cast<int>(first.extent(0))),
        ScatterShare<Body, MemorySpace>{body, first, second, contributors});
  else
    Kokkos::parallel_for(label, Kokkos::RangePolicy<ExecutionSpace>(exec, 0, contributors),
                         ScatterAtomic<Body, MemorySpace>{body, first, second});
}

}  // namespace gaus::detail

#endif
