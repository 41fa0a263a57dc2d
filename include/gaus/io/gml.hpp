// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_GML_HPP
#define GAUS_IO_GML_HPP

#include <gaus/detail/message.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/reader.hpp>

#include <algorithm>
#include <cstddef>
#include <istream>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Graphs in the Graph Modelling Language: nested lists of a key and a value.
//
//   graph [ directed 1
//     node [ id 7 parameter 1500 ]
//     node [ id 9 ]
//     edge [ source 7 target 9 parameter 0 ] ]
//
// Operations are the nodes in the order of their ids, which become their names. A node's parameter
// (1 if absent) is both the size of its value and its units of the class "all"; 0 takes none. An
// edge is a dependence of weight 1 if its parameter (1 if absent) is positive, else of weight 0.
// Other keys are passed over, whatever they hold.
//
// One pass over the bytes, no recursion: the depth of nested lists costs one byte a level.
namespace gaus {

namespace detail {

/// One pass over one GML file.
class GmlReader {
 public:
  GmlReader(std::string_view data, ReadOptions const& options) : data_(data), options_(options) {
    if (data_.starts_with("\xef\xbb\xbf")) data_.remove_prefix(3);
  }

  GraphDescription read() {
    read_lists();
    if (!graph_seen_) fail(options_.source, "no list \"graph [ ... ]\"");
    return describe();
  }

 private:
  enum class Place : unsigned char { top, graph, node, edge, other };
  enum class Kind { end, open, close, word, text };
  struct Token {
    Kind kind;
    std::string_view text;  ///< without the quotes
    std::size_t at;
  };
  /// A node or an edge: the fields that it states.
  struct Record {
    std::size_t at = 0;
    std::optional<int> first{};   ///< id or source
    std::optional<int> second{};  ///< target
    std::optional<double> parameter{};
  };

  [[noreturn]] void fail_here(std::size_t at, std::string const& text) const {
    fail_at_line(options_.source, data_, at, text);
  }

  static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

  /// Spaces, and lines whose first mark is "#".
  void skip_space() {
    for (; at_ < data_.size(); ++at_) {
      char const c = data_[at_];
      if (c == '\n') line_start_ = true;
      if (is_space(c)) continue;
      if (c != '#' || !line_start_) break;
      at_ = std::min(data_.find('\n', at_), data_.size()) - 1;
    }
    line_start_ = false;
  }

  Token take() {
    skip_space();
    std::size_t const start = at_;
    if (start >= data_.size()) return {Kind::end, {}, start};
    char const c = data_[at_++];
    if (c == '[') return {Kind::open, "[", start};
    if (c == ']') return {Kind::close, "]", start};
    if (c == '"') {
      auto const end = data_.find('"', at_);
      if (end == std::string_view::npos) fail_here(start, "a text without its closing quote");
      auto const text = data_.substr(at_, end - at_);
      at_ = end + 1;
      return {Kind::text, text, start};
    }
    while (at_ < data_.size() && !is_space(data_[at_]) && data_[at_] != '[' && data_[at_] != ']' &&
           data_[at_] != '"')
      ++at_;
    return {Kind::word, data_.substr(start, at_ - start), start};
  }

  /// A letter or "_", then these and digits.
  static bool is_key(std::string_view text) {
    auto const letter = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return letter(text.front()) && std::all_of(text.begin(), text.end(), [&](char c) {
             return letter(c) || (c >= '0' && c <= '9');
           });
  }

  void read_lists() {
    std::vector<Place> open{Place::top};
    for (;;) {
      Token const key = take();
      if (key.kind == Kind::end) break;
      if (key.kind == Kind::close) {
        if (open.size() == 1) fail_here(key.at, "\"]\" without \"[\"");
        leave(open.back());
        open.pop_back();
        continue;
      }
      if (key.kind != Kind::word || !is_key(key.text))
        fail_here(key.at, "a key is expected, not " + in_quotes(key.text));
      Token const value = take();
      if (value.kind == Kind::end)
        fail_here(value.at, "the file ends after " + in_quotes(key.text));
      if (value.kind == Kind::close) fail_here(value.at, in_quotes(key.text) + " has no value");
      if (value.kind == Kind::open)
        open.push_back(enter(open.back(), key));
      else
        set_field(open.back(), key, value);
    }
    if (open.size() > 1)
      fail_here(data_.size(), detail::message({"the file ends within ", open.size() - 1,
                                               " lists that lack their \"]\""}));
  }

  Place enter(Place place, Token const& key) {
    if (key.text == "graph") {
      if (place != Place::top || graph_seen_)
        fail_here(key.at, "one list \"graph\" at the top level is expected, this is another one");
      graph_seen_ = true;
      return Place::graph;
    }
    if (key.text != "node" && key.text != "edge") return Place::other;
    if (place != Place::graph)
      fail_here(key.at, "the list " + in_quotes(key.text) + " does not lie directly in \"graph\"");
    record_ = {.at = key.at};
    return key.text == "node" ? Place::node : Place::edge;
  }

  void set_field(Place place, Token const& key, Token const& value) {
    if (place == Place::graph && key.text == "directed" && value.text == "0")
      fail_here(key.at, "the graph is undirected (directed 0): its edges order nothing");
    if (place != Place::node && place != Place::edge) return;
    bool const node = place == Place::node;
    if (key.text == (node ? "id" : "source"))
      set_integer(record_.first, key, value);
    else if (!node && key.text == "target")
      set_integer(record_.second, key, value);
    else if (key.text == "parameter")
      set_parameter(key, value);
  }

  void check_first(bool first, Token const& key) const {
    if (!first) fail_here(key.at, "the key " + in_quotes(key.text) + " occurs twice in one list");
  }

  void set_integer(std::optional<int>& field, Token const& key, Token const& value) const {
    check_first(!field, key);
    int number = 0;
    if (!parse_number(value.text, number))
      fail_here(value.at, detail::message({key.text, " ", in_quotes(value.text),
                                           " is not an integer of at most ",
                                           std::numeric_limits<int>::max()}));
    field = number;
  }

  void set_parameter(Token const& key, Token const& value) {
    check_first(!record_.parameter, key);
    double number = 0;
    if (!parse_number(value.text, number) || number < 0)
      fail_here(value.at, "parameter " + in_quotes(value.text) + " is not a finite number >= 0");
    record_.parameter = number;
  }

  void leave(Place place) {
    if (place == Place::node) {
      if (!record_.first) fail_here(record_.at, "a node without id");
      nodes_.push_back(record_);
    } else if (place == Place::edge) {
      if (!record_.first) fail_here(record_.at, "an edge without source");
      if (!record_.second) fail_here(record_.at, "an edge without target");
      edges_.push_back(record_);
    }
  }

  /// Nodes get their numbers only when all ids are known.
  GraphDescription describe() {
    std::stable_sort(nodes_.begin(), nodes_.end(),
                     [](Record const& a, Record const& b) { return *a.first < *b.first; });
    GraphDescription graph;
    graph.add_resource(single_class);
    graph.operations.reserve(nodes_.size());
    graph.names.reserve(nodes_.size());
    for (std::size_t k = 0; k < nodes_.size(); ++k) {
      auto const& node = nodes_[k];
      if (k > 0 && nodes_[k - 1].first == node.first)
        fail_here(node.at,
                  detail::message({"node id ", *node.first, " occurs twice, first in line ",
                                   line_of(data_, nodes_[k - 1].at)}));
      double const parameter = node.parameter.value_or(1);
      graph.add_operation({.latency = options_.latency, .size = parameter},
                          std::to_string(*node.first));
      if (parameter > 0) graph.add_demand(static_cast<int>(k), 0, parameter);
    }
    graph.dependences.reserve(edges_.size());
    for (auto const& edge : edges_)
      graph.add_dependence({.from = find(*edge.first, edge),
                            .to = find(*edge.second, edge),
                            .weight = edge.parameter.value_or(1) > 0 ? 1.0 : 0.0});
    return graph;
  }

  [[nodiscard]] int find(int id, Record const& edge) const {
    auto const place =
        std::lower_bound(nodes_.begin(), nodes_.end(), id,
                         [](Record const& node, int value) { return *node.first < value; });
    if (place == nodes_.end() || *place->first != id)
      fail_here(edge.at, detail::message({"edge ", *edge.first, " -> ", *edge.second,
                                          " names the unknown node ", id}));
    return static_cast<int>(place - nodes_.begin());
  }

  std::string_view data_;
  ReadOptions const& options_;
  std::size_t at_ = 0;
  bool line_start_ = true;
  bool graph_seen_ = false;
  Record record_{};
  std::vector<Record> nodes_;
  std::vector<Record> edges_;
};

}  // namespace detail

/// Reads a directed graph in GML. Throws InvalidInput.
inline GraphDescription read_gml(std::istream& stream, ReadOptions const& options = {}) {
  std::string const data = detail::read_all(stream, options);
  return detail::checked(detail::GmlReader(data, options).read(), options.source);
}

}  // namespace gaus

#endif
