// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_QUALITY_ARGUMENTS_HPP
#define GAUS_BENCH_QUALITY_ARGUMENTS_HPP

#include <gaus/error.hpp>
#include <gaus/io/reader.hpp>

#include <cstdint>
#include <string>

namespace gaus_quality {

constexpr char const* usage =
    "usage: gaus_quality [--family NAME] [--time-limit SECONDS] [--only REGEX] [--seed N]\n"
    "                    [--threads N] [--csv FILE]\n"
    "Schedules the graphs below GAUS_BENCHMARK_DATA whose names (epfl/ctrl) REGEX finds, each "
    "with\n"
    "SECONDS (default 10) a schedule. Families:\n"
    "  circuits   epfl, rw and dfg at fixed latency, by gaus and by its peers (default)\n"
    "  loops      modulo/{chstone,machsuite,origami}: initiation interval and folded memory\n"
    "  generated  circuits and random workloads made into loops with scarce units, three seeds "
    "each\n"
    "  projects   psplib and rcpsp-max: makespan under resource limits and time lags\n"
    "  units      dfg: makespan with the unit counts of known_values.csv\n"
    "Every schedule is verified; the status is 1 when one is illegal, or when a result "
    "contradicts\n"
    "a known value.\n";

struct Arguments {
  std::string family = "circuits";
  double time_limit = 10;
  std::string only;
  std::uint64_t seed = 0;
  int threads = 1;
  std::string csv;
  bool help = false;
};

namespace detail {

template <class Number>
void parse_least(std::string const& option, std::string const& text, Number least, Number& value) {
  if (!gaus::detail::parse_number(text, value) || value < least)
    throw gaus::InvalidInput(option + " " + text + " is not a number of at least " +
                             std::to_string(least));
}

}  // namespace detail

/// Throws gaus::InvalidInput for what is not in the usage.
inline Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int k = 1; k < argc; ++k) {
    std::string const option = argv[k];
    if (option == "--help" || option == "-h") {
      arguments.help = true;
      continue;
    }
    bool known = false;
    for (char const* const name :
         {"--family", "--time-limit", "--only", "--seed", "--threads", "--csv"})
      known = known || option == name;
    if (!known) throw gaus::InvalidInput("unknown option " + option + "\n" + usage);
    if (++k == argc) throw gaus::InvalidInput(option + " needs a value\n" + usage);
    std::string const value = argv[k];
    if (option == "--time-limit") detail::parse_least(option, value, 1e-3, arguments.time_limit);
    if (option == "--seed") detail::parse_least(option, value, std::uint64_t{0}, arguments.seed);
    if (option == "--threads") detail::parse_least(option, value, 1, arguments.threads);
    if (option == "--only") arguments.only = value;
    if (option == "--csv") arguments.csv = value;
    if (option != "--family") continue;
    arguments.family = value;
    known = false;
    for (char const* const name : {"circuits", "loops", "generated", "projects", "units"})
      known = known || value == name;
    if (!known) throw gaus::InvalidInput("unknown family " + value + "\n" + usage);
  }
  return arguments;
}

}  // namespace gaus_quality

#endif
