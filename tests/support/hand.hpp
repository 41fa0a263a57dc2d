// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTS_SUPPORT_HAND_HPP
#define GAUS_TESTS_SUPPORT_HAND_HPP

#include <support/problems.hpp>

#include <cmath>
#include <vector>

// Two small problems whose curves one can draw by hand. Spreads are so small that the random
// schedule is certain, or, where a mean lies halfway between two steps, one of two, half and half.
namespace gaus_test {

/// Usage: operation 0 takes 1.5 X for 2 steps from step 1 on; operation 1 takes 2 X and 1 Y for 3
/// steps from step 2 on; operation 2 takes nothing.
///
///   step   0    1    2    3    4    5    6    7
///   X      0   1.5  3.5   2    2    0    0    0
///   Y      0    0    1    1    1    0    0    0
///   X modulo 3:  2  3.5  3.5      Y modulo 3:  1  1  1
inline TestProblem usage_by_hand(int interval = 0) {
  TestProblem p;
  p.interval = interval;
  p.steps = 8;
  p.graph.add_resource("X");
  p.graph.add_resource("Y");
  p.graph.add_operation({.latency = 1, .occupancy = 2});
  p.graph.add_operation({.latency = 4, .occupancy = 3});
  p.graph.add_operation({});
  p.graph.add_demand(0, 0, 1.5);
  p.graph.add_demand(1, 0, 2);
  p.graph.add_demand(1, 1, 1);
  find_bounds(p);
  p.mean = {1, 2, 4};
  p.spread = {1e-3, 1e-3, 1e-3};
  return p;
}

/// Liveness: value 0 (size 2, latency 3) made from step 1 on exists at the end of step 3, its
/// consumers start at 5 and 7; value 1 (size 5, latency 0) starts at 5 and is read at 6; value 2
/// (size 1) starts at 7, 3 at 6: outputs. Value 3 (size 4) is read by 0 one iteration later.
///
///   boundary after    0  1  2  3  4  5  6  7  8  9
///   value 0                    2  2  2  2            read at 7
///   value 1                          5               read at 6
///   plain             0  0  0  2  2  7  2  0  0  0   peak 7, sum 13
///   held outputs                              + 1 from 7 on, + 4 from 6 on: 0 0 0 2 2 7 6 5 5 5
///   interval 4, D 10: value 3 lives from 6 until 1 + 4 = 5: never. interval 8: until 9.
///   modulo 8          0  0  0  2  2  7  6  4  (t = 8: 4 into slot 0): 4 0 0 2 2 7 6 4
inline TestProblem liveness_by_hand(int interval = 0, bool hold_outputs = false) {
  TestProblem p;
  p.interval = interval;
  p.hold_outputs = hold_outputs;
  p.steps = 10;
  p.graph.add_operation({.latency = 3, .occupancy = 1, .size = 2});
  p.graph.add_operation({.latency = 0, .occupancy = 1, .size = 5});
  p.graph.add_operation({.latency = 1, .occupancy = 1, .size = 1});
  p.graph.add_operation({.latency = 1, .occupancy = 1, .size = 4});
  p.graph.add_dependence(0, 1);
  p.graph.add_dependence(0, 2);
  p.graph.add_dependence(1, 3);
  p.graph.add_dependence({.from = 3, .to = 0, .distance = 1, .delay = -4});
  find_bounds(p);
  p.mean = {1, 5, 7, 6};
  p.spread = {1e-3, 1e-3, 1e-3, 1e-3};
  return p;
}

inline std::vector<double> rounded(std::vector<double> values) {
  for (double& x : values) x = std::round(x * 1e9) / 1e9 + 0.0;
  return values;
}

}  // namespace gaus_test

#endif
