// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/svg.hpp>

#include <support/reading.hpp>

#include <doctest/doctest.h>
#include <cstddef>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

using gaus_test::contains;
using gaus_test::well_formed;

namespace {

std::string svg_of(gaus::Chart const& chart) {
  std::ostringstream out;
  gaus::write_svg(out, chart);
  return out.str();
}

gaus::Chart sample() {
  gaus::Chart chart;
  chart.title = "a < b & \"c\"";
  chart.x_label = "usage";
  chart.y_label = "communication";
  gaus::ChartSeries front{"gaus", {{0, 100}, {10, 40}, {20, 0}}};
  front.line = gaus::ChartSeries::Line::staircase;
  front.mark = gaus::ChartSeries::Mark::circle;
  chart.series.push_back(front);
  return chart;
}

}  // namespace

TEST_CASE("svg: numbers on axes") {
  using gaus::detail::tick_text;
  CHECK(tick_text(0) == "0");
  CHECK(tick_text(-0.0) == "0");
  CHECK(tick_text(100) == "100");
  CHECK(tick_text(1000) == "1,000");
  CHECK(tick_text(-60000) == "-60,000");
  CHECK(tick_text(0.25) == "0.25");
  CHECK(tick_text(0.1 + 0.2) == "0.3");
  CHECK(gaus::detail::place_text(2.5) == "2.5");
  CHECK(gaus::detail::place_text(100) == "100");
  CHECK(gaus::detail::place_text(-0.001) == "0");
}

TEST_CASE("svg: an axis holds its values, with few round ticks") {
  std::vector<std::vector<double>> const cases = {
      {0, 20},      {26, 315},  {1, 1e6}, {5},          {-3, 0.5},
      {1e-3, 2e-3}, {100, 101}, {0},      {48000, 2e5}, {}};
  for (auto const& values : cases) {
    gaus::detail::Axis const axis(values, 100, 500);
    for (double const x : values) {
      CHECK(axis.place(x) >= 100);
      CHECK(axis.place(x) <= 500);
    }
    CHECK(axis.ticks().size() >= 2);
    CHECK(axis.ticks().size() <= 22);
    for (double const t : axis.ticks()) {
      CHECK(axis.place(t) >= 100 - 1e-6);
      CHECK(axis.place(t) <= 500 + 1e-6);
    }
  }
  CHECK(gaus::detail::Axis({1, 1000}, 0, 1).logarithmic());
  CHECK_FALSE(gaus::detail::Axis({0, 1000}, 0, 1).logarithmic());
  CHECK(gaus::detail::Axis({0, 100}, 0, 106).place(100) == doctest::Approx(100));
}

TEST_CASE("svg: a chart by hand") {
  auto chart = sample();
  auto const text = svg_of(chart);
  CHECK(well_formed(text));
  CHECK(contains(text, "a &lt; b &amp; \"c\""));
  CHECK(contains(text, ">usage</text>"));
  CHECK(contains(text, ">communication</text>"));
  // Down the staircase: first along, then down. x: 100 + 632 * x / 21.2, y: 438 - 368 * y / 106.
  CHECK(contains(text, "points=\"100,90.83 398.11,90.83 398.11,299.13 696.23,299.13 696.23,438\""));
  CHECK(contains(text, "<circle cx=\"398.11\" cy=\"299.13\""));
  chart.subtitle = "more";
  chart.series.push_back({"asap",
                          {{30, 30}},
                          gaus::ChartSeries::Line::none,
                          gaus::ChartSeries::Mark::cross,
                          "#767676",
                          {"asap"}});
  CHECK(well_formed(svg_of(chart)));
  CHECK(contains(svg_of(chart), ">asap</text>"));
}

TEST_CASE("svg: nothing, one point, and no number") {
  CHECK(well_formed(svg_of({})));
  auto chart = sample();
  chart.series[0].points = {{3, 3}};
  CHECK(well_formed(svg_of(chart)));
  chart.series[0].points = {{3, std::numeric_limits<double>::infinity()}};
  std::ostringstream out;
  CHECK_THROWS_AS(gaus::write_svg(out, chart), gaus::InvalidInput);
  CHECK(out.str().empty());
}
