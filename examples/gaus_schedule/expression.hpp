// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_EXPRESSION_HPP
#define GAUS_SCHEDULE_EXPRESSION_HPP

#include <gaus/error.hpp>
#include <gaus/io/reader.hpp>
#include <gaus/schedule/cost.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What --minimize says: a linear combination of costs.
//
//   sum     = product { ("+" | "-") product }
//   product = atom { ("*" | "/") atom }
//   atom    = ("+" | "-") atom | "(" sum ")" | number | term
//   term    = name [ "[" class "]" ]
namespace gaus_schedule {

/// A cost that a term may name.
enum class Cost { usage, memory, lifetime, communication, makespan };

/// One cost of an expression with its weight.
struct Term {
  Cost cost = Cost::usage;
  int resource = -1;  ///< usage of one class
  std::string name;   ///< canonical: "usage[MUL]"
  double weight = 0;
};

/// A parsed expression: the sum of its terms and a constant.
struct Expression {
  std::string text;  ///< as it was written
  std::vector<Term> terms;
  double constant = 0;
};

/// Rounds what differs from an integer by rounding errors alone: decimal weights and sizes have no
/// exact binary form, and 0.1 * 30 shall be 3.
inline double settle(double x) {
  double const whole = std::round(x);
  return std::abs(x - whole) <= 1e-12 * std::max(1.0, std::abs(x)) ? whole : x;
}

/// A number with all its digits.
inline std::string exact_text(double x) {
  char text[64];
  bool const whole = x == std::floor(x) && std::abs(x) < 1e15;
  auto const end = text + sizeof text;
  return {text, (whole ? std::to_chars(text, end, static_cast<long long>(x))
                       : std::to_chars(text, end, x))
                    .ptr};
}

/// A number for people: integers in full, others with six digits.
inline std::string number_text(double x) {
  if (x == std::floor(x)) return exact_text(x);
  char text[64];
  return {text, std::to_chars(text, text + sizeof text, x, std::chars_format::general, 6).ptr};
}

/// Names, parted by a separator; a long list is cut.
inline std::string list_text(std::vector<std::string> const& names, char const* separator) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t k = 0; k < std::min(names.size(), most); ++k)
    text += (k > 0 ? separator : "") + names[k];
  if (names.size() > most) text += separator + std::string("...");
  return text.empty() ? "none" : text;
}

namespace detail {

/// Recursive descent over the grammar above. Columns in messages count from 1.
class ExpressionParser {
 public:
  ExpressionParser(std::string_view text, std::vector<std::string> const& classes)
      : text_(text), classes_(classes) {}

  Expression parse() {
    Linear const sum = parse_sum();
    if (peek() != '\0') fail_unexpected();
    Expression expression{std::string(trimmed(text_)), std::move(terms_), sum.constant};
    if (!std::isfinite(sum.constant)) fail("is not finite");
    for (std::size_t k = 0; k < expression.terms.size(); ++k) {
      auto& term = expression.terms[k];
      term.weight = weight(sum, k);
      if (!std::isfinite(term.weight)) fail("the weight of " + term.name + " is not finite");
    }
    return expression;
  }

 private:
  /// Weights by number of the term; those beyond the end are 0.
  struct Linear {
    std::vector<double> weights;
    double constant = 0;
  };

  static double weight(Linear const& x, std::size_t k) {
    return k < x.weights.size() ? x.weights[k] : 0;
  }
  static bool is_constant(Linear const& x) {
    return std::all_of(x.weights.begin(), x.weights.end(), [](double w) { return w == 0; });
  }
  static void add(Linear& x, Linear const& y, double factor) {
    x.weights.resize(std::max(x.weights.size(), y.weights.size()), 0.0);
    for (std::size_t k = 0; k < y.weights.size(); ++k) x.weights[k] += factor * y.weights[k];
    x.constant += factor * y.constant;
  }
  template <class Change>
  static void change(Linear& x, Change const& how) {
    for (double& w : x.weights) w = how(w);
    x.constant = how(x.constant);
  }
  static std::string_view trimmed(std::string_view text) {
    auto const first = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    text.remove_prefix(first);
    return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  }

  [[noreturn]] void fail(std::string const& what) const {
    gaus::detail::fail("objective " + gaus::detail::in_quotes(text_), what);
  }
  [[noreturn]] void fail_at(std::size_t at, std::string const& what) const {
    fail(what + " at column " + std::to_string(at + 1));
  }
  [[noreturn]] void fail_unexpected() const {
    if (at_ == text_.size()) fail("unexpected end");
    fail_at(at_, "unexpected " + gaus::detail::in_quotes(text_.substr(at_, 1)));
  }

  /// The next character that is no space; '\0' at the end.
  char peek() {
    at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  Linear parse_sum() {
    Linear sum = parse_product();
    for (char c = peek(); c == '+' || c == '-'; c = peek()) {
      ++at_;
      add(sum, parse_product(), c == '+' ? 1 : -1);
    }
    return sum;
  }

  Linear parse_product() {
    Linear product = parse_atom();
    for (char c = peek(); c == '*' || c == '/'; c = peek()) {
      std::size_t const place = at_++;
      Linear factor = parse_atom();
      if (c == '/') {
        if (!is_constant(factor)) fail_at(place, "cannot be minimised: division by a term");
        if (factor.constant == 0) fail_at(place, "division by zero");
        change(product, [&](double w) { return w / factor.constant; });
      } else {
        if (!is_constant(product) && !is_constant(factor))
          fail_at(place, "cannot be minimised: product of two terms");
        if (is_constant(product)) std::swap(product, factor);
        change(product, [&](double w) { return w * factor.constant; });
      }
    }
    return product;
  }

  Linear parse_atom() {
    constexpr int deepest = 200;  // the text may come from a file: it shall not exhaust the stack
    char const c = peek();
    if (c == '+' || c == '-' || c == '(') {
      if (++depth_ > deepest) fail_at(at_, "nested too deeply");
      ++at_;
      Linear inner = c == '(' ? parse_sum() : parse_atom();
      if (c == '-') change(inner, [](double w) { return -w; });
      if (c == '(') {
        if (peek() != ')') fail_unexpected();
        ++at_;
      }
      --depth_;
      return inner;
    }
    if ((c >= '0' && c <= '9') || c == '.') return parse_number();
    if (is_letter(c)) return parse_term();
    fail_unexpected();
  }

  Linear parse_number() {
    Linear number;
    auto const [end, error] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), number.constant);
    if (error == std::errc::invalid_argument) fail_unexpected();
    if (error != std::errc{}) fail_at(at_, "a number out of range");
    at_ = static_cast<std::size_t>(end - text_.data());
    return number;
  }

  static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  Linear parse_term() {
    std::size_t const first = at_;
    while (at_ < text_.size() &&
           (is_letter(text_[at_]) || (text_[at_] >= '0' && text_[at_] <= '9')))
      ++at_;
    std::string const name(text_.substr(first, at_ - first));
    static constexpr std::pair<char const*, Cost> names[] = {
        {"usage", Cost::usage},       {"peak_usage", Cost::usage},
        {"memory", Cost::memory},     {"memory_footprint", Cost::memory},
        {"lifetime", Cost::lifetime}, {"total_lifetime", Cost::lifetime},
        {"makespan", Cost::makespan}, {"communication", Cost::communication}};
    static constexpr char const* canonical[] = {"usage", "memory", "lifetime", "communication",
                                                "makespan"};
    auto const* const known = std::find_if(std::begin(names), std::end(names),
                                           [&](auto const& n) { return n.first == name; });
    if (known == std::end(names))
      fail("unknown term " + gaus::detail::in_quotes(name) + " at column " +
           std::to_string(first + 1) +
           " (known: usage usage[CLASS] memory lifetime communication makespan)");
    Term term{known->second, -1, canonical[static_cast<std::size_t>(known->second)], 0};
    if (peek() == '[') parse_class(term, first);
    auto const same = [&](Term const& t) { return t.name == term.name; };
    auto const place =
        static_cast<std::size_t>(std::find_if(terms_.begin(), terms_.end(), same) - terms_.begin());
    if (place == terms_.size()) terms_.push_back(term);
    Linear one;
    one.weights.assign(place + 1, 0.0);
    one.weights.back() = 1;
    return one;
  }

  void parse_class(Term& term, std::size_t first) {
    auto const end = text_.find(']', at_);
    if (end == std::string_view::npos) fail_at(at_, "\"[\" without \"]\"");
    std::string const name(trimmed(text_.substr(at_ + 1, end - at_ - 1)));
    if (term.cost != Cost::usage) fail_at(first, "only usage takes a class, not " + term.name);
    auto const place = std::find(classes_.begin(), classes_.end(), name);
    if (place == classes_.end())
      fail("unknown class " + gaus::detail::in_quotes(name) + " at column " +
           std::to_string(at_ + 2) + " (known: " + list_text(classes_, ", ") + ")");
    term.resource = static_cast<int>(place - classes_.begin());
    term.name += "[" + name + "]";
    at_ = end + 1;
  }

  std::string_view text_;
  std::vector<std::string> const& classes_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::vector<Term> terms_;
};

}  // namespace detail

/// Parses an expression over the costs and the classes of a graph. Throws gaus::InvalidInput with
/// the column.
inline Expression parse_expression(std::string const& text,
                                   std::vector<std::string> const& classes) {
  return detail::ExpressionParser(text, classes).parse();
}

/// Throws gaus::InvalidInput unless some weight is positive and none is negative.
inline void check_minimisable(Expression const& expression) {
  std::string const what = "objective " + gaus::detail::in_quotes(expression.text);
  double total = 0;
  for (auto const& term : expression.terms) {
    total += term.weight;
    if (term.weight < 0)
      gaus::detail::fail(what, "cannot be minimised: the weight of " + term.name + " is " +
                                   number_text(term.weight) + ", which is negative");
  }
  if (!(total > 0)) gaus::detail::fail(what, "cannot be minimised: no term has a weight above 0");
}

/// Value of one term, without its weight.
inline double value_of(Term const& term, gaus::Costs const& costs) {
  switch (term.cost) {
    case Cost::usage:
      return settle(term.resource < 0 ? costs.usage
                                      : costs.usage_of[static_cast<std::size_t>(term.resource)]);
    case Cost::memory:
      return settle(costs.memory);
    case Cost::lifetime:
      return settle(costs.lifetime);
    case Cost::communication:
      return settle(costs.communication);
    case Cost::makespan:
      break;
  }
  return costs.makespan;
}

/// Value of an expression, the constant included.
inline double value_of(Expression const& expression, gaus::Costs const& costs) {
  double value = expression.constant;
  for (auto const& term : expression.terms) value += term.weight * value_of(term, costs);
  return settle(value);
}

}  // namespace gaus_schedule

#endif
