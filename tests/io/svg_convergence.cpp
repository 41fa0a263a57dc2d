// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/svg_convergence.hpp>

#include <support/svg.hpp>

#include <doctest/doctest.h>
#include <limits>
#include <vector>

using gaus_test::Svg;
using Trace = std::vector<gaus::TracePoint>;

TEST_CASE("svg convergence: value and bound over time") {
  Trace const trace{{0.01, 0, 900}, {0.1, 20, 600}, {1, 80, 500}};
  gaus::ConvergencePicture picture;
  picture.title = "t & t";
  picture.value_label = "usage < 7";
  picture.end = 2;
  picture.lower_bound = 450;
  picture.bounds = {{0.02, 0, 400}, {0.5, 0, 440}};
  Svg const svg(gaus::draw_convergence(trace, picture));
  for (auto const* text :
       {"t & t", "usage < 7", "seconds (log scale)", "best schedule", "lower bound", "500", "450"})
    CHECK_MESSAGE(svg.says(text), text);
  CHECK(svg.count("<circle") == 4);  // an improvement each, and the legend
  // Without points of the bound its last value is a line; without a bound there is none.
  picture.bounds.clear();
  CHECK(Svg(gaus::draw_convergence(trace, picture)).says("lower bound, as known at the end"));
  picture.lower_bound = -std::numeric_limits<double>::infinity();
  CHECK_FALSE(Svg(gaus::draw_convergence(trace, picture)).mentions("bound"));
  // Where the bound is met, its label would lie on the value.
  picture.lower_bound = 500;
  Svg const met(gaus::draw_convergence(trace, picture));
  CHECK(met.count(">500</text>") == 2);  // a tick and the value
}

TEST_CASE("svg convergence: over iterations") {
  gaus::ConvergencePicture picture;
  picture.over_iterations = true;
  picture.end = 200;
  picture.lower_bound = 3;
  picture.bounds = {{0.02, 0, 3}};
  Svg const svg(gaus::draw_convergence(Trace{{1, 0, 9}, {2, 0, 8}, {3, 60, 5}}, picture));
  CHECK(svg.says("iterations"));
  CHECK(svg.says("lower bound, as known at the end"));
  CHECK(svg.count("<circle") == 3);  // what happened at once is one
}

TEST_CASE("svg convergence: nothing, one point, and very many") {
  CHECK(Svg(gaus::draw_convergence(Trace{})).says("Convergence"));
  CHECK(Svg(gaus::draw_convergence(Trace{{0, 0, 5}})).says("best schedule"));
  Trace many;
  for (int k = 0; k < 200000; ++k) many.push_back({1e-5 * (k + 1), k, 1e6 - 3.0 * k});
  Svg const svg(gaus::draw_convergence(many, {.lower_bound = 1, .bounds = many}));
  CHECK(svg.bytes() < gaus_test::most_bytes / 2);
  CHECK(svg.says("400,003"));  // the last value
  CHECK_THROWS_AS(
      gaus::draw_convergence(Trace{{1, 0, std::numeric_limits<double>::quiet_NaN()}, {2, 0, 3}}),
      gaus::InvalidInput);
}
