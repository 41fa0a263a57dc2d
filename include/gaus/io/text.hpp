// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_TEXT_HPP
#define GAUS_IO_TEXT_HPP

#include <gaus/graph/builder.hpp>
#include <gaus/io/reader.hpp>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

// What the exports for people and spreadsheets share.
namespace gaus::detail {

/// The shortest text that reads back as the same number; integers without exponent.
inline std::string shortest_text(double x) {
  char digits[32];
  auto const end = digits + sizeof digits;
  bool const whole = x == std::floor(x) && std::abs(x) < 1e15;
  return {digits, (whole ? std::to_chars(digits, end, static_cast<long long>(x))
                         : std::to_chars(digits, end, x))
                      .ptr};
}

/// The name of an operation, its number where it has none; one line.
inline std::string short_name(GraphDescription const* names, int i) {
  if (names != nullptr && static_cast<std::size_t>(i) < names->names.size() &&
      !names->names[static_cast<std::size_t>(i)].empty())
    return one_line(names->names[static_cast<std::size_t>(i)]);
  return std::to_string(i);
}

/// The name of a class, its number without names; one line.
inline std::string short_class(GraphDescription const* names, int r) {
  return one_line(call_class(names, r));
}

/// Characters of a text in UTF-8, so that columns line up.
inline std::size_t text_width(std::string_view text) {
  std::size_t width = 0;
  for (char const c : text) width += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
  return width;
}

/// A field of comma-separated values, in quotes where RFC 4180 asks for them.
inline std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string field = "\"";
  for (char const c : text) field += c == '"' ? std::string("\"\"") : std::string(1, c);
  return field + "\"";
}

}  // namespace gaus::detail

#endif
