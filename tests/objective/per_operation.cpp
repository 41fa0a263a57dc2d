// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/per_operation.hpp>

#include <support/policies.hpp>
#include <support/spaces.hpp>
#include <string>

namespace {

using namespace gaus_test;

/// Expected steps by which an operation's result comes after a step:
/// h(m, s) with m = mean + latency - due.
struct Lateness {
  static constexpr char const* name = "lateness";
  double due = 6;

  template <class G, class Real>
  KOKKOS_FUNCTION gaus::Term<Real> operator()(gaus::Problem<G> const& problem, int i,
                                              gaus::StartStep<Real> const& s) const {
    return gaus::normal_hinge(s.mean + Real(problem.graph.latency(i)) - Real(due), s.spread);
  }
  template <class G>
  double exact(gaus::Problem<G> const& problem, int i, int start) const {
    return std::max(0.0, start + problem.graph.latency(i) - due);
  }
};

Number lateness(TestProblem const& p, int i) {
  Number const m = p.mean[at(i)] + p.graph.operations[at(i)].latency - 6;
  Number const s = p.spread[at(i)];
  return m * Phi(m / s) + s * phi(m / s);
}
Number total(TestProblem const& p) {
  Number sum = 0;
  for (int i = 0; i < p.operations(); ++i) sum += lateness(p, i);
  return sum;
}

gaus::PerOperation const objective{Lateness{}};

TEST_CASE_TEMPLATE("per operation: as an objective", Space, GAUS_TEST_SPACES) {
  check_accumulation<Space>(objective);
  check_float<Space>(objective);
  Space const exec;
  for (auto const shape : {Shape::mixed, Shape::tiny, Shape::huge}) {
    auto const p = random_problem({.shape = shape, .seed = 2});
    auto const got = evaluate(exec, objective, p);
    CHECK(got.cost == doctest::Approx(static_cast<double>(total(p))).epsilon(1e-12));
    CHECK(relative_error(got, central_differences(p, total)) < 1e-6);
  }
  CHECK(evaluate(exec, objective, TestProblem{}).cost == 0);
}

TEST_CASE_TEMPLATE("per operation: as a constraint", Space, GAUS_TEST_SPACES) {
  auto const p = random_problem({.seed = 3});
  std::vector<Number> weight;
  for (int i = 0; i < p.operations(); ++i) weight.push_back(1.5 * i - 4);
  auto const got = evaluate_constraint(Space(), objective, p, weight);
  REQUIRE(got.residual.size() == at(p.operations()));
  for (int i = 0; i < p.operations(); ++i)
    CHECK(got.residual[at(i)] == doctest::Approx(static_cast<double>(lateness(p, i))));
  auto const weighted = [&](TestProblem const& moved) {
    Number sum = 0;
    for (int i = 0; i < moved.operations(); ++i) sum += weight[at(i)] * lateness(moved, i);
    return sum;
  };
  CHECK(relative_error(got.gradient, central_differences(p, weighted)) < 1e-6);
  auto const added = evaluate_constraint(Space(), objective, p, weight, 5);
  for (int i = 0; i < p.operations(); ++i)
    CHECK(added.gradient.d_mean[at(i)] == doctest::Approx(5 + got.gradient.d_mean[at(i)]));
}

TEST_CASE("per operation: exact cost and violations by hand") {
  TestProblem p;
  p.steps = 20;
  p.graph.add_operation({.latency = 3});
  p.graph.add_operation({.latency = 1});
  p.graph.add_operation({.latency = 0});
  find_bounds(p);
  auto const problem = make_problem<Kokkos::HostSpace>(p);
  std::vector<int> const s{4, 5, 9};  // done at 7, 6, 9; due at 6
  CHECK(objective.exact(problem, s) == 1 + 0 + 3);
  auto const violations = objective.violations(problem, s);
  REQUIRE(violations.size() == 2);
  CHECK(violations[0].constraint == "lateness");
  CHECK(violations[0].excess == 1);
  CHECK(violations[0].text.find("operation 0 at step 4") != std::string::npos);
  CHECK(violations[1].excess == 3);
  CHECK(violations[1].text.find("operation 2 at step 9") != std::string::npos);
  CHECK(objective.size(problem) == 3);
}

TEST_CASE("per operation: threads") { check_threads(objective); }

}  // namespace
