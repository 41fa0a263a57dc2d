// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_QUALITY_KNOWN_HPP
#define GAUS_BENCH_QUALITY_KNOWN_HPP

#include <gaus/io/reader.hpp>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Best known values, from known_values.csv in the folder of benchmarks.
namespace gaus_quality {

struct KnownValue {
  std::string instance;   ///< place of the file: "psplib/j30/j301_1.sm"
  std::string objective;  ///< in words
  std::optional<int> best{};
  std::optional<int> lower_bound{};
  bool infeasible = false;  ///< known to have no schedule
};

namespace detail {

/// The fields of a line; quoted ones may hold commas, and quotes twice.
inline std::vector<std::string> csv_fields(std::string const& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t k = 0; k < line.size(); ++k) {
    char const c = line[k];
    if (c == '"' && quoted && k + 1 < line.size() && line[k + 1] == '"') {
      fields.back() += line[++k];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  return fields;
}

}  // namespace detail

class KnownValues {
 public:
  /// Without such a file nothing is known.
  explicit KnownValues(std::filesystem::path const& folder) {
    std::ifstream list(folder / "known_values.csv");
    std::string line;
    std::getline(list, line);  // instance,objective,best_known,lower_bound,...
    while (std::getline(list, line)) {
      auto const fields = detail::csv_fields(line);
      if (fields.size() < 4) continue;
      KnownValue known{fields[0], fields[1]};
      known.infeasible = fields[2] == "infeasible";
      known.best = number(fields[2]);
      known.lower_bound = number(fields[3]);
      all_.push_back(std::move(known));
    }
  }

  [[nodiscard]] std::vector<KnownValue> const& all() const { return all_; }

  /// What is known of an instance under an objective that begins so; an empty one when nothing is.
  [[nodiscard]] KnownValue find(std::string const& instance, std::string const& objective) const {
    for (auto const& known : all_)
      if (known.instance == instance && known.objective.starts_with(objective)) return known;
    return {instance, objective};
  }

 private:
  static std::optional<int> number(std::string const& text) {
    int value = 0;
    if (!gaus::detail::parse_number(text, value)) return {};
    return value;
  }

  std::vector<KnownValue> all_;
};

}  // namespace gaus_quality

#endif
