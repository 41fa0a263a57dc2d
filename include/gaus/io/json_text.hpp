// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_JSON_TEXT_HPP
#define GAUS_IO_JSON_TEXT_HPP

#include <gaus/detail/message.hpp>
#include <gaus/io/reader.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

// What the readers and writers of JSON share: nlohmann's event parser made strict, and the one way
// to write numbers and texts.
//
// parse_json() builds no tree. It tells a target, event by event, where it is: the target answers
// enter() with a number of its own for the list or object that opens, and gets that number back
// with every value inside. A list of ten million integers costs ten million calls and no node.
//
//   int enter(int place, std::string const& key, bool object)     its new place, or skip
//   void value(int place, std::string const& key, JsonValue const&)
//   void leave(int place)
//   std::string where(int place)                                  "operation 3: ", for messages
//
// Refused at this level: what is no JSON, repeated keys, nesting beyond 100 levels.
namespace gaus::detail {

/// A value that is neither list nor object.
struct JsonValue {
  enum class Kind { null, truth, integer, number, text };
  Kind kind = Kind::null;
  bool truth = false;
  std::int64_t integer = 0;  ///< also of a number like 2.0 or 1e3
  double number = 0;         ///< of an integer too
  std::string_view text{};   ///< of a number as written, as far as it is known

  [[nodiscard]] bool is_null() const { return kind == Kind::null; }
  [[nodiscard]] std::string shown() const {
    if (kind == Kind::null) return "null";
    if (kind == Kind::truth) return truth ? "true" : "false";
    if (kind == Kind::integer) return std::to_string(integer);
    return kind == Kind::text ? in_quotes(text) : std::string(text.substr(0, 40));
  }
};

inline constexpr int json_outside = -1;  ///< the place around the whole text
inline constexpr int json_skip = -2;     ///< the answer of enter() to what nobody reads

/// Turns nlohmann's events into places, and keeps watch over keys and depth.
template <class Target>
class JsonEvents {
 public:
  using Json = nlohmann::json;

  JsonEvents(std::string const& source, Target& target) : source_(source), target_(target) {
    levels_.push_back({json_outside, false, {}, {}});
  }

  bool null() { return value({}); }
  bool boolean(bool x) { return value({.kind = JsonValue::Kind::truth, .truth = x}); }
  bool number_integer(Json::number_integer_t x) {
    return value(
        {.kind = JsonValue::Kind::integer, .integer = x, .number = static_cast<double>(x)});
  }
  bool number_unsigned(Json::number_unsigned_t x) {
    if (x <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return number_integer(static_cast<std::int64_t>(x));
    std::string const text = std::to_string(x);
    return value({.kind = JsonValue::Kind::number, .number = static_cast<double>(x), .text = text});
  }
  bool number_float(Json::number_float_t x, std::string const& text) {
    if (x == std::floor(x) && std::abs(x) < 1e15)
      return value(
          {.kind = JsonValue::Kind::integer, .integer = static_cast<std::int64_t>(x), .number = x});
    return value({.kind = JsonValue::Kind::number, .number = x, .text = text});
  }
  bool string(std::string& x) { return value({.kind = JsonValue::Kind::text, .text = x}); }
  bool binary(Json::binary_t&) { return false; }  // JSON as text has none

  bool start_object(std::size_t) { return open(true); }
  bool start_array(std::size_t) { return open(false); }
  bool end_object() {
    auto& keys = top().keys;
    std::sort(keys.begin(), keys.end());
    auto const twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end())
      fail(source_, target_.where(top().place) + "the key " + in_quotes(*twice) + " occurs twice");
    return close();
  }
  bool end_array() { return close(); }
  bool key(std::string& x) {
    top().key = x;
    top().keys.push_back(x);
    return true;
  }

  bool parse_error(std::size_t, std::string const&, Json::exception const& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 5: ..." without its number.
    std::string text = error.what();
    if (auto const end = text.find("] "); text.starts_with('[') && end != std::string::npos)
      text.erase(0, end + 2);
    if (text.starts_with("parse error at ")) text.erase(0, 15);
    fail(source_, "not JSON: " + text);
  }

 private:
  struct Level {
    int place;
    bool object;
    std::string key;
    std::vector<std::string> keys;
  };

  Level& top() { return levels_[depth_]; }

  bool value(JsonValue const& x) {
    if (top().place != json_skip) target_.value(top().place, top().key, x);
    return true;
  }

  bool open(bool object) {
    constexpr std::size_t deepest = 100;
    if (depth_ == deepest)
      fail(source_,
           detail::message({target_.where(top().place), "lists and objects are nested deeper than ",
                            deepest, " levels"}));
    int const place =
        top().place == json_skip ? json_skip : target_.enter(top().place, top().key, object);
    if (++depth_ == levels_.size()) levels_.push_back({});
    top().place = place;  // levels are used again: a file opens millions of small objects
    top().object = object;
    top().key.clear();
    top().keys.clear();
    return true;
  }

  bool close() {
    int const place = top().place;
    --depth_;
    if (place != json_skip) target_.leave(place);
    return true;
  }

  std::string const& source_;
  Target& target_;
  std::vector<Level> levels_;
  std::size_t depth_ = 0;
};

/// Parses a text and tells the target what is in it. Throws InvalidInput.
template <class Target>
void parse_json(std::string_view text, std::string const& source, Target& target) {
  JsonEvents<Target> events(source, target);
  nlohmann::json::sax_parse(text.begin(), text.end(), &events);
}

/// An integer field within [low, high]; the message calls it by what.
template <class Integer>
Integer integer_field(JsonValue const& x, std::string const& source, std::string const& what,
                      Integer low = std::numeric_limits<Integer>::min(),
                      Integer high = std::numeric_limits<Integer>::max()) {
  if (x.kind == JsonValue::Kind::integer && x.integer >= low && x.integer <= high)
    return static_cast<Integer>(x.integer);
  fail(source,
       detail::message({what, " must be an integer ", low, "..", high, ", not ", x.shown()}));
}

/// A number field, at least low if that is given.
inline double number_field(JsonValue const& x, std::string const& source, std::string const& what,
                           std::optional<double> low = {}) {
  bool const number = x.kind == JsonValue::Kind::integer || x.kind == JsonValue::Kind::number;
  if (number && (!low || x.number >= *low)) return x.number;
  fail(source,
       what + " must be a number" + (low ? " >= " + text_of(*low) : "") + ", not " + x.shown());
}

/// What a field holds that must be true or false.
inline bool truth_field(JsonValue const& x, std::string const& source, std::string const& what) {
  if (x.kind != JsonValue::Kind::truth)
    fail(source, what + " must be true or false, not " + x.shown());
  return x.truth;
}

/// A text field.
inline std::string text_field(JsonValue const& x, std::string const& source,
                              std::string const& what) {
  if (x.kind == JsonValue::Kind::text) return std::string(x.text);
  fail(source, what + " must be a text, not " + x.shown());
}

/// Collects JSON and hands it on in large pieces: one call of the stream for many small numbers.
class JsonWriter {
 public:
  explicit JsonWriter(std::ostream& stream) : stream_(stream) {}

  JsonWriter& raw(std::string_view text) {
    buffer_ += text;
    if (buffer_.size() > (std::size_t{1} << 16)) flush();
    return *this;
  }
  JsonWriter& integer(std::int64_t x) {
    char digits[24];
    return raw({digits, std::to_chars(digits, digits + sizeof digits, x).ptr});
  }
  /// The shortest text that reads back as the same number; with_point: 3025.0 instead of 3025.
  JsonWriter& number(double x, bool with_point = false) {
    if (x == std::floor(x) && std::abs(x) < 1e15) {
      integer(static_cast<std::int64_t>(x));
      return with_point ? raw(".0") : *this;
    }
    char digits[32];
    return raw({digits, std::to_chars(digits, digits + sizeof digits, x).ptr});
  }
  JsonWriter& text(std::string const& x) {
    // Names come from files: bytes that are no UTF-8 are replaced rather than refused.
    return raw(nlohmann::json(x).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  void flush() {
    stream_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    buffer_.clear();
  }

 private:
  std::ostream& stream_;
  std::string buffer_;
};

}  // namespace gaus::detail

#endif
