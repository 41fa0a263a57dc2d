// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/mip.hpp>

#include <support/reading.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

using namespace gaus_test;

namespace {

/// What an LP file says, read back by its words.
struct Lp {
  struct Row {
    std::map<std::string, double> terms;
    bool equal = false;
    double bound = 0;
  };
  std::map<std::string, double> objective;
  std::vector<Row> rows;
  std::map<std::string, std::pair<double, double>> bounds;
  std::map<std::string, bool> integers;  ///< true: binary
};

double number(std::string const& text) {
  std::size_t end = 0;
  double const x = std::stod(text, &end);
  REQUIRE(end == text.size());
  return x;
}

Lp parse_lp(std::string const& text) {
  Lp lp;
  std::string section, word, line;
  std::istringstream lines(text);
  Lp::Row row;
  double sign = 1;
  double factor = 1;
  bool right_side = false;
  while (std::getline(lines, line)) {
    CHECK(line.size() <= 120);
    if (line.starts_with('\\')) continue;
    if (!line.starts_with(' ')) {
      section = line;
      continue;
    }
    std::istringstream words(line);
    std::vector<std::string> all;
    while (words >> word) all.push_back(word);
    if (section == "Bounds") {
      if (all.size() == 5) {
        CHECK(all[1] == "<=");
        CHECK(all[3] == "<=");
        lp.bounds[all[2]] = {number(all[0]), number(all[4])};
      } else {
        REQUIRE(all.size() == 3);
        bool const fixed = all[1] == "=";
        lp.bounds[all[0]] = {number(all[2]), fixed ? number(all[2]) : 1e300};
      }
      continue;
    }
    if (section == "Generals" || section == "Binaries") {
      REQUIRE(all.size() == 1);
      lp.integers[all[0]] = section == "Binaries";
      continue;
    }
    for (auto const& w : all) {
      if (w.ends_with(':')) continue;
      if (w == "+" || w == "-") {
        sign = w == "+" ? 1 : -1;
      } else if (w == ">=" || w == "=") {
        row.equal = w == "=";
        right_side = true;
      } else if (right_side) {
        row.bound = number(w);
        lp.rows.push_back(row);
        row = {};
        right_side = false;
      } else if (w.find_first_not_of("0123456789.e-") == std::string::npos) {
        factor = number(w);
      } else {
        auto& target = section == "Minimize" ? lp.objective : row.terms;
        CHECK(target.count(w) == 0);
        target[w] = sign * factor;
        sign = factor = 1;
      }
    }
  }
  CHECK(section == "End");
  return lp;
}

using Values = std::map<std::string, double>;

Values parse_highs(std::string const& text) {
  Values values;
  std::istringstream lines(text);
  std::string line, name;
  while (std::getline(lines, line) && !line.starts_with("# Columns")) {
  }
  std::size_t const columns = std::stoul(line.substr(10));
  double x = 0;
  for (std::size_t k = 0; k < columns; ++k) {
    lines >> name >> x;
    values[name] = x;
  }
  CHECK(values.size() == columns);
  return values;
}

double sum_of(std::map<std::string, double> const& terms, Values const& values) {
  double sum = 0;
  for (auto const& [name, coefficient] : terms) sum += coefficient * values.at(name);
  return sum;
}

/// Rows, bounds and integrality that do not hold.
int broken(Lp const& lp, Values const& values) {
  int count = 0;
  for (auto const& row : lp.rows) {
    double const excess = sum_of(row.terms, values) - row.bound;
    count += excess < -1e-9 || (row.equal && excess > 1e-9) ? 1 : 0;
  }
  for (auto const& [name, x] : values) {
    double low = 0;
    double high = lp.integers.count(name) && lp.integers.at(name) ? 1 : 1e300;
    if (lp.bounds.count(name)) std::tie(low, high) = lp.bounds.at(name);
    count += x < low - 1e-9 || x > high + 1e-9 ? 1 : 0;
    count += lp.integers.count(name) && x != std::round(x) ? 1 : 0;
  }
  return count;
}

struct Written {
  Lp lp;
  Values start;
};

Written write(Case const& c, gaus::CostModel const& costs, std::vector<int> const& s,
              gaus::ExportOptions const& options = {}) {
  auto const model = gaus::scheduling_mip(c.problem, c.system, c.bounds, costs, s, options);
  std::ostringstream lp, start;
  gaus::write_lp(lp, model);
  gaus::write_highs_solution(start, model);
  return {parse_lp(lp.str()), parse_highs(start.str())};
}

double cost_of(gaus::CostModel const& m, PlainCosts const& p) {
  double value = m.usage * p.usage + m.memory * p.memory + m.lifetime * p.lifetime +
                 m.communication * p.communication + m.makespan * p.makespan;
  for (auto const& [r, w] : m.usage_of) value += w * p.usage_of[at(r)];
  return value;
}

std::vector<gaus::CostModel> many_models() {
  return {{.usage = 100, .communication = 1},
          {.memory = 1, .lifetime = 1, .makespan = 2},
          {.usage = 1, .usage_of = {{0, 2.5}, {2, 1}}, .memory = 0.5, .communication = 0.25},
          {.lifetime = 1, .communication = 2},
          {.usage_of = {{1, 3}}},
          {.memory = 1},
          {.makespan = 1}};
}

/// y_I_T of start steps that need not be legal.
void set_starts(Values& values, std::vector<int> const& s) {
  for (auto& [name, x] : values) {
    if (name.starts_with("s_")) x = s[std::stoul(name.substr(2))];
    if (!name.starts_with("y_")) continue;
    auto const middle = name.find('_', 2);
    x = s[std::stoul(name.substr(2))] <= std::stoi(name.substr(middle + 1)) ? 1 : 0;
  }
}

}  // namespace

TEST_CASE("mip: two operations by hand") {
  gaus::GraphDescription g;
  int const unit = g.add_resource("A");
  for (int i = 0; i < 2; ++i) {
    g.add_operation({});
    g.add_demand(i, unit);
  }
  g.add_dependence(0, 1);
  auto const c = make_case(g, 1);
  auto const model =
      gaus::scheduling_mip(c.problem, c.system, c.bounds, {.usage = 2, .communication = 1},
                           std::vector{0, 2}, {.comments = {"input\nx.json"}, .constant = 5});
  std::ostringstream lp, start, mst;
  gaus::write_lp(lp, model);
  CHECK(lp.str().substr(lp.str().find("Minimize")) == R"(Minimize
 obj: - s_0 + s_1 + 5 one + 2 usage
Subject To
 r0: s_0 + y_0_0 = 1
 r1: s_1 + y_1_1 = 2
 r2: y_0_0 - y_1_1 >= 0
 r3: - y_0_0 + usage >= 0
 r4: y_0_0 - y_1_1 + usage >= 1
 r5: y_1_1 + usage >= 1
Bounds
 1 <= s_1 <= 2
 one = 1
 usage >= 0
Generals
 s_1
 usage
Binaries
 s_0
 y_0_0
 y_1_1
End
)");
  CHECK(contains(lp.str(), "\\ input x.json\n"));
  CHECK(contains(lp.str(), ": 2 operations, 1 dependences, 3 steps\n"));
  CHECK(contains(lp.str(), "objective at the start: 9\n"));
  gaus::write_highs_solution(start, model);
  CHECK(start.str() == R"(Model status
Unknown

# Primal solution values
Feasible
Objective 9
# Columns 6
s_0 0
s_1 2
one 1
y_0_0 1
y_1_1 0
usage 1
# Rows 0
)");
  gaus::write_mip_start(mst, model);
  CHECK(mst.str() == "# MIP start, objective 9\ns_0 0\ns_1 2\none 1\ny_0_0 1\ny_1_1 0\nusage 1\n");
}

TEST_CASE("mip: the start of random problems is feasible at its exact cost, and tight") {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    auto const c = random_case(4 + static_cast<int>(seed) * 2, static_cast<int>(seed % 5), seed,
                               seed % 3 == 0);
    Random random(seed);
    for (auto const& costs : many_models()) {
      for (auto const& s : {c.bounds.earliest, c.bounds.latest, random_schedule(c, random)}) {
        CAPTURE(seed);
        REQUIRE(legal(c, s));
        auto const [lp, start] = write(c, costs, s, {.constant = 3});
        double const expected = 3 + cost_of(costs, plain_costs(c, s));
        CHECK(broken(lp, start) == 0);
        CHECK(sum_of(lp.objective, start) == doctest::Approx(expected).epsilon(1e-12));
        // No variable beside the starts can be lower: what the objective counts is no less than the
        // cost.
        int loose = 0;
        for (auto const& [name, x] : start) {
          if (name.starts_with("s_") || name.starts_with("y_")) continue;
          auto lower = start;
          lower[name] -= lp.integers.count(name) ? 1 : 0.25;
          loose += broken(lp, lower) == 0 ? 1 : 0;
        }
        CHECK(loose == 0);
      }
    }
  }
}

TEST_CASE("mip: what is not legal breaks a row") {
  int illegal = 0;
  for (unsigned seed = 1; seed <= 10; ++seed) {
    auto const c = random_case(8, 3, seed, seed % 2 == 0);
    Random random(seed + 100);
    for (auto const& costs :
         {gaus::CostModel{.memory = 1}, gaus::CostModel{.communication = 1, .makespan = 0}}) {
      auto [lp, values] = write(c, costs, c.bounds.earliest);
      for (auto& [name, x] : values)  // slack for what is not a start
        if (!name.starts_with("s_") && !name.starts_with("y_"))
          x = name.starts_with("live") ? 10 : 1e6;
      for (int round = 0; round < 20; ++round) {
        auto s = c.bounds.earliest;
        for (int i = 0; i < c.operations(); ++i)
          s[at(i)] += random.below(c.bounds.latest[at(i)] - c.bounds.earliest[at(i)] + 1);
        set_starts(values, s);
        CHECK((broken(lp, values) == 0) == legal(c, s));
        illegal += legal(c, s) ? 0 : 1;
      }
    }
  }
  CHECK(illegal > 50);
}

TEST_CASE("mip: nothing to schedule, and nothing to decide") {
  auto const none = make_case({}, 0);
  auto const [lp, start] = write(none, {.usage = 1, .memory = 1, .makespan = 1}, {});
  CHECK(start.count("one") == 1);
  CHECK(sum_of(lp.objective, start) == 0);
  gaus::GraphDescription g;
  g.add_operation({.latency = 2, .occupancy = 3, .size = 4});
  g.add_demand(0, g.add_resource("A"), 2.5);
  auto const one = make_case(g, 0, true);
  auto const fixed = write(one, {.usage = 1, .memory = 1, .lifetime = 1}, {0});
  CHECK(broken(fixed.lp, fixed.start) == 0);
  CHECK(sum_of(fixed.lp.objective, fixed.start) == 2.5 + 4 + 8);  // live after steps 1 and 2
}

TEST_CASE("mip: bad input") {
  auto const c = random_case(6, 2, 3);
  auto const refused = [&](gaus::CostModel const& costs, std::vector<int> const& s,
                           std::string const& words) {
    try {
      gaus::scheduling_mip(c.problem, c.system, c.bounds, costs, s);
      FAIL("accepted");
    } catch (gaus::InvalidInput const& error) {
      CHECK(contains(error.what(), words));
    }
  };
  auto const good = c.bounds.earliest;
  refused({.usage = 1}, {0, 1}, "the start has 2 start steps, the graph has 6 operations");
  refused({.usage = -1}, good, "a weight of -1.0");
  refused({.usage = 1, .complete = false}, good, "no linear form");
  auto late = good;
  late[0] = c.bounds.latest[0] + 1;
  refused({.usage = 1}, late, "operation 0 starts at step " + std::to_string(late[0]));
  auto folded = c.problem;
  folded.initiation_interval = 4;
  CHECK_THROWS_AS(gaus::scheduling_mip(folded, c.system, c.bounds, {.usage = 1}, good),
                  gaus::InvalidInput);
  gaus::GraphDescription g;
  for (int i = 0; i < 2; ++i) g.add_operation({});
  g.add_dependence(0, 1);
  auto const pair = make_case(g, 3);
  CHECK_THROWS_WITH_AS(gaus::scheduling_mip(pair.problem, pair.system, pair.bounds,
                                            {.communication = 1}, std::vector{2, 1}),
                       "the start is not legal: operation 1 starts -1 steps after operation 0, at "
                       "least 1 are asked",
                       gaus::InvalidInput);
}
