// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_CHAINS_HPP
#define GAUS_DETAIL_CHAINS_HPP

#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <queue>
#include <span>
#include <string>
#include <utility>
#include <vector>

// Chains of operations within a step: their delays, and what lies within one period of an operation
// (graph/chaining.hpp).
namespace gaus::detail {

/// Time in whole femtoseconds, so that sums are exact.
using Femtoseconds = std::int64_t;

inline constexpr double longest_ns = 1e9;
inline Femtoseconds femtoseconds(double ns) { return std::llround(ns * 1e6); }

/// How many periods (or stages) a delay takes, begun ones included.
inline std::int64_t periods(Femtoseconds delay, Femtoseconds period) {
  return (delay + period - 1) / period;
}

/// Converts a delay; calls whose() for the beginning of what is said of a bad one. Throws
/// InvalidInput.
template <class Whose>
Femtoseconds checked_delay(double delay_ns, Whose const& whose) {
  if (!(delay_ns >= 0) || !(delay_ns <= longest_ns))
    throw InvalidInput(
        message({whose(), "the delay ", delay_ns, " is not a number of ns 0..1000000000"}));
  return femtoseconds(delay_ns);
}

/// Converts a clock period. Throws InvalidInput.
inline Femtoseconds checked_period(double period_ns) {
  if (!(period_ns >= 1e-6) || !(period_ns <= longest_ns))
    throw InvalidInput(
        message({"the clock period ", period_ns, " is not a number of ns 0.000001..1000000000"}));
  return femtoseconds(period_ns);
}

/// "1.25 ns".
inline std::string ns_text(Femtoseconds time) {
  constexpr Femtoseconds ns = 1000000;
  std::string text = std::to_string(time / ns);
  if (time % ns != 0) {
    text += "." + std::to_string(ns + time % ns).substr(1);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + " ns";
}

/// What operations take within a step.
struct ChainTiming {
  std::vector<Femtoseconds> stage;  ///< the delay, of one of L stages where the latency is L > 1
  Femtoseconds period = 0;
};

/// Checks and converts delays and period. Throws InvalidInput.
template <Graph G>
ChainTiming chain_timing(G const& graph, std::span<double const> delays_ns, double period_ns,
                         GraphDescription const* names) {
  int const n = graph.num_operations();
  if (delays_ns.size() != at(n))
    throw InvalidInput(message({"there are ", delays_ns.size(), " delays for ", n, " operations"}));
  ChainTiming timing;
  timing.period = checked_period(period_ns);
  timing.stage.reserve(at(n));
  for (int i = 0; i < n; ++i) {
    auto const delay = checked_delay(
        delays_ns[at(i)], [&] { return "operation " + call_operation(names, i) + ": "; });
    timing.stage.push_back(periods(delay, std::max<int>(1, graph.latency(i))));
  }
  return timing;
}

/// The dependences along which a result may be read in the step in which it is made, by consumer.
struct ChainLinks {
  std::vector<int> order;  ///< topological for links of distance 0
  std::vector<int> rank;   ///< places in it
  std::vector<int> offset;
  std::vector<int> from;
  std::vector<int> distance;
  bool carried = false;  ///< some distance is not 0

  template <Graph G>
  ChainLinks(G const& graph, bool pipelined) : order(make_difference_system(graph).order) {
    int const n = graph.num_operations();
    rank.resize(at(n));
    for (int k = 0; k < n; ++k) rank[at(order[at(k)])] = k;
    auto const for_each_link = [&](auto const& visit) {
      for (int i = 0; i < n; ++i) {
        if (graph.latency(i) != 0) continue;
        auto const row = graph.outgoing(i);
        for (int k = 0; k < row.size(); ++k)
          if (Dependence const d = row[k];
              d.value && d.delay == 0 && (d.distance == 0 || pipelined))
            visit(i, d);
      }
    };
    offset.assign(at(n) + 1, 0);
    for_each_link([&](int, Dependence const& d) { ++offset[at(d.operation) + 1]; });
    auto const count = begin_rows(offset);
    from.resize(count);
    distance.resize(count);
    for_each_link([&](int i, Dependence const& d) {
      auto const place = next_place(offset, d.operation);
      from[place] = i;
      distance[place] = d.distance;
      carried = carried || d.distance != 0;
    });
    end_rows(offset);
  }

  /// Calls visit(producer, distance) for every link that enters v.
  template <class Visit>
  void for_each(int v, Visit const& visit) const {
    for (int k = offset[at(v)]; k < offset[at(v) + 1]; ++k) visit(from[at(k)], distance[at(k)]);
  }
};

/// Finds the minimal paths that take longer than the period, by a walk back from each operation in the
/// order of (distance, place from the end): all that an operation feeds is seen before it.
class ChainWalk {
 public:
  ChainWalk(ChainLinks const& links, ChainTiming const& timing, double most_rules, double most_work)
      : links_(links), timing_(timing), most_rules_(most_rules), most_work_(most_work) {
    auto const n = links.order.size();
    seen_.resize(n);
    // The longest chain that ends here; beyond the period it does not matter how long.
    reach_.resize(n);
    for (int const v : links.order) {
      Femtoseconds before = links.carried ? timing.period : 0;
      links.for_each(v, [&](int y, int) { before = std::max(before, reach_[at(y)]); });
      reach_[at(v)] = std::min(before + timing.stage[at(v)], timing.period + 1);
    }
  }

  /// Calls emit(from, to, distance) for each; false when it is too much.
  template <class Emit>
  bool run(Emit const& emit) {
    for (int const w : links_.order)
      if ((links_.carried || reach_[at(w)] > timing_.period) && !walk(w, emit)) return false;
    return true;
  }

  [[nodiscard]] std::int64_t work() const { return work_; }

 private:
  static constexpr auto never = std::numeric_limits<std::int64_t>::max();
  /// What a walk knows of an operation.
  struct Seen {
    int walk = -1;  ///< the last one that came by
    bool done = false;
    std::int64_t distance = never;      ///< least, to the end of the walk
    Femtoseconds delay = 0;             ///< longest path of this distance, both ends included
    std::int64_t implied_from = never;  ///< from this distance on rules follow from others
  };

  Seen& seen(int v, int walk) {
    Seen& own = seen_[at(v)];
    if (own.walk != walk) own = {.walk = walk};
    return own;
  }

  template <class Emit>
  bool walk(int w, Emit const& emit) {
    int const last = static_cast<int>(links_.order.size()) - 1;
    Seen& end = seen(w, w);
    end.distance = 0;
    end.delay = timing_.stage[at(w)];
    queue_.emplace(0, last - links_.rank[at(w)]);
    while (!queue_.empty()) {
      int const u = links_.order[at(last - queue_.top().second)];
      queue_.pop();
      Seen& own = seen(u, w);
      if (own.done) continue;
      own.done = true;
      ++work_;
      bool const implied = own.implied_from <= own.distance;
      bool const broken = implied || own.delay > timing_.period;
      // Without its last operation the path is short enough, else a rule says as much.
      bool const minimal = own.delay - timing_.stage[at(w)] <= timing_.period;
      if (broken && !implied && minimal && own.distance <= max_steps) {
        emit(u, w, static_cast<int>(own.distance));
        ++rules_;
      }
      links_.for_each(u, [&](int y, int distance) {
        Seen& before = seen(y, w);
        auto const whole = own.distance + distance;
        if (broken) {
          before.implied_from = std::min(before.implied_from, whole);
          return;
        }
        if (before.done || whole > before.distance) return;
        if (!links_.carried && own.delay + reach_[at(y)] <= timing_.period) return;
        auto const delay = own.delay + timing_.stage[at(y)];
        if (whole == before.distance) {
          before.delay = std::max(before.delay, delay);
          return;
        }
        before.distance = whole;
        before.delay = delay;
        queue_.emplace(whole, last - links_.rank[at(y)]);
      });
    }
    return static_cast<double>(work_) <= most_work_ && static_cast<double>(rules_) <= most_rules_;
  }

  ChainLinks const& links_;
  ChainTiming const& timing_;
  double most_rules_;
  double most_work_;
  std::int64_t work_ = 0;
  std::int64_t rules_ = 0;
  std::vector<Seen> seen_;
  std::vector<Femtoseconds> reach_;
  using Place = std::pair<std::int64_t, int>;  ///< distance, place from the end
  std::priority_queue<Place, std::vector<Place>, std::greater<>> queue_;
};

/// When each operation has its result, within its step, where every operation starts as early as
/// chains and forward dependences allow.
template <Graph G>
std::vector<Femtoseconds> earliest_arrivals(G const& graph, ChainLinks const& links,
                                            ChainTiming const& timing) {
  std::vector<std::int64_t> step(links.order.size(), 0);
  std::vector<Femtoseconds> arrival(links.order.size(), 0);
  for (int const v : links.order) {
    auto const row = graph.incoming(v);
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      int const latency = graph.latency(d.operation);
      if (is_ordering(latency, d.distance, d.delay))
        step[at(v)] = std::max(step[at(v)], step[at(d.operation)] + latency + d.delay);
    }
    Femtoseconds before = 0;
    links.for_each(v, [&](int y, int distance) {
      if (distance == 0 && step[at(y)] == step[at(v)]) before = std::max(before, arrival[at(y)]);
    });
    bool const late = before + timing.stage[at(v)] > timing.period;
    step[at(v)] += late ? 1 : 0;
    arrival[at(v)] = timing.stage[at(v)] + (late ? 0 : before);
  }
  return arrival;
}

/// When each operation of a schedule has its result, within its step.
struct Arrivals {
  std::vector<Femtoseconds> arrival;
  std::vector<int> before;  ///< in its longest chain; -1: none
};

/// Follows the values that are read in the step in which they are made. These form no cycle: it would
/// have distance 0. interval 0: a plain schedule.
template <Graph G>
Arrivals arrivals_of(G const& graph, ChainTiming const& timing, std::span<int const> start_steps,
                     int interval) {
  int const n = graph.num_operations();
  if (start_steps.size() != at(n))
    throw InvalidInput(message({"the schedule has ", start_steps.size(),
                                " start steps, the graph has ", n, " operations"}));
  auto const for_each_read = [&](int i, auto const& visit) {
    if (graph.latency(i) != 0) return;
    auto const row = graph.outgoing(i);
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      bool const binds = d.value && d.delay >= 0 && (d.distance == 0 || interval > 0);
      if (binds &&
          std::int64_t{start_steps[at(d.operation)]} + std::int64_t{d.distance} * interval ==
              start_steps[at(i)])
        visit(d.operation);
    }
  };
  constexpr auto longest = std::numeric_limits<Femtoseconds>::max() / 2;
  Arrivals found{timing.stage, std::vector<int>(at(n), -1)};
  std::vector<int> waiting(at(n), 0);
  for (int i = 0; i < n; ++i) for_each_read(i, [&](int j) { ++waiting[at(j)]; });
  std::vector<int> ready;
  for (int i = 0; i < n; ++i)
    if (waiting[at(i)] == 0) ready.push_back(i);
  for (std::size_t done = 0; done < ready.size(); ++done) {
    int const i = ready[done];
    for_each_read(i, [&](int j) {
      auto const time = std::min(longest, found.arrival[at(i)] + timing.stage[at(j)]);
      if (time > found.arrival[at(j)] || found.before[at(j)] < 0) {
        found.arrival[at(j)] = time;
        found.before[at(j)] = i;
      }
      if (--waiting[at(j)] == 0) ready.push_back(j);
    });
  }
  return found;
}

}  // namespace gaus::detail

#endif
