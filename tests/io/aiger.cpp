// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/aiger.hpp>

#include <gaus/io/file.hpp>
#include <support/reading.hpp>
#include <doctest/doctest.h>
#include <algorithm>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

using gaus_test::contains;
using gaus_test::error_of;

auto const reader = [](std::istream& stream) { return gaus::read_aiger(stream); };

gaus::GraphDescription read_text(std::string const& text, gaus::ReadOptions const& options = {}) {
  std::istringstream stream(text);
  return gaus::read_aiger(stream, options);
}

using Ends = std::vector<std::pair<int, int>>;

Ends ends(gaus::GraphDescription const& graph) {
  Ends result;
  for (auto const& d : graph.dependences) result.emplace_back(d.from, d.to);
  return result;
}

/// Two inputs a, b. Gate 0 = a & b (literal 6), gate 1 = !a & !b (8), gate 2 = !6 & !8 (10): the
/// exclusive or. Differences: 6: 6-4, 4-2; 8: 8-5, 5-3; 10: 10-9, 9-7.
std::string const half_adder = "aig 5 2 0 2 3\n10\n6\n" + std::string("\x02\x02\x03\x02\x01\x02") +
                               "i0 a\ni1 left side\no0 sum\nc\nanything at all\n";

std::string const half_adder_ascii =
    "aag 5 2 0 2 3\n2\n4\n10\n6\n6 4 2\n8 5 3\n10 9 7\ni0 a\ni1 left side\no0 sum\nc\n";

Ends const half_adder_ends{{1, 2}, {0, 2}, {1, 3}, {0, 3}, {3, 4}, {2, 4}};

}  // namespace

TEST_CASE("AIGER: the half adder, binary and ASCII") {
  for (auto const& text : {half_adder, half_adder_ascii}) {
    auto const graph = read_text(text, {.latency = 3});
    REQUIRE(graph.operations.size() == 5);
    for (auto const& o : graph.operations) {
      CHECK(o.latency == 3);
      CHECK(o.occupancy == 1);
      CHECK(o.size == 1);
    }
    REQUIRE(graph.resources.size() == 1);
    CHECK(graph.resources[0].name == "all");
    CHECK(!graph.resources[0].limit);
    REQUIRE(graph.demands.size() == 5);
    for (int i = 0; i < 5; ++i) {
      auto const& d = graph.demands[static_cast<std::size_t>(i)];
      CHECK((d.operation == i && d.resource == 0 && d.units == 1));
    }
    CHECK(ends(graph) == half_adder_ends);
    CHECK(graph.names == std::vector<std::string>{"a", "left side"});
    for (auto const& d : graph.dependences)
      CHECK((d.distance == 0 && d.delay == 0 && d.weight == 1));
  }
}

TEST_CASE("AIGER: constant fan-ins are dropped, equal ones merged") {
  // Literal 4 = 2 & 1, 6 = 4 & !4, 8 = 0 & 1 (written large to small).
  auto const graph = read_text("aag 4 1 0 0 3\n2\n4 2 1\n6 5 4\n8 1 0\n");
  CHECK(graph.operations.size() == 4);
  CHECK(ends(graph) == Ends{{0, 1}, {1, 2}});
  auto const binary = read_text("aig 4 1 0 0 3\n" + std::string("\x02\x01\x01\x01\x07\x01"));
  CHECK(ends(binary) == Ends{{0, 1}, {1, 2}});
}

TEST_CASE("AIGER: differences of several bytes") {
  // 200 inputs; the gate's literal 402 reads 2 and 2: differences 400 = 0x190 and 0.
  auto const graph = read_text("aig 201 200 0 0 1\n" + std::string("\x90\x03\x00", 3));
  CHECK(graph.operations.size() == 201);
  CHECK(ends(graph) == Ends{{0, 200}});
}

TEST_CASE("AIGER: an ASCII file may list gates in any order and leave variables out") {
  auto const graph = read_text("aag 50 2 0 1 2\n40\n6\n100\n100 9 40\n8 6 40\n");
  CHECK(graph.operations.size() == 4);
  CHECK(ends(graph) == Ends{{3, 2}, {0, 2}, {1, 3}, {0, 3}});
}

TEST_CASE("AIGER: small and odd files that are right") {
  CHECK(read_text("aig 0 0 0 0 0\n").operations.empty());
  CHECK(read_text("aag 0 0 0 1 0\n1\n").operations.empty());
  CHECK(read_text("aag 1 1 0 0 0 0 0 0 0\n2\n").operations.size() == 1);
  CHECK(read_text("aag 1 1 0 0 0 1 1\n2\n2\n3\nb0 bad\nc0 always\nc\n").operations.size() == 1);
  CHECK(read_text("aag 1 1 0 1 0\r\n2\r\n3\r\ni0 in\r\n").names[0] == "in");
  CHECK(read_text("aig 2 2 0 0 0\ni1 only the second").names[1] == "only the second");
}

TEST_CASE("AIGER: headers that are wrong") {
  CHECK(contains(error_of(reader, ""), "the input is empty"));
  CHECK(contains(error_of(reader, "\n"), "no AIGER header"));
  CHECK(contains(error_of(reader, "aigs 1 1 0 0 0\n"), "no AIGER header"));
  CHECK(contains(error_of(reader, "module top;"), "no AIGER header"));
  CHECK(contains(error_of(reader, "\x1f\x8b\x08"), "gzip"));
  CHECK(contains(error_of(reader, "aag 1 1 0 0\n"), "line 1: the header has 4 counts"));
  CHECK(contains(error_of(reader, "aag 1 1 0 0 0 0 0 0 0 0\n"), "more than 9 counts"));
  CHECK(contains(error_of(reader, "aag 1 -1 0 0 0\n"), "count I is \"-1\""));
  CHECK(contains(error_of(reader, "aag 1 +1 0 0 0\n"), "count I is \"+1\""));
  CHECK(contains(error_of(reader, "aag 1 x 0 0 0\n"), "count I is \"x\""));
  CHECK(contains(error_of(reader, "aag 1 1 0 0 nan\n"), "count A is \"nan\""));
  CHECK(contains(error_of(reader, "aag 1 1 0 0 0x0\n"), "count A is \"0x0\""));
  CHECK(contains(error_of(reader, "aag 1 1 0 0 1.0\n"), "count A is \"1.0\""));
  CHECK(contains(error_of(reader, "aag 3000000000 1 0 0 0\n"), "count M is \"3000000000\""));
  CHECK(contains(error_of(reader, "aag 99999999999999999999999 1 0 0 0\n"), "count M"));
  CHECK(contains(error_of(reader, "aig 3 1 1 0 1\n"), "byte 0: the circuit has 1 latches"));
  CHECK(contains(error_of(reader, "aag 3 1 0 0 1 0 0 1 2\n"), "1 justice and 2 fairness"));
  CHECK(contains(error_of(reader, "aig 4 1 0 0 2\n1234"), "M = 4, not I + A = 1 + 2"));
  CHECK(contains(error_of(reader, "aag 2 1 0 0 2\n1234"), "M = 2 < I + A = 1 + 2"));
}

TEST_CASE("AIGER: counts beyond the size of the file") {
  CHECK(contains(error_of(reader, "aig 2000000000 1 0 0 1999999999\n12"), "but 2 follow"));
  CHECK(contains(error_of(reader, "aag 2000000000 1 0 0 1999999999\n12"), "but 2 follow"));
  CHECK(contains(error_of(reader, "aag 2147483647 2147483647 0 0 0\n"), "but 0 follow"));
  CHECK(contains(error_of(reader, "aig 0 0 0 2147483647 0\n"), "but 0 follow"));
  CHECK(contains(error_of(reader, "aig 0 0 0 0 0 2147483647 2147483647\n"), "but 0 follow"));
  CHECK(contains(error_of(reader, "aig 2147483647 2147483647 0 0 0\n"),
                 "promises 2147483647 inputs, but only 0 bytes follow"));
}

TEST_CASE("AIGER: bodies that are wrong") {
  CHECK(contains(error_of(reader, "aag 1 1 0 1 0\n2\n4\n"),
                 "line 3: output 0 of 1: \"4\" is not a literal 0..3"));
  CHECK(contains(error_of(reader, "aag 1 1 0 1 0\n2\n-2\n"), "\"-2\" is not a literal"));
  CHECK(contains(error_of(reader, "aag 1 1 0 0 0\n3\n"),
                 "line 2: the input 3 is not a positive even"));
  CHECK(contains(error_of(reader, "aag 1 1 0 0 0\n0\n"), "the input 0 is not a positive even"));
  CHECK(
      contains(error_of(reader, "aag 2 1 0 0 1\n2\n5 2 2\n"), "the AND gate 5 is not a positive"));
  CHECK(contains(error_of(reader, "aag 2 1 0 0 1\n2\n4 2   \n"), "needs 3 literals"));
  CHECK(contains(error_of(reader, "aag 2 1 0 0 1\n2\n4 2 2 2\n"), "more than 3 literals"));
  CHECK(contains(error_of(reader, "aag 2 1 0 0 1\n2\n4 2 1e0\n"), "\"1e0\" is not a literal"));
  CHECK(contains(error_of(reader, "aag 2 1 0 0 1\n2\n4 2 18446744073709551616\n"),
                 "is not a literal"));
  CHECK(contains(error_of(reader, "aag 3 1 0 0 1\n2\n4 2 6\n"),
                 "line 3: literal 6 is neither an input nor an AND gate"));
  CHECK(contains(error_of(reader, "aag 2 2 0 0 0\n2\n2\n"),
                 "literal 2 is defined twice, as input 0 and as input 1"));
  CHECK(contains(error_of(reader, "aag 3 1 0 0 2\n2\n4 2 2\n2 1 1\n"),
                 "literal 2 is defined twice, as input 0 and as AND gate 1"));
  CHECK(contains(error_of(reader, "aag 2 1 0 0 1\n2\n4 4 2\n"),
                 "1 -> 1: an operation cannot wait for itself"));
  CHECK(
      contains(error_of(reader, "aag 3 1 0 0 2\n2\n4 6 2\n6 4 2\n"), "a cycle of 2 operations: "));
  std::string const start = "aig 2 1 0 0 1\n";
  CHECK(contains(error_of(reader, start + std::string("\x00\x02", 2)),
                 "byte 14: AND gate 0 of 1: the differences 0 and 2"));
  CHECK(contains(error_of(reader, start + "\x03\x02"), "the differences 3 and 2"));
  CHECK(contains(error_of(reader, start + "\x80\x80\x80\x80\x80\x01"), "more than 5 bytes"));
  CHECK(contains(error_of(reader, start + "\x02\x82"), "byte 16: the file ends within AND gate 0"));
}

TEST_CASE("AIGER: symbols that are wrong, and what follows the circuit") {
  std::string const circuit = "aag 1 1 0 1 0\n2\n2\n";
  CHECK(contains(error_of(reader, circuit + "i1 x\n"), "line 4: \"i1 x\" is no symbol"));
  CHECK(contains(error_of(reader, circuit + "l0 x\n"), "is no symbol"));
  CHECK(contains(error_of(reader, circuit + "i0\n"), "is no symbol"));
  CHECK(contains(error_of(reader, circuit + "i-0 x\n"), "is no symbol"));
  CHECK(contains(error_of(reader, circuit + "i99999999999999999999 x\n"), "is no symbol"));
  CHECK(contains(error_of(reader, circuit + "i0 x\ni0 y\n"), "two names, \"x\" and \"y\""));
  CHECK(contains(error_of(reader, circuit + "2\n"), "line 4: \"2\" is no symbol"));
  CHECK(contains(error_of(reader, circuit + "\n"), "\"\" is no symbol"));
  CHECK(contains(error_of(reader, circuit + std::string(3, '\0')), "is no symbol"));
  CHECK(error_of(reader, circuit + "c\n\x01\x02 2 2 i0 x").empty());
}

TEST_CASE("AIGER: options are checked too") {
  std::istringstream negative(half_adder);
  CHECK_THROWS_WITH_AS(gaus::read_aiger(negative, {.source = "a.aig", .latency = -1}),
                       "a.aig: operation 0 (a): latency -1 < 0", gaus::InvalidInput);
  std::istringstream large(half_adder);
  CHECK_THROWS_WITH_AS(gaus::read_aiger(large, {.source = "a\nb", .latency = 1, .max_bytes = 10}),
                       "a b: the input has more than 10 bytes", gaus::InvalidInput);
  std::istringstream closed;
  closed.setstate(std::ios::failbit);
  CHECK_THROWS_WITH_AS(gaus::read_aiger(closed), "input: the input cannot be read",
                       gaus::InvalidInput);
}

TEST_CASE("AIGER: every prefix") {
  // A cut within the symbols or the comment leaves a whole circuit, unless it cuts "i0 " or "i1 ".
  for (auto const& text : {half_adder, half_adder_ascii}) {
    std::size_t const circuit = text.find("i0 a");
    auto const accepted = gaus_test::accepted_prefixes(reader, text);
    REQUIRE(!accepted.empty());
    CHECK(accepted.front() == circuit);
    std::size_t expected = 0;
    for (std::size_t size = circuit; size < text.size(); ++size) {
      std::size_t const start = std::max(circuit, text.rfind('\n', size - 1) + 1);
      auto const line = text.substr(start, size - start);
      bool const comment = size > text.find("\nc");
      expected += comment || line.empty() || line.size() > 3 ? 1U : 0U;
    }
    CHECK(accepted.size() == expected);
  }
}

TEST_CASE("AIGER: no change of a few bytes does harm") {
  CHECK(gaus_test::accepted_mutations(reader, half_adder, 3000, 1) > 0);
  CHECK(gaus_test::accepted_mutations(reader, half_adder_ascii, 3000, 2) > 0);
}

TEST_CASE("AIGER: real circuits") {
  auto const folder = gaus_test::benchmark_data();
  if (!folder) return;
  struct Known {
    char const* name;
    std::size_t operations;
    std::size_t dependences;
  };
  for (Known const& known : {Known{"adder", 1276, 2040},
                             {"bar", 3471, 6672},
                             {"div", 57375, 114494},
                             {"log2", 32092, 64120},
                             {"max", 3377, 5730},
                             {"multiplier", 27190, 54124},
                             {"sin", 5440, 10832},
                             {"arbiter", 12095, 23678},
                             {"ctrl", 181, 348},
                             {"dec", 312, 608},
                             {"i2c", 1489, 2684},
                             {"int2float", 271, 520},
                             {"mem_ctrl", 48040, 93672},
                             {"router", 317, 514}}) {
    auto const path = *folder / "epfl" / (std::string(known.name) + ".aig");
    CAPTURE(path.string());
    if (!std::filesystem::exists(path)) continue;
    auto stream = gaus::open_input(path);
    auto const graph = gaus::read_aiger(stream, {.source = path.string()});
    CHECK(graph.operations.size() == known.operations);
    CHECK(graph.dependences.size() == known.dependences);
    for (auto const& d : graph.dependences) CHECK_UNARY(d.from < d.to);
  }
}
