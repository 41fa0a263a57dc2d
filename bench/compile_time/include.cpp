// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// All headers, nothing used.
#include <gaus/gaus.hpp>
