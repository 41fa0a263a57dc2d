// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_DOT_HPP
#define GAUS_IO_DOT_HPP

#include <gaus/detail/message.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/reader.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

// Data-flow graphs in the DOT language of Graphviz, as high-level synthesis has long exchanged them.
//
//   digraph fir {
//     node [ style = filled ];
//     1 [ label = mul ];  2 [ label = add ];
//     1 -> 2;
//   }
//
// Operations are the nodes in the order of their first mention, whether by a statement or by an
// edge; ids become their names. What an operation takes follows from its label by an
// OperationTable, in which the case of letters does not count. Every value has size 1. An edge is a
// dependence of weight 1; an edge that is drawn twice is one dependence. Other attributes are passed
// over, defaults ("node [...]") with them, even a default label.
//
// Read is one directed graph of nodes, chains of edges, ports and attributes; quoted ids with their
// escapes; comments /* */, // and lines that start with #. Subgraphs and HTML texts are refused.
// One pass over the bytes, no recursion.
namespace gaus {

/// What one kind of operation takes.
struct OperationKind {
  int latency = 1;    ///< steps
  int occupancy = 1;  ///< steps
  int resource = -1;  ///< place in OperationTable::resources, one unit of it; -1: none
  std::optional<double> delay_ns{};  ///< within a step (graph/chaining.hpp); none: not stated
};

/// From labels to what operations take. The default is what the classical benchmarks of high-level
/// synthesis are solved with: multiplications and divisions occupy a multiplier for two steps, all
/// else an ALU for one.
struct OperationTable {
  std::vector<GraphDescription::Resource> resources{{"MUL"}, {"ALU"}};
  std::map<std::string, OperationKind> kinds{{"mul", {2, 2, 0}}, {"div", {2, 2, 0}}};  ///< by label
  std::optional<OperationKind> other =
      OperationKind{1, 1, 1};  ///< any other label or none; without it these are refused
};

namespace detail {

/// One pass over one DOT file.
class DotReader {
 public:
  DotReader(std::string_view data, ReadOptions const& options, OperationTable const& table)
      : data_(data), options_(options), table_(table) {
    if (data_.starts_with("\xef\xbb\xbf")) data_.remove_prefix(3);
    for (auto const& [label, kind] : table_.kinds)
      if (!kinds_.emplace(lower_case(label), kind).second)
        throw InvalidInput("the table of operations has the label " + in_quotes(label) + " twice");
  }

  GraphDescription read() {
    advance();
    read_head();
    while (token_.kind != Kind::close) read_statement();
    advance();
    if (token_.kind != Kind::end)
      fail_here(token_.at, in_quotes(token_.text) + " follows the graph; one graph is read");
    return describe();
  }

 private:
  enum class Kind { end, open, close, list, list_end, mark, arrow, line, word, text };
  struct Token {
    Kind kind = Kind::end;
    std::string text;  ///< of an id without quotes and escapes
    std::size_t at = 0;
  };
  struct Node {
    std::string name;
    std::size_t at;  ///< first mention
    std::optional<std::string> label{};
    std::size_t label_at = 0;
  };

  [[noreturn]] void fail_here(std::size_t at, std::string const& text) const {
    fail_at_line(options_.source, data_, at, text);
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

  void read_head() {
    if (is_keyword("strict")) advance();
    if (is_keyword("graph"))
      fail_here(token_.at, "the graph is undirected: its edges order nothing; \"digraph\" is read");
    if (!is_keyword("digraph")) fail_expected("\"digraph\"");
    advance();
    if (is_id()) advance();
    if (token_.kind != Kind::open) fail_expected("the \"{\" of the graph");
    advance();
  }

  void read_statement() {
    if (is_mark(';')) return advance();
    if (token_.kind == Kind::end)
      fail_here(token_.at, "the file ends within the graph, which lacks its \"}\"");
    check_no_subgraph();
    if (is_keyword("node") || is_keyword("edge") || is_keyword("graph")) {
      advance();
      if (token_.kind != Kind::list) fail_expected("the \"[\" of default attributes");
      read_attributes();
      return;
    }
    std::size_t const at = token_.at;
    std::string const id = take_id("a node, an edge or \"}\"");
    if (is_mark('=')) {  // an attribute of the graph
      advance();
      take_id("the value of " + in_quotes(id));
      return;
    }
    int from = mention(id, at);
    bool const edge = read_port_and_arrow();
    for (bool more = edge; more;) {
      check_no_subgraph();
      std::size_t const to_at = token_.at;
      int const to = mention(take_id("the node after \"->\""), to_at);
      add_edge(from, to, to_at);
      from = to;
      more = read_port_and_arrow();
    }
    auto const label = read_attributes();
    if (!label || edge) return;
    auto& node = nodes_[static_cast<std::size_t>(from)];
    if (node.label)
      fail_here(label->second, detail::message({"node ", in_quotes(node.name),
                                                " has a label twice, first in line ",
                                                line_of(data_, node.label_at)}));
    node.label = label->first;
    node.label_at = label->second;
  }

  void check_no_subgraph() const {
    if (is_keyword("subgraph") || token_.kind == Kind::open)
      fail_here(token_.at, "subgraphs are not read");
  }

  /// ":port" and ":port:compass" say where an edge is drawn. True when an edge follows.
  bool read_port_and_arrow() {
    while (is_mark(':')) {
      advance();
      take_id("a port");
    }
    if (token_.kind == Kind::line)
      fail_here(token_.at, "\"--\" is an undirected edge, which orders nothing; \"->\" is read");
    if (token_.kind != Kind::arrow) return false;
    advance();
    return true;
  }

  /// Any number of lists; returns the label with its place.
  std::optional<std::pair<std::string, std::size_t>> read_attributes() {
    std::optional<std::pair<std::string, std::size_t>> label;
    while (token_.kind == Kind::list) {
      std::size_t const open = token_.at;
      for (advance(); token_.kind != Kind::list_end;) {
        if (token_.kind == Kind::end)
          fail_here(token_.at, detail::message({"the file ends within the \"[\" of line ",
                                                line_of(data_, open)}));
        std::size_t const at = token_.at;
        std::string const key = take_id("an attribute or \"]\"");
        if (!is_mark('=')) fail_expected("the \"=\" of attribute " + in_quotes(key));
        advance();
        std::string value = take_id("the value of " + in_quotes(key));
        if (is_mark(',') || is_mark(';')) advance();
        if (key != "label") continue;
        if (label) fail_here(at, "the attribute \"label\" occurs twice in one statement");
        label.emplace(std::move(value), at);
      }
      advance();
    }
    return label;
  }

  int mention(std::string const& name, std::size_t at) {
    auto const [place, fresh] = number_.emplace(name, static_cast<int>(nodes_.size()));
    if (fresh) nodes_.push_back({name, at});
    return place->second;
  }

  void add_edge(int from, int to, std::size_t at) {
    if (from == to)
      fail_here(at, "node " + in_quotes(nodes_[static_cast<std::size_t>(to)].name) +
                        " depends on itself");
    auto const key = static_cast<std::uint64_t>(from) << 32U | static_cast<std::uint64_t>(to);
    if (drawn_.insert(key).second) edges_.emplace_back(from, to);
  }

  GraphDescription describe() const {
    GraphDescription graph;
    graph.resources = table_.resources;
    graph.operations.reserve(nodes_.size());
    graph.names.reserve(nodes_.size());
    for (auto const& node : nodes_) {
      OperationKind const kind = kind_of(node);
      int const i =
          graph.add_operation({kind.latency, kind.occupancy, 1, kind.delay_ns}, node.name);
      if (kind.resource >= 0) graph.add_demand(i, kind.resource);
    }
    graph.dependences.reserve(edges_.size());
    for (auto const& [from, to] : edges_) graph.add_dependence(from, to);
    return graph;
  }

  [[nodiscard]] OperationKind kind_of(Node const& node) const {
    std::string_view label = node.label ? std::string_view(*node.label) : std::string_view();
    while (!label.empty() && is_space(label.front())) label.remove_prefix(1);
    while (!label.empty() && is_space(label.back())) label.remove_suffix(1);
    auto const place = kinds_.find(lower_case(std::string(label)));
    if (node.label && place != kinds_.end()) return place->second;
    if (table_.other) return *table_.other;
    if (!node.label) fail_here(node.at, "node " + in_quotes(node.name) + " has no label");
    std::string known;
    for (auto const& [name, kind] : table_.kinds) known += " " + in_quotes(name);
    fail_here(node.label_at, "node " + in_quotes(node.name) + " has the unknown label " +
                                 in_quotes(label) + " (known:" + known + ")");
  }

  std::string_view data_;
  ReadOptions const& options_;
  OperationTable const& table_;
  std::unordered_map<std::string, OperationKind> kinds_;  ///< labels in lower case
  std::size_t at_ = 0;
  Token token_;
  std::vector<Node> nodes_;
  std::unordered_map<std::string, int> number_;
  std::vector<std::pair<int, int>> edges_;
  std::unordered_set<std::uint64_t> drawn_;
};

}  // namespace detail

/// Reads a data-flow graph in DOT. Latencies come from the table alone, not from
/// ReadOptions::latency. Throws InvalidInput.
inline GraphDescription read_dot(std::istream& stream, ReadOptions const& options,
                                 OperationTable const& table) {
  std::string const data = detail::read_all(stream, options);
  return detail::checked(detail::DotReader(data, options, table).read(), options.source);
}

/// The same by the default table.
inline GraphDescription read_dot(std::istream& stream, ReadOptions const& options = {}) {
  return read_dot(stream, options, OperationTable{});
}

}  // namespace gaus

#endif
