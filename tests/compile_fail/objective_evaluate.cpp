// expect: gaus::Objective: the policy needs 'void evaluate(exec, problem, starts, result) const'
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective.hpp>

struct MyCost {
  static constexpr char const* name = "my_cost";
  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const&, gaus::Problem<G> const&,
                gaus::StartSteps<Real, typename G::memory_space> const&) const {}
  template <class G>
  double exact(gaus::Problem<G> const&, std::span<int const>) const {
    return 0;
  }
};

int main() {
  gaus::check_objective<MyCost, Kokkos::DefaultHostExecutionSpace, gaus::HostGraph, double>();
}
