// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_EXPLANATION_TEXT_HPP
#define GAUS_IO_EXPLANATION_TEXT_HPP

#include <gaus/detail/message.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/schedule/explain.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

// An explanation (schedule/explain.hpp) in words: some 15 to 25 lines for a graph of any size.
namespace gaus {

/// What a line is about, empty where it goes on with the last one's, and what there is to say.
struct ExplanationLine {
  std::string about;  ///< "usage"
  std::string text;   ///< without a line end
};

namespace detail {

inline std::string figure(double x) {
  if (x == std::floor(x) && std::abs(x) < 1e15) return text_of(x);
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", x);
  return text;
}

inline std::string plural(long long n, char const* one, char const* many) {
  return message({n, " ", (n == 1 ? one : many)});
}

/// "3..5, 9 and 2 ranges more".
inline std::string ranges_text(std::vector<StepRange> const& ranges) {
  constexpr std::size_t most = 4;
  std::string text;
  for (std::size_t k = 0; k < std::min(ranges.size(), most); ++k) {
    text += message({(k > 0 ? ", " : ""), ranges[k].first});
    if (ranges[k].last > ranges[k].first) text += message({"..", ranges[k].last});
  }
  if (ranges.size() > most)
    text += message({" and ", ranges.size() - most,
                     (ranges.size() == most + 1 ? " range more" : " ranges more")});
  return text;
}

/// Writes the lines of one explanation.
class ExplanationWriter {
 public:
  ExplanationWriter(Explanation const& why, GraphDescription const* names)
      : why_(why), names_(names) {}

  std::vector<ExplanationLine> lines() {
    bool const pipelined = why_.interval > 0;
    say("slack",
        {figure(why_.fixed_operations), " of ", plural(why_.operations, "operation", "operations"),
         (why_.fixed_operations == 1 ? " has" : " have"), " none within ",
         plural(why_.steps, "step", "steps"), "; ",
         figure(static_cast<double>(why_.tight_dependences)), " of ",
         plural(why_.dependences, "dependence", "dependences"),
         (why_.tight_dependences == 1 ? " is" : " are"), " tight"});
    if (pipelined && why_.minimum) interval();
    for (auto const& usage : why_.usage) this->usage(usage);
    if (why_.memory) memory(*why_.memory);
    if (why_.lifetime) sum("lifetime", *why_.lifetime, true);
    if (why_.communication) sum("comm.", *why_.communication, false);
    if (why_.makespan) makespan(*why_.makespan);
    bound();
    return std::move(lines_);
  }

 private:
  template <std::size_t N>
  void say(char const* about, MessagePart const (&parts)[N]) {
    lines_.push_back({about, join_parts(parts, N)});
  }
  [[nodiscard]] std::string call(int i) const { return call_operation(names_, i); }

  void interval() {
    auto const& minimum = *why_.minimum;
    auto const& resources = minimum.resources;
    auto const& cycle = minimum.recurrences;
    say("interval",
        {why_.interval,
         (why_.interval == minimum.interval ? ", the least that classes and cycles allow"
                                            : ", above the least that they allow: "),
         (why_.interval == minimum.interval ? "" : figure(minimum.interval))});
    if (resources.resource >= 0) {
      auto const& own = resources.classes[at(resources.resource)];
      say("", {"class ", call_class(names_, resources.resource), ": ", figure(own.work),
               " units x steps an iteration, ", figure(own.limit.value_or(0)),
               " a step, so at least ", resources.interval});
    }
    if (!cycle.operations.empty())
      say("", {"cycle ",
               cut_list(
                   cycle.operations.size(),
                   [&](std::size_t k) { return call(cycle.operations[k]); }, " -> "),
               ": ", plural(cycle.length, "step", "steps"), " over distance ", cycle.distance,
               ", so at least ", cycle.interval});
  }

  /// The peak's places, and those that are there: fixed ones first.
  void peak(char const* about, PeakReason const& p, std::string const& what, char const* place,
            char const* places, bool sizes) {
    if (p.shares.empty()) {
      say(about, {figure(p.peak), " ", what});
      return;
    }
    say(about, {figure(p.peak), " ", what, " at ", p.steps_at_peak, " of ",
                plural(p.slots, place, places), ": ", ranges_text(p.where)});
    std::vector<PeakShare> fixed;
    std::vector<PeakShare> free;
    for (auto const& share : p.shares)
      (share.fixed >= share.amount ? fixed : free).push_back(share);
    auto const count = static_cast<long long>(p.shares.size());
    say("", {place, " ", p.step, ": ",
             plural(count, sizes ? "value" : "operation", sizes ? "values" : "operations"),
             ", whatever the schedule ", figure(p.fixed), " of ", figure(p.peak)});
    list("fixed", fixed, sizes);
    list("movable", free, sizes);
  }

  void list(char const* kind, std::vector<PeakShare> const& shares, bool sizes) {
    constexpr std::size_t most = 10;
    if (shares.empty()) return;
    auto const shown = std::min(shares.size(), sizes ? most : std::size_t{6});
    std::string text = message({kind, ": "});
    double rest = 0;
    for (std::size_t k = 0; k < shares.size(); ++k) {
      if (k >= shown) {
        rest += shares[k].amount;
        continue;
      }
      text += (k > 0 ? ", " : "") + call(shares[k].operation);
      if (sizes || shares[k].amount != 1) text += " " + figure(shares[k].amount);
    }
    if (shares.size() > shown) {
      auto const more = shares.size() - shown;
      text += message({" and ", more, " more"});
      if (sizes || rest != static_cast<double>(more)) text += ": " + figure(rest);
    }
    lines_.push_back({"", text});
  }

  void usage(PeakReason const& p) {
    bool const pipelined = why_.interval > 0;
    auto text = "of " + call_class(names_, p.resource);
    if (p.limit) text += " (limit " + figure(*p.limit) + ")";
    auto const other = [&](std::size_t k) { return call_class(names_, p.also[k]); };
    if (!p.also.empty()) text += ", as of " + cut_list(p.also.size(), other, ", ") + ",";
    peak("usage", p, text, pipelined ? "slot" : "step", pipelined ? "slots" : "steps", false);
    say("", {"average ", figure(p.average), ": ", figure(p.total), " units x steps in ",
             plural(p.slots, pipelined ? "slot" : "step", pipelined ? "slots" : "steps"),
             "; no peak is below ", figure(std::min(p.least, p.peak))});
  }

  void memory(PeakReason const& p) {
    peak("memory", p, "live", why_.interval > 0 ? "slot" : "boundary",
         why_.interval > 0 ? "slots" : "boundaries", true);
    say("",
        {"average ", figure(p.average), "; no peak is below ", figure(std::min(p.least, p.peak))});
  }

  void sum(char const* about, SumReason const& s, bool values) {
    say(about, {figure(s.value), " of ",
                plural(s.count, values ? "value" : "dependence", values ? "values" : "dependences"),
                ", no schedule avoids ", figure(s.least), "; ", s.above,
                (s.above == 1 ? " costs more than it must" : " cost more than they must")});
    constexpr std::size_t most = 3;
    for (std::size_t k = 0; k < std::min(s.shares.size(), most); ++k) {
      auto const& share = s.shares[k];
      say("", {call(share.from), (share.to >= 0 ? " -> " + call(share.to) : " to the end"), ": ",
               figure(share.cost), ", at least ", figure(share.least)});
    }
  }

  void makespan(PathReason const& p) {
    say("makespan", {p.makespan, ", no schedule is below ", std::min(p.least, p.makespan)});
    if (p.operations.empty()) return;
    auto const one = [&](std::size_t k) {
      return (k > 0 && p.held_by[k] >= 0 ? "[" + call_class(names_, p.held_by[k]) + "] "
                                         : std::string()) +
             call(p.operations[k]);
    };
    say("", {plural(static_cast<long long>(p.operations.size()), "operation", "operations"),
             " in a chain from step ", p.first_start, ": ",
             plural(p.by_dependences, "dependence", "dependences"), ", ",
             plural(p.by_units, "wait", "waits"), " for units",
             (p.saturated >= 0 ? ", most of " + call_class(names_, p.saturated) : "")});
    lines_.push_back({"", cut_list(p.operations.size(), one, " -> ")});
  }

  void bound() {
    std::string terms;
    std::string over;
    int above = 0;
    for (auto const& term : why_.terms) {
      auto const name = term_name(term);
      auto const weight = term.weight == 1 ? std::string() : figure(term.weight) + " * ";
      terms += (terms.empty() ? "" : " + ") + weight + figure(term.least) + " " + name;
      if (term.value <= term.least) continue;
      ++above;
      over += (over.empty() ? "" : ", ") + name + " by " +
              figure(term.weight * (term.value - term.least));
    }
    if (why_.terms.empty()) return;
    say("bound", {"each term by itself: ", figure(why_.least), " = ", terms});
    double const value = why_.value;
    if (!over.empty()) say("", {"above that: ", over});
    if (!why_.lower_bound) return;
    double const bound = std::min(*why_.lower_bound, value);
    if (bound > why_.least + 1e-9 * std::abs(bound))
      say("", {"together at least ", figure(bound), ": the terms ",
               (why_.terms.size() > 1 ? "or the operations " : ""), "stand in each other's way"});
    say("gap", {figure(value - bound), (value > bound ? ": a better schedule or a better bound is "
                                                        "not excluded"
                                                      : ": the value is proven")});
  }

  [[nodiscard]] std::string term_name(TermReason const& term) const {
    switch (term.kind) {
      case TermReason::Kind::usage:
        return term.resource < 0 ? "usage" : "usage[" + call_class(names_, term.resource) + "]";
      case TermReason::Kind::memory:
        return "memory";
      case TermReason::Kind::lifetime:
        return "lifetime";
      case TermReason::Kind::communication:
        return "communication";
      case TermReason::Kind::makespan:
        break;
    }
    return "makespan";
  }

  Explanation const& why_;
  GraphDescription const* names_;
  std::vector<ExplanationLine> lines_;
};

}  // namespace detail

/// The lines of an explanation, in the names of the description that the graph was built from.
inline std::vector<ExplanationLine> explanation_lines(Explanation const& why,
                                                      GraphDescription const* names = nullptr) {
  return detail::ExplanationWriter(why, names).lines();
}

/// Writes them in two columns.
inline void write_explanation(std::ostream& out, Explanation const& why,
                              GraphDescription const* names = nullptr) {
  constexpr std::size_t width = 11;
  for (auto const& line : explanation_lines(why, names))
    out << line.about << std::string(width - line.about.size(), ' ') << line.text << "\n";
}

}  // namespace gaus

#endif
