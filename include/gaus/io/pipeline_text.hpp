// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_PIPELINE_TEXT_HPP
#define GAUS_IO_PIPELINE_TEXT_HPP

#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/text.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>
#include <gaus/schedule/pipeline_result.hpp>
#include <gaus/schedule/reservation.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

// A modulo schedule as text: what a code generator or a reader needs of it.
//
// Iteration i starts in cycle II * i. An operation that starts at step s of its iteration is in
// stage s / II and slot s mod II. With S stages, cycles up to II * (S - 1) fill the pipe (prologue);
// from then on every II cycles repeat (kernel), stage k working on iteration i - k; when the last
// iteration has started, the pipe empties (epilogue).
namespace gaus {

/// How texts are laid out.
struct PipelineTextOptions {
  int width = 100;  ///< characters of a line; a single long name may pass it
};

namespace detail {

/// Prints "lead  a, b, c", broken at commas, with the rest below the first name.
inline void print_names(std::ostream& out, std::string const& lead,
                        std::vector<std::string> const& names, int width) {
  std::string line = lead;
  std::size_t used = text_width(lead);
  bool first = true;
  for (std::size_t k = 0; k < names.size(); ++k) {
    std::string const word = names[k] + (k + 1 < names.size() ? "," : "");
    if (!first && used + 1 + text_width(word) > at(width)) {
      out << line << "\n";
      line = std::string(text_width(lead), ' ');
      used = text_width(lead);
      first = true;
    }
    line += (first ? "" : " ") + word;
    used += (first ? 0 : 1) + text_width(word);
    first = false;
  }
  out << line << "\n";
}

inline std::string padded(std::string text, std::size_t width) {
  std::size_t const own = text_width(text);
  return text + std::string(width > own ? width - own : 0, ' ');
}

/// Operations by the slot and the stage in which they start; without an interval every step is a
/// slot.
class StartList {
 public:
  StartList(std::span<int const> start_steps, int interval) {
    for (std::size_t i = 0; i < start_steps.size(); ++i) {
      int const stage = interval > 0 ? start_steps[i] / interval : 0;
      all_.push_back({start_steps[i] - stage * interval, stage, static_cast<int>(i)});
      last_ = std::max(last_, start_steps[i]);
    }
    std::sort(all_.begin(), all_.end());
  }
  [[nodiscard]] int last() const { return last_; }
  /// visit(stage, names) for every stage that starts something in a slot.
  template <class Visit>
  void each_stage(GraphDescription const* names, int slot, Visit const& visit) const {
    auto k = std::lower_bound(all_.begin(), all_.end(), std::array{slot, 0, 0});
    while (k != all_.end() && (*k)[0] == slot) {
      int const stage = (*k)[1];
      std::vector<std::string> found;
      for (; k != all_.end() && (*k)[0] == slot && (*k)[1] == stage; ++k)
        found.push_back(short_name(names, (*k)[2]));
      visit(stage, std::move(found));
    }
  }

 private:
  std::vector<std::array<int, 3>> all_;
  int last_ = 0;
};

/// "3n + 4", "3n", "3n - 1".
inline std::string cycle_of_end(int interval, int offset) {
  std::string const base = (interval == 1 ? "" : std::to_string(interval)) + "n";
  if (offset == 0) return base;
  return detail::message({base, (offset > 0 ? " + " : " - "), std::abs(offset)});
}

/// Lines "cycle: iteration: names"; runs of cycles in which nothing starts take one.
class CycleLines {
 public:
  CycleLines(std::ostream& out, int width) : out_(out), width_(width) {}

  /// label(cycle): how the line calls it. rows: what each iteration starts, empty ones left out.
  struct Row {
    std::string iteration;
    std::vector<std::string> names;
  };
  void cycle(std::string const& label, std::vector<Row> const& rows) {
    if (rows.empty()) {
      if (idle_first_.empty()) idle_first_ = label;
      idle_last_ = label;
      return;
    }
    flush();
    std::string lead = padded("  " + label, 14);
    for (auto const& row : rows) {
      print_names(out_, lead + "  " + padded(row.iteration, 7) + " ", row.names, width_);
      lead = std::string(text_width(lead), ' ');
    }
  }
  void flush() {
    if (idle_first_.empty()) return;
    out_ << "  " << idle_first_ << (idle_last_ != idle_first_ ? " .. " + idle_last_ : "")
         << ": nothing starts\n";
    idle_first_.clear();
  }

 private:
  std::ostream& out_;
  int width_;
  std::string idle_first_;
  std::string idle_last_;
};

}  // namespace detail

/// Writes prologue, kernel and epilogue of a modulo schedule, cycle by cycle, with what starts in
/// each and of which iteration; of a plain schedule, what starts in each step. names: the
/// description that the graph was built from, or null. O(V * stages + cycles). Throws InvalidInput,
/// before the first byte, for another number of start steps, for one before step 0 and for more
/// than 2^24 lines.
template <Graph G>
void write_pipeline(std::ostream& out, Problem<G> const& problem, std::span<int const> start_steps,
                    GraphDescription const* names = nullptr,
                    PipelineTextOptions const& options = {}) {
  detail::span_slots(problem, start_steps);  // for its checks
  for (std::size_t i = 0; i < start_steps.size(); ++i)
    if (start_steps[i] < 0)
      throw InvalidInput(detail::message(
          {"operation ", detail::call_operation(names, static_cast<int>(i)), " starts at step ",
           start_steps[i], ", before step 0: such a schedule cannot be listed"}));
  int const length = makespan(problem, start_steps);
  int const interval = problem.initiation_interval;
  detail::StartList const starts(start_steps, interval);
  // Lines: cycles of the prologue and the kernel, and what starts there.
  long long const most_lines = 1LL << 24;
  long long const turns = interval > 0 ? starts.last() / interval + 1 : 1;
  if (std::max<long long>(starts.last(), interval) > most_lines ||
      turns * static_cast<long long>(start_steps.size()) > most_lines)
    throw InvalidInput(detail::message({"a schedule of ", start_steps.size(), " operations over ",
                                        starts.last(), " steps is too long to be listed"}));
  detail::CycleLines lines(out, options.width);
  using Row = detail::CycleLines::Row;
  auto const steps_text = [](int n) { return detail::message({n, (n == 1 ? " step" : " steps")}); };

  if (interval == 0) {
    out << "plain schedule: " << steps_text(length) << "\n";
    for (int t = 0; t <= starts.last() && !start_steps.empty(); ++t) {
      std::vector<Row> rows;
      starts.each_stage(names, t, [&](int, std::vector<std::string> own) {
        rows.push_back({"", std::move(own)});
      });
      lines.cycle(detail::message({"step ", t}), rows);
    }
    return;
  }

  int const stages = starts.last() / interval + 1;
  // What is in the pipe in cycle interval * pass + slot: stage k of iteration pass - k, for the
  // iterations first .. last; none: no end is in sight.
  auto const rows_of = [&](int pass, int slot, int first, std::optional<int> last,
                           auto const& call) {
    std::vector<Row> rows;
    starts.each_stage(names, slot, [&](int k, std::vector<std::string> own) {
      int const iteration = pass - k;
      if (iteration >= first && (!last || iteration <= *last))
        rows.push_back({call(iteration, k), std::move(own)});
    });
    return rows;
  };
  out << "initiation interval " << interval << ", an iteration takes " << steps_text(length) << ", "
      << number_of_stages(length, interval) << " in flight at once\n"
      << "iteration i starts in cycle " << (interval == 1 ? "" : detail::message({interval, " * "}))
      << "i; " << stages << (stages == 1 ? " iteration fills" : " iterations fill")
      << " the pipe\n\n";

  int const fill = (stages - 1) * interval;
  out << "prologue: ";
  if (fill == 0)
    out << "none\n";
  else
    out << "cycles 0 .. " << fill - 1 << ", iterations 0 .. " << stages - 2 << " start\n";
  for (int cycle = 0; cycle < fill; ++cycle)
    lines.cycle(detail::message({"cycle ", cycle}),
                rows_of(cycle / interval, cycle % interval, 0, {}, [](int iteration, int) {
                  return detail::message({"i = ", iteration});
                }));
  lines.flush();

  out << "\nkernel: " << interval << (interval == 1 ? " cycle" : " cycles")
      << " for every i >= " << stages - 1 << "\n";
  for (int slot = 0; slot < interval; ++slot) {
    auto rows = rows_of(stages - 1, slot, 0, {}, [](int, int k) {
      return k == 0 ? std::string("i") : detail::message({"i - ", k});
    });
    std::string lead = detail::padded(detail::message({"  slot ", slot}), 14);
    if (rows.empty()) out << lead << "  nothing starts\n";
    for (auto const& row : rows) {
      std::string const stage = row.iteration == "i" ? "0" : row.iteration.substr(4);
      detail::print_names(
          out,
          lead + "  " + detail::padded(row.iteration, 7) + " stage " + detail::padded(stage, 4),
          row.names, options.width);
      lead = std::string(detail::text_width(lead), ' ');
    }
  }

  out << "\nepilogue of n >= " << stages << (stages == 1 ? " iteration: " : " iterations: ");
  if (fill == 0)
    out << "nothing starts\n";
  else
    out << "cycles " << detail::cycle_of_end(interval, 0) << " .. "
        << detail::cycle_of_end(interval, fill - 1) << "\n";
  for (int cycle = 0; cycle < fill; ++cycle) {
    // Pass 0 is the first without an iteration of its own; iteration -k stands for n - k.
    lines.cycle(detail::cycle_of_end(interval, cycle),
                rows_of(cycle / interval, cycle % interval, 1 - stages, -1, [](int iteration, int) {
                  return detail::message({"n - ", -iteration});
                }));
  }
  lines.flush();
  out << "  all has ended before cycle " << detail::cycle_of_end(interval, length - interval)
      << "\n";
}

namespace detail {

/// What a cell of the table says, in pieces that a line may break between.
inline std::vector<std::string> cell_words(ReservationTable const& table,
                                           std::span<int const> start_steps,
                                           GraphDescription const* names, int resource, int slot) {
  auto const busy = table.busy(resource, slot);
  if (busy.empty()) return {"-"};
  std::vector<std::string> words{shortest_text(table.used(resource, slot)) +
                                 (table.exceeds(resource, slot) ? "!" : "") + ":"};
  for (std::size_t k = 0; k < busy.size(); ++k) {
    std::string word = short_name(names, busy[k].operation);
    if (table.interval > 0) {
      int const stage = start_steps[at(busy[k].operation)] / table.interval;
      word += detail::message({"[", stage, "]"});
    }
    if (!busy[k].starts) word = "(" + word + ")";
    if (busy[k].in_use() != 1) word += " x" + shortest_text(busy[k].in_use());
    words.push_back(word + (k + 1 < busy.size() ? "," : ""));
  }
  return words;
}

/// Words in lines of at most a width.
inline std::vector<std::string> wrapped(std::vector<std::string> const& words, std::size_t width) {
  std::vector<std::string> lines{""};
  for (auto const& word : words) {
    auto& line = lines.back();
    if (line.empty())
      line = word;
    else if (text_width(line) + 1 + text_width(word) <= width)
      line += " " + word;
    else
      lines.push_back("  " + word);
  }
  return lines;
}

}  // namespace detail

/// Writes a reservation table: a row a slot (or step), a column a class, units in use and by whom.
/// Long cells are wrapped; classes that do not fit beside each other follow below. start_steps:
/// those that the table was made of. Linear in the text. Throws InvalidInput for another number of
/// start steps than the table's operations ask for.
inline void write_reservation_table(std::ostream& out, ReservationTable const& table,
                                    std::span<int const> start_steps,
                                    GraphDescription const* names = nullptr,
                                    PipelineTextOptions const& options = {}) {
  using detail::at;
  for (auto const& entry : table.entries)
    if (at(entry.operation) >= start_steps.size())
      throw InvalidInput(detail::message({"the reservation table has operation ", entry.operation,
                                          ", there are ", start_steps.size(), " start steps"}));
  std::string const slot_word = table.interval > 0 ? "slot" : "step";
  out << (table.interval > 0 ? "modulo reservation table: " : "reservation table: ") << table.slots
      << " " << slot_word << (table.slots == 1 ? "" : "s") << ", " << table.classes
      << (table.classes == 1 ? " class" : " classes") << "\n";
  constexpr std::size_t widest = 44;
  std::size_t const margin = std::max<std::size_t>(4, std::to_string(table.slots).size());
  std::vector<std::vector<std::string>> heading(at(table.classes));
  std::vector<std::size_t> width(at(table.classes));
  for (int r = 0; r < table.classes; ++r) {
    auto const& limit = table.limits[at(r)];
    heading[at(r)] = {detail::short_class(names, r),
                      detail::shortest_text(table.peak(r)) +
                          (limit ? " of " + detail::shortest_text(*limit) : " in use, no limit")};
    for (auto const& line : heading[at(r)])
      width[at(r)] = std::max(width[at(r)], detail::text_width(line));
    for (int t = 0; t < table.slots; ++t)
      for (auto const& line :
           detail::wrapped(detail::cell_words(table, start_steps, names, r, t), widest))
        width[at(r)] = std::max(width[at(r)], detail::text_width(line));
  }
  for (int first = 0; first < table.classes;) {
    int last = first;
    for (std::size_t used = margin; last < table.classes; ++last) {
      used += 2 + width[at(last)];
      if (last > first && used > at(options.width)) break;
    }
    auto const print_row = [&](std::string const& lead,
                               std::vector<std::vector<std::string>> const& cells) {
      std::size_t height = 0;
      for (auto const& cell : cells) height = std::max(height, cell.size());
      for (std::size_t l = 0; l < height; ++l) {
        std::string line = detail::padded(l == 0 ? lead : "", margin);
        for (std::size_t c = 0; c < cells.size(); ++c)
          line +=
              "  " + detail::padded(l < cells[c].size() ? cells[c][l] : "", width[at(first) + c]);
        line.erase(line.find_last_not_of(' ') + 1);
        out << line << "\n";
      }
    };
    out << "\n";
    print_row(slot_word, {heading.begin() + first, heading.begin() + last});
    for (int t = 0; t < table.slots; ++t) {
      std::vector<std::vector<std::string>> cells;
      for (int r = first; r < last; ++r)
        cells.push_back(
            detail::wrapped(detail::cell_words(table, start_steps, names, r, t), widest));
      std::string const number = std::to_string(t);
      print_row(std::string(margin - number.size(), ' ') + number, cells);
    }
    first = last;
  }
  if (table.classes == 0) return;
  out << "\nunits in use: by whom. " << (table.interval > 0 ? "name[k]: in stage k. " : "")
      << "(name): busy since an earlier " << slot_word
      << ". x2: takes 2 units. !: above the limit\n";
}

}  // namespace gaus

#endif
