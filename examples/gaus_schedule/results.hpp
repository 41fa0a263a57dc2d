// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_RESULTS_HPP
#define GAUS_SCHEDULE_RESULTS_HPP

#include <gaus/error.hpp>
#include <gaus/io/file.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

// Files that are written after a solve, when time has been spent that nobody wants to lose: one that
// cannot be written, say because the disk is full, costs neither the other files nor the report. The
// program ends with its error all the same.
namespace gaus_schedule {

namespace detail {
/// Files that could not be written, each with the error.
inline std::vector<std::pair<std::string, std::string>> lost_results;
}  // namespace detail

/// Writes a file by writer(std::ostream&); an error waits for check_results().
template <class Writer>
void write_result(std::string const& path, Writer const& writer) {
  try {
    gaus::write_file_atomically(path, writer);
  } catch (gaus::InvalidInput const& error) {
    detail::lost_results.emplace_back(path, error.what());
  }
}

[[nodiscard]] inline bool is_lost(std::string const& path) {
  auto const& lost = detail::lost_results;
  return std::any_of(lost.begin(), lost.end(), [&](auto const& l) { return l.first == path; });
}

/// Throws gaus::InvalidInput with the first error, if there was one.
inline void check_results() {
  if (!detail::lost_results.empty()) throw gaus::InvalidInput(detail::lost_results.front().second);
}

}  // namespace gaus_schedule

#endif
