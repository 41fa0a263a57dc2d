// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_QUALITY_PROJECTS_HPP
#define GAUS_BENCH_QUALITY_PROJECTS_HPP

#include <gaus/error.hpp>
#include <gaus/io/dot.hpp>
#include <gaus/io/file.hpp>
#include <gaus/io/psplib.hpp>
#include <gaus/objective/makespan.hpp>
#include <gaus/schedule.hpp>
#include <gaus/schedule/cost.hpp>
#include <quality/arguments.hpp>
#include <quality/files.hpp>
#include <quality/known.hpp>
#include <quality/project_table.hpp>
#include <quality/solving.hpp>

#include <filesystem>
#include <ostream>
#include <regex>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

// --family projects: the least makespan of PSPLIB and ProGen/max. --family units: of data-flow graphs
// with the counts of multipliers and ALUs for which known_values.csv has the least latency.
namespace gaus_quality {

/// A project to be read.
struct ProjectSource {
  File file;
  KnownValue known;
  int multipliers = 0;  ///< of a data-flow graph
  int alus = 0;
};

inline std::vector<ProjectSource> find_projects(std::string const& only) {
  constexpr Holds holds = "psplib/{j30,j60,j90,j120}/*.sm or rcpsp-max/**.sch";
  auto const folder = benchmark_folder(holds);
  auto const pattern = pattern_of(only);
  KnownValues const known(folder);
  std::vector<ProjectSource> all;
  for (char const* const part :
       {"psplib/j30", "psplib/j60", "psplib/j90", "psplib/j120", "rcpsp-max"})
    for (auto& file : find_below(folder, part, {".sm", ".sch"}, pattern))
      all.push_back({file, known.find(file.place, "makespan")});
  if (all.empty()) fail_empty(folder, holds, only);
  return all;
}

inline std::vector<ProjectSource> find_units(std::string const& only) {
  constexpr Holds holds = "dfg/*.dot with counts of units in known_values.csv";
  auto const folder = benchmark_folder(holds);
  auto const pattern = pattern_of(only);
  std::regex const counts("latency with ([0-9]{1,6}) MUL \\+ ([0-9]{1,6}) ALU units.*");
  std::vector<ProjectSource> all;
  KnownValues const values(folder);
  for (auto const& known : values.all()) {
    std::smatch match;
    std::filesystem::path const place = known.instance;
    auto const name = (place.parent_path() / place.stem()).generic_string();
    if (place.extension() != ".dot" || !std::filesystem::exists(folder / place) ||
        !std::regex_search(name, pattern) || !std::regex_match(known.objective, match, counts))
      continue;
    all.push_back({{name, known.instance, folder / place},
                   known,
                   std::stoi(match[1].str()),
                   std::stoi(match[2].str())});
  }
  if (all.empty()) fail_empty(folder, holds, only);
  return all;
}

inline gaus::GraphDescription read(ProjectSource const& source) {
  gaus::ReadOptions const options{.source = source.file.path.string()};
  std::istringstream stream(gaus::read_file(source.file.path));
  if (source.file.path.extension() != ".dot") return gaus::read_psplib(stream, options);
  auto description = gaus::read_dot(stream, options);  // multiplications take two steps
  for (auto& resource : description.resources)
    resource.limit = resource.name == "MUL" ? source.multipliers : source.alus;
  return description;
}

inline ProjectRow project_row(ProjectSource const& source, Arguments const& arguments) {
  auto const description = read(source);
  auto const graph = gaus::build_graph(description);
  auto const limits = description.limits();
  ProjectRow row;
  row.project = source.file.name;
  row.operations = graph.num_operations();
  row.known = source.known;
  if (source.multipliers + source.alus > 0)
    row.note = std::to_string(source.multipliers) + " MUL, " + std::to_string(source.alus) + " ALU";

  gaus::Options options;
  options.seed = arguments.seed;
  options.time_limit = arguments.time_limit;
  Clock const clock(arguments.time_limit);
  gaus::SolveResult result;
  try {
    result = with_graph(description, graph, [&](auto const& own) {
      using Limit = gaus::ResourceLimit<Space::memory_space>;
      return gaus::schedule(Space{}, own, gaus::Makespan{}, gaus::Constraints{Limit(limits)},
                            options);
    });
  } catch (gaus::Infeasible const& error) {
    row.seconds = clock.seconds();
    row.note = error.what();
    row.infeasible = row.note.starts_with("no schedule exists");  // else: none was found in time
    return row;
  }
  row.seconds = result.seconds;
  row.bound = result.lower_bound;
  auto const& start = result.schedule.start_steps;
  Judge const judge(graph, result.schedule.steps);
  auto const fault = judge.fault(start, limits, &description);
  if (!fault.empty()) row.faults.push_back(fault);
  row.value = gaus::makespan(judge.problem, std::span<int const>(start));
  if (*row.value != result.value)
    row.faults.push_back("illegal: the makespan is " + std::to_string(*row.value) + ", not " +
                         detail::text(result.value));
  return row;
}

/// Writes the table. Whether all is legal and agrees with what is known.
inline bool run_projects(std::ostream& out, Arguments const& arguments) {
  auto const sources =
      arguments.family == "units" ? find_units(arguments.only) : find_projects(arguments.only);
  ProjectTable table(out);
  for (auto const& source : sources) table.add(project_row(source, arguments));
  bool const sound = table.summarise();
  write_setting(out, arguments);
  if (!arguments.csv.empty())
    gaus::write_file_atomically(arguments.csv,
                                [&](std::ostream& stream) { table.write_csv(stream); });
  return sound;
}

}  // namespace gaus_quality

#endif
