// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_SVG_DRAWING_HPP
#define GAUS_IO_SVG_DRAWING_HPP

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <initializer_list>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What all pictures share: a drawing is a piece of SVG in a frame of its own, and a file holds one or
// several of them below each other. Without a dependency. Colours are those of Okabe and Ito ("Color
// universal design", 2008), ramps run from dark blue to yellow in the manner of cividis (Nunez et al.,
// PLOS ONE 2018), both of which the colour-blind can tell apart; marks differ in shape as well. Text
// stays text, so that it can be searched and scaled.
namespace gaus {

/// A finished drawing. Units are pixels from the upper left corner.
struct Drawing {
  std::string title;     ///< what viewers show of the file
  double width = 0;      ///< of the frame
  double height = 0;     ///< of the frame
  std::string elements;  ///< of SVG
};

namespace detail {

enum class Mark { none, circle, square, triangle, cross };

/// A text between tags, on one line. What XML reserves is escaped; what it forbids (control
/// characters, bytes that are no UTF-8) is replaced, since names come from files.
inline std::string xml_text(std::string_view text) {
  std::string safe;
  auto const byte = [&](std::size_t k) {
    return k < text.size() ? static_cast<unsigned char>(text[k]) : 0U;
  };
  for (std::size_t k = 0; k < text.size(); ++k) {
    unsigned const c = byte(k);
    if (c == '&') {
      safe += "&amp;";
    } else if (c == '<') {
      safe += "&lt;";
    } else if (c == '>') {
      safe += "&gt;";
    } else if (c < 0x80) {
      safe += c < 0x20 || c == 0x7f ? ' ' : text[k];
    } else {
      std::size_t const more = c < 0xc2 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : 0;
      std::size_t good = 0;
      while (good < more && byte(k + good + 1) >> 6 == 2) ++good;
      unsigned const next = byte(k + 1);
      bool const forbidden = (c == 0xe0 && next < 0xa0) || (c == 0xed && next > 0x9f) ||
                             (c == 0xf0 && next < 0x90) || (c == 0xf4 && next > 0x8f) ||
                             (c == 0xef && next == 0xbf && byte(k + 2) >= 0xbe);
      bool const fine = more > 0 && good == more && !forbidden;
      safe += fine ? text.substr(k, more + 1) : "?";
      k += good;
    }
  }
  return safe;
}

/// The text, or its beginning and an ellipsis where it has more than so many characters.
inline std::string clipped(std::string_view text, std::size_t most) {
  std::size_t width = 0;
  std::size_t cut = 0;
  for (std::size_t k = 0; k < text.size(); ++k) {
    if ((static_cast<unsigned char>(text[k]) & 0xc0U) == 0x80U) continue;
    if (++width == most) cut = k;
  }
  return width <= most ? std::string(text) : std::string(text.substr(0, cut)) + "\u2026";
}

/// A place in the picture, to a hundredth of its unit.
inline std::string place_text(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", x);
  std::string s(text);
  s.erase(s.find_last_not_of('0') + 1);
  if (s.back() == '.') s.pop_back();
  return s == "-0" ? "0" : s;
}

/// A number on an axis: 60,000 or 2.5. Integers in full, others to six digits.
inline std::string tick_text(double x) {
  char digits[40];
  auto* const end = digits + sizeof digits;
  bool const whole = std::abs(x) < 1e12 && x == std::round(x);
  std::string text(digits, (whole ? std::to_chars(digits, end, static_cast<long long>(x))
                                  : std::to_chars(digits, end, x, std::chars_format::general, 6))
                               .ptr);
  if (text.find_first_not_of("0123456789-") != std::string::npos) return text;
  std::size_t const first = text.starts_with('-') ? 1 : 0;
  for (std::size_t k = text.size(); k > first + 3;) text.insert(k -= 3, ",");
  return text;
}

/// Steps between labels of an axis of so many steps, each so many pixels wide: 1, 2, 5, 10, ...
inline int tick_stride(double pixels, int steps) {
  int stride = 1;
  double const room = 9 + 8.0 * static_cast<double>(std::to_string(steps).size());
  for (int k = 0; pixels * stride < room && stride < 500'000'000; ++k)
    stride = k % 3 == 1 ? stride / 2 * 5 : stride * 2;
  return stride;
}

/// A colour and whether text on it is white.
struct Fill {
  std::string colour;
  bool dark = false;
};

/// One of the seven colours that tell kinds apart; kind -1: none of them.
inline Fill kind_colour(int kind) {
  static constexpr char const* colours[] = {"#56b4e9", "#e69f00", "#009e73", "#f0e442",
                                            "#cc79a7", "#d55e00", "#0072b2"};
  if (kind < 0) return {"#b0b0b0", false};
  int const k = kind % 7;
  return {colours[k], k == 2 || k == 5 || k == 6};
}
inline constexpr int most_kinds = 7;

/// From dark blue (0) to yellow (1).
inline Fill ramp_colour(double part) {
  using Colour = std::array<double, 3>;
  static constexpr Colour ramp[] = {
      {0, 34, 78}, {65, 77, 107}, {124, 123, 120}, {188, 175, 111}, {254, 232, 56}};
  double const place = 4.0 * std::clamp(part, 0.0, 1.0);
  auto const k = std::min<std::size_t>(3, static_cast<std::size_t>(place));
  int rgb[3];
  for (std::size_t c = 0; c < 3; ++c)
    rgb[c] = static_cast<int>(
        std::lround(ramp[k][c] + (place - static_cast<double>(k)) * (ramp[k + 1][c] - ramp[k][c])));
  char text[8];
  std::snprintf(text, sizeof text, "#%02x%02x%02x", rgb[0] & 0xff, rgb[1] & 0xff, rgb[2] & 0xff);
  return {text, place < 2};
}

inline constexpr char const* limit_style =
    "stroke=\"#000\" stroke-width=\"1.6\" stroke-dasharray=\"5 3\"";
inline constexpr char const* faint = "fill=\"#555\"";
inline constexpr char const* small_faint = "font-size=\"11\" fill=\"#555\"";

/// Pixels that a text of this size takes at most, in the fonts that are asked for.
inline double text_pixels(std::string_view text, double size = 13) {
  std::size_t width = 0;
  for (char const c : text) width += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
  return 0.6 * size * static_cast<double>(width);
}

/// Writes the elements of a drawing. Styles are attributes, written as they are.
class Pen {
 public:
  void text(double x, double y, char const* anchor, std::string_view content,
            std::string_view style = {}) {
    add({"<text x=\"", place_text(x), "\" y=\"", place_text(y), "\" text-anchor=\"", anchor, "\"",
         style.empty() ? "" : " ", style, ">", xml_text(content), "</text>\n"});
  }
  void line(double x1, double y1, double x2, double y2, std::string_view style) {
    add({"<line x1=\"", place_text(x1), "\" y1=\"", place_text(y1), "\" x2=\"", place_text(x2),
         "\" y2=\"", place_text(y2), "\" ", style, "/>\n"});
  }
  /// tip: what viewers say when pointed at it.
  void box(double x, double y, double width, double height, std::string_view style,
           std::string_view tip = {}) {
    add({"<rect x=\"", place_text(x), "\" y=\"", place_text(y), "\" width=\"",
         place_text(std::max(0.0, width)), "\" height=\"", place_text(std::max(0.0, height)), "\" ",
         style});
    if (tip.empty())
      add({"/>\n"});
    else
      add({"><title>", xml_text(tip), "</title></rect>\n"});
  }
  /// data: of a path, "M1 2h3".
  void path(std::string_view data, std::string_view style) {
    if (!data.empty()) add({"<path d=\"", data, "\" ", style, "/>\n"});
  }
  void polyline(std::span<std::pair<double, double> const> points, std::string_view style) {
    std::string all;
    for (auto const& [x, y] : points)
      all += (all.empty() ? "" : " ") + place_text(x) + "," + place_text(y);
    add({"<polyline fill=\"none\" ", style, " points=\"", all, "\"/>\n"});
  }
  void mark(Mark mark, double x, double y, std::string const& colour) {
    auto const at = [&](double dx, double dy) {
      return place_text(x + dx) + " " + place_text(y + dy);
    };
    std::string const style = "fill=\"" + colour + "\" stroke=\"#fff\"";
    switch (mark) {
      case Mark::none:
        return;
      case Mark::circle:
        add({"<circle cx=\"", place_text(x), "\" cy=\"", place_text(y), "\" r=\"4.5\" ", style,
             "/>\n"});
        return;
      case Mark::square:
        path("M" + at(-4.5, -4.5) + "h9v9h-9z", style);
        return;
      case Mark::triangle:
        path("M" + at(0, -5.5) + "L" + at(5.5, 4.5) + "L" + at(-5.5, 4.5) + "z", style);
        return;
      case Mark::cross:
        path("M" + at(-4.5, -4.5) + "l9 9m-9 0l9 -9",
             "fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"2.2\"");
        return;
    }
  }
  /// Title, and below it, if any, the subtitle; clipped to a width in pixels.
  void heading(double x, std::string_view title, std::string_view subtitle, double width) {
    auto const most = [&](double size) {
      return static_cast<std::size_t>(std::max(8.0, width / (0.56 * size)));
    };
    text(x, 28, "start", clipped(title, most(17)), "font-size=\"17\" font-weight=\"bold\"");
    if (!subtitle.empty()) text(x, 48, "start", clipped(subtitle, most(13)), faint);
  }

  /// What was drawn, as a drawing.
  [[nodiscard]] Drawing finish(std::string title, double width, double height) {
    return {std::move(title), width, height, std::exchange(elements_, {})};
  }

 private:
  void add(std::initializer_list<std::string_view> parts) {
    for (auto const part : parts) elements_ += part;
  }

  std::string elements_;
};

}  // namespace detail

/// Writes drawings below each other, as one file of SVG 1.1.
inline void write_svg(std::ostream& out, std::span<Drawing const> drawings) {
  double width = 0;
  double height = 0;
  for (auto const& d : drawings) {
    width = std::max(width, std::ceil(d.width));
    height += std::ceil(d.height);
  }
  auto const w = detail::place_text(width);
  auto const h = detail::place_text(height);
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << w << " " << h
      << "\" width=\"" << w << "\" height=\"" << h
      << "\" font-family=\"Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif\" "
         "font-size=\"13\" fill=\"#222\">\n<title>"
      << (drawings.empty() ? "" : detail::xml_text(drawings.front().title))
      << "</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";
  double y = 0;
  for (auto const& d : drawings) {
    if (drawings.size() > 1)
      out << "<g transform=\"translate(0 " << detail::place_text(y) << ")\">\n";
    out << d.elements << (drawings.size() > 1 ? "</g>\n" : "");
    y += std::ceil(d.height);
  }
  out << "</svg>\n";
}

/// Writes one drawing.
inline void write_svg(std::ostream& out, Drawing const& drawing) {
  write_svg(out, std::span(&drawing, 1));
}

}  // namespace gaus

#endif
