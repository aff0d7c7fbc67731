# One CMake target per folder of src/; the link edges are the layer table of ARCHITECTURE.md, so an
# include that breaks the table does not link (and tools/check_tree.py names it first).

add_library(ferry_flags INTERFACE)
target_compile_options(ferry_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough -Werror
  -Wno-missing-designated-field-initializers -fno-omit-frame-pointer)
target_include_directories(ferry_flags INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_definitions(ferry_flags INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE
  FERRY_VERSION="${PROJECT_VERSION}")
if(FERRY_SANITIZE)
  target_compile_options(ferry_flags INTERFACE "-fsanitize=${FERRY_SANITIZE}" -fno-sanitize-recover=all)
  target_link_options(ferry_flags INTERFACE "-fsanitize=${FERRY_SANITIZE}")
endif()
if(FERRY_FUZZ)
  target_compile_options(ferry_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_link_options(ferry_flags INTERFACE -fuse-ld=lld)
endif()

# Standard headers that nearly every file includes, compiled once a target. With the headers that a layer names
# itself (PRECOMPILED below) this halves a build. What a file uses it includes all the same:
# `scripts/test --full` builds once with CMAKE_DISABLE_PRECOMPILE_HEADERS.
# (ccache needs CCACHE_SLOPPINESS=pch_defines,time_macros with it; scripts/build sets that.)
set(FERRY_PRECOMPILED <algorithm> <chrono> <cstdint> <expected> <functional> <map> <memory> <optional>
    <set> <span> <string> <string_view> <utility> <variant> <vector>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(ferry_flags INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()

# ferry_layer(<folder> SOURCES a.cc ... DEPENDS base ... [LIBRARIES pkg::lib ...] [TESTS a_test.cc ...]
#             [PRECOMPILED a.h <b.hpp> ...] [TEST_PRECOMPILED a_fixture.h ...] [OPTIMISED_TESTS])
# Makes the library ferry_<folder> and, with TESTS, the test binary <folder>_test. PRECOMPILED names what most files
# of the layer include, TEST_PRECOMPILED what most of its tests do besides; our own headers by their path in src/.
# Test sources are not optimised, what they test is; OPTIMISED_TESTS is for tests that instantiate the templates
# they try, over thousands of rounds.
function(ferry_layer name)
  cmake_parse_arguments(LAYER "OPTIMISED_TESTS" "" "SOURCES;DEPENDS;LIBRARIES;TESTS;TEST_LIBRARIES;PRECOMPILED;TEST_PRECOMPILED" ${ARGN})
  list(TRANSFORM LAYER_PRECOMPILED PREPEND "${CMAKE_SOURCE_DIR}/src/" REGEX "^[^<]")
  list(TRANSFORM LAYER_TEST_PRECOMPILED PREPEND "${CMAKE_SOURCE_DIR}/src/" REGEX "^[^<]")
  if(LAYER_SOURCES)
    add_library(ferry_${name} STATIC ${LAYER_SOURCES})
    set(scope PUBLIC)
  else()
    add_library(ferry_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(ferry_${name} ${scope} ferry_flags Threads::Threads ${LAYER_LIBRARIES})
  if(LAYER_SOURCES)
    target_precompile_headers(ferry_${name} PRIVATE ${FERRY_PRECOMPILED} ${LAYER_PRECOMPILED})
  endif()
  foreach(dependency ${LAYER_DEPENDS})
    target_link_libraries(ferry_${name} ${scope} ferry_${dependency})
  endforeach()
  if(FERRY_TESTS AND LAYER_TESTS)
    add_executable(${name}_test ${LAYER_TESTS})
    target_link_libraries(${name}_test PRIVATE ferry_${name} ${LAYER_TEST_LIBRARIES}
                          GTest::gtest GTest::gtest_main)
    target_precompile_headers(${name}_test PRIVATE
      ${FERRY_PRECOMPILED} ${LAYER_PRECOMPILED} <gtest/gtest.h> ${LAYER_TEST_PRECOMPILED})
    if(NOT LAYER_OPTIMISED_TESTS)
      target_compile_options(${name}_test PRIVATE -O0)
    endif()
    add_test(NAME ${name}_test COMMAND ${name}_test)
  endif()
endfunction()
