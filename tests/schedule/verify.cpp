// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/constraint/deadline.hpp>
#include <gaus/schedule/verify.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <limits>
#include <span>
#include <string>
#include <vector>

using namespace gaus_test;

namespace {

std::vector<gaus::Violation> violations(Case const& c, std::vector<int> const& s) {
  return gaus::verify(c.problem, std::span<int const>(s));
}

/// 0 (latency 2) -> 1 (latency 1, occupancy 3), delay 1: five steps from 0 on; 6 steps.
Case pair() {
  gaus::GraphDescription g;
  g.add_operation({.latency = 2, .occupancy = 1});
  g.add_operation({.latency = 1, .occupancy = 3});
  g.add_dependence({.from = 0, .to = 1, .delay = 1});
  auto const c = make_case(g, 0);
  REQUIRE(c.steps == 6);
  return c;
}

bool mentions(std::string const& text, std::vector<std::string> const& words) {
  for (auto const& word : words)
    if (text.find(word) == std::string::npos) return false;
  return true;
}

}  // namespace

TEST_CASE("verify: a legal schedule has no violation") {
  CHECK(violations(pair(), {0, 3}).empty());
}

TEST_CASE("verify: a start before step 0") {
  auto const found = violations(pair(), {-2, 3});
  REQUIRE(found.size() == 1);
  CHECK(found[0].constraint == "steps");
  CHECK(found[0].text == "operation 0 starts at step -2, before step 0");
  CHECK(found[0].excess == 2);
}

TEST_CASE("verify: an end after the last step, by occupancy") {
  auto const found = violations(pair(), {0, 5});
  REQUIRE(found.size() == 1);
  CHECK(found[0].constraint == "steps");
  CHECK(mentions(found[0].text, {"operation 1", "step 5", "latency 1", "occupancy 3", "8 > 6"}));
  CHECK(found[0].excess == 2);
}

TEST_CASE("verify: a dependence, with latency and delay") {
  auto const found = violations(pair(), {1, 2});
  REQUIRE(found.size() == 1);
  CHECK(found[0].constraint == "dependence");
  CHECK(found[0].text == "dependence 0 -> 1: start 1 + latency 2 + delay 1 = 4 > start 2");
  CHECK(found[0].excess == 2);
}

TEST_CASE("verify: a recurrence binds when pipelined, and not in a plain schedule") {
  gaus::GraphDescription g;
  g.add_operation({.latency = 1});
  g.add_operation({.latency = 2});
  g.add_dependence(0, 1);
  g.add_dependence({.from = 1, .to = 0, .distance = 1});
  auto const host = gaus::build_graph(g);
  std::vector<int> const s{0, 2};
  auto plain = gaus::make_problem(host, 5);
  CHECK(gaus::verify(plain, std::span<int const>(s)).empty());
  auto const pipelined = gaus::make_problem(host, 5, 3);
  auto const found = gaus::verify(pipelined, std::span<int const>(s));
  REQUIRE(found.size() == 1);
  CHECK(mentions(found[0].text,
                 {"1 -> 0", "2 + latency 2 = 4", "start 0", "distance 1", "interval 3 = 3"}));
  CHECK(found[0].excess == 1);
}

TEST_CASE("verify: a wrong number of start steps is one violation, whatever the constraints") {
  auto const c = pair();
  for (std::vector<int> const& s : {std::vector<int>{}, {0}, {0, 3, 4}}) {
    auto const found = gaus::verify(c.problem, std::span<int const>(s),
                                    gaus::Constraints(gaus::Deadline{.step = 1}));
    REQUIRE(found.size() == 1);
    CHECK(found[0].constraint == "schedule");
    CHECK(mentions(found[0].text, {std::to_string(s.size()) + " start steps", "2 operations"}));
    CHECK(found[0].excess == 1);
  }
}

TEST_CASE("verify: steps at the ends of int do not overflow") {
  auto const c = pair();
  int const top = std::numeric_limits<int>::max();
  int const bottom = std::numeric_limits<int>::min();
  auto const late = violations(c, {top, bottom});
  REQUIRE(late.size() == 3);
  CHECK(late[0].excess == static_cast<double>(top) + 2 - 6);
  CHECK(late[1].excess == -static_cast<double>(bottom));
  CHECK(late[2].excess == static_cast<double>(top) + 3 - static_cast<double>(bottom));
  CHECK(violations(c, {bottom, top}).size() == 2);
  auto const found = gaus::verify(
      c.problem, std::span<int const>(std::vector<int>{top, top}),
      gaus::Constraints(gaus::Deadline{.step = 4}, gaus::Difference<>(2, {{0, 1, top}})));
  CHECK(found.size() == 6);  // twice the steps, the dependence, twice the deadline, the difference
}

TEST_CASE("verify: constraints report beside the dependences") {
  auto const c = pair();
  std::vector<int> const s{0, 3};
  auto const found =
      gaus::verify(c.problem, std::span<int const>(s),
                   gaus::Constraints(gaus::Deadline{.step = 5, .operation = 1},
                                     gaus::Difference<>(2, {{0, 1, 4}, {1, 0, -3}, {1, 0, -2}})));
  REQUIRE(found.size() == 3);
  CHECK(found[0].constraint == "deadline");
  CHECK(found[0].excess == 1);
  CHECK(mentions(found[0].text, {"operation 1", "start 3", "6 > deadline 5"}));
  CHECK(found[1].constraint == "difference");
  CHECK(mentions(found[1].text, {"0 -> 1", "= 3 < 4"}));
  CHECK(found[2].excess == 1);
}

TEST_CASE("verify: empty exactly for the legal schedules") {
  Random random(5);
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    auto const c = random_case(4 + static_cast<int>(seed % 20), 4, seed);
    auto const good = random_schedule(c, random);
    CHECK(violations(c, good).empty());
    REQUIRE(legal(c, good));
    auto bad = good;
    bad[at(random.below(c.operations()))] += random.below(9) - 4;
    CHECK(violations(c, bad).empty() == legal(c, bad));
    auto const wild = random_steps(c, random);
    CHECK(violations(c, wild).empty() == legal(c, wild));
  }
}
