// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_GZIP_HPP
#define GAUS_SCHEDULE_GZIP_HPP

#include <gaus/io/file.hpp>
#include <gaus/io/reader.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <string>

extern char** environ;

namespace gaus_schedule {

namespace detail {

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor const&) = delete;
  Descriptor& operator=(Descriptor const&) = delete;
  ~Descriptor() { close(); }
  [[nodiscard]] int number() const { return number_; }
  void set(int number) {
    close();
    number_ = number;
  }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

/// A pipe that no other process inherits.
struct Pipe {
  Descriptor from;
  Descriptor to;
  explicit Pipe(std::string const& source) {
    int ends[2];
    if (::pipe(ends) != 0) gaus::detail::fail(source, "no pipe: " + gaus::detail::reason(errno));
    from.set(ends[0]);
    to.set(ends[1]);
    for (int const end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  }
};

/// Reads up to the end, or one byte more than the limit.
inline std::string read_descriptor(int number, std::size_t limit) {
  std::string data;
  std::string chunk(std::size_t{1} << 16, '\0');
  while (data.size() <= limit) {
    auto const got = ::read(number, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    data.append(chunk, 0, static_cast<std::size_t>(got));
  }
  return data;
}

}  // namespace detail

/// The content of a .gz file, by the program gzip: no shell, and no dependency for one format.
/// Throws gaus::InvalidInput.
inline std::string unpack_gzip(std::string const& path, std::size_t max_bytes) {
  detail::Descriptor input(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (input.number() < 0)
    gaus::detail::fail(path, "cannot be opened: " + gaus::detail::reason(errno));
  detail::Pipe out(path);
  detail::Pipe complaint(path);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.number(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.to.number(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, complaint.to.number(), STDERR_FILENO);
  char program[] = "gzip";
  char flags[] = "-dc";
  char* const arguments[] = {program, flags, nullptr};
  pid_t child = 0;
  int const error = ::posix_spawnp(&child, program, &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    gaus::detail::fail(
        path, "the program gzip, which unpacks it, cannot be run: " + gaus::detail::reason(error));
  out.to.close();
  complaint.to.close();
  std::string data = detail::read_descriptor(out.from.number(), max_bytes);
  bool const too_long = data.size() > max_bytes;
  if (too_long) ::kill(child, SIGKILL);
  std::string said = detail::read_descriptor(complaint.from.number(), 1000);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (too_long)
    gaus::detail::fail(path, "unpacked it has more than " + std::to_string(max_bytes) + " bytes");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    said.erase(std::find_if(said.rbegin(), said.rend(), [](char c) { return c != '\n'; }).base(),
               said.end());
    auto const first = said.find_first_not_of('\n');
    gaus::detail::fail(path, "cannot be unpacked: " +
                                 (first == std::string::npos
                                      ? "gzip ends with " + std::to_string(WEXITSTATUS(status))
                                      : said.substr(first)));
  }
  return data;
}

}  // namespace gaus_schedule

#endif
