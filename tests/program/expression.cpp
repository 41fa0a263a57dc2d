// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "../../examples/gaus_schedule/expression.hpp"

#include <gaus/error.hpp>

#include <doctest/doctest.h>
#include <string>
#include <vector>

namespace {

using gaus_schedule::Expression;

std::vector<std::string> const classes{"MUL", "ALU"};

Expression parse(std::string const& text) { return gaus_schedule::parse_expression(text, classes); }

std::string error_of(std::string const& text) {
  try {
    check_minimisable(parse(text));
  } catch (gaus::InvalidInput const& error) {
    return error.what();
  }
  return {};
}

/// usage 7 (MUL 4, ALU 7), memory 11, lifetime 13, communication 17, makespan 19.
gaus::Costs const costs{.usage = 7,
                        .usage_of = {4, 7},
                        .memory = 11,
                        .lifetime = 13,
                        .communication = 17,
                        .makespan = 19};

double value(std::string const& text) { return value_of(parse(text), costs); }

TEST_CASE("expression: values") {
  CHECK(value("100*usage + communication") == 717);
  CHECK(value("usage[MUL]") == 4);
  CHECK(value(" usage [ ALU ]*2 ") == 14);
  CHECK(value("memory+lifetime+makespan") == 43);
  CHECK(value("peak_usage + memory_footprint + total_lifetime") == 31);
  CHECK(value("2*(usage + 3*(memory - 1)) / 4") == 18.5);
  CHECK(value("-(-usage) - -1e1") == 17);
  CHECK(value("+.5*memory/2.") == 2.75);
  CHECK(value("(2 + 3) * 4 * usage / (1 + 1) - 6/3") == 68);
  CHECK(value("usage - usage + memory") == 11);
}

TEST_CASE("expression: decimal weights give the integers that people expect") {
  CHECK(value("0.1*usage + 0.2*memory + 0.1") == 3);  // 3.0000000000000004 in doubles
  CHECK(value("usage/3 + usage/3 + usage/3") == 7);
  CHECK(gaus_schedule::settle(2.5) == 2.5);
  CHECK(gaus_schedule::settle(1e-9) == 1e-9);
  CHECK(gaus_schedule::settle(-3.0000000000000004) == -3);
}

TEST_CASE("expression: terms carry their canonical names and total weights") {
  auto const e = parse(" peak_usage*2 + usage[ALU] + 3*usage - 4 + 0*memory_footprint ");
  CHECK(e.text == "peak_usage*2 + usage[ALU] + 3*usage - 4 + 0*memory_footprint");
  CHECK(e.constant == -4);
  REQUIRE(e.terms.size() == 3);
  CHECK(e.terms[0].name == "usage");
  CHECK(e.terms[0].weight == 5);
  CHECK(e.terms[0].resource == -1);
  CHECK(e.terms[1].name == "usage[ALU]");
  CHECK(e.terms[1].resource == 1);
  CHECK(e.terms[2].name == "memory");
  CHECK(e.terms[2].weight == 0);
}

TEST_CASE("expression: what is wrong is said with its column") {
  struct Wrong {
    std::string text;
    std::string part;
  };
  for (auto const& [text, part] : std::vector<Wrong>{
           {"", "unexpected end"},
           {"usage +", "unexpected end"},
           {"(usage", "unexpected end"},
           {"usage)", "unexpected \")\" at column 6"},
           {"2 usage", "unexpected \"u\" at column 3"},
           {"usage $ 2", "unexpected \"$\" at column 7"},
           {".", "unexpected \".\" at column 1"},
           {"usage + 1e999", "out of range at column 9"},
           {"100*speed", "unknown term \"speed\" at column 5 (known: usage usage[CLASS] memory"},
           {"Usage", "unknown term \"Usage\""},
           {"usage[DSP]", "unknown class \"DSP\" at column 7 (known: MUL, ALU)"},
           {"usage[MUL", "\"[\" without \"]\" at column 6"},
           {"memory[MUL]", "only usage takes a class"},
           {"usage*memory", "cannot be minimised: product of two terms at column 6"},
           {"1/usage", "cannot be minimised: division by a term at column 2"},
           {"usage/(1-1)", "division by zero at column 6"},
           {"memory - 2*usage",
            "cannot be minimised: the weight of usage is -2, which is negative"},
           {"5", "cannot be minimised: no term has a weight above 0"},
           {"0*usage", "cannot be minimised: no term has a weight above 0"},
           {"1e300*usage*1e300", "the weight of usage is not finite"},
           {"usage + 1e300*1e300", "is not finite"},
           {std::string(5000, '(') + "usage", "nested too deeply"},
       }) {
    CAPTURE(text);
    auto const message = error_of(text);
    CHECK_MESSAGE(message.find(part) != std::string::npos, message);
    CHECK(message.find('\n') == std::string::npos);
    CHECK(message.size() < 300);
  }
  CHECK(error_of("usage - 5").empty());
}

TEST_CASE("expression: a graph without classes") {
  CHECK_THROWS_AS(gaus_schedule::parse_expression("usage[MUL]", {}), gaus::InvalidInput);
  gaus::Costs none;
  none.memory = 3;
  CHECK(value_of(gaus_schedule::parse_expression("usage + memory", {}), none) == 3);
}

}  // namespace
