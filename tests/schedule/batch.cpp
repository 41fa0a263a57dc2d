// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/batch.hpp>

#include <gaus/constraint/deadline.hpp>
#include <gaus/constraint/difference.hpp>
#include <gaus/constraint/resource_limit.hpp>
#include <gaus/graph/random.hpp>
#include <gaus/objective/communication.hpp>
#include <gaus/objective/makespan.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/per_dependence.hpp>
#include <gaus/objective/per_operation.hpp>
#include <gaus/objective/total_lifetime.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/schedule/relaxation_run.hpp>
#include <support/policies.hpp>
#include <support/schedules.hpp>
#include <support/spaces.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

namespace {

using namespace gaus_test;

struct Lateness {
  static constexpr char const* name = "lateness";
  static constexpr bool batches = true;
  template <class G, class Real>
  KOKKOS_FUNCTION gaus::Term<Real> operator()(gaus::Problem<G> const& problem, int i,
                                              gaus::StartStep<Real> const& s) const {
    return gaus::normal_hinge(s.mean + Real(problem.graph.latency(i)) - Real(5), s.spread);
  }
  template <class G>
  double exact(gaus::Problem<G> const&, int, int start) const {
    return start;
  }
};
struct Distance {
  static constexpr char const* name = "distance";
  static constexpr bool batches = true;
  template <class G, class Real>
  KOKKOS_FUNCTION gaus::Term<Real> operator()(gaus::Problem<G> const&, gaus::Dependence const& d,
                                              Real mean, Real spread) const {
    auto const h = gaus::normal_hinge(mean, spread);
    Real const w = Real(d.weight);
    return {w * h.value, w * h.d_mean, w * h.d_spread};
  }
  template <class G>
  double exact(gaus::Problem<G> const&, gaus::Dependence const&, int difference) const {
    return difference;
  }
};
/// Looks something up by the number of the operation.
struct ByNumber {
  static constexpr char const* name = "by_number";
};

static_assert(gaus::Graph<gaus::BatchGraph<gaus::HostGraph>>);
static_assert(std::is_same_v<gaus::DescentGraph<gaus::HostGraph, gaus::Makespan, gaus::Deadline>,
                             gaus::BatchGraph<gaus::HostGraph>>);
static_assert(gaus::batches<decltype(2.0 * gaus::PeakUsage{} + gaus::PerOperation{Lateness{}})>);
static_assert(!gaus::batches<gaus::PerOperation<ByNumber>>);
static_assert(!gaus::batches<gaus::WeightedSum<gaus::PeakUsage, gaus::PerDependence<ByNumber>>>);
static_assert(std::is_same_v<
              gaus::DescentGraph<gaus::HostGraph, gaus::Makespan, gaus::PerOperation<ByNumber>>,
              gaus::HostGraph>);

/// The same problem at several points, no two alike.
std::vector<TestProblem> points(TestProblem const& p, int copies) {
  std::vector<TestProblem> all{p};
  Random random(77);
  for (int k = 1; k < copies; ++k) {
    all.push_back(p);
    place(all.back(), k % 2 == 1 ? Shape::mixed : Shape::huge, random);
  }
  return all;
}
/// Means and spreads of all points, one after the other.
TestProblem joined(std::vector<TestProblem> const& all) {
  TestProblem p = all[0];
  for (std::size_t k = 1; k < all.size(); ++k) {
    p.mean.insert(p.mean.end(), all[k].mean.begin(), all[k].mean.end());
    p.spread.insert(p.spread.end(), all[k].spread.begin(), all[k].spread.end());
  }
  return p;
}

template <class Real, class Space, class Policy>
Result evaluate_batch(Space const& exec, Policy const& objective,
                      std::vector<TestProblem> const& all) {
  using MemorySpace = typename Space::memory_space;
  auto const p = joined(all);
  auto const problem = gaus::make_batch(make_problem<MemorySpace>(p), static_cast<int>(all.size()));
  auto const starts = make_starts<Real, MemorySpace>(p);
  gaus::Workspace<MemorySpace> workspace;
  auto const result =
      gaus::make_evaluation<Real, MemorySpace>(problem.graph.num_operations(), workspace);
  objective.evaluate(exec, problem, starts, result);
  exec.fence("gaus_test: batch evaluated");
  return to_host_result(result);
}

std::vector<double> part(std::vector<double> const& all, int copy, int copies) {
  auto const each = static_cast<std::ptrdiff_t>(all.size()) / copies;
  return {all.begin() + copy * each, all.begin() + (copy + 1) * each};
}

/// The cost is the sum of the copies', the gradient has the bits of each.
template <class Real, class Space, class Policy>
void check_copies(Space const& exec, Policy const& objective, TestProblem const& p, int copies) {
  auto const all = points(p, copies);
  auto const got = evaluate_batch<Real>(exec, objective, all);
  double cost = 0;
  for (int k = 0; k < copies; ++k) {
    auto const alone = evaluate<Real>(exec, objective, all[at(k)]);
    cost += alone.cost;
    CHECK(part(got.d_mean, k, copies) == alone.d_mean);
    CHECK(part(got.d_spread, k, copies) == alone.d_spread);
  }
  CHECK(got.cost == doctest::Approx(cost).epsilon(1e-12));
}

template <class Visit>
void for_objectives(Visit const& visit) {
  visit(gaus::PeakUsage{});
  visit(gaus::PeakUsage{.resource = 1, .maximum = {.temperature = 0.5}});
  visit(gaus::MemoryFootprint{});
  visit(gaus::MemoryFootprint{.maximum = {.temperature = 1}});
  visit(gaus::TotalLifetime{});
  visit(gaus::Communication{});
  visit(gaus::Makespan{});
  visit(100.0 * gaus::PeakUsage{} + 2.0 * gaus::Makespan{} + gaus::PerOperation{Lateness{}} +
        gaus::PerDependence{Distance{}});
}

TEST_CASE("batch: the graph is so many copies") {
  auto const p = random_problem({.operations = 9, .interval = 4, .seed = 6});
  auto const one = gaus::build_graph(p.graph);
  gaus::BatchGraph<gaus::HostGraph> const all(one, 3);
  int const n = one.num_operations();
  int const e = one.num_dependences();
  CHECK(all.num_operations() == 3 * n);
  CHECK(all.num_dependences() == 3 * e);
  CHECK(all.num_resources() == one.num_resources());
  auto const same_rows = [&](auto const& own, auto const& row, int k) {
    REQUIRE(row.size() == own.size());
    for (int r = 0; r < own.size(); ++r) {
      gaus::Dependence const a = own[r];
      gaus::Dependence const b = row[r];
      CHECK(b.index == a.index + k * e);
      CHECK(b.operation == a.operation + k * n);
      CHECK(b.distance == a.distance);
      CHECK(b.delay == a.delay);
      CHECK(b.weight == a.weight);
    }
  };
  for (int k = 0; k < 3; ++k)
    for (int i = 0; i < n; ++i) {
      CHECK(all.latency(k * n + i) == one.latency(i));
      CHECK(all.occupancy(k * n + i) == one.occupancy(i));
      CHECK(all.size(k * n + i) == one.size(i));
      CHECK(all.demands(k * n + i).size() == one.demands(i).size());
      same_rows(one.outgoing(i), all.outgoing(k * n + i), k);
      same_rows(one.incoming(i), all.incoming(k * n + i), k);
    }
  auto const problem = gaus::make_batch(make_problem<Kokkos::HostSpace>(p), 3);
  for (int i = 0; i < 3 * n; ++i) {
    CHECK(problem.copy_of(i) == i / n);
    CHECK(problem.earliest(i) == p.earliest[at(i % n)]);
    CHECK(problem.latest(i) == p.latest[at(i % n)]);
  }
  CHECK(gaus::make_batch(make_problem<Kokkos::HostSpace>(p), 1).copy_of(n - 1) == 0);
}

TEST_CASE("batch: too large") {
  auto const problem = make_problem<Kokkos::HostSpace>(random_problem({.operations = 9}));
  CHECK_THROWS_AS(gaus::make_batch(problem, 0), gaus::InvalidInput);
  CHECK_THROWS_AS(gaus::make_batch(problem, 1 << 30), gaus::InvalidInput);
  CHECK_THROWS_AS(gaus::make_batch(problem, 1 << 26), gaus::InvalidInput);
}

TEST_CASE_TEMPLATE("batch: value and gradient are those of the copies", Space, GAUS_TEST_SPACES) {
  Space const exec;
  for_objectives([&](auto const& objective) {
    CAPTURE(objective.name);
    for (auto const& p : many_problems()) {
      check_copies<double>(exec, objective, p, 3);
      check_copies<double>(exec, objective, p, 1);
    }
    check_copies<float>(exec, objective, random_problem({.operations = 20, .seed = 3}), 5);
    // A value that one consumer reads in several iterations, and one that its own operation reads.
    auto p = random_problem({.operations = 10, .interval = 5, .seed = 9});
    auto const read = p.graph.dependences.front();
    p.graph.add_dependence({.from = read.from, .to = read.to, .distance = 2});
    p.graph.add_dependence({.from = 4, .to = 4, .distance = 1});
    check_copies<double>(exec, objective, p, 3);
  });
}

TEST_CASE_TEMPLATE("batch: central differences", Space, GAUS_TEST_SPACES) {
  Space const exec;
  auto const all = points(random_problem({.operations = 7, .slack = 6, .seed = 14}), 2);
  for_objectives([&](auto const& objective) {
    CAPTURE(objective.name);
    auto const got = evaluate_batch<double>(exec, objective, all);
    double top = 0;
    for (double const g : got.d_mean) top = std::max(top, std::abs(g));
    for (std::size_t k = 0; k < 2; ++k)
      for (std::size_t i = 0; i < 7; ++i)
        for (bool const of_spread : {false, true}) {
          auto moved = all;
          auto& x = of_spread ? moved[k].spread[i] : moved[k].mean[i];
          double const h = 1e-5;
          x += h;
          double const high = evaluate_batch<double>(exec, objective, moved).cost;
          x -= 2 * h;
          double const low = evaluate_batch<double>(exec, objective, moved).cost;
          auto const& gradient = of_spread ? got.d_spread : got.d_mean;
          CHECK(std::abs((high - low) / (2 * h) - gradient[k * 7 + i]) < 1e-6 * (1 + top));
        }
  });
}

TEST_CASE_TEMPLATE("batch: residuals and pull-backs are those of the copies", Space,
                   GAUS_TEST_SPACES) {
  using MemorySpace = typename Space::memory_space;
  Space const exec;
  auto const check = [&](auto const& rule, TestProblem const& p) {
    CAPTURE(rule.name);
    auto const all = points(p, 3);
    auto const batched = gaus::make_batch(make_problem<MemorySpace>(p), 3);
    auto const starts = make_starts<double, MemorySpace>(joined(all));
    gaus::Workspace<MemorySpace> workspace;
    auto const result = gaus::make_evaluation<double, MemorySpace>(3 * p.operations(), workspace);
    int const each = rule.size(make_problem<MemorySpace>(p));
    REQUIRE(rule.size(batched) == 3 * each);
    std::vector<Number> weight;
    for (int k = 0; k < 3 * each; ++k) weight.push_back(0.25 * (1 + k % 11));
    Kokkos::View<double*, MemorySpace> const residual("gaus_test::residual", weight.size());
    rule.violation(exec, batched, starts, residual);
    rule.pull_back(exec, batched, starts,
                   Kokkos::View<double const*, MemorySpace>(to_device<double, MemorySpace>(weight)),
                   result);
    exec.fence("gaus_test: batch of constraints");
    auto const got = to_host_result(result);
    for (int k = 0; k < 3; ++k) {
      auto const own = evaluate_constraint<double>(
          exec, rule, all[at(k)], {weight.begin() + k * each, weight.begin() + (k + 1) * each});
      CHECK(part(to_host(residual), k, 3) == own.residual);
      CHECK(part(got.d_mean, k, 3) == own.gradient.d_mean);
      CHECK(part(got.d_spread, k, 3) == own.gradient.d_spread);
    }
  };
  for (int const interval : {0, 5}) {
    auto const p = random_problem({.operations = 10, .interval = interval, .seed = 9});
    for (auto const form :
         {gaus::Residual::mean, gaus::Residual::expected, gaus::Residual::probability})
      check(gaus::Precedence{form}, p);
    gaus::Difference<MemorySpace> distances(10, {{7, 2, -3}, {0, 9, 4}, {7, 1, 2}, {3, 7, 0}});
    distances.form = gaus::Residual::expected;
    check(distances, p);
    check(gaus::Deadline{.step = 9}, p);
    check(gaus::Deadline{.step = 9, .operation = 4}, p);
    check(gaus::ResourceLimit<MemorySpace>({{}, 0.5, 1.5}), p);
    check(gaus::ResourceLimit<MemorySpace>({0.25, 0.5, 1.5}), p);
    check(gaus::PerOperation{Lateness{}}, p);
    check(gaus::PerDependence{Distance{}}, p);
  }
  auto const p = random_problem({.operations = 10});
  CHECK_THROWS_AS((void)(gaus::Deadline{.step = 9, .operation = 10})
                      .size(gaus::make_batch(make_problem<MemorySpace>(p), 3)),
                  gaus::InvalidInput);
}

// ---- descents ----

gaus::Recipe brief(int iterations) {
  gaus::Recipe recipe;
  recipe.iterations = iterations;
  recipe.multiplier_updates = 7;
  return recipe;
}

/// Means after a descent of all starts at once.
template <class Real, class Space, class H, class Objective, class... Policies>
std::vector<std::vector<Real>> descend(Space const& exec, gaus::Problem<H> const& problem,
                                       Objective const& cost,
                                       gaus::Constraints<Policies...> const& rules,
                                       std::vector<std::vector<double>> const& starts,
                                       int iterations) {
  int const copies = static_cast<int>(starts.size());
  auto const batched = gaus::make_batch(problem, copies);
  gaus::RelaxationRun<Space, gaus::BatchGraph<H>, Real, Objective, Policies...> run(exec, batched,
                                                                                    cost, rules);
  CHECK(run.batch() == copies);
  std::vector<double> means;
  for (auto const& start : starts) means.insert(means.end(), start.begin(), start.end());
  std::size_t bytes = 0;
  run.begin(brief(iterations), means);
  for (; !run.done(); run.step())
    if (run.iteration() == 1) bytes = run.workspace().bytes();
  CHECK(run.workspace().bytes() == bytes);
  std::vector<std::vector<Real>> ends;
  auto const all = run.means();
  auto const each = all.size() / starts.size();
  for (std::size_t k = 0; k < starts.size(); ++k) {
    CHECK(run.gradient_scale(static_cast<int>(k)) > 0);
    auto const own = all.subspan(k * each, each);
    ends.emplace_back(own.begin(), own.end());
  }
  return ends;
}

/// Starts uniform in the windows.
std::vector<std::vector<double>> random_starts(gaus::StepBounds const& bounds, int copies) {
  Random random(3);
  std::vector<std::vector<double>> starts(at(copies));
  for (auto& start : starts)
    for (std::size_t i = 0; i < bounds.earliest.size(); ++i)
      start.push_back(random.between(bounds.earliest[i], bounds.latest[i]));
  return starts;
}

auto whole_objective() {
  return 100.0 * gaus::PeakUsage{} + gaus::Communication{} + 2.0 * gaus::MemoryFootprint{} +
         gaus::Makespan{} + gaus::TotalLifetime{};
}

template <class Real, class Space, class H>
void check_descents(gaus::Problem<H> const& problem, gaus::StepBounds const& bounds) {
  Space const exec;
  int const n = problem.graph.num_operations();
  gaus::Constraints const rules{
      gaus::Difference<typename Space::memory_space>(n, {{.from = 0, .to = n - 1, .delta = 2}}),
      gaus::Deadline{.step = problem.steps - 1, .operation = 3},
      gaus::ResourceLimit<typename Space::memory_space>({2.0, {}, 1.5})};
  auto const starts = random_starts(bounds, 4);
  auto const together = descend<Real>(exec, problem, whole_objective(), rules, starts, 60);
  for (std::size_t k = 0; k < starts.size(); ++k) {
    CAPTURE(k);
    // As it is without a batch, over the graph itself.
    gaus::RelaxationRun<Space, H, Real, decltype(whole_objective()),
                        gaus::Difference<typename Space::memory_space>, gaus::Deadline,
                        gaus::ResourceLimit<typename Space::memory_space>>
        run(exec, problem, whole_objective(), rules);
    run.begin(brief(60), starts[k]);
    while (!run.done()) run.step();
    auto const alone = run.means();
    CHECK(together[k] == std::vector<Real>(alone.begin(), alone.end()));
  }
  CHECK(together[0] != together[1]);
}

TEST_CASE_TEMPLATE("batch: every descent is the one that it would be alone", Space,
                   GAUS_TEST_SPACES) {
  using MemorySpace = typename Space::memory_space;
  auto const c = random_case(40, 10, 5);
  auto const problem = gaus::make_problem(gaus::build_graph<MemorySpace>(c.graph), c.host, c.steps,
                                          c.bounds, 0, c.hold_outputs);
  check_descents<float, Space>(problem, c.bounds);
  check_descents<double, Space>(problem, c.bounds);
  auto const l = random_loop(30, 8, 6, 2);
  check_descents<float, Space>(make_problem<MemorySpace>(l.test), l.bounds);
}

TEST_CASE_TEMPLATE("batch: one operation, none", Space, GAUS_TEST_SPACES) {
  using MemorySpace = typename Space::memory_space;
  Space const exec;
  for (int const slack : {0, 5}) {
    gaus::GraphDescription g;
    g.add_demand(g.add_operation({.latency = 2, .occupancy = 3, .size = 1}), g.add_resource("A"));
    auto const c = make_case(g, slack, true);
    auto const problem =
        gaus::make_problem(gaus::build_graph<MemorySpace>(g), c.host, c.steps, c.bounds, 0, true);
    auto const ends = descend<float>(exec, problem, whole_objective(), gaus::Constraints<>{},
                                     random_starts(c.bounds, 3), 20);
    for (auto const& mean : ends) {
      REQUIRE(mean.size() == 1);
      CHECK(mean[0] >= 0);
      CHECK(mean[0] <= static_cast<float>(slack));
    }
  }
  for_objectives([&](auto const& objective) {
    TestProblem none;
    none.steps = 5;
    none.graph.add_resource("A");
    none.graph.add_resource("B");
    for (int const steps : {5, 0}) {
      none.steps = steps;
      CHECK(evaluate_batch<double>(exec, objective, {none, none}).cost ==
            doctest::Approx(2 * evaluate<double>(exec, objective, none).cost));
    }
  });
  auto const c = make_case({}, 3);
  auto const ends = descend<float>(exec,
                                   gaus::make_problem(gaus::build_graph<MemorySpace>(c.graph),
                                                      c.host, c.steps, c.bounds, 0, false),
                                   whole_objective(), gaus::Constraints<>{}, {{}, {}}, 5);
  CHECK(ends[1].empty());
}

#if defined(KOKKOS_ENABLE_OPENMP)
// Large enough for every kernel to use both threads.
TEST_CASE("batch: the same bits on one thread and on two") {
  gaus::LayeredWorkload settings;
  settings.operations = 3000;
  settings.layers = 40;
  auto const c = make_case(gaus::layered_workload(settings), 15);
  auto const starts = random_starts(c.bounds, 3);
  gaus::Constraints const rules{gaus::Deadline{.step = c.steps - 1}};
  auto const one =
      descend<float>(Kokkos::OpenMP(1), c.problem, whole_objective(), rules, starts, 5);
  CHECK(one == descend<float>(Kokkos::OpenMP(2), c.problem, whole_objective(), rules, starts, 5));
#if defined(KOKKOS_ENABLE_SERIAL)
  CHECK(one == descend<float>(Kokkos::Serial(), c.problem, whole_objective(), rules, starts, 5));
#endif
}
#endif

}  // namespace
