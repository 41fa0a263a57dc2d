// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_GRAPHML_HPP
#define GAUS_IO_GRAPHML_HPP

#include <gaus/detail/message.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/file.hpp>
#include <gaus/io/reader.hpp>

#include <pugixml.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <istream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

// Loops for modulo scheduling as GraphML with a resource model, the format of HatScheT.
//
//   <node id="3"><data key="name">mul</data><data key="uses_resource">Product</data></node>
//   <edge source="3" target="4"><data key="distance">1</data><data key="delay">0</data></edge>
//
//   <Resource name="Product" limit="2" latency="4" blockingTime="1"/>
//
// Operations are the nodes in the order of the file. A node's operator type gives its latency and,
// as blockingTime (at least 1), its occupancy; where the type has a limit, the operation takes one
// unit of a class of that name. Types without a limit (-1) carry no demand, and one that the model
// lacks has latency 0. Classes follow the order of their first use. An edge from i to j says
// start_j + II * distance >= start_i + latency_i + delay; distance and delay are 0 where they are
// missing, and every edge counts, whatever else it states.
//
// Data keys may be declared (<key id="d1" attr.name="delay"/>) or name the field themselves. Elements
// of other kinds are passed over.
//
// Needs pugixml (CMake target gaus::graphml). The document is held in memory, without recursion.
namespace gaus {

/// The operator types of a target.
struct ResourceModel {
  struct Type {
    std::string name;
    std::optional<double> limit{};  ///< units at once; none: unlimited
    int latency = 0;
    int occupancy = 1;
  };
  std::vector<Type> types;
};

namespace detail {

/// An XML document and what is said about places in it.
class XmlText {
 public:
  XmlText(std::istream& stream, ReadOptions const& options)
      : source_(options.source), data_(read_all(stream, options)) {
    // As it stands, so that places in the document are places in the text.
    auto const result =
        document_.load_buffer(data_.data(), data_.size(), pugi::parse_default, pugi::encoding_utf8);
    if (!result)
      fail_at_line(source_, data_, static_cast<std::size_t>(result.offset),
                   std::string("not XML: ") + result.description());
  }

  [[noreturn]] void fail_at(pugi::xml_node node, std::string const& text) const {
    fail_at_line(source_, data_, static_cast<std::size_t>(node.offset_debug()), text);
  }
  [[noreturn]] void fail_whole(std::string const& text) const { fail(source_, text); }

  /// The name without its prefix.
  static std::string_view local_name(pugi::xml_node node) {
    std::string_view const name = node.name();
    auto const colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
  }

  /// Visits every element of a name, in the order of the text.
  template <class Visit>
  void each(std::string_view name, Visit const& visit) const {
    pugi::xml_node node = document_.first_child();
    while (node) {
      if (node.type() == pugi::node_element && local_name(node) == name) visit(node);
      if (node.first_child()) {
        node = node.first_child();
        continue;
      }
      while (node && !node.next_sibling()) node = node.parent();
      if (node) node = node.next_sibling();
    }
  }

  static std::string trimmed(std::string_view text) {
    constexpr char const* space = " \t\r\n";
    auto const first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(space) - first + 1));
  }

  /// An attribute that must be there and hold something.
  [[nodiscard]] std::string attribute(pugi::xml_node node, char const* name) const {
    std::string const value = node.attribute(name).value();
    if (value.empty()) fail_at(node, "<" + std::string(local_name(node)) + "> without " + name);
    return value;
  }

  /// An integer of at least `least`; what is empty has the default.
  [[nodiscard]] int integer(pugi::xml_node node, std::string const& what, std::string const& text,
                            int fallback, int least) const {
    std::string const word = trimmed(text);
    if (word.empty()) return fallback;
    int value = 0;
    if (!parse_number(word, value) || value < least || value > max_steps)
      fail_at(node, detail::message({what, " ", in_quotes(word), " is not an integer in ", least,
                                     "..", max_steps}));
    return value;
  }

 private:
  std::string source_;
  std::string data_;
  pugi::xml_document document_;
};

/// A GraphML document against a resource model.
class GraphmlReader {
 public:
  GraphmlReader(XmlText const& text, ResourceModel const& model) : text_(text) {
    for (auto const& type : model.types) type_of_.emplace(type.name, &type);
  }

  GraphDescription read() {
    bool graph_seen = false;
    text_.each("graph", [&](pugi::xml_node node) {
      graph_seen = true;
      if (std::string_view(node.attribute("edgedefault").value()) == "undirected")
        text_.fail_at(node, "the graph is undirected: its edges order nothing");
    });
    if (!graph_seen) text_.fail_whole("no graph element");
    text_.each("key", [&](pugi::xml_node node) {
      std::string const name = node.attribute("attr.name").value();
      if (!name.empty()) field_of_.emplace(text_.attribute(node, "id"), name);
    });
    text_.each("node", [&](pugi::xml_node node) { add_operation(node); });
    text_.each("edge", [&](pugi::xml_node node) { add_edge(node); });
    return std::move(graph_);
  }

 private:
  using Fields = std::map<std::string, std::string>;

  [[nodiscard]] Fields fields(pugi::xml_node node) const {
    Fields all;
    for (auto const child : node.children()) {
      if (XmlText::local_name(child) != "data") continue;
      std::string const key = text_.attribute(child, "key");
      auto const declared = field_of_.find(key);
      auto const& name = declared == field_of_.end() ? key : declared->second;
      if (!all.emplace(name, XmlText::trimmed(child.child_value())).second)
        text_.fail_at(child, "the field " + in_quotes(name) + " is given twice");
    }
    return all;
  }

  void add_operation(pugi::xml_node node) {
    std::string const id = text_.attribute(node, "id");
    int const i = static_cast<int>(graph_.operations.size());
    if (!number_of_.emplace(id, i).second)
      text_.fail_at(node, "the node id " + in_quotes(id) + " occurs twice");
    auto data = fields(node);
    GraphDescription::Operation operation{.latency = 0};
    auto const entry = type_of_.find(data["uses_resource"]);
    if (entry != type_of_.end()) {
      operation.latency = entry->second->latency;
      operation.occupancy = entry->second->occupancy;
    }
    std::string const& name = data["name"];
    graph_.add_operation(operation, name.empty() ? id : name);
    if (entry == type_of_.end() || !entry->second->limit) return;
    auto const [known, fresh] = class_of_.emplace(entry->first, 0);
    if (fresh) known->second = graph_.add_resource(entry->first, entry->second->limit);
    graph_.add_demand(i, known->second);
  }

  void add_edge(pugi::xml_node node) {
    auto const end = [&](char const* name) {
      std::string const id = text_.attribute(node, name);
      auto const entry = number_of_.find(id);
      if (entry == number_of_.end())
        text_.fail_at(node, std::string("the edge's ") + name + " " + in_quotes(id) +
                                " is no node of the graph");
      return entry->second;
    };
    int const from = end("source");
    int const to = end("target");
    auto data = fields(node);
    int const distance = text_.integer(node, "distance", data["distance"], 0, 0);
    int const delay = text_.integer(node, "delay", data["delay"], 0, -max_steps);
    if (from == to && distance == 0)
      text_.fail_at(node, "an operation cannot wait for itself in the same iteration");
    graph_.add_dependence({.from = from, .to = to, .distance = distance, .delay = delay});
  }

  XmlText const& text_;
  std::map<std::string, ResourceModel::Type const*> type_of_;
  std::map<std::string, std::string> field_of_;
  std::map<std::string, int> number_of_;
  std::map<std::string, int> class_of_;
  GraphDescription graph_;
};

}  // namespace detail

/// Reads a resource model. Throws InvalidInput.
inline ResourceModel read_resource_model(std::istream& stream, ReadOptions const& options = {}) {
  detail::XmlText const text(stream, options);
  ResourceModel model;
  std::map<std::string, int> seen;
  text.each("Resource", [&](pugi::xml_node node) {
    ResourceModel::Type type;
    type.name = text.attribute(node, "name");
    if (!seen.emplace(type.name, 0).second)
      text.fail_at(node, "the resource " + detail::in_quotes(type.name) + " is listed twice");
    auto const number = [&](char const* name, int fallback, int least) {
      return text.integer(node, "resource " + detail::in_quotes(type.name) + ": " + name,
                          node.attribute(name).value(), fallback, least);
    };
    int const limit = number("limit", -1, -1);
    if (limit >= 0) type.limit = limit;
    type.latency = number("latency", 0, 0);
    type.occupancy = std::max(1, number("blockingTime", 1, 0));
    model.types.push_back(std::move(type));
  });
  if (model.types.empty()) text.fail_whole("no Resource element");
  return model;
}

/// Reads a loop whose operator types a resource model explains. ReadOptions::latency has no part in
/// it. O(V + E) and a search by name each. Throws InvalidInput.
inline GraphDescription read_graphml(std::istream& stream, ResourceModel const& model,
                                     ReadOptions const& options = {}) {
  detail::XmlText const text(stream, options);
  return detail::checked(detail::GraphmlReader(text, model).read(), options.source);
}

/// The resource model that lies beside a graph: for loop.200MHz.graphml, the one that is there of
/// loop.200MHz_RM.xml, loop.200MHzRM.xml, loop_RM.xml and loopRM.xml. Throws InvalidInput when none
/// or more than one is.
inline std::filesystem::path find_resource_model(std::filesystem::path const& graph) {
  std::string stem = graph.filename().string();
  constexpr std::string_view ending = ".graphml";
  if (stem.ends_with(ending)) stem.resize(stem.size() - ending.size());
  std::vector<std::string> stems{stem};
  if (stem.ends_with("MHz")) {  // a clock frequency, for which the model stays the same
    auto const dot = stem.rfind('.');
    auto const digits = stem.size() - 3;
    if (dot != std::string::npos && dot + 1 < digits &&
        stem.find_first_not_of("0123456789", dot + 1) == digits)
      stems.push_back(stem.substr(0, dot));
  }
  std::vector<std::filesystem::path> found;
  std::string names;
  for (auto const& s : stems)
    for (char const* const suffix : {"_RM.xml", "RM.xml"}) {
      auto const path = graph.parent_path() / (s + suffix);
      std::error_code error;
      if (std::filesystem::exists(path, error)) found.push_back(path);
      names += (names.empty() ? "" : ", ") + s + suffix;
    }
  if (found.size() == 1) return found.front();
  detail::fail(graph.string(), found.empty()
                                   ? "needs a resource model, and none lies beside it: " + names
                                   : "several resource models lie beside it, of " + names);
}

/// Reads a loop from a file, with the given resource model or the one beside it.
inline GraphDescription read_graphml(std::filesystem::path const& graph,
                                     std::filesystem::path model = {}) {
  auto stream = open_input(graph);
  if (model.empty()) model = find_resource_model(graph);
  auto model_stream = open_input(model);
  return read_graphml(stream, read_resource_model(model_stream, {.source = model.string()}),
                      {.source = graph.string()});
}

/// This format for read_graph() (io/read_graph.hpp): the model lies beside the file.
inline GraphFormat graphml_format() {
  return {{".graphml"},
          "loop with a resource model (.xml)",
          [](std::istream& stream, ReadOptions const& options) {
            auto const model = find_resource_model(options.source);
            auto model_stream = open_input(model);
            return read_graphml(
                stream, read_resource_model(model_stream, {.source = model.string()}), options);
          }};
}

}  // namespace gaus

#endif
