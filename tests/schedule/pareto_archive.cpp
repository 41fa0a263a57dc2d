// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/pareto_archive.hpp>

#include <support/problems.hpp>

#include <doctest/doctest.h>
#include <limits>
#include <utility>
#include <vector>

using gaus::detail::ParetoArchive;
using gaus_test::Random;

namespace {

std::vector<std::pair<double, double>> values_of(ParetoArchive const& archive) {
  std::vector<std::pair<double, double>> values;
  for (auto const& e : archive.entries()) values.emplace_back(e.first, e.second);
  return values;
}

using Values = std::vector<std::pair<double, double>>;

}  // namespace

TEST_CASE("archive: by hand") {
  ParetoArchive archive(10);
  CHECK(archive.offer(4, 4, {0}, 1));
  CHECK_FALSE(archive.offer(4, 4, {1}, 1));  // equal
  CHECK_FALSE(archive.offer(4, 5, {1}, 1));
  CHECK_FALSE(archive.offer(4 + 1e-14, 4 - 1e-14, {1}, 1));  // equal but for rounding
  CHECK_FALSE(archive.offer(std::numeric_limits<double>::quiet_NaN(), 0, {1}, 1));
  CHECK(archive.offer(2, 6, {2}, 1));
  CHECK(archive.offer(6, 2, {3}, 1));
  CHECK(archive.offer(5, 3, {4}, 1));
  CHECK(values_of(archive) == Values{{2, 6}, {4, 4}, {5, 3}, {6, 2}});
  CHECK(archive.covers(7, 2));
  CHECK_FALSE(archive.covers(7, 1));
  CHECK_FALSE(archive.covers(1, 100));
  CHECK(archive.offer(4, 3, {5}, 9));  // dominates two
  CHECK(values_of(archive) == Values{{2, 6}, {4, 3}, {6, 2}});
  CHECK(archive.entries()[1].start == std::vector{5});
  CHECK(archive.entries()[1].steps == 9);
}

TEST_CASE("archive: gaps come by size, and less after each try") {
  ParetoArchive archive(10);
  int visits = -1;
  CHECK_FALSE(archive.next_gap(visits));
  archive.offer(0, 10, {}, 0);
  CHECK_FALSE(archive.next_gap(visits));
  archive.offer(3, 4, {}, 0);   // 18
  archive.offer(10, 3, {}, 0);  // 7
  CHECK(archive.next_gap(visits) == 0);
  CHECK(visits == 0);
  CHECK(archive.next_gap(visits) == 0);  // 9
  CHECK(visits == 1);
  CHECK(archive.next_gap(visits) == 1);  // 7, the other 4.5
  int rounds = 0;
  while (archive.next_gap(visits)) ++rounds;
  CHECK(rounds == 21);  // 12 tries each
}

TEST_CASE("archive: a full one keeps its ends and the largest steps") {
  ParetoArchive archive(3);
  for (int k : {0, 10, 5, 4}) archive.offer(k, 10 - k, {k}, 0);
  CHECK(values_of(archive) == Values{{0, 10}, {5, 5}, {10, 0}});
}

TEST_CASE("archive: random offers leave what a plain comparison leaves") {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    Random random(seed);
    ParetoArchive archive(1000);
    Values all;
    for (int k = 0; k < 60; ++k) {
      all.emplace_back(random.below(20), random.below(20));
      archive.offer(all.back().first, all.back().second, {}, 0);
    }
    Values front;
    for (auto const& [x, y] : all) {
      bool dominated = false;
      for (auto const& [u, v] : all) dominated = dominated || (u <= x && v <= y && u + v < x + y);
      if (!dominated) front.emplace_back(x, y);
    }
    std::sort(front.begin(), front.end());
    front.erase(std::unique(front.begin(), front.end()), front.end());
    CHECK(values_of(archive) == front);
  }
}
