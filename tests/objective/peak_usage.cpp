// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/peak_usage.hpp>

#include <support/hand.hpp>
#include <support/policies.hpp>
#include <support/spaces.hpp>

namespace {

using namespace gaus_test;

std::vector<Number> row(TestProblem const& p, std::vector<Number> const& u, int r) {
  return {u.begin() + r * slots(p), u.begin() + (r + 1) * slots(p)};
}
Number softmax_peak(TestProblem const& p) {
  auto const u = expected_usage(p);
  return u.empty() ? 0 : log_sum_exp(u, 0.3L);
}
Number norm_peak(TestProblem const& p) { return p_norm(expected_usage(p), 20); }
Number norm_peak_of_b(TestProblem const& p) { return p_norm(row(p, expected_usage(p), 1), 20); }
Number exact_peak(TestProblem const& p, std::vector<int> const& s) {
  auto const u = discrete_usage(p, s);
  return *std::max_element(u.begin(), u.end());
}

TEST_CASE_TEMPLATE("peak usage: worked by hand", Space, GAUS_TEST_SPACES) {
  Space const exec;
  auto const p = usage_by_hand();
  // p-norm with exponent 1 / 0.05 over 1.5 3.5 2 2 and 1 1 1.
  double const norm =
      std::pow(std::pow(1.5, 20) + std::pow(3.5, 20) + 2 * std::pow(2, 20) + 3, 0.05);
  CHECK(evaluate(exec, gaus::PeakUsage{}, p).cost == doctest::Approx(norm));
  CHECK(evaluate(exec, gaus::PeakUsage{.resource = 1}, p).cost ==
        doctest::Approx(std::pow(3, 0.05)));
  // Modulo 3: 2 3.5 3.5 and 1 1 1.
  CHECK(evaluate(exec, gaus::PeakUsage{.resource = 0}, usage_by_hand(3)).cost ==
        doctest::Approx(std::pow(2 * std::pow(3.5, 20) + std::pow(2, 20), 0.05)));
  // Temperature 2 over X: 0 four times, 1.5, 3.5, 2 twice.
  double const soft =
      2 * std::log(4 + std::exp(1.5 / 2) + std::exp(3.5 / 2) + 2 * std::exp(2.0 / 2));
  CHECK(evaluate(exec, gaus::PeakUsage{.resource = 0, .maximum = {.temperature = 2}}, p).cost ==
        doctest::Approx(soft));
  auto const problem = make_problem<Kokkos::HostSpace>(p);
  std::vector<int> const s{1, 2, 4};
  CHECK(gaus::PeakUsage{}.exact(problem, s) == 3.5);
  CHECK(gaus::PeakUsage{.resource = 1}.exact(problem, s) == 1);
}

TEST_CASE_TEMPLATE("peak usage: value and gradient", Space, GAUS_TEST_SPACES) {
  gaus::PeakUsage const soft{.maximum = {.temperature = 0.3}};
  check_against_reference<Space>(soft, softmax_peak);
  check_against_reference<Space>(gaus::PeakUsage{}, norm_peak);
  check_against_reference<Space>(gaus::PeakUsage{.resource = 1}, norm_peak_of_b);
  check_float<Space>(soft, 5e-3);
  check_float<Space>(gaus::PeakUsage{}, 5e-3);
  check_accumulation<Space>(soft);
  check_accumulation<Space>(gaus::PeakUsage{});
  check_small_graphs<Space>(gaus::PeakUsage{}, norm_peak);
}

TEST_CASE("peak usage: operations without demands") {
  auto p = random_problem({.seed = 2});
  p.graph.demands.clear();
  auto const got = evaluate(Kokkos::DefaultExecutionSpace(), gaus::PeakUsage{}, p);
  CHECK(got.cost == 0);
  for (double const g : got.d_mean) CHECK(g == 0);
  for (double const g : got.d_spread) CHECK(g == 0);
}

TEST_CASE("peak usage: threads, exact cost") {
  check_threads(gaus::PeakUsage{});
  check_exact(gaus::PeakUsage{}, exact_peak);
  check_exact(gaus::PeakUsage{.resource = 2}, [](auto const& p, auto const& s) {
    auto const u = row(p, discrete_usage(p, s), 2);
    return *std::max_element(u.begin(), u.end());
  });
}

}  // namespace
