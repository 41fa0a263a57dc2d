// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_SLOT_PROBLEM_HPP
#define GAUS_DETAIL_SLOT_PROBLEM_HPP

#include <gaus/detail/recurrence_distances.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace gaus::detail {

/// What decides whether an interval has a schedule at all, when the latency is not bounded.
///
/// Only recurrences and units matter then: constraints between recurrences are met by starting one of
/// them some intervals later, which no slot notices. The variables are the limited operations of
/// recurrences, tied by MinDist (a group each), and those operations outside that cannot be trusted
/// to fill up what is left: busy for several steps, of several classes, or of a class whose operations
/// ask for various units. All others fit into any rest, by counting. Turning all slots changes
/// nothing: the first group, the most critical recurrence, begins in slot 0.
template <Graph H>
class SlotProblem {
 public:
  struct Class {
    int resource = -1;
    double limit = 0;     ///< units at once; of a uniform class: operations at once
    bool uniform = true;  ///< whether all ask for the same number of units
    double units = 0;
    std::vector<std::pair<int, double>> variables;  ///< with units, 1 each of a uniform class
  };
  struct Group {
    int first;  ///< of its variables
    int size;
    std::size_t base;  ///< of its matrix of distances
  };

  SlotProblem(H const& graph, RecurrenceDistances const& distances,
              std::vector<std::optional<double>> const& limits, int interval)
      : graph_(graph), interval_(interval) {
    make_classes(limits);
    std::vector<char> inside(at(graph.num_operations()), 0);
    for (int const c : distances.order()) {
      auto const& own = distances.all()[at(c)];
      complete_ = complete_ && own.known;
      if (!own.known) continue;
      add_group(own.limited, &distances);
      for (int const i : own.limited) inside[at(i)] = 1;
    }
    for (int i = 0; i < graph.num_operations(); ++i)
      if (!inside[at(i)] && uses_units(i) && !fills_up(i)) add_group({i}, nullptr);
    uses_.resize(operations_.size());
    for (int v = 0; v < variables(); ++v)
      each_use_of(operations_[at(v)], [&](int, Class& own, double units) {
        own.variables.emplace_back(v, own.uniform ? 1.0 : units);
        uses_[at(v)].push_back(static_cast<int>(&own - classes_.data()));
      });
  }

  /// Whether every limited operation of a recurrence is a variable; else a solution says nothing.
  [[nodiscard]] bool complete() const { return complete_; }
  /// Whether some class has fewer slots than operations, or distances contradict each other.
  [[nodiscard]] bool refuted() const { return refuted_; }
  /// The resource class that was counted when that showed, or -1.
  [[nodiscard]] int refuted_by() const { return refuted_by_; }
  [[nodiscard]] int variables() const { return static_cast<int>(operations_.size()); }
  [[nodiscard]] std::vector<int> const& operations() const { return operations_; }
  [[nodiscard]] std::vector<Class> const& classes() const { return classes_; }
  /// Classes of a variable.
  [[nodiscard]] std::vector<int> const& uses(int v) const { return uses_[at(v)]; }
  [[nodiscard]] Group const& group(int v) const { return groups_[at(group_of_[at(v)])]; }
  /// Row a, column b of a group: least s_b - s_a.
  [[nodiscard]] int const* distance(Group const& g) const { return distance_.data() + g.base; }

  /// Range of a variable before anything is decided: its group's first one in a turn of the slots.
  [[nodiscard]] std::pair<int, int> range(int v) const {
    auto const& g = group(v);
    auto const* const d = distance(g);
    int const turn = g.first == 0 ? 0 : interval_ - 1;
    return {d[v - g.first], turn - d[at(v - g.first) * at(g.size)]};
  }

  /// Raises distances by counting units: operations of a class that all lie at least a after i and b
  /// before j take turns, so that s_j - s_i >= a + b + ceil(number / limit) - 1; then the longest
  /// paths over these, until nothing changes. Groups that would take long are left as they are.
  void tighten() {
    for (auto const& g : groups_) {
      double cost = 0;
      for (auto const& own : classes_) cost += square(static_cast<double>(own.variables.size()));
      if (refuted_ || g.size < 3 || cost * square(g.size) > 2e8) continue;
      for (int round = 0; round < 20 && !refuted_ && count_units(g); ++round) close(g);
    }
  }

 private:
  static double square(double x) { return x * x; }

  void refute(int resource) {
    if (!refuted_) refuted_by_ = resource;
    refuted_ = true;
  }

  void make_classes(std::vector<std::optional<double>> const& limits) {
    row_.assign(limits.size(), -1);
    for (std::size_t r = 0; r < limits.size(); ++r) {
      if (!limits[r]) continue;
      row_[r] = static_cast<int>(classes_.size());
      classes_.emplace_back();
      classes_.back().resource = static_cast<int>(r);
      classes_.back().limit = *limits[r] + 1e-9 * std::max(1.0, *limits[r]);
    }
    std::vector<double> work(classes_.size(), 0.0);
    each_use([&](int i, Class& own, double units) {
      if (own.units == 0) own.units = units;
      own.uniform = own.uniform && own.units == units;
      work[static_cast<std::size_t>(&own - classes_.data())] += units * graph_.occupancy(i);
    });
    for (std::size_t k = 0; k < classes_.size(); ++k) {
      auto& own = classes_[k];
      if (own.units == 0) continue;
      if (own.uniform) {  // count operations: what is left of a slot is lost
        own.limit = std::floor(own.limit / own.units);
        work[k] /= own.units;
      }
      if (work[k] > own.limit * interval_ + 1e-6) refute(own.resource);
    }
  }

  /// visit(operation, class, units) for all demands of limited classes.
  template <class Visit>
  void each_use(Visit&& visit) {
    for (int i = 0; i < graph_.num_operations(); ++i) each_use_of(i, visit);
  }
  template <class Visit>
  void each_use_of(int i, Visit&& visit) {
    auto const row = graph_.demands(i);
    for (int k = 0; k < row.size(); ++k) {
      Demand const d = row[k];
      if (d.units > 0 && graph_.occupancy(i) > 0 && row_[at(d.resource)] >= 0)
        visit(i, classes_[at(row_[at(d.resource)])], d.units);
    }
  }

  [[nodiscard]] bool uses_units(int i) {
    bool any = false;
    each_use_of(i, [&](int, Class&, double) { any = true; });
    return any;
  }
  bool fills_up(int i) {
    int uses = 0;
    bool uniform = true;
    each_use_of(i, [&](int, Class& own, double) {
      ++uses;
      uniform = uniform && own.uniform;
    });
    return graph_.occupancy(i) == 1 && uses == 1 && uniform;
  }

  void add_group(std::vector<int> const& operations, RecurrenceDistances const* distances) {
    if (operations.empty()) return;
    Group const g{variables(), static_cast<int>(operations.size()), distance_.size()};
    distance_.resize(g.base + at(g.size) * at(g.size), 0);
    for (int a = 0; a < g.size; ++a) {
      group_of_.push_back(static_cast<int>(groups_.size()));
      operations_.push_back(operations[at(a)]);
      for (int b = 0; distances != nullptr && b < g.size; ++b)
        distance_[g.base + at(a) * at(g.size) + at(b)] = distances->after(a, operations[at(b)]);
    }
    groups_.push_back(g);
  }

  /// One pass over all pairs of a group. True: some distance grew.
  bool count_units(Group const& g) {
    bool grew = false;
    auto const n = at(g.size);
    int* const d = distance_.data() + g.base;
    std::vector<int> all, from, between, back;
    for (auto const& own : classes_) {
      int const limit = static_cast<int>(std::min(own.limit, 1e9));
      if (!own.uniform || limit < 1) continue;
      all.clear();
      for (auto const& [v, units] : own.variables)
        if (v >= g.first && v < g.first + g.size) all.push_back(v - g.first);
      if (static_cast<int>(all.size()) <= limit) continue;
      auto const turns = [&](std::size_t count) {
        return (static_cast<int>(count) + limit - 1) / limit - 1;
      };
      for (std::size_t i = 0; i < n; ++i) {
        from.assign(d + i * n, d + (i + 1) * n);  // as sorted by; the row grows meanwhile
        std::sort(all.begin(), all.end(), [&](int a, int b) { return from[at(a)] > from[at(b)]; });
        for (std::size_t j = 0; j < n; ++j) {
          int& known = d[i * n + j];
          // Those that may help, the fewer the less each of them may be off the longest path.
          std::size_t count = all.size();
          between = all;
          for (bool fewer = true; fewer && !between.empty();) {
            std::erase_if(between, [&](int k) {
              return from[at(k)] + d[at(k) * n + j] + turns(count) <= known;
            });
            fewer = between.size() < count;
            count = between.size();
          }
          if (static_cast<int>(count) <= limit) continue;
          back.clear();
          for (int const k : between) {
            int const after = d[at(k) * n + j];
            back.insert(std::upper_bound(back.begin(), back.end(), after, std::greater<>()), after);
            for (std::size_t q = at(limit); q < back.size(); ++q) {
              int const least = from[at(k)] + back[q] + turns(q + 1);
              if (least <= known) continue;
              known = least;
              grew = true;
              counted_ = own.resource;
            }
          }
          if (i == j && known > 0) {
            refute(own.resource);
            return true;
          }
        }
      }
    }
    return grew;
  }

  /// Longest paths of all pairs (Floyd, 1962); ends at a positive cycle, round which they grow for ever.
  void close(Group const& g) {
    auto const n = at(g.size);
    int* const d = distance_.data() + g.base;
    for (std::size_t k = 0; k < n; ++k) {
      if (d[k * n + k] > 0) {
        refute(counted_);
        return;
      }
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
          d[i * n + j] = std::max(d[i * n + j], d[i * n + k] + d[k * n + j]);
    }
    for (std::size_t i = 0; i < n; ++i)
      if (d[i * n + i] > 0) refute(counted_);
  }

  H const& graph_;
  int interval_;
  bool complete_ = true;
  bool refuted_ = false;
  int refuted_by_ = -1;
  int counted_ = -1;  ///< class that raised a distance last
  std::vector<int> row_;
  std::vector<Class> classes_;
  std::vector<int> operations_;  ///< by variable
  std::vector<int> group_of_;
  std::vector<Group> groups_;
  std::vector<int> distance_;  ///< matrices, a group each
  std::vector<std::vector<int>> uses_;
};

}  // namespace gaus::detail

#endif
