// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/polish.hpp>
// The header first: it stands alone.
#include <gaus/graph/builder.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <vector>

namespace {

/// Operations that each want to start at a step of their own, and a chain that is in the way.
struct Case {
  gaus::HostGraph graph;
  gaus::DifferenceSystem system;
  gaus::StepBounds bounds;
};

Case chain_of(int operations, int steps) {
  gaus::GraphDescription description;
  for (int i = 0; i < operations; ++i) description.add_operation({});
  for (int i = 1; i < operations; ++i) description.add_dependence(i - 1, i);
  Case c{gaus::build_graph(description), {}, {}};
  c.system = gaus::make_difference_system(c.graph);
  c.bounds = gaus::step_bounds(c.system, steps);
  return c;
}

}  // namespace

TEST_CASE("polish: a chain slides to where it is wanted, legal throughout") {
  auto const c = chain_of(3, 8);
  auto start = c.bounds.earliest;
  auto const cost = [](std::vector<int> const& s) {  // least at 2, 4, 7
    return std::abs(s[0] - 2) + std::abs(s[1] - 4) + std::abs(s[2] - 7);
  };
  auto const always = [] { return true; };
  CHECK(gaus::polish(c.system, c.bounds, start, 2000, 1, cost, always) == 0);
  CHECK(start == std::vector<int>{2, 4, 7});
}

TEST_CASE("polish: never worse, and moves no further than it is allowed to") {
  auto const c = chain_of(5, 9);
  auto start = c.bounds.latest;
  int asked = 0;
  auto const cost = [](std::vector<int> const& s) { return -s[0]; };  // latest is the best there is
  auto const value =
      gaus::polish(c.system, c.bounds, start, 500, 3, cost, [&] { return ++asked <= 10; });
  CHECK(value == -4);
  CHECK(asked == 11);
  for (std::size_t i = 1; i < start.size(); ++i) CHECK(start[i] >= start[i - 1] + 1);
  CHECK(start.back() <= 8);
}

TEST_CASE("polish: nothing to move") {
  auto const c = chain_of(4, 4);
  auto start = c.bounds.earliest;
  auto const cost = [](std::vector<int> const& s) { return s[3]; };
  CHECK(gaus::polish(c.system, c.bounds, start, 100, 1, cost, [] { return true; }) == 3);
  CHECK(start == c.bounds.latest);
}
