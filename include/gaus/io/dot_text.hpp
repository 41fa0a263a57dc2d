// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_DOT_TEXT_HPP
#define GAUS_IO_DOT_TEXT_HPP

#include <gaus/io/reader.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The DOT language as text: its tokens, and the lists that gaus keeps in one attribute.
//
// A list is "MUL:2, ALU": names, each with a number or without one. In a name, a backslash stands
// before commas, colons, backslashes and outer blanks, and \n is a new line. ":" is the empty name.
namespace gaus::detail {

/// One pass over the tokens of a text.
class DotTokens {
 protected:
  DotTokens(std::string_view data, std::string const& source) : data_(data), source_(source) {
    if (data_.starts_with("\xef\xbb\xbf")) data_.remove_prefix(3);
  }

  enum class Kind { end, open, close, list, list_end, mark, arrow, line, word, text };
  struct Token {
    Kind kind = Kind::end;
    std::string text;  ///< of an id without quotes and escapes
    std::size_t at = 0;
  };

  [[noreturn]] void fail_here(std::size_t at, std::string const& text) const {
    fail_at_line(source_, data_, at, text);
  }

  static std::string lower_case(std::string text) {
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    return text;
  }
  static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '.' || static_cast<unsigned char>(c) >= 0x80;
  }
  [[nodiscard]] char peek(std::size_t ahead) const {
    return at_ + ahead < data_.size() ? data_[at_ + ahead] : '\0';
  }

  [[nodiscard]] bool first_in_line() const {
    std::size_t before = at_;
    while (before > 0 && data_[before - 1] != '\n' && is_space(data_[before - 1])) --before;
    return before == 0 || data_[before - 1] == '\n';
  }
  void skip_line() { at_ = std::min(data_.find('\n', at_), data_.size()); }

  void skip_space() {
    for (;;) {
      while (at_ < data_.size() && is_space(data_[at_])) ++at_;
      if (peek(0) == '/' && peek(1) == '/') {
        skip_line();
      } else if (peek(0) == '/' && peek(1) == '*') {
        auto const end = data_.find("*/", at_ + 2);
        if (end == std::string_view::npos) fail_here(at_, "a comment without its \"*/\"");
        at_ = end + 2;
      } else if (peek(0) == '#' && first_in_line()) {
        skip_line();
      } else {
        return;
      }
    }
  }

  /// Puts the next token into token_.
  void advance() {
    skip_space();
    token_ = {Kind::end, {}, at_};
    if (at_ >= data_.size()) return;
    char const c = data_[at_];
    if (c == '"') return take_text();
    if (is_word(c) || (c == '-' && (is_digit(peek(1)) || peek(1) == '.'))) {
      std::size_t const start = at_++;
      while (at_ < data_.size() && is_word(data_[at_])) ++at_;
      token_.kind = Kind::word;
      token_.text = data_.substr(start, at_ - start);
      return;
    }
    bool const two = c == '-' && (peek(1) == '>' || peek(1) == '-');
    token_.text = data_.substr(at_, two ? 2 : 1);
    token_.kind = two        ? (peek(1) == '>' ? Kind::arrow : Kind::line)
                  : c == '{' ? Kind::open
                  : c == '}' ? Kind::close
                  : c == '[' ? Kind::list
                  : c == ']' ? Kind::list_end
                             : Kind::mark;
    if (c == '<') fail_here(at_, "HTML texts are not read; ids and labels are plain or in quotes");
    if (token_.kind == Kind::mark && std::string_view(";,=:").find(c) == std::string_view::npos)
      fail_here(at_, "the character " + in_quotes(token_.text) + " has no meaning here");
    at_ += token_.text.size();
  }

  /// In quotes, a backslash before a quote or an end of line is an escape; else it stands for itself.
  void take_text() {
    token_.kind = Kind::text;
    for (++at_; at_ < data_.size(); ++at_) {
      char const c = data_[at_];
      if (c == '"') {
        ++at_;
        return;
      }
      if (c != '\\') {
        token_.text += c;
      } else if (peek(1) == '"') {
        token_.text += '"';
        ++at_;
      } else if (peek(1) == '\n') {
        ++at_;
      } else {
        token_.text += c;
        if (peek(1) == '\\') token_.text += data_[++at_];
      }
    }
    fail_here(token_.at, "a text without its closing quote");
  }

  [[nodiscard]] bool is_id() const {
    return token_.kind == Kind::word || token_.kind == Kind::text;
  }
  [[nodiscard]] bool is_mark(char c) const {
    return token_.kind == Kind::mark && token_.text.front() == c;
  }
  /// Keywords are words in any case; in quotes they are ids.
  [[nodiscard]] bool is_keyword(std::string_view keyword) const {
    return token_.kind == Kind::word && lower_case(token_.text) == keyword;
  }

  /// wanted: in words.
  [[noreturn]] void fail_expected(std::string const& wanted) const {
    if (token_.kind == Kind::end)
      fail_here(token_.at, "the file ends where " + wanted + " is expected");
    fail_here(token_.at, wanted + " is expected, not " + in_quotes(token_.text));
  }
  std::string take_id(std::string const& wanted) {
    if (!is_id()) fail_expected(wanted);
    std::string id = std::move(token_.text);
    advance();
    return id;
  }

  std::string_view data_;
  std::string const& source_;
  std::size_t at_ = 0;
  Token token_;
};

/// An entry of a list.
struct DotItem {
  std::string name;
  std::optional<double> number{};
};

/// The entries of a list; none where an entry has a colon without a finite number >= 0 or empty name.
inline std::optional<std::vector<DotItem>> dot_list(std::string_view text) {
  std::vector<DotItem> items;
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return items;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    DotItem item;
    std::optional<std::string> number;
    std::size_t solid = 0;  // bytes of the name up to its last character that is no outer blank
    for (; at < text.size() && text[at] != ','; ++at) {
      char c = text[at];
      bool const escaped = c == '\\' && at + 1 < text.size();
      if (escaped) c = text[++at] == 'n' ? '\n' : text[at];
      bool const blank = !escaped && (c == ' ' || c == '\t' || c == '\r' || c == '\n');
      if (!escaped && c == ':' && !number) {
        number.emplace();
      } else if (number) {
        if (!blank) *number += c;
      } else if (!blank || solid > 0) {
        item.name += c;
        if (!blank) solid = item.name.size();
      }
    }
    item.name.resize(solid);
    if (number && !(number->empty() && item.name.empty())) {
      double value = 0;
      if (!parse_number(*number, value) || value < 0) return {};
      item.number = value;
    } else if (!number && item.name.empty()) {
      return {};
    }
    items.push_back(std::move(item));
  }
  return items;
}

/// A text in the quotes of DOT. A backslash before a quote or an end of line would be lost: the
/// text must hold none, or each twice.
inline std::string dot_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (char const c : text) quoted += c == '"' ? std::string("\\\"") : std::string(1, c);
  return quoted + "\"";
}

/// A name as an entry of a list without its number.
inline std::string dot_item(std::string_view name) {
  std::string item;
  for (std::size_t k = 0; k < name.size(); ++k) {
    bool const outer = k == 0 || k + 1 == name.size();
    std::string_view const marks = outer ? ",:\\\n \t\r" : ",:\\\n";
    if (marks.find(name[k]) != std::string_view::npos) item += '\\';
    item += name[k] == '\n' ? 'n' : name[k];
  }
  return item;
}

/// A text with every backslash twice, and back.
inline std::string dot_escaped(std::string_view text) {
  std::string all;
  for (char const c : text) all += c == '\\' ? std::string("\\\\") : std::string(1, c);
  return all;
}
inline std::string dot_unescaped(std::string_view text) {
  std::string all;
  for (std::size_t k = 0; k < text.size(); ++k) {
    all += text[k];
    if (text[k] == '\\' && k + 1 < text.size() && text[k + 1] == '\\') ++k;
  }
  return all;
}

}  // namespace gaus::detail

#endif
