// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/constraint/resource_limit.hpp>
#include <gaus/schedule/pareto.hpp>

#include <gaus/constraint/deadline.hpp>
#include <gaus/graph/random.hpp>
#include <gaus/objective/communication.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/per_operation.hpp>
#include <gaus/objective/total_lifetime.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <span>
#include <utility>
#include <vector>

using namespace gaus_test;

namespace {

using Host = Kokkos::DefaultHostExecutionSpace;

gaus::ParetoOptions few(Case const& c, std::int64_t iterations = 3000) {
  return {.steps = c.steps, .hold_outputs = c.hold_outputs, .iterations = iterations, .solves = 6};
}

/// Six operations that share one class; most of them feed the last.
gaus::GraphDescription crowd(unsigned seed) {
  Random random(seed);
  gaus::GraphDescription g;
  int const unit = g.add_resource("A");
  for (int i = 0; i < 6; ++i) {
    g.add_operation({.latency = 1 + random.below(2), .occupancy = 1 + random.below(2)});
    g.add_demand(i, unit, 1 + random.below(2));
    if (i < 5) g.add_dependence({.from = i, .to = 5, .weight = 1.0 + random.below(4)});
  }
  g.add_dependence({.from = 0, .to = 1 + random.below(4), .weight = 0.5});
  return g;
}

/// The values that no schedule beats in both, by trying all.
template <class Values>
std::vector<std::pair<double, double>> whole_front(Case const& c, Values const& values) {
  std::vector<std::pair<double, double>> front;
  for_each_schedule(c, [&](std::vector<int> const& s) {
    auto const [x, y] = values(plain_costs(c, s));
    for (auto const& [u, v] : front)
      if (u <= x && v <= y) return;
    std::erase_if(front, [x = x, y = y](auto const& p) { return p.first >= x && p.second >= y; });
    front.emplace_back(x, y);
  });
  std::sort(front.begin(), front.end());
  return front;
}

/// Legal, at the values that it claims, a staircase.
template <class Values>
void check_front(Case const& c, gaus::ParetoFront const& front, Values const& values) {
  for (std::size_t k = 0; k < front.points.size(); ++k) {
    auto const& p = front.points[k];
    auto const& s = p.schedule.start_steps;
    CHECK(legal(c, s));
    CHECK(gaus::verify(c.problem, std::span<int const>(s)).empty());
    auto const [x, y] = values(plain_costs(c, s));
    CHECK(p.first == doctest::Approx(x).epsilon(1e-12));
    CHECK(p.second == doctest::Approx(y).epsilon(1e-12));
    if (k == 0) continue;
    CHECK(p.first > front.points[k - 1].first);
    CHECK(p.second < front.points[k - 1].second);
  }
}

auto const usage_and_communication = [](PlainCosts const& p) {
  return std::pair(p.usage, p.communication);
};

}  // namespace

TEST_CASE("pareto: the front of tiny graphs is the whole front") {
  int points = 0;
  for (unsigned seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    auto const c = make_case(crowd(seed), 3);
    auto const expected = whole_front(c, usage_and_communication);
    auto const front =
        gaus::pareto_front(Host(), c.host, gaus::PeakUsage{}, gaus::Communication{}, few(c));
    check_front(c, front, usage_and_communication);
    REQUIRE(front.points.size() >= 1);
    CHECK(front.points.front().first == doctest::Approx(expected.front().first));
    CHECK(front.points.front().second == doctest::Approx(expected.front().second));
    CHECK(front.points.back().first == doctest::Approx(expected.back().first));
    CHECK(front.points.back().second == doctest::Approx(expected.back().second));
    CHECK(front.points.size() == expected.size());
    points += static_cast<int>(expected.size());
  }
  CHECK(points > 16);  // else there were no trade-offs to find
}

TEST_CASE("pareto: other goals, and those that only their policy knows") {
  auto const c = random_case(30, 6, 5);
  auto const values = [](PlainCosts const& p) { return std::pair(p.memory, p.lifetime + p.usage); };
  auto const front =
      gaus::pareto_front(Host(), c.host, gaus::MemoryFootprint{},
                         1.0 * gaus::TotalLifetime{} + gaus::PeakUsage{}, few(c, 1200));
  check_front(c, front, values);
  CHECK(front.points.size() >= 2);
  CHECK(front.solves == 3);  // half of six, since the memory is a peak
  CHECK(front.iterations <= 1200);
}

TEST_CASE("pareto: the same limit of iterations gives the same front") {
  auto const c = random_case(40, 8, 4);
  std::vector<gaus::ParetoFront> fronts;
  for (std::uint64_t const seed : {1, 1, 2}) {
    auto options = few(c, 1200);
    options.seed = seed;
    fronts.push_back(
        gaus::pareto_front(Host(), c.host, gaus::PeakUsage{}, gaus::Communication{}, options));
    check_front(c, fronts.back(), usage_and_communication);
  }
  CHECK(fronts[0].points.size() >= 3);
  REQUIRE(fronts[0].points.size() == fronts[1].points.size());
  for (std::size_t k = 0; k < fronts[0].points.size(); ++k)
    CHECK(fronts[0].points[k].schedule.start_steps == fronts[1].points[k].schedule.start_steps);
}

TEST_CASE("pareto: no more points than asked, ends kept") {
  auto const c = random_case(40, 8, 4);
  auto options = few(c, 600);
  auto const all =
      gaus::pareto_front(Host(), c.host, gaus::PeakUsage{}, gaus::Communication{}, options);
  options.points = 3;
  auto const three =
      gaus::pareto_front(Host(), c.host, gaus::PeakUsage{}, gaus::Communication{}, options);
  REQUIRE(all.points.size() > 3);
  CHECK(three.points.size() == 3);
  check_front(c, three, usage_and_communication);
}

TEST_CASE("pareto: the time limit holds for the whole") {
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
  double const limit = 2;
#else
  double const limit = 12;
#endif
  auto const c = random_case(400, 20, 9);
  for (bool const over_steps : {false, true}) {
    gaus::ParetoOptions const options{
        .steps = c.steps, .hold_outputs = c.hold_outputs, .time_limit = limit};
    auto const begin = std::chrono::steady_clock::now();
    auto const front =
        over_steps
            ? gaus::pareto_over_steps(Host(), c.host, gaus::PeakUsage{}, options)
            : gaus::pareto_front(Host(), c.host, gaus::PeakUsage{}, gaus::Communication{}, options);
    double const seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    CHECK(seconds < 2 * limit + 2);  // on a busy machine
    CHECK(front.seconds <= seconds);
    CHECK(front.points.size() >= 2);
  }
}

TEST_CASE("pareto: a request ends it, by flag and by observer") {
  auto const c = random_case(60, 8, 2);
  std::atomic<bool> const stop{true};
  auto options = few(c, 0);
  options.time_limit = 30;
  options.stop = &stop;
  auto const flagged =
      gaus::pareto_front(Host(), c.host, gaus::PeakUsage{}, gaus::Communication{}, options);
  CHECK(flagged.stopped_by == gaus::StopReason::request);
  CHECK(flagged.points.size() >= 1);
  check_front(c, flagged, usage_and_communication);
  options.stop = nullptr;
  int calls = 0;
  options.observer = [&](gaus::ParetoProgress const& progress) {
    CHECK(progress.fraction >= 0);
    CHECK(progress.solves >= 0);
    return ++calls >= 5;
  };
  auto const observed =
      gaus::pareto_front(Host(), c.host, gaus::PeakUsage{}, gaus::Communication{}, options);
  CHECK(observed.stopped_by == gaus::StopReason::request);
  CHECK(calls == 5);
}

TEST_CASE("pareto: constraints hold at every point") {
  auto const c = random_case(20, 6, 3);
  int const deadline = c.bounds.earliest[0] + c.graph.operations[0].latency;
  gaus::Constraints const rules{gaus::Deadline{.step = deadline, .operation = 0}};
  auto const front = gaus::pareto_front(Host(), c.host, gaus::PeakUsage{}, gaus::Communication{},
                                        rules, few(c, 600));
  check_front(c, front, usage_and_communication);
  REQUIRE(!front.points.empty());
  for (auto const& point : front.points)
    CHECK(point.schedule.start_step(0) == c.bounds.earliest[0]);
}

TEST_CASE("pareto over steps: each number of steps on tiny graphs, by trying all") {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    auto const c = random_case(6, 3, seed);
    auto const values = [](PlainCosts const& p) { return std::pair(p.memory, p.makespan); };
    // Held outputs live to the end of the steps, which differ: leave them out.
    auto const plain = make_case(c.graph, 3);
    auto const expected = whole_front(plain, values);
    auto options = few(plain);
    options.solves = 4;
    auto const front =
        gaus::pareto_over_steps(Host(), plain.host, gaus::MemoryFootprint{}, options);
    check_front(plain, front, values);
    std::vector<std::pair<double, double>> found;
    for (auto const& point : front.points) found.emplace_back(point.first, point.second);
    CHECK(found == expected);
  }
}

TEST_CASE("pareto over steps: more steps never cost more, squeezed starts are legal") {
  auto const c = make_case(gaus::butterfly(3), 12);
  auto const values = [](PlainCosts const& p) { return std::pair(p.usage, p.makespan); };
  auto const front = gaus::pareto_over_steps(Host(), c.host, gaus::PeakUsage{}, few(c, 900));
  check_front(c, front, values);
  CHECK(front.points.size() >= 2);
  CHECK(front.solves == 6);
  for (auto const& point : front.points) CHECK(point.second <= point.schedule.steps);
}

TEST_CASE("pareto: nothing, one operation, no freedom") {
  auto const none = gaus::build_graph({});
  CHECK(gaus::pareto_front(Host(), none, gaus::PeakUsage{}, gaus::Communication{}).points.size() ==
        1);
  CHECK(
      gaus::pareto_over_steps(Host(), none, gaus::MemoryFootprint{}, {.slack = 2}).points.size() ==
      1);
  gaus::GraphDescription g;
  g.add_operation({.latency = 2});
  g.add_demand(0, g.add_resource("A"), 3);
  auto const one = gaus::build_graph(g);
  for (int const steps : {2, 5}) {
    auto const front = gaus::pareto_front(Host(), one, gaus::PeakUsage{}, gaus::Communication{},
                                          {.steps = steps, .iterations = 100});
    REQUIRE(front.points.size() == 1);
    CHECK(front.points[0].first == 3);
    CHECK(front.points[0].second == 0);
    auto const sweep = gaus::pareto_over_steps(Host(), one, gaus::PeakUsage{},
                                               {.steps = steps, .iterations = 100});
    REQUIRE(sweep.points.size() == 1);
    CHECK(sweep.points[0].second == 2);
  }
}

TEST_CASE("pareto: bad options") {
  auto const c = random_case(6, 3, 1);
  CHECK_THROWS_AS(
      gaus::pareto_front(Host(), c.host, gaus::PeakUsage{}, gaus::Communication{}, {.solves = 1}),
      gaus::InvalidInput);
  CHECK_THROWS_AS(
      gaus::pareto_front(Host(), c.host, gaus::PeakUsage{}, gaus::Communication{}, {.steps = 1}),
      gaus::Infeasible);
  CHECK_THROWS_AS(gaus::pareto_over_steps(Host(), c.host, gaus::PeakUsage{}, {.slack = 0.5}),
                  gaus::InvalidInput);
}

TEST_CASE("pareto: under limits, over steps too") {
  gaus::GraphDescription g;
  int const unit = g.add_resource("unit", 1);
  for (int i = 0; i < 6; ++i) g.add_demand(g.add_operation({}), unit);
  for (int i = 0; i < 4; ++i) g.add_dependence(i, 4 + i % 2);
  auto const graph = gaus::build_graph(g);
  gaus::Constraints const limits{gaus::ResourceLimit<>(g.limits())};
  auto const sweep = gaus::pareto_over_steps(Host(), graph, gaus::TotalLifetime{}, limits,
                                             {.slack = 5, .iterations = 600});
  REQUIRE(!sweep.points.empty());
  CHECK(sweep.points.back().second == 6);  // the first value falls as the steps rise
  auto const front = gaus::pareto_front(Host(), graph, gaus::MemoryFootprint{},
                                        gaus::TotalLifetime{}, limits, {.iterations = 600});
  REQUIRE(!front.points.empty());
  for (auto const& point : front.points) CHECK(point.schedule.steps == 6);
}
