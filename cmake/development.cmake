# What gaus' own executables are built with. No consumer sees any of it.
enable_testing()
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON) # clang-tidy and tests/compile_only.cmake read them

add_library(gaus_dev INTERFACE)
target_link_libraries(gaus_dev INTERFACE gaus::gaus)
target_compile_options(gaus_dev INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror)
if(NOT Kokkos_ENABLE_CUDA OR CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(gaus_dev INTERFACE -Wpedantic) # nvcc's own output is not pedantic
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC bug 105651: false alarms on "literal" + std::string, in the standard library's own code.
  target_compile_options(gaus_dev INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
endif()

# Environment of the tests: threads that wait asleep do not starve each other on a busy machine.
set(quiet_threads "OMP_PROC_BIND=false;OMP_WAIT_POLICY=passive")

if(GAUS_BUILD_TESTS)
  gaus_depend_on(doctest doctest::doctest)
  add_subdirectory(tests)
endif()
if(GAUS_BUILD_BENCH)
  gaus_depend_on(benchmark benchmark::benchmark)
  add_subdirectory(bench)
endif()
if(GAUS_BUILD_EXAMPLES)
  gaus_depend_on(CLI11 CLI11::CLI11)
  add_subdirectory(examples)
endif()
