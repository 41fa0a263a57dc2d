// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/elite_pool.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <thread>
#include <vector>

using namespace gaus_test;
using gaus::detail::ElitePool;

TEST_CASE("elite pool: keeps the best that differ") {
  ElitePool pool;
  gaus::detail::RandomBits random(1);
  gaus::StepBounds const bounds{{0}, {100}};
  CHECK(pool.size() == 0);
  CHECK_FALSE(pool.parents(0, bounds, 0, random).has_value());
  pool.renew();  // of nothing
  pool.add({1}, 10);
  pool.add({1}, 10);  // known
  CHECK(pool.size() == 1);
  CHECK_FALSE(pool.parents(1, bounds, 0, random).has_value());  // a merge takes two
  for (int k = 2; k <= 8; ++k) pool.add({k}, 10 * k);
  CHECK(pool.size() == ElitePool::capacity);
  pool.add({9}, 90);  // worse than all
  pool.add({10}, 5);  // in place of the worst, 80
  CHECK(pool.size() == ElitePool::capacity);
  int largest = 0;
  for (int k = 0; k < 200; ++k) {
    auto const merge = pool.parents(3, bounds, 0, random);
    REQUIRE(merge.has_value());
    for (int const s : {merge->start[0], merge->box.earliest[0], merge->box.latest[0]})
      CHECK((s != 8 && s != 9));
    largest = std::max(largest, merge->box.latest[0]);
  }
  CHECK(largest == 10);
  CHECK_FALSE(pool.parents(9, bounds, 0, random).has_value());
  pool.renew();
  CHECK(pool.size() == 1);
  pool.add({50}, 50);
  pool.add({60}, 60);
  bool best_kept = false;
  for (int k = 0; k < 50; ++k)
    best_kept = best_kept || pool.parents(2, bounds, 0, random)->start[0] == 10;
  CHECK(best_kept);
}

TEST_CASE("elite pool: parents span the box, a margin stays within the bounds") {
  Random random(5);
  auto const c = random_case(30, 12, 2);
  ElitePool pool;
  std::vector<std::vector<int>> all;
  for (int k = 0; k < 6; ++k) {
    all.push_back(random_schedule(c, random));
    pool.add(all.back(), k);
  }
  gaus::detail::RandomBits bits(3);
  for (int k = 0; k < 100; ++k) {
    int const margin = k % 3;
    auto const merge = *pool.parents(3, c.bounds, margin, bits);
    CHECK(merge.parents.size() >= 2);
    CHECK(merge.parents.size() <= 4);
    CHECK(std::find(all.begin(), all.end(), merge.start) != all.end());
    for (std::size_t i = 0; i < merge.start.size(); ++i) {
      int first = merge.start[i];
      int last = first;
      for (auto const p : merge.parents) {
        first = std::min(first, all[p][i]);
        last = std::max(last, all[p][i]);
      }
      CHECK(merge.box.earliest[i] == std::max(c.bounds.earliest[i], first - margin));
      CHECK(merge.box.latest[i] == std::min(c.bounds.latest[i], last + margin));
    }
  }
}

TEST_CASE("elite pool: an outcome replaces its worst parent, unless it is worse, known or late") {
  gaus::StepBounds const bounds{{0}, {100}};
  gaus::detail::RandomBits random(7);
  ElitePool pool;
  pool.add({1}, 30);
  pool.add({2}, 20);
  auto const merge = *pool.parents(2, bounds, 0, random);
  CHECK_FALSE(pool.replace(merge, {3}, 31));  // worse than both
  CHECK_FALSE(pool.replace(merge, {2}, 20));  // known
  CHECK_FALSE(pool.replace(merge, {4}, 30));  // as good as the worst: taken, but no progress
  CHECK(pool.replace(merge, {5}, 25));
  CHECK(pool.size() == 2);
  auto const late = *pool.parents(2, bounds, 0, random);
  CHECK(late.box.latest[0] == 5);
  pool.renew();
  CHECK_FALSE(pool.replace(late, {6}, 1));
  CHECK(pool.size() == 1);
}

TEST_CASE("elite pool: two threads share one") {
  ElitePool pool;
  gaus::StepBounds const bounds{{0, 0}, {1000000, 1000000}};
  auto const work = [&](int first) {
    gaus::detail::RandomBits random(static_cast<std::uint64_t>(first));
    for (int k = 0; k < 2000; ++k) {
      pool.add({first + 2 * k, k}, 4000 - k);
      if (auto const merge = pool.parents(2, bounds, 1, random))
        pool.replace(*merge, {first + 2 * k, k + 1}, 3999.5 - k);
      if (k % 500 == 499) pool.renew();
    }
  };
  std::thread other(work, 1);
  work(2);
  other.join();
  CHECK(pool.size() >= 1);
  CHECK(pool.size() <= ElitePool::capacity);
}
