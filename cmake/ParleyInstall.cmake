# What `cmake --install` puts where (component `library`), and the package that find_package(parley) then finds.
#
#   parley_install(base async net)      each a target parley_<name> in a folder <name>; programs link it as parley::<name>

include(CMakePackageConfigHelpers)

set(PARLEY_PACKAGE_FOLDER ${CMAKE_INSTALL_LIBDIR}/cmake/parley)

function(parley_install)
  foreach(name ${ARGN})
    set_target_properties(parley_${name} PROPERTIES EXPORT_NAME ${name})
    install(TARGETS parley_${name} EXPORT parley-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
    install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/${name}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library)
  endforeach()
  install(EXPORT parley-targets NAMESPACE parley:: DESTINATION ${PARLEY_PACKAGE_FOLDER} COMPONENT library)

  set(PARLEY_COMPONENTS ${ARGN})
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/parley-config.cmake.in ${PROJECT_BINARY_DIR}/parley-config.cmake
    INSTALL_DESTINATION ${PARLEY_PACKAGE_FOLDER} NO_SET_AND_CHECK_MACRO)
  # Until 1.0 a minor version may change what programs see.
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/parley-config-version.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/parley-config.cmake ${PROJECT_BINARY_DIR}/parley-config-version.cmake
    DESTINATION ${PARLEY_PACKAGE_FOLDER} COMPONENT library)
endfunction()
