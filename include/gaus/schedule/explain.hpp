// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_EXPLAIN_HPP
#define GAUS_SCHEDULE_EXPLAIN_HPP

#include <gaus/detail/message.hpp>
#include <gaus/detail/peak_reason.hpp>
#include <gaus/detail/saturated_path.hpp>
#include <gaus/error.hpp>
#include <gaus/graph/initiation_interval.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/bounds.hpp>
#include <gaus/schedule/cost.hpp>
#include <gaus/schedule/verify.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

// What binds the value of a finished schedule, as data (io/explanation_text.hpp puts it in words):
//
//   auto const why = gaus::explain(problem, start_steps, {.costs = model});
//   why.usage[0].where            // steps at which the peak is reached
//   why.usage[0].shares           // who is busy there, and what of it no schedule moves away
//   why.communication->least      // what no schedule can avoid, dependence by dependence
//   why.makespan->operations      // the chain that makes it so long
//   why.least                     // the terms' own bounds together
//
// "Fixed" is what holds in every schedule of as many steps: an operation is fixed at a step in which
// it is busy wherever in its window it starts, a value where it is live whenever its producer and its
// consumers start within theirs. Windows are those of the dependences and of the deadlines given.
namespace gaus {

/// What explain() may be told beside the schedule.
struct ExplainOptions {
  CostModel costs{};                            ///< terms to explain; without a weight: all, with 1
  std::vector<std::optional<double>> limits{};  ///< one a class, none for unlimited; empty: none
  std::optional<double> value{};                ///< of the objective; none: sum of the terms
  std::optional<double> lower_bound{};          ///< no schedule is below
  std::vector<DifferenceBound> differences{};   ///< further constraints that the schedule keeps
  std::vector<int> deadlines{};                 ///< latest starts; empty: none
};

/// A dependence or the value of an operation, with what it costs.
struct CostShare {
  int from = 0;      ///< producer
  int to = -1;       ///< consumer, of a value the last one; -1: held to the end
  double cost = 0;   ///< in this schedule
  double least = 0;  ///< in any
};

/// Why a sum over dependences (communication) or values (lifetime) is what it is.
struct SumReason {
  static constexpr std::size_t most = 10;  ///< shares that are kept
  double weight = 0;                       ///< in the objective
  double value = 0;                        ///< of this schedule, unweighted
  double least = 0;               ///< sum of what each costs at least: no schedule is below
  long long count = 0;            ///< those that cost anything
  long long above = 0;            ///< those that cost more than their least
  std::vector<CostShare> shares;  ///< the costliest, at most `most`
};

/// One term: weight * value, and weight * least by itself.
struct TermReason {
  /// The costs of schedule/cost.hpp.
  enum class Kind { usage, memory, lifetime, communication, makespan };
  Kind kind = Kind::usage;  ///< which cost
  int resource = -1;        ///< usage of one class
  double weight = 0;        ///< in the objective
  double value = 0;         ///< of this schedule, unweighted
  double least = 0;         ///< no schedule of these steps is below
};

/// What binds a schedule. Lists of operations are whole, those of costs cut (SumReason::most).
struct Explanation {
  int steps = 0;              ///< that the schedule may take
  int interval = 0;           ///< II; 0: a plain schedule
  int operations = 0;         ///< V
  int fixed_operations = 0;   ///< without slack: one start step in all schedules of these steps
  long long dependences = 0;  ///< that bind
  long long tight_dependences = 0;    ///< whose consumer starts as early as they allow
  std::vector<TermReason> terms;      ///< those of the objective
  std::vector<PeakReason> usage;      ///< of the class of the largest peak, and of single classes
  std::optional<PeakReason> memory;   ///< where it is a term, as the next three
  std::optional<SumReason> lifetime;  ///< by value
  std::optional<SumReason> communication;     ///< by dependence
  std::optional<PathReason> makespan;         ///< the chain to its last step
  std::optional<InitiationInterval> minimum;  ///< MII and its reasons, where pipelined
  double value = 0;                           ///< of the objective
  double least = 0;                           ///< sum of the terms' own bounds
  std::optional<double> lower_bound;          ///< the one that was given
};

namespace detail {

/// Keeps the costliest shares of a sum, the first of equal ones.
inline void add_share(SumReason& sum, CostShare const& share) {
  sum.value += share.cost;
  sum.least += share.least;
  if (share.cost != 0) ++sum.count;
  if (share.cost > share.least + 1e-12 * std::abs(share.cost)) ++sum.above;
  auto& all = sum.shares;
  if (share.cost <= 0 || (all.size() == SumReason::most && share.cost <= all.back().cost)) return;
  auto const place = std::find_if(all.begin(), all.end(),
                                  [&](CostShare const& own) { return own.cost < share.cost; });
  all.insert(place, share);
  if (all.size() > SumReason::most) all.pop_back();
}

template <Graph H>
SumReason communication_reason(Problem<H> const& problem, std::span<int const> start,
                               StepBounds const& bounds) {
  SumReason sum;
  auto const& graph = problem.graph;
  for (int i = 0; i < graph.num_operations(); ++i) {
    auto const row = graph.outgoing(i);
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      if (!problem.binds(d)) continue;
      int const shift = problem.shift(d);
      int const least = std::max(graph.latency(i) + d.delay,
                                 bounds.earliest[at(d.operation)] + shift - bounds.latest[at(i)]);
      add_share(sum, {i, d.operation, d.weight * (start[at(d.operation)] + shift - start[at(i)]),
                      d.weight * least});
    }
  }
  return sum;
}

template <Graph H>
SumReason lifetime_reason(Problem<H> const& problem, std::span<int const> start,
                          StepBounds const& bounds) {
  SumReason sum;
  auto const& graph = problem.graph;
  for (int i = 0; i < graph.num_operations(); ++i) {
    auto const [first, last] = live_span(problem, start, i, problem.steps);
    CostShare share{i, -1, graph.size(i) * std::max(0, last - first), 0};
    int const made = std::max<int>(graph.latency(i), 1) - 1;
    int least = 0;
    bool used = false;
    auto const row = graph.outgoing(i);
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      if (!problem.uses(d)) continue;
      used = true;
      int const shift = problem.shift(d);
      if (start[at(d.operation)] + shift == last && share.to < 0) share.to = d.operation;
      least = std::max({least, graph.latency(i) + d.delay - made,
                        bounds.earliest[at(d.operation)] + shift - bounds.latest[at(i)] - made});
    }
    if (!used && problem.hold_outputs)
      least = std::max(0, problem.steps - bounds.latest[at(i)] - made);
    share.least = graph.size(i) * least;
    if (used || problem.hold_outputs) add_share(sum, share);
  }
  return sum;
}

}  // namespace detail

/// Explains a legal schedule of a plain or pipelined problem over a host-readable graph; the bounds
/// of the problem are not used. O(V + E + D), the bounds of peaks (schedule/bounds.hpp), of pipelines
/// also MII (graph/initiation_interval.hpp). Throws InvalidInput for a schedule that is not legal.
template <Graph H>
Explanation explain(Problem<H> const& problem, std::span<int const> start_steps,
                    ExplainOptions const& options = {}) {
  using detail::at;
  using Kind = TermReason::Kind;
  auto const& graph = problem.graph;
  if (auto const violations = verify(problem, start_steps); !violations.empty())
    throw InvalidInput("a schedule that is not legal has no explanation: " + violations[0].text);
  auto const system =
      make_difference_system(graph, problem.initiation_interval, options.differences);
  auto const bounds = step_bounds(system, problem.steps, options.deadlines);
  auto model = options.costs;
  if (model.usage == 0 && model.usage_of.empty() && model.memory == 0 && model.lifetime == 0 &&
      model.communication == 0 && model.makespan == 0)
    model = {.usage = graph.num_resources() > 0 ? 1.0 : 0.0,
             .memory = 1,
             .lifetime = 1,
             .communication = 1,
             .makespan = 1};

  Explanation why;
  why.steps = problem.steps;
  why.interval = problem.initiation_interval;
  why.operations = graph.num_operations();
  for (int i = 0; i < why.operations; ++i) {
    why.fixed_operations += bounds.earliest[at(i)] == bounds.latest[at(i)] ? 1 : 0;
    auto const row = graph.outgoing(i);
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      if (!problem.binds(d)) continue;
      ++why.dependences;
      if (start_steps[at(d.operation)] + problem.shift(d) - start_steps[at(i)] ==
          graph.latency(i) + d.delay)
        ++why.tight_dependences;
    }
  }
  auto const add_term = [&](Kind kind, int resource, double weight, double value, double least) {
    why.terms.push_back({kind, resource, weight, value, std::min(least, value)});
    why.value += weight * value;
    why.least += weight * std::min(least, value);
  };
  std::vector<double> peak_bound(at(graph.num_resources()), 0.0);
  auto const add_usage = [&](int resource, double weight) {
    why.usage.push_back(
        detail::usage_reason(problem, start_steps, bounds, resource, options.limits));
    auto& own = why.usage.back();
    own.weight = weight;
    own.least = std::max(own.least, peak_usage_bound(problem, bounds, resource));
  };
  if (model.usage != 0 && graph.num_resources() > 0) {
    auto const profile = usage_profile(problem, start_steps);
    int largest = 0;
    double least = 0;
    for (int r = 0; r < profile.rows; ++r) {
      if (profile.peak(r) > profile.peak(largest)) largest = r;
      least = std::max(least, peak_usage_bound(problem, bounds, r));
    }
    add_usage(largest, model.usage);
    for (int r = largest + 1; r < profile.rows; ++r)
      if (profile.peak(r) == profile.peak(largest)) why.usage[0].also.push_back(r);
    add_term(Kind::usage, -1, model.usage, why.usage[0].peak, std::max(least, why.usage[0].least));
  }
  for (auto const& [resource, weight] : model.usage_of) {
    add_usage(resource, weight);
    add_term(Kind::usage, resource, weight, why.usage.back().peak, why.usage.back().least);
  }
  if (model.memory != 0 || model.lifetime != 0)
    why.lifetime = detail::lifetime_reason(problem, start_steps, bounds);
  if (model.memory != 0) {
    why.memory = detail::memory_reason(problem, start_steps, bounds);
    why.memory->weight = model.memory;
    why.memory->least =
        std::max(why.memory->least, peak_memory_bound(problem, bounds, why.lifetime->least));
    add_term(Kind::memory, -1, model.memory, why.memory->peak, why.memory->least);
  }
  if (model.lifetime != 0) {
    why.lifetime->weight = model.lifetime;
    add_term(Kind::lifetime, -1, model.lifetime, why.lifetime->value, why.lifetime->least);
  } else {
    why.lifetime.reset();
  }
  if (model.communication != 0) {
    why.communication = detail::communication_reason(problem, start_steps, bounds);
    why.communication->weight = model.communication;
    add_term(Kind::communication, -1, model.communication, why.communication->value,
             why.communication->least);
  }
  if (model.makespan != 0) {
    why.makespan =
        detail::saturated_path(problem, system, start_steps, bounds.earliest, options.limits);
    why.makespan->weight = model.makespan;
    add_term(Kind::makespan, -1, model.makespan, why.makespan->makespan, why.makespan->least);
  }
  if (why.interval > 0) {
    auto limits = options.limits;
    limits.resize(at(graph.num_resources()));
    why.minimum = initiation_interval(graph, limits);
  }
  if (options.value) why.value = *options.value;
  why.lower_bound = options.lower_bound;
  return why;
}

}  // namespace gaus

#endif
