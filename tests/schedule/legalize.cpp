// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/legalize.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <span>
#include <vector>

using namespace gaus_test;

namespace {

std::vector<int> clamped(Case const& c, std::vector<int> s) {
  for (std::size_t i = 0; i < s.size(); ++i)
    s[i] = std::clamp(s[i], c.bounds.earliest[i], c.bounds.latest[i]);
  return s;
}

}  // namespace

TEST_CASE("legaliser: the least schedule above and the greatest below, among all schedules") {
  Random random(1);
  for (unsigned seed = 1; seed <= 24; ++seed) {
    CAPTURE(seed);
    auto const c = random_case(5, 3, seed, seed % 2 == 0);
    auto const wild = random_steps(c, random);
    auto const inside = clamped(c, wild);
    auto least = c.bounds.latest;
    auto greatest = c.bounds.earliest;
    for_each_schedule(c, [&](std::vector<int> const& s) {
      bool above = true;
      bool below = true;
      for (std::size_t i = 0; i < s.size(); ++i) {
        above = above && s[i] >= inside[i];
        below = below && s[i] <= inside[i];
      }
      for (std::size_t i = 0; i < s.size(); ++i) {
        if (above) least[i] = std::min(least[i], s[i]);
        if (below) greatest[i] = std::max(greatest[i], s[i]);
      }
    });
    auto forward = wild;
    gaus::legalize(c.system, c.bounds, gaus::Direction::forward, forward);
    CHECK(forward == least);
    CHECK(legal(c, forward));
    auto backward = wild;
    gaus::legalize(c.system, c.bounds, gaus::Direction::backward, backward);
    CHECK(backward == greatest);
    CHECK(legal(c, backward));
  }
}

TEST_CASE("legaliser: any start becomes legal, a legal one stays as it is") {
  Random random(2);
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    auto const c = random_case(30, static_cast<int>(seed % 12), seed, seed % 2 == 0);
    for (auto const direction : {gaus::Direction::forward, gaus::Direction::backward}) {
      auto start = random_steps(c, random, 2 + static_cast<int>(seed) * 1000);
      gaus::legalize(c.system, c.bounds, direction, start);
      CHECK(legal(c, start));
      auto again = start;
      gaus::legalize(c.system, c.bounds, direction, again);
      CHECK(again == start);
      auto const good = random_schedule(c, random);
      auto same = good;
      gaus::legalize(c.system, c.bounds, direction, same);
      CHECK(same == good);
    }
  }
}

TEST_CASE("candidates near the means: all legal, the average among them") {
  Random random(3);
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    auto const c = random_case(25, 8, seed, seed % 2 == 0);
    std::vector<float> means;
    for (int i = 0; i < c.operations(); ++i)
      means.push_back(static_cast<float>(random.between(-2, c.steps + 2)));
    std::vector<std::vector<int>> seen;
    gaus::legal_candidates(c.system, c.bounds, std::span<float const>(means),
                           [&](std::vector<int> const& s) {
                             CHECK(legal(c, s));
                             seen.push_back(s);
                           });
    REQUIRE(seen.size() >= 3);
    if (seen.size() == 9)
      for (std::size_t i = 0; i < means.size(); ++i)
        for (std::size_t k = 0; k < 9; k += 3)
          CHECK(seen[k + 2][i] == (seen[k][i] + seen[k + 1][i]) / 2);
  }
}

TEST_CASE("candidates: legal means give one schedule an offset, themselves") {
  Random random(4);
  auto const c = random_case(25, 8, 3);
  auto const start = random_schedule(c, random);
  std::vector<double> const means(start.begin(), start.end());
  int count = 0;
  gaus::legal_candidates(c.system, c.bounds, std::span<double const>(means),
                         [&](std::vector<int> const& s) {
                           CHECK(s == start);
                           ++count;
                         });
  CHECK(count == 3);
}

TEST_CASE("legaliser: a graph without operations") {
  auto const c = make_case({}, 0);
  std::vector<int> start;
  gaus::legalize(c.system, c.bounds, gaus::Direction::forward, start);
  gaus::legalize(c.system, c.bounds, gaus::Direction::backward, start);
  CHECK(start.empty());
}
