// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled for the device, never run here: every kernel of the library, for the default execution
// space, in float and double, and the whole solve over them. A device compiler finds what a host
// compiler cannot: a function that is not for the device, a lambda in a private member, a host
// pointer in a functor's type.
#include <gaus/gaus.hpp>

#include <Kokkos_Core.hpp>

namespace {

struct Squared {
  static constexpr char const* name = "squared";
  template <class Problem, class Real>
  KOKKOS_FUNCTION gaus::Term<Real> operator()(Problem const&, int,
                                              gaus::StartStep<Real> const& s) const {
    return {s.mean * s.mean, Real(2) * s.mean, Real(0)};
  }
  template <class Problem>
  double exact(Problem const&, int, int start_step) const {
    return double(start_step) * start_step;
  }
};

struct Distance {
  static constexpr char const* name = "distance";
  template <class Problem, class Real>
  KOKKOS_FUNCTION gaus::Term<Real> operator()(Problem const&, gaus::Dependence const&, Real mean,
                                              Real spread) const {
    return gaus::normal_hinge(mean, spread);
  }
  template <class Problem>
  double exact(Problem const&, gaus::Dependence const&, int difference) const {
    return difference;
  }
};

using Space = Kokkos::DefaultExecutionSpace;
using MemorySpace = Space::memory_space;
using Graph = gaus::DependenceGraph<MemorySpace>;

template <class Real>
double solve(Space const& exec, Graph const& graph) {
  auto const cost = 100.0 * gaus::PeakUsage{} + gaus::PeakUsage{.resource = 0} +
                    gaus::MemoryFootprint{} + gaus::TotalLifetime{} + gaus::Communication{} +
                    gaus::Makespan{} + gaus::PerOperation{Squared{}} +
                    gaus::PerDependence{Distance{}};
  gaus::Constraints const rules{
      gaus::Difference<MemorySpace>{2, {{.from = 0, .to = 1, .delta = 1}}},
      gaus::Deadline{.step = 9}, gaus::ResourceLimit<MemorySpace>({2.0}),
      gaus::PerOperation{Squared{}}, gaus::PerDependence{Distance{}}};
  // Shipped policies alone, so that descents run over a batch; and some that serve none.
  auto const shipped = 100.0 * gaus::PeakUsage{} + gaus::MemoryFootprint{} + gaus::Makespan{};
  return gaus::schedule<Real>(exec, graph, cost, rules, {.steps = 10, .iterations = 100}).value +
         gaus::schedule<Real>(exec, graph, gaus::Communication{}).value +
         gaus::schedule<Real>(exec, graph, shipped,
                              gaus::Constraints{gaus::Difference<MemorySpace>{2, {}},
                                                gaus::Deadline{.step = 9, .operation = 1},
                                                gaus::ResourceLimit<MemorySpace>({2.0})},
                              {.time_limit = 1, .batch = 8})
             .value;
}

/// The checks of a user's policies, in the memory of the device.
bool check(Space const& exec, Graph const& graph) {
  auto const problem = gaus::make_test_problem(exec, graph, 10);
  auto const starts = gaus::random_starts(problem);
  gaus::PerDependence const distance{Distance{}};
  return gaus::check_gradient(exec, problem, distance, starts) &&
         gaus::check_pull_back(exec, problem, distance, starts) &&
         gaus::check_expectation(exec, problem, distance, starts);
}

}  // namespace

int main() {
  Kokkos::ScopeGuard const kokkos;
  gaus::GraphDescription description;
  description.add_resource("all");
  for (int i = 0; i < 2; ++i) description.add_demand(description.add_operation({}), 0);
  description.add_dependence(0, 1);
  auto const graph = gaus::build_graph<MemorySpace>(description);
  bool const right = check(Space{}, graph);
  return solve<float>(Space{}, graph) + solve<double>(Space{}, graph) < 0 || !right ? 1 : 0;
}
