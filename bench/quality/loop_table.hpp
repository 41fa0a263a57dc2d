// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_QUALITY_LOOP_TABLE_HPP
#define GAUS_BENCH_QUALITY_LOOP_TABLE_HPP

#include <quality/figures.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace gaus_quality {

/// One loop. Memory is folded: the most values live at once, over all iterations in flight.
struct LoopRow {
  std::string graph;
  int operations = 0;
  int minimum = 0;                           ///< MII
  std::optional<int> interval{};             ///< II; none: no schedule was found in time
  bool minimal = false;                      ///< proven: no schedule of a smaller one exists
  std::optional<int> best_known{};           ///< II
  std::optional<int> known_bound{};          ///< no II below is possible
  std::optional<int> iterative{};            ///< II of iterative modulo scheduling alone
  std::optional<int> swing{};                ///< II of swing modulo scheduling alone
  int steps = 0;                             ///< of one iteration
  double memory = 0;                         ///< of gaus, at its II
  std::optional<double> iterative_memory{};  ///< of iterative modulo scheduling at the same II
  std::optional<double> refined_memory{};    ///< of that after local search
  double bound = 0;                          ///< of memory at this II and these steps
  double interval_seconds = 0;               ///< until the search for II ended, with its schedule
  double seconds = 0;
  std::string note;
  std::vector<std::string> faults;  ///< illegal schedules, contradictions

  /// What does not go together with what is known or with the other schedulers.
  void compare() {
    auto const blame = [&](std::string const& what) {
      faults.push_back("gaus: contradiction: " + what);
    };
    if (best_known && minimum > *best_known) blame("MII is above the best known II");
    if (!interval) return;
    if (known_bound && *interval < *known_bound) blame("II is below the known bound");
    if (!minimal) return;
    for (auto const& other : {best_known, iterative, swing})
      if (other && *other < *interval)
        blame("II is proven minimal, but " + std::to_string(*other) + " is possible");
  }
};

class LoopTable {
 public:
  explicit LoopTable(std::ostream& out)
      : out_(out),
        cells_(out, {"loop", "operations", "MII", "II", "minimal", "best known", "iterative II",
                     "swing II", "iterative memory", "iterative, refined", "memory", "lower bound",
                     "seconds to II", "seconds", "remarks"}) {}

  void add(LoopRow row) {
    row.compare();
    std::string remarks = row.note;
    for (auto const& fault : row.faults) remarks += (remarks.empty() ? "" : "; ") + fault;
    using detail::text;
    bool const found = row.interval.has_value();
    cells_.add(
        {row.graph, std::to_string(row.operations), std::to_string(row.minimum), text(row.interval),
         !found        ? ""
         : row.minimal ? "yes"
                       : "no",
         text(row.best_known), text(row.iterative), text(row.swing), text(row.iterative_memory),
         text(row.refined_memory), found ? text(row.memory) : "",
         found ? text(row.bound, "%.10g") : "", found ? text(row.interval_seconds, "%.3f") : "",
         text(row.seconds, "%.3f"), remarks});
    rows_.push_back(std::move(row));
  }

  void write_csv(std::ostream& out) const { cells_.write_csv(out); }

  /// Whether nothing is illegal and nothing contradicts.
  bool summarise() {
    std::map<std::string, std::vector<LoopRow const*>> groups;
    std::vector<LoopRow const*> every;
    for (auto const& row : rows_) {
      auto const begin = row.graph.find('/') + 1;  // modulo/SET/..., generated/GRAPH/SEED
      groups[row.graph.substr(begin, row.graph.find('/', begin) - begin)].push_back(&row);
      every.push_back(&row);
    }
    out_ << '\n';
    Cells summary(out_, {"set", "loops", "II minimal", "II at or below best known",
                         "largest excess", "iterative at II", "swing at II", "memory / iterative",
                         "memory / refined", "memory / bound", "refined ahead", "gaus ahead",
                         "median seconds to II", "median seconds"});
    for (auto const& [name, group] : groups) summary.add(summary_of(name, group));
    if (groups.size() > 1) summary.add(summary_of("all", every));
    write_lists();
    return faults_ == 0;
  }

 private:
  static bool refined_ahead(LoopRow const& row) {
    return row.interval && row.refined_memory && *row.refined_memory < row.memory;
  }
  static bool gaus_ahead(LoopRow const& row) {
    return row.interval && row.refined_memory && *row.refined_memory > row.memory;
  }

  static std::vector<std::string> summary_of(std::string const& name,
                                             std::vector<LoopRow const*> const& group) {
    int minimal = 0, known = 0, reached = 0, excess = 0, iterative = 0, swing = 0;
    int behind = 0, ahead = 0;
    detail::GeometricMean by_iterative, by_refined, by_bound;
    std::vector<double> interval_seconds, seconds;
    for (LoopRow const* const row : group) {
      seconds.push_back(row->seconds);
      known += row->best_known ? 1 : 0;
      if (!row->interval) continue;
      interval_seconds.push_back(row->interval_seconds);
      minimal += row->minimal ? 1 : 0;
      if (row->best_known) {
        reached += *row->interval <= *row->best_known ? 1 : 0;
        excess = std::max(excess, *row->interval - *row->best_known);
      }
      iterative += row->iterative && *row->iterative <= *row->interval ? 1 : 0;
      swing += row->swing && *row->swing <= *row->interval ? 1 : 0;
      if (row->iterative_memory) by_iterative.add(row->memory, *row->iterative_memory);
      if (row->refined_memory) by_refined.add(row->memory, *row->refined_memory);
      by_bound.add(row->memory, row->bound);
      behind += refined_ahead(*row) ? 1 : 0;
      ahead += gaus_ahead(*row) ? 1 : 0;
    }
    int const loops = static_cast<int>(group.size());
    return {name,
            std::to_string(loops),
            std::to_string(minimal),
            known > 0 ? detail::share(reached, known) : "",
            known > 0 ? std::to_string(excess) : "",
            std::to_string(iterative),
            std::to_string(swing),
            by_iterative.text(),
            by_refined.text(),
            by_bound.text(),
            std::to_string(behind),
            std::to_string(ahead),
            detail::text(detail::median(std::move(interval_seconds)), "%.3f"),
            detail::text(detail::median(std::move(seconds)), "%.3f")};
  }

  void write_lists() {
    std::string above, below, behind, none;
    auto const name = [](std::string& list, std::string const& what) {
      list += (list.empty() ? "" : "; ") + what;
    };
    for (auto const& row : rows_) {
      faults_ += static_cast<int>(row.faults.size());
      if (!row.interval) {
        name(none, row.graph);
        continue;
      }
      std::string const both =
          row.graph + " " + std::to_string(*row.interval) + " for " + detail::text(row.best_known);
      if (row.best_known && *row.interval > *row.best_known) name(above, both);
      if (row.best_known && *row.interval < *row.best_known) name(below, both);
      if (refined_ahead(row))
        name(behind, row.graph + " by " +
                         detail::text(100 * (row.memory / *row.refined_memory - 1), "%.2f") + " %");
    }
    out_ << '\n';
    if (!below.empty()) out_ << "II below the best known: " << below << ".\n";
    if (!above.empty()) out_ << "II above the best known: " << above << ".\n";
    if (!behind.empty()) out_ << "Iterative, refined is ahead: " << behind << ".\n";
    if (!none.empty()) out_ << "Without a schedule: " << none << ".\n";
    out_ << "Illegal or contradictory: " << faults_
         << ". Ratios are geometric means of folded memory; refined has one thread for as long as "
            "gaus took, and a second where the limit allows it. ";
  }

  std::ostream& out_;
  Cells cells_;
  std::vector<LoopRow> rows_;
  int faults_ = 0;
};

}  // namespace gaus_quality

#endif
