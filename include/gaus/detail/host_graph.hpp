// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_HOST_GRAPH_HPP
#define GAUS_DETAIL_HOST_GRAPH_HPP

#include <gaus/detail/accessible.hpp>
#include <gaus/graph/builder.hpp>

#include <Kokkos_Core.hpp>
#include <cstddef>

namespace gaus::detail {

/// Row lengths of any graph, by operation.
template <class G>
struct CountRows {
  G graph;
  Kokkos::View<int**, Kokkos::LayoutRight, typename G::memory_space> numbers;
  KOKKOS_FUNCTION void operator()(int i) const {
    numbers(i, 0) = graph.latency(i);
    numbers(i, 1) = graph.occupancy(i);
    numbers(i, 2) = graph.demands(i).size();
    numbers(i, 3) = graph.outgoing(i).size();
  }
};

/// Rows of any graph, written from offsets on.
template <class G>
struct CopyRows {
  using MemorySpace = typename G::memory_space;
  G graph;
  Kokkos::View<int const**, Kokkos::LayoutRight, MemorySpace> offsets;  ///< demands, dependences
  Kokkos::View<double*, MemorySpace> size;
  Kokkos::View<Demand*, MemorySpace> demands;
  Kokkos::View<Dependence*, MemorySpace> dependences;
  KOKKOS_FUNCTION void operator()(int i) const {
    size(i) = graph.size(i);
    auto const needs = graph.demands(i);
    for (int k = 0; k < needs.size(); ++k) demands(offsets(i, 0) + k) = needs[k];
    auto const out = graph.outgoing(i);
    for (int k = 0; k < out.size(); ++k) dependences(offsets(i, 1) + k) = out[k];
  }
};

/// The graph itself where the host can read it, else a copy in host memory, made by two kernels.
/// The copy is checked as a description is. Waits.
template <class ExecutionSpace, class G>
auto host_graph(ExecutionSpace const& exec, G const& graph) {
  if constexpr (host_readable<typename G::memory_space>) {
    return graph;
  } else {
    using MemorySpace = typename G::memory_space;
    int const n = graph.num_operations();
    auto const rows = static_cast<std::size_t>(n);
    Kokkos::RangePolicy<ExecutionSpace> const operations(exec, 0, n);
    Kokkos::View<int**, Kokkos::LayoutRight, MemorySpace> const numbers("gaus::host_graph::numbers",
                                                                        rows, 4);
    Kokkos::parallel_for("gaus::host_graph::count", operations, CountRows<G>{graph, numbers});
    auto const counted = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, numbers);
    Kokkos::View<int**, Kokkos::LayoutRight, MemorySpace> const offsets("gaus::host_graph::offsets",
                                                                        rows + 1, 2);
    auto const host_offsets = Kokkos::create_mirror_view(offsets);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t c = 0; c < 2; ++c)
        host_offsets(i + 1, c) = host_offsets(i, c) + counted(i, c + 2);
    Kokkos::deep_copy(offsets, host_offsets);
    Kokkos::View<double*, MemorySpace> const size("gaus::host_graph::size", rows);
    Kokkos::View<Demand*, MemorySpace> const demands("gaus::host_graph::demands",
                                                     host_offsets(rows, 0));
    Kokkos::View<Dependence*, MemorySpace> const dependences("gaus::host_graph::dependences",
                                                             host_offsets(rows, 1));
    Kokkos::parallel_for("gaus::host_graph::copy", operations,
                         CopyRows<G>{graph, offsets, size, demands, dependences});
    auto const sizes = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, size);
    auto const needs = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, demands);
    auto const links = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, dependences);

    GraphDescription description;
    for (int r = 0; r < graph.num_resources(); ++r) description.add_resource(std::to_string(r));
    for (std::size_t i = 0; i < rows; ++i) {
      description.operations.push_back({counted(i, 0), counted(i, 1), sizes(i)});
      for (int k = host_offsets(i, 0); k < host_offsets(i + 1, 0); ++k)
        description.add_demand(static_cast<int>(i), needs(k).resource, needs(k).units);
      for (int k = host_offsets(i, 1); k < host_offsets(i + 1, 1); ++k)
        description.add_dependence({static_cast<int>(i), links(k).operation, links(k).distance,
                                    links(k).weight, links(k).delay, links(k).value});
    }
    return build_graph<Kokkos::HostSpace>(description);
  }
}

}  // namespace gaus::detail

#endif
