// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTS_SUPPORT_SMALL_LOOPS_HPP
#define GAUS_TESTS_SUPPORT_SMALL_LOOPS_HPP

#include <gaus/graph/builder.hpp>
#include <gaus/graph/initiation_interval.hpp>
#include <support/problems.hpp>

#include <algorithm>
#include <vector>

// Loops of a few operations, and all their schedules by the definitions alone.
namespace gaus_test {

/// A loop with the interval and the steps it is to keep.
struct SmallLoop {
  gaus::GraphDescription graph;
  int interval = 0;
  int steps = 0;
};

/// Calls visit(start) for every schedule of a loop that keeps dependences, steps and limits.
template <class Visit>
void for_each_loop_schedule(SmallLoop const& loop, Visit const& visit) {
  auto const& g = loop.graph;
  int const n = static_cast<int>(g.operations.size());
  std::vector<int> s(at(n), 0);
  auto const keeps_limits = [&] {
    for (int r = 0; r < static_cast<int>(g.resources.size()); ++r) {
      if (!g.resources[at(r)].limit) continue;
      std::vector<double> use(at(loop.interval), 0.0);
      for (auto const& d : g.demands)
        for (int t = 0; d.resource == r && t < g.operations[at(d.operation)].occupancy; ++t)
          use[at((s[at(d.operation)] + t) % loop.interval)] += d.units;
      if (*std::max_element(use.begin(), use.end()) > *g.resources[at(r)].limit + 1e-9)
        return false;
    }
    return true;
  };
  auto const place = [&](auto const& self, int i) -> void {
    if (i == n) {
      if (keeps_limits()) visit(static_cast<std::vector<int> const&>(s));
      return;
    }
    auto const& o = g.operations[at(i)];
    for (int t = 0; t + std::max(o.latency, o.occupancy) <= loop.steps; ++t) {
      s[at(i)] = t;
      bool fits = true;
      for (auto const& d : g.dependences)
        if (std::max(d.from, d.to) == i)
          fits = fits && s[at(d.from)] + g.operations[at(d.from)].latency + d.delay <=
                             s[at(d.to)] + d.distance * loop.interval;
      if (fits) self(self, i + 1);
    }
  };
  place(place, 0);
}

/// Five operations with a recurrence on two limited classes, at the least interval that has a
/// schedule within the critical path and two or three steps more.
inline SmallLoop small_loop(unsigned seed) {
  Random random(seed + 100);
  SmallLoop loop;
  auto& g = loop.graph;
  g.add_resource("A", 1);
  g.add_resource("B", 2);
  g.add_resource("free");
  for (int i = 0; i < 5; ++i) {
    g.add_operation({.latency = random.below(3),
                     .occupancy = 1 + random.below(2),
                     .size = 1.0 + random.below(3)});
    g.add_demand(i, random.below(3), 1);
    if (i == 0) continue;
    g.add_dependence({.from = random.below(i), .to = i, .weight = 1.0 + random.below(2)});
  }
  g.add_dependence({.from = 4, .to = random.below(4), .distance = 1 + random.below(2)});
  g.add_dependence({.from = 3, .to = 3, .distance = 1});
  loop.interval = gaus::initiation_interval(g).interval;
  loop.steps = 0;
  for (auto const& o : g.operations) loop.steps += std::max(o.latency, o.occupancy);
  loop.steps = std::min(loop.steps, 8);
  for (bool found = false; !found; ++loop.interval) {
    for_each_loop_schedule(loop, [&](auto const&) { found = true; });
    if (found) break;
    if (loop.interval > 3 * loop.steps) {
      ++loop.steps;
      loop.interval = gaus::initiation_interval(g).interval;
    }
  }
  return loop;
}

}  // namespace gaus_test

#endif
