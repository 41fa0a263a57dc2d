// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_POPULATION_SEARCH_HPP
#define GAUS_DETAIL_POPULATION_SEARCH_HPP

#include <gaus/detail/function_ref.hpp>
#include <gaus/detail/limited_project.hpp>
#include <gaus/detail/random_bits.hpp>
#include <gaus/schedule/schedule_generation.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

// A genetic algorithm over schedules for least makespan: two populations, one built forward, one
// backward, each the parents of the other (Debels and Vanhoucke 2005, Lecture Notes in Computer
// Science 3483), so that every generation is also one half of a double justification. A child takes
// the stretch of time in which its father uses resources best from the father, and the order of all
// else from its mother. The least makespan never leaves.
namespace gaus::detail {

class PopulationSearch {
 public:
  /// The project without cycles of constraints.
  PopulationSearch(LimitedProject const& project, std::uint64_t seed)
      : project_{&project, nullptr},
        mirror_(mirrored(project)),
        generator_{SerialGenerator(project), SerialGenerator(mirror_)},
        random_(seed) {
    project_[1] = &mirror_;
    int const n = project.operations;
    size_ = std::clamp(24000 / std::max(1, n), 8, most_members);
  }
  PopulationSearch(PopulationSearch const&) = delete;
  PopulationSearch& operator=(PopulationSearch const&) = delete;

  /// Offers a schedule: its order is justified and joins the population.
  void offer(std::vector<int> const& start) {
    keys_by_end(*project_[0], start, key_);
    Member back;
    back.makespan = generator_[1].keys(key_, back.start);
    keys_by_end(*project_[1], back.start, key_);
    Member member;
    member.makespan = generator_[0].keys(key_, member.start);
    learn(member, 0);
    join(std::move(member));
  }
  /// Offers an order, the least priority first, to both schemes, the second while keep_going().
  void offer_order(std::vector<double> const& priority, KeepGoing keep_going) {
    std::vector<int> start;
    generator_[0].serial(priority, start);
    offer(start);
    if (project_[0]->operations > most_for_parallel || !keep_going()) return;
    generator_[0].parallel(priority, start);
    offer(start);
  }

  [[nodiscard]] int best_makespan() const { return best_.makespan; }
  [[nodiscard]] std::vector<int> const& best() const { return best_.start; }

  /// One generation in either direction of time, or filling the population at first; stops early
  /// when keep_going() is false or the makespan is at most a target.
  template <class KeepGoing>
  void step(int target, KeepGoing&& keep_going) {
    if (samples_ < samples_each * size_) {
      for (; samples_ < samples_each * size_ && best_.makespan > target && keep_going(); ++samples_)
        offer_random();
      return;
    }
    for (int side = 0; side < 2; ++side) {
      auto const& parents = members_[side];
      auto& children = members_[1 - side];
      children.resize(parents.size());
      for (std::size_t m = 0; m < parents.size(); ++m) {
        if (best_.makespan <= target || !keep_going()) return;  // the next step begins anew
        Member best_child;
        for (int c = 0; c < children_each; ++c) {
          Member child = cross(parents[m], tournament(parents), side);
          if (c == 0 || child.makespan < best_child.makespan) best_child = std::move(child);
        }
        children[m] = std::move(best_child);
      }
      // The best schedule stays.
      auto const least =
          std::min_element(children.begin(), children.end(),
                           [](auto const& a, auto const& b) { return a.makespan < b.makespan; });
      if (least->makespan > best_.makespan && 1 - side == 0)
        children[at(random_.below(static_cast<int>(children.size())))] = best_;
    }
    ++stale_;
    if (stale_ > most_stale) restart();
  }

 private:
  struct Member {
    int makespan = max_steps_ahead;
    std::vector<int> start;  ///< in the direction of its population
  };
  static constexpr int most_for_parallel = 5000;  ///< operations; its time may grow by steps * V
  static constexpr int most_members = 200;
  static constexpr int children_each = 2;
  static constexpr int samples_each = 4;  ///< random orders, of which one stays
  static constexpr int most_stale = 200;  ///< generations without a better schedule

  void restart() {
    stale_ = 0;
    samples_ = 0;
    members_[0].clear();
    members_[0].push_back(best_);
  }
  void join(Member member) {
    if (static_cast<int>(members_[0].size()) < size_) {
      members_[0].push_back(std::move(member));
      return;
    }
    auto const worst =
        std::max_element(members_[0].begin(), members_[0].end(),
                         [](auto const& a, auto const& b) { return a.makespan < b.makespan; });
    if (worst->makespan >= member.makespan) *worst = std::move(member);
  }
  void learn(Member const& member, int side) {
    if (member.makespan >= best_.makespan) return;
    stale_ = 0;
    best_ = member;
    if (side == 0) return;
    // Read backwards, the same schedule.
    mirror_steps(*project_[0], member.makespan, best_.start);
    int const first = *std::min_element(best_.start.begin(), best_.start.end());
    for (int& s : best_.start) s -= first;
    best_.makespan = critical_path(project_[0]->system, best_.start);
  }
  Member const& tournament(std::vector<Member> const& all) {
    auto const& a = all[at(random_.below(static_cast<int>(all.size())))];
    auto const& b = all[at(random_.below(static_cast<int>(all.size())))];
    return a.makespan <= b.makespan ? a : b;
  }
  /// A random order by latest starts, of which either every operation's is blurred, or some
  /// operations, all last ones among them, ask for more steps behind them, and with them all that
  /// leads there: so whole parts of a project are put before others (problem-space search: Storer,
  /// Wu and Vaccari 1992, Management Science 38).
  void offer_random() {
    auto const& p = *project_[0];
    auto const& s = p.system;
    int const n = p.operations;
    tail_.resize(at(n));
    bool const parts = random_.below(2) == 0;
    double const width = spread_ * random_.unit();
    int const chosen = random_.below(3) == 0 ? 100 : random_.below(2) == 0 ? 20 : 0;  // per mille
    double longest = 0;
    for (auto v = s.order.rbegin(); v != s.order.rend(); ++v) {
      double t = s.length[at(*v)];
      for (int k = s.out_offset[at(*v)]; k < s.out_offset[at(*v) + 1]; ++k)
        t = std::max(t, -tail_[at(s.out_to[at(k)])] + s.out_delta[at(k)]);
      bool const last = s.out_offset[at(*v)] == s.out_offset[at(*v) + 1];
      if (parts && (last || random_.below(1000) < chosen)) t += width * random_.unit();
      tail_[at(*v)] = -t;
      longest = std::max(longest, t);
    }
    if (!parts)
      for (double& t : tail_) t += width * random_.unit();
    if (spread_ == 0) spread_ = longest;
    std::vector<int> start;
    if (n > most_for_parallel || random_.below(2) == 0)
      generator_[0].serial(tail_, start);
    else
      generator_[0].parallel(tail_, start);
    offer(start);
  }
  Member cross(Member const& mother, Member const& father, int side) {
    auto const& p = *project_[side];
    int const n = p.operations;
    int const span = father.makespan;
    // Use of resources by step, then the stretch of a random length that uses the most.
    use_.assign(at(span) + 2, 0.0);
    for (int i = 0; i < n; ++i) {
      if (p.busy[at(i)] == 0) continue;
      double const share = p.weight[at(i)] / p.busy[at(i)];
      use_[at(father.start[at(i)])] += share;
      use_[at(std::min(father.start[at(i)] + p.busy[at(i)], span + 1))] -= share;
    }
    double sum = 0;
    double total = 0;
    for (double& u : use_) {
      sum += u;
      u = total;
      total += sum;
    }
    int const length = std::max(1, span / 4 + random_.below(span / 2 + 1));
    int first = 0;
    double most = -1;
    int const places = std::max(1, span - length + 1);
    for (int tries = 0; tries < 3; ++tries) {
      int const t = random_.below(places);
      double const used = use_[at(t + length)] - use_[at(t)];
      if (used <= most) continue;
      most = used;
      first = t;
    }
    int const last = first + length;
    bool const same = mother.makespan == father.makespan && mother.start == father.start;
    order_.resize(at(n));
    for (int i = 0; i < n; ++i) {
      int const end = father.start[at(i)] + p.busy[at(i)];
      int const own = mother.start[at(i)] + p.busy[at(i)];
      long long k = 0;
      if (!same && father.start[at(i)] >= first && father.start[at(i)] <= last)
        k = end;
      else
        k = own < (first + last + 1) / 2 ? own - 2 * span : own + 2 * span;
      if (same) k = own;
      if (same ? random_.below(100) < 15 : random_.below(100) < 3)
        k += random_.below(2 * blur + 1) - blur;
      // Largest end first; ties at random.
      auto const high = static_cast<std::uint64_t>((1LL << 30) - k);
      order_[at(i)] = (high << 32) | ((random_() & 0x3ff) << 22) | static_cast<std::uint64_t>(i);
    }
    std::sort(order_.begin(), order_.end());
    list_.resize(at(n));
    for (int i = 0; i < n; ++i) list_[at(i)] = static_cast<int>(order_[at(i)] & 0x3fffff);
    Member child;
    child.makespan = generator_[1 - side].list(list_, child.start);
    learn(child, 1 - side);
    return child;
  }
  static constexpr int blur = 8;

  LimitedProject const* project_[2];
  LimitedProject mirror_;
  SerialGenerator generator_[2];
  RandomBits random_;
  int size_ = 0;
  int stale_ = 0;
  int samples_ = 0;  ///< random orders since the population began
  Member best_;
  std::vector<Member> members_[2];  ///< forward, backward
  std::vector<double> tail_;
  double spread_ = 0;
  std::vector<int> key_;
  std::vector<double> use_;
  std::vector<std::uint64_t> order_;
  std::vector<int> list_;
};

}  // namespace gaus::detail

#endif
