// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/detail/recurrence_distances.hpp>

#include <gaus/detail/min_dist.hpp>
#include <gaus/graph/initiation_interval.hpp>
#include <support/loops.hpp>
#include <doctest/doctest.h>
#include <algorithm>
#include <limits>
#include <vector>

namespace {

using gaus_test::at;
using Vector = std::vector<int>;

}  // namespace

TEST_CASE("recurrence distances: a loop by hand") {
  gaus::GraphDescription g;
  g.add_resource("unit", 1);
  for (int i = 0; i < 4; ++i) g.add_operation({.latency = i + 1});
  g.add_demand(1, 0);
  g.add_demand(2, 0);
  for (int i = 1; i < 4; ++i) g.add_dependence(i - 1, i);
  g.add_dependence({.from = 2, .to = 0, .distance = 1});
  auto const graph = gaus::build_graph(g);
  auto const system = gaus::make_difference_system(graph, 8);
  auto const limited = gaus::detail::limited_operations(graph, g.limits());
  CHECK(limited == std::vector<char>{0, 1, 1, 0});
  gaus::detail::RecurrenceDistances distances(system, limited);
  REQUIRE(distances.all().size() == 1);
  auto const& own = distances.all()[0];
  CHECK(own.members == Vector{0, 1, 2});
  CHECK(own.limited == Vector{1, 2});
  CHECK(own.known);
  CHECK(own.slack == 2);  // 6 steps of 8
  CHECK(distances.recurrence(3) == -1);
  CHECK(distances.after(0, 2) == 2);
  CHECK(distances.after(0, 0) == 2 + 3 - 8);
  CHECK(distances.before(0, 0) == 1);
  CHECK(distances.before(1, 1) == 2);
  CHECK(distances.before(1, 0) == 3);
  distances.mirror();
  CHECK(distances.before(0, 2) == 2);
  gaus::detail::RecurrenceDistances const none(system, limited, 5);
  CHECK_FALSE(none.all()[0].known);
}

TEST_CASE("recurrence distances: those of MinDist, also in mirrored time") {
  int checked = 0;
  for (auto settings : gaus_test::loop_kinds())
    for (unsigned seed = 1; seed <= 40; ++seed) {
      settings.operations = 12;
      auto const g = gaus_test::random_loop(settings, seed);
      auto const graph = gaus::build_graph(g);
      int interval = 0;
      try {
        interval = gaus::initiation_interval(g).interval + static_cast<int>(seed % 3);
      } catch (gaus::InvalidInput const&) {
        continue;
      }
      auto const system = gaus::make_difference_system(graph, interval);
      std::vector<char> const all(g.operations.size(), 1);
      gaus::detail::RecurrenceDistances const distances(system, all);
      auto const backwards = gaus::detail::mirrored(system);
      gaus::detail::RecurrenceDistances mirrored(backwards, all);
      auto const components = gaus::strongly_connected_components(graph);
      for (int c = 0; c < components.count; ++c) {
        if (components.size(c) < 2) continue;
        auto const least = gaus::detail::min_dist(graph, components, c, interval);
        REQUIRE(least);
        auto const& members = least->operations();
        for (int a = 0; a < components.size(c); ++a)
          for (int b = 0; b < components.size(c); ++b) {
            ++checked;
            int const from = distances.row(members[at(a)]);
            CHECK(distances.after(from, members[at(b)]) == least->steps(a, b));
            CHECK(distances.before(from, members[at(b)]) == least->steps(b, a));
            int const row = mirrored.row(members[at(a)]);
            CHECK(mirrored.after(row, members[at(b)]) == least->steps(b, a));
          }
      }
      // The mirrored system raises what the other one lowers.
      Vector up(g.operations.size(), 0);
      Vector down(g.operations.size(), 0);
      REQUIRE(gaus::raise(backwards, up));
      REQUIRE(gaus::lower(system, down));
      for (std::size_t i = 0; i < up.size(); ++i) CHECK(up[i] == -down[i]);
    }
  CHECK(checked > 1000);
}

TEST_CASE("recurrence distances: what int does not hold binds nothing") {
  gaus::GraphDescription g;
  for (int i = 0; i < 3; ++i) g.add_operation({});
  g.add_dependence({.from = 0, .to = 1, .delay = -400000000});
  g.add_dependence({.from = 1, .to = 2, .distance = 1});
  g.add_dependence({.from = 2, .to = 0, .distance = 1});
  auto const system = gaus::make_difference_system(gaus::build_graph(g), 500000000);
  gaus::detail::RecurrenceDistances const distances(system, {1, 1, 1});
  CHECK(distances.all()[0].known);
  CHECK(distances.after(distances.row(1), 0) == -gaus::detail::max_steps_ahead / 2);
}
