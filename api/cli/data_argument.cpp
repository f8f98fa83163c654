#include "api/cli/data_argument.h"

#include <filesystem>
#include <system_error>

#include "api/cli/exit_codes.h"
#include "api/cli/failure.h"

namespace runledger::cli {

eventlog::DataPaths require_data(const std::string& data) {
  std::error_code error;
  if (std::filesystem::status(data, error).type() == std::filesystem::file_type::not_found) {
    throw Failure(kExitNoInput, "There is no data directory " + data);
  }
  try {
    return eventlog::inspect_data_directory(data);
  } catch (const eventlog::DataDirectoryError& refused) {
    throw Failure(kExitData, refused.what());
  }
}

}  // namespace runledger::cli
