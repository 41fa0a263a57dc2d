// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Constraints: two that ship (a maximum distance and a deadline), and one of one's own (steps that
// are closed to an operation), which is a function of one operation.
#include <gaus/gaus.hpp>

#include <Kokkos_Core.hpp>
#include <cstdio>

/// An operation may not start in the steps first .. last. The residual is positive inside, 0 at the
/// steps beside it, and falls towards the nearer side.
struct KeepOut {
  static constexpr char const* name = "keep_out";
  int operation;
  int first;
  int last;

  template <class Problem, class Real>
  KOKKOS_FUNCTION gaus::Term<Real> operator()(Problem const&, int i,
                                              gaus::StartStep<Real> const& start) const {
    Real const centre = Real(0.5) * Real(first + last);
    Real const reach = Real(0.5) * Real(last - first) + Real(1);  // 0 at first - 1 and last + 1
    if (i != operation) return {Real(-1), Real(0), Real(0)};
    Real const x = start.mean - centre;
    return {reach - Kokkos::fabs(x), x < Real(0) ? Real(1) : Real(-1), Real(0)};
  }
  template <class Problem>
  double exact(Problem const&, int i, int start_step) const {
    if (i != operation || start_step < first || start_step > last) return 0;
    return 1 + (start_step - first < last - start_step ? start_step - first : last - start_step);
  }
};

int main(int argc, char** argv) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  Kokkos::DefaultExecutionSpace const exec;

  // A chain of three: the middle one would like to start at step 3 or 4, which are closed to it.
  gaus::GraphDescription description;
  for (int i = 0; i < 3; ++i) description.add_operation({.latency = 2});
  description.add_dependence({.from = 0, .to = 1, .weight = 2});
  description.add_dependence({.from = 1, .to = 2, .weight = 1});
  auto const graph = gaus::build_graph<Kokkos::DefaultExecutionSpace::memory_space>(description);

  gaus::Constraints const rules{
      gaus::Difference<Kokkos::DefaultExecutionSpace::memory_space>{
          3, {{.from = 2, .to = 0, .delta = -7}}},  // the last starts within 7 of the first
      gaus::Deadline{.step = 2, .operation = 0},    // the first ends by step 2
      gaus::PerOperation{KeepOut{.operation = 1, .first = 2, .last = 4}}};
  auto const result =
      gaus::schedule(exec, graph, gaus::Communication{}, rules, {.steps = 12, .iterations = 2000});

  std::printf("%s, cost %g, starts", result.feasible ? "all rules hold" : "violated", result.value);
  for (int const s : result.schedule.start_steps) std::printf(" %d", s);
  std::printf("\n");
}

// prints:
// all rules hold, cost 12, starts 0 5 7
