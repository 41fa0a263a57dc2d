// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/constraint/deadline.hpp>
#include <gaus/constraint/difference.hpp>
#include <gaus/io/aiger.hpp>
#include <gaus/io/file.hpp>
#include <gaus/objective/communication.hpp>
#include <gaus/objective/makespan.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/per_operation.hpp>
#include <gaus/objective/total_lifetime.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/schedule.hpp>
#include <support/schedules.hpp>
#include <support/spaces.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

using namespace gaus_test;

namespace {

using Host = Kokkos::DefaultHostExecutionSpace;

auto cost_a() { return 100.0 * gaus::PeakUsage{} + gaus::Communication{}; }
double value_a(Case const& c, std::vector<int> const& s) {
  auto const plain = plain_costs(c, s);
  return 100 * plain.usage + plain.communication;
}

/// Any mix of the shipped costs: one type, as every type compiles a solver of its own. Summed in
/// another order than the search sums them.
auto mix(double usage, double memory, double lifetime, double communication, double makespan) {
  return makespan * gaus::Makespan{} + communication * gaus::Communication{} +
         memory * gaus::MemoryFootprint{} + lifetime * gaus::TotalLifetime{} +
         usage * gaus::PeakUsage{};
}

/// An objective that says nothing of the shipped costs: squared distances from the middle step.
struct FromTheMiddle {
  static constexpr char const* name = "from_the_middle";
  double middle = 0;
  template <class G, class Real>
  KOKKOS_FUNCTION gaus::Term<Real> operator()(gaus::Problem<G> const&, int,
                                              gaus::StartStep<Real> const& s) const {
    Real const x = s.mean - static_cast<Real>(middle);
    return {x * x + s.spread * s.spread, 2 * x, 2 * s.spread};
  }
  template <class G>
  double exact(gaus::Problem<G> const&, int, int start) const {
    return (start - middle) * (start - middle);
  }
};

/// A rule that the legaliser does not know: no operation starts before a step.
struct NotBefore {
  static constexpr char const* name = "not_before";
  int step = 0;
  template <class G, class Real>
  KOKKOS_FUNCTION gaus::Term<Real> operator()(gaus::Problem<G> const&, int,
                                              gaus::StartStep<Real> const& s) const {
    return {static_cast<Real>(step) - s.mean, Real(-1), Real(0)};
  }
  template <class G>
  double exact(gaus::Problem<G> const&, int, int start) const {
    return step - start;
  }
};

/// Legal by the definitions, verified by the library, and no worse than any cheap schedule.
template <class Value>
void check_result(Case const& c, gaus::SolveResult const& result, Value const& value) {
  auto const& s = result.schedule.start_steps;
  CHECK(legal(c, s));
  CHECK(result.feasible);
  CHECK(result.violations.empty());
  CHECK(gaus::verify(c.problem, std::span<int const>(s)).empty());
  CHECK(result.value == doctest::Approx(value(c, s)).epsilon(1e-12));
  CHECK(result.schedule.steps == c.steps);
  CHECK(result.schedule.initiation_interval == 0);
  CHECK(result.lower_bound <= result.value);
  for (auto const& other : {c.bounds.earliest, c.bounds.latest,
                            gaus::list_schedule(c.host, c.system, c.bounds, c.steps)})
    CHECK(result.value <= value(c, other) * (1 + 1e-12) + 1e-12);
  double last = std::numeric_limits<double>::infinity();
  double seconds = 0;
  for (auto const& point : result.trace) {
    CHECK(point.value < last);
    CHECK(point.seconds >= seconds);
    last = point.value;
    seconds = point.seconds;
  }
  CHECK(last == doctest::Approx(result.value).epsilon(1e-12));
  CHECK(seconds <= result.seconds);
}

gaus::Options options_for(Case const& c, std::int64_t iterations, std::uint64_t seed = 0) {
  gaus::Options options;
  options.steps = c.steps;
  options.hold_outputs = c.hold_outputs;
  options.iterations = iterations;
  options.seed = seed;
  return options;
}

template <class Objective>
gaus::SolveResult solve(Case const& c, Objective const& objective, gaus::Options const& options) {
  return gaus::schedule(Host(), c.host, objective, options);
}

/// The value to reach, and a solve that ends as soon as it has.
template <class Objective, class Value>
void check_optimum(Case const& c, Objective const& objective, Value const& value) {
  double optimum = std::numeric_limits<double>::infinity();
  for_each_schedule(c,
                    [&](std::vector<int> const& s) { optimum = std::min(optimum, value(c, s)); });
  auto options = options_for(c, 2000);
  options.observer = [&](gaus::Progress const& p) { return p.value <= optimum + 1e-9; };
  auto const result = solve(c, objective, options);
  CHECK(result.value == doctest::Approx(optimum));
  CHECK(legal(c, result.schedule.start_steps));
}

}  // namespace

TEST_CASE("solve: no operations") {
  auto const graph = gaus::build_graph(gaus::GraphDescription{});
  auto const result = gaus::schedule(Host(), graph, cost_a());
  CHECK(result.schedule.start_steps.empty());
  CHECK(result.value == 0);
  CHECK(result.feasible);
  CHECK(result.stopped_by == gaus::StopReason::optimal);
  CHECK(gaus::schedule(Host(), graph, gaus::Makespan{}, {.steps = 5}).schedule.steps == 5);
}

TEST_CASE("solve: one operation, with and without freedom") {
  gaus::GraphDescription g;
  g.add_operation({.latency = 2, .occupancy = 3, .size = 4});
  g.add_demand(0, g.add_resource("A"), 2);
  auto const graph = gaus::build_graph(g);
  auto const result = gaus::schedule(Host(), graph, gaus::PeakUsage{});
  CHECK(result.schedule.start_steps == std::vector<int>{0});
  CHECK(result.schedule.steps == 3);
  CHECK(result.value == 2);
  CHECK(result.stopped_by == gaus::StopReason::optimal);
  auto const early =
      gaus::schedule(Host(), graph, gaus::Makespan{}, {.steps = 9, .iterations = 30});
  CHECK(early.value == 3);
  CHECK(early.schedule.start_step(0) == 0);
}

TEST_CASE("solve: no mobility is optimal at once") {
  gaus::GraphDescription g;
  for (int i = 0; i < 5; ++i) g.add_operation({.latency = i % 3});
  for (int i = 1; i < 5; ++i) g.add_dependence(i - 1, i);
  auto const c = make_case(g, 0);
  auto const result = solve(c, gaus::MemoryFootprint{}, options_for(c, 100));
  CHECK(result.stopped_by == gaus::StopReason::optimal);
  CHECK(result.iterations == 0);
  CHECK(result.schedule.start_steps == c.bounds.earliest);
}

TEST_CASE_TEMPLATE("solve: every schedule is legal, priced right, and no worse than the cheap ones",
                   Space, GAUS_TEST_SPACES) {
  Space const exec;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    auto const c = random_case(12 + 9 * static_cast<int>(seed), static_cast<int>(seed) * 3, seed);
    auto const graph = gaus::build_graph<typename Space::memory_space>(c.graph);
    auto const options = options_for(c, 60, seed);
    check_result(c, gaus::schedule(exec, graph, cost_a(), options), value_a);
    check_result(c, gaus::schedule(exec, graph, gaus::MemoryFootprint{}, options),
                 [](auto const& k, auto const& s) { return plain_costs(k, s).memory; });
    check_result(c,
                 gaus::schedule<double>(exec, graph,
                                        1.0 * gaus::TotalLifetime{} + 2.0 * gaus::Makespan{} +
                                            3.0 * gaus::PeakUsage{.resource = 1},
                                        options),
                 [](auto const& k, auto const& s) {
                   auto const p = plain_costs(k, s);
                   return p.lifetime + 2 * p.makespan + 3 * p.usage_of[1];
                 });
  }
}

TEST_CASE("solve: the optimum of tiny graphs, found by trying all schedules") {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    auto const c = random_case(seed % 2 == 0 ? 5 : 6, 2, seed + 30);
    check_optimum(c, cost_a(), value_a);
    check_optimum(c, gaus::MemoryFootprint{},
                  [](auto const& k, auto const& s) { return plain_costs(k, s).memory; });
    check_optimum(c, gaus::TotalLifetime{},
                  [](auto const& k, auto const& s) { return plain_costs(k, s).lifetime; });
    check_optimum(c, gaus::Makespan{},
                  [](auto const& k, auto const& s) { return plain_costs(k, s).makespan; });
    check_optimum(c, gaus::PeakUsage{.resource = 1},
                  [](auto const& k, auto const& s) { return plain_costs(k, s).usage_of[1]; });
    check_optimum(c, 5.0 * gaus::Makespan{} + cost_a(), [](auto const& k, auto const& s) {
      return value_a(k, s) + 5 * plain_costs(k, s).makespan;
    });
  }
}

TEST_CASE("solve: no schedule of a tiny graph is below the lower bound") {
  for (unsigned seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    auto const c = random_case(5, 3, seed + 60);
    double optimum = std::numeric_limits<double>::infinity();
    auto const value = [](Case const& k, std::vector<int> const& s) {
      auto const p = plain_costs(k, s);
      return 3.3 * p.usage + 0.7 * p.memory + 0.1 * p.communication;
    };
    for_each_schedule(c,
                      [&](std::vector<int> const& s) { optimum = std::min(optimum, value(c, s)); });
    auto const result = solve(c, mix(3.3, 0.7, 0, 0.1, 0), options_for(c, 100, seed));
    check_result(c, result, value);
    CHECK(result.lower_bound > 0);
    CHECK(result.lower_bound <= optimum);
    if (result.stopped_by == gaus::StopReason::optimal) {
      CHECK(result.value == doctest::Approx(optimum));
      CHECK(result.lower_bound == doctest::Approx(optimum));
    }
  }
}

TEST_CASE("solve: stops when the bound proves the schedule") {
  // Two independent operations of one unit in two steps: one at a time, which no schedule betters.
  gaus::GraphDescription g;
  int const unit = g.add_resource("A");
  for (int i = 0; i < 2; ++i) {
    g.add_operation({.size = 0});
    g.add_demand(i, unit);
  }
  auto const c = make_case(g, 1);
  gaus::Options options;  // without a limit: the proof alone ends it
  options.steps = c.steps;
  auto const result = solve(c, gaus::PeakUsage{}, options);
  CHECK(result.stopped_by == gaus::StopReason::optimal);
  CHECK(result.value == 1);
  CHECK(result.lower_bound == 1);
  CHECK(result.iterations == 0);
  // Linear costs are solved exactly, whatever the graph.
  auto const r = random_case(60, 12, 4);
  for (double const weight : {0.0, 0.1}) {
    auto const linear = solve(r, mix(0, 0, weight, 1, 0), options_for(r, 50));
    CHECK(linear.stopped_by == gaus::StopReason::optimal);
    CHECK(linear.iterations == 0);
    CHECK(linear.lower_bound == doctest::Approx(linear.value));
    CHECK(linear.lower_bound <= linear.value);
  }
}

TEST_CASE("solve: fixed operations are their own bound, in any mix of weights") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    auto g = random_graph(12, seed);
    g.dependences.clear();
    for (int i = 1; i < 12; ++i) g.add_dependence({.from = i - 1, .to = i, .weight = 0.1 * i});
    for (auto& o : g.operations) o.occupancy = std::min(o.occupancy, o.latency);
    for (auto& o : g.operations) o.size *= 0.7;
    std::erase_if(g.demands,
                  [&](auto const& d) { return g.operations[at(d.operation)].occupancy == 0; });
    auto const c = make_case(g, 0);
    auto const result = solve(c, mix(0.1, 1.1, 0.7, 0.3, 0.3), options_for(c, 100));
    CHECK(result.stopped_by == gaus::StopReason::optimal);
    CHECK(result.lower_bound <= result.value);
    CHECK(result.lower_bound == doctest::Approx(result.value));
    CHECK(result.schedule.start_steps == c.bounds.earliest);
  }
}

TEST_CASE("solve: no bound where none is wanted or known") {
  double const none = -std::numeric_limits<double>::infinity();
  auto const c = random_case(20, 6, 3);
  auto options = options_for(c, 40);
  CHECK(solve(c, gaus::PeakUsage{}, options).lower_bound > 0);
  options.bound = false;
  auto const without = solve(c, gaus::PeakUsage{}, options);
  CHECK(without.lower_bound == none);
  CHECK(without.stopped_by == gaus::StopReason::iterations);
  options.bound = true;
  auto const own = gaus::PerOperation{FromTheMiddle{3}};
  CHECK(solve(c, own, options).lower_bound == none);
  CHECK(solve(c, 1.0 * own + 1.0 * gaus::MemoryFootprint{}, options).lower_bound == none);
  CHECK(solve(c, mix(1, 0, 0, -1, 0), options).lower_bound == none);
}

TEST_CASE("solve: never worse than the start it is given, legal or not") {
  Random random(4);
  for (unsigned seed = 1; seed <= 4; ++seed) {
    auto const c = random_case(30, 9, seed);
    auto options = options_for(c, 1, seed);
    options.start = solve(c, cost_a(), options_for(c, 120, seed)).schedule.start_steps;
    CHECK(solve(c, cost_a(), options).value <= value_a(c, options.start) + 1e-9);
    options.start = random_steps(c, random, 1000);
    check_result(c, solve(c, cost_a(), options), value_a);
    int const top = std::numeric_limits<int>::max();
    options.start.assign(options.start.size(), seed % 2 == 0 ? top : -top);
    check_result(c, solve(c, cost_a(), options), value_a);
  }
}

TEST_CASE("solve: the same seed and iterations give the same bits, another seed another way") {
  auto const c = random_case(60, 15, 3);
  auto const one = solve(c, cost_a(), options_for(c, 150, 5));
  auto const two = solve(c, cost_a(), options_for(c, 150, 5));
  CHECK(one.schedule.start_steps == two.schedule.start_steps);
  CHECK(one.value == two.value);
  CHECK(one.iterations == two.iterations);
  CHECK(one.lower_bound == two.lower_bound);
  CHECK(one.lower_bound > 0);
  CHECK(one.stopped_by == two.stopped_by);
  auto const other = solve(c, cost_a(), options_for(c, 150, 6));
  CHECK(one.schedule.start_steps != other.schedule.start_steps);
}

#if defined(KOKKOS_ENABLE_OPENMP)
TEST_CASE("solve: the same bits on one thread and on two") {
  auto const c = random_case(300, 30, 8);
  auto const options = options_for(c, 40, 2);
  auto const one = gaus::schedule(Kokkos::OpenMP(1), c.host, cost_a(), options);
  auto const two = gaus::schedule(Kokkos::OpenMP(2), c.host, cost_a(), options);
  CHECK(one.schedule.start_steps == two.schedule.start_steps);
}

TEST_CASE("solve: two at once, on two instances, from two threads") {
  auto const c = random_case(80, 15, 9);
  auto const options = options_for(c, 60, 2);
  auto const alone = gaus::schedule(Kokkos::OpenMP(1), c.host, cost_a(), options);
  Kokkos::OpenMP const left(1);
  Kokkos::OpenMP const right(1);
  gaus::SolveResult a;
  gaus::SolveResult b;
  std::thread thread([&] { a = gaus::schedule(left, c.host, cost_a(), options); });
  b = gaus::schedule(right, c.host, cost_a(), options);
  thread.join();
  CHECK(a.schedule.start_steps == alone.schedule.start_steps);
  CHECK(b.schedule.start_steps == alone.schedule.start_steps);
}
#endif

TEST_CASE("solve: too few steps are Infeasible, with the path as data") {
  auto const c = random_case(40, 0, 12);
  auto const critical = c.steps;
  bool thrown = false;
  try {
    gaus::schedule(Host(), c.host, cost_a(), {.steps = critical - 2});
  } catch (gaus::Infeasible const& error) {
    thrown = true;
    auto const& reason = error.reason();
    CHECK(reason.kind == gaus::InfeasibleReason::Kind::window);
    CHECK(reason.required == critical);
    CHECK(reason.available == critical - 2);
    REQUIRE_FALSE(reason.operations.empty());
    long long length = 0;  // along the path, every operation right after the one before
    for (std::size_t k = 0; k + 1 < reason.operations.size(); ++k) {
      int best = std::numeric_limits<int>::min();
      for (auto const& d : c.graph.dependences)
        if (d.from == reason.operations[k] && d.to == reason.operations[k + 1] && d.distance == 0)
          best = std::max(best, c.graph.operations[at(d.from)].latency + d.delay);
      length += best;
    }
    CHECK(length + c.length(reason.operations.back()) == reason.required);
    CHECK(std::string(error.what()).find(std::to_string(critical)) != std::string::npos);
  }
  CHECK(thrown);
}

TEST_CASE("solve: distances that contradict are Infeasible, with the cycle") {
  auto const c = make_case(random_graph(6, 2), 5);
  gaus::Constraints const rules(gaus::Difference<>(6, {{0, 5, 3}, {5, 0, -2}}));
  bool thrown = false;
  try {
    gaus::schedule(Host(), c.host, cost_a(), rules, options_for(c, 10));
  } catch (gaus::Infeasible const& error) {
    thrown = true;
    CHECK(error.reason().kind == gaus::InfeasibleReason::Kind::cycle);
    CHECK(error.reason().required > 0);
  }
  CHECK(thrown);
}

TEST_CASE("solve: input without meaning is refused") {
  auto const c = random_case(5, 3, 1);
  double const nan = std::numeric_limits<double>::quiet_NaN();
  double const infinity = std::numeric_limits<double>::infinity();
  auto const none = gaus::build_graph(gaus::GraphDescription{});
  CHECK_THROWS_AS(gaus::schedule(Host(), c.host, cost_a(), {.steps = -1}), gaus::InvalidInput);
  CHECK_THROWS_AS(
      gaus::schedule(Host(), c.host, cost_a(), {.steps = std::numeric_limits<int>::max()}),
      gaus::InvalidInput);
  for (double const slack : {0.99, 0.0, -1.0, nan, infinity, 1e300}) {
    CAPTURE(slack);
    CHECK_THROWS_AS(gaus::schedule(Host(), c.host, cost_a(), {.slack = slack}), gaus::InvalidInput);
  }
  CHECK_THROWS_AS(gaus::schedule(Host(), none, cost_a(), {.slack = infinity}), gaus::InvalidInput);
  for (double const limit : {nan, infinity})
    CHECK_THROWS_AS(gaus::schedule(Host(), c.host, cost_a(), {.time_limit = limit}),
                    gaus::InvalidInput);
  CHECK_THROWS_WITH_AS(
      gaus::schedule(Host(), c.host, nan * gaus::MemoryFootprint{} + gaus::Communication{}),
      "weighted sum: the weight nan of memory is not a finite number", gaus::InvalidInput);
  CHECK_THROWS_AS(gaus::schedule(Host(), c.host, cost_a(), {.start = {0, 0}}), gaus::InvalidInput);
  CHECK_THROWS_AS(gaus::schedule(Host(), c.host, cost_a(),
                                 gaus::Constraints(gaus::Deadline{.step = 9, .operation = 5})),
                  gaus::InvalidInput);
}

TEST_CASE("solve: slack is a factor on the critical path, rounded up") {
  auto const c = make_case(random_graph(10, 3), 0);
  auto const steps = [&](double slack) {
    return gaus::schedule(Host(), c.host, cost_a(), {.slack = slack, .iterations = 1})
        .schedule.steps;
  };
  CHECK(steps(1) == c.steps);
  CHECK(steps(2) == 2 * c.steps);
  CHECK(steps(1.5) == static_cast<int>(std::ceil(1.5 * c.steps)));
}

TEST_CASE("solve: the observer sees progress and can stop") {
  auto const c = random_case(30, 9, 2);
  auto options = options_for(c, 400);
  int calls = 0;
  double fraction = 0;
  options.observer = [&](gaus::Progress const& p) {
    CHECK(p.fraction >= fraction);
    CHECK(std::isfinite(p.value));
    fraction = p.fraction;
    return ++calls == 4;
  };
  auto const result = solve(c, cost_a(), options);
  CHECK(calls == 4);
  CHECK(result.stopped_by == gaus::StopReason::request);
  CHECK(result.iterations < 400);
  check_result(c, result, value_a);
}

TEST_CASE("solve: a flag stops it from another thread") {
  auto const c = random_case(60, 9, 2);
  std::atomic<bool> stop{false};
  auto options = options_for(c, 0);
  options.time_limit = 30;
  options.stop = &stop;
  std::thread thread([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    stop = true;
  });
  auto const result = solve(c, cost_a(), options);
  thread.join();
  CHECK(result.stopped_by == gaus::StopReason::request);
  CHECK(result.seconds < 5);
  check_result(c, result, value_a);
}

TEST_CASE("solve: the time limit is kept") {
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
  double const late = 0.3;
#else
  double const late = 3;
#endif
  for (int const operations : {20, 3000}) {
    CAPTURE(operations);
    auto const c = random_case(operations, 40, 7);
    auto options = options_for(c, 0);
    options.time_limit = 0.3;
    auto const result = solve(c, cost_a(), options);
    CHECK(result.stopped_by == gaus::StopReason::time_limit);
    CHECK(result.seconds >= 0.3);
    CHECK(result.seconds < 0.3 + late);
    CHECK(legal(c, result.schedule.start_steps));
  }
}

TEST_CASE("solve: of two limits the first one counts") {
  auto const c = random_case(40, 12, 3);
  for (int const iterations : {1, 40, 630}) {
    gaus::Options options;
    options.steps = c.problem.steps;
    options.iterations = iterations;
    options.time_limit = 60;
    options.stop_when_proven = false;
    auto const result = gaus::schedule(Host{}, c.problem.graph, cost_a(), options);
    CHECK(result.stopped_by == gaus::StopReason::iterations);
    CHECK(result.iterations == iterations);
    CHECK(result.seconds < 30);
  }
  // An expert's recipe is played however short, and one of no length ends all the same.
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
  double const limit = 0.3;
#else
  double const limit = 10;
#endif
  for (int const length : {0, 10}) {
    gaus::Options options;
    options.steps = c.problem.steps;
    options.time_limit = limit;
    options.iterations = length == 0 ? 3 : 0;
    options.recipe = gaus::Recipe{.iterations = length};
    options.stop_when_proven = false;
    auto const result = gaus::schedule(Host{}, c.problem.graph, cost_a(), options);
    CHECK(result.iterations > 0);
  }
}

TEST_CASE("solve: an objective of one's own, that describes nothing") {
  for (unsigned seed = 1; seed <= 2; ++seed) {
    auto const c = random_case(6, 2, seed + 40);
    auto const objective = gaus::PerOperation{FromTheMiddle{0.6 * c.steps}};
    auto const value = [](Case const& k, std::vector<int> const& s) {
      double total = 0;
      for (int const t : s) total += (t - 0.6 * k.steps) * (t - 0.6 * k.steps);
      return total;
    };
    check_result(c, solve(c, objective, options_for(c, 40)), value);
    check_optimum(c, objective, value);
    check_optimum(c, 1.0 * objective + 10.0 * gaus::MemoryFootprint{},
                  [&](Case const& k, std::vector<int> const& s) {
                    return value(k, s) + 10 * plain_costs(k, s).memory;
                  });
  }
}

TEST_CASE("solve: distances and deadlines hold by construction") {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    auto const bound = random_case(25, 6, seed, true);  // its extra distances leave some freedom
    auto const asap = bound.bounds.earliest;
    gaus::Constraints const rules(
        gaus::Difference<>(bound.operations(), bound.extra),
        gaus::Deadline{.step = asap[4] + bound.length(4) + 1, .operation = 4});
    auto const result =
        gaus::schedule(Host(), bound.host, cost_a(), rules, options_for(bound, 60, seed));
    auto const& s = result.schedule.start_steps;
    CHECK(result.feasible);
    CHECK(legal(bound, s));
    CHECK(s[4] <= asap[4] + 1);
    CHECK(result.value == doctest::Approx(value_a(bound, s)));
  }
}

TEST_CASE("solve: other constraints are met where they can be, and reported where not") {
  gaus::GraphDescription g;
  for (int i = 0; i < 6; ++i) g.add_operation({});
  for (int i = 1; i < 4; ++i) g.add_dependence(i - 1, i);
  auto const c = make_case(g, 3);  // 0 -> 1 -> 2 -> 3 and two others; 7 steps
  auto const rule = [&](int step) {
    return gaus::schedule(Host(), c.host, gaus::Makespan{},
                          gaus::Constraints(gaus::PerOperation{NotBefore{step}}),
                          options_for(c, 60));
  };
  auto const met = rule(2);
  CHECK(met.feasible);
  CHECK(met.violations.empty());
  CHECK(*std::min_element(met.schedule.start_steps.begin(), met.schedule.start_steps.end()) >= 2);
  CHECK(met.value == 6);
  auto const missed = rule(5);  // 0, 1 at 3, 4 at the latest
  CHECK_FALSE(missed.feasible);
  CHECK(legal(c, missed.schedule.start_steps));
  double excess = 0;
  for (auto const& v : missed.violations) {
    CHECK(v.constraint == "not_before");
    excess += v.excess;
  }
  CHECK(excess == 3);  // 2 and 1: the least there is
}

// Only where the data is: the folder that GAUS_BENCHMARK_DATA names.
TEST_CASE("solve: EPFL circuits in 2,000 iterations") {
  char const* const folder = std::getenv("GAUS_BENCHMARK_DATA");
  if (folder == nullptr) return;
  for (auto const& [name, most_a, most_b] :
       {std::tuple("ctrl", 2700.0, 34.0), std::tuple("router", 3650.0, 66.0)}) {
    auto const path = std::filesystem::path(folder) / "epfl" / (std::string(name) + ".aig");
    if (!std::filesystem::exists(path)) continue;
    CAPTURE(name);
    auto stream = gaus::open_input(path);
    auto const c = make_case(gaus::read_aiger(stream), 0);
    auto options = options_for(c, 0);
    options.iterations = 2000;  // not seconds: a busy machine must not decide
    auto const a = solve(c, cost_a(), options);
    CHECK(a.value <= most_a);
    CHECK(legal(c, a.schedule.start_steps));
    CHECK(a.value == value_a(c, a.schedule.start_steps));
    auto const b = solve(c, gaus::MemoryFootprint{}, options);
    CHECK(b.value <= most_b);
    CHECK(legal(c, b.schedule.start_steps));
    CHECK(b.value == plain_costs(c, b.schedule.start_steps).memory);
  }
}
