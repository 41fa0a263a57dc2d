// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/makespan_bounds.hpp>

#include <gaus/error.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/graph/random.hpp>
#include <support/projects.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <vector>

namespace {

using gaus_test::make_project;
using gaus_test::Project;
using gaus_test::random_project;

int bound(Project const& p, int known) {
  return gaus::makespan_lower_bound(p.graph, p.system, p.limits, known);
}

/// Operations of equal steps that take some units of one class.
Project parallel(int count, int steps, double units, double limit) {
  gaus::GraphDescription g;
  int const unit = g.add_resource("A", limit);
  for (int i = 0; i < count; ++i) {
    g.add_operation({.latency = steps, .occupancy = steps});
    g.add_demand(i, unit, units);
  }
  return make_project(g);
}

}  // namespace

TEST_CASE("makespan bounds: by hand") {
  CHECK(bound(make_project(gaus::chain(7)), 7) == 7);  // the critical path
  CHECK(bound(parallel(7, 3, 2, 6), 100) == 7);        // work: 7 * 3 * 2 / 6
  // Two of three units each: no two together, although the work would fit into 4 steps.
  CHECK(bound(parallel(3, 2, 2, 3), 100) == 6);
  // Two of five units each: two at a time, so three rounds of 4 steps; energetic reasoning over
  // units sees 20 of 25 used.
  CHECK(bound(parallel(6, 4, 2, 5), 100) == 12);
}

// A head of 2, five operations of 2 steps on two units, a tail of 3: 2 + 5 + 3.
TEST_CASE("makespan bounds: heads and tails") {
  gaus::GraphDescription g;
  int const unit = g.add_resource("A", 2);
  g.add_operation({.latency = 2, .occupancy = 2});
  for (int i = 1; i <= 5; ++i) {
    g.add_operation({.latency = 2, .occupancy = 2});
    g.add_demand(i, unit);
    g.add_dependence(0, i);
  }
  g.add_operation({.latency = 3, .occupancy = 3});
  for (int i = 1; i <= 5; ++i) g.add_dependence(i, 6);
  auto const p = make_project(g);
  CHECK(bound(p, 11) == 10);
  gaus::detail::MakespanBounds const bounds(
      gaus::detail::make_limited_project(p.graph, p.system, p.limits));
  CHECK(bounds.head[6] == 7);  // the work of what comes before, not only the path
  CHECK(bounds.tail[0] == 10);
}

TEST_CASE("makespan bounds: never above the least makespan, and often equal") {
  int equal = 0;
  int cases = 0;
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    auto const p = random_project({.operations = 4 + static_cast<int>(seed % 3),
                                   .lags = seed % 2 == 0,
                                   .maximum = seed % 5 == 0,
                                   .fractions = seed % 3 == 0},
                                  seed);
    std::vector<int> start(p.description.operations.size(), 0);
    if (!gaus::raise(p.system, start)) continue;
    auto const least = gaus_test::least_makespan(p, 24);
    if (!least) continue;
    // Whatever is known to be possible, the bound stays one.
    for (int const known : {*least, *least + 1, 60}) CHECK(bound(p, known) <= *least);
    equal += bound(p, 60) == *least ? 1 : 0;
    ++cases;
  }
  CHECK(cases > 150);
  CHECK(equal > cases * 8 / 10);
  MESSAGE("equal to the least makespan: " << equal << " of " << cases);
}

TEST_CASE("makespan bounds: head and tail of every operation hold in every schedule") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    auto const p = random_project({.operations = 5, .lags = seed % 2 == 0}, seed);
    gaus::detail::MakespanBounds const bounds(
        gaus::detail::make_limited_project(p.graph, p.system, p.limits));
    auto const least = gaus_test::least_makespan(p, 30);
    REQUIRE(least);
    for (int i = 0; i < 5; ++i) {
      CAPTURE(i);
      // An operation that is held back to one step before its head leaves no schedule at all, and
      // one that is allowed to end too late none of the least makespan.
      auto const k = static_cast<std::size_t>(i);
      CHECK(bounds.head[k] + bounds.tail[k] <= *least);
    }
  }
}

TEST_CASE("makespan bounds: stops when told, on empty graphs at once") {
  gaus::GraphDescription g;
  g.add_resource("A", 1);
  CHECK(bound(make_project(g), 0) == 0);
  auto const p = parallel(6, 4, 2, 5);
  CHECK(gaus::makespan_lower_bound(p.graph, p.system, p.limits, 100, [] { return false; }) <= 12);
  CHECK_THROWS_AS(bound(parallel(2, 1, 3, 2), 9), gaus::Infeasible);
}
