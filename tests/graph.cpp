// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph.hpp>

#include <gaus/graph/builder.hpp>
#include <gaus/objective/communication.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/total_lifetime.hpp>
#include <gaus/problem.hpp>
#include <support/policies.hpp>
#include <support/spaces.hpp>
#include <type_traits>

namespace {

/// A compiler's own graph: a chain in which every operation reads the one before, in closed form.
template <class MemorySpace>
struct ClosedChain {
  using memory_space = MemorySpace;
  int n = 0;

  KOKKOS_FUNCTION int num_operations() const { return n; }
  KOKKOS_FUNCTION int num_dependences() const { return n > 0 ? n - 1 : 0; }
  KOKKOS_FUNCTION int num_resources() const { return 1; }
  KOKKOS_FUNCTION int latency(int i) const { return 1 + i % 2; }
  KOKKOS_FUNCTION int occupancy(int) const { return 1; }
  KOKKOS_FUNCTION float size(int i) const { return static_cast<float>(i); }

  struct Demands {
    KOKKOS_FUNCTION int size() const { return 1; }
    KOKKOS_FUNCTION gaus::Demand operator[](int) const { return {0, 1.0}; }
  };
  struct Neighbour {
    int operation;
    int index;
    bool there;
    KOKKOS_FUNCTION int size() const { return there ? 1 : 0; }
    KOKKOS_FUNCTION gaus::Dependence operator[](int) const { return {index, operation, 0, 0, 1.0}; }
  };
  KOKKOS_FUNCTION Demands demands(int) const { return {}; }
  KOKKOS_FUNCTION Neighbour outgoing(int i) const { return {i + 1, i, i + 1 < n}; }
  KOKKOS_FUNCTION Neighbour incoming(int i) const { return {i - 1, i - 1, i > 0}; }
};

static_assert(gaus::Graph<ClosedChain<Kokkos::HostSpace>>);
static_assert(gaus::Graph<gaus::HostGraph>);
static_assert(!gaus::Graph<int>);
static_assert(std::is_copy_constructible_v<gaus::HostGraph>);
static_assert(std::is_default_constructible_v<gaus::HostGraph>);

gaus_test::TestProblem described(int n) {
  gaus_test::TestProblem p;
  p.graph.add_resource("A");
  for (int i = 0; i < n; ++i) {
    p.graph.add_operation({.latency = 1 + i % 2, .occupancy = 1, .size = static_cast<double>(i)});
    p.graph.add_demand(i, 0);
    if (i > 0) p.graph.add_dependence(i - 1, i);
  }
  p.steps = 3 * n;
  gaus_test::find_bounds(p);
  gaus_test::Random random(1);
  gaus_test::place(p, gaus_test::Shape::mixed, random);
  return p;
}

template <class Space, class Policy>
void check_same(Policy const& objective, int n) {
  using MemorySpace = typename Space::memory_space;
  Space const exec;
  auto const p = described(n);
  auto const wanted = gaus_test::evaluate(exec, objective, p);

  gaus::check_graph<ClosedChain<MemorySpace>>();
  auto const problem =
      gaus::make_problem(ClosedChain<MemorySpace>{n}, ClosedChain<Kokkos::HostSpace>{n}, p.steps,
                         {p.earliest, p.latest});
  gaus::Workspace<MemorySpace> workspace;
  auto const result = gaus::make_evaluation<double, MemorySpace>(n, workspace);
  objective.evaluate(exec, problem, gaus_test::make_starts<double, MemorySpace>(p), result);
  exec.fence("gaus_test: own graph");
  auto const got = gaus_test::to_host_result(result);
  CHECK(got.cost == wanted.cost);
  CHECK(got.d_mean == wanted.d_mean);
  CHECK(got.d_spread == wanted.d_spread);
}

TEST_CASE_TEMPLATE("graph: a graph of one's own gives the same bits", Space, GAUS_TEST_SPACES) {
  check_same<Space>(gaus::Communication{}, 12);
  check_same<Space>(gaus::PeakUsage{}, 12);
  check_same<Space>(gaus::TotalLifetime{}, 12);
}

TEST_CASE("graph: step bounds of a graph of one's own") {
  auto const problem = gaus::make_problem(ClosedChain<Kokkos::HostSpace>{4}, 8);
  // Latencies 1 2 1 2.
  int const earliest[] = {0, 1, 3, 4};
  int const latest[] = {2, 3, 5, 6};
  for (int i = 0; i < 4; ++i) {
    CHECK(problem.earliest(i) == earliest[i]);
    CHECK(problem.latest(i) == latest[i]);
  }
}

TEST_CASE("graph: an attribute is an array or a constant") {
  gaus::Attribute<int, Kokkos::HostSpace> const constant{7, {}};
  CHECK(constant(0) == 7);
  CHECK(constant(1000) == 7);
  Kokkos::View<int*, Kokkos::HostSpace> const values("gaus_test::values", 2);
  values(0) = 3;
  values(1) = 4;
  gaus::Attribute<int, Kokkos::HostSpace> const array{7, values};
  CHECK(array(0) == 3);
  CHECK(array(1) == 4);
}

}  // namespace
