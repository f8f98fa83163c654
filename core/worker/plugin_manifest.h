// The manifest that a plugin carries. JSON in, plain values out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace runledger::core::worker {

struct ManifestTaskType {
  std::string name;
  std::string json;  // its entry, as JSON text
  // Its limits; 0: none of its own.
  std::uint32_t slots = 0;         // at most so many of it at once in one worker
  std::uint64_t memory_bytes = 0;  // of the process that runs it
};

struct Manifest {
  std::string name;
  std::string version;
  std::vector<ManifestTaskType> task_types;  // at least one, no name twice
  bool processes = false;                    // it starts programs
};

struct ManifestError {
  std::string pointer;  // RFC 6901: the member that is wrong; "" is the whole
  std::string reason;   // one line with the pointer, what was expected and what there is
};

// Strict: members that are not known are errors, schemas are compiled, examples have to fit the
// input schema. So an author hears at once what the server would not enforce.
std::variant<Manifest, ManifestError> read_manifest(std::string_view text);

}  // namespace runledger::core::worker
