// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_MODULO_PLACEMENT_HPP
#define GAUS_DETAIL_MODULO_PLACEMENT_HPP

#include <gaus/detail/recurrence_distances.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/schedule/resource_table.hpp>

#include <algorithm>
#include <vector>

namespace gaus::detail {

/// A partial schedule that schedulers with eviction work on: which operations have a start step,
/// the (modulo) reservation table of these, and the window that they leave to another one. What is
/// placed satisfies all constraints among each other at any time: placing an operation displaces
/// whatever it conflicts with. Plain schedules: a table by steps, and all starts inside it.
template <Graph H>
class ModuloPlacement {
 public:
  /// sign -1: time runs backwards, start is minus the step in the table. All are kept by reference.
  ModuloPlacement(H const& graph, DifferenceSystem const& system,
                  RecurrenceDistances const& distances, ResourceTable<H>& table, bool folded,
                  int sign = 1)
      : system_(system), distances_(distances), table_(table), folded_(folded), sign_(sign) {
    int const n = system.operations;
    for (int i = 0; i < n; ++i)
      if (table.limited(i)) busiest_ = std::max(busiest_, graph.occupancy(i));
    occupancy_.resize(at(n));
    for (int i = 0; i < n; ++i) occupancy_[at(i)] = graph.occupancy(i);
    start_.assign(at(n), 0);
    placed_.assign(at(n), 0);
    rank_.assign(at(n), 0);
    next_.assign(at(n), -1);
    previous_.assign(at(n), -1);
    head_.assign(at(table.slots()), -1);
  }

  static constexpr int unbounded = max_steps_ahead;

  /// Forgets every placement.
  void clear() {
    table_.clear();
    std::fill(placed_.begin(), placed_.end(), 0);
    std::fill(head_.begin(), head_.end(), -1);
  }

  [[nodiscard]] bool placed(int i) const { return placed_[at(i)] != 0; }
  [[nodiscard]] int start(int i) const { return start_[at(i)]; }
  [[nodiscard]] std::vector<int> const& starts() const { return start_; }
  [[nodiscard]] bool fits(int i, int t) const { return table_.fits(i, sign_ * t); }
  /// How far it is at least to the next start that may fit, from one that does not.
  [[nodiscard]] int least_move(int i, int t, bool later) const {
    return table_.least_move(i, sign_ * t, (sign_ > 0) == later);
  }

  /// Of operations in the way the one with the largest rank is displaced first.
  void set_rank(int i, long long rank) { rank_[at(i)] = rank; }

  /// The least start that placed constraints admit from below: predecessors, and in a recurrence
  /// all placed limited members by their distance. -unbounded: none.
  [[nodiscard]] int low(int i) const {
    int low = -unbounded;
    for (int k = system_.in_offset[at(i)]; k < system_.in_offset[at(i) + 1]; ++k) {
      int const j = system_.in_from[at(k)];
      if (placed_[at(j)] && j != i) low = std::max(low, start_[at(j)] + system_.in_delta[at(k)]);
    }
    each_relative(i, [&](int j, int after, int) { low = std::max(low, start_[at(j)] + after); });
    return low;
  }
  /// The greatest start that placed constraints admit from above.
  [[nodiscard]] int high(int i) const {
    int high = unbounded;
    for (int k = system_.out_offset[at(i)]; k < system_.out_offset[at(i) + 1]; ++k) {
      int const j = system_.out_to[at(k)];
      if (placed_[at(j)] && j != i) high = std::min(high, start_[at(j)] - system_.out_delta[at(k)]);
    }
    each_relative(i,
                  [&](int j, int, int before) { high = std::min(high, start_[at(j)] - before); });
    return high;
  }

  /// First fitting start of [low, high], or unbounded. At most one turn of the table is looked at.
  [[nodiscard]] int first_fit(int i, int low, int high) const {
    int const last = folded_ ? std::min(high, low + table_.slots() - 1) : high;
    for (int t = low; t <= last; t += least_move(i, t, true))
      if (fits(i, t)) return t;
    return unbounded;
  }

  /// The fitting start of [low, high] nearest to target, the earlier one of two; or unbounded.
  [[nodiscard]] int nearest_fit(int i, int low, int high, int target) const {
    if (low > high) return unbounded;
    target = std::clamp(target, low, high);
    if (!table_.limited(i)) return target;
    int down = target;
    int up = target + 1;
    if (folded_) {  // one turn around the target
      int const half = table_.slots() - 1;
      low = std::max(low, target - half);
      high = std::min(high, target + half);
    }
    while (down >= low || up <= high) {
      if (down >= low && (up > high || target - down <= up - target)) {
        if (fits(i, down)) return down;
        down -= least_move(i, down, false);
      } else {
        if (fits(i, up)) return up;
        up += least_move(i, up, true);
      }
    }
    return unbounded;
  }

  /// Places i at t where its units are known to be free and its window holds t.
  void put(int i, int t) {
    start_[at(i)] = t;
    placed_[at(i)] = 1;
    table_.place(i, sign_ * t);
    if (!table_.limited(i)) return;
    int& head = head_[bucket(t)];
    next_[at(i)] = head;
    previous_[at(i)] = -1;
    if (head >= 0) previous_[at(head)] = i;
    head = i;
  }
  void take(int i) {
    placed_[at(i)] = 0;
    table_.remove(i, sign_ * start_[at(i)]);
    if (!table_.limited(i)) return;
    if (previous_[at(i)] >= 0)
      next_[at(previous_[at(i)])] = next_[at(i)];
    else
      head_[bucket(start_[at(i)])] = next_[at(i)];
    if (next_[at(i)] >= 0) previous_[at(next_[at(i)])] = previous_[at(i)];
  }

  /// Places i at t and takes away whatever conflicts; evicted(j) hears of each. False: i does not
  /// even fit into an empty table there, and nothing is placed.
  template <class Evicted>
  bool force(int i, int t, Evicted&& evicted) {
    auto const evict = [&](int j) {
      take(j);
      evicted(j);
    };
    while (!fits(i, t)) {
      int const victim = in_the_way(i, t);
      if (victim < 0) return false;
      evict(victim);
    }
    for (int k = system_.in_offset[at(i)]; k < system_.in_offset[at(i) + 1]; ++k) {
      int const j = system_.in_from[at(k)];
      if (j != i && placed_[at(j)] && start_[at(j)] + system_.in_delta[at(k)] > t) evict(j);
    }
    for (int k = system_.out_offset[at(i)]; k < system_.out_offset[at(i) + 1]; ++k) {
      int const j = system_.out_to[at(k)];
      if (j != i && placed_[at(j)] && t + system_.out_delta[at(k)] > start_[at(j)]) evict(j);
    }
    victims_.clear();
    each_relative(i, [&](int j, int after, int before) {
      if (start_[at(j)] + after > t || t + before > start_[at(j)]) victims_.push_back(j);
    });
    for (int const j : victims_) evict(j);
    put(i, t);
    return true;
  }

  /// Finds room for i in [low, high] by moving others within their windows: a chain in which each
  /// takes the place of the next one and the last one a free slot, the shortest that a search over
  /// at most `most` operations finds. bounds(j) is a pair that j must stay in, target(j) where it
  /// would rather be. True: i is placed. What was moved is legal in any case.
  template <class Bounds, class Target>
  bool make_room(int i, int low, int high, int most, Bounds&& bounds, Target&& target) {
    if (low > high || !table_.limited(i)) return false;
    if (seen_.empty()) seen_.assign(start_.size(), 0);
    chain_.assign(1, {i, -1, 0});
    ++search_;
    seen_[at(i)] = search_;
    for (std::size_t k = 0; k < chain_.size(); ++k) {
      int const a = chain_[k].operation;
      int first = low;
      int last = high;
      if (k > 0) {
        auto const [from, to] = bounds(a);
        first = std::max(this->low(a), from);
        last = std::min(this->high(a), to);
        take(a);
        // Where the one before goes is no place to move to.
        table_.place(chain_[at(chain_[k].parent)].operation, sign_ * chain_[k].step);
      }
      int free = 0;
      bool const found = each_near(first, last, target(a), [&](int t) {
        free = t;
        if (fits(a, t)) return true;
        if (static_cast<int>(chain_.size()) >= most) return false;
        each_in_the_way(a, t, [&](int j) {
          if (seen_[at(j)] == search_) return;
          int const before = sign_ * start_[at(j)];
          table_.remove(j, before);
          bool const alone = fits(a, t);
          table_.place(j, before);
          if (!alone) return;
          seen_[at(j)] = search_;
          chain_.push_back({j, static_cast<int>(k), t});
        });
        return false;
      });
      if (k > 0) {
        table_.remove(chain_[at(chain_[k].parent)].operation, sign_ * chain_[k].step);
        put(a, start_[at(a)]);
      }
      if (found) return move_chain(static_cast<int>(k), free, bounds);
    }
    return false;
  }

 private:
  struct Link {
    int operation;
    int parent;  ///< which link takes its place
    int step;    ///< where that one goes
  };

  /// visit(t) for the starts of [low, high], at most one turn, nearest to target first, until true.
  template <class Visit>
  bool each_near(int low, int high, int target, Visit&& visit) const {
    if (low > high) return false;
    target = std::clamp(target, low, high);
    long long const width = static_cast<long long>(high) - low + 1;
    auto left = static_cast<int>(std::min<long long>(width, table_.slots()));
    int down = target;
    int up = target + 1;
    for (; left > 0; --left) {
      bool const back = down >= low && (up > high || target - down <= up - target);
      if (visit(back ? down-- : up++)) return true;
    }
    return false;
  }

  template <class Bounds>
  bool move_chain(int link, int t, Bounds&& bounds) {
    for (; link >= 0; link = chain_[at(link)].parent) {
      int const a = chain_[at(link)].operation;
      int const before = start(a);
      bool const was_placed = placed(a);
      if (was_placed) take(a);
      auto const [from, to] = bounds(a);
      if (t < std::max(low(a), from) || t > std::min(high(a), to) || !fits(a, t)) {
        if (was_placed) put(a, before);
        return false;
      }
      put(a, t);
      t = chain_[at(link)].step;
    }
    return true;
  }

  [[nodiscard]] std::size_t bucket(int t) const {
    int const step = sign_ * t;
    int const slots = table_.slots();
    return at(folded_ ? ((step % slots) + slots) % slots : step);
  }

  /// visit(j, least s_i - s_j, least s_j - s_i) for the placed limited members of i's recurrence.
  template <class Visit>
  void each_relative(int i, Visit&& visit) const {
    int const c = distances_.recurrence(i);
    if (c < 0 || !distances_.all()[at(c)].known) return;
    auto const& own = distances_.all()[at(c)];
    auto const width = own.members.size();
    std::size_t k = at(distances_.place(i));
    for (int const j : own.limited) {
      if (placed_[at(j)] && j != i) visit(j, own.from[k], own.to[k]);
      k += width;
    }
  }

  /// The placed operation of largest rank that asks for a common class in a common step, or -1.
  [[nodiscard]] int in_the_way(int i, int t) const {
    int victim = -1;
    each_in_the_way(i, t, [&](int j) {
      if (victim < 0 || rank_[at(j)] > rank_[at(victim)]) victim = j;
    });
    return victim;
  }

  /// visit(j) for the placed operations that ask for a common class in a common step.
  template <class Visit>
  void each_in_the_way(int i, int t, Visit&& visit) const {
    int const slots = table_.slots();
    int const step = sign_ * t;
    int first = step - busiest_ + 1;
    int last = step + occupancy_[at(i)] - 1;
    if (folded_) {
      last = std::min(last, first + slots - 1);
    } else {
      first = std::max(first, 0);
      last = std::min(last, slots - 1);
    }
    for (int s = first; s <= last; ++s)
      for (int j = head_[bucket(sign_ * s)]; j >= 0; j = next_[at(j)])
        if (table_.meet(i, step, j, sign_ * start_[at(j)])) visit(j);
  }

  DifferenceSystem const& system_;
  RecurrenceDistances const& distances_;
  ResourceTable<H>& table_;
  bool folded_;
  int sign_;
  int busiest_ = 1;  ///< longest occupancy of a limited operation
  std::vector<int> occupancy_;
  std::vector<int> start_;
  std::vector<char> placed_;
  std::vector<long long> rank_;
  std::vector<int> head_, next_,
      previous_;  ///< placed limited operations by the slot they start in
  std::vector<int> victims_;
  std::vector<Link> chain_;
  std::vector<long long> seen_;
  long long search_ = 0;
};

}  // namespace gaus::detail

#endif
