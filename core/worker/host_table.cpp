#include <cstring>

#include "core/worker/host_calls.h"
#include "core/worker/host_text.h"
#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

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
  static std::int32_t stop_requested(void* ctx) {
    return calls(ctx).link_.stop_requested() ? 1 : 0;
  }
  static runledger_status set_result(void* ctx, runledger_text output) {
    return guarded([&] { return calls(ctx).set_result(output); });
  }
  static runledger_status set_failure(void* ctx, const runledger_failure* failure) {
    return guarded([&]() -> runledger_status {
      if (!failure || failure->size < sizeof(runledger_failure)) {
        return refuse(RUNLEDGER_INVALID, "Expected a runledger_failure with its size set");
      }
      return calls(ctx).set_failure(*failure);
    });
  }
  static runledger_text last_error(void*) { return text_of(last_refusal()); }
};

HostCalls::HostCalls(const protocol::LeasedTask& task, TaskLink& link) : task_(task), link_(link) {
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
}

}  // namespace runledger::core::worker
