// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/pipeline_text.hpp>

#include <support/policies.hpp>
#include <support/reading.hpp>

#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace gaus_test;

/// load -> mul -> add -> store; the sum goes around.
gaus::GraphDescription small_loop() {
  gaus::GraphDescription g;
  g.add_resource("MUL", 2);
  g.add_resource("ALU");
  g.add_operation({.latency = 2}, "load");
  g.add_operation({.latency = 3, .occupancy = 2}, "mul");
  g.add_operation({}, "add");
  g.add_operation({});
  g.add_demand(0, 1);
  g.add_demand(1, 0);
  g.add_demand(2, 1, 2);
  g.add_demand(3, 1);
  for (int i = 0; i < 3; ++i) g.add_dependence(i, i + 1);
  g.add_dependence({.from = 2, .to = 2, .distance = 1});
  return g;
}

struct Sample {
  gaus::GraphDescription description = small_loop();
  gaus::HostGraph graph = gaus::build_graph(description);
  std::vector<int> start{0, 2, 5, 7};

  [[nodiscard]] auto problem(int interval) const {
    return gaus::make_problem(graph, graph, 8, gaus::StepBounds{}, interval);
  }
  std::string listing(int interval, int width = 100) const {
    std::ostringstream out;
    gaus::write_pipeline(out, problem(interval), start, &description, {.width = width});
    return out.str();
  }
  [[nodiscard]] std::string table(int interval, int width = 100) const {
    std::ostringstream out;
    auto const own = gaus::reservation_table(problem(interval), start, description.limits());
    gaus::write_reservation_table(out, own, start, &description, {.width = width});
    return out.str();
  }
};

std::size_t longest_line(std::string const& text) {
  std::size_t longest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
  return longest;
}

}  // namespace

TEST_CASE("pipeline text: prologue, kernel, epilogue by hand") {
  CHECK(Sample{}.listing(3) ==
        R"(initiation interval 3, an iteration takes 8 steps, 3 in flight at once
iteration i starts in cycle 3 * i; 3 iterations fill the pipe

prologue: cycles 0 .. 5, iterations 0 .. 1 start
  cycle 0       i = 0   load
  cycle 1: nothing starts
  cycle 2       i = 0   mul
  cycle 3       i = 1   load
  cycle 4: nothing starts
  cycle 5       i = 1   mul
                i = 0   add

kernel: 3 cycles for every i >= 2
  slot 0        i       stage 0   load
  slot 1        i - 2   stage 2   3
  slot 2        i       stage 0   mul
                i - 1   stage 1   add

epilogue of n >= 3 iterations: cycles 3n .. 3n + 5
  3n: nothing starts
  3n + 1        n - 2   3
  3n + 2        n - 1   add
  3n + 3: nothing starts
  3n + 4        n - 1   3
  3n + 5: nothing starts
  all has ended before cycle 3n + 5
)");
}

TEST_CASE("pipeline text: one stage, one slot, and no pipeline") {
  Sample const sample;
  auto const one = sample.listing(8);
  CHECK(contains(one, "1 iteration fills the pipe\n"));
  CHECK(contains(one, "prologue: none\n"));
  CHECK(contains(one, "  slot 1        nothing starts\n"));
  CHECK(contains(one, "epilogue of n >= 1 iteration: nothing starts\n"));
  CHECK(contains(one, "before cycle 8n\n"));
  CHECK(contains(sample.listing(20), "before cycle 20n - 12\n"));
  auto const every = sample.listing(1);
  CHECK(contains(every, "iteration i starts in cycle i; 8 iterations fill the pipe"));
  CHECK(contains(every, "kernel: 1 cycle for every i >= 7"));
  CHECK(contains(every, "                i - 7   stage 7   3\n"));
  CHECK(contains(every, "  n + 6         n - 1   3\n  all has ended before cycle n + 7\n"));
  CHECK(sample.listing(0) ==
        "plain schedule: 8 steps\n"
        "  step 0                load\n"
        "  step 1: nothing starts\n"
        "  step 2                mul\n"
        "  step 3 .. step 4: nothing starts\n"
        "  step 5                add\n"
        "  step 6: nothing starts\n"
        "  step 7                3\n");
}

TEST_CASE("pipeline text: every operation of every iteration starts once, when it must") {
  Random random(3);
  for (int round = 0; round < 40; ++round) {
    gaus::GraphDescription g;
    std::vector<int> s;
    for (int i = random.below(9); i >= 0; --i) {
      g.add_operation({.latency = random.below(4)});
      s.push_back(random.below(14));
    }
    int const interval = 1 + random.below(6);
    auto const graph = gaus::build_graph(g);
    auto const problem = gaus::make_problem(graph, graph, 20, gaus::StepBounds{}, interval);
    std::ostringstream out;
    gaus::write_pipeline(out, problem, s);
    // Executes the listing for as many iterations as fill the pipe, and two more.
    int const stages = *std::max_element(s.begin(), s.end()) / interval + 1;
    int const n = stages + 2;
    std::map<std::pair<int, int>, std::vector<int>> started;  // operation, iteration: cycles
    enum { head, prologue, kernel, epilogue } part = head;
    int cycle = 0;
    std::istringstream lines(out.str());
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("prologue")) part = prologue;
      if (line.starts_with("kernel")) part = kernel;
      if (line.starts_with("epilogue")) part = epilogue;
      if (line.starts_with("  all") || line.find("nothing starts") != std::string::npos) continue;
      if (!line.starts_with("  ") || part == head) continue;
      auto const number = [](std::string const& text) {  // of "cycle 3", "slot 1", "3n + 4", "n"
        auto const k = text.find_last_of(" n") + 1;
        return k < text.size() ? std::stoi(text.substr(k)) : 0;
      };
      std::string label = line.substr(2, 12);
      label.erase(label.find_last_not_of(' ') + 1);
      if (!label.empty()) cycle = number(label) + (part == epilogue ? n * interval : 0);
      std::string which = line.substr(16, 7);
      which.erase(which.find_last_not_of(' ') + 1);
      std::istringstream names(line.substr(part == kernel ? 34 : 24));
      for (std::string name; names >> name;) {
        int const i = std::stoi(name);
        if (part == prologue) started[{i, number(which)}].push_back(cycle);
        if (part == epilogue) started[{i, n - number(which)}].push_back(cycle);
        if (part != kernel) continue;
        int const back = which == "i" ? 0 : number(which);
        for (int pass = stages - 1; pass < n; ++pass)
          started[{i, pass - back}].push_back(pass * interval + cycle);
      }
    }
    for (int i = 0; i < graph.num_operations(); ++i)
      for (int iteration = 0; iteration < n; ++iteration)
        CHECK(started[{i, iteration}] == std::vector<int>{iteration * interval + s[at(i)]});
    CHECK(started.size() == at(graph.num_operations()) * at(n));
  }
}

TEST_CASE("pipeline text: reservation tables by hand") {
  Sample const sample;
  CHECK(sample.table(3) == R"(modulo reservation table: 3 slots, 2 classes

slot  MUL          ALU
      1 of 2       2 in use, no limit
   0  1: (mul[0])  1: load[0]
   1  -            1: 3[2]
   2  1: mul[0]    2: add[1] x2

units in use: by whom. name[k]: in stage k. (name): busy since an earlier slot. x2: takes 2 units. !: above the limit
)");
  CHECK(contains(sample.table(1), "   0  2: mul[2] x2  4: load[0], add[5] x2, 3[7]\n"));
  auto const plain = sample.table(0);
  CHECK(contains(plain, "reservation table: 8 steps, 2 classes"));
  CHECK(contains(plain, "   3  1: (mul)  -\n"));
  CHECK_FALSE(plain.find("stage") != std::string::npos);
  Sample tight;
  tight.description.resources[1].limit = 1;
  CHECK(contains(tight.table(3), "2 of 1"));
  CHECK(contains(tight.table(3), "2!: add[1] x2"));
}

TEST_CASE("pipeline text: wide tables are wrapped and go on below") {
  gaus::GraphDescription g;
  std::vector<int> s;
  for (int r = 0; r < 7; ++r) {
    g.add_resource("class " + std::to_string(r), 40);
    for (int k = 0; k < 30; ++k) {
      int const i = g.add_operation({}, "operation" + std::to_string(k));
      g.add_demand(i, r);
      s.push_back(k);
    }
  }
  auto const graph = gaus::build_graph(g);
  auto const problem = gaus::make_problem(graph, graph, 40, gaus::StepBounds{}, 2);
  std::ostringstream out;
  auto const table = gaus::reservation_table(problem, s, g.limits());
  gaus::write_reservation_table(out, table, s, &g);
  gaus::write_pipeline(out, problem, s, &g);
  auto const text = out.str();
  CHECK(longest_line(text.substr(0, text.find("units in use:"))) <= 100);
  CHECK(longest_line(text.substr(text.find("initiation interval"))) <= 100);
  for (int r = 0; r < 7; ++r) CHECK(contains(text, "class " + std::to_string(r)));
  for (int i = 0; i < 30; ++i)
    CHECK(contains(text, "operation" + std::to_string(i) + "[" + std::to_string(i / 2) + "]"));
}

TEST_CASE("pipeline text: nothing, and what cannot be") {
  gaus::GraphDescription const none;
  auto const graph = gaus::build_graph(none);
  for (int const interval : {0, 4}) {
    auto const problem = gaus::make_problem(graph, graph, 3, gaus::StepBounds{}, interval);
    std::vector<int> const s;
    std::ostringstream out;
    gaus::write_pipeline(out, problem, s);
    CHECK(contains(out.str(), "0 steps"));
    gaus::write_reservation_table(out, gaus::reservation_table(problem, s), s);
    CHECK(contains(out.str(), "0 classes"));
  }
  Sample early;
  early.start[1] = -1;
  CHECK_THROWS_WITH_AS(
      early.listing(3),
      "operation 1 (mul) starts at step -1, before step 0: such a schedule cannot be listed",
      gaus::InvalidInput);
  early.start[1] = 1 << 25;
  CHECK_THROWS_AS(early.listing(3), gaus::InvalidInput);
  Sample const sample;
  auto const table = gaus::reservation_table(sample.problem(3), sample.start);
  std::ostringstream out;
  CHECK_THROWS_AS(gaus::write_reservation_table(out, table, std::vector<int>{0, 2}),
                  gaus::InvalidInput);
}
