// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_VERSION_HPP
#define GAUS_VERSION_HPP

// The one place where the version is written: CMake reads it from here.
#define GAUS_VERSION_MAJOR 0
#define GAUS_VERSION_MINOR 1
#define GAUS_VERSION_PATCH 0
#define GAUS_VERSION_STRING "0.1.0"

#endif
