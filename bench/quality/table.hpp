// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_QUALITY_TABLE_HPP
#define GAUS_BENCH_QUALITY_TABLE_HPP

#include <quality/figures.hpp>
#include <quality/peers.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace gaus_quality {

/// One graph under one objective.
struct Row {
  std::string graph;
  int operations = 0;
  int steps = 0;
  std::string goal;        ///< short name
  std::string expression;  ///< what is minimised
  double value = 0;
  double lower_bound = 0;  ///< -infinity: none
  double seconds = 0;
  std::vector<Peer> peers;

  /// Distance of value and bound in per cent of the value; no number without a bound.
  [[nodiscard]] double gap() const {
    if (value == lower_bound) return 0;
    return 100 * std::max(0.0, value - lower_bound) / std::abs(value);
  }
  [[nodiscard]] Peer const& best_peer() const {
    return *std::min_element(peers.begin(), peers.end(),
                             [](Peer const& a, Peer const& b) { return a.value < b.value; });
  }
  /// Beyond rounding.
  [[nodiscard]] bool worse_than(Peer const& peer) const {
    return value > peer.value + 1e-9 * std::abs(peer.value);
  }
};

/// The table as it grows, in Markdown; values that gaus does not reach are bold.
class MarkdownTable {
 public:
  explicit MarkdownTable(std::ostream& out) : out_(out) {}

  void add(Row const& row) {
    if (!begun_) head(row);
    out_ << "| " << row.graph << " | " << row.operations << " | " << row.steps << " | " << row.goal
         << " | " << detail::text(row.value) << " | " << detail::text(row.lower_bound, "%.10g")
         << " | " << detail::text(row.gap(), "%.2f") << " | " << detail::text(row.seconds, "%.2f");
    for (auto const& peer : row.peers) {
      char const* const mark = row.worse_than(peer) ? "**" : "";
      out_ << " | " << mark << detail::text(peer.value) << mark;
    }
    out_ << " |" << std::endl;  // shown while the next row is under way
  }

 private:
  void head(Row const& row) {
    begun_ = true;
    std::string names =
        "| graph | operations | steps | objective | gaus | lower bound | gap % | seconds";
    std::string rule = "|---|---:|---:|---|---:|---:|---:|---:";
    for (auto const& peer : row.peers) {
      names += " | " + peer.name;
      rule += "|---:";
    }
    out_ << names << " |\n" << rule << "|\n";
  }

  std::ostream& out_;
  bool begun_ = false;
};

/// The same with full precision and the seconds of each peer.
inline void write_csv(std::ostream& out, std::vector<Row> const& rows) {
  out << "graph,operations,steps,objective,value,lower_bound,gap_percent,seconds";
  for (std::size_t k = 0; !rows.empty() && k < rows.front().peers.size(); ++k) {
    std::string const name = "\"" + rows.front().peers[k].name;
    out << ',' << name << "\"," << name << " seconds\"";
  }
  out << '\n';
  for (auto const& row : rows) {
    out << row.graph << ',' << row.operations << ',' << row.steps << ',' << row.expression << ','
        << detail::text(row.value) << ',' << detail::text(row.lower_bound) << ','
        << detail::text(row.gap(), "%.4f") << ',' << detail::text(row.seconds, "%.3f");
    for (auto const& peer : row.peers)
      out << ',' << detail::text(peer.value) << ',' << detail::text(peer.seconds, "%.3f");
    out << '\n';
  }
}

/// Geometric means of gaus / peer, and the rows in which a peer is better.
inline void write_summary(std::ostream& out, std::vector<Row> const& rows) {
  std::map<std::string, std::vector<Row const*>> groups;
  for (auto const& row : rows) groups[row.goal].push_back(&row);
  std::vector<Row const*> every;
  for (auto const& row : rows) every.push_back(&row);
  out << "\n| gaus / peer, geometric mean | rows | best of all";
  std::string rule = "|---|---:|---:";
  for (auto const& peer : rows.front().peers) {
    out << " | " << peer.name;
    rule += "|---:";
  }
  out << " |\n" << rule << "|\n";
  auto const line = [&](std::string const& name, std::vector<Row const*> const& group) {
    detail::GeometricMean best;
    std::vector<detail::GeometricMean> single(rows.front().peers.size());
    for (Row const* row : group) {
      best.add(row->value, row->best_peer().value);
      for (std::size_t k = 0; k < single.size(); ++k)
        single[k].add(row->value, row->peers[k].value);
    }
    out << "| " << name << " | " << group.size() << " | " << detail::text(best.value(), "%.4f");
    for (auto const& mean : single) out << " | " << detail::text(mean.value(), "%.4f");
    out << " |\n";
  };
  for (auto const& [name, group] : groups) line(name, group);
  if (groups.size() > 1) line("over all", every);

  std::string names;
  int worse = 0;
  int better = 0;
  int proven = 0;
  for (auto const& row : rows) {
    auto const& best = row.best_peer();
    proven += row.gap() <= 1e-7 ? 1 : 0;
    if (row.worse_than(best)) {
      ++worse;
      names += (worse == 1 ? " (" : "; ") + row.graph + " " + row.goal + ": " + best.name + " by " +
               detail::text(100 * (row.value / best.value - 1), "%.2f") + " %";
    } else if (row.value < best.value) {
      ++better;
    }
  }
  out << "\ngaus is better than every peer in " << better << ", worse than a peer in " << worse
      << " of " << rows.size() << " rows" << names << (worse > 0 ? ")" : "")
      << "; optimal by its own bound in " << proven << ".\n";
}

}  // namespace gaus_quality

#endif
