# runledger_add_plugin(name sources...): target plugin_<name>, file <build>/plugins/<name>.so.
# The version script exports the entry symbol alone: std:: symbols that stay visible would be shared
# between plugins and keep a library from ever being unloaded.
function(runledger_add_plugin name)
  set(target plugin_${name})
  set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
  add_library(${target} MODULE ${ARGN})
  target_link_libraries(${target} PRIVATE runledger_sdk)
  if(TARGET runledger_build)
    target_link_libraries(${target} PRIVATE runledger_build)
  endif()
  target_link_options(${target} PRIVATE
    -Wl,--no-undefined -Wl,--version-script=${map})
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME ${name}
    CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${map}
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
endfunction()
