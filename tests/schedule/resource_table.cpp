// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/detail/random_bits.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/schedule/cost.hpp>
#include <gaus/schedule/resource_table.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace {

using Limits = std::vector<std::optional<double>>;

/// Operations of classes A (limited) and B, of given occupancies and units of A.
gaus::HostGraph graph_of(std::vector<std::pair<int, double>> const& operations) {
  gaus::GraphDescription g;
  g.add_resource("A");
  g.add_resource("B");
  for (auto const& [occupancy, units] : operations) {
    int const i = g.add_operation({.occupancy = occupancy});
    if (units > 0) g.demands.push_back({i, 0, units});
    g.demands.push_back({i, 1, 1});
  }
  return gaus::build_graph(g);
}

}  // namespace

TEST_CASE("resource_table: steps") {
  auto const graph = graph_of({{2, 1}, {1, 2}, {3, 1}});
  gaus::ResourceTable table(graph, Limits{2.0, {}}, 6);
  CHECK(table.slots() == 6);
  CHECK(table.limited(0));
  table.place(0, 1);  // steps 1, 2
  CHECK(table.fits(2, 0));
  CHECK_FALSE(table.fits(1, 2));
  CHECK(table.last_conflict(1, 2) == 2);
  CHECK(table.fits(1, 3));
  CHECK_FALSE(table.fits(2, 4));  // would end beyond the table
  CHECK(table.meet(0, 1, 1, 2));
  CHECK_FALSE(table.meet(0, 1, 1, 3));
  table.place(2, 0);
  CHECK(table.last_conflict(1, 0) == 0);
  table.remove(0, 1);
  table.remove(2, 0);
  CHECK(table.fits(1, 2));
  CHECK(table.last_conflict(1, 2) == -1);
}

TEST_CASE("resource_table: slots, and operations that are busy for longer than the interval") {
  auto const graph = graph_of({{2, 1}, {7, 1}, {1, 1}});
  gaus::ResourceTable table(graph, Limits{3.0, {}}, 0, 3);
  table.place(1, 4);  // twice in every slot, and once more in slot 1
  CHECK_FALSE(table.fits(2, 7));
  CHECK(table.fits(2, 5));
  CHECK(table.fits(0, 2));
  CHECK_FALSE(table.fits(0, 3));
  CHECK(table.meet(1, 0, 2, 5));
  CHECK(table.meet(0, 2, 2, 6));
  CHECK_FALSE(table.meet(0, 2, 2, 7));
  table.clear();
  CHECK(table.fits(0, 3));
}

TEST_CASE("resource_table: unlimited classes, and limits of another number") {
  auto const graph = graph_of({{1, 1000}});
  gaus::ResourceTable table(graph, Limits{{}, {}}, 1);
  CHECK_FALSE(table.limited(0));
  table.place(0, 0);
  CHECK(table.fits(0, 0));
  CHECK_THROWS_AS(gaus::ResourceTable(graph, Limits{1.0}, 1), gaus::InvalidInput);
}

TEST_CASE("resource_table: agrees with the exact usage on random operations") {
  gaus::detail::RandomBits random(3);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<std::pair<int, double>> operations;
    for (int i = 0; i < 8; ++i) operations.emplace_back(1 + random.below(6), 0.1 * random.below(8));
    auto const graph = graph_of(operations);
    int const interval = trial % 2 == 0 ? 1 + random.below(5) : 0;
    constexpr int steps = 12;
    double const limit = 0.1 * (4 + random.below(20));
    gaus::ResourceTable table(graph, Limits{limit, {}}, steps, interval);
    auto const problem = gaus::make_problem(graph, steps, interval);
    std::vector<int> start(8);
    auto const legal = [&](int count) {  // the first ones alone
      auto part = operations;
      for (std::size_t i = std::size_t(count); i < part.size(); ++i) part[i].second = 0;
      auto const own = graph_of(part);
      return gaus::usage_profile(gaus::make_problem(own, steps, interval), start).peak(0) <=
             limit + 1e-9;
    };
    for (int i = 0; i < 8; ++i) {
      start[std::size_t(i)] = random.below(steps + 1 - operations[std::size_t(i)].first);
      CHECK(table.fits(i, start[std::size_t(i)]) == legal(i + 1));
      CHECK(table.fits(i, start[std::size_t(i)]) ==
            (table.last_conflict(i, start[std::size_t(i)]) < 0));
      if (!legal(i + 1)) break;
      table.place(i, start[std::size_t(i)]);
    }
  }
}
