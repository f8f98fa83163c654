// One run of an executor: the table of functions that it is given, in memory.
#pragma once

#include <runledger/testing/durable_table.hpp>
#include <runledger/testing/http_table.hpp>
#include <runledger/testing/remote_table.hpp>
#include <runledger/testing/sha256.hpp>

#include <array>
#include <cmath>
#include <cstring>
#include <exception>

namespace runledger::testing::detail {

// Where the table of this version ends. A plugin.h that is newer may have more: calls that it has
// and this does not are refused as `host_too_old`, as an old worker does.
inline constexpr std::uint32_t kTableBytes =
    offsetof(runledger_host, remote_unknown) + sizeof(runledger_host::remote_unknown);

class Attempt {
 public:
  Attempt(TaskRecord& task, Outside& outside, std::uint32_t table_bytes)
      : task_(task), outside_(outside), durable_(task) {
    fill(table_bytes);
  }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  DurableRun& durable() { return durable_; }

  // Makes an executor, runs it, and tells what it has come to.
  Outcome run(const runledger_plugin& plugin) {
    return with_executor(plugin, [&](void* instance) {
      const runledger_status returned = plugin.execute(instance, &table_);
      plugin.destroy(instance);
      return outcome(returned);
    });
  }

  // Has an executor tell the providers of the task's jobs that they are not wanted.
  void cancel_jobs(const runledger_plugin& plugin) {
    constexpr auto kEnd = offsetof(runledger_plugin, cancel_remote) + sizeof plugin.cancel_remote;
    if (plugin.size < kEnd || plugin.cancel_remote == nullptr) return;
    canceling_ = true;
    static_cast<void>(with_executor(plugin, [&](void* instance) {
      for (const MemoText& memo : task_.memos) {
        if (memo.kind == "remote") cancel_job(plugin, instance, memo);
      }
      plugin.destroy(instance);
      return Outcome::stopped();
    }));
  }

 private:
  template <typename Use>
  static Outcome with_executor(const runledger_plugin& plugin, Use use) {
    try {
      void* instance = nullptr;
      std::array<char, 1024> error{};
      if (plugin.create(&instance, error.data(), error.size()) != RUNLEDGER_OK) {
        error.back() = '\0';
        return Outcome::failed_with(
            "executor_error", std::string("The executor could not be made: ") + error.data(), true);
      }
      return use(instance);
    } catch (...) {
      return Outcome::failed_with(
          "executor_error", "The executor threw an exception across the plugin boundary", true);
    }
  }

  static Attempt& self(void* ctx) { return *static_cast<Attempt*>(ctx); }

  Outcome outcome(runledger_status returned) const {
    if (returned == RUNLEDGER_STOPPED && task_.stop) return Outcome::stopped();
    if (auto decided = durable_.outcome(returned)) return *std::move(decided);
    if (returned == RUNLEDGER_OK && result_) return Outcome::succeeded_with(*result_);
    if (returned != RUNLEDGER_STOPPED && failure_) return *failure_;
    const auto error = [](const std::string& what, bool retryable) {
      return Outcome::failed_with("executor_error", what, retryable);
    };
    switch (returned) {
      case RUNLEDGER_OK:
        return error("The executor ended without output", false);
      case RUNLEDGER_STOPPED:
        return error("The executor stopped although nobody asked it to", true);
      case RUNLEDGER_FAILED:
        return error("The executor failed and did not say why", true);
      default:
        return error("The executor returned " + std::to_string(returned), false);
    }
  }

  void cancel_job(const runledger_plugin& plugin, void* instance, const MemoText& memo) {
    const json known = json::parse(memo.result);
    const auto text = [&](const char* name) {
      return text_of(known.at(name).get_ref<const std::string&>());
    };
    const runledger_remote_job job{sizeof(runledger_remote_job), 0, text("idempotency_key"),
                                   text("execute_id"), text("resource_id")};
    const auto status = plugin.cancel_remote(instance, &table_, text_of(memo.name), &job);
    const auto id = string_of(job.execute_id);
    const std::string what = "job " + id + " at " + memo.name;
    const std::scoped_lock lock(task_.mutex);
    task_.canceled_jobs.push_back({memo.name, id, status == RUNLEDGER_OK});
    if (status == RUNLEDGER_OK) {
      task_.logs.push_back({"info", "The provider was asked to cancel " + what});
    } else if (status == RUNLEDGER_FAILED) {
      task_.logs.push_back({"warning", "There was no canceling " + what});
    }
  }

  bool stopped() const { return task_.stop && !canceling_; }

  // Something that is reported, not a durable call.
  template <typename Add>
  runledger_status report(Add add) {
    if (durable_.suspended()) return RUNLEDGER_SUSPENDED;
    const std::scoped_lock lock(task_.mutex);
    if (task_.stop_at_report && --*task_.stop_at_report == 0) {
      task_.stop_at_report.reset();
      task_.stop = true;
    }
    if (task_.cut_off) return RUNLEDGER_STOPPED;
    add();
    return RUNLEDGER_OK;
  }

  static runledger_status progress(void* ctx, double percent, runledger_text message) {
    return guarded([&]() -> runledger_status {
      if (!std::isfinite(percent) || percent < 0 || percent > 100) {
        return refuse(RUNLEDGER_INVALID, "Expected progress from 0 to 100");
      }
      const auto status = check_text("the message", message);
      if (status != RUNLEDGER_OK) return status;
      auto& task = self(ctx).task_;
      return self(ctx).report([&] { task.progress.push_back({percent, string_of(message)}); });
    });
  }
  static runledger_status emit(void* ctx, runledger_text type, runledger_text data) {
    return guarded([&]() -> runledger_status {
      auto status = check_name("the event type", type);
      if (status == RUNLEDGER_OK) {
        status = check_json("the event's data", data, kEmitBytesMax, Json::kAny);
      }
      if (status != RUNLEDGER_OK) return status;
      auto& task = self(ctx).task_;
      return self(ctx).report([&] {
        task.emitted.push_back({string_of(type), json::parse(string_of(data))});
      });
    });
  }
  static runledger_status log(void* ctx, runledger_text level, runledger_text text) {
    return guarded([&]() -> runledger_status {
      const auto name = string_of(level);
      if (name != "debug" && name != "info" && name != "warning" && name != "error") {
        return refuse(RUNLEDGER_INVALID, "Expected the level debug, info, warning or error");
      }
      const auto status = check_text("the log line", text);
      if (status != RUNLEDGER_OK) return status;
      auto& task = self(ctx).task_;
      return self(ctx).report([&] { task.logs.push_back({name, string_of(text)}); });
    });
  }
  static runledger_status artifact(void* ctx, runledger_text name, runledger_text media_type,
                                   const void* bytes, std::size_t size, runledger_artifact* out) {
    return guarded([&]() -> runledger_status {
      if (!out || out->size < sizeof(runledger_artifact)) {
        return refuse(RUNLEDGER_INVALID, "Expected a runledger_artifact with its size set");
      }
      auto status = check_name("the name", name);
      if (status == RUNLEDGER_OK) status = check_name("the media type", media_type);
      if (status != RUNLEDGER_OK) return status;
      if (!bytes && size > 0) return refuse(RUNLEDGER_INVALID, "Expected bytes, but got NULL");
      status = check_size("the artifact", size, kArtifactBytesMax);
      if (status != RUNLEDGER_OK) return status;
      const std::string content(static_cast<const char*>(bytes), size);
      return self(ctx).store({"", string_of(name), string_of(media_type), "", content}, *out);
    });
  }
  runledger_status store(Stored stored, runledger_artifact& out) {
    stored.sha256 = Sha256::hex(stored.content);
    return report([&] {
      stored.resource_id = resource_id_for(task_, stored);
      out.bytes = stored.content.size();
      std::strcpy(out.resource_id, stored.resource_id.c_str());
      std::strcpy(out.sha256, stored.sha256.c_str());
      task_.artifacts.push_back(std::move(stored));
    });
  }
  static std::int32_t stop_requested(void* ctx) { return self(ctx).stopped() ? 1 : 0; }

  // --- what is outside ---

  static runledger_status http(void* ctx, const runledger_http_request* request,
                               runledger_http_answer* answer) {
    return guarded([&]() -> runledger_status {
      Attempt& it = self(ctx);
      if (it.durable_.suspended()) return RUNLEDGER_SUSPENDED;
      return make_call(
          it.outside_, [&] { return it.stopped(); }, request, answer);
    });
  }
  static runledger_status artifact_from(void* ctx, runledger_text name, runledger_text media_type,
                                        const runledger_http_request* request,
                                        runledger_http_answer* answer, runledger_artifact* out) {
    return guarded([&]() -> runledger_status {
      if (!out || out->size < sizeof(runledger_artifact)) {
        return refuse(RUNLEDGER_INVALID, "Expected a runledger_artifact with its size set");
      }
      Attempt& it = self(ctx);
      if (it.durable_.suspended()) return RUNLEDGER_SUSPENDED;
      auto status = prepare(answer);
      if (status == RUNLEDGER_OK) status = check_name("the name", name);
      if (status == RUNLEDGER_OK && media_type.size > 0) {
        status = check_name("the media type", media_type);
      }
      if (status != RUNLEDGER_OK) return status;
      HttpAnswer got;
      status = download(
          it.outside_, [&] { return it.stopped(); }, request, answer, got);
      if (status != RUNLEDGER_OK) return status;
      const auto type = media_type.size > 0 ? string_of(media_type) : media_type_of(got);
      status = check_name("the media type", text_of(type));
      if (status != RUNLEDGER_OK) return status;
      return it.store({"", string_of(name), type, "", std::move(got.body)}, *out);
    });
  }
  static runledger_status open_resource(void* ctx, runledger_text resource_id,
                                        runledger_content* out) {
    return guarded([&]() -> runledger_status {
      if (!out || out->size < sizeof(runledger_content)) {
        return refuse(RUNLEDGER_INVALID, "Expected a runledger_content with its size set");
      }
      return self(ctx).open(resource_id, *out);
    });
  }
  runledger_status open(runledger_text resource_id, runledger_content& out) {
    if (durable_.suspended()) return RUNLEDGER_SUSPENDED;
    const auto status = check_name("the id of the resource", resource_id);
    if (status != RUNLEDGER_OK) return status;
    if (stopped()) return RUNLEDGER_STOPPED;
    const std::scoped_lock lock(task_.mutex);
    const std::string id = string_of(resource_id);
    auto found = outside_.resource(id);
    for (const Stored& own : task_.artifacts) {
      if (own.resource_id == id) found = Outside::Resource{own.media_type, own.content};
    }
    if (!found) return refuse_resource(task_, id);
    const Outside::Resource& kept = opened_.emplace_back(*std::move(found));
    out.data = kept.content.data();
    out.bytes = kept.content.size();
    out.media_type = text_of(kept.media_type);
    return RUNLEDGER_OK;
  }

  static runledger_status set_result(void* ctx, runledger_text output) {
    return guarded([&] {
      const auto status = check_json("the output", output, kOutputBytesMax, Json::kObject);
      const std::scoped_lock lock(self(ctx).task_.mutex);
      if (status == RUNLEDGER_OK) {
        self(ctx).result_ = json::parse(string_of(output));
      } else {
        const bool too_large = status == RUNLEDGER_TOO_LARGE;
        self(ctx).failure_ =
            Outcome::failed_with(too_large ? "output_too_large" : "output_invalid", refusal, false);
      }
      return status;
    });
  }
  static runledger_status set_failure(void* ctx, const runledger_failure* failure) {
    return guarded([&]() -> runledger_status {
      if (!failure || failure->size < offsetof(runledger_failure, retry_after_ms)) {
        return refuse(RUNLEDGER_INVALID, "Expected a runledger_failure with its size set");
      }
      std::string code = clipped(mended_utf8(string_of(failure->code)), kNameBytesMax);
      if (code.empty()) code = "executor_error";
      const bool has_after = failure->size >= sizeof(runledger_failure);
      const std::scoped_lock lock(self(ctx).task_.mutex);
      self(ctx).failure_ = Outcome::failed_with(
          code, clipped(mended_utf8(string_of(failure->message)), kTextBytesMax),
          failure->retryable != 0, has_after ? std::min(failure->retry_after_ms, kDelayMsMax) : 0);
      return RUNLEDGER_OK;
    });
  }
  static runledger_text last_error(void*) { return text_of(refusal); }

  void fill(std::uint32_t table_bytes) {
    using Durable = DurableTable<Attempt>;
    using Remote = RemoteTable<Attempt>;
    table_.size = table_bytes;
    table_.abi = RUNLEDGER_PLUGIN_ABI;
    table_.ctx = this;
    table_.run_id = text_of(task_.run_id);
    table_.task_id = text_of(task_.task_id);
    table_.task_type = text_of(task_.task_type);
    table_.input = text_of(task_.input);
    table_.session = text_of(task_.session);
    table_.attempt = task_.attempt;
    table_.progress = &progress;
    table_.emit = &emit;
    table_.log = &log;
    table_.artifact = &artifact;
    table_.stop_requested = &stop_requested;
    table_.set_result = &set_result;
    table_.set_failure = &set_failure;
    table_.last_error = &last_error;
    table_.step_begin = &Durable::step_begin;
    table_.step_end = &Durable::step_end;
    table_.sleep = &Durable::sleep;
    table_.poll_begin = &Durable::poll_begin;
    table_.poll_found = &Durable::poll_found;
    table_.poll_wait = &Durable::poll_wait;
    table_.review = &Durable::review;
    table_.http = &http;
    table_.artifact_from = &artifact_from;
    table_.open_resource = &open_resource;
    table_.remote_begin = &Remote::begin;
    table_.remote_not_found = &Remote::not_found;
    table_.remote_submitted = &Remote::submitted;
    table_.remote_failed = &Remote::failed;
    table_.remote_unknown = &Remote::unknown;
  }

  TaskRecord& task_;
  Outside& outside_;
  DurableRun durable_;
  std::deque<Outside::Resource> opened_;  // until execute has returned
  bool canceling_ = false;                // jobs, and nothing else
  runledger_host table_{};
  std::optional<json> result_;
  std::optional<Outcome> failure_;
};

}  // namespace runledger::testing::detail
