// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/onnx_json.hpp>

#include <support/reading.hpp>
#include <doctest/doctest.h>
#include <sstream>
#include <string>
#include <vector>

namespace {

using gaus_test::contains;
using gaus_test::error_of;

auto const reader = [](std::istream& stream) { return gaus::read_onnx_json(stream); };

/// Two outputs of one node, one input read twice, one left out, weights from outside.
std::string const sample = R"({
  "nodes": [
    { "name": "conv", "op_type": "Conv", "inputs": ["x", "w", ""], "outputs": ["y"], "latency": 3 },
    { "op_type": "Split", "inputs": ["y"], "outputs": ["a", "b", ""], "attribute": { "axis": [1] } },
    { "name": "add", "op_type": "Add", "inputs": ["a", "a", "b", "y"], "outputs": ["z"] } ],
  "tensors": [ { "name": "y", "dtype": "FLOAT", "shape": [1, 2, 5] },
               { "name": "a", "dtype": "int4", "shape": [3] },
               { "name": "b", "dtype": "BFloat16", "shape": [] },
               { "name": "z", "bytes": 7, "shape": ["N"], "dtype": "STRING" },
               { "name": "x", "dtype": "FLOAT", "shape": ["N", null, -1] } ]
})";

std::string nodes(std::string const& list, std::string const& tensors = "") {
  return "{\"nodes\":[" + list + "],\"tensors\":[" + tensors + "]}";
}
std::string tensor(std::string const& fields) {
  return nodes(R"({"name":"n","outputs":["t"]})", "{\"name\":\"t\"," + fields + "}");
}

}  // namespace

TEST_CASE("ONNX sizes: a model") {
  std::istringstream stream(sample);
  auto const graph = gaus::read_onnx_json(stream, {.latency = 2});
  CHECK(graph.names == std::vector<std::string>{"conv", "a", "add"});
  REQUIRE(graph.operations.size() == 3);
  std::vector<int> const latency{3, 2, 2};
  std::vector<double> const size{40, 2 + 2, 7};
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK((graph.operations[i].latency == latency[i] && graph.operations[i].size == size[i]));
    CHECK(graph.operations[i].occupancy == latency[i]);
    CHECK((graph.demands[i].resource == 0 && graph.demands[i].units == 1));
  }
  REQUIRE(graph.dependences.size() == 3);
  auto const& d = graph.dependences;
  CHECK((d[0].from == 0 && d[0].to == 1 && d[0].weight == 40));
  CHECK((d[1].from == 0 && d[1].to == 2 && d[1].weight == 40));
  CHECK((d[2].from == 1 && d[2].to == 2 && d[2].weight == 4));
}

TEST_CASE("ONNX sizes: types") {
  for (auto const& [type, bytes] : std::vector<std::pair<std::string, double>>{{"FLOAT", 4},
                                                                               {"float32", 4},
                                                                               {"DOUBLE", 8},
                                                                               {"BOOL", 1},
                                                                               {"COMPLEX128", 16},
                                                                               {"FLOAT8E4M3FN", 1},
                                                                               {"UINT16", 2},
                                                                               {"uint64", 8},
                                                                               {"INT4", 1}}) {
    std::istringstream stream(tensor("\"shape\":[],\"dtype\":\"" + type + "\""));
    CHECK(gaus::read_onnx_json(stream).operations[0].size == bytes);
  }
  CHECK(contains(error_of(reader, tensor(R"("shape":[],"dtype":"STRING")")),
                 "node 0 (n): its output \"t\": the dtype \"STRING\" has no known size"));
}

TEST_CASE("ONNX sizes: no and one node") {
  std::istringstream none(R"({"nodes":[]})");
  CHECK(gaus::read_onnx_json(none).operations.empty());
  std::istringstream one(nodes("{}"));
  auto const graph = gaus::read_onnx_json(one, {.latency = 0});
  REQUIRE(graph.operations.size() == 1);
  CHECK((graph.operations[0].size == 0 && graph.operations[0].occupancy == 1));
  CHECK(graph.names.empty());
}

TEST_CASE("ONNX sizes: what is wrong") {
  CHECK(contains(error_of(reader, "[]"), "the top level must be an object, not a list"));
  CHECK(contains(error_of(reader, "3"), "the top level must be an object, not 3"));
  CHECK(contains(error_of(reader, "{}"), "no list \"nodes\""));
  CHECK(contains(error_of(reader, R"({"nodes":{}})"), "\"nodes\" must be a list of objects"));
  CHECK(contains(error_of(reader, R"({"nodes":3})"), "\"nodes\" must be a list of objects, not 3"));
  CHECK(contains(error_of(reader, nodes("3")), "\"nodes\": an entry must be an object, not 3"));
  CHECK(contains(error_of(reader, nodes("[]")), "an entry of \"nodes\" must be an object"));
  CHECK(contains(error_of(reader, nodes(R"({"inputs":3})")), "inputs must be a list of names"));
  CHECK(contains(error_of(reader, nodes(R"({"inputs":{}})")), "inputs must not be an object"));
  CHECK(contains(error_of(reader, nodes(R"({"name":"c","outputs":[3]})")),
                 "node 0 (c): outputs: an entry must be a text, not 3"));
  CHECK(contains(error_of(reader, nodes(R"({"outputs":[[]]})")), "an entry must not be a list"));
  CHECK(
      contains(error_of(reader, nodes(R"({"latency":-1})")), "node 0: latency must be an integer"));
  CHECK(contains(error_of(reader, nodes(R"({"latency":1e10})")), "latency must be an integer"));
  CHECK(contains(error_of(reader, nodes(R"({"inputs":["t"]},{"name":"c","outputs":["t","mask"]})")),
                 "node 1 (c): its output \"t\" is not listed in \"tensors\""));
  CHECK(contains(error_of(reader, tensor(R"("dtype":"FLOAT")")), "has neither bytes nor a shape"));
  CHECK(contains(error_of(reader, tensor(R"("dtype":"FLOAT","shape":[1,"N"])")),
                 "dimension 1 is \"N\", not an integer >= 0"));
  CHECK(contains(error_of(reader, tensor(R"("dtype":"FLOAT","shape":[1.5])")), "dimension 0 is"));
  CHECK(contains(error_of(reader, tensor(R"("dtype":"FLOAT","shape":[-3])")), "dimension 0 is -3"));
  CHECK(contains(error_of(reader, tensor(R"("shape":[3])")), "the dtype \"\" has no known size"));
  CHECK(contains(error_of(reader, tensor(R"("dtype":"INT8","shape":[100000000,100000000])")),
                 "has 10000000000000000.000000 bytes, more than 2^53"));
  CHECK(contains(error_of(reader, tensor(R"("shape":3)")), "shape must be a list, not 3"));
  CHECK(contains(error_of(reader, tensor(R"("bytes":-1)")), "bytes must be a number >= 0, not -1"));
  CHECK(contains(error_of(reader, tensor(R"("bytes":NaN)")), "not JSON"));
  CHECK(contains(error_of(reader, tensor(R"("bytes":1e999)")), "not JSON"));
  CHECK(contains(error_of(reader, nodes("", R"({"name":"t"},{"name":"t"})")),
                 "tensor 1 (t): is listed twice"));
  CHECK(contains(error_of(reader, nodes("", R"({"bytes":1})")), "tensor 0: name is missing"));
  CHECK(contains(error_of(reader, nodes(R"({"outputs":["t"]},{"outputs":["t"]})",
                                        R"({"name":"t","bytes":1})")),
                 "node 1 (t): its output \"t\" is made already by node 0 (t)"));
  CHECK(contains(
      error_of(reader, nodes(R"({"inputs":["t"],"outputs":["t"]})", R"({"name":"t","bytes":1})")),
      "node 0 (t) reads its own output \"t\""));
  CHECK(contains(
      error_of(reader, nodes(R"({"inputs":["b"],"outputs":["a"]},{"inputs":["a"],"outputs":["b"]})",
                             R"({"name":"a","bytes":1},{"name":"b","bytes":1})")),
      "a cycle of 2 operations"));
}

TEST_CASE("ONNX sizes: no change of a few bytes does harm") {
  CHECK(gaus_test::accepted_mutations(reader, sample, 5000, 8) > 0);
}
