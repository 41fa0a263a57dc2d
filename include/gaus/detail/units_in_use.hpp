// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_UNITS_IN_USE_HPP
#define GAUS_DETAIL_UNITS_IN_USE_HPP

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

// How many units of a resource class a schedule takes at a time, for judging schedules that need
// not be legal: memory and time follow the demands, not the steps.
namespace gaus::detail {

/// Units of one class over time, as changes at steps. Holds for any start steps: before step 0 and
/// beyond the last step too, since what is judged need not be legal.
class UnitsInUse {
 public:
  explicit UnitsInUse(int interval) : interval_(interval) {}

  void add(long long first, long long last, double units) {
    if (last <= first) return;
    if (interval_ > 0) {
      base_ += units * static_cast<double>((last - first) / interval_);
      long long const rest = (last - first) % interval_;
      if (rest == 0) return;
      first = ((first % interval_) + interval_) % interval_;
      last = first + rest;
      if (last > interval_) {
        changes_.emplace_back(0, units);
        last -= interval_;
      }
    }
    changes_.emplace_back(first, units);
    if (interval_ == 0 || last < interval_) changes_.emplace_back(last, -units);
  }

  /// A stretch of steps in which more units are in use than there are.
  struct Excess {
    long long first;
    long long last;   ///< first step after it
    long long worst;  ///< first step with the most units
    double units;     ///< in use there
  };

  /// All stretches, in order. Sums of fractions may pass the limit by rounding.
  std::vector<Excess> above(double limit) {
    double const tolerance = 1e-9 * std::max(1.0, limit);
    if (interval_ > 0) {  // slots 0 .. II - 1, even where nothing changes
      changes_.emplace_back(0, 0.0);
      changes_.emplace_back(interval_, 0.0);
    }
    std::stable_sort(changes_.begin(), changes_.end(),
                     [](auto const& a, auto const& b) { return a.first < b.first; });
    std::vector<Excess> all;
    double units = base_;
    for (std::size_t k = 0; k < changes_.size();) {
      long long const step = changes_[k].first;
      for (; k < changes_.size() && changes_[k].first == step; ++k) units += changes_[k].second;
      if (k == changes_.size() || units <= limit + tolerance) continue;
      long long const end = changes_[k].first;
      if (all.empty() || all.back().last != step) all.push_back({step, end, step, units});
      auto& own = all.back();
      own.last = end;
      if (units <= own.units + tolerance) continue;
      own.worst = step;
      own.units = units;
    }
    return all;
  }

 private:
  int interval_;
  double base_ = 0;  ///< of boxes that cover every slot
  std::vector<std::pair<long long, double>> changes_;
};

/// Whether a box [first, last) covers a step, or a slot of an interval.
inline bool covers(long long first, long long last, long long step, int interval) {
  if (interval == 0) return first <= step && step < last;
  long long const ahead = (((step - first) % interval) + interval) % interval;
  return first + ahead < last;
}

}  // namespace gaus::detail

#endif
