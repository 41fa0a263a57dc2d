// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/svg_gantt.hpp>

#include <support/svg.hpp>

#include <doctest/doctest.h>
#include <optional>
#include <string>
#include <vector>

using gaus_test::Svg;
using Steps = std::vector<int>;

namespace {

/// a (2 steps, busy for 1) -> b -> c, and d beside them.
gaus::GraphDescription small() {
  gaus::GraphDescription g;
  int const mul = g.add_resource("MUL");
  int const alu = g.add_resource("ALU & more");
  g.add_operation({.latency = 2}, "a <1>");
  g.add_operation({}, "b");
  g.add_operation({}, "c");
  g.add_operation({}, std::string(40, 'd'));
  g.add_demand(0, mul);
  g.add_demand(1, alu);
  g.add_demand(3, mul, 1);
  g.add_demand(3, alu, 3);
  g.add_dependence(0, 1);
  g.add_dependence(1, 2);
  return g;
}

}  // namespace

TEST_CASE("svg gantt: rows, bars, colours and critical operations") {
  auto const g = small();
  auto const problem = gaus_test::host_problem(g, 4);
  Svg const svg(gaus::draw_gantt(problem, Steps{0, 2, 3, 1}, {}, &g, {"t & t", "s"}));
  for (auto const* text : {"t & t", "s", "a <1>", "b", "c", "MUL", "ALU & more", "no class",
                           "critical", "until the result is there", "where it could lie", "step"})
    CHECK_MESSAGE(svg.says(text), text);
  CHECK(svg.says(std::string(18, 'd') + "\u2026"));
  // In the order in which they start.
  CHECK(svg.tips() == std::vector<std::string>{
                          "0 (a <1>), step 0, latency 2, occupancy 1, MUL",
                          "3 (" + std::string(40, 'd') + "), step 1, latency 1, occupancy 1, MUL",
                          "1 (b), step 2, latency 1, occupancy 1, ALU & more",
                          "2 (c), step 3, latency 1, occupancy 1"});
  CHECK(svg.count("fill=\"none\" stroke=\"#000\"") == 3);
  CHECK(svg.count("font-weight=\"bold\"") == 4);  // the title and the critical ones
  // Row 0 at the top, a step 90 pixels wide: busy for one, lighter for two.
  CHECK(svg.count("<rect x=\"150\" y=\"104\" width=\"90\" height=\"14\" fill=\"#56b4e9\">") == 1);
  CHECK(svg.count("<rect x=\"150\" y=\"104\" width=\"180\" height=\"14\" fill=\"#56b4e9\" "
                  "fill-opacity=\"0.4\"/>") == 1);
  // With a step to spare none is critical.
  CHECK_FALSE(
      Svg(gaus::draw_gantt(gaus_test::host_problem(g, 5), Steps{0, 2, 4, 1})).says("critical"));
  CHECK_THROWS_AS(gaus::draw_gantt(problem, Steps{0}), gaus::InvalidInput);
}

TEST_CASE("svg gantt: many classes share the last colour, pipelines have their intervals") {
  gaus_test::LargeGraph const large(40, 9, 5);
  Svg const svg(gaus::draw_gantt(large.problem, large.start, {}, &large.description));
  CHECK(svg.says("class 5"));
  CHECK_FALSE(svg.says("class 6"));
  CHECK(svg.says("other classes"));
  auto const g = small();
  Svg const loop(gaus::draw_gantt(gaus_test::host_problem(g, 6, 2), Steps{0, 2, 5, 1}, {}, &g));
  CHECK(loop.count("stroke-dasharray=\"2 2\"") == 2);  // after 2 and 4
}

TEST_CASE("svg gantt: nothing, one operation, illegal steps, two hundred, and more") {
  gaus::GraphDescription one;
  CHECK(Svg(gaus::draw_gantt(gaus_test::host_problem(one, 0), Steps{})).says("Gantt chart"));
  one.add_operation({.latency = 0, .occupancy = 0}, "only");
  auto const problem = gaus_test::host_problem(one, 1);
  CHECK(Svg(gaus::draw_gantt(problem, Steps{0}, {}, &one)).says("only"));
  CHECK(Svg(gaus::draw_gantt(problem, Steps{-3}, {}, &one)).says("only"));
  CHECK(Svg(gaus::draw_gantt(problem, Steps{900}, {}, &one)).says("only"));
  gaus_test::LargeGraph const large(200, 7, 4, 3);
  Svg const svg(gaus::draw_gantt(large.problem, large.start, {}, &large.description));
  CHECK(svg.tips().size() == 200);
  CHECK(svg.bytes() < gaus_test::most_bytes / 2);
  gaus_test::LargeGraph const larger(201, 7, 4);
  Svg const density(gaus::draw_gantt(larger.problem, larger.start, {}, &larger.description));
  CHECK(density.tips().empty());
  CHECK(density.mentions("operations of a row at work at once: up to"));
}
