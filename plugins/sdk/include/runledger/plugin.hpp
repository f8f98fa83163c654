// Writing a plugin in C++: derive from Executor, name the class in RUNLEDGER_PLUGIN. Header-only,
// on top of the C contract in plugin.h. plugins/README.md walks through one.
#pragma once

#include <runledger/plugin.h>
#include <runledger/task_context.hpp>

#include <cstddef>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>

namespace runledger {

// An instance is made for each attempt and used by one thread.
class Executor {
 public:
  virtual ~Executor() = default;
  // Returns the output, a JSON object. Throws Failure, Stopped, or anything else, which becomes a
  // retryable failure `executor_error` with its text.
  virtual json execute(TaskContext& task) = 0;
  // The task is canceled: tells the provider that its job is not wanted any more, once for each
  // job, with an instance of its own, within the grace period. What it throws is logged.
  virtual void cancel_remote(RemoteCancel& job) { job.decline(); }
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

  static runledger_status cancel_remote(void* instance, const runledger_host* host,
                                        runledger_text provider,
                                        const runledger_remote_job* job) noexcept {
    try {
      RemoteCancel cancel(*host, provider, *job);
      try {
        static_cast<Executor*>(instance)->cancel_remote(cancel);
      } catch (const std::exception& thrown) {
        cancel.log("warning", thrown.what());
        return RUNLEDGER_FAILED;
      }
      return cancel.declined() ? RUNLEDGER_NOT_DONE : RUNLEDGER_OK;
    } catch (...) {
      return RUNLEDGER_FAILED;
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
    } catch (const detail::Unwind&) {
      return RUNLEDGER_SUSPENDED;
    } catch (const Stopped&) {
      return RUNLEDGER_STOPPED;
    } catch (const Failure& failure) {
      return fail(host, failure);
    } catch (const std::exception& thrown) {
      return fail(host, {"executor_error", thrown.what(), true});
    } catch (...) {
      return fail(host, {"executor_error", "threw something that is not a std::exception", true});
    }
  }

  static runledger_status fail(const runledger_host& host, const Failure& failure) {
    const auto after = failure.retry_after().count();
    const runledger_failure told{
        sizeof(runledger_failure), failure.retryable() ? 1U : 0U, TaskContext::text(failure.code()),
        TaskContext::text(failure.what()), static_cast<std::uint64_t>(after > 0 ? after : 0)};
    host.set_failure(host.ctx, &told);
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
          &Boundary::destroy,       &Boundary::cancel_remote};
}

}  // namespace runledger

// Once, at file scope. The manifest is a constant std::string_view or string literal.
#define RUNLEDGER_PLUGIN(Class, manifest_json)            \
  extern "C" {                                            \
  constinit const runledger_plugin runledger_plugin_v1 =  \
      ::runledger::describe_plugin<Class>(manifest_json); \
  }
