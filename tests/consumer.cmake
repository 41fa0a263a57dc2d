# Projects of somebody else, with the compiler and the dependences of this build and nothing else of
# it: gaus by FetchContent, by add_subdirectory with its components, and as an installed package.
set(given -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER} -DCMAKE_BUILD_TYPE=Debug
          -DCMAKE_CXX_FLAGS=${CMAKE_CXX_FLAGS})
foreach(name Kokkos nlohmann_json pugixml) # found, or fetched and then installed together with gaus
  string(TOLOWER ${name} fetched)
  if(NOT ${fetched}_SOURCE_DIR)
    list(APPEND given -D${name}_DIR=${${name}_DIR})
  endif()
endforeach()

function(add_consumer_test kind)
  set(build ${CMAKE_CURRENT_BINARY_DIR}/consumer/${kind})
  file(REMOVE_RECURSE ${build}) # what it found last time is no guide
  add_test(NAME consumer/${kind}
    COMMAND ${CMAKE_CTEST_COMMAND} --build-and-test ${CMAKE_CURRENT_SOURCE_DIR}/consumer/${kind} ${build}
            --build-generator ${CMAKE_GENERATOR} --build-options ${given} ${ARGN}
            --test-command ${build}/consumer)
  set_tests_properties(consumer/${kind} PROPERTIES ENVIRONMENT "${quiet_threads}")
endfunction()

add_consumer_test(subproject -DFETCHCONTENT_SOURCE_DIR_GAUS=${PROJECT_SOURCE_DIR}
                  -DFETCHCONTENT_SOURCE_DIR_KOKKOS=${kokkos_SOURCE_DIR})
add_consumer_test(directory -DGAUS_FOLDER=${PROJECT_SOURCE_DIR} -DKOKKOS_FOLDER=${kokkos_SOURCE_DIR}
                  -DFETCHCONTENT_SOURCE_DIR_NLOHMANN_JSON=${nlohmann_json_SOURCE_DIR}
                  -DFETCHCONTENT_SOURCE_DIR_PUGIXML=${pugixml_SOURCE_DIR})
if(GAUS_INSTALL)
  set(prefix ${CMAKE_CURRENT_BINARY_DIR}/consumer/prefix)
  add_test(NAME consumer/install
           COMMAND ${CMAKE_COMMAND} -D BUILD=${PROJECT_BINARY_DIR} -D SOURCE=${PROJECT_SOURCE_DIR}
                   -D PREFIX=${prefix} -P ${CMAKE_CURRENT_SOURCE_DIR}/consumer/install.cmake)
  add_consumer_test(package -DCMAKE_PREFIX_PATH=${prefix})
  set_tests_properties(consumer/install PROPERTIES FIXTURES_SETUP installed)
  set_tests_properties(consumer/package PROPERTIES FIXTURES_REQUIRED installed)
endif()

# The other compiler, in both standards, which warns of other things: its verdict on the same program.
if(Kokkos_ENABLE_CUDA OR Kokkos_ENABLE_HIP)
  return() # their headers take one compiler
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  find_program(GAUS_OTHER_COMPILER NAMES clang++ clang++-14)
else()
  find_program(GAUS_OTHER_COMPILER NAMES g++)
endif()
mark_as_advanced(GAUS_OTHER_COMPILER)
list(TRANSFORM gaus_headers REPLACE "^${PROJECT_SOURCE_DIR}/include/(.+)" "#include <\\1>"
     OUTPUT_VARIABLE lines)
list(FILTER lines EXCLUDE REGEX "/detail/")
list(JOIN lines "\n" text)
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/consumer/every_header.hpp CONTENT "${text}\n")
foreach(standard 20 2b) # 2b: as Clang 14 calls C++23
  if(GAUS_OTHER_COMPILER)
    add_test(NAME consumer/other_compiler/${standard}
      COMMAND ${GAUS_OTHER_COMPILER} -std=c++${standard} -fsyntax-only -fno-rtti
              -Wall -Wextra -Wconversion -Wshadow -Wpedantic -Werror
              $<$<BOOL:${Kokkos_ENABLE_OPENMP}>:-fopenmp> -DKOKKOS_DEPENDENCE
              "-isystem$<JOIN:$<TARGET_PROPERTY:Kokkos::kokkos,INTERFACE_INCLUDE_DIRECTORIES>,;-isystem>"
              -I${PROJECT_SOURCE_DIR}/include -I${CMAKE_CURRENT_BINARY_DIR}/consumer
              ${CMAKE_CURRENT_SOURCE_DIR}/consumer/main.cpp
      COMMAND_EXPAND_LISTS)
  else()
    add_test(NAME consumer/other_compiler/${standard}
             COMMAND ${CMAKE_COMMAND} -E echo "skipped: no other compiler is installed")
    set_tests_properties(consumer/other_compiler/${standard} PROPERTIES
                         SKIP_REGULAR_EXPRESSION "skipped: ")
  endif()
endforeach()
