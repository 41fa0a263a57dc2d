// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTS_SUPPORT_PROJECTS_HPP
#define GAUS_TESTS_SUPPORT_PROJECTS_HPP

#include <gaus/constraint/resource_limit.hpp>
#include <gaus/detail/random_bits.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/verify.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

// Small projects under resource limits, their judge, and their least makespan by trying everything.
namespace gaus_test {

using Limits = std::vector<std::optional<double>>;

struct Project {
  gaus::GraphDescription description;
  gaus::HostGraph graph;
  gaus::DifferenceSystem system;
  Limits limits;
};

inline Project make_project(gaus::GraphDescription const& g,
                            std::vector<gaus::DifferenceBound> const& extra = {}) {
  auto const graph = gaus::build_graph(g);
  return {g, graph, gaus::make_difference_system(graph, 0, extra), g.limits()};
}

/// What random_project() draws from.
struct ProjectKind {
  int operations = 5;
  bool lags = false;       ///< delays of any sign, and units that outlast or precede results
  bool maximum = false;    ///< maximum distances
  bool fractions = false;  ///< units in tenths
};

/// Two limited classes and an unlimited one.
inline Project random_project(ProjectKind const& kind, unsigned seed) {
  gaus::detail::RandomBits random(seed);
  gaus::GraphDescription g;
  double const scale = kind.fractions ? 0.1 : 1.0;
  int const a = g.add_resource("A", scale * (2 + random.below(3)));
  int const b = g.add_resource("B", scale * (1 + random.below(3)));
  int const c = g.add_resource("C");
  for (int i = 0; i < kind.operations; ++i) {
    int const latency = random.below(4);
    int const occupancy = kind.lags ? random.below(4) : latency;
    g.add_operation({.latency = latency, .occupancy = occupancy});
    if (occupancy == 0) continue;
    for (int const r : {a, b, c}) {
      if (random.below(3) == 0) continue;
      int const most = g.resources[static_cast<std::size_t>(r)].limit
                           ? static_cast<int>(std::lround(
                                 *g.resources[static_cast<std::size_t>(r)].limit / scale))
                           : 9;
      int const units = random.below(most + 1);
      if (units > 0) g.add_demand(i, r, scale * units);
    }
  }
  std::vector<gaus::DifferenceBound> extra;
  for (int i = 0; i < kind.operations; ++i)
    for (int j = i + 1; j < kind.operations; ++j) {
      if (random.below(3) == 0)
        g.add_dependence({.from = i, .to = j, .delay = kind.lags ? random.below(4) - 2 : 0});
      if (kind.maximum && random.below(4) == 0)
        extra.push_back({j, i, -(2 + random.below(6))});  // start_j <= start_i + 2 .. 7
    }
  return make_project(g, extra);
}

/// By the library's own judges, and by every constraint of the system.
inline bool legal(Project const& p, std::vector<int> const& start, int makespan) {
  auto const problem = gaus::make_problem(p.graph, std::max(1, makespan));
  if (start.size() != p.description.operations.size()) return false;
  auto raised = start;
  if (!gaus::raise(p.system, raised) || raised != start) return false;
  return gaus::verify(problem, start).empty() &&
         gaus::resource_violations(problem, start, p.limits).empty();
}

inline int makespan_of(Project const& p, std::vector<int> const& start) {
  return gaus::critical_path(p.system, start);
}

/// The least makespan up to a horizon, by trying all start steps; nothing when there is none.
inline std::optional<int> least_makespan(Project const& p, int horizon) {
  int const n = p.graph.num_operations();
  int best = horizon + 1;
  std::vector<int> start(static_cast<std::size_t>(n), 0);
  auto const ok = [&](int last) {  // of operations 0 .. last
    for (int r = 0; r < p.graph.num_resources(); ++r) {
      auto const limit = p.limits[static_cast<std::size_t>(r)];
      if (!limit) continue;
      for (int k = 0; k <= last; ++k) {
        int const t = start[static_cast<std::size_t>(k)];  // uses are greatest where one begins
        double used = 0;
        for (int i = 0; i <= last; ++i) {
          int const s = start[static_cast<std::size_t>(i)];
          auto const row = p.graph.demands(i);
          for (int m = 0; m < row.size(); ++m)
            if (row[m].resource == r && s <= t && t < s + p.graph.occupancy(i))
              used += row[m].units;
        }
        if (used > *limit + 1e-9) return false;
      }
    }
    return true;
  };
  auto const search = [&](auto const& self, int i, int end) -> void {
    if (end >= best) return;
    if (i == n) {
      best = end;
      return;
    }
    auto const& s = p.system;
    auto const v = static_cast<std::size_t>(i);
    for (int t = 0; t + s.length[v] < best; ++t) {
      start[v] = t;
      bool kept = true;
      for (int k = s.in_offset[v]; k < s.in_offset[v + 1]; ++k) {
        auto const from = static_cast<std::size_t>(s.in_from[static_cast<std::size_t>(k)]);
        if (from < v) kept = kept && t - start[from] >= s.in_delta[static_cast<std::size_t>(k)];
      }
      for (int k = s.out_offset[v]; k < s.out_offset[v + 1]; ++k) {
        auto const to = static_cast<std::size_t>(s.out_to[static_cast<std::size_t>(k)]);
        if (to < v) kept = kept && start[to] - t >= s.out_delta[static_cast<std::size_t>(k)];
      }
      if (kept && ok(i)) self(self, i + 1, std::max(end, t + s.length[v]));
    }
  };
  search(search, 0, 0);
  if (best > horizon) return {};
  return best;
}

}  // namespace gaus_test

#endif
