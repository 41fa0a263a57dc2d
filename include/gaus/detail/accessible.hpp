// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_ACCESSIBLE_HPP
#define GAUS_DETAIL_ACCESSIBLE_HPP

#include <Kokkos_Core.hpp>

// Compile-time facts about execution and memory spaces.
namespace gaus::detail {

/// The execution space runs on the host's processors.
template <class ExecutionSpace>
inline constexpr bool runs_on_host =
    Kokkos::SpaceAccessibility<ExecutionSpace, Kokkos::HostSpace>::accessible;

/// The host can read a memory space directly.
template <class MemorySpace>
inline constexpr bool host_readable =
    Kokkos::SpaceAccessibility<Kokkos::HostSpace, MemorySpace>::accessible;

/// Stops with one sentence when an execution space cannot read a memory space.
template <class ExecutionSpace, class MemorySpace>
constexpr void check_accessible() {
  static_assert(Kokkos::SpaceAccessibility<ExecutionSpace, MemorySpace>::accessible,
                "gaus: the graph and the start steps must lie in a memory space that the execution "
                "space can access");
}

}  // namespace gaus::detail

#endif
