// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/lifetimes_csv.hpp>

#include <support/hand.hpp>
#include <support/policies.hpp>

#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace gaus_test;

auto host(TestProblem const& p) { return make_problem<Kokkos::HostSpace>(p); }

std::string csv_of(TestProblem const& p, std::vector<int> const& s) {
  std::ostringstream out;
  gaus::write_lifetimes_csv(out, host(p), s, &p.graph);
  return out.str();
}

/// Fields of lines without quotes.
std::vector<std::vector<std::string>> fields(std::string const& text) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    rows.emplace_back(1);
    for (char const c : line)
      c == ',' ? (void)rows.back().emplace_back() : rows.back().back().push_back(c);
  }
  return rows;
}

}  // namespace

TEST_CASE("lifetimes: by hand") {
  std::vector<int> const s{1, 5, 7, 6};
  auto p = liveness_by_hand();
  p.graph.names = {"load", "a, \"b\""};
  CHECK(csv_of(p, s) ==
        "value,name,size,first,last,length,slot,copies,stage\n"
        "0,load,2,3,7,4,,1,0\n"
        "1,\"a, \"\"b\"\"\",5,5,6,1,,1,0\n"
        "2,,1,7,7,0,,0,0\n"
        "3,,4,6,6,0,,0,0\n");
  p = liveness_by_hand(8);
  CHECK(csv_of(p, s) ==
        "value,name,size,first,last,length,slot,copies,stage\n"
        "0,,2,3,7,4,3,1,0\n"
        "1,,5,5,6,1,5,1,0\n"
        "2,,1,7,7,0,7,0,0\n"
        "3,,4,6,9,3,6,1,0\n");
  // Held to step 10: four boundaries, and three, of intervals of two.
  p = liveness_by_hand(2, true);
  CHECK(csv_of(p, s) ==
        "value,name,size,first,last,length,slot,copies,stage\n"
        "0,,2,3,7,4,1,2,0\n"
        "1,,5,5,6,1,1,1,2\n"
        "2,,1,7,10,3,1,2,3\n"
        "3,,4,6,6,0,0,0,3\n");
}

TEST_CASE("lifetimes: they add up to the live profile, and copies to its peak at size 1") {
  Random random(5);
  for (auto const& p : many_problems()) {
    std::vector<int> s;
    for (int i = 0; i < p.operations(); ++i)
      s.push_back(p.earliest[at(i)] + random.below(p.latest[at(i)] - p.earliest[at(i)] + 1));
    auto const problem = host(p);
    auto const rows = fields(csv_of(p, s));
    REQUIRE(rows.size() == at(p.operations()) + 1);
    std::vector<double> live(at(slots(p)), 0.0);
    double total = 0;
    for (std::size_t k = 1; k < rows.size(); ++k) {
      REQUIRE(rows[k].size() == 9);
      double const size = std::stod(rows[k][2]);
      int const first = std::stoi(rows[k][3]);
      int const last = std::stoi(rows[k][4]);
      CHECK(std::stoi(rows[k][5]) == last - first);
      total += size * (last - first);
      std::vector<int> instances(live.size(), 0);
      for (int t = first; t < last; ++t) {
        if (p.interval == 0 && t >= p.steps) continue;
        live[at(slot(p, t))] += size;
        ++instances[at(slot(p, t))];
      }
      int const most = *std::max_element(instances.begin(), instances.end());
      CHECK(std::stoi(rows[k][7]) == most);
      if (p.interval > 0) {
        CHECK(std::stoi(rows[k][6]) == first % p.interval);
        CHECK(std::stoi(rows[k][8]) == s[k - 1] / p.interval);
      }
    }
    CHECK(total == doctest::Approx(gaus::total_lifetime(problem, s)));
    auto const profile = gaus::live_profile(problem, s);
    for (int t = 0; t < profile.slots; ++t) CHECK(live[at(t)] == doctest::Approx(profile(0, t)));
  }
}

TEST_CASE("lifetimes: nothing, and what cannot be") {
  CHECK(csv_of(TestProblem{}, {}) == "value,name,size,first,last,length,slot,copies,stage\n");
  std::ostringstream out;
  CHECK_THROWS_AS(gaus::write_lifetimes_csv(out, host(liveness_by_hand()), std::vector<int>{1, 5}),
                  gaus::InvalidInput);
  CHECK(out.str().empty());
}
