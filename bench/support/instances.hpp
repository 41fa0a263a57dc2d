// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_SUPPORT_INSTANCES_HPP
#define GAUS_BENCH_SUPPORT_INSTANCES_HPP

#include <gaus/graph/builder.hpp>
#include <gaus/graph/random.hpp>
#include <gaus/io/aiger.hpp>
#include <gaus/io/file.hpp>
#include <gaus/problem.hpp>
#include <gaus/start_steps.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

// What is measured on: generated graphs, which everybody has, and the EPFL circuits, when the
// environment variable GAUS_BENCHMARK_DATA names a folder that holds epfl/NAME.aig.
//
// Benchmarks whose name ends in "/large" take long or need much memory; the smoke test skips them.
namespace gaus_bench {

using Space = Kokkos::DefaultExecutionSpace;
using MemorySpace = Space::memory_space;
using DeviceGraph = gaus::DependenceGraph<MemorySpace>;
using HostProblem = gaus::Problem<gaus::HostGraph>;
using DeviceProblem = gaus::Problem<DeviceGraph>;

/// A graph with its steps, on the host and where kernels run.
struct Instance {
  gaus::GraphDescription description;
  gaus::HostGraph host_graph;
  DeviceGraph graph;
  gaus::DifferenceSystem system;
  gaus::StepBounds bounds;
  HostProblem host_problem;
  DeviceProblem problem;

  Instance(gaus::GraphDescription const& text, double slack)
      : description(text),
        host_graph(gaus::build_graph(description)),
        graph(gaus::build_graph<MemorySpace>(description)),
        system(gaus::make_difference_system(host_graph)) {
    int const critical = gaus::critical_path(system, gaus::earliest_steps(system));
    int const steps = static_cast<int>(std::ceil(slack * critical - 1e-9));
    bounds = gaus::step_bounds(system, steps);
    host_problem = gaus::make_problem(host_graph, host_graph, steps, bounds);
    problem = gaus::make_problem(graph, host_graph, steps, bounds);
  }
  [[nodiscard]] int operations() const { return host_graph.num_operations(); }
  [[nodiscard]] int dependences() const { return host_graph.num_dependences(); }
  [[nodiscard]] int steps() const { return problem.steps; }
};

/// A path below GAUS_BENCHMARK_DATA, or an empty one when it is not there.
inline std::filesystem::path data_file(std::string const& name) {
  char const* const folder = std::getenv("GAUS_BENCHMARK_DATA");
  if (folder == nullptr || *folder == '\0') return {};
  std::filesystem::path path = std::filesystem::path(folder) / name;
  std::error_code error;
  return std::filesystem::exists(path, error) ? path : std::filesystem::path();
}

/// Instances by key, made on first use, given up before Kokkos ends.
template <class Key>
class Kept {
 public:
  Kept() {
    Kokkos::push_finalize_hook([this] { entries_.clear(); });
  }
  template <class Make>
  Instance const& get(Key const& key, Make const& make) {
    auto& entry = entries_[key];
    if (!entry) entry = std::make_unique<Instance>(make());
    return *entry;
  }

 private:
  std::map<Key, std::unique_ptr<Instance>> entries_;
};

/// A layered workload with as many layers as operations in a layer, mixed latencies and sizes, two
/// classes; 1.2 times the steps that it needs. Kept: several benchmarks use the same one.
inline Instance const& layered(int operations) {
  static Kept<int> kept;
  return kept.get(operations, [&] {
    gaus::LayeredWorkload settings;
    settings.operations = operations;
    settings.layers = std::max(4, static_cast<int>(std::sqrt(operations)));
    return Instance(gaus::layered_workload(settings), 1.2);
  });
}

/// "deep": a generated graph of the size and depth of the EPFL divider, all latencies 1, no slack;
/// any other name: that EPFL circuit.
inline Instance const& circuit(std::string const& name) {
  static Kept<std::string> kept;
  return kept.get(name, [&] {
    if (name != "deep") {
      auto stream = gaus::open_input(data_file("epfl/" + name + ".aig"));
      return Instance(gaus::read_aiger(stream), 1.0);
    }
    gaus::LayeredWorkload settings;
    settings.operations = 57375;
    settings.layers = 4373;
    settings.max_latency = settings.max_occupancy = settings.max_size = settings.resources = 1;
    return Instance(gaus::layered_workload(settings), 1.0);
  });
}

/// Start steps in the middle of all windows, with spreads by a rule.
template <class Real, class Rule>
gaus::StartSteps<Real, MemorySpace> middle(Instance const& instance, Rule const& spread) {
  auto const n = static_cast<std::size_t>(instance.operations());
  gaus::StartSteps<Real, MemorySpace> const starts{
      Kokkos::View<Real*, MemorySpace>("gaus_bench::mean", n),
      Kokkos::View<Real*, MemorySpace>("gaus_bench::spread", n)};
  auto const mean = Kokkos::create_mirror_view(starts.mean);
  auto const width = Kokkos::create_mirror_view(starts.spread);
  for (std::size_t i = 0; i < n; ++i) {
    int const mobility = instance.bounds.latest[i] - instance.bounds.earliest[i];
    mean(i) = static_cast<Real>(instance.bounds.earliest[i] + 0.5 * mobility);
    width(i) = spread.template operator()<Real>(mobility);
  }
  Kokkos::deep_copy(starts.mean, mean);
  Kokkos::deep_copy(starts.spread, width);
  return starts;
}

}  // namespace gaus_bench

#endif
