// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_QUALITY_LOOPS_HPP
#define GAUS_BENCH_QUALITY_LOOPS_HPP

#include <gaus/detail/open_interval.hpp>
#include <gaus/graph/initiation_interval.hpp>
#include <gaus/graph/loops.hpp>
#include <gaus/graph/random.hpp>
#include <gaus/io/aiger.hpp>
#include <gaus/io/file.hpp>
#include <gaus/io/gml.hpp>
#include <gaus/io/graphml.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/pipeline.hpp>
#include <gaus/schedule/iterative_modulo.hpp>
#include <gaus/schedule/refine.hpp>
#include <gaus/schedule/swing_modulo.hpp>
#include <quality/arguments.hpp>
#include <quality/figures.hpp>
#include <quality/files.hpp>
#include <quality/known.hpp>
#include <quality/loop_table.hpp>
#include <quality/solving.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <ostream>
#include <regex>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

// --family loops: the loops of HLS programs, with their resource models. --family generated: circuits
// (latency 1) and random workloads (latency 1, sizes 1), each with random recurrences and two scarce
// classes; known as generated/NAME/SEED.
namespace gaus_quality {

/// A loop to be read.
struct LoopSource {
  File file;
  std::optional<std::uint64_t> seed{};  ///< of recurrences and classes; none: as the file has it
};

inline std::vector<LoopSource> find_loops(std::string const& family, std::string const& only) {
  bool const generated = family == "generated";
  Holds const holds = generated ? "epfl/{router,i2c,adder,sin,max}.aig or "
                                  "rw/rand_graph_{sparse_1000_1,1000_1}.gml"
                                : "modulo/{chstone,machsuite,origami}/**.graphml";
  auto const folder = benchmark_folder(holds);
  auto const pattern = pattern_of(only);
  std::vector<LoopSource> all;
  if (!generated)
    for (char const* const part : {"modulo/chstone", "modulo/machsuite", "modulo/origami"})
      for (auto& file : find_below(folder, part, {".graphml"}, pattern))
        all.push_back({std::move(file)});
  for (char const* const place :
       {"epfl/router.aig", "epfl/i2c.aig", "epfl/adder.aig", "epfl/max.aig", "epfl/sin.aig",
        "rw/rand_graph_sparse_1000_1.gml", "rw/rand_graph_1000_1.gml"}) {
    auto const path = folder / place;
    if (!generated || !std::filesystem::exists(path)) continue;
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      std::string const name = "generated/" + path.stem().string() + "/" + std::to_string(seed);
      if (std::regex_search(name, pattern)) all.push_back({{name, place, path}, seed});
    }
  }
  if (all.empty()) fail_empty(folder, holds, only);
  return all;
}

inline gaus::GraphDescription read(LoopSource const& source) {
  auto const& path = source.file.path;
  if (!source.seed) return gaus::read_graphml(path);
  gaus::ReadOptions const options{.source = path.string(), .latency = 1};
  std::istringstream stream(gaus::read_file(path));
  bool const circuit = path.extension() == ".aig";
  auto description = circuit ? gaus::read_aiger(stream, options) : gaus::read_gml(stream, options);
  if (!circuit)
    for (auto& operation : description.operations) operation.size = 1;
  gaus::add_recurrences(description, {.seed = *source.seed});
  gaus::add_two_classes(description, {.seed = *source.seed});
  return description;
}

namespace detail {

/// One loop: gaus, and the classical schedulers beside it.
class LoopRun {
 public:
  LoopRun(LoopSource const& source, KnownValue const& known, Arguments const& arguments)
      : arguments_(arguments),
        description_(read(source)),
        graph_(gaus::build_graph(description_)),
        limits_(description_.limits()) {
    row_.graph = source.file.name;
    row_.operations = graph_.num_operations();
    row_.best_known = known.best;
    row_.known_bound = known.lower_bound;
  }

  LoopRow run() {
    row_.minimum = gaus::initiation_interval(graph_, limits_, &description_).interval;
    pipeline();
    alone();
    if (row_.interval) refined();
    return std::move(row_);
  }

 private:
  void blame(std::string const& who, std::string const& what) {
    if (!what.empty()) row_.faults.push_back(who + ": " + what);
  }
  [[nodiscard]] std::string fault(Judge const& judge, std::vector<int> const& start) const {
    return judge.fault(start, limits_, &description_);
  }
  /// A judge of a schedule that takes as long as it takes.
  [[nodiscard]] Judge judge_of(std::vector<int> const& start, int interval) const {
    return {graph_, gaus::detail::length_of(graph_, start), interval};
  }
  static double memory(Judge const& judge, std::vector<int> const& start) {
    return gaus::MemoryFootprint{}.exact(judge.problem, std::span<int const>(start));
  }

  void pipeline() {
    gaus::PipelineOptions options;
    options.seed = arguments_.seed;
    options.time_limit = arguments_.time_limit;
    options.names = &description_;
    Clock const clock(arguments_.time_limit);
    gaus::PipelineResult result;
    try {
      result = with_graph(description_, graph_, [&](auto const& graph) {
        return gaus::pipeline(Space{}, graph, gaus::MemoryFootprint{}, limits_, options);
      });
    } catch (gaus::Infeasible const& error) {  // of the time limit, as no interval was asked for
      row_.seconds = clock.seconds();
      row_.note = error.what();
      return;
    }
    int const interval = result.schedule.initiation_interval;
    row_.interval = interval;
    row_.minimal = result.interval_is_minimal;
    row_.steps = result.schedule.steps;
    row_.bound = result.lower_bound;
    row_.seconds = result.seconds;
    row_.interval_seconds = result.trace.empty() ? result.seconds : result.trace.front().seconds;
    auto const& start = result.schedule.start_steps;
    Judge const judge(graph_, row_.steps, interval);
    blame("gaus", fault(judge, start));
    row_.memory = memory(judge, start);
    if (row_.memory != result.value)
      blame("gaus", "illegal: the memory is " + text(row_.memory) + ", not " + text(result.value));
  }

  /// The least interval from MII upward at which iterative and swing modulo scheduling succeed.
  void alone() {
    int const last = gaus::detail::largest_interval(graph_, row_.minimum, 0);
    auto const ascend = [&](std::string const& name, auto const& method) -> std::optional<int> {
      Clock const clock(arguments_.time_limit);
      for (int interval = row_.minimum; interval <= last && clock.within(); ++interval) {
        auto const start = method(interval, clock);
        if (!start) continue;
        blame(name, fault(judge_of(*start, interval), *start));
        return interval;
      }
      return {};
    };
    row_.iterative = ascend("iterative", [&](int interval, Clock const& clock) {
      return gaus::iterative_modulo(graph_, limits_, interval, {.seed = arguments_.seed},
                                    [&] { return clock.within(); });
    });
    row_.swing = ascend("swing", [&](int interval, Clock const&) {
      return gaus::swing_modulo(graph_, limits_, interval);
    });
  }

  /// Iterative modulo scheduling at gaus' interval, and one annealing of the folded memory after
  /// another from there, on one thread, for as long as gaus took and a second at least.
  void refined() {
    Clock const clock(std::max(row_.seconds, std::min(1.0, arguments_.time_limit)));
    auto const first = gaus::iterative_modulo(
        graph_, limits_, *row_.interval, {.seed = arguments_.seed}, [&] { return clock.within(); });
    if (!first) return;
    row_.iterative_memory = memory(judge_of(*first, *row_.interval), *first);
    int const length = gaus::detail::length_of(graph_, *first);
    Judge const judge(graph_, std::max(row_.steps, length), *row_.interval);
    blame("iterative", fault(judge, *first));
    // The bound is for schedules of gaus' steps.
    double const bound = length <= row_.steps ? row_.bound : 0;
    gaus::CostModel model;
    gaus::MemoryFootprint{}.describe(model, 1);
    gaus::Refiner<gaus::HostGraph> refiner(judge.problem, judge.system, judge.bounds, model,
                                           limits_);
    auto best = *first;
    double least = *row_.iterative_memory;
    auto const moves =
        static_cast<std::int64_t>(std::clamp(60.0 * graph_.num_operations(), 1e5, 2e7));
    for (std::uint64_t round = 0; clock.within() && least > bound; ++round) {
      auto trial = best;
      double const value =
          refiner.anneal(trial, gaus::varied_refine_options(1000 * arguments_.seed + round, moves),
                         [&] { return clock.within(); });
      if (value >= least) continue;
      least = value;
      best = std::move(trial);
    }
    blame("iterative, refined", fault(judge, best));
    row_.refined_memory = memory(judge, best);
    if (*row_.refined_memory < bound)
      blame("gaus", "contradiction: the bound " + text(bound) + " is above the memory " +
                        text(*row_.refined_memory) + " of iterative, refined");
  }

  Arguments const& arguments_;
  gaus::GraphDescription description_;
  gaus::HostGraph graph_;
  Limits limits_;
  LoopRow row_;
};

}  // namespace detail

/// Writes the table. Whether all is legal and agrees with what is known.
inline bool run_loops(std::ostream& out, Arguments const& arguments) {
  auto const sources = find_loops(arguments.family, arguments.only);
  KnownValues const known(benchmark_folder(""));
  LoopTable table(out);
  for (auto const& source : sources) {
    auto const value = source.seed
                           ? KnownValue{}
                           : known.find(source.file.place, "initiation interval II (integer)");
    table.add(detail::LoopRun(source, value, arguments).run());
  }
  bool const sound = table.summarise();
  write_setting(out, arguments);
  if (!arguments.csv.empty())
    gaus::write_file_atomically(arguments.csv,
                                [&](std::ostream& stream) { table.write_csv(stream); });
  return sound;
}

}  // namespace gaus_quality

#endif
