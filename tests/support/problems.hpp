// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTS_SUPPORT_PROBLEMS_HPP
#define GAUS_TESTS_SUPPORT_PROBLEMS_HPP

#include <gaus/constraint.hpp>
#include <gaus/evaluation.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/objective.hpp>
#include <gaus/problem.hpp>
#include <gaus/start_steps.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

// Problems as tests write them: plain vectors on the host, from which evaluate() makes the graph,
// the problem and the start steps on any execution space and brings the result back.
namespace gaus_test {

/// The scalar type of the references: wider than what the library computes in.
using Number = long double;

inline std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// A problem and a point of its relaxation. Means and spreads are doubles that fit exactly, except
/// where a difference quotient moves them.
struct TestProblem {
  gaus::GraphDescription graph;
  int steps = 0;
  int interval = 0;
  bool hold_outputs = false;
  double smoothing = 0.05;
  std::vector<int> earliest;
  std::vector<int> latest;
  std::vector<Number> mean;
  std::vector<Number> spread;

  [[nodiscard]] int operations() const { return static_cast<int>(graph.operations.size()); }
  [[nodiscard]] int resources() const { return static_cast<int>(graph.resources.size()); }
  [[nodiscard]] int length(int i) const {
    auto const& o = graph.operations[at(i)];
    return std::max(o.latency, o.occupancy);
  }
};

/// Longest paths over the forward dependences and, with an interval, all others, by relaxing every
/// dependence until nothing moves. earliest >= 0; latest + length <= steps.
inline void find_bounds(TestProblem& p) {
  int const n = p.operations();
  p.earliest.assign(at(n), 0);
  p.latest.resize(at(n));
  for (int i = 0; i < n; ++i) p.latest[at(i)] = p.steps - p.length(i);
  for (bool moved = true; moved;) {
    moved = false;
    for (auto const& d : p.graph.dependences) {
      if (d.distance > 0 && p.interval == 0) continue;
      int const delta = p.graph.operations[at(d.from)].latency + d.delay - d.distance * p.interval;
      if (p.earliest[at(d.from)] + delta > p.earliest[at(d.to)]) {
        p.earliest[at(d.to)] = p.earliest[at(d.from)] + delta;
        moved = true;
      }
      if (p.latest[at(d.to)] - delta < p.latest[at(d.from)]) {
        p.latest[at(d.from)] = p.latest[at(d.to)] - delta;
        moved = true;
      }
    }
  }
}

/// How the means and spreads of a random problem lie.
enum class Shape {
  mixed,    ///< spreads 0.3 .. 3, some means at or beyond the bounds
  tiny,     ///< spreads 1e-3, means a few spreads from a boundary between steps
  huge,     ///< spreads 100: every window is the whole range
  extreme,  ///< means of +-1e30 and just outside the bounds, spreads 1e-3 .. 100
};

struct RandomProblem {
  int operations = 12;
  int slack = 10;    ///< steps beyond the critical path
  int interval = 0;  ///< > 0: pipelined, with loop-carried dependences of distance 1 .. 3
  bool hold_outputs = false;
  Shape shape = Shape::mixed;
  unsigned seed = 1;
};

/// Numbers that are the same on every platform (a linear congruential generator; Knuth's constants).
class Random {
 public:
  explicit Random(unsigned seed) : state_(seed * 2654435761u + 12345u) {
    for (int k = 0; k < 8; ++k) bits();
  }
  unsigned bits() {
    state_ = state_ * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<unsigned>(state_ >> 32);
  }
  int below(int n) { return static_cast<int>(bits() % static_cast<unsigned>(n)); }
  double unit() { return (bits() + 0.5) / 4294967296.0; }
  double between(double a, double b) { return a + (b - a) * unit(); }

 private:
  unsigned long long state_;
};

/// Puts means and spreads of the wanted shape into a problem whose bounds are known.
inline void place(TestProblem& p, Shape shape, Random& random) {
  p.mean.clear();
  p.spread.clear();
  for (int i = 0; i < p.operations(); ++i) {
    int const low = p.earliest[at(i)];
    int const high = p.latest[at(i)];
    double spread = random.between(0.3, 3);
    double mean = random.between(low, high + 1e-3);
    switch (shape) {
      case Shape::mixed:
        if (i % 5 == 1) mean = low;
        if (i % 5 == 3) mean = high;
        if (i % 7 == 2) mean = low - 0.7 * spread;
        break;
      case Shape::tiny:
        spread = 1e-3;
        mean = low + random.below(std::max(1, high - low)) + 0.5 + spread * random.between(-3, 3);
        break;
      case Shape::huge:
        spread = 100;
        break;
      case Shape::extreme: {
        double const means[] = {1e30, -1e30, low - 5.0, high + 5.0, 0.5 * (low + high)};
        double const spreads[] = {1e-3, 1, 100};
        mean = means[random.below(5)];
        spread = spreads[random.below(3)];
        break;
      }
    }
    p.mean.push_back(mean);
    p.spread.push_back(spread);
  }
}

/// A random graph with everything in it: latencies 0 .. 3, occupancies 0 .. 3, sizes with zero,
/// delays of both signs, none to two demands, several consumers, isolated operations.
inline TestProblem random_problem(RandomProblem const& settings) {
  Random random(settings.seed);
  TestProblem p;
  p.interval = settings.interval;
  p.hold_outputs = settings.hold_outputs;
  auto& g = p.graph;
  for (char const* const name : {"A", "B", "C"}) g.add_resource(name);
  for (int i = 0; i < settings.operations; ++i) {
    gaus::GraphDescription::Operation o;
    o.latency = random.below(4);
    o.occupancy = random.below(4);
    o.size = 0.5 * random.below(6);
    g.add_operation(o);
    int const demands = o.occupancy == 0 ? 0 : random.below(3);
    for (int k = 0; k < demands; ++k) g.add_demand(i, (i + k) % 3, 0.5 + 0.5 * random.below(4));
    int const reads = i == 0 || i % 6 == 5 ? 0 : 1 + random.below(3);
    std::vector<int> sources;
    for (int k = 0; k < reads; ++k) {
      int const from = random.below(i);
      if (std::find(sources.begin(), sources.end(), from) != sources.end()) continue;
      sources.push_back(from);
      g.add_dependence({.from = from,
                        .to = i,
                        .distance = 0,
                        .weight = 0.25 * random.below(8),
                        .delay = random.below(4) == 0 ? random.below(4) - 2 : 0});
    }
  }
  if (settings.interval > 0)
    for (int i = 0; i < settings.operations; i += 3) {
      // Backwards, and with a delay that keeps every cycle feasible at any interval.
      int const from = i + random.below(settings.operations - i);
      g.add_dependence({.from = from,
                        .to = i,
                        .distance = 1 + random.below(3),
                        .weight = 0.5,
                        .delay = -4 * settings.operations});
    }
  find_bounds(p);
  int critical = 0;
  for (int i = 0; i < p.operations(); ++i)
    critical = std::max(critical, p.earliest[at(i)] + p.length(i));
  p.steps = critical + settings.slack;
  find_bounds(p);
  place(p, settings.shape, random);
  return p;
}

/// The library's problem on a space.
template <class MemorySpace>
gaus::Problem<gaus::DependenceGraph<MemorySpace>> make_problem(TestProblem const& p) {
  auto problem =
      gaus::make_problem(gaus::build_graph<MemorySpace>(p.graph), gaus::build_graph(p.graph),
                         p.steps, {p.earliest, p.latest}, p.interval, p.hold_outputs);
  problem.smoothing = p.smoothing;
  return problem;
}

template <class Real, class MemorySpace>
Kokkos::View<Real*, MemorySpace> to_device(std::vector<Number> const& values) {
  Kokkos::View<Real*, MemorySpace> const device("gaus_test::values", values.size());
  auto const host = Kokkos::create_mirror_view(device);
  for (std::size_t k = 0; k < values.size(); ++k) host(k) = static_cast<Real>(values[k]);
  Kokkos::deep_copy(device, host);
  return device;
}

template <class View>
std::vector<double> to_host(View const& device) {
  auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), device);
  std::vector<double> values(host.extent(0));
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<double>(host(k));
  return values;
}

template <class Real, class MemorySpace>
gaus::StartSteps<Real, MemorySpace> make_starts(TestProblem const& p) {
  return {to_device<Real, MemorySpace>(p.mean), to_device<Real, MemorySpace>(p.spread)};
}

/// A cost with its gradient, on the host.
struct Result {
  double cost = 0;
  std::vector<double> d_mean;
  std::vector<double> d_spread;
};

template <class Real, class MemorySpace>
Result to_host_result(gaus::Evaluation<Real, MemorySpace> const& result) {
  Result r;
  Kokkos::deep_copy(r.cost, result.cost);
  r.d_mean = to_host(result.d_mean);
  r.d_spread = to_host(result.d_spread);
  return r;
}

/// Value and gradient of an objective. before: what the gradients hold before; the cost slot holds
/// a number that must vanish.
template <class Real = double, class Space, class Policy>
Result evaluate(Space const& exec, Policy const& objective, TestProblem const& p, double weight = 1,
                double before = 0) {
  using MemorySpace = typename Space::memory_space;
  gaus::check_objective<Policy, Space, gaus::DependenceGraph<MemorySpace>, Real>();
  auto const problem = make_problem<MemorySpace>(p);
  auto const starts = make_starts<Real, MemorySpace>(p);
  gaus::Workspace<MemorySpace> workspace;
  auto result = gaus::make_evaluation<Real, MemorySpace>(p.operations(), workspace);
  Kokkos::deep_copy(result.cost, -12345.0);
  Kokkos::deep_copy(result.d_mean, static_cast<Real>(before));
  Kokkos::deep_copy(result.d_spread, static_cast<Real>(before));
  result.weight = weight;
  objective.evaluate(exec, problem, starts, result);
  exec.fence("gaus_test: objective evaluated");
  return to_host_result(result);
}

/// Residuals of a constraint, and the gradient of sum weight * residual.
struct ConstraintResult {
  std::vector<double> residual;
  Result gradient;
};

template <class Real = double, class Space, class Policy>
ConstraintResult evaluate_constraint(Space const& exec, Policy const& constraint,
                                     TestProblem const& p, std::vector<Number> const& weight,
                                     double before = 0) {
  using MemorySpace = typename Space::memory_space;
  gaus::check_constraint<Policy, Space, gaus::DependenceGraph<MemorySpace>, Real>();
  auto const problem = make_problem<MemorySpace>(p);
  auto const starts = make_starts<Real, MemorySpace>(p);
  gaus::Workspace<MemorySpace> workspace;
  auto result = gaus::make_evaluation<Real, MemorySpace>(p.operations(), workspace);
  Kokkos::deep_copy(result.d_mean, static_cast<Real>(before));
  Kokkos::deep_copy(result.d_spread, static_cast<Real>(before));
  result.weight = 17;  // pull_back() must not look at it
  Kokkos::View<Real*, MemorySpace> const residual("gaus_test::residual",
                                                  at(constraint.size(problem)));
  constraint.violation(exec, problem, starts, residual);
  Kokkos::View<Real const*, MemorySpace> const weights = to_device<Real, MemorySpace>(weight);
  REQUIRE(weights.extent(0) == residual.extent(0));
  constraint.pull_back(exec, problem, starts, weights, result);
  exec.fence("gaus_test: constraint evaluated");
  return {to_host(residual), to_host_result(result)};
}

}  // namespace gaus_test

#endif
