// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/detail/min_dist.hpp>

#include <gaus/graph/builder.hpp>
#include <gaus/graph/initiation_interval.hpp>
#include <support/problems.hpp>
#include <doctest/doctest.h>
#include <limits>
#include <string>
#include <vector>

namespace {

using gaus_test::at;
using Vector = std::vector<int>;

}  // namespace

TEST_CASE("least distances: a loop by hand") {
  gaus::GraphDescription g;
  g.add_operation({.latency = 9});  // leads into the loop, no part of it
  g.add_operation({.latency = 2});
  g.add_operation({.latency = 1});
  g.add_dependence(0, 2);
  g.add_dependence(2, 1);
  g.add_dependence({.from = 1, .to = 2, .distance = 1, .delay = 1});
  auto const graph = gaus::build_graph(g);
  auto const components = gaus::strongly_connected_components(graph);
  auto const d = gaus::detail::min_dist(graph, components, components.component[1], 5);
  REQUIRE(d);
  CHECK(d->operations() == Vector{1, 2});
  CHECK(d->steps(0, 0) == 0);
  CHECK(d->steps(1, 0) == 1);
  CHECK(d->steps(0, 1) == 3 - 5);
  CHECK_FALSE(gaus::detail::min_dist(graph, components, components.component[1], 5, 1));
  auto const own = gaus::detail::min_dist(graph, components, components.component[0], 1);
  REQUIRE(own);
  CHECK(own->steps(0, 0) == 0);
  CHECK_THROWS_WITH_AS(
      gaus::detail::min_dist(graph, components, components.component[1], 3),
      doctest::Contains("no schedule exists at interval 3: the cycle of operations"),
      gaus::Infeasible);
  // Distances that int does not hold bind nothing, and do not overflow.
  g.dependences.back().distance = std::numeric_limits<int>::max();
  auto const far = gaus::build_graph(g);
  auto const wide = gaus::detail::min_dist(far, gaus::strongly_connected_components(far),
                                           components.component[1], 500000000);
  REQUIRE(wide);
  CHECK(wide->steps(0, 1) == std::numeric_limits<int>::min() / 2);
}

TEST_CASE("least distances: against all triples on random loops") {
  gaus_test::Random random(23);
  int checked = 0;
  for (int round = 0; round < 300; ++round) {
    gaus::GraphDescription g;
    int const n = 2 + random.below(10);
    for (int i = 0; i < n; ++i) g.add_operation({.latency = random.below(4)});
    for (int i = 1; i < n; ++i) g.add_dependence(random.below(i), i);
    for (int k = 0; k < n / 2 + 1; ++k)
      g.add_dependence({.from = random.below(n), .to = random.below(n), .distance = 1 + k});
    auto const graph = gaus::build_graph(g);
    auto const components = gaus::strongly_connected_components(graph);
    int const interval = gaus::recurrence_interval(graph, components).interval + random.below(3);
    constexpr long long never = -1000000;
    std::vector<std::vector<long long>> longest(at(n), std::vector<long long>(at(n), never));
    for (int i = 0; i < n; ++i) longest[at(i)][at(i)] = 0;
    for (auto const& d : g.dependences) {
      auto& s = longest[at(d.from)][at(d.to)];
      s = std::max<long long>(s,
                              g.operations[at(d.from)].latency + d.delay - d.distance * interval);
    }
    for (int k = 0; k < n; ++k)
      for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j)
          longest[at(i)][at(j)] =
              std::max(longest[at(i)][at(j)], longest[at(i)][at(k)] + longest[at(k)][at(j)]);
    for (int c = 0; c < components.count; ++c) {
      auto const d = gaus::detail::min_dist(graph, components, c, interval);
      REQUIRE(d);
      auto const& members = d->operations();
      REQUIRE(static_cast<int>(members.size()) == components.size(c));
      checked += members.size() > 1 ? 1 : 0;
      for (int a = 0; a < components.size(c); ++a)
        for (int b = 0; b < components.size(c); ++b)
          CHECK(d->steps(a, b) == longest[at(members[at(a)])][at(members[at(b)])]);
    }
  }
  CHECK(checked > 100);
}
