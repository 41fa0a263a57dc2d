// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/dot_text.hpp>

#include <doctest/doctest.h>
#include <string>

namespace {

/// "[name|number][name]", or "none".
std::string shown(std::string const& text) {
  auto const items = gaus::detail::dot_list(text);
  if (!items) return "none";
  std::string all;
  for (auto const& item : *items)
    all += "[" + item.name + (item.number ? "|" + std::to_string(*item.number) : "") + "]";
  return all;
}

}  // namespace

TEST_CASE("lists in DOT") {
  CHECK(shown("") == "");
  CHECK(shown(" \n ") == "");
  CHECK(shown("MUL") == "[MUL]");
  CHECK(shown(" MUL : 2 ,\tfast ALU:0.5, x") == "[MUL|2.000000][fast ALU|0.500000][x]");
  CHECK(shown(R"(a\,b:1,c\:d,\\,\ e\ )") == "[a,b|1.000000][c:d][\\][ e ]");
  CHECK(shown(":") == "[]");
  CHECK(shown(":3,:") == "[|3.000000][]");
  for (std::string const bad : {"a,", ",a", "a,,b", "a:", "a:x", "a:-1", "a:nan", "a:inf", "a:1:2"})
    CHECK(shown(bad) == "none");
  for (std::string const name : {"", " a ", "a,b", ":", "\\", "a\\,", " ", "\n", "\xc3\xa4"})
    CHECK(shown(gaus::detail::dot_item(name) + ":1") == "[" + name + "|1.000000]");
}

TEST_CASE("texts in DOT") {
  CHECK(gaus::detail::dot_quoted("a \"b\"") == "\"a \\\"b\\\"\"");
  for (std::string const text : {"", "\\", "a\\\\b", "\\\"", "\\n"})
    CHECK(gaus::detail::dot_unescaped(gaus::detail::dot_escaped(text)) == text);
  CHECK(gaus::detail::dot_unescaped("a\\nb") == "a\\nb");
}
