// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_GRAPH_CHAINING_HPP
#define GAUS_GRAPH_CHAINING_HPP

#include <gaus/detail/chains.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

// Operator chaining: operations with combinational delays (ns) under a clock period.
//
// An operation of latency 0 passes its result on within its step, so that operations of one step form
// chains; at the end of the step everything is registered. An operation of latency L >= 1 ends a
// chain: it registers its result, and its delay is spread over L equal stages, the first of which is
// the last link of the chains that reach it. A dependence chains where its producer has latency 0,
// its consumer reads the value in the same step (start_j + distance * II = start_i) and its own
// delay is 0. A schedule is legal when no chain takes longer than the period.
//
// That is the same as: for every path u .. w of dependences that may chain, of distance K, that takes
// longer than the period
//
//   s_w + K II >= s_u + 1                                                                      (1)
//
// Necessary: along the path start steps do not fall, so equality puts all of it into one step.
// Sufficient: a chain that is too long is such a path, and breaks its rule. Longer paths need no rule
// of their own, as the rules of their parts add up: a path of 2.5 periods is one part that is just too
// long, and from its last operation on another one. Hence every step that is implied, at least
// ceil(delay / period) - 1 of them, follows, and minimal paths suffice: those of which neither the
// first nor the last operation can be left out. Between two operations only the least distance
// matters: a rule of a larger one is implied, II being at least 1.
//
//   exact        (1) for minimal paths, found by a walk back from every operation through what lies
//                within one period. O(sum of these cones * log cone); a rule for each pair, which may
//                be O(V^2) where cones are wide.
//   edges        One rule for each dependence y -> v with arrival(y) + delay(v) > arrival(v), where
//                arrival is when the earliest schedule has the result, within its step. O(V + E), at
//                most E rules. Sufficient, as along dependences without a rule arrivals add up to
//                what they are, none above the period; not necessary. The earliest schedule satisfies
//                them, so the fewest steps remain as few. Recurrences may ask for a longer interval.
//
// automatic takes exact while it holds most_rules and most_work, else edges. With gates of a tenth of the
// period exact gives 1 rule an operation in the EPFL circuit adder, 8 in multiplier.
//
// Delays are counted in whole femtoseconds: sums are exact, 3 * 0.1 ns fit into 0.3 ns.
//
// Sources: J. Cong, Z. Zhang, An efficient and versatile scheduling algorithm based on SDC
// formulation, DAC 2006 (a rule of ceil(delay / period) - 1 steps for every pair that is too far
// apart); the chain-breaking dependences of CIRCT's scheduling library are the exact form without the
// minimum.
namespace gaus {

/// Which rules break the chains.
enum class ChainingForm { automatic, exact, edges };

/// Which form, and how much the exact one may take before automatic gives it up.
struct ChainingOptions {
  ChainingForm form = ChainingForm::automatic;  ///< wanted
  double most_rules = 4;   ///< of exact for each operation and dependence, where automatic
  double most_work = 64;   ///< operations seen for each operation and dependence, likewise
  bool pipelined = false;  ///< whether dependences with distance >= 1 bind and may chain
};

/// One rule: start_to + distance * II >= start_from + 1.
struct ChainBreak {
  int from;      ///< first operation of an over-long chain
  int to;        ///< its last one
  int distance;  ///< iterations between them
};

/// The rules of a graph under a clock.
struct ChainingRules {
  std::vector<ChainBreak> breaks;  ///< by their last operation
  bool exact = true;               ///< necessary, too
  std::int64_t work = 0;           ///< operations that the walks have seen

  /// For Difference and make_difference_system(); of a plain schedule.
  [[nodiscard]] std::vector<DifferenceBound> bounds() const {
    std::vector<DifferenceBound> all;
    for (auto const& b : breaks)
      if (b.distance == 0) all.push_back({b.from, b.to, 1});
    return all;
  }
};

/// A chain of a schedule: operations of one step, each reading the result of the one before.
struct ChainedPath {
  std::vector<int> operations;  ///< in order
  double delay_ns = 0;          ///< of all of them
  int step = 0;                 ///< of its last operation
  std::string text{};           ///< in words, where it breaks the clock
};

/// The delay of every operation, or the fallback for those that state none. Throws InvalidInput.
inline std::vector<double> chain_delays(GraphDescription const& graph,
                                        std::optional<double> fallback = {}) {
  std::vector<double> delays;
  delays.reserve(graph.operations.size());
  for (auto const& operation : graph.operations) {
    auto const delay = operation.delay_ns ? operation.delay_ns : fallback;
    if (!delay)
      throw InvalidInput(detail::message({"operation ", graph.call(static_cast<int>(delays.size())),
                                          " states no delay (delay_ns)"}));
    delays.push_back(*delay);
  }
  return delays;
}

/// The latency that makes an operation fit under a clock: 0, so that it chains, where its delay is at
/// most the period, else as many steps as its delay has periods, begun ones included. Throws
/// InvalidInput for a delay that is no number >= 0 and a period that is none > 0.
inline int chained_latency(double delay_ns, double period_ns) {
  auto const delay = detail::checked_delay(delay_ns, [] { return std::string(); });
  auto const steps = detail::periods(delay, detail::checked_period(period_ns));
  if (steps > detail::max_steps)
    throw InvalidInput(
        detail::message({"a delay of ", detail::ns_text(delay), " takes ", steps,
                         " clock periods, at most ", detail::max_steps, " are possible"}));
  return steps <= 1 ? 0 : static_cast<int>(steps);
}

/// Rules that a schedule satisfies, beside the dependences, if (and, where exact, only if) none of its
/// chains is too long. delays_ns: one an operation. names, if any, are for messages. Throws
/// InvalidInput for delays that are no finite numbers >= 0, a period that is none > 0, and an
/// operation that takes longer than the period alone.
template <Graph G>
ChainingRules chaining_rules(G const& graph, std::span<double const> delays_ns, double period_ns,
                             ChainingOptions const& options = {},
                             GraphDescription const* names = nullptr) {
  auto const timing = detail::chain_timing(graph, delays_ns, period_ns, names);
  for (int i = 0; i < graph.num_operations(); ++i) {
    auto const stage = timing.stage[detail::at(i)];
    if (stage <= timing.period) continue;
    auto const delay = detail::femtoseconds(delays_ns[detail::at(i)]);
    throw InvalidInput(detail::message(
        {"operation ", detail::call_operation(names, i), " of latency ", graph.latency(i),
         graph.latency(i) > 1 ? " takes a stage of " : " takes ", detail::ns_text(stage),
         ", longer than the clock period of ", detail::ns_text(timing.period),
         "; it fits with latency ", detail::periods(delay, timing.period)}));
  }
  detail::ChainLinks const links(graph, options.pipelined);
  ChainingRules rules;
  if (options.form != ChainingForm::edges) {
    double const size = static_cast<double>(graph.num_operations()) + graph.num_dependences();
    bool const bounded = options.form == ChainingForm::automatic;
    detail::ChainWalk walk(links, timing, bounded ? options.most_rules * size : 1e18,
                           bounded ? options.most_work * size : 1e18);
    rules.exact = walk.run([&](int from, int to, int distance) {
      rules.breaks.push_back({from, to, distance});
    });
    rules.work = walk.work();
    if (rules.exact) return rules;
    rules.breaks.clear();
  }
  rules.exact = false;
  auto const arrival = detail::earliest_arrivals(graph, links, timing);
  for (int const v : links.order)
    links.for_each(v, [&](int y, int distance) {
      if (arrival[detail::at(y)] + timing.stage[detail::at(v)] > arrival[detail::at(v)])
        rules.breaks.push_back({y, v, distance});
    });
  return rules;
}

/// Adds the rules to a description, for every method: a dependence that a rule speaks of gets the
/// delay 1, any other rule becomes a dependence of its own, of weight 0 and without a value, so that
/// no cost changes. O(E + rules * log of the longest row).
inline void add_rules(GraphDescription& graph, ChainingRules const& rules) {
  auto const rows = detail::sorted_rows(graph.operations.size(), graph.dependences,
                                        [](auto const& d) { return std::pair(d.from, d.to); });
  for (auto const& b : rules.breaks) {
    auto const first = rows.order.begin() + rows.offset[detail::at(b.from)];
    auto const last = rows.order.begin() + rows.offset[detail::at(b.from) + 1];
    GraphDescription::Link* chained = nullptr;
    bool done = false;
    for (auto k = std::lower_bound(
             first, last, b.to,
             [&](int d, int to) { return graph.dependences[detail::at(d)].to < to; });
         k != last && graph.dependences[detail::at(*k)].to == b.to; ++k) {
      auto& d = graph.dependences[detail::at(*k)];
      if (d.distance != b.distance) continue;
      done = done || d.delay >= 1;
      if (d.delay == 0) chained = &d;
    }
    if (done) continue;
    if (chained != nullptr)
      chained->delay = 1;
    else
      graph.add_dependence({b.from, b.to, b.distance, 0, 1, false});
  }
}

/// The longest chain of every step in which operations start, by step. Found by following the values
/// of the schedule itself, not from rules. interval 0: a plain schedule. O(V log V + E). Any start
/// steps are welcome, legal or not. Throws InvalidInput for delays and a period that are no such
/// numbers, and for another number of start steps.
template <Graph G>
std::vector<ChainedPath> longest_chains(G const& graph, std::span<double const> delays_ns,
                                        double period_ns, std::span<int const> start_steps,
                                        int interval = 0, GraphDescription const* names = nullptr) {
  auto const timing = detail::chain_timing(graph, delays_ns, period_ns, names);
  auto const found = detail::arrivals_of(graph, timing, start_steps, interval);
  std::vector<int> order(detail::at(graph.num_operations()));
  for (std::size_t k = 0; k < order.size(); ++k) order[k] = static_cast<int>(k);
  auto const arrival = [&](int i) { return found.arrival[detail::at(i)]; };
  detail::sort_numbers(order, [&](int a, int b) {
    int const x = start_steps[detail::at(a)];
    int const y = start_steps[detail::at(b)];
    return x != y ? x < y : arrival(a) != arrival(b) ? arrival(a) > arrival(b) : a < b;
  });
  std::vector<ChainedPath> all;
  for (int const last : order) {
    int const step = start_steps[detail::at(last)];
    if (!all.empty() && all.back().step == step) continue;
    ChainedPath path;
    path.step = step;
    path.delay_ns = static_cast<double>(arrival(last)) / 1e6;
    for (int v = last; v >= 0; v = found.before[detail::at(v)]) path.operations.push_back(v);
    std::reverse(path.operations.begin(), path.operations.end());
    path.text = detail::message({"step ", step, ": the chain "});
    constexpr std::size_t most = 12;
    for (std::size_t k = 0; k < path.operations.size(); ++k) {
      if (path.operations.size() > most && k == most / 2) {
        path.text += " -> ...";
        k = path.operations.size() - most / 2;
      }
      path.text += (k > 0 ? " -> " : "") + detail::call_operation(names, path.operations[k]);
    }
    path.text += " takes " + detail::ns_text(arrival(last)) + ", the clock period is " +
                 detail::ns_text(timing.period);
    all.push_back(std::move(path));
  }
  return all;
}

/// The steps of a schedule whose longest chain takes longer than the period, each with this chain.
template <Graph G>
std::vector<ChainedPath> chaining_violations(G const& graph, std::span<double const> delays_ns,
                                             double period_ns, std::span<int const> start_steps,
                                             int interval = 0,
                                             GraphDescription const* names = nullptr) {
  auto all = longest_chains(graph, delays_ns, period_ns, start_steps, interval, names);
  auto const period = detail::femtoseconds(period_ns);
  std::erase_if(all, [&](auto const& p) { return detail::femtoseconds(p.delay_ns) <= period; });
  return all;
}

}  // namespace gaus

#endif
