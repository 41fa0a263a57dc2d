// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_MIP_HPP
#define GAUS_IO_MIP_HPP

#include <gaus/detail/message.hpp>
#include <gaus/io/linear_model.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <ostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

// The scheduling problem as a mixed-integer programme, for a solver that can prove what gaus can
// only find: HiGHS, SCIP, Gurobi and CPLEX all read the LP format that write_lp() writes, and
// write_highs_solution() writes the schedule as a start that HiGHS takes as it is
// (highs --read_solution_file FILE.sol FILE.lp).
//
// Without a peak in the objective the model is linear in the start steps (io/linear_model.hpp) and
// its matrix totally unimodular. A peak takes cumulative binaries ("step" formulation, Pritsker and
// Watters, 1968), which make the dependences as tight as they can be:
//
//   y_it = [s_i <= t]                     earliest_i <= t < latest_i; 0 before, 1 from latest_i on
//   s_i + sum_t y_it = latest_i           y_it <= y_i,t+1
//   y_to,t <= y_from,t-delta              s_to - s_from >= delta
//   usage >= sum_i w_ir (y_it - y_i,t-occ)
//   memory >= sum_i size_i live_it        live_it >= y_i,t-max(lat_i,1)+1 - y_jt, consumers j
//                                         (equal, and no variable, for a single consumer)
//
// O(sum of windows * (1 + dependences of each operation)) variables and coefficients.
namespace gaus {

namespace detail {

/// Builds the programme.
template <Graph H>
class MipBuilder : public StartModel<H> {
  using Base = StartModel<H>;
  using Base::bounds_;
  using Base::costs_;
  using Base::model_;
  using Base::problem_;
  using Base::start_;
  using typename Base::Sense;

 public:
  using Base::Base;

  LinearModel build() {
    bool const peaks =
        (problem_.graph.num_resources() > 0 && (costs_.usage != 0 || !costs_.usage_of.empty())) ||
        costs_.memory != 0;
    if (peaks)
      add_steps();
    else
      this->add_differences();
    add_usage();
    if (costs_.memory != 0) add_memory();
    if (costs_.lifetime != 0) this->add_lifetime(costs_.lifetime);
    return std::move(model_);
  }

 private:
  /// [s_i <= t]: a variable, or -1 for 0 and -2 for 1.
  [[nodiscard]] int started(int i, int t) const {
    if (t < bounds_.earliest[at(i)]) return -1;
    if (t >= bounds_.latest[at(i)]) return -2;
    return first_[at(i)] + t - bounds_.earliest[at(i)];
  }
  static void add(LinearSum& sum, int variable, double coefficient) {
    if (variable >= 0)
      sum.add(variable, coefficient);
    else if (variable == -2)
      sum.constant += coefficient;
  }

  void add_steps() {
    constexpr std::int64_t most = std::int64_t{1} << 26;
    std::int64_t pairs = 0;
    int const n = problem_.graph.num_operations();
    for (int i = 0; i < n; ++i) pairs += bounds_.latest[at(i)] - bounds_.earliest[at(i)];
    if (pairs > most)
      throw InvalidInput(
          detail::message({"the windows of the operations hold ", pairs,
                           " steps, a programme can have a variable each for at most ", most}));
    model_.comments.emplace_back("y_I_T: 1 when operation I has started by step T");
    for (int i = 0; i < n; ++i) {
      first_.push_back(static_cast<int>(model_.variables.size()));
      LinearSum sum{{{i, 1}}, -static_cast<double>(bounds_.latest[at(i)])};
      for (int t = bounds_.earliest[at(i)]; t < bounds_.latest[at(i)]; ++t) {
        int const y = model_.add_variable(
            {detail::message({"y_", i, "_", t}), 0, 1, true, 0, start_[at(i)] <= t ? 1.0 : 0.0});
        sum.add(y, 1);
        if (t > bounds_.earliest[at(i)])
          model_.add_row({{{y, 1}, {y - 1, -1}}, 0}, Sense::at_least);
      }
      if (sum.terms.size() > 1) model_.add_row(std::move(sum), Sense::equal);
    }
    this->for_each_difference([&](int from, int to, int delta) {
      // Outside this range the windows, which are consistent, imply the row.
      int const begin = std::max(bounds_.earliest[at(to)], bounds_.earliest[at(from)] + delta);
      int const end = std::min(bounds_.latest[at(to)], bounds_.latest[at(from)] + delta);
      for (int t = begin; t < end; ++t)
        model_.add_row({{{started(from, t - delta), 1}, {started(to, t), -1}}, 0}, Sense::at_least);
    });
  }

  /// peak >= sum: as a bound where the sum is constant.
  void add_peak_row(int peak, LinearSum load) {
    auto& variable = model_.variables[at(peak)];
    variable.start = std::max(variable.start, model_.at_start(load));
    if (load.terms.empty()) {
      variable.lower = std::max(variable.lower, load.constant);
      return;
    }
    for (auto& term : load.terms) term.second = -term.second;
    load.constant = -load.constant;
    load.add(peak, 1);
    model_.add_row(std::move(load), Sense::at_least);
  }

  void add_usage() {
    int const classes = problem_.graph.num_resources();
    if (classes == 0) return;
    std::vector<double> weight(at(classes), 0.0);
    for (auto const& [resource, w] : costs_.usage_of) weight[at(resource)] += w;
    std::vector<std::vector<std::pair<int, double>>> users(at(classes));
    std::vector<bool> whole(at(classes), true);
    for (int i = 0; i < problem_.graph.num_operations(); ++i) {
      auto const row = problem_.graph.demands(i);
      for (int k = 0; k < row.size(); ++k) {
        Demand const d = row[k];
        if (d.units <= 0 || problem_.graph.occupancy(i) == 0) continue;
        users[at(d.resource)].emplace_back(i, d.units);
        whole[at(d.resource)] = whole[at(d.resource)] && d.units == std::floor(d.units);
      }
    }
    int largest = -1;
    if (costs_.usage != 0) {
      bool const integer = std::find(whole.begin(), whole.end(), false) == whole.end();
      largest = model_.add_variable(
          {"usage", 0, std::numeric_limits<double>::infinity(), integer, costs_.usage, 0});
    }
    for (int r = 0; r < classes; ++r) {
      if (largest < 0 && weight[at(r)] == 0) continue;
      int peak = largest;
      if (weight[at(r)] != 0)
        peak = model_.add_variable({detail::message({"usage_", r}), 0,
                                    std::numeric_limits<double>::infinity(), whole[at(r)],
                                    weight[at(r)], 0});
      add_class(peak, users[at(r)]);
      if (largest >= 0 && peak != largest) add_peak_row(largest, {{{peak, 1}}, 0});
    }
  }

  void add_class(int peak, std::vector<std::pair<int, double>> const& users) {
    std::vector<LinearSum> load(at(problem_.steps));
    for (auto const& [i, units] : users)
      for (int t = bounds_.earliest[at(i)];
           t < std::min(bounds_.latest[at(i)] + problem_.graph.occupancy(i), problem_.steps); ++t) {
        add(load[at(t)], started(i, t), units);
        add(load[at(t)], started(i, t - problem_.graph.occupancy(i)), -units);
      }
    for (auto& sum : load)
      if (!sum.terms.empty() || sum.constant != 0) add_peak_row(peak, std::move(sum));
  }

  void add_memory() {
    std::vector<LinearSum> load(at(problem_.steps));
    bool whole = true;
    for (int i = 0; i < problem_.graph.num_operations(); ++i) {
      if (!this->lives(i)) continue;
      whole = whole && problem_.graph.size(i) == std::floor(problem_.graph.size(i));
      auto const consumers = this->consumers_of(i);
      int last = problem_.steps;  // no boundary from here on is crossed
      if (!consumers.empty()) {
        last = 0;
        for (int const j : consumers) last = std::max(last, bounds_.latest[at(j)]);
      }
      bool const ordered = consumers.size() == 1 && read_after_production(i);
      for (int t = bounds_.earliest[at(i)] + this->production(i);
           t < std::min(last, problem_.steps); ++t) {
        if (ordered) {
          add(load[at(t)], started(i, t - this->production(i)), problem_.graph.size(i));
          add(load[at(t)], started(consumers[0], t), -problem_.graph.size(i));
        } else {
          add_live(load[at(t)], i, t, consumers);
        }
      }
    }
    int const peak = model_.add_variable(
        {"memory", 0, std::numeric_limits<double>::infinity(), whole, costs_.memory, 0});
    for (auto& sum : load)
      if (!sum.terms.empty() || sum.constant != 0) add_peak_row(peak, std::move(sum));
  }

  /// Whether the one reader of a value cannot start before the value exists. Delays may allow that.
  [[nodiscard]] bool read_after_production(int i) const {
    auto const row = problem_.graph.outgoing(i);
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      if (problem_.uses(d) && problem_.graph.latency(i) + d.delay >= this->production(i))
        return true;
    }
    return false;
  }

  /// Adds size * [value i is live across the boundary after t].
  void add_live(LinearSum& load, int i, int t, std::vector<int> const& consumers) {
    double const size = problem_.graph.size(i);
    int const made = started(i, t - this->production(i));
    bool certain = consumers.empty();  // no consumer can have started
    std::vector<int> open;
    for (int const j : consumers) {
      int const read = started(j, t);
      certain = certain || read == -1;
      if (read >= 0) open.push_back(read);
    }
    if (certain) return add(load, made, size);
    int const live = model_.add_variable({detail::message({"live_", i, "_", t})});
    for (int const read : open) {
      LinearSum row{{{live, 1}, {read, 1}}, 0};
      add(row, made, -1);
      double const needed = model_.variables[at(live)].start - model_.at_start(row);
      auto& start = model_.variables[at(live)].start;
      start = std::max(start, needed);
      model_.add_row(std::move(row), Sense::at_least);
    }
    load.add(live, size);
  }

  std::vector<int> first_;  ///< of the binaries of each operation
};

}  // namespace detail

/// The programme of a plain scheduling problem, with a legal schedule as its start. Its objective at
/// the start is the exact cost of the schedule. system and bounds: those that the schedule keeps.
/// Throws InvalidInput for a start that is not legal, objectives beyond the shipped costs, negative
/// weights, and windows too large to write out.
template <Graph H>
LinearModel scheduling_mip(Problem<H> const& problem, DifferenceSystem const& system,
                           StepBounds const& bounds, CostModel const& costs,
                           std::span<int const> start, ExportOptions const& options = {}) {
  return detail::MipBuilder<H>(problem, system, bounds, costs, start, options).build();
}

/// Writes a model in LP format, lines of at most about 100 characters.
inline void write_lp(std::ostream& stream, LinearModel const& model) {
  detail::TextWriter out(stream);
  std::size_t column = 0;
  bool first = true;
  auto const term = [&](double coefficient, std::string const& name) {
    std::string text = coefficient < 0 ? " - " : first ? " " : " + ";
    first = false;
    if (std::abs(coefficient) != 1) text += detail::shortest_text(std::abs(coefficient)) + " ";
    text += name;
    if (column + text.size() > 96) {
      out << "\n ";
      column = 1;
    }
    out << text;
    column += text.size();
  };
  for (auto const& line : model.comments) out << "\\ " << line << "\n";
  out << "\\ objective at the start: " << model.objective_at_start() << "\n";
  out << "Minimize\n obj:";
  column = 5;
  for (auto const& v : model.variables)
    if (v.objective != 0) term(v.objective, v.name);
  if (first) term(0, model.variables.front().name);
  out << "\nSubject To\n";
  for (std::size_t k = 0; k < model.rows.size(); ++k) {
    std::string const name = detail::message({" r", k, ":"});
    out << name;
    column = name.size();
    first = true;
    for (auto const& [variable, coefficient] : model.row(k))
      term(coefficient, model.variables[detail::at(variable)].name);
    out << (model.rows[k].sense == LinearModel::Sense::equal ? " = " : " >= ")
        << model.rows[k].bound << "\n";
  }
  auto const binary = [](auto const& v) { return v.integer && v.lower == 0 && v.upper == 1; };
  out << "Bounds\n";
  for (auto const& v : model.variables) {
    if (binary(v)) continue;
    if (v.lower == v.upper)
      out << " " << v.name << " = " << v.lower << "\n";
    else if (std::isfinite(v.upper))
      out << " " << v.lower << " <= " << v.name << " <= " << v.upper << "\n";
    else
      out << " " << v.name << " >= " << v.lower << "\n";
  }
  for (bool const both : {false, true}) {
    out << (both ? "Binaries\n" : "Generals\n");
    for (auto const& v : model.variables)
      if (v.integer && binary(v) == both) out << " " << v.name << "\n";
  }
  out << "End\n";
}

/// Writes the start of a model as a solution file of HiGHS.
inline void write_highs_solution(std::ostream& stream, LinearModel const& model) {
  detail::TextWriter out(stream);
  out << "Model status\nUnknown\n\n# Primal solution values\nFeasible\nObjective "
      << model.objective_at_start() << "\n# Columns " << static_cast<double>(model.variables.size())
      << "\n";
  for (auto const& v : model.variables) out << v.name << " " << v.start << "\n";
  out << "# Rows 0\n";
}

/// Writes the start of a model as names and values, a line each: a MIP start (.mst) of Gurobi.
inline void write_mip_start(std::ostream& stream, LinearModel const& model) {
  detail::TextWriter out(stream);
  out << "# MIP start, objective " << model.objective_at_start() << "\n";
  for (auto const& v : model.variables) out << v.name << " " << v.start << "\n";
}

}  // namespace gaus

#endif
