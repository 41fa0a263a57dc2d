// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_INPUT_HPP
#define GAUS_SCHEDULE_INPUT_HPP

#include "clock.hpp"
#include "resources.hpp"
#include <gaus/graph/builder.hpp>
#include <gaus/io/aiger.hpp>
#include <gaus/io/dot.hpp>
#include <gaus/io/gml.hpp>
#include <gaus/io/graphml.hpp>
#include <gaus/io/json.hpp>
#include <gaus/io/psplib.hpp>
#include <gaus/io/reader.hpp>

#include <algorithm>
#include <filesystem>
#include <istream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
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
    {".sm", "project of PSPLIB, single mode: jobs, precedences, resources with capacities",
     gaus::read_psplib},
    {".sch", "project of ProGen/max: activities with minimum and maximum time lags",
     gaus::read_psplib},
    {".graphml", "loop with a resource model (.xml), beside it or by --resources", nullptr},
    {".json", "native: latencies, occupancies, sizes, demands, limits, distances", gaus::read_json},
    {".*.gz", "each of these, unpacked by gzip", nullptr},
};

/// A graph with the name that reports call it.
struct Input {
  std::string name;  ///< of the file, without its folder
  bool bundled = false;
  gaus::GraphDescription graph;
  std::vector<std::string> notes{};  ///< what a reader should know of how it was read
  std::optional<Clock> clock{};      ///< its rules are dependences of the graph

  /// Dependences of the file.
  [[nodiscard]] int dependences() const {
    return clock ? clock->graph.num_dependences() : static_cast<int>(graph.dependences.size());
  }
  [[nodiscard]] std::vector<std::string> classes() const {
    std::vector<std::string> names;
    for (auto const& resource : graph.resources) names.push_back(resource.name);
    return names;
  }
};

/// How to read a graph beside its name.
struct InputOptions {
  int latency = 1;                    ///< of operations that state none
  std::string resources{};            ///< file of a resource model; empty: none
  std::vector<std::string> limits{};  ///< each "CLASS=N"; they go before the model and the graph
  std::optional<double> clock_ns{};   ///< period; none: no chaining
  Delays delays{};                    ///< labels count in .dot alone
  bool pipelined = false;
};

namespace detail {

/// A loop, with the model of the options or the one beside it.
inline gaus::GraphDescription read_loop(std::string const& name, std::istream& stream,
                                        gaus::ReadOptions const& reading,
                                        InputOptions const& options,
                                        std::vector<std::string>& notes) {
  std::string model = options.resources;
  if (model.empty()) {
    std::filesystem::path graph(name);
    if (is_packed(graph)) graph.replace_extension();
    try {
      model = gaus::find_resource_model(graph).string();
    } catch (gaus::InvalidInput const& error) {
      throw gaus::InvalidInput(std::string(error.what()) + "; --resources FILE names one");
    }
    notes.push_back("resource model " + std::filesystem::path(model).filename().string());
  }
  return gaus::read_graphml(stream, read_resources(model), reading);
}

}  // namespace detail

/// Reads a graph by the ending of its name; no name: the bundled one, whose text is given. Throws
/// gaus::InvalidInput.
inline Input read_input(std::optional<std::string> const& name, char const* bundled,
                        InputOptions const& options) {
  Input input;
  std::string ending = ".json";
  if (!name) {
    input.name = "fir16.json";
    input.bundled = true;
    std::istringstream stream(bundled);
    input.graph = gaus::read_json(stream, {.source = "fir16.json"});
  } else {
    ending = detail::format_ending(*name);
    auto const* const format = std::find_if(std::begin(input_formats), std::end(input_formats),
                                            [&](auto const& f) { return ending == f.extension; });
    input.name = std::filesystem::path(*name).filename().string();
    input.graph = detail::read_file(*name, [&](std::istream& stream) {
      if (format == std::end(input_formats))
        gaus::detail::fail(*name, "unknown format " + gaus::detail::in_quotes(ending) +
                                      " (known: .aig .aag .gml .dot .sm .sch .graphml .json, each "
                                      "also .gz)");
      gaus::ReadOptions const reading{.source = *name, .latency = options.latency};
      if (ending == ".dot" && options.clock_ns)
        return gaus::read_dot(stream, reading, clocked_table(options.delays, *options.clock_ns));
      return format->read != nullptr
                 ? format->read(stream, reading)
                 : detail::read_loop(*name, stream, reading, options, input.notes);
    });
  }
  if (!options.resources.empty() && ending != ".graphml")
    for (auto const& unknown : override_limits(input.graph, read_resources(options.resources)))
      input.notes.push_back("resource " + unknown + " of the model is no class of the input");
  for (auto const& limit : options.limits) override_limit(input.graph, limit);
  if (ending != ".dot" && !options.delays.of_label.empty())
    gaus::detail::fail("--delay", "only .dot has labels, as " +
                                      gaus::detail::in_quotes(options.delays.of_label[0].first) +
                                      " should be");
  if (options.clock_ns)
    input.clock = apply_clock(input.graph, input.name, *options.clock_ns, options.delays.other,
                              options.pipelined);
  return input;
}

}  // namespace gaus_schedule

#endif
