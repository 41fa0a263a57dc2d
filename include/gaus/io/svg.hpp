// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_SVG_HPP
#define GAUS_IO_SVG_HPP

#include <gaus/error.hpp>
#include <gaus/io/svg_drawing.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <ostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

// A chart: series over two axes, each a line or a staircase with or without marks.
namespace gaus {

/// One series of a chart.
struct ChartSeries {
  /// How points are joined.
  enum class Line { none, straight, staircase };
  using Mark = detail::Mark;  ///< none, circle, square, triangle, cross

  std::string name;                                 ///< in the legend; empty: none
  std::vector<std::pair<double, double>> points{};  ///< (x, y), in the order of the line
  Line line = Line::straight;                       ///< between the points
  Mark mark = Mark::none;                           ///< at the points
  std::string colour = "#0072b2";                   ///< of line and marks, as SVG has it
  std::vector<std::string> labels{};                ///< beside the points, where not empty
  bool labels_below = false;                        ///< those under the points, not above
  bool dashed = false;                              ///< the line, as that of a limit or a bound
};

/// How an axis runs. automatic: logarithmic where all values are above 0 and span more than a factor
/// of 20.
enum class AxisScale { automatic, linear, logarithmic };

/// A chart over two axes.
struct Chart {
  std::string title;                         ///< above
  std::string subtitle{};                    ///< below the title; empty: none
  std::string x_label;                       ///< below the axis
  std::string y_label;                       ///< beside the axis
  std::vector<ChartSeries> series{};         ///< later ones above earlier ones
  int width = 760;                           ///< in pixels
  int height = 500;                          ///< in pixels
  AxisScale x_scale = AxisScale::automatic;  ///< of the horizontal axis
  AxisScale y_scale = AxisScale::automatic;  ///< of the vertical axis
};

namespace detail {

/// An axis with round ticks.
class Axis {
 public:
  /// from, to: places in the picture of the least and the greatest value. wanted: ticks, about, of a
  /// linear axis; none lies between integers where the values are such, or whole says so.
  Axis(std::vector<double> const& values, double from, double to,
       AxisScale scale = AxisScale::automatic, double wanted = 6, bool whole = false)
      : from_(from), to_(to) {
    auto const [least, greatest] = std::minmax_element(values.begin(), values.end());
    low_ = values.empty() ? 0 : *least;
    high_ = values.empty() ? 1 : *greatest;
    logarithmic_ = low_ > 1e-300 && high_ > low_ && scale != AxisScale::linear &&
                   (scale == AxisScale::logarithmic || high_ > 20 * low_);
    if (logarithmic_) set_decades();
    bool const integers =
        std::all_of(values.begin(), values.end(), [](double x) { return x == std::floor(x); });
    if (!logarithmic_) set_steps(wanted, whole || (integers && !values.empty()));
  }

  [[nodiscard]] double place(double x) const {
    double const part =
        logarithmic_ ? std::log(x / low_) / std::log(high_ / low_) : (x - low_) / (high_ - low_);
    return from_ + part * (to_ - from_);
  }
  [[nodiscard]] std::vector<double> const& ticks() const { return ticks_; }
  [[nodiscard]] bool logarithmic() const { return logarithmic_; }

 private:
  /// Few decades have ticks between, many are counted by several; none at all make a linear axis.
  void set_decades() {
    double const margin = std::pow(high_ / low_, 0.05);
    double const decades = std::log10(high_ / low_);
    double const stride = std::ceil(decades / 9);
    for (double k = std::floor(std::log10(low_ / margin)); k <= std::log10(high_ * margin);
         k += stride)
      for (double const factor : {1.0, 2.0, 5.0}) {
        double const tick = factor * std::pow(10, k);
        if (tick < low_ / margin || tick > high_ * margin || (decades > 3.2 && factor > 1))
          continue;
        ticks_.push_back(tick);
      }
    logarithmic_ = ticks_.size() > 1;
    if (logarithmic_) {
      low_ /= margin;
      high_ *= margin;
    } else {
      ticks_.clear();
    }
  }

  void set_steps(double wanted, bool whole) {
    if (low_ == high_) high_ = low_ + std::max(1.0, std::abs(low_) * 0.1);
    double const margin = 0.06 * (high_ - low_);
    low_ = low_ >= 0 && low_ < margin ? 0 : low_ - margin;
    high_ += margin;
    double step = std::pow(10, std::floor(std::log10((high_ - low_) / wanted)));
    for (double const factor : {5.0, 2.0, 1.0})
      if ((high_ - low_) / (factor * step) >= wanted - 2) {
        step *= factor;
        break;
      }
    if (whole) step = std::max(1.0, step);
    double const first = std::ceil(low_ / step);
    for (int k = 0; k < 40 && (first + k) * step <= high_; ++k)
      ticks_.push_back((first + k) * step);
  }

  double from_;
  double to_;
  double low_ = 0;
  double high_ = 1;
  bool logarithmic_ = false;
  std::vector<double> ticks_;
};

/// Draws a chart.
class ChartPainter {
 public:
  explicit ChartPainter(Chart const& chart)
      : chart_(chart),
        y_(values(1), chart.height - bottom, top(chart), chart.y_scale),
        left_(margin()),
        x_(values(0), left_, chart.width - right, chart.x_scale) {}

  Drawing draw() {
    pen_.heading(24, chart_.title, chart_.subtitle, chart_.width - 24 - right);
    axes();
    legend();
    for (auto const& series : chart_.series) draw(series);
    return pen_.finish(chart_.title, chart_.width, chart_.height);
  }

 private:
  static constexpr double right = 28;
  static constexpr double bottom = 62;
  static double top(Chart const& chart) { return chart.subtitle.empty() ? 70 : 88; }

  /// Room for the label of the vertical axis and its ticks.
  [[nodiscard]] double margin() const {
    double widest = 0;
    for (double const y : y_.ticks()) widest = std::max(widest, text_pixels(tick_text(y)));
    return std::max(100.0, widest + 46);
  }

  [[nodiscard]] std::vector<double> values(int axis) const {
    std::vector<double> all;
    for (auto const& series : chart_.series)
      for (auto const& [x, y] : series.points) {
        if (!std::isfinite(x) || !std::isfinite(y))
          throw InvalidInput("a chart cannot show a value that is no finite number, in series " +
                             series.name);
        all.push_back(axis == 0 ? x : y);
      }
    return all;
  }

  void axes() {
    static constexpr char const* grid = "stroke=\"#e6e6e6\"";
    static constexpr char const* axis = "stroke=\"#888\"";
    double const base = chart_.height - bottom;
    double const end = chart_.width - right;
    double written = -100;
    for (double const x : x_.ticks()) {
      double const place = x_.place(x);
      pen_.line(place, base, place, top(chart_), grid);
      auto const text = tick_text(x);
      double const half = text_pixels(text) / 2;
      if (place - half < written + 6) continue;  // no room between decades
      pen_.text(place, base + 20, "middle", text);
      written = place + half;
    }
    for (double const y : y_.ticks()) {
      pen_.line(left_, y_.place(y), end, y_.place(y), grid);
      pen_.text(left_ - 9, y_.place(y) + 4.5, "end", tick_text(y));
    }
    pen_.line(left_, base, end, base, axis);
    pen_.line(left_, base, left_, top(chart_), axis);
    auto const scale = [](Axis const& own) { return own.logarithmic() ? " (log scale)" : ""; };
    pen_.text((left_ + end) / 2, chart_.height - 16, "middle", chart_.x_label + scale(x_));
    double const middle = (base + top(chart_)) / 2;
    auto const longest = static_cast<std::size_t>((base - top(chart_)) / 6.5);
    pen_.text(22, middle, "middle", clipped(chart_.y_label, longest) + scale(y_),
              "transform=\"rotate(-90 22 " + place_text(middle) + ")\"");
  }

  static std::string stroke_of(ChartSeries const& series) {
    return "stroke=\"" + series.colour + "\" stroke-width=\"2\" stroke-linejoin=\"round\"" +
           (series.dashed ? " stroke-dasharray=\"6 4\"" : "");
  }

  void legend() {
    double x = left_;
    double const y = top(chart_) - 16;
    for (auto const& series : chart_.series) {
      if (series.name.empty()) continue;
      if (series.line != ChartSeries::Line::none)
        pen_.line(x, y - 4, x + 22, y - 4, stroke_of(series));
      pen_.mark(series.mark, x + 11, y - 4, series.colour);
      pen_.text(x + 28, y, "start", series.name);
      x += 48 + text_pixels(series.name);
    }
  }

  void draw(ChartSeries const& series) {
    std::vector<std::pair<double, double>> path;
    for (auto const& [x, y] : series.points) {
      if (series.line == ChartSeries::Line::staircase && !path.empty())
        path.emplace_back(x_.place(x), path.back().second);
      path.emplace_back(x_.place(x), y_.place(y));
    }
    if (series.line != ChartSeries::Line::none && path.size() > 1)
      pen_.polyline(path, stroke_of(series));
    for (std::size_t k = 0; k < series.points.size(); ++k) {
      double const x = x_.place(series.points[k].first);
      double const y = y_.place(series.points[k].second);
      pen_.mark(series.mark, x, y, series.colour);
      if (k >= series.labels.size() || series.labels[k].empty()) continue;
      bool const near_end = x + 10 + text_pixels(series.labels[k]) > chart_.width - right;
      pen_.text(near_end ? x - 10 : x + 10, series.labels_below ? y + 18 : y - 8,
                near_end ? "end" : "start", series.labels[k], faint);
    }
  }

  Chart const& chart_;
  Axis y_;
  double left_;
  Axis x_;
  Pen pen_;
};

}  // namespace detail

/// Draws a chart. Throws InvalidInput for points that are no finite numbers.
inline Drawing draw(Chart const& chart) { return detail::ChartPainter(chart).draw(); }

/// Draws and writes a chart. Throws InvalidInput, before the first byte, as draw() does.
inline void write_svg(std::ostream& out, Chart const& chart) { write_svg(out, draw(chart)); }

}  // namespace gaus

#endif
