// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_QUALITY_PROJECT_TABLE_HPP
#define GAUS_BENCH_QUALITY_PROJECT_TABLE_HPP

#include <quality/figures.hpp>
#include <quality/known.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace gaus_quality {

/// One project, or one data-flow graph with counts of units.
struct ProjectRow {
  std::string project;
  int operations = 0;
  std::optional<int> value{};  ///< makespan; none: no schedule was found
  bool infeasible = false;     ///< proven by gaus: there is none
  std::optional<double> bound{};
  KnownValue known;
  double seconds = 0;
  std::string note;                 ///< the units, or why there is no schedule
  std::vector<std::string> faults;  ///< illegal schedules, contradictions

  [[nodiscard]] bool proven() const { return infeasible || (value && bound && *bound >= *value); }
  [[nodiscard]] bool is_known() const { return known.best || known.infeasible; }
  /// Whether it is as good as the best known.
  [[nodiscard]] bool reached() const {
    if (known.infeasible) return infeasible;
    return value && known.best && *value <= *known.best;
  }
  /// In per cent of the best known.
  [[nodiscard]] std::optional<double> deviation() const {
    if (!value || !known.best || *known.best == 0) return {};
    return 100.0 * (*value - *known.best) / *known.best;
  }

  /// What does not go together with what is known.
  void compare() {
    auto const blame = [&](std::string const& what) { faults.push_back("contradiction: " + what); };
    if (value && known.infeasible) blame("a schedule, where none is known to exist");
    if (infeasible && known.best) blame("proven infeasible, where a schedule is known");
    if (value && known.lower_bound && *value < *known.lower_bound)
      blame("below the known bound " + std::to_string(*known.lower_bound));
    if (bound && known.best && *bound > *known.best) blame("the bound is above the best known");
  }
};

class ProjectTable {
 public:
  explicit ProjectTable(std::ostream& out)
      : out_(out),
        cells_(out, {"project", "operations", "makespan", "best known", "lower bound", "proven",
                     "deviation %", "seconds", "remarks"}) {}

  void add(ProjectRow row) {
    row.compare();
    std::string remarks = row.note;
    for (auto const& fault : row.faults) remarks += (remarks.empty() ? "" : "; ") + fault;
    auto const deviation = row.deviation();
    using detail::text;
    cells_.add({row.project, std::to_string(row.operations),
                row.infeasible ? "infeasible" : text(row.value),
                row.known.infeasible ? "infeasible" : text(row.known.best), text(row.bound),
                row.proven() ? "yes" : "no", deviation ? text(*deviation, "%.2f") : "",
                text(row.seconds, "%.3f"), remarks});
    rows_.push_back(std::move(row));
  }

  void write_csv(std::ostream& out) const { cells_.write_csv(out); }

  /// Whether nothing is illegal and nothing contradicts.
  bool summarise() {
    std::map<std::string, std::vector<ProjectRow const*>> groups;
    std::vector<ProjectRow const*> every;
    std::string below;
    int faults = 0;
    for (auto const& row : rows_) {
      groups[row.project.substr(0, row.project.rfind('/'))].push_back(&row);
      every.push_back(&row);
      faults += static_cast<int>(row.faults.size());
      if (row.value && row.known.best && *row.value < *row.known.best)
        below += (below.empty() ? "" : "; ") + row.project + " " + std::to_string(*row.value) +
                 " for " + std::to_string(*row.known.best);
    }
    out_ << '\n';
    Cells summary(out_, {"folder", "projects", "at or below best known", "mean deviation %",
                         "largest deviation %", "proven", "neither schedule nor proof",
                         "illegal or contradictory", "median seconds"});
    for (auto const& [name, group] : groups) summary.add(summary_of(name, group));
    if (groups.size() > 1) summary.add(summary_of("all", every));
    out_ << '\n';
    if (!below.empty()) out_ << "Below the best known: " << below << ".\n";
    out_ << "Deviations are over the projects with a schedule, from the best known. ";
    return faults == 0;
  }

 private:
  static std::vector<std::string> summary_of(std::string const& name,
                                             std::vector<ProjectRow const*> const& group) {
    int known = 0, reached = 0, proven = 0, nothing = 0, faults = 0, counted = 0;
    double sum = 0;
    double largest = -INFINITY;
    std::vector<double> seconds;
    for (ProjectRow const* const row : group) {
      known += row->is_known() ? 1 : 0;
      reached += row->is_known() && row->reached() ? 1 : 0;
      proven += row->proven() ? 1 : 0;
      nothing += !row->value && !row->infeasible ? 1 : 0;
      faults += row->faults.empty() ? 0 : 1;
      seconds.push_back(row->seconds);
      if (auto const deviation = row->deviation()) {
        sum += *deviation;
        largest = std::max(largest, *deviation);
        ++counted;
      }
    }
    int const projects = static_cast<int>(group.size());
    return {name,
            std::to_string(projects),
            detail::share(reached, known),
            counted > 0 ? detail::text(sum / counted, "%.3f") : "",
            detail::text(largest, "%.2f"),
            std::to_string(proven),
            std::to_string(nothing),
            std::to_string(faults),
            detail::text(detail::median(std::move(seconds)), "%.3f")};
  }

  std::ostream& out_;
  Cells cells_;
  std::vector<ProjectRow> rows_;
};

}  // namespace gaus_quality

#endif
