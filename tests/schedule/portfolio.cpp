// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/portfolio.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <cmath>
#include <set>
#include <vector>

using namespace gaus_test;

TEST_CASE("portfolio: every recipe once, in order, then any") {
  gaus::Portfolio portfolio(1, 77);
  std::vector<gaus::PortfolioEntry*> first;
  std::set<gaus::PortfolioEntry*> different;
  while (true) {
    auto& entry = portfolio.next();
    if (!different.insert(&entry).second) break;
    first.push_back(&entry);
    CHECK(entry.recipe.iterations > 0);
    CHECK(entry.recipe.iterations <= 77);
  }
  CHECK(first.size() >= 4);
  CHECK(portfolio.turns() == static_cast<int>(first.size()) + 1);
}

TEST_CASE("portfolio: after the first round the best ones come again and again") {
  gaus::Portfolio portfolio(2, 10);
  std::set<gaus::PortfolioEntry*> all;
  for (auto* entry = &portfolio.next(); all.insert(entry).second;) {
    entry->best = 100;
    if (all.size() == 3) entry->best = 1;
    entry = &portfolio.next();
  }
  int chosen = 0;
  for (int k = 0; k < 60; ++k) chosen += portfolio.next().best == 1 ? 1 : 0;
  CHECK(chosen >= 20);  // one turn of three at the least
  CHECK(chosen < 60);
}

TEST_CASE("portfolio: one recipe alone, for experts") {
  gaus::Recipe recipe;
  recipe.iterations = 123;
  recipe.penalty = 4.5;
  gaus::Portfolio portfolio(1, recipe);
  for (int k = 0; k < 10; ++k) {
    auto const& entry = portfolio.next();
    CHECK(entry.recipe.iterations == 123);
    CHECK(entry.recipe.penalty == 4.5);
  }
}

TEST_CASE("portfolio: descents begin inside the windows, the same ones for the same seed") {
  Random random(1);
  auto const c = random_case(40, 12, 5);
  auto const best = random_schedule(c, random);
  auto const linear = random_schedule(c, random);
  gaus::Portfolio one(9, 10);
  gaus::Portfolio two(9, 10);
  gaus::Portfolio other(10, 10);
  bool differs = false;
  for (int k = 0; k < 30; ++k) {
    std::vector<double> a;
    std::vector<double> b;
    std::vector<double> d;
    auto& entry = one.next();
    one.begin(entry, c.bounds, best, linear, a);
    auto& twin = two.next();
    two.begin(twin, c.bounds, best, linear, b);
    other.begin(other.next(), c.bounds, best, linear, d);
    CHECK(a == b);
    differs = differs || a != d;
    REQUIRE(a.size() == best.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      CHECK(a[i] >= c.bounds.earliest[i]);
      CHECK(a[i] <= c.bounds.latest[i]);
    }
    ++entry.runs;
    ++twin.runs;
  }
  CHECK(differs);
  CHECK(one.draw() == two.draw());
}

TEST_CASE("portfolio: a recipe that is played again begins elsewhere") {
  auto const c = random_case(10, 12, 5);
  gaus::Portfolio portfolio(1, gaus::Recipe{});
  auto& entry = portfolio.next();
  std::vector<double> first;
  std::vector<double> second;
  portfolio.begin(entry, c.bounds, c.bounds.earliest, {}, first);
  ++entry.runs;
  portfolio.begin(entry, c.bounds, c.bounds.earliest, {}, second);
  CHECK(first != second);
}

TEST_CASE(
    "portfolio: a descent from the linear minimum begins near it, and elsewhere when repeated") {
  Random random(3);
  auto const c = random_case(60, 30, 2);
  auto const linear = random_schedule(c, random);
  gaus::Portfolio portfolio(1, 10);
  gaus::PortfolioEntry entry;
  entry.start = gaus::DescentStart::linear;
  std::vector<double> means;
  portfolio.begin(entry, c.bounds, c.bounds.earliest, linear, means);
  for (std::size_t i = 0; i < means.size(); ++i) {
    double const mobility = c.bounds.latest[i] - c.bounds.earliest[i];
    CHECK(std::abs(means[i] - linear[i]) <= 0.07 * mobility);
  }
  ++entry.runs;
  std::vector<double> again;
  portfolio.begin(entry, c.bounds, c.bounds.earliest, linear, again);
  CHECK(means != again);
  // Where there is none, in the middle.
  entry.runs = 0;
  portfolio.begin(entry, c.bounds, c.bounds.earliest, {}, means);
  for (std::size_t i = 0; i < means.size(); ++i)
    CHECK(std::abs(means[i] - 0.5 * (c.bounds.earliest[i] + c.bounds.latest[i])) <=
          0.01 * (c.bounds.latest[i] - c.bounds.earliest[i]) + 1e-9);
}
