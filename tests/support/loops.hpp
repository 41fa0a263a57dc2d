// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTS_SUPPORT_LOOPS_HPP
#define GAUS_TESTS_SUPPORT_LOOPS_HPP

#include <gaus/graph/builder.hpp>
#include <support/problems.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

// Loops with limited classes, and what is legal or possible for them by the definitions alone.
namespace gaus_test {

/// Settings of random_loop().
struct RandomLoop {
  int operations = 6;
  int classes = 2;
  int max_latency = 3;    ///< from 0
  int max_occupancy = 1;  ///< from 1
  bool two_classes = false;
  bool lags = false;       ///< maximum distances between starts: forward, with negative delays
  bool self = true;        ///< operations that wait for themselves of an earlier iteration
  bool fractions = false;  ///< units of 1/2, 1 and 3/2
};

/// A random loop: forward dependences, recurrences, operations of no, one or two limited classes.
inline gaus::GraphDescription random_loop(RandomLoop const& settings, unsigned seed) {
  Random random(seed);
  gaus::GraphDescription g;
  for (int r = 0; r < settings.classes; ++r)
    g.add_resource("R" + std::to_string(r), 1.0 + random.below(2));
  g.add_resource("free");
  int const n = settings.operations;
  for (int i = 0; i < n; ++i) {
    g.add_operation({.latency = random.below(settings.max_latency + 1),
                     .occupancy = 1 + random.below(settings.max_occupancy)});
    auto const units = [&] {
      return settings.fractions ? std::min(0.5 * (1 + random.below(3)), 1.0) : 1.0;
    };
    if (random.below(5) == 0) {
      g.add_demand(i, settings.classes, 100);
      continue;
    }
    int const r = random.below(settings.classes);
    g.add_demand(i, r, units());
    if (settings.two_classes && random.below(2) == 0)
      g.add_demand(i, (r + 1) % settings.classes, units());
  }
  std::vector<std::vector<char>> linked(at(n), std::vector<char>(at(n), 0));
  for (int i = 1; i < n; ++i)
    for (int k = random.below(3); k > 0; --k) {
      int const from = random.below(i);
      if (linked[at(from)][at(i)]++) continue;
      g.add_dependence({.from = from, .to = i, .delay = random.below(6) == 0 ? -1 : 0});
    }
  for (int k = 0; k < 1 + n / 3; ++k) {
    int const to = random.below(n);
    int const from = to + random.below(n - to);
    if ((from == to && !settings.self) || linked[at(from)][at(to)]++) continue;
    g.add_dependence({.from = from, .to = to, .distance = 1 + random.below(2)});
  }
  for (int k = 0; settings.lags && k < 2 && n > 1; ++k) {
    int const from = random.below(n);
    int const to = random.below(n);
    int const slack = random.below(6);
    if (from == to || linked[at(from)][at(to)]++) continue;
    g.add_dependence({.from = from, .to = to, .delay = -g.operations[at(from)].latency - slack});
  }
  return g;
}

/// Whether start steps satisfy every dependence and limit of a loop at an interval.
inline bool legal_loop(gaus::GraphDescription const& g, int interval,
                       std::vector<int> const& start) {
  if (start.size() != g.operations.size()) return false;
  for (auto const& d : g.dependences)
    if (start[at(d.from)] + g.operations[at(d.from)].latency + d.delay >
        start[at(d.to)] + d.distance * interval)
      return false;
  for (std::size_t r = 0; r < g.resources.size(); ++r) {
    if (!g.resources[r].limit) continue;
    std::vector<double> units(at(interval), 0.0);
    for (auto const& d : g.demands)
      for (int u = 0; at(d.resource) == r && u < g.operations[at(d.operation)].occupancy; ++u)
        units[at((((start[at(d.operation)] + u) % interval) + interval) % interval)] += d.units;
    for (double const u : units)
      if (u > *g.resources[r].limit + 1e-6) return false;
  }
  return true;
}

/// Whether any schedule exists at an interval: all ways to choose slots, and for each of them
/// whether the stages can be chosen, that is, no cycle of ceil((delta + slot_i - slot_j) / II) is
/// positive. interval^operations ways: small ones only.
inline bool loop_is_feasible(gaus::GraphDescription const& g, int interval) {
  int const n = static_cast<int>(g.operations.size());
  if (n == 0) return true;
  std::vector<int> slot(at(n), 0);
  for (;;) {
    bool fits = true;
    for (std::size_t r = 0; fits && r < g.resources.size(); ++r) {
      if (!g.resources[r].limit) continue;
      std::vector<double> units(at(interval), 0.0);
      for (auto const& d : g.demands)
        for (int u = 0; at(d.resource) == r && u < g.operations[at(d.operation)].occupancy; ++u)
          units[at((slot[at(d.operation)] + u) % interval)] += d.units;
      for (double const u : units) fits = fits && u <= *g.resources[r].limit + 1e-6;
    }
    if (fits) {
      std::vector<int> stage(at(n), 0);
      bool moved = true;
      for (int pass = 0; moved && pass <= n; ++pass) {
        moved = false;
        for (auto const& d : g.dependences) {
          int const delta = g.operations[at(d.from)].latency + d.delay - d.distance * interval +
                            slot[at(d.from)] - slot[at(d.to)];
          int const stages = delta >= 0 ? (delta + interval - 1) / interval : -(-delta / interval);
          if (stage[at(d.from)] + stages <= stage[at(d.to)]) continue;
          stage[at(d.to)] = stage[at(d.from)] + stages;
          moved = true;
        }
      }
      if (!moved) return true;
    }
    int i = 0;
    while (i < n && ++slot[at(i)] == interval) slot[at(i++)] = 0;
    if (i == n) return false;
  }
}

/// The kinds of loops that tests go through.
inline std::vector<RandomLoop> loop_kinds() {
  return {
      {},
      {.operations = 5, .classes = 1, .max_occupancy = 3},
      {.operations = 5, .max_occupancy = 2, .two_classes = true},
      {.operations = 5, .lags = true},
      {.operations = 5, .max_latency = 0},
      {.operations = 5, .max_occupancy = 2, .two_classes = true, .lags = true, .fractions = true}};
}

}  // namespace gaus_test

#endif
