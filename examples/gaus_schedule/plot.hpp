// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_PLOT_HPP
#define GAUS_SCHEDULE_PLOT_HPP

#include "expression.hpp"
#include "input.hpp"
#include "instance.hpp"
#include "options.hpp"
#include "report.hpp"
#include "results.hpp"
#include "solve.hpp"
#include <gaus/graph/step_bounds.hpp>
#include <gaus/io/svg_convergence.hpp>
#include <gaus/io/svg_drawing.hpp>
#include <gaus/io/svg_gantt.hpp>
#include <gaus/io/svg_profile.hpp>
#include <gaus/io/svg_reservation.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/pipeline_result.hpp>
#include <gaus/schedule/reservation.hpp>

#include <algorithm>
#include <ostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

// --plot: pictures of a schedule. What each shows is written in gaus/io/svg_*.hpp.
namespace gaus_schedule {

/// The pictures of one schedule.
class SchedulePictures {
 public:
  SchedulePictures(Options const& options, Input const& input, Instance const& instance,
                   Expression const& expression, Outcome const& outcome)
      : options_(options),
        input_(input),
        instance_(instance),
        expression_(expression),
        outcome_(outcome),
        interval_(instance.problem.initiation_interval),
        subtitle_(summary()) {
    auto const system = gaus::make_difference_system(instance.graph, interval_);
    bounds_ = gaus::step_bounds(system, instance.steps);
    problem_ =
        gaus::make_problem(instance.graph, instance.graph, instance.steps, bounds_, interval_);
  }

  /// One picture, or the page with all that fit the run: of a pipeline the reservation table first.
  [[nodiscard]] std::vector<gaus::Drawing> draw(Picture picture) const {
    if (picture == Picture::profile) return {profile()};
    if (picture == Picture::gantt) return {gantt()};
    if (picture == Picture::convergence) return {convergence()};
    if (picture == Picture::reservation) return {reservation()};
    std::vector<gaus::Drawing> page;
    if (interval_ > 0) page.push_back(reservation());
    page.push_back(profile());
    page.push_back(gantt());
    if (outcome_.trace.size() > 1) page.push_back(convergence());
    return page;
  }

 private:
  [[nodiscard]] std::string title(std::string const& what) const {
    return what + " of " + input_.name;
  }

  [[nodiscard]] std::string summary() const {
    auto const length = static_cast<int>(outcome_.costs.makespan);
    std::string text = detail::count_text(static_cast<long long>(outcome_.start_steps.size()),
                                          "operation", "operations") +
                       " in " + detail::count_text(length, "step", "steps") + ", by " +
                       outcome_.method;
    if (interval_ > 0)
      text = "initiation interval " + std::to_string(interval_) + ", " +
             detail::count_text(gaus::number_of_stages(length, interval_), "stage", "stages") +
             ", " + text;
    return text + "; " + value_text(expression_, outcome_.costs);
  }

  [[nodiscard]] gaus::Drawing profile() const {
    gaus::ProfilePicture picture;
    picture.title = title("Step profiles");
    picture.subtitle = subtitle_;
    bool const given = !outcome_.given.empty();
    picture.before = given ? "start (" + options_.start + ")" : "asap";
    auto const& before = given ? outcome_.given : bounds_.earliest;
    // The same schedule twice says nothing.
    bool const same = before == outcome_.start_steps;
    picture.after = outcome_.method;
    if (same && picture.before != picture.after) picture.after += ", the same as " + picture.before;
    return gaus::draw_profiles(problem_, std::span(before).first(same ? 0 : before.size()),
                               outcome_.start_steps, instance_.limits, &input_.graph, picture);
  }

  [[nodiscard]] gaus::Drawing gantt() const {
    gaus::GanttPicture picture;
    bool const few = outcome_.start_steps.size() <=
                     static_cast<std::size_t>(std::max(0, picture.most_operations));
    picture.title = title(few ? "Gantt chart" : "Density of the schedule");
    if (interval_ > 0) picture.title += ", one iteration";
    picture.subtitle = subtitle_;
    return gaus::draw_gantt(problem_, outcome_.start_steps, instance_.limits, &input_.graph,
                            picture);
  }

  [[nodiscard]] gaus::Drawing convergence() const {
    gaus::ConvergencePicture picture;
    picture.title = title("Convergence");
    picture.subtitle = subtitle_;
    picture.value_label = expression_.text;
    // A number of iterations repeats, seconds do not.
    picture.over_iterations = options_.iterations > 0 && outcome_.iterations.has_value();
    picture.end =
        picture.over_iterations ? static_cast<double>(*outcome_.iterations) : outcome_.seconds;
    if (outcome_.lower_bound) picture.lower_bound = std::min(*outcome_.lower_bound, outcome_.value);
    picture.bounds = outcome_.bound_trace;
    return gaus::draw_convergence(outcome_.trace, picture);
  }

  [[nodiscard]] gaus::Drawing reservation() const {
    gaus::ReservationPicture picture;
    picture.title = title(interval_ > 0 ? "Modulo reservation table" : "Reservation table");
    picture.subtitle = subtitle_;
    auto const table = gaus::reservation_table(problem_, outcome_.start_steps, instance_.limits);
    return gaus::draw_reservation(table, outcome_.start_steps, &input_.graph, picture);
  }

  Options const& options_;
  Input const& input_;
  Instance const& instance_;
  Expression const& expression_;
  Outcome const& outcome_;
  int interval_;
  std::string subtitle_;
  gaus::StepBounds bounds_;
  gaus::Problem<gaus::HostGraph> problem_;  ///< with the bounds, which pipelines lack
};

/// Writes the pictures of a schedule that the options ask for. Throws gaus::InvalidInput.
inline void write_plots(Options const& options, Input const& input, Instance const& instance,
                        Expression const& expression, Outcome const& outcome) {
  if (options.plots.empty()) return;
  SchedulePictures const pictures(options, input, instance, expression, outcome);
  for (auto const& plot : options.plots) {
    auto const page = pictures.draw(plot.picture);
    write_result(plot.file, [&](std::ostream& out) { gaus::write_svg(out, page); });
  }
}

}  // namespace gaus_schedule

#endif
