// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An objective of one's own: every operation that finishes after a step is charged by how late it
// is. Only the maths is written here; the library launches, reduces and differentiates the rest.
#include <gaus/gaus.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cstdio>

/// Expected lateness E max(0, S + latency - due) of one operation. It has a closed form:
///   h(m, s) = m Phi(m/s) + s phi(m/s),  m = mean + latency - due,  s = spread
///   dh/dmean = Phi(m/s),                dh/dspread = phi(m/s)
struct Lateness {
  static constexpr char const* name = "lateness";
  int due;

  template <class Problem, class Real>
  KOKKOS_FUNCTION gaus::Term<Real> operator()(Problem const& problem, int i,
                                              gaus::StartStep<Real> const& start) const {
    return gaus::normal_hinge(start.mean + Real(problem.graph.latency(i) - due), start.spread);
  }
  template <class Problem>
  double exact(Problem const& problem, int i, int start_step) const {
    return std::max(0, start_step + problem.graph.latency(i) - due);
  }
};

int main(int argc, char** argv) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  Kokkos::DefaultExecutionSpace const exec;

  // Six independent operations on one class: one at a time would be best for the units, but
  // everything that ends after step 3 costs.
  gaus::GraphDescription description;
  int const unit = description.add_resource("unit");
  for (int i = 0; i < 6; ++i) description.add_demand(description.add_operation({}), unit);
  auto const graph = gaus::build_graph<Kokkos::DefaultExecutionSpace::memory_space>(description);

  auto const cost = 2.0 * gaus::PeakUsage{} + gaus::weighted(1.0, gaus::PerOperation{Lateness{3}});
  auto const result = gaus::schedule(exec, graph, cost, {.steps = 6, .iterations = 2000});

  auto starts = result.schedule.start_steps;
  std::sort(starts.begin(), starts.end());
  std::printf("cost %g, starts", result.value);
  for (int const s : starts) std::printf(" %d", s);
  std::printf("\n");
}

// prints:
// cost 4, starts 0 0 1 1 2 2
