// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTS_SUPPORT_SVG_HPP
#define GAUS_TESTS_SUPPORT_SVG_HPP

#include <gaus/graph/builder.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/io/svg_drawing.hpp>
#include <gaus/problem.hpp>

#include <doctest/doctest.h>
#include <pugixml.hpp>
#include <algorithm>
#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

// Pictures as tests see them: parsed by an XML parser, and asked for their texts and shapes.
namespace gaus_test {

/// A picture in a file of its own. Anything that is no XML, and anything that is placed outside the
/// frame, fails the test.
class Svg {
 public:
  explicit Svg(gaus::Drawing const& drawing) {
    std::ostringstream out;
    gaus::write_svg(out, drawing);
    text_ = out.str();
    auto const result = document_.load_buffer(text_.data(), text_.size());
    REQUIRE_MESSAGE(result, result.description(), " at ", result.offset);
    auto const root = document_.child("svg");
    REQUIRE(root);
    CHECK(std::string(root.child_value("title")) == drawing.title);
    double const width = root.attribute("width").as_double();
    double const height = root.attribute("height").as_double();
    CHECK(width > 0);
    CHECK(height > 0);
    int outside = 0;
    auto const check = [&](double x, double y) {
      outside += x < -0.01 || y < -0.01 || x > width + 0.01 || y > height + 0.01 ? 1 : 0;
    };
    for (auto const& node : root.children("text")) {
      check(node.attribute("x").as_double(), node.attribute("y").as_double());
      texts_.emplace_back(node.child_value());
    }
    for (auto const& node : root.children("rect")) {
      double const x = node.attribute("x").as_double();
      double const y = node.attribute("y").as_double();
      check(x, y);
      if (std::string(node.attribute("width").as_string()) == "100%") continue;
      check(x + node.attribute("width").as_double(), y + node.attribute("height").as_double());
      if (node.child("title")) tips_.emplace_back(node.child_value("title"));
    }
    for (auto const& node : root.children("line"))
      for (auto const& [x, y] : {std::pair("x1", "y1"), std::pair("x2", "y2")})
        check(node.attribute(x).as_double(), node.attribute(y).as_double());
    CHECK(outside == 0);
  }

  [[nodiscard]] std::string const& text() const { return text_; }
  [[nodiscard]] std::size_t bytes() const { return text_.size(); }
  /// Whether a text of the picture is this one; whether one holds it.
  [[nodiscard]] bool says(std::string const& wanted) const {
    return std::find(texts_.begin(), texts_.end(), wanted) != texts_.end();
  }
  [[nodiscard]] bool mentions(std::string const& part) const {
    return std::any_of(texts_.begin(), texts_.end(),
                       [&](auto const& t) { return t.find(part) != std::string::npos; });
  }
  /// What is said when pointed at.
  [[nodiscard]] std::vector<std::string> const& tips() const { return tips_; }
  /// How often a piece of SVG occurs.
  [[nodiscard]] int count(std::string const& part) const {
    int n = 0;
    for (auto k = text_.find(part); k != std::string::npos; k = text_.find(part, k + 1)) ++n;
    return n;
  }

 private:
  std::string text_;
  pugi::xml_document document_;
  std::vector<std::string> texts_;
  std::vector<std::string> tips_;
};

/// A problem on the host with the bounds of its steps.
inline gaus::Problem<gaus::HostGraph> host_problem(gaus::GraphDescription const& description,
                                                   int steps, int interval = 0) {
  auto const graph = gaus::build_graph(description);
  auto const system = gaus::make_difference_system(graph, interval);
  return gaus::make_problem(graph, graph, steps, gaus::step_bounds(system, steps), interval);
}

/// Many operations on some classes, each waiting for two before it, and any schedule of them: every
/// operation at its earliest step.
struct LargeGraph {
  gaus::GraphDescription description;
  gaus::Problem<gaus::HostGraph> problem;
  std::vector<int> start;

  LargeGraph(int operations, int classes, int width, int latency = 1) {
    for (int r = 0; r < classes; ++r) description.add_resource("class " + std::to_string(r));
    for (int i = 0; i < operations; ++i) {
      description.add_operation({.latency = latency}, "operation number " + std::to_string(i));
      if (classes > 0) description.add_demand(i, i % classes);
      if (i >= width) description.add_dependence(i - width, i);
    }
    auto const graph = gaus::build_graph(description);
    auto const system = gaus::make_difference_system(graph);
    start = gaus::earliest_steps(system);
    int const steps = gaus::critical_path(system, start) + 7;
    problem = gaus::make_problem(graph, graph, steps, gaus::step_bounds(system, steps));
  }
};

/// Below what every picture stays, however large the graph is.
inline constexpr std::size_t most_bytes = 300'000;

}  // namespace gaus_test

#endif
