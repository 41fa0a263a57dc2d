// expect: gaus::Objective: the policy needs 'double exact(problem, std::span<int const> start_steps) const'
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective.hpp>

struct MyCost {
  static constexpr char const* name = "my_cost";
  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const&, gaus::Problem<G> const&,
                gaus::StartSteps<Real, typename G::memory_space> const&,
                gaus::Evaluation<Real, typename G::memory_space> const&) const {}
};

int main() {
  gaus::check_objective<MyCost, Kokkos::DefaultHostExecutionSpace, gaus::HostGraph, double>();
}
