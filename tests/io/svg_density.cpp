// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/svg_density.hpp>

#include <support/svg.hpp>

#include <doctest/doctest.h>
#include <optional>
#include <random>
#include <string>
#include <vector>

using gaus_test::Svg;
using Steps = std::vector<int>;

TEST_CASE("svg density: cells by hand") {
  // Three operations of one class in three rows and three columns, the second for two steps.
  gaus::GraphDescription g;
  int const r = g.add_resource("a & b");
  for (int const occupancy : {1, 2, 1}) g.add_demand(g.add_operation({.occupancy = occupancy}), r);
  auto const problem = gaus_test::host_problem(g, 4);
  Svg const svg(gaus::draw_density(problem, Steps{0, 1, 2}, {}, &g, {"t < t", "s"}));
  for (auto const* text :
       {"t < t", "s", "a & b", "3 operations", "step",
        "operations of a row at work at once: up to 1", "earliest step that dependences allow"})
    CHECK_MESSAGE(svg.says(text), text);
  // Columns of 90 pixels, rows of 5 from 98 on; all are as dark as can be.
  CHECK(svg.count("M150 100.5h90M240 105.5h180M330 110.5h90\" stroke=\"#00224e\"") == 1);
  CHECK(svg.count("M150 98v5H150v5H150v5\"") == 1);  // all could start at once
}

TEST_CASE("svg density: few classes have their bands, of many the small ones share one") {
  using gaus::detail::class_kinds;
  CHECK(class_kinds({}).empty());
  CHECK(class_kinds({3, 0, 2}) == Steps{0, -1, 1});
  CHECK(class_kinds({1, 9, 8, 7, 6, 5, 4, 3}) == Steps{-1, 0, 1, 2, 3, 4, 5, -1});
  gaus_test::LargeGraph const large(500, 9, 20);
  Svg const svg(gaus::draw_density(large.problem, large.start, {}, &large.description));
  CHECK(svg.says("class 0"));
  CHECK(svg.says("other classes"));
}

TEST_CASE("svg density: the class of an operation is the one of which it takes most") {
  gaus::GraphDescription g;
  int const a = g.add_resource("a");
  int const b = g.add_resource("b");
  for (int i = 0; i < 3; ++i) g.add_operation({});
  g.add_demand(0, a, 4);
  g.add_demand(0, b, 1);
  g.add_demand(1, a, 1);
  g.add_demand(1, b, 2);
  auto const graph = gaus::build_graph(g);
  CHECK(gaus::detail::main_classes(graph, {}) == Steps{a, b, -1});
  CHECK(gaus::detail::main_classes(graph, {40.0, 2.0}) == Steps{b, b, -1});
}

TEST_CASE("svg density: small whatever it shows") {
  CHECK(Svg(gaus::draw_density(gaus_test::host_problem({}, 0), Steps{})).says("step"));
  gaus::GraphDescription one;
  one.add_operation({});
  Svg const single(gaus::draw_density(gaus_test::host_problem(one, 1), Steps{0}));
  CHECK(single.says("no class"));
  CHECK(single.says("1 operation"));
  for (int const width : {1, 40, 20000}) {
    gaus_test::LargeGraph const large(30000, width == 40 ? 60 : 1, width);
    auto start = large.start;
    // The worst to compress: at random.
    std::mt19937 random(7);
    for (int& s : start) s += static_cast<int>(random() % 700);
    Svg const svg(gaus::draw_density(large.problem, start, {}, &large.description));
    CHECK(svg.bytes() < gaus_test::most_bytes);
    CHECK(svg.text() ==
          Svg(gaus::draw_density(large.problem, start, {}, &large.description)).text());
  }
  CHECK_THROWS_AS(gaus::draw_density(gaus_test::host_problem(one, 1), Steps{}), gaus::InvalidInput);
}
