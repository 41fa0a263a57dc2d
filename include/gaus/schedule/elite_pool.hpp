// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_ELITE_POOL_HPP
#define GAUS_SCHEDULE_ELITE_POOL_HPP

#include <gaus/detail/random_bits.hpp>
#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace gaus::detail {

/// A few good schedules that differ, each the end of a search of its own. What several of them agree
/// on is rarely wrong, so that a new search needs only the steps between them: confined to these it
/// may be hot and still ends better than its parents, in a fraction of the moves. (Tour merging does
/// the same for the travelling salesman: Cook and Seymour, 2003.) Threads may share one.
class ElitePool {
 public:
  static constexpr std::size_t capacity = 8;

  /// Parents of a search: where it starts, and the steps that it may use.
  struct Merge {
    std::vector<int> start;
    StepBounds box;
    std::vector<std::size_t> parents;
    int generation = 0;
  };

  /// Takes a legal schedule in, in place of the worst one when the pool is full and that is worse.
  void add(std::vector<int> const& start, double value) {
    std::scoped_lock const lock(mutex_);
    if (holds(start)) return;
    if (elites_.size() < capacity) {
      elites_.push_back({start, value});
      return;
    }
    auto const worst = std::max_element(elites_.begin(), elites_.end(), by_value);
    if (value < worst->value) *worst = {start, value};
  }

  /// Two to four of them to merge; nothing while there are fewer than so many, at least two. margin: steps beyond
  /// those that the parents use, within bounds.
  [[nodiscard]] std::optional<Merge> parents(int fewest, StepBounds const& bounds, int margin,
                                             RandomBits& random) const {
    std::scoped_lock const lock(mutex_);
    int const size = static_cast<int>(elites_.size());
    if (size < std::max(2, fewest)) return std::nullopt;
    Merge merge;
    merge.generation = generation_;
    std::vector<std::size_t> order(elites_.size());
    for (std::size_t k = 0; k < order.size(); ++k) order[k] = k;
    int const count = 2 + random.below(std::min(size, 4) - 1);
    for (int k = 0; k < count; ++k) std::swap(order[at(k)], order[at(k + random.below(size - k))]);
    merge.parents.assign(order.begin(), order.begin() + count);
    std::size_t from = merge.parents[0];
    if (random.below(2) == 0)
      for (std::size_t const p : merge.parents)
        if (elites_[p].value < elites_[from].value) from = p;
    merge.start = elites_[from].start;
    merge.box = {merge.start, merge.start};
    for (std::size_t const p : merge.parents)
      for (std::size_t i = 0; i < merge.start.size(); ++i) {
        int const step = elites_[p].start[i];
        merge.box.earliest[i] = std::min(merge.box.earliest[i], step);
        merge.box.latest[i] = std::max(merge.box.latest[i], step);
      }
    for (std::size_t i = 0; i < merge.start.size(); ++i) {
      merge.box.earliest[i] = std::max(bounds.earliest[i], merge.box.earliest[i] - margin);
      merge.box.latest[i] = std::min(bounds.latest[i], merge.box.latest[i] + margin);
    }
    return merge;
  }

  /// The outcome of a merge takes the place of its worst parent, unless it is worse or not new.
  /// True when it is better than that one.
  bool replace(Merge const& merge, std::vector<int> const& start, double value) {
    std::scoped_lock const lock(mutex_);
    if (merge.generation != generation_ || holds(start)) return false;
    std::size_t worst = merge.parents[0];
    for (std::size_t const p : merge.parents)
      if (elites_[p].value > elites_[worst].value) worst = p;
    double const old = elites_[worst].value;
    // The same cost, summed in another order, is no progress.
    bool const better = value < old - 1e-9 * std::abs(old);
    if (value <= old) elites_[worst] = {start, value};
    return better;
  }

  /// Keeps the best one alone, so that others of another kind find a place.
  void renew() {
    std::scoped_lock const lock(mutex_);
    if (elites_.empty()) return;
    std::swap(elites_.front(), *std::min_element(elites_.begin(), elites_.end(), by_value));
    elites_.resize(1);
    ++generation_;
  }

  [[nodiscard]] std::size_t size() const {
    std::scoped_lock const lock(mutex_);
    return elites_.size();
  }

 private:
  struct Elite {
    std::vector<int> start;
    double value = std::numeric_limits<double>::infinity();
  };
  static bool by_value(Elite const& a, Elite const& b) { return a.value < b.value; }
  [[nodiscard]] bool holds(std::vector<int> const& start) const {
    return std::any_of(elites_.begin(), elites_.end(),
                       [&](Elite const& e) { return e.start == start; });
  }

  mutable std::mutex mutex_;
  std::vector<Elite> elites_;
  int generation_ = 0;  ///< merges of an older one come too late
};

}  // namespace gaus::detail

#endif
