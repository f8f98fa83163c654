// One run of an executor: the table of functions that it is given, in memory.
#pragma once

#include <runledger/testing/durable_run.hpp>
#include <runledger/testing/sha256.hpp>

#include <array>
#include <cmath>
#include <cstring>
#include <exception>

namespace runledger::testing::detail {

// Where the table of this version ends. A plugin.h that is newer may have more: calls that it has
// and this does not are refused as `host_too_old`, as an old worker does.
inline constexpr std::uint32_t kTableBytes =
    offsetof(runledger_host, review) + sizeof(runledger_host::review);

class Attempt {
 public:
  Attempt(TaskRecord& task, std::uint32_t table_bytes) : task_(task), durable_(task) {
    fill(table_bytes);
  }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  const DurableRun& durable() const { return durable_; }

  // Makes an executor, runs it, and tells what it has come to.
  Outcome run(const runledger_plugin& plugin) {
    try {
      void* instance = nullptr;
      std::array<char, 1024> error{};
      if (plugin.create(&instance, error.data(), error.size()) != RUNLEDGER_OK) {
        error.back() = '\0';
        return Outcome::failed_with(
            "executor_error", std::string("The executor could not be made: ") + error.data(), true);
      }
      const runledger_status returned = plugin.execute(instance, &table_);
      plugin.destroy(instance);
      return outcome(returned);
    } catch (...) {
      return Outcome::failed_with(
          "executor_error", "The executor threw an exception across the plugin boundary", true);
    }
  }

 private:
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

  // Nothing thrown here may enter the plugin.
  template <typename Call>
  static runledger_status guarded(Call call) noexcept {
    try {
      refusal.clear();
      return call();
    } catch (const std::exception& error) {
      return refuse(RUNLEDGER_UNAVAILABLE, error.what());
    }
  }

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
      stored.resource_id = "res_" + std::to_string(task_.artifacts.size() + 1);
      out.bytes = stored.content.size();
      std::strcpy(out.resource_id, stored.resource_id.c_str());
      std::strcpy(out.sha256, stored.sha256.c_str());
      task_.artifacts.push_back(std::move(stored));
    });
  }
  static std::int32_t stop_requested(void* ctx) { return self(ctx).task_.stop ? 1 : 0; }

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

  // --- durable calls ---

  template <typename Call>
  static runledger_status named(runledger_text name, Call call) noexcept {
    return guarded([&]() -> runledger_status {
      const auto status = check_name("the name of a durable call", name);
      return status == RUNLEDGER_OK ? call() : status;
    });
  }
  static runledger_status step_begin(void* ctx, runledger_text name, runledger_text* result) {
    return named(name, [&] { return self(ctx).durable_.step_begin(string_of(name), result); });
  }
  static runledger_status step_end(void* ctx, runledger_text name, runledger_text result) {
    return named(name,
                 [&] { return self(ctx).durable_.step_end(string_of(name), string_of(result)); });
  }
  static runledger_status sleep(void* ctx, runledger_text name, std::uint64_t delay_ms) {
    return named(name, [&] { return self(ctx).durable_.sleep(string_of(name), delay_ms); });
  }
  static runledger_status poll_begin(void* ctx, runledger_text name, runledger_text* result) {
    return named(name, [&] { return self(ctx).durable_.poll_begin(string_of(name), result); });
  }
  static runledger_status poll_found(void* ctx, runledger_text name, runledger_text result) {
    return named(name,
                 [&] { return self(ctx).durable_.poll_found(string_of(name), string_of(result)); });
  }
  static runledger_status poll_wait(void* ctx, const runledger_poll* poll) {
    if (!poll || poll->size < sizeof(runledger_poll)) {
      return refuse(RUNLEDGER_INVALID, "Expected a runledger_poll with its size set");
    }
    return named(poll->name, [&] {
      return self(ctx).durable_.poll_wait({string_of(poll->name), poll->every_ms, poll->timeout_ms,
                                           poll->factor, poll->every_max_ms});
    });
  }
  static runledger_status review(void* ctx, const runledger_review* question,
                                 runledger_text* verdict) {
    if (!question || question->size < sizeof(runledger_review)) {
      return refuse(RUNLEDGER_INVALID, "Expected a runledger_review with its size set");
    }
    return named(question->name, [&]() -> runledger_status {
      auto status = check_json("the body", question->body, kStepBytesMax, Json::kAny);
      if (status == RUNLEDGER_OK) {
        status = check_json("the validation", question->validation, kStepBytesMax, Json::kAny);
      }
      if (status == RUNLEDGER_OK && question->schema.size > 0) {
        status = check_json("the schema", question->schema, kStepBytesMax, Json::kObject);
      }
      if (status != RUNLEDGER_OK) return status;
      const auto value = [](runledger_text text) {
        return text.size == 0 ? json() : json::parse(string_of(text));
      };
      return self(ctx).durable_.review({string_of(question->name), value(question->body),
                                        value(question->validation), value(question->schema)},
                                       verdict);
    });
  }

  void fill(std::uint32_t table_bytes) {
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
    table_.step_begin = &step_begin;
    table_.step_end = &step_end;
    table_.sleep = &sleep;
    table_.poll_begin = &poll_begin;
    table_.poll_found = &poll_found;
    table_.poll_wait = &poll_wait;
    table_.review = &review;
  }

  TaskRecord& task_;
  DurableRun durable_;
  runledger_host table_{};
  std::optional<json> result_;
  std::optional<Outcome> failure_;
};

}  // namespace runledger::testing::detail
