# find_package(Runledger): target Runledger::sdk, functions runledger_add_plugin and
# runledger_add_plugin_test. The same file serves the installed SDK and a source tree
# (-DRunledger_DIR=<source>/plugins/sdk/cmake).
include(CMakeFindDependencyMacro)
find_dependency(nlohmann_json)

if(NOT TARGET Runledger::sdk)
  find_path(Runledger_INCLUDE_DIR runledger/plugin.h
    PATHS ${CMAKE_CURRENT_LIST_DIR}/../../../include ${CMAKE_CURRENT_LIST_DIR}/../include
    NO_DEFAULT_PATH NO_CACHE REQUIRED)
  add_library(Runledger::sdk INTERFACE IMPORTED)
  target_include_directories(Runledger::sdk INTERFACE ${Runledger_INCLUDE_DIR})
  target_link_libraries(Runledger::sdk INTERFACE nlohmann_json::nlohmann_json)
  target_compile_features(Runledger::sdk INTERFACE cxx_std_20)
endif()

include(${CMAKE_CURRENT_LIST_DIR}/RunledgerPlugin.cmake)
