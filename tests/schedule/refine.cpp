// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/refine.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

using namespace gaus_test;

namespace {

/// 100 * usage + communication, memory, lifetime, the usage of class 1, and all of them.
std::vector<gaus::CostModel> models() {
  std::vector<gaus::CostModel> all(5);
  all[0].usage = 100;
  all[0].communication = 1;
  all[1].memory = 1;
  all[2].lifetime = 1;
  all[3].usage_of = {{1, 1.0}};
  all[4] = {10, {{0, 2.0}}, 3, 0.5, 1, 2, true};
  return all;
}

double value_of(gaus::CostModel const& model, PlainCosts const& costs) {
  double value = model.usage * costs.usage + model.memory * costs.memory +
                 model.lifetime * costs.lifetime + model.communication * costs.communication +
                 model.makespan * costs.makespan;
  for (auto const& [r, weight] : model.usage_of) value += weight * costs.usage_of[at(r)];
  return value;
}

bool always() { return true; }

}  // namespace

TEST_CASE("refinement: never worse, legal, and the value is the exact cost of what it returns") {
  Random random(1);
  for (unsigned seed = 1; seed <= 8; ++seed)
    for (auto const& model : models()) {
      CAPTURE(seed);
      auto const c = random_case(25, static_cast<int>(seed % 3) * 5, seed, seed % 2 == 0);
      gaus::Refiner<gaus::HostGraph> refiner(c.problem, c.system, c.bounds, model);
      auto start = random_schedule(c, random);
      REQUIRE(legal(c, start));
      double const before = value_of(model, plain_costs(c, start));
      double const value = refiner.anneal(start, {.moves = 4000, .seed = seed}, always);
      CHECK(legal(c, start));
      CHECK(value <= before * (1 + 1e-12));
      CHECK(value == doctest::Approx(value_of(model, plain_costs(c, start))).epsilon(1e-12));
      // Buffers are kept: again from there, and from a worse one.
      double const again = refiner.anneal(start, {.moves = 2000, .seed = seed + 1}, always);
      CHECK(again <= value * (1 + 1e-12));
      auto other = random_schedule(c, random);
      refiner.anneal(other, {.moves = 2000, .seed = seed}, always);
      CHECK(legal(c, other));
    }
}

TEST_CASE("refinement: the same seed gives the same schedule, whatever came before") {
  auto const c = random_case(30, 8, 3);
  auto const model = models()[0];
  gaus::RefineOptions const options{.moves = 5000, .seed = 17};
  gaus::Refiner<gaus::HostGraph> first(c.problem, c.system, c.bounds, model);
  auto a = c.bounds.earliest;
  double const value = first.anneal(a, options, always);
  auto between = c.bounds.latest;
  first.anneal(between, {.moves = 3000, .seed = 5}, always);
  auto b = c.bounds.earliest;
  CHECK(first.anneal(b, options, always) == value);
  CHECK(a == b);
  gaus::Refiner<gaus::HostGraph> second(c.problem, c.system, c.bounds, model);
  auto d = c.bounds.earliest;
  CHECK(second.anneal(d, options, always) == value);
  CHECK(a == d);
}

TEST_CASE("refinement: the optimum of tiny graphs") {
  for (unsigned seed = 1; seed <= 5; ++seed)
    for (auto const& model : models()) {
      CAPTURE(seed);
      auto const c = random_case(5, 3, seed, seed % 2 == 0);
      double optimum = std::numeric_limits<double>::infinity();
      for_each_schedule(c, [&](std::vector<int> const& s) {
        optimum = std::min(optimum, value_of(model, plain_costs(c, s)));
      });
      gaus::Refiner<gaus::HostGraph> refiner(c.problem, c.system, c.bounds, model);
      auto start = c.bounds.earliest;
      double best = std::numeric_limits<double>::infinity();
      for (std::uint64_t k = 0; k < 20 && best > optimum + 1e-9; ++k)
        best = refiner.anneal(start, {.moves = 3000, .seed = k}, always);
      CHECK(best == doctest::Approx(optimum));
    }
}

TEST_CASE("refinement: stops when told, and leaves what it was given") {
  auto const c = random_case(30, 8, 4);
  gaus::Refiner<gaus::HostGraph> refiner(c.problem, c.system, c.bounds, models()[1]);
  auto start = c.bounds.earliest;
  int asked = 0;
  double const value = refiner.anneal(start, {.moves = 1000000000}, [&] {
    ++asked;
    return false;
  });
  CHECK(asked == 1);
  CHECK(start == c.bounds.earliest);
  CHECK(value == doctest::Approx(plain_costs(c, start).memory));
}

TEST_CASE("refinement: nothing to move") {
  gaus::GraphDescription chain;
  for (int i = 0; i < 4; ++i) chain.add_operation({.latency = 2, .size = 3});
  for (int i = 1; i < 4; ++i) chain.add_dependence(i - 1, i);
  for (auto const& c : {make_case(chain, 0), make_case({}, 0), make_case({}, 3)}) {
    gaus::Refiner<gaus::HostGraph> refiner(c.problem, c.system, c.bounds, models()[1]);
    auto start = c.bounds.earliest;
    CHECK(refiner.anneal(start, {}, always) == plain_costs(c, start).memory);
    CHECK(start == c.bounds.earliest);
  }
}

TEST_CASE("refinement: chains carry what they push, far and at a limit") {
  Random random(6);
  auto const c = random_case(40, 10, 9, true);
  for (int const limit : {1, 3, 100}) {
    gaus::Refiner<gaus::HostGraph> refiner(c.problem, c.system, c.bounds, models()[0]);
    auto start = random_schedule(c, random);
    refiner.anneal(start, {.moves = 4000, .chain_share = 1, .chain_limit = limit}, always);
    CHECK(legal(c, start));
  }
}
