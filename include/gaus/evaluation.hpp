// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_EVALUATION_HPP
#define GAUS_EVALUATION_HPP

#include <gaus/detail/arrays.hpp>
#include <gaus/detail/workspace.hpp>

#include <Kokkos_Core.hpp>
#include <cstddef>

// What flows back from one evaluation of the relaxation: a cost and two gradients, one entry an
// operation. Policies add to the gradients, so that they compose without glue; each has a cost slot
// of its own, so that every term stays on record.
namespace gaus {

/// Where a policy leaves its result. A small value; kernels may copy it.
template <class Real, class MemorySpace>
struct Evaluation {
  Kokkos::View<double, MemorySpace> cost;       ///< this policy's own slot: overwritten
  Kokkos::View<Real*, MemorySpace> d_mean;      ///< shared by all policies: added to
  Kokkos::View<Real*, MemorySpace> d_spread;    ///< shared by all policies: added to
  Workspace<MemorySpace>* workspace = nullptr;  ///< buffers, for the host code of evaluate()
  double weight = 1;                            ///< factor on the gradient
  bool spreads = true;  ///< whether anybody reads d_spread; policies may leave it alone where not

  /// Adds to both gradients of an operation.
  KOKKOS_FUNCTION void add(int i, Real mean, Real spread) const {
    d_mean(i) += mean;
    if (spreads) d_spread(i) += spread;
  }
};

/// An Evaluation with arrays of its own and a zero gradient.
template <class Real, class MemorySpace>
Evaluation<Real, MemorySpace> make_evaluation(int operations, Workspace<MemorySpace>& workspace) {
  auto const n = static_cast<std::size_t>(operations);
  return {detail::zeros<Kokkos::View<double, MemorySpace>>("gaus::evaluation::cost"),
          detail::zeros<Kokkos::View<Real*, MemorySpace>>("gaus::evaluation::d_mean", n),
          detail::zeros<Kokkos::View<Real*, MemorySpace>>("gaus::evaluation::d_spread", n),
          &workspace};
}

}  // namespace gaus

#endif
