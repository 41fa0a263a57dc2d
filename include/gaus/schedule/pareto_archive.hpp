// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_PARETO_ARCHIVE_HPP
#define GAUS_SCHEDULE_PARETO_ARCHIVE_HPP

#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace gaus::detail {

/// Schedules none of which dominates another, by two values that are both minimised: sorted by the
/// first, which rises while the second falls. Values that differ by rounding alone are equal.
class ParetoArchive {
 public:
  struct Entry {
    double first = 0;
    double second = 0;
    std::vector<int> start;
    int steps = 0;  ///< latency bound that it was made for
  };

  /// most: entries kept, at least 2; beyond, the one that adds least to the front goes.
  explicit ParetoArchive(int most) : most_(at(std::max(2, most))) {}

  /// Whether an entry is at least as good in both.
  [[nodiscard]] bool covers(double first, double second) const {
    auto const after = std::upper_bound(entries_.begin(), entries_.end(), first + tolerance(first),
                                        [](double x, Entry const& e) { return x < e.first; });
    return after != entries_.begin() && std::prev(after)->second <= second + tolerance(second);
  }

  /// Takes a schedule unless it is covered or not a number; drops those that it dominates.
  bool offer(double first, double second, std::vector<int> const& start, int steps) {
    if (!std::isfinite(first) || !std::isfinite(second) || covers(first, second)) return false;
    std::erase_if(entries_, [&](Entry const& e) { return e.first >= first && e.second >= second; });
    auto const place = std::lower_bound(entries_.begin(), entries_.end(), first,
                                        [](Entry const& e, double x) { return e.first < x; });
    entries_.insert(place, Entry{first, second, start, steps});
    if (entries_.size() > most_) drop_least();
    return true;
  }

  [[nodiscard]] std::vector<Entry> const& entries() const { return entries_; }

  /// The number of the entry that is left of the gap which promises most: the largest rectangle
  /// between two neighbours, halved for every earlier try. None when all were tried often enough.
  /// visits: then the number of tries of that gap so far, which is counted up.
  std::optional<std::size_t> next_gap(int& visits) {
    constexpr int most_visits = 12;
    std::size_t best = 0;
    double largest = 0;
    for (std::size_t k = 0; k + 1 < entries_.size(); ++k) {
      int const tried = visited(k);
      if (tried >= most_visits) continue;
      double const area = width(k) * height(k) * std::pow(0.5, tried);
      if (area <= largest) continue;
      largest = area;
      best = k;
    }
    if (largest == 0) return {};
    visits = visits_[key(best)]++;
    return best;
  }

 private:
  static double tolerance(double x) { return 1e-12 * std::max(1.0, std::abs(x)); }
  [[nodiscard]] double width(std::size_t k) const {
    return entries_[k + 1].first - entries_[k].first;
  }
  [[nodiscard]] double height(std::size_t k) const {
    return entries_[k].second - entries_[k + 1].second;
  }
  [[nodiscard]] std::pair<double, double> key(std::size_t k) const {
    return {entries_[k].first, entries_[k + 1].first};
  }
  [[nodiscard]] int visited(std::size_t k) const {
    auto const found = visits_.find(key(k));
    return found == visits_.end() ? 0 : found->second;
  }

  /// Drops the inner entry without which the front loses the smallest rectangle.
  void drop_least() {
    std::size_t least = 1;
    double smallest = std::numeric_limits<double>::infinity();
    for (std::size_t k = 1; k + 1 < entries_.size(); ++k) {
      double const lost = width(k) * height(k - 1);
      if (lost >= smallest) continue;
      smallest = lost;
      least = k;
    }
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(least));
  }

  std::size_t most_;
  std::vector<Entry> entries_;
  std::map<std::pair<double, double>, int> visits_;
};

}  // namespace gaus::detail

#endif
