// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_MESSAGE_HPP
#define GAUS_DETAIL_MESSAGE_HPP

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

// Messages put together from texts and numbers by one function that is never inlined. Chains of
// std::string's operator+ are among the costliest things to compile, and would lie in the way of the
// loops that they interrupt once in a lifetime.
namespace gaus::detail {

/// A text or a number of a message; refers to the text.
class MessagePart {
 public:
  MessagePart(char const* text) : kind_(Kind::text), text_(text) {}
  MessagePart(std::string const& text) : kind_(Kind::text), text_(text) {}
  MessagePart(std::string_view text) : kind_(Kind::text), text_(text) {}
  MessagePart(char letter) : kind_(Kind::letter), letter_(letter) {}
  template <std::integral Number>
  MessagePart(Number number) : kind_(Kind::whole), whole_(static_cast<long long>(number)) {}
  MessagePart(double number) : kind_(Kind::real), real_(number) {}

  void append_to(std::string& all) const {
    if (kind_ == Kind::text)
      all += text_;
    else if (kind_ == Kind::letter)
      all += letter_;
    else
      all += kind_ == Kind::whole ? std::to_string(whole_) : std::to_string(real_);
  }

 private:
  enum class Kind { text, letter, whole, real };
  Kind kind_;
  union {
    std::string_view text_;
    char letter_;
    long long whole_;
    double real_;
  };
};

[[gnu::cold, gnu::noinline]] inline std::string join_parts(MessagePart const* parts,
                                                           std::size_t count) {
  std::string all;
  for (std::size_t k = 0; k < count; ++k) parts[k].append_to(all);
  return all;
}

/// The parts one after the other; numbers as std::to_string() writes them. (An array of them, as
/// nvcc garbles some initializer lists in templates.)
template <std::size_t N>
std::string message(MessagePart const (&parts)[N]) {
  return join_parts(parts, N);
}

/// The texts call(0) .. call(count - 1) with a separator between; of a long list the first and the
/// last ones, and how many more there are.
template <class Call>
std::string cut_list(std::size_t count, Call const& call, char const* separator) {
  constexpr std::size_t ends = 4;
  std::string all;
  for (std::size_t k = 0; k < count; ++k) {
    if (k > 0) all += separator;
    if (count > 2 * ends + 1 && k == ends) {
      all += message({"... ", count - 2 * ends, " more ...", separator});
      k = count - ends;
    }
    all += call(k);
  }
  return all;
}

}  // namespace gaus::detail

#endif
