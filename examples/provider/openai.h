// Pictures, videos and chat of an OpenAI-like service.
#pragma once

#include "examples/provider/state.h"

namespace runledger::provider {

inline constexpr std::int64_t kImagesMax = 10;  // of one request

Answer openai_error(int status, const std::string& code, const std::string& message);

// POST /v1/images/generations: at once, as b64_json or url.
Answer generate_images(State& state, const Call& call);
// POST /v1/videos: a job. GET /v1/videos/{subject}, GET /v1/videos/{subject}/content.
Answer create_video(State& state, const Call& call);
Answer get_video(State& state, const Call& call);
Answer get_video_content(State& state, const Call& call);
// POST /v1/chat/completions: JSON that follows from the last message of the user alone.
Answer complete_chat(State& state, const Call& call);

}  // namespace runledger::provider
