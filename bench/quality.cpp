// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/file.hpp>
#include <gaus/io/reader.hpp>
#include <gaus/schedule.hpp>
#include <quality/instances.hpp>
#include <quality/objective.hpp>
#include <quality/peers.hpp>
#include <quality/table.hpp>

#include <Kokkos_Core.hpp>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

// How good are the schedules? gaus and its peers over the shared benchmarks, each with the same time
// limit: a table in Markdown, and its numbers as CSV.
namespace {

using namespace gaus_quality;

constexpr char const* usage =
    "usage: gaus_quality [--time-limit SECONDS] [--only REGEX] [--seed N] [--threads N]\n"
    "                    [--csv FILE]\n"
    "Schedules the graphs below GAUS_BENCHMARK_DATA whose names (epfl/ctrl) REGEX finds, by gaus\n"
    "and by its peers; each has SECONDS (default 10) a graph and objective.\n";

struct Arguments {
  double time_limit = 10;
  std::string only;
  std::uint64_t seed = 0;
  int threads = 1;
  std::string csv;
  bool help = false;
};

template <class Number>
void parse(std::string const& option, std::string const& text, Number least, Number& value) {
  if (!gaus::detail::parse_number(text, value) || value < least)
    throw gaus::InvalidInput(option + " " + text + " is not a number of at least " +
                             std::to_string(least));
}

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int k = 1; k < argc; ++k) {
    std::string const option = argv[k];
    if (option == "--help" || option == "-h") {
      arguments.help = true;
      continue;
    }
    bool known = false;
    for (char const* const name : {"--time-limit", "--only", "--seed", "--threads", "--csv"})
      known = known || option == name;
    if (!known) throw gaus::InvalidInput("unknown option " + option + "\n" + usage);
    if (++k == argc) throw gaus::InvalidInput(option + " needs a value\n" + usage);
    std::string const value = argv[k];
    if (option == "--time-limit") parse(option, value, 1e-3, arguments.time_limit);
    if (option == "--seed") parse(option, value, std::uint64_t{0}, arguments.seed);
    if (option == "--threads") parse(option, value, 1, arguments.threads);
    if (option == "--only") arguments.only = value;
    if (option == "--csv") arguments.csv = value;
  }
  return arguments;
}

/// A table of illegal schedules would be worth nothing.
void require_legal(Instance const& instance, std::string const& what,
                   std::vector<int> const& start) {
  auto const violations = gaus::verify(instance.problem, start);
  if (!violations.empty())
    throw std::runtime_error(what + ": the schedule is illegal: " + violations.front().text);
}

Row run(Source const& source, Instance const& instance, Goal const& goal,
        Arguments const& arguments) {
  using Space = Kokkos::DefaultExecutionSpace;
  gaus::Options options;
  options.steps = instance.steps;
  options.seed = arguments.seed;
  options.time_limit = arguments.time_limit;
  auto const solve = [&](auto const& graph) {
    return gaus::schedule<float>(Space{}, graph, goal.objective, options);
  };
  gaus::SolveResult result;
  if constexpr (std::is_same_v<Space::memory_space, Kokkos::HostSpace>)
    result = solve(instance.graph);
  else
    result = solve(gaus::build_graph<Space::memory_space>(instance.description));

  Row row;
  row.graph = source.name;
  row.operations = instance.graph.num_operations();
  row.steps = instance.steps;
  row.goal = goal.name;
  row.expression = goal.expression;
  row.lower_bound = result.lower_bound;
  row.seconds = result.seconds;
  std::string const what = row.graph + ", " + row.expression + ", ";
  require_legal(instance, what + "gaus", result.schedule.start_steps);
  row.value = goal.objective.exact(instance.problem, result.schedule.start_steps);
  row.peers =
      Peers(instance, goal.objective, arguments.time_limit, arguments.seed, row.lower_bound).run();
  for (auto const& peer : row.peers) {
    require_legal(instance, what + peer.name, peer.start);
    if (peer.value < row.lower_bound - 1e-6 * std::abs(row.lower_bound))
      throw std::runtime_error(what + peer.name + ": the value " + std::to_string(peer.value) +
                               " is below the lower bound " + std::to_string(row.lower_bound));
  }
  return row;
}

void run(Arguments const& arguments) {
  std::vector<Row> rows;
  MarkdownTable table(std::cout);
  for (auto const& source : find_sources(arguments.only)) {
    auto const instance = make_instance(source);
    for (auto const& goal : goals(source.family)) {
      rows.push_back(run(source, instance, goal, arguments));
      table.add(rows.back());
      for (auto& peer : rows.back().peers) peer.start = {};
    }
  }
  write_summary(std::cout, rows);
  Kokkos::DefaultExecutionSpace const exec;
  std::cout << "\nA = 100*usage + communication, B = memory, units = usage[MUL] + usage[ALU]. "
            << exec.name() << ", concurrency " << exec.concurrency()
            << ", gaus with a host thread more for bounds; " << arguments.time_limit
            << " s each, seed " << arguments.seed << ".\n";
  if (arguments.csv.empty()) return;
  gaus::write_file_atomically(arguments.csv,
                              [&](std::ostream& stream) { write_csv(stream, rows); });
}

}  // namespace

int main(int argc, char** argv) {
  try {
    auto const arguments = parse(argc, argv);
    if (arguments.help) {
      std::fputs(usage, stdout);
      return 0;
    }
    Kokkos::InitializationSettings settings;
    settings.set_num_threads(arguments.threads);
    Kokkos::ScopeGuard const kokkos(settings);
    run(arguments);
    return 0;
  } catch (std::exception const& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
