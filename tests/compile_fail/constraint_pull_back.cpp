// expect: gaus::Constraint: the policy needs 'void pull_back(exec, problem, starts, weight, result) const'
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
  template <class G>
  std::vector<gaus::Violation> violations(gaus::Problem<G> const&, std::span<int const>) const {
    return {};
  }
};

int main() {
  gaus::check_constraint<MyRule, Kokkos::DefaultHostExecutionSpace, gaus::HostGraph, double>();
}
