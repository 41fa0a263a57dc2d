// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_CRITICAL_HPP
#define GAUS_SCHEDULE_CRITICAL_HPP

#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

namespace gaus {

namespace detail {

/// Who waits for whom in a schedule: dependences without room between their ends and, on classes
/// with a limit, operations that start the moment others hand their units over, one step before
/// which the class is too full for them. The latter meet at gates, one a class and step.
template <Graph G>
class WaitingGraph {
 public:
  WaitingGraph(Problem<G> const& problem, std::span<int const> start,
               std::vector<std::optional<double>> const& limits)
      : problem_(problem), start_(start) {
    if (problem.pipelined() || limits.empty()) return;
    auto const used = usage_profile(problem, start);
    for (int i = 0; i < problem.graph.num_operations(); ++i)
      each_limited(i, limits, [&](Demand const& d, double limit) {
        int const s = start[at(i)];
        if (s > 0 && s <= used.slots && used(d.resource, s - 1) + d.units > limit * (1 + 1e-9))
          gates_[{d.resource, s}].waiting.push_back(i);
      });
    for (int i = 0; i < problem.graph.num_operations(); ++i)
      each_limited(i, limits, [&](Demand const& d, double) {
        auto const gate = gates_.find({d.resource, start[at(i)] + problem.graph.occupancy(i)});
        if (gate != gates_.end()) gate->second.leaving.push_back(i);
      });
    for (auto const& [place, gate] : gates_) {
      for (int const i : gate.waiting) waits_.emplace_back(i, &gate);
      for (int const i : gate.leaving) leaves_.emplace_back(i, &gate);
    }
    std::sort(waits_.begin(), waits_.end());
    std::sort(leaves_.begin(), leaves_.end());
  }

  /// Marks what is reached from the marked operations: those that wait for them, or with back those
  /// that they wait for. O(V + E).
  void spread(std::vector<char>& marked, bool back) const {
    std::vector<int> open;
    for (std::size_t i = 0; i < marked.size(); ++i)
      if (marked[i]) open.push_back(static_cast<int>(i));
    auto const reach = [&](int i) {
      if (std::exchange(marked[at(i)], char{1}) == 0) open.push_back(i);
    };
    std::unordered_set<Gate const*> passed;
    while (!open.empty()) {
      int const i = open.back();
      open.pop_back();
      auto const visit = [&](auto const& row) {
        for (int k = 0; k < row.size(); ++k) {
          Dependence const d = row[k];
          int const from = back ? d.operation : i;
          int const to = back ? i : d.operation;
          if (problem_.binds(d) && start_[at(to)] + problem_.shift(d) - start_[at(from)] ==
                                       problem_.graph.latency(from) + d.delay)
            reach(d.operation);
        }
      };
      if (back)
        visit(problem_.graph.incoming(i));
      else
        visit(problem_.graph.outgoing(i));
      auto const& own = back ? waits_ : leaves_;
      for (auto k = std::lower_bound(own.begin(), own.end(), Pass(i, nullptr));
           k != own.end() && k->first == i; ++k) {
        if (!passed.insert(k->second).second) continue;
        for (int const j : back ? k->second->leaving : k->second->waiting) reach(j);
      }
    }
  }

 private:
  struct Gate {
    std::vector<int> waiting;
    std::vector<int> leaving;
  };
  using Pass = std::pair<int, Gate const*>;

  template <class Visit>
  void each_limited(int i, std::vector<std::optional<double>> const& limits, Visit const& visit) {
    auto const demands = problem_.graph.demands(i);
    for (int k = 0; k < demands.size(); ++k) {
      Demand const d = demands[k];
      if (auto const& limit = limits[at(d.resource)]; limit && d.units > 0) visit(d, *limit);
    }
  }

  Problem<G> const& problem_;
  std::span<int const> start_;
  std::map<std::pair<int, int>, Gate> gates_;  ///< by class and step
  std::vector<Pass> waits_;                    ///< by operation, as the next
  std::vector<Pass> leaves_;
};

}  // namespace detail

/// Which operations hold the length of a schedule: those on an unbroken chain of operations, each of
/// which waits for the one before, from the first step in use to the end. A chain goes along
/// dependences and, given limits (one a class, none for unlimited), over units that one operation
/// hands to the next: the critical sequence of Wiest ("Some properties of schedules for large
/// projects with limited resources", Operations Research 1964). Without limits, in a schedule as
/// long as the critical path, these are the operations of the critical paths; in a longer one mostly
/// none. Of a pipeline, chains go along dependences alone. One entry an operation, 1 where it is
/// critical. O(V log V + E). Throws InvalidInput for another number of start steps or limits.
template <Graph G>
std::vector<char> critical_operations(Problem<G> const& problem, std::span<int const> start_steps,
                                      std::vector<std::optional<double>> const& limits = {}) {
  using detail::at;
  detail::span_slots(problem, start_steps);  // checks the number
  auto const& graph = problem.graph;
  if (!limits.empty() && limits.size() != at(graph.num_resources()))
    throw InvalidInput(detail::message({limits.size(), " resource limits are given, the graph has ",
                                        graph.num_resources(), " resource classes"}));
  std::vector<char> ahead(start_steps.size(), 0);
  if (ahead.empty()) return ahead;
  auto behind = ahead;
  int const first = *std::min_element(start_steps.begin(), start_steps.end());
  int const end = makespan(problem, start_steps);
  for (int i = 0; i < graph.num_operations(); ++i) {
    int const s = start_steps[at(i)];
    ahead[at(i)] = s == first;
    behind[at(i)] = s + std::max(graph.latency(i), graph.occupancy(i)) == end;
  }
  detail::WaitingGraph<G> const waiting(problem, start_steps, limits);
  waiting.spread(ahead, false);
  waiting.spread(behind, true);
  for (std::size_t i = 0; i < ahead.size(); ++i) ahead[i] = ahead[i] != 0 && behind[i] != 0;
  return ahead;
}

}  // namespace gaus

#endif
