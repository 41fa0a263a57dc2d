// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_QUALITY_FILES_HPP
#define GAUS_BENCH_QUALITY_FILES_HPP

#include <gaus/error.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

// The folder of benchmarks, and what is asked for in it.
namespace gaus_quality {

/// The files of one family, for messages: "epfl/*.aig, rw/*.gml[.gz] or dfg/*.dot".
using Holds = std::string_view;

/// The folder that GAUS_BENCHMARK_DATA names. Throws gaus::InvalidInput when it is unset.
inline std::filesystem::path benchmark_folder(Holds holds) {
  char const* const folder = std::getenv("GAUS_BENCHMARK_DATA");
  if (folder == nullptr || *folder == '\0')
    throw gaus::InvalidInput(
        "the environment variable GAUS_BENCHMARK_DATA is not set; it must name a folder that "
        "holds " +
        std::string(holds));
  return folder;
}

/// --only as a pattern. Throws gaus::InvalidInput when it is none.
inline std::regex pattern_of(std::string const& only) {
  try {
    return std::regex(only);
  } catch (std::regex_error const&) {
    throw gaus::InvalidInput("--only " + only + " is not a regular expression");
  }
}

[[noreturn]] inline void fail_empty(std::filesystem::path const& folder, Holds holds,
                                    std::string const& only) {
  throw gaus::InvalidInput("GAUS_BENCHMARK_DATA=" + folder.string() + " holds no graph " +
                           std::string(holds) +
                           (only.empty() ? "" : " that --only " + only + " finds"));
}

/// A file by its place below the folder of benchmarks.
struct File {
  std::string name;   ///< without its ending: "modulo/origami/iir_bw"
  std::string place;  ///< "modulo/origami/iir_bw.graphml", as known_values.csv calls it
  std::filesystem::path path;
};

/// The files below a part of the folder that have one of the endings, in either case, and whose name
/// the pattern finds; by name.
inline std::vector<File> find_below(std::filesystem::path const& folder, std::string const& part,
                                    std::vector<std::string> const& endings,
                                    std::regex const& pattern) {
  std::vector<File> found;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry(folder / part, error), end;
       !error && entry != end; entry.increment(error)) {
    auto const& path = entry->path();
    std::string ending = path.extension().string();
    for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (std::find(endings.begin(), endings.end(), ending) == endings.end()) continue;
    auto const place = path.lexically_relative(folder).generic_string();
    std::string const name = place.substr(0, place.size() - ending.size());
    if (std::regex_search(name, pattern)) found.push_back({name, place, path});
  }
  std::sort(found.begin(), found.end(),
            [](File const& a, File const& b) { return a.name < b.name; });
  return found;
}

}  // namespace gaus_quality

#endif
