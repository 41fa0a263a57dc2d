// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/text.hpp>

#include <doctest/doctest.h>

using namespace gaus::detail;

TEST_CASE("text: numbers") {
  CHECK(shortest_text(0) == "0");
  CHECK(shortest_text(-3) == "-3");
  CHECK(shortest_text(1e6) == "1000000");
  CHECK(shortest_text(0.1) == "0.1");
  CHECK(shortest_text(2.5) == "2.5");
  CHECK(shortest_text(1e300) == "1e+300");
}

TEST_CASE("text: names") {
  gaus::GraphDescription g;
  g.add_resource("a\tclass");
  g.add_operation({}, "first\nof all");
  g.add_operation({});
  CHECK(short_name(&g, 0) == "first of all");
  CHECK(short_name(&g, 1) == "1");
  CHECK(short_name(nullptr, 7) == "7");
  CHECK(short_class(&g, 0) == "a class");
  CHECK(short_class(nullptr, 2) == "2");
  CHECK(text_width("") == 0);
  CHECK(text_width("a\xc3\xbc\xe2\x82\xac") == 3);
}

TEST_CASE("text: fields of comma-separated values") {
  CHECK(csv_field("") == "");
  CHECK(csv_field("plain name") == "plain name");
  CHECK(csv_field("a,b") == "\"a,b\"");
  CHECK(csv_field("say \"x\"") == "\"say \"\"x\"\"\"");
  CHECK(csv_field("two\nlines") == "\"two\nlines\"");
  CHECK(csv_field("two\r") == "\"two\r\"");
}
