// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_RESOURCE_TABLE_HPP
#define GAUS_SCHEDULE_RESOURCE_TABLE_HPP

#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace gaus {

/// What is still free of every limited resource class, by step, or by slot t mod II of a pipelined
/// schedule: the (modulo) reservation table of a scheduler that places one operation after another.
/// An operation takes its units in the occupancy steps from its start on; one that is busy for
/// longer than II takes them several times in a slot. Unlimited classes are not kept. On the host.
template <Graph H>
class ResourceTable {
 public:
  /// limits: one a class, none for unlimited. interval > 0: slots 0 .. interval - 1; else steps
  /// 0 .. steps - 1. Throws InvalidInput for another number of limits.
  ResourceTable(H const& graph, std::vector<std::optional<double>> const& limits, int steps,
                int interval = 0)
      : slots_(std::max(1, interval > 0 ? interval : steps)), folded_(interval > 0) {
    using detail::at;
    int const classes = graph.num_resources();
    if (limits.size() != at(classes))
      throw InvalidInput(
          detail::message({limits.size(), " resource limits are given, the graph has ", classes,
                           " resource classes"}));
    std::vector<int> row(at(classes), -1);
    for (int r = 0; r < classes; ++r) {
      if (!limits[at(r)]) continue;
      row[at(r)] = static_cast<int>(limits_.size());
      limits_.push_back(*limits[at(r)] +
                        1e-9 * std::max(1.0, *limits[at(r)]));  // sums of fractions
    }
    int const n = graph.num_operations();
    offset_.push_back(0);
    occupancy_.resize(at(n));
    for (int i = 0; i < n; ++i) {
      occupancy_[at(i)] = graph.occupancy(i);
      auto const demands = graph.demands(i);
      for (int k = 0; k < demands.size(); ++k) {
        Demand const d = demands[k];
        if (row[at(d.resource)] >= 0 && d.units > 0 && graph.occupancy(i) > 0)
          uses_.push_back({row[at(d.resource)], d.units});
      }
      offset_.push_back(static_cast<int>(uses_.size()));
    }
    clear();
  }

  /// Frees everything.
  void clear() {
    free_.resize(limits_.size() * detail::at(slots_));
    for (std::size_t r = 0; r < limits_.size(); ++r)
      std::fill_n(free_.begin() + static_cast<std::ptrdiff_t>(r * detail::at(slots_)), slots_,
                  limits_[r]);
  }

  /// II, or steps.
  [[nodiscard]] int slots() const { return slots_; }

  /// Whether an operation takes units of a limited class at all.
  [[nodiscard]] bool limited(int i) const {
    return offset_[detail::at(i)] < offset_[detail::at(i) + 1];
  }

  /// Whether what an operation takes from a start step on is free. O(occupancy * demands); steps
  /// beyond the table are not.
  [[nodiscard]] bool fits(int i, int start) const {
    bool all = true;
    each(i, start, [&](std::size_t c, double units) { return all = free_[c] >= units; });
    return all && inside(i, start);
  }

  /// The last of those steps that is not free, or -1 when all are: a search from start on may go on
  /// behind it. Of a table by slots the offset from start counts, not the slot.
  [[nodiscard]] int last_conflict(int i, int start) const {
    using detail::at;
    int const busy = folded_ ? std::min(occupancy_[at(i)], slots_) : occupancy_[at(i)];
    for (int u = busy - 1; u >= 0; --u)
      for (int k = offset_[at(i)]; k < offset_[at(i) + 1]; ++k)
        if (free_[place_of(uses_[at(k)].row, start + u)] < uses_[at(k)].units * times(i, u))
          return start + u;
    return -1;
  }

  /// By how many steps a start that does not fit has to move at least, later or earlier. What is busy
  /// for long must leave the whole of what is in its way behind.
  [[nodiscard]] int least_move(int i, int start, bool later) const {
    using detail::at;
    constexpr int brief = 16;  // not worth the look
    int const busy = occupancy_[at(i)];
    if (busy <= brief || busy > slots_ || !inside(i, start)) return 1;
    if (later) return std::max(1, last_conflict(i, start) - start + 1);
    for (int u = 0; u < busy; ++u)
      for (int k = offset_[at(i)]; k < offset_[at(i) + 1]; ++k)
        if (free_[place_of(uses_[at(k)].row, start + u)] < uses_[at(k)].units) return busy - u;
    return 1;
  }

  /// Takes or gives back the units of an operation; may overdraw.
  void place(int i, int start) { change(i, start, -1); }
  /// Gives back the units of an operation that was placed there.
  void remove(int i, int start) { change(i, start, 1); }

  /// Whether two operations ask for a common class in a common step or slot.
  [[nodiscard]] bool meet(int i, int start, int j, int other) const {
    using detail::at;
    for (int a = offset_[at(i)]; a < offset_[at(i) + 1]; ++a)
      for (int b = offset_[at(j)]; b < offset_[at(j) + 1]; ++b)
        if (uses_[at(a)].row == uses_[at(b)].row &&
            overlap(start, occupancy_[at(i)], other, occupancy_[at(j)]))
          return true;
    return false;
  }

 private:
  struct Use {
    int row;
    double units;
  };

  [[nodiscard]] std::size_t place_of(int row, int step) const {
    int const slot = folded_ ? ((step % slots_) + slots_) % slots_ : step;
    return detail::at(row) * detail::at(slots_) + detail::at(slot);
  }
  [[nodiscard]] bool inside(int i, int start) const {
    return folded_ || !limited(i) || (start >= 0 && start + occupancy_[detail::at(i)] <= slots_);
  }
  /// How often an operation is busy in the slot of its u-th step.
  [[nodiscard]] int times(int i, int u) const {
    if (!folded_) return 1;
    int const occupancy = occupancy_[detail::at(i)];
    return occupancy / slots_ + (u < occupancy % slots_ ? 1 : 0);
  }
  [[nodiscard]] bool overlap(int a, int a_busy, int b, int b_busy) const {
    if (!folded_) return a < b + b_busy && b < a + a_busy;
    if (a_busy >= slots_ || b_busy >= slots_) return true;
    int const ahead = (((b - a) % slots_) + slots_) % slots_;
    return ahead < a_busy || slots_ - ahead < b_busy;
  }

  /// visit(place, units) for every entry that an operation needs, until it returns false.
  template <class Visit>
  void each(int i, int start, Visit&& visit) const {
    using detail::at;
    int const first = offset_[at(i)];
    int const last = offset_[at(i) + 1];
    if (first == last || (!folded_ && !inside(i, start))) return;
    int const busy = folded_ ? std::min(occupancy_[at(i)], slots_) : occupancy_[at(i)];
    for (int u = 0; u < busy; ++u)
      for (int k = first; k < last; ++k)
        if (!visit(place_of(uses_[at(k)].row, start + u), uses_[at(k)].units * times(i, u))) return;
  }
  void change(int i, int start, double sign) {
    each(i, start, [&](std::size_t c, double units) {
      free_[c] += sign * units;
      return true;
    });
  }

  int slots_;
  bool folded_;
  std::vector<double> limits_;  ///< of the limited classes
  std::vector<int> occupancy_;
  std::vector<int> offset_;
  std::vector<Use> uses_;
  std::vector<double> free_;  ///< a row a limited class
};

}  // namespace gaus

#endif
