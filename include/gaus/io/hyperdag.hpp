// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_HYPERDAG_HPP
#define GAUS_IO_HYPERDAG_HPP

#include <gaus/detail/message.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/reader.hpp>

#include <cstddef>
#include <istream>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Computations as hyperDAGs: the text format, version 1, of the HyperDAG database (Papp, Anegg, Yzelman:
// Partitioning hypergraphs is hard, SPAA 2022) and of OneStopParallel: .hdag, and .txt by its content.
//
//   %%MatrixMarket ...         comments
//   2 4 5                      hyperedges, nodes, pins
//   0 16                       hyperedge, communication weight, memory weight
//   1 8
//   0 0                        node, work
//   1 2
//   2 1
//   3 1
//   0 0                        hyperedge, node: the first pin of a hyperedge is its source
//   0 1
//   0 2
//   1 1
//   1 3
//
// Operations are the nodes in the order of their numbers, without names. Work is both latency and
// occupancy of one unit of the class "all"; work 0 takes no step and no unit. A node without work has
// ReadOptions::latency and occupancy 1. A hyperedge is the value of its source: dependences to its
// other nodes with the communication weight, 1 where there is none. The size of the value is the
// memory weight, else the communication weight, else 1. A node that is the source of two hyperedges is
// refused. Some files of the database list the kind of a node where others list its work.
//
// % starts a comment anywhere; comments and empty lines may stand between all lines.
namespace gaus {

namespace detail {

class HyperdagReader {
 public:
  HyperdagReader(std::string_view data, ReadOptions const& options)
      : data_(data), options_(options), lines_(data, options.source, "%") {}

  /// Whether the lines are as many as the first one says, and begin with numbers of its ranges.
  [[nodiscard]] bool counts_fit() {
    int count[3] = {};  // hyperedges, nodes, pins
    auto const below = [&](std::size_t word, int end) {
      int value = 0;
      return word < lines_.words().size() && parse_number(lines_.words()[word], value) &&
             value >= 0 && value < end;
    };
    if (!lines_.next() || lines_.words().size() < 3) return false;
    for (std::size_t k = 0; k < 3; ++k)
      if (!parse_number(lines_.words()[k], count[k]) || count[k] < 0) return false;
    for (int part = 0; part < 3; ++part)
      for (int k = 0; k < count[part]; ++k)
        if (!lines_.next() || !below(0, count[part == 1]) || (part == 2 && !below(1, count[1])))
          return false;
    return !lines_.next();
  }

  GraphDescription read() {
    if (!lines_.next())
      fail(options_.source, "no line states the numbers of hyperedges, nodes, pins");
    if (lines_.words().size() < 3)
      lines_.fail_here("the numbers of hyperedges, nodes and pins are expected");
    // Each of them has a line of at least two bytes.
    int const most = static_cast<int>(std::min<std::size_t>(data_.size() / 2 + 1, max_steps));
    int const hyperedges = lines_.get<int>(0, "the number of hyperedges", 0, most);
    int const nodes = lines_.get<int>(1, "the number of nodes", 0, most);
    int const pins = lines_.get<int>(2, "the number of pins", 0, most);
    read_hyperedges(hyperedges);
    read_nodes(nodes);
    for (int k = 0; k < pins; ++k) {
      next_row("pin", k, pins);
      read_pin();
    }
    if (lines_.next()) lines_.fail_here("the pins are the last lines, this is one more");
    return std::move(graph_);
  }

 private:
  struct Hyperedge {
    double weight = 1;
    double size = 1;
    int source = -1;
  };

  void next_row(char const* what, int k, int count) {
    if (!lines_.next())
      fail(options_.source,
           detail::message({"the file ends before ", what, " ", k + 1, " of ", count}));
  }

  /// The number that a line begins with, each once.
  int read_number(char const* what, std::vector<bool>& seen) const {
    int const k = lines_.get<int>(0, what, 0, static_cast<int>(seen.size()) - 1);
    if (seen[static_cast<std::size_t>(k)])
      lines_.fail_here(detail::message({what, " ", k, " has a second line"}));
    seen[static_cast<std::size_t>(k)] = true;
    return k;
  }

  void read_hyperedges(int count) {
    hyperedges_.resize(static_cast<std::size_t>(count));
    std::vector<bool> seen(hyperedges_.size(), false);
    constexpr double most = std::numeric_limits<double>::max();
    for (int k = 0; k < count; ++k) {
      next_row("hyperedge", k, count);
      auto& edge = hyperedges_[static_cast<std::size_t>(read_number("hyperedge", seen))];
      if (lines_.words().size() > 1)
        edge.size = edge.weight = lines_.get<double>(1, "communication weight", 0, most);
      if (lines_.words().size() > 2) edge.size = lines_.get<double>(2, "memory weight", 0, most);
    }
  }

  void read_nodes(int count) {
    int const all = graph_.add_resource(single_class);
    graph_.operations.resize(static_cast<std::size_t>(count), {.latency = options_.latency});
    std::vector<bool> seen(graph_.operations.size(), false);
    for (int k = 0; k < count; ++k) {
      next_row("node", k, count);
      auto& o = graph_.operations[static_cast<std::size_t>(read_number("node", seen))];
      if (lines_.words().size() > 1)
        o.latency = o.occupancy = lines_.get<int>(1, "work", 0, max_steps);
    }
    for (int i = 0; i < count; ++i)
      if (graph_.operations[static_cast<std::size_t>(i)].occupancy > 0) graph_.add_demand(i, all);
    is_source_.resize(graph_.operations.size(), false);
  }

  void read_pin() {
    if (lines_.words().size() < 2) lines_.fail_here("a pin is a hyperedge and a node");
    auto& edge = hyperedges_[static_cast<std::size_t>(
        lines_.get<int>(0, "hyperedge", 0, static_cast<int>(hyperedges_.size()) - 1))];
    int const i = lines_.get<int>(1, "node", 0, static_cast<int>(graph_.operations.size()) - 1);
    auto const node = static_cast<std::size_t>(i);
    if (edge.source < 0) {
      if (is_source_[node])
        lines_.fail_here(detail::message({"node ", i, " is the source of a second hyperedge"}));
      is_source_[node] = true;
      edge.source = i;
      graph_.operations[node].size = edge.size;
      return;
    }
    if (edge.source == i) lines_.fail_here(detail::message({"node ", i, " depends on itself"}));
    graph_.add_dependence({.from = edge.source, .to = i, .weight = edge.weight});
  }

  std::string_view data_;
  ReadOptions const& options_;
  WordLines lines_;
  GraphDescription graph_;
  std::vector<Hyperedge> hyperedges_;
  std::vector<bool> is_source_;
};

/// Whether a text is a hyperDAG, whose first line counts the others, rather than an edge list.
inline bool is_hyperdag(std::string_view data) { return HyperdagReader(data, {}).counts_fit(); }

}  // namespace detail

/// Reads a hyperDAG. O(V + E). Throws InvalidInput.
inline GraphDescription read_hyperdag(std::istream& stream, ReadOptions const& options = {}) {
  std::string const data = detail::read_all(stream, options);
  return detail::checked(detail::HyperdagReader(data, options).read(), options.source);
}

}  // namespace gaus

#endif
