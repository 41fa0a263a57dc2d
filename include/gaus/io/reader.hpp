// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_READER_HPP
#define GAUS_IO_READER_HPP

#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph/builder.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <functional>
#include <ios>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

// What all readers share.
//
// A reader turns a stream into a checked GraphDescription, or throws InvalidInput with one line:
//
//   circuit.aig: byte 1234: the file ends within AND gate 17 of 174
//   graph.gml: line 12: "x" is not an integer
//   loop.json: operation 3: latency must be an integer >= 0, not -1
//
// The whole input is read first, up to ReadOptions::max_bytes. Every count that a file states about
// itself is then compared with the bytes that are there before memory is taken for it.
namespace gaus {

/// What a reader is told besides the text.
struct ReadOptions {
  std::string source = "input";                  ///< how messages call the input
  int latency = 1;                               ///< of operations that state none
  std::size_t max_bytes = std::size_t{1} << 31;  ///< longer inputs are refused
};

/// One format of graphs, for read_graph() and write_graph() (io/read_graph.hpp).
struct GraphFormat {
  std::vector<std::string> extensions;  ///< of its files, in lower case: ".aig"
  std::string description;              ///< one line
  std::function<GraphDescription(std::istream&, ReadOptions const&)> read;  ///< throws InvalidInput
  std::function<void(std::ostream&, GraphDescription const&)> write{};      ///< empty: read only
};

namespace detail {

/// A text of one line that a terminal can show: file names and names of operations may hold control
/// characters and bytes that are no UTF-8, a message may not.
inline std::string one_line(std::string text) {
  auto const byte = [&](std::size_t k) {
    return k < text.size() ? static_cast<unsigned char>(text[k]) : 0U;
  };
  for (std::size_t k = 0; k < text.size(); ++k) {
    unsigned const c = byte(k);
    if (c < 0x20 || c == 0x7f) text[k] = ' ';
    if (c < 0x80) continue;
    std::size_t const more = c < 0xc2 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : 0;
    std::size_t good = 0;
    while (good < more && byte(k + good + 1) >> 6 == 2) ++good;
    if (more == 0 || good < more)
      text[k] = '?';
    else
      k += more;
  }
  return text;
}

/// The start of a text, in quotes, for messages.
inline std::string in_quotes(std::string_view text) {
  constexpr std::size_t shown = 40;
  std::string result = "\"" + std::string(text.substr(0, shown));
  return result + (text.size() > shown ? "...\"" : "\"");
}

/// Names and numbers in a file may be of any length; what is said about them is cut.
[[noreturn]] inline void fail(std::string const& source, std::string const& text) {
  constexpr std::size_t longest = 600;
  throw InvalidInput(
      one_line(source + ": " + text.substr(0, longest) + (text.size() > longest ? "..." : "")));
}

[[noreturn]] inline void fail_at_byte(std::string const& source, std::size_t byte,
                                      std::string const& text) {
  fail(source, detail::message({"byte ", byte, ": ", text}));
}

/// Lines are counted only here, so that reading pays nothing for them.
inline std::size_t line_of(std::string_view data, std::size_t byte) {
  auto const end = data.begin() + static_cast<std::ptrdiff_t>(std::min(byte, data.size()));
  return 1 + static_cast<std::size_t>(std::count(data.begin(), end, '\n'));
}

[[noreturn]] inline void fail_at_line(std::string const& source, std::string_view data,
                                      std::size_t byte, std::string const& text) {
  fail(source, detail::message({"line ", line_of(data, byte), ": ", text}));
}

/// Everything that a stream holds. Reads from its buffer: what a stream throws at the end of its
/// input is the caller's setting and no concern of a reader.
inline std::string read_all(std::istream& stream, ReadOptions const& options) {
  constexpr std::size_t chunk = std::size_t{1} << 16;
  if (!stream || stream.rdbuf() == nullptr) fail(options.source, "the input cannot be read");
  std::string data;
  for (std::size_t wanted = chunk, got = chunk; got == wanted;) {
    std::size_t const old = data.size();
    wanted = std::max(chunk, old / 2);  // grows with what arrived
    data.resize(old + wanted);
    try {
      auto const count = static_cast<std::streamsize>(wanted);
      got = static_cast<std::size_t>(stream.rdbuf()->sgetn(data.data() + old, count));
    } catch (std::ios_base::failure const& error) {
      fail(options.source, std::string("the input cannot be read: ") + error.what());
    }
    data.resize(old + got);
    if (data.size() > options.max_bytes)
      fail(options.source,
           detail::message({"the input has more than ", options.max_bytes, " bytes"}));
  }
  if (data.empty()) fail(options.source, "the input is empty");
  if (data.starts_with("\x1f\x8b"))
    fail(options.source, "the input is compressed with gzip; unpack it first");
  return data;
}

/// The description, checked as a whole; messages name the source.
inline GraphDescription checked(GraphDescription description, std::string const& source) {
  try {
    check(description);
  } catch (InvalidInput const& error) {
    fail(source, error.what());
  }
  return description;
}

/// A decimal number with an optional sign and nothing around it; false when the text is none, not
/// finite or beyond the range of the type.
template <class Number>
bool parse_number(std::string_view text, Number& value) {
  if (text.starts_with('+')) {  // std::from_chars knows only the minus
    text.remove_prefix(1);
    if (text.starts_with('-')) return false;
  }
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if constexpr (std::is_floating_point_v<Number>)
    if (!std::isfinite(value)) return false;
  return error == std::errc{} && end == text.data() + text.size();
}

/// The lines of a text that hold words, one after the other.
class WordLines {
 public:
  /// comments: characters of which each ends what is read of a line. separators: between words.
  WordLines(std::string_view data, std::string const& source, std::string_view comments = {},
            std::string_view separators = " \t\r\v\f")
      : data_(data), source_(source), comments_(comments), separators_(separators) {
    if (data_.starts_with("\xef\xbb\xbf")) data_.remove_prefix(3);
  }

  /// Goes to the next line with a word in it; false at the end.
  bool next() {
    while (at_ < data_.size()) {
      std::size_t const end = std::min(data_.find('\n', at_), data_.size());
      text_ = data_.substr(at_, end - at_);
      at_ = end + 1;
      ++number_;
      words_.clear();
      auto const line = text_.substr(0, text_.find_first_of(comments_));
      for (auto begin = line.find_first_not_of(separators_); begin != std::string_view::npos;) {
        auto const stop = std::min(line.find_first_of(separators_, begin), line.size());
        words_.push_back(line.substr(begin, stop - begin));
        begin = line.find_first_not_of(separators_, stop);
      }
      if (!words_.empty()) return true;
    }
    return false;
  }

  [[nodiscard]] std::size_t number() const { return number_; }
  [[nodiscard]] std::string_view text() const { return text_; }  ///< with its comment
  [[nodiscard]] std::vector<std::string_view> const& words() const { return words_; }

  /// A word as a number within [low, high]; what says what it is.
  template <class Number>
  [[nodiscard]] Number get(std::size_t k, std::string const& what, Number low, Number high) const {
    Number value{};
    bool const good = parse_number(words_[k], value) && value >= low && value <= high;
    if (good) return value;
    if constexpr (std::is_integral_v<Number>)
      fail_here(message({what, " ", in_quotes(words_[k]), " is not an integer ", low, "..", high}));
    else
      fail_here(message({what, " ", in_quotes(words_[k]), " is not a finite number >= 0"}));
  }

  [[noreturn]] void fail_here(std::string const& text) const {
    fail(source_, message({"line ", number_, ": ", text}));
  }

 private:
  std::string_view data_;
  std::string const& source_;
  std::string_view comments_;
  std::string_view separators_;
  std::size_t at_ = 0;
  std::size_t number_ = 0;
  std::string_view text_;
  std::vector<std::string_view> words_;
};

/// The one resource class of formats that know none.
inline constexpr char const* single_class = "all";

}  // namespace detail
}  // namespace gaus

#endif
