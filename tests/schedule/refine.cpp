// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/constraint/resource_limit.hpp>
#include <gaus/schedule/refine.hpp>
#include <gaus/schedule/verify.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
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

TEST_CASE("refinement: legal, never worse and priced right with every kind of move") {
  std::vector<gaus::RefineOptions> kinds(6);
  kinds[0].swap_share = 1;
  kinds[0].chain_share = 0;
  kinds[1].chain_share = 1;
  kinds[1].drag_share = 1;
  kinds[2].cap = -1;
  kinds[3].cap = 0;
  kinds[3].swap_share = 0.5;
  kinds[4].cap = 1;
  kinds[4].drag_share = 1;
  kinds[5].heat_first = 3;  // nearly everything is accepted
  kinds[5].heat_last = 3;
  Random random(7);
  for (unsigned seed = 1; seed <= 6; ++seed) {
    auto const c = random_case(30, 3 * static_cast<int>(seed), seed, seed % 2 == 0);
    for (auto const& model : models()) {
      gaus::Refiner<gaus::HostGraph> refiner(c.problem, c.system, c.bounds, model);
      for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
        CAPTURE(seed);
        CAPTURE(kind);
        auto options = kinds[kind];
        options.moves = 3000;
        options.seed = seed;
        auto start = random_schedule(c, random);
        double const before = value_of(model, plain_costs(c, start));
        double const value = refiner.anneal(start, options, always);
        CHECK(legal(c, start));
        CHECK(value <= before * (1 + 1e-12));
        CHECK(value == doctest::Approx(value_of(model, plain_costs(c, start))).epsilon(1e-12));
      }
    }
  }
}

// Eight operations of one unit in eight steps, one each: any single move doubles a step. What they
// wait for makes one order the best, and only exchanges lead there at little heat.
TEST_CASE("refinement: swaps get across where single moves do not") {
  gaus::GraphDescription g;
  int const unit = g.add_resource("A");
  for (int i = 0; i < 8; ++i) {
    g.add_operation({});
    g.add_demand(i, unit);
  }
  for (int i = 0; i < 9; ++i) g.add_operation({});  // a chain that fixes its end
  for (int i = 9; i < 17; ++i) g.add_dependence({.from = i - 1, .to = i, .weight = 0});
  for (int i = 0; i < 8; ++i) g.add_dependence({.from = i, .to = 16, .weight = 1.0 + i});
  auto const c = make_case(g, 0);
  gaus::CostModel model;
  model.usage = 1000;
  model.communication = 1;
  auto const best_with = [&](double share) {
    std::vector<int> start = c.bounds.earliest;
    for (int i = 0; i < 8; ++i) start[at(i)] = 7 - i;  // the heaviest first: the worst
    gaus::Refiner<gaus::HostGraph> refiner(c.problem, c.system, c.bounds, model);
    return refiner.anneal(start,
                          {.moves = 4000,
                           .heat_first = 1e-3,
                           .heat_last = 1e-3,
                           .chain_share = 0,
                           .swap_share = share},
                          always);
  };
  CHECK(best_with(0) == 1000 + 204);    // sum of (1 + i) (1 + i): as it was
  CHECK(best_with(0.5) == 1000 + 120);  // sum of (1 + i) (8 - i)
}

TEST_CASE("refinement: the portfolio of settings has sense, variety, and repeats") {
  int capped = 0;
  std::vector<double> heats;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    auto const o = gaus::varied_refine_options(seed, 1234);
    CHECK(o.moves == 1234);
    CHECK(o.seed == seed);
    CHECK(o.heat_first >= o.heat_last);
    CHECK(o.peak_first >= o.peak_last);
    CHECK(o.peak_last > 0);
    CHECK(o.heat_last > 0);
    CHECK(o.chain_share + o.swap_share < 1);
    CHECK(o.chain_limit >= 1);
    capped += o.cap ? 1 : 0;
    if (o.cap) CHECK((*o.cap == -1 || *o.cap == 0));
    heats.push_back(o.heat_first);
    auto const again = gaus::varied_refine_options(seed, 1234);
    CHECK(again.heat_first == o.heat_first);
    CHECK(again.cap == o.cap);
  }
  CHECK(capped > 20);
  CHECK(capped < 100);
  std::sort(heats.begin(), heats.end());
  CHECK(std::unique(heats.begin(), heats.end()) - heats.begin() == 4);
  auto const c = random_case(40, 9, 5, true);
  gaus::Refiner<gaus::HostGraph> refiner(c.problem, c.system, c.bounds, models()[4]);
  auto start = c.bounds.earliest;
  double last = std::numeric_limits<double>::infinity();
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    double const value = refiner.anneal(start, gaus::varied_refine_options(seed, 2000), always);
    CHECK(value <= last * (1 + 1e-12));
    CHECK(legal(c, start));
    last = value;
  }
}

TEST_CASE("refinement by a clock: as long as the fraction says, legal, never worse") {
  Random random(11);
  auto const c = random_case(40, 10, 4);
  auto const model = models()[0];
  gaus::Refiner<gaus::HostGraph> refiner(c.problem, c.system, c.bounds, model);
  auto const start = random_schedule(c, random);
  double const before = value_of(model, plain_costs(c, start));
  int asked = 0;
  auto trial = start;
  double const value =
      refiner.anneal_by(trial, {.moves = 0, .seed = 3}, [&] { return 0.1 * asked++; });
  CHECK(asked == 11);
  CHECK(legal(c, trial));
  CHECK(value < before);
  CHECK(value == doctest::Approx(value_of(model, plain_costs(c, trial))).epsilon(1e-12));
  // Over before it begins.
  trial = start;
  CHECK(refiner.anneal_by(trial, {}, [] { return 1.0; }) == before);
  CHECK(trial == start);
}

TEST_CASE("refinement, confined: stays inside the box, and is free again afterwards") {
  Random random(12);
  auto const c = random_case(40, 12, 6);
  auto const model = models()[0];
  gaus::Refiner<gaus::HostGraph> refiner(c.problem, c.system, c.bounds, model);
  auto const one = random_schedule(c, random);
  auto const two = random_schedule(c, random);
  gaus::StepBounds box{one, one};
  for (std::size_t i = 0; i < one.size(); ++i) {
    box.earliest[i] = std::min(one[i], two[i]);
    box.latest[i] = std::max(one[i], two[i]);
  }
  refiner.confine(box);
  for (bool const chains : {true, false}) {
    auto trial = two;
    gaus::RefineOptions options{.moves = 20000, .seed = 5};
    options.chain_share = chains ? 0.6 : 0;
    refiner.anneal(trial, options, always);
    CHECK(legal(c, trial));
    for (std::size_t i = 0; i < one.size(); ++i) {
      CHECK(trial[i] >= box.earliest[i]);
      CHECK(trial[i] <= box.latest[i]);
    }
  }
  gaus::StepBounds const point{one, one};
  refiner.confine(point);
  auto trial = one;
  refiner.anneal(trial, {.moves = 2000}, always);
  CHECK(trial == one);
  refiner.confine(c.bounds);
  refiner.anneal(trial, {.moves = 20000}, always);
  CHECK(trial != one);
}

TEST_CASE("refinement: limits, plain and pipelined") {
  for (unsigned seed = 1; seed <= 24; ++seed) {
    CAPTURE(seed);
    auto const graph = random_graph(24, seed);
    auto const host = gaus::build_graph(graph);
    // Intervals that no recurrence forbids: those of the longest path and some.
    auto const plain = make_case(graph, 6);
    int const interval = seed % 2 == 0 ? plain.steps : 0;
    auto const system = gaus::make_difference_system(host, interval);
    int const steps = plain.steps + (interval > 0 ? interval : 0);
    auto const bounds = gaus::step_bounds(system, steps);
    auto const problem = gaus::make_problem(host, host, steps, bounds, interval);
    std::vector<int> start = bounds.earliest;
    std::span<int const> const view(start);
    std::vector<std::optional<double>> limits;
    auto const usage = gaus::usage_profile(problem, view);
    bool const met = seed % 3 == 0;  // by the start; else it lacks a unit
    for (int r = 0; r < 3; ++r)
      limits.emplace_back(r == 1 ? std::optional<double>{}
                                 : std::max(4.0, usage.peak(r) - (met ? 0 : 1)));
    gaus::CostModel model;
    model.memory = 1;
    model.lifetime = 0.01;
    double const before = model.memory * gaus::live_profile(problem, view).peak(0) +
                          model.lifetime * gaus::total_lifetime(problem, view);
    gaus::Refiner<gaus::HostGraph> refiner(problem, system, bounds, model, limits);
    double const value = refiner.anneal(start, {.moves = 20000, .seed = seed}, always);
    CHECK(gaus::verify(problem, std::span<int const>(start)).empty());
    bool const kept =
        gaus::resource_violations(problem, std::span<int const>(start), limits).empty();
    CHECK(kept == (value < std::numeric_limits<double>::infinity()));
    CHECK((kept || !met));
    if (met) CHECK(value <= before * (1 + 1e-12));
    if (!kept) continue;
    std::span<int const> const after(start);
    CHECK(value == doctest::Approx(model.memory * gaus::live_profile(problem, after).peak(0) +
                                   model.lifetime * gaus::total_lifetime(problem, after)));
  }
}
