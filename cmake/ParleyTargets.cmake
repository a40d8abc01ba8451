# How every target of the project is built, said once.
#
#   parley_library(NAME net FOLDER lib SOURCES a.cpp DEPENDS parley::async PRIVATE_DEPENDS Boost::headers)
#   parley_test(NAME net SOURCES a_test.cpp DEPENDS parley::net)
#   parley_fuzzer(NAME http_head SOURCE fuzz/http_head.cpp DEPENDS parley::net)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(PARLEY_CCACHE ccache)
if(PARLEY_CCACHE)
  # Relative paths make one clone's objects good for another's, and one build folder's for the next.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=true ${PARLEY_CCACHE})
endif()
find_program(PARLEY_MOLD mold)
if(PARLEY_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL REQUIRED)
find_package(fmt REQUIRED)
find_package(simdjson REQUIRED)
find_package(PkgConfig REQUIRED)

add_compile_options(-Wall -Wextra -Werror -Wpedantic -Wshadow -Wnon-virtual-dtor -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # g++ 12 reports these on correct code: of its own library (std::expected, coroutines), and constructor parameters as shadows.
  add_compile_options(-Wno-maybe-uninitialized -Wno-dangling-pointer -Wno-restrict -Wno-shadow)
endif()
if(PARLEY_SANITIZE)
  add_compile_options(-fsanitize=${PARLEY_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PARLEY_SANITIZE})
endif()
if(PARLEY_BUILD_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
add_compile_definitions(BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)

# parley::<name>: a static library from SOURCES, public headers under include/.
function(parley_library)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  add_library(parley_${ARG_NAME} STATIC ${ARG_SOURCES})
  add_library(parley::${ARG_NAME} ALIAS parley_${ARG_NAME})
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/include)
    target_include_directories(parley_${ARG_NAME} PUBLIC
      $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
  endif()
  target_link_libraries(parley_${ARG_NAME} PUBLIC ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE_DEPENDS})
endfunction()

# A GoogleTest program <name>_test, run by ctest as one test.
function(parley_test)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;DEPENDS" ${ARGN})
  if(NOT PARLEY_BUILD_TESTS)
    return()
  endif()
  find_package(GTest REQUIRED)
  add_executable(${ARG_NAME}_test ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME}_test PRIVATE ${ARG_DEPENDS} GTest::gmock GTest::gtest_main)
  add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME}_test)
  set_tests_properties(${ARG_NAME} PROPERTIES TIMEOUT 300)
endfunction()

# A libFuzzer program fuzz_<name>.
function(parley_fuzzer)
  cmake_parse_arguments(ARG "" "NAME;SOURCE" "DEPENDS" ${ARGN})
  if(NOT PARLEY_BUILD_FUZZERS)
    return()
  endif()
  add_executable(fuzz_${ARG_NAME} ${ARG_SOURCE})
  target_link_libraries(fuzz_${ARG_NAME} PRIVATE ${ARG_DEPENDS})
  target_link_options(fuzz_${ARG_NAME} PRIVATE -fsanitize=fuzzer)
  set_property(GLOBAL APPEND PROPERTY PARLEY_FUZZERS fuzz_${ARG_NAME})
endfunction()
