// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/read_graph.hpp>

#include <gaus/io/graphml.hpp>
#include <gaus/io/json.hpp>
#include <gaus/io/onnx_json.hpp>
#include <support/reading.hpp>
#include <support/round_trip.hpp>
#include <doctest/doctest.h>
#include <filesystem>
#include <string>

namespace {

namespace fs = std::filesystem;

/// A folder of its own, gone at the end.
struct Folder {
  fs::path path = fs::temp_directory_path() / "gaus_read_graph_test";
  Folder() {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  fs::path with(std::string const& name, std::string const& text) const {
    gaus::write_file_atomically(path / name, [&](std::ostream& out) { out << text; });
    return path / name;
  }
};

gaus::GraphFormats all_formats() {
  auto formats = gaus::graph_formats();
  formats.push_back(gaus::json_format());
  formats.push_back(gaus::onnx_json_format());
  formats.push_back(gaus::graphml_format());
  return formats;
}

std::string error_of(fs::path const& path, gaus::GraphFormats const& formats) {
  try {
    gaus::read_graph(path, {}, formats);
    return "none";
  } catch (gaus::InvalidInput const& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("read_graph: the extension decides") {
  Folder const folder;
  auto const formats = all_formats();
  CHECK(gaus::list_extensions(formats) ==
        ".aig .aag .dot .gv .edges .edgelist .txt .hdag .gml .sm .sch .json .onnx.json .graphml");
  CHECK(gaus::list_extensions(formats, true) == ".dot .gv .edges .edgelist .txt .json");
  auto const operations = [&](std::string const& name, std::string const& text) {
    return gaus::read_graph(folder.with(name, text), {}, formats).operations.size();
  };
  CHECK(operations("x.AAG", "aag 1 1 0 1 0\n2\n2\n") == 1);
  CHECK(operations("a.b.dot", "digraph { a -> b }") == 2);
  CHECK(operations("x.Edges", "a b\nb c") == 3);
  CHECK(operations("edges.txt", "0 1\n1 2\n2 3") == 4);
  CHECK(operations("hyper.txt", "% one\n1 2 2\n0 5\n0 1\n1 1\n0 0\n0 1\n") == 2);
  CHECK(operations("x.hdag", "0 1 0\n0\n") == 1);
  CHECK(operations("x.gml", "graph [ node [ id 1 ] ]") == 1);
  CHECK(operations("x.json", R"({"operations":[{},{}]})") == 2);
  CHECK(operations("x.onnx.json", R"({"nodes":[{},{},{}]})") == 3);
  folder.with("loop_RM.xml", R"(<Resources><Resource name="A" latency="3"/></Resources>)");
  auto const loop = gaus::read_graph(
      folder.with("loop.graphml", R"(<graphml><graph><node id="1"><data key="name">n</data>)"
                                  R"(<data key="uses_resource">A</data></node></graph></graphml>)"),
      {}, formats);
  REQUIRE(loop.operations.size() == 1);
  CHECK(loop.operations[0].latency == 3);
  CHECK(gaus::read_graph(folder.path / "x.Edges", {.latency = 4}).operations[0].latency == 4);
}

TEST_CASE("read_graph: messages name the file, and what is known") {
  Folder const folder;
  auto const formats = gaus::graph_formats();
  auto const text = folder.with("x.csv", "1 2");
  CHECK(error_of(text, formats) == text.string() +
                                       ": unknown format \".csv\" (known: .aig .aag .dot .gv "
                                       ".edges .edgelist .txt .hdag .gml .sm .sch)");
  CHECK(gaus_test::contains(error_of(folder.with("x.json", "{}"), formats), "unknown format"));
  CHECK(gaus_test::contains(error_of(folder.with("x.edges", "a a"), formats), "x.edges: line 1: "));
  CHECK(gaus_test::contains(error_of(folder.path / "none.dot", formats), "cannot be opened"));
  CHECK(
      gaus_test::contains(error_of(folder.with(".dot", "digraph {}"), formats), "unknown format"));
}

TEST_CASE("write_graph: complete or not at all") {
  Folder const folder;
  auto const formats = all_formats();
  for (std::uint32_t seed = 0; seed < 10; ++seed) {
    auto const graph = gaus_test::random_description(seed, {.names = 1});
    for (auto const* const name : {"x.dot", "x.json"}) {
      gaus::write_graph(folder.path / name, graph, formats);
      CHECK(gaus_test::same_graph(graph, gaus::read_graph(folder.path / name, {}, formats)));
    }
  }
  gaus::GraphDescription loop;
  loop.add_operation({});
  loop.add_dependence({0, 0, 3});
  auto const path = folder.with("kept.edges", "a b");
  CHECK_THROWS_WITH_AS(gaus::write_graph(path, loop),
                       (path.string() + ": dependence 0, 0 -> 0: an edge list cannot hold its "
                                        "distance 3")
                           .c_str(),
                       gaus::InvalidInput);
  CHECK(gaus::read_graph(path).operations.size() == 2);
  auto const refused = (folder.path / "x.gml").string();
  CHECK_THROWS_WITH_AS(
      gaus::write_graph(refused, loop),
      (refused + ": this format is only read (written: .dot .gv .edges .edgelist .txt)").c_str(),
      gaus::InvalidInput);
  CHECK_FALSE(fs::exists(refused));
}

TEST_CASE("read_graph: zero, one and separate operations, written and read") {
  Folder const folder;
  auto const formats = all_formats();
  for (int n = 0; n < 4; ++n)
    for (auto const* const name : {"n.dot", "n.json", "n.edges", "n.txt"}) {
      gaus::GraphDescription graph;
      graph.add_resource("all");
      for (int i = 0; i < n; ++i) graph.add_demand(graph.add_operation({}), 0);
      if (n == 0 && std::string(name) != "n.dot" && std::string(name) != "n.json") continue;
      CAPTURE(n);
      CAPTURE(name);
      gaus::write_graph(folder.path / name, graph, formats);
      CHECK(gaus_test::same_graph(graph, gaus::read_graph(folder.path / name, {}, formats)));
    }
}
