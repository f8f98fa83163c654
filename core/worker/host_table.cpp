#include <cstddef>
#include <cstring>
#include <utility>

#include "core/worker/host_calls.h"
#include "core/worker/host_text.h"
#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

using protocol::JsonKind;

// Nothing thrown here, such as out of memory, may enter the plugin.
template <typename Call>
runledger_status guarded(Call call) noexcept {
  try {
    clear_refusal();
    return call();
  } catch (const std::exception& error) {
    return refuse(RUNLEDGER_UNAVAILABLE, error.what());
  }
}

runledger_text text_of(const std::string& text) {
  return {text.data(), text.size()};
}

}  // namespace

struct HostCalls::Table {
  static HostCalls& calls(void* ctx) { return *static_cast<HostCalls*>(ctx); }

  static runledger_status progress(void* ctx, double percent, runledger_text message) {
    return guarded([&] { return calls(ctx).progress(percent, message); });
  }
  static runledger_status emit(void* ctx, runledger_text event_type, runledger_text data) {
    return guarded([&] { return calls(ctx).emit(event_type, data); });
  }
  static runledger_status log(void* ctx, runledger_text level, runledger_text text) {
    return guarded([&] { return calls(ctx).log(level, text); });
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
      if (size > kArtifactBytesMax) {
        return refuse_size("the artifact", size, kArtifactBytesMax);
      }
      return calls(ctx).artifact({string_of(name), string_of(media_type), {}, 0},
                                 {static_cast<const std::byte*>(bytes), size}, *out);
    });
  }
  static runledger_status http(void* ctx, const runledger_http_request* request,
                               runledger_http_answer* answer) {
    return guarded([&] { return calls(ctx).http(request, answer); });
  }
  static runledger_status artifact_from(void* ctx, runledger_text name, runledger_text media_type,
                                        const runledger_http_request* request,
                                        runledger_http_answer* answer, runledger_artifact* out) {
    return guarded([&]() -> runledger_status {
      if (!out || out->size < sizeof(runledger_artifact)) {
        return refuse(RUNLEDGER_INVALID, "Expected a runledger_artifact with its size set");
      }
      return calls(ctx).artifact_from(name, media_type, request, answer, *out);
    });
  }
  static runledger_status open_resource(void* ctx, runledger_text resource_id,
                                        runledger_content* out) {
    return guarded([&]() -> runledger_status {
      if (!out || out->size < sizeof(runledger_content)) {
        return refuse(RUNLEDGER_INVALID, "Expected a runledger_content with its size set");
      }
      return calls(ctx).open_resource(resource_id, *out);
    });
  }
  static std::int32_t stop_requested(void* ctx) {
    return calls(ctx).link_.stop_requested() ? 1 : 0;
  }
  static runledger_status set_result(void* ctx, runledger_text output) {
    return guarded([&] { return calls(ctx).set_result(output); });
  }
  static runledger_status set_failure(void* ctx, const runledger_failure* failure) {
    return guarded([&]() -> runledger_status {
      // What was added later may be missing.
      if (!failure || failure->size < offsetof(runledger_failure, retry_after_ms)) {
        return refuse(RUNLEDGER_INVALID, "Expected a runledger_failure with its size set");
      }
      return calls(ctx).set_failure(*failure);
    });
  }
  static runledger_text last_error(void*) { return text_of(last_refusal()); }

  // --- durable calls ---

  template <typename Call>
  static runledger_status named(runledger_text name, Call call) noexcept {
    return guarded([&]() -> runledger_status {
      const auto status = check_name("the name of a durable call", name);
      return status == RUNLEDGER_OK ? call() : status;
    });
  }
  static runledger_status step_begin(void* ctx, runledger_text name, runledger_text* result) {
    return named(name, [&] { return calls(ctx).durable_.step_begin(string_of(name), result); });
  }
  static runledger_status step_end(void* ctx, runledger_text name, runledger_text result) {
    return named(name,
                 [&] { return calls(ctx).durable_.step_end(string_of(name), string_of(result)); });
  }
  static runledger_status sleep(void* ctx, runledger_text name, std::uint64_t delay_ms) {
    return named(name, [&] { return calls(ctx).durable_.sleep(string_of(name), delay_ms); });
  }
  static runledger_status poll_begin(void* ctx, runledger_text name, runledger_text* result) {
    return named(name, [&] { return calls(ctx).durable_.poll_begin(string_of(name), result); });
  }
  static runledger_status poll_found(void* ctx, runledger_text name, runledger_text result) {
    return named(
        name, [&] { return calls(ctx).durable_.poll_found(string_of(name), string_of(result)); });
  }
  static runledger_status poll_wait(void* ctx, const runledger_poll* poll) {
    return guarded([&]() -> runledger_status {
      if (!poll || poll->size < sizeof(runledger_poll)) {
        return refuse(RUNLEDGER_INVALID, "Expected a runledger_poll with its size set");
      }
      return named(poll->name, [&] {
        return calls(ctx).durable_.poll_wait({string_of(poll->name), poll->every_ms,
                                              poll->timeout_ms, poll->factor, poll->every_max_ms});
      });
    });
  }
  static runledger_status review(void* ctx, const runledger_review* question,
                                 runledger_text* verdict) {
    return guarded([&]() -> runledger_status {
      if (!question || question->size < sizeof(runledger_review)) {
        return refuse(RUNLEDGER_INVALID, "Expected a runledger_review with its size set");
      }
      auto status = check_name("the name of a durable call", question->name);
      if (status == RUNLEDGER_OK) {
        status = check_json("the body", question->body, kStepBytesMax, JsonKind::kAny);
      }
      if (status == RUNLEDGER_OK) {
        status = check_json("the validation", question->validation, kStepBytesMax, JsonKind::kAny);
      }
      if (status == RUNLEDGER_OK && question->schema.size > 0) {
        status = check_json("the schema", question->schema, kStepBytesMax, JsonKind::kObject);
      }
      if (status != RUNLEDGER_OK) return status;
      return calls(ctx).durable_.review(
          {string_of(question->name), string_of(question->body), string_of(question->validation),
           string_of(question->schema)},
          verdict);
    });
  }
};

HostCalls::HostCalls(const protocol::LeasedTask& task, TaskLink& link, OutsideLink& outside)
    : task_(task),
      link_(link),
      outside_(outside),
      durable_(task, [&link](protocol::ReportBody body) {
        return link.ask(std::move(body)).has_value();
      }) {
  table_.size = sizeof table_;
  table_.abi = RUNLEDGER_PLUGIN_ABI;
  table_.ctx = this;
  table_.run_id = text_of(task_.run_id);
  table_.task_id = text_of(task_.task_id);
  table_.task_type = text_of(task_.task_type);
  table_.input = text_of(task_.input);
  table_.session = text_of(task_.session);
  table_.attempt = task_.attempt;
  table_.progress = &Table::progress;
  table_.emit = &Table::emit;
  table_.log = &Table::log;
  table_.artifact = &Table::artifact;
  table_.stop_requested = &Table::stop_requested;
  table_.set_result = &Table::set_result;
  table_.set_failure = &Table::set_failure;
  table_.last_error = &Table::last_error;
  table_.step_begin = &Table::step_begin;
  table_.step_end = &Table::step_end;
  table_.sleep = &Table::sleep;
  table_.poll_begin = &Table::poll_begin;
  table_.poll_found = &Table::poll_found;
  table_.poll_wait = &Table::poll_wait;
  table_.review = &Table::review;
  table_.http = &Table::http;
  table_.artifact_from = &Table::artifact_from;
  table_.open_resource = &Table::open_resource;
}

}  // namespace runledger::core::worker
