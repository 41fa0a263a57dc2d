// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_EDGE_LIST_HPP
#define GAUS_IO_EDGE_LIST_HPP

#include <gaus/detail/message.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/reader.hpp>
#include <gaus/io/text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <limits>
#include <ostream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

// Graphs as a list of their edges, the format that every graph tool can write (NetworkX, SNAP, the
// Network Repository, R's igraph): .edges, .edgelist, and .txt where it is no hyperDAG.
//
//   # producer consumer weight
//   0 1 32
//   0 2
//   3            an operation without dependences
//
// A line is a dependence: two ends and the weight, 1 where it is missing; one end alone mentions an
// operation. Blanks, tabs and commas separate; # or % starts a comment anywhere. Ends are names.
// Where all are plain numbers, operations follow the order of the numbers, else that of their first
// mention. Ends become the names of operations, except numbers that are exactly 0..n-1.
//
// Every operation takes ReadOptions::latency, one step of one unit of the class "all", and makes a
// value of size 1.
namespace gaus {

namespace detail {

/// The value of a text that is a number >= 0 without sign and leading zeros; -1: it is none.
inline std::int64_t plain_number(std::string_view text) {
  std::int64_t value = -1;
  bool const digit = !text.empty() && text.front() >= '0' && text.front() <= '9';
  if (!digit || (text.size() > 1 && text.front() == '0') || !parse_number(text, value)) return -1;
  return value;
}

/// What separates the words of an edge list, what starts its comments.
inline constexpr std::string_view edge_list_space = " \t\r\v\f,";
inline constexpr std::string_view edge_list_comment = "#%";

class EdgeListReader {
 public:
  EdgeListReader(std::string_view data, ReadOptions const& options)
      : options_(options), lines_(data, options.source, edge_list_comment, edge_list_space) {}

  GraphDescription read() {
    while (lines_.next()) {
      auto const& words = lines_.words();
      if (words.size() > 3)
        lines_.fail_here(detail::message(
            {"an edge has two ends and a weight, this line has ", words.size(), " fields"}));
      int const from = mention(words[0]);
      if (words.size() == 1) continue;
      int const to = mention(words[1]);
      if (from == to) lines_.fail_here(in_quotes(words[0]) + " depends on itself");
      double const weight =
          words.size() < 3 ? 1
                           : lines_.get<double>(2, "weight", 0, std::numeric_limits<double>::max());
      graph_.add_dependence({.from = from, .to = to, .weight = weight});
    }
    if (names_.empty()) fail(options_.source, "no line holds an edge");
    describe();
    return std::move(graph_);
  }

 private:
  int mention(std::string_view name) {
    auto const [place, fresh] = number_.try_emplace(name, static_cast<int>(names_.size()));
    if (fresh) {
      names_.push_back(name);
      numbers_.push_back(plain_number(name));
      all_numbers_ = all_numbers_ && numbers_.back() >= 0;
    }
    return place->second;
  }

  void describe() {
    std::size_t const n = names_.size();
    std::vector<int> order(n);
    for (std::size_t k = 0; k < n; ++k) order[k] = static_cast<int>(k);
    auto const number = [&](int k) { return numbers_[static_cast<std::size_t>(k)]; };
    if (all_numbers_)
      std::sort(order.begin(), order.end(), [&](int a, int b) { return number(a) < number(b); });
    bool const named = !all_numbers_ || number(order.back()) != static_cast<std::int64_t>(n) - 1;
    std::vector<int> place(n);
    int const all = graph_.add_resource(single_class);
    for (std::size_t k = 0; k < n; ++k) {
      auto const old = static_cast<std::size_t>(order[k]);
      place[old] = graph_.add_operation({.latency = options_.latency},
                                        named ? std::string(names_[old]) : std::string());
      graph_.add_demand(place[old], all);
    }
    for (auto& d : graph_.dependences) {
      d.from = place[static_cast<std::size_t>(d.from)];
      d.to = place[static_cast<std::size_t>(d.to)];
    }
  }

  ReadOptions const& options_;
  WordLines lines_;
  GraphDescription graph_;
  std::unordered_map<std::string_view, int> number_;
  std::vector<std::string_view> names_;
  std::vector<std::int64_t> numbers_;
  bool all_numbers_ = true;
};

/// Whether reading a list that says the names in their order gives just these names.
inline bool names_edge_list(GraphDescription const& graph) {
  if (graph.names.empty() || graph.names.size() != graph.operations.size()) return false;
  std::unordered_map<std::string_view, int> seen;
  bool all_numbers = true;
  bool ascending = true;
  std::int64_t last = -1;
  for (std::string const& name : graph.names) {
    bool const broken = name.empty() || name.find_first_of(std::string(edge_list_space) +
                                                           std::string(edge_list_comment) + "\n") !=
                                            std::string::npos;
    if (broken || !seen.try_emplace(name, 0).second) return false;
    std::int64_t const number = plain_number(name);
    all_numbers = all_numbers && number >= 0;
    ascending = ascending && number > last;
    last = number;
  }
  return !graph.names.front().starts_with("\xef\xbb\xbf") && (!all_numbers || ascending);
}

}  // namespace detail

/// Reads an edge list. O(V log V + E). Throws InvalidInput.
inline GraphDescription read_edge_list(std::istream& stream, ReadOptions const& options = {}) {
  std::string const data = detail::read_all(stream, options);
  return detail::checked(detail::EdgeListReader(data, options).read(), options.source);
}

/// Writes a graph as an edge list. What it holds: operations in their order, dependences with their
/// weights, and names where each is one word of its own; other names are replaced by numbers. Lost:
/// latencies, occupancies, sizes, classes and demands. Throws InvalidInput for a description that is
/// wrong or empty, and for a distance or a delay, without which a dependence would be another.
inline void write_edge_list(std::ostream& stream, GraphDescription const& graph) {
  check(graph);
  if (graph.operations.empty()) throw InvalidInput("an edge list cannot hold an empty graph");
  for (std::size_t k = 0; k < graph.dependences.size(); ++k) {
    auto const& d = graph.dependences[k];
    if (d.distance != 0 || d.delay != 0)
      throw InvalidInput(detail::message({"dependence ", k, ", ", graph.call(d.from), " -> ",
                                          graph.call(d.to), ": an edge list cannot hold its ",
                                          d.distance != 0 ? "distance " : "delay ",
                                          d.distance != 0 ? d.distance : d.delay}));
  }
  bool const named = detail::names_edge_list(graph);
  auto const name = [&](int i) {
    return named ? graph.names[static_cast<std::size_t>(i)] : std::to_string(i);
  };
  std::vector<bool> joined(graph.operations.size(), false);
  for (auto const& d : graph.dependences)
    for (int const end : {d.from, d.to}) joined[static_cast<std::size_t>(end)] = true;
  stream << "# " << graph.operations.size() << " operations, " << graph.dependences.size()
         << " dependences: from to weight\n";
  for (int i = 0; i < static_cast<int>(joined.size()); ++i)
    if (named || !joined[static_cast<std::size_t>(i)]) stream << name(i) << '\n';
  for (auto const& d : graph.dependences) {
    stream << name(d.from) << ' ' << name(d.to);
    if (d.weight != 1) stream << ' ' << detail::shortest_text(d.weight);
    stream << '\n';
  }
}

}  // namespace gaus

#endif
