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

# Standard headers that nearly every file includes, compiled once a target: a third of the build time.
# (ccache needs CCACHE_SLOPPINESS=pch_defines,time_macros with it; scripts/build sets that.)
set(FERRY_PRECOMPILED <algorithm> <chrono> <cstdint> <expected> <functional> <map> <memory> <optional>
    <set> <span> <string> <string_view> <utility> <variant> <vector>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(ferry_flags INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()

# ferry_layer(<folder> SOURCES a.cc ... DEPENDS base ... [LIBRARIES pkg::lib ...] [TESTS a_test.cc ...])
# Makes the library ferry_<folder> and, with TESTS, the test binary <folder>_test.
function(ferry_layer name)
  cmake_parse_arguments(LAYER "" "" "SOURCES;DEPENDS;LIBRARIES;TESTS;TEST_LIBRARIES" ${ARGN})
  if(LAYER_SOURCES)
    add_library(ferry_${name} STATIC ${LAYER_SOURCES})
    set(scope PUBLIC)
  else()
    add_library(ferry_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(ferry_${name} ${scope} ferry_flags Threads::Threads ${LAYER_LIBRARIES})
  if(LAYER_SOURCES)
    target_precompile_headers(ferry_${name} PRIVATE ${FERRY_PRECOMPILED})
  endif()
  foreach(dependency ${LAYER_DEPENDS})
    target_link_libraries(ferry_${name} ${scope} ferry_${dependency})
  endforeach()
  if(FERRY_TESTS AND LAYER_TESTS)
    add_executable(${name}_test ${LAYER_TESTS})
    target_link_libraries(${name}_test PRIVATE ferry_${name} ${LAYER_TEST_LIBRARIES}
                          GTest::gtest GTest::gtest_main)
    target_precompile_headers(${name}_test PRIVATE ${FERRY_PRECOMPILED} <gtest/gtest.h>)
    add_test(NAME ${name}_test COMMAND ${name}_test)
  endif()
endfunction()
