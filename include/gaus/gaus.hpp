// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_GAUS_HPP
#define GAUS_GAUS_HPP

// Everything but the readers that need a library of their own (io/json.hpp, io/graphml.hpp). Reading
// order for a newcomer: graph, start_steps, profile, objective, constraint, schedule.

#include <gaus/constraint.hpp>
#include <gaus/constraint/deadline.hpp>
#include <gaus/constraint/difference.hpp>
#include <gaus/constraint/resource_limit.hpp>
#include <gaus/error.hpp>
#include <gaus/evaluation.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/graph/components.hpp>
#include <gaus/graph/initiation_interval.hpp>
#include <gaus/graph/loops.hpp>
#include <gaus/graph/random.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/io/aiger.hpp>
#include <gaus/io/cp_sat.hpp>
#include <gaus/io/dot.hpp>
#include <gaus/io/file.hpp>
#include <gaus/io/gml.hpp>
#include <gaus/io/lifetimes_csv.hpp>
#include <gaus/io/mip.hpp>
#include <gaus/io/pipeline_text.hpp>
#include <gaus/io/psplib.hpp>
#include <gaus/io/svg.hpp>
#include <gaus/io/svg_reservation.hpp>
#include <gaus/normal.hpp>
#include <gaus/objective.hpp>
#include <gaus/objective/communication.hpp>
#include <gaus/objective/makespan.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/per_dependence.hpp>
#include <gaus/objective/per_operation.hpp>
#include <gaus/objective/total_lifetime.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/optimizer/adam.hpp>
#include <gaus/optimizer/augmented_lagrangian.hpp>
#include <gaus/optimizer/observer.hpp>
#include <gaus/peak.hpp>
#include <gaus/pipeline.hpp>
#include <gaus/problem.hpp>
#include <gaus/profile.hpp>
#include <gaus/profile/liveness.hpp>
#include <gaus/profile/usage.hpp>
#include <gaus/schedule.hpp>
#include <gaus/schedule/batch.hpp>
#include <gaus/schedule/bounds.hpp>
#include <gaus/schedule/cost.hpp>
#include <gaus/schedule/force_directed.hpp>
#include <gaus/schedule/interval_search.hpp>
#include <gaus/schedule/iterative_modulo.hpp>
#include <gaus/schedule/legalize.hpp>
#include <gaus/schedule/list.hpp>
#include <gaus/schedule/makespan_bounds.hpp>
#include <gaus/schedule/makespan_result.hpp>
#include <gaus/schedule/makespan_search.hpp>
#include <gaus/schedule/min_lifetime.hpp>
#include <gaus/schedule/modulo_legalize.hpp>
#include <gaus/schedule/pareto.hpp>
#include <gaus/schedule/polish.hpp>
#include <gaus/schedule/refine.hpp>
#include <gaus/schedule/reservation.hpp>
#include <gaus/schedule/resource_table.hpp>
#include <gaus/schedule/round.hpp>
#include <gaus/schedule/schedule_generation.hpp>
#include <gaus/schedule/swing_modulo.hpp>
#include <gaus/schedule/time_lag_search.hpp>
#include <gaus/schedule/verify.hpp>
#include <gaus/start_steps.hpp>
#include <gaus/version.hpp>

#endif
