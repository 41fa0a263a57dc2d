// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/constraint/resource_limit.hpp>

#include <gaus/optimizer/augmented_lagrangian.hpp>
#include <gaus/schedule/batch.hpp>
#include <support/hand.hpp>
#include <support/policies.hpp>
#include <support/problems.hpp>
#include <support/reference.hpp>
#include <support/spaces.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace {

using gaus_test::at;
using Vector = std::vector<int>;
using Limits = std::vector<std::optional<double>>;

gaus::Problem<gaus::HostGraph> problem_of(gaus_test::TestProblem const& p) {
  return gaus_test::make_problem<Kokkos::HostSpace>(p);
}

}  // namespace

TEST_CASE("resource limit: worked by hand") {
  auto const p = gaus_test::usage_by_hand();  // X: 0 1.5 3.5 2 2 0 0 0, Y: 0 0 1 1 1 0 0 0
  auto const problem = problem_of(p);
  Vector const start{1, 2, 4};
  CHECK(gaus::resource_violations(problem, start, {3.5, 1.0}).empty());
  CHECK(gaus::resource_violations(problem, start, {{}, {}}).empty());
  auto const v = gaus::resource_violations(problem, start, {1.75, {}});
  REQUIRE(v.size() == 1);
  CHECK(v[0].constraint == "resource_limit");
  CHECK(v[0].text ==
        "resource 0: 3.500000 units in use at step 2, limit 1.750000 (passed at steps 2..4); "
        "busy: 0, 1");
  CHECK(v[0].excess == 1.75);
  auto const both = gaus::resource_violations(problem, start, {2.0, 0.0}, &p.graph);
  REQUIRE(both.size() == 2);
  CHECK(both[0].text == "resource X: 3.500000 units in use at step 2, limit 2; busy: 0, 1");
  CHECK(both[1].text ==
        "resource Y: 1 unit in use at step 2, limit 0 (passed at steps 2..4); busy: 1");
}

TEST_CASE("resource limit: modulo the interval") {
  auto const problem = problem_of(gaus_test::usage_by_hand(3));  // X: 2 3.5 3.5, Y: 1 1 1
  Vector const start{1, 2, 4};
  CHECK(gaus::resource_violations(problem, start, {3.5, 1.0}).empty());
  auto const v = gaus::resource_violations(problem, start, {3.0, 0.5});
  REQUIRE(v.size() == 2);
  CHECK(v[0].text ==
        "resource 0: 3.500000 units in use at slot 1, limit 3 (passed at slots 1..2); busy: 0, 1");
  CHECK(v[1].text ==
        "resource 1: 1 unit in use at slot 0, limit 0.500000 (passed at slots 0..2); busy: 1");
}

TEST_CASE("resource limit: a box longer than the interval, steps that no schedule has") {
  gaus_test::TestProblem p;
  p.interval = 2;
  p.steps = 20;
  p.graph.add_resource("port");
  for (int i = 0; i < 10; ++i) {
    p.graph.add_operation({.latency = 1, .occupancy = i == 0 ? 5 : 1}, "op" + std::to_string(i));
    p.graph.add_demand(i, 0);
  }
  gaus_test::find_bounds(p);
  auto const problem = problem_of(p);
  // Operation 0 takes slots 1 0 1 0 1; the others slot 1, from steps before 0 and far away.
  constexpr int far = std::numeric_limits<int>::max();
  Vector const start{-3, 1, -1, far, -far, 3, 5, 7, 9, 11};
  auto const v = gaus::resource_violations(problem, start, {2.0}, &p.graph);
  REQUIRE(v.size() == 1);
  CHECK(v[0].text ==
        "resource port: 12 units in use at slot 1, limit 2; busy: 0 (op0), 1 (op1), 2 (op2), "
        "3 (op3), 4 (op4), 5 (op5), 6 (op6), 7 (op7), ...");
  CHECK(v[0].excess == 10);
  p.interval = 0;
  auto const plain = gaus::resource_violations(problem_of(p), Vector(10, far), {9.0});
  REQUIRE(plain.size() == 1);
  CHECK(plain[0].text.starts_with("resource 0: 10 units in use at step 2147483647, limit 9;"));
}

TEST_CASE("resource limit: rounding is no violation") {
  gaus_test::TestProblem p;
  p.steps = 5;
  p.graph.add_resource("bus");
  for (int i = 0; i < 3; ++i) {
    p.graph.add_operation({});
    p.graph.add_demand(i, 0, 0.1);
  }
  gaus_test::find_bounds(p);
  CHECK(gaus::resource_violations(problem_of(p), Vector{0, 0, 0}, {0.3}).empty());
  CHECK(gaus::resource_violations(problem_of(p), Vector{0, 0, 0}, {0.2999}).size() == 1);
}

TEST_CASE("resource limit: wrong numbers of things") {
  auto const problem = problem_of(gaus_test::usage_by_hand());
  CHECK_THROWS_WITH_AS(gaus::resource_violations(problem, Vector{1, 2, 4}, {1.0}),
                       "1 resource limits are given, the graph has 2 resource classes",
                       gaus::InvalidInput);
  auto const v = gaus::resource_violations(problem, Vector{1, 2}, {1.0, 1.0});
  REQUIRE(v.size() == 1);
  CHECK(v[0].text == "the schedule has 2 start steps, the graph has 3 operations");
  gaus_test::TestProblem none;
  none.steps = 1;
  CHECK(gaus::resource_violations(problem_of(none), Vector{}, {}).empty());
}

TEST_CASE("resource limit: against usage counted step by step") {
  gaus_test::Random random(31);
  int violated = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    auto const p = gaus_test::random_problem(
        {.operations = 12, .interval = seed % 3 == 0 ? 0 : 1 + random.below(6), .seed = seed});
    auto const problem = problem_of(p);
    Vector start;
    for (int i = 0; i < p.operations(); ++i)
      start.push_back(p.earliest[at(i)] + random.below(p.latest[at(i)] - p.earliest[at(i)] + 1));
    auto const usage = gaus_test::discrete_usage(p, start);
    int const slots = gaus_test::slots(p);
    Limits limits;
    int stretches = 0;
    double excess = 0;
    for (int r = 0; r < p.resources(); ++r) {
      double const limit = random.below(5) + 0.25;
      limits.emplace_back(limit);
      bool before = false;
      for (int t = 0; t < slots; ++t) {
        double const over = static_cast<double>(usage[at(r) * at(slots) + at(t)]) - limit;
        stretches += over > 0 && !before ? 1 : 0;
        before = over > 0;
        excess = std::max(excess, over);
      }
    }
    CAPTURE(seed);
    auto const v = gaus::resource_violations(problem, start, limits);
    CHECK(static_cast<int>(v.size()) == stretches);
    double worst = 0;
    for (auto const& one : v) worst = std::max(worst, one.excess);
    CHECK(worst == doctest::Approx(excess));
    violated += stretches;
  }
  CHECK(violated > 50);
}

// ---- the relaxed side ----

namespace {

using gaus_test::Number;

/// Residuals by their definition, of the limited classes in order.
std::vector<Number> residuals(gaus_test::TestProblem const& p, Limits const& limits) {
  auto const usage = gaus_test::expected_usage(p);
  std::vector<Number> all;
  auto const slots = at(gaus_test::slots(p));
  for (std::size_t r = 0; r < limits.size(); ++r)
    for (std::size_t t = 0; limits[r] && t < slots; ++t)
      all.push_back(usage[r * slots + t] - static_cast<Number>(*limits[r]));
  return all;
}

std::vector<Number> random_weights(std::size_t n, unsigned seed) {
  gaus_test::Random random(seed);
  std::vector<Number> weights;
  for (std::size_t k = 0; k < n; ++k) weights.push_back(random.between(-1, 1));
  return weights;
}

/// The gradient that the augmented Lagrangian adds after one update, fused or in two steps.
template <class Real, class Space, class Policy>
gaus_test::Result penalty_gradient(Space const& exec, Policy const& rule,
                                   gaus_test::TestProblem const& p, double rho0, double rho) {
  using MemorySpace = typename Space::memory_space;
  auto const problem = gaus_test::make_problem<MemorySpace>(p);
  auto const starts = gaus_test::make_starts<Real, MemorySpace>(p);
  gaus::AugmentedLagrangian<Real, MemorySpace, Policy> lagrangian(problem,
                                                                  gaus::Constraints<Policy>(rule));
  lagrangian.update(exec, problem, starts, rho0);
  gaus::Workspace<MemorySpace> workspace;
  auto result = gaus::make_evaluation<Real, MemorySpace>(p.operations(), workspace);
  result.weight = 17;  // of the objective alone
  lagrangian.add_gradient(exec, problem, starts, rho, result);
  exec.fence("gaus_test: penalty");
  return gaus_test::to_host_result(result);
}

/// The rule without its fused form.
template <class MemorySpace>
struct Unfused {
  static constexpr char const* name = "unfused";
  gaus::ResourceLimit<MemorySpace> rule;

  template <class G>
  int size(gaus::Problem<G> const& problem) const {
    return rule.size(problem);
  }
  template <class Space, class G, class Real>
  void violation(Space const& exec, gaus::Problem<G> const& problem,
                 gaus::StartSteps<Real, MemorySpace> const& starts,
                 Kokkos::View<Real*, MemorySpace> const& residual) const {
    rule.violation(exec, problem, starts, residual);
  }
  template <class Space, class G, class Real>
  void pull_back(Space const& exec, gaus::Problem<G> const& problem,
                 gaus::StartSteps<Real, MemorySpace> const& starts,
                 Kokkos::View<Real const*, MemorySpace> const& weight,
                 gaus::Evaluation<Real, MemorySpace> const& result) const {
    rule.pull_back(exec, problem, starts, weight, result);
  }
};

/// Limits on none, some and all of three classes.
std::vector<Limits> many_limits() {
  return {{{}, {}, {}}, {{}, 1.25, {}}, {0.5, {}, 2.0}, {1.0, 0.75, 0.0}};
}

}  // namespace

TEST_CASE_TEMPLATE("resource limit: residuals worked by hand", Space, GAUS_TEST_SPACES) {
  Space const exec;
  using Rule = gaus::ResourceLimit<typename Space::memory_space>;
  // X: 0 1.5 3.5 2 2 0 0 0, Y: 0 0 1 1 1 0 0 0; modulo 3: 2 3.5 3.5 and 1 1 1.
  auto p = gaus_test::usage_by_hand();
  auto const plain =
      gaus_test::evaluate_constraint(exec, Rule({2.0, {}}), p, std::vector<Number>(8, 0));
  CHECK(gaus_test::rounded(plain.residual) == std::vector<double>{-2, -0.5, 1.5, 0, 0, -2, -2, -2});
  auto const folded = gaus_test::evaluate_constraint(exec, Rule({{}, 0.25}),
                                                     gaus_test::usage_by_hand(3), {0, 0, 0});
  CHECK(gaus_test::rounded(folded.residual) == std::vector<double>{0.75, 0.75, 0.75});
  // Operation 0 starts at 1 or 2, half and half: it leaves step 1 and enters step 3 with the mean.
  p.mean[0] = 1.5;
  std::vector<Number> weight(16, 0);
  weight[1] = 10;
  weight[3] = 70;
  weight[9] = 1e6;  // of the other class
  auto const pulled = gaus_test::evaluate_constraint(exec, Rule({2.0, 1.0}), p, weight, 5);
  CHECK(pulled.gradient.d_mean[0] == doctest::Approx(5 + 0.3989422804 * 1.5 / 1e-3 * (70 - 10)));
  CHECK(pulled.gradient.d_mean[2] == 5);
}

TEST_CASE_TEMPLATE("resource limit: residuals and pull-back", Space, GAUS_TEST_SPACES) {
  Space const exec;
  using Rule = gaus::ResourceLimit<typename Space::memory_space>;
  unsigned seed = 0;
  for (auto const& p : gaus_test::many_problems())
    for (auto const& limits : many_limits()) {
      CAPTURE(seed);
      auto const wanted = residuals(p, limits);
      auto const weight = random_weights(wanted.size(), ++seed);
      auto const got = gaus_test::evaluate_constraint(exec, Rule(limits), p, weight);
      REQUIRE(got.residual.size() == wanted.size());
      for (std::size_t k = 0; k < wanted.size(); ++k)
        CHECK(std::abs(got.residual[k] - wanted[k]) < 1e-13L);
      auto const weighted = [&](gaus_test::TestProblem const& moved) {
        auto const g = residuals(moved, limits);
        Number total = 0;
        for (std::size_t k = 0; k < g.size(); ++k) total += weight[k] * g[k];
        return total;
      };
      CHECK(gaus_test::relative_error(got.gradient, gaus_test::central_differences(p, weighted)) <
            1e-6);
      auto const narrow = gaus_test::evaluate_constraint<float>(exec, Rule(limits), p, weight);
      for (std::size_t k = 0; k < wanted.size(); ++k)
        CHECK(std::abs(narrow.residual[k] - got.residual[k]) < 5e-3);
    }
}

TEST_CASE_TEMPLATE("resource limit: the penalty of the augmented Lagrangian", Space,
                   GAUS_TEST_SPACES) {
  Space const exec;
  using MemorySpace = typename Space::memory_space;
  using Rule = gaus::ResourceLimit<MemorySpace>;
  double const rho0 = 0.7;
  double const rho = 3;
  int active = 0;
  for (auto const& p : gaus_test::many_problems())
    for (auto const& limits : many_limits()) {
      // lambda = max(0, rho0 g) of this point is held fixed while rho acts.
      std::vector<Number> multiplier;
      for (Number const g : residuals(p, limits))
        multiplier.push_back(std::max<Number>(0, rho0 * g));
      auto const penalty = [&](gaus_test::TestProblem const& moved) {
        auto const g = residuals(moved, limits);
        Number total = 0;
        for (std::size_t k = 0; k < g.size(); ++k) {
          Number const w = std::max<Number>(0, multiplier[k] + rho * g[k]);
          total += (w * w - multiplier[k] * multiplier[k]) / (2 * rho);
          active += w > 0 ? 1 : 0;
        }
        return total;
      };
      auto const fused = penalty_gradient<double>(exec, Rule(limits), p, rho0, rho);
      auto const apart =
          penalty_gradient<double>(exec, Unfused<MemorySpace>{Rule(limits)}, p, rho0, rho);
      CHECK(fused.d_mean == apart.d_mean);
      CHECK(fused.d_spread == apart.d_spread);
      CHECK(gaus_test::relative_error(fused, gaus_test::central_differences(p, penalty)) < 1e-6);
    }
  CHECK(active > 1000);
}

TEST_CASE_TEMPLATE("resource limit: expected units against sampled schedules", Space,
                   GAUS_TEST_SPACES) {
  for (int const interval : {0, 4}) {
    CAPTURE(interval);
    auto const p =
        gaus_test::random_problem({.operations = 7, .slack = 5, .interval = interval, .seed = 12});
    Limits const limits{1.0, {}, 0.5};
    auto const got = gaus_test::evaluate_constraint(
        Space(), gaus::ResourceLimit<typename Space::memory_space>(limits), p,
        std::vector<Number>(at(2 * gaus_test::slots(p)), 0));
    CHECK(gaus_test::sampled_deviation(p, got.residual, [&](auto const& q, auto const& s) {
            auto const usage = gaus_test::discrete_usage(q, s);
            auto const n = at(gaus_test::slots(q));
            std::vector<Number> g;
            for (std::size_t t = 0; t < n; ++t) g.push_back(usage[t] - 1.0L);
            for (std::size_t t = 0; t < n; ++t) g.push_back(usage[2 * n + t] - 0.5L);
            return g;
          }) < 4);
  }
}

TEST_CASE("resource limit: what a policy answers, bad limits") {
  auto const p = gaus_test::usage_by_hand(3);
  auto const problem = problem_of(p);
  gaus::ResourceLimit<> const rule({3.0, {}});
  CHECK(rule.size(problem) == 3);
  CHECK(rule.size(problem_of(gaus_test::usage_by_hand())) == 8);
  CHECK(rule.size(gaus::make_batch(problem, 4)) == 12);
  CHECK(rule.limits() == Limits{3.0, {}});
  Vector const start{1, 2, 4};
  auto const found = rule.violations(problem, start);
  REQUIRE(found.size() == 1);
  CHECK(found[0].text == gaus::resource_violations(problem, start, {3.0, {}})[0].text);
  CHECK(gaus::ResourceLimit<>({3.5, 1.0}).violations(problem, start).empty());
  CHECK_THROWS_WITH_AS((void)gaus::ResourceLimit<>({1.0}).size(problem),
                       "1 resource limits are given, the graph has 2 resource classes",
                       gaus::InvalidInput);
  CHECK_THROWS_WITH_AS(gaus::ResourceLimit<>({1.0, -1.0}),
                       "resource 1: limit -1 is not a finite number >= 0", gaus::InvalidInput);
  CHECK_THROWS_AS(gaus::ResourceLimit<>({std::nan("")}), gaus::InvalidInput);

  gaus_test::TestProblem none;
  none.steps = 4;
  CHECK(gaus_test::evaluate_constraint(
            Kokkos::DefaultExecutionSpace(),
            gaus::ResourceLimit<Kokkos::DefaultExecutionSpace::memory_space>(Limits{}), none, {})
            .residual.empty());
  none.graph.add_resource("unused");
  auto const idle = gaus_test::evaluate_constraint(
      Kokkos::DefaultExecutionSpace(),
      gaus::ResourceLimit<Kokkos::DefaultExecutionSpace::memory_space>({2.0}), none, {1, 1, 1, 1});
  CHECK(idle.residual == std::vector<double>{-2, -2, -2, -2});
}

// A copy begins without buffers, so that two runs over copies of one policy share none.
TEST_CASE("resource limit: copies share no buffers") {
  gaus::detail::OwnWorkspace<Kokkos::HostSpace> one;
  double* const first = one.buffers.array<double>("gaus_test::first", 10).data();
  auto copy = one;
  CHECK(copy.buffers.bytes() == 0);
  copy.buffers.array<double>("gaus_test::second", 5);
  one = copy;  // keeps its own
  CHECK(one.buffers.bytes() == 10 * sizeof(double));
  one.buffers.rewind();
  CHECK(one.buffers.array<double>("gaus_test::first", 10).data() == first);
}
