// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_QUALITY_INSTANCES_HPP
#define GAUS_BENCH_QUALITY_INSTANCES_HPP

#include <gaus/graph/builder.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/io/aiger.hpp>
#include <gaus/io/dot.hpp>
#include <gaus/io/file.hpp>
#include <gaus/io/gml.hpp>
#include <gaus/problem.hpp>
#include <gaus_schedule/gzip.hpp>
#include <quality/files.hpp>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

// The graphs of the table, from the folder that GAUS_BENCHMARK_DATA names:
//
//   epfl/*.aig        circuits of the EPFL suite, latency 1, as many steps as the critical path
//   rw/*.gml[.gz]     random workloads, latency 0 (chaining), 10 steps
//   dfg/*.dot         data-flow graphs of MediaBench, two steps a multiplication, critical path
namespace gaus_quality {

enum class Family { epfl, rw, dfg };

/// A file of the table.
struct Source {
  Family family;
  std::string name;  ///< family and file without its endings: "epfl/ctrl"
  std::filesystem::path path;
};

/// A graph with its steps, on the host.
struct Instance {
  gaus::GraphDescription description;
  gaus::HostGraph graph;
  gaus::DifferenceSystem system;
  int steps = 0;
  gaus::StepBounds bounds;
  gaus::Problem<gaus::HostGraph> problem;
};

/// Every file whose name ("epfl/ctrl") the pattern finds, by family and name. Throws
/// gaus::InvalidInput when GAUS_BENCHMARK_DATA is unset or holds no such file.
inline std::vector<Source> find_sources(std::string const& only) {
  constexpr Holds holds = "epfl/*.aig, rw/*.gml[.gz] or dfg/*.dot";
  auto const folder = benchmark_folder(holds);
  auto const pattern = pattern_of(only);
  std::vector<Source> all;
  for (auto const& [family, below, ending] :
       {std::tuple(Family::epfl, "epfl", ".aig"), std::tuple(Family::rw, "rw", ".gml"),
        std::tuple(Family::dfg, "dfg", ".dot")}) {
    std::error_code error;
    for (auto const& entry : std::filesystem::directory_iterator(folder / below, error)) {
      auto plain = entry.path();
      if (plain.extension() == ".gz") plain.replace_extension();
      if (plain.extension() != ending) continue;
      std::string const name = std::string(below) + "/" + plain.stem().string();
      if (std::regex_search(name, pattern)) all.push_back({family, name, entry.path()});
    }
  }
  if (all.empty()) fail_empty(folder, holds, only);
  std::sort(all.begin(), all.end(), [](Source const& a, Source const& b) {
    return std::tie(a.family, a.name) < std::tie(b.family, b.name);
  });
  return all;
}

inline gaus::GraphDescription read(Source const& source) {
  gaus::ReadOptions const options{.source = source.path.string(),
                                  .latency = source.family == Family::rw ? 0 : 1};
  std::istringstream stream(source.path.extension() == ".gz"
                                ? gaus_schedule::unpack_gzip(options.source, options.max_bytes)
                                : gaus::read_file(source.path));
  switch (source.family) {
    case Family::epfl:
      return gaus::read_aiger(stream, options);
    case Family::rw:
      return gaus::read_gml(stream, options);
    case Family::dfg:
      return gaus::read_dot(stream, options);
  }
  return {};
}

inline Instance make_instance(Source const& source) {
  constexpr int steps_of_rw = 10;
  Instance instance;
  instance.description = read(source);
  instance.graph = gaus::build_graph(instance.description);
  instance.system = gaus::make_difference_system(instance.graph);
  instance.steps =
      source.family == Family::rw
          ? steps_of_rw
          : gaus::critical_path(instance.system, gaus::earliest_steps(instance.system));
  instance.bounds = gaus::step_bounds(instance.system, instance.steps);
  instance.problem =
      gaus::make_problem(instance.graph, instance.graph, instance.steps, instance.bounds);
  return instance;
}

}  // namespace gaus_quality

#endif
