// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_PSPLIB_HPP
#define GAUS_IO_PSPLIB_HPP

#include <gaus/detail/message.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/reader.hpp>

#include <algorithm>
#include <cstddef>
#include <istream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Resource-constrained project scheduling, in the two formats of its benchmark libraries.
//
// PSPLIB, single mode (.sm): titled sections between lines of asterisks.
//
//   jobs (incl. supersource/sink ):  32
//   PRECEDENCE RELATIONS:        jobnr.  #modes  #successors   successors
//   REQUESTS/DURATIONS:          jobnr.  mode  duration  R 1  R 2
//   RESOURCEAVAILABILITIES:      R 1  R 2
//
// ProGen/max (.sch): minimum and maximum time lags, numbers alone. With n activities and the dummy
// activities 0 and n + 1:
//
//   n  resources  0  0
//   id  1  count  successors  [lags]       n + 2 rows
//   id  1  duration  units of each class   n + 2 rows
//   capacities
//
// Operations are the jobs in the order of the file, the dummy ones included; duration is both latency
// and occupancy; classes are R1, R2, ... with their capacities as limits. A precedence is a dependence
// without delay. A time lag w from i to j, start_j >= start_i + w, is a dependence with the delay
// w - duration_i; lags that are not positive (maximum lags among them) may lead back.
namespace gaus {

namespace detail {

/// Both formats, line by line.
class PsplibReader {
 public:
  PsplibReader(std::string_view data, ReadOptions const& options)
      : data_(data), options_(options), lines_(data, options.source) {
    if (data_.starts_with("\xef\xbb\xbf")) data_.remove_prefix(3);
  }

  GraphDescription read() {
    auto const first = data_.find_first_not_of(" \t\r\n\v\f");
    if (first == std::string_view::npos) fail(options_.source, "the input holds no text");
    char const c = data_[first];
    (c >= '0' && c <= '9') || c == '-' || c == '+' ? read_time_lags() : read_sections();
    return std::move(graph_);
  }

 private:
  /// Integers of one line.
  struct Row {
    std::size_t line = 0;
    std::vector<int> values{};
  };

  [[noreturn]] void fail_in(std::size_t line, std::string const& text) const {
    fail(options_.source, detail::message({"line ", line, ": ", text}));
  }

  [[nodiscard]] int integer(std::string_view word) const {
    int value = 0;
    if (!parse_number(word, value) || value < -max_steps || value > max_steps)
      fail_in(lines_.number(),
              detail::message({in_quotes(word), " is not an integer of at most ", max_steps}));
    return value;
  }

  [[nodiscard]] Row integers() const {
    Row row{lines_.number()};
    for (auto const word : lines_.words()) row.values.push_back(integer(word));
    return row;
  }

  [[nodiscard]] int at_least_0(Row const& row, std::size_t k, std::string const& what) const {
    if (row.values[k] < 0) fail_in(row.line, detail::message({what, " ", row.values[k], " < 0"}));
    return row.values[k];
  }

  /// A row of number, modes or mode, count or duration, then the rest.
  void check_row(Row const& row, std::string const& what, int number, char const* third) const {
    if (row.values[0] != number)
      fail_in(row.line, detail::message({what, number, " is expected, not ", row.values[0]}));
    if (row.values.size() < 3)
      fail_in(row.line, detail::message({what, number, " has no ", third}));
    if (row.values[1] != 1)
      fail_in(row.line, detail::message({what, number, " has the mode or number of modes ",
                                         row.values[1], ": single-mode projects alone are read"}));
  }

  /// An operation from the row of its duration and units.
  void add_activity(Row const& row, std::string const& what, int number, std::size_t classes,
                    std::string const& name) {
    check_row(row, what, number, "duration");
    std::string const called = detail::message({what, number});
    if (row.values.size() != 3 + classes)
      fail_in(row.line, detail::message({called, " has units of ", row.values.size() - 3,
                                         " resources, there are ", classes}));
    int const duration = at_least_0(row, 2, called + ": duration");
    int const i = graph_.add_operation({.latency = duration, .occupancy = duration}, name);
    for (std::size_t r = 0; r < classes; ++r) {
      int const units = at_least_0(row, 3 + r, detail::message({called, ": units of R", r + 1}));
      if (units > 0 && duration == 0)
        fail_in(row.line, detail::message({called, " takes units of R", r + 1, " for no step"}));
      if (units > 0) graph_.add_demand(i, static_cast<int>(r), units);
    }
  }

  void add_classes(Row const& row) {
    for (std::size_t r = 0; r < row.values.size(); ++r) {
      std::string const name = detail::message({"R", r + 1});
      graph_.add_resource(name, at_least_0(row, r, "capacity of " + name));
    }
  }

  /// Dependences of one row, sorted here so that one which repeats another is named with its line.
  void check_repeats(std::size_t line, std::size_t first, std::string const& called) const {
    std::vector<std::pair<int, int>> ends;
    for (std::size_t k = first; k < graph_.dependences.size(); ++k)
      ends.emplace_back(graph_.dependences[k].to, graph_.dependences[k].delay);
    std::sort(ends.begin(), ends.end());
    if (std::adjacent_find(ends.begin(), ends.end()) != ends.end())
      fail_in(line, called + " names a successor twice");
  }

  // ---- PSPLIB ----

  enum Section { none, precedences, requests, capacities, sections };

  /// The number behind the colon of "text : number ...".
  [[nodiscard]] int stated() const {
    auto const colon = std::find(lines_.words().begin(), lines_.words().end(), ":");
    if (colon != lines_.words().end() && colon + 1 != lines_.words().end())
      return integer(colon[1]);
    for (std::size_t k = 0; k + 1 < lines_.words().size(); ++k)
      if (lines_.words()[k].ends_with(':')) return integer(lines_.words()[k + 1]);
    fail_in(lines_.number(), "no number follows " + in_quotes(lines_.words().front()));
  }

  void read_sections() {
    static constexpr char const* title[sections] = {"", "PRECEDENCE RELATIONS",
                                                    "REQUESTS/DURATIONS", "RESOURCEAVAILABILITIES"};
    std::vector<Row> rows[sections];
    bool seen[sections] = {};
    int jobs = -1;
    int renewable = -1;
    int section = none;
    while (lines_.next()) {
      if (lines_.text().starts_with('*')) section = none;
      for (int k = precedences; k < sections; ++k) {
        if (!lines_.text().starts_with(title[k])) continue;
        if (seen[k]) fail_in(lines_.number(), "a second section \"" + std::string(title[k]) + "\"");
        seen[k] = true;
        section = k;
      }
      char const c = lines_.words().front().front();
      bool const number = (c >= '0' && c <= '9') || c == '-' || c == '+';
      if (section != none) {  // rows of words and of dashes are headings
        if (number && lines_.words().front().find_first_not_of("-+") != std::string_view::npos)
          rows[section].push_back(integers());
      } else if (lines_.words().front() == "jobs") {
        jobs = stated();
      } else if (lines_.words().size() > 1 && lines_.words().front() == "-" &&
                 lines_.words()[1] == "renewable") {
        renewable = stated();
      } else if (lines_.words().size() > 1 && lines_.words().front() == "-" &&
                 (lines_.words()[1] == "nonrenewable" || lines_.words()[1] == "doubly")) {
        if (stated() != 0) fail_in(lines_.number(), "renewable resources alone are read");
      }
    }
    for (int k = precedences; k < sections; ++k)
      if (!seen[k]) fail(options_.source, "no section \"" + std::string(title[k]) + "\"");
    if (rows[capacities].size() != 1)
      fail(options_.source, detail::message({"the section \"RESOURCEAVAILABILITIES\" has ",
                                             rows[capacities].size(), " rows, not one"}));
    Row const& capacity = rows[capacities].front();
    if (renewable >= 0 && capacity.values.size() != static_cast<std::size_t>(renewable))
      fail_in(capacity.line,
              detail::message({capacity.values.size(), " capacities, the file states ", renewable,
                               " renewable resources"}));
    add_classes(capacity);
    int const n = static_cast<int>(rows[requests].size());
    for (int const k : {precedences, requests})
      if (jobs >= 0 && rows[k].size() != static_cast<std::size_t>(jobs))
        fail(options_.source,
             detail::message({"the section \"", title[k], "\" has ", rows[k].size(),
                              " rows, the file states ", jobs, " jobs"}));
    if (rows[precedences].size() != rows[requests].size())
      fail(options_.source, detail::message({"precedences of ", rows[precedences].size(),
                                             " jobs, durations of ", n}));
    for (int i = 1; i <= n; ++i)
      add_activity(rows[requests][static_cast<std::size_t>(i - 1)], "job ", i,
                   capacity.values.size(), detail::message({"job ", i}));
    for (int i = 1; i <= n; ++i)
      add_successors(rows[precedences][static_cast<std::size_t>(i - 1)], i, n);
  }

  void add_successors(Row const& row, int i, int n) {
    check_row(row, "job ", i, "number of successors");
    std::string const called = detail::message({"job ", i});
    auto const count = row.values.size() - 3;
    if (row.values[2] < 0 || static_cast<std::size_t>(row.values[2]) != count)
      fail_in(row.line, detail::message(
                            {called, " states ", row.values[2], " successors and names ", count}));
    std::size_t const first = graph_.dependences.size();
    for (std::size_t k = 3; k < row.values.size(); ++k) {
      int const to = row.values[k];
      if (to < 1 || to > n)
        fail_in(row.line,
                detail::message({called, " names the successor ", to, ", jobs are 1..", n}));
      if (to == i) fail_in(row.line, called + " names itself as a successor");
      graph_.add_dependence(i - 1, to - 1);
    }
    check_repeats(row.line, first, called);
  }

  // ---- ProGen/max ----

  void next_row(std::string const& what) {
    if (!lines_.next()) fail(options_.source, "the file ends before " + what);
  }

  void read_time_lags() {
    lines_.next();
    Row const head = integers();
    if (head.values.size() < 2)
      fail_in(lines_.number(), "the numbers of activities and of resources are expected");
    int const n = at_least_0(head, 0, "number of activities");
    int const classes = at_least_0(head, 1, "number of resources");
    for (std::size_t k = 2; k < head.values.size(); ++k)
      if (head.values[k] != 0) fail_in(lines_.number(), "renewable resources alone are read");
    int const last = n + 1;
    for (int i = 0; i <= last; ++i) {
      next_row(detail::message({"the time lags of activity ", i}));
      add_time_lags(i, last);
    }
    for (int i = 0; i <= last; ++i) {
      next_row(detail::message({"the duration of activity ", i}));
      add_activity(integers(), "activity ", i, static_cast<std::size_t>(classes), "");
    }
    Row capacity;
    if (classes > 0) {
      next_row("the capacities");
      capacity = integers();
    }
    if (capacity.values.size() != static_cast<std::size_t>(classes))
      fail_in(lines_.number(),
              detail::message({capacity.values.size(), " capacities, the file states ", classes,
                               " resources"}));
    add_classes(capacity);
    if (lines_.next())
      fail_in(lines_.number(), "the capacities are the last line, this is one more");
    for (auto& d : graph_.dependences)  // until here the lag
      d.delay -= graph_.operations[static_cast<std::size_t>(d.from)].latency;
  }

  void add_time_lags(int i, int last) {
    std::string const called = detail::message({"activity ", i});
    Row row{lines_.number()};
    auto const shown = std::min<std::size_t>(lines_.words().size(), 3);
    for (std::size_t k = 0; k < shown; ++k) row.values.push_back(integer(lines_.words()[k]));
    check_row(row, "activity ", i, "number of successors");
    auto const count = static_cast<std::size_t>(at_least_0(row, 2, called + ": successors"));
    if (lines_.words().size() != 3 + 2 * count)
      fail_in(lines_.number(),
              detail::message({called, " states ", count,
                               " successors: as many numbers and as many lags are expected, not ",
                               lines_.words().size() - 3, " fields"}));
    std::size_t const first = graph_.dependences.size();
    for (std::size_t k = 0; k < count; ++k) {
      int const to = integer(lines_.words()[3 + k]);
      if (to < 0 || to > last)
        fail_in(lines_.number(), detail::message({called, " names the successor ", to,
                                                  ", activities are 0..", last}));
      if (to == i) fail_in(lines_.number(), called + " names itself as a successor");
      auto const word = lines_.words()[3 + count + k];
      if (word.size() < 3 || !word.starts_with('[') || !word.ends_with(']'))
        fail_in(lines_.number(), "a time lag in brackets is expected, not " + in_quotes(word));
      graph_.add_dependence(
          {.from = i, .to = to, .delay = integer(word.substr(1, word.size() - 2))});
    }
    check_repeats(lines_.number(), first, called);
  }

  std::string_view data_;
  ReadOptions const& options_;
  WordLines lines_;
  GraphDescription graph_;
};

}  // namespace detail

/// Reads a project in either format, told apart by its first character. Linear in the input. Throws
/// InvalidInput.
inline GraphDescription read_psplib(std::istream& stream, ReadOptions const& options = {}) {
  std::string const data = detail::read_all(stream, options);
  return detail::checked(detail::PsplibReader(data, options).read(), options.source);
}

}  // namespace gaus

#endif
