// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/start_steps.hpp>

#include <support/reference.hpp>

namespace {

using namespace gaus_test;

gaus::StartStep<double> step(double mean, double spread, int earliest, int latest) {
  return gaus::make_start_step(mean, spread, earliest, latest, 9.0);
}

/// One operation with bounds of its own, for the reference.
TestProblem one(double mean, double spread, int earliest, int latest) {
  TestProblem p;
  p.graph.add_operation({});
  p.steps = latest + 1;
  p.earliest = {earliest};
  p.latest = {latest};
  p.mean = {mean};
  p.spread = {spread};
  return p;
}

TEST_CASE("start steps: by hand") {
  auto const s = step(4.5, 0.5, 2, 8);
  CHECK(s.z(4) == 0);
  CHECK(s.z(5) == 2);
  CHECK(s.started_by(1) == 0);
  CHECK(s.started_by(4) == 0.5);
  CHECK(s.started_by(5) == doctest::Approx(0.977249868));
  CHECK(s.started_by(8) == 1);
  // 4.5 - 0.5 -+ 9 * 0.5 is -0.5 .. 8.5: cut to 2 .. 7.
  CHECK(s.first == 2);
  CHECK(s.last == 7);
  auto const narrow = step(4.5, 0.05, 2, 8);  // 4 -+ 0.45
  CHECK(narrow.first == 4);
  CHECK(narrow.last == 4);
  auto const certain = step(4.2, 0.01, 2, 8);  // 3.7 -+ 0.09 holds no boundary: always at 4
  CHECK(certain.first == 4);
  CHECK(certain.last == 3);
  CHECK(certain.started_by(3) == 0);
  CHECK(certain.started_by(4) == 1);
  CHECK(certain.expectation().value == 4);
  CHECK(certain.expectation().d_mean == 0);
}

TEST_CASE("start steps: distribution and expectation against the definition") {
  for (double const spread : {1e-3, 0.05, 0.3, 1.0, 1.39, 1.41, 3.0, 100.0})
    for (double const mean :
         {-1e30, -40.0, -1.0, 0.0, 2.5, 2.501, 9.3, 15.0, 19.5, 20.0, 60.0, 1e30})
      for (int const latest : {0, 1, 2, 20}) {
        CAPTURE(spread);
        CAPTURE(mean);
        CAPTURE(latest);
        auto const s = step(mean, spread, 0, latest);
        auto const p = one(mean, spread, 0, latest);
        CHECK(s.first >= 0);
        CHECK(s.last < std::max(latest, 1));
        CHECK(s.last >= s.first - 1);
        for (int t = -2; t <= latest + 2; ++t)
          CHECK(std::abs(s.started_by(t) - started_by(p, 0, t)) < 1e-15L);
        auto const e = s.expectation();
        auto const expectation = [](TestProblem const& q) { return expected_start(q, 0); };
        CHECK(std::abs(e.value - expectation(p)) < 1e-13L * (1 + latest));
        auto const g = central_differences(p, expectation);
        CHECK(std::abs(e.d_mean - g.d_mean[0]) <=
              1e-7L * std::abs(g.d_mean[0]) + 1e-12L / spread + g.noise[0]);
        CHECK(std::abs(e.d_spread - g.d_spread[0]) <=
              1e-7L * std::abs(g.d_spread[0]) + 1e-12L / spread + g.noise[0]);
      }
}

TEST_CASE("start steps: float windows stay within the bounds") {
  for (float const spread : {0.0f, -1.0f, 1e-30f, 1e-3f, 0.5f, 100.0f, 1e30f})
    for (float const mean : {-1e30f, -5.0f, 0.0f, 3.5f, 7.49f, 10.0f, 16777216.0f, 1e30f}) {
      auto const s = gaus::make_start_step(mean, spread, 3, 10, 4.0f);
      CHECK(s.first >= 3);
      CHECK(s.first <= 10);
      CHECK(s.last <= 9);
      CHECK(s.last >= s.first - 1);
      CHECK(s.spread > 0);
      CHECK(s.started_by(2) == 0);
      CHECK(s.started_by(10) == 1);
      float const e = s.expectation().value;
      CHECK(e >= 3 - 1e-3f);
      CHECK(e <= 10 + 1e-3f);
    }
}

TEST_CASE("start steps: not a number is no crash") {
  double const nan = std::nan("");
  auto const s = step(nan, nan, 3, 10);
  CHECK(s.first >= 3);
  CHECK(s.last <= 9);
}

TEST_CASE("start steps: floor and ceiling") {
  for (double x = -3; x <= 3; x += 0.125) {
    CHECK(gaus::detail::floor_step(x) == std::floor(x));
    CHECK(gaus::detail::ceil_step(x) == std::ceil(x));
  }
}

}  // namespace
