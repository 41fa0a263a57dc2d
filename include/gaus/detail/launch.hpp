// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_LAUNCH_HPP
#define GAUS_DETAIL_LAUNCH_HPP

#include <gaus/detail/accessible.hpp>

#include <Kokkos_Core.hpp>
#include <type_traits>

// How kernels that walk windows are launched. On a device: one thread an operation. On the host: one
// contiguous chunk of operations after the other, so that the loop over them is code of this library,
// which is compiled twice, for the vectors that every machine of this kind has and for those of 256
// bits, and chosen where it runs. Both make the same operations in the same order and no fused
// multiply-add, so that the bits are the same: hence not where the compiler may fuse. (Nor under the
// address sanitizer, whose checks do not become vectors.)

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__AVX2__) && !defined(__FMA__) && \
    !defined(__FMA4__) && !defined(__CUDACC__) && !defined(__HIPCC__) &&                   \
    !defined(__SANITIZE_ADDRESS__)
#define GAUS_WIDE_VECTORS
#endif

namespace gaus::detail {

#ifdef GAUS_WIDE_VECTORS
template <class Body>
__attribute__((target("avx2"), flatten)) void run_wide(Body const& body, int begin, int end) {
  for (int i = begin; i < end; ++i) body(i);
}
#endif

/// body(i) for begin <= i < end, on the host.
template <class Body>
void run_range(Body const& body, int begin, int end) {
#ifdef GAUS_WIDE_VECTORS
  if (__builtin_cpu_supports("avx2")) {
    run_wide(body, begin, end);
    return;
  }
#endif
  for (int i = begin; i < end; ++i) body(i);
}

/// Operations below which an iteration is over before a second thread has woken up (measured).
inline constexpr int parallel_grain = 4096;

/// An instance for iterations over so many operations: one without helpers where they are few.
template <class ExecutionSpace>
ExecutionSpace fitting_instance(ExecutionSpace const& exec, [[maybe_unused]] int operations) {
#ifdef KOKKOS_ENABLE_OPENMP
  if constexpr (std::is_same_v<ExecutionSpace, Kokkos::OpenMP>)
    if (operations < parallel_grain && exec.concurrency() > 1) return Kokkos::OpenMP(1);
#endif
  return exec;
}

/// The hint that a kernel's functor travels with its launch. Above 512 bytes, and one that holds a
/// graph is larger, some backends would copy it through one buffer instead, and wait for the kernel
/// that used it before.
inline constexpr auto direct_argument = Kokkos::Experimental::WorkItemProperty::HintLightWeight;

/// A range of n launched that way.
template <class ExecutionSpace>
auto direct_launch(ExecutionSpace const& exec, int n) {
  return Kokkos::Experimental::require(Kokkos::RangePolicy<ExecutionSpace>(exec, 0, n),
                                       direct_argument);
}

/// A body over chunks of operations.
template <class Body>
struct ChunkedBody {
  static constexpr int chunk = 256;
  Body body;
  int n;
  void operator()(int k) const {
    int const begin = k * chunk;
    run_range(body, begin, n - begin < chunk ? n : begin + chunk);
  }
};

/// Runs body(i) for 0 <= i < n.
template <class ExecutionSpace, class Body>
void for_each_operation(char const* label, ExecutionSpace const& exec, int n, Body const& body) {
  if constexpr (runs_on_host<ExecutionSpace>) {
    constexpr int chunk = ChunkedBody<Body>::chunk;
    Kokkos::parallel_for(
        label, Kokkos::RangePolicy<ExecutionSpace>(exec, 0, n / chunk + (n % chunk > 0 ? 1 : 0)),
        ChunkedBody<Body>{body, n});
  } else {
    Kokkos::parallel_for(label, direct_launch(exec, n), body);
  }
}

/// The same with a sum.
template <class Body>
struct ChunkedSum {
  static constexpr int chunk = ChunkedBody<Body>::chunk;
  Body body;
  int n;
  void operator()(int k, double& sum) const {
    double own = 0;
    int const begin = k * chunk;
    run_range([&](int i) { body(i, own); }, begin, n - begin < chunk ? n : begin + chunk);
    sum += own;
  }
};

/// Runs body(i, sum) for 0 <= i < n and writes the sum.
template <class ExecutionSpace, class Body, class MemorySpace>
void sum_over_operations(char const* label, ExecutionSpace const& exec, int n, Body const& body,
                         Kokkos::View<double, MemorySpace> const& sum) {
  Kokkos::Sum<double, MemorySpace> const reducer(sum);
  if constexpr (runs_on_host<ExecutionSpace>) {
    constexpr int chunk = ChunkedSum<Body>::chunk;
    Kokkos::parallel_reduce(
        label, Kokkos::RangePolicy<ExecutionSpace>(exec, 0, n / chunk + (n % chunk > 0 ? 1 : 0)),
        ChunkedSum<Body>{body, n}, reducer);
  } else {
    Kokkos::parallel_reduce(label, direct_launch(exec, n), body, reducer);
  }
}

}  // namespace gaus::detail

#endif
