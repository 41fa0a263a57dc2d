// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/cost.hpp>

#include <support/hand.hpp>
#include <support/policies.hpp>
#include <limits>

namespace {

using namespace gaus_test;

auto host(TestProblem const& p) { return make_problem<Kokkos::HostSpace>(p); }

TEST_CASE("cost: usage by hand") {
  std::vector<int> const s{1, 2, 4};
  auto const plain = gaus::usage_profile(host(usage_by_hand()), s);
  CHECK(plain.rows == 2);
  CHECK(plain.slots == 8);
  CHECK(plain.values == std::vector<double>{0, 1.5, 3.5, 2, 2, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0});
  CHECK(plain.peak(0) == 3.5);
  CHECK(plain(1, 4) == 1);
  CHECK(gaus::usage_profile(host(usage_by_hand(3)), s).values ==
        std::vector<double>{2, 3.5, 3.5, 1, 1, 1});
  // An interval shorter than an occupancy: it takes its units more than once.
  CHECK(gaus::usage_profile(host(usage_by_hand(2)), s).values ==
        std::vector<double>{1.5 + 4, 1.5 + 2, 2, 1});
}

TEST_CASE("cost: liveness by hand") {
  std::vector<int> const s{1, 5, 7, 6};
  CHECK(gaus::live_profile(host(liveness_by_hand()), s).values ==
        std::vector<double>{0, 0, 0, 2, 2, 7, 2, 0, 0, 0});
  CHECK(gaus::live_profile(host(liveness_by_hand(0, true)), s).values ==
        std::vector<double>{0, 0, 0, 2, 2, 7, 6, 5, 5, 5});
  CHECK(gaus::live_profile(host(liveness_by_hand(8)), s).values ==
        std::vector<double>{4, 0, 0, 2, 2, 7, 6, 4});
  CHECK(gaus::live_profile(host(liveness_by_hand(4, true)), s).values ==
        std::vector<double>{3, 8, 2, 3});
  CHECK(gaus::total_lifetime(host(liveness_by_hand()), s) == 13);
  CHECK(gaus::total_lifetime(host(liveness_by_hand(0, true)), s) == 32);
  CHECK(gaus::total_lifetime(host(liveness_by_hand(8)), s) == 25);
  // (5 - 1) + (7 - 1) + (6 - 5), and 1 + 8 - 6 more.
  CHECK(gaus::communication(host(liveness_by_hand()), s) == 11);
  CHECK(gaus::communication(host(liveness_by_hand(8)), s) == 14);
  CHECK(gaus::makespan(host(liveness_by_hand()), s) == 8);
}

TEST_CASE("cost: all at once, on random schedules") {
  Random random(2);
  for (auto const& p : many_problems()) {
    auto const problem = host(p);
    std::vector<int> s;
    for (int i = 0; i < p.operations(); ++i)
      s.push_back(p.earliest[at(i)] + random.below(p.latest[at(i)] - p.earliest[at(i)] + 1));
    auto const costs = gaus::exact_costs(problem, s);
    auto const u = discrete_usage(p, s);
    auto const m = discrete_liveness(p, s);
    REQUIRE(costs.usage_of.size() == 3);
    for (int r = 0; r < 3; ++r)
      CHECK(costs.usage_of[at(r)] ==
            doctest::Approx(static_cast<double>(
                *std::max_element(u.begin() + r * slots(p), u.begin() + (r + 1) * slots(p)))));
    CHECK(costs.usage ==
          doctest::Approx(static_cast<double>(*std::max_element(u.begin(), u.end()))));
    CHECK(costs.memory ==
          doctest::Approx(static_cast<double>(*std::max_element(m.begin(), m.end()))));
    CHECK(costs.lifetime == doctest::Approx(static_cast<double>(sum(m))));
    CHECK(costs.communication ==
          doctest::Approx(static_cast<double>(discrete_communication(p, s))));
    CHECK(costs.makespan == discrete_makespan(p, s));
  }
}

TEST_CASE("cost: schedules beyond the steps") {
  auto const problem = host(usage_by_hand());
  // Operation 1 starts at 7 and keeps its units until 10, two steps after the end.
  auto const late = gaus::usage_profile(problem, std::vector<int>{0, 7, 0});
  CHECK(late.slots >= 10);
  CHECK(late(0, 9) == 2);
  CHECK(late.peak(0) == 2);
  // Before step 0 nothing is counted.
  auto const early = gaus::usage_profile(problem, std::vector<int>{-1, 2, 0});
  CHECK(early(0, 0) == 1.5);
  CHECK(early(0, 1) == 0);
  CHECK(gaus::usage_profile(problem, std::vector<int>{-5, -3, 0}).peak(0) == 0);
  // Pipelined, they fall into their slots.
  auto const folded = gaus::usage_profile(host(usage_by_hand(3)), std::vector<int>{-1, 20, 0});
  CHECK(folded.values == std::vector<double>{1.5 + 2, 2, 1.5 + 2, 1, 1, 1});
}

TEST_CASE("cost: schedules that do not fit the graph or the memory") {
  auto const problem = host(usage_by_hand());
  CHECK_THROWS_WITH_AS(gaus::exact_costs(problem, std::vector<int>{0, 1}),
                       "the schedule has 2 start steps, the graph has 3 operations",
                       gaus::InvalidInput);
  CHECK_THROWS_AS(
      gaus::usage_profile(problem, std::vector<int>{std::numeric_limits<int>::max() - 1, 0, 0}),
      gaus::InvalidInput);
}

TEST_CASE("cost: an empty graph") {
  TestProblem none;
  none.steps = 4;
  auto const costs = gaus::exact_costs(host(none), std::vector<int>{});
  CHECK(costs.usage == 0);
  CHECK(costs.usage_of.empty());
  CHECK(costs.memory == 0);
  CHECK(costs.lifetime == 0);
  CHECK(costs.communication == 0);
  CHECK(costs.makespan == 0);
}

}  // namespace
