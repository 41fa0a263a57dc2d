// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/reader.hpp>
#include <support/reading.hpp>

#include <doctest/doctest.h>
#include <cstdint>
#include <sstream>
#include <string>

using namespace gaus_test;
namespace detail = gaus::detail;

TEST_CASE("reader: messages are one line of UTF-8, cut when long") {
  CHECK(detail::one_line("a\nb\tc\x7f") == "a b c ");
  CHECK(detail::one_line("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80") ==
        "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
  CHECK(detail::one_line("\xff\x80\xc3") == "???");
  CHECK(detail::one_line("\xe2\x82") == "??");
  CHECK(detail::one_line("") == "");
  CHECK(detail::in_quotes("x") == "\"x\"");
  CHECK(detail::in_quotes(std::string(41, 'y')) == "\"" + std::string(40, 'y') + "...\"");
  try {
    detail::fail("f", std::string(2000, 'z'));
  } catch (gaus::InvalidInput const& error) {
    CHECK(std::string(error.what()) == "f: " + std::string(600, 'z') + "...");
  }
}

TEST_CASE("reader: places in messages") {
  CHECK(detail::line_of("a\nb\n", 0) == 1);
  CHECK(detail::line_of("a\nb\n", 2) == 2);
  CHECK(detail::line_of("a\nb\n", 99) == 3);  // beyond the end: after the last line
  CHECK_THROWS_WITH_AS(detail::fail_at_byte("f", 7, "x"), "f: byte 7: x", gaus::InvalidInput);
  CHECK_THROWS_WITH_AS(detail::fail_at_line("f", "a\nb", 3, "x"), "f: line 2: x",
                       gaus::InvalidInput);
}

TEST_CASE("reader: reads a stream whole, and no more than it may") {
  auto const read = [](std::string const& text, std::size_t most) {
    std::istringstream stream(text);
    return detail::read_all(stream, {.source = "f", .max_bytes = most});
  };
  for (std::size_t const size : {1U, 65535U, 65536U, 65537U, 300000U}) {
    std::string text(size, 'a');
    text.back() = '\0';
    CHECK(read(text, size) == text);
    CHECK_THROWS_WITH_AS(
        read(text, size - 1),
        ("f: the input has more than " + std::to_string(size - 1) + " bytes").c_str(),
        gaus::InvalidInput);
  }
  CHECK_THROWS_WITH_AS(read("", 10), "f: the input is empty", gaus::InvalidInput);
  CHECK_THROWS_AS(read("\x1f\x8b more", 10), gaus::InvalidInput);
  std::istringstream failed("text");
  failed.setstate(std::ios::badbit);
  CHECK_THROWS_WITH_AS(detail::read_all(failed, {.source = "f"}), "f: the input cannot be read",
                       gaus::InvalidInput);
}

TEST_CASE("reader: numbers have nothing around them") {
  int n = 0;
  for (std::string const good : {"0", "-7", "+7", "2147483647", "-2147483648"}) {
    CAPTURE(good);
    CHECK(detail::parse_number(good, n));
    CHECK(n == std::stoll(good));
  }
  for (std::string const bad :
       {"", "+", "-", "+-7", " 7", "7 ", "7x", "0x7", "2147483648", "1.5"}) {
    CAPTURE(bad);
    CHECK_FALSE(detail::parse_number(bad, n));
  }
  double x = 0;
  CHECK(detail::parse_number("+1e3", x));
  CHECK(x == 1000);
  for (std::string const bad : {"inf", "-inf", "nan", "1e999", "1e", "."}) {
    CAPTURE(bad);
    CHECK_FALSE(detail::parse_number(bad, x));
  }
}

TEST_CASE("reader: a description is checked in the name of its source") {
  gaus::GraphDescription g;
  g.add_operation({.latency = 1});
  CHECK(detail::checked(g, "f").operations.size() == 1);
  g.add_dependence(0, 5);
  try {
    detail::checked(g, "f");
    FAIL("accepted");
  } catch (gaus::InvalidInput const& error) {
    CHECK(std::string(error.what()).starts_with("f: "));
  }
}
