// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph/builder.hpp>
#include <gaus/objective/communication.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/pipeline.hpp>
#include <support/loops.hpp>
#include <support/problems.hpp>
#include <support/small_loops.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <atomic>
#include <optional>
#include <span>
#include <string>
#include <vector>

using namespace gaus_test;

namespace {

Kokkos::DefaultHostExecutionSpace host() { return {}; }

/// load -> mul -> add, add read by the next add: an accumulation on one multiplier.
gaus::GraphDescription accumulation() {
  gaus::GraphDescription g;
  int const mul = g.add_resource("MUL", 1);
  g.add_operation({.latency = 1}, "load");
  g.add_operation({.latency = 3, .occupancy = 2}, "mul");
  g.add_operation({.latency = 1}, "add");
  g.add_dependence(0, 1);
  g.add_dependence(1, 2);
  g.add_dependence({.from = 2, .to = 2, .distance = 1});
  g.add_demand(1, mul);
  return g;
}

}  // namespace

TEST_CASE("pipeline: by hand") {
  auto const g = accumulation();
  auto const r = gaus::pipeline(host(), gaus::build_graph(g), gaus::MemoryFootprint{}, g.limits(),
                                {.names = &g});
  CHECK(r.schedule.initiation_interval == 2);  // the multiplier is busy for two steps
  CHECK(r.minimum.interval == 2);
  CHECK(r.interval_is_minimal);
  CHECK(r.interval_text.find("MUL") != std::string::npos);
  CHECK(r.feasible);
  // load is read at once, mul's value appears as add starts, add's is kept to the next iteration.
  CHECK(r.schedule.start_step(1) == r.schedule.start_step(0) + 1);
  CHECK(r.schedule.start_step(2) == r.schedule.start_step(1) + 3);
  CHECK(r.costs.lifetime == 1 + 1 + 2);
  CHECK(r.value == 2);
  CHECK(r.lower_bound == 2);
  CHECK(r.stopped_by == gaus::StopReason::optimal);
  CHECK(r.stages == 3);  // five steps, two each
}

TEST_CASE("pipeline: an impossible interval says why") {
  auto g = accumulation();
  auto const reason_of = [&](int interval) {
    std::string text;
    try {
      gaus::pipeline(host(), gaus::build_graph(g), gaus::MemoryFootprint{}, g.limits(),
                     {.initiation_interval = interval, .names = &g});
    } catch (gaus::Infeasible const& error) {
      CHECK(error.reason().required > error.reason().available);
      text = error.what();
    }
    return text;
  };
  CHECK(reason_of(1) ==
        "no schedule of initiation interval 1 exists (ResMII 2): operation 1 (mul) takes resource "
        "MUL for 2 units x steps an iteration, an interval has 1");
  g.add_dependence({.from = 2, .to = 0, .distance = 1});
  auto const text = reason_of(4);
  CHECK(text.find("no schedule of initiation interval 4 exists (RecMII 5): the cycle ") == 0);
  CHECK(text.find("(load)") != std::string::npos);
  CHECK(text.find("takes 5 steps over distance 1") != std::string::npos);
}

TEST_CASE("pipeline: the interval and the steps that are asked for") {
  auto const g = accumulation();
  auto const graph = gaus::build_graph(g);
  auto const r = gaus::pipeline(host(), graph, gaus::MemoryFootprint{}, g.limits(),
                                {.initiation_interval = 4, .steps = 7});
  CHECK(r.schedule.initiation_interval == 4);
  CHECK(r.schedule.steps == 7);
  CHECK_FALSE(r.interval_is_minimal);
  CHECK(r.value == 2);
  CHECK(r.stages == 2);
  CHECK_THROWS_AS(gaus::pipeline(host(), graph, gaus::MemoryFootprint{}, g.limits(), {.steps = 4}),
                  gaus::Infeasible);
  CHECK_THROWS_AS(gaus::pipeline(host(), graph, gaus::MemoryFootprint{}, g.limits(), {.steps = -1}),
                  gaus::InvalidInput);
  CHECK_THROWS_AS(gaus::pipeline(host(), graph, gaus::MemoryFootprint{}, g.limits(),
                                 {.initiation_interval = -2}),
                  gaus::InvalidInput);
  CHECK_THROWS_AS(gaus::pipeline(host(), graph, gaus::MemoryFootprint{}, {}), gaus::InvalidInput);
}

TEST_CASE("pipeline: nothing, and one operation that reads its own value") {
  gaus::GraphDescription g;
  auto const none = gaus::pipeline(host(), gaus::build_graph(g), gaus::MemoryFootprint{}, {});
  CHECK(none.schedule.initiation_interval == 1);
  CHECK(none.schedule.start_steps.empty());
  CHECK(none.value == 0);
  CHECK(none.feasible);
  g.add_operation({.latency = 3});
  g.add_dependence({.from = 0, .to = 0, .distance = 2});
  auto const one = gaus::pipeline(host(), gaus::build_graph(g), gaus::MemoryFootprint{}, {});
  CHECK(one.schedule.initiation_interval == 2);
  CHECK(one.value == 1);  // there at the end of step 2, read in step 4: two boundaries, one a slot
  CHECK(one.stages == 2);
}

TEST_CASE("pipeline: small loops have their least objective, and bounds hold") {
  Random random(11);
  for (unsigned seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    auto const loop = small_loop(seed);
    bool const outputs = seed % 4 == 0;
    auto const objective = 2.0 * gaus::MemoryFootprint{} + 0.5 * gaus::Communication{};
    auto const graph = gaus::build_graph(loop.graph);
    auto const r = gaus::pipeline(host(), graph, objective, loop.graph.limits(),
                                  {.initiation_interval = loop.interval,
                                   .steps = loop.steps,
                                   .hold_outputs = outputs,
                                   .seed = seed,
                                   .time_limit = 0.3});
    CHECK(r.feasible);
    auto const problem = gaus::make_problem(graph, loop.steps, loop.interval, outputs);
    std::span<int const> const start(r.schedule.start_steps);
    CHECK(gaus::verify(problem, start).empty());
    CHECK(gaus::resource_violations(problem, start, loop.graph.limits()).empty());
    double least = std::numeric_limits<double>::infinity();
    for_each_loop_schedule(loop, [&](std::vector<int> const& s) {
      least = std::min(least, objective.exact(problem, std::span<int const>(s)));
    });
    CHECK(r.value == doctest::Approx(objective.exact(problem, start)));
    CHECK(r.value == doctest::Approx(least));
    CHECK(r.lower_bound <= least * (1 + 1e-9));
  }
}

TEST_CASE("pipeline: iterations instead of time repeat; a stop that is raised leaves a schedule") {
  auto const loop = small_loop(5);
  auto const graph = gaus::build_graph(loop.graph);
  gaus::PipelineOptions const options{.seed = 3, .iterations = 200};
  auto const a =
      gaus::pipeline(host(), graph, gaus::MemoryFootprint{}, loop.graph.limits(), options);
  auto const b =
      gaus::pipeline(host(), graph, gaus::MemoryFootprint{}, loop.graph.limits(), options);
  CHECK(a.schedule.start_steps == b.schedule.start_steps);
  CHECK(a.lower_bound == b.lower_bound);
  std::atomic<bool> const stop{true};
  auto const c =
      gaus::pipeline(host(), graph, gaus::MemoryFootprint{}, loop.graph.limits(), {.stop = &stop});
  CHECK(c.feasible);
}
