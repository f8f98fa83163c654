// Writing a plugin in C++: derive from Executor, name the class in RUNLEDGER_PLUGIN. Header-only,
// on top of the C contract in plugin.h. plugins/README.md walks through one.
#pragma once

#include <runledger/plugin.h>
#include <runledger/http.hpp>

#include <chrono>
#include <cstddef>
#include <cstring>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace runledger {

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

// Of a resource that was read; lives as long as execute() runs.
struct Content {
  std::span<const std::byte> bytes;
  std::string media_type;
};

struct PollOptions {
  std::chrono::milliseconds every{5000};       // until it is looked again
  std::chrono::milliseconds timeout{3600000};  // of all looks together; 0: none
  double factor = 1;                           // by which the time between looks grows
  std::chrono::milliseconds every_max{0};      // up to this; 0: it has no limit
};

struct ReviewRequest {
  std::string_view name = {};
  json body = nullptr;              // what is to be decided on
  json validation = nullptr;        // what was found out about it, for the person
  std::optional<json> schema = {};  // what a corrected body has to fit
};

struct Verdict {
  bool approved = false;
  json body;               // as it was shown, or as the person corrected it
  bool corrected = false;  // which of the two
  std::string feedback;
  std::string by;  // "user:rita"
};

namespace detail {
// Takes the executor out of execute() while it waits. No std::exception, so that only `catch (...)`
// takes it by mistake: let that rethrow.
struct Unwind {};
}  // namespace detail

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

  // Content that is not here yet, but at a URL: task.artifact({"clip.mp4"}).from_url(url).
  class Download {
   public:
    // Downloads into the artifact, past this process's memory. Throws HttpFailure, which is
    // retryable when trying again may help; any status but 200 is the problem `bad_status`.
    Artifact from(const HttpRequest& request) {
      task_.need(&runledger_host::artifact_from, "artifact().from");
      runledger_artifact out{};
      out.size = sizeof out;
      runledger_http_answer answer{};
      answer.size = sizeof answer;
      const detail::CallText call(request);
      const runledger_text name = text(name_.name);
      const runledger_text media_type = text(name_.media_type);
      const auto status =
          task_.host_.artifact_from(task_.host_.ctx, name, media_type, &call.raw(), &answer, &out);
      task_.check_call("artifact", status, answer);
      return {out.resource_id, out.sha256, out.bytes};
    }
    // A GET without credential, which follows redirects.
    Artifact from_url(std::string_view url) {
      return from({.url = std::string(url),
                   .total = std::chrono::minutes(30),
                   .redirects_max = 3,
                   .answer_bytes_max = 1ULL << 30});
    }

   private:
    friend class TaskContext;
    Download(TaskContext& task, const ArtifactName& name) : task_(task), name_(name) {}
    TaskContext& task_;
    const ArtifactName name_;
  };
  Download artifact(const ArtifactName& name) { return {*this, name}; }

  // The content of a resource that the run's owner may see, such as one of an earlier step.
  Content resource(std::string_view resource_id) {
    need(&runledger_host::open_resource, "resource");
    runledger_content out{};
    out.size = sizeof out;
    check("resource", host_.open_resource(host_.ctx, text(resource_id), &out));
    return {{static_cast<const std::byte*>(out.data), static_cast<std::size_t>(out.bytes)},
            std::string(view(out.media_type))};
  }

  // Calls somebody else's server; the answer may have any status. Throws HttpFailure when there is
  // none. Not durable by itself: a call that must not be made twice belongs into a step.
  HttpAnswer http(const HttpRequest& request) {
    need(&runledger_host::http, "http");
    runledger_http_answer answer{};
    answer.size = sizeof answer;
    const detail::CallText call(request);
    check_call("http", host_.http(host_.ctx, &call.raw(), &answer), answer);
    return detail::answer_of(request, answer);
  }

  // --- Durable calls: what they came to is recorded, and execute() runs again from its beginning
  // after a crash and after each wait. So it has to make the same calls in the same order, and
  // what stands between them may happen again. Only from the thread that runs execute().

  // Does it once: what `fn` returns (a JSON value, or nothing) is recorded when step() returns, and
  // returned from then on. A crash before that has `fn` run again. No durable call inside.
  template <typename Fn>
  json step(std::string_view name, Fn&& fn) {
    need(&runledger_host::step_begin, "step");
    if (auto recorded = begin("step", host_.step_begin, name)) return std::move(*recorded);
    json result;
    if constexpr (std::is_void_v<std::invoke_result_t<Fn>>) {
      std::forward<Fn>(fn)();
    } else {
      result = std::forward<Fn>(fn)();
    }
    const std::string as_text = json_text("step", result);
    check("step", host_.step_end(host_.ctx, text(name), text(as_text)));
    return result;
  }

  // Gives the worker back and goes on when the time has passed, whoever restarts meanwhile.
  void sleep(std::string_view name, std::chrono::milliseconds delay) {
    need(&runledger_host::sleep, "sleep");
    const auto delay_ms = delay.count() > 0 ? static_cast<std::uint64_t>(delay.count()) : 0;
    check("sleep", host_.sleep(host_.ctx, text(name), delay_ms));
  }
  void sleep(std::chrono::milliseconds delay) { sleep("sleep", delay); }

  // Looks until `fn`, which gives a std::optional<json>, has something; takes no slot in between.
  // Fails as poll_timed_out, which is the end of the attempt.
  template <typename Fn>
  json poll(std::string_view name, const PollOptions& options, Fn&& fn) {
    need(&runledger_host::poll_wait, "poll");
    if (auto recorded = begin("poll", host_.poll_begin, name)) return std::move(*recorded);
    if (std::optional<json> found = std::forward<Fn>(fn)()) {
      const std::string as_text = json_text("poll", *found);
      check("poll", host_.poll_found(host_.ctx, text(name), text(as_text)));
      return std::move(*found);
    }
    const auto ms = [](std::chrono::milliseconds value) {
      return static_cast<std::uint64_t>(value.count() > 0 ? value.count() : 0);
    };
    const runledger_poll wait{sizeof(runledger_poll),
                              0,
                              text(name),
                              ms(options.every),
                              ms(options.timeout),
                              options.factor,
                              ms(options.every_max)};
    const runledger_status status = host_.poll_wait(host_.ctx, &wait);
    if (status == RUNLEDGER_TIMED_OUT) {
      throw Failure("poll_timed_out", std::string(view(host_.last_error(host_.ctx))), false);
    }
    check("poll", status);
    return {};  // a host that wants neither
  }

  // Asks a person, and goes on when they have decided.
  Verdict review(const ReviewRequest& request) {
    need(&runledger_host::review, "review");
    const std::string body = json_text("review", request.body);
    const std::string validation = json_text("review", request.validation);
    const std::string schema = request.schema ? json_text("review", *request.schema) : "";
    const runledger_review question{sizeof(runledger_review), 0,
                                    text(request.name),       text(body),
                                    text(validation),         text(schema)};
    runledger_text verdict{};
    check("review", host_.review(host_.ctx, &question, &verdict));
    const json decided = json::parse(view(verdict));
    return {decided.at("approved").get<bool>(), decided.at("body"),
            decided.at("corrected").get<bool>(), decided.at("feedback").get<std::string>(),
            decided.at("by").get<std::string>()};
  }

  bool stop_requested() const { return host_.stop_requested(host_.ctx) != 0; }
  void throw_if_stopped() const {
    if (stop_requested()) throw Stopped();
  }

 private:
  friend struct Boundary;
  using Begin = runledger_status (*)(void*, runledger_text, runledger_text*);

  // The table may be that of an older worker, which ends before this member.
  template <typename Member>
  void need(Member runledger_host::*member, const char* call) const {
    const auto* table = reinterpret_cast<const char*>(&host_);
    const auto* end = reinterpret_cast<const char*>(&(host_.*member)) + sizeof(Member);
    if (end <= table + host_.size) return;
    throw Failure("host_too_old", std::string("This worker is too old for ") + call + "()", true);
  }

  std::optional<json> begin(const char* what, Begin call, std::string_view name) const {
    runledger_text recorded{};
    const runledger_status status = call(host_.ctx, text(name), &recorded);
    if (status == RUNLEDGER_NOT_DONE) return std::nullopt;
    check(what, status);
    return json::parse(view(recorded));
  }

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
    if (status == RUNLEDGER_SUSPENDED) throw detail::Unwind();
    const std::string reason(view(host_.last_error(host_.ctx)));
    if (status == RUNLEDGER_UNAVAILABLE) {
      throw Failure(std::string(what) + "_unavailable", reason, true);
    }
    if (status == RUNLEDGER_FAILED) throw Failure("executor_not_deterministic", reason, false);
    const char* kind = status == RUNLEDGER_TOO_LARGE ? "_too_large" : "_invalid";
    throw Failure(std::string(what) + kind, reason, false);
  }

  void check_call(const char* what, runledger_status status,
                  const runledger_http_answer& answer) const {
    if (status == RUNLEDGER_UNAVAILABLE && answer.problem.size > 0) {
      throw HttpFailure(std::string(view(answer.problem)),
                        std::string(view(host_.last_error(host_.ctx))), answer);
    }
    check(what, status);
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
          &Boundary::destroy};
}

}  // namespace runledger

// Once, at file scope. The manifest is a constant std::string_view or string literal.
#define RUNLEDGER_PLUGIN(Class, manifest_json)            \
  extern "C" {                                            \
  constinit const runledger_plugin runledger_plugin_v1 =  \
      ::runledger::describe_plugin<Class>(manifest_json); \
  }
