// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/json_text.hpp>

#include <doctest/doctest.h>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace detail = gaus::detail;

namespace {

/// Writes down every event; leaves out whatever lies under the key "skip".
struct Log {
  std::string text{};
  int places = 0;
  int enter(int place, std::string const& key, bool object) {
    if (key == "skip") return detail::json_skip;
    text += std::to_string(place) + (object ? "{" : "[") + key + " ";
    return places++;
  }
  void value(int place, std::string const& key, detail::JsonValue const& x) {
    text += std::to_string(place) + ":" + key + "=" + x.shown() + " ";
  }
  void leave(int place) { text += "-" + std::to_string(place) + " "; }
  std::string where(int place) { return "place " + std::to_string(place) + ": "; }
};

std::string events(std::string const& text) {
  Log log;
  detail::parse_json(text, "f", log);
  return log.text;
}

std::string refusal(std::string const& text) {
  try {
    events(text);
  } catch (gaus::InvalidInput const& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("JSON: a target hears of every value where it stands") {
  CHECK(events(R"({"a": [1, 2.0, -1.5], "b": {"c": null, "d": true}, "e": "x"})") ==
        "-1{ 0[a 1:=1 1:=2 1:=-1.5 -1 0{b 2:c=null 2:d=true -2 0:e=\"x\" -0 ");
  CHECK(events(R"({"skip": {"deep": [1, {"x": 2}]}, "a": 3})") == "-1{ 0:a=3 -0 ");
  CHECK(events("7") == "-1:=7 ");
  CHECK(events("18446744073709551615") == "-1:=18446744073709551615 ");
}

TEST_CASE("JSON: what is none, repeated keys and deep nesting are refused") {
  for (std::string const bad : {"", "{", "[1,]", "{\"a\" 1}", "nul", "[1] 2", "'x'"}) {
    CAPTURE(bad);
    CHECK(refusal(bad).starts_with("f: not JSON: "));
  }
  CHECK(refusal(R"([{"a": 1, "b": 2, "a": 3}])") == "f: place 1: the key \"a\" occurs twice");
  CHECK(refusal(R"({"skip": {"x": 1, "x": 2}})").find("\"x\" occurs twice") != std::string::npos);
  std::string const deep(100, '[');
  CHECK(refusal(deep + std::string(100, ']')).empty());
  CHECK(refusal("[" + deep).find("deeper than 100 levels") != std::string::npos);
  // The keys of a level are those of one object, not of all that stood there before.
  CHECK(refusal(R"([{"a": 1}, {"a": 2}])").empty());
}

TEST_CASE("JSON: fields have a kind and a range") {
  using Value = detail::JsonValue;
  Value const five{.kind = Value::Kind::integer, .integer = 5, .number = 5};
  Value const half{.kind = Value::Kind::number, .number = 0.5, .text = "0.5"};
  Value const word{.kind = Value::Kind::text, .text = "w"};
  CHECK(detail::integer_field<int>(five, "f", "x", 0, 5) == 5);
  CHECK_THROWS_WITH_AS(detail::integer_field<int>(five, "f", "x", 0, 4),
                       "f: x must be an integer 0..4, not 5", gaus::InvalidInput);
  CHECK_THROWS_WITH_AS(detail::integer_field<int>(half, "f", "x", 0, 4),
                       "f: x must be an integer 0..4, not 0.5", gaus::InvalidInput);
  CHECK(detail::number_field(half, "f", "x") == 0.5);
  CHECK(detail::number_field(five, "f", "x", 5) == 5);
  CHECK_THROWS_AS(detail::number_field(half, "f", "x", 1), gaus::InvalidInput);
  CHECK_THROWS_WITH_AS(detail::number_field(word, "f", "x"), "f: x must be a number, not \"w\"",
                       gaus::InvalidInput);
  CHECK(detail::text_field(word, "f", "x") == "w");
  CHECK_THROWS_WITH_AS(detail::text_field({}, "f", "x"), "f: x must be a text, not null",
                       gaus::InvalidInput);
}

TEST_CASE("JSON: what is written reads back") {
  std::ostringstream stream;
  detail::JsonWriter writer(stream);
  writer.raw("[").integer(std::numeric_limits<std::int64_t>::min()).raw(",");
  writer.number(3025, true).raw(",").number(3025).raw(",").number(0.1).raw(",").number(1e300);
  writer.raw(",").text("a\"b\n\xff").raw("]");
  CHECK(stream.str().empty());  // in large pieces
  writer.flush();
  CHECK(stream.str() == "[-9223372036854775808,3025.0,3025,0.1,1e+300,\"a\\\"b\\n\xef\xbf\xbd\"]");
  CHECK(refusal(stream.str()).empty());
  writer.raw(std::string(70000, ' '));
  CHECK(stream.str().size() > 70000);
}
