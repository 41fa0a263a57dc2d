// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/weighted_sum.hpp>

#include <gaus/objective/communication.hpp>
#include <gaus/objective/makespan.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/total_lifetime.hpp>
#include <support/hand.hpp>
#include <support/policies.hpp>
#include <support/spaces.hpp>
#include <type_traits>

namespace {

using namespace gaus_test;

/// A cost that no discrete search knows of.
struct Unlisted {
  static constexpr char const* name = "unlisted";
  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const& exec, gaus::Problem<G> const&,
                gaus::StartSteps<Real, typename G::memory_space> const&,
                gaus::Evaluation<Real, typename G::memory_space> const& result) const {
    Kokkos::deep_copy(exec, result.cost, 7.0);
  }
  template <class G>
  double exact(gaus::Problem<G> const&, std::span<int const>) const {
    return 7;
  }
};

auto const terms = 100.0 * gaus::PeakUsage{} + 0.5 * gaus::Communication{} + gaus::TotalLifetime{} +
                   2.0 * gaus::Makespan{};

Number expected(TestProblem const& p) {
  return 100 * p_norm(expected_usage(p), 20) + 0.5L * expected_communication(p) +
         expected_lifetime(p) + 2 * expected_makespan(p);
}

TEST_CASE_TEMPLATE("weighted sum: value and gradient", Space, GAUS_TEST_SPACES) {
  check_against_reference<Space>(terms, expected);
  check_accumulation<Space>(terms);
  check_small_graphs<Space>(terms, expected);
}

TEST_CASE_TEMPLATE("weighted sum: worked by hand", Space, GAUS_TEST_SPACES) {
  auto const p = liveness_by_hand();
  // Communication 1 * (5 - 1) + 1 * (7 - 1) + 1 * (6 - 5); lifetime 13.
  auto const cost = 10.0 * gaus::Communication{} + 3.0 * gaus::TotalLifetime{};
  CHECK(evaluate(Space(), cost, p).cost == doctest::Approx(10 * 11 + 3 * 13));
  // Sums within sums, and a weight 0.
  auto const nested = 2.0 * cost + 0.0 * gaus::Communication{};
  CHECK(evaluate(Space(), nested, p).cost == doctest::Approx(2 * (10 * 11 + 3 * 13)));
  auto const plain = evaluate(Space(), cost, p);
  auto const twice = evaluate(Space(), nested, p);
  for (std::size_t i = 0; i < plain.d_mean.size(); ++i)
    CHECK(twice.d_mean[i] == doctest::Approx(2 * plain.d_mean[i]));
}

TEST_CASE("weighted sum: every way to write one") {
  using gaus::Communication;
  using gaus::Makespan;
  using Sum = gaus::WeightedSum<Communication, Makespan>;
  static_assert(std::is_same_v<decltype(2.0 * Communication{} + 3.0 * Makespan{}), Sum>);
  static_assert(std::is_same_v<decltype(2.0 * Communication{} + Makespan{}), Sum>);
  static_assert(std::is_same_v<decltype(Communication{} + 3.0 * Makespan{}), Sum>);
  static_assert(std::is_same_v<decltype(gaus::weighted_sum(gaus::weighted(2.0, Communication{}),
                                                           gaus::weighted(3.0, Makespan{}))),
                               Sum>);
  static_assert(std::is_same_v<decltype(Communication{} + Makespan{}), Sum>);
  static_assert(std::is_same_v<decltype(Communication{} + Makespan{} + Communication{}),
                               gaus::WeightedSum<Communication, Makespan, Communication>>);
  auto const sum = Communication{} + 3.0 * Makespan{};
  CHECK(std::get<0>(sum.terms).weight == 1);
  CHECK(std::get<1>(sum.terms).weight == 3);
}

TEST_CASE("weighted sum: exact cost, its terms, its model") {
  auto const problem = make_problem<Kokkos::HostSpace>(liveness_by_hand());
  std::vector<int> const s{1, 5, 7, 6};
  // No classes, communication 11, lifetime 13, and operation 2 ends at 8.
  CHECK(terms.exact(problem, s) == doctest::Approx(0.5 * 11 + 13 + 2 * 8));
  auto const each = terms.exact_terms(problem, s);
  REQUIRE(each.size() == 4);
  CHECK(each[0] == std::pair<std::string, double>("usage", 0));
  CHECK(each[1] == std::pair<std::string, double>("communication", 11));
  CHECK(each[2] == std::pair<std::string, double>("lifetime", 13));
  CHECK(each[3] == std::pair<std::string, double>("makespan", 8));

  gaus::CostModel model;
  gaus::detail::describe(2.0 * terms + 4.0 * gaus::PeakUsage{.resource = 1}, model, 10.0);
  CHECK(model.usage == 2000);
  CHECK(model.communication == 10);
  CHECK(model.lifetime == 20);
  CHECK(model.makespan == 40);
  CHECK(model.memory == 0);
  REQUIRE(model.usage_of.size() == 1);
  CHECK(model.usage_of[0] == std::pair(1, 40.0));
  CHECK(model.complete);
  gaus::detail::describe(gaus::weighted(1.0, Unlisted{}) + gaus::Makespan{}, model, 1.0);
  CHECK_FALSE(model.complete);
  CHECK(evaluate(Kokkos::DefaultExecutionSpace(),
                 gaus::weighted(3.0, Unlisted{}) + gaus::weighted(2.0, Unlisted{}),
                 liveness_by_hand())
            .cost == 35);
}

}  // namespace
