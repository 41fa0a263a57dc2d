// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <quality/arguments.hpp>
#include <quality/circuits.hpp>
#include <quality/loops.hpp>
#include <quality/projects.hpp>

#include <Kokkos_Core.hpp>
#include <cstdio>
#include <exception>
#include <iostream>

// How good are the schedules? gaus over the shared benchmarks, family by family, beside its peers and
// the best known values: a table in Markdown, and its numbers as CSV.
namespace {

/// Whether all is legal and agrees with what is known.
bool run(gaus_quality::Arguments const& arguments) {
  if (arguments.family == "loops" || arguments.family == "generated")
    return gaus_quality::run_loops(std::cout, arguments);
  if (arguments.family == "projects" || arguments.family == "units")
    return gaus_quality::run_projects(std::cout, arguments);
  gaus_quality::run_circuits(std::cout, arguments);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    auto const arguments = gaus_quality::parse(argc, argv);
    if (arguments.help) {
      std::fputs(gaus_quality::usage, stdout);
      return 0;
    }
    Kokkos::InitializationSettings settings;
    settings.set_num_threads(arguments.threads);
    Kokkos::ScopeGuard const kokkos(settings);
    return run(arguments) ? 0 : 1;
  } catch (std::exception const& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
