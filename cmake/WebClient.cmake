# The web client of web/, built by tools/web-client into one file that is linked into the server.
#
#   AUTO  built if Node.js and npm are there when the server is built; else the server is built without it and says so
#   ON    built; without Node.js the build stops
#   OFF   left out
#
# The file is the same for every build folder, so it is made once, beside them. Whether anything has to be done is looked at by each build, not when it is
# configured: Node.js may be installed in between.
set(PARLEY_WEB_CLIENT AUTO CACHE STRING "Build the web client into the server: AUTO, ON or OFF")
set_property(CACHE PARLEY_WEB_CLIENT PROPERTY STRINGS AUTO ON OFF)
set(PARLEY_WEB_BUILD_DIR ${PROJECT_SOURCE_DIR}/build/web CACHE PATH "Where the web client is put together")
mark_as_advanced(PARLEY_WEB_BUILD_DIR)

# parley_embed_web_client(<target> <source>): that source sees the file as PARLEY_WEB_CLIENT_FILE, and is assembled again when it changes.
function(parley_embed_web_client target source)
  if(PARLEY_WEB_CLIENT STREQUAL AUTO)
    set(if_missing --optional)
  elseif(NOT PARLEY_WEB_CLIENT)
    set(bundle ${CMAKE_CURRENT_BINARY_DIR}/web_client.none)
    file(CONFIGURE OUTPUT ${bundle} CONTENT "none: it was left out (PARLEY_WEB_CLIENT=OFF)\n" @ONLY)
  endif()
  if(NOT bundle)
    set(bundle ${PARLEY_WEB_BUILD_DIR}/client.bundle)
    add_custom_target(parley_web_client
      COMMAND ${PROJECT_SOURCE_DIR}/tools/web-client ${if_missing} ${PARLEY_WEB_BUILD_DIR}
      BYPRODUCTS ${bundle}
      COMMENT "Looking at the web client"
      VERBATIM)
    add_dependencies(${target} parley_web_client)
  endif()
  set_property(SOURCE ${source} APPEND PROPERTY OBJECT_DEPENDS ${bundle})
  set_property(SOURCE ${source} APPEND PROPERTY COMPILE_DEFINITIONS PARLEY_WEB_CLIENT_FILE="${bundle}")
  set_property(SOURCE ${source} PROPERTY SKIP_PRECOMPILE_HEADERS ON)
endfunction()
