// Writing a plugin in C++: derive from Executor, name the class in RUNLEDGER_PLUGIN. Header-only,
// on top of the C contract in plugin.h. plugins/README.md walks through one.
#pragma once

#include <runledger/plugin.h>

#include <cstring>
#include <exception>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace runledger {

using json = nlohmann::json;

// The attempt has failed. `code` is stable and snake_case; a retryable one is tried again as far as
// the step's retry policy goes.
class Failure : public std::runtime_error {
 public:
  Failure(std::string code, const std::string& message, bool retryable)
      : std::runtime_error(message), code_(std::move(code)), retryable_(retryable) {}
  const std::string& code() const { return code_; }
  bool retryable() const { return retryable_; }

 private:
  std::string code_;
  bool retryable_;
};

// The task was told to stop and did. Let it leave execute().
class Stopped : public std::exception {
 public:
  const char* what() const noexcept override { return "stopped as requested"; }
};

struct ArtifactName {
  std::string_view name;        // "image.png"
  std::string_view media_type;  // "image/png"
};

struct Artifact {
  std::string resource_id;
  std::string sha256;  // 64 hex digits
  std::uint64_t size = 0;
};

// One attempt of one task: what it was given, and what it can do. Lives while execute() runs; any
// thread may call it. Calls throw Stopped when the attempt no longer counts, and Failure when the
// host did not take what it was given (too large, not UTF-8, server not reachable).
class TaskContext {
 public:
  explicit TaskContext(const runledger_host& host)
      : host_(host),
        input_(json::parse(view(host.input))),
        session_(json::parse(view(host.session))) {}

  const json& input() const { return input_; }
  const json& session() const { return session_; }
  std::uint32_t attempt() const { return host_.attempt; }
  std::string_view task_type() const { return view(host_.task_type); }
  std::string_view run_id() const { return view(host_.run_id); }
  std::string_view task_id() const { return view(host_.task_id); }

  void progress(double percent, std::string_view message = {}) {
    check("progress", host_.progress(host_.ctx, percent, text(message)));
  }
  void emit(std::string_view event_type, const json& data) {
    const std::string as_text = json_text("event", data);
    check("event", host_.emit(host_.ctx, text(event_type), text(as_text)));
  }
  // level: debug, info, warning, error
  void log(std::string_view level, std::string_view line) {
    check("log", host_.log(host_.ctx, text(level), text(line)));
  }
  // Stores the bytes; returns when the log names the resource.
  Artifact artifact(const ArtifactName& name, std::span<const std::byte> bytes) {
    runledger_artifact out{};
    out.size = sizeof out;
    check("artifact", host_.artifact(host_.ctx, text(name.name), text(name.media_type),
                                     bytes.data(), bytes.size(), &out));
    return {out.resource_id, out.sha256, out.bytes};
  }

  bool stop_requested() const { return host_.stop_requested(host_.ctx) != 0; }
  void throw_if_stopped() const {
    if (stop_requested()) throw Stopped();
  }

 private:
  friend struct Boundary;

  static std::string_view view(runledger_text value) { return {value.data, value.size}; }
  static runledger_text text(std::string_view value) { return {value.data(), value.size()}; }

  static std::string json_text(const char* what, const json& value) {
    try {
      return value.dump();
    } catch (const json::exception& not_utf8) {
      throw Failure(std::string(what) + "_invalid", not_utf8.what(), false);
    }
  }

  void check(const char* what, runledger_status status) const {
    if (status == RUNLEDGER_OK) return;
    if (status == RUNLEDGER_STOPPED) throw Stopped();
    const std::string reason(view(host_.last_error(host_.ctx)));
    if (status == RUNLEDGER_UNAVAILABLE) {
      throw Failure(std::string(what) + "_unavailable", reason, true);
    }
    const char* kind = status == RUNLEDGER_TOO_LARGE ? "_too_large" : "_invalid";
    throw Failure(std::string(what) + kind, reason, false);
  }

  const runledger_host& host_;
  json input_;
  json session_;
};

// An instance is made for each attempt and used by one thread.
class Executor {
 public:
  virtual ~Executor() = default;
  // Returns the output, a JSON object. Throws Failure, Stopped, or anything else, which becomes a
  // retryable failure `executor_error` with its text.
  virtual json execute(TaskContext& task) = 0;
};

// Where C++ ends: nothing that a plugin throws goes past these functions.
struct Boundary {
  template <typename Class>
  static runledger_status create(void** instance, char* error, std::size_t error_size) noexcept {
    try {
      *instance = static_cast<Executor*>(new Class());
      return RUNLEDGER_OK;
    } catch (const std::exception& thrown) {
      copy_text(thrown.what(), error, error_size);
    } catch (...) {
      copy_text("the constructor threw something that is not a std::exception", error, error_size);
    }
    return RUNLEDGER_FAILED;
  }

  static runledger_status execute(void* instance, const runledger_host* host) noexcept {
    try {
      return run(*static_cast<Executor*>(instance), *host);
    } catch (...) {
      return RUNLEDGER_FAILED;  // out of memory while telling of a failure
    }
  }

  static void destroy(void* instance) noexcept { delete static_cast<Executor*>(instance); }

 private:
  static runledger_status run(Executor& executor, const runledger_host& host) {
    try {
      TaskContext task(host);
      const std::string output = TaskContext::json_text("output", executor.execute(task));
      task.check("output", host.set_result(host.ctx, TaskContext::text(output)));
      return RUNLEDGER_OK;
    } catch (const Stopped&) {
      return RUNLEDGER_STOPPED;
    } catch (const Failure& failure) {
      return fail(host, failure.code(), failure.what(), failure.retryable());
    } catch (const std::exception& thrown) {
      return fail(host, "executor_error", thrown.what(), true);
    } catch (...) {
      return fail(host, "executor_error", "threw something that is not a std::exception", true);
    }
  }

  static runledger_status fail(const runledger_host& host, std::string_view code,
                               std::string_view message, bool retryable) {
    const runledger_failure failure{sizeof(runledger_failure), retryable ? 1U : 0U,
                                    TaskContext::text(code), TaskContext::text(message)};
    host.set_failure(host.ctx, &failure);
    return RUNLEDGER_FAILED;
  }

  static void copy_text(std::string_view from, char* to, std::size_t to_size) noexcept {
    if (to_size == 0) return;
    const std::size_t length = from.size() < to_size ? from.size() : to_size - 1;
    std::memcpy(to, from.data(), length);
    to[length] = '\0';
  }
};

template <typename Class>
constexpr runledger_plugin describe_plugin(std::string_view manifest) {
  constexpr std::string_view compiler = "g++ " __VERSION__;
  constexpr std::string_view sdk = RUNLEDGER_SDK_VERSION;
  return {RUNLEDGER_PLUGIN_MAGIC,   sizeof(runledger_plugin),
          RUNLEDGER_PLUGIN_ABI,     {compiler.data(), compiler.size()},
          {sdk.data(), sdk.size()}, {manifest.data(), manifest.size()},
          &Boundary::create<Class>, &Boundary::execute,
          &Boundary::destroy};
}

}  // namespace runledger

// Once, at file scope. The manifest is a constant std::string_view or string literal.
#define RUNLEDGER_PLUGIN(Class, manifest_json)            \
  extern "C" {                                            \
  constinit const runledger_plugin runledger_plugin_v1 =  \
      ::runledger::describe_plugin<Class>(manifest_json); \
  }
