// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/svg_reservation.hpp>

#include <support/problems.hpp>
#include <support/reading.hpp>

#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace gaus_test;
using Limits = std::vector<std::optional<double>>;

struct Loop {
  gaus::GraphDescription description;
  std::vector<int> start;

  int add(int resource, int step, int occupancy = 1, double units = 1,
          std::string const& name = {}) {
    while (static_cast<int>(description.resources.size()) <= resource)
      description.add_resource("class " + std::to_string(description.resources.size()));
    int const i = description.add_operation({.latency = 1, .occupancy = occupancy}, name);
    description.add_demand(i, resource, units);
    start.push_back(step);
    return i;
  }
  [[nodiscard]] std::string svg(int interval, Limits const& limits = {}) const {
    gaus::Problem<gaus::HostGraph> problem;
    problem.graph = gaus::build_graph(description);
    problem.steps = 40;
    problem.initiation_interval = interval;
    auto const table = gaus::reservation_table(problem, start, limits);
    std::ostringstream out;
    gaus::write_reservation_svg(out, table, start, &description,
                                {.title = "a < b", .subtitle = "of \"c\" & d"});
    CHECK(well_formed(out.str()));
    return out.str();
  }
};

int count(std::string const& text, std::string const& part) {
  int n = 0;
  for (auto k = text.find(part); k != std::string::npos; k = text.find(part, k + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("svg reservation: operations on their units") {
  Loop loop;
  loop.add(0, 0, 1, 1, "x & y");
  loop.add(0, 4, 3);  // slots 0 1 of the next iteration too
  loop.add(1, 7, 1, 2);
  auto const svg = loop.svg(5, Limits{2.0, {}});
  CHECK(contains(svg, "a &lt; b</text>"));
  CHECK(contains(svg, "of \"c\" &amp; d"));
  CHECK(contains(svg, "slot (step modulo 5)"));
  CHECK(contains(svg, "<title>0 (x &amp; y), step 0, stage 0</title>"));
  CHECK(contains(svg, ">x &amp; y</text>"));
  CHECK(count(svg, "<title>1, step 4, stage 0</title>") == 2);  // before the end and after it
  CHECK(count(svg, "<title>2, step 7, stage 1</title>") == 2);  // one a unit
  CHECK(contains(svg, ">2 of 2</text>"));
  CHECK(contains(svg, ">2 in use</text>"));
  CHECK(contains(svg, ">stage 0</text>"));
  CHECK(contains(svg, ">limit</text>"));
  // Without limits there is none to explain; without an interval there are no stages.
  auto const plain = loop.svg(0);
  CHECK(plain.find(">limit<") == std::string::npos);
  CHECK(plain.find("stage") == std::string::npos);
  CHECK(contains(plain, ">step</text>"));
}

TEST_CASE("svg reservation: stacked where units cannot be numbered within the limit") {
  Loop circle;
  for (int i = 0; i < 3; ++i) circle.add(0, i, 2);
  // Unlimited: three lanes and two boxes where one goes around the end. Limit 2: a box a slot.
  CHECK(count(circle.svg(3), ", step ") == 4);
  CHECK(count(circle.svg(3, Limits{2.0}), ", step ") == 6);
  Loop fraction;
  fraction.add(0, 0, 3, 0.5);
  CHECK(count(fraction.svg(4), ", step ") == 3);
  CHECK(contains(fraction.svg(4), ">0.5 in use</text>"));
}

TEST_CASE("svg reservation: colours of stages") {
  for (int const stages : {1, 2, 7, 8, 40}) {
    std::set<std::string> colours;
    for (int s = 0; s < stages; ++s) {
      auto const colour = gaus::detail::stage_colour(s, stages).colour;
      CHECK(colour.size() == 7);
      colours.insert(colour);
    }
    CHECK(static_cast<int>(colours.size()) == stages);
  }
  CHECK(gaus::detail::stage_colour(0, 100).colour == "#00224e");
  CHECK(gaus::detail::stage_colour(99, 100).colour == "#fee838");
  CHECK(gaus::detail::stage_colour(0, 100).dark);
  CHECK_FALSE(gaus::detail::stage_colour(99, 100).dark);
  Loop deep;
  for (int i = 0; i < 12; ++i) deep.add(0, 2 * i);
  CHECK(contains(deep.svg(2), ">11</text>"));
}

TEST_CASE("svg reservation: large tables show units in use and stay small") {
  Loop large;
  for (int i = 0; i < 3000; ++i) large.add(i % 3, i % 37, 1, i == 3 ? 90 : 1);
  auto const svg = large.svg(2000, Limits{60.0, 50.0, {}});
  CHECK(svg.find(", step ") == std::string::npos);
  CHECK(svg.size() < 20000);
  CHECK(count(svg, "#d55e00") == 2);  // the legend, and the class with 90 units at once
  CHECK(contains(svg, ">above the limit</text>"));
  Loop wide;
  for (int r = 0; r < 100; ++r) wide.add(r, 0);
  CHECK(contains(wide.svg(4), "and 60 more classes"));
}

TEST_CASE("svg reservation: nothing, and what cannot be") {
  CHECK(contains(Loop{}.svg(4), "</svg>"));
  CHECK(contains(Loop{}.svg(0), "</svg>"));
  Loop idle;
  idle.add(0, 0);
  idle.description.demands.clear();
  CHECK(contains(idle.svg(3, Limits{0.0}), ">0 of 0</text>"));
  gaus::ReservationTable table;
  table.classes = table.slots = 1;
  table.limits.resize(1);
  table.offset = {0, 1};
  table.entries = {{.operation = 3, .units = 1}};
  std::ostringstream out;
  CHECK_THROWS_AS(gaus::write_reservation_svg(out, table, std::vector<int>{0}), gaus::InvalidInput);
  CHECK(out.str().empty());
}
