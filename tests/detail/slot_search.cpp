// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/detail/slot_search.hpp>

#include <gaus/detail/stage_fill.hpp>
#include <gaus/graph/initiation_interval.hpp>
#include <gaus/schedule/iterative_modulo.hpp>
#include <support/loops.hpp>
#include <doctest/doctest.h>
#include <algorithm>
#include <optional>
#include <stdexcept>
#include <vector>

namespace {

using gaus_test::at;
using Vector = std::vector<int>;
using Search = gaus::detail::SlotSearch<gaus::HostGraph>;
using Answer = Search::Answer;

/// One recurrence through all operations of few classes: what the search is for.
gaus::GraphDescription dense_loop(unsigned seed) {
  gaus_test::Random random(seed);
  gaus::GraphDescription g;
  g.add_resource("A", 1.0 + random.below(2));
  g.add_resource("B", 1);
  int const n = 4 + random.below(3);
  for (int i = 0; i < n; ++i) {
    g.add_operation({.latency = random.below(3), .occupancy = random.below(8) == 0 ? 2 : 1});
    if (random.below(6) > 0) g.add_demand(i, random.below(3) == 0 ? 1 : 0);
    if (i > 0) g.add_dependence(random.below(i), i);
    if (i > 1 && random.below(2) == 0)
      g.add_dependence({.from = random.below(i), .to = i, .delay = 1});
  }
  for (int i = 1; i < n; ++i)
    g.add_dependence({.from = i, .to = random.below(i), .distance = 1, .delay = random.below(2)});
  return g;
}

}  // namespace

TEST_CASE("slot search: what it answers is so, on dense recurrences") {
  int found = 0;
  int refuted = 0;
  for (unsigned seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    gaus::GraphDescription g;
    try {
      g = dense_loop(seed);
      gaus::check(g);
    } catch (gaus::InvalidInput const&) {
      continue;  // a dependence twice
    }
    auto const graph = gaus::build_graph(g);
    int const mii = gaus::initiation_interval(g).interval;
    for (int interval = mii; interval < mii + 3 && interval <= 7; ++interval) {
      CAPTURE(interval);
      gaus::detail::ModuloProblem<gaus::HostGraph> problem(graph, g.limits(), interval);
      REQUIRE(problem.feasible);
      Search search(graph, *problem.distances, g.limits(), problem.table);
      CHECK(search.complete());
      auto const answer = search.run(seed, [] { return true; });
      bool const exists = gaus_test::loop_is_feasible(g, interval);
      if (answer == Answer::refuted) {
        ++refuted;
        CHECK_FALSE(exists);
        continue;
      }
      REQUIRE(answer == Answer::found);
      ++found;
      CHECK(exists);
      auto const start = gaus::detail::fill_stages(
          problem.system, *problem.distances, problem.table, search.operations(), search.steps());
      CHECK(gaus_test::legal_loop(g, interval, start));
      CHECK(*std::min_element(start.begin(), start.end()) == 0);
    }
  }
  CHECK(found > 300);
  CHECK(refuted > 50);
}

TEST_CASE("slot problem: counted distances hold in every schedule") {
  // Two reads on one port between two ends: one of them waits, so that the ends are 1 + 1 + 1 apart.
  gaus::GraphDescription g;
  g.add_resource("port", 1);
  g.add_resource("end", 1);
  for (int i = 0; i < 4; ++i) {
    g.add_operation({.latency = 1});
    g.add_demand(i, i == 1 || i == 2 ? 0 : 1);
  }
  for (auto const& [from, to] : {std::pair{0, 1}, {0, 2}, {1, 3}, {2, 3}})
    g.add_dependence(from, to);
  g.add_dependence({.from = 3, .to = 0, .distance = 1, .delay = 2});
  auto const graph = gaus::build_graph(g);
  for (int const interval : {5, 6, 7}) {
    gaus::detail::ModuloProblem<gaus::HostGraph> problem(graph, g.limits(), interval);
    gaus::detail::SlotProblem<gaus::HostGraph> slots(graph, *problem.distances, g.limits(),
                                                     interval);
    slots.tighten();
    CHECK(slots.refuted() == (interval == 5));
    if (slots.refuted()) {
      CHECK(slots.refuted_by() == 0);
      continue;
    }
    auto const& all = slots.operations();
    auto const place = [&](int i) { return std::find(all.begin(), all.end(), i) - all.begin(); };
    auto const& group = slots.group(0);
    REQUIRE(group.size == 4);
    CHECK(slots.distance(group)[place(0) * 4 + place(3)] == 3);
    CHECK(slots.distance(group)[place(3) * 4 + place(0)] == 3 - interval);
  }
}

TEST_CASE("slot search: classes that no slot can share in full") {
  // Units of 2 of a class of 3: one operation a slot, although ResMII counts 2 * 3 / 3 = 2.
  gaus::GraphDescription g;
  g.add_resource("unit", 3);
  for (int i = 0; i < 3; ++i) {
    g.add_operation({});
    g.add_demand(i, 0, 2);
  }
  auto const graph = gaus::build_graph(g);
  for (int const interval : {2, 3}) {
    gaus::detail::ModuloProblem<gaus::HostGraph> problem(graph, g.limits(), interval);
    Search search(graph, *problem.distances, g.limits(), problem.table);
    CHECK(search.variables() == 0);  // they fill up whatever is left
    CHECK((search.run(0, [] { return true; }) == Answer::found) == (interval == 3));
    CHECK(search.worst_class() == 0);
  }
}

TEST_CASE("slot search: ends on request, and goes on") {
  // Eleven operations of two steps on one unit at II 23, tied to each other loosely: packing.
  gaus::GraphDescription g;
  g.add_resource("unit", 1);
  for (int i = 0; i < 11; ++i) {
    g.add_operation({.latency = 1, .occupancy = i % 2 == 0 ? 2 : 3});
    g.add_demand(i, 0);
    if (i > 0) g.add_dependence(i - 1, i);
  }
  g.add_dependence({.from = 10, .to = 0, .distance = 2});
  auto const graph = gaus::build_graph(g);
  gaus::detail::ModuloProblem<gaus::HostGraph> problem(graph, g.limits(), 27);
  Search search(graph, *problem.distances, g.limits(), problem.table);
  int asked = 0;
  auto answer = search.run(1, [&] {
    ++asked;
    return false;
  });
  CHECK(asked <= 1);
  for (int round = 0; answer == Answer::unknown && round < 20; ++round) {
    int left = 100;
    answer = search.run(at(round), [&] { return --left > 0; });
  }
  REQUIRE(answer == Answer::found);
  auto const start = gaus::detail::fill_stages(problem.system, *problem.distances, problem.table,
                                               search.operations(), search.steps());
  CHECK(gaus_test::legal_loop(g, 27, start));
}
