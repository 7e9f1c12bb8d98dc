# Compiles the texts of the Windows event log into a resource of the shim: message_resource.
set(messages ${CMAKE_CURRENT_SOURCE_DIR}/messages/events.mc)
set(message_folder ${CMAKE_CURRENT_BINARY_DIR}/messages)
set(message_resource ${message_folder}/events.rc)

# The Windows SDK has its compiler in a folder per version, which is on PATH only in a developer
# prompt.
set(sdk "$ENV{ProgramFiles\(x86\)}/Windows Kits/10/bin")
find_program(WSB_MC NAMES mc windmc
    HINTS "$ENV{WindowsSdkVerBinPath}/x64"
          "${sdk}/${CMAKE_VS_WINDOWS_TARGET_PLATFORM_VERSION}/x64"
          "${sdk}/${CMAKE_SYSTEM_VERSION}/x64"
    DOC "message compiler of the target" REQUIRED)

file(MAKE_DIRECTORY ${message_folder})
add_custom_command(
    OUTPUT ${message_resource} ${message_folder}/MSG00409.bin
    # -U: UTF-16, like all text in the shim.
    COMMAND ${WSB_MC} -U -h ${message_folder} -r ${message_folder} ${messages}
    DEPENDS ${messages}
    VERBATIM)
set_source_files_properties(${message_resource} PROPERTIES
    GENERATED TRUE
    OBJECT_DEPENDS ${message_folder}/MSG00409.bin
    INCLUDE_DIRECTORIES ${message_folder})
