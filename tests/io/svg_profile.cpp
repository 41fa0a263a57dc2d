// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/svg_profile.hpp>

#include <support/hand.hpp>
#include <support/svg.hpp>

#include <doctest/doctest.h>
#include <optional>
#include <string>
#include <vector>

using gaus_test::Svg;
using Limits = std::vector<std::optional<double>>;
using Steps = std::vector<int>;

TEST_CASE("svg profile: two schedules, a limit, and the live size") {
  // X is 0 1.5 3.5 2 2 0 0 0 and Y 0 0 1 1 1 0 0 0.
  auto description = gaus_test::usage_by_hand().graph;
  description.resources[0].name = "X < & >";
  auto const problem = gaus_test::host_problem(description, 8);
  Svg const svg(gaus::draw_profiles(problem, Steps{0, 0, 0}, Steps{1, 2, 4}, Limits{4.0, 100.0},
                                    &description, {"t <1>", "s & s", "asap", "gaus"}));
  for (auto const* text :
       {"t <1>", "s & s", "X < & >", "Y", "live size", "units in use", "step",
        "asap: peak 3.5 in step 0", "gaus: peak 3.5 in step 2", "asap: peak 1 in step 0",
        "gaus: peak 1 in step 2", "limit 4", "limit 100, above the picture"})
    CHECK_MESSAGE(svg.says(text), text);
  CHECK(svg.count("stroke-dasharray") == 2);  // the limit of X and its legend
  // X over 8 steps of 90 pixels; its panel lies between 90 and 202, its axis goes to 4 * 1.06.
  CHECK(svg.count("M150 202H240V162.38H330V109.55H420V149.17H600V202H870\"") == 1);
  // The same again is the same; without a schedule before there is one staircase a panel.
  CHECK(svg.text() ==
        Svg(gaus::draw_profiles(problem, Steps{0, 0, 0}, Steps{1, 2, 4}, Limits{4.0, 100.0},
                                &description, {"t <1>", "s & s", "asap", "gaus"}))
            .text());
  Svg const alone(gaus::draw_profiles(problem, {}, Steps{1, 2, 4}));
  CHECK(alone.mentions("after: peak"));
  CHECK_FALSE(alone.mentions("before: peak"));
  CHECK_THROWS_AS(gaus::draw_profiles(problem, {}, Steps{1, 2}), gaus::InvalidInput);
  CHECK_THROWS_AS(gaus::draw_profiles(problem, {}, Steps{1, 2, 4}, Limits{1.0}),
                  gaus::InvalidInput);
}

TEST_CASE("svg profile: pipelines are folded") {
  auto const p = gaus_test::usage_by_hand(3);
  auto const problem = gaus_test::host_problem(p.graph, 8, 3);
  Svg const svg(gaus::draw_profiles(problem, {}, Steps{1, 2, 4}, {}, &p.graph));
  CHECK(svg.says("slot (step modulo 3)"));
  CHECK(svg.says("after: peak 3.5 in slot 1"));
  CHECK(svg.says("after: peak 1 in slot 0"));
}

TEST_CASE("svg profile: a peak that would be flat beside the other") {
  gaus::GraphDescription description;
  int const r = description.add_resource("all");
  Steps before, after;
  for (int i = 0; i < 100; ++i) {
    description.add_demand(description.add_operation({}), r);
    before.push_back(0);
    after.push_back(i);
  }
  auto const problem = gaus_test::host_problem(description, 100);
  CHECK(Svg(gaus::draw_profiles(problem, before, after)).says("log scale"));
  CHECK_FALSE(Svg(gaus::draw_profiles(problem, after, after)).says("log scale"));
}

TEST_CASE("svg profile: nothing, one operation, and many") {
  gaus::GraphDescription description;
  CHECK(Svg(gaus::draw_profiles(gaus_test::host_problem(description, 0), {}, Steps{}))
            .says("live size"));
  description.add_operation({.latency = 0, .occupancy = 0});
  CHECK(Svg(gaus::draw_profiles(gaus_test::host_problem(description, 0), Steps{0}, Steps{0}))
            .says("after: peak 0 in step 0"));
  for (int const classes : {1, 7, 60}) {
    gaus_test::LargeGraph const large(20000, classes, 3);
    auto late = large.start;
    for (std::size_t i = 0; i < late.size(); ++i) late[i] += static_cast<int>(i % 7);
    Svg const svg(gaus::draw_profiles(large.problem, large.start, late, {}, &large.description));
    CHECK(svg.bytes() < gaus_test::most_bytes / 2);
    CHECK(svg.mentions("a column shows the most of"));
    CHECK(svg.says("and 36 more classes") == (classes == 60));
  }
}
