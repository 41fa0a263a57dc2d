// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/detail/modulo_placement.hpp>

#include <gaus/graph/builder.hpp>
#include <support/loops.hpp>
#include <doctest/doctest.h>
#include <algorithm>
#include <utility>
#include <vector>

namespace {

using gaus_test::at;
using Vector = std::vector<int>;

/// A description with its system, distances, table and placement.
struct Bench {
  gaus::GraphDescription g;
  gaus::HostGraph graph;
  gaus::DifferenceSystem system;
  gaus::detail::RecurrenceDistances distances;
  gaus::ResourceTable<gaus::HostGraph> table;
  gaus::detail::ModuloPlacement<gaus::HostGraph> placement;

  Bench(gaus::GraphDescription description, int interval, int steps = 0)
      : g(std::move(description)),
        graph(gaus::build_graph(g)),
        system(gaus::make_difference_system(graph, interval)),
        distances(system, gaus::detail::limited_operations(graph, g.limits())),
        table(graph, g.limits(), steps, interval),
        placement(graph, system, distances, table, interval > 0) {}
};

gaus::GraphDescription row(int n, int latency) {
  gaus::GraphDescription g;
  g.add_resource("unit", 1);
  for (int i = 0; i < n; ++i) {
    g.add_operation({.latency = latency});
    g.add_demand(i, 0);
    if (i > 0) g.add_dependence(i - 1, i);
  }
  return g;
}

}  // namespace

TEST_CASE("modulo placement: windows by neighbours and by recurrences") {
  auto description = row(3, 2);
  description.add_dependence({.from = 2, .to = 0, .distance = 1});
  Bench b(description, 8);
  auto& p = b.placement;
  CHECK(p.low(1) == -p.unbounded);
  CHECK(p.high(1) == p.unbounded);
  p.put(0, 5);
  CHECK(p.low(1) == 7);
  CHECK(p.high(1) == 5 + 8 - 4);  // by MinDist: operation 2 is not placed
  CHECK(p.low(2) == 9);
  CHECK(p.nearest_fit(1, 7, 9, 20) == 9);
  CHECK(p.first_fit(2, 13, 20) == 14);  // slot 5 is taken
  CHECK(p.first_fit(2, 13, 13) == p.unbounded);
  p.take(0);
  CHECK(p.low(1) == -p.unbounded);
  CHECK(p.fits(2, 13));
}

TEST_CASE("modulo placement: forcing displaces units, neighbours and nothing else") {
  auto description = row(3, 2);
  int const other = description.add_resource("other", 1);
  description.add_operation({});
  description.add_demand(3, other);
  description.add_operation({});
  description.add_demand(4, 0);
  Bench b(description, 4);
  auto& p = b.placement;
  p.put(0, 0);
  p.put(2, 6);
  p.put(3, 1);
  p.put(4, 1);
  Vector gone;
  auto const evicted = [&](int j) { gone.push_back(j); };
  CHECK(p.force(1, 5, evicted));  // slot 1 is operation 4's, and 5 + 2 > 6
  std::sort(gone.begin(), gone.end());
  CHECK(gone == Vector{2, 4});
  CHECK(p.placed(3));
  CHECK(p.placed(0));
  // Busy for longer than the table is long, on one unit.
  auto long_one = row(1, 1);
  long_one.operations[0].occupancy = 5;
  Bench c(long_one, 4);
  CHECK_FALSE(c.placement.force(0, 0, evicted));
  CHECK_FALSE(c.placement.placed(0));
}

TEST_CASE("modulo placement: others make room in a chain") {
  // Slots 0, 1, 2 of II 4 are taken; the newcomer may only have slot 0.
  auto description = row(1, 1);
  for (int i = 1; i < 4; ++i) {
    description.add_operation({});
    description.add_demand(i, 0);
  }
  Bench b(description, 4);
  auto& p = b.placement;
  for (int i = 0; i < 3; ++i) p.put(i, i);
  // Each of the others may move by one step.
  auto const bounds = [&](int j) { return std::pair(j, j + 1); };
  auto const target = [&](int j) { return p.placed(j) ? p.start(j) : 0; };
  CHECK_FALSE(p.make_room(3, 0, 0, 2, bounds, target));  // a longer chain is needed
  auto const newcomer = [&](int j) { return j == 3 ? std::pair(0, 0) : std::pair(j, j + 1); };
  REQUIRE(p.make_room(3, 0, 0, 10, newcomer, target));
  CHECK(p.starts() == Vector{1, 2, 3, 0});
  CHECK(gaus_test::legal_loop(b.g, 4, p.starts()));
}

TEST_CASE("modulo placement: random forcing keeps what is placed legal") {
  for (auto const& settings : gaus_test::loop_kinds())
    for (unsigned seed = 1; seed <= 30; ++seed) {
      auto description = gaus_test::random_loop(settings, seed);
      int const interval = 5;
      auto const graph = gaus::build_graph(description);
      auto const system = gaus::make_difference_system(graph, interval);
      Vector zero(description.operations.size(), 0);
      if (!gaus::raise(system, zero)) continue;
      Bench b(description, interval);
      auto& p = b.placement;
      gaus_test::Random random(seed);
      int const n = static_cast<int>(description.operations.size());
      for (int step = 0; step < 200; ++step) {
        int const i = random.below(n);
        if (p.placed(i)) p.take(i);
        bool const placed =
            random.below(3) > 0
                ? p.force(i, random.below(20) - 5, [](int) {})
                : p.make_room(
                      i, std::max(p.low(i), -5), std::min(p.high(i), 14), 20,
                      [](int) { return std::pair(-10, 20); }, [](int j) { return j; });
        CHECK(p.placed(i) == placed);
        // The placed part alone: its dependences, its units.
        auto part = b.g;
        std::erase_if(part.dependences,
                      [&](auto const& d) { return !p.placed(d.from) || !p.placed(d.to); });
        std::erase_if(part.demands, [&](auto const& d) { return !p.placed(d.operation); });
        CHECK(gaus_test::legal_loop(part, interval, p.starts()));
      }
    }
}
