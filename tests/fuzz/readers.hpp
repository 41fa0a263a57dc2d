// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTS_FUZZ_READERS_HPP
#define GAUS_TESTS_FUZZ_READERS_HPP

#include "../../examples/gaus_schedule/expression.hpp"
#include "../../examples/gaus_schedule/resources.hpp"
#include <gaus/io/aiger.hpp>
#include <gaus/io/dot.hpp>
#include <gaus/io/edge_list.hpp>
#include <gaus/io/gml.hpp>
#include <gaus/io/graphml.hpp>
#include <gaus/io/hyperdag.hpp>
#include <gaus/io/json.hpp>
#include <gaus/io/onnx_json.hpp>
#include <gaus/io/psplib.hpp>
#include <gaus/io/read_graph.hpp>
#include <gaus/io/schedule_json.hpp>
#include <gaus/io/write_dot.hpp>
#include <fuzz/checks.hpp>
#include <fuzz/targets.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <istream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

// The readers: any bytes are read, or refused with one line. What was read builds, and where there
// is a writer, it writes what reads as the same.
namespace gaus_fuzz {

/// A text as it reads after it was written to JSON, which holds no bytes that are no UTF-8.
inline std::string through_json(std::string const& text) {
  auto const replace = nlohmann::json::error_handler_t::replace;
  return nlohmann::json::parse(nlohmann::json(text).dump(-1, ' ', false, replace))
      .get<std::string>();
}

/// Writes a description in the native format and reads it back.
inline void check_native(gaus::GraphDescription description) {
  for (auto& name : description.names) name = through_json(name);
  for (auto& resource : description.resources) resource.name = through_json(resource.name);
  std::vector<std::string> classes;
  for (auto const& resource : description.resources) classes.push_back(resource.name);
  std::sort(classes.begin(), classes.end());
  if (std::adjacent_find(classes.begin(), classes.end()) != classes.end()) return;
  std::stringstream text;
  gaus::write_json(text, description);
  check_same(gaus::read_json(text), description);
}

/// Writes a description in DOT, which holds any byte, and reads it back.
inline void check_dot(gaus::GraphDescription const& description) {
  std::stringstream text;
  gaus::write_dot(text, description);
  check_same(gaus::read_dot(text), description);
}

/// Writes the structure as an edge list, where that can hold it, and reads it back.
inline void check_edge_list(gaus::GraphDescription const& description) {
  std::stringstream text;
  auto const written = unless_refused([&] {
    gaus::write_edge_list(text, description);
    return true;
  });
  if (!written) return;
  auto const again = gaus::read_edge_list(text);
  expect(again.operations.size() == description.operations.size(),
         "operations change when they are written and read as an edge list");
  expect(std::equal(again.dependences.begin(), again.dependences.end(),
                    description.dependences.begin(), description.dependences.end(), same_edge),
         "dependences change when they are written and read as an edge list");
}

/// Reads a graph and holds it to everything above.
template <class Read>
void check_graph_reader(std::string_view bytes, Read const& read) {
  auto const description = read_bytes(bytes, read);
  if (!description) return;
  check_description(*description);
  check_native(*description);
  check_dot(*description);
  check_edge_list(*description);
}

inline void aiger(std::string_view bytes) {
  check_graph_reader(bytes, [](std::istream& in) { return gaus::read_aiger(in); });
}

inline void gml(std::string_view bytes) {
  check_graph_reader(bytes, [](std::istream& in) { return gaus::read_gml(in); });
}

/// Both formats: the first character tells them apart.
inline void psplib(std::string_view bytes) {
  check_graph_reader(bytes, [](std::istream& in) { return gaus::read_psplib(in); });
}

inline void edge_list(std::string_view bytes) {
  check_graph_reader(bytes, [](std::istream& in) { return gaus::read_edge_list(in); });
}

inline void hyperdag(std::string_view bytes) {
  check_graph_reader(bytes, [](std::istream& in) { return gaus::read_hyperdag(in); });
  check_graph_reader(bytes, [](std::istream& in) { return gaus::read_edges_or_hyperdag(in); });
}

inline void onnx_json(std::string_view bytes) {
  check_graph_reader(bytes, [](std::istream& in) { return gaus::read_onnx_json(in); });
}

/// By the default table, and by one that refuses unknown labels.
inline void dot(std::string_view bytes) {
  check_graph_reader(bytes, [](std::istream& in) { return gaus::read_dot(in); });
  gaus::OperationTable table;
  table.resources = {{"ADD", 2.0}};
  table.kinds = {{"add", {1, 3, 0}}, {"", {0, 0, -1}}};
  table.other.reset();
  check_graph_reader(bytes, [&](std::istream& in) { return gaus::read_dot(in, {}, table); });
}

/// A graph, behind a line "---" with a resource model before it. Without that line the bytes are
/// read as each of the two.
inline void graphml(std::string_view bytes) {
  constexpr std::string_view line = "\n---\n";
  auto const place = bytes.find(line);
  bool const both = place != std::string_view::npos;
  auto model = read_bytes(both ? bytes.substr(0, place) : bytes,
                          [](std::istream& in) { return gaus::read_resource_model(in); });
  if (model) {
    expect(!model->types.empty(), "a resource model without types");
    for (auto const& type : model->types)
      expect(!type.name.empty() && type.latency >= 0 && type.occupancy >= 1 &&
                 (!type.limit || *type.limit >= 0),
             "a type that no resource model may hold");
  } else {
    model = {{{.name = "Add", .limit = 2.0, .latency = 3, .occupancy = 2},
              {.name = "Mem", .latency = 1}}};
  }
  check_graph_reader(both ? bytes.substr(place + line.size()) : bytes,
                     [&](std::istream& in) { return gaus::read_graphml(in, *model); });
}

/// A graph, and the same bytes as a resource model.
inline void json(std::string_view bytes) {
  check_graph_reader(bytes, [](std::istream& in) { return gaus::read_json(in); });
  auto const model = read_bytes(bytes, [](std::istream& in) {
    std::string const source = "input";
    gaus_schedule::detail::ResourcesFromJson target(source);
    gaus::detail::parse_json(gaus::detail::read_all(in, {.source = source}), source, target);
    return target.finish();
  });
  if (!model) return;
  for (auto const& type : model->types)
    expect(!type.name.empty() && type.latency >= 0 && type.occupancy >= 1 &&
               (!type.limit || (*type.limit >= 0 && std::isfinite(*type.limit))),
           "a type that no resource model may hold");
}

/// A schedule file: what was read can be written, and reads as the same.
inline void schedule_json(std::string_view bytes) {
  auto const first =
      read_bytes(bytes, [](std::istream& in) { return gaus::read_schedule(in, "input"); });
  if (!first) return;
  auto const written = [](gaus::ScheduleFile const& file) {
    std::stringstream text;
    gaus::write_schedule(text, file);
    return text.str();
  };
  std::string const text = written(*first);
  std::istringstream stream(text);
  auto const second = gaus::read_schedule(stream, "input");
  expect(second.start_steps == first->start_steps && second.steps == first->steps &&
             second.seed == first->seed && second.value == first->value &&
             second.terms == first->terms && second.feasible == first->feasible &&
             written(second) == text,
         "a schedule file changes when it is written and read");
}

/// The objective of the program's command line.
inline void expression(std::string_view bytes) {
  std::vector<std::string> const classes{"A", "MUL[0]", "b c"};
  auto const parsed =
      unless_refused([&] { return gaus_schedule::parse_expression(std::string(bytes), classes); });
  if (!parsed) return;
  expect(std::isfinite(parsed->constant), "a constant that is no finite number");
  for (auto const& term : parsed->terms)
    expect(std::isfinite(term.weight) && term.resource < 3, "a term that has no value");
  unless_refused([&] {
    gaus_schedule::check_minimisable(*parsed);
    return true;
  });
}

inline constexpr Target readers[] = {
    {"aiger", aiger},
    {"dot", dot},
    {"edge_list", edge_list},
    {"expression", expression},
    {"gml", gml},
    {"graphml", graphml},
    {"hyperdag", hyperdag},
    {"json", json},
    {"onnx_json", onnx_json},
    {"psplib", psplib},
    {"schedule_json", schedule_json},
};

}  // namespace gaus_fuzz

#endif
