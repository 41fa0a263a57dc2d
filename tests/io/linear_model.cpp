// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/linear_model.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <cmath>
#include <limits>
#include <span>
#include <sstream>
#include <string>
#include <vector>

using namespace gaus_test;
using Sense = gaus::LinearModel::Sense;

namespace {

/// The part of a model that both exports have, laid open.
struct Model : gaus::detail::StartModel<gaus::HostGraph> {
  using Base = gaus::detail::StartModel<gaus::HostGraph>;
  using Base::add_differences, Base::add_lifetime, Base::model_;
  using Base::StartModel;
};

gaus::CostModel linear_costs() {
  gaus::CostModel costs;
  costs.lifetime = 0.5;
  costs.communication = 2;
  costs.makespan = 3;
  return costs;
}

}  // namespace

TEST_CASE("linear model: rows gather their terms, and those without any are left out") {
  gaus::LinearModel model;
  int const x = model.add_variable({.name = "x", .objective = 2, .start = 3});
  int const y = model.add_variable({.name = "y", .objective = -1, .start = 4});
  model.add_row(gaus::LinearSum{{}, -5}.add(y, 1).add(x, 2).add(y, 0.5), Sense::at_least);
  model.add_row(gaus::LinearSum{{}, 1}.add(x, 1).add(x, -1), Sense::equal);  // nothing is left
  model.add_row(gaus::LinearSum{}.add(y, -1), Sense::equal);
  REQUIRE(model.rows.size() == 2);
  CHECK(model.rows[0].bound == 5);
  REQUIRE(model.row(0).size() == 2);
  CHECK(model.row(0)[0] == std::pair(x, 2.0));
  CHECK(model.row(0)[1] == std::pair(y, 1.5));
  CHECK(model.rows[1].sense == Sense::equal);
  CHECK_FALSE(std::signbit(model.rows[1].bound));  // 0, not -0
  REQUIRE(model.row(1).size() == 1);
  CHECK(model.at_start(gaus::LinearSum{{}, 1}.add(x, 2).add(y, 1)) == 11);
  CHECK(model.objective_at_start() == 2);
}

TEST_CASE("linear model: numbers are as short as they can be and read back") {
  for (double const x : {0.0, 3025.0, -7.0, 0.1, 1.0 / 3, 1e15, -2.5e-300, 1e300}) {
    std::string const text = gaus::detail::shortest_text(x);
    CAPTURE(text);
    CHECK(std::stod(text) == x);
  }
  CHECK(gaus::detail::shortest_text(3025) == "3025");
  CHECK(gaus::detail::shortest_text(0.1) == "0.1");
  std::ostringstream stream;
  {
    gaus::detail::TextWriter writer(stream);
    writer << "a " << 2.0 << " " << std::string(70000, 'b');
    CHECK(stream.str().size() > 70000);
    writer << "end";
    CHECK(stream.str().size() == 70004);
  }
  CHECK(stream.str().ends_with("bend"));
}

TEST_CASE("linear model: the start is feasible and has its exact cost") {
  Random random(8);
  for (unsigned seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    auto const c = random_case(20, 6, seed, seed % 2 == 0);
    auto const start = random_schedule(c, random);
    auto const costs = linear_costs();
    Model m(c.problem, c.system, c.bounds, costs, start,
            {.comments = {"two\nlines"}, .constant = 7});
    m.add_differences();
    m.add_lifetime(costs.lifetime);
    auto const plain = plain_costs(c, start);
    CHECK(m.model_.objective_at_start() ==
          doctest::Approx(7 + 0.5 * plain.lifetime + 2 * plain.communication + 3 * plain.makespan));
    for (auto const& line : m.model_.comments) CHECK(line.find('\n') == std::string::npos);
    for (std::size_t i = 0; i < start.size(); ++i) {
      CHECK(m.model_.variables[i].name == "s_" + std::to_string(i));
      CHECK(m.model_.variables[i].lower == c.bounds.earliest[i]);
      CHECK(m.model_.variables[i].upper == c.bounds.latest[i]);
    }
    for (auto const& v : m.model_.variables) CHECK((v.lower <= v.start && v.start <= v.upper));
    for (std::size_t k = 0; k < m.model_.rows.size(); ++k) {
      auto const row = m.model_.row(k);
      double const left = m.model_.at_start({{row.begin(), row.end()}, 0});
      CHECK(left >= m.model_.rows[k].bound);
    }
  }
}

TEST_CASE("linear model: what cannot be exported is refused in words") {
  auto const c = random_case(6, 4, 1);
  auto const refusal = [&](gaus::CostModel const& costs, std::vector<int> const& start) {
    try {
      Model m(c.problem, c.system, c.bounds, costs, start, {});
    } catch (gaus::InvalidInput const& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(refusal(linear_costs(), c.bounds.earliest).empty());
  CHECK(refusal(linear_costs(), {1, 2}) ==
        "the start has 2 start steps, the graph has 6 operations");
  auto late = c.bounds.latest;
  ++late[3];
  CHECK(refusal(linear_costs(), late).starts_with("the start is not legal: operation 3 starts at"));
  for (double const bad :
       {-1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    auto costs = linear_costs();
    costs.makespan = bad;
    CHECK(refusal(costs, c.bounds.earliest).find("cannot be exported") != std::string::npos);
  }
  auto costs = linear_costs();
  costs.complete = false;
  CHECK(refusal(costs, c.bounds.earliest).find("no linear form") != std::string::npos);
}
