# What plugins are built with, in this tree and by find_package(Runledger) alike.

# runledger_add_plugin(name sources...): target plugin_<name>, file <build>/plugins/<name>.so.
# The version script exports the entry symbol alone: std:: symbols that stay visible would be shared
# between plugins and keep a library from ever being unloaded.
function(runledger_add_plugin name)
  set(target plugin_${name})
  set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
  add_library(${target} MODULE ${ARGN})
  target_link_libraries(${target} PRIVATE Runledger::sdk)
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

# runledger_add_plugin_test(name PLUGIN plugin SOURCES sources...): a GoogleTest program, known to
# CTest, whose runledger::testing::PluginTest runs the library of runledger_add_plugin(plugin ...).
function(runledger_add_plugin_test name)
  cmake_parse_arguments(ARG "" "PLUGIN" "SOURCES" ${ARGN})
  find_package(GTest REQUIRED)
  include(GoogleTest)
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE Runledger::sdk GTest::gtest_main ${CMAKE_DL_LIBS})
  if(TARGET runledger_build)
    target_link_libraries(${name} PRIVATE runledger_build)
  endif()
  target_compile_definitions(${name} PRIVATE
    RUNLEDGER_TEST_PLUGIN="$<TARGET_FILE:plugin_${ARG_PLUGIN}>")
  add_dependencies(${name} plugin_${ARG_PLUGIN})
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST)
endfunction()
