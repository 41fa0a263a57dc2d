// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_BATCH_DESCENT_HPP
#define GAUS_SCHEDULE_BATCH_DESCENT_HPP

#include <gaus/schedule/batch.hpp>
#include <gaus/schedule/legalize.hpp>
#include <gaus/schedule/portfolio.hpp>
#include <gaus/schedule/relaxation_run.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

// How a solve makes several descents at once: how many, over which problem, from where, and what is
// read off them.
namespace gaus::detail {

/// Descents that fill a device, where an iteration of one does so much work.
inline int filling_descents(std::int64_t work) {
  constexpr std::int64_t enough = 1 << 15;  // threads below which a launch costs more than its work
  constexpr std::int64_t most = 32;         // the host rounds and legalises them at the snapshots
  return static_cast<int>(
      std::clamp<std::int64_t>(enough / std::max<std::int64_t>(1, work), 1, most));
}

/// Descents at once. requested 0: chosen, so that a device has enough to do. A given number of
/// iterations must lead to the same answer everywhere, so that nothing is chosen then.
///
/// On the host nothing is either. On one thread 16 iterations at once take 0.73 (100 operations),
/// 0.86 (300) and 0.93 (1,000) of the time of 16 alone, bench/schedule/batch.cpp; but in a second
/// of a solve their longer turns cost the discrete search more than that: over five graphs the
/// values were 1.2 %, 0.5 % and -0.1 % worse for usage and communication, 0.6 %, 0.1 % and 0.6 %
/// for memory; with 4 at once 0.7 % worse to 0.5 % better.
template <class ExecutionSpace, Graph G>
int descents_at_once(int requested, std::int64_t iterations, Problem<G> const& problem) {
  if (requested > 0) return requested;
  if (runs_on_host<ExecutionSpace> || iterations > 0) return 1;
  return filling_descents(
      std::max<std::int64_t>(problem.graph.num_operations(),
                             std::int64_t{problem.graph.num_resources()} * problem.slots()));
}

/// The problem that the descents under these policies run over.
template <class ExecutionSpace, class... Policies, Graph G>
Problem<DescentGraph<G, Policies...>> descent_problem(Problem<G> const& one, auto const& options) {
  if constexpr (std::is_same_v<DescentGraph<G, Policies...>, G>)
    return one;
  else
    return make_batch(one,
                      descents_at_once<ExecutionSpace>(options.batch, options.iterations, one));
}

/// Length of a descent of several copies, when so many iterations are left for all.
inline int shortened(Recipe const& recipe, std::int64_t left, int copies) {
  return static_cast<int>(
      std::min<std::int64_t>(recipe.iterations, std::max<std::int64_t>(1, left / copies)));
}

/// The device side of a solve.
template <class ExecutionSpace, Graph G, class Real, class ObjectivePolicy, class... Policies>
using DescentRun = RelaxationRun<ExecutionSpace, DescentGraph<G, ObjectivePolicy, Policies...>,
                                 Real, ObjectivePolicy, Policies...>;

/// Means to begin at: the entry's own start, and variations of it for the other copies.
inline void begin_batch(Portfolio& portfolio, PortfolioEntry const& entry, int copies,
                        StepBounds const& bounds, std::vector<int> const& best,
                        std::vector<int> const& linear, std::vector<double>& means) {
  portfolio.begin(entry, bounds, best, linear, means);
  if (copies == 1) return;
  auto variation = entry;
  variation.runs = std::max(1, entry.runs);  // drawn as if it had been played
  std::vector<double> own;
  for (int k = 1; k < copies; ++k) {
    bool const free = k % 2 == 0 && entry.start != DescentStart::best;
    variation.start = free ? DescentStart::random : entry.start;
    portfolio.begin(variation, bounds, best, linear, own);
    means.insert(means.end(), own.begin(), own.end());
  }
}

/// Calls visit(means) with the means of one descent after the other. While several are under way, a
/// quarter of them have their turn at a snapshot; at the end all.
template <class Run, class Real, class Visit>
void each_descent(Run const& run, int snapshot, std::span<Real const> means, Visit&& visit) {
  int const copies = run.batch();
  std::size_t const each = means.size() / static_cast<std::size_t>(copies);
  int const turn = run.iteration() / std::max(1, snapshot);
  for (int k = 0; k < copies; ++k)
    if (copies == 1 || run.done() || (k + turn) % 4 == 0)
      visit(means.subspan(static_cast<std::size_t>(k) * each, each));
}

}  // namespace gaus::detail

#endif
