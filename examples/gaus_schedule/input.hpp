// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_INPUT_HPP
#define GAUS_SCHEDULE_INPUT_HPP

#include "gzip.hpp"
#include <gaus/graph/builder.hpp>
#include <gaus/io/aiger.hpp>
#include <gaus/io/dot.hpp>
#include <gaus/io/file.hpp>
#include <gaus/io/gml.hpp>
#include <gaus/io/json.hpp>
#include <gaus/io/reader.hpp>

#include <algorithm>
#include <filesystem>
#include <istream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace gaus_schedule {

/// A format by the ending of its files.
struct InputFormat {
  char const* extension;
  char const* description;
  gaus::GraphDescription (*read)(std::istream&, gaus::ReadOptions const&);
};

inline constexpr InputFormat input_formats[] = {
    {".aig", "and-inverter graph, binary AIGER, combinational", gaus::read_aiger},
    {".aag", "and-inverter graph, ASCII AIGER, combinational", gaus::read_aiger},
    {".gml", "graph modelling language, units and sizes from \"parameter\"", gaus::read_gml},
    {".dot", "data-flow graph, Graphviz; by label: mul, div on MUL, 2 steps; others on ALU, 1 step",
     [](std::istream& stream, gaus::ReadOptions const& options) {
       return gaus::read_dot(stream, options);
     }},
    {".json", "native: latencies, occupancies, sizes, demands, distances", gaus::read_json},
    {".*.gz", "each of these, unpacked by gzip", nullptr},
};

/// A graph with the name that reports call it.
struct Input {
  std::string name;  ///< of the file, without its folder
  bool bundled = false;
  gaus::GraphDescription graph;

  [[nodiscard]] std::vector<std::string> classes() const {
    std::vector<std::string> names;
    for (auto const& resource : graph.resources) names.push_back(resource.name);
    return names;
  }
};

namespace detail {

inline std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

}  // namespace detail

/// Reads a graph by the ending of its name; no name: the bundled one, whose text is given. Throws
/// gaus::InvalidInput.
inline Input read_input(std::optional<std::string> const& name, char const* bundled, int latency) {
  if (!name) {
    std::istringstream stream(bundled);
    return {"fir16.json", true, gaus::read_json(stream, {.source = "fir16.json"})};
  }
  std::filesystem::path const path(*name);
  auto stream = gaus::open_input(path);
  bool const packed = detail::lower_case(path.extension().string()) == ".gz";
  auto const extension = detail::lower_case((packed ? path.stem() : path).extension().string());
  auto const* const format = std::find_if(std::begin(input_formats), std::end(input_formats),
                                          [&](auto const& f) { return extension == f.extension; });
  if (format == std::end(input_formats))
    gaus::detail::fail(*name, "unknown format " + gaus::detail::in_quotes(extension) +
                                  " (known: .aig .aag .gml .dot .json, each also .gz)");
  gaus::ReadOptions const options{.source = *name, .latency = latency};
  Input input{path.filename().string(), false, {}};
  if (packed) {
    stream.close();
    std::istringstream unpacked(unpack_gzip(*name, options.max_bytes));
    input.graph = format->read(unpacked, options);
  } else {
    input.graph = format->read(stream, options);
  }
  return input;
}

}  // namespace gaus_schedule

#endif
