// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/schedule_generation.hpp>

#include <gaus/detail/random_bits.hpp>
#include <gaus/error.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/graph/random.hpp>
#include <support/projects.hpp>
#include <support/reading.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace {

using gaus::GenerationScheme;
using gaus::TimeDirection;
using gaus_test::contains;
using gaus_test::legal;
using gaus_test::Limits;
using gaus_test::make_project;
using gaus_test::makespan_of;
using gaus_test::Project;
using gaus_test::random_project;
using Vector = std::vector<int>;

gaus::ScheduleGeneration generation(Project const& p) { return {p.graph, p.system, p.limits}; }

/// One unit; operations of 2, 3 and 1 steps, the last after the first.
Project three() {
  gaus::GraphDescription g;
  int const unit = g.add_resource("A", 1);
  for (int const steps : {2, 3, 1}) {
    int const i = g.add_operation({.latency = steps, .occupancy = steps});
    g.add_demand(i, unit);
  }
  g.add_dependence(0, 2);
  return make_project(g);
}

}  // namespace

TEST_CASE("schedule generation: the order of priorities, as far as constraints let it") {
  auto const p = three();
  auto make = generation(p);
  CHECK(make.generate({0, 1, 2}) == Vector{0, 2, 5});
  CHECK(make.generate({0, 2, 1}) == Vector{0, 3, 2});
  CHECK(make.generate({2, 1, 0}) == Vector{3, 0, 5});  // 2 waits for 0
  CHECK(make.generate({2, 1, 0}, GenerationScheme::parallel) == Vector{3, 0, 5});
  CHECK(make.generate({0, 1, 2}, GenerationScheme::serial, TimeDirection::backward) ==
        Vector{0, 2, 5});
  CHECK(make.generate({0, 2, 1}, GenerationScheme::parallel, TimeDirection::backward) ==
        Vector{0, 3, 2});
}

// Two units, and the second operation needs both: in serial generation it has them before the third
// is looked at, in parallel generation the third takes the one that is left.
TEST_CASE("schedule generation: serial keeps to the order, parallel leaves nothing idle") {
  gaus::GraphDescription g;
  int const unit = g.add_resource("A", 2);
  for (int const steps : {2, 3, 4}) g.add_operation({.latency = steps, .occupancy = steps});
  g.add_demand(0, unit);
  g.add_demand(1, unit, 2);
  g.add_demand(2, unit);
  auto const p = make_project(g);
  auto make = generation(p);
  CHECK(make.generate({0, 1, 2}) == Vector{0, 2, 5});
  CHECK(make.generate({0, 1, 2}, GenerationScheme::parallel) == Vector{0, 4, 0});
}

// 1 behind 0 delays 2 without need; backward, 0 moves behind 1, and forward all begin earlier.
TEST_CASE("schedule generation: justification shortens") {
  gaus::GraphDescription g;
  int const unit = g.add_resource("A", 1);
  int const other = g.add_resource("B", 1);
  for (int const steps : {3, 1, 3}) g.add_operation({.latency = steps, .occupancy = steps});
  g.add_demand(0, unit);
  g.add_demand(1, unit);
  g.add_demand(2, other);
  g.add_dependence(1, 2);
  auto const p = make_project(g);
  auto make = generation(p);
  auto const first = make.generate({0, 1, 2});
  CHECK(first == Vector{0, 3, 4});
  auto const better = make.justify(first);
  CHECK(better == Vector{1, 0, 1});
  CHECK(make.makespan(better) == 4);
}

TEST_CASE("schedule generation: always legal, justification never longer") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    auto const p = random_project({.operations = 2 + static_cast<int>(seed % 30),
                                   .lags = seed % 2 == 0,
                                   .fractions = seed % 3 == 0},
                                  seed);
    auto make = generation(p);
    gaus::detail::RandomBits random(seed);
    std::vector<double> priority(p.description.operations.size());
    for (double& x : priority) x = random.unit();
    for (auto const scheme : {GenerationScheme::serial, GenerationScheme::parallel})
      for (auto const direction : {TimeDirection::forward, TimeDirection::backward}) {
        auto const start = make.generate(priority, scheme, direction);
        CHECK(legal(p, start, makespan_of(p, start)));
        auto const justified = make.justify(start);
        CHECK(legal(p, justified, makespan_of(p, justified)));
        // With units that outlast their results, ends do not order what constraints order.
        if (seed % 2 == 1) CHECK(makespan_of(p, justified) <= makespan_of(p, start));
      }
  }
}

// Serial generation reaches a schedule of least makespan by some order of the operations.
TEST_CASE("schedule generation: the best serial order is as short as any schedule") {
  for (unsigned seed = 1; seed <= 80; ++seed) {
    CAPTURE(seed);
    auto const p = random_project({.operations = 5, .lags = seed % 2 == 0}, seed);
    auto make = generation(p);
    std::vector<double> order{0, 1, 2, 3, 4};
    int best = std::numeric_limits<int>::max();
    do best = std::min(best, makespan_of(p, make.generate(order)));
    while (std::next_permutation(order.begin(), order.end()));
    auto const least = gaus_test::least_makespan(p, 30);
    REQUIRE(least);
    // Where a lag lets an operation start before one that it waits for, no order may do.
    if (seed % 2 == 0)
      CHECK(best >= *least);
    else
      CHECK(best == *least);
  }
}

TEST_CASE("schedule generation: tenths that add up to the limit go together") {
  gaus::GraphDescription g;
  int const share = g.add_resource("A", 1.0);
  for (int i = 0; i < 10; ++i) {
    g.add_operation({});
    g.add_demand(i, share, 0.1);
  }
  g.add_operation({});
  g.add_demand(10, share, 1.0 / 3);
  auto const p = make_project(g);
  auto make = generation(p);
  auto const start = make.generate(std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(start == Vector{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
}

// Sixty classes do not fit into one word of packed units.
TEST_CASE("schedule generation: many classes") {
  gaus::GraphDescription g;
  for (int r = 0; r < 60; ++r) g.add_resource(std::to_string(r), 1 + r);
  for (int i = 0; i < 60; ++i) {
    g.add_operation({.latency = 2, .occupancy = 2});
    g.add_demand(i, i, 1);
    g.add_demand(i, (i + 1) % 60, 1);
  }
  auto const p = make_project(g);
  auto make = generation(p);
  auto const start = make.generate(std::vector<double>(60, 0.0));
  CHECK(legal(p, start, makespan_of(p, start)));
  CHECK(makespan_of(p, start) == 4);  // 0 and 59 share the one unit of class 0
}

TEST_CASE("schedule generation: nothing, and one operation") {
  gaus::GraphDescription g;
  g.add_resource("A", 1);
  auto const none = make_project(g);
  CHECK(generation(none).generate({}).empty());
  CHECK(generation(none).justify({}).empty());
  g.add_operation({.latency = 3, .occupancy = 2});
  g.add_demand(0, 0);
  auto const one = make_project(g);
  for (auto const scheme : {GenerationScheme::serial, GenerationScheme::parallel})
    for (auto const direction : {TimeDirection::forward, TimeDirection::backward})
      CHECK(generation(one).generate({7}, scheme, direction) == Vector{0});
}

TEST_CASE("schedule generation: what is refused") {
  auto const p = three();
  auto make = generation(p);
  auto const text = [](auto const& act) -> std::string {
    try {
      act();
    } catch (gaus::InvalidInput const& error) {
      return error.what();
    } catch (gaus::Infeasible const& error) {
      return std::string("infeasible: ") + error.what();
    }
    return {};
  };
  CHECK(contains(text([&] { make.generate({1, 2}); }), "2 priorities are given, the graph has 3"));
  CHECK(contains(text([&] {
                   make.generate({1, std::numeric_limits<double>::quiet_NaN(), 2});
                 }),
                 "priority of operation 1 is not a number"));
  CHECK(contains(text([&] { make.justify({1}); }), "1 start steps"));
  CHECK(contains(text([&] { gaus::ScheduleGeneration(p.graph, p.system, Limits{}); }),
                 "0 resource limits are given, the graph has 1"));
  CHECK(contains(
      text([&] { gaus::ScheduleGeneration(p.graph, p.system, Limits{0.5}); }),
      "infeasible: no schedule exists: operation 0 takes 1 unit of resource 0, which has 0.5"));
  CHECK(contains(text([&] { gaus::ScheduleGeneration(p.graph, p.system, Limits{-1.0}); }),
                 "is not a finite number >= 0"));
  auto const lagged = make_project(p.description, {{2, 0, -4}});
  CHECK(contains(text([&] { generation(lagged); }), "form a cycle"));
}
