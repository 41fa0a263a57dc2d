// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/modulo_legalize.hpp>

#include <gaus/constraint/resource_limit.hpp>
#include <gaus/graph/initiation_interval.hpp>
#include <gaus/graph/random.hpp>
#include <gaus/schedule/verify.hpp>
#include <support/loops.hpp>
#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <vector>

namespace {

using gaus_test::at;
using gaus_test::legal_loop;
using Vector = std::vector<int>;
using Targets = std::vector<double>;
using Limits = std::vector<std::optional<double>>;

/// n operations of one step each on a unit, without dependences.
gaus::GraphDescription apart(int n) {
  gaus::GraphDescription g;
  g.add_resource("unit", 1);
  for (int i = 0; i < n; ++i) {
    g.add_operation({});
    g.add_demand(i, 0);
  }
  return g;
}

bool legal_plain(gaus::HostGraph const& graph, Limits const& limits, int steps,
                 Vector const& start) {
  auto const problem = gaus::make_problem(graph, steps);
  return gaus::verify(problem, start).empty() &&
         gaus::resource_violations(problem, std::span<int const>(start), limits).empty();
}

}  // namespace

TEST_CASE("modulo legaliser: legal targets stay as they are") {
  auto const g = gaus_test::random_loop({.operations = 8, .max_occupancy = 2}, 4);
  auto const graph = gaus::build_graph(g);
  int const interval = gaus::initiation_interval(g).interval + 2;
  auto const system = gaus::make_difference_system(graph, interval);
  auto const bounds = gaus::step_bounds(system, 40);
  gaus::ResourceTable table(graph, g.limits(), 0, interval);
  Vector first;
  REQUIRE(gaus::modulo_legalize(graph, system, bounds, table, interval, Targets(8, 10.0), first));
  CHECK(legal_loop(g, interval, first));
  Vector second;
  Targets target(first.begin(), first.end());
  for (double& t : target) t += 0.3;
  REQUIRE(gaus::modulo_legalize(graph, system, bounds, table, interval, target, second));
  CHECK(second == first);
}

TEST_CASE("modulo legaliser: to the nearest free slot") {
  auto const g = apart(3);
  auto const graph = gaus::build_graph(g);
  // Plain: three at step 4 of nine take 3, 4 and 5.
  auto const plain = gaus::make_difference_system(graph);
  auto const bounds = gaus::step_bounds(plain, 9);
  gaus::ResourceTable steps(graph, g.limits(), 9);
  Vector start;
  REQUIRE(gaus::modulo_legalize(graph, plain, bounds, steps, 0, {4, 4, 4}, start));
  std::sort(start.begin(), start.end());
  CHECK(start == Vector{3, 4, 5});
  // Pipelined at II 3: 4 and 7 are one slot, so the second one moves by one.
  auto const folded = gaus::make_difference_system(graph, 3);
  gaus::ResourceTable slots(graph, g.limits(), 0, 3);
  REQUIRE(gaus::modulo_legalize(graph, folded, gaus::step_bounds(folded, 9), slots, 3, {4, 7, 2},
                                start));
  CHECK(start[0] == 4);
  CHECK(start[1] == 6);
  CHECK(start[2] == 2);
  // Too many for the steps, or for the slots.
  gaus::ResourceTable few(graph, g.limits(), 2);
  auto const tight = gaus::step_bounds(plain, 2);
  Vector const before = start;
  CHECK_FALSE(gaus::modulo_legalize(graph, plain, tight, few, 0, {0, 0, 0}, start));
  CHECK(start == before);
  gaus::ResourceTable two(graph, g.limits(), 0, 2);
  CHECK_FALSE(gaus::modulo_legalize(graph, gaus::make_difference_system(graph, 2), {}, two, 2,
                                    {0, 0, 0}, start));
}

TEST_CASE("modulo legaliser: displaces what stands in the way of a recurrence") {
  // 1 must start one step after 0, whose unit 2 wants at that very slot.
  gaus::GraphDescription g = apart(3);
  g.add_dependence(0, 1);
  g.add_dependence({.from = 1, .to = 0, .delay = -2});
  auto const graph = gaus::build_graph(g);
  auto const system = gaus::make_difference_system(graph, 3);
  gaus::ResourceTable table(graph, g.limits(), 0, 3);
  Vector start;
  REQUIRE(gaus::modulo_legalize(graph, system, gaus::step_bounds(system, 6), table, 3, {2, 3, 3},
                                start));
  CHECK(legal_loop(g, 3, start));
  CHECK(start[0] == 2);
  CHECK(start[1] == 3);
}

TEST_CASE("modulo legaliser: random loops, free and within few steps") {
  gaus_test::Random random(7);
  int tried = 0;
  int found = 0;
  for (auto const& settings : gaus_test::loop_kinds())
    for (unsigned seed = 1; seed <= 60; ++seed) {
      CAPTURE(seed);
      auto const g = gaus_test::random_loop(settings, seed);
      auto const graph = gaus::build_graph(g);
      int mii = 1;
      try {
        mii = gaus::initiation_interval(g).interval;
      } catch (gaus::InvalidInput const&) {
        continue;
      }
      for (int interval = mii; interval < mii + 2 && interval < 7; ++interval) {
        if (!gaus_test::loop_is_feasible(g, interval)) continue;
        auto const system = gaus::make_difference_system(graph, interval);
        auto const early = gaus::earliest_steps(system);
        int const steps = gaus::critical_path(system, early) + interval + random.below(10);
        Targets target;
        for (std::size_t i = 0; i < early.size(); ++i) target.push_back(random.between(-2, steps));
        gaus::ResourceTable table(graph, g.limits(), 0, interval);
        for (bool const bounded : {false, true}) {
          auto const bounds = bounded ? gaus::step_bounds(system, steps) : gaus::StepBounds{};
          Vector start;
          ++tried;
          if (!gaus::modulo_legalize(graph, system, bounds, table, interval, target, start, 20,
                                     seed))
            continue;
          ++found;
          CHECK(legal_loop(g, interval, start));
          for (std::size_t i = 0; bounded && i < start.size(); ++i) {
            CHECK(start[i] >= bounds.earliest[i]);
            CHECK(start[i] <= bounds.latest[i]);
          }
          if (!bounded) CHECK(*std::min_element(start.begin(), start.end()) == 0);
        }
      }
    }
  CHECK(tried > 500);
  CHECK(found * 10 > tried * 9);
}

TEST_CASE("modulo legaliser: plain schedules under limits, one object for many targets") {
  auto g = gaus::layered_workload({.operations = 300, .layers = 12, .resources = 3, .seed = 8});
  for (auto& r : g.resources) r.limit = 12;
  auto const graph = gaus::build_graph(g);
  auto const system = gaus::make_difference_system(graph);
  int const steps = 2 * gaus::critical_path(system, gaus::earliest_steps(system));
  auto const bounds = gaus::step_bounds(system, steps);
  gaus::ResourceTable table(graph, g.limits(), steps);
  gaus::ModuloLegalizer<gaus::HostGraph> legalizer(graph, system, bounds, table, 0);
  gaus_test::Random random(3);
  int found = 0;
  for (int round = 0; round < 20; ++round) {
    Targets target;
    for (std::size_t i = 0; i < bounds.earliest.size(); ++i)
      target.push_back(random.between(bounds.earliest[i], bounds.latest[i]));
    Vector start;
    if (!legalizer.run(target, start, {.seed = at(round)})) continue;
    ++found;
    CHECK(legal_plain(graph, g.limits(), steps, start));
    Vector again;
    CHECK(legalizer.run(target, again, {.seed = at(round)}));
    CHECK(again == start);
  }
  CHECK(found >= 18);
}

TEST_CASE("modulo legaliser: the ends of the input") {
  gaus::GraphDescription const none;
  auto const empty = gaus::build_graph(none);
  auto const nothing = gaus::make_difference_system(empty);
  gaus::ResourceTable no_table(empty, {}, 1);
  Vector start{5};
  CHECK(gaus::modulo_legalize(empty, nothing, {}, no_table, 0, {}, start));
  CHECK(start.empty());

  auto const g = apart(1);
  auto const graph = gaus::build_graph(g);
  auto const system = gaus::make_difference_system(graph, 2);
  gaus::ResourceTable table(graph, g.limits(), 0, 2);
  REQUIRE(gaus::modulo_legalize(graph, system, {}, table, 2, {7.4}, start));
  CHECK(start == Vector{0});
  double const infinity = std::numeric_limits<double>::infinity();
  for (double const t : {infinity, -infinity, std::nan(""), 1e300})
    CHECK(gaus::modulo_legalize(graph, system, gaus::step_bounds(system, 4), table, 2, {t}, start));
  CHECK(start == Vector{3});
  CHECK_THROWS_AS(gaus::modulo_legalize(graph, system, {}, table, 2, {}, start),
                  gaus::InvalidInput);
  CHECK_THROWS_AS(gaus::modulo_legalize(graph, system, {}, table, 3, {0}, start),
                  gaus::InvalidInput);
  CHECK_THROWS_AS(gaus::modulo_legalize(graph, system, {}, table, 0, {0}, start),
                  gaus::InvalidInput);
  CHECK_THROWS_AS(gaus::modulo_legalize(graph, system, {{0, 1}, {0, 1}}, table, 2, {0}, start),
                  gaus::InvalidInput);
  // Below RecMII there is nothing to find.
  auto loop = apart(2);
  loop.add_dependence(0, 1);
  loop.add_dependence({.from = 1, .to = 0, .distance = 1, .delay = 3});
  auto const ring = gaus::build_graph(loop);
  auto const contradiction = gaus::make_difference_system(ring, 2);
  gaus::ResourceTable slots(ring, loop.limits(), 0, 2);
  CHECK_FALSE(gaus::modulo_legalize(ring, contradiction, {}, slots, 2, {0, 0}, start));
}
