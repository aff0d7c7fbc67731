# ferry_embed(<target> <file> <header> <symbol>): compiles a file into the target. Adds a source that
# defines the function <symbol>, which the header declares as
#   std::string_view <namespace>::<symbol>();
# The bytes become an array of numbers: string literals end at 64 KiB, and `.incbin` and `#embed` are
# not understood by every compiler.
function(ferry_embed target file header symbol)
  get_filename_component(input "${file}" ABSOLUTE)
  string(REPLACE "::" "_" name "${symbol}")
  set(output "${CMAKE_CURRENT_BINARY_DIR}/${name}.cc")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" -DINPUT=${input} -DOUTPUT=${output} -DHEADER=${header}
            -DSYMBOL=${symbol} -P "${CMAKE_SOURCE_DIR}/cmake/FerryEmbed.cmake"
    DEPENDS "${input}" "${CMAKE_SOURCE_DIR}/cmake/FerryEmbed.cmake"
    COMMENT "Embedding ${file}"
    VERBATIM)
  target_sources(${target} PRIVATE "${output}")
  set_source_files_properties("${output}" PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE)
  file(READ "${INPUT}" bytes HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  file(WRITE "${OUTPUT}" "\
#include \"${HEADER}\"

namespace {
constexpr unsigned char kBytes[] = {
${bytes}};
}  // namespace

std::string_view ${SYMBOL}() {
  return {reinterpret_cast<const char*>(kBytes), sizeof kBytes};
}
")
endif()
