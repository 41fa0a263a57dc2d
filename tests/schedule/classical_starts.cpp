// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/classical_starts.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <vector>

using namespace gaus_test;

namespace {

/// What is offered, when more() says yes so many times.
std::vector<std::vector<int>> offers(Case const& c, gaus::CostModel const& model, int times) {
  std::vector<std::vector<int>> all;
  gaus::detail::classical_starts(
      c.problem, c.system, c.bounds, model, [&](auto const& start) { all.push_back(start); },
      [](double) { return [] { return true; }; }, [&] { return times-- > 0; });
  return all;
}

}  // namespace

TEST_CASE(
    "classical starts: legal, the bounds and their middle first, force only where units count") {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    auto const c = random_case(30, static_cast<int>(seed % 3) * 5, seed, seed % 2 == 0);
    gaus::CostModel memory;
    memory.memory = 1;
    gaus::CostModel usage;
    usage.usage_of = {{0, 1.0}};
    auto const plain = offers(c, memory, 100);
    auto const whole = offers(c, usage, 100);
    CHECK(plain.size() == 3 + std::size(gaus::list_priorities));
    CHECK(whole.size() == plain.size() + std::size(gaus::window_reductions));
    for (auto const& start : whole) CHECK(legal(c, start));
    CHECK(std::equal(plain.begin(), plain.end(), whole.begin()));
    CHECK(whole[0] == c.bounds.earliest);
    CHECK(whole[2] == c.bounds.latest);
    for (std::size_t i = 0; i < whole[1].size(); ++i)
      CHECK(whole[1][i] == (whole[0][i] + whole[2][i]) / 2);
    CHECK(offers(c, usage, 0).size() == 3);  // the caller needs no more
    CHECK(offers(c, usage, 2).size() == 5);
  }
}
