// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_WRITE_DOT_HPP
#define GAUS_IO_WRITE_DOT_HPP

#include <gaus/detail/csr.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/dot_text.hpp>
#include <gaus/io/text.hpp>

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

// Graphs as DOT, for Graphviz and for read_dot() (io/dot.hpp, which explains the attributes).
namespace gaus {

namespace detail {

/// Whether every operation has a name of its own that DOT holds as it is.
inline bool names_are_ids(GraphDescription const& graph) {
  if (graph.names.size() != graph.operations.size()) return false;
  std::unordered_set<std::string_view> seen;
  for (std::string const& name : graph.names)
    if (name.empty() || name.find('\\') != std::string::npos || !seen.insert(name).second)
      return false;
  return true;
}

inline std::string dot_number(double x) {
  std::string const text = shortest_text(x);
  return text.find('e') == std::string::npos ? text : dot_quoted(text);
}

}  // namespace detail

/// Writes a graph in DOT, with all that it holds: reading it back gives an equal one. Ids are the
/// names, or numbers where these are not unique; names of operations beyond the last that has one
/// may be missing. Checks the description first. Throws InvalidInput.
inline void write_dot(std::ostream& out, GraphDescription const& graph) {
  check(graph);
  using detail::dot_number, detail::dot_quoted;
  auto const entry = [&](std::string const& name, bool stated, double number) {
    return detail::dot_item(name) + (stated || name.empty() ? ":" : "") +
           (stated ? detail::shortest_text(number) : "");
  };
  std::string list;
  for (auto const& r : graph.resources)
    list += (list.empty() ? "" : ", ") + entry(r.name, r.limit.has_value(), r.limit.value_or(0));
  out << "digraph gaus {\n  resources = " << dot_quoted(list) << ";\n";
  bool const named = detail::names_are_ids(graph);
  auto const id = [&](int i) {
    return named ? dot_quoted(graph.names[static_cast<std::size_t>(i)]) : std::to_string(i);
  };
  auto const rows = detail::sorted_rows(graph.operations.size(), graph.demands,
                                        [](auto const& d) { return std::pair(d.operation, 0); });
  for (std::size_t i = 0; i < graph.operations.size(); ++i) {
    auto const& o = graph.operations[i];
    out << "  " << id(static_cast<int>(i)) << " [latency=" << o.latency;
    if (!named)
      out << ", name="
          << dot_quoted(i < graph.names.size() ? detail::dot_escaped(graph.names[i]) : "");
    if (o.occupancy != 1) out << ", occupancy=" << o.occupancy;
    if (o.size != 1) out << ", size=" << dot_number(o.size);
    if (o.delay_ns) out << ", delay_ns=" << dot_number(*o.delay_ns);
    list.clear();
    for (int k = rows.offset[i]; k < rows.offset[i + 1]; ++k) {
      auto const& d =
          graph.demands[static_cast<std::size_t>(rows.order[static_cast<std::size_t>(k)])];
      list +=
          (list.empty() ? "" : ", ") +
          entry(graph.resources[static_cast<std::size_t>(d.resource)].name, d.units != 1, d.units);
    }
    if (!list.empty()) out << ", demands=" << dot_quoted(list);
    out << "];\n";
  }
  for (auto const& d : graph.dependences) {
    out << "  " << id(d.from) << " -> " << id(d.to);
    char const* between = " [";
    auto const state = [&](char const* key, std::string const& value) {
      out << between << key << '=' << value;
      between = ", ";
    };
    if (d.distance != 0) state("distance", std::to_string(d.distance));
    if (d.delay != 0) state("delay", std::to_string(d.delay));
    if (d.weight != 1) state("weight", dot_number(d.weight));
    if (!d.value) state("value", "false");
    out << (*between == ' ' ? ";\n" : "];\n");
  }
  out << "}\n";
}

}  // namespace gaus

#endif
