// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A program of somebody else that uses the components json and graphml alone.
#include <gaus/io/graphml.hpp>
#include <gaus/io/json.hpp>

#include <cstdio>
#include <sstream>

int main() {
  std::istringstream json(
      R"({"operations": [{"latency": 2}, {}], "dependences": [{"from": 0, "to": 1}]})");
  auto const product = gaus::read_json(json);
  std::istringstream graphml(R"(<graphml><graph><node id="0"/><node id="1"/>
                                <edge source="0" target="1"/></graph></graphml>)");
  auto const loop = gaus::read_graphml(graphml, gaus::ResourceModel{});
  bool const good = product.operations.size() == 2 && product.operations[0].latency == 2 &&
                    loop.operations.size() == 2 && loop.dependences.size() == 1;
  std::printf("%zu and %zu operations\n", product.operations.size(), loop.operations.size());
  return good ? 0 : 1;
}
