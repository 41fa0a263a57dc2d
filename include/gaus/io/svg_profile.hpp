// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_SVG_PROFILE_HPP
#define GAUS_IO_SVG_PROFILE_HPP

#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/svg.hpp>
#include <gaus/io/svg_drawing.hpp>
#include <gaus/io/text.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

// Step profiles before and after: what is in use of every resource class, and how much is live, step
// by step. A panel a class and one for the live size; in each a staircase of either schedule, its
// peak marked and named, and the limit where the class has one. Pipelines are folded by step mod II.
namespace gaus {

/// What the picture says around the profiles.
struct ProfilePicture {
  std::string title = "Step profiles";  ///< above
  std::string subtitle{};               ///< below the title; empty: none
  std::string before = "before";        ///< what the two schedules are called
  std::string after = "after";          ///< in the legend
  int most_classes = 24;                ///< that get a panel, in the order of the graph
};

namespace detail {

/// One panel: values by step, of either schedule.
struct ProfilePanel {
  std::string name;
  std::string unit;
  std::vector<double> before{};  ///< empty: none
  std::vector<double> after{};
  std::optional<double> limit{};
};

/// Draws panels below each other, over one axis of steps.
class ProfilePainter {
 public:
  ProfilePainter(std::vector<ProfilePanel> const& panels, int interval, int hidden,
                 ProfilePicture const& picture)
      : panels_(panels), interval_(interval), hidden_(hidden), picture_(picture) {
    std::size_t slots = 1;
    for (auto const& panel : panels)
      slots = std::max({slots, panel.before.size(), panel.after.size()});
    slots_ = static_cast<int>(slots);
    cell_ = std::min(room / slots_, 90.0);
    int const count = static_cast<int>(panels.size());
    // Bounds the size of the file, whatever the steps and classes are.
    columns_ = std::min(slots_, std::clamp(5400 / std::max(1, count), 100, 900));
    height_ = count <= 3 ? 112 : count <= 6 ? 84 : count <= 12 ? 60 : 40;
  }

  Drawing draw() {
    double const width = left + room + right;
    pen_.heading(24, picture_.title, picture_.subtitle, width - 48);
    double y = picture_.subtitle.empty() ? 48 : 68;
    for (auto const& panel : panels_) {
      draw(panel, y + header);
      y += header + height_ + gap;
    }
    if (hidden_ > 0) {
      pen_.text(left, y + 6, "start", detail::message({"and ", hidden_, " more classes"}), faint);
      y += 18;
    }
    double const base = y - gap;
    int const stride = tick_stride(cell_, slots_);
    for (int t = 0; t < slots_; t += stride)
      pen_.text(left + (t + 0.5) * cell_, base + 16, "middle", tick_text(t), "font-size=\"11\"");
    std::string label =
        interval_ > 0 ? detail::message({"slot (step modulo ", interval_, ")"}) : "step";
    if (columns_ < slots_)
      label += detail::message(
          {"; a column shows the most of ", (slots_ + columns_ - 1) / columns_, " of them"});
    pen_.text(left + cell_ * slots_ / 2, base + 38, "middle", label);
    return pen_.finish(picture_.title, width, base + 54);
  }

 private:
  static constexpr double left = 150;
  static constexpr double right = 28;
  static constexpr double room = 900;
  static constexpr double header = 22;
  static constexpr double gap = 14;
  static constexpr char const* before_colour = "#767676";
  static constexpr char const* after_colour = "#0072b2";

  struct Peak {
    double value = 0;
    int step = 0;
  };
  static Peak peak_of(std::vector<double> const& values) {
    if (values.empty()) return {};
    auto const place = std::max_element(values.begin(), values.end());
    return {*place, static_cast<int>(place - values.begin())};
  }

  /// The axis of a panel: from 0, or logarithmic where one peak would be flat beside the other.
  [[nodiscard]] Axis axis_of(ProfilePanel const& panel, double top, double base) const {
    double const a = peak_of(panel.before).value;
    double const b = peak_of(panel.after).value;
    constexpr double flat = 20;
    bool const logarithmic =
        std::min(a, b) > 0 && std::max(a, b) > flat * std::min(a, b) && !panel.before.empty();
    auto const integers = [](std::vector<double> const& values) {
      return std::all_of(values.begin(), values.end(), [](double v) { return v == std::floor(v); });
    };
    if (!logarithmic)
      return {{0, top},          base,         base - height_,
              AxisScale::linear, height_ / 26, integers(panel.before) && integers(panel.after)};
    double least = std::min(a, b);
    for (auto const* values : {&panel.before, &panel.after})
      for (double const v : *values)
        if (v > 0) least = std::min(least, v);
    return {{std::max(least, 1e-5 * top), top}, base, base - height_, AxisScale::logarithmic};
  }

  void draw(ProfilePanel const& panel, double y) {
    double const base = y + height_;
    double const end = left + cell_ * slots_;
    Peak const before = peak_of(panel.before);
    Peak const after = peak_of(panel.after);
    double const most = std::max(before.value, after.value);
    // A limit far above what is in use would leave an empty picture.
    bool const limited = panel.limit && *panel.limit <= 2 * most + 1;
    double const top = std::max({most, limited ? *panel.limit : 0.0, most > 0 ? 0.0 : 1.0});
    Axis const axis = axis_of(panel, top, base);
    pen_.box(left, y, end - left, height_, "fill=\"#f7f7f7\"");
    double above = base + 100;
    for (double const tick : axis.ticks()) {
      double const place = axis.place(tick);
      pen_.line(left, place, end, place, "stroke=\"#e2e2e2\"");
      if (place > above - 13 || place - 5 < y - 8) continue;
      above = place;
      pen_.text(left - 6, place + 4, "end", tick_text(tick), "font-size=\"11\"");
    }
    pen_.text(24, y + height_ / 2, "start", panel.unit, small_faint);
    if (axis.logarithmic()) pen_.text(24, y + height_ / 2 + 14, "start", "log scale", small_faint);
    auto const place = [&](double value) {
      return value > 0 ? std::min(base, axis.place(value)) : base;
    };
    auto const rise = staircase(panel.after, place);
    if (!axis.logarithmic() && !rise.empty())
      pen_.path(rise + "V" + place_text(base) + "H" + place_text(left) + "z",
                "fill=\"#56b4e9\" fill-opacity=\"0.35\"");
    pen_.path(staircase(panel.before, place), stroke(before_colour, "1.3"));
    pen_.path(rise, stroke(after_colour, "1.8"));
    if (limited) {
      double const at = axis.place(*panel.limit);
      pen_.line(left, at, end, at, limit_style);
    }
    if (!panel.before.empty())
      pen_.mark(Mark::square, column_of(before.step), place(before.value), before_colour);
    if (!panel.after.empty())
      pen_.mark(Mark::circle, column_of(after.step), place(after.value), after_colour);
    head(panel, y - 7, before, after, limited);
  }

  /// What a panel shows: its name, the peaks with their steps, the limit.
  void head(ProfilePanel const& panel, double y, Peak const& before, Peak const& after,
            bool limited) {
    pen_.text(24, y, "start", clipped(panel.name, 15), "font-weight=\"bold\"");
    double x = left;
    auto const say = [&](std::string const& text) {
      pen_.text(x, y, "start", text, "font-size=\"12\"");
      x += text_pixels(text, 12) + 24;
    };
    auto const peak = [&](Mark mark, char const* colour, std::string const& name, Peak const& own) {
      pen_.line(x, y - 4, x + 22, y - 4, stroke(colour, "1.8"));
      pen_.mark(mark, x + 11, y - 4, colour);
      x += 28;
      say(clipped(name, 32) + ": peak " + shortest_text(rounded(own.value)) +
          (interval_ > 0 ? " in slot " : " in step ") + std::to_string(own.step));
    };
    if (!panel.before.empty()) peak(Mark::square, before_colour, picture_.before, before);
    if (!panel.after.empty()) peak(Mark::circle, after_colour, picture_.after, after);
    if (!panel.limit) return;
    if (limited) {
      pen_.line(x, y - 4, x + 22, y - 4, limit_style);
      x += 28;
    }
    say("limit " + shortest_text(*panel.limit) + (limited ? "" : ", above the picture"));
  }

  /// Sums of fractions differ in their last digits.
  static double rounded(double x) { return std::abs(x) < 1e9 ? std::round(x * 1e6) / 1e6 : x; }
  static std::string stroke(char const* colour, char const* width) {
    return std::string("fill=\"none\" stroke=\"") + colour + "\" stroke-width=\"" + width + "\"";
  }

  /// The middle of the column that shows a step.
  [[nodiscard]] double column_of(int step) const {
    auto const column = static_cast<long long>(step) * columns_ / slots_;
    return left + (static_cast<double>(column) + 0.5) * cell_ * slots_ / columns_;
  }

  /// The path of a profile, column by column; many steps share one, which shows their maximum.
  template <class Place>
  [[nodiscard]] std::string staircase(std::vector<double> const& values, Place const& place) const {
    std::string path;
    std::string level;
    double const width = cell_ * slots_ / columns_;
    if (values.empty()) return path;
    for (int c = 0; c < columns_; ++c) {
      // Of the steps t with t * columns / slots == c.
      auto const bound = [&](int k) {
        return (static_cast<std::size_t>(k) * static_cast<std::size_t>(slots_) +
                static_cast<std::size_t>(columns_) - 1) /
               static_cast<std::size_t>(columns_);
      };
      double most = 0;
      for (std::size_t t = bound(c); t < std::min(bound(c + 1), values.size()); ++t)
        most = std::max(most, values[t]);
      auto const now = place_text(place(most));
      auto const x = place_text(left + c * width);
      if (path.empty())
        path = "M" + x + " " + now;
      else if (now != level)
        path += "H" + x + "V" + now;
      level = now;
    }
    return path + "H" + place_text(left + columns_ * width);
  }

  std::vector<ProfilePanel> const& panels_;
  int interval_;
  int hidden_;
  ProfilePicture const& picture_;
  int slots_ = 1;
  int columns_ = 1;
  double cell_ = 0;
  double height_ = 0;
  Pen pen_;
};

/// One row of a profile.
inline std::vector<double> profile_row(DiscreteProfile const& profile, int row) {
  auto const first = profile.values.begin() + static_cast<std::ptrdiff_t>(row) * profile.slots;
  return {first, first + profile.slots};
}

}  // namespace detail

/// Draws the step profiles of a schedule and of the one before it, which may be empty: none. limits:
/// one a class, none for unlimited; empty: all are unlimited. names: the description that the graph
/// was built from, or null. The size of the drawing is bounded; a column then stands for several
/// steps and shows their maximum. O(V + E + classes * steps). Throws InvalidInput for another number
/// of start steps or of limits.
template <Graph G>
Drawing draw_profiles(Problem<G> const& problem, std::span<int const> before,
                      std::span<int const> after,
                      std::vector<std::optional<double>> const& limits = {},
                      GraphDescription const* names = nullptr, ProfilePicture const& picture = {}) {
  using detail::at;
  int const classes = problem.graph.num_resources();
  if (!limits.empty() && limits.size() != at(classes))
    throw InvalidInput(detail::message({limits.size(), " resource limits are given, the graph has ",
                                        classes, " resource classes"}));
  int const shown = std::min(classes, std::max(0, picture.most_classes));
  std::vector<detail::ProfilePanel> panels;
  for (int r = 0; r < shown; ++r)
    panels.push_back({detail::short_class(names, r),
                      "units in use",
                      {},
                      {},
                      limits.empty() ? std::nullopt : limits[at(r)]});
  panels.push_back({"live size", "at the step's end"});
  auto const fill = [&](std::span<int const> start, auto member) {
    auto const usage = usage_profile(problem, start);
    for (int r = 0; r < shown; ++r) panels[at(r)].*member = detail::profile_row(usage, r);
    panels.back().*member = detail::profile_row(live_profile(problem, start), 0);
  };
  if (!before.empty()) fill(before, &detail::ProfilePanel::before);
  fill(after, &detail::ProfilePanel::after);
  return detail::ProfilePainter(panels, problem.initiation_interval, classes - shown, picture)
      .draw();
}

}  // namespace gaus

#endif
