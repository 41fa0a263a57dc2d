// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_NETWORK_SIMPLEX_HPP
#define GAUS_DETAIL_NETWORK_SIMPLEX_HPP

#include <gaus/error.hpp>
#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace gaus::detail {

/// Minimises a linear function of integer potentials under difference constraints:
///
///   min sum_v weight_v * x_v   with   x_to - x_from >= delta,   low_v <= x_v <= high_v
///
/// by the primal network simplex method on its dual, a min-cost flow (Ahuja, Magnanti, Orlin,
/// Network Flows, 1993, chapter 11). One artificial node, the root, has potential 0; the bounds are
/// arcs from and to it. Every node begins at the bound that its weight favours, on one tree arc to
/// the root: a strongly feasible basis, so that degenerate pivots cannot cycle, and a good one, as
/// most of a schedule's potentials lie near it. Potentials are integral throughout.
///
/// The flow is feasible at any time, so flow_bound() is a valid lower bound even of a run that was
/// stopped. Weights must be scaled to integers with sum of sizes below 2^62. Needs low <= high that
/// are consistent with the constraints. Memory: 40 bytes a node, 32 an arc.
class NetworkSimplex {
 public:
  using Amount = std::int64_t;

  explicit NetworkSimplex(int nodes) : nodes_(nodes), weight_(at(nodes), 0) {}

  /// Adds x_to - x_from >= delta.
  void constrain(int from, int to, std::int64_t delta) { arcs_.push_back({from, to, delta, 0}); }
  void add_weight(int node, Amount weight) { weight_[at(node)] += weight; }

  /// Solves within the bounds; false when keep_going() ended it before the optimum. O(nodes) a
  /// pivot at worst; keep_going is asked every few hundred pivots.
  template <class KeepGoing>
  bool solve(std::vector<int> const& low, std::vector<int> const& high, KeepGoing&& keep_going) {
    first_tree(low, high);
    block_ = std::max<std::size_t>(
        20, static_cast<std::size_t>(std::sqrt(static_cast<double>(arcs_.size()))));
    cursor_ = 0;
    for (std::int64_t pivots = 1;; ++pivots) {
      std::size_t const entering = find_entering();
      if (entering == arcs_.size()) return true;
      if (!pivot(entering))
        throw InvalidInput("the step bounds contradict the difference constraints");
      if (pivots % 256 == 0 && !keep_going()) return false;
    }
  }

  /// Potential of a node; optimal, and feasible, after solve() returned true.
  [[nodiscard]] std::int64_t potential(int node) const { return tree_[at(node)].potential; }

  /// Value of the dual: at most the minimum.
  [[nodiscard]] double flow_bound() const {
    double sum = 0;  // in double: the amounts times deltas may leave 64 bits
    for (auto const& a : arcs_) sum += static_cast<double>(a.delta) * static_cast<double>(a.flow);
    return sum;
  }

 private:
  struct Arc {
    int from, to;
    std::int64_t delta;
    Amount flow;
  };
  struct Node {
    std::int64_t potential;
    int parent;
    int arc;     ///< to the parent, either way
    int thread;  ///< next in preorder
    int back;    ///< previous in preorder
    int depth;
    bool upward;  ///< the arc points to the parent
  };

  /// Bounds that no constraint implies become arcs, and so does the tree's arc of every node.
  void first_tree(std::vector<int> const& low, std::vector<int> const& high) {
    std::vector<char> low_implied(at(nodes_), 0);
    std::vector<char> high_implied(at(nodes_), 0);
    for (auto const& a : arcs_) {
      // By a strictly earlier or later bound: bounds must not imply each other in a circle.
      if (low[at(a.from)] < low[at(a.to)] && low[at(a.from)] + a.delta >= low[at(a.to)])
        low_implied[at(a.to)] = 1;
      if (high[at(a.from)] < high[at(a.to)] && high[at(a.to)] - a.delta <= high[at(a.from)])
        high_implied[at(a.from)] = 1;
    }
    int const root = nodes_;
    tree_.assign(at(nodes_) + 1, {});
    tree_[at(root)] = {0, -1, -1, root, root, 0, false};
    for (int v = 0; v < nodes_; ++v) {
      // Mass that is to sink comes from the root, mass that rises or rests goes to it.
      bool const upward = weight_[at(v)] <= 0;
      if (upward || !high_implied[at(v)]) arcs_.push_back({v, root, -std::int64_t{high[at(v)]}, 0});
      if (!upward || !low_implied[at(v)]) {
        arcs_.push_back({root, v, low[at(v)], 0});
      }
      std::size_t const own = upward && !low_implied[at(v)] ? arcs_.size() - 2 : arcs_.size() - 1;
      arcs_[own].flow = std::abs(weight_[at(v)]);
      int const last = tree_[at(root)].back;
      tree_[at(v)] = {
          upward ? high[at(v)] : low[at(v)], root, static_cast<int>(own), root, last, 1, upward};
      tree_[at(last)].thread = v;
      tree_[at(root)].back = v;
    }
  }

  [[nodiscard]] std::int64_t violation(Arc const& a) const {
    return a.delta - tree_[at(a.to)].potential + tree_[at(a.from)].potential;
  }

  /// The most violated constraint of the next block that holds any (block search); arcs_.size()
  /// when none is violated.
  [[nodiscard]] std::size_t find_entering() {
    std::size_t const count = arcs_.size();
    std::size_t best = count;
    std::int64_t worst = 0;
    std::size_t left = block_;
    for (std::size_t seen = 0; seen < count; ++seen) {
      std::int64_t const v = violation(arcs_[cursor_]);
      if (v > worst) {
        worst = v;
        best = cursor_;
      }
      if (++cursor_ == count) cursor_ = 0;
      if (--left == 0) {
        if (best != count) return best;
        left = block_;
      }
    }
    return best;
  }

  /// Sends flow round the cycle that the entering arc closes, and exchanges it for the last arc, as
  /// seen from the apex, that this empties.
  bool pivot(std::size_t entering) {
    int const u = arcs_[entering].from;
    int const v = arcs_[entering].to;
    std::int64_t const shift = violation(arcs_[entering]);
    // The flow climbs from v to the apex and descends to u: arcs against that can be emptied.
    Amount least = std::numeric_limits<Amount>::max();
    int leaving = -1;
    bool on_u_side = false;
    int a = u;
    int b = v;
    while (a != b) {
      if (tree_[at(a)].depth >= tree_[at(b)].depth) {
        Node const& node = tree_[at(a)];
        // Of equals the one nearest to u comes last on the way from the apex.
        if (node.upward && arcs_[at(node.arc)].flow < least) {
          least = arcs_[at(node.arc)].flow;
          leaving = a;
          on_u_side = true;
        }
        a = node.parent;
      } else {
        Node const& node = tree_[at(b)];
        // The whole side of v comes after that of u, what is near to the apex last.
        if (!node.upward && arcs_[at(node.arc)].flow <= least) {
          least = arcs_[at(node.arc)].flow;
          leaving = b;
          on_u_side = false;
        }
        b = node.parent;
      }
    }
    if (leaving < 0) return false;  // the cycle has only constraints, and a positive length
    if (least > 0) {
      arcs_[entering].flow += least;
      for (int w = u; w != a; w = tree_[at(w)].parent)
        arcs_[at(tree_[at(w)].arc)].flow += tree_[at(w)].upward ? -least : least;
      for (int w = v; w != a; w = tree_[at(w)].parent)
        arcs_[at(tree_[at(w)].arc)].flow += tree_[at(w)].upward ? least : -least;
    }
    if (on_u_side)
      rehang(leaving, u, v, static_cast<int>(entering), true, -shift);
    else
      rehang(leaving, v, u, static_cast<int>(entering), false, shift);
    return true;
  }

  /// Cuts the subtree of top off and hangs it by its node `hook` below `below`, all its potentials
  /// shifted. The preorder of the rerooted subtree: that of each node on the way from hook to top,
  /// less what came before.
  void rehang(int top, int hook, int below, int arc, bool upward, std::int64_t shift) {
    order_.clear();
    int const before = tree_[at(top)].back;
    int last_inside = top;
    int skip_from = -1;
    int skip_to = -1;  // preorder range that is listed already
    int parent = below;
    int parent_arc = arc;
    bool parent_upward = upward;
    for (int stem = hook;;) {
      Node& node = tree_[at(stem)];
      int const next_stem = node.parent;
      int const old_arc = node.arc;
      bool const old_upward = node.upward;
      int const old_depth = node.depth;
      int const change = tree_[at(parent)].depth + 1 - old_depth;
      int last = stem;
      // The depths of what is listed already have changed: it is skipped as a block.
      order_.push_back(stem);
      int w = node.thread;
      if (w == skip_from) w = after_skip(skip_to, last);
      while (tree_[at(w)].depth > old_depth) {
        Node& member = tree_[at(w)];
        member.depth += change;
        member.potential += shift;
        order_.push_back(w);
        last = w;
        w = member.thread;
        if (w == skip_from) w = after_skip(skip_to, last);
      }
      node.depth += change;
      node.potential += shift;
      node.parent = parent;
      node.arc = parent_arc;
      node.upward = parent_upward;
      skip_from = stem;
      skip_to = last;
      last_inside = last;
      if (stem == top) break;
      parent = stem;
      parent_arc = old_arc;
      parent_upward = !old_upward;
      stem = next_stem;
    }
    int const after = tree_[at(last_inside)].thread;
    tree_[at(before)].thread = after;
    tree_[at(after)].back = before;
    int const follower = tree_[at(below)].thread;
    int previous = below;
    for (int const w : order_) {
      tree_[at(previous)].thread = w;
      tree_[at(w)].back = previous;
      previous = w;
    }
    tree_[at(previous)].thread = follower;
    tree_[at(follower)].back = previous;
  }
  [[nodiscard]] int after_skip(int skip_to, int& last) const {
    last = skip_to;
    return tree_[at(skip_to)].thread;
  }

  int nodes_;
  std::vector<Amount> weight_;
  std::vector<Arc> arcs_;
  std::vector<Node> tree_;  ///< the root comes last
  std::vector<int> order_;
  std::size_t block_ = 20;
  std::size_t cursor_ = 0;
};

}  // namespace gaus::detail

#endif
