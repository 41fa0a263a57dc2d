// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_PARETO_STEPS_HPP
#define GAUS_SCHEDULE_PARETO_STEPS_HPP

#include <gaus/schedule.hpp>
#include <gaus/schedule/legalize.hpp>
#include <gaus/schedule/pareto_search.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace gaus::detail {

/// One objective against the steps.
template <class ObjectivePolicy, class Real, class ExecutionSpace, Graph G, Graph H,
          class... Policies>
class OverSteps : public ParetoSearch<Real, ExecutionSpace, G, H, Policies...> {
  using Base = ParetoSearch<Real, ExecutionSpace, G, H, Policies...>;
  using Base::archive_, Base::critical_, Base::ended, Base::front_, Base::limit_, Base::options_,
      Base::steps_, Base::system_;

 public:
  OverSteps(ObjectivePolicy const& objective, ExecutionSpace const& exec, G const& graph, H host,
            Constraints<Policies...> const& constraints, ParetoOptions const& options)
      : Base(exec, graph, std::move(host), constraints, options), objective_(objective) {}

  ParetoFront run() {
    int const planned = std::min(options_.solves, steps_ - critical_ + 1);
    solve_with(critical_, planned);
    if (planned > 1) solve_with(steps_, planned);
    while (front_.solves < planned && !ended()) {
      // Between the numbers of steps solved, where the objective changes most.
      int middle = 0;
      double most = -1;
      for (std::size_t k = 0; k + 1 < solved_.size(); ++k) {
        int const apart = solved_[k + 1].first - solved_[k].first;
        double const gain = (solved_[k].second - solved_[k + 1].second) * apart;
        if (apart < 2 || gain <= most) continue;
        most = gain;
        middle = solved_[k].first + apart / 2;
      }
      solve_with(middle, planned);
    }
    return this->finish();
  }

 private:
  void solve_with(int steps, int planned) {
    auto const bounds = this->bounds_of(steps);
    auto const problem = this->problem_of(steps, bounds);
    auto const values = [&](std::vector<int> const& s) {
      return std::pair(static_cast<double>(objective_.exact(problem, std::span<int const>(s))),
                       static_cast<double>(makespan(problem, s)));
    };
    // Every schedule of the archive, squeezed or stretched into the steps, is a start.
    std::vector<int> start;
    double least = std::numeric_limits<double>::infinity();
    for (auto const& e : archive_.entries()) {
      for (bool const scaled : {false, true}) {
        auto trial = e.start;
        if (scaled)
          for (int& s : trial) s = static_cast<int>(std::int64_t{s} * steps / std::max(1, e.steps));
        legalize(system_, bounds, Direction::forward, trial);
        double const value = values(trial).first;
        if (!(value < least)) continue;
        least = value;
        start = std::move(trial);
      }
    }
    auto const result =
        this->solve(objective_, steps, start, 1.0 / std::max(1, planned - front_.solves));
    if (!result) return;
    this->offer(values, result->schedule.start_steps, steps, problem);
    auto const place =
        std::lower_bound(solved_.begin(), solved_.end(), std::pair(steps, 0.0),
                         [](auto const& x, auto const& y) { return x.first < y.first; });
    solved_.insert(place, {steps, result->value});
  }

  ObjectivePolicy const& objective_;
  std::vector<std::pair<int, double>> solved_;  ///< steps and value
};

}  // namespace gaus::detail

#endif
