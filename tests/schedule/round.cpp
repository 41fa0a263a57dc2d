// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/round.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <limits>
#include <span>
#include <vector>

using namespace gaus_test;

TEST_CASE("rounding: by hand, to nearest and to any offset") {
  gaus::StepBounds const bounds{{0, 0, 2, 0, 5}, {9, 9, 4, 9, 5}};
  std::vector<double> const means{1.5, 1.49, 1.0, 8.75, 3.0};
  std::vector<int> start;
  gaus::round_means(std::span<double const>(means), 0.5, bounds, start);
  CHECK(start == std::vector<int>{2, 1, 2, 9, 5});
  gaus::round_means(std::span<double const>(means), 0.0, bounds, start);
  CHECK(start == std::vector<int>{1, 1, 2, 8, 5});
}

TEST_CASE("rounding: means that are no numbers, infinite or far away end inside the windows") {
  gaus::StepBounds const bounds{{1, 1, 1, 1, 1}, {6, 6, 6, 6, 6}};
  float const infinity = std::numeric_limits<float>::infinity();
  std::vector<float> const means{std::numeric_limits<float>::quiet_NaN(), infinity, -infinity,
                                 1e30f, -1e30f};
  std::vector<int> start{7};
  gaus::round_means(std::span<float const>(means), 0.5, bounds, start);
  CHECK(start == std::vector<int>{1, 6, 1, 6, 1});
}

TEST_CASE("rounding: one common offset keeps means that satisfy the constraints") {
  Random random(2);
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    auto const c = random_case(20, 9, seed, seed % 3 == 0);
    // A mean of two schedules satisfies what both satisfy, as does a common shift.
    auto const a = random_schedule(c, random);
    auto const b = random_schedule(c, random);
    REQUIRE(legal(c, a));
    REQUIRE(legal(c, b));
    double const share = random.unit();
    double const shift = random.between(-2, 2);
    std::vector<double> means;
    for (std::size_t i = 0; i < a.size(); ++i)
      means.push_back(share * a[i] + (1 - share) * b[i] + shift);
    std::vector<int> start;
    for (double const offset : {0.0, 0.25, 0.5, 0.75, 0.999, random.unit()}) {
      gaus::round_means(std::span<double const>(means), offset, c.bounds, start);
      CHECK(legal(c, start));
    }
  }
}
