// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_STAGE_FILL_HPP
#define GAUS_DETAIL_STAGE_FILL_HPP

#include <gaus/detail/recurrence_distances.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/schedule/resource_table.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace gaus::detail {

/// From steps of some operations, as SlotSearch finds them, to a whole pipelined schedule, the first
/// start 0: recurrences move by whole intervals behind their predecessors, all other operations
/// start as early as they can. Steps are given for all limited operations of recurrences, and
/// satisfy MinDist and the limits among each other. Empty: an operation found no slot. O(V + E +
/// limited * members + passes over the constraints of each recurrence).
template <Graph H>
std::vector<int> fill_stages(DifferenceSystem const& system, RecurrenceDistances const& distances,
                             ResourceTable<H>& table, std::vector<int> const& operations,
                             std::vector<int> const& steps) {
  int const n = system.operations;
  int const interval = table.slots();
  constexpr int open = std::numeric_limits<int>::min();
  std::vector<int> fixed(at(n), open);
  std::vector<int> start(at(n), open);
  table.clear();
  for (std::size_t k = 0; k < operations.size(); ++k) {
    fixed[at(operations[k])] = steps[k];
    table.place(operations[k], steps[k]);
  }
  auto const least = [&](int v) {  // by the predecessors that have a start
    int low = 0;
    for (int k = system.in_offset[at(v)]; k < system.in_offset[at(v) + 1]; ++k) {
      int const from = system.in_from[at(k)];
      if (from != v && start[at(from)] != open)
        low = std::max(low, start[at(from)] + system.in_delta[at(k)]);
    }
    return low;
  };
  auto const turns = [&](int steps_ahead) {  // whole intervals that cover a distance
    int const down = steps_ahead >= 0 ? 0 : (interval - 1 - steps_ahead) / interval;
    return (steps_ahead + down * interval + interval - 1) / interval - down;
  };
  auto const& components = distances.components();
  for (int c = 0; c < components.count; ++c) {
    int const first = components.members[at(components.offset[at(c)])];
    if (components.size(c) == 1) {
      int t = least(first);
      if (fixed[at(first)] != open) {
        t = fixed[at(first)] + interval * turns(t - fixed[at(first)]);
      } else if (table.limited(first)) {
        int const end = t + interval;
        while (t < end && !table.fits(first, t)) ++t;
        if (t == end) return {};
        table.place(first, t);
      }
      start[at(first)] = t;
      continue;
    }
    auto const& own = distances.all()[at(distances.recurrence(first))];
    std::vector<int> low;
    for (int const v : own.members) low.push_back(least(v));
    if (!own.limited.empty()) {
      int shift = std::numeric_limits<int>::min();
      std::vector<int> begin(own.members.size(), open);
      for (std::size_t k = 0; k < own.members.size(); ++k) {
        int const v = own.members[k];
        int latest = max_steps_ahead;
        for (std::size_t l = 0; l < own.limited.size(); ++l) {
          int const s = fixed[at(own.limited[l])];
          latest = std::min(latest, s - distances.before(static_cast<int>(l), v));
          begin[k] = std::max(begin[k], s + distances.after(static_cast<int>(l), v));
        }
        shift = std::max(shift, turns(low[k] - latest));
      }
      for (std::size_t k = 0; k < low.size(); ++k)
        low[k] = std::max(low[k], begin[k] + shift * interval);
    }
    for (std::size_t k = 0; k < low.size(); ++k) start[at(own.members[k])] = low[k];
    for (bool moved = true; moved;) {
      moved = false;
      for (int const v : own.members) {
        int const t = std::max(start[at(v)], least(v));
        moved = moved || t != start[at(v)];
        start[at(v)] = t;
      }
    }
  }
  int const earliest = n > 0 ? *std::min_element(start.begin(), start.end()) : 0;
  for (int& s : start) s -= earliest;
  return start;
}

}  // namespace gaus::detail

#endif
