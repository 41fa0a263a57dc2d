// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/svg_drawing.hpp>

#include <support/svg.hpp>

#include <doctest/doctest.h>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using gaus_test::Svg;

namespace {

gaus::Drawing square(std::string const& title) {
  gaus::detail::Pen pen;
  pen.box(1, 2, 30, 40, "fill=\"#000\"", "a <b>");
  pen.text(5, 6, "start", "x & y");
  return pen.finish(title, 50.2, 60);
}

}  // namespace

TEST_CASE("svg drawing: one drawing, and several below each other") {
  Svg const one(square("a & b"));
  CHECK(one.says("x & y"));
  CHECK(one.tips() == std::vector<std::string>{"a <b>"});
  CHECK(one.count("viewBox=\"0 0 51 60\"") == 1);
  std::ostringstream out;
  std::vector<gaus::Drawing> const page{square("first"), square("second")};
  gaus::write_svg(out, page);
  pugi::xml_document document;
  CHECK(document.load_string(out.str().c_str()));
  auto const root = document.child("svg");
  CHECK(std::string(root.attribute("viewBox").as_string()) == "0 0 51 120");
  CHECK(std::string(root.child_value("title")) == "first");
  std::vector<std::string> places;
  for (auto const& g : root.children("g"))
    places.emplace_back(g.attribute("transform").as_string());
  CHECK(places == std::vector<std::string>{"translate(0 0)", "translate(0 60)"});
  std::ostringstream nothing;
  gaus::write_svg(nothing, std::vector<gaus::Drawing>{});
  CHECK(document.load_string(nothing.str().c_str()));
}

TEST_CASE("svg drawing: what XML cannot hold is replaced") {
  using gaus::detail::xml_text;
  CHECK(xml_text("a<b>&\"c\"") == "a&lt;b&gt;&amp;\"c\"");
  CHECK(xml_text(std::string("a\nb\0c\x7f", 6)) == "a b c ");
  CHECK(xml_text("\u00e9\u20ac\U0001f600") == "\u00e9\u20ac\U0001f600");
  for (std::string const bad : {"\xff", "\x80", "\xc3", "\xe2\x82", "\xc0\xaf", "\xed\xa0\x80",
                                "\xe0\x80\x80", "\xf4\x90\x80\x80", "\xef\xbf\xbe"})
    CHECK((xml_text("<" + bad + "z") == "&lt;?z" || xml_text("<" + bad + "z") == "&lt;??z"));
}

TEST_CASE("svg drawing: texts that are too long end in an ellipsis") {
  using gaus::detail::clipped;
  CHECK(clipped("abc", 3) == "abc");
  CHECK(clipped("abcd", 3) == "ab\u2026");
  CHECK(clipped("\u00e9\u00e9\u00e9\u00e9", 3) == "\u00e9\u00e9\u2026");
  CHECK(clipped("", 3).empty());
}

TEST_CASE("svg drawing: labels of steps have room") {
  for (int const steps : {1, 12, 100, 4373, 1000000})
    for (double const room : {300.0, 900.0}) {
      int const stride = gaus::detail::tick_stride(room / steps, steps);
      CHECK(stride >= 1);
      CHECK(steps / stride <= room / 16);
      std::string const digits = std::to_string(stride);
      CHECK((digits[0] == '1' || digits[0] == '2' || digits[0] == '5'));
    }
}

TEST_CASE("svg drawing: colours differ") {
  std::set<std::string> colours;
  for (int k = -1; k < gaus::detail::most_kinds; ++k)
    colours.insert(gaus::detail::kind_colour(k).colour);
  CHECK(colours.size() == 8);
  CHECK(gaus::detail::ramp_colour(0).colour == "#00224e");
  CHECK(gaus::detail::ramp_colour(1).colour == "#fee838");
  CHECK(gaus::detail::ramp_colour(2).colour == "#fee838");
}
