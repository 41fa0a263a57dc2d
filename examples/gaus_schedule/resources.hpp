// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_RESOURCES_HPP
#define GAUS_SCHEDULE_RESOURCES_HPP

#include "expression.hpp"
#include "gzip.hpp"
#include <gaus/graph/builder.hpp>
#include <gaus/io/file.hpp>
#include <gaus/io/graphml.hpp>
#include <gaus/io/json_text.hpp>
#include <gaus/io/reader.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <istream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

// --resources and --limit: what there is of each class. A resource model is XML as it lies beside
// GraphML loops (gaus/io/graphml.hpp), or JSON:
//
//   { "resources": [ { "name": "MUL", "limit": 2, "latency": 4, "occupancy": 1 } ] }
//
// with the default latency 0, occupancy 1 and no limit (null). Latency and occupancy are those of
// GraphML's operator types; other formats state their own, and take the limits alone.
namespace gaus_schedule {

namespace detail {

inline std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

inline bool is_packed(std::filesystem::path const& path) {
  return lower_case(path.extension().string()) == ".gz";
}

/// ".json" of "x.JSON.gz".
inline std::string format_ending(std::filesystem::path const& path) {
  return lower_case((is_packed(path) ? path.stem() : path).extension().string());
}

/// Calls read(stream) with a file, unpacked.
template <class Read>
auto read_file(std::string const& name, Read const& read) {
  auto stream = gaus::open_input(name);
  if (!is_packed(name)) return read(stream);
  stream.close();
  std::istringstream unpacked(unpack_gzip(name, gaus::ReadOptions{}.max_bytes));
  return read(unpacked);
}

/// Fills a resource model from the events of its JSON.
class ResourcesFromJson {
 public:
  explicit ResourcesFromJson(std::string const& source) : source_(source) {}

  int enter(int place, std::string const& key, bool object) {
    using gaus::detail::fail;
    if (place == gaus::detail::json_outside) {
      if (!object) fail(source_, "the top level must be an object, not a list");
      return document;
    }
    if (place == document && key == "resources") {
      if (object) fail(source_, "\"resources\" must be a list of objects, not an object");
      seen_ = true;
      return list;
    }
    if (place == list) {
      if (!object) fail(source_, "an entry of \"resources\" must be an object, not a list");
      model_.types.emplace_back();
      return resource;
    }
    if (place == resource && is_field(key))
      fail(source_, where(place) + key + " must not be " + (object ? "an object" : "a list"));
    return gaus::detail::json_skip;
  }

  void value(int place, std::string const& key, gaus::detail::JsonValue const& x) {
    using gaus::detail::fail;
    if (place == gaus::detail::json_outside)
      fail(source_, "the top level must be an object, not " + x.shown());
    if (place == list || (place == document && key == "resources"))
      fail(source_, "\"resources\" must be a list of objects, not of " + x.shown());
    if (place != resource || !is_field(key) || x.is_null()) return;
    auto& type = model_.types.back();
    auto const natural = [&] {
      return gaus::detail::integer_field<int>(x, source_, where(place) + key, 0,
                                              gaus::detail::max_steps);
    };
    if (key == "name") type.name = gaus::detail::text_field(x, source_, where(place) + key);
    if (key == "limit")
      type.limit = gaus::detail::number_field(x, source_, where(place) + key, 0.0);
    if (key == "latency") type.latency = natural();
    if (key == "occupancy") type.occupancy = std::max(1, natural());
  }

  void leave(int place) {
    if (place != resource) return;
    auto const& types = model_.types;
    auto const& name = types.back().name;
    if (name.empty()) gaus::detail::fail(source_, where(place) + "name is missing");
    if (std::any_of(types.begin(), types.end() - 1, [&](auto const& t) { return t.name == name; }))
      gaus::detail::fail(
          source_, where(place) + "the name " + gaus::detail::in_quotes(name) + " is listed twice");
  }

  [[nodiscard]] std::string where(int place) const {
    if (place != resource) return {};
    return "resource " + std::to_string(model_.types.size() - 1) + ": ";
  }

  gaus::ResourceModel finish() {
    if (!seen_) gaus::detail::fail(source_, "no list \"resources\"");
    return std::move(model_);
  }

 private:
  enum : int { document, list, resource };
  static bool is_field(std::string const& key) {
    return key == "name" || key == "limit" || key == "latency" || key == "occupancy";
  }

  std::string const& source_;
  gaus::ResourceModel model_;
  bool seen_ = false;
};

}  // namespace detail

/// Reads a resource model by the ending of its name. Throws gaus::InvalidInput.
inline gaus::ResourceModel read_resources(std::string const& name) {
  auto const ending = detail::format_ending(name);
  if (ending != ".xml" && ending != ".json")
    gaus::detail::fail(name, "a resource model ends with .xml or .json, each also .gz");
  return detail::read_file(name, [&](std::istream& stream) {
    if (ending == ".xml") return gaus::read_resource_model(stream, {.source = name});
    detail::ResourcesFromJson target(name);
    gaus::detail::parse_json(gaus::detail::read_all(stream, {.source = name}), name, target);
    return target.finish();
  });
}

/// Gives the classes of a graph the limits of a model. Returns the names that are no class of it.
inline std::vector<std::string> override_limits(gaus::GraphDescription& graph,
                                                gaus::ResourceModel const& model) {
  std::vector<std::string> unknown;
  for (auto const& type : model.types) {
    auto const own = std::find_if(graph.resources.begin(), graph.resources.end(),
                                  [&](auto const& r) { return r.name == type.name; });
    if (own == graph.resources.end())
      unknown.push_back(type.name);
    else
      own->limit = type.limit;
  }
  return unknown;
}

/// Gives one class its limit, from "CLASS=N"; a name may hold "=". Throws gaus::InvalidInput.
inline void override_limit(gaus::GraphDescription& graph, std::string const& text) {
  auto const equals = text.rfind('=');
  double limit = 0;
  if (equals == std::string::npos || equals == 0)
    gaus::detail::fail("--limit", gaus::detail::in_quotes(text) + " is not CLASS=N");
  std::string const number = text.substr(equals + 1);
  if (!gaus::detail::parse_number(number, limit) || limit < 0)
    gaus::detail::fail("--limit", gaus::detail::in_quotes(text) + ": " +
                                      gaus::detail::in_quotes(number) + " is not a number >= 0");
  std::string const name = text.substr(0, equals);
  for (auto& resource : graph.resources)
    if (resource.name == name) {
      resource.limit = limit;
      return;
    }
  std::vector<std::string> known;
  for (auto const& resource : graph.resources) known.push_back(resource.name);
  gaus::detail::fail("--limit", "unknown class " + gaus::detail::in_quotes(name) +
                                    " (known: " + list_text(known, ", ") + ")");
}

}  // namespace gaus_schedule

#endif
