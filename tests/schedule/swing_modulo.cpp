// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/swing_modulo.hpp>

#include <gaus/graph/initiation_interval.hpp>
#include <gaus/graph/random.hpp>
#include <support/loops.hpp>
#include <doctest/doctest.h>
#include <algorithm>
#include <optional>
#include <stdexcept>
#include <vector>

namespace {

using gaus_test::at;
using gaus_test::legal_loop;
using Vector = std::vector<int>;

Vector order_of(gaus::GraphDescription const& g, int interval) {
  auto const graph = gaus::build_graph(g);
  gaus::detail::ModuloProblem<gaus::HostGraph> problem(graph, g.limits(), interval);
  return gaus::detail::SwingOrder(problem.system, *problem.distances, problem.earliest,
                                  problem.latest)
      .order();
}

}  // namespace

TEST_CASE("swing modulo: recurrences go first, then paths between them, then the rest") {
  // 0 <-> 1 slack 0 at II 4; 3 <-> 4 with slack; 2 between them; 5 apart.
  gaus::GraphDescription g;
  g.add_resource("unit", 6);
  for (int i = 0; i < 6; ++i) {
    g.add_operation({.latency = i < 2 ? 2 : 1});
    g.add_demand(i, 0);
  }
  g.add_dependence(0, 1);
  g.add_dependence({.from = 1, .to = 0, .distance = 1});
  g.add_dependence(3, 4);
  g.add_dependence({.from = 4, .to = 3, .distance = 1});
  g.add_dependence(1, 2);
  g.add_dependence(2, 3);
  auto const order = order_of(g, 4);
  REQUIRE(order.size() == 6);
  auto const place = [&](int i) {
    return std::find(order.begin(), order.end(), i) - order.begin();
  };
  CHECK(std::max(place(0), place(1)) == 1);
  CHECK(place(2) < place(3));
  CHECK(place(3) < place(4));
  CHECK(order.back() == 5);
}

TEST_CASE("swing modulo: close to the only neighbour, before or behind it") {
  // 0 -> 3 along the longest path over 1 and 2; 4 -> 3 may wait: it goes right before 3.
  gaus::GraphDescription g;
  for (int i = 0; i < 5; ++i) g.add_operation({.latency = i == 3 ? 1 : 2});
  for (auto const& [from, to] : {std::pair{0, 1}, {1, 2}, {2, 3}, {4, 3}})
    g.add_dependence(from, to);
  auto const start = gaus::swing_modulo(gaus::build_graph(g), {}, 1);
  CHECK(start == Vector{0, 2, 4, 6, 4});
}

TEST_CASE("swing modulo: the order holds every operation once") {
  for (auto const& settings : gaus_test::loop_kinds())
    for (unsigned seed = 1; seed <= 30; ++seed) {
      auto const g = gaus_test::random_loop(settings, seed);
      int interval = 1;
      try {
        interval = gaus::initiation_interval(g).interval;
      } catch (gaus::InvalidInput const&) {
        continue;
      }
      auto order = order_of(g, interval);
      std::sort(order.begin(), order.end());
      REQUIRE(order.size() == g.operations.size());
      for (std::size_t i = 0; i < order.size(); ++i) CHECK(at(order[i]) == i);
    }
}

TEST_CASE("swing modulo: legal on random loops") {
  int found = 0;
  int missed = 0;
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
      for (int interval = std::max(1, mii - 1); interval < mii + 3 && interval < 7; ++interval) {
        bool const exists = gaus_test::loop_is_feasible(g, interval);
        auto const start = gaus::swing_modulo(graph, g.limits(), interval);
        if (!start) {
          missed += exists ? 1 : 0;
          continue;
        }
        ++found;
        CHECK(exists);
        CHECK(legal_loop(g, interval, *start));
        CHECK(*std::min_element(start->begin(), start->end()) == 0);
      }
    }
  CHECK(found > 300);
  CHECK(missed * 3 < found);  // it never takes anything back
}

TEST_CASE("swing modulo: a large loop, and the ends of the input") {
  auto g = gaus::layered_workload(
      {.operations = 1000, .layers = 30, .max_occupancy = 1, .resources = 3, .seed = 2});
  gaus::add_recurrences(g, {.share = 0.02, .seed = 2});
  for (auto& r : g.resources) r.limit = 20;
  int const mii = gaus::initiation_interval(g).interval;
  auto const graph = gaus::build_graph(g);
  int interval = mii;
  std::optional<Vector> start;
  while (interval < 10 * mii && !(start = gaus::swing_modulo(graph, g.limits(), interval)))
    ++interval;
  REQUIRE(start);
  CHECK(legal_loop(g, interval, *start));

  gaus::GraphDescription none;
  CHECK(gaus::swing_modulo(gaus::build_graph(none), {}, 1)->empty());
  none.add_operation({});
  CHECK(gaus::swing_modulo(gaus::build_graph(none), {}, 1) == Vector{0});
  CHECK_THROWS_AS(gaus::swing_modulo(gaus::build_graph(none), {}, 0), gaus::InvalidInput);
  none.add_dependence({.from = 0, .to = 0, .distance = 1, .delay = 4});
  CHECK_FALSE(gaus::swing_modulo(gaus::build_graph(none), {}, 4));
  CHECK(gaus::swing_modulo(gaus::build_graph(none), {}, 5) == Vector{0});
}
