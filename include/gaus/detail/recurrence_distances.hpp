// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_RECURRENCE_DISTANCES_HPP
#define GAUS_DETAIL_RECURRENCE_DISTANCES_HPP

#include <gaus/graph.hpp>
#include <gaus/graph/components.hpp>
#include <gaus/graph/step_bounds.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace gaus::detail {

/// A difference system seen as a graph: every constraint is a forward dependence of producers
/// without latency. For algorithms that ask which constraints there are and nothing else.
struct SystemGraph {
  using memory_space = Kokkos::HostSpace;
  DifferenceSystem const* system;

  struct DemandRow {
    [[nodiscard]] int size() const { return 0; }
    Demand operator[](int) const { return {0, 0.0}; }
  };
  struct Row {
    int const* other;
    int const* delta;
    int count;
    int first;
    [[nodiscard]] int size() const { return count; }
    Dependence operator[](int k) const { return {first + k, other[k], 0, delta[k], 0.0}; }
  };

  [[nodiscard]] int num_operations() const { return system->operations; }
  [[nodiscard]] int num_dependences() const { return static_cast<int>(system->out_to.size()); }
  [[nodiscard]] int num_resources() const { return 0; }
  [[nodiscard]] int latency(int) const { return 0; }
  [[nodiscard]] int occupancy(int) const { return 0; }
  [[nodiscard]] double size(int) const { return 0; }
  [[nodiscard]] DemandRow demands(int) const { return {}; }
  [[nodiscard]] Row outgoing(int i) const {
    return row(system->out_offset, system->out_to, system->out_delta, i);
  }
  [[nodiscard]] Row incoming(int i) const {
    return row(system->in_offset, system->in_from, system->in_delta, i);
  }

 private:
  static Row row(std::vector<int> const& offset, std::vector<int> const& other,
                 std::vector<int> const& delta, int i) {
    int const first = offset[at(i)];
    return {other.data() + first, delta.data() + first, offset[at(i) + 1] - first, first};
  }
};

/// One recurrence: operations that difference constraints tie to each other both ways, so that each
/// has a finite window as soon as one of them has a start step.
struct Recurrence {
  std::vector<int> members;  ///< in the order of the system
  std::vector<int> limited;  ///< those that take units of a limited class, in the same order
  int slack = 0;             ///< least width of a window; 0: some operations are tied rigidly
  bool known = false;        ///< whether the distances below are
  std::vector<int> from;     ///< limited x members: least start of a member after a limited one
  std::vector<int> to;       ///< limited x members: least start of a limited one after a member
};

/// MinDist of all recurrences of a difference system, between limited members and all members: the
/// longest paths, that is s_b - s_a >= distance in every schedule (Huff, Lifetime-sensitive modulo
/// scheduling, 1993). Recurrences that ask for more than max_entries, or hold a positive cycle, are
/// left unknown. Two searches a limited member, each a few passes over its constraints; memory 8
/// bytes an entry.
class RecurrenceDistances {
 public:
  RecurrenceDistances(DifferenceSystem const& system, std::vector<char> const& limited,
                      std::size_t max_entries = std::size_t{1} << 23) {
    int const n = system.operations;
    recurrence_.assign(at(n), -1);
    place_.assign(at(n), 0);
    row_.assign(at(n), -1);
    components_ = strongly_connected_components(SystemGraph{&system});
    std::vector<int> number(at(components_.count), -1);
    for (int c = 0; c < components_.count; ++c) {
      if (components_.size(c) < 2) continue;
      number[at(c)] = static_cast<int>(all_.size());
      all_.emplace_back();
    }
    for (int const v : system.order) {
      int const c = number[at(components_.component[at(v)])];
      if (c < 0) continue;
      auto& own = all_[at(c)];
      recurrence_[at(v)] = c;
      place_[at(v)] = static_cast<int>(own.members.size());
      own.members.push_back(v);
      if (!limited[at(v)]) continue;
      row_[at(v)] = static_cast<int>(own.limited.size());
      own.limited.push_back(v);
    }
    for (auto& own : all_) {
      own.known = own.limited.size() * own.members.size() <= max_entries;
      if (own.known) fill(system, own);
    }
    order_.resize(all_.size());
    for (std::size_t k = 0; k < order_.size(); ++k) order_[k] = static_cast<int>(k);
    std::stable_sort(order_.begin(), order_.end(), [&](int a, int b) {
      auto const key = [&](int k) {
        auto const& r = all_[at(k)];
        return std::pair(r.slack, -static_cast<long long>(r.limited.size()));
      };
      return key(a) < key(b);
    });
  }

  [[nodiscard]] std::vector<Recurrence> const& all() const { return all_; }
  [[nodiscard]] Components const& components() const { return components_; }

  /// The recurrences, most critical first: by their slack, then by their limited operations.
  [[nodiscard]] std::vector<int> const& order() const { return order_; }

  /// The recurrence of an operation, or -1.
  [[nodiscard]] int recurrence(int i) const { return recurrence_[at(i)]; }
  /// Place among the members, and among the limited ones (or -1).
  [[nodiscard]] int place(int i) const { return place_[at(i)]; }
  [[nodiscard]] int row(int i) const { return row_[at(i)]; }

  /// s_i - s_l >= this, l the k-th limited member of the recurrence of i.
  [[nodiscard]] int after(int k, int i) const {
    auto const& own = all_[at(recurrence_[at(i)])];
    return own.from[at(k) * own.members.size() + at(place_[at(i)])];
  }
  /// s_l - s_i >= this.
  [[nodiscard]] int before(int k, int i) const {
    auto const& own = all_[at(recurrence_[at(i)])];
    return own.to[at(k) * own.members.size() + at(place_[at(i)])];
  }

  /// The same for time that runs backwards (mirrored(), below).
  void mirror() {
    for (auto& own : all_) std::swap(own.from, own.to);
  }

 private:
  void fill(DifferenceSystem const& system, Recurrence& own) {
    auto const n = own.members.size();
    // Constraints among the members, by place.
    std::vector<int> offset[2];
    std::vector<std::pair<int, int>> arcs[2];
    for (int side = 0; side < 2; ++side) {
      auto const& begin = side == 0 ? system.out_offset : system.in_offset;
      auto const& other = side == 0 ? system.out_to : system.in_from;
      auto const& delta = side == 0 ? system.out_delta : system.in_delta;
      offset[side].push_back(0);
      for (int const v : own.members) {
        for (int k = begin[at(v)]; k < begin[at(v) + 1]; ++k)
          if (recurrence_[at(other[at(k)])] == recurrence_[at(v)])
            arcs[side].emplace_back(place_[at(other[at(k)])], delta[at(k)]);
        offset[side].push_back(static_cast<int>(arcs[side].size()));
      }
    }
    constexpr int never = std::numeric_limits<int>::min();
    constexpr long long least = -max_steps_ahead / 2;
    std::vector<int> longest(n);
    auto const search = [&](int source, int side, std::vector<int>& rows) {
      std::fill(longest.begin(), longest.end(), never);
      longest[at(source)] = 0;
      // Against the order of the system when looking backwards: one pass does forward constraints.
      int const first = side == 0 ? 0 : static_cast<int>(n) - 1;
      int const step = side == 0 ? 1 : -1;
      std::size_t pass = 0;
      for (bool moved = true; moved; ++pass) {
        if (pass > n) return false;  // a positive cycle
        moved = false;
        for (int v = first; v >= 0 && v < static_cast<int>(n); v += step) {
          if (longest[at(v)] == never) continue;
          for (int k = offset[side][at(v)]; k < offset[side][at(v) + 1]; ++k) {
            auto const [to, delta] = arcs[side][at(k)];
            // Distances beyond int bind nothing.
            int const s = static_cast<int>(
                std::max<long long>(static_cast<long long>(longest[at(v)]) + delta, least));
            if (s <= longest[at(to)]) continue;
            longest[at(to)] = s;
            moved = moved || (to - v) * step <= 0;  // the others are still to come in this pass
          }
        }
      }
      rows.insert(rows.end(), longest.begin(), longest.end());
      return true;
    };
    own.from.reserve(own.limited.size() * n);
    own.to.reserve(own.limited.size() * n);
    int slack = std::numeric_limits<int>::max();
    for (int const v : own.limited) {
      own.known = search(place_[at(v)], 0, own.from) && search(place_[at(v)], 1, own.to);
      if (!own.known) return;
      for (int const u : own.limited) {
        std::size_t const k = own.from.size() - n + at(place_[at(u)]);
        if (u != v) slack = std::min(slack, -own.from[k] - own.to[k]);
      }
    }
    own.slack = slack;
  }

  Components components_;
  std::vector<Recurrence> all_;
  std::vector<int> order_;
  std::vector<int> recurrence_, place_, row_;
};

/// The system of time that runs backwards: r_i = -s_i.
inline DifferenceSystem mirrored(DifferenceSystem system) {
  std::swap(system.out_offset, system.in_offset);
  std::swap(system.out_to, system.in_from);
  std::swap(system.out_delta, system.in_delta);
  std::reverse(system.order.begin(), system.order.end());
  // What entered against the order leaves against it now.
  std::vector<int> rank(at(system.operations));
  for (int k = 0; k < system.operations; ++k) rank[at(system.order[at(k)])] = k;
  system.backward = 0;
  for (int v = 0; v < system.operations; ++v) {
    bool entered = false;
    for (int k = system.in_offset[at(v)]; k < system.in_offset[at(v) + 1]; ++k)
      entered = entered || rank[at(system.in_from[at(k)])] >= rank[at(v)];
    system.backward += entered ? 1 : 0;
  }
  long long reach = 0;
  for (int v = 0; v < system.operations; ++v) {
    int longest = 0;
    for (int k = system.in_offset[at(v)]; k < system.in_offset[at(v) + 1]; ++k)
      longest = std::max(longest, system.in_delta[at(k)]);
    reach += longest;
  }
  system.reach = reach;
  return system;
}

/// Which operations take units of a limited class.
template <Graph H, class Limits>
std::vector<char> limited_operations(H const& graph, Limits const& limits) {
  std::vector<char> limited(at(graph.num_operations()), 0);
  for (int i = 0; i < graph.num_operations(); ++i) {
    auto const row = graph.demands(i);
    for (int k = 0; k < row.size(); ++k) {
      Demand const d = row[k];
      if (d.units > 0 && graph.occupancy(i) > 0 && limits[at(d.resource)]) limited[at(i)] = 1;
    }
  }
  return limited;
}

}  // namespace gaus::detail

#endif
