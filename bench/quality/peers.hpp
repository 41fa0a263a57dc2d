// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_QUALITY_PEERS_HPP
#define GAUS_BENCH_QUALITY_PEERS_HPP

#include <gaus/schedule/force_directed.hpp>
#include <gaus/schedule/list.hpp>
#include <gaus/schedule/min_lifetime.hpp>
#include <gaus/schedule/refine.hpp>
#include <quality/figures.hpp>
#include <quality/instances.hpp>
#include <quality/objective.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// What gaus is measured against. Each peer has the time limit to itself, on one thread, and returns
// the best schedule that it has seen by the exact objective. What has reached the lower bound stops:
// nothing is better.
namespace gaus_quality {

/// A schedule with its value.
struct Peer {
  std::string name;
  std::vector<int> start{};
  double value = 0;
  double seconds = 0;
};

class Peers {
 public:
  Peers(Instance const& instance, Objective const& objective, double limit, std::uint64_t seed,
        double bound)
      : instance_(instance),
        objective_(objective),
        limit_(limit),
        seed_(seed),
        bound_(bound),
        refiner_(instance.problem, instance.system, instance.bounds, cost_model(objective)) {}

  /// All of them, in the order of the columns.
  std::vector<Peer> run() {
    add("asap", [&](Clock const&, Peer& peer) { offer(peer, instance_.bounds.earliest); });
    add("alap", [&](Clock const&, Peer& peer) { offer(peer, instance_.bounds.latest); });
    add("list", [&](Clock const& clock, Peer& peer) {
      for (auto const priority : gaus::list_priorities)
        if (peer.start.empty() || clock.within())
          offer(peer, gaus::list_schedule(
                          instance_.graph, instance_.system, instance_.bounds, instance_.steps,
                          [&] { return clock.within(); }, priority));
    });
    add("force-directed", [&](Clock const& clock, Peer& peer) {
      for (auto const reduction : gaus::window_reductions)
        if (peer.start.empty() || clock.within())
          offer(peer, gaus::force_directed_schedule(
                          instance_.graph, instance_.system, instance_.bounds, instance_.steps,
                          [&] { return clock.within(); }, reduction));
    });
    add(refined_name, [&](Clock const& clock, Peer& peer) { refine_least_linear(clock, peer); });
    add("annealing", [&](Clock const& clock, Peer& peer) { anneal(clock, peer); });
    return std::move(peers_);
  }

 private:
  static constexpr char const* refined_name = "min-lifetime, refined";

  template <class Method>
  void add(std::string const& name, Method const& method) {
    Clock const clock(limit_);
    Peer peer{name};
    method(clock, peer);
    peer.seconds = clock.seconds();
    peers_.push_back(std::move(peer));
  }

  void offer(Peer& peer, std::vector<int> start) const {
    double const value = objective_.exact(instance_.problem, start);
    if (!peer.start.empty() && value >= peer.value) return;
    peer.value = value;
    peer.start = std::move(start);
  }

  [[nodiscard]] bool proven(Peer const& peer) const { return peer.value <= bound_ * (1 + 1e-9); }

  /// The exact minimum of the linear costs (of the lifetime where the objective has none), then one
  /// annealing after another from the best so far, with settings that vary.
  void refine_least_linear(Clock const& clock, Peer& peer) {
    auto const model = cost_model(objective_);
    gaus::LinearWeights weights{model.lifetime, model.communication, model.makespan};
    if (weights.lifetime + weights.communication + weights.makespan <= 0) weights.lifetime = 1;
    least_linear_ =
        gaus::min_lifetime(instance_.problem, instance_.system, instance_.bounds, weights, [&] {
          return clock.within(0.5);
        }).start;
    offer(peer, least_linear_);
    auto const moves =
        static_cast<std::int64_t>(std::clamp(60.0 * instance_.graph.num_operations(), 1e5, 2e7));
    for (std::uint64_t round = 0; clock.within() && !proven(peer); ++round) {
      auto trial = peer.start;
      refiner_.anneal(trial, gaus::varied_refine_options(1000 * seed_ + round, moves),
                      [&] { return clock.within(); });
      offer(peer, std::move(trial));
    }
  }

  /// One annealing as long as the limit, from the best of the classical schedules: all before it,
  /// nothing of them refined.
  void anneal(Clock const& clock, Peer& peer) {
    offer(peer, least_linear_);
    for (auto const& other : peers_)
      if (other.name != refined_name) offer(peer, other.start);
    if (proven(peer)) return;
    auto trial = peer.start;
    double const begin = clock.seconds();
    refiner_.anneal_by(trial, gaus::RefineOptions{.seed = seed_},
                       [&] { return (clock.seconds() - begin) / std::max(1e-9, limit_ - begin); });
    offer(peer, std::move(trial));
  }

  Instance const& instance_;
  Objective const& objective_;
  double limit_;
  std::uint64_t seed_;
  double bound_;
  gaus::Refiner<gaus::HostGraph> refiner_;
  std::vector<int> least_linear_;
  std::vector<Peer> peers_;
};

}  // namespace gaus_quality

#endif
