// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTS_SUPPORT_READING_HPP
#define GAUS_TESTS_SUPPORT_READING_HPP

#include <gaus/error.hpp>

#include <doctest/doctest.h>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

// What the tests of all readers ask: which line does a bad text give, what becomes of every prefix
// of a good one, and does any change of a few bytes end in something else than a result or a line.
namespace gaus_test {

/// The message with which read(std::istream&) refuses a text; empty when it accepts.
template <class Read>
std::string error_of(Read const& read, std::string const& text) {
  std::istringstream stream(text);
  try {
    read(stream);
    return {};
  } catch (gaus::InvalidInput const& error) {
    std::string const message = error.what();
    CHECK(message.starts_with("input: "));
    CHECK(message.size() > 10);
    CHECK(message.size() < 1000);
    CHECK(message.find('\n') == std::string::npos);
    return message;
  }
}

inline bool contains(std::string const& text, std::string const& part) {
  bool const found = text.find(part) != std::string::npos;
  if (!found) MESSAGE("no \"" << part << "\" in \"" << text << "\"");
  return found;
}

/// Tags that open and close in order, attributes in quotes: what a picture must be.
inline bool well_formed(std::string const& text) {
  std::vector<std::string> open;
  for (std::size_t k = 0; (k = text.find('<', k)) != std::string::npos; ++k) {
    std::size_t const end = text.find('>', k);
    if (end == std::string::npos) return false;
    std::string const tag = text.substr(k + 1, end - k - 1);
    if (tag.find('<') != std::string::npos) return false;
    std::size_t quotes = 0;
    for (char const c : tag) quotes += c == '"' ? 1 : 0;
    if (quotes % 2 != 0) return false;
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) return false;
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.push_back(tag.substr(0, tag.find(' ')));
    }
  }
  return open.empty();
}

/// The lengths at which a text may be cut and still be read.
template <class Read>
std::vector<std::size_t> accepted_prefixes(Read const& read, std::string const& text) {
  std::vector<std::size_t> accepted;
  for (std::size_t size = 0; size < text.size(); ++size)
    if (error_of(read, text.substr(0, size)).empty()) accepted.push_back(size);
  return accepted;
}

/// Reads many texts that differ from a good one in a few bytes. Passing is coming back.
template <class Read>
int accepted_mutations(Read const& read, std::string const& text, int rounds, unsigned seed) {
  std::mt19937 random(seed);
  auto const below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  int accepted = 0;
  for (int round = 0; round < rounds; ++round) {
    std::string changed = text;
    for (std::size_t k = 0, n = 1 + below(4); k < n && !changed.empty(); ++k) {
      std::size_t const at = below(changed.size());
      std::size_t const length = 1 + below(8);
      switch (below(5)) {
        case 0:
          changed[at] = static_cast<char>(random() & 0xff);
          break;
        case 1:
          changed[at] = "0123456789-+.eE[]{}\",: \n"[below(24)];
          break;
        case 2:
          changed.erase(at, length);
          break;
        case 3:
          changed.insert(at, changed.substr(below(changed.size()), length));
          break;
        default:
          changed.insert(at, length, changed[at]);
          break;
      }
    }
    accepted += error_of(read, changed).empty() ? 1 : 0;
  }
  return accepted;
}

/// The folder of real instances that GAUS_BENCHMARK_DATA names, if it is there.
inline std::optional<std::filesystem::path> benchmark_data() {
  char const* const folder = std::getenv("GAUS_BENCHMARK_DATA");
  if (folder != nullptr && std::filesystem::is_directory(folder)) return folder;
  MESSAGE("GAUS_BENCHMARK_DATA names no folder: real instances are not read");
  return {};
}

}  // namespace gaus_test

#endif
