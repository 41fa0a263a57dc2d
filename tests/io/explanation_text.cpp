// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/explanation_text.hpp>

#include <gaus/graph/random.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

using namespace gaus_test;

namespace {

std::string text_of(gaus::Explanation const& why, gaus::GraphDescription const* names = nullptr) {
  std::ostringstream out;
  gaus::write_explanation(out, why, names);
  return out.str();
}

}  // namespace

TEST_CASE("explanation text: by hand") {
  gaus::GraphDescription g;
  int const mul = g.add_resource("MUL", 2);
  g.add_operation({.latency = 1, .occupancy = 1, .size = 3}, "a");
  g.add_operation({.latency = 2, .occupancy = 2, .size = 5}, "b");
  g.add_operation({}, "c");
  g.add_demand(0, mul);
  g.add_demand(1, mul);
  g.add_dependence({.from = 0, .to = 2, .weight = 4});
  g.add_dependence(1, 2);
  auto const c = make_case(g, 0);
  auto const why = gaus::explain(c.problem, std::vector<int>{0, 0, 2},
                                 {.limits = g.limits(), .lower_bound = 33});
  CHECK(text_of(why, &g) ==
        R"(slack      2 of 3 operations have none within 3 steps; 1 of 2 dependences is tight
usage      2 of MUL (limit 2) at 1 of 3 steps: 0
           step 0: 2 operations, whatever the schedule 1 of 2
           fixed: 1 (b)
           movable: 0 (a)
           average 1: 3 units x steps in 3 steps; no peak is below 2
memory     8 live at 1 of 3 boundaries: 1
           boundary 1: 2 values, whatever the schedule 8 of 8
           fixed: 1 (b) 5, 0 (a) 3
           average 3.66667; no peak is below 8
lifetime   11 of 2 values, no schedule avoids 8; 1 costs more than it must
           0 (a) -> 2 (c): 6, at least 3
           1 (b) -> 2 (c): 5, at least 5
comm.      10 of 2 dependences, no schedule avoids 6; 1 costs more than it must
           0 (a) -> 2 (c): 8, at least 4
           1 (b) -> 2 (c): 2, at least 2
makespan   3, no schedule is below 3
           2 operations in a chain from step 0: 1 dependence, 0 waits for units
           1 (b) -> 2 (c)
bound      each term by itself: 27 = 2 usage + 8 memory + 8 lifetime + 6 communication + 3 makespan
           above that: lifetime by 3, communication by 4
           together at least 33: the terms or the operations stand in each other's way
gap        1: a better schedule or a better bound is not excluded
)");
}

TEST_CASE("explanation text: nothing to explain, and as short for a large graph") {
  auto const none = make_case({}, 0);
  CHECK(text_of(gaus::explain(none.problem, std::vector<int>{})) ==
        R"(slack      0 of 0 operations have none within 0 steps; 0 of 0 dependences are tight
memory     0 live
           average 0; no peak is below 0
lifetime   0 of 0 values, no schedule avoids 0; 0 cost more than they must
comm.      0 of 0 dependences, no schedule avoids 0; 0 cost more than they must
makespan   0, no schedule is below 0
bound      each term by itself: 0 = 0 memory + 0 lifetime + 0 communication + 0 makespan
)");
  auto graph = gaus::chain(2000);
  int const r = graph.add_resource("R");
  for (int i = 0; i < 2000; ++i) {
    int const leaf = graph.add_operation({.size = 2});
    graph.add_demand(leaf, r, 2);
    graph.add_dependence(0, leaf);
    graph.add_dependence(leaf, 1999);
  }
  auto const c = make_case(graph, 3);
  auto const text = text_of(gaus::explain(c.problem, c.bounds.earliest), &graph);
  auto const lines = std::count(text.begin(), text.end(), '\n');
  CHECK(lines <= 25);
  CHECK(text.size() < 3000);
  CHECK(text.find(" and 1994 more: 3988\n") != std::string::npos);  // operations at the peak
  CHECK(text.find(" and 1991 more: ") != std::string::npos);        // values live
  CHECK(text.find("... 1992 more ...") != std::string::npos);       // the chain
}
