# Joins the two module definition files of node-api-headers into one for dlltool.
file(READ ${NODE_API} node_api)
file(READ ${JS_NATIVE_API} js_native_api)
string(REGEX REPLACE "^[^\n]*\n[^\n]*EXPORTS[^\n]*\n" "\n" exports "${js_native_api}")
if(exports STREQUAL js_native_api)
    message(FATAL_ERROR "${JS_NATIVE_API} does not begin with a heading and EXPORTS")
endif()
file(WRITE ${JOINED} "${node_api}${exports}")
