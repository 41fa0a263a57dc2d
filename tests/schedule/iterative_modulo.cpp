// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/iterative_modulo.hpp>

#include <gaus/graph/initiation_interval.hpp>
#include <gaus/graph/random.hpp>
#include <support/loops.hpp>
#include <doctest/doctest.h>
#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using gaus_test::legal_loop;
using Vector = std::vector<int>;
using Limits = std::vector<std::optional<double>>;

std::vector<gaus::IterativeModuloOptions> variants(unsigned seed) {
  std::vector<gaus::IterativeModuloOptions> all;
  for (auto const priority : {gaus::ModuloPriority::recurrences, gaus::ModuloPriority::height,
                              gaus::ModuloPriority::mobility})
    for (bool const reversed : {false, true})
      all.push_back({.priority = priority,
                     .reversed = reversed,
                     .noise = seed % 2 == 0 ? 0.3 : 0.0,
                     .seed = seed});
  return all;
}

}  // namespace

TEST_CASE("iterative modulo: by hand") {
  // Two operations of a class of one unit, in a row: at II 2 they take both slots.
  gaus::GraphDescription g;
  int const unit = g.add_resource("unit", 1);
  for (int i = 0; i < 2; ++i) {
    g.add_operation({});
    g.add_demand(i, unit);
  }
  g.add_dependence({.from = 0, .to = 1, .delay = 1});
  auto const graph = gaus::build_graph(g);
  auto const limits = g.limits();
  CHECK_FALSE(gaus::iterative_modulo(graph, limits, 1));
  auto const start = gaus::iterative_modulo(graph, limits, 2);
  REQUIRE(start);
  CHECK(*start == Vector{0, 3});  // step 2 is slot 0 again
  CHECK(legal_loop(g, 2, *start));
  // Without limits each starts as early as it can.
  CHECK(gaus::iterative_modulo(graph, Limits{std::nullopt}, 1) == Vector{0, 2});
}

TEST_CASE("iterative modulo: what it takes back") {
  // The ring leaves "late" one slot only, which "early" would take first by height.
  gaus::GraphDescription g;
  int const unit = g.add_resource("unit", 1);
  g.add_operation({.latency = 1}, "ring");
  g.add_operation({.latency = 1}, "late");
  g.add_operation({.latency = 9}, "early");
  g.add_dependence(0, 1);
  g.add_dependence({.from = 1, .to = 0, .distance = 1});
  for (int i = 0; i < 3; ++i) g.add_demand(i, unit);
  auto const graph = gaus::build_graph(g);
  for (auto const& options : variants(1)) {
    CHECK_FALSE(gaus::iterative_modulo(graph, g.limits(), 2, options));
    auto const start = gaus::iterative_modulo(graph, g.limits(), 3, options);
    REQUIRE(start);
    CHECK(legal_loop(g, 3, *start));
  }
}

TEST_CASE("iterative modulo: legal on random loops, and nothing where nothing exists") {
  int found = 0;
  int missed = 0;
  for (auto const& settings : gaus_test::loop_kinds())
    for (unsigned seed = 1; seed <= 25; ++seed) {
      CAPTURE(seed);
      auto const g = gaus_test::random_loop(settings, seed);
      auto const graph = gaus::build_graph(g);
      int mii = 1;
      try {
        mii = gaus::initiation_interval(g).interval;
      } catch (gaus::InvalidInput const&) {
        continue;  // a cycle that no interval helps
      }
      for (int interval = std::max(1, mii - 1); interval < mii + 3 && interval < 7; ++interval) {
        bool const exists = gaus_test::loop_is_feasible(g, interval);
        for (auto const& options : variants(seed)) {
          auto const start = gaus::iterative_modulo(graph, g.limits(), interval, options);
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
    }
  CHECK(found > 1000);
  CHECK(missed * 10 < found);  // a heuristic, but no bad one
}

TEST_CASE("iterative modulo: a large loop at MII or little above") {
  auto g = gaus::layered_workload(
      {.operations = 1000, .layers = 30, .max_occupancy = 1, .resources = 3, .seed = 2});
  gaus::add_recurrences(g, {.share = 0.02, .seed = 2});
  for (auto& r : g.resources) r.limit = 20;
  int const mii = gaus::initiation_interval(g).interval;
  auto const graph = gaus::build_graph(g);
  int interval = mii;
  std::optional<Vector> start;
  while (!(start = gaus::iterative_modulo(graph, g.limits(), interval))) ++interval;
  CHECK(legal_loop(g, interval, *start));
  CHECK(interval <= mii + 1);
  CHECK(gaus::iterative_modulo(graph, g.limits(), interval, {.seed = 4}) ==
        gaus::iterative_modulo(graph, g.limits(), interval, {.seed = 4}));
}

TEST_CASE("iterative modulo: the ends of the input") {
  gaus::GraphDescription g;
  auto start = gaus::iterative_modulo(gaus::build_graph(g), {}, 1);
  REQUIRE(start);
  CHECK(start->empty());
  g.add_operation({.latency = 5});
  CHECK(gaus::iterative_modulo(gaus::build_graph(g), {}, 1) == Vector{0});
  CHECK_THROWS_WITH_AS(gaus::iterative_modulo(gaus::build_graph(g), {}, 0),
                       "the initiation interval is 0, at least 1 is needed", gaus::InvalidInput);
  CHECK_THROWS_AS(gaus::iterative_modulo(gaus::build_graph(g), Limits{1.0}, 1), gaus::InvalidInput);
  // Busy for seven steps on two units: 4 is enough, 3 is not.
  g.operations[0].occupancy = 7;
  g.add_resource("unit", 2);
  g.add_demand(0, 0);
  auto const graph = gaus::build_graph(g);
  CHECK_FALSE(gaus::iterative_modulo(graph, g.limits(), 3));
  CHECK(gaus::iterative_modulo(graph, g.limits(), 4) == Vector{0});
  // An operation that waits for itself.
  g.add_dependence({.from = 0, .to = 0, .distance = 1});
  CHECK_FALSE(gaus::iterative_modulo(gaus::build_graph(g), g.limits(), 4));
  CHECK(gaus::iterative_modulo(gaus::build_graph(g), g.limits(), 5) == Vector{0});
}

TEST_CASE("iterative modulo: ends on request") {
  auto g = gaus::layered_workload({.operations = 3000, .layers = 30, .resources = 2, .seed = 3});
  for (auto& r : g.resources) r.limit = 5;
  int asked = 0;
  auto const start = gaus::iterative_modulo(gaus::build_graph(g), g.limits(), 2000, {}, [&] {
    ++asked;
    return false;
  });
  CHECK_FALSE(start);
  CHECK(asked == 1);
}
