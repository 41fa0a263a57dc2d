// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/communication.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/schedule/pareto_search.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <atomic>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

using namespace gaus_test;

namespace {

using Host = Kokkos::DefaultHostExecutionSpace;
using Base = gaus::detail::ParetoSearch<float, Host, gaus::HostGraph, gaus::HostGraph>;

/// What a search for a front is made of, laid open.
struct Search : Base {
  using Base::add_plane, Base::ended, Base::finish, Base::front_, Base::offer, Base::problem_,
      Base::solve, Base::steps_;
  using Base::ParetoSearch;
};

std::pair<double, double> values(Case const& c, std::vector<int> const& start) {
  auto const costs = plain_costs(c, start);
  return {costs.usage, costs.communication};
}

}  // namespace

TEST_CASE("pareto search: takes legal schedules that add to the front, and no others") {
  Host const exec;
  gaus::Constraints<> const none;
  Random random(3);
  for (unsigned seed = 1; seed <= 4; ++seed) {
    auto const c = random_case(20, 8, seed);
    gaus::ParetoOptions const options{.steps = c.steps, .iterations = 100};
    Search search(exec, c.host, c.host, none, options);
    CHECK(search.steps_ == c.steps);
    auto const of = [&](std::vector<int> const& s) { return values(c, s); };
    for (int k = 0; k < 30; ++k) {
      auto const start = random_schedule(c, random);
      search.offer(of, start, c.steps, search.problem_);
      CHECK_FALSE(search.offer(of, start, c.steps, search.problem_));  // known by now
    }
    auto illegal = c.bounds.earliest;
    illegal[0] = -5;
    auto const best = [](std::vector<int> const&) { return std::pair(-1.0, -1.0); };
    CHECK_FALSE(search.offer(best, illegal, c.steps, search.problem_));
    auto const front = search.finish();
    REQUIRE(!front.points.empty());
    for (std::size_t k = 0; k < front.points.size(); ++k) {
      auto const& p = front.points[k];
      CHECK(legal(c, p.schedule.start_steps));
      CHECK(values(c, p.schedule.start_steps) == std::pair(p.first, p.second));
      CHECK(std::isnan(p.lower_bound));
      if (k == 0) continue;
      CHECK(p.first > front.points[k - 1].first);
      CHECK(p.second < front.points[k - 1].second);
    }
  }
}

TEST_CASE("pareto search: every point has the bound that is tightest there") {
  Host const exec;
  gaus::Constraints<> const none;
  auto const c = random_case(10, 6, 2);
  gaus::ParetoOptions const options{.steps = c.steps, .iterations = 100};
  Search search(exec, c.host, c.host, none, options);
  int turn = 0;
  auto const given = [&](std::vector<int> const&) {
    return turn++ == 0 ? std::pair(1.0, 10.0) : std::pair(5.0, 2.0);
  };
  REQUIRE(search.offer(given, c.bounds.earliest, c.steps, search.problem_));
  REQUIRE(search.offer(given, c.bounds.latest, c.steps, search.problem_));
  search.add_plane(1, 0, 0.9);  // first >= 0.9: gap 0.1 at the left point, 0.82 at the right one
  search.add_plane(0, 1, 1.5);  // second >= 1.5: 0.85 and 0.25
  search.add_plane(1, 1, std::numeric_limits<double>::quiet_NaN());  // nothing was proved
  auto const front = search.finish();
  REQUIRE(front.points.size() == 2);
  CHECK(front.points[0].lower_bound == 0.9);
  CHECK(front.points[0].first_weight == 1);
  CHECK(front.points[0].second_weight == 0);
  CHECK(front.points[1].lower_bound == 1.5);
  CHECK(front.points[1].second_weight == 1);
  gaus::SolveResult solved;
  CHECK(std::isnan(gaus::detail::proved_bound(solved)));
  solved.lower_bound = 3;
  CHECK(gaus::detail::proved_bound(solved) == 3);
}

TEST_CASE("pareto search: a solve takes its share of the iterations, none after the end") {
  Host const exec;
  gaus::Constraints<> const none;
  auto const c = random_case(20, 8, 5);
  std::atomic<bool> stop{false};
  gaus::ParetoOptions const options{
      .steps = c.steps, .iterations = 120, .solves = 4, .stop = &stop};
  Search search(exec, c.host, c.host, none, options);
  auto const cost = 2.0 * gaus::PeakUsage{} + gaus::Communication{};
  auto const result = search.solve(cost, c.steps, {}, 0.5);
  REQUIRE(result.has_value());
  CHECK(result->iterations == 30);
  CHECK(search.front_.solves == 1);
  CHECK(search.front_.iterations == 30);
  CHECK_FALSE(search.ended());
  stop = true;
  CHECK(search.ended());
  CHECK_FALSE(search.solve(cost, c.steps, {}, 0.5).has_value());
  CHECK(search.front_.solves == 1);
  CHECK(search.finish().stopped_by == gaus::StopReason::request);
  gaus::ParetoOptions const one{.steps = c.steps, .solves = 1};
  CHECK_THROWS_WITH_AS(Search(exec, c.host, c.host, none, one),
                       "solves = 1: a front takes at least 2", gaus::InvalidInput);
}
