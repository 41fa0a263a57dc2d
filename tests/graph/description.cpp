// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph/description.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <vector>

namespace {

gaus::GraphDescription filter() {
  gaus::GraphDescription g;
  CHECK(g.add_resource("port", 2) == 0);
  CHECK(g.add_resource("MUL") == 1);
  CHECK(g.add_operation({.latency = 2}, "load") == 0);
  CHECK(g.add_operation({}) == 1);
  CHECK(g.add_operation({.size = 4}, "store") == 2);
  CHECK(g.add_operation({}, "3") == 3);
  CHECK(g.add_operation({}) == 4);
  g.add_demand(0, 1, 2.5);
  g.add_dependence(0, 1);
  g.add_dependence({.from = 1, .to = 2, .distance = 3, .weight = 0.5, .delay = -1, .value = false});
  return g;
}

}  // namespace

TEST_CASE("description: what is added, and its defaults") {
  auto const g = filter();
  CHECK(g.operations[0].latency == 2);
  CHECK(g.operations[0].occupancy == 1);
  CHECK(g.operations[2].size == 4);
  CHECK_FALSE(g.operations[2].delay_ns);
  CHECK(g.demands[0].resource == 1);
  CHECK(g.demands[0].units == 2.5);
  CHECK(g.dependences[0].weight == 1);
  CHECK(g.dependences[0].value);
  CHECK(g.dependences[1].distance == 3);
  CHECK(g.dependences[1].delay == -1);
  CHECK_FALSE(g.dependences[1].value);
  CHECK(g.limits() == std::vector<std::optional<double>>{2, std::nullopt});
}

TEST_CASE("description: how messages call operations") {
  auto const g = filter();
  CHECK(g.names.size() == 4);  // none for the last
  CHECK(g.call(0) == "0 (load)");
  CHECK(g.call(1) == "1");
  CHECK(g.call(2) == "2 (store)");
  CHECK(g.call(3) == "3");
  CHECK(g.call(4) == "4");
}
