// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_RESERVATION_HPP
#define GAUS_SCHEDULE_RESERVATION_HPP

#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace gaus {

/// An operation that is busy on a class in a slot.
struct Reservation {
  int operation = 0;    ///< number of the operation
  double units = 0;     ///< that one instance takes
  int times = 1;        ///< instances of successive iterations at once: above 1 only where the
                        ///< occupancy exceeds the interval
  bool starts = false;  ///< an instance starts in this slot; else all go on from an earlier one

  /// Units of all its instances.
  [[nodiscard]] double in_use() const { return units * times; }
};

/// The (modulo) reservation table of a finished schedule (Rau, "Iterative modulo scheduling", MICRO
/// 1994): for every resource class and slot t mod II, or step where nothing is pipelined, which
/// operations are busy and how many units are in use. Schedulers that place one operation after
/// another keep a ResourceTable instead (schedule/resource_table.hpp), which does not know by whom.
struct ReservationTable {
  int classes = 0;                            ///< number of classes
  int slots = 0;                              ///< II, or steps
  int interval = 0;                           ///< II; 0: a plain schedule
  DiscreteProfile used;                       ///< units in use: a row a class, a column a slot
  std::vector<std::optional<double>> limits;  ///< of each class; none: unlimited
  std::vector<std::size_t> offset;            ///< of entries, by class * slots + slot
  std::vector<Reservation> entries;           ///< within a slot by operation

  /// Who is busy there.
  [[nodiscard]] std::span<Reservation const> busy(int resource, int slot) const {
    auto const k = detail::at(resource) * detail::at(slots) + detail::at(slot);
    return std::span(entries).subspan(offset[k], offset[k + 1] - offset[k]);
  }
  /// Most units of a class in use at once.
  [[nodiscard]] double peak(int resource) const { return used.peak(resource); }
  /// Whether more units are in use than the class has; sums of fractions may pass it by rounding.
  [[nodiscard]] bool exceeds(int resource, int slot) const {
    auto const& limit = limits[detail::at(resource)];
    return limit && used(resource, slot) > *limit + 1e-9 * std::max(1.0, *limit);
  }
};

namespace detail {

/// Calls visit(slot, times, starts) for every slot in which an operation is busy, once each.
template <class Visit>
void each_busy_slot(int start, int occupancy, int slots, int interval, Visit const& visit) {
  if (interval == 0) {
    // What a plain schedule does before step 0 has no column, as in usage_profile().
    for (int t = std::max(0, start); t < start + occupancy; ++t) visit(t, 1, t == start);
    return;
  }
  int const first = ((start % slots) + slots) % slots;
  for (int u = 0; u < std::min(occupancy, slots); ++u)
    visit((first + u) % slots, occupancy / slots + (u < occupancy % slots ? 1 : 0), u == 0);
}

}  // namespace detail

/// The table of a schedule, legal or not. limits: one a class, none for unlimited; empty: all are
/// unlimited. Memory and time O(V + classes * slots + sum of demands * busy slots). Throws
/// InvalidInput for another number of limits or of start steps, and for a table that is too large.
template <Graph G>
ReservationTable reservation_table(Problem<G> const& problem, std::span<int const> start_steps,
                                   std::vector<std::optional<double>> const& limits = {}) {
  using detail::at;
  auto const& graph = problem.graph;
  ReservationTable table;
  table.classes = graph.num_resources();
  if (!limits.empty() && limits.size() != at(table.classes))
    throw InvalidInput(detail::message({limits.size(), " resource limits are given, the graph has ",
                                        table.classes, " resource classes"}));
  table.interval = problem.initiation_interval;
  table.slots = detail::span_slots(problem, start_steps);
  if (table.interval == 0) {  // as far as something is busy
    table.slots = problem.steps;
    for (int i = 0; i < graph.num_operations(); ++i)
      if (graph.demands(i).size() > 0)
        table.slots = std::max(table.slots, start_steps[at(i)] + graph.occupancy(i));
  }
  table.limits = limits;
  table.limits.resize(at(table.classes));
  table.used = usage_profile(problem, start_steps);

  auto const each = [&](auto const& visit) {
    for (int i = 0; i < graph.num_operations(); ++i) {
      auto const demands = graph.demands(i);
      for (int k = 0; k < demands.size(); ++k) {
        Demand const d = demands[k];
        if (d.units <= 0) continue;
        detail::each_busy_slot(start_steps[at(i)], graph.occupancy(i), table.slots, table.interval,
                               [&](int slot, int times, bool starts) {
                                 visit(at(d.resource) * at(table.slots) + at(slot),
                                       Reservation{i, d.units, times, starts});
                               });
      }
    }
  };
  constexpr std::uint64_t most = std::uint64_t{1} << 27;
  std::uint64_t total =
      static_cast<std::uint64_t>(table.classes) * static_cast<std::uint64_t>(table.slots);
  for (int i = 0; i < graph.num_operations(); ++i)
    total += static_cast<std::uint64_t>(graph.demands(i).size()) *
             static_cast<std::uint64_t>(std::min(graph.occupancy(i), table.slots));
  if (total > most)
    throw InvalidInput(
        detail::message({"a reservation table of ", table.classes, " classes and ", table.slots,
                         " ", (table.interval > 0 ? "slots" : "steps"), " would have ", total,
                         " entries, at most ", most, " are possible"}));
  std::size_t const cells = at(table.classes) * at(table.slots);
  table.offset.assign(cells + 1, 0);
  each([&](std::size_t cell, Reservation const&) { ++table.offset[cell + 1]; });
  for (std::size_t k = 0; k < cells; ++k) table.offset[k + 1] += table.offset[k];
  table.entries.resize(table.offset.back());
  auto next = table.offset;
  each([&](std::size_t cell, Reservation const& entry) { table.entries[next[cell]++] = entry; });
  return table;
}

}  // namespace gaus

#endif
