// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_INPUT_HPP
#define GAUS_SCHEDULE_INPUT_HPP

#include "clock.hpp"
#include "resources.hpp"
#include <gaus/graph/builder.hpp>
#include <gaus/io/graphml.hpp>
#include <gaus/io/json.hpp>
#include <gaus/io/onnx_json.hpp>
#include <gaus/io/read_graph.hpp>

#include <filesystem>
#include <istream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace gaus_schedule {

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
  bool chained = true;  ///< add the rules of the clock; else the delays alone
};

namespace detail {

/// A loop, with the model of the options or the one beside it.
inline gaus::GraphDescription read_loop(std::istream& stream, gaus::ReadOptions const& reading,
                                        InputOptions const& options,
                                        std::vector<std::string>& notes) {
  std::string model = options.resources;
  if (model.empty()) {
    std::filesystem::path graph(reading.source);
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

inline bool has_model(gaus::GraphFormat const& format) {
  return format.extensions.front() == ".graphml";
}

}  // namespace detail

/// The formats of graphs.
inline gaus::GraphFormats input_formats() {
  auto formats = gaus::graph_formats();
  formats.push_back(gaus::graphml_format());
  formats.push_back(gaus::onnx_json_format());
  formats.push_back(gaus::json_format());
  return formats;
}

/// Reads a graph by the ending of its name; no name: the bundled one, whose text is given. Throws
/// gaus::InvalidInput.
inline Input read_input(std::optional<std::string> const& name, char const* bundled,
                        InputOptions const& options) {
  Input input;
  bool modelled = false;
  bool has_labels = false;
  if (!name) {
    input.name = "fir16.json";
    input.bundled = true;
    std::istringstream stream(bundled);
    input.graph = gaus::read_json(stream, {.source = "fir16.json"});
  } else {
    std::filesystem::path const path(*name);
    input.name = path.filename().string();
    input.graph = detail::read_file(*name, [&](std::istream& stream) {
      auto const formats = input_formats();
      auto const& format =
          gaus::require_format(detail::is_packed(path) ? path.stem() : path, formats);
      modelled = detail::has_model(format);
      gaus::ReadOptions const reading{.source = *name, .latency = options.latency};
      has_labels = format.extensions.front() == ".dot";
      if (has_labels && options.clock_ns)
        return gaus::read_dot(stream, reading, clocked_table(options.delays, *options.clock_ns));
      return modelled ? detail::read_loop(stream, reading, options, input.notes)
                      : format.read(stream, reading);
    });
  }
  if (!options.resources.empty() && !modelled)
    for (auto const& unknown : override_limits(input.graph, read_resources(options.resources)))
      input.notes.push_back("resource " + unknown + " of the model is no class of the input");
  for (auto const& limit : options.limits) override_limit(input.graph, limit);
  if (!has_labels && !options.delays.of_label.empty())
    gaus::detail::fail("--delay", "only .dot has labels, as " +
                                      gaus::detail::in_quotes(options.delays.of_label[0].first) +
                                      " should be");
  if (options.clock_ns && options.chained)
    input.clock = apply_clock(input.graph, input.name, *options.clock_ns, options.delays.other,
                              options.pipelined);
  else if (options.clock_ns)
    for (auto& operation : input.graph.operations)
      if (!operation.delay_ns) operation.delay_ns = options.delays.other;
  return input;
}

}  // namespace gaus_schedule

#endif
