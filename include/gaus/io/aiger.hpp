// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_AIGER_HPP
#define GAUS_IO_AIGER_HPP

#include <gaus/detail/message.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/reader.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <istream>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// And-inverter graphs in the AIGER format, binary ("aig") and ASCII ("aag"), up to version 1.9.
//
//   aig M I L O A [B C J F]    variables, inputs, latches, outputs, AND gates, properties
//
// Operations are the inputs, then the AND gates in the order of the file; outputs are none. Each
// takes one unit of the class "all", one step of it, and has size 1; an input has delay 0. A dependence leads from each variable that a gate
// reads to the gate: inverters are ignored, a constant is no operation, and
// two fan-ins of one variable are one dependence. Names come from the symbol table.
//
// Only combinational circuits have a schedule here: latches, and the justice and fairness
// properties that speak of infinite runs, are refused. Bad-state and constraint literals are read
// like outputs. An ASCII file may list its gates in any order and leave variables out.
//
// One pass over the bytes. Memory is bounded by the length of the file, not by its header: the
// counts are compared with the bytes that follow before anything is allocated.
namespace gaus {

namespace detail {

/// One pass over one AIGER file.
class AigerReader {
 public:
  AigerReader(std::string_view data, ReadOptions const& options) : data_(data), options_(options) {}

  GraphDescription read() {
    read_header();
    GraphDescription graph;
    auto const operations = inputs_ + gates_;
    graph.add_resource(single_class);
    graph.operations.assign(operations, {.latency = options_.latency});
    for (std::size_t i = 0; i < inputs_; ++i) graph.operations[i].delay_ns = 0;
    graph.demands.reserve(operations);
    for (std::size_t i = 0; i < operations; ++i) graph.add_demand(static_cast<int>(i), 0);
    graph.dependences.reserve(2 * gates_);
    if (!binary_) read_inputs();
    for (std::size_t k = 0; k < outputs_ + properties_; ++k)
      read_literals<1>("output", k, outputs_ + properties_);
    binary_ ? read_binary_gates(graph) : read_ascii_gates(graph);
    read_symbols(graph);
    return graph;
  }

 private:
  using Literal = unsigned long long;

  [[noreturn]] void fail_here(std::size_t at, std::string const& text) const {
    if (binary_) fail_at_byte(options_.source, at, text);
    fail_at_line(options_.source, data_, at, text);
  }

  /// The next line without its end. Lines that the header promises end with a newline, so that a
  /// file cut within its last number is not misread.
  std::string_view take_line(std::string const& what) {
    auto const end = data_.find('\n', at_);
    if (end == std::string_view::npos) fail_here(data_.size(), "the file ends within " + what);
    auto line = data_.substr(at_, end - at_);
    at_ = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  static std::string_view take_word(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    auto const word = line.substr(0, line.find_first_of(" \t"));
    line.remove_prefix(word.size());
    return word;
  }

  /// Counts, literals and indices have no sign.
  template <class Number>
  static bool parse_natural(std::string_view word, Number& value) {
    return !word.empty() && word.front() >= '0' && word.front() <= '9' && parse_number(word, value);
  }

  void read_header() {
    constexpr std::array<char const*, 9> letters{"M", "I", "L", "O", "A", "B", "C", "J", "F"};
    if (!data_.starts_with("aig ") && !data_.starts_with("aag "))
      fail(options_.source, "no AIGER header \"aig M I L O A\" or \"aag M I L O A\"");
    binary_ = data_[1] == 'i';
    auto line = take_line("the header");
    take_word(line);
    std::array<std::size_t, letters.size()> count{};
    std::size_t found = 0;
    for (auto word = take_word(line); !word.empty(); word = take_word(line), ++found) {
      if (found == letters.size()) fail_here(0, "the header has more than 9 counts");
      int value = 0;
      if (!parse_natural(word, value))
        fail_here(0, detail::message({std::string("the header's count "), letters[found], " is ",
                                      in_quotes(word), ", not an integer 0..",
                                      std::numeric_limits<int>::max()}));
      count[found] = static_cast<std::size_t>(value);
    }
    if (found < 5)
      fail_here(0, detail::message({"the header has ", found, " counts, M I L O A are 5"}));
    auto const [m, i, l, o, a, b, c, j, f] = count;
    if (l > 0)
      fail_here(0, detail::message(
                       {"the circuit has ", l, " latches; only combinational circuits are read"}));
    if (j + f > 0)
      fail_here(0, detail::message({"the circuit has ", j, " justice and ", f,
                                    " fairness properties; only combinational circuits are read"}));
    if (binary_ ? m != i + a : m < i + a)
      fail_here(0, detail::message({"the header has M = ", m,
                                    (binary_ ? ", not I + A = " : " < I + A = "), i, " + ", a}));
    variables_ = m;
    inputs_ = i;
    outputs_ = o;
    gates_ = a;
    properties_ = b + c;
    bad_ = b;
    check_counts();
  }

  /// The shortest gate has 2 bytes in binary and 6 ("2 0 0\n") in ASCII, the shortest line 2.
  void check_counts() const {
    std::size_t const left = data_.size() - at_;
    std::size_t const needed =
        2 * (outputs_ + properties_) + (binary_ ? 2 : 6) * gates_ + (binary_ ? 0 : 2) * inputs_;
    if (needed > left)
      fail_here(
          at_, detail::message({"the header promises ", inputs_, " inputs, ",
                                outputs_ + properties_, " outputs and ", gates_,
                                " AND gates, at least ", needed, " bytes, but ", left, " follow"}));
    // Binary inputs take no bytes. A gate of 2 bytes reads at most two of them, an output one:
    // more inputs than bytes are unused ones, of which a generous number is allowed.
    constexpr std::size_t unused = std::size_t{1} << 20;
    if (inputs_ > left + unused)
      fail_here(at_, detail::message({"the header promises ", inputs_, " inputs, but only ", left,
                                      " bytes follow that could use them"}));
  }

  /// A line of Count literals.
  template <std::size_t Count>
  std::array<Literal, Count> read_literals(char const* kind, std::size_t k, std::size_t of) {
    auto const name = [&] { return detail::message({kind, " ", k, " of ", of}); };
    std::size_t const start = at_;
    if (start >= data_.size()) fail_here(start, "the file ends before " + name());
    auto line = take_line(name());
    std::array<Literal, Count> literals{};
    for (auto& literal : literals) {
      auto const word = take_word(line);
      if (word.empty())
        fail_here(start, detail::message({name(), " needs ", Count, " literals in its line"}));
      if (!parse_natural(word, literal) || literal > 2 * variables_ + 1)
        fail_here(start, detail::message({name(), ": ", in_quotes(word), " is not a literal 0..",
                                          2 * variables_ + 1}));
    }
    if (!take_word(line).empty())
      fail_here(start,
                detail::message({name(), " has more than ", Count, " literals in its line"}));
    return literals;
  }

  void add_fan_ins(GraphDescription& graph, int gate, int first, int second) const {
    if (first >= 0) graph.add_dependence(first, gate);
    if (second >= 0 && second != first) graph.add_dependence(second, gate);
  }

  /// The literal of gate k is implied; its fan-ins are two differences of 7 bits a byte.
  void read_binary_gates(GraphDescription& graph) {
    for (std::size_t k = 0; k < gates_; ++k) {
      std::size_t const start = at_;
      Literal const literal = 2 * (inputs_ + 1 + k);
      Literal const down = read_difference(k);
      Literal const further = read_difference(k);
      if (down == 0 || down + further > literal)
        fail_at_byte(options_.source, start,
                     detail::message({"AND gate ", k, " of ", gates_, ": the differences ", down,
                                      " and ", further, " do not lead from its literal ", literal,
                                      " to smaller ones"}));
      auto const operation = [](Literal x) { return static_cast<int>(x / 2) - 1; };
      add_fan_ins(graph, static_cast<int>(inputs_ + k), operation(literal - down),
                  operation(literal - down - further));
    }
  }

  Literal read_difference(std::size_t gate) {
    Literal value = 0;
    for (int shift = 0;; shift += 7) {
      if (at_ >= data_.size() || shift > 28)
        fail_at_byte(options_.source, at_,
                     detail::message({(shift > 28 ? "a number of more than 5 bytes in AND gate "
                                                  : "the file ends within AND gate "),
                                      gate, " of ", gates_}));
      auto const byte = static_cast<unsigned char>(data_[at_++]);
      value |= static_cast<Literal>(byte & 0x7fU) << shift;
      if (byte < 0x80) return value;
    }
  }

  /// Records that a literal of an ASCII file is the operation of that number.
  void define(Literal literal, std::size_t operation, std::size_t at, char const* kind) {
    if (literal < 2 || literal % 2 == 1)
      fail_here(at, detail::message(
                        {std::string(kind), " ", literal, " is not a positive even literal"}));
    defined_.emplace_back(literal / 2, static_cast<int>(operation));
  }

  void read_inputs() {
    defined_.reserve(inputs_ + gates_);
    for (std::size_t k = 0; k < inputs_; ++k) {
      std::size_t const start = at_;
      define(read_literals<1>("input", k, inputs_)[0], k, start, "the input");
    }
  }

  /// Gates may read what later lines define: fan-ins are resolved when all are known.
  void read_ascii_gates(GraphDescription& graph) {
    struct Gate {
      Literal first;
      Literal second;
      std::size_t at;
    };
    std::vector<Gate> gates;
    gates.reserve(gates_);
    for (std::size_t k = 0; k < gates_; ++k) {
      std::size_t const start = at_;
      auto const [literal, first, second] = read_literals<3>("AND gate", k, gates_);
      define(literal, inputs_ + k, start, "the AND gate");
      gates.push_back({first, second, start});
    }
    std::sort(defined_.begin(), defined_.end());
    for (std::size_t k = 1; k < defined_.size(); ++k)
      if (defined_[k - 1].first == defined_[k].first)
        fail(options_.source,
             detail::message({"literal ", 2 * defined_[k].first, " is defined twice, as ",
                              call(defined_[k - 1].second), " and as ", call(defined_[k].second)}));
    for (std::size_t k = 0; k < gates_; ++k)
      add_fan_ins(graph, static_cast<int>(inputs_ + k), find(gates[k].first, gates[k].at),
                  find(gates[k].second, gates[k].at));
  }

  [[nodiscard]] int find(Literal literal, std::size_t at) const {
    if (literal < 2) return -1;
    auto const place = std::lower_bound(defined_.begin(), defined_.end(),
                                        std::pair(literal / 2, std::numeric_limits<int>::min()));
    if (place == defined_.end() || place->first != literal / 2)
      fail_here(at, detail::message({"literal ", literal, " is neither an input nor an AND gate"}));
    return place->second;
  }

  [[nodiscard]] std::string call(int operation) const {
    auto const k = static_cast<std::size_t>(operation);
    return k < inputs_ ? detail::message({"input ", k})
                       : detail::message({"AND gate ", k - inputs_});
  }

  /// "i0 name" lines, then perhaps "c" and a comment up to the end. Only inputs are operations.
  void read_symbols(GraphDescription& graph) {
    while (at_ < data_.size()) {
      std::size_t const start = at_;
      auto const end = std::min(data_.find('\n', at_), data_.size());
      auto line = data_.substr(at_, end - at_);
      at_ = end + 1;
      if (line.ends_with('\r')) line.remove_suffix(1);
      auto const space = std::min(line.find(' '), line.size());
      auto const digits = space < 2 ? std::string_view{} : line.substr(1, space - 1);
      char const kind = line.empty() ? '\0' : line.front();
      std::size_t index = 0;
      bool const numbered = parse_natural(digits, index);
      if (kind == 'c' && !numbered) return;
      std::size_t const count = kind == 'i'   ? inputs_
                                : kind == 'o' ? outputs_
                                : kind == 'b' ? bad_
                                : kind == 'c' ? properties_ - bad_
                                              : 0;
      auto const name = line.substr(std::min(space + 1, line.size()));
      if (!numbered || index >= count || name.empty())
        fail_here(start,
                  detail::message({in_quotes(line), " is no symbol of this circuit (", inputs_,
                                   " inputs, ", outputs_, " outputs) and no comment"}));
      if (kind != 'i') continue;
      if (graph.names.empty()) graph.names.resize(inputs_);
      if (!graph.names[index].empty())
        fail_here(start,
                  detail::message({"input ", index, " has two names, ",
                                   in_quotes(graph.names[index]), " and ", in_quotes(name)}));
      graph.names[index] = name;
    }
  }

  std::string_view data_;
  ReadOptions const& options_;
  std::size_t at_ = 0;
  bool binary_ = false;
  std::size_t variables_ = 0, inputs_ = 0, outputs_ = 0, gates_ = 0, properties_ = 0, bad_ = 0;
  std::vector<std::pair<Literal, int>> defined_;  ///< ASCII: variable, operation
};

}  // namespace detail

/// Reads a combinational AIGER circuit, binary or ASCII. Throws InvalidInput.
inline GraphDescription read_aiger(std::istream& stream, ReadOptions const& options = {}) {
  std::string const data = detail::read_all(stream, options);
  return detail::checked(detail::AigerReader(data, options).read(), options.source);
}

}  // namespace gaus

#endif
