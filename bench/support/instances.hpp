// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_SUPPORT_INSTANCES_HPP
#define GAUS_BENCH_SUPPORT_INSTANCES_HPP

#include <gaus/graph.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/problem.hpp>
#include <gaus/start_steps.hpp>

#include <Kokkos_Core.hpp>
#include <cstddef>
#include <filesystem>
#include <string>
#include <type_traits>

// What is measured on: generated graphs, which everybody has, and the EPFL circuits, when the
// environment variable GAUS_BENCHMARK_DATA names a folder that holds epfl/NAME.aig.
namespace gaus {
struct GraphDescription;
}

namespace gaus_bench {

using HostProblem = gaus::Problem<gaus::HostGraph>;
template <class MemorySpace>
using DeviceGraph = gaus::DependenceGraph<MemorySpace>;

/// A graph with its steps, on the host. The description is given up as soon as the graph is there.
struct Instance {
  gaus::HostGraph graph;
  gaus::DifferenceSystem system;
  gaus::StepBounds bounds;
  HostProblem problem;

  Instance(gaus::GraphDescription&& description, double slack);

  [[nodiscard]] int operations() const { return graph.num_operations(); }
  [[nodiscard]] int dependences() const { return graph.num_dependences(); }
  [[nodiscard]] int steps() const { return problem.steps; }
};

/// Shapes of generated graphs; the depth grows with the root of the operations, or with them.
enum class Shape {
  layered,  ///< as many layers as operations in a layer, mixed latencies and sizes, two classes; 1.2
            ///< times the steps that it needs
  deep      ///< 13 operations a layer as in the EPFL divider, all latencies 1; no slack
};

/// What a generated graph, or a circuit by its name, is built from.
gaus::GraphDescription describe(Shape shape, int operations);
gaus::GraphDescription describe(std::string const& name);

/// A generated graph, made anew.
Instance make_instance(Shape shape, int operations);

/// The same, kept, as several benchmarks use it: all of up to a million operations, and the last
/// larger one.
Instance const& generated(Shape shape, int operations);
inline Instance const& layered(int operations) { return generated(Shape::layered, operations); }

/// "deep": a generated graph of the size of the EPFL divider; any other name: that EPFL circuit.
Instance const& circuit(std::string const& name);

/// Gives up all that is kept: memory is to be measured.
void drop_instances();

/// A path below GAUS_BENCHMARK_DATA, or an empty one when it is not there.
std::filesystem::path data_file(std::string const& name);

/// The problem where kernels of a memory space read it: itself or a copy.
template <class MemorySpace>
gaus::Problem<DeviceGraph<MemorySpace>> problem_on(Instance const& instance) {
  if constexpr (std::is_same_v<MemorySpace, Kokkos::HostSpace>) {
    return instance.problem;
  } else {
    auto const copied = [](auto const& array) {
      using T = typename std::decay_t<decltype(array)>::non_const_value_type;
      if (array.data() == nullptr) return Kokkos::View<T const*, MemorySpace>();
      Kokkos::View<T*, MemorySpace> const copy(
          Kokkos::view_alloc(array.label(), Kokkos::WithoutInitializing), array.extent(0));
      Kokkos::deep_copy(copy, array);
      return Kokkos::View<T const*, MemorySpace>(copy);
    };
    auto const& from = instance.graph.data();
    typename DeviceGraph<MemorySpace>::Data to;
    to.operations = from.operations;
    to.dependences = from.dependences;
    to.resources = from.resources;
    to.latency = {from.latency.constant, copied(from.latency.values)};
    to.occupancy = {from.occupancy.constant, copied(from.occupancy.values)};
    to.size = {from.size.constant, copied(from.size.values)};
    to.demand_offset = copied(from.demand_offset);
    to.demand_resource = copied(from.demand_resource);
    to.demand_units = copied(from.demand_units);
    to.outgoing_offset = copied(from.outgoing_offset);
    to.target = copied(from.target);
    to.incoming_offset = copied(from.incoming_offset);
    to.source = copied(from.source);
    to.incoming_index = copied(from.incoming_index);
    to.distance = {from.distance.constant, copied(from.distance.values)};
    to.delay = {from.delay.constant, copied(from.delay.values)};
    to.weight = {from.weight.constant, copied(from.weight.values)};
    to.value = {from.value.constant, copied(from.value.values)};
    return gaus::make_problem(DeviceGraph<MemorySpace>(to), instance.graph, instance.steps(),
                              instance.bounds);
  }
}

/// Start steps in the middle of all windows, with spreads of two steps.
template <class Real, class MemorySpace>
gaus::StartSteps<Real, MemorySpace> middle(Instance const& instance) {
  auto const n = static_cast<std::size_t>(instance.operations());
  gaus::StartSteps<Real, MemorySpace> const starts{
      Kokkos::View<Real*, MemorySpace>("gaus_bench::mean", n),
      Kokkos::View<Real*, MemorySpace>("gaus_bench::spread", n)};
  auto const mean = Kokkos::create_mirror_view(starts.mean);
  for (std::size_t i = 0; i < n; ++i)
    mean(i) = static_cast<Real>(0.5 * (instance.bounds.earliest[i] + instance.bounds.latest[i]));
  Kokkos::deep_copy(starts.mean, mean);
  Kokkos::deep_copy(starts.spread, Real(2));
  return starts;
}

}  // namespace gaus_bench

#endif
