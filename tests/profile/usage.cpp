// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/profile/usage.hpp>

#include <support/hand.hpp>
#include <support/policies.hpp>
#include <support/spaces.hpp>

namespace {

using namespace gaus_test;

template <class Real = double, class Space>
std::vector<double> usage(Space const& exec, TestProblem const& p, int only = -1) {
  using MemorySpace = typename Space::memory_space;
  gaus::Workspace<MemorySpace> workspace;
  auto const profile = gaus::expected_usage(exec, make_problem<MemorySpace>(p),
                                            make_starts<Real, MemorySpace>(p), workspace, only);
  CHECK(profile.slots == slots(p));
  CHECK(profile.rows == (only >= 0 ? 1 : p.resources()));
  exec.fence("gaus_test: usage");
  return to_host(profile.values);
}

template <class Real, class Space>
Result pull_back(Space const& exec, TestProblem const& p, std::vector<Number> const& q,
                 int only = -1) {
  using MemorySpace = typename Space::memory_space;
  gaus::Workspace<MemorySpace> workspace;
  auto const result = gaus::make_evaluation<Real, MemorySpace>(p.operations(), workspace);
  gaus::Profile<MemorySpace> const adjoint{to_device<double, MemorySpace>(q),
                                           only >= 0 ? 1 : p.resources(), slots(p)};
  gaus::pull_back_usage(exec, make_problem<MemorySpace>(p), make_starts<Real, MemorySpace>(p),
                        adjoint, 1.0, result, only);
  exec.fence("gaus_test: usage pulled back");
  return to_host_result(result);
}

std::vector<Number> random_adjoint(std::size_t n, unsigned seed) {
  Random random(seed);
  std::vector<Number> q;
  for (std::size_t k = 0; k < n; ++k) q.push_back(random.between(-1, 1));
  return q;
}

/// sum q usage, as a function of the problem.
auto weighed_by(std::vector<Number> const& q) {
  return [&q](TestProblem const& moved) {
    auto const u = expected_usage(moved);
    Number total = 0;
    for (std::size_t k = 0; k < u.size(); ++k) total += q[k] * u[k];
    return total;
  };
}

TEST_CASE_TEMPLATE("usage: worked by hand", Space, GAUS_TEST_SPACES) {
  Space const exec;
  auto p = usage_by_hand();
  CHECK(rounded(usage(exec, p)) ==
        std::vector<double>{0, 1.5, 3.5, 2, 2, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0});
  CHECK(rounded(usage(exec, p, 1)) == std::vector<double>{0, 0, 1, 1, 1, 0, 0, 0});
  CHECK(rounded(usage(exec, usage_by_hand(3))) == std::vector<double>{2, 3.5, 3.5, 1, 1, 1});
  p.mean[0] = 1.5;  // at 1 or 2
  CHECK(rounded(usage(exec, p, 0)) == std::vector<double>{0, 0.75, 3.5, 2.75, 2, 0, 0, 0});
  p.mean[0] = 6.5;  // ends with the last step, or would end after it: clamped to 6
  CHECK(rounded(usage(exec, p, 0)) == std::vector<double>{0, 0, 2, 2, 2, 0, 1.5, 1.5});
  // By hand from 3.: phi(0) w / spread (q(t + occ) - q(t)) with t = 1.
  p.mean[0] = 1.5;
  auto const g = pull_back<double>(exec, p, {0, 10, 0, 70, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1});
  CHECK(g.d_mean[0] == doctest::Approx(0.3989422804 * 1.5 / 1e-3 * (70 - 10)));
  CHECK(g.d_spread[0] == doctest::Approx(0));
}

TEST_CASE_TEMPLATE("usage: profile and adjoint", Space, GAUS_TEST_SPACES) {
  Space const exec;
  unsigned seed = 0;
  for (auto const& p : many_problems()) {
    CAPTURE(seed);
    auto const wanted = expected_usage(p);
    auto const got = usage(exec, p);
    REQUIRE(got.size() == wanted.size());
    for (std::size_t k = 0; k < got.size(); ++k) CHECK(std::abs(got[k] - wanted[k]) < 1e-13L);
    auto const q = random_adjoint(got.size(), ++seed);
    auto const against = weighed_by(q);
    CHECK(relative_error(pull_back<double>(exec, p, q), central_differences(p, against)) < 1e-6);

    // One class alone is the same row.
    auto const one = usage(exec, p, 1);
    auto const n = at(slots(p));
    for (std::size_t k = 0; k < n; ++k) CHECK(one[k] == doctest::Approx(got[n + k]));
    std::vector<Number> masked(q.size(), 0);
    std::copy_n(q.begin() + slots(p), slots(p), masked.begin() + slots(p));
    auto const alone = pull_back<double>(
        exec, p, std::vector<Number>(q.begin() + slots(p), q.begin() + 2 * slots(p)), 1);
    auto const among = pull_back<double>(exec, p, masked);
    CHECK(relative_error(alone.d_mean, among.d_mean) < 1e-12);
    CHECK(relative_error(alone.d_spread, among.d_spread) < 1e-12);
  }
}

TEST_CASE_TEMPLATE("usage: the expectation of sampled schedules", Space, GAUS_TEST_SPACES) {
  for (int const interval : {0, 4}) {
    CAPTURE(interval);
    auto const p = random_problem({.operations = 7, .slack = 5, .interval = interval, .seed = 12});
    CHECK(sampled_deviation(p, usage(Space(), p), discrete_usage) < 4);
  }
}

TEST_CASE_TEMPLATE("usage: float against double", Space, GAUS_TEST_SPACES) {
  auto const p = random_problem({.operations = 20, .interval = 5, .seed = 6});
  auto const wide = usage(Space(), p);
  auto const narrow = usage<float>(Space(), p);
  for (std::size_t k = 0; k < wide.size(); ++k) CHECK(std::abs(wide[k] - narrow[k]) < 2e-3);
  auto const q = random_adjoint(wide.size(), 1);
  auto const g = pull_back<double>(Space(), p, q);
  auto const h = pull_back<float>(Space(), p, q);
  for (std::size_t i = 0; i < g.d_mean.size(); ++i) {
    CHECK(std::abs(g.d_mean[i] - h.d_mean[i]) < 2e-3);
    CHECK(std::abs(g.d_spread[i] - h.d_spread[i]) < 2e-3);
  }
}

// Windows longer than one block of boundaries, on the edge of a block: 31 .. 34 and 64 boundaries.
TEST_CASE_TEMPLATE("usage: windows of every length", Space, GAUS_TEST_SPACES) {
  Space const exec;
  for (int const mobility : {0, 1, 2, 3, 4, 5, 31, 32, 33, 34, 63, 64, 65, 100}) {
    CAPTURE(mobility);
    TestProblem p;
    p.steps = mobility + 3;
    p.graph.add_resource("A");
    p.graph.add_operation({.latency = 1, .occupancy = 3});
    p.graph.add_demand(0, 0, 2);
    p.graph.add_operation({.latency = 3, .occupancy = 1});
    p.graph.add_demand(1, 0, 1);
    find_bounds(p);
    p.mean = {0.5 * mobility, 0.25 * mobility};
    p.spread = {40, 25};
    auto const got = usage(exec, p);
    auto const wanted = expected_usage(p);
    for (std::size_t k = 0; k < got.size(); ++k) CHECK(std::abs(got[k] - wanted[k]) < 1e-13L);
    auto const q = random_adjoint(got.size(), 2);
    auto const against = weighed_by(q);
    CHECK(relative_error(pull_back<double>(exec, p, q), central_differences(p, against)) < 1e-6);
  }
}

// A class in bytes beside one in units: the small one keeps its digits in float.
TEST_CASE_TEMPLATE("usage: demands of very different sizes", Space, GAUS_TEST_SPACES) {
  for (double const bytes : {1.0, 1e6, 4e9}) {
    CAPTURE(bytes);
    TestProblem p;
    p.steps = 8;
    p.graph.add_resource("bytes");
    p.graph.add_resource("alu");
    for (int k = 0; k < 4; ++k) p.graph.add_operation({});
    p.graph.add_demand(0, 0, bytes);
    for (int k = 1; k < 4; ++k) p.graph.add_demand(k, 1, 1);
    find_bounds(p);
    p.mean = {3.5, 2.5, 3.5, 3.6};
    p.spread = {1.5, 1.5, 1.5, 1.5};
    for (int const only : {-1, 1}) {
      auto const wide = usage(Space(), p, only);
      auto const narrow = usage<float>(Space(), p, only);
      for (std::size_t k = only < 0 ? 8 : 0; k < wide.size(); ++k)
        CHECK(std::abs(wide[k] - narrow[k]) < 1e-5);
    }
  }
}

// A window is written once for every step of a short occupancy, by differences for a long one.
TEST_CASE_TEMPLATE("usage: short and long occupancies", Space, GAUS_TEST_SPACES) {
  Space const exec;
  for (int const interval : {0, 5}) {
    CAPTURE(interval);
    TestProblem p;
    p.steps = 40;
    p.interval = interval;
    p.graph.add_resource("A");
    for (int occupancy = 1; occupancy <= 12; ++occupancy)
      p.graph.add_demand(p.graph.add_operation({.latency = 1, .occupancy = occupancy}), 0,
                         1 + occupancy % 3);
    find_bounds(p);
    for (int i = 0; i < p.operations(); ++i) {
      p.mean.push_back(3 + 2 * i);
      p.spread.push_back(0.7L + 0.2L * i);
    }
    auto const wanted = expected_usage(p);
    auto const got = usage(exec, p);
    REQUIRE(got.size() == wanted.size());
    for (std::size_t k = 0; k < got.size(); ++k)
      CHECK(got[k] == doctest::Approx(static_cast<double>(wanted[k])));
    auto const q = random_adjoint(got.size(), 3);
    auto const against = weighed_by(q);
    CHECK(relative_error(pull_back<double>(exec, p, q), central_differences(p, against)) < 1e-6);
  }
}

}  // namespace
