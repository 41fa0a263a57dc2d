// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_SCHEDULE_JSON_HPP
#define GAUS_IO_SCHEDULE_JSON_HPP

#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/io/json_text.hpp>
#include <gaus/io/reader.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

// The file that says what a run has found, and that other tools read:
//
//   { "gaus": "0.1.0", "input": "div.aig", "operations": 57375, "dependences": 114494,
//     "steps": 4373, "initiation_interval": null, "default_latency": 1, "method": "gaus", "seed":
//     0, "objective": { "expression": "usage", "value": 6.0, "lower_bound": 6.0,
//                    "terms": { "usage": 6 } },
//     "feasible": true, "violations": [],
//     "start_steps": [0, 0, 1],
//     "iterations": 1000, "seconds": 0.91, "stopped_by": "iterations",
//     "execution_space": "OpenMP", "concurrency": 2 }
//
// Under a clock (graph/chaining.hpp) follow "clock_ns", "default_delay_ns", "chaining_rules",
// "chaining_exact" and "longest_chain_ns".
//
// start_steps[i] is the step in which operation i of the input starts. What does not apply is null.
// Reading demands the start steps alone, so that schedules of other tools can be judged; a field
// that is there must have the right type.
namespace gaus {

/// What a schedule file holds; a field without value is null in the file.
struct ScheduleFile {
  /// A term of the objective and its exact value.
  using Term = std::pair<std::string, double>;

  std::string gaus;                              ///< version of the library; empty: null
  std::string input;                             ///< name of the graph's file; empty: null
  std::optional<int> operations{};               ///< V of the input
  std::optional<int> dependences{};              ///< E of the input
  std::optional<int> steps{};                    ///< latency bound
  std::optional<int> initiation_interval{};      ///< none: a plain schedule
  std::optional<int> default_latency{};          ///< of operations that state none
  std::string method;                            ///< empty: null
  std::optional<std::uint64_t> seed{};           ///< of the random numbers
  std::optional<std::string> expression{};       ///< of the objective, as the next three
  std::optional<double> value{};                 ///< exact
  std::optional<double> lower_bound{};           ///< no schedule is below
  std::vector<Term> terms;                       ///< in the order of the file
  std::optional<bool> feasible{};                ///< by the verifier
  std::vector<std::string> violations;           ///< one sentence each
  std::vector<int> start_steps;                  ///< by operation of the input
  std::optional<long long> iterations{};         ///< of the relaxation
  std::optional<double> seconds{};               ///< of wall time
  std::optional<std::string> stopped_by{};       ///< to_string(StopReason)
  std::optional<std::string> execution_space{};  ///< by Kokkos' name
  std::optional<int> concurrency{};              ///< threads of that space
  /// Chaining (graph/chaining.hpp); without a clock none of it is in the file.
  struct Clock {
    std::optional<double> clock_ns{};          ///< period
    std::optional<double> default_delay_ns{};  ///< of operations that state none
    std::optional<int> chaining_rules{};       ///< difference constraints that the clock added
    std::optional<bool> chaining_exact{};      ///< whether they are necessary, too
    std::optional<double> longest_chain_ns{};  ///< within a step of this schedule
  };
  Clock clock{};  ///< of a schedule under a clock
};

namespace detail {

/// Fills a ScheduleFile from the events of its format.
class ScheduleFromJson {
 public:
  explicit ScheduleFromJson(std::string const& source) : source_(source) {}

  int enter(int place, std::string const& key, bool object) {
    std::string const kind = object ? "an object" : "a list";
    if (place == json_outside && object) return document;
    if (place == json_outside) fail(source_, "the top level must be an object, not a list");
    if (place == document) {
      if (key == "objective" && object) return objective;
      if (key == "violations" && !object) return violations;
      if (key == "start_steps" && !object) {
        start_steps_seen_ = true;
        return start_steps;
      }
    }
    if (place == objective && key == "terms" && object) return terms;
    if ((place == document && !is_field(key)) || (place == objective && !is_objective_field(key)))
      return json_skip;
    fail(source_, name_of(place, key) + " must not be " + kind);
  }

  void value(int place, std::string const& key, JsonValue const& x) {
    if (place == start_steps) {
      if (x.kind != JsonValue::Kind::integer || x.integer < std::numeric_limits<int>::min() ||
          x.integer > std::numeric_limits<int>::max())
        fail(source_, name_of(place, key) + " must be an integer, not " + x.shown());
      file_.start_steps.push_back(static_cast<int>(x.integer));
      return;
    }
    if (place == violations) {
      file_.violations.push_back(text_field(x, source_, name_of(place, key)));
      return;
    }
    if (place == json_outside) fail(source_, "the top level must be an object, not " + x.shown());
    if (x.is_null()) return;
    if (place == terms) {
      file_.terms.emplace_back(key, number_field(x, source_, name_of(place, key)));
    } else if (place == objective) {
      if (key == "expression") file_.expression = text_field(x, source_, key);
      if (key == "value") file_.value = number_field(x, source_, key);
      if (key == "lower_bound") file_.lower_bound = number_field(x, source_, key);
      if (key == "terms") fail(source_, "terms must be an object, not " + x.shown());
    } else {
      set_field(key, x);
    }
  }

  void leave(int) {}

  [[nodiscard]] std::string where(int place) const {
    return place == objective || place == terms ? "objective: " : "";
  }

  ScheduleFile finish() {
    if (!start_steps_seen_) fail(source_, "no list \"start_steps\"");
    return std::move(file_);
  }

 private:
  enum : int { document, objective, terms, violations, start_steps };

  static bool is_field(std::string const& key) {
    static constexpr char const* fields[] = {
        "gaus",       "input",       "operations",      "dependences",     "steps",
        "method",     "seed",        "objective",       "feasible",        "initiation_interval",
        "violations", "iterations",  "start_steps",     "default_latency", "seconds",
        "stopped_by", "concurrency", "execution_space", "clock_ns",        "default_delay_ns"};
    for (char const* const field : fields)
      if (key == field) return true;
    return false;
  }
  static bool is_objective_field(std::string const& key) {
    return key == "expression" || key == "value" || key == "lower_bound" || key == "terms";
  }

  [[nodiscard]] std::string name_of(int place, std::string const& key) const {
    if (place == start_steps)
      return detail::message(
          {"start_steps: the start step of operation ", file_.start_steps.size()});
    if (place == violations)
      return detail::message({"violations: entry ", file_.violations.size()});
    return place == terms ? "term " + in_quotes(key) : key;
  }

  void set_field(std::string const& key, JsonValue const& x) {
    auto const integer = [&](int low) { return integer_field<int>(x, source_, key, low); };
    auto const text = [&] { return text_field(x, source_, key); };
    if (key == "gaus") file_.gaus = text();
    if (key == "input") file_.input = text();
    if (key == "operations") file_.operations = integer(0);
    if (key == "dependences") file_.dependences = integer(0);
    if (key == "steps") file_.steps = integer(0);
    if (key == "initiation_interval") file_.initiation_interval = integer(1);
    if (key == "default_latency") file_.default_latency = integer(0);
    if (key == "method") file_.method = text();
    if (key == "seed") set_seed(x);
    if (key == "iterations") file_.iterations = integer_field<long long>(x, source_, key, 0);
    if (key == "seconds") file_.seconds = number_field(x, source_, key, 0.0);
    if (key == "stopped_by") file_.stopped_by = text();
    if (key == "execution_space") file_.execution_space = text();
    if (key == "concurrency") file_.concurrency = integer(0);
    if (key == "clock_ns") file_.clock.clock_ns = number_field(x, source_, key, 0.0);
    if (key == "default_delay_ns")
      file_.clock.default_delay_ns = number_field(x, source_, key, 0.0);
    if (key == "objective" || key == "violations" || key == "start_steps")
      fail(source_, key + " must be " + (key == "objective" ? "an object" : "a list") + ", not " +
                        x.shown());
    if (key != "feasible") return;
    file_.feasible = truth_field(x, source_, key);
  }

  /// Seeds use all 64 bits.
  void set_seed(JsonValue const& x) {
    std::uint64_t seed = 0;
    if (x.kind == JsonValue::Kind::number && parse_number(x.text, seed))
      file_.seed = seed;
    else
      file_.seed = static_cast<std::uint64_t>(integer_field<long long>(x, source_, "seed", 0));
  }

  std::string const& source_;
  ScheduleFile file_;
  bool start_steps_seen_ = false;
};

/// Writes ", "key": value" with null for what has no value.
class FieldWriter {
 public:
  explicit FieldWriter(JsonWriter& out) : out_(out) {}

  void key(std::string_view separator, char const* name) {
    out_.raw(separator).raw("\"").raw(name).raw("\": ");
  }
  void text(std::optional<std::string> const& x) {
    x && !x->empty() ? void(out_.text(*x)) : void(out_.raw("null"));
  }
  template <class Integer>
  void integer(std::optional<Integer> const& x) {
    out_.raw(x ? std::to_string(*x) : "null");
  }
  void truth(std::optional<bool> const& x) { out_.raw(!x ? "null" : *x ? "true" : "false"); }
  void number(std::optional<double> const& x, bool with_point) {
    x ? void(out_.number(*x, with_point)) : void(out_.raw("null"));
  }

 private:
  JsonWriter& out_;
};

inline void check_finite(std::optional<double> const& x, std::string const& what) {
  if (x && !std::isfinite(*x))
    throw InvalidInput(detail::message({"a schedule file cannot hold ", what, " = ", *x}));
}

}  // namespace detail

/// Writes a schedule file. Throws InvalidInput, before the first byte, for values that are no
/// finite numbers.
inline void write_schedule(std::ostream& stream, ScheduleFile const& file) {
  detail::check_finite(file.value, "value");
  detail::check_finite(file.lower_bound, "lower_bound");
  detail::check_finite(file.seconds, "seconds");
  for (auto const& [name, value] : file.terms) detail::check_finite(value, "term " + name);

  detail::JsonWriter out(stream);
  detail::FieldWriter field(out);
  field.key("{ ", "gaus"), field.text(file.gaus);
  field.key(", ", "input"), field.text(file.input);
  field.key(", ", "operations"), field.integer(file.operations);
  field.key(", ", "dependences"), field.integer(file.dependences);
  field.key(",\n  ", "steps"), field.integer(file.steps);
  field.key(", ", "initiation_interval"), field.integer(file.initiation_interval);
  field.key(", ", "default_latency"), field.integer(file.default_latency);
  field.key(", ", "method"), field.text(file.method);
  field.key(", ", "seed"), field.integer(file.seed);
  field.key(",\n  ", "objective");
  field.key("{ ", "expression"), field.text(file.expression);
  field.key(", ", "value"), field.number(file.value, true);
  field.key(", ", "lower_bound"), field.number(file.lower_bound, true);
  field.key(",\n                 ", "terms");
  out.raw("{");
  for (std::size_t k = 0; k < file.terms.size(); ++k) {
    out.raw(k == 0 ? " " : ", ").text(file.terms[k].first).raw(": ");
    out.number(file.terms[k].second);
  }
  out.raw(file.terms.empty() ? "} }" : " } }");
  field.key(",\n  ", "feasible");
  field.truth(file.feasible);
  field.key(", ", "violations");
  out.raw("[");
  for (std::size_t k = 0; k < file.violations.size(); ++k)
    out.raw(k == 0 ? "" : ", ").text(file.violations[k]);
  out.raw("]");
  field.key(",\n  ", "start_steps");
  out.raw("[");
  for (std::size_t k = 0; k < file.start_steps.size(); ++k)
    out.raw(k == 0 ? "" : ", ").integer(file.start_steps[k]);
  out.raw("]");
  field.key(",\n  ", "iterations"), field.integer(file.iterations);
  field.key(", ", "seconds"), field.number(file.seconds, true);
  field.key(", ", "stopped_by"), field.text(file.stopped_by);
  field.key(",\n  ", "execution_space"), field.text(file.execution_space);
  field.key(", ", "concurrency"), field.integer(file.concurrency);
  if (auto const& clock = file.clock; clock.clock_ns) {
    field.key(",\n  ", "clock_ns"), field.number(clock.clock_ns, true);
    field.key(", ", "default_delay_ns"), field.number(clock.default_delay_ns, true);
    field.key(", ", "chaining_rules"), field.integer(clock.chaining_rules);
    field.key(", ", "chaining_exact"), field.truth(clock.chaining_exact);
    field.key(", ", "longest_chain_ns"), field.number(clock.longest_chain_ns, true);
  }
  out.raw(" }\n").flush();
}

/// Reads a schedule file; the number of start steps is the caller's to compare with the graph.
/// Throws InvalidInput.
inline ScheduleFile read_schedule(std::istream& stream, std::string const& source = "input") {
  std::string const text = detail::read_all(stream, {.source = source});
  detail::ScheduleFromJson target(source);
  detail::parse_json(text, source, target);
  return target.finish();
}

}  // namespace gaus

#endif
