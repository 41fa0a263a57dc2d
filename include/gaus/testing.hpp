// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTING_HPP
#define GAUS_TESTING_HPP

#include <gaus/testing/expectation.hpp>
#include <gaus/testing/gradient.hpp>
#include <gaus/testing/problem.hpp>

// Tests of policies of one's own, in any test framework or none. Is the gradient the derivative of
// the value, and is the value the expectation of the exact cost?
//
//   auto const problem = gaus::make_test_problem(exec, graph, 12);
//   auto const starts = gaus::random_starts(problem);
//   auto const gradient = gaus::check_gradient(exec, problem, cost, starts);
//   auto const expectation = gaus::check_expectation(exec, problem, cost, starts);
//   if (!gradient || !expectation) std::puts(gradient.text.c_str());  // one line each
//
// check_gradient() (testing/gradient.hpp) moves one mean or spread after the other and compares with
// central differences in double. check_expectation() (testing/expectation.hpp) draws schedules and
// averages exact(). Both repeat: a seed gives the same schedules, weights and operations everywhere.
// Both wait for the device and copy every array to the host and back at each evaluation: meant for
// graphs of up to some thousand operations. What a policy returns, NaN too, is reported, not thrown.

#endif
