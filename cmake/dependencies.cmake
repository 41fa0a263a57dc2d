# Every dependency comes from where it is found first:
#   1. a target of the parent project
#   2. find_package(): installed, in a prefix that the user names, or unpacked by setup.sh
#   3. FetchContent: the pinned release, or -DFETCHCONTENT_SOURCE_DIR_<NAME>=<folder>
include(FetchContent)

set(GAUS_KOKKOS_URL "https://github.com/kokkos/kokkos/archive/refs/tags/5.2.2.tar.gz"
    CACHE STRING "Sources of Kokkos, where it is not installed")
mark_as_advanced(GAUS_KOKKOS_URL)

# What is fetched keeps its tests and, but for what gaus' own package needs, its install rules to
# itself. (Its option() calls shall heed plain variables, even where they ask for older policies.)
set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)
set(BENCHMARK_ENABLE_TESTING OFF)
set(BENCHMARK_ENABLE_INSTALL OFF)
set(BENCHMARK_ENABLE_WERROR OFF)
set(DOCTEST_NO_INSTALL ON)
set(JSON_Install ${GAUS_INSTALL})
set(PUGIXML_INSTALL ${GAUS_INSTALL})

# SYSTEM: the warnings of their headers are not ours. It has to come first.
FetchContent_Declare(Kokkos SYSTEM URL ${GAUS_KOKKOS_URL} FIND_PACKAGE_ARGS 4.6 CONFIG)
FetchContent_Declare(nlohmann_json SYSTEM
  URL https://github.com/nlohmann/json/archive/refs/tags/v3.11.3.tar.gz
  FIND_PACKAGE_ARGS 3.9 CONFIG)
FetchContent_Declare(pugixml SYSTEM
  URL https://github.com/zeux/pugixml/archive/refs/tags/v1.14.tar.gz
  FIND_PACKAGE_ARGS 1.11 CONFIG)
FetchContent_Declare(CLI11 SYSTEM
  URL https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.4.2.tar.gz
  FIND_PACKAGE_ARGS 2.1 CONFIG)
FetchContent_Declare(doctest SYSTEM
  URL https://github.com/doctest/doctest/archive/refs/tags/v2.4.12.tar.gz
  FIND_PACKAGE_ARGS 2.4.6 CONFIG)
FetchContent_Declare(benchmark SYSTEM
  URL https://github.com/google/benchmark/archive/refs/tags/v1.9.1.tar.gz
  FIND_PACKAGE_ARGS 1.6 CONFIG)

# Called where it is needed, so that nothing is looked for in vain: a consumer sees Kokkos alone.
macro(gaus_depend_on name target)
  if(NOT TARGET ${target})
    FetchContent_MakeAvailable(${name})
  endif()
endmacro()
