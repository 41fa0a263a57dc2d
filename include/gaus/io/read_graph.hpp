// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_READ_GRAPH_HPP
#define GAUS_IO_READ_GRAPH_HPP

#include <gaus/error.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/aiger.hpp>
#include <gaus/io/dot.hpp>
#include <gaus/io/edge_list.hpp>
#include <gaus/io/file.hpp>
#include <gaus/io/gml.hpp>
#include <gaus/io/hyperdag.hpp>
#include <gaus/io/psplib.hpp>
#include <gaus/io/reader.hpp>
#include <gaus/io/write_dot.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

// Graphs from files and into files, by the extension:
//
//   auto const graph = gaus::read_graph("fir.dot");
//   gaus::write_graph("fir.edges", graph);
//
// Which formats there are is a list that anybody can extend. graph_formats() has those that need
// nothing beside gaus. The formats that need another library live in the headers of their targets,
// and whoever uses these adds them:
//
//   auto formats = gaus::graph_formats();
//   formats.push_back(gaus::json_format());       // gaus/io/json.hpp, target gaus::json
//   formats.push_back(gaus::onnx_json_format());  // gaus/io/onnx_json.hpp, target gaus::json
//   formats.push_back(gaus::graphml_format());    // gaus/io/graphml.hpp, target gaus::graphml
//   auto const loop = gaus::read_graph("loop.json", {}, formats);
//
// A list rather than a look at which headers are there: the same code means the same in every
// translation unit, whatever each of them includes. A format of one's own is an entry like these.
//
//   extension                         holds                                        written
//   .aig .aag                         structure                                    no
//   .dot .gv                          all of a GraphDescription                    yes, all
//   .edges .edgelist .txt             dependences, weights, plain names            yes, so much
//   .gml                              structure, sizes, units                      no
//   .hdag, .txt by its content        structure, work, weights, sizes              no
//   .sm .sch                          durations, demands, limits, time lags        no
//   .json         (gaus::json)        all of a GraphDescription                    yes, all
//   .onnx.json    (gaus::json)        structure, sizes in bytes                    no
//   .graphml      (gaus::graphml)     distances, delays, classes of a model        no
namespace gaus {

/// Formats to choose from by the ending of a file.
using GraphFormats = std::vector<GraphFormat>;

/// An edge list or a hyperDAG, which .txt files are by habit: the one that its first line counts.
inline GraphDescription read_edges_or_hyperdag(std::istream& stream,
                                               ReadOptions const& options = {}) {
  std::string const data = detail::read_all(stream, options);
  return detail::checked(detail::is_hyperdag(data) ? detail::HyperdagReader(data, options).read()
                                                   : detail::EdgeListReader(data, options).read(),
                         options.source);
}

/// The formats that need no other library.
inline GraphFormats graph_formats() {
  auto const dot = [](std::istream& stream, ReadOptions const& options) {
    return read_dot(stream, options);
  };
  return {
      {{".aig", ".aag"}, "and-inverter graph, binary or ASCII AIGER, combinational", read_aiger},
      {{".dot", ".gv"},
       "data-flow graph, Graphviz: attributes, or by label MUL (2 steps) and ALU (1 step)",
       dot,
       write_dot},
      {{".edges", ".edgelist"}, "edge list: from to [weight]", read_edge_list, write_edge_list},
      {{".txt"},
       "edge list, or hyperDAG where the first line counts the others",
       read_edges_or_hyperdag,
       write_edge_list},
      {{".hdag"}, "hyperDAG: work of nodes, communication and memory weights", read_hyperdag},
      {{".gml"}, "graph modelling language, units and sizes from \"parameter\"", read_gml},
      {{".sm"},
       "project of PSPLIB, single mode: jobs, precedences, resources with capacities",
       read_psplib},
      {{".sch"},
       "project of ProGen/max: activities with minimum and maximum time lags",
       read_psplib}};
}

namespace detail {

inline bool ends_like(std::string_view name, std::string_view extension) {
  auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return name.size() > extension.size() &&
         std::equal(extension.begin(), extension.end(),
                    name.end() - static_cast<std::ptrdiff_t>(extension.size()),
                    [&](char a, char b) { return a == lower(b); });
}

}  // namespace detail

/// Every extension, in the order of the formats: ".aig .aag .dot".
inline std::string list_extensions(GraphFormats const& formats, bool written = false) {
  std::string all;
  for (auto const& format : formats)
    for (auto const& extension : format.extensions)
      if (!written || format.write) all += (all.empty() ? "" : " ") + extension;
  return all;
}

/// The format with the longest extension that the name of a file ends with, in any case of letters;
/// null: none.
inline GraphFormat const* find_format(std::filesystem::path const& path,
                                      GraphFormats const& formats) {
  std::string const name = path.filename().string();
  GraphFormat const* found = nullptr;
  std::size_t longest = 0;
  for (auto const& format : formats)
    for (auto const& extension : format.extensions)
      if (extension.size() > longest && detail::ends_like(name, extension)) {
        found = &format;
        longest = extension.size();
      }
  return found;
}

/// The same, or InvalidInput that names the known extensions. For one that is written: only those.
inline GraphFormat const& require_format(std::filesystem::path const& path,
                                         GraphFormats const& formats, bool written = false) {
  auto const* const format = find_format(path, formats);
  if (format != nullptr && (!written || format->write)) return *format;
  detail::fail(
      path.string(),
      (format != nullptr ? std::string("this format is only read")
                         : "unknown format " + detail::in_quotes(path.extension().string())) +
          (written ? " (written: " : " (known: ") + list_extensions(formats, written) + ")");
}

/// Reads a file by its extension. options.source is set to the path. Throws InvalidInput.
inline GraphDescription read_graph(std::filesystem::path const& path, ReadOptions options = {},
                                   GraphFormats const& formats = graph_formats()) {
  auto stream = open_input(path);
  options.source = path.string();
  return require_format(path, formats).read(stream, options);
}

/// Writes a file by its extension: complete, or not at all. What a format cannot hold is lost, as its
/// writer says, or refused where the graph would be another one. Throws InvalidInput.
inline void write_graph(std::filesystem::path const& path, GraphDescription const& graph,
                        GraphFormats const& formats = graph_formats()) {
  auto const& format = require_format(path, formats, true);
  write_file_atomically(path, [&](std::ostream& out) {
    try {
      format.write(out, graph);
    } catch (InvalidInput const& error) {
      detail::fail(path.string(), error.what());
    }
  });
}

}  // namespace gaus

#endif
