// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph/random.hpp>
#include <gaus/objective/communication.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/schedule/relaxation_run.hpp>
#include <support/spaces.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

// Bytes an operation and a dependence, as the tool interface of Kokkos sees them: of the graph, the
// problem and the buffers of a descent. Large graphs fit into memory by these.
namespace {

long long* held = nullptr;

bool ours(char const* label) { return std::string_view(label).starts_with("gaus::"); }
void allocate(Kokkos::Tools::SpaceHandle, char const* label, void const*, std::uint64_t bytes) {
  if (held != nullptr && ours(label)) *held += static_cast<long long>(bytes);
}
void release(Kokkos::Tools::SpaceHandle, char const* label, void const*, std::uint64_t bytes) {
  if (held != nullptr && ours(label)) *held -= static_cast<long long>(bytes);
}

/// Counts the bytes in arrays of the library that are made, less those given back, during its life.
class HeldBytes {
 public:
  HeldBytes() {
    namespace Tools = Kokkos::Tools::Experimental;
    before_ = Tools::get_callbacks();
    Tools::set_allocate_data_callback(allocate);
    Tools::set_deallocate_data_callback(release);
    held = &bytes_;
  }
  ~HeldBytes() {
    held = nullptr;
    Kokkos::Tools::Experimental::set_callbacks(before_);
  }
  HeldBytes(HeldBytes const&) = delete;
  HeldBytes& operator=(HeldBytes const&) = delete;

  [[nodiscard]] long long bytes() const { return bytes_; }

 private:
  Kokkos::Tools::Experimental::EventSet before_;
  long long bytes_ = 0;
};

gaus::GraphDescription workload(int kinds) {
  gaus::LayeredWorkload settings;
  settings.operations = 20000;
  settings.layers = 100;
  settings.max_latency = settings.max_occupancy = settings.max_size = settings.resources = kinds;
  return gaus::layered_workload(settings);
}

/// A graph with its problem, and the bytes of both.
template <class Space>
struct Weighed {
  using MemorySpace = typename Space::memory_space;
  gaus::DependenceGraph<MemorySpace> graph;
  gaus::Problem<gaus::DependenceGraph<MemorySpace>> problem;
  gaus::StepBounds bounds;
  long long graph_bytes = 0;
  long long problem_bytes = 0;

  explicit Weighed(gaus::GraphDescription const& description) {
    auto const host = gaus::build_graph(description);
    auto const system = gaus::make_difference_system(host);
    int const steps = gaus::critical_path(system, gaus::earliest_steps(system)) + 20;
    bounds = gaus::step_bounds(system, steps);
    HeldBytes const counted;
    graph = gaus::build_graph<MemorySpace>(description);
    graph_bytes = counted.bytes();
    problem = gaus::make_problem(graph, host, steps, bounds);
    problem_bytes = counted.bytes() - graph_bytes;
  }
  [[nodiscard]] long long operations() const { return graph.num_operations(); }
  [[nodiscard]] long long dependences() const { return graph.num_dependences(); }
};

/// Bytes that a descent holds after its first iteration, the problem left out.
template <class Space, class Objective>
long long descent_bytes(Weighed<Space> const& test, Objective const& objective) {
  std::vector<double> means;
  for (std::size_t i = 0; i < test.bounds.earliest.size(); ++i)
    means.push_back(0.5 * (test.bounds.earliest[i] + test.bounds.latest[i]));
  Space const exec;
  HeldBytes const counted;
  gaus::RelaxationRun<Space, gaus::DependenceGraph<typename Space::memory_space>, float, Objective>
      run(exec, test.problem, objective, gaus::Constraints<>{});
  run.begin(gaus::Recipe{}, means);
  run.step();
  exec.fence("gaus_test: one iteration");
  CHECK(counted.bytes() >= static_cast<long long>(run.workspace().bytes()));
  return counted.bytes();
}

TEST_CASE_TEMPLATE("memory: a graph is its rows and what is not constant", Space,
                   GAUS_TEST_SPACES) {
  for (int const kinds : {1, 3}) {
    CAPTURE(kinds);
    Weighed<Space> const test(workload(kinds));
    long long const v = test.operations();
    long long const e = test.dependences();
    CHECK(v == 20000);
    CHECK(e > 30000);
    // Latency, occupancy, size; offset, class and units of a demand.
    long long const attributes = kinds == 1 ? 0 : 16 * v + 16 * v;
    // But for rounding, and the headers of arrays.
    CHECK(std::abs(test.graph_bytes - (4 * (2 * v + 3 * e) + attributes)) <= 1024);
    CHECK(std::abs(test.problem_bytes - 16 * v) <= 1024);
  }
}

TEST_CASE_TEMPLATE("memory: a descent in float", Space, GAUS_TEST_SPACES) {
  Weighed<Space> const test(workload(3));
  long long const v = test.operations();
  long long const e = test.dependences();
  long long const profiles = 64LL * 4 * (test.problem.steps + 1);
  auto const a = descent_bytes(test, 100.0 * gaus::PeakUsage{} + gaus::Communication{});
  auto const b = descent_bytes(test, gaus::MemoryFootprint{});
  CHECK(a <= 56 * v + 8 * e + profiles);
  CHECK(b <= 80 * v + 8 * e + profiles);
  CHECK(a >= 40 * v + 4 * e);  // or nothing was counted
}

}  // namespace
