// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_QUALITY_FIGURES_HPP
#define GAUS_BENCH_QUALITY_FIGURES_HPP

#include <quality/arguments.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

// Figures and tables, and the clock that peers go by.
namespace gaus_quality {

class Clock {
 public:
  explicit Clock(double limit) : limit_(limit) {}
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }
  /// Whether less than a share of the limit has passed.
  [[nodiscard]] bool within(double share = 1) const { return seconds() < share * limit_; }

 private:
  double limit_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

namespace detail {

inline std::string text(double x, char const* format = "%.15g") {
  if (!std::isfinite(x)) return "";
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, x + 0.0);  // no "-0"
  return buffer;
}

template <class Number>
std::string text(std::optional<Number> const& x) {
  return x ? text(static_cast<double>(*x)) : "";
}

/// "3 of 5"
inline std::string share(int part, int whole) {
  return std::to_string(part) + " of " + std::to_string(whole);
}

/// Geometric mean of ratios; 0 / 0 is 1, and what would be 0 or infinite is left out.
class GeometricMean {
 public:
  void add(double a, double b) {
    if (a == b) {
      ++count_;
    } else if (a > 0 && b > 0) {
      sum_ += std::log(a / b);
      ++count_;
    }
  }
  [[nodiscard]] int count() const { return count_; }
  [[nodiscard]] double value() const { return count_ == 0 ? 1 : std::exp(sum_ / count_); }
  /// The value; nothing where nothing was added.
  [[nodiscard]] std::string text() const {
    return count_ == 0 ? "" : detail::text(value(), "%.4f");
  }

 private:
  double sum_ = 0;
  int count_ = 0;
};

/// The middle value, of an even count the mean of the two; no number of none.
inline double median(std::vector<double> values) {
  if (values.empty()) return NAN;
  std::sort(values.begin(), values.end());
  std::size_t const half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace detail

/// Rows of cells, in Markdown as they come and as CSV afterwards. The first column is left-aligned.
class Cells {
 public:
  Cells(std::ostream& out, std::vector<std::string> columns)
      : out_(out), columns_(std::move(columns)) {
    write_markdown(columns_);
    for (std::size_t k = 0; k < columns_.size(); ++k) out_ << (k == 0 ? "|---" : "|---:");
    out_ << "|\n";
  }

  void add(std::vector<std::string> row) {
    write_markdown(row);
    out_.flush();  // shown while the next row is under way
    rows_.push_back(std::move(row));
  }

  void write_csv(std::ostream& out) const {
    auto const line = [&](std::vector<std::string> const& row) {
      for (std::size_t k = 0; k < row.size(); ++k) out << (k > 0 ? "," : "") << quoted(row[k]);
      out << '\n';
    };
    line(columns_);
    for (auto const& row : rows_) line(row);
  }

 private:
  void write_markdown(std::vector<std::string> const& row) {
    for (auto const& cell : row) out_ << "| " << cell << (cell.empty() ? "" : " ");
    out_ << "|\n";
  }
  static std::string quoted(std::string const& cell) {
    if (cell.find_first_of(",\"\n") == std::string::npos) return cell;
    std::string all = "\"";
    for (char const c : cell) all += c == '"' ? std::string("\"\"") : std::string(1, c);
    return all + '"';
  }

  std::ostream& out_;
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// What was run on.
inline void write_setting(std::ostream& out, Arguments const& arguments) {
  Kokkos::DefaultExecutionSpace const exec;
  out << exec.name() << ", concurrency " << exec.concurrency()
      << ", gaus with a host thread more for bounds; " << arguments.time_limit << " s each, seed "
      << arguments.seed << ".\n";
}

}  // namespace gaus_quality

#endif
