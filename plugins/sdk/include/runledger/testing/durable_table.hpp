// The durable functions of the host table: what they check, before the durable calls do the rest.
// Self is an attempt, whose durable calls are durable().
#pragma once

#include <runledger/testing/durable_run.hpp>

namespace runledger::testing::detail {

template <typename Self>
struct DurableTable {
  static DurableRun& durable(void* ctx) { return static_cast<Self*>(ctx)->durable(); }

  static runledger_status step_begin(void* ctx, runledger_text name, runledger_text* result) {
    return named(name, [&] { return durable(ctx).step_begin(string_of(name), result); });
  }
  static runledger_status step_end(void* ctx, runledger_text name, runledger_text result) {
    return named(name, [&] { return durable(ctx).step_end(string_of(name), string_of(result)); });
  }
  static runledger_status sleep(void* ctx, runledger_text name, std::uint64_t delay_ms) {
    return named(name, [&] { return durable(ctx).sleep(string_of(name), delay_ms); });
  }
  static runledger_status poll_begin(void* ctx, runledger_text name, runledger_text* result) {
    return named(name, [&] { return durable(ctx).poll_begin(string_of(name), result); });
  }
  static runledger_status poll_found(void* ctx, runledger_text name, runledger_text result) {
    return named(name, [&] { return durable(ctx).poll_found(string_of(name), string_of(result)); });
  }
  static runledger_status poll_wait(void* ctx, const runledger_poll* poll) {
    if (!poll || poll->size < sizeof(runledger_poll)) {
      return refuse(RUNLEDGER_INVALID, "Expected a runledger_poll with its size set");
    }
    return named(poll->name, [&] {
      return durable(ctx).poll_wait({string_of(poll->name), poll->every_ms, poll->timeout_ms,
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
      return durable(ctx).review({string_of(question->name), value(question->body),
                                  value(question->validation), value(question->schema)},
                                 verdict);
    });
  }

 private:
  template <typename Call>
  static runledger_status named(runledger_text name, Call call) noexcept {
    return guarded([&]() -> runledger_status {
      const auto status = check_name("the name of a durable call", name);
      return status == RUNLEDGER_OK ? call() : status;
    });
  }
};

}  // namespace runledger::testing::detail
