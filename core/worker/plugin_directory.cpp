#include "core/worker/plugin_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "core/base/sha256.h"

namespace runledger::core::worker {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> libraries_in(const fs::path& directory, std::error_code& error) {
  std::vector<fs::path> files;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".so") files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string duplicate_problem(const std::vector<PluginFile>& known, const PluginFile& plugin) {
  for (const PluginFile& other : known) {
    for (const auto& theirs : other.task_types) {
      for (const auto& ours : plugin.task_types) {
        if (theirs.name != ours.name) continue;
        return "task type " + ours.name + " is already that of " + other.path.string();
      }
    }
  }
  return {};
}

std::string sha256_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("the file cannot be read");
  Sha256 digest;
  std::vector<char> buffer(1 << 16);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
    digest.update({buffer.data(), static_cast<std::size_t>(in.gcount())});
  }
  return digest.finish_hex();
}

PluginFile plugin_of(const fs::path& file, const struct stat& seen, Manifest manifest) {
  PluginFile plugin{fs::absolute(file), manifest.name, {}, manifest.processes, seen};
  const std::string digest = sha256_of(file);
  for (ManifestTaskType& type : manifest.task_types) {
    if (type.memory_bytes != 0) plugin.memory_bytes[type.name] = type.memory_bytes;
    plugin.task_types.push_back(
        {std::move(type.name), manifest.version, std::move(type.json), digest, type.slots});
  }
  if (auto problem = plugin.changed(); !problem.empty()) throw std::runtime_error(problem);
  return plugin;
}

}  // namespace

std::string writable_problem(const fs::path& path) {
  struct stat seen {};
  if (::stat(path.c_str(), &seen) != 0) {
    return std::string("cannot be read: ") + std::strerror(errno);
  }
  if ((seen.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return "other users could change it: chmod go-w " + path.string();
  }
  if (seen.st_uid == 0 || seen.st_uid == ::geteuid()) return {};
  return "other users could change it: it belongs to the user " + std::to_string(seen.st_uid) +
         ", not to root or to " + std::to_string(::geteuid()) + ", who runs this";
}

std::variant<PluginFile, PluginRefusal> look_at_plugin(const fs::path& file,
                                                       const Describe& describe) {
  struct stat seen {};
  if (::stat(file.c_str(), &seen) != 0) return PluginRefusal{file, "cannot be read"};
  auto description = describe(file);
  if (auto* refusal = std::get_if<PluginRefusal>(&description)) return std::move(*refusal);
  auto read = read_manifest(std::get<std::string>(description));
  if (auto* error = std::get_if<ManifestError>(&read)) return PluginRefusal{file, error->reason};
  try {
    return plugin_of(file, seen, std::get<Manifest>(std::move(read)));
  } catch (const std::runtime_error& problem) {
    return PluginRefusal{file, problem.what()};
  }
}

namespace {

void add(PluginDirectory& directory, const fs::path& file, const Describe& describe) {
  if (auto problem = writable_problem(file); !problem.empty()) {
    directory.refusals.push_back({file, std::move(problem)});
    return;
  }
  auto found = look_at_plugin(file, describe);
  if (auto* refusal = std::get_if<PluginRefusal>(&found)) {
    directory.refusals.push_back(std::move(*refusal));
    return;
  }
  auto& plugin = std::get<PluginFile>(found);
  if (auto problem = duplicate_problem(directory.plugins, plugin); !problem.empty()) {
    directory.refusals.push_back({file, std::move(problem)});
    return;
  }
  directory.plugins.push_back(std::move(plugin));
}

}  // namespace

std::vector<protocol::TaskTypeOffer> PluginDirectory::offers() const {
  std::vector<protocol::TaskTypeOffer> all;
  for (const PluginFile& plugin : plugins) {
    all.insert(all.end(), plugin.task_types.begin(), plugin.task_types.end());
  }
  return all;
}

void PluginDirectory::keep_within(std::uint64_t memory_bytes) {
  std::erase_if(plugins, [&](const PluginFile& plugin) {
    for (const auto& [type, wanted] : plugin.memory_bytes) {
      if (wanted <= memory_bytes) continue;
      refusals.push_back({plugin.path, "the task type " + type + " has a limit of " +
                                           std::to_string(wanted) +
                                           " bytes of memory, but this worker gives a process " +
                                           std::to_string(memory_bytes) + " (--plugin-memory)"});
      return true;
    }
    return false;
  });
}

std::string PluginFile::changed() const {
  struct stat now {};
  const bool same = ::stat(path.c_str(), &now) == 0 && now.st_dev == seen.st_dev &&
                    now.st_ino == seen.st_ino && now.st_size == seen.st_size &&
                    now.st_mtim.tv_sec == seen.st_mtim.tv_sec &&
                    now.st_mtim.tv_nsec == seen.st_mtim.tv_nsec;
  if (same) return {};
  return path.string() + " is not the file any more that the worker has registered: restart it";
}

PluginDirectory find_plugins(const fs::path& directory, const Describe& describe) {
  PluginDirectory found;
  if (auto problem = writable_problem(directory); !problem.empty()) {
    found.refusals.push_back({directory, std::move(problem)});
    return found;
  }
  std::error_code error;
  const auto files = libraries_in(directory, error);
  if (error) found.refusals.push_back({directory, "cannot be read: " + error.message()});
  for (const fs::path& file : files) add(found, file, describe);
  return found;
}

}  // namespace runledger::core::worker
