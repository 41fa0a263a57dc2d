// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_SVG_GANTT_HPP
#define GAUS_IO_SVG_GANTT_HPP

#include <gaus/detail/message.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/reader.hpp>
#include <gaus/io/svg_density.hpp>
#include <gaus/io/svg_drawing.hpp>
#include <gaus/io/text.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>
#include <gaus/schedule/critical.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

// The Gantt chart of a schedule: a row an operation with its name, in the order in which they start; a
// bar as long as it keeps its units busy, a lighter one until its result is there; the colour says the
// class (of several the one of which it takes the largest part), an outline that the operation is critical (schedule/critical.hpp), a thin line between which
// steps it could lie. Large graphs get a density picture instead (io/svg_density.hpp).
namespace gaus {

/// What the picture says around the chart.
struct GanttPicture {
  std::string title = "Gantt chart";  ///< above
  std::string subtitle{};             ///< below the title; empty: none
  int most_operations = 200;          ///< beyond: the density picture
};

namespace detail {

/// A row of the chart.
struct GanttRow {
  int operation = 0;
  int start = 0;
  int occupancy = 0;
  int latency = 0;
  int earliest = 0;
  int latest = 0;
  int resource = -1;  ///< class by which it is coloured; -1: none
  bool critical = false;

  [[nodiscard]] int end() const { return start + std::max(latency, occupancy); }
};

/// Draws rows over an axis of steps.
class GanttPainter {
 public:
  /// steps: that the schedule may take; shown unless they would leave most of the chart empty.
  GanttPainter(std::vector<GanttRow> const& rows, int steps, int classes, int interval,
               GraphDescription const* names, GanttPicture const& picture)
      : rows_(rows), interval_(interval), names_(names), picture_(picture) {
    std::vector<int> users(at(classes), 0);
    for (auto const& row : rows) {
      first_ = std::min(first_, row.start);
      last_ = std::max(last_, row.end());
      if (row.resource >= 0) ++users[at(row.resource)];
    }
    if (steps / 2 <= last_) last_ = std::max(last_, steps);
    cell_ = std::min(room / (last_ - first_), 90.0);
    kinds_ = class_kinds(users);
    auto const n = rows.size();
    row_ = n <= 40 ? 18 : n <= 100 ? 15 : 13;
  }

  Drawing draw() {
    double const width = left + room + right;
    pen_.heading(24, picture_.title, picture_.subtitle, width - 48);
    double const top = legend(picture_.subtitle.empty() ? 48 : 68) + 22;
    double const bottom = top + row_ * static_cast<double>(std::max<std::size_t>(1, rows_.size()));
    grid(top, bottom);
    double y = top;
    for (auto const& row : rows_) {
      draw(row, y);
      y += row_;
    }
    if (rows_.size() > 30) labels(top - 6);
    labels(bottom + 16);
    pen_.text((place(first_) + place(last_)) / 2, bottom + 38, "middle", "step");
    return pen_.finish(picture_.title, width, bottom + 54);
  }

 private:
  static constexpr double left = 150;
  static constexpr double right = 28;
  static constexpr double room = 900;
  static constexpr char const* outline = "stroke=\"#000\" stroke-width=\"1.8\"";

  [[nodiscard]] double place(int step) const { return left + (step - first_) * cell_; }

  /// Returns where it ends.
  double legend(double y) {
    double x = left;
    auto const room_for = [&](std::string const& text) {
      double const width = 18 + text_pixels(text, 12);
      if (x > left && x + width > left + room) {
        x = left;
        y += 18;
      }
      return std::exchange(x, x + width + 20);
    };
    auto const entry = [&](std::string const& style, std::string const& text) {
      double const at = room_for(text);
      pen_.box(at, y, 12, 12, style);
      pen_.text(at + 18, y + 10.5, "start", text, "font-size=\"12\"");
    };
    bool other = false;
    bool none = false;
    for (auto const& row : rows_) {
      none = none || row.resource < 0;
      other = other || (row.resource >= 0 && kinds_[at(row.resource)] < 0);
    }
    for (std::size_t r = 0; r < kinds_.size(); ++r)
      if (kinds_[r] >= 0)
        entry("fill=\"" + kind_colour(kinds_[r]).colour + "\"",
              clipped(short_class(names_, static_cast<int>(r)), 24));
    if (other || none)
      entry("fill=\"" + kind_colour(-1).colour + "\"", other && none ? "other or no class"
                                                       : other       ? "other classes"
                                                                     : "no class");
    auto const any = [&](auto const& test) {
      return std::any_of(rows_.begin(), rows_.end(), test);
    };
    if (any([](GanttRow const& r) { return r.latency > r.occupancy; }))
      entry("fill=\"#777\" fill-opacity=\"0.4\"", "until the result is there");
    if (any([](GanttRow const& r) { return r.critical; }))
      entry(std::string("fill=\"#fff\" ") + outline, "critical");
    if (any([](GanttRow const& r) { return r.earliest < r.latest; })) {
      std::string const text = "where it could lie";
      double const at = room_for(text);
      pen_.line(at, y + 6, at + 14, y + 6, window_style);
      pen_.text(at + 18, y + 10.5, "start", text, "font-size=\"12\"");
    }
    return y + 12;
  }

  void grid(double top, double bottom) {
    pen_.box(left, top, place(last_) - left, bottom - top, "fill=\"#f7f7f7\"");
    int const stride = tick_stride(cell_, last_);
    for (int t = first_; t <= last_; ++t)
      if ((t - first_) % stride == 0 && cell_ * stride > 5)
        pen_.line(place(t), top, place(t), bottom, "stroke=\"#fff\"");
    if (interval_ <= 0 || interval_ * cell_ < 3) return;
    for (int t = interval_; t < last_; t += interval_)
      pen_.line(place(t), top, place(t), bottom, "stroke=\"#999\" stroke-dasharray=\"2 2\"");
  }

  void labels(double y) {
    int const stride = tick_stride(cell_, last_);
    for (int t = first_; t < last_; t += stride)
      pen_.text(place(t) + cell_ / 2, y, "middle", tick_text(t), "font-size=\"11\"");
  }

  void draw(GanttRow const& row, double y) {
    double const height = row_ - 4;
    double const size = std::min(11.0, row_ - 2);
    std::string style = "font-size=\"" + place_text(size) + "\"";
    if (row.critical) style += " font-weight=\"bold\"";
    pen_.text(left - 8, y + row_ / 2 + 0.36 * size, "end",
              clipped(short_name(names_, row.operation), 19), style);
    double const middle = y + row_ / 2;
    int const length = row.end() - row.start;
    if (row.earliest < row.latest)
      pen_.line(std::max(left, place(row.earliest)), middle,
                std::min(place(last_), place(row.latest + length)), middle, window_style);
    int const kind = row.resource >= 0 ? kinds_[at(row.resource)] : -1;
    std::string const fill = "fill=\"" + kind_colour(kind).colour + "\"";
    if (row.latency > row.occupancy)
      pen_.box(place(row.start), y + 2, cell_ * length, height, fill + " fill-opacity=\"0.4\"");
    std::string tip =
        message({one_line(call_operation(names_, row.operation)), ", step ", row.start,
                 ", latency ", row.latency, ", occupancy ", row.occupancy});
    if (row.resource >= 0) tip += ", " + short_class(names_, row.resource);
    // What takes no time is still to be seen.
    double const busy = std::max(cell_ * row.occupancy, row.latency > row.occupancy ? 2.0 : 3.0);
    pen_.box(place(row.start), y + 2, busy, height, fill, tip);
    if (row.critical)
      pen_.box(place(row.start) + 0.9, y + 2.9, std::max(cell_ * length, 3.0) - 1.8, height - 1.8,
               std::string("fill=\"none\" ") + outline);
  }

  static constexpr char const* window_style = "stroke=\"#aaa\" stroke-width=\"1.5\"";

  std::vector<GanttRow> const& rows_;
  int interval_;
  GraphDescription const* names_;
  GanttPicture const& picture_;
  int first_ = 0;
  int last_ = 1;
  double cell_ = 0;
  double row_ = 0;
  std::vector<int> kinds_;  ///< colour of each class, -1: shared
  Pen pen_;
};

}  // namespace detail

/// Draws the Gantt chart of a schedule, or, for more operations than the picture allows, its density
/// picture. limits: one a class, none for unlimited; they tell which operations are critical. names:
/// the description that the graph was built from, or null. Of a pipeline one iteration is shown, with
/// a dashed line an interval. Throws InvalidInput for another number of start steps or limits.
template <Graph G>
Drawing draw_gantt(Problem<G> const& problem, std::span<int const> start_steps,
                   std::vector<std::optional<double>> const& limits = {},
                   GraphDescription const* names = nullptr, GanttPicture const& picture = {}) {
  using detail::at;
  auto const& graph = problem.graph;
  int const n = graph.num_operations();
  if (n > picture.most_operations)
    return draw_density(problem, start_steps, limits, names, {picture.title, picture.subtitle});
  auto const critical = critical_operations(problem, start_steps, limits);
  auto const classes = detail::main_classes(graph, limits);
  bool const windows = problem.earliest.extent(0) == start_steps.size() &&
                       problem.latest.extent(0) == start_steps.size();
  std::vector<detail::GanttRow> rows;
  for (int i = 0; i < n; ++i) {
    detail::GanttRow row;
    row.operation = i;
    row.start = start_steps[at(i)];
    row.occupancy = graph.occupancy(i);
    row.latency = graph.latency(i);
    row.earliest = windows ? problem.earliest(i) : row.start;
    row.latest = windows ? problem.latest(i) : row.start;
    row.critical = critical[at(i)] != 0;
    row.resource = classes[at(i)];
    rows.push_back(row);
  }
  std::sort(rows.begin(), rows.end(), [](auto const& a, auto const& b) {
    return std::tuple(a.start, a.end(), a.operation) < std::tuple(b.start, b.end(), b.operation);
  });
  return detail::GanttPainter(rows, problem.steps, graph.num_resources(),
                              problem.initiation_interval, names, picture)
      .draw();
}

}  // namespace gaus

#endif
