# What the consumer projects have in common: warnings of their own, also for the headers of gaus where
# those are no system headers, and a check of what linking gaus does to the command of the compiler.
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(consumer_options -Wall -Wextra -Wconversion -Wshadow -Wpedantic -Werror -fno-rtti)
if(Kokkos_ENABLE_CUDA AND NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  set(consumer_options -Wall -Wextra) # for nvcc: its own output is not clean, and Kokkos needs typeid
endif()

# Targets that find_package() made for gaus are not seen from the folder above it.
foreach(package Kokkos nlohmann_json pugixml)
  string(TOLOWER ${package} target)
  if(NOT TARGET ${package}::${target} AND DEFINED ${package}_DIR)
    find_package(${package} REQUIRED CONFIG)
  endif()
endforeach()
find_package(Threads REQUIRED)

# add_consumer(SOURCES SOURCE... TARGETS TARGET... DEPENDS TARGET...): the executable "consumer"; and
# "bare", which is never built, with the same options and what gaus depends on in place of gaus.
function(add_consumer)
  cmake_parse_arguments(PARSE_ARGV 0 own "" "" "TARGETS;SOURCES;DEPENDS")
  add_executable(consumer ${own_SOURCES})
  target_compile_options(consumer PRIVATE ${consumer_options})
  target_link_libraries(consumer PRIVATE ${own_TARGETS})

  set(bare ${CMAKE_CURRENT_BINARY_DIR}/bare.cpp)
  file(CONFIGURE OUTPUT ${bare} CONTENT "")
  add_library(bare OBJECT EXCLUDE_FROM_ALL ${bare})
  target_compile_options(bare PRIVATE ${consumer_options})
  target_link_libraries(bare PRIVATE ${own_DEPENDS})

  add_custom_command(TARGET consumer POST_BUILD
    COMMAND ${CMAKE_COMMAND} -D COMMANDS=${CMAKE_BINARY_DIR}/compile_commands.json
            -D "STANDARD=${CMAKE_CXX_STANDARD}" -D BARE=${bare}
            -D "INCLUDES=$<TARGET_PROPERTY:gaus::gaus,INTERFACE_INCLUDE_DIRECTORIES>"
            -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/check_flags.cmake
    VERBATIM)

  # Every public header, but those of the components that the project did not ask for.
  get_target_property(folder gaus::gaus INTERFACE_INCLUDE_DIRECTORIES)
  string(REGEX REPLACE "^\\$<BUILD_INTERFACE:(.*)>$" "\\1" folder "${folder}")
  file(GLOB_RECURSE headers RELATIVE ${folder} ${folder}/gaus/*.hpp)
  list(FILTER headers EXCLUDE REGEX "^gaus/detail/")
  if(NOT TARGET gaus::json)
    list(FILTER headers EXCLUDE REGEX "json")
  endif()
  if(NOT TARGET gaus::graphml)
    list(FILTER headers EXCLUDE REGEX "graphml")
  endif()
  list(TRANSFORM headers REPLACE "(.+)" "#include <\\1>")
  list(JOIN headers "\n" text)
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/every_header.hpp CONTENT "${text}\n")
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/second.cpp CONTENT "#include <every_header.hpp>\n")
  foreach(target consumer bare)
    target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
  endforeach()
endfunction()
