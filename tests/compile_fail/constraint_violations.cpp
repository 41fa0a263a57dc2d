// expect: gaus::Constraint: the policy needs 'std::vector<gaus::Violation> violations(problem, std::span<int const> start_steps) const'
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/constraint.hpp>

struct MyRule {
  static constexpr char const* name = "my_rule";
  template <class G>
  int size(gaus::Problem<G> const&) const {
    return 0;
  }
  template <class ExecutionSpace, class G, class Real>
  void violation(ExecutionSpace const&, gaus::Problem<G> const&,
                 gaus::StartSteps<Real, typename G::memory_space> const&,
                 Kokkos::View<Real*, typename G::memory_space> const&) const {}
  template <class ExecutionSpace, class G, class Real>
  void pull_back(ExecutionSpace const&, gaus::Problem<G> const&,
                 gaus::StartSteps<Real, typename G::memory_space> const&,
                 Kokkos::View<Real const*, typename G::memory_space> const&,
                 gaus::Evaluation<Real, typename G::memory_space> const&) const {}
  template <class G>
  int violations(gaus::Problem<G> const&, std::span<int const>) const {
    return 0;
  }
};

int main() {
  gaus::check_constraint<MyRule, Kokkos::DefaultHostExecutionSpace, gaus::HostGraph, double>();
}
