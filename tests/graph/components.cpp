// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph/components.hpp>

#include <gaus/graph/builder.hpp>
#include <support/problems.hpp>
#include <doctest/doctest.h>
#include <vector>

namespace {

using gaus_test::at;
using Vector = std::vector<int>;

gaus::GraphDescription operations(int n) {
  gaus::GraphDescription g;
  for (int i = 0; i < n; ++i) g.add_operation({});
  return g;
}

}  // namespace

TEST_CASE("components: worked by hand") {
  auto g = operations(6);
  g.add_dependence(5, 1);
  g.add_dependence(1, 3);
  g.add_dependence({.from = 3, .to = 1, .distance = 1});
  g.add_dependence(3, 0);
  g.add_dependence(0, 2);
  g.add_dependence({.from = 2, .to = 0, .distance = 2});
  g.add_dependence({.from = 2, .to = 2, .distance = 1});
  auto const c = gaus::strongly_connected_components(gaus::build_graph(g));
  REQUIRE(c.count == 4);
  auto const members = [&](int operation) {
    int const k = c.component[at(operation)];
    return Vector(c.members.begin() + c.offset[at(k)], c.members.begin() + c.offset[at(k) + 1]);
  };
  CHECK(members(5) == Vector{5});
  CHECK(members(1) == Vector{1, 3});
  CHECK(members(0) == Vector{0, 2});
  CHECK(members(4) == Vector{4});
  CHECK(c.component[5] < c.component[1]);
  CHECK(c.component[3] < c.component[0]);
  CHECK(c.size(c.component[0]) == 2);
}

TEST_CASE("components: no operation, one operation") {
  CHECK(gaus::strongly_connected_components(gaus::build_graph(operations(0))).count == 0);
  auto const c = gaus::strongly_connected_components(gaus::build_graph(operations(1)));
  CHECK(c.count == 1);
  CHECK(c.members == Vector{0});
}

TEST_CASE("components: against reachability on random graphs") {
  gaus_test::Random random(4);
  for (int round = 0; round < 300; ++round) {
    int const n = 1 + random.below(12);
    auto g = operations(n);
    int const links = random.below(2 * n);
    for (int k = 0; k < links; ++k)
      g.add_dependence({.from = random.below(n), .to = random.below(n), .distance = 1 + k});
    std::vector<Vector> reaches(at(n), Vector(at(n), 0));
    for (int i = 0; i < n; ++i) reaches[at(i)][at(i)] = 1;
    for (auto const& d : g.dependences) reaches[at(d.from)][at(d.to)] = 1;
    for (int k = 0; k < n; ++k)
      for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j)
          if (reaches[at(i)][at(k)] && reaches[at(k)][at(j)]) reaches[at(i)][at(j)] = 1;
    auto const c = gaus::strongly_connected_components(gaus::build_graph(g));
    int most = -1;
    for (int i = 0; i < n; ++i) {
      most = std::max(most, c.component[at(i)]);
      for (int j = 0; j < n; ++j) {
        bool const same = reaches[at(i)][at(j)] && reaches[at(j)][at(i)];
        CHECK((c.component[at(i)] == c.component[at(j)]) == same);
        if (reaches[at(i)][at(j)]) CHECK(c.component[at(i)] <= c.component[at(j)]);
      }
    }
    CHECK(most + 1 == c.count);
    for (int k = 0; k < n; ++k) {
      int const own = c.component[at(c.members[at(k)])];
      CHECK(c.offset[at(own)] <= k);
      CHECK(k < c.offset[at(own) + 1]);
    }
  }
}

TEST_CASE("components: a path longer than the stack") {
  constexpr int n = 1000000;
  auto g = operations(n);
  for (int i = 1; i < n; ++i) g.add_dependence(i - 1, i);
  CHECK(gaus::strongly_connected_components(gaus::build_graph(g)).count == n);
  g.add_dependence({.from = n - 1, .to = 0, .distance = 1});
  auto const c = gaus::strongly_connected_components(gaus::build_graph(g));
  CHECK(c.count == 1);
  CHECK(c.members.back() == n - 1);
}
