# widl describes an array of strings wrongly when the IDL writes it as a pointer: the parameter's
# type offset then points into the array, and every call fails with RPC_X_BAD_STUB_DATA or crashes.
# The IDL avoids that form; this check stops the build if another version of widl makes the same
# mistake.
file(READ "${FILE}" code)

function(expect_type parameter type)
  if(NOT code MATCHES "\\(parameter ${parameter}\\) \\*/\n[^\n]*\n[^\n]*\n[^\n]*type offset = ([0-9]+) \\*/")
    message(FATAL_ERROR "${FILE}: no type offset for the parameter ${parameter}. "
      "The lab does not know the output of this version of widl; compare it by hand.")
  endif()
  set(offset "${CMAKE_MATCH_1}")
  string(FIND "${code}" "/* ${offset}${type} */" found)
  if(found EQUAL -1)
    message(FATAL_ERROR "${FILE}: the type offset ${offset} of ${parameter} does not belong to "
      "'${type}'. Calls would fail with 0x800706F7; use another version of widl.")
  endif()
endfunction()

expect_type(rgwszSourceVolumePath "")
expect_type(rgwszSnapshotVolumePath "")
expect_type(rgComponentName " (LPWSTR[])")
expect_type(rgComponentLogicalPaths " (LPWSTR[])")
expect_type(prgComponentName " (LPWSTR **)")
expect_type(prgComponentLogicalPath " (LPWSTR **)")

# An optional array is a unique pointer (FC_UP) to an array; a required array is the array.
foreach(parameter rgwszSourceVolumePath rgwszSnapshotVolumePath)
  string(REGEX MATCH "\\(parameter ${parameter}\\) \\*/\n[^\n]*\n[^\n]*\n[^\n]*type offset = ([0-9]+)"
    ignored "${code}")
  if(NOT code MATCHES "/\\* ${CMAKE_MATCH_1} \\*/\n +0x12, 0x0,[ \t]+/\\* FC_UP \\*/")
    message(FATAL_ERROR "${FILE}: ${parameter} is not described as a unique pointer.")
  endif()
endforeach()
