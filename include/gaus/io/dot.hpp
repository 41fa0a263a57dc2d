// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_DOT_HPP
#define GAUS_IO_DOT_HPP

#include <gaus/detail/message.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/dot_text.hpp>
#include <gaus/io/reader.hpp>
#include <gaus/io/text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

// Data-flow graphs in the DOT language of Graphviz, as high-level synthesis has long exchanged them,
// and with attributes that say all that a graph holds:
//
//   digraph fir {                                  digraph loop {
//     node [ style = filled ];                       resources = "MUL:2, port";
//     1 [ label = mul ];  2 [ label = add ];         load [ latency = 2, size = 32, resource = port ];
//     1 -> 2;                                        mac [ latency = 3, demands = "MUL:2, port" ];
//   }                                                load -> mac [ weight = 32 ];
//                                                    mac -> mac [ distance = 1 ]; }
//
// Operations are the nodes in the order of their first mention, whether by a statement or by an
// edge; ids become their names. Attributes of a node are latency, occupancy, size of its value (1),
// delay_ns, and what it takes: resource, a class, with units (1), or demands, a list of classes each
// with its units; and name, where the id is no good one. Attributes of an edge are distance (0), delay
// (0), weight (1; Graphviz places nodes by it) and value (true). The attribute resources of the graph
// lists classes with their limits.
//
// With resources, latency is ReadOptions::latency and occupancy 1 where a node states none, and
// it takes what it states alone. Without, what a node does not state follows from its label by an
// OperationTable, in which the case of letters does not count. Classes that are demanded but not
// listed are unlimited and follow the others.
//
// Defaults (node [latency = 2], edge [weight = 2]) hold for nodes and edges first mentioned after
// them, except default labels and names. An attribute that is stated again replaces the first, except
// a label. An edge drawn twice with one distance and delay is one dependence. Other attributes are
// passed over.
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
  std::vector<GraphDescription::Resource> resources{{"MUL"}, {"ALU"}};  ///< classes, by number
  std::map<std::string, OperationKind> kinds{{"mul", {2, 2, 0}}, {"div", {2, 2, 0}}};  ///< by label
  std::optional<OperationKind> other =
      OperationKind{1, 1, 1};  ///< any other label or none; without it these are refused
};

namespace detail {

/// One pass over one DOT file.
class DotReader : DotTokens {
 public:
  DotReader(std::string_view data, ReadOptions const& options, OperationTable const& table)
      : DotTokens(data, options.source), options_(options), table_(table) {
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
  struct Attribute {
    std::string key;
    std::string value;
    std::size_t at;
  };
  using Attributes = std::vector<Attribute>;
  struct Node {
    std::string name{};
    std::size_t at = 0;  ///< first mention
    std::optional<std::string> label{};
    std::size_t label_at = 0;
    std::optional<int> latency{};
    std::optional<int> occupancy{};
    std::optional<double> size{};
    std::optional<double> delay_ns{};
    std::optional<std::vector<DotItem>> demands{};
  };
  struct SameEdge {  // what tells two dependences apart
    using Link = GraphDescription::Link;
    bool operator()(Link const& a, Link const& b) const {
      return a.from == b.from && a.to == b.to && a.distance == b.distance && a.delay == b.delay;
    }
    std::size_t operator()(Link const& d) const {
      std::uint64_t hash = 0;
      for (int const part : {d.from, d.to, d.distance, d.delay})
        hash = (hash ^ static_cast<std::uint32_t>(part)) * 0x9e3779b97f4a7c15U;
      return static_cast<std::size_t>(hash ^ (hash >> 32U));
    }
  };

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
    for (auto const* const keyword : {"node", "edge", "graph"})
      if (is_keyword(keyword)) return read_defaults(keyword);
    std::size_t const at = token_.at;
    std::string const id = take_id("a node, an edge or \"}\"");
    if (is_mark('=')) {
      advance();
      set_graph({id, take_id("the value of " + in_quotes(id)), at});
      return;
    }
    int const first = mention(id, at);
    std::vector<std::pair<int, std::size_t>> chain{{first, at}};
    while (read_port_and_arrow()) {
      check_no_subgraph();
      std::size_t const to_at = token_.at;
      chain.emplace_back(mention(take_id("the node after \"->\""), to_at), to_at);
    }
    auto const attributes = read_attributes();
    if (chain.size() == 1) {
      set_node(nodes_[static_cast<std::size_t>(first)], attributes, false);
      return;
    }
    auto edge = default_edge_;
    set_edge(edge, attributes);
    for (std::size_t k = 1; k < chain.size(); ++k) {
      edge.from = chain[k - 1].first;
      edge.to = chain[k].first;
      add_edge(edge, chain[k].second);
    }
  }

  void read_defaults(std::string const& of) {
    advance();
    if (token_.kind != Kind::list) fail_expected("the \"[\" of default attributes");
    auto const attributes = read_attributes();
    if (of == "node") set_node(default_node_, attributes, true);
    if (of == "edge") set_edge(default_edge_, attributes);
    if (of == "graph")
      for (auto const& a : attributes) set_graph(a);
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

  /// Any number of lists: what they state of the attributes that are read.
  Attributes read_attributes() {
    static constexpr std::string_view read[] = {
        "label", "name",  "latency",  "occupancy", "size",  "delay_ns", "resource",
        "units", "delay", "distance", "weight",    "value", "demands",  "resources"};
    Attributes all;
    while (token_.kind == Kind::list) {
      std::size_t const open = token_.at;
      for (advance(); token_.kind != Kind::list_end;) {
        if (token_.kind == Kind::end)
          fail_here(token_.at, detail::message({"the file ends within the \"[\" of line ",
                                                line_of(data_, open)}));
        std::size_t const at = token_.at;
        std::string key = take_id("an attribute or \"]\"");
        if (!is_mark('=')) fail_expected("the \"=\" of attribute " + in_quotes(key));
        advance();
        std::string value = take_id("the value of " + in_quotes(key));
        if (is_mark(',') || is_mark(';')) advance();
        if (std::find(std::begin(read), std::end(read), key) == std::end(read)) continue;
        if (std::any_of(all.begin(), all.end(), [&](auto const& a) { return a.key == key; }))
          fail_here(at, "the attribute " + in_quotes(key) + " occurs twice in one statement");
        all.push_back({std::move(key), std::move(value), at});
      }
      advance();
    }
    return all;
  }

  int mention(std::string const& id, std::size_t at) {
    auto const [place, fresh] = number_.emplace(id, static_cast<int>(nodes_.size()));
    if (fresh) {
      nodes_.push_back(default_node_);
      nodes_.back().name = id;
      nodes_.back().at = at;
    }
    return place->second;
  }

  [[noreturn]] void fail_value(Attribute const& a, std::string const& wanted) const {
    fail_here(a.at, a.key + " " + in_quotes(a.value) + " is not " + wanted);
  }
  [[nodiscard]] int integer(Attribute const& a, int low) const {
    int value = 0;
    if (!parse_number(a.value, value) || value < low)
      fail_value(a, detail::message({"an integer ", low, "..", std::numeric_limits<int>::max()}));
    return value;
  }
  [[nodiscard]] double number(Attribute const& a) const {
    double value = 0;
    if (!parse_number(a.value, value) || value < 0) fail_value(a, "a finite number >= 0");
    return value;
  }
  [[nodiscard]] std::vector<DotItem> list(Attribute const& a) const {
    auto items = dot_list(a.value);
    if (!items) fail_value(a, "a list of names, each alone or with \":\" and a finite number >= 0");
    return std::move(*items);
  }

  void set_graph(Attribute const& a) {
    if (a.key != "resources") return;
    if (listed_) fail_here(a.at, "the attribute \"resources\" occurs twice");
    listed_ = list(a);
  }

  void set_node(Node& node, Attributes const& attributes, bool defaults) {
    Attribute const* units = nullptr;
    Attribute const* resource = nullptr;
    bool demands = false;
    for (auto const& a : attributes) {
      if (a.key == "label" && !defaults) set_label(node, a);
      if (a.key == "name" && !defaults) node.name = dot_unescaped(a.value);
      if (a.key == "latency") node.latency = integer(a, 0);
      if (a.key == "occupancy") node.occupancy = integer(a, 0);
      if (a.key == "size") node.size = number(a);
      if (a.key == "delay_ns") node.delay_ns = number(a);
      if (a.key == "units") units = &a;
      if (a.key == "resource") resource = &a;
      if (a.key == "demands") node.demands = list(a), demands = true;
    }
    if (units != nullptr && resource == nullptr)
      fail_here(units->at, "units are stated without a resource");
    if (resource == nullptr) return;
    if (demands) fail_here(resource->at, "a node has either a resource or demands, not both");
    node.demands.emplace();
    if (!resource->value.empty())
      node.demands->push_back({resource->value, units != nullptr ? number(*units) : 1});
  }

  void set_label(Node& node, Attribute const& a) {
    if (node.label)
      fail_here(a.at, detail::message({"node ", in_quotes(node.name),
                                       " has a label twice, first in line ",
                                       line_of(data_, node.label_at)}));
    node.label = a.value;
    node.label_at = a.at;
  }

  void set_edge(GraphDescription::Link& edge, Attributes const& attributes) const {
    for (auto const& a : attributes) {
      if (a.key == "distance") edge.distance = integer(a, 0);
      if (a.key == "delay") edge.delay = integer(a, std::numeric_limits<int>::min());
      if (a.key == "weight") edge.weight = number(a);
      if (a.key == "value") edge.value = a.value == "true";
      if (a.key == "value" && !edge.value && a.value != "false") fail_value(a, "true or false");
    }
  }

  void add_edge(GraphDescription::Link const& edge, std::size_t at) {
    auto const name = [&](int i) { return in_quotes(nodes_[static_cast<std::size_t>(i)].name); };
    if (edge.from == edge.to && edge.distance == 0)
      fail_here(at, "node " + name(edge.to) + " depends on itself");
    auto const [place, fresh] = drawn_.insert(edge);
    if (fresh)
      edges_.push_back(edge);
    else if (place->weight != edge.weight)
      fail_here(at, "the edge " + name(edge.from) + " -> " + name(edge.to) + " has the weight " +
                        shortest_text(edge.weight) + " here and " + shortest_text(place->weight) +
                        " before");
    else if (place->value != edge.value)
      fail_here(at, "the edge " + name(edge.from) + " -> " + name(edge.to) + " has a value " +
                        (edge.value ? "here and none before" : "before and none here"));
  }

  GraphDescription describe() const {
    GraphDescription graph;
    if (!listed_) graph.resources = table_.resources;
    if (listed_)
      for (auto const& item : *listed_) graph.add_resource(item.name, item.number);
    std::unordered_map<std::string, int> classes;
    for (auto const& r : graph.resources) classes.emplace(r.name, static_cast<int>(classes.size()));
    graph.operations.reserve(nodes_.size());
    graph.names.reserve(nodes_.size());
    for (auto const& node : nodes_) {
      OperationKind const kind =
          listed_ ? OperationKind{.latency = options_.latency} : kind_of(node);
      int const i = graph.add_operation({.latency = node.latency.value_or(kind.latency),
                                         .occupancy = node.occupancy.value_or(kind.occupancy),
                                         .size = node.size.value_or(1),
                                         .delay_ns = node.delay_ns ? node.delay_ns : kind.delay_ns},
                                        node.name);
      if (!node.demands && kind.resource >= 0) graph.add_demand(i, kind.resource);
      if (!node.demands) continue;
      for (auto const& need : *node.demands) {
        int const next = static_cast<int>(graph.resources.size());
        auto const [place, fresh] = classes.try_emplace(need.name, next);
        if (fresh) graph.add_resource(need.name);
        graph.add_demand(i, place->second, need.number.value_or(1));
      }
    }
    graph.dependences = edges_;
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

  ReadOptions const& options_;
  OperationTable const& table_;
  std::unordered_map<std::string, OperationKind> kinds_;  ///< labels in lower case
  std::optional<std::vector<DotItem>> listed_{};          ///< the attribute resources
  Node default_node_{};
  GraphDescription::Link default_edge_{};
  std::vector<Node> nodes_;
  std::unordered_map<std::string, int> number_;
  std::vector<GraphDescription::Link> edges_;
  std::unordered_set<GraphDescription::Link, SameEdge, SameEdge> drawn_;
};

}  // namespace detail

/// Reads a data-flow graph in DOT, by its attributes and the table. Throws InvalidInput.
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
