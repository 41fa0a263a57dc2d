// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_STEP_CLOSURE_HPP
#define GAUS_DETAIL_STEP_CLOSURE_HPP

#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace gaus::detail {

/// Minimises a sum of arbitrary functions of single nodes under difference constraints,
///
///   min sum_v F_v(x_v)   with   x_to - x_from >= delta,   low_v <= x_v <= high_v,
///
/// exactly: a minimum closure, solved as one minimum cut (Moehring, Schulz, Stork, Uetz, Solving
/// project scheduling problems by minimum cut computations, 2003). A point (v, t) says x_v > t; it
/// weighs F_v(t + 1) - F_v(t) and implies (v, t - 1) and, for each constraint, (to, t + delta).
/// Flow along an implication moves weight. Any flow gives a lower bound, so that the search may be
/// stopped at any time and starts warm when weights change. Push-relabel with global relabelling
/// (Goldberg and Tarjan, 1988), lowest label first: many deficits lie close by. Memory: 30 bytes a
/// point, 8 an implication.
class StepClosure {
 public:
  using Amount = std::int64_t;

  StepClosure(std::vector<int> low, std::vector<int> high,
              std::vector<DifferenceBound> const& rules)
      : low_(std::move(low)), high_(std::move(high)) {
    int const n = static_cast<int>(low_.size());
    base_.resize(at(n) + 1);
    int points = 0;
    for (int v = 0; v < n; ++v) {
      base_[at(v)] = points;
      points += std::max(0, high_[at(v)] - low_[at(v)]);
    }
    base_[at(n)] = points;
    owner_.resize(at(points));
    for (int v = 0; v < n; ++v)
      std::fill(owner_.begin() + base_[at(v)], owner_.begin() + base_[at(v) + 1], v);
    // Constraints that the windows do not imply, in rows by either end.
    std::int64_t flows = 0;
    out_offset_.assign(at(n) + 1, 0);
    in_offset_.assign(at(n) + 1, 0);
    for (auto const& r : rules) {
      int const first = std::max(low_[at(r.from)], low_[at(r.to)] - r.delta);
      if (first >= high_[at(r.from)] || first + r.delta >= high_[at(r.to)]) continue;
      rules_.push_back({r.from, r.to, r.delta, first, flows - first});
      flows += high_[at(r.from)] - first;
      ++out_offset_[at(r.from) + 1];
      ++in_offset_[at(r.to) + 1];
    }
    for (int v = 0; v < n; ++v) {
      out_offset_[at(v) + 1] += out_offset_[at(v)];
      in_offset_[at(v) + 1] += in_offset_[at(v)];
    }
    out_.resize(rules_.size());
    in_.resize(rules_.size());
    auto out_next = out_offset_;
    auto in_next = in_offset_;
    for (int k = 0; k < static_cast<int>(rules_.size()); ++k) {
      out_[at(out_next[at(rules_[at(k)].from)]++)] = k;
      in_[at(in_next[at(rules_[at(k)].to)]++)] = k;
    }
    flow_.assign(static_cast<std::size_t>(flows), 0);
    chain_.assign(at(points), 0);
    excess_.assign(at(points), 0);
    label_.assign(at(points), 0);
    next_.assign(at(points), -1);
  }

  [[nodiscard]] int points() const { return static_cast<int>(owner_.size()); }
  [[nodiscard]] int first_point(int v) const { return base_[at(v)]; }

  /// Points and implications of such a closure, before it is built.
  [[nodiscard]] static std::int64_t size(std::vector<int> const& low, std::vector<int> const& high,
                                         std::vector<DifferenceBound> const& rules) {
    std::int64_t sum = 0;
    for (std::size_t v = 0; v < low.size(); ++v) sum += std::max(0, high[v] - low[v]);
    for (auto const& r : rules)
      sum += std::max(0, high[at(r.from)] - std::max(low[at(r.from)], low[at(r.to)] - r.delta));
    return sum;
  }

  /// Adds to the weight of a point.
  void add_weight(int point, Amount weight) { excess_[at(point)] -= weight; }

  /// Sum of F_v(x_v) - F_v(low_v) over all nodes is at least this.
  [[nodiscard]] Amount bound() const {
    Amount sum = 0;
    for (Amount const e : excess_) sum -= std::max<Amount>(0, e);
    return sum;
  }

  /// Pushes until the flow is maximum. keep_going(amount) is asked now and then whether to go on,
  /// with the excess that may still find a place: the bound cannot rise by more.
  template <class KeepGoing>
  void solve(KeepGoing&& keep_going) {
    std::int64_t const enough = std::int64_t{points()} + static_cast<std::int64_t>(flow_.size());
    while (true) {
      if (!relabel_all()) return;
      work_ = 0;
      for (int count = 1; lowest_ < ceiling_ && work_ < enough; ++count) {
        if (count % 65536 == 0 && !keep_going(static_cast<double>(unsettled_))) return;
        int const u = active_[at(lowest_)];
        if (u < 0) {
          ++lowest_;
          continue;
        }
        active_[at(lowest_)] = next_[at(u)];
        discharge(u);
      }
      if (!keep_going(static_cast<double>(unsettled_))) return;
    }
  }

  /// The minimum after solve(): the least one. x_v > t for the points that reach no deficit.
  void solution(std::vector<int>& x) const {
    x = low_;
    for (int v = 0; v < static_cast<int>(low_.size()); ++v) {
      int p = base_[at(v)];
      while (p < base_[at(v) + 1] && label_[at(p)] == unreachable) {
        ++p;
        ++x[at(v)];
      }
    }
  }

 private:
  static constexpr int unreachable = std::numeric_limits<int>::max();
  struct Rule {
    int from, to, delta;
    int first;           ///< first t for which (from, t) implies a point
    std::int64_t shift;  ///< flow of (from, t) is at shift + t
  };

  [[nodiscard]] std::size_t place(Rule const& r, int t) const {
    return static_cast<std::size_t>(r.shift + t);
  }

  /// Calls visit(point, residual capacity, flow, sign) for all arcs that leave a point.
  template <class Visit>
  void for_each_arc(int u, Visit&& visit) {
    int const v = owner_[at(u)];
    int const t = low_[at(v)] + u - base_[at(v)];
    if (u > base_[at(v)] && !visit(u - 1, chain_[at(u)], true)) return;
    for (int k = out_offset_[at(v)]; k < out_offset_[at(v) + 1]; ++k) {
      Rule const& r = rules_[at(out_[at(k)])];
      if (t < r.first) continue;
      int const w = base_[at(r.to)] + t + r.delta - low_[at(r.to)];
      if (!visit(w, flow_[place(r, t)], true)) return;
    }
    if (u + 1 < base_[at(v) + 1] && chain_[at(u) + 1] > 0 &&
        !visit(u + 1, chain_[at(u) + 1], false))
      return;
    for (int k = in_offset_[at(v)]; k < in_offset_[at(v) + 1]; ++k) {
      Rule const& r = rules_[at(in_[at(k)])];
      int const from = t - r.delta;
      if (from < r.first || from >= high_[at(r.from)]) continue;
      Amount& f = flow_[place(r, from)];
      if (f > 0 && !visit(base_[at(r.from)] + from - low_[at(r.from)], f, false)) return;
    }
  }

  void activate(int u) {
    int const d = label_[at(u)];
    next_[at(u)] = active_[at(d)];
    active_[at(d)] = u;
    lowest_ = std::min(lowest_, d);
  }

  void discharge(int u) {
    while (true) {
      int lowest = unreachable;
      int const d = label_[at(u)];
      for_each_arc(u, [&](int w, Amount& f, bool forward) {
        ++work_;
        int const dw = label_[at(w)];
        if (dw < d) {
          Amount& e = excess_[at(u)];
          Amount const amount = forward ? e : std::min(e, f);
          f += forward ? amount : -amount;
          e -= amount;
          Amount const before = excess_[at(w)];
          excess_[at(w)] += amount;
          if (before <= 0 && before + amount > 0) activate(w);
          if (e == 0) return false;
          return true;
        }
        lowest = std::min(lowest, dw);
        return true;
      });
      if (excess_[at(u)] == 0) return;
      // An empty layer cuts off all above it. What ends here by mistake, for want of layers, is
      // taken up again by the next relabelling.
      bool const gap = --count_[at(d)] == 0;
      if (gap) {
        std::fill(active_.begin() + d, active_.end(), -1);
        ceiling_ = d;
      }
      if (gap || lowest >= ceiling_ - 1) {
        label_[at(u)] = unreachable;
        return;
      }
      label_[at(u)] = lowest + 1;
      ++count_[at(lowest) + 1];
    }
  }

  /// Exact distances to the deficits by breadth-first search; false when no excess
  /// reaches one.
  bool relabel_all() {
    std::fill(label_.begin(), label_.end(), unreachable);
    queue_.clear();
    for (int u = 0; u < points(); ++u)
      if (excess_[at(u)] < 0) {
        label_[at(u)] = 0;
        queue_.push_back(u);
      }
    for (std::size_t done = 0; done < queue_.size(); ++done) {
      int const w = queue_[done];
      int const d = label_[at(w)] + 1;
      auto const reach = [&](int u) {
        if (label_[at(u)] != unreachable) return;
        label_[at(u)] = d;
        queue_.push_back(u);
      };
      int const v = owner_[at(w)];
      int const t = low_[at(v)] + w - base_[at(v)];
      if (w + 1 < base_[at(v) + 1]) reach(w + 1);
      if (w > base_[at(v)] && chain_[at(w)] > 0) reach(w - 1);
      for (int k = in_offset_[at(v)]; k < in_offset_[at(v) + 1]; ++k) {
        Rule const& r = rules_[at(in_[at(k)])];
        int const from = t - r.delta;
        if (from >= r.first && from < high_[at(r.from)])
          reach(base_[at(r.from)] + from - low_[at(r.from)]);
      }
      for (int k = out_offset_[at(v)]; k < out_offset_[at(v) + 1]; ++k) {
        Rule const& r = rules_[at(out_[at(k)])];
        if (t >= r.first && flow_[place(r, t)] > 0)
          reach(base_[at(r.to)] + t + r.delta - low_[at(r.to)]);
      }
    }
    int const deepest = queue_.empty() ? 0 : label_[at(queue_.back())];
    ceiling_ = 2 * deepest + 64;
    active_.assign(at(ceiling_), -1);
    count_.assign(at(ceiling_), 0);
    for (int const u : queue_) ++count_[at(label_[at(u)])];
    lowest_ = ceiling_;
    unsettled_ = 0;
    for (int u = 0; u < points(); ++u)
      if (excess_[at(u)] > 0 && label_[at(u)] != unreachable) {
        activate(u);
        unsettled_ += excess_[at(u)];
      }
    return unsettled_ > 0;
  }

  std::vector<int> low_, high_, base_, owner_;
  std::vector<Rule> rules_;
  std::vector<int> out_offset_, out_, in_offset_, in_;
  std::vector<Amount> flow_;   ///< of constraints, by rule and t
  std::vector<Amount> chain_;  ///< from a point to the one before it
  std::vector<Amount> excess_;
  std::vector<int> label_, next_, active_, queue_;
  std::vector<int> count_;  ///< points by label
  int lowest_ = 0;
  int ceiling_ = 0;       ///< no label of this or above can reach a deficit
  Amount unsettled_ = 0;  ///< excess of active points at the last relabelling
  std::int64_t work_ = 0;
};

}  // namespace gaus::detail

#endif
