// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_ORDER_NEIGHBOURHOOD_HPP
#define GAUS_DETAIL_ORDER_NEIGHBOURHOOD_HPP

#include <gaus/detail/conflict_search.hpp>
#include <gaus/detail/limited_project.hpp>
#include <gaus/detail/random_bits.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

// Large neighbourhoods of a schedule: all operations keep the order in which they hand units to one
// another, but those of a stretch of time or of a random set, whose order a complete search finds
// anew (partial-order schedules: Godard, Laborie and Nuijten 2005, ICAPS; the relaxation of
// iterative flattening: Cesta, Oddi and Smith 2000). The size follows from whether that search ends.
namespace gaus::detail {

class OrderNeighbourhood {
 public:
  /// head, tail: as in ConflictSearch.
  OrderNeighbourhood(LimitedProject const& project, std::vector<int> const& head,
                     std::vector<int> const& tail, std::uint64_t seed)
      : p_(project),
        head_(head),
        tail_(tail),
        random_(seed),
        size_(std::min(30.0, 0.5 * project.operations)) {}

  /// Looks once for a schedule of at most `bound` near a legal one, which it replaces. Returns
  /// whether it found one.
  template <class KeepGoing>
  bool step(std::vector<int>& start, int bound, KeepGoing&& keep_going) {
    choose(start);
    LimitedProject part = p_;
    part.system = with_order(start);
    ConflictSearch search(part, head_, tail_, bound);
    search.guide(start);
    auto const outcome = search.run_once(most_conflicts, keep_going);
    bool const found = search.found();
    if (found) start = search.best();
    if (found) return true;
    size_ *= outcome == ConflictSearch::Outcome::exhausted ? 1.02 : 0.98;
    size_ = std::clamp(size_, 5.0, static_cast<double>(p_.operations));
    return false;
  }

 private:
  int most_conflicts = 500;

  /// Those whose order is free: of a stretch of time, and some others.
  void choose(std::vector<int> const& start) {
    int const n = p_.operations;
    free_.assign(at(n), 0);
    int const wanted = std::min(n, static_cast<int>(size_));
    int const pivot = random_.below(n);
    // The nearest in time to a random operation; a few anywhere.
    order_.resize(at(n));
    for (int i = 0; i < n; ++i) order_[at(i)] = i;
    int const middle = 2 * start[at(pivot)] + p_.busy[at(pivot)];
    std::vector<long long> away(at(n));
    for (int i = 0; i < n; ++i) {
      long long const off = 2LL * start[at(i)] + p_.busy[at(i)] - middle;
      away[at(i)] = (off < 0 ? -off : off) * 64 + random_.below(64);
    }
    int const near = random_.below(4) == 0 ? wanted / 2 : wanted;
    std::nth_element(order_.begin(), order_.begin() + std::min(near, n - 1), order_.end(),
                     [&](int a, int b) { return away[at(a)] < away[at(b)]; });
    for (int k = 0; k < near; ++k) free_[at(order_[at(k)])] = 1;
    for (int k = near; k < wanted; ++k) free_[at(random_.below(n))] = 1;
  }

  /// The constraints and one arc from every kept operation to each that takes over units of it.
  DifferenceSystem with_order(std::vector<int> const& start) {
    int const n = p_.operations;
    bounds_.clear();
    order_.clear();
    for (int i = 0; i < n; ++i)
      if (p_.busy[at(i)] > 0 && !free_[at(i)]) order_.push_back(i);
    std::sort(order_.begin(), order_.end(), [&](int a, int b) {
      return start[at(a)] != start[at(b)] ? start[at(a)] < start[at(b)] : a < b;
    });
    pool_.assign(p_.limit.size(), {});
    for (std::size_t r = 0; r < pool_.size(); ++r) pool_[r].push_back({-1, p_.limit[r]});
    for (int const i : order_)
      for (int k = p_.use_offset[at(i)]; k < p_.use_offset[at(i) + 1]; ++k) {
        auto& pool = pool_[at(p_.uses[at(k)].limited)];
        long long need = p_.uses[at(k)].units;
        // Units lately given back first, so that chains stay long and few; they alone are tight.
        std::size_t kept = pool.size();
        for (std::size_t m = pool.size(); m-- > 0 && need > 0;) {
          auto& held = pool[m];
          if (held.from >= 0 && start[at(held.from)] + p_.busy[at(held.from)] > start[at(i)])
            continue;
          long long const taken = std::min(need, held.units);
          if (held.from >= 0 && !handed(held.from, i))
            bounds_.push_back({held.from, i, p_.busy[at(held.from)]});
          held.units -= taken;
          need -= taken;
        }
        kept = 0;
        for (auto const& held : pool)
          if (held.units > 0) pool[kept++] = held;
        pool.resize(kept);
        pool.push_back({i, p_.uses[at(k)].units});
      }
    return with_constraints(p_.system, bounds_);
  }
  [[nodiscard]] bool handed(int from, int to) const {
    return !bounds_.empty() && bounds_.back().from == from && bounds_.back().to == to;
  }

  struct Held {
    int from;  ///< who gives the units back; -1: free from the start
    long long units;
  };

  LimitedProject const& p_;
  std::vector<int> const& head_;
  std::vector<int> const& tail_;
  RandomBits random_;
  double size_;
  std::vector<char> free_;
  std::vector<int> order_;
  std::vector<DifferenceBound> bounds_;
  std::vector<std::vector<Held>> pool_;
};

}  // namespace gaus::detail

#endif
