// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/communication.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/schedule/relaxation_run.hpp>
#include <support/descent.hpp>
#include <support/measure.hpp>
#include <support/spaces.hpp>

#include <cstddef>
#include <memory>
#include <type_traits>
#include <vector>

namespace gaus_bench {
namespace {

template <class V, class Objective>
class RelaxationDescent final : public Descent {
 public:
  RelaxationDescent(Instance const& instance, Objective const& objective, Spreads spreads)
      : run_(exec_, problem_on<typename V::MemorySpace>(instance), objective,
             gaus::Constraints<>{}) {
    recipe_.iterations = descent_length(instance.operations());
    recipe_.multiplier_updates = recipe_.iterations / 12;
    if (spreads != Spreads::recipe) {
      recipe_.spread.low = recipe_.spread.high = spreads == Spreads::one ? 1 : 2;
      recipe_.spread_factor_last = 1;
    }
    for (std::size_t i = 0; i < instance.bounds.earliest.size(); ++i)
      means_.push_back(0.5 * (instance.bounds.earliest[i] + instance.bounds.latest[i]));
    run_.begin(recipe_, means_);
    int const first = takes_long(instance.operations()) ? 1 : 3;
    for (int k = 0; k < first; ++k) run_.step();  // buffers are made on first use
    run_.begin(recipe_, means_);
  }
  double next() override {
    if (run_.done()) run_.begin(recipe_, means_);
    return seconds_of(exec_, [&] { run_.step(); });
  }

 private:
  typename V::Space exec_{};
  gaus::RelaxationRun<typename V::Space, DeviceGraph<typename V::MemorySpace>, typename V::Real,
                      Objective>
      run_;
  gaus::Recipe recipe_{};
  std::vector<double> means_;
};

template <class V>
std::unique_ptr<Descent> make_descent(Instance const& instance, Goal goal, Spreads spreads) {
  auto const made = [&](auto const& objective) -> std::unique_ptr<Descent> {
    using Objective = std::decay_t<decltype(objective)>;
    return std::make_unique<RelaxationDescent<V, Objective>>(instance, objective, spreads);
  };
  if (goal == Goal::a) return made(100.0 * gaus::PeakUsage{} + gaus::Communication{});
  return made(gaus::MemoryFootprint{});
}

}  // namespace

std::vector<DescentVariant> descent_variants() {
  std::vector<DescentVariant> all;
  for_variants([&](auto variant) {
    using V = decltype(variant);
    all.push_back({V::name(), sizeof(typename V::Real), V::MemorySpace::name(),
                   copy_bandwidth<typename V::Space>, make_descent<V>});
  });
  return all;
}

}  // namespace gaus_bench
