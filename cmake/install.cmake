# Headers, from the header sets, and a package: find_package(gaus [COMPONENTS json graphml]).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/gaus)

install(TARGETS gaus EXPORT gausTargets FILE_SET HEADERS)
install(EXPORT gausTargets NAMESPACE gaus:: DESTINATION ${package_dir})
if(TARGET gaus_json) # an export set of its own, as it needs what gaus::gaus does not
  install(TARGETS gaus_json EXPORT gausJsonTargets FILE_SET HEADERS)
  install(EXPORT gausJsonTargets NAMESPACE gaus:: DESTINATION ${package_dir})
endif()
if(TARGET gaus_graphml)
  install(TARGETS gaus_graphml EXPORT gausGraphmlTargets FILE_SET HEADERS)
  install(EXPORT gausGraphmlTargets NAMESPACE gaus:: DESTINATION ${package_dir})
endif()

configure_package_config_file(cmake/gausConfig.cmake.in gausConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor release may break: SameMinorVersion.
write_basic_package_version_file(gausConfigVersion.cmake COMPATIBILITY SameMinorVersion
                                 ARCH_INDEPENDENT)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/gausConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/gausConfigVersion.cmake
        DESTINATION ${package_dir})
