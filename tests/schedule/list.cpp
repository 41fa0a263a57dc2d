// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph/random.hpp>
#include <gaus/schedule/list.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <vector>

using namespace gaus_test;

namespace {

std::vector<int> list(Case const& c,
                      gaus::ListPriority priority = gaus::ListPriority::latest_start) {
  return gaus::list_schedule(c.host, c.system, c.bounds, c.steps, priority);
}

}  // namespace

// 0 -> 1 -> 2 fills the three steps; 3 and 4 fit beside it, one a step, 3 before 4. Five units in
// three steps need two at once.
TEST_CASE("list schedule: by hand") {
  auto graph = gaus::chain(3);
  for (int i = 3; i < 5; ++i) {
    graph.add_operation({});
    graph.add_demand(i, 0);
  }
  CHECK(list(make_case(graph, 0)) == std::vector<int>{0, 1, 2, 0, 1});
}

// Two units of occupancy 2 in four steps: one after the other, where asap would start both at once.
TEST_CASE("list schedule: occupancies do not overlap when there is room") {
  gaus::GraphDescription graph;
  int const unit = graph.add_resource("A");
  for (int i = 0; i < 2; ++i) {
    graph.add_operation({.latency = 1, .occupancy = 2});
    graph.add_demand(i, unit, 3);
  }
  auto const c = make_case(graph, 2);
  REQUIRE(c.steps == 4);
  CHECK(list(c) == std::vector<int>{0, 2});
}

TEST_CASE("list schedule: legal on any graph, with maximum distances too") {
  for (unsigned seed = 1; seed <= 80; ++seed) {
    CAPTURE(seed);
    auto const c = random_case(3 + static_cast<int>(seed % 40), static_cast<int>(seed % 9), seed,
                               seed % 2 == 0);
    for (auto const priority : gaus::list_priorities) CHECK(legal(c, list(c, priority)));
  }
}

// Four operations fill the one unit of class A in four steps, in the order of the priority; the
// others take none. 0 has two successors, 1 has one and must start by step 2, 2 takes five units of
// class B besides, 3 waits until step 2. Equals go by latest start, demand, number.
TEST_CASE("list schedule: each priority by hand") {
  gaus::GraphDescription graph;
  int const unit = graph.add_resource("A");
  int const other = graph.add_resource("B");
  for (int i = 0; i < 4; ++i) graph.add_demand(graph.add_operation({}), unit);
  graph.add_demand(2, other, 5);
  for (int const latency : {1, 0, 0, 2}) graph.add_operation({.latency = latency, .occupancy = 0});
  graph.add_dependence(1, 4);
  graph.add_dependence(0, 5);
  graph.add_dependence(0, 6);
  graph.add_dependence(7, 3);
  auto const c = make_case(graph, 1);
  REQUIRE(c.steps == 4);
  auto const order = [&](gaus::ListPriority priority) {
    auto start = list(c, priority);
    REQUIRE(legal(c, start));
    start.resize(4);
    return start;
  };
  using enum gaus::ListPriority;
  CHECK(order(latest_start) == std::vector<int>{2, 0, 1, 3});
  CHECK(order(least_mobility) == std::vector<int>{3, 0, 1, 2});
  CHECK(order(most_successors) == std::vector<int>{0, 1, 2, 3});
  CHECK(order(most_demand) == std::vector<int>{2, 1, 0, 3});
}

TEST_CASE("list schedule: peak not above asap on layered graphs, and not below the mean load") {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    gaus::LayeredWorkload settings;
    settings.operations = 150;
    settings.layers = 10;
    settings.max_units = 3;
    settings.seed = seed;
    auto const c = make_case(gaus::layered_workload(settings), static_cast<int>(seed % 4) * 8);
    auto const start = list(c);
    REQUIRE(legal(c, start));
    double const peak = plain_costs(c, start).usage;
    CHECK(peak <= plain_costs(c, c.bounds.earliest).usage);
    std::vector<double> load(2, 0.0);
    for (auto const& d : c.graph.demands)
      load[at(d.resource)] += d.units * c.graph.operations[at(d.operation)].occupancy / c.steps;
    CHECK(peak >= std::max(load[0], load[1]) - 1e-9);
  }
}

TEST_CASE("list schedule: nothing to level") {
  CHECK(list(make_case({}, 0)).empty());
  gaus::GraphDescription no_units;
  for (int i = 0; i < 3; ++i) no_units.add_operation({.latency = i, .occupancy = 0});
  no_units.add_dependence(0, 2);
  auto const c = make_case(no_units, 4);
  CHECK(legal(c, list(c)));
  auto const tight = make_case(gaus::chain(5), 0);
  CHECK(list(tight) == std::vector<int>{0, 1, 2, 3, 4});
}

// An operation that takes nothing and waits for nothing ends the shortcut for equal demands, and is
// in nobody's way.
TEST_CASE("list schedule: where all ask for the same the rest is not tried") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    gaus::LayeredWorkload settings;
    settings.operations = 120;
    settings.layers = 12;
    settings.max_occupancy = settings.resources = 1;
    settings.seed = seed;
    auto graph = gaus::layered_workload(settings);
    int const slack = static_cast<int>(seed % 3) * 6;
    auto mixed = graph;
    mixed.add_operation({});
    for (auto const priority : gaus::list_priorities) {
      auto start = list(make_case(mixed, slack), priority);
      start.pop_back();
      CHECK(start == list(make_case(graph, slack), priority));
    }
  }
}
