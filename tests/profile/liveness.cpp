// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/profile/liveness.hpp>

#include <support/hand.hpp>
#include <support/policies.hpp>
#include <support/spaces.hpp>

namespace {

using namespace gaus_test;

template <class Real = double, class Space>
std::vector<double> liveness(Space const& exec, TestProblem const& p) {
  using MemorySpace = typename Space::memory_space;
  gaus::Workspace<MemorySpace> workspace;
  auto const profile = gaus::expected_liveness(exec, make_problem<MemorySpace>(p),
                                               make_starts<Real, MemorySpace>(p), workspace);
  CHECK(profile.slots == slots(p));
  CHECK(profile.rows == 1);
  exec.fence("gaus_test: liveness");
  return to_host(profile.values);
}

template <class Real, class Space>
Result pull_back(Space const& exec, TestProblem const& p, std::vector<Number> const& q) {
  using MemorySpace = typename Space::memory_space;
  gaus::Workspace<MemorySpace> workspace;
  auto const result = gaus::make_evaluation<Real, MemorySpace>(p.operations(), workspace);
  gaus::Profile<MemorySpace> const adjoint{to_device<double, MemorySpace>(q), 1, slots(p)};
  gaus::pull_back_liveness(exec, make_problem<MemorySpace>(p), make_starts<Real, MemorySpace>(p),
                           adjoint, 1.0, result);
  exec.fence("gaus_test: liveness pulled back");
  return to_host_result(result);
}

std::vector<Number> random_adjoint(std::size_t n, unsigned seed) {
  Random random(seed);
  std::vector<Number> q;
  for (std::size_t k = 0; k < n; ++k) q.push_back(random.between(-1, 1));
  return q;
}

TEST_CASE_TEMPLATE("liveness: worked by hand", Space, GAUS_TEST_SPACES) {
  Space const exec;
  CHECK(rounded(liveness(exec, liveness_by_hand())) ==
        std::vector<double>{0, 0, 0, 2, 2, 7, 2, 0, 0, 0});
  CHECK(rounded(liveness(exec, liveness_by_hand(0, true))) ==
        std::vector<double>{0, 0, 0, 2, 2, 7, 6, 5, 5, 5});
  CHECK(rounded(liveness(exec, liveness_by_hand(8))) ==
        std::vector<double>{4, 0, 0, 2, 2, 7, 6, 4});
  // Interval 4: value 0 lives in 3, 4, 5, 6, value 1 in 5, value 3 in none.
  CHECK(rounded(liveness(exec, liveness_by_hand(4))) == std::vector<double>{2, 7, 2, 2});
  // ... and with value 2 held at 7, 8, 9.
  CHECK(rounded(liveness(exec, liveness_by_hand(4, true))) == std::vector<double>{3, 8, 2, 3});

  // The last reader of value 0 at 6 or 7; value 0 itself a step later, half and half.
  auto p = liveness_by_hand();
  p.mean[0] = 1.5;
  p.mean[2] = 6.5;
  CHECK(rounded(liveness(exec, p)) == std::vector<double>{0, 0, 0, 1, 2, 7, 1, 0, 0, 0});
  // Both readers at 5 or 6: across the boundary after 5 unless both have started, 3 of 4 cases.
  p.mean = {1, 5.5, 5.5, 7};
  p.graph.operations[1].size = 0;
  CHECK(rounded(liveness(exec, p)) == std::vector<double>{0, 0, 0, 2, 2, 1.5, 0, 0, 0, 0});
  // Each reader's density counts when the other has started: half; in units of size q = 2 * 3.
  auto const g = pull_back<double>(exec, p, {0, 0, 0, 0, 0, 3, 0, 0, 0, 0});
  CHECK(g.d_mean[1] == doctest::Approx(2 * 3 * 0.5 * 0.3989422804 / 1e-3));
  CHECK(g.d_mean[2] == doctest::Approx(2 * 3 * 0.5 * 0.3989422804 / 1e-3));
}

TEST_CASE_TEMPLATE("liveness: a reader may start before the value exists", Space,
                   GAUS_TEST_SPACES) {
  TestProblem p;
  p.steps = 8;
  p.graph.add_operation({.latency = 4, .occupancy = 1, .size = 3});
  p.graph.add_operation({});
  p.graph.add_dependence({.from = 0, .to = 1, .delay = -4});
  find_bounds(p);
  p.mean = {1, 2};
  p.spread = {1e-3, 1e-3};
  CHECK(rounded(liveness(Space(), p)) == std::vector<double>{0, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE_TEMPLATE("liveness: several uses by one consumer are one start", Space,
                   GAUS_TEST_SPACES) {
  TestProblem p;
  p.interval = 10;
  p.steps = 10;
  p.graph.add_operation({.latency = 1, .occupancy = 1, .size = 3});
  p.graph.add_operation({});
  p.graph.add_dependence(0, 1);
  p.graph.add_dependence({.from = 0, .to = 1, .delay = 1});
  find_bounds(p);
  p.mean = {1, 5.5};  // read at 5 or 6, half and half; as two starts it would be 3 of 4
  p.spread = {1e-3, 1e-3};
  CHECK(rounded(liveness(Space(), p)) == std::vector<double>{0, 3, 3, 3, 3, 1.5, 0, 0, 0, 0});
  auto const g = pull_back<double>(Space(), p, {0, 0, 0, 0, 0, 1, 0, 0, 0, 0});
  CHECK(g.d_mean[1] == doctest::Approx(3 * 0.3989422804 / 1e-3));
  // ... and once more an iteration later: the earlier uses do not matter.
  p.graph.add_dependence({.from = 0, .to = 1, .distance = 1});
  CHECK(rounded(liveness(Space(), p)) == std::vector<double>{3, 6, 6, 6, 6, 4.5, 3, 3, 3, 3});
  auto const problem = make_problem<Kokkos::HostSpace>(p);
  int counted = 0;
  for (int k = 0; k < 3; ++k) counted += problem.last_use(problem.graph.outgoing(0)[k]) ? 1 : 0;
  CHECK(counted == 1);
}

TEST_CASE_TEMPLATE("liveness: a value that its own operation reads later", Space,
                   GAUS_TEST_SPACES) {
  TestProblem p;
  p.interval = 4;
  p.steps = 12;
  p.graph.add_operation({.latency = 3, .occupancy = 1, .size = 2});
  p.graph.add_dependence({.from = 0, .to = 0, .distance = 2});
  find_bounds(p);
  p.mean = {4};  // wherever it starts, it lives for 8 - 2 steps: twice in two slots, once in two
  p.spread = {1.5};
  auto const live = liveness(Space(), p);
  CHECK(live[0] + live[1] + live[2] + live[3] == doctest::Approx(2 * 6));
  p.spread = {1e-3};
  p.mean = {1.5};  // from 3 or 4 on
  CHECK(rounded(liveness(Space(), p)) == std::vector<double>{4, 3, 2, 3});
  // A use before the value exists is none.
  p.interval = 1;
  p.graph.dependences[0] = {.from = 0, .to = 0, .distance = 2, .delay = -1};
  p.mean = {4.5};
  CHECK(rounded(liveness(Space(), p)) == std::vector<double>{0});
}

TEST_CASE_TEMPLATE("liveness: profile and adjoint", Space, GAUS_TEST_SPACES) {
  Space const exec;
  unsigned seed = 0;
  for (auto const& p : many_problems()) {
    CAPTURE(seed);
    auto const wanted = expected_liveness(p);
    auto const got = liveness(exec, p);
    REQUIRE(got.size() == wanted.size());
    for (std::size_t k = 0; k < got.size(); ++k) CHECK(std::abs(got[k] - wanted[k]) < 1e-13L);
    auto const q = random_adjoint(got.size(), ++seed);
    auto const against = [&q](TestProblem const& moved) {
      auto const u = expected_liveness(moved);
      Number total = 0;
      for (std::size_t k = 0; k < u.size(); ++k) total += q[k] * u[k];
      return total;
    };
    CHECK(relative_error(pull_back<double>(exec, p, q), central_differences(p, against)) < 1e-6);
  }
}

TEST_CASE_TEMPLATE("liveness: the expectation of sampled schedules", Space, GAUS_TEST_SPACES) {
  for (int const interval : {0, 4}) {
    CAPTURE(interval);
    auto const p = random_problem({.operations = 7, .slack = 5, .interval = interval, .seed = 12});
    CHECK(sampled_deviation(p, liveness(Space(), p), discrete_liveness) < 4);
  }
}

TEST_CASE_TEMPLATE("liveness: float against double", Space, GAUS_TEST_SPACES) {
  auto const p = random_problem({.operations = 20, .interval = 5, .seed = 6});
  auto const wide = liveness(Space(), p);
  auto const narrow = liveness<float>(Space(), p);
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
TEST_CASE_TEMPLATE("liveness: windows of every length", Space, GAUS_TEST_SPACES) {
  Space const exec;
  for (int const mobility : {0, 1, 2, 3, 4, 5, 31, 32, 33, 34, 63, 64, 65, 100}) {
    CAPTURE(mobility);
    TestProblem p;
    p.steps = 2 * mobility + 6;
    p.graph.add_operation({.latency = 3, .occupancy = 1, .size = 2});
    for (int i = 1; i <= 3; ++i) {
      p.graph.add_operation({});
      p.graph.add_dependence(0, i);
    }
    find_bounds(p);
    p.latest = {mobility, 3 + mobility, 4 + mobility, 5 + mobility};
    p.earliest = {0, 3, 4, 5};
    p.mean = {0.5 * mobility, 3 + 0.5 * mobility, 4 + 0.25 * mobility, 5};
    p.spread = {40, 25, 3, 60};
    auto const got = liveness(exec, p);
    auto const wanted = expected_liveness(p);
    for (std::size_t k = 0; k < got.size(); ++k) CHECK(std::abs(got[k] - wanted[k]) < 1e-13L);
    auto const q = random_adjoint(got.size(), 2);
    auto const against = [&q](TestProblem const& moved) {
      auto const u = expected_liveness(moved);
      Number total = 0;
      for (std::size_t k = 0; k < u.size(); ++k) total += q[k] * u[k];
      return total;
    };
    CHECK(relative_error(pull_back<double>(exec, p, q), central_differences(p, against)) < 1e-6);
  }
}

// A large value that nobody waits for takes no digits from the others in float.
TEST_CASE_TEMPLATE("liveness: a large value that is never live", Space, GAUS_TEST_SPACES) {
  TestProblem p;
  p.steps = 10;
  p.graph.add_operation({.latency = 1, .size = 1e12});
  int const from = p.graph.add_operation({.latency = 1, .size = 100});
  p.graph.add_dependence(from, p.graph.add_operation({.latency = 1}));
  find_bounds(p);
  p.mean = {4, 2.5, 6};
  p.spread = {1, 1.5, 1.5};
  auto const wide = liveness(Space(), p);
  auto const narrow = liveness<float>(Space(), p);
  CHECK(wide[4] > 50);
  for (std::size_t k = 0; k < wide.size(); ++k) CHECK(std::abs(wide[k] - narrow[k]) < 1e-3);
}

}  // namespace
