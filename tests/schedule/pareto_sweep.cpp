// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/pareto_sweep.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <array>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

using namespace gaus_test;

TEST_CASE("pareto sweep: what is a peak, its limits and its unit") {
  gaus::CostModel usage;
  usage.usage = 2;
  gaus::CostModel one;
  one.usage_of = {{1, 4.0}};
  gaus::CostModel memory;
  memory.memory = 1;
  gaus::CostModel mixed = usage;
  mixed.communication = 1;
  gaus::CostModel two = one;
  two.memory = 1;
  CHECK(gaus::detail::is_peak(usage));
  CHECK(gaus::detail::is_peak(one));
  CHECK(gaus::detail::is_peak(memory));
  CHECK_FALSE(gaus::detail::is_peak(mixed));
  CHECK_FALSE(gaus::detail::is_peak(two));
  CHECK_FALSE(gaus::detail::is_peak({}));
  using Limits = std::vector<std::optional<double>>;
  CHECK(gaus::detail::peak_limits(usage, 2, 6) == Limits{3.0, 3.0, {}});
  CHECK(gaus::detail::peak_limits(one, 2, 6) == Limits{{}, 1.5, {}});
  CHECK(gaus::detail::peak_limits(memory, 1, 6) == Limits{{}, 6.0});

  gaus::GraphDescription g;
  g.add_resource("A");
  g.add_resource("B");
  for (double const units : {1.5, 3.0})
    g.add_demand(g.add_operation({.size = units / 2}), 0, units);
  g.add_demand(1, 1, 1);
  auto const c = make_case(g, 1);
  gaus::CostModel first;
  first.usage_of = {{0, 2.0}};
  CHECK(gaus::detail::peak_unit(c.problem, first) == 3.0);
  CHECK(gaus::detail::peak_unit(c.problem, memory) == 0.75);
  CHECK(gaus::detail::peak_unit(c.problem, usage) == 0);  // 3 is a multiple of 1, 1.5 is not
}

TEST_CASE(
    "pareto sweep: finds the points beside the ends of a front, and never one that is illegal") {
  // Eight independent operations of one consumer each, within eight steps: from all at once, next to
  // their consumers, to one after another.
  gaus::GraphDescription g;
  g.add_resource("R");
  for (int i = 0; i < 8; ++i) g.add_demand(g.add_operation({}), 0);
  int const last = g.add_operation({});
  for (int i = 0; i < 8; ++i) g.add_dependence(i, last);
  auto const c = make_case(g, 7);
  std::array<gaus::CostModel, 2> goals;
  goals[0].usage = 1;
  goals[1].communication = 1;
  gaus::detail::ParetoArchive archive(50);
  auto const take = [&](std::vector<int> const& s) {
    REQUIRE(legal(c, s));
    auto const costs = plain_costs(c, s);
    archive.offer(costs.usage, costs.communication, s, c.steps);
  };
  take({7, 7, 7, 7, 7, 7, 7, 7, 8});
  take({0, 1, 2, 3, 4, 5, 6, 7, 8});
  REQUIRE(archive.entries().size() == 2);
  std::mutex mutex;
  gaus::detail::ParetoSweep sweep(c.problem, c.system, c.bounds, goals, 0, {}, archive, mutex,
                                  take);
  for (int k = 0; k < 4; ++k) sweep.sweep(k % 2 == 0, 50, 1, [] { return true; });
  // With u units a step: u operations one step away, u two steps, ...
  for (auto const& e : archive.entries()) {
    int const u = static_cast<int>(e.first);
    int least = 0;
    for (int i = 0; i < 8; ++i) least += 1 + i / u;
    CHECK(e.second == least);
  }
  CHECK(archive.entries().size() == 8);
}
