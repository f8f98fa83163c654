# The version is that of plugin.h. Before 1.0 only the same minor version fits.
foreach(include ${CMAKE_CURRENT_LIST_DIR}/../../../include ${CMAKE_CURRENT_LIST_DIR}/../include)
  if(EXISTS ${include}/runledger/plugin.h)
    file(STRINGS ${include}/runledger/plugin.h line REGEX "define RUNLEDGER_SDK_VERSION")
    string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" PACKAGE_VERSION "${line}")
    break()
  endif()
endforeach()

string(REGEX MATCH "^[0-9]+\\.[0-9]+" series "${PACKAGE_VERSION}")
if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
  set(PACKAGE_VERSION_EXACT TRUE)
endif()
if(PACKAGE_FIND_VERSION VERSION_LESS_EQUAL PACKAGE_VERSION AND
   "${PACKAGE_FIND_VERSION_MAJOR}.${PACKAGE_FIND_VERSION_MINOR}" VERSION_EQUAL series)
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
