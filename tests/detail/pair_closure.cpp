// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/detail/pair_closure.hpp>

#include <gaus/graph/builder.hpp>
#include <support/projects.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <utility>
#include <vector>

namespace {

/// Operations of 3 and 4 steps on one unit.
gaus::GraphDescription two() {
  gaus::GraphDescription g;
  int const unit = g.add_resource("A", 1);
  for (int const steps : {3, 4}) {
    int const i = g.add_operation({.latency = steps, .occupancy = steps});
    g.add_demand(i, unit);
  }
  return g;
}

gaus::detail::PairClosure closure(gaus_test::Project const& p) {
  return gaus::detail::close_pairs(gaus::detail::make_limited_project(p.graph, p.system, p.limits));
}

}  // namespace

TEST_CASE("pair closure: a distance that leaves one order, both, or none") {
  using gaus_test::make_project;
  auto const free = closure(make_project(two()));
  CHECK(free.orders.empty());
  CHECK_FALSE(free.clash);
  // 1 starts at most 3 steps before 0, too few for its 4: 0 comes first.
  auto const one = closure(make_project(two(), {{1, 0, -2}, {0, 1, -3}}));
  CHECK(one.clash == std::pair{1, 0});
  auto const first = closure(make_project(two(), {{0, 1, -3}}));
  REQUIRE(first.orders.size() == 1);
  CHECK(first.orders[0].from == 0);
  CHECK(first.orders[0].to == 1);
  CHECK(first.orders[0].delta == 3);
  // At most 4 steps before leave time.
  CHECK(closure(make_project(two(), {{0, 1, -4}})).orders.empty());
}

// What it derives holds in every schedule: adding it changes no least makespan.
TEST_CASE("pair closure: no schedule is lost, and a clash is one") {
  int clashes = 0;
  int orders = 0;
  for (unsigned seed = 1; seed <= 600; ++seed) {
    CAPTURE(seed);
    auto p =
        gaus_test::random_project({.operations = 5, .lags = seed % 2 == 0, .maximum = true}, seed);
    std::vector<int> start(5, 0);
    if (!gaus::raise(p.system, start)) continue;
    auto const found = closure(p);
    auto const least = gaus_test::least_makespan(p, 24);
    if (found.clash) {
      ++clashes;
      CHECK_FALSE(least);
      continue;
    }
    orders += static_cast<int>(found.orders.size());
    p.system = gaus::detail::with_constraints(p.system, found.orders);
    CHECK(gaus_test::least_makespan(p, 24) == least);
  }
  CHECK(clashes > 2);
  CHECK(orders > 20);
}
