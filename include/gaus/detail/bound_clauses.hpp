// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_BOUND_CLAUSES_HPP
#define GAUS_DETAIL_BOUND_CLAUSES_HPP

#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

// The machine of a search that learns from conflicts, over integer variables with bounds (lazy clause
// generation: Ohrimenko, Stuckey and Codish 2009; for project scheduling Schutt, Feydy, Stuckey and
// Wallace 2011, Constraints 16).
//
// A variable x has two bounds, numbered 2x for x >= value and 2x + 1 for -x >= value, so that bounds
// only ever grow. A literal (bound, value) is true when the bound is at least the value; its opposite
// is (bound ^ 1, 1 - value). No boolean variables exist: learned nogoods are conjunctions of literals
// that must not all be true, watched by two literals that are not. Every change of a bound knows its
// reason; a propagator explains on demand which literals implied it (explain()). A conflict is
// resolved to its first unique implication point (Moskewicz et al. 2001).
namespace gaus::detail {

struct BoundLiteral {
  int bound;
  int value;
};

/// Why a bound changed. kind < 0: a nogood with number a, or a decision; else the propagator's own.
struct BoundReason {
  static constexpr int decision = -1;
  static constexpr int nogood = -2;
  int kind = decision;
  int a = 0;
  int b = 0;
};

/// Own derives from it and has
///   void explain(literal, reason, before, into)   appends literals that were true before place
///                                                 `before` of the trail and imply the literal
///   void changed(bound, old, value)               after a bound has grown
///   void undone(bound, old, value)                after it is old again
///   void backtracked()                            after all of that
///   void bump(literal)                            a literal of a learned nogood
template <class Own>
class BoundClauses {
 public:
  using Literals = std::vector<BoundLiteral>;

  [[nodiscard]] int low(int x) const { return value_[at(2 * x)]; }
  [[nodiscard]] int high(int x) const { return -value_[at(2 * x + 1)]; }
  [[nodiscard]] int level() const { return static_cast<int>(level_begin_.size()); }
  [[nodiscard]] bool is_true(BoundLiteral l) const { return value_[at(l.bound)] >= l.value; }
  [[nodiscard]] bool is_false(BoundLiteral l) const {
    return value_[at(l.bound ^ 1)] >= 1 - l.value;
  }

 protected:
  struct Entry {
    int bound;
    int old;
    int value;
    int before;  ///< earlier entry of this bound, or -1
    int level;
    BoundReason reason;
  };
  struct Nogood {
    std::vector<BoundLiteral> literals;
    int levels = 0;  ///< decision levels in it when learned (Audemard and Simon 2009)
    float activity = 0;
  };
  struct Watch {
    int nogood;
    int value;
  };

  void reset_bounds(std::vector<int> const& low, std::vector<int> const& high) {
    std::size_t const n = low.size();
    value_.resize(2 * n);
    for (std::size_t i = 0; i < n; ++i) {
      value_[2 * i] = low[i];
      value_[2 * i + 1] = -high[i];
    }
    last_.assign(2 * n, -1);
    watch_.assign(2 * n, {});
    need_.assign(2 * n, no_need);
    need_place_.assign(2 * n, -1);
  }

  /// Makes a literal true. False when its opposite is: conflict_ then holds why.
  bool set(BoundLiteral l, BoundReason reason) {
    if (is_true(l)) return true;
    if (is_false(l)) {
      conflict_.clear();
      if (reason.kind == BoundReason::nogood)
        explain_by_nogood(l, reason, conflict_);
      else
        own().explain(l, reason, static_cast<int>(trail_.size()), conflict_);
      conflict_.push_back({l.bound ^ 1, 1 - l.value});
      return false;
    }
    int& last = last_[at(l.bound)];
    int& value = value_[at(l.bound)];
    trail_.push_back({l.bound, value, l.value, last, level(), reason});
    last = static_cast<int>(trail_.size()) - 1;
    int const old = value;
    value = l.value;
    own().changed(l.bound, old, l.value);
    return true;
  }

  /// Value of a bound before a place of the trail.
  [[nodiscard]] int value_before(int bound, int place) const {
    int k = last_[at(bound)];
    int value = value_[at(bound)];
    while (k >= place) {
      value = trail_[at(k)].old;
      k = trail_[at(k)].before;
    }
    return value;
  }
  /// Place of the entry that made a true literal true; -1: true at the root.
  [[nodiscard]] int place_of(BoundLiteral l) const {
    int k = last_[at(l.bound)];
    while (k >= 0 && trail_[at(k)].old >= l.value) k = trail_[at(k)].before;
    return k < 0 || trail_[at(k)].level == 0 ? -1 : k;
  }

  void decide(BoundLiteral l) {
    level_begin_.push_back(static_cast<int>(trail_.size()));
    set(l, {});
  }
  void backtrack(int level) {
    if (level >= this->level()) return;
    int const begin = level_begin_[at(level)];
    while (static_cast<int>(trail_.size()) > begin) {
      Entry const& e = trail_.back();
      value_[at(e.bound)] = e.old;
      own().undone(e.bound, e.old, e.value);
      last_[at(e.bound)] = e.before;
      trail_.pop_back();
    }
    level_begin_.resize(at(level));
    queue_ = std::min(queue_, begin);
    own().backtracked();
  }
  /// At the root after propagation: what holds now holds always.
  void settle_root() {
    for (auto const& e : trail_) last_[at(e.bound)] = -1;
    trail_.clear();
    queue_ = 0;
  }

  /// Nogoods that watch a bound which has grown. False: conflict_ holds a nogood.
  bool propagate_nogoods(Entry const& e) {
    auto& list = watch_[at(e.bound)];
    std::size_t kept = 0;
    for (std::size_t k = 0; k < list.size(); ++k) {
      Watch const w = list[k];
      if (w.value > e.value || w.value <= e.old) {
        list[kept++] = w;
        continue;
      }
      auto& literals = nogoods_[at(w.nogood)].literals;
      if (literals[0].bound == e.bound) std::swap(literals[0], literals[1]);
      if (is_false(literals[0])) {
        list[kept++] = w;
        continue;
      }
      bool moved = false;
      for (std::size_t m = 2; m < literals.size() && !moved; ++m) {
        if (is_true(literals[m])) continue;
        std::swap(literals[1], literals[m]);
        watch_[at(literals[1].bound)].push_back({w.nogood, literals[1].value});
        moved = true;
      }
      if (moved) continue;
      list[kept++] = w;
      bool sound = true;
      if (is_true(literals[0])) {
        conflict_ = literals;
        sound = false;
      } else {
        sound =
            set({literals[0].bound ^ 1, 1 - literals[0].value}, {BoundReason::nogood, w.nogood, 0});
      }
      if (sound) continue;
      for (++k; k < list.size(); ++k) list[kept++] = list[k];
      list.resize(kept);
      bump_nogood(w.nogood);
      return false;
    }
    list.resize(kept);
    return true;
  }

  /// Learns from conflict_, backtracks and asserts. False: the conflict holds at the root.
  bool resolve() {
    int deepest = 0;
    for (auto const& l : conflict_) {
      int const k = place_of(l);
      if (k >= 0) deepest = std::max(deepest, trail_[at(k)].level);
    }
    if (deepest == 0) return false;
    backtrack(deepest);
    open_ = 0;
    required_.clear();
    for (auto const& l : conflict_) require(l);
    int k = static_cast<int>(trail_.size()) - 1;
    for (;; --k) {
      Entry const& e = trail_[at(k)];
      if (need_place_[at(e.bound)] != k || need_[at(e.bound)] == no_need) continue;
      if (open_ == 1) break;
      BoundLiteral const l{e.bound, need_[at(e.bound)]};
      need_[at(e.bound)] = no_need;
      need_place_[at(e.bound)] = -1;
      --open_;
      reasons_.clear();
      explain_any(l, e.reason, k, reasons_);
      for (auto const& r : reasons_) require(r);
    }
    BoundLiteral const point{trail_[at(k)].bound, need_[at(trail_[at(k)].bound)]};
    Nogood learned;
    learned.literals.push_back(point);
    std::sort(required_.begin(), required_.end());
    required_.erase(std::unique(required_.begin(), required_.end()), required_.end());
    for (int const b : required_) {
      if (need_[at(b)] == no_need || b == point.bound) continue;
      if (!redundant(b)) learned.literals.push_back({b, need_[at(b)]});
    }
    // The deepest of the others is the level to return to and the second watch.
    int back = 0;
    levels_.clear();
    for (std::size_t m = 1; m < learned.literals.size(); ++m) {
      int const own_level = trail_[at(place_of(learned.literals[m]))].level;
      levels_.push_back(own_level);
      if (own_level <= back) continue;
      back = own_level;
      std::swap(learned.literals[1], learned.literals[m]);
    }
    std::sort(levels_.begin(), levels_.end());
    learned.levels =
        static_cast<int>(std::unique(levels_.begin(), levels_.end()) - levels_.begin()) + 1;
    for (int const b : required_) {
      need_[at(b)] = no_need;
      need_place_[at(b)] = -1;
    }
    for (auto const& l : learned.literals) own().bump(l);
    backtrack(back);
    BoundLiteral const asserted{point.bound ^ 1, 1 - point.value};
    if (learned.literals.size() == 1) return set(asserted, {});
    learned.activity = step_;
    int const number = static_cast<int>(nogoods_.size());
    for (std::size_t m = 0; m < 2; ++m)
      watch_[at(learned.literals[m].bound)].push_back({number, learned.literals[m].value});
    nogoods_.push_back(std::move(learned));
    return set(asserted, {BoundReason::nogood, number, 0});
  }

  /// At the root: drops nogoods that are satisfied or have done little, the worse half.
  void reduce(std::size_t most) {
    std::size_t kept = 0;
    for (auto& g : nogoods_) {
      bool dead = false;
      for (auto const& l : g.literals) dead = dead || is_false(l);
      if (dead) continue;
      std::erase_if(g.literals, [&](auto const& l) { return is_true(l); });
      if (g.literals.size() < 2) {
        root_.push_back({g.literals[0].bound ^ 1, 1 - g.literals[0].value});
        continue;
      }
      if (&nogoods_[kept] != &g) nogoods_[kept] = std::move(g);
      ++kept;
    }
    nogoods_.resize(kept);
    if (kept > most) {
      std::sort(nogoods_.begin(), nogoods_.end(), [](auto const& a, auto const& b) {
        bool const a_core = a.levels <= 2;
        bool const b_core = b.levels <= 2;
        return a_core != b_core ? a_core : a.activity > b.activity;
      });
      nogoods_.resize(most / 2);
    }
    for (auto& w : watch_) w.clear();
    for (std::size_t g = 0; g < nogoods_.size(); ++g)
      for (std::size_t m = 0; m < 2; ++m)
        watch_[at(nogoods_[g].literals[m].bound)].push_back(
            {static_cast<int>(g), nogoods_[g].literals[m].value});
  }

  std::vector<int> value_;
  std::vector<int> last_;
  std::vector<Entry> trail_;
  std::vector<int> level_begin_;
  std::vector<std::vector<Watch>> watch_;
  std::vector<Nogood> nogoods_;
  Literals conflict_;
  Literals root_;  ///< to set at the root
  int queue_ = 0;  ///< first entry that is not propagated
  float step_ = 1;

 private:
  static constexpr int no_need = std::numeric_limits<int>::min();

  Own& own() { return static_cast<Own&>(*this); }

  void explain_by_nogood(BoundLiteral l, BoundReason reason, Literals& into) {
    bump_nogood(reason.a);
    for (auto const& other : nogoods_[at(reason.a)].literals)
      if (other.bound != (l.bound ^ 1)) into.push_back(other);
  }
  void explain_any(BoundLiteral l, BoundReason reason, int place, Literals& into) {
    if (reason.kind == BoundReason::nogood)
      explain_by_nogood(l, reason, into);
    else
      own().explain(l, reason, place, into);
  }
  void require(BoundLiteral l) {
    int const k = place_of(l);
    if (k < 0) return;
    int& need = need_[at(l.bound)];
    int& place = need_place_[at(l.bound)];
    if (need != no_need && need >= l.value) return;
    int const begin = level_begin_.back();
    if (k >= begin && (need == no_need || place < begin)) ++open_;
    if (need == no_need) required_.push_back(l.bound);
    need = l.value;
    place = k;
  }
  /// Whether the rest of the nogood implies a literal of it.
  bool redundant(int bound) {
    Entry const& e = trail_[at(need_place_[at(bound)])];
    if (e.reason.kind == BoundReason::decision) return false;
    reasons_.clear();
    explain_any({bound, need_[at(bound)]}, e.reason, need_place_[at(bound)], reasons_);
    for (auto const& r : reasons_)
      if (place_of(r) >= 0 && (need_[at(r.bound)] == no_need || need_[at(r.bound)] < r.value ||
                               need_place_[at(r.bound)] >= need_place_[at(bound)]))
        return false;  // the last: what is left out must follow from what stands earlier
    return true;
  }
  void bump_nogood(int g) {
    float& activity = nogoods_[at(g)].activity;
    activity += step_;
    step_ *= 1.0005F;
    if (step_ < 1e20F) return;
    for (auto& other : nogoods_) other.activity *= 1e-20F;
    step_ *= 1e-20F;
  }

  std::vector<int> need_;        ///< by bound, the value asked for in analysis
  std::vector<int> need_place_;  ///< and where the trail reached it
  std::vector<int> required_;
  Literals reasons_;
  std::vector<int> levels_;
  int open_ = 0;
};

}  // namespace gaus::detail

#endif
