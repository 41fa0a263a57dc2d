// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_CP_SAT_HPP
#define GAUS_IO_CP_SAT_HPP

#include <gaus/detail/message.hpp>
#include <gaus/io/linear_model.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <ostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

// The scheduling problem as a CpModelProto in protobuf's text format, which OR-tools' CP-SAT reads
// as it is (cp_model.CpModel().proto.parse_text_format(text), or google.protobuf.text_format):
//
//   s_i, difference constraints, makespan, life_i            io/linear_model.hpp
//   interval [s_i, s_i + occ_i), demand w_ir                 a cumulative per class, capacity usage
//   interval [s_i + max(lat_i, 1) - 1, end_i), demand size_i a cumulative, capacity memory
//   end_i = s_i + max(lat_i, 1) - 1 + life_i
//
// No variable per step: O(V + E), whatever the windows are. The schedule is the solution hint.
//
// CP-SAT counts in integers. Units, sizes and the weights of the objective are multiplied by their
// least common denominator; the objective's scaling_factor undoes that for what CP-SAT reports.
namespace gaus {

/// A linear model over integers with intervals and cumulative resources.
struct CpModel {
  /// [s + offset, s + offset + length), or up to the variable end with the variable length.
  struct Interval {
    int start = 0;         ///< a variable
    int offset = 0;        ///< added to the start
    int fixed_length = 0;  ///< steps, where length names no variable
    int length = -1;       ///< a variable, or -1 for the fixed length
    int end = -1;          ///< a variable; only with length
  };
  /// Intervals that share a capacity.
  struct Cumulative {
    int capacity = 0;                                     ///< a variable
    std::vector<std::pair<int, std::int64_t>> demands{};  ///< (interval, demand)
  };

  LinearModel linear;                     ///< variables, rows and objective
  std::vector<Interval> intervals{};      ///< after the rows
  std::vector<Cumulative> cumulatives{};  ///< over those intervals
  std::int64_t scale = 1;  ///< the objective of linear, times this, has integer coefficients
};

namespace detail {

/// The least common denominator of numbers, up to 10^6.
class CommonDenominator {
 public:
  /// what: names the number when it has no small denominator.
  template <class What>
  void add(double x, What const& what) {
    std::int64_t const own = denominator(x);
    std::int64_t const both = own == 0 ? 0 : std::lcm(value_, own);
    if (own == 0 || both > most)
      throw InvalidInput(detail::message(
          {what(), " = ", shortest_text(x),
           " cannot be scaled to an integer for CP-SAT: no common denominator up to ", most}));
    value_ = both;
  }
  [[nodiscard]] std::int64_t value() const { return value_; }
  /// x times the denominator.
  [[nodiscard]] std::int64_t scaled(double x) const {
    return static_cast<std::int64_t>(std::llround(x * static_cast<double>(value_)));
  }

 private:
  static constexpr std::int64_t most = 1000000;

  /// Of the fraction nearest to x, by continued fractions; 0 when there is none as small as most.
  static std::int64_t denominator(double x) {
    x = std::abs(x);
    if (!(x <= 1e12)) return 0;
    double rest = x;
    std::int64_t before = 0;
    std::int64_t now = 1;
    while (now <= most) {
      double const product = x * static_cast<double>(now);
      if (std::abs(product - std::round(product)) <= 1e-13 * std::max(1.0, product)) return now;
      double const fraction = rest - std::floor(rest);
      if (!(fraction > 1e-9)) return 0;
      rest = 1 / fraction;
      std::int64_t const next = static_cast<std::int64_t>(std::floor(rest)) * now + before;
      before = now;
      now = next;
    }
    return 0;
  }

  std::int64_t value_ = 1;
};

/// Builds the model.
template <Graph H>
class CpBuilder : public StartModel<H> {
  using Base = StartModel<H>;
  using Base::costs_;
  using Base::model_;
  using Base::problem_;
  using Base::start_;
  using typename Base::Sense;

 public:
  using Base::Base;

  CpModel build() {
    this->add_differences();
    add_usage();
    if (costs_.memory != 0) add_memory();
    if (costs_.lifetime != 0) this->add_lifetime(costs_.lifetime);
    CommonDenominator common;
    for (auto const& v : model_.variables)
      common.add(v.objective, [&] { return "the weight of " + v.name + " in the objective"; });
    cp_.scale = common.value();
    double reach = 0;
    for (auto const& v : model_.variables)
      reach += std::abs(v.objective) * static_cast<double>(cp_.scale) *
               std::max(std::abs(v.lower), std::abs(v.upper));
    if (reach > 1e15)
      throw InvalidInput(
          detail::message({"the objective, scaled by ", cp_.scale, " to integers, can reach ",
                           shortest_text(reach), ", above 10^15"}));
    cp_.linear = std::move(model_);
    return std::move(cp_);
  }

 private:
  void add_usage() {
    int const classes = problem_.graph.num_resources();
    if (classes == 0) return;
    std::vector<double> weight(at(classes), 0.0);
    for (auto const& [resource, w] : costs_.usage_of) weight[at(resource)] += w;
    std::vector<std::vector<std::pair<int, double>>> users(at(classes));
    std::vector<int> interval(start_.size(), -1);
    CommonDenominator common;
    double most = 0;
    for (int i = 0; i < problem_.graph.num_operations(); ++i) {
      auto const row = problem_.graph.demands(i);
      for (int k = 0; k < row.size(); ++k) {
        Demand const d = row[k];
        bool const counts = costs_.usage != 0 || weight[at(d.resource)] != 0;
        if (!counts || d.units <= 0 || problem_.graph.occupancy(i) == 0) continue;
        common.add(d.units, [&] {
          return detail::message({"operation ", i, ": units of class ", d.resource});
        });
        users[at(d.resource)].emplace_back(i, d.units);
        most += d.units;
        if (interval[at(i)] >= 0) continue;
        interval[at(i)] = static_cast<int>(cp_.intervals.size());
        cp_.intervals.push_back({i, 0, problem_.graph.occupancy(i)});
      }
    }
    auto const profile = usage_profile(problem_, start_);
    auto const peak_variable = [&](std::string const& name, double w, double peak) {
      return add_peak(name, w, peak, most, common);
    };
    int largest = -1;
    if (costs_.usage != 0) {
      double top = 0;
      for (int r = 0; r < classes; ++r) top = std::max(top, profile.peak(r));
      largest = peak_variable("usage", costs_.usage, top);
    }
    for (int r = 0; r < classes; ++r) {
      if (largest < 0 && weight[at(r)] == 0) continue;
      int peak = largest;
      if (weight[at(r)] != 0)
        peak = peak_variable(detail::message({"usage_", r}), weight[at(r)], profile.peak(r));
      if (largest >= 0 && peak != largest)
        model_.add_row({{{largest, 1}, {peak, -1}}, 0}, Sense::at_least);
      if (users[at(r)].empty()) continue;
      CpModel::Cumulative cumulative{peak};
      for (auto const& [i, units] : users[at(r)])
        cumulative.demands.emplace_back(interval[at(i)], common.scaled(units));
      cp_.cumulatives.push_back(std::move(cumulative));
    }
  }

  void add_memory() {
    CommonDenominator common;
    double most = 0;
    CpModel::Cumulative cumulative;
    std::vector<int> values;
    for (int i = 0; i < problem_.graph.num_operations(); ++i) {
      if (!this->lives(i)) continue;
      common.add(problem_.graph.size(i), [&] {
        return detail::message({"operation ", i, ": size"});
      });
      most += problem_.graph.size(i);
      values.push_back(i);
    }
    int const peak =
        add_peak("memory", costs_.memory, live_profile(problem_, start_).peak(0), most, common);
    if (values.empty()) return;
    cumulative.capacity = peak;
    for (int const i : values) {
      int const life = this->life_of(i);
      int const made = this->production(i);
      double const last = start_[at(i)] + made + model_.variables[at(life)].start;
      int const end =
          model_.add_variable({detail::message({"end_", i}), 0,
                               static_cast<double>(problem_.steps + made), true, 0, last});
      model_.add_row({{{end, 1}, {i, -1}, {life, -1}}, -static_cast<double>(made)}, Sense::equal);
      cumulative.demands.emplace_back(static_cast<int>(cp_.intervals.size()),
                                      common.scaled(problem_.graph.size(i)));
      cp_.intervals.push_back({i, made, 0, life, end});
    }
    cp_.cumulatives.push_back(std::move(cumulative));
  }

  /// A capacity, in units of 1 / denominator.
  int add_peak(std::string const& name, double weight, double value, double most,
               CommonDenominator const& common) {
    auto const factor = static_cast<double>(common.value());
    if (!(most * factor <= 1e15))
      throw InvalidInput(name + " can reach " + shortest_text(most) + ", which scaled by " +
                         shortest_text(factor) +
                         " to an integer is above the 10^15 of this export");
    if (factor != 1)
      model_.comments.push_back(detail::message({name, " counts in units of 1/", common.value()}));
    return model_.add_variable(
        {name, 0, std::round(most * factor), true, weight / factor, std::round(value * factor)});
  }

  CpModel cp_;
};

}  // namespace detail

/// The model of a plain scheduling problem for CP-SAT, with a legal schedule as its hint. Throws
/// InvalidInput as scheduling_mip() does, and for units, sizes and weights that no common
/// denominator up to 10^6 makes integers.
template <Graph H>
CpModel scheduling_cp(Problem<H> const& problem, DifferenceSystem const& system,
                      StepBounds const& bounds, CostModel const& costs, std::span<int const> start,
                      ExportOptions const& options = {}) {
  return detail::CpBuilder<H>(problem, system, bounds, costs, start, options).build();
}

/// Writes a model as the text format of CpModelProto, one variable or constraint a line.
inline void write_cp_sat(std::ostream& stream, CpModel const& model) {
  detail::TextWriter out(stream);
  auto const& linear = model.linear;
  constexpr char const* no_limit = "9223372036854775807";
  for (auto const& line : linear.comments) out << "# " << line << "\n";
  out << "# objective at the hint: " << linear.objective_at_start() << "\n";
  for (auto const& v : linear.variables)
    out << "variables { name: \"" << v.name << "\" domain: [" << v.lower << ", " << v.upper
        << "] }\n";
  auto const affine = [&](char const* field, int variable, double offset) {
    out << " " << field << " {";
    if (variable >= 0) out << " vars: " << static_cast<double>(variable) << " coeffs: 1";
    if (offset != 0) out << " offset: " << offset;
    out << " }";
  };
  // Intervals come first: a cumulative names them by their number among all constraints.
  for (auto const& interval : model.intervals) {
    bool const fixed = interval.length < 0;
    out << "constraints { interval {";
    affine("start", interval.start, interval.offset);
    affine("size", interval.length, fixed ? interval.fixed_length : 0);
    affine("end", fixed ? interval.start : interval.end,
           fixed ? interval.offset + interval.fixed_length : 0);
    out << " } }\n";
  }
  for (auto const& cumulative : model.cumulatives) {
    out << "constraints { cumulative {";
    affine("capacity", cumulative.capacity, 0);
    for (auto const& [interval, demand] : cumulative.demands) {
      out << "\n  intervals: " << static_cast<double>(interval);
      affine("demands", -1, static_cast<double>(demand));
    }
    out << " } }\n";
  }
  auto const list = [&](char const* field, auto const& visit) {
    out << " " << field << ": [";
    bool first = true;
    visit([&](double x) {
      out << (first ? "" : ", ") << x;
      first = false;
    });
    out << "]";
  };
  for (std::size_t k = 0; k < linear.rows.size(); ++k) {
    auto const row = linear.row(k);
    out << "constraints { linear {";
    list("vars", [&](auto const& put) {
      for (auto const& term : row) put(term.first);
    });
    list("coeffs", [&](auto const& put) {
      for (auto const& term : row) put(term.second);
    });
    out << " domain: [" << linear.rows[k].bound << ", ";
    if (linear.rows[k].sense == LinearModel::Sense::equal)
      out << linear.rows[k].bound;
    else
      out << no_limit;
    out << "] } }\n";
  }
  auto const scale = static_cast<double>(model.scale);
  out << "objective {";
  list("vars", [&](auto const& put) {
    for (std::size_t k = 0; k < linear.variables.size(); ++k)
      if (linear.variables[k].objective != 0) put(static_cast<double>(k));
  });
  list("coeffs", [&](auto const& put) {
    for (auto const& v : linear.variables)
      if (v.objective != 0) put(std::round(v.objective * scale));
  });
  out << " scaling_factor: " << 1 / scale << " }\nsolution_hint {";
  list("vars", [&](auto const& put) {
    for (std::size_t k = 0; k < linear.variables.size(); ++k) put(static_cast<double>(k));
  });
  list("values", [&](auto const& put) {
    for (auto const& v : linear.variables) put(v.start);
  });
  out << " }\n";
}

}  // namespace gaus

#endif
