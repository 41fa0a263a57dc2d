// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/buffers_csv.hpp>

#include <support/hand.hpp>
#include <support/policies.hpp>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace gaus_test;

auto host(TestProblem const& p) { return make_problem<Kokkos::HostSpace>(p); }

std::string csv_of(TestProblem const& p, std::vector<int> const& s) {
  std::ostringstream out;
  gaus::write_buffers_csv(out, host(p), s, &p.graph);
  return out.str();
}

std::string error_of(TestProblem const& p, std::vector<int> const& s) {
  std::ostringstream out;
  try {
    gaus::write_buffers_csv(out, host(p), s, &p.graph);
  } catch (gaus::InvalidInput const& error) {
    CHECK(out.str().empty());
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("buffers: by hand") {
  // The same schedule as in the lifetimes; operations 2 and 3 make values that nothing reads.
  auto p = liveness_by_hand();
  CHECK(csv_of(p, {1, 5, 7, 6}) == "id,lower,upper,size\n0,3,7,2\n1,5,6,5\n");
  p.graph.operations[0].size = 0;
  CHECK(csv_of(p, {1, 5, 7, 6}) == "id,lower,upper,size\n1,5,6,5\n");
  p.graph.operations[0].size = 9007199254740982;  // 2^53 with the others
  CHECK(csv_of(p, {1, 5, 7, 6}) == "id,lower,upper,size\n0,3,7,9007199254740982\n1,5,6,5\n");
  CHECK(csv_of(TestProblem{}, {}) == "id,lower,upper,size\n");
}

TEST_CASE("buffers: the most at one time is the memory of the schedule") {
  Random random(6);
  int compared = 0;
  for (auto p : many_problems()) {
    if (p.interval > 0) continue;
    for (auto& o : p.graph.operations) o.size = std::floor(o.size);
    std::vector<int> s;
    for (int i = 0; i < p.operations(); ++i)
      s.push_back(p.earliest[at(i)] + random.below(p.latest[at(i)] - p.earliest[at(i)] + 1));
    std::vector<double> live(at(std::max(p.steps, 1)), 0.0);
    std::istringstream lines(csv_of(p, s));
    std::string line;
    std::getline(lines, line);
    int id = 0, lower = 0, upper = 0;
    long long size = 0;
    char comma = 0;
    while (lines >> id >> comma >> lower >> comma >> upper >> comma >> size) {
      REQUIRE((0 <= lower && lower < upper && upper <= p.steps && size > 0));
      for (int t = lower; t < upper; ++t) live[at(t)] += static_cast<double>(size);
    }
    CHECK(*std::max_element(live.begin(), live.end()) == gaus::exact_costs(host(p), s).memory);
    ++compared;
  }
  CHECK(compared > 0);
}

TEST_CASE("buffers: what cannot be") {
  auto p = liveness_by_hand();
  p.graph.operations[1].size = 2.5;
  p.graph.names = {"", "mul"};
  CHECK(error_of(p, {1, 5, 7, 6}) ==
        "buffers: operation 1 (mul): size 2.5 is not an integer up to 2^53");
  CHECK(error_of(liveness_by_hand(8), {1, 5, 7, 6}) ==
        "buffers: the schedule is pipelined with the initiation interval 8; a list of intervals "
        "cannot say that they come again");
  CHECK(error_of(liveness_by_hand(), {1, 5}) != "none");
}
