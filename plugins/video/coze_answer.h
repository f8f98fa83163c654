// What a Coze-like service answers, read without trust.
#pragma once

#include <runledger/plugin.hpp>
#include <string>

namespace runledger::plugins::video {

inline constexpr int kCozeBusy = 4013;      // may be asked again
inline constexpr int kCozeNotFound = 4200;  // there is no such run

struct CozeAnswer {
  int code = 0;  // 0: it was done
  json body;     // an object
};

// Throws HttpFailure for another status than 2xx, and for a body that is no answer.
CozeAnswer read_coze_answer(const HttpAnswer& answer);
Failure refused_by_coze(const CozeAnswer& answer);

// The id of a run that was begun or found; throws HttpFailure where there is none.
std::string execute_id_of(const CozeAnswer& answer);
// The URL of what the run has made, once it has ended well; nullopt while it goes on. Throws
// Failure: provider_failed, provider_answer_unknown, provider_gave_no_url.
std::optional<std::string> result_url_of(const CozeAnswer& history);

}  // namespace runledger::plugins::video
