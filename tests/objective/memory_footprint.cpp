// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/memory_footprint.hpp>

#include <support/hand.hpp>
#include <support/policies.hpp>
#include <support/spaces.hpp>

namespace {

using namespace gaus_test;

Number softmax_peak(TestProblem const& p) {
  auto const m = expected_liveness(p);
  return m.empty() ? 0 : log_sum_exp(m, 0.3L);
}
Number norm_peak(TestProblem const& p) { return p_norm(expected_liveness(p), 20); }
Number exact_peak(TestProblem const& p, std::vector<int> const& s) {
  auto const m = discrete_liveness(p, s);
  return *std::max_element(m.begin(), m.end());
}

TEST_CASE_TEMPLATE("memory footprint: worked by hand", Space, GAUS_TEST_SPACES) {
  Space const exec;
  auto const norm = [](std::vector<double> const& live) {
    double total = 0;
    for (double const x : live) total += std::pow(x, 20);
    return std::pow(total, 0.05);
  };
  CHECK(evaluate(exec, gaus::MemoryFootprint{}, liveness_by_hand()).cost ==
        doctest::Approx(norm({2, 2, 7, 2})));
  CHECK(evaluate(exec, gaus::MemoryFootprint{}, liveness_by_hand(0, true)).cost ==
        doctest::Approx(norm({2, 2, 7, 6, 5, 5, 5})));
  CHECK(evaluate(exec, gaus::MemoryFootprint{}, liveness_by_hand(8)).cost ==
        doctest::Approx(norm({4, 2, 2, 7, 6, 4})));
  CHECK(evaluate(exec, gaus::MemoryFootprint{{.temperature = 3}}, liveness_by_hand()).cost ==
        doctest::Approx(3 * std::log(6 + 3 * std::exp(2 / 3.0) + std::exp(7 / 3.0))));
  auto const problem = make_problem<Kokkos::HostSpace>(liveness_by_hand());
  CHECK(gaus::MemoryFootprint{}.exact(problem, std::vector<int>{1, 5, 7, 6}) == 7);
}

TEST_CASE_TEMPLATE("memory footprint: value and gradient", Space, GAUS_TEST_SPACES) {
  gaus::MemoryFootprint const soft{{.temperature = 0.3}};
  check_against_reference<Space>(soft, softmax_peak);
  check_against_reference<Space>(gaus::MemoryFootprint{}, norm_peak);
  check_float<Space>(soft, 5e-3);
  check_float<Space>(gaus::MemoryFootprint{}, 5e-3);
  check_accumulation<Space>(gaus::MemoryFootprint{});
  check_small_graphs<Space>(gaus::MemoryFootprint{}, norm_peak);
}

TEST_CASE("memory footprint: threads, exact cost") {
  check_threads(gaus::MemoryFootprint{});
  check_exact(gaus::MemoryFootprint{}, exact_peak);
}

}  // namespace
