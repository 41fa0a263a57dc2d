// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/makespan_result.hpp>

#include <doctest/doctest.h>

TEST_CASE("makespan result: what it says") {
  gaus::MakespanResult r;
  r.lower_bound = 7;
  CHECK(gaus::detail::makespan_text(r).find("no schedule was found in time") == 0);
  r.found = true;
  r.makespan = 9;
  CHECK(gaus::detail::makespan_text(r) == "makespan 9 steps; no schedule is shorter than 7");
  r.lower_bound = 9;
  r.optimal = true;
  CHECK(gaus::detail::makespan_text(r) == "makespan 9 steps, proven least");
  r.infeasible = true;
  CHECK(gaus::detail::makespan_text(r).find("no schedule exists") == 0);
}
