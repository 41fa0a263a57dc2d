// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_GRAPH_INFEASIBLE_HPP
#define GAUS_GRAPH_INFEASIBLE_HPP

#include <gaus/detail/infeasible_paths.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Why no schedule exists, in words and in the names of the input, and the reasons that resource
// limits give:
//
//   one operation takes more units than its class has;
//   operations that cannot leave an interval of steps ask there for more units times steps than
//   the class has in it (energetic reasoning; Baptiste, Le Pape and Nuijten, Constraint-based
//   scheduling, 2001).
//
// Cycles and paths come from step_bounds() (graph/step_bounds.hpp), intervals of loops from
// graph/initiation_interval.hpp.
namespace gaus {

namespace detail {

/// A reason of kind resource in words.
inline std::string resource_reason_text(InfeasibleReason const& reason,
                                        GraphDescription const* names) {
  auto const& all = reason.operations;
  auto const call = [&](std::size_t k) { return call_operation(names, all[k]); };
  auto const resource = "resource " + call_class(names, reason.resource);
  bool const one = all.size() == 1;
  auto const list =
      (one ? "operation " : operations_text(all.size()) + " ") + cut_list(all.size(), call, ", ");
  auto const take = one ? " takes " : " take ";
  auto const work = resource + " for " + text_of(reason.demand) + " units x steps";
  if (reason.interval > 0)
    return message({"no schedule of initiation interval ", reason.interval, " exists (ResMII ",
                    reason.minimum_interval, "): ", list, take, work,
                    " an iteration, an interval has ", text_of(reason.capacity)});
  if (reason.last > 0)
    return message({"no schedule of ", reason.steps, (reason.steps == 1 ? " step" : " steps"),
                    " exists: ", list, " must lie within steps ", reason.first, "..",
                    reason.last - 1, " and", take, work, ", these have ",
                    text_of(reason.capacity)});
  return message({"no schedule exists: ", list, take, units_text(reason.demand), " of ", resource,
                  ", which has ", text_of(reason.capacity)});
}

/// An operation that alone takes more units than its class has.
inline InfeasibleReason one_takes_too_much(int operation, int resource, double units,
                                           double limit) {
  InfeasibleReason reason{InfeasibleReason::Kind::resource,
                          {operation},
                          static_cast<long long>(std::ceil(units)),
                          static_cast<long long>(std::floor(limit))};
  reason.resource = resource;
  reason.demand = units;
  reason.capacity = limit;
  return reason;
}

}  // namespace detail

/// A reason in one sentence, its operations and classes called by the description that the graph was
/// built from, if given. Long lists are cut in the middle; the reason itself is whole. Empty for a
/// reason without operations: the search that refuted all schedules has none so short.
inline std::string reason_text(InfeasibleReason const& reason,
                               GraphDescription const* names = nullptr) {
  if (reason.operations.empty()) return {};
  auto const call = [&](int i) { return detail::call_operation(names, i); };
  if (reason.kind == InfeasibleReason::Kind::resource)
    return detail::resource_reason_text(reason, names);
  if (reason.interval == 0) return detail::path_reason_text(reason, call);
  auto const steps = [](long long n) { return n == 1 ? " step" : " steps"; };
  InfeasibleReason bare = reason;
  bare.lengths.clear();
  return detail::message({"no schedule of initiation interval ", reason.interval,
                          " exists (RecMII ", reason.minimum_interval, "): the cycle ",
                          detail::path_text(bare, call), " of ",
                          detail::operations_text(reason.operations.size()), " takes ",
                          reason.required, steps(reason.required), " over distance ",
                          reason.distance, ", which spans ", reason.available});
}

/// The same error, told in the names of the input.
inline Infeasible with_names(Infeasible const& error, GraphDescription const& description) {
  auto const text = reason_text(error.reason(), &description);
  return {text.empty() ? error.what() : text, error.reason()};
}

/// The shortest interval of steps whose operations ask for more of a class than it has there: those
/// with earliest >= first and latest + occupancy <= last. limits: one a class, none for unlimited.
/// Of equally short ones the first, of equal ones that of the first class. None: no such interval
/// proves anything. O(V^2) a class at worst; looks at 2^26 operations and then takes what it has.
template <Graph G>
std::optional<InfeasibleReason> overloaded_interval(
    G const& graph, StepBounds const& bounds, int steps,
    std::vector<std::optional<double>> const& limits) {
  using detail::at;
  struct Box {
    int first, last, operation;
    double work;
  };
  InfeasibleReason best;
  long long visits = 0;
  std::vector<std::vector<Box>> boxes(limits.size());
  for (int i = 0; i < graph.num_operations(); ++i) {
    auto const demands = graph.demands(i);
    for (int k = 0; k < demands.size(); ++k) {
      Demand const d = demands[k];
      if (limits[at(d.resource)] && d.units > 0)
        boxes[at(d.resource)].push_back({bounds.earliest[at(i)],
                                         bounds.latest[at(i)] + graph.occupancy(i), i,
                                         d.units * graph.occupancy(i)});
    }
  }
  int shortest = steps + 1;
  for (std::size_t r = 0; r < limits.size(); ++r) {
    auto& own = boxes[r];
    std::sort(own.begin(), own.end(), [](Box const& a, Box const& b) {
      return a.last != b.last ? a.last < b.last : a.operation < b.operation;
    });
    std::vector<int> firsts;
    for (auto const& box : own) firsts.push_back(box.first);
    std::sort(firsts.begin(), firsts.end());
    firsts.erase(std::unique(firsts.begin(), firsts.end()), firsts.end());
    for (int const first : firsts) {
      auto const begin = std::partition_point(own.begin(), own.end(),
                                              [&](Box const& box) { return box.last <= first; });
      double work = 0;
      for (auto box = begin; box != own.end() && box->last - first < shortest; ++box) {
        if (++visits > 1LL << 26) break;
        if (box->first < first) continue;
        work += box->work;
        double const capacity = *limits[r] * (box->last - first);
        if (work <= capacity + 1e-9 * std::max(1.0, capacity)) continue;
        shortest = box->last - first;
        best.resource = static_cast<int>(r);
        best.first = first;
        best.last = box->last;
        best.capacity = capacity;
        break;
      }
    }
  }
  if (best.resource < 0) return {};
  best.kind = InfeasibleReason::Kind::resource;
  best.steps = steps;
  for (auto const& box : boxes[at(best.resource)])
    if (box.first >= best.first && box.last <= best.last) {
      best.operations.push_back(box.operation);
      best.demand += box.work;
    }
  std::sort(best.operations.begin(), best.operations.end());
  best.required = static_cast<long long>(std::ceil(best.demand - 1e-9));
  best.available = static_cast<long long>(std::floor(best.capacity + 1e-9));
  return best;
}

}  // namespace gaus

#endif
