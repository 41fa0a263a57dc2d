// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_LINEAR_MODEL_HPP
#define GAUS_IO_LINEAR_MODEL_HPP

#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/io/reader.hpp>
#include <gaus/io/text.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>
#include <gaus/version.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the exports for exact solvers share (io/mip.hpp, io/cp_sat.hpp): variables with bounds, an
// objective and a start value, linear rows over them, and the part of a scheduling problem that is
// linear in the start steps alone:
//
//   s_i in [earliest_i, latest_i]                            the start step of operation i
//   s_to - s_from >= delta                                   every difference constraint
//   communication = sum_i (net weight of i) * s_i
//   makespan >= s_i + max(lat_i, occ_i)
//   life_i >= s_j - s_i - max(lat_i, 1) + 1                  steps that value i is live, consumers j
namespace gaus {

/// A linear combination of variables, and a constant.
struct LinearSum {
  std::vector<std::pair<int, double>> terms{};  ///< (variable, coefficient)
  double constant = 0;                          ///< added to the terms

  /// Adds coefficient times variable.
  LinearSum& add(int variable, double coefficient) {
    terms.emplace_back(variable, coefficient);
    return *this;
  }
};

/// Variables and rows of a minimisation, with a value of each variable to start from.
struct LinearModel {
  /// A variable with its range.
  struct Variable {
    std::string name;                                        ///< as the file calls it
    double lower = 0;                                        ///< least value
    double upper = std::numeric_limits<double>::infinity();  ///< largest value
    bool integer = false;                                    ///< whole numbers alone
    double objective = 0;                                    ///< its coefficient
    double start = 0;                                        ///< value to start from
  };
  /// How a row compares with its bound.
  enum class Sense { at_least, equal };
  /// A row: the sum of its terms, sense, bound.
  struct Row {
    Sense sense = Sense::at_least;  ///< the comparison
    double bound = 0;               ///< what the sum is compared with
    std::size_t first = 0;          ///< of its terms; they end where those of the next row begin
  };

  std::vector<std::string> comments{};          ///< lines for people, at the head of the file
  std::vector<Variable> variables{};            ///< by number
  std::vector<Row> rows{};                      ///< in order
  std::vector<std::pair<int, double>> terms{};  ///< of all rows: (variable, coefficient)

  /// Adds a variable and returns its number.
  int add_variable(Variable variable) {
    variables.push_back(std::move(variable));
    return static_cast<int>(variables.size()) - 1;
  }

  /// Adds sum (sense) 0. A variable may occur several times; a row without variables is left out.
  void add_row(LinearSum sum, Sense sense) {
    std::sort(sum.terms.begin(), sum.terms.end());
    std::size_t const first = terms.size();
    for (std::size_t k = 0; k < sum.terms.size();) {
      int const variable = sum.terms[k].first;
      double coefficient = 0;
      for (; k < sum.terms.size() && sum.terms[k].first == variable; ++k)
        coefficient += sum.terms[k].second;
      if (coefficient != 0) terms.emplace_back(variable, coefficient);
    }
    if (terms.size() > first) rows.push_back({sense, 0 - sum.constant, first});
  }

  /// The terms of a row.
  [[nodiscard]] std::span<std::pair<int, double> const> row(std::size_t k) const {
    std::size_t const last = k + 1 < rows.size() ? rows[k + 1].first : terms.size();
    return std::span(terms).subspan(rows[k].first, last - rows[k].first);
  }

  /// Value of a sum at the start.
  [[nodiscard]] double at_start(LinearSum const& sum) const {
    double value = sum.constant;
    for (auto const& [variable, coefficient] : sum.terms)
      value += coefficient * variables[static_cast<std::size_t>(variable)].start;
    return value;
  }
  /// Objective at the start.
  [[nodiscard]] double objective_at_start() const {
    double value = 0;
    for (auto const& variable : variables) value += variable.objective * variable.start;
    return value;
  }
};

/// What an export says beside the problem.
struct ExportOptions {
  std::vector<std::string> comments{};  ///< further lines at the head: input, expression, ...
  double constant = 0;                  ///< added to the objective
};

namespace detail {

/// Collects text and hands it on in large pieces.
class TextWriter {
 public:
  explicit TextWriter(std::ostream& stream) : stream_(stream) {}
  ~TextWriter() { flush(); }
  TextWriter(TextWriter const&) = delete;
  TextWriter& operator=(TextWriter const&) = delete;

  TextWriter& operator<<(std::string_view text) {
    buffer_ += text;
    if (buffer_.size() > (std::size_t{1} << 16)) flush();
    return *this;
  }
  TextWriter& operator<<(double x) { return *this << std::string_view(shortest_text(x)); }

 private:
  void flush() {
    stream_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    buffer_.clear();
  }
  std::ostream& stream_;
  std::string buffer_;
};

/// The part of a model that is linear in the start steps; the exports derive from it.
template <Graph H>
class StartModel {
 public:
  using Sense = LinearModel::Sense;

  StartModel(Problem<H> const& problem, DifferenceSystem const& system, StepBounds const& bounds,
             CostModel const& costs, std::span<int const> start, ExportOptions const& options)
      : problem_(problem), system_(system), bounds_(bounds), costs_(costs), start_(start) {
    check();
    model_.comments.push_back(detail::message(
        {"gaus " GAUS_VERSION_STRING ": ", problem.graph.num_operations(), " operations, ",
         problem.graph.num_dependences(), " dependences, ", problem.steps, " steps"}));
    for (auto const& line : options.comments) model_.comments.push_back(one_line(line));
    model_.comments.emplace_back("s_I: start step of operation I, in the order of the input");
    for (int i = 0; i < problem.graph.num_operations(); ++i)
      model_.add_variable({detail::message({"s_", i}), static_cast<double>(bounds.earliest[at(i)]),
                           static_cast<double>(bounds.latest[at(i)]), true, 0,
                           static_cast<double>(start[at(i)])});  // variable i
    if (options.constant != 0 || start.empty())
      model_.add_variable({"one", 1, 1, false, options.constant, 1});
    add_communication();
    if (costs.makespan != 0) add_makespan();
  }

 protected:
  /// The rows s_to - s_from >= delta that the windows leave open.
  void add_differences() {
    for_each_difference([&](int from, int to, int delta) {
      model_.add_row({{{to, 1}, {from, -1}}, -static_cast<double>(delta)}, Sense::at_least);
    });
  }

  template <class Visit>
  void for_each_difference(Visit const& visit) const {
    for (int i = 0; i < system_.operations; ++i)
      for (int k = system_.out_offset[at(i)]; k < system_.out_offset[at(i) + 1]; ++k) {
        int const j = system_.out_to[at(k)];
        int const delta = system_.out_delta[at(k)];
        if (i != j && bounds_.earliest[at(j)] - bounds_.latest[at(i)] < delta) visit(i, j, delta);
      }
  }

  /// The variable life_i of a value, made with its rows at the first call. upper: steps.
  int life_of(int i) {
    if (life_.empty()) life_.assign(start_.size(), -1);
    if (life_[at(i)] >= 0) return life_[at(i)];
    auto const [first, last] = live_span(problem_, start_, i, problem_.steps);
    int const life =
        model_.add_variable({detail::message({"life_", i}), 0, static_cast<double>(problem_.steps),
                             true, 0, static_cast<double>(std::max(0, last - first))});
    int const produced = production(i);
    auto const consumers = consumers_of(i);
    for (int const j : consumers)
      model_.add_row({{{life, 1}, {j, -1}, {i, 1}}, static_cast<double>(produced)},
                     Sense::at_least);
    if (consumers.empty())  // held to the end
      model_.add_row({{{life, 1}, {i, 1}}, static_cast<double>(produced - problem_.steps)},
                     Sense::at_least);
    return life_[at(i)] = life;
  }

  void add_lifetime(double weight) {
    for (int i = 0; i < problem_.graph.num_operations(); ++i)
      if (lives(i)) {
        auto const life = static_cast<std::size_t>(life_of(i));
        model_.variables[life].objective += weight * problem_.graph.size(i);
      }
  }

  /// Steps from the start of a value's operation until the value exists, less one.
  [[nodiscard]] int production(int i) const { return std::max(problem_.graph.latency(i), 1) - 1; }

  /// Whether a value counts: it has a size, and someone who waits for it.
  [[nodiscard]] bool lives(int i) const {
    return problem_.graph.size(i) > 0 && (problem_.hold_outputs || !consumers_of(i).empty());
  }

  /// Operations that read value i, each once.
  [[nodiscard]] std::vector<int> consumers_of(int i) const {
    std::vector<int> all;
    auto const row = problem_.graph.outgoing(i);
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      if (problem_.uses(d)) all.push_back(d.operation);
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }

  Problem<H> const& problem_;
  DifferenceSystem const& system_;
  StepBounds const& bounds_;
  CostModel const& costs_;
  std::span<int const> start_;
  LinearModel model_;

 private:
  void check() const {
    if (problem_.pipelined())
      throw InvalidInput(
          detail::message({"only plain schedules can be exported, the initiation interval is ",
                           problem_.initiation_interval}));
    if (!costs_.complete)
      throw InvalidInput(
          "the objective holds a cost that has no linear form here: only usage, "
          "memory, lifetime, communication and makespan can be exported");
    for (double const weight : {costs_.usage, costs_.memory, costs_.lifetime, costs_.makespan})
      check_weight(weight);
    for (auto const& [resource, weight] : costs_.usage_of) check_weight(weight);
    if (start_.size() != at(problem_.graph.num_operations()))
      throw InvalidInput(
          detail::message({"the start has ", start_.size(), " start steps, the graph has ",
                           problem_.graph.num_operations(), " operations"}));
    for (int i = 0; i < system_.operations; ++i)
      if (start_[at(i)] < bounds_.earliest[at(i)] || start_[at(i)] > bounds_.latest[at(i)])
        throw InvalidInput(detail::message({"the start is not legal: operation ", i,
                                            " starts at step ", start_[at(i)], ", its window is ",
                                            bounds_.earliest[at(i)], "..", bounds_.latest[at(i)]}));
    for_each_difference([&](int from, int to, int delta) {
      if (start_[at(to)] - start_[at(from)] < delta)
        throw InvalidInput(
            detail::message({"the start is not legal: operation ", to, " starts ",
                             start_[at(to)] - start_[at(from)], " steps after operation ", from,
                             ", at least ", delta, " are asked"}));
    });
  }
  static void check_weight(double weight) {
    if (!(weight >= 0) || !std::isfinite(weight))
      throw InvalidInput(detail::message(
          {"a weight of ", weight, " in the objective cannot be exported, it must be at least 0"}));
  }

  void add_communication() {
    if (costs_.communication == 0) return;
    for (int i = 0; i < problem_.graph.num_operations(); ++i) {
      auto const row = problem_.graph.outgoing(i);
      for (int k = 0; k < row.size(); ++k) {
        Dependence const d = row[k];
        if (!problem_.binds(d)) continue;
        model_.variables[at(d.operation)].objective += costs_.communication * d.weight;
        model_.variables[at(i)].objective -= costs_.communication * d.weight;
      }
    }
  }

  void add_makespan() {
    int const last =
        model_.add_variable({"makespan", 0, static_cast<double>(problem_.steps), true,
                             costs_.makespan, static_cast<double>(makespan(problem_, start_))});
    for (int i = 0; i < system_.operations; ++i) {
      bool outlived = false;  // a successor never ends before it
      for (int k = system_.out_offset[at(i)]; k < system_.out_offset[at(i) + 1]; ++k)
        outlived =
            outlived || (system_.out_to[at(k)] > i &&
                         system_.out_delta[at(k)] + system_.length[at(system_.out_to[at(k)])] >=
                             system_.length[at(i)]);
      if (!outlived)
        model_.add_row({{{last, 1}, {i, -1}}, -static_cast<double>(system_.length[at(i)])},
                       Sense::at_least);
    }
  }

  std::vector<int> life_;
};

}  // namespace detail
}  // namespace gaus

#endif
