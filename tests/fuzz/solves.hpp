// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTS_FUZZ_SOLVES_HPP
#define GAUS_TESTS_FUZZ_SOLVES_HPP

#include "../../examples/gaus_schedule/expression_objective.hpp"
#include <gaus/constraint/resource_limit.hpp>
#include <gaus/pipeline.hpp>
#include <gaus/schedule.hpp>
#include <support/reference.hpp>
#include <fuzz/checks.hpp>
#include <fuzz/targets.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Whole solves on small graphs: bytes say the graph, the objective and the options. Whatever they
// are, the answer is a legal schedule with its true value and a bound that is none too high, or one
// of the two exceptions. On tiny graphs all schedules are tried, to hold the bound to the optimum.
namespace gaus_fuzz {

/// Takes choices from bytes, one byte each; all are 0 once the bytes are used up, so that a short
/// input means something and a change of one byte changes one choice.
class Choices {
 public:
  explicit Choices(std::string_view bytes) : bytes_(bytes) {}

  int byte() { return at_ < bytes_.size() ? static_cast<unsigned char>(bytes_[at_++]) : 0; }
  /// 0 .. n - 1.
  int below(int n) { return byte() % n; }
  template <class T, std::size_t N>
  T of(T const (&values)[N]) {
    return values[static_cast<std::size_t>(below(static_cast<int>(N)))];
  }
  /// One of the values that make sense or, where the input is wild, of those that do not.
  template <class T, std::size_t N, std::size_t M>
  T of(T const (&tame)[N], T const (&wild)[M]) {
    int const k = byte();
    if (is_wild && k >= 224) return wild[static_cast<std::size_t>(k) % M];
    return tame[static_cast<std::size_t>(k) % N];
  }

  bool is_wild = false;

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

/// What a solve is asked for.
struct Request {
  gaus::GraphDescription graph;
  gaus_schedule::Expression objective;
  gaus::Options options;
  bool good = true;  ///< the graph holds no number that must be refused
};

inline gaus::GraphDescription choose_graph(Choices& c, bool limited, bool& good) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr int most = std::numeric_limits<int>::max();
  constexpr int latencies[] = {1, 1, 1, 0, 2, 3, 5};
  constexpr int occupancies[] = {1, 1, 1, 2, 3, 0};
  constexpr int no_steps[] = {40, most / 4, most, -1};
  constexpr double sizes[] = {1, 1, 2, 0.5, 0, 3, 7, 1e-3};
  constexpr double limits[] = {0, 1, 1, 2, 3, 0.5};
  constexpr double no_sizes[] = {1e18, 1e300, nan, -1, infinity};
  constexpr int delays[] = {0, 0, 0, 0, 0, 1, -1, 2, -2, -5};
  constexpr int no_delays[] = {most, -most, 1 << 29};
  gaus::GraphDescription g;
  auto const number = [&](double x) {
    good = good && std::isfinite(x) && x >= 0;
    return x;
  };
  c.is_wild = c.below(8) == 7;
  int const n = c.below(16);
  bool const in_order = c.below(8) != 0;
  int const classes = c.below(4);
  for (int r = 0; r < classes; ++r) {
    std::optional<double> limit;
    if (c.below(2) != 0) limit = c.of(limits, no_sizes);
    if (!limited) limit.reset();
    if (limit) number(*limit);
    g.add_resource(std::string(1, static_cast<char>('A' + r)), limit);
  }
  for (int i = 0; i < n; ++i) {
    gaus::GraphDescription::Operation o;
    o.latency = c.of(latencies, no_steps);
    o.occupancy = c.of(occupancies, no_steps);
    o.size = number(c.of(sizes, no_sizes));
    good = good && o.latency >= 0 && o.occupancy >= 0;
    g.add_operation(o);
    for (int k = c.below(3); k > 0 && classes > 0 && o.occupancy > 0; --k) {
      int const r = c.below(classes);  // one after the other: arguments have no order
      g.add_demand(i, r, number(c.of(sizes, no_sizes)));
    }
  }
  for (int k = c.below(2 * n + 1); k > 0; --k) {
    gaus::GraphDescription::Link d;
    d.from = c.below(n);
    d.to = c.below(n);
    constexpr int distances[] = {0, 0, 0, 0, 0, 1, 2, 3};
    d.distance = c.of(distances);
    d.weight = number(c.of(sizes, no_sizes));
    d.delay = c.of(delays, no_delays);
    if (in_order && d.distance == 0 && d.from >= d.to) {
      if (d.from == d.to) continue;
      std::swap(d.from, d.to);
    }
    bool const repeats =
        std::any_of(g.dependences.begin(), g.dependences.end(), [&](auto const& other) {
          return other.from == d.from && other.to == d.to && other.distance == d.distance &&
                 other.delay == d.delay;
        });
    if (!repeats || c.is_wild) g.add_dependence(d);
  }
  return g;
}

inline gaus_schedule::Expression choose_objective(Choices& c, int classes) {
  using gaus_schedule::Cost;
  constexpr double weights[] = {0, 1, 100, 0, 0.5, 0, 1e-3, 1e9};
  gaus_schedule::Expression all;
  for (auto const cost :
       {Cost::usage, Cost::memory, Cost::lifetime, Cost::communication, Cost::makespan})
    if (double const w = c.of(weights); w > 0)
      all.terms.push_back({cost, -1, std::to_string(static_cast<int>(cost)), w});
  if (int const r = c.below(8); r < classes)
    all.terms.push_back({Cost::usage, r, "of " + std::to_string(r), 3});
  return all;
}

/// limited: whether the classes keep their limits.
inline Request choose(std::string_view bytes, bool limited) {
  Choices c(bytes);
  Request r;
  constexpr int steps[] = {0, 0, 0, 0, 0, 0, 2, 4, 6, 9, 14, 30, 200, -1, 1 << 30};
  constexpr double slacks[] = {1, 1, 1.3, 2, 3.7};
  constexpr double no_slacks[] = {0.5, 1e300, std::numeric_limits<double>::quiet_NaN()};
  c.is_wild = c.below(8) == 7;
  r.options.steps = c.of(steps);
  r.options.slack = c.of(slacks, no_slacks);
  r.options.hold_outputs = c.below(2) != 0;
  r.options.seed = static_cast<std::uint64_t>(c.byte());
  r.options.iterations = 1 + c.below(16);
  r.options.bound = c.below(4) != 0;
  r.options.stop_when_proven = c.below(4) != 0;
  r.options.batch = c.below(4);
  int const start = c.below(4);
  r.graph = choose_graph(c, limited, r.good);
  r.objective = choose_objective(c, static_cast<int>(r.graph.resources.size()));
  std::size_t const n = r.graph.operations.size() + (start == 3 && c.below(8) == 0 ? 1 : 0);
  constexpr int ends[] = {std::numeric_limits<int>::min(), std::numeric_limits<int>::max(), -3, 9};
  if (start > 1)
    for (std::size_t i = 0; i < n; ++i)
      r.options.start.push_back(start == 2 ? c.byte() / 4 - 8 : c.of(ends));
  return r;
}

inline gaus_test::TestProblem plain_problem(gaus::GraphDescription const& graph, int steps,
                                            int interval, bool hold_outputs) {
  gaus_test::TestProblem p;
  p.graph = graph;
  p.steps = steps;
  p.interval = interval;
  p.hold_outputs = hold_outputs;
  return p;
}

/// Value of an objective by definitions that share nothing with the library, step by step.
inline double plain_value(gaus_test::TestProblem const& p, gaus_schedule::Expression const& e,
                          std::vector<int> const& s) {
  using gaus_schedule::Cost;
  auto const usage = gaus_test::discrete_usage(p, s);
  auto const live = gaus_test::discrete_liveness(p, s);
  auto const columns = static_cast<std::ptrdiff_t>(gaus_test::slots(p));
  gaus_test::Number total = 0;
  for (auto const& term : e.terms) {
    gaus_test::Number cost = 0;
    if (term.cost == Cost::usage) {
      auto const first = usage.begin() + std::max(0, term.resource) * columns;
      auto const last = term.resource < 0 ? usage.end() : first + columns;
      for (auto u = first; u != last; ++u) cost = std::max(cost, *u);
    } else if (term.cost == Cost::memory) {
      for (auto const m : live) cost = std::max(cost, m);
    } else if (term.cost == Cost::lifetime) {
      cost = gaus_test::sum(live);
    } else if (term.cost == Cost::communication) {
      cost = gaus_test::discrete_communication(p, s);
    } else {
      cost = gaus_test::discrete_makespan(p, s);
    }
    total += static_cast<gaus_test::Number>(term.weight) * cost;
  }
  return static_cast<double>(total);
}

/// Whether a schedule is legal, likewise.
inline bool plainly_legal(gaus_test::TestProblem const& p, std::vector<int> const& s,
                          bool with_limits = true) {
  for (int i = 0; i < p.operations(); ++i)
    if (s[at(i)] < 0 || s[at(i)] + p.length(i) > p.steps) return false;
  for (auto const& d : p.graph.dependences) {
    long long const ready = 0LL + s[at(d.from)] + p.graph.operations[at(d.from)].latency + d.delay;
    if (gaus_test::binds(p, d) && ready > s[at(d.to)] + 1LL * d.distance * p.interval) return false;
  }
  if (!with_limits) return true;
  auto const usage = gaus_test::discrete_usage(p, s);
  for (int r = 0; r < p.resources(); ++r)
    if (auto const& limit = p.graph.resources[at(r)].limit)
      for (int t = 0; t < gaus_test::slots(p); ++t)
        if (static_cast<double>(usage[at(r * gaus_test::slots(p) + t)]) >
            *limit + 1e-9 * std::max(1.0, *limit))
          return false;
  return true;
}

/// The least value of all schedules; none where there are too many to try or none is legal.
inline std::optional<double> least_value(gaus_test::TestProblem const& p,
                                         gaus_schedule::Expression const& e) {
  constexpr double most = 400;
  double count = 1;
  for (int i = 0; i < p.operations(); ++i) count *= std::max(0, p.steps - p.length(i) + 1);
  if (count > most || p.steps > 50) return {};
  std::optional<double> least;
  std::vector<int> s(at(p.operations()), 0);
  for (bool more = count > 0; more;) {
    if (plainly_legal(p, s)) {
      double const value = plain_value(p, e, s);
      if (!least || value < *least) least = value;
    }
    more = false;
    for (int i = 0; i < p.operations() && !more; ++i) {
      more = s[at(i)] + p.length(i) < p.steps;
      s[at(i)] = more ? s[at(i)] + 1 : 0;
    }
  }
  return least;
}

/// What a solve has returned against everything that one may ask of it.
template <class Result>
void check_result(gaus_test::TestProblem const& p, gaus_schedule::Expression const& e,
                  Result const& result) {
  auto const& s = result.schedule.start_steps;
  expect(s.size() == p.graph.operations.size(), "a schedule of other operations");
  expect(plainly_legal(p, s, false), "an illegal schedule");
  expect(result.feasible == result.violations.empty(), "feasible, with violations");
  expect(result.feasible == plainly_legal(p, s), "limits are judged wrongly");
  for (auto const& violation : result.violations) check_message(violation.text);
  double const value = plain_value(p, e, s);
  double const close = 1e-9 * std::max(1.0, std::abs(value));
  expect(std::abs(result.value - value) <= close,
         gaus::detail::message({"the value ", result.value, " should be ", value}));
  expect(result.lower_bound <= result.value, "a bound above the value");
  auto const least = result.feasible ? least_value(p, e) : std::nullopt;
  if (!least) return;
  expect(
      result.lower_bound <= *least + close,
      gaus::detail::message({"the bound ", result.lower_bound, " is above the optimum ", *least}));
  if (result.stopped_by == gaus::StopReason::optimal)
    expect(result.value <= *least + 1e-6 * std::max(1.0, std::abs(*least)),
           gaus::detail::message({"optimal at ", result.value, ", the optimum is ", *least}));
}

/// Builds the graph of a request; none when it must be refused, or is too long to be solved here.
inline std::optional<gaus::HostGraph> build(Request const& r) {
  auto const graph = unless_refused([&] { return gaus::build_graph<Kokkos::HostSpace>(r.graph); });
  expect(!graph || r.good, "a number that is no attribute is taken");
  if (!graph) return {};
  check_description(r.graph);
  long long total = 0;
  for (auto const& o : r.graph.operations) total += std::max(o.latency, o.occupancy);
  for (auto const& d : r.graph.dependences) total += std::abs(static_cast<long long>(d.delay));
  constexpr long long longest = 4000;
  if (total > longest) return {};
  return graph;
}

inline void check_solve(Request const& r) {
  using Space = Kokkos::DefaultHostExecutionSpace;
  auto const graph = build(r);
  if (!graph) return;
  auto const& options = r.options;
  auto const result = unless_refused([&] {
    gaus::Constraints const limits{gaus::ResourceLimit<Kokkos::HostSpace>(r.graph.limits())};
    gaus_schedule::ExpressionObjective const objective(r.objective, graph->num_resources());
    return gaus::schedule<float>(Space{}, *graph, objective, limits, options);
  });
  if (!result) return;
  auto const& own = result->schedule;
  expect(own.steps >= 0, "a schedule of negative steps");
  expect(options.steps <= 0 || own.steps == options.steps, "other steps than asked for");
  auto const p = plain_problem(r.graph, own.steps, 0, options.hold_outputs);
  check_result(p, r.objective, *result);
}

inline void solve(std::string_view bytes) { check_solve(choose(bytes, false)); }

/// Under limits, least makespans among them.
inline void limits(std::string_view bytes) {
  auto request = choose(bytes, true);
  if (request.objective.terms.empty())
    request.objective.terms.push_back({gaus_schedule::Cost::makespan, -1, "makespan", 1});
  check_solve(request);
}

inline void pipeline(std::string_view bytes) {
  auto const r = choose(bytes, true);
  auto const graph = build(r);
  if (!graph) return;
  gaus::PipelineOptions options;
  constexpr int intervals[] = {0, 0, 0, 1, 2, 3, 5, 8};
  options.initiation_interval = intervals[r.options.seed % std::size(intervals)];
  options.steps = r.options.steps;
  options.hold_outputs = r.options.hold_outputs;
  options.start = r.options.start;
  options.seed = r.options.seed;
  options.iterations = r.options.iterations;
  options.names = &r.graph;
  auto const result = unless_refused([&] {
    gaus_schedule::ExpressionObjective const objective(r.objective, graph->num_resources());
    return gaus::pipeline<float>(Kokkos::DefaultHostExecutionSpace{}, *graph, objective,
                                 r.graph.limits(), options);
  });
  if (!result) return;
  auto const& own = result->schedule;
  int const interval = own.initiation_interval;
  expect(interval >= result->minimum.interval, "an interval below its minimum");
  expect(options.initiation_interval == 0 || interval == options.initiation_interval,
         "another interval than asked for");
  auto const p = plain_problem(r.graph, own.steps, interval, options.hold_outputs);
  check_result(p, r.objective, *result);
  expect(result->feasible, "a pipeline that breaks its limits");
}

inline constexpr Target solves[] = {
    {"limits", limits},
    {"pipeline", pipeline},
    {"solve", solve},
};

}  // namespace gaus_fuzz

#endif
