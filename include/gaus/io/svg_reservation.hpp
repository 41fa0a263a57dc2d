// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_SVG_RESERVATION_HPP
#define GAUS_IO_SVG_RESERVATION_HPP

#include <gaus/detail/lane_packing.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/reader.hpp>
#include <gaus/io/svg_drawing.hpp>
#include <gaus/io/text.hpp>
#include <gaus/schedule/reservation.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <ostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

// The (modulo) reservation table as a picture: a band a class, a column a slot. Small tables show
// every operation on a unit of its own, coloured by stage; large ones show how many units are in
// use.
namespace gaus {

/// What the picture says around the table.
struct ReservationPicture {
  std::string title = "Reservation table";  ///< above
  std::string subtitle{};                   ///< below the title; empty: none
  int most_operations = 240;                ///< beyond: units in use alone
};

namespace detail {

/// The colour of a stage: few are told apart, many make a ramp.
inline Fill stage_colour(int stage, int stages) {
  stage = std::clamp(stage, 0, std::max(0, stages - 1));
  return stages <= most_kinds ? kind_colour(stage)
                              : ramp_colour(static_cast<double>(stage) / (stages - 1));
}

/// Draws a table.
class ReservationPainter {
 public:
  ReservationPainter(ReservationTable const& table, std::span<int const> start_steps,
                     GraphDescription const* names, ReservationPicture const& picture)
      : table_(table), start_(start_steps), names_(names), picture_(picture) {
    std::vector<int> seen;
    for (auto const& entry : table_.entries) seen.push_back(entry.operation);
    std::sort(seen.begin(), seen.end());
    seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
    if (!seen.empty() && at(seen.back()) >= start_.size())
      throw InvalidInput(detail::message({"the reservation table has operation ", seen.back(),
                                          ", there are ", start_.size(), " start steps"}));
    for (int const i : seen) stages_ = std::max(stages_, stage_of(i) + 1);
    detailed_ = static_cast<int>(seen.size()) <= picture.most_operations && table_.slots <= 160;
    double const wide = room / std::max(1, table_.slots);
    cell_ = detailed_ ? std::clamp(wide, 18.0, 90.0) : std::min(wide, 90.0);
  }

  Drawing draw() {
    std::vector<Band> bands;
    double y = top();
    int const shown = std::min(table_.classes, detailed_ ? 40 : 60);
    for (int r = 0; r < shown; ++r) {
      bands.push_back(make_band(r, y));
      y += bands.back().height + gap;
    }
    double const bottom = y - gap + (shown < table_.classes ? 20 : 0);
    double const end = std::max(left + cell_ * table_.slots, left + room);
    double const width = std::ceil(end + right);
    pen_.heading(24, picture_.title, picture_.subtitle, width - 48);
    legend();
    for (auto const& band : bands) draw(band);
    if (shown < table_.classes)
      pen_.text(left, bottom - 4, "start",
                detail::message({"and ", table_.classes - shown, " more classes"}),
                "fill=\"#555\"");
    axis(bottom);
    return pen_.finish(picture_.title, width, std::ceil(bottom + 56));
  }

 private:
  static constexpr double left = 150;
  static constexpr double right = 28;
  static constexpr double room = 900;
  static constexpr double gap = 14;

  struct Band {
    enum class Kind { lanes, stacked, density };
    int resource = 0;
    Kind kind = Kind::density;
    double y = 0;
    double height = 0;
    double unit = 0;  ///< height of a unit
    double units = 0;
    std::vector<UnitArc> arcs{};
  };

  [[nodiscard]] double top() const { return picture_.subtitle.empty() ? 76 : 94; }
  [[nodiscard]] int stage_of(int i) const {
    return table_.interval > 0 ? std::max(0, start_[at(i)] / table_.interval) : 0;
  }

  [[nodiscard]] Band make_band(int r, double y) const {
    Band band;
    band.resource = r;
    band.y = y;
    auto const& limit = table_.limits[at(r)];
    double const peak = table_.peak(r);
    // A limit far above what is in use would leave an empty picture.
    band.units = std::max({1.0, peak, limit ? std::min(*limit, 1.5 * peak + 1) : 0.0});
    if (detailed_ && band.units <= 120) {
      LanePacking packing(table_, r);
      bool const within = !limit || packing.lanes() <= std::max(*limit, peak);
      band.kind = packing.lanes() > 0 && within ? Band::Kind::lanes : Band::Kind::stacked;
      if (band.kind == Band::Kind::lanes) {
        band.arcs = packing.arcs();
        band.units = std::max(band.units, static_cast<double>(packing.lanes()));
      }
      band.units = std::ceil(band.units);
      band.unit = std::clamp(420 / band.units, 4.0, 20.0);
      band.height = std::max(36.0, band.unit * band.units);
      band.unit = band.height / band.units;
      return band;
    }
    band.height = table_.classes > 12 ? 40 : 96;
    band.unit = band.height / band.units;
    return band;
  }

  void legend() {
    double x = left;
    double const y = top() - 22;
    auto const entry = [&](std::string const& colour, std::string const& name) {
      pen_.box(x, y, 12, 12, "fill=\"" + colour + "\"");
      pen_.text(x + 17, y + 10.5, "start", name);
      x += 34 + 7.2 * static_cast<double>(name.size());
    };
    bool const limited = std::any_of(table_.limits.begin(), table_.limits.end(),
                                     [](auto const& limit) { return limit.has_value(); });
    if (!detailed_) {
      entry("#56b4e9", "units in use");
      if (limited) entry("#d55e00", "above the limit");
    } else if (table_.interval == 0) {
      entry(stage_colour(0, 1).colour, "operation");
    } else if (stages_ <= 7) {
      for (int s = 0; s < stages_; ++s)
        entry(stage_colour(s, stages_).colour, detail::message({(s == 0 ? "stage " : ""), s}));
    } else {
      pen_.text(x, y + 10.5, "start", "stage 0");
      x += 54;
      int const steps = std::min(stages_, 24);
      for (int s = 0; s < steps; ++s, x += 8)
        pen_.box(x, y, 8.3, 12,
                 "fill=\"" + stage_colour(s * (stages_ - 1) / (steps - 1), stages_).colour + "\"");
      pen_.text(x + 6, y + 10.5, "start", std::to_string(stages_ - 1));
      x += 22 + 7.2 * static_cast<double>(std::to_string(stages_ - 1).size());
    }
    if (!limited) return;
    pen_.line(x, y + 6, x + 22, y + 6, limit_style);
    pen_.text(x + 28, y + 10.5, "start", "limit");
  }

  void draw(Band const& band) {
    int const r = band.resource;
    auto const& limit = table_.limits[at(r)];
    double const base = band.y + band.height;
    double const end = left + cell_ * table_.slots;
    pen_.box(left, band.y, end - left, band.height, "fill=\"#f4f4f4\"");
    double const middle = band.y + band.height / 2;
    pen_.text(24, middle - 2, "start", clipped(short_class(names_, r), 15), "font-weight=\"bold\"");
    pen_.text(24, middle + 13, "start",
              shortest_text(table_.peak(r)) +
                  (limit ? " of " + shortest_text(*limit) : std::string(" in use")),
              small_faint);
    if (band.kind == Band::Kind::lanes) {
      grid(band);
      draw_lanes(band);
    } else if (band.kind == Band::Kind::stacked) {
      grid(band);
      draw_stacks(band);
    } else {
      draw_density(band);
    }
    if (limit && *limit <= band.units)
      pen_.line(left, base - *limit * band.unit, end, base - *limit * band.unit, limit_style);
  }

  void grid(Band const& band) {
    std::string path;
    for (int t = 1; t < table_.slots; ++t)
      path += "M" + place_text(left + t * cell_) + " " + place_text(band.y) + "v" +
              place_text(band.height);
    for (int u = 1; u < static_cast<int>(band.units); ++u)
      path += "M" + place_text(left) + " " + place_text(band.y + u * band.unit) + "h" +
              place_text(cell_ * table_.slots);
    pen_.path(path, "stroke=\"#fff\"");
  }

  /// A box of an operation, with its name where that has room.
  void operation_box(int i, double x, double y, double width, double height) {
    auto const colour = stage_colour(stage_of(i), stages_);
    std::string tip = message({one_line(call_operation(names_, i)), ", step ", start_[at(i)]});
    if (table_.interval > 0) tip += message({", stage ", stage_of(i)});
    pen_.box(x + 0.5, y + 0.5, width - 1, height - 1, "fill=\"" + colour.colour + "\"", tip);
    constexpr double smallest = 8;
    double const size = std::min(11.0, height - 3);
    if (size < smallest) return;
    for (std::string const& label : {short_name(names_, i), std::to_string(i)}) {
      if (static_cast<double>(text_width(label)) * 0.6 * size > width - 5) continue;
      pen_.text(x + width / 2, y + height / 2 + 0.36 * size, "middle", label,
                "font-size=\"" + place_text(size) + "\"" + (colour.dark ? " fill=\"#fff\"" : ""));
      return;
    }
  }

  void draw_lanes(Band const& band) {
    for (auto const& arc : band.arcs) {
      double const y = band.y + band.height - (arc.lane + 1) * band.unit;
      int const before = std::min(arc.length, table_.slots - arc.first);
      operation_box(arc.operation, left + arc.first * cell_, y, before * cell_, band.unit);
      if (before < arc.length)  // around the end of the table
        operation_box(arc.operation, left, y, (arc.length - before) * cell_, band.unit);
    }
  }

  void draw_stacks(Band const& band) {
    for (int t = 0; t < table_.slots; ++t) {
      double y = band.y + band.height;
      for (auto const& entry : table_.busy(band.resource, t)) {
        double const height = entry.in_use() * band.unit;
        y -= height;
        operation_box(entry.operation, left + t * cell_, y, cell_, height);
      }
    }
  }

  /// Units in use as an area; what is above the limit in another colour. Many slots share a column,
  /// which then shows their maximum.
  void draw_density(Band const& band) {
    constexpr int most = 900;
    int const columns = std::min(table_.slots, most);
    double const width = cell_ * table_.slots / std::max(1, columns);
    double const base = band.y + band.height;
    auto const& limit = table_.limits[at(band.resource)];
    auto const area = [&](std::string const& colour, double from, auto const& height_of) {
      std::string path = "M" + place_text(left) + " " + place_text(base - from * band.unit);
      double before = from;
      bool any = false;
      int run = 0;
      for (int c = 0; c < columns; ++c) {
        int const first = static_cast<int>(static_cast<long long>(c) * table_.slots / columns);
        int const last = static_cast<int>(static_cast<long long>(c + 1) * table_.slots / columns);
        double most_used = 0;
        for (int t = first; t < last; ++t)
          most_used = std::max(most_used, table_.used(band.resource, t));
        double const height = height_of(most_used);
        any = any || height > from;
        if (height != before) {
          if (run > 0) path += "H" + place_text(left + c * width);
          path += "V" + place_text(base - height * band.unit);
        }
        before = height;
        ++run;
      }
      path += "H" + place_text(left + columns * width) + "V" + place_text(base - from * band.unit) +
              "z";
      if (any) pen_.path(path, "fill=\"" + colour + "\"");
    };
    double const roof = limit ? *limit + 1e-9 * std::max(1.0, *limit) : 0;
    area("#56b4e9", 0, [&](double used) { return limit && used > roof ? *limit : used; });
    if (limit) area("#d55e00", *limit, [&](double used) { return used > roof ? used : *limit; });
  }

  void axis(double bottom) {
    double const y = bottom + 6;
    int const step = tick_stride(cell_, table_.slots);
    for (int t = 0; t < table_.slots; t += step)
      pen_.text(left + (t + 0.5) * cell_, y + 12, "middle", std::to_string(t), "font-size=\"11\"");
    pen_.text(left + cell_ * table_.slots / 2, y + 34, "middle",
              table_.interval > 0 ? detail::message({"slot (step modulo ", table_.interval, ")"})
                                  : "step");
  }

  ReservationTable const& table_;
  std::span<int const> start_;
  GraphDescription const* names_;
  ReservationPicture const& picture_;
  Pen pen_;
  int stages_ = 1;
  bool detailed_ = false;
  double cell_ = 0;
};

}  // namespace detail

/// Draws a reservation table: up to some hundred operations each with its unit, start and stage
/// (unit by unit where the packing keeps the limit, else stacked by slot), beyond that the units in
/// use. start_steps: those that the table was made of; names: the description that the graph was
/// built from, or null. Throws InvalidInput when the table has operations without a start step.
inline Drawing draw_reservation(ReservationTable const& table, std::span<int const> start_steps,
                                GraphDescription const* names = nullptr,
                                ReservationPicture const& picture = {}) {
  return detail::ReservationPainter(table, start_steps, names, picture).draw();
}

/// Draws and writes a reservation table. Throws InvalidInput, before the first byte, as
/// draw_reservation() does.
inline void write_reservation_svg(std::ostream& out, ReservationTable const& table,
                                  std::span<int const> start_steps,
                                  GraphDescription const* names = nullptr,
                                  ReservationPicture const& picture = {}) {
  write_svg(out, draw_reservation(table, start_steps, names, picture));
}

}  // namespace gaus

#endif
