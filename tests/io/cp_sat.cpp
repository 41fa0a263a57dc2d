// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/cp_sat.hpp>

#include <support/reading.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <cstddef>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

using namespace gaus_test;

namespace {

/// A message of protobuf's text format: fields with values or messages, in order.
struct Message {
  std::map<std::string, std::vector<double>> numbers;
  std::map<std::string, std::vector<Message>> messages;

  [[nodiscard]] std::vector<double> list(std::string const& field) const {
    return numbers.count(field) ? numbers.at(field) : std::vector<double>{};
  }
  [[nodiscard]] std::vector<Message> all(std::string const& field) const {
    return messages.count(field) ? messages.at(field) : std::vector<Message>{};
  }
  [[nodiscard]] Message const& one(std::string const& field) const {
    if (!messages.count(field) || messages.at(field).size() != 1)
      throw std::runtime_error("not one " + field);
    return messages.at(field).front();
  }
};

class TextFormat {
 public:
  explicit TextFormat(std::string const& text) {
    std::istringstream lines(text);
    std::string line;
    while (std::getline(lines, line)) {
      line = line.substr(0, line.find('#'));
      for (char const c : {'{', '}', '[', ']', ','})
        for (std::size_t k = 0; (k = line.find(c, k)) != std::string::npos; k += 3)
          line.replace(k, 1, std::string{' ', c, ' '});
      std::istringstream words(line);
      for (std::string word; words >> word;)
        if (word != ",") words_.push_back(word);
    }
  }
  Message parse() {
    Message message;
    while (at_ < words_.size() && words_[at_] != "}") {
      std::string field = words_[at_++];
      if (words_[at_] == "{") {
        ++at_;
        message.messages[field].push_back(parse());
        REQUIRE(words_[at_++] == "}");
        continue;
      }
      REQUIRE(field.ends_with(':'));
      field.pop_back();
      auto& values = message.numbers[field];
      if (words_[at_] == "[") {
        for (++at_; words_[at_] != "]"; ++at_) values.push_back(std::stod(words_[at_]));
        ++at_;
      } else if (words_[at_].starts_with('"')) {
        ++at_;
      } else {
        values.push_back(std::stod(words_[at_++]));
      }
    }
    return message;
  }

 private:
  std::vector<std::string> words_;
  std::size_t at_ = 0;
};

struct Model {
  Message proto;
  std::vector<double> values;

  [[nodiscard]] double affine(Message const& m) const {
    double x = m.list("offset").empty() ? 0 : m.list("offset")[0];
    auto const variables = m.list("vars");
    auto const coefficients = m.list("coeffs");
    if (variables.size() != coefficients.size()) return -1e300;
    for (std::size_t k = 0; k < variables.size(); ++k)
      x += coefficients[k] * values[static_cast<std::size_t>(variables[k])];
    return x;
  }
  [[nodiscard]] double objective() const {
    auto const& o = proto.one("objective");
    return affine(o) * o.list("scaling_factor").at(0);
  }
  /// Constraints and domains that do not hold.
  [[nodiscard]] int broken() const {
    int count = 0;
    auto const variables = proto.all("variables");
    REQUIRE(variables.size() == values.size());
    for (std::size_t k = 0; k < values.size(); ++k) {
      auto const domain = variables[k].list("domain");
      count += values[k] < domain.at(0) || values[k] > domain.at(1) ? 1 : 0;
    }
    auto const constraints = proto.all("constraints");
    for (auto const& c : constraints) {
      for (auto const& m : c.all("linear")) {
        double const x = affine(m);
        count += x < m.list("domain").at(0) || x > m.list("domain").at(1) ? 1 : 0;
      }
      for (auto const& m : c.all("interval")) {
        double const size = affine(m.one("size"));
        count += size < 0 || affine(m.one("start")) + size != affine(m.one("end")) ? 1 : 0;
      }
      for (auto const& m : c.all("cumulative")) {
        double const capacity = affine(m.one("capacity"));
        auto const which = m.list("intervals");
        REQUIRE(which.size() == m.all("demands").size());
        for (int t = 0; t < 60; ++t) {
          double load = 0;
          for (std::size_t k = 0; k < which.size(); ++k) {
            auto const& interval = constraints[static_cast<std::size_t>(which[k])].one("interval");
            if (affine(interval.one("start")) <= t && t < affine(interval.one("end")))
              load += affine(m.all("demands")[k]);
          }
          count += load > capacity ? 1 : 0;
        }
      }
    }
    return count;
  }
};

Model write(Case const& c, gaus::CostModel const& costs, std::vector<int> const& s,
            gaus::ExportOptions const& options = {}) {
  std::ostringstream out;
  gaus::write_cp_sat(out, gaus::scheduling_cp(c.problem, c.system, c.bounds, costs, s, options));
  Model model{TextFormat(out.str()).parse(), {}};
  auto const& hint = model.proto.one("solution_hint");
  model.values = hint.list("values");
  for (std::size_t k = 0; k < model.values.size(); ++k)
    REQUIRE(hint.list("vars")[k] == static_cast<double>(k));
  return model;
}

double cost_of(gaus::CostModel const& m, PlainCosts const& p) {
  double value = m.usage * p.usage + m.memory * p.memory + m.lifetime * p.lifetime +
                 m.communication * p.communication + m.makespan * p.makespan;
  for (auto const& [r, w] : m.usage_of) value += w * p.usage_of[at(r)];
  return value;
}

}  // namespace

TEST_CASE("cp-sat: two operations by hand") {
  gaus::GraphDescription g;
  int const unit = g.add_resource("A");
  for (int i = 0; i < 2; ++i) {
    g.add_operation({.latency = 2, .occupancy = 1, .size = 3});
    g.add_demand(i, unit, 1.5);
  }
  g.add_dependence({.from = 0, .to = 1, .weight = 0.5});
  auto const c = make_case(g, 1);
  std::ostringstream out;
  gaus::write_cp_sat(out, gaus::scheduling_cp(c.problem, c.system, c.bounds,
                                              {.usage = 2, .memory = 1, .communication = 1},
                                              std::vector{0, 3}, {.comments = {"by hand"}}));
  CHECK(out.str().substr(out.str().find("# by hand")) == R"(# by hand
# s_I: start step of operation I, in the order of the input
# usage counts in units of 1/2
# objective at the hint: 7.5
variables { name: "s_0" domain: [0, 1] }
variables { name: "s_1" domain: [2, 3] }
variables { name: "usage" domain: [0, 6] }
variables { name: "memory" domain: [0, 3] }
variables { name: "life_0" domain: [0, 5] }
variables { name: "end_0" domain: [0, 6] }
constraints { interval { start { vars: 0 coeffs: 1 } size { offset: 1 } end { vars: 0 coeffs: 1 offset: 1 } } }
constraints { interval { start { vars: 1 coeffs: 1 } size { offset: 1 } end { vars: 1 coeffs: 1 offset: 1 } } }
constraints { interval { start { vars: 0 coeffs: 1 offset: 1 } size { vars: 4 coeffs: 1 } end { vars: 5 coeffs: 1 } } }
constraints { cumulative { capacity { vars: 2 coeffs: 1 }
  intervals: 0 demands { offset: 3 }
  intervals: 1 demands { offset: 3 } } }
constraints { cumulative { capacity { vars: 3 coeffs: 1 }
  intervals: 2 demands { offset: 3 } } }
constraints { linear { vars: [0, 1] coeffs: [-1, 1] domain: [2, 9223372036854775807] } }
constraints { linear { vars: [0, 1, 4] coeffs: [1, -1, 1] domain: [-1, 9223372036854775807] } }
constraints { linear { vars: [0, 4, 5] coeffs: [-1, -1, 1] domain: [1, 1] } }
objective { vars: [0, 1, 2, 3] coeffs: [-1, 1, 2, 2] scaling_factor: 0.5 }
solution_hint { vars: [0, 1, 2, 3, 4, 5] values: [0, 3, 3, 3, 2, 3] }
)");
}

TEST_CASE("cp-sat: the hint of random problems is feasible at its exact cost, and tight") {
  std::vector<gaus::CostModel> const models = {
      {.usage = 100, .communication = 1},
      {.memory = 1, .lifetime = 1, .makespan = 2},
      {.usage = 1, .usage_of = {{0, 2.5}, {2, 1}}, .memory = 0.5, .communication = 0.25},
      {.usage_of = {{1, 3}}},
      {.lifetime = 0.1, .makespan = 1.0 / 3}};
  for (unsigned seed = 1; seed <= 12; ++seed) {
    auto const c = random_case(4 + static_cast<int>(seed) * 2, static_cast<int>(seed % 5), seed,
                               seed % 3 == 0);
    REQUIRE(c.steps < 60);
    Random random(seed);
    for (auto const& costs : models) {
      for (auto const& s : {c.bounds.earliest, c.bounds.latest, random_schedule(c, random)}) {
        CAPTURE(seed);
        auto const model = write(c, costs, s, {.constant = 3});
        CHECK(model.broken() == 0);
        CHECK(model.objective() ==
              doctest::Approx(3 + cost_of(costs, plain_costs(c, s))).epsilon(1e-12));
        int loose = 0;
        auto const names = model.proto.one("objective").list("vars");
        for (double const v : names) {
          auto lower = model;
          lower.values[static_cast<std::size_t>(v)] -= 1;
          loose += v >= c.operations() && lower.broken() == 0 ? 1 : 0;
        }
        CHECK(loose == 0);
        // Another schedule in its place, or none, breaks something.
        auto other = model;
        for (int i = 0; i < c.operations(); ++i) other.values[at(i)] = -1;
        CHECK(other.broken() > 0);
      }
    }
  }
}

TEST_CASE("cp-sat: nothing to schedule") {
  auto const none = make_case({}, 0);
  auto const model = write(none, {.usage = 1, .memory = 1, .makespan = 1}, {}, {.constant = 2});
  CHECK(model.broken() == 0);
  CHECK(model.objective() == 2);
}

TEST_CASE("cp-sat: numbers that no scaling makes integers") {
  gaus::GraphDescription g;
  g.add_resource("A");
  g.add_operation({.latency = 1, .occupancy = 1, .size = 0.1234567891});
  g.add_operation({});
  g.add_demand(0, 0, 1.4142135623730951);
  g.add_dependence(0, 1);
  auto const c = make_case(g, 1);
  auto const refused = [&](gaus::CostModel const& costs, std::string const& words) {
    try {
      gaus::scheduling_cp(c.problem, c.system, c.bounds, costs, c.bounds.earliest);
      FAIL("accepted");
    } catch (gaus::InvalidInput const& error) {
      CHECK(contains(error.what(), words));
    }
  };
  refused({.usage = 1}, "operation 0: units of class 0 = 1.4142135623730951 cannot be scaled");
  refused({.memory = 1}, "operation 0: size = 0.1234567891 cannot be scaled");
  refused({.makespan = 3.141592653589793}, "the weight of makespan in the objective = 3.14159");
  refused({.makespan = 1e13}, "cannot be scaled");
  auto const third = write(c, {.communication = 1.0 / 3}, c.bounds.earliest);
  CHECK(third.proto.one("objective").list("coeffs") == std::vector<double>{-1, 1});
}
