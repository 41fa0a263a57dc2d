# Two projects of somebody else over one source: gaus as a sub-project, and as an installed package.
# They get the compiler and the dependences of this build, and nothing else.
set(given -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER} -DCMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE}
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
if(GAUS_INSTALL)
  set(prefix ${CMAKE_CURRENT_BINARY_DIR}/consumer/prefix)
  add_test(NAME consumer/install
           COMMAND ${CMAKE_COMMAND} --install ${PROJECT_BINARY_DIR} --prefix ${prefix})
  add_consumer_test(package -DCMAKE_PREFIX_PATH=${prefix})
  set_tests_properties(consumer/install PROPERTIES FIXTURES_SETUP installed)
  set_tests_properties(consumer/package PROPERTIES FIXTURES_REQUIRED installed)
endif()
