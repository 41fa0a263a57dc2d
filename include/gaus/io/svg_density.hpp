// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_SVG_DENSITY_HPP
#define GAUS_IO_SVG_DENSITY_HPP

#include <gaus/detail/message.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/svg_drawing.hpp>
#include <gaus/io/text.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

// A large schedule seen from afar: a Gantt chart in which many operations share a row and many steps
// a column, of bounded size whatever the graph. Operations lie in bands by class, within a band in
// the order in which they could start at the earliest; the darker a cell, the more of its row are
// at work at once, on average over its steps. A line shows where the earliest steps lie: what is far
// to the right of it waits.
namespace gaus {

/// What the picture says around the density.
struct DensityPicture {
  std::string title = "Density of the schedule";  ///< above
  std::string subtitle{};                         ///< below the title; empty: none
};

namespace detail {

/// Which colour each class gets, by how many operations it has: all that have any when there are few
/// of them, else the largest, and -1 for those that share one.
inline std::vector<int> class_kinds(std::vector<int> const& users) {
  std::vector<int> order(users.size());
  std::iota(order.begin(), order.end(), 0);
  std::erase_if(order, [&](int r) { return users[at(r)] == 0; });
  bool const many = order.size() > static_cast<std::size_t>(most_kinds);
  if (many) {
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return users[at(a)] > users[at(b)]; });
    order.resize(most_kinds - 1);
    std::sort(order.begin(), order.end());
  }
  std::vector<int> kinds(users.size(), -1);
  for (std::size_t k = 0; k < order.size(); ++k) kinds[at(order[k])] = static_cast<int>(k);
  return kinds;
}

/// The class that says what kind an operation is, -1 where it has none: the one of which it takes the
/// largest part, of the limit or else of the most that an operation takes.
template <Graph G>
std::vector<int> main_classes(G const& graph, std::vector<std::optional<double>> const& limits) {
  int const n = graph.num_operations();
  std::vector<double> whole(at(graph.num_resources()), 0);
  std::vector<int> own(at(n), -1);
  auto const each = [&](int i, auto const& visit) {
    auto const demands = graph.demands(i);
    for (int k = 0; k < demands.size(); ++k) visit(Demand(demands[k]));
  };
  for (int i = 0; i < n; ++i)
    each(i, [&](Demand const& d) {
      whole[at(d.resource)] = std::max(whole[at(d.resource)], d.units);
    });
  for (std::size_t r = 0; r < std::min(limits.size(), whole.size()); ++r)
    if (limits[r] && *limits[r] > 0) whole[r] = *limits[r];
  for (int i = 0; i < n; ++i) {
    double most = 0;
    each(i, [&](Demand const& d) {
      double const part = d.units / whole[at(d.resource)];
      if (d.units <= 0 || part <= most) return;
      most = part;
      own[at(i)] = d.resource;
    });
  }
  return own;
}

/// A band of the density picture: operations of one class, in order.
struct DensityBand {
  std::string name;
  std::vector<int> operations{};
};

/// Draws bands over an axis of steps.
class DensityPainter {
 public:
  /// begin, end, earliest: by operation; an operation works in [begin, end).
  DensityPainter(std::vector<DensityBand> const& bands, std::vector<int> const& begin,
                 std::vector<int> const& end, std::vector<int> const& earliest,
                 DensityPicture const& picture)
      : bands_(bands), begin_(begin), end_(end), earliest_(earliest), picture_(picture) {
    for (int const b : begin) first_ = std::min(first_, b);
    for (int const e : end) last_ = std::max(last_, e);
    columns_ = static_cast<int>(std::min<long long>(most_columns, steps()));
    pixels_ = std::min(room, 90.0 * columns_) / columns_;
  }

  Drawing draw() {
    double const width = left + room + right;
    pen_.heading(24, picture_.title, picture_.subtitle, width - 48);
    std::size_t total = 0;
    for (auto const& band : bands_) total += band.operations.size();
    std::vector<Cells> cells;
    double most = 0;
    for (auto const& band : bands_) {
      auto const share = static_cast<double>(band.operations.size()) /
                         static_cast<double>(std::max<std::size_t>(1, total));
      auto const rows = static_cast<std::size_t>(std::lround(share * most_rows));
      cells.push_back(count(band, std::clamp<std::size_t>(rows, 1, band.operations.size())));
      for (double const v : cells.back().busy) most = std::max(most, v);
    }
    double const key = picture_.subtitle.empty() ? 48 : 68;
    legend(key, most);
    double y = key + 30;
    for (std::size_t k = 0; k < bands_.size(); ++k) {
      draw(bands_[k], cells[k], y, most);
      y += std::max(least_band, row_height * cells[k].rows()) + gap;
    }
    double const base = y - gap;
    int const stride = tick_stride(room / static_cast<double>(steps()), last_);
    double const pixels = pixels_ * columns_ / static_cast<double>(steps());
    for (int t = first_; t < last_; t += stride)
      pen_.text(left + (t - first_ + 0.5) * pixels, base + 16, "middle", tick_text(t),
                "font-size=\"11\"");
    pen_.text(left + pixels_ * columns_ / 2, base + 38, "middle", "step");
    return pen_.finish(picture_.title, width, base + 54);
  }

 private:
  static constexpr double left = 150;
  static constexpr double right = 28;
  static constexpr double room = 900;
  static constexpr double row_height = 5;
  static constexpr double least_band = 30;
  static constexpr double gap = 8;
  static constexpr int most_rows = 90;
  static constexpr int most_columns = 150;
  static constexpr int levels = 7;

  /// Cells of a band: operations at work at once, and the mean earliest step of each row.
  struct Cells {
    std::vector<double> busy;
    std::vector<double> earliest;
    [[nodiscard]] double rows() const { return static_cast<double>(earliest.size()); }
  };

  [[nodiscard]] long long steps() const { return static_cast<long long>(last_) - first_; }
  /// First step of a column.
  [[nodiscard]] int first_step(int column) const {
    return static_cast<int>(first_ + column * steps() / columns_);
  }
  [[nodiscard]] int column_of(int step) const {
    auto column = static_cast<int>((static_cast<long long>(step) - first_) * columns_ / steps());
    while (column + 1 < columns_ && first_step(column + 1) <= step) ++column;
    return column;
  }

  [[nodiscard]] Cells count(DensityBand const& band, std::size_t rows) const {
    Cells cells;
    auto const width = static_cast<std::size_t>(columns_);
    cells.busy.assign(rows * width, 0);
    cells.earliest.assign(rows, 0);
    std::vector<double> sharers(rows, 0);
    for (std::size_t k = 0; k < band.operations.size(); ++k) {
      std::size_t const row = k * rows / band.operations.size();
      auto const i = at(band.operations[k]);
      cells.earliest[row] += earliest_[i];
      ++sharers[row];
      for (int c = column_of(begin_[i]); c < columns_ && first_step(c) < end_[i]; ++c)
        cells.busy[row * width + at(c)] +=
            std::min(end_[i], first_step(c + 1)) - std::max(begin_[i], first_step(c));
    }
    for (std::size_t row = 0; row < rows; ++row) {
      cells.earliest[row] /= std::max(1.0, sharers[row]);
      for (int c = 0; c < columns_; ++c)
        cells.busy[row * width + at(c)] /= first_step(c + 1) - first_step(c);
    }
    return cells;
  }

  /// Levels of colour widen with the square, so that few are to be told from none.
  static int level_of(double value, double most) {
    return value <= 0 ? -1
                      : std::min(levels - 1, static_cast<int>(levels * std::sqrt(value / most)));
  }
  static std::string colour_of(int level) {
    return ramp_colour(1 - static_cast<double>(level) / (levels - 1)).colour;
  }

  void legend(double y, double most) {
    double x = left;
    for (int level = 0; level < levels; ++level, x += 16)
      pen_.box(x, y, 16, 12, "fill=\"" + colour_of(level) + "\"");
    auto const text = "operations of a row at work at once: up to " +
                      tick_text(most < 10 ? std::round(most * 10) / 10 : std::round(most));
    pen_.text(x + 8, y + 10.5, "start", text, "font-size=\"12\"");
    x += 8 + text_pixels(text, 12) + 28;
    pen_.line(x, y + 6, x + 22, y + 6, earliest_style);
    pen_.text(x + 28, y + 10.5, "start", "earliest step that dependences allow",
              "font-size=\"12\"");
  }

  void draw(DensityBand const& band, Cells const& cells, double y, double most) {
    double const height = row_height * cells.rows();
    pen_.box(left, y, pixels_ * columns_, height, "fill=\"#f2f2f2\"");
    auto const n = band.operations.size();
    pen_.text(24, y + 12, "start", clipped(band.name, 15), "font-weight=\"bold\"");
    pen_.text(24, y + 26, "start",
              tick_text(static_cast<double>(n)) + (n == 1 ? " operation" : " operations"),
              small_faint);
    if (height > 60) {
      pen_.text(24, y + 46, "start", "in the order of", small_faint);
      pen_.text(24, y + 60, "start", "earliest steps", small_faint);
    }
    // A path a level, of runs along the rows: far smaller than a box a cell.
    std::vector<std::string> runs(levels);
    auto const rows = cells.earliest.size();
    for (std::size_t row = 0; row < rows; ++row)
      for (int c = 0; c < columns_;) {
        auto const level = [&](int column) {
          return level_of(cells.busy[row * at(columns_) + at(column)], most);
        };
        int const own = level(c);
        int const from = c;
        while (c < columns_ && level(c) == own) ++c;
        if (own < 0) continue;
        runs[at(own)] += "M" + place_text(left + from * pixels_) + " " +
                         place_text(y + (static_cast<double>(row) + 0.5) * row_height) + "h" +
                         place_text((c - from) * pixels_);
      }
    for (int level = 0; level < levels; ++level)
      pen_.path(runs[at(level)], "stroke=\"" + colour_of(level) + "\" stroke-width=\"" +
                                     place_text(row_height) + "\" shape-rendering=\"crispEdges\"");
    std::string line;
    for (std::size_t row = 0; row < rows; ++row) {
      double const part = (cells.earliest[row] - first_) / static_cast<double>(steps());
      double const x = left + std::clamp(part, 0.0, 1.0) * pixels_ * columns_;
      line += (line.empty() ? "M" : "H") + place_text(x) +
              (line.empty() ? " " + place_text(y) : "") + "v" + place_text(row_height);
    }
    pen_.path(line, earliest_style);
  }

  static constexpr char const* earliest_style =
      "fill=\"none\" stroke=\"#d55e00\" stroke-width=\"1.6\"";

  std::vector<DensityBand> const& bands_;
  std::vector<int> const& begin_;
  std::vector<int> const& end_;
  std::vector<int> const& earliest_;
  DensityPicture const& picture_;
  int first_ = 0;
  int last_ = 1;
  int columns_ = 1;
  double pixels_ = 1;  ///< of a column
  Pen pen_;
};

}  // namespace detail

/// Draws the density of a schedule: at most some hundred rows and columns. Operations are at work as
/// long as they occupy their units, at least a step. limits: one a class, none for unlimited; names: the description that the graph was built
/// from, or null. O((V + E) log V + classes). Throws InvalidInput for another number of start steps.
template <Graph G>
Drawing draw_density(Problem<G> const& problem, std::span<int const> start_steps,
                     std::vector<std::optional<double>> const& limits = {},
                     GraphDescription const* names = nullptr, DensityPicture const& picture = {}) {
  using detail::at;
  detail::span_slots(problem, start_steps);  // checks the number
  auto const& graph = problem.graph;
  int const n = graph.num_operations();
  std::vector<int> begin(start_steps.begin(), start_steps.end());
  auto end = begin;
  auto earliest = begin;
  bool const windows = problem.earliest.extent(0) == begin.size();
  std::vector<std::vector<int>> members(at(graph.num_resources()) + 1);  // the last: no class
  std::vector<int> users(members.size() - 1, 0);
  auto const own = detail::main_classes(graph, limits);
  for (int i = 0; i < n; ++i) {
    end[at(i)] += std::max(1, graph.occupancy(i));
    if (windows) earliest[at(i)] = problem.earliest(i);
    auto const r = own[at(i)] >= 0 ? at(own[at(i)]) : users.size();
    members[r].push_back(i);
    if (r < users.size()) ++users[r];
  }
  auto const kinds = detail::class_kinds(users);
  std::vector<detail::DensityBand> bands;
  detail::DensityBand rest{"other classes"};
  for (std::size_t r = 0; r < users.size(); ++r) {
    if (users[r] == 0) continue;
    if (kinds[r] >= 0)
      bands.push_back({detail::short_class(names, static_cast<int>(r)), std::move(members[r])});
    else
      rest.operations.insert(rest.operations.end(), members[r].begin(), members[r].end());
  }
  if (!rest.operations.empty()) bands.push_back(std::move(rest));
  if (!members.back().empty()) bands.push_back({"no class", std::move(members.back())});
  for (auto& band : bands)
    std::sort(band.operations.begin(), band.operations.end(), [&](int a, int b) {
      return std::tuple(earliest[at(a)], begin[at(a)], a) <
             std::tuple(earliest[at(b)], begin[at(b)], b);
    });
  return detail::DensityPainter(bands, begin, end, earliest, picture).draw();
}

}  // namespace gaus

#endif
