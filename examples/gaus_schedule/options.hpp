// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_OPTIONS_HPP
#define GAUS_SCHEDULE_OPTIONS_HPP

#include "expression.hpp"
#include "input.hpp"
#include <gaus/error.hpp>
#include <gaus/io/reader.hpp>
#include <gaus/version.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iostream>
#include <iterator>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace gaus_schedule {

/// In the order of --compare.
inline constexpr char const* method_names[] = {
    "asap", "alap", "list", "force-directed", "min-lifetime", "annealing", "gaus"};

/// The same beside --initiation-interval.
inline constexpr char const* pipeline_method_names[] = {"iterative-modulo", "swing-modulo", "gaus"};

/// What --plot draws.
enum class Picture { page, profile, gantt, convergence, reservation, front };

/// One --plot: a picture and where it goes.
struct Plot {
  Picture picture = Picture::page;
  std::string file;
};

/// What the command line says.
struct Options {
  std::optional<std::string> input;     ///< none: the bundled one
  std::optional<std::string> minimize;  ///< none: default_objective, default_pipeline_objective
  std::optional<int> steps;
  std::optional<int> initiation_interval;  ///< none: a plain schedule; 0: the least that is found
  std::string resources;                   ///< file of a resource model; empty: none
  std::vector<std::string> limits;         ///< each "CLASS=N"
  std::optional<double> slack;
  std::optional<int> latency;
  std::optional<double> clock_ns;   ///< none: no chaining
  std::vector<std::string> delays;  ///< each "NS" or "LABEL=NS"
  std::string method = "gaus";
  std::string start;  ///< a file or the name of a schedule; empty: none
  std::uint64_t seed = 0;
  double time_limit = 0;
  std::int64_t iterations = 0;
  std::optional<int> threads;
  std::string output;
  std::string trace;
  std::string verify;
  std::optional<std::string> pareto;  ///< "FIRST:SECOND"
  std::vector<Plot> plots;
  std::string pipeline_listing;
  std::string lifetimes;
  std::string buffers;
  std::string convert;  ///< write the input here and do no more
  std::string export_model;
  bool explain = false;
  bool compare = false;
  bool quiet = false;

  /// Of operations that state none; under a clock they chain.
  [[nodiscard]] int default_latency() const { return latency.value_or(clock_ns ? 0 : 1); }
};

inline constexpr char const* default_objective = "100*usage + communication";
inline constexpr char const* default_pipeline_objective = "memory";  ///< registers

/// The formats of --export, by the ending of the file.
enum class ExportFormat { lp, cp_sat };

/// Throws gaus::InvalidInput for an ending that stands for none.
inline ExportFormat export_format(std::string const& name) {
  if (name.ends_with(".lp")) return ExportFormat::lp;
  if (name.ends_with(".pbtxt")) return ExportFormat::cp_sat;
  gaus::detail::fail("--export",
                     gaus::detail::in_quotes(name) + " ends neither with .lp nor with .pbtxt");
}

namespace detail {

/// The number that an option was given, within [low, high]; wanted says so in words.
template <class Number>
Number option_number(std::string const& name, std::string const& text, std::string const& wanted,
                     Number low, Number high = std::numeric_limits<Number>::max()) {
  Number value{};
  if (!gaus::detail::parse_number(text, value) || value < low || value > high)
    gaus::detail::fail(name, gaus::detail::in_quotes(text) + " is not " + wanted);
  return value;
}

/// Reads "FILE" or "PICTURE:FILE".
inline Plot parse_plot(std::string const& text) {
  static constexpr std::pair<char const*, Picture> pictures[] = {
      {"profile", Picture::profile},
      {"gantt", Picture::gantt},
      {"convergence", Picture::convergence},
      {"reservation", Picture::reservation},
      {"front", Picture::front}};
  Plot plot{Picture::page, text};
  auto const colon = text.find(':');
  // A folder before the colon makes it part of a name.
  if (colon != std::string::npos && text.find('/') > colon) {
    auto const kind = text.substr(0, colon);
    std::vector<std::string> known;
    for (auto const& [name, picture] : pictures) {
      known.emplace_back(name);
      if (kind == name) plot = {picture, text.substr(colon + 1)};
    }
    if (plot.picture == Picture::page)
      gaus::detail::fail("--plot", "unknown picture " + gaus::detail::in_quotes(kind) +
                                       " (known: " + list_text(known, " ") + "; ./" + text +
                                       " is a file of that name)");
  }
  if (plot.file.empty()) gaus::detail::fail("--plot", "the name is empty");
  return plot;
}

/// A picture must be one of its kind of run.
inline void check_plots(Options const& o) {
  for (auto const& plot : o.plots) {
    if (plot.picture == Picture::page) continue;
    if (o.pareto && plot.picture != Picture::front)
      gaus::detail::fail("--plot", "beside --pareto the one picture is front");
    if (!o.pareto && plot.picture == Picture::front)
      gaus::detail::fail("--plot", "front has a meaning only beside --pareto");
  }
}

/// The method must be one of its kind of schedule.
inline void check_method(Options const& o) {
  bool const pipelined = o.initiation_interval.has_value();
  std::vector<std::string> known;
  if (pipelined)
    known.assign(std::begin(pipeline_method_names), std::end(pipeline_method_names));
  else
    known.assign(std::begin(method_names), std::end(method_names));
  if (std::find(known.begin(), known.end(), o.method) != known.end()) return;
  std::rotate(known.begin(), known.end() - 1, known.end());  // gaus first
  gaus::detail::fail("--method", "unknown method " + gaus::detail::in_quotes(o.method) +
                                     (pipelined ? " of pipelines (known: " : " (known: ") +
                                     list_text(known, " ") + ")");
}

/// Every format that the program reads and writes.
inline void print_formats(std::ostream& out) {
  auto const line = [&](std::string const& extensions, std::string const& text) {
    constexpr std::size_t width = 18;
    out << extensions
        << std::string(std::max(width, extensions.size() + 2) - extensions.size(), ' ') << text
        << "\n";
  };
  for (auto const& format : input_formats())
    line(gaus::list_extensions({format}), format.description + (format.write ? "; --convert" : ""));
  line(".*.gz", "each of these, unpacked by gzip");
  out << "\nWritten beside graphs:\n";
  line(".json", "schedule or front: --output");
  line(".csv", "improvements: --trace; lifetimes of values: --lifetimes; MiniMalloc: --buffers");
  line(".svg", "profiles, Gantt chart, convergence, reservation table or front: --plot");
  line(".txt", "pipeline: --pipeline-listing");
  line(".lp .sol .pbtxt", "linear or CP-SAT model with a start: --export");
}

inline std::string help_footer() {
  return "EXPR is a sum of weights times usage, usage[CLASS], memory, lifetime, communication and\n"
         "makespan, with + - * / and parentheses.\n\n"
         "Exit status: 0 done, 1 bad input or usage, 2 no schedule exists, 3 verification failed.";
}

}  // namespace detail

/// Reads the command line. None: the program has said what was asked and is done. Throws
/// gaus::InvalidInput.
inline std::optional<Options> parse_options(int argc, char const* const* argv) {
  Options o;
  std::string steps, slack, interval, latency, clock, seed, time_limit, iterations, threads;
  std::vector<std::string> plots;
  bool version = false;
  bool formats = false;
  CLI::App app("Schedules the operations of a dependence graph: the least cost within the steps.",
               "gaus_schedule");
  app.add_option(
         "INPUT", o.input,
         "Graph by its extension (--list-formats), also .gz; without one a 16-tap FIR filter")
      ->type_name("");
  app.add_option("--minimize", o.minimize,
                 std::string("What to minimise, default \"") + default_objective +
                     "\", pipelined \"" + default_pipeline_objective + "\"")
      ->type_name("EXPR");
  app.add_option("--steps", steps, "Steps that the schedule may take")->type_name("N");
  app.add_option("--slack", slack, "Steps as a factor on the critical path, default 1.0")
      ->type_name("F");
  app.add_option("--initiation-interval", interval,
                 "Pipeline a loop: an iteration starts every N steps; auto: as often as possible")
      ->type_name("N|auto");
  app.add_option("--resources", o.resources,
                 "Classes with limits: .xml (operator types of .graphml) or .json")
      ->type_name("FILE");
  app.add_option("--limit", o.limits, "Units of a class at once; once for each class")
      ->type_name("CLASS=N")
      ->allow_extra_args(false);
  app.add_option(
         "--latency", latency,
         "Latency of operations that state none, default 1; .dot .sm .sch .graphml state it")
      ->type_name("N");
  app.add_option("--clock", clock,
                 "Clock period in ns: operations chain within it; --latency is then 0 by default")
      ->type_name("NS");
  app.add_option("--delay", o.delays,
                 "Delay in ns of operations that state none, or of a label of .dot")
      ->type_name("NS|LABEL=NS")
      ->allow_extra_args(false);
  app.add_option(
         "--method", o.method,
         "gaus, asap, alap, list, force-directed, min-lifetime, annealing; of pipelines: gaus, "
         "iterative-modulo, swing-modulo")
      ->type_name("NAME");
  app.add_option("--start", o.start,
                 "Schedule to improve on: a file of --output, midpoint or a classical method")
      ->type_name("FILE|NAME");
  app.add_option("--seed", seed, "Seed of the random numbers, default 0")->type_name("N");
  app.add_option("--time-limit", time_limit,
                 "Seconds; without a limit: until it stalls, at most 10")
      ->type_name("S");
  app.add_option("--iterations", iterations, "Limit that repeats bit for bit")->type_name("N");
  app.add_option("--threads", threads, "Threads, default OMP_NUM_THREADS or 1")->type_name("N");
  app.add_option("--output", o.output, "Write the schedule here")->type_name("FILE.json");
  app.add_option("--trace", o.trace, "Write the improvements here: seconds,iteration,value")
      ->type_name("FILE.csv");
  app.add_option("--verify", o.verify, "Judge this schedule instead of making one")
      ->type_name("FILE.json");
  app.add_option("--pareto", o.pareto, "Two goals against each other, each an EXPR; B may be steps")
      ->type_name("A:B");
  app.add_option("--plot", plots,
                 "Draw a page of pictures here, or with PICTURE: one of profile, gantt, "
                 "convergence, reservation; beside --pareto the front; may be repeated")
      ->type_name("[PICTURE:]FILE.svg")
      ->allow_extra_args(false);
  app.add_option("--pipeline-listing", o.pipeline_listing,
                 "Write prologue, kernel, epilogue and reservation table of a pipeline here")
      ->type_name("FILE.txt");
  app.add_option("--lifetimes", o.lifetimes,
                 "Write the lifetimes of all values here, for the allocation of registers")
      ->type_name("FILE.csv");
  app.add_option("--buffers", o.buffers,
                 "Write the values here as buffers for MiniMalloc: id,lower,upper,size")
      ->type_name("FILE.csv");
  app.add_option("--convert", o.convert, "Write the input here, in another format, and do no more")
      ->type_name("FILE");
  app.add_option("--export", o.export_model,
                 "Problem and start for an exact solver: .lp with its .sol, or .pbtxt (CP-SAT)")
      ->type_name("FILE");
  app.add_flag("--explain", o.explain, "Say what binds the value, beside the report");
  app.add_flag("--compare", o.compare, "Run every method and print one table");
  app.add_flag("--quiet", o.quiet, "Print errors alone");
  app.add_flag("--list-formats", formats, "Print the formats of INPUT");
  app.add_flag("--version", version, "Print the version");
  app.footer(detail::help_footer());

  try {
    app.parse(argc, argv);
  } catch (CLI::CallForHelp const&) {
    std::cout << app.help();
    return {};
  } catch (CLI::ParseError const& error) {
    throw gaus::InvalidInput(std::string(error.what()) + " (--help lists the options)");
  }
  if (version) std::cout << "gaus " GAUS_VERSION_STRING "\n";
  if (formats) detail::print_formats(std::cout);
  if (version || formats) return {};

  auto const given = [&](char const* name) { return app.count(name) > 0; };
  auto const natural = [](char const* name, std::string const& text, int low, int high) {
    return detail::option_number<int>(
        name, text, "an integer " + std::to_string(low) + ".." + std::to_string(high), low, high);
  };
  constexpr int any = std::numeric_limits<int>::max();
  constexpr int most_threads = 1024;
  if (given("--steps")) o.steps = natural("--steps", steps, 0, any);
  if (given("--initiation-interval"))
    o.initiation_interval =
        interval == "auto"
            ? 0
            : detail::option_number<int>("--initiation-interval", interval,
                                         "an integer >= 1 or auto", 1, gaus::detail::max_steps);
  if (given("--latency")) o.latency = natural("--latency", latency, 0, any);
  if (given("--clock"))
    o.clock_ns = detail::option_number<double>("--clock", clock, "a number of ns > 0",
                                               std::numeric_limits<double>::min());
  if (given("--delay") && !given("--clock") && !given("--verify"))
    gaus::detail::fail("--delay", "has a meaning only beside --clock");
  if (given("--threads")) o.threads = natural("--threads", threads, 1, most_threads);
  if (given("--slack"))
    o.slack = detail::option_number<double>("--slack", slack, "a number 1..1000000", 1.0, 1e6);
  if (given("--seed"))
    o.seed = detail::option_number<std::uint64_t>("--seed", seed, "an integer 0..2^64-1", 0);
  if (given("--time-limit"))
    o.time_limit = detail::option_number<double>(
        "--time-limit", time_limit, "a number of seconds > 0", std::numeric_limits<double>::min());
  if (given("--iterations"))
    o.iterations =
        detail::option_number<std::int64_t>("--iterations", iterations, "an integer >= 1", 1);
  for (char const* const name :
       {"--output", "--trace", "--verify", "--start", "--pipeline-listing", "--lifetimes",
        "--buffers", "--convert", "--export", "--resources"})
    if (given(name) && app.get_option(name)->as<std::string>().empty())
      gaus::detail::fail(name, "the name is empty");
  for (auto const& text : plots) o.plots.push_back(detail::parse_plot(text));
  detail::check_plots(o);
  detail::check_method(o);
  if (given("--steps") && given("--slack"))
    throw gaus::InvalidInput("--steps and --slack exclude each other");
  auto const exclude = [&](char const* with, std::initializer_list<char const*> names,
                           char const* why) {
    for (char const* const name : names)
      if (given(with) && given(name))
        gaus::detail::fail(name, std::string("has no meaning beside ") + with + ", " + why);
  };
  exclude("--verify",
          {"--output", "--trace", "--start", "--compare", "--pareto", "--plot", "--lifetimes",
           "--buffers", "--pipeline-listing", "--export"},
          "which makes no schedule");
  exclude("--pareto",
          {"--minimize", "--method", "--start", "--trace", "--compare", "--lifetimes", "--buffers",
           "--export", "--explain"},
          "which makes many schedules");
  exclude("--initiation-interval", {"--pareto", "--slack", "--export", "--buffers"},
          "which pipelines a loop; --steps bounds an iteration");
  exclude("--convert",
          {"--minimize",
           "--steps",
           "--slack",
           "--initiation-interval",
           "--method",
           "--start",
           "--seed",
           "--time-limit",
           "--iterations",
           "--output",
           "--trace",
           "--verify",
           "--pareto",
           "--plot",
           "--pipeline-listing",
           "--lifetimes",
           "--buffers",
           "--export",
           "--compare",
           "--explain"},
          "which makes no schedule");
  if (given("--convert")) gaus::require_format(o.convert, input_formats(), true);
  if (given("--verify") && o.initiation_interval == 0)
    gaus::detail::fail("--initiation-interval", "auto has no meaning beside --verify");
  if (given("--pipeline-listing") && !given("--initiation-interval"))
    gaus::detail::fail("--pipeline-listing", "has a meaning only beside --initiation-interval");
  if (given("--export")) export_format(o.export_model);
  if (given("--start") && o.method != "gaus" && !o.compare)
    gaus::detail::fail("--start", "has no meaning for --method " + o.method);
  return o;
}

}  // namespace gaus_schedule

#endif
