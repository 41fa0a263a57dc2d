# Used by the presets as CMAKE_PROJECT_TOP_LEVEL_INCLUDES: a dependency provider. Whatever
# find_package() does not find, setup.sh gets its chance to put into .deps/; what is still missing
# then is fetched by dependencies.cmake. The build itself knows nothing of this.

set(GAUS_DEPS_DIR "${CMAKE_CURRENT_LIST_DIR}/../.deps")
set(GAUS_SETUP "${CMAKE_CURRENT_LIST_DIR}/setup.sh")

# A macro, as find_package() has to set its variables in the scope of the caller.
macro(gaus_provide method package)
  if("${package}" MATCHES "^(Kokkos|doctest|benchmark|CLI11|nlohmann_json|pugixml)$"
     AND NOT CMAKE_DISABLE_FIND_PACKAGE_${package}        # to be built from source
     AND NOT GAUS_FETCH_${package})
    find_package(${package} ${ARGN} QUIET BYPASS_PROVIDER)
    if(NOT ${package}_FOUND)
      execute_process(COMMAND ${CMAKE_COMMAND} -E env "CMAKE_COMMAND=${CMAKE_COMMAND}"
                              ${GAUS_SETUP} ${package}
                      RESULT_VARIABLE gaus_failed)
      if(gaus_failed)
        message(FATAL_ERROR "${package} is missing: see above")
      elseif(EXISTS "${GAUS_DEPS_DIR}/${package}")
        list(APPEND CMAKE_PREFIX_PATH "${GAUS_DEPS_DIR}/${package}/usr")
      else() # GitHub answers: do not ask again in this build tree
        set(GAUS_FETCH_${package} TRUE CACHE INTERNAL "")
      endif()
    endif()
  endif()
endmacro()

cmake_language(SET_DEPENDENCY_PROVIDER gaus_provide SUPPORTED_METHODS FIND_PACKAGE)
