// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/testing.hpp>

#include <gaus/graph/builder.hpp>
#include <gaus/objective/per_operation.hpp>
#include <support/planted.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>

namespace {

using namespace gaus_test;

// As the header says that it is used.
TEST_CASE("testing: a policy of a user, from the graph to the verdict") {
  Kokkos::DefaultExecutionSpace const exec;
  gaus::GraphDescription description;
  for (int i = 0; i < 6; ++i) description.add_operation({.latency = 1 + i % 2});
  for (int i = 1; i < 6; ++i) description.add_dependence(i / 2, i);
  auto const graph = gaus::build_graph<Kokkos::DefaultExecutionSpace::memory_space>(description);
  auto const problem = gaus::make_test_problem(exec, graph, 12);
  auto const starts = gaus::random_starts(problem);
  gaus::ExpectationOptions const unrounded{.expectation = gaus::Expectation::unrounded,
                                           .samples = 20000};
  for (Plant const plant : {Plant::none, Plant::sign, Plant::no_expectation}) {
    gaus::PerOperation const cost{PlantedLateness{plant}};
    bool const gradient{gaus::check_gradient(exec, problem, cost, starts)};
    bool const expectation{gaus::check_expectation(exec, problem, cost, starts, unrounded)};
    CHECK(gradient == (plant == Plant::none));  // a wrong factor on the value alone shows in both
    CHECK(expectation == (plant != Plant::no_expectation));
  }
}

}  // namespace
