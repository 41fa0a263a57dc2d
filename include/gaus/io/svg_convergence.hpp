// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_SVG_CONVERGENCE_HPP
#define GAUS_IO_SVG_CONVERGENCE_HPP

#include <gaus/error.hpp>
#include <gaus/io/svg.hpp>
#include <gaus/io/svg_drawing.hpp>
#include <gaus/optimizer/observer.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

// How a solve went: the value of the best schedule over time, downwards, and the lower bound,
// upwards. Between the two lies the optimum.
namespace gaus {

/// What the picture says around the curves, and what it knows beside the trace.
struct ConvergencePicture {
  std::string title = "Convergence";  ///< above
  std::string subtitle{};             ///< below the title; empty: none
  std::string value_label = "value";  ///< of the vertical axis
  double end = 0;  ///< seconds, or iterations, that the solve took; 0: to the last point
  bool over_iterations = false;  ///< instead of seconds
  /// At the end; where it is no finite number there was none.
  double lower_bound = -std::numeric_limits<double>::infinity();
  std::vector<TracePoint> bounds{};  ///< improvements of the bound, in order; empty: not known when
};

namespace detail {

/// The points of a trace over time, each later than the one before; of very many some are left out,
/// never the last.
inline std::vector<std::pair<double, double>> trace_points(std::span<TracePoint const> trace,
                                                           bool over_iterations) {
  std::vector<std::pair<double, double>> points;
  constexpr std::size_t most = 1500;
  std::size_t const stride = 1 + trace.size() / most;
  for (std::size_t k = 0; k < trace.size(); ++k) {
    if (k % stride != 0 && k + 1 != trace.size()) continue;
    double const time = over_iterations ? trace[k].iteration : trace[k].seconds;
    if (!points.empty() && time <= points.back().first)
      points.back().second = trace[k].value;
    else
      points.emplace_back(time, trace[k].value);
  }
  return points;
}

}  // namespace detail

/// Draws the convergence of a solve from its trace (SolveResult::trace, bound_trace). Time and values
/// run logarithmically where they span more than a factor of 20. Throws InvalidInput for points that
/// are no finite numbers.
inline Drawing draw_convergence(std::span<TracePoint const> trace,
                                ConvergencePicture const& picture = {}) {
  auto const tick = [](double x) { return detail::tick_text(x); };
  Chart chart;
  chart.title = picture.title;
  chart.subtitle = picture.subtitle;
  chart.width = 1078;  // as wide as the other pictures of a schedule
  chart.height = 420;
  chart.x_label = picture.over_iterations ? "iterations" : "seconds";
  chart.y_label = picture.value_label;
  double const last = trace.empty()             ? 0
                      : picture.over_iterations ? trace.back().iteration
                                                : trace.back().seconds;
  double const end = std::max(picture.end, last);

  ChartSeries value{"best schedule"};
  value.line = ChartSeries::Line::staircase;
  value.points = detail::trace_points(trace, picture.over_iterations);
  if (value.points.empty()) return draw(chart);
  if (value.points.size() <= 60) value.mark = ChartSeries::Mark::circle;
  double const begin = value.points.front().first;
  double const final_value = value.points.back().second;
  // What follows the last improvement is no improvement, and has no mark.
  ChartSeries rest;
  rest.points = {value.points.back(), {end, final_value}};
  rest.labels = {"", tick(final_value)};

  if (end - begin < 1e-3 * std::abs(end)) {  // all at once: time runs from the call
    ChartSeries call;
    call.line = ChartSeries::Line::none;
    call.points = {{0, final_value}};
    chart.series.push_back(std::move(call));
  }

  ChartSeries bound{"lower bound"};
  bound.colour = "#d55e00";
  bound.line = ChartSeries::Line::staircase;
  bound.dashed = true;
  // Bounds have no iterations: they come from a thread beside.
  if (!picture.over_iterations) bound.points = detail::trace_points(picture.bounds, false);
  if (std::isfinite(picture.lower_bound)) {
    if (bound.points.empty()) {
      bound.name = "lower bound, as known at the end";
      bound.points = {{begin, picture.lower_bound}};
    }
    bound.points.emplace_back(end, picture.lower_bound);
  } else if (!bound.points.empty()) {
    bound.points.emplace_back(end, bound.points.back().second);
  }
  if (!bound.points.empty() && bound.points.back().second < final_value) {
    bound.labels.resize(bound.points.size());
    bound.labels.back() = tick(bound.points.back().second);
  }
  // The bound is named above its line, or below where that is too near to the value, with room for it.
  if (!bound.points.empty()) {
    double most = final_value;
    for (auto const& point : value.points) most = std::max(most, point.second);
    double const least = bound.points.front().second;
    double const last_bound = bound.points.back().second;
    double const range = most - std::min(least, last_bound);
    bound.labels_below = final_value - last_bound < 0.15 * range;
    double const below = last_bound - 0.1 * range;
    if (bound.labels_below && below < least && (below > 0 || last_bound <= 0)) {
      ChartSeries space;
      space.line = ChartSeries::Line::none;
      space.points = {{end, below}};
      chart.series.push_back(std::move(space));
    }
  }
  chart.series.push_back(std::move(value));
  chart.series.push_back(std::move(rest));
  if (!bound.points.empty()) chart.series.push_back(std::move(bound));
  return draw(chart);
}

}  // namespace gaus

#endif
