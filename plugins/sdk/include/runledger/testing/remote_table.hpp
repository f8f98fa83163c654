// The functions of the host table about jobs at other people's servers: what they check, before
// the durable calls do the rest. Self is an attempt, whose durable calls are durable().
#pragma once

#include <runledger/testing/durable_run.hpp>

#include <cstddef>

namespace runledger::testing::detail {

template <typename Self>
struct RemoteTable {
  static DurableRun& durable(void* ctx) { return static_cast<Self*>(ctx)->durable(); }

  static runledger_status begin(void* ctx, const runledger_remote* call,
                                runledger_remote_job* job) {
    return of_job(job, [&](runledger_remote_job& out) -> runledger_status {
      if (!call || call->size < sizeof(runledger_remote)) {
        return refuse(RUNLEDGER_INVALID, "Expected a runledger_remote with its size set");
      }
      if (call->resource_name.size > 0) {
        auto status = check_name("the resource's name", call->resource_name);
        if (status == RUNLEDGER_OK) {
          status = check_name("the resource's media type", call->resource_media_type);
        }
        if (status != RUNLEDGER_OK) return status;
      }
      return durable(ctx).remote_begin({string_of(call->provider), string_of(call->resource_name),
                                        string_of(call->resource_media_type)},
                                       out);
    });
  }
  static runledger_status not_found(void* ctx, runledger_remote_job* job) {
    return of_job(job,
                  [&](runledger_remote_job& out) { return durable(ctx).remote_not_found(out); });
  }
  static runledger_status submitted(void* ctx, runledger_text execute_id, std::int32_t found,
                                    runledger_remote_job* job) {
    return of_job(job, [&](runledger_remote_job& out) -> runledger_status {
      const auto status = check_text("the execute_id", execute_id);
      if (status != RUNLEDGER_OK) return status;
      return durable(ctx).remote_submitted(string_of(execute_id), found != 0, out);
    });
  }
  static runledger_status failed(void* ctx, const runledger_failure* failure) {
    return guarded([&]() -> runledger_status {
      if (!failure || failure->size < offsetof(runledger_failure, retry_after_ms)) {
        return refuse(RUNLEDGER_INVALID, "Expected a runledger_failure with its size set");
      }
      return durable(ctx).remote_failed();
    });
  }
  static runledger_status unknown(void* ctx, runledger_text message) {
    return guarded([&] {
      return durable(ctx).remote_unknown(clipped(mended_utf8(string_of(message)), kTextBytesMax));
    });
  }

 private:
  template <typename Call>
  static runledger_status of_job(runledger_remote_job* job, Call call) noexcept {
    return guarded([&]() -> runledger_status {
      if (job == nullptr || job->size < sizeof(runledger_remote_job)) {
        return refuse(RUNLEDGER_INVALID, "Expected a runledger_remote_job with its size set");
      }
      return call(*job);
    });
  }
};

}  // namespace runledger::testing::detail
