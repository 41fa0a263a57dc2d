// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_OPEN_INTERVAL_HPP
#define GAUS_DETAIL_OPEN_INTERVAL_HPP

#include <gaus/detail/message.hpp>
#include <gaus/detail/slot_search.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/schedule/iterative_modulo.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace gaus::detail {

/// Steps of one iteration: until its last operation ends.
template <Graph H>
int length_of(H const& graph, std::vector<int> const& start) {
  int length = 0;
  for (int i = 0; i < graph.num_operations(); ++i)
    length = std::max(length, start[at(i)] + std::max<int>(graph.latency(i), graph.occupancy(i)));
  return length;
}

/// The largest interval worth a look: beyond MII and all latencies, occupancies and delays in a row
/// iterations do not meet. most: 0 for no other limit.
template <Graph H>
int largest_interval(H const& graph, int mii, int most) {
  long long sum = mii;
  for (int i = 0; i < graph.num_operations(); ++i) {
    sum += std::max<int>(graph.latency(i), graph.occupancy(i));
    auto const row = graph.outgoing(i);
    for (int k = 0; k < row.size(); ++k)
      sum += std::abs(static_cast<long long>(Dependence(row[k]).delay));
  }
  sum = std::min<long long>(sum, max_steps / 2);
  return static_cast<int>(most > 0 ? std::min<long long>(sum, most) : sum);
}

/// "24..25, 27"
inline std::string number_ranges(std::vector<int> const& numbers) {
  std::string text;
  for (std::size_t a = 0; a < numbers.size();) {
    std::size_t b = a;
    while (b + 1 < numbers.size() && numbers[b + 1] == numbers[b] + 1) ++b;
    text += detail::message({(a > 0 ? ", " : ""), numbers[a]});
    if (b > a) text += detail::message({"..", numbers[b]});
    a = b + 1;
  }
  return text;
}

/// One interval under search: its problem, and the exhaustive search with what it learnt.
template <Graph H>
struct OpenInterval {
  OpenInterval(H const& graph, std::vector<std::optional<double>> const& limits, int interval)
      : problem(graph, limits, interval) {
    if (problem.feasible) search.emplace(graph, *problem.distances, limits, problem.table);
  }
  // The search refers to the problem.
  OpenInterval(OpenInterval const&) = delete;
  OpenInterval& operator=(OpenInterval const&) = delete;

  /// What stood in the way, in the names of a description or none.
  [[nodiscard]] std::string obstacle(GraphDescription const* names) const {
    std::string text = detail::message({"At ", problem.interval, " "});
    if (!search) return text + "dependences alone allow no schedule.";
    int const resource = search->worst_class();
    auto const& distances = *problem.distances;
    text += resource >= 0
                ? "resource " + call_class(names, resource) + " was most often in conflict"
                : std::string("recurrences were most often in conflict");
    if (distances.order().empty()) return text + ".";
    auto const& critical = distances.all()[at(distances.order().front())];
    text += detail::message(
        {", most critical the recurrence of ", critical.members.size(), " operations with"});
    constexpr std::size_t most = 4;
    for (std::size_t k = 0; k < std::min(most, critical.members.size()); ++k)
      text += (k > 0 ? ", " : " ") + call_operation(names, critical.members[k]);
    return detail::message({text, (critical.members.size() > most ? ", ..." : ""), ", of which ",
                            critical.limited.size(), " take limited resources."});
  }

  ModuloProblem<H> problem;
  std::optional<SlotSearch<H>> search;
  bool refuted = false;
};

}  // namespace gaus::detail

#endif
