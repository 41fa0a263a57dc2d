// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_SVG_RESERVATION_HPP
#define GAUS_IO_SVG_RESERVATION_HPP

#include <gaus/detail/lane_packing.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/svg.hpp>
#include <gaus/io/text.hpp>
#include <gaus/schedule/reservation.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <iterator>
#include <ostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

// The (modulo) reservation table as a picture: a band a class, a column a slot. Small tables show
// every operation on a unit of its own, coloured by stage; large ones show how many units are in
// use. Colours are those of Okabe and Ito, for more than seven stages a ramp from dark blue to
// yellow in the manner of cividis, both of which the colour-blind can read.
namespace gaus {

/// What the picture says around the table.
struct ReservationPicture {
  std::string title = "Reservation table";  ///< above
  std::string subtitle{};                   ///< below the title; empty: none
  int most_operations = 240;                ///< beyond: units in use alone
};

namespace detail {

/// The colour of a stage and whether text on it is white.
struct StageColour {
  std::string fill;
  bool dark = false;
};

inline StageColour stage_colour(int stage, int stages) {
  static constexpr char const* few[] = {"#56b4e9", "#e69f00", "#009e73", "#f0e442",
                                        "#cc79a7", "#d55e00", "#0072b2"};
  constexpr int count = static_cast<int>(std::size(few));
  stage = std::clamp(stage, 0, std::max(0, stages - 1));
  if (stages <= count) return {few[stage], stage == 6 || stage == 5 || stage == 2};
  using Colour = std::array<double, 3>;
  static constexpr Colour ramp[] = {
      {0, 34, 78}, {65, 77, 107}, {124, 123, 120}, {188, 175, 111}, {254, 232, 56}};
  double const place = 4.0 * stage / (stages - 1);
  auto const k = std::min<std::size_t>(3, static_cast<std::size_t>(place));
  double const part = place - static_cast<double>(k);
  int rgb[3];
  for (std::size_t c = 0; c < 3; ++c)
    rgb[c] = static_cast<int>(std::lround(ramp[k][c] + part * (ramp[k + 1][c] - ramp[k][c])));
  char text[8];
  std::snprintf(text, sizeof text, "#%02x%02x%02x", rgb[0] & 0xff, rgb[1] & 0xff, rgb[2] & 0xff);
  return {text, place < 2};
}

/// Draws a table.
class ReservationDrawing {
 public:
  ReservationDrawing(std::ostream& out, ReservationTable const& table,
                     std::span<int const> start_steps, GraphDescription const* names,
                     ReservationPicture const& picture)
      : out_(out), table_(table), start_(start_steps), names_(names), picture_(picture) {
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
    cell_ = detailed_ ? std::clamp(wide, 18.0, 90.0) : std::min(wide, 18.0);
  }

  void write() {
    std::vector<Band> bands;
    double y = top();
    int const shown = std::min(table_.classes, detailed_ ? 40 : 60);
    for (int r = 0; r < shown; ++r) {
      bands.push_back(make_band(r, y));
      y += bands.back().height + gap;
    }
    double const bottom = y - gap + (shown < table_.classes ? 20 : 0);
    double const end = std::max(left + cell_ * table_.slots, left + 420);
    open(end + right, bottom + 56);
    text(24, 28, "start", picture_.title, "font-size=\"17\" font-weight=\"bold\"");
    if (!picture_.subtitle.empty()) text(24, 48, "start", picture_.subtitle, "fill=\"#555\"");
    legend();
    for (auto const& band : bands) draw(band);
    if (shown < table_.classes)
      text(left, bottom - 4, "start",
           detail::message({"and ", table_.classes - shown, " more classes"}), "fill=\"#555\"");
    axis(bottom);
    out_ << "</svg>\n";
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

  void open(double width, double height) {
    auto const w = std::to_string(static_cast<int>(std::ceil(width)));
    auto const h = std::to_string(static_cast<int>(std::ceil(height)));
    out_ << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << w << " " << h
         << "\" width=\"" << w << "\" height=\"" << h
         << "\" font-family=\"Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif\" "
            "font-size=\"13\" fill=\"#222\">\n<title>"
         << xml_text(one_line(picture_.title))
         << "</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";
  }
  void text(double x, double y, char const* anchor, std::string const& content,
            std::string const& more = "") {
    out_ << "<text x=\"" << place_text(x) << "\" y=\"" << place_text(y) << "\" text-anchor=\""
         << anchor << "\"" << (more.empty() ? "" : " ") << more << ">"
         << xml_text(one_line(content)) << "</text>\n";
  }
  void line(double x1, double y1, double x2, double y2, std::string const& style) {
    out_ << "<line x1=\"" << place_text(x1) << "\" y1=\"" << place_text(y1) << "\" x2=\""
         << place_text(x2) << "\" y2=\"" << place_text(y2) << "\" " << style << "/>\n";
  }
  void box(double x, double y, double width, double height, std::string const& style) {
    out_ << "<rect x=\"" << place_text(x) << "\" y=\"" << place_text(y) << "\" width=\""
         << place_text(width) << "\" height=\"" << place_text(height) << "\" " << style;
  }

  void legend() {
    double x = left;
    double const y = top() - 22;
    auto const entry = [&](std::string const& colour, std::string const& name) {
      box(x, y, 12, 12, "fill=\"" + colour + "\"/>\n");
      text(x + 17, y + 10.5, "start", name);
      x += 34 + 7.2 * static_cast<double>(name.size());
    };
    if (!detailed_) {
      entry("#56b4e9", "units in use");
      entry("#d55e00", "above the limit");
    } else if (table_.interval == 0) {
      entry(stage_colour(0, 1).fill, "operation");
    } else if (stages_ <= 7) {
      for (int s = 0; s < stages_; ++s)
        entry(stage_colour(s, stages_).fill, detail::message({(s == 0 ? "stage " : ""), s}));
    } else {
      text(x, y + 10.5, "start", "stage 0");
      x += 54;
      int const steps = std::min(stages_, 24);
      for (int s = 0; s < steps; ++s, x += 8)
        box(x, y, 8.3, 12,
            "fill=\"" + stage_colour(s * (stages_ - 1) / (steps - 1), stages_).fill + "\"/>\n");
      text(x + 6, y + 10.5, "start", std::to_string(stages_ - 1));
      x += 22 + 7.2 * static_cast<double>(std::to_string(stages_ - 1).size());
    }
    if (std::none_of(table_.limits.begin(), table_.limits.end(),
                     [](auto const& limit) { return limit.has_value(); }))
      return;
    line(x, y + 6, x + 22, y + 6, limit_style);
    text(x + 28, y + 10.5, "start", "limit");
  }

  void draw(Band const& band) {
    int const r = band.resource;
    auto const& limit = table_.limits[at(r)];
    double const base = band.y + band.height;
    double const end = left + cell_ * table_.slots;
    box(left, band.y, end - left, band.height, "fill=\"#f4f4f4\"/>\n");
    std::string name = short_class(names_, r);
    constexpr std::size_t longest = 17;
    if (text_width(name) > longest && name.size() < 2 * longest)
      name = name.substr(0, longest - 1) + "...";
    double const middle = band.y + band.height / 2;
    text(24, middle - 2, "start", name, "font-weight=\"bold\"");
    text(24, middle + 13, "start",
         shortest_text(table_.peak(r)) +
             (limit ? " of " + shortest_text(*limit) : std::string(" in use")),
         "font-size=\"11\" fill=\"#555\"");
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
      line(left, base - *limit * band.unit, end, base - *limit * band.unit, limit_style);
  }

  void grid(Band const& band) {
    std::string path;
    for (int t = 1; t < table_.slots; ++t)
      path += "M" + place_text(left + t * cell_) + " " + place_text(band.y) + "v" +
              place_text(band.height);
    for (int u = 1; u < static_cast<int>(band.units); ++u)
      path += "M" + place_text(left) + " " + place_text(band.y + u * band.unit) + "h" +
              place_text(cell_ * table_.slots);
    if (!path.empty()) out_ << "<path d=\"" << path << "\" stroke=\"#fff\"/>\n";
  }

  /// A box of an operation, with its name where that has room.
  void operation_box(int i, double x, double y, double width, double height) {
    auto const colour = stage_colour(stage_of(i), stages_);
    box(x + 0.5, y + 0.5, width - 1, height - 1, "fill=\"" + colour.fill + "\"><title>");
    out_ << xml_text(one_line(call_operation(names_, i))) << ", step " << start_[at(i)];
    if (table_.interval > 0) out_ << ", stage " << stage_of(i);
    out_ << "</title></rect>\n";
    constexpr double smallest = 8;
    double const size = std::min(11.0, height - 3);
    if (size < smallest) return;
    for (std::string const& label : {short_name(names_, i), std::to_string(i)}) {
      if (static_cast<double>(text_width(label)) * 0.6 * size > width - 5) continue;
      text(x + width / 2, y + height / 2 + 0.36 * size, "middle", label,
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
      if (any) out_ << "<path d=\"" << path << "\" fill=\"" << colour << "\"/>\n";
    };
    double const roof = limit ? *limit + 1e-9 * std::max(1.0, *limit) : 0;
    area("#56b4e9", 0, [&](double used) { return limit && used > roof ? *limit : used; });
    if (limit) area("#d55e00", *limit, [&](double used) { return used > roof ? used : *limit; });
  }

  void axis(double bottom) {
    double const y = bottom + 6;
    int step = 1;
    for (int k = 0;
         cell_ * step < 9 + 8.0 * static_cast<double>(std::to_string(table_.slots).size()); ++k)
      step = k % 3 == 1 ? step / 2 * 5 : step * 2;
    for (int t = 0; t < table_.slots; t += step)
      text(left + (t + 0.5) * cell_, y + 12, "middle", std::to_string(t), "font-size=\"11\"");
    text(left + cell_ * table_.slots / 2, y + 34, "middle",
         table_.interval > 0 ? detail::message({"slot (step modulo ", table_.interval, ")"})
                             : "step");
  }

  static constexpr char const* limit_style =
      "stroke=\"#000\" stroke-width=\"1.6\" stroke-dasharray=\"5 3\"";

  std::ostream& out_;
  ReservationTable const& table_;
  std::span<int const> start_;
  GraphDescription const* names_;
  ReservationPicture const& picture_;
  int stages_ = 1;
  bool detailed_ = false;
  double cell_ = 0;
};

}  // namespace detail

/// Draws a reservation table: up to some hundred operations each with its unit, start and stage
/// (unit by unit where the packing keeps the limit, else stacked by slot), beyond that the units in
/// use. start_steps: those that the table was made of; names: the description that the graph was
/// built from, or null. Throws InvalidInput, before the first byte, when the table has operations
/// without a start step.
inline void write_reservation_svg(std::ostream& out, ReservationTable const& table,
                                  std::span<int const> start_steps,
                                  GraphDescription const* names = nullptr,
                                  ReservationPicture const& picture = {}) {
  detail::ReservationDrawing(out, table, start_steps, names, picture).write();
}

}  // namespace gaus

#endif
