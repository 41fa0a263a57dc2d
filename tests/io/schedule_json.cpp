// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/schedule_json.hpp>

#include <support/reading.hpp>
#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace {

using gaus_test::contains;
using gaus_test::error_of;

auto const reader = [](std::istream& stream) { return gaus::read_schedule(stream); };

gaus::ScheduleFile sample() {
  gaus::ScheduleFile file;
  file.gaus = "0.1.0";
  file.input = "div.aig";
  file.operations = 3;
  file.dependences = 2;
  file.steps = 4373;
  file.default_latency = 1;
  file.method = "gaus";
  file.seed = 0;
  file.expression = "100*usage + communication";
  file.value = 3025;
  file.lower_bound = 2980.25;
  file.terms = {{"usage", 6}, {"communication", 2425.5}};
  file.feasible = true;
  file.start_steps = {0, -2, 2147483647};
  file.iterations = 1000;
  file.seconds = 0.91;
  file.stopped_by = "iterations";
  file.execution_space = "OpenMP";
  file.concurrency = 2;
  return file;
}

std::string const sample_text =
    R"({ "gaus": "0.1.0", "input": "div.aig", "operations": 3, "dependences": 2,
  "steps": 4373, "initiation_interval": null, "default_latency": 1, "method": "gaus", "seed": 0,
  "objective": { "expression": "100*usage + communication", "value": 3025.0, "lower_bound": 2980.25,
                 "terms": { "usage": 6, "communication": 2425.5 } },
  "feasible": true, "violations": [],
  "start_steps": [0, -2, 2147483647],
  "iterations": 1000, "seconds": 0.91, "stopped_by": "iterations",
  "execution_space": "OpenMP", "concurrency": 2 }
)";

std::string text_of(gaus::ScheduleFile const& file) {
  std::ostringstream out;
  gaus::write_schedule(out, file);
  return out.str();
}

gaus::ScheduleFile read_text(std::string const& text) {
  std::istringstream stream(text);
  return gaus::read_schedule(stream);
}

}  // namespace

TEST_CASE("schedule file: the text is fixed") {
  CHECK(text_of(sample()) == sample_text);
  CHECK(text_of({}) == R"({ "gaus": null, "input": null, "operations": null, "dependences": null,
  "steps": null, "initiation_interval": null, "default_latency": null, "method": null, "seed": null,
  "objective": { "expression": null, "value": null, "lower_bound": null,
                 "terms": {} },
  "feasible": null, "violations": [],
  "start_steps": [],
  "iterations": null, "seconds": null, "stopped_by": null,
  "execution_space": null, "concurrency": null }
)");
}

TEST_CASE("schedule file: what is written reads back equal") {
  CHECK(text_of(read_text(sample_text)) == sample_text);
  auto file = sample();
  file.initiation_interval = 7;
  file.seed = std::numeric_limits<std::uint64_t>::max();
  file.value = 1.0 / 3.0;
  file.lower_bound = -1e300;
  file.feasible = false;
  file.violations = {"operation 0 (\"a\\b\") starts at step -1, before step 0", "line\nbreak"};
  file.terms = {{"usage[MUL]", 1e15}, {"usage", 123456789012345.0}};
  file.stopped_by = {};
  auto const back = read_text(text_of(file));
  CHECK(text_of(back) == text_of(file));
  CHECK(back.seed == file.seed);
  CHECK(back.value == file.value);
  CHECK(back.violations == file.violations);
  CHECK(back.terms == file.terms);
  CHECK(back.start_steps == file.start_steps);
  CHECK(!back.stopped_by);
  // Names of files need not be UTF-8; the text is JSON all the same.
  file.input = "caf\xe9.aig";
  CHECK(read_text(text_of(file)).input == "caf\xef\xbf\xbd.aig");
}

TEST_CASE("schedule file: a clock adds its keys at the end") {
  auto file = sample();
  file.clock = {1.5, 0.1, 17, true, 1.25};
  auto const text = text_of(file);
  CHECK(text == sample_text.substr(0, sample_text.size() - 3) +
                    ",\n  \"clock_ns\": 1.5, \"default_delay_ns\": 0.1, \"chaining_rules\": 17, "
                    "\"chaining_exact\": true, \"longest_chain_ns\": 1.25 }\n");
  std::istringstream stream(text);
  auto const again = reader(stream);
  CHECK(again.clock.clock_ns == 1.5);
  CHECK(again.clock.default_delay_ns == 0.1);
}

TEST_CASE("schedule file: the start steps are enough, unknown keys are passed over") {
  auto const file = read_text(R"({"start_steps":[3, 4.0],"objective":null,"more":{"start_steps":[]},
                                  "violations":null,"steps":null})");
  CHECK(file.start_steps == std::vector<int>{3, 4});
  CHECK(!file.value);
  CHECK(!file.feasible);
  CHECK(file.method.empty());
  CHECK(read_text(R"({"objective":{"terms":null,"x":[1]},"start_steps":[]})").terms.empty());
}

TEST_CASE("schedule file: start steps that are wrong") {
  CHECK(contains(error_of(reader, ""), "the input is empty"));
  CHECK(contains(error_of(reader, "{}"), "no list \"start_steps\""));
  CHECK(contains(error_of(reader, "[0, 1]"), "the top level must be an object"));
  CHECK(contains(error_of(reader, R"({"start_steps":null})"), "no list \"start_steps\""));
  CHECK(contains(error_of(reader, R"({"start_steps":5})"), "start_steps must be a list, not 5"));
  CHECK(contains(error_of(reader, R"({"start_steps":{}})"), "start_steps must not be an object"));
  for (auto const* const entry : {"1.5", "\"1\"", "null", "true", "2147483648", "-2147483649",
                                  "1e30", "18446744073709551616"}) {
    CAPTURE(entry);
    CHECK(contains(error_of(reader, "{\"start_steps\":[0,1," + std::string(entry) + "]}"),
                   "the start step of operation 2 must be an integer, not "));
  }
  for (auto const* const entry : {"[]", "{}"})
    CHECK(contains(error_of(reader, "{\"start_steps\":[0," + std::string(entry) + "]}"),
                   "the start step of operation 1 must not be "));
  CHECK(contains(error_of(reader, R"({"start_steps":[NaN]})"), "not JSON"));
  CHECK(contains(error_of(reader, R"({"start_steps":[1e999]})"), "not JSON: number overflow"));
  CHECK(contains(error_of(reader, R"({"start_steps":[0],"start_steps":[0]})"), "occurs twice"));
}

TEST_CASE("schedule file: other fields that are wrong") {
  auto const with = [](std::string const& field) { return "{\"start_steps\":[]," + field + "}"; };
  CHECK(contains(error_of(reader, with(R"("steps":"7")")), "steps must be an integer"));
  CHECK(contains(error_of(reader, with(R"("steps":-1)")), "steps must be an integer 0.."));
  CHECK(contains(error_of(reader, with(R"("initiation_interval":0)")), "must be an integer 1.."));
  CHECK(contains(error_of(reader, with(R"("seed":-1)")), "seed must be an integer 0.."));
  CHECK(contains(error_of(reader, with(R"("seed":1.5)")), "seed must be an integer 0.."));
  CHECK(
      contains(error_of(reader, with(R"("feasible":1)")), "feasible must be true or false, not 1"));
  CHECK(contains(error_of(reader, with(R"("method":1)")), "method must be a text, not 1"));
  CHECK(contains(error_of(reader, with(R"("method":[])")), "method must not be a list"));
  CHECK(contains(error_of(reader, with(R"("objective":"usage")")), "objective must be an object"));
  CHECK(contains(error_of(reader, with(R"("objective":[])")), "objective must not be a list"));
  CHECK(contains(error_of(reader, with(R"("objective":{"value":"1"})")), "value must be a number"));
  CHECK(contains(error_of(reader, with(R"("objective":{"terms":{"usage":"1"}})")),
                 "term \"usage\" must be a number"));
  CHECK(contains(error_of(reader, with(R"("violations":[1])")),
                 "violations: entry 0 must be a text"));
  CHECK(contains(error_of(reader, with(R"("seconds":-1)")), "seconds must be a number >= 0"));
}

TEST_CASE("schedule file: what is no number is not written") {
  for (double const bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    auto file = sample();
    file.terms[1].second = bad;
    std::ostringstream out;
    CHECK_THROWS_AS(gaus::write_schedule(out, file), gaus::InvalidInput);
    CHECK(out.str().empty());
    file = sample();
    file.value = bad;
    CHECK_THROWS_AS(gaus::write_schedule(out, file), gaus::InvalidInput);
  }
}

TEST_CASE("schedule file: a long list comes back") {
  auto file = sample();
  file.start_steps.resize(300000);
  for (std::size_t k = 0; k < file.start_steps.size(); ++k)
    file.start_steps[k] = static_cast<int>(k * 2654435761U % 100003);
  auto const text = text_of(file);
  CHECK(read_text(text).start_steps == file.start_steps);
  CHECK(std::count(text.begin(), text.end(), '\n') == 8);
}

TEST_CASE("schedule file: every prefix, and no change of a few bytes does harm") {
  CHECK(gaus_test::accepted_prefixes(reader, sample_text) ==
        std::vector<std::size_t>{sample_text.size() - 1});
  CHECK(gaus_test::accepted_mutations(reader, sample_text, 5000, 5) > 0);
}
