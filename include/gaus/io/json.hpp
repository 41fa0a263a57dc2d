// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_JSON_HPP
#define GAUS_IO_JSON_HPP

#include <gaus/detail/csr.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/json_text.hpp>
#include <gaus/io/reader.hpp>

#include <cstddef>
#include <istream>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

// The native format of graphs, the only one that can say all that a graph holds:
//
//   { "operations": [ { "name": "mul0", "latency": 2, "occupancy": 1, "size": 32,
//                       "delay_ns": 6.5,
//                       "demands": [ { "resource": "multiplier", "units": 1 } ] } ],
//     "resources": [ { "name": "multiplier", "limit": 2 } ],
//     "dependences": [ { "from": 0, "to": 0, "distance": 1, "weight": 1, "delay": 0,
//                        "value": true } ] }
//
// Only "operations", a resource's "name", a demand's "resource", "from" and "to" must be there; a
// field that is missing or null has its default (latency: ReadOptions::latency, limit: unlimited,
// delay_ns: not stated, the others as above with occupancy, size and units 1, distance and delay 0). A
// class that is demanded but not listed is unlimited and follows the listed ones. Unknown keys are
// passed over.
//
// Needs nlohmann-json (CMake target gaus::json). Reads by events, without a tree in memory.
namespace gaus {

namespace detail {

/// Fills a description from the events of the native format.
class GraphFromJson {
 public:
  explicit GraphFromJson(ReadOptions const& options) : options_(options) {}

  int enter(int place, std::string const& key, bool object) {
    switch (place) {
      case json_outside:
        if (!object) fail_here("the top level must be an object, not a list");
        return document;
      case document:
        if (key == "operations") operations_seen_ = true;
        if (key == "operations") return list_of(operations, key, object);
        if (key == "resources") return list_of(resources, key, object);
        if (key == "dependences") return list_of(dependences, key, object);
        return json_skip;
      case operations:
        if (!object) fail_here("an entry of \"operations\" must be an object, not a list");
        graph_.operations.push_back({.latency = options_.latency});
        return operation;
      case resources:
        if (!object) fail_here("an entry of \"resources\" must be an object, not a list");
        resource_ = {};
        ++resource_count_;
        return resource;
      case dependences:
        if (!object) fail_here("an entry of \"dependences\" must be an object, not a list");
        link_ = {};
        from_seen_ = to_seen_ = false;
        return dependence;
      case demands:
        if (!object) fail_here(where(operation) + "an entry of \"demands\" must be an object");
        class_.reset();
        units_ = 1;
        return demand;
      case operation:
        if (key == "demands") return list_of(demands, key, object);
        if (key != "name" && key != "latency" && key != "occupancy" && key != "size" &&
            key != "delay_ns")
          return json_skip;
        break;
      case resource:
        if (key != "name" && key != "limit") return json_skip;
        break;
      case demand:
        if (key != "resource" && key != "units") return json_skip;
        break;
      case dependence:
        if (key != "from" && key != "to" && key != "distance" && key != "weight" &&
            key != "delay" && key != "value")
          return json_skip;
        break;
      default:
        break;
    }
    fail_here(where(place) + key + " must not be " + (object ? "an object" : "a list"));
  }

  void value(int place, std::string const& key, JsonValue const& x) {
    switch (place) {
      case json_outside:
        fail_here("the top level must be an object, not " + x.shown());
      case document:
        if (key == "operations") operations_seen_ = true;
        if (!x.is_null() && (key == "operations" || key == "resources" || key == "dependences"))
          fail_here("\"" + key + "\" must be a list of objects, not " + x.shown());
        return;
      case operations:
      case resources:
      case dependences:
      case demands:
        fail_here(where(place) + "an entry must be an object, not " + x.shown());
      default:
        if (!x.is_null()) set_field(place, key, x);
    }
  }

  void leave(int place) {
    if (place == resource) {
      add_listed();
    } else if (place == demand) {
      if (!class_) fail_here(where(operation) + "a demand names no resource");
      graph_.add_demand(last(graph_.operations), *class_, units_);
    } else if (place == dependence) {
      if (!from_seen_ || !to_seen_)
        fail_here(where(dependence) + (from_seen_ ? "to" : "from") + " is missing");
      graph_.add_dependence(link_);
    }
  }

  [[nodiscard]] std::string where(int place) const {
    if (place == operation || place == demands || place == demand)
      return "operation " + graph_.call(last(graph_.operations)) + ": ";
    if (place == resource) return detail::message({"resource ", resource_count_ - 1, ": "});
    if (place == dependence)
      return detail::message({"dependence ", graph_.dependences.size(), ": "});
    if (place == operations) return "\"operations\": ";
    if (place == resources) return "\"resources\": ";
    if (place == dependences) return "\"dependences\": ";
    return {};
  }

  /// The description, with the listed classes first.
  GraphDescription finish() {
    if (!operations_seen_) fail_here("no list \"operations\"");
    std::vector<int> place(graph_.resources.size(), -1);
    std::vector<GraphDescription::Resource> ordered;
    ordered.reserve(place.size());
    for (bool const listed : {true, false})
      for (int const k : listed ? listed_ : demanded_) {
        auto const old = static_cast<std::size_t>(k);
        if (place[old] >= 0) continue;
        place[old] = static_cast<int>(ordered.size());
        ordered.push_back(std::move(graph_.resources[old]));
      }
    graph_.resources = std::move(ordered);
    for (auto& d : graph_.demands) d.resource = place[static_cast<std::size_t>(d.resource)];
    return std::move(graph_);
  }

 private:
  enum : int {
    document,
    operations,
    operation,
    demands,
    demand,
    resources,
    resource,
    dependences,
    dependence
  };

  [[noreturn]] void fail_here(std::string const& text) const { fail(options_.source, text); }

  template <class T>
  static int last(std::vector<T> const& v) {
    return static_cast<int>(v.size()) - 1;
  }

  [[nodiscard]] int list_of(int place, std::string const& key, bool object) const {
    if (object)
      fail_here((place == demands ? where(operation) : "") + "\"" + key +
                "\" must be a list of objects, not an object");
    return place;
  }

  /// The number of a class, by its name, from its first mention on.
  int intern(std::string const& name) {
    auto const [entry, fresh] = number_of_.try_emplace(name, last(graph_.resources) + 1);
    if (fresh) graph_.add_resource(name);
    return entry->second;
  }

  void add_listed() {
    if (!resource_.name) fail_here(where(resource) + "name is missing");
    int const k = intern(*resource_.name);
    is_listed_.resize(graph_.resources.size(), false);
    if (is_listed_[static_cast<std::size_t>(k)])
      fail_here(where(resource) + "the name " + in_quotes(*resource_.name) + " is listed twice");
    is_listed_[static_cast<std::size_t>(k)] = true;
    graph_.resources[static_cast<std::size_t>(k)].limit = resource_.limit;
    listed_.push_back(k);
  }

  void set_field(int place, std::string const& key, JsonValue const& x) {
    auto const integer = [&](int low) {
      return integer_field<int>(x, options_.source, where(place) + key, low);
    };
    auto const number = [&] { return number_field(x, options_.source, where(place) + key, 0.0); };
    auto const text = [&] { return text_field(x, options_.source, where(place) + key); };
    constexpr int any = std::numeric_limits<int>::min();
    if (place == operation) {
      auto& o = graph_.operations.back();
      if (key == "latency") o.latency = integer(0);
      if (key == "occupancy") o.occupancy = integer(0);
      if (key == "size") o.size = number();
      if (key == "delay_ns") o.delay_ns = number();
      if (key == "demands") fail_here(where(place) + "demands must be a list, not " + x.shown());
      if (key == "name") {
        graph_.names.resize(graph_.operations.size());
        graph_.names.back() = text();
      }
    } else if (place == demand) {
      if (key == "units") units_ = number();
      if (key == "resource") {
        class_ = intern(text());
        demanded_.push_back(*class_);
      }
    } else if (place == resource) {
      if (key == "name") resource_.name = text();
      if (key == "limit") resource_.limit = number();
    } else if (place == dependence) {
      if (key == "from") link_.from = integer(0), from_seen_ = true;
      if (key == "to") link_.to = integer(0), to_seen_ = true;
      if (key == "distance") link_.distance = integer(0);
      if (key == "delay") link_.delay = integer(any);
      if (key == "weight") link_.weight = number();
      if (key == "value") link_.value = truth_field(x, options_.source, where(place) + key);
    }
  }

  struct Listed {
    std::optional<std::string> name{};
    std::optional<double> limit{};
  };

  ReadOptions const& options_;
  GraphDescription graph_;
  std::unordered_map<std::string, int> number_of_;
  std::vector<int> listed_;
  std::vector<int> demanded_;
  std::vector<bool> is_listed_;
  bool operations_seen_ = false;
  Listed resource_{};
  int resource_count_ = 0;
  std::optional<int> class_{};
  double units_ = 1;
  GraphDescription::Link link_{};
  bool from_seen_ = false;
  bool to_seen_ = false;
};

}  // namespace detail

/// Reads a graph in the native format. Throws InvalidInput.
inline GraphDescription read_json(std::istream& stream, ReadOptions const& options = {}) {
  std::string const text = detail::read_all(stream, options);
  detail::GraphFromJson target(options);
  detail::parse_json(text, options.source, target);
  return detail::checked(target.finish(), options.source);
}

/// Writes a graph in the native format: one line an operation, resource and dependence, without
/// what is default. Checks the description first; reading it back gives an equal one.
inline void write_json(std::ostream& stream, GraphDescription const& graph) {
  check(graph);
  detail::JsonWriter out(stream);
  auto const rows = detail::sorted_rows(graph.operations.size(), graph.demands,
                                        [](auto const& d) { return std::pair(d.operation, 0); });
  out.raw("{ \"operations\": [");
  for (std::size_t i = 0; i < graph.operations.size(); ++i) {
    auto const& o = graph.operations[i];
    out.raw(i == 0 ? "\n  { " : ",\n  { ");
    if (i < graph.names.size() && !graph.names[i].empty())
      out.raw("\"name\": ").text(graph.names[i]).raw(", ");
    out.raw("\"latency\": ").integer(o.latency);
    if (o.occupancy != 1) out.raw(", \"occupancy\": ").integer(o.occupancy);
    if (o.size != 1) out.raw(", \"size\": ").number(o.size);
    if (o.delay_ns) out.raw(", \"delay_ns\": ").number(*o.delay_ns);
    for (int k = rows.offset[i]; k < rows.offset[i + 1]; ++k) {
      auto const& d =
          graph.demands[static_cast<std::size_t>(rows.order[static_cast<std::size_t>(k)])];
      out.raw(k == rows.offset[i] ? ", \"demands\": [" : ", ").raw("{ \"resource\": ");
      out.text(graph.resources[static_cast<std::size_t>(d.resource)].name);
      if (d.units != 1) out.raw(", \"units\": ").number(d.units);
      out.raw(" }");
    }
    out.raw(rows.offset[i] < rows.offset[i + 1] ? "] }" : " }");
  }
  out.raw("],\n  \"resources\": [");
  for (std::size_t r = 0; r < graph.resources.size(); ++r) {
    out.raw(r == 0 ? "\n  { \"name\": " : ",\n  { \"name\": ").text(graph.resources[r].name);
    if (graph.resources[r].limit) out.raw(", \"limit\": ").number(*graph.resources[r].limit);
    out.raw(" }");
  }
  out.raw("],\n  \"dependences\": [");
  for (std::size_t k = 0; k < graph.dependences.size(); ++k) {
    auto const& d = graph.dependences[k];
    out.raw(k == 0 ? "\n  { \"from\": " : ",\n  { \"from\": ").integer(d.from);
    out.raw(", \"to\": ").integer(d.to);
    if (d.distance != 0) out.raw(", \"distance\": ").integer(d.distance);
    if (d.weight != 1) out.raw(", \"weight\": ").number(d.weight);
    if (d.delay != 0) out.raw(", \"delay\": ").integer(d.delay);
    if (!d.value) out.raw(", \"value\": false");
    out.raw(" }");
  }
  out.raw("] }\n").flush();
}

/// This format for read_graph() and write_graph() (io/read_graph.hpp).
inline GraphFormat json_format() {
  return {{".json"},
          "native: latencies, occupancies, sizes, demands, limits, distances",
          read_json,
          write_json};
}

}  // namespace gaus

#endif
