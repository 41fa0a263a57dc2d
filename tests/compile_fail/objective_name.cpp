// expect: gaus::Objective: the policy needs 'static constexpr char const* name'
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective.hpp>

struct MyCost {
  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const&, gaus::Problem<G> const&,
                gaus::StartSteps<Real, typename G::memory_space> const&,
                gaus::Evaluation<Real, typename G::memory_space> const&) const {}
  template <class G>
  double exact(gaus::Problem<G> const&, std::span<int const>) const {
    return 0;
  }
};

int main() {
  gaus::check_objective<MyCost, Kokkos::DefaultHostExecutionSpace, gaus::HostGraph, double>();
}
