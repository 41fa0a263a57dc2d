// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/aiger.hpp>
#include <gaus/io/file.hpp>
#include <gaus/schedule/min_lifetime.hpp>
#include <gaus/schedule/verify.hpp>
#include <support/reading.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace gaus_test;

namespace {

gaus::LinearOptimum optimum(Case const& c, gaus::LinearWeights const& weights) {
  return gaus::min_lifetime(c.problem, c.system, c.bounds, weights);
}

double plain_value(gaus::LinearWeights const& w, PlainCosts const& costs) {
  return w.lifetime * costs.lifetime + w.communication * costs.communication +
         w.makespan * costs.makespan;
}

/// Every cost alone, and mixes.
std::vector<gaus::LinearWeights> all_weights() {
  return {{1, 0, 0}, {0, 1, 0}, {0, 0, 1},       {3, 1, 0},
          {1, 0, 2}, {2, 5, 7}, {0.3, 0.7, 1.1}, {1e-7, 1 / 3.0, 0}};
}

/// Fractions that no power of two makes whole, in sizes and weights.
gaus::GraphDescription with_fractions(gaus::GraphDescription g) {
  for (std::size_t i = 0; i < g.operations.size(); ++i)
    g.operations[i].size *= 0.1 * static_cast<double>(1 + i % 3);
  for (std::size_t k = 0; k < g.dependences.size(); ++k)
    g.dependences[k].weight *= 0.7 + 0.1 * static_cast<double>(k % 2);
  return g;
}

}  // namespace

TEST_CASE("least linear costs: by hand") {
  // 0 and 1 (sizes 1 and 4) feed 2, whose result (size 2) is held: 2 late, 1 late, 0 no matter.
  gaus::GraphDescription g;
  for (double const size : {1.0, 4.0, 2.0}) g.add_operation({.latency = 1, .size = size});
  g.add_dependence({.from = 0, .to = 2, .weight = 3});
  g.add_dependence({.from = 1, .to = 2, .weight = 0.5});
  auto const c = make_case(g, 2, true);  // 4 steps
  auto const life = optimum(c, {});
  CHECK(life.value == 5 + 2 * 1);  // operands for one step, the held value from step 3 to 4
  CHECK(life.bound == life.value);
  CHECK(life.optimal);
  CHECK(life.start == std::vector<int>{2, 2, 3});
  auto const both = optimum(c, {.lifetime = 0, .communication = 2, .makespan = 10});
  CHECK(both.value == 2 * 3.5 + 10 * 2);
  CHECK(both.start == std::vector<int>{0, 0, 1});
  // A value of two consumers lives until the later one, once.
  g.add_operation({.size = 0});
  g.add_dependence(1, 3);
  g.add_dependence(2, 3);
  auto const two = make_case(g, 0, true);
  CHECK(optimum(two, {}).value == 1 + 2 * 4 + 2);
}

TEST_CASE("least linear costs: nothing, and one operation") {
  auto const none = make_case({}, 0);
  auto const empty = optimum(none, {1, 1, 1});
  CHECK(empty.start.empty());
  CHECK(empty.value == 0);
  CHECK(empty.bound == 0);
  CHECK(empty.optimal);
  gaus::GraphDescription g;
  g.add_operation({.latency = 3, .size = 5});
  auto const held = optimum(make_case(g, 4, true), {});
  CHECK(held.value == 5);  // made at step 6 of 7
  CHECK(held.start == std::vector<int>{4});
  CHECK(optimum(make_case(g, 4, false), {}).value == 0);
  CHECK(optimum(make_case(g, 4, true), {0, 0, 2}).value == 6);
}

TEST_CASE("least linear costs: the least of all schedules") {
  int schedules = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    auto c = random_case(5 + static_cast<int>(seed % 2), 2, seed, seed % 3 == 0);
    if (seed % 4 < 2) c = make_case(with_fractions(c.graph), 2, seed % 8 < 4, c.extra);
    std::vector<PlainCosts> costs;
    for_each_schedule(c, [&](auto const& s) { costs.push_back(plain_costs(c, s)); });
    schedules += static_cast<int>(costs.size());
    for (auto const& weights : all_weights()) {
      double least = std::numeric_limits<double>::infinity();
      for (auto const& p : costs) least = std::min(least, plain_value(weights, p));
      auto const result = optimum(c, weights);
      CHECK(result.optimal);
      CHECK(legal(c, result.start));
      CHECK(result.value == doctest::Approx(least).epsilon(1e-12));
      CHECK(result.value == doctest::Approx(plain_value(weights, plain_costs(c, result.start))));
      CHECK(result.bound <= result.value);
      CHECK(result.bound == doctest::Approx(least).epsilon(1e-12));
    }
  }
  CHECK(schedules > 5000);
}

TEST_CASE("least linear costs: the least of all schedules of a loop") {
  for (unsigned seed = 1; seed <= 24; ++seed) {
    CAPTURE(seed);
    auto const l = random_loop(5, 3, 1 + static_cast<int>(seed % 4), seed);
    for (auto const& weights : all_weights()) {
      double least = std::numeric_limits<double>::infinity();
      auto const value = [&](std::vector<int> const& start) {
        std::span<int const> const s(start);
        return weights.lifetime * gaus::total_lifetime(l.problem, s) +
               weights.communication * gaus::communication(l.problem, s) +
               weights.makespan * gaus::makespan(l.problem, s);
      };
      for_each_schedule(l, [&](auto const& s) { least = std::min(least, value(s)); });
      auto const result = gaus::min_lifetime(l.problem, l.system, l.bounds, weights);
      CHECK(gaus::verify(l.problem, std::span<int const>(result.start)).empty());
      CHECK(result.value == doctest::Approx(least).epsilon(1e-12));
      CHECK(result.bound <= result.value);
      CHECK(result.bound == doctest::Approx(least).epsilon(1e-12));
    }
  }
}

TEST_CASE("least linear costs: stopped early, a legal schedule and a bound below it") {
  int stopped = 0;
  for (unsigned seed = 1; seed <= 3; ++seed)
    for (auto const& weights : all_weights()) {
      CAPTURE(seed);
      auto const c = random_case(500, 50, seed, seed == 2);
      auto const whole = optimum(c, weights);
      auto const part =
          gaus::min_lifetime(c.problem, c.system, c.bounds, weights, [] { return false; });
      stopped += part.optimal ? 0 : 1;
      CHECK(legal(c, part.start));
      CHECK(part.bound <= whole.value * (1 + 1e-12));
      CHECK(part.value >= whole.value * (1 - 1e-12));
    }
  CHECK(stopped > 3);
}

// Values that exact solvers of linear programmes agree on.
TEST_CASE("least linear costs: communication of EPFL circuits") {
  auto const folder = benchmark_data();
  if (!folder) return;
  for (auto const& [name, value] :
       {std::pair("multiplier", 450293.0), std::pair("router", 2369.0)}) {
    auto const path = *folder / "epfl" / (std::string(name) + ".aig");
    if (!std::filesystem::exists(path)) continue;
    CAPTURE(name);
    auto stream = gaus::open_input(path);
    auto const c = make_case(gaus::read_aiger(stream), 0);
    auto const result = optimum(c, {.lifetime = 0, .communication = 1});
    CHECK(result.value == value);
    CHECK(result.bound == value);
    CHECK(legal(c, result.start));
  }
}
