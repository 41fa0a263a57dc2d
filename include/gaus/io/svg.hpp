// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_SVG_HPP
#define GAUS_IO_SVG_HPP

#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Pictures as SVG, without a dependency: a chart of series over two axes, each a line or a staircase
// with or without marks. Colours are those of Okabe and Ito, which the colour-blind can tell apart;
// marks differ in shape as well. Text stays text, so that it can be searched and scaled.
namespace gaus {

/// One series of a chart.
struct ChartSeries {
  /// How points are joined.
  enum class Line { none, straight, staircase };
  /// What stands at each point.
  enum class Mark { none, circle, square, triangle, cross };

  std::string name;                                 ///< in the legend; empty: none
  std::vector<std::pair<double, double>> points{};  ///< (x, y), in the order of the line
  Line line = Line::straight;                       ///< between the points
  Mark mark = Mark::none;                           ///< at the points
  std::string colour = "#0072b2";                   ///< of line and marks, as SVG has it
  std::vector<std::string> labels{};                ///< beside the points, where not empty
};

/// A chart over two axes.
struct Chart {
  std::string title;                  ///< above
  std::string subtitle{};             ///< below the title; empty: none
  std::string x_label;                ///< below the axis
  std::string y_label;                ///< beside the axis
  std::vector<ChartSeries> series{};  ///< later ones above earlier ones
  int width = 760;                    ///< in pixels
  int height = 500;                   ///< in pixels
};

namespace detail {

/// A text between tags; control characters and what XML reserves are replaced.
inline std::string xml_text(std::string_view text) {
  std::string safe;
  for (char const c : text) {
    if (c == '&')
      safe += "&amp;";
    else if (c == '<')
      safe += "&lt;";
    else if (c == '>')
      safe += "&gt;";
    else
      safe += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return safe;
}

/// A place in the picture, to a hundredth of its unit.
inline std::string place_text(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", x);
  std::string s(text);
  s.erase(s.find_last_not_of('0') + 1);
  if (s.back() == '.') s.pop_back();
  return s == "-0" ? "0" : s;
}

/// A number on an axis: 60,000 or 2.5.
inline std::string tick_text(double x) {
  char digits[40];
  std::string text(
      digits,
      std::to_chars(digits, digits + sizeof digits, x + 0.0, std::chars_format::general, 6).ptr);
  if (text.find_first_not_of("0123456789-") != std::string::npos) return text;
  std::size_t const first = text.starts_with('-') ? 1 : 0;
  for (std::size_t k = text.size(); k > first + 3;) text.insert(k -= 3, ",");
  return text;
}

/// An axis: linear, or logarithmic where the values span more than a factor of 20.
class Axis {
 public:
  /// from, to: places in the picture of the least and the greatest value.
  Axis(std::vector<double> const& values, double from, double to) : from_(from), to_(to) {
    auto const [least, greatest] = std::minmax_element(values.begin(), values.end());
    low_ = values.empty() ? 0 : *least;
    high_ = values.empty() ? 1 : *greatest;
    logarithmic_ = low_ > 0 && high_ > 20 * low_;
    if (logarithmic_) {
      double const margin = std::pow(high_ / low_, 0.05);
      low_ /= margin;
      high_ *= margin;
      for (double decade = std::pow(10, std::floor(std::log10(low_))); decade <= high_;
           decade *= 10)
        for (double const factor : {1.0, 2.0, 5.0})
          if (decade * factor >= low_ && decade * factor <= high_)
            ticks_.push_back(decade * factor);
      return;
    }
    if (low_ == high_) high_ = low_ + std::max(1.0, std::abs(low_) * 0.1);
    double const margin = 0.06 * (high_ - low_);
    low_ = low_ >= 0 && low_ < margin ? 0 : low_ - margin;
    high_ += margin;
    constexpr double wanted = 6;
    double step = std::pow(10, std::floor(std::log10((high_ - low_) / wanted)));
    for (double const factor : {5.0, 2.0, 1.0})
      if ((high_ - low_) / (factor * step) >= wanted - 2) {
        step *= factor;
        break;
      }
    for (double k = std::ceil(low_ / step); k * step <= high_; ++k) ticks_.push_back(k * step);
  }

  [[nodiscard]] double place(double x) const {
    double const part =
        logarithmic_ ? std::log(x / low_) / std::log(high_ / low_) : (x - low_) / (high_ - low_);
    return from_ + part * (to_ - from_);
  }
  [[nodiscard]] std::vector<double> const& ticks() const { return ticks_; }
  [[nodiscard]] bool logarithmic() const { return logarithmic_; }

 private:
  double from_;
  double to_;
  double low_ = 0;
  double high_ = 1;
  bool logarithmic_ = false;
  std::vector<double> ticks_;
};

/// Draws a chart.
class ChartWriter {
 public:
  ChartWriter(std::ostream& out, Chart const& chart)
      : out_(out),
        chart_(chart),
        x_(values(0), left, chart.width - right),
        y_(values(1), chart.height - bottom, top(chart)) {}

  void write() {
    std::string const size = detail::message({chart_.width, " ", chart_.height});
    out_ << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << size << "\" width=\""
         << chart_.width << "\" height=\"" << chart_.height
         << "\" font-family=\"Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif\" "
            "font-size=\"13\" fill=\"#222\">\n";
    out_ << "<title>" << xml_text(chart_.title) << "</title>\n";
    out_ << "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";
    text(left, 28, "start", chart_.title, "font-size=\"17\" font-weight=\"bold\"");
    if (!chart_.subtitle.empty()) text(left, 48, "start", chart_.subtitle, "fill=\"#555\"");
    axes();
    legend();
    for (auto const& series : chart_.series) draw(series);
    out_ << "</svg>\n";
  }

 private:
  static constexpr double left = 100;
  static constexpr double right = 28;
  static constexpr double bottom = 62;
  static double top(Chart const& chart) { return chart.subtitle.empty() ? 70 : 88; }

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

  void text(double x, double y, char const* anchor, std::string const& content,
            std::string const& more = "") {
    out_ << "<text x=\"" << place_text(x) << "\" y=\"" << place_text(y) << "\" text-anchor=\""
         << anchor << "\"" << (more.empty() ? "" : " ") << more << ">" << xml_text(content)
         << "</text>\n";
  }
  void line(double x1, double y1, double x2, double y2, char const* colour) {
    out_ << "<line x1=\"" << place_text(x1) << "\" y1=\"" << place_text(y1) << "\" x2=\""
         << place_text(x2) << "\" y2=\"" << place_text(y2) << "\" stroke=\"" << colour << "\"/>\n";
  }

  void axes() {
    double const base = chart_.height - bottom;
    double const end = chart_.width - right;
    for (double const x : x_.ticks()) {
      line(x_.place(x), base, x_.place(x), top(chart_), "#e6e6e6");
      text(x_.place(x), base + 20, "middle", tick_text(x));
    }
    for (double const y : y_.ticks()) {
      line(left, y_.place(y), end, y_.place(y), "#e6e6e6");
      text(left - 9, y_.place(y) + 4.5, "end", tick_text(y));
    }
    line(left, base, end, base, "#888");
    line(left, base, left, top(chart_), "#888");
    auto const scale = [](Axis const& axis) { return axis.logarithmic() ? " (log scale)" : ""; };
    text((left + end) / 2, chart_.height - 16, "middle", chart_.x_label + scale(x_));
    double const middle = (base + top(chart_)) / 2;
    text(22, middle, "middle", chart_.y_label + scale(y_),
         "transform=\"rotate(-90 22 " + place_text(middle) + ")\"");
  }

  void legend() {
    double x = left;
    double const y = top(chart_) - 16;
    for (auto const& series : chart_.series) {
      if (series.name.empty()) continue;
      if (series.line != ChartSeries::Line::none) stroke(series, {{x, y - 4}, {x + 22, y - 4}});
      mark(series, x + 11, y - 4);
      text(x + 28, y, "start", series.name);
      x += 48 + 7.2 * static_cast<double>(series.name.size());
    }
  }

  void stroke(ChartSeries const& series, std::vector<std::pair<double, double>> const& path) {
    out_ << "<polyline fill=\"none\" stroke=\"" << series.colour
         << "\" stroke-width=\"2\" stroke-linejoin=\"round\" points=\"";
    for (std::size_t k = 0; k < path.size(); ++k)
      out_ << (k > 0 ? " " : "") << place_text(path[k].first) << "," << place_text(path[k].second);
    out_ << "\"/>\n";
  }

  void draw(ChartSeries const& series) {
    std::vector<std::pair<double, double>> path;
    for (auto const& [x, y] : series.points) {
      if (series.line == ChartSeries::Line::staircase && !path.empty())
        path.emplace_back(x_.place(x), path.back().second);
      path.emplace_back(x_.place(x), y_.place(y));
    }
    if (series.line != ChartSeries::Line::none && path.size() > 1) stroke(series, path);
    for (std::size_t k = 0; k < series.points.size(); ++k) {
      double const x = x_.place(series.points[k].first);
      double const y = y_.place(series.points[k].second);
      mark(series, x, y);
      if (k >= series.labels.size() || series.labels[k].empty()) continue;
      bool const near_end = x > chart_.width - right - 60;
      text(near_end ? x - 10 : x + 10, y - 8, near_end ? "end" : "start", series.labels[k],
           "fill=\"#555\"");
    }
  }

  void mark(ChartSeries const& series, double x, double y) {
    auto const at = [&](double dx, double dy) {
      return place_text(x + dx) + " " + place_text(y + dy);
    };
    std::string const style = " fill=\"" + series.colour + "\" stroke=\"#fff\"/>\n";
    switch (series.mark) {
      case ChartSeries::Mark::none:
        return;
      case ChartSeries::Mark::circle:
        out_ << "<circle cx=\"" << place_text(x) << "\" cy=\"" << place_text(y) << "\" r=\"4.5\""
             << style;
        return;
      case ChartSeries::Mark::square:
        out_ << "<path d=\"M" << at(-4.5, -4.5) << "h9v9h-9z\"" << style;
        return;
      case ChartSeries::Mark::triangle:
        out_ << "<path d=\"M" << at(0, -5.5) << "L" << at(5.5, 4.5) << "L" << at(-5.5, 4.5) << "z\""
             << style;
        return;
      case ChartSeries::Mark::cross:
        out_ << "<path d=\"M" << at(-4.5, -4.5) << "l9 9m-9 0l9 -9\" fill=\"none\" stroke=\""
             << series.colour << "\" stroke-width=\"2.2\"/>\n";
        return;
    }
  }

  std::ostream& out_;
  Chart const& chart_;
  Axis x_;
  Axis y_;
};

}  // namespace detail

/// Writes a chart. Throws InvalidInput, before the first byte, for points that are no finite numbers.
inline void write_svg(std::ostream& out, Chart const& chart) {
  detail::ChartWriter(out, chart).write();
}

}  // namespace gaus

#endif
