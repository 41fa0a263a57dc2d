// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_MIN_DIST_HPP
#define GAUS_DETAIL_MIN_DIST_HPP

#include <gaus/detail/component_paths.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph/components.hpp>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace gaus::detail {

/// Least differences of start steps within one component at one interval: s_b - s_a >= steps(a, b)
/// in every schedule. The longest paths of all pairs; 0 from an operation to itself.
class MinDist {
 public:
  MinDist(std::vector<int> members, std::vector<int> steps)
      : members_(std::move(members)), steps_(std::move(steps)) {}

  /// The operations, in ascending order.
  [[nodiscard]] std::vector<int> const& operations() const { return members_; }

  /// Of two places in operations().
  [[nodiscard]] int steps(int a, int b) const { return steps_[at(a) * members_.size() + at(b)]; }

 private:
  std::vector<int> members_;
  std::vector<int> steps_;
};

/// MinDist of component c, or nothing if it has more than max_operations: memory is 4 n^2 bytes,
/// time n searches of a few passes over its dependences. Throws Infeasible for a positive cycle,
/// that is, below RecMII.
template <Graph G>
std::optional<MinDist> min_dist(G const& graph, Components const& components, int c, int interval,
                                int max_operations = 4096) {
  if (components.size(c) > max_operations) return {};
  std::vector<int> rank(at(graph.num_operations()));
  auto const part = component_graph(graph, components, c, rank);
  int const n = part.size();
  PositiveCycles search(part);
  ArcCycle cycle;
  if (search.find(interval, cycle)) {
    std::vector<int> named;
    for (int const k : cycle.ranks) named.push_back(part.operations[at(k)]);
    long long const excess = cycle.length - cycle.distance * interval;
    auto const call = [](int i) { return message({i}); };
    throw Infeasible(
        detail::message({"no schedule exists at interval ", interval, ": the cycle of operations ",
                         path_text({InfeasibleReason::Kind::cycle, named}, call),
                         " asks each to start ", excess, " steps after itself"}),
        {InfeasibleReason::Kind::cycle, named, excess, 0});
  }
  auto const first = components.members.begin() + components.offset[at(c)];
  std::vector<int> members(first, first + n);
  std::vector<int> place(at(n));  // by rank
  for (int k = 0; k < n; ++k) {
    auto const found = std::lower_bound(members.begin(), members.end(), part.operations[at(k)]);
    place[at(k)] = static_cast<int>(found - members.begin());
  }
  constexpr long long never = std::numeric_limits<long long>::min();
  constexpr long long least = std::numeric_limits<int>::min() / 2;  // binds nothing
  std::vector<int> steps(at(n) * at(n));
  std::vector<long long> longest(at(n));
  for (int source = 0; source < n; ++source) {
    std::fill(longest.begin(), longest.end(), never);
    longest[at(source)] = 0;
    for (bool moved = true; moved;) {
      moved = false;
      for (int v = 0; v < n; ++v) {
        if (longest[at(v)] == never) continue;
        for (int k = part.offset[at(v)]; k < part.offset[at(v) + 1]; ++k) {
          auto const& arc = part.arcs[at(k)];
          long long const weight = arc.length - static_cast<long long>(arc.distance) * interval;
          long long const s = std::max(longest[at(v)] + weight, least);
          if (s <= longest[at(arc.to)]) continue;
          longest[at(arc.to)] = s;
          moved = moved || arc.to <= v;  // larger ranks are still to come in this pass
        }
      }
    }
    for (int v = 0; v < n; ++v)
      steps[at(place[at(source)]) * at(n) + at(place[at(v)])] = static_cast<int>(longest[at(v)]);
  }
  return MinDist(std::move(members), std::move(steps));
}

}  // namespace gaus::detail

#endif
