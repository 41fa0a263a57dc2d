// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/error.hpp>

#include <doctest/doctest.h>
#include <string>

namespace {

TEST_CASE("error: Infeasible carries its reason as data") {
  gaus::Infeasible const error("no schedule",
                               {gaus::InfeasibleReason::Kind::cycle, {3, 1, 2}, 4, 0});
  CHECK(std::string(error.what()) == "no schedule");
  CHECK(error.reason().kind == gaus::InfeasibleReason::Kind::cycle);
  CHECK(error.reason().operations.size() == 3);
  CHECK(error.reason().required == 4);
  CHECK_THROWS_AS(throw error, std::runtime_error);
}

TEST_CASE("error: bad input and no schedule are told apart") {
  bool input = false;
  try {
    throw gaus::InvalidInput("latency -1 < 0");
  } catch (gaus::Infeasible const&) {
    FAIL("not this one");
  } catch (gaus::InvalidInput const& e) {
    input = std::string(e.what()) == "latency -1 < 0";
  }
  CHECK(input);
}

}  // namespace
