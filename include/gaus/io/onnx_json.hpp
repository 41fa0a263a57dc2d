// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_ONNX_JSON_HPP
#define GAUS_IO_ONNX_JSON_HPP

#include <gaus/detail/message.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/json_text.hpp>
#include <gaus/io/reader.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

// What a scheduler needs of an ONNX model, as JSON (.onnx.json): its nodes and the sizes of what they
// make. These lines write it, with Python's package onnx:
//
//   import json, sys, onnx
//   graph = onnx.shape_inference.infer_shapes(onnx.load(sys.argv[1]), data_prop=True).graph
//   shape = lambda t: [d.dim_value if d.HasField("dim_value") else d.dim_param for d in t.shape.dim]
//   tensors = [{"name": v.name, "shape": shape(v.type.tensor_type),
//               "dtype": onnx.TensorProto.DataType.Name(v.type.tensor_type.elem_type)}
//              for v in [*graph.value_info, *graph.output] if v.type.tensor_type.HasField("shape")]
//   nodes = [{"name": n.name, "op_type": n.op_type, "inputs": list(n.input),
//             "outputs": list(n.output)} for n in graph.node]
//   json.dump({"nodes": nodes, "tensors": tensors}, open(sys.argv[2], "w"))
//
// and this is what it looks like:
//
//   { "nodes":   [ { "name": "conv", "op_type": "Conv", "inputs": ["x", "w"], "outputs": ["y"] } ],
//     "tensors": [ { "name": "y", "dtype": "FLOAT", "shape": [1, 64, 55, 55] } ] }
//
// Operations are the nodes in the order of the file, called by their names or else their first
// outputs. A node may state its "latency" (else ReadOptions::latency) and takes one unit of the class
// "all" for as long, at least one step: --limit all=1 runs one after the other. The size of its value
// is that of all its outputs in bytes: they live until the last of them is used. A node that reads
// outputs of another is a dependence whose weight is the size of what it reads, in bytes. Inputs that
// no node makes, such as weights and the inputs of the model, are always there and cost nothing.
//
// dtype is a name of ONNX (FLOAT, INT64, BFLOAT16, INT4, ...) or NumPy (float32, ...), in any case;
// "bytes" of a tensor goes before its dtype and shape. Every output must have a known size, except
// one that is not listed and that no node reads, such as the mask of a Dropout. The key op_type and
// unknown keys are passed over. Nodes inside of If and Loop are not seen.
//
// Needs nlohmann-json (CMake target gaus::json). Reads by events, without a tree in memory.
namespace gaus {

namespace detail {

/// Bits of an element; 0: the type is unknown or has no fixed size.
inline int onnx_bits(std::string name) {
  static constexpr std::pair<std::string_view, int> known[] = {
      {"float", 32},   {"double", 64},    {"bfloat16", 16},    {"float16", 16}, {"float32", 32},
      {"float64", 64}, {"complex64", 64}, {"complex128", 128}, {"bool", 8},     {"int4", 4},
      {"int8", 8},     {"int16", 16},     {"int32", 32},       {"int64", 64},   {"uint4", 4},
      {"uint8", 8},    {"uint16", 16},    {"uint32", 32},      {"uint64", 64},  {"float4e2m1", 4},
      {"int2", 2},     {"uint2", 2}};
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  for (auto const& [type, bits] : known)
    if (name == type) return bits;
  return name.starts_with("float8") ? 8 : 0;  // FLOAT8E4M3FN and its kin
}

/// Fills a description from the events of the format.
class GraphFromOnnx {
 public:
  explicit GraphFromOnnx(ReadOptions const& options) : options_(options) {}

  int enter(int place, std::string const& key, bool object) {
    switch (place) {
      case json_outside:
        if (!object) fail_here("the top level must be an object, not a list");
        return document;
      case document:
        if (key != "nodes" && key != "tensors") return json_skip;
        if (object) fail_here("\"" + key + "\" must be a list of objects, not an object");
        if (key == "nodes") nodes_seen_ = true;
        return key == "nodes" ? nodes : tensors;
      case nodes:
        if (!object) fail_here("an entry of \"nodes\" must be an object, not a list");
        nodes_.push_back({.latency = options_.latency});
        return node;
      case tensors:
        if (!object) fail_here("an entry of \"tensors\" must be an object, not a list");
        tensor_ = {};
        return tensor;
      case node:
        if ((key == "inputs" || key == "outputs") && !object)
          return key == "inputs" ? inputs : outputs;
        if (key == "inputs" || key == "outputs" || key == "name" || key == "latency") break;
        return json_skip;
      case tensor:
        if (key == "shape" && !object) {
          tensor_.elements = 1;
          return shape;
        }
        if (key == "shape" || key == "name" || key == "dtype" || key == "bytes") break;
        return json_skip;
      default:
        fail_here(where(place) + "an entry must not be " + (object ? "an object" : "a list"));
    }
    fail_here(where(place) + key + " must not be " + (object ? "an object" : "a list"));
  }

  void value(int place, std::string const& key, JsonValue const& x) {
    if (place == json_outside) fail_here("the top level must be an object, not " + x.shown());
    if (place == document) {
      if (!x.is_null() && (key == "nodes" || key == "tensors"))
        fail_here("\"" + key + "\" must be a list of objects, not " + x.shown());
    } else if (place == nodes || place == tensors) {
      fail_here(where(place) + "an entry must be an object, not " + x.shown());
    } else if (place == inputs || place == outputs) {
      auto& list = place == inputs ? nodes_.back().inputs : nodes_.back().outputs;
      list.push_back(text_field(x, options_.source, where(place) + "an entry"));
      if (place == inputs) read_.insert(list.back());
    } else if (place == shape) {
      add_dimension(x);
    } else if (!x.is_null()) {
      set_field(place, key, x);
    }
  }

  void leave(int place) {
    if (place == tensor) add_tensor();
  }

  [[nodiscard]] std::string where(int place) const {
    switch (place) {
      case nodes:
        return "\"nodes\": ";
      case tensors:
        return "\"tensors\": ";
      case node:
        return called(nodes_.size() - 1) + ": ";
      case inputs:
      case outputs:
        return called(nodes_.size() - 1) + (place == inputs ? ": inputs: " : ": outputs: ");
      case tensor:
      case shape:
        return detail::message({"tensor ", tensor_count_}) +
               (tensor_.name ? " (" + *tensor_.name + ")" : "") + ": ";
      default:
        return {};
    }
  }

  GraphDescription finish() {
    if (!nodes_seen_) fail_here("no list \"nodes\"");
    GraphDescription graph;
    int const all = graph.add_resource(single_class);
    std::unordered_map<std::string_view, int> maker;
    for (std::size_t k = 0; k < nodes_.size(); ++k) {
      auto const& n = nodes_[k];
      double size = 0;
      for (auto const& name : n.outputs) {
        // Optional outputs may be left out, or be made for nobody and of no known shape.
        if (name.empty() || (!read_.contains(name) && !tensors_.contains(name))) continue;
        if (auto const [first, fresh] = maker.try_emplace(name, static_cast<int>(k)); !fresh)
          fail_here(called(k) + ": its output " + in_quotes(name) + " is made already by " +
                    called(static_cast<std::size_t>(first->second)));
        size += bytes_of(name, k);
      }
      int const i = graph.add_operation(
          {.latency = n.latency, .occupancy = std::max(1, n.latency), .size = size}, name_of(n));
      graph.add_demand(i, all);
    }
    for (std::size_t k = 0; k < nodes_.size(); ++k) add_dependences(graph, maker, k);
    return graph;
  }

 private:
  enum : int { document, nodes, node, inputs, outputs, tensors, tensor, shape };

  struct Node {
    int latency = 1;
    std::string name{};
    std::vector<std::string> inputs{};
    std::vector<std::string> outputs{};
  };
  struct Tensor {
    std::optional<std::string> name{};
    std::string dtype{};
    std::optional<double> elements{};
    std::optional<double> bytes{};
    std::string unknown{};  ///< what of its shape
    int dimensions = 0;
  };

  [[noreturn]] void fail_here(std::string const& text) const { fail(options_.source, text); }

  static std::string name_of(Node const& n) {
    if (!n.name.empty()) return n.name;
    return n.outputs.empty() ? std::string() : n.outputs.front();
  }
  [[nodiscard]] std::string called(std::size_t k) const {
    std::string const name = name_of(nodes_[k]);
    return detail::message({"node ", k}) + (name.empty() ? "" : " (" + name + ")");
  }

  void set_field(int place, std::string const& key, JsonValue const& x) {
    auto const text = [&] { return text_field(x, options_.source, where(place) + key); };
    if (place == node) {
      if (key == "name") nodes_.back().name = text();
      if (key == "latency")
        nodes_.back().latency = integer_field<int>(x, options_.source, where(place) + key, 0);
      if (key == "inputs" || key == "outputs")
        fail_here(where(place) + key + " must be a list of names, not " + x.shown());
    } else if (place == tensor) {
      if (key == "name") tensor_.name = text();
      if (key == "dtype") tensor_.dtype = text();
      if (key == "bytes") tensor_.bytes = number_field(x, options_.source, where(place) + key, 0.0);
      if (key == "shape") fail_here(where(place) + "shape must be a list, not " + x.shown());
    }
  }

  /// Only a tensor that some node makes must be known: a model may leave its batch open.
  void add_dimension(JsonValue const& x) {
    bool const known = x.kind == JsonValue::Kind::integer && x.integer >= 0;
    if (!known && tensor_.unknown.empty())
      tensor_.unknown = detail::message(
          {"dimension ", tensor_.dimensions, " is ", x.shown(), ", not an integer >= 0"});
    if (known) *tensor_.elements *= x.number;
    ++tensor_.dimensions;
  }

  void add_tensor() {
    if (!tensor_.name) fail_here(where(tensor) + "name is missing");
    if (!tensors_.emplace(*tensor_.name, tensor_).second)
      fail_here(where(tensor) + "is listed twice");
    ++tensor_count_;
  }

  [[nodiscard]] double bytes_of(std::string const& name, std::size_t k) const {
    auto const what = called(k) + ": its output " + in_quotes(name);
    auto const place = tensors_.find(name);
    if (place == tensors_.end()) fail_here(what + " is not listed in \"tensors\"");
    auto const& t = place->second;
    if (t.bytes) return *t.bytes;
    if (!t.elements) fail_here(what + " has neither bytes nor a shape");
    if (!t.unknown.empty()) fail_here(what + ": " + t.unknown);
    int const bits = onnx_bits(t.dtype);
    if (bits == 0)
      fail_here(what + ": the dtype " + in_quotes(t.dtype) +
                " has no known size; \"bytes\" states it");
    double const bytes = std::ceil(*t.elements * bits / 8);
    constexpr double most = 9007199254740992;  // 2^53
    if (!(bytes <= most))
      fail_here(what + detail::message({" has ", bytes, " bytes, more than 2^53"}));
    return bytes;
  }

  void add_dependences(GraphDescription& graph,
                       std::unordered_map<std::string_view, int> const& maker, std::size_t k) {
    auto read = nodes_[k].inputs;
    std::sort(read.begin(), read.end());
    read.erase(std::unique(read.begin(), read.end()), read.end());
    std::map<int, double> bytes;  // by the node that makes them
    for (auto const& name : read) {
      auto const place = maker.find(name);
      if (place == maker.end()) continue;
      if (place->second == static_cast<int>(k))
        fail_here(called(k) + " reads its own output " + in_quotes(name));
      bytes[place->second] += bytes_of(name, static_cast<std::size_t>(place->second));
    }
    for (auto const& [from, weight] : bytes)
      graph.add_dependence({.from = from, .to = static_cast<int>(k), .weight = weight});
  }

  ReadOptions const& options_;
  bool nodes_seen_ = false;
  std::vector<Node> nodes_;
  std::unordered_set<std::string> read_;  ///< names of inputs
  std::unordered_map<std::string, Tensor> tensors_;
  Tensor tensor_{};
  int tensor_count_ = 0;
};

}  // namespace detail

/// Reads the sizes of an ONNX model. O(V + E log E). Throws InvalidInput.
inline GraphDescription read_onnx_json(std::istream& stream, ReadOptions const& options = {}) {
  std::string const text = detail::read_all(stream, options);
  detail::GraphFromOnnx target(options);
  detail::parse_json(text, options.source, target);
  return detail::checked(target.finish(), options.source);
}

/// This format for read_graph() (io/read_graph.hpp).
inline GraphFormat onnx_json_format() {
  return {{".onnx.json"}, "nodes and tensor sizes of an ONNX model, in bytes", read_onnx_json};
}

}  // namespace gaus

#endif
