// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/batch_descent.hpp>

#include <gaus/objective/communication.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <set>
#include <span>
#include <vector>

using namespace gaus_test;

TEST_CASE("batched descents: how many") {
  CHECK(gaus::detail::filling_descents(0) == 32);
  CHECK(gaus::detail::filling_descents(100) == 32);
  CHECK(gaus::detail::filling_descents(10000) == 3);
  CHECK(gaus::detail::filling_descents(40000) == 1);
  CHECK(gaus::detail::filling_descents(1LL << 40) == 1);
  auto const c = random_case(20, 5, 1);
  using Host = Kokkos::DefaultHostExecutionSpace;
  CHECK(gaus::detail::descents_at_once<Host>(0, 0, c.problem) == 1);
  CHECK(gaus::detail::descents_at_once<Host>(0, 100, c.problem) == 1);
  CHECK(gaus::detail::descents_at_once<Host>(6, 100, c.problem) == 6);
  CHECK(gaus::detail::shortened({.iterations = 50}, 1000, 4) == 50);
  CHECK(gaus::detail::shortened({.iterations = 50}, 100, 4) == 25);
  CHECK(gaus::detail::shortened({.iterations = 50}, 3, 4) == 1);
}

TEST_CASE("batched descents: the first begins as one alone, no two alike, all in the windows") {
  auto const c = random_case(30, 8, 4);
  Random random(2);
  auto const best = random_schedule(c, random);
  for (auto const start :
       {gaus::DescentStart::middle, gaus::DescentStart::linear, gaus::DescentStart::perturbed,
        gaus::DescentStart::random, gaus::DescentStart::best}) {
    CAPTURE(static_cast<int>(start));
    gaus::PortfolioEntry const entry{{}, start};
    gaus::Portfolio together(5, 100);
    gaus::Portfolio alone(5, 100);
    std::vector<double> all;
    std::vector<double> one;
    gaus::detail::begin_batch(together, entry, 6, c.bounds, best, best, all);
    alone.begin(entry, c.bounds, best, best, one);
    auto const n = one.size();
    REQUIRE(all.size() == 6 * n);
    CHECK(std::equal(one.begin(), one.end(), all.begin()));
    std::set<std::vector<double>> different;
    for (std::size_t k = 0; k < 6; ++k) {
      std::vector<double> const own(&all[k * n], &all[k * n] + n);
      different.insert(own);
      for (std::size_t i = 0; i < n; ++i) {
        CHECK(own[i] >= c.bounds.earliest[i]);
        CHECK(own[i] <= c.bounds.latest[i]);
        int const mobility = c.bounds.latest[i] - c.bounds.earliest[i];
        if (start == gaus::DescentStart::best)
          CHECK(std::abs(own[i] - best[i]) <= 0.05 * mobility + 1e-9);
      }
    }
    CHECK(different.size() == 6);
  }
}

TEST_CASE("batched descents: legal schedules near all of them at the end, of a quarter before") {
  auto const c = random_case(25, 6, 7);
  Kokkos::DefaultHostExecutionSpace const exec;
  gaus::detail::DescentRun<Kokkos::DefaultHostExecutionSpace, gaus::HostGraph, float,
                           gaus::Communication>
      run(exec, gaus::make_batch(c.problem, 8), gaus::Communication{}, gaus::Constraints<>{});
  gaus::Portfolio portfolio(1, 100);
  std::vector<double> means;
  gaus::detail::begin_batch(portfolio, {{}, gaus::DescentStart::random}, 8, c.bounds, {}, {},
                            means);
  run.begin({.iterations = 20}, means);
  std::vector<int> visits;
  while (!run.done()) {
    run.step();
    if (run.iteration() % 4 != 0) continue;
    visits.push_back(0);
    gaus::detail::each_descent(run, 4, run.means(), [&](std::span<float const> own) {
      gaus::legal_candidates(c.system, c.bounds, own, [&](std::vector<int> const& s) {
        CHECK(legal(c, s));
        ++visits.back();
      });
    });
  }
  REQUIRE(visits.size() == 5);
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(visits[k] >= 2 * 3);  // each gives three schedules, or three times three
    CHECK(visits[k] <= 2 * 9);
  }
  CHECK(visits[4] >= 8 * 3);
}
