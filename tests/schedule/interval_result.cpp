// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/interval_result.hpp>

#include <gaus/schedule/interval_search.hpp>

#include <doctest/doctest.h>

TEST_CASE("interval result: what the search is told decides what comes back") {
  gaus::GraphDescription g;
  int const unit = g.add_resource("unit", 1);
  for (int i = 0; i < 3; ++i) g.add_demand(g.add_operation({.latency = 2}), unit);
  g.add_dependence(0, 1);
  gaus::IntervalSearchOptions options;
  auto const least = gaus::interval_search(g, options);
  CHECK(least.interval == 3);
  CHECK(least.proven);
  CHECK(least.open == 0);
  CHECK(least.length >= 4);
  options.only = 5;
  auto const five = gaus::interval_search(g, options);
  CHECK(five.interval == 5);
  CHECK_FALSE(five.proven);
  CHECK(five.text.find("II 5 as asked for") == 0);
  options.steps = 3;  // two operations of two steps, one after the other
  CHECK_FALSE(gaus::interval_search(g, options).found);
  options = {};
  options.max_interval = 2;
  auto const none = gaus::interval_search(g, options);
  CHECK_FALSE(none.found);
  CHECK(none.start.empty());
}
