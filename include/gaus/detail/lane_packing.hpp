// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_LANE_PACKING_HPP
#define GAUS_DETAIL_LANE_PACKING_HPP

#include <gaus/schedule/reservation.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

namespace gaus::detail {

/// What one operation takes of one unit: slots first .. first + length - 1, modulo the table's.
struct UnitArc {
  int operation = 0;
  int first = 0;
  int length = 0;
  int lane = 0;
};

/// Numbers of units for all operations of a class: first fit along the circle from each cut, those
/// that reach across the cut first (left-edge algorithm of Hashimoto and Stevens, DAC 1971, on a
/// circle, where the least number of lanes is NP-hard to find); the cut with fewest lanes. Empty
/// where units are no integers.
class LanePacking {
 public:
  LanePacking(ReservationTable const& table, int resource) : slots_(table.slots) {
    if (!collect(table, resource)) return;
    int const cuts = table.interval > 0 ? std::min(slots_, 64) : 1;
    lanes_ = -1;
    auto best = arcs_;
    for (int c = 0; c < cuts; ++c) {
      int const lanes = pack(static_cast<int>(static_cast<long long>(c) * slots_ / cuts));
      if (lanes_ >= 0 && lanes >= lanes_) continue;
      lanes_ = lanes;
      best = arcs_;
    }
    arcs_ = std::move(best);
  }
  /// Lanes in use; 0 where there are none to number.
  [[nodiscard]] int lanes() const { return lanes_; }
  [[nodiscard]] std::vector<UnitArc> const& arcs() const { return arcs_; }

 private:
  struct Busy {
    int operation, first, cells, least, greatest;
    double units;
  };

  /// Turns what the table holds by slot back into arcs; false when units are no integers.
  bool collect(ReservationTable const& table, int resource) {
    std::vector<std::tuple<int, int, Reservation>> by_operation;  // operation, slot
    for (int t = 0; t < slots_; ++t)
      for (auto const& entry : table.busy(resource, t)) {
        if (entry.units != std::floor(entry.units) || entry.units > 1e6) return false;
        by_operation.emplace_back(entry.operation, t, entry);
      }
    std::stable_sort(by_operation.begin(), by_operation.end(),
                     [](auto const& a, auto const& b) { return std::get<0>(a) < std::get<0>(b); });
    for (std::size_t k = 0; k < by_operation.size();) {
      int const operation = std::get<0>(by_operation[k]);
      auto const& [unused, slot, entry] = by_operation[k];
      Busy busy{operation, slot, 0, entry.times, entry.times, entry.units};
      std::size_t const begin = k;
      for (; k < by_operation.size() && std::get<0>(by_operation[k]) == operation; ++k) {
        auto const& own = std::get<2>(by_operation[k]);
        if (own.starts) busy.first = std::get<1>(by_operation[k]);
        busy.least = std::min(busy.least, own.times);
        busy.greatest = std::max(busy.greatest, own.times);
        ++busy.cells;
      }
      int const whole = busy.cells < slots_ ? 0 : busy.least;  // times around
      int rest = 0;
      for (std::size_t j = begin; j < k; ++j)
        rest += std::get<2>(by_operation[j]).times > whole ? 1 : 0;
      for (int u = 0; u < static_cast<int>(busy.units); ++u) {
        for (int c = 0; c < whole; ++c) arcs_.push_back({operation, busy.first, slots_, 0});
        if (rest > 0) arcs_.push_back({operation, busy.first, rest, 0});
      }
    }
    return true;
  }

  int pack(int cut) {
    auto const ahead = [&](UnitArc const& a) { return (a.first - cut + slots_) % slots_; };
    auto const key = [&](UnitArc const& a) {
      bool const across = ahead(a) + a.length > slots_;
      return std::tuple(a.length < slots_, !across, ahead(a), -a.length, a.operation);
    };
    std::sort(arcs_.begin(), arcs_.end(),
              [&](UnitArc const& a, UnitArc const& b) { return key(a) < key(b); });
    std::vector<std::vector<bool>> taken;
    for (auto& arc : arcs_) {
      auto const fits = [&](std::vector<bool> const& lane) {
        for (int u = 0; u < arc.length; ++u)
          if (lane[at((arc.first + u) % slots_)]) return false;
        return true;
      };
      auto const place = std::find_if(taken.begin(), taken.end(), fits);
      arc.lane = static_cast<int>(place - taken.begin());
      if (place == taken.end()) taken.emplace_back(at(slots_), false);
      for (int u = 0; u < arc.length; ++u) taken[at(arc.lane)][at((arc.first + u) % slots_)] = true;
    }
    return static_cast<int>(taken.size());
  }

  int slots_;
  int lanes_ = 0;
  std::vector<UnitArc> arcs_;
};

}  // namespace gaus::detail

#endif
