// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/graphml.hpp>

#include <gaus/graph/builder.hpp>
#include <gaus/graph/initiation_interval.hpp>
#include <support/known.hpp>
#include <support/reading.hpp>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

namespace {

using gaus_test::contains;
using gaus_test::error_of;

std::string const types = R"(<?xml version="1.0" encoding="UTF-8"?>
<ModelInformation Version="1.0">
  <Resources>
    <!-- <Resource name="comment" limit="1"/> -->
    <Resource blockingTime="0" latency="0" limit="-1" name="wire" physicalDelay="0.0">
      <Cost demand="0" name="LUT"/>
    </Resource>
    <Resource blockingTime="3" latency="4" limit="1" name="div"/>
    <Resource latency="2" limit="2" name="mul"/>
    <Resource name="bare"/>
  </Resources>
</ModelInformation>
)";

/// a (mul) -> b (div) -> c (wire) -> a, the last one carried; d of a type that nobody knows.
std::string const loop = R"(<?xml version="1.0" encoding="UTF-8"?>
<g:graphml xmlns:g="urn:graphml">
  <g:key id="d0" for="node" attr.name="uses_resource" attr.type="string"/>
  <g:key id="d1" for="edge" attr.name="delay"><g:default>9</g:default></g:key>
  <g:graph id="loop" edgedefault="directed">
    <g:desc>a &lt;loop&gt;</g:desc>
    <g:node id="7"><g:data key="name"> a </g:data><g:data key="d0">mul</g:data></g:node>
    <g:edge source="7" target="x y"/>
    <g:node id="x y"><g:data key="uses_resource"><![CDATA[div]]></g:data></g:node>
    <g:node id="9"><g:data key="d0">wire</g:data><g:data key="name"/><g:port name="p"/></g:node>
    <g:node id="10"><g:data key="d0">new</g:data></g:node>
    <g:edge id="back" source="9" target="7">
      <g:data key="distance"> 2 </g:data>
      <g:data key="d1">1</g:data>
      <g:data key="deptype">Data</g:data>
    </g:edge>
    <g:edge source="x y" target="9"><g:data key="distance"></g:data><g:data key="delay">-1</g:data></g:edge>
  </g:graph>
</g:graphml>
)";

gaus::ResourceModel model_of(std::string const& text) {
  std::istringstream stream(text);
  return gaus::read_resource_model(stream);
}

auto const model_reader = [](std::istream& stream) { return gaus::read_resource_model(stream); };
auto const reader = [](std::istream& stream) {
  return gaus::read_graphml(stream, model_of(types));
};

std::string with(std::string text, std::string const& from, std::string const& to) {
  auto const place = text.find(from);
  REQUIRE(place != std::string::npos);
  return text.replace(place, from.size(), to);
}

std::string body(std::string const& inner) {
  return "<graphml><graph>" + inner + "</graph></graphml>";
}

/// A fresh folder, gone afterwards; create_directory() answers which of two test runs has it.
struct Folder {
  std::filesystem::path path;
  Folder() {
    for (int k = 0; path.empty(); ++k) {
      auto const candidate =
          std::filesystem::temp_directory_path() / ("gaus_test_graphml_" + std::to_string(k));
      std::error_code error;
      if (std::filesystem::create_directory(candidate, error)) path = candidate;
      REQUIRE(k < 1000);
    }
  }
  ~Folder() { std::filesystem::remove_all(path); }
  void write(std::string const& name, std::string const& text) const {
    std::ofstream(path / name) << text;
  }
};

}  // namespace

TEST_CASE("resource model: limits, latencies, blocking times") {
  auto const model = model_of(types);
  REQUIRE(model.types.size() == 4);
  CHECK(model.types[0].name == "wire");
  CHECK_FALSE(model.types[0].limit);
  CHECK(model.types[0].latency == 0);
  CHECK(model.types[0].occupancy == 1);  // a blocking time of 0 is one step of its unit
  CHECK(model.types[1].limit == 1.0);
  CHECK(model.types[1].latency == 4);
  CHECK(model.types[1].occupancy == 3);
  CHECK(model.types[2].occupancy == 1);
  CHECK_FALSE(model.types[3].limit);
  CHECK(model.types[3].latency == 0);
}

TEST_CASE("GraphML: a loop with every kind of field") {
  std::istringstream stream(loop);
  auto const g = gaus::read_graphml(stream, model_of(types));
  REQUIRE(g.operations.size() == 4);
  CHECK(g.names == std::vector<std::string>{"a", "x y", "9", "10"});
  CHECK(g.operations[0].latency == 2);
  CHECK(g.operations[1].latency == 4);
  CHECK(g.operations[1].occupancy == 3);
  CHECK(g.operations[2].latency == 0);
  CHECK(g.operations[3].latency == 0);
  CHECK(g.operations[3].occupancy == 1);
  // Limited types that are in use, by first use.
  REQUIRE(g.resources.size() == 2);
  CHECK(g.resources[0].name == "mul");
  CHECK(g.resources[1].name == "div");
  CHECK(g.limits() == std::vector<std::optional<double>>{2.0, 1.0});
  REQUIRE(g.demands.size() == 2);
  CHECK(g.demands[1].operation == 1);
  CHECK(g.demands[1].resource == 1);
  REQUIRE(g.dependences.size() == 3);
  CHECK(g.dependences[0].delay == 0);
  CHECK(g.dependences[1].from == 2);
  CHECK(g.dependences[1].to == 0);
  CHECK(g.dependences[1].distance == 2);
  CHECK(g.dependences[1].delay == 1);
  CHECK(g.dependences[2].distance == 0);
  CHECK(g.dependences[2].delay == -1);
  // div blocks for 3; (2 + 0) + (4 - 1) + (0 + 1) = 6 steps over distance 2.
  auto const m = gaus::initiation_interval(g);
  CHECK(m.resources.interval == 3);
  CHECK(m.recurrences.interval == 3);
  CHECK(m.recurrences.length == 6);
}

TEST_CASE("resource model: files that are wrong") {
  auto const wrong = [](std::string const& from, std::string const& to) {
    return error_of(model_reader, with(types, from, to));
  };
  CHECK(contains(error_of(model_reader, "<a/>"), "no Resource element"));
  CHECK(contains(error_of(model_reader, "x"), "not XML: No document element found"));
  CHECK(contains(wrong("</Resources>", "</Resource>"), "line 11: not XML: "));
  CHECK(contains(wrong("name=\"mul\"", ""), "line 9: <Resource> without name"));
  CHECK(contains(wrong("name=\"mul\"", "name=\"div\""),
                 "line 9: the resource \"div\" is listed twice"));
  CHECK(contains(wrong("limit=\"2\"", "limit=\"2.5\""),
                 "line 9: resource \"mul\": limit \"2.5\" is not an integer in -1..536870911"));
  CHECK(contains(wrong("limit=\"2\"", "limit=\"-2\""), "limit \"-2\" is not an integer in -1.."));
  CHECK(contains(wrong("latency=\"2\"", "latency=\"-1\""),
                 "line 9: resource \"mul\": latency \"-1\" is not an integer in 0.."));
  CHECK(contains(wrong("blockingTime=\"3\"", "blockingTime=\"x\""),
                 "line 8: resource \"div\": blockingTime \"x\" is not an integer in 0.."));
}

TEST_CASE("GraphML: files that are none") {
  CHECK(contains(error_of(reader, ""), "the input is empty"));
  CHECK(contains(error_of(reader, "graph [ ]"), "not XML"));
  CHECK(contains(error_of(reader, types), "no graph element"));
  CHECK(contains(error_of(reader, "<graphml>\n<graph>\n<node id=\"1\"></graph></graphml>"),
                 "line 3: not XML: Start-end tags mismatch"));
  CHECK(contains(error_of(reader, with(loop, "\"directed\"", "\"undirected\"")),
                 "line 5: the graph is undirected"));
  CHECK(error_of(reader, body("")).empty());
  CHECK(error_of(reader, body("<node id='1'/>")).empty());
}

TEST_CASE("GraphML: nodes and edges that are wrong") {
  auto const wrong = [](std::string const& from, std::string const& to) {
    return error_of(reader, with(loop, from, to));
  };
  CHECK(contains(error_of(reader, body("\n<node/>")), "line 2: <node> without id"));
  CHECK(contains(error_of(reader, body("<key attr.name='x'/>")), "<key> without id"));
  CHECK(contains(wrong("id=\"10\"", "id=\"9\""), "line 11: the node id \"9\" occurs twice"));
  CHECK(contains(error_of(reader, body("<node id='1'>\n<data>x</data></node>")),
                 "line 2: <data> without key"));
  CHECK(contains(wrong("<g:data key=\"name\"/>", "<g:data key=\"uses_resource\"/>"),
                 "line 10: the field \"uses_resource\" is given twice"));
  CHECK(contains(wrong("source=\"9\"", "source=\"99\""),
                 "line 12: the edge's source \"99\" is no node of the graph"));
  CHECK(contains(wrong("target=\"7\"", "target=\"77\""),
                 "line 12: the edge's target \"77\" is no node of the graph"));
  CHECK(contains(wrong("target=\"7\"", ""), "line 12: <edge> without target"));
  CHECK(contains(wrong(" 2 ", "-2"), "line 12: distance \"-2\" is not an integer in 0..536870911"));
  CHECK(contains(wrong(" 2 ", "2 2"), "distance \"2 2\" is not an integer"));
  CHECK(contains(wrong("\"d1\">1<", "\"d1\">one<"),
                 "line 12: delay \"one\" is not an integer in -536870911..536870911"));
  CHECK(contains(wrong("target=\"9\">", "target=\"x y\">"), "an operation cannot wait for itself"));
  CHECK(contains(wrong(" 2 ", " 0 "), "the forward dependences form a cycle of 3 operations"));
  CHECK(contains(wrong("\"9\"><g:data key=\"distance\"></g:data><g:data key=\"delay\">-1",
                       "\"9\"/><g:edge source=\"x y\" target=\"9\"><g:data key=\"delay\">0"),
                 "repeats dependence"));
}

TEST_CASE("GraphML: deep nesting neither overflows nor hangs") {
  constexpr int levels = 200000;
  std::string deep = "<graphml>";
  for (int k = 0; k < levels; ++k) deep += "<graph>";
  CHECK(contains(error_of(reader, deep), "not XML"));
  deep += "<node id='1'/>";
  for (int k = 0; k < levels; ++k) deep += "</graph>";
  CHECK(error_of(reader, deep + "</graphml>").empty());
}

TEST_CASE("GraphML: every prefix") {
  CHECK(gaus_test::accepted_prefixes(reader, loop) == std::vector<std::size_t>{loop.size() - 1});
  CHECK(gaus_test::accepted_prefixes(model_reader, types) ==
        std::vector<std::size_t>{types.size() - 1});
}

TEST_CASE("GraphML: no change of a few bytes does harm") {
  CHECK(gaus_test::accepted_mutations(reader, loop, 5000, 3) > 0);
  CHECK(gaus_test::accepted_mutations(model_reader, types, 5000, 4) > 0);
}

TEST_CASE("GraphML: the resource model beside the graph") {
  Folder const folder;
  auto const graph = folder.path / "loop.200MHz.graphml";
  folder.write("loop.200MHz.graphml", loop);
  CHECK_THROWS_WITH_AS(
      gaus::read_graphml(graph),
      doctest::Contains("needs a resource model, and none lies beside it: loop.200MHz_RM.xml, "
                        "loop.200MHzRM.xml, loop_RM.xml, loopRM.xml"),
      gaus::InvalidInput);
  folder.write("loop_RM.xml", types);
  CHECK(gaus::find_resource_model(graph) == folder.path / "loop_RM.xml");
  CHECK(gaus::read_graphml(graph).operations[0].latency == 2);
  folder.write("other.xml", with(types, "latency=\"2\"", "latency=\"5\""));
  CHECK(gaus::read_graphml(graph, folder.path / "other.xml").operations[0].latency == 5);
  folder.write("loop.200MHzRM.xml", types);
  CHECK_THROWS_WITH_AS(gaus::read_graphml(graph),
                       doctest::Contains("several resource models lie beside it"),
                       gaus::InvalidInput);
  folder.write("other.xml", "<x/>");
  CHECK_THROWS_WITH_AS(gaus::read_graphml(graph, folder.path / "other.xml"),
                       doctest::Contains("other.xml: no Resource element"), gaus::InvalidInput);
  CHECK_THROWS_WITH_AS(gaus::read_graphml(folder.path / "none.graphml"),
                       doctest::Contains("cannot be opened"), gaus::InvalidInput);
  // Only digits make a clock frequency.
  folder.write("aMHz.graphml", loop);
  CHECK_THROWS_WITH_AS(gaus::find_resource_model(folder.path / "b.xMHz.graphml"),
                       doctest::Contains("beside it: b.xMHz_RM.xml, b.xMHzRM.xml"),
                       gaus::InvalidInput);
}

TEST_CASE("GraphML: real loops") {
  auto const folder = gaus_test::benchmark_data();
  if (!folder) return;
  int files = 0;
  for (auto const& known : gaus_test::known_files(*folder, {"modulo/"})) {
    CAPTURE(known.path.string());
    ++files;
    auto const g = gaus::read_graphml(known.path);
    CHECK(g.operations.size() == known.operations);
    CHECK(g.dependences.size() == known.dependences);
    auto const m = gaus::initiation_interval(g);
    REQUIRE(known.res_mii);
    REQUIRE(known.rec_mii);
    CHECK(m.resources.interval == *known.res_mii);
    CHECK(m.recurrences.interval == *known.rec_mii);
    CHECK(m.interval == std::max(*known.res_mii, *known.rec_mii));
    if (m.recurrences.interval > 1) {
      CHECK((m.recurrences.length + m.recurrences.distance - 1) / m.recurrences.distance ==
            m.recurrences.interval);
    }
  }
  MESSAGE(files << " loops read");
  if (std::filesystem::exists(*folder / "files.csv")) CHECK(files > 0);
}
