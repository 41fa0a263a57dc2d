// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_GRAPH_INITIATION_INTERVAL_HPP
#define GAUS_GRAPH_INITIATION_INTERVAL_HPP

#include <gaus/detail/component_paths.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/graph/components.hpp>
#include <gaus/graph/infeasible.hpp>
#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <optional>
#include <string>
#include <vector>

// Bounds on the initiation interval II of a loop, on the host, each with the reason as data and as
// one sentence.
//
//   ResMII = max over limited classes r of ceil(sum_i units_ir * occupancy_i / limit_r)
//   RecMII = max over cycles of dependences of ceil(sum (latency + delay) / sum distance)
//   MII    = max(ResMII, RecMII), at least 1
//
// No schedule exists below MII; at MII one need not exist either, since the two bounds do not know
// of each other. Both are exact as stated: RecMII is the least interval whose dependences have no
// positive cycle.
//
// Sentences use the names of the description that the graph was built from, where one is given.
namespace gaus {

/// What one resource class asks for.
struct ClassInterval {
  double work = 0;                ///< sum of units * occupancy
  std::optional<double> limit{};  ///< units at once; none: unlimited
  int interval = 1;               ///< ceil(work / limit), at least 1
};

/// ResMII and the class that sets it.
struct ResourceInterval {
  int interval = 1;   ///< ResMII, at least 1
  int resource = -1;  ///< the first class that asks for most; -1: no limited class is in use
  std::vector<ClassInterval> classes;  ///< of every limited class in use
  std::string text;                    ///< the reason in one sentence
};

/// RecMII and a cycle that sets it.
struct RecurrenceInterval {
  int interval = 1;                     ///< RecMII, at least 1
  std::vector<int> operations;          ///< in order; empty: no cycle has a positive length
  std::vector<Dependence> dependences;  ///< from operations[k] to the next one, the last to [0]
  long long length = 0;                 ///< latencies and delays of the cycle
  long long distance = 0;               ///< its iterations
  std::string text;                     ///< the reason in one sentence
};

/// MII and its two parts.
struct InitiationInterval {
  int interval = 1;                ///< MII, the larger of the two
  ResourceInterval resources;      ///< ResMII
  RecurrenceInterval recurrences;  ///< RecMII
  std::string text;                ///< which of the two sets it, in one sentence
};

namespace detail {

/// "3 (a) -> 4 (b) -> 3 (a)"; long cycles are cut.
inline std::string cycle_text(GraphDescription const* names, std::vector<int> const& cycle) {
  constexpr std::size_t most = 8;
  std::string text;
  for (std::size_t k = 0; k < std::min(cycle.size(), most); ++k)
    text += call_operation(names, cycle[k]) + " -> ";
  if (cycle.size() > most) text += "... -> ";
  return text + call_operation(names, cycle.front());
}

/// ceil(work / limit) that forgives what rounding adds to a quotient of sums.
inline double rounded_up(double quotient) { return std::ceil(quotient * (1 - 1e-12) - 1e-9); }

inline int checked_interval(double interval, std::string const& what) {
  if (interval > max_steps)
    throw InvalidInput(
        detail::message({what, " asks for an initiation interval of ", text_of(interval),
                         ", at most ", max_steps, " is possible"}));
  return std::max(1, static_cast<int>(interval));
}

}  // namespace detail

/// ResMII of a host-readable graph. limits: one a class, none for unlimited. O(V + demands). Throws
/// Infeasible, kind resource, for an operation that takes more units than its class has, and
/// InvalidInput for another number of limits.
template <Graph G>
ResourceInterval resource_interval(G const& graph, std::vector<std::optional<double>> const& limits,
                                   GraphDescription const* names = nullptr) {
  using detail::at;
  int const classes = graph.num_resources();
  if (limits.size() != at(classes))
    throw InvalidInput(detail::message({limits.size(), " resource limits are given, the graph has ",
                                        classes, " resource classes"}));
  ResourceInterval result;
  result.classes.resize(at(classes));
  for (int r = 0; r < classes; ++r) {
    result.classes[at(r)].limit = limits[at(r)];
    if (limits[at(r)] && !(*limits[at(r)] >= 0 && std::isfinite(*limits[at(r)])))
      throw InvalidInput("resource " + detail::call_class(names, r) + ": limit " +
                         detail::text_of(*limits[at(r)]) + " is not a finite number >= 0");
  }
  for (int i = 0; i < graph.num_operations(); ++i) {
    auto const row = graph.demands(i);
    for (int k = 0; k < row.size(); ++k) {
      Demand const d = row[k];
      auto& own = result.classes[at(d.resource)];
      own.work += d.units * graph.occupancy(i);
      if (!own.limit || d.units <= *own.limit + 1e-9 * std::max(1.0, *own.limit) ||
          graph.occupancy(i) == 0)
        continue;
      auto const reason = detail::one_takes_too_much(i, d.resource, d.units, *own.limit);
      throw Infeasible(reason_text(reason, names), reason);
    }
  }
  for (int r = 0; r < classes; ++r) {
    auto& own = result.classes[at(r)];
    if (!own.limit || own.work <= 0) continue;
    own.interval = detail::checked_interval(detail::rounded_up(own.work / *own.limit),
                                            "resource " + detail::call_class(names, r));
    if (result.resource >= 0 && own.interval <= result.interval) continue;
    result.interval = own.interval;
    result.resource = r;
  }
  result.text = detail::message({"ResMII ", result.interval, ": "});
  if (result.resource < 0) {
    result.text += "no operation takes units of a limited resource";
  } else {
    auto const& own = result.classes[at(result.resource)];
    result.text += "an iteration takes resource " + detail::call_class(names, result.resource) +
                   " for " + detail::units_text(own.work) + " x steps, it has " +
                   detail::text_of(*own.limit) + " a step";
  }
  return result;
}

/// RecMII of a host-readable graph. Newton's iteration on the largest ratio, component by component:
/// from a cycle that is too long for the interval to the interval that it asks for, until none is.
/// A few passes over V + E. Throws InvalidInput for a cycle of distance 0 with a positive length,
/// which no interval helps: it asks an operation to start after itself.
template <Graph G>
RecurrenceInterval recurrence_interval(G const& graph, Components const& components,
                                       GraphDescription const* names = nullptr) {
  using detail::at;
  RecurrenceInterval result;
  long long interval = 0;  // below 1, so that a cycle is named even when it asks for no more than 1
  std::vector<int> rank(at(graph.num_operations()));
  for (int c = 0; c < components.count; ++c) {
    if (!detail::has_cycle(graph, components, c)) continue;
    auto const part = detail::component_graph(graph, components, c, rank);
    detail::PositiveCycles search(part);
    detail::ArcCycle cycle;
    while (search.find(interval, cycle)) {
      result.operations.clear();
      result.dependences.clear();
      for (std::size_t k = 0; k < cycle.arcs.size(); ++k) {
        result.operations.push_back(part.operations[at(cycle.ranks[k])]);
        result.dependences.push_back(part.arcs[at(cycle.arcs[k])].dependence);
      }
      if (cycle.distance == 0)
        throw InvalidInput(detail::message(
            {"the cycle ", detail::cycle_text(names, result.operations),
             " has distance 0 and asks each of its operations to start ", cycle.length,
             " steps after itself, whatever the initiation interval is"}));
      interval = cycle.interval();
      result.length = cycle.length;
      result.distance = cycle.distance;
    }
  }
  result.interval = detail::checked_interval(static_cast<double>(interval), "a recurrence");
  result.text = detail::message({"RecMII ", result.interval, ": "});
  if (result.operations.empty())
    result.text += "no dependences form a cycle of positive latency";
  else
    result.text += detail::message(
        {"the cycle ", detail::cycle_text(names, result.operations), " of ",
         result.operations.size(), (result.operations.size() == 1 ? " operation" : " operations"),
         " takes ", result.length, " steps over distance ", result.distance});
  return result;
}

/// The same where the components are not at hand.
template <Graph G>
RecurrenceInterval recurrence_interval(G const& graph, GraphDescription const* names = nullptr) {
  return recurrence_interval(graph, strongly_connected_components(graph), names);
}

/// MII of a host-readable graph; errors and cost as its parts.
template <Graph G>
InitiationInterval initiation_interval(G const& graph,
                                       std::vector<std::optional<double>> const& limits,
                                       GraphDescription const* names = nullptr) {
  InitiationInterval result;
  result.resources = resource_interval(graph, limits, names);
  result.recurrences = recurrence_interval(graph, names);
  int const r = result.resources.interval;
  int const c = result.recurrences.interval;
  result.interval = std::max(r, c);
  result.text = detail::message({"MII ", result.interval, ", set by ",
                                 (r == c  ? "resources and recurrences"
                                  : r > c ? "resources"
                                          : "recurrences"),
                                 ". ", result.resources.text, ". ", result.recurrences.text, "."});
  return result;
}

/// Throws Infeasible when an interval is below MII: with the positive cycle of the fewest operations
/// at that interval, or the class that asks for most and the operations that take it. names: of the
/// graph, if any. A few passes over V + E, and detail/shortest_cycle.hpp.
template <Graph G>
void check_interval(G const& graph, InitiationInterval const& minimum, int interval,
                    GraphDescription const* names = nullptr) {
  using detail::at;
  if (interval >= minimum.interval) return;
  InfeasibleReason reason;
  auto const each_dependence = [&](int from, auto const& visit) {
    auto const row = graph.outgoing(from);
    for (int k = 0; k < row.size(); ++k) visit(Dependence(row[k]));
  };
  if (minimum.recurrences.interval > interval) {
    auto const system = make_difference_system(graph, interval);
    reason = detail::shortest_cycle(system, minimum.recurrences.operations);
    reason.minimum_interval = minimum.recurrences.interval;
    for (std::size_t k = 0; k < reason.operations.size(); ++k) {
      int const from = reason.operations[k];
      int const to = reason.operations[(k + 1) % reason.operations.size()];
      bool found = false;
      each_dependence(from, [&](Dependence const& d) {
        if (found || d.operation != to ||
            graph.latency(from) + d.delay - static_cast<long long>(d.distance) * interval !=
                reason.lengths[k])
          return;
        found = true;
        reason.distance += d.distance;
      });
    }
    reason.available = reason.distance * interval;
    reason.required += reason.available;
  } else {
    int const r = minimum.resources.resource;
    auto const& own = minimum.resources.classes[at(r)];
    reason.kind = InfeasibleReason::Kind::resource;
    reason.resource = r;
    reason.minimum_interval = minimum.resources.interval;
    reason.demand = own.work;
    reason.capacity = own.limit.value_or(0) * interval;
    reason.required = static_cast<long long>(std::ceil(reason.demand - 1e-9));
    reason.available = static_cast<long long>(std::floor(reason.capacity + 1e-9));
    for (int i = 0; i < graph.num_operations(); ++i) {
      auto const demands = graph.demands(i);
      for (int k = 0; k < demands.size(); ++k)
        if (Demand const d = demands[k]; d.resource == r && d.units > 0) {
          reason.operations.push_back(i);
          break;
        }
    }
  }
  reason.interval = interval;
  throw Infeasible(reason_text(reason, names), reason);
}

/// MII of a description, checked, with its limits and in its names. Throws InvalidInput. A template,
/// so that it is compiled where it is used alone.
template <std::same_as<GraphDescription> Description>
InitiationInterval initiation_interval(Description const& description) {
  return initiation_interval(build_graph(description), description.limits(), &description);
}

}  // namespace gaus

#endif
