// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTS_SUPPORT_KNOWN_HPP
#define GAUS_TESTS_SUPPORT_KNOWN_HPP

#include <doctest/doctest.h>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

// What the list of a folder of real instances (files.csv) says about its graphs.
namespace gaus_test {

struct KnownFile {
  std::filesystem::path path;
  std::size_t operations = 0;
  std::size_t dependences = 0;
  std::optional<int> res_mii{};
  std::optional<int> rec_mii{};
};

/// The graphs whose path begins with one of the prefixes; none, with a message, without a list.
inline std::vector<KnownFile> known_files(std::filesystem::path const& folder,
                                          std::vector<std::string> const& prefixes) {
  std::vector<KnownFile> all;
  std::ifstream list(folder / "files.csv");
  if (!list) MESSAGE("no files.csv: nothing is known of the real instances");
  for (std::string line; std::getline(list, line);) {
    // file,family,V,E,...: no commas in these; the last field repeats figures as JSON
    std::vector<std::string> fields;
    for (std::size_t begin = 0; fields.size() < 4 && begin <= line.size();) {
      auto const end = std::min(line.find(',', begin), line.size());
      fields.push_back(line.substr(begin, end - begin));
      begin = end + 1;
    }
    if (fields.size() < 4 || fields[2].empty() || fields[2] == "V") continue;
    bool wanted = false;
    for (auto const& prefix : prefixes) wanted = wanted || fields[0].starts_with(prefix);
    if (!wanted) continue;
    auto const figure = [&](std::string const& name) -> std::optional<int> {
      std::string const key = "\"\"" + name + "\"\": ";
      auto const place = line.find(key);
      if (place == std::string::npos) return {};
      return std::stoi(line.substr(place + key.size()));
    };
    all.push_back({folder / fields[0], std::stoul(fields[2]), std::stoul(fields[3]),
                   figure("ResMII"), figure("RecMII")});
  }
  return all;
}

}  // namespace gaus_test

#endif
