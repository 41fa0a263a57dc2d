// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/constraint/difference.hpp>
#include <gaus/constraint/resource_limit.hpp>
#include <gaus/objective/communication.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/total_lifetime.hpp>
#include <gaus/schedule/cost.hpp>

#include <support/problems.hpp>
#include <support/reference.hpp>
#include <support/spaces.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

// Every folded cost on loops that hold all that a loop can hold, from intervals of one step to
// intervals longer than the schedule, from all but certain starts to ones that smear over many
// intervals: values and gradients against the definitions, expectations against sampled schedules.
namespace {

using namespace gaus_test;
using gaus::Residual;

constexpr int intervals[] = {1, 2, 3, 7, 20, 50};

/// Whether an interval has a schedule: no positive cycle.
bool feasible(TestProblem const& p) {
  std::vector<int> start(at(p.operations()), 0);
  for (int round = 0; round <= p.operations(); ++round) {
    bool moved = false;
    for (auto const& d : p.graph.dependences) {
      int const from = start[at(d.from)] + p.graph.operations[at(d.from)].latency + d.delay -
                       d.distance * p.interval;
      if (from <= start[at(d.to)]) continue;
      start[at(d.to)] = from;
      moved = true;
    }
    if (!moved) return true;
  }
  return false;
}

/// Adds a dependence unless it repeats one or leaves no schedule.
bool try_add(TestProblem& p, gaus::GraphDescription::Link const& link) {
  for (auto const& d : p.graph.dependences)
    if (d.from == link.from && d.to == link.to && d.distance == link.distance &&
        d.delay == link.delay)
      return false;
  p.graph.dependences.push_back(link);
  if (feasible(p)) return true;
  p.graph.dependences.pop_back();
  return false;
}

/// A loop of 8 operations: latencies 0 .. 3, occupancies 1 .. 3 and one that passes the interval,
/// recurrences of distance 1 .. 3, self-loops, several uses by one consumer (a later iteration's, a
/// delayed one), values that later iterations read. width: spreads; 0: one of any width each.
TestProblem loop(int interval, double width, bool hold_outputs, unsigned seed) {
  Random random(seed);
  TestProblem p;
  p.interval = interval;
  p.hold_outputs = hold_outputs;
  int const classes[] = {p.graph.add_resource("A"), p.graph.add_resource("B")};
  int const n = 8;
  for (int i = 0; i < n; ++i) {
    p.graph.add_operation({.latency = i < 4 ? i : random.below(4),
                           .occupancy = i == 2 ? interval + 2 : 1 + random.below(3),
                           .size = 0.5 + 0.5 * random.below(4)});
    p.graph.add_demand(i, classes[random.below(2)], 0.5 + 0.5 * random.below(3));
    if (i % 3 == 1) p.graph.add_demand(i, classes[i % 2]);
  }
  auto const weight = [&] { return 0.25 * (1 + random.below(8)); };
  for (int i = 1; i < n - 1; ++i)
    for (int reads = 1 + random.below(2); reads > 0; --reads)
      try_add(p, {.from = random.below(i), .to = i, .weight = weight()});
  // Until every kind is there, or cannot be at this interval.
  int recurrences = 0;
  for (int tries = 0; tries < 200 && recurrences < 2; ++tries) {
    int const to = random.below(n - 2);
    int const from = to + 1 + random.below(n - 2 - to);
    recurrences +=
        try_add(p, {.from = from, .to = to, .distance = 1 + random.below(3), .weight = weight()});
  }
  for (int tries = 0, loops = 0; tries < 50 && loops < 2; ++tries) {
    int const i = random.below(n - 1);
    loops += try_add(p, {.from = i, .to = i, .distance = 1 + random.below(3), .weight = weight()});
  }
  for (int k = 0; k < 3; ++k) {  // read once more by the same consumer
    auto const d = p.graph.dependences[at(random.below(n))];
    if (d.from < d.to)
      try_add(p, {.from = d.from,
                  .to = d.to,
                  .distance = k == 2 ? 0 : 1 + random.below(3),
                  .weight = weight(),
                  .delay = k == 2 ? 1 : 0});
  }
  try_add(p, {.from = 1, .to = 5, .distance = 3, .weight = weight()});
  find_bounds(p);
  int critical = 0;
  for (int i = 0; i < n; ++i) critical = std::max(critical, p.earliest[at(i)] + p.length(i));
  p.steps = critical + 2 + random.below(interval + 3);
  find_bounds(p);
  for (int i = 0; i < n; ++i) {
    p.mean.push_back(random.between(p.earliest[at(i)] - 0.5, p.latest[at(i)] + 0.5));
    p.spread.push_back(width > 0 ? width * random.between(0.8, 1.25)
                                 : 0.05 * std::pow(100.0 * interval, random.unit()));
  }
  return p;
}

/// Loops of one interval, with spreads from 0.05 to 5 intervals, with outputs held and not.
std::vector<TestProblem> loops(int interval) {
  std::vector<TestProblem> all;
  unsigned seed = static_cast<unsigned>(interval) * 100;
  for (double const width : {0.05, 0.4, 0.25 * interval, 1.0 * interval, 5.0 * interval, 0.0}) {
    all.push_back(loop(interval, width, seed % 2 == 1, seed));
    ++seed;
  }
  return all;
}

TEST_CASE("pipelined costs: the loops hold what they should") {
  for (int const interval : intervals) {
    CAPTURE(interval);
    std::set<int> distances;
    int self = 0, back = 0, twice = 0, held = 0, beyond = 0;
    for (auto const& p : loops(interval)) {
      gaus::check(p.graph);
      std::set<std::pair<int, int>> pairs;
      for (auto const& d : p.graph.dependences) {
        self += d.from == d.to ? 1 : 0;
        back += d.from > d.to ? 1 : 0;
        twice += pairs.insert({d.from, d.to}).second ? 0 : 1;
        if (d.from >= d.to) distances.insert(d.distance);
      }
      held += p.hold_outputs ? 1 : 0;
      // Lives longer than an interval wherever operation 1 and 5 are.
      auto const problem = make_problem<Kokkos::HostSpace>(p);
      for (int i = 0; i < p.operations(); ++i) {
        auto const [made, last] = gaus::detail::live_span(problem, p.earliest, i, p.steps);
        beyond += last - made > interval ? 1 : 0;
      }
    }
    CHECK(distances == std::set<int>{1, 2, 3});
    CHECK(self >= 5);
    CHECK(back >= 6);
    CHECK(twice >= 6);
    CHECK(held == 3);
    CHECK(beyond >= 6);
  }
}

/// The objectives of check_objectives() by their definitions, in one pass.
std::vector<Number> expected_costs(TestProblem const& p) {
  auto const u = expected_usage(p);
  auto const m = expected_liveness(p);
  return {p_norm(u, 20), log_sum_exp({u.begin() + slots(p), u.end()}, 0.3L),
          p_norm(m, 20), log_sum_exp(m, 0.3L),
          sum(m),        expected_communication(p)};
}

template <class Space>
void check_objectives(Space const& exec, TestProblem const& p) {
  auto const values = expected_costs(p);
  std::size_t number = 0;
  auto const gradients = central_differences_of_all(p, expected_costs);
  auto const check = [&](auto const& objective) {
    CAPTURE(number);
    auto const got = evaluate<double>(exec, objective, p);
    CHECK(std::abs(got.cost - values[number]) <= 1e-12L * (1 + std::abs(values[number])));
    CHECK(relative_error(got, gradients[number]) < 1e-6);
    ++number;
  };
  check(gaus::PeakUsage{});
  check(gaus::PeakUsage{.resource = 1, .maximum = {.temperature = 0.3}});
  check(gaus::MemoryFootprint{});
  check(gaus::MemoryFootprint{.maximum = {.temperature = 0.3}});
  check(gaus::TotalLifetime{});
  check(gaus::Communication{});
  CHECK(number == values.size());
}

TEST_CASE_TEMPLATE("pipelined costs: objectives and their gradients", Space, GAUS_TEST_SPACES) {
  for (int const interval : intervals) {
    CAPTURE(interval);
    auto const all = loops(interval);
    for (std::size_t loop_number = 0; loop_number < all.size(); ++loop_number) {
      CAPTURE(loop_number);
      check_objectives(Space(), all[loop_number]);
    }
  }
}

/// Residual of a difference of two starts, which is certain where the two are one.
Number residual(TestProblem const& p, Residual form, int from, int to, int delta) {
  Number const m = p.mean[at(from)] + delta - p.mean[at(to)];
  if (form == Residual::mean) return m;
  if (from == to) return form == Residual::expected ? std::max(0, delta) : delta > 0 ? 1 : 0;
  Number const s = std::hypot(p.spread[at(from)], p.spread[at(to)]);
  return form == Residual::expected ? m * Phi(m / s) + s * phi(m / s) : Phi(m / s);
}

/// Residuals of a constraint and its pull-back under given weights against a reference.
template <class Space, class Policy, class Reference>
void check_pull_back(Space const& exec, Policy const& rule, TestProblem const& p,
                     Reference const& reference) {
  CAPTURE(std::string(rule.name));
  std::vector<Number> const wanted = reference(p);
  std::vector<Number> weight;
  Random random(5);
  for (std::size_t k = 0; k < wanted.size(); ++k) weight.push_back(random.between(-1, 2));
  auto const got = evaluate_constraint(exec, rule, p, weight);
  REQUIRE(got.residual.size() == wanted.size());
  for (std::size_t k = 0; k < wanted.size(); ++k)
    CHECK(std::abs(got.residual[k] - wanted[k]) <= 1e-12L * (1 + std::abs(wanted[k])));
  CHECK(relative_error(got.gradient, central_differences(p, [&](TestProblem const& q) {
                         auto const g = reference(q);
                         Number total = 0;
                         for (std::size_t k = 0; k < g.size(); ++k) total += weight[k] * g[k];
                         return total;
                       })) < 1e-6);
}

/// The dependences of a loop as difference constraints, in the order of the library's graph.
std::vector<gaus::DifferenceBound> differences(TestProblem const& p) {
  auto const graph = gaus::build_graph(p.graph);
  std::vector<gaus::DifferenceBound> all(p.graph.dependences.size());
  for (int i = 0; i < p.operations(); ++i)
    for (int k = 0; k < graph.outgoing(i).size(); ++k) {
      auto const d = graph.outgoing(i)[k];
      all[at(d.index)] = {i, d.operation, graph.latency(i) + d.delay - d.distance * p.interval};
    }
  return all;
}
std::vector<Number> residuals(TestProblem const& p, Residual form,
                              std::vector<gaus::DifferenceBound> const& list) {
  std::vector<Number> all;
  for (auto const& b : list) all.push_back(residual(p, form, b.from, b.to, b.delta));
  return all;
}

TEST_CASE_TEMPLATE("pipelined costs: constraints and their pull-backs", Space, GAUS_TEST_SPACES) {
  using MemorySpace = typename Space::memory_space;
  Space const exec;
  for (int const interval : intervals) {
    CAPTURE(interval);
    auto const all = loops(interval);
    for (std::size_t number = 0; number < all.size(); ++number) {
      CAPTURE(number);
      auto const& p = all[number];
      auto list = differences(p);
      for (auto const form : {Residual::mean, Residual::expected, Residual::probability}) {
        auto const of_list = [&](auto const& q) { return residuals(q, form, list); };
        check_pull_back(exec, gaus::Precedence{form}, p, of_list);
        list.push_back({5, 0, -2 * interval});
        list.push_back({3, 3, 1});
        gaus::Difference<MemorySpace> rule(p.operations(), list);
        rule.form = form;
        check_pull_back(exec, rule, p, of_list);
        list.resize(list.size() - 2);
      }
      std::vector<std::optional<double>> const limits{{}, 1.5};
      check_pull_back(exec, gaus::ResourceLimit<MemorySpace>(limits), p, [](auto const& q) {
        auto g = expected_usage(q);
        g.erase(g.begin(), g.begin() + slots(q));
        for (Number& x : g) x -= 1.5L;
        return g;
      });
    }
  }
}

/// Usage by class, live size, lifetime, communication of one schedule.
std::vector<Number> sampled_quantities(gaus::Problem<gaus::HostGraph> const& problem,
                                       std::vector<int> const& s) {
  std::vector<Number> all;
  for (double const u : gaus::usage_profile(problem, s).values) all.push_back(u);
  for (double const m : gaus::live_profile(problem, s).values) all.push_back(m);
  all.push_back(gaus::total_lifetime(problem, s));
  all.push_back(gaus::communication(problem, s));
  return all;
}

TEST_CASE_TEMPLATE("pipelined costs: expectations against sampled schedules", Space,
                   GAUS_TEST_SPACES) {
  using MemorySpace = typename Space::memory_space;
  Space const exec;
  for (int const interval : intervals) {
    CAPTURE(interval);
    auto const all = loops(interval);
    for (std::size_t number = 0; number < all.size(); ++number) {
      CAPTURE(number);
      auto const& p = all[number];
      auto const problem = make_problem<MemorySpace>(p);
      auto const starts = make_starts<double, MemorySpace>(p);
      gaus::Workspace<MemorySpace> workspace;
      auto expected = to_host(gaus::expected_usage(exec, problem, starts, workspace).values);
      auto const live = to_host(gaus::expected_liveness(exec, problem, starts, workspace).values);
      expected.insert(expected.end(), live.begin(), live.end());
      expected.push_back(evaluate(exec, gaus::TotalLifetime{}, p).cost);
      expected.push_back(evaluate(exec, gaus::Communication{}, p).cost);
      auto const host_problem = make_problem<Kokkos::HostSpace>(p);
      auto const quantities = [&](TestProblem const&, std::vector<int> const& s) {
        return sampled_quantities(host_problem, s);
      };
      CHECK(sampled_deviation(p, expected, quantities, 20000) < 5);
    }
  }
}

/// The forms of a residual speak of the unrounded Gaussians.
TEST_CASE_TEMPLATE("pipelined costs: residuals against sampled Gaussians", Space,
                   GAUS_TEST_SPACES) {
  Space const exec;
  for (int const interval : intervals) {
    CAPTURE(interval);
    for (auto const& p : loops(interval)) {
      auto const list = differences(p);
      std::vector<Number> const none(list.size(), 0);
      auto expected =
          evaluate_constraint(exec, gaus::Precedence{Residual::expected}, p, none).residual;
      auto const chance =
          evaluate_constraint(exec, gaus::Precedence{Residual::probability}, p, none).residual;
      expected.insert(expected.end(), chance.begin(), chance.end());
      Random random(9);
      Samples samples(expected.size());
      std::vector<double> x;
      for (int k = 0; k < 20000; ++k) {
        sample_gaussians(p, random, x);
        std::vector<Number> g(expected.size());
        for (std::size_t e = 0; e < list.size(); ++e) {
          double const violation = x[at(list[e].from)] + list[e].delta - x[at(list[e].to)];
          g[e] = std::max(0.0, violation);
          g[list.size() + e] = violation > 0 ? 1 : 0;
        }
        samples.add(g);
      }
      CHECK(samples.worst_deviation(expected) < 5);
    }
  }
}

}  // namespace
