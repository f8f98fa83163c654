// The layout of the C contract, frozen: plugins and workers of different builds meet.
#include <gtest/gtest.h>
#include <runledger/plugin.h>

#include <fstream>
#include <map>
#include <sstream>

namespace {

#define RUNLEDGER_MEMBERS(X)                  \
  X(runledger_text, data)                     \
  X(runledger_text, size)                     \
  X(runledger_artifact, size)                 \
  X(runledger_artifact, reserved)             \
  X(runledger_artifact, bytes)                \
  X(runledger_artifact, resource_id)          \
  X(runledger_artifact, sha256)               \
  X(runledger_failure, size)                  \
  X(runledger_failure, retryable)             \
  X(runledger_failure, code)                  \
  X(runledger_failure, message)               \
  X(runledger_failure, retry_after_ms)        \
  X(runledger_poll, size)                     \
  X(runledger_poll, reserved)                 \
  X(runledger_poll, name)                     \
  X(runledger_poll, every_ms)                 \
  X(runledger_poll, timeout_ms)               \
  X(runledger_poll, factor)                   \
  X(runledger_poll, every_max_ms)             \
  X(runledger_review, size)                   \
  X(runledger_review, reserved)               \
  X(runledger_review, name)                   \
  X(runledger_review, body)                   \
  X(runledger_review, validation)             \
  X(runledger_review, schema)                 \
  X(runledger_http_request, size)             \
  X(runledger_http_request, redirects_max)    \
  X(runledger_http_request, method)           \
  X(runledger_http_request, url)              \
  X(runledger_http_request, headers)          \
  X(runledger_http_request, credential)       \
  X(runledger_http_request, body)             \
  X(runledger_http_request, first_byte_ms)    \
  X(runledger_http_request, total_ms)         \
  X(runledger_http_request, answer_bytes_max) \
  X(runledger_http_answer, size)              \
  X(runledger_http_answer, status)            \
  X(runledger_http_answer, headers)           \
  X(runledger_http_answer, body)              \
  X(runledger_http_answer, retry_after_ms)    \
  X(runledger_http_answer, problem)           \
  X(runledger_http_answer, retryable)         \
  X(runledger_http_answer, may_have_arrived)  \
  X(runledger_host, size)                     \
  X(runledger_host, abi)                      \
  X(runledger_host, ctx)                      \
  X(runledger_host, run_id)                   \
  X(runledger_host, task_id)                  \
  X(runledger_host, task_type)                \
  X(runledger_host, input)                    \
  X(runledger_host, session)                  \
  X(runledger_host, attempt)                  \
  X(runledger_host, reserved)                 \
  X(runledger_host, progress)                 \
  X(runledger_host, emit)                     \
  X(runledger_host, log)                      \
  X(runledger_host, artifact)                 \
  X(runledger_host, stop_requested)           \
  X(runledger_host, set_result)               \
  X(runledger_host, set_failure)              \
  X(runledger_host, last_error)               \
  X(runledger_host, step_begin)               \
  X(runledger_host, step_end)                 \
  X(runledger_host, sleep)                    \
  X(runledger_host, poll_begin)               \
  X(runledger_host, poll_found)               \
  X(runledger_host, poll_wait)                \
  X(runledger_host, review)                   \
  X(runledger_host, http)                     \
  X(runledger_host, artifact_from)            \
  X(runledger_host, open_resource)            \
  X(runledger_content, size)                  \
  X(runledger_content, reserved)              \
  X(runledger_content, data)                  \
  X(runledger_content, bytes)                 \
  X(runledger_content, media_type)            \
  X(runledger_plugin, magic)                  \
  X(runledger_plugin, size)                   \
  X(runledger_plugin, abi)                    \
  X(runledger_plugin, compiler)               \
  X(runledger_plugin, sdk)                    \
  X(runledger_plugin, manifest)               \
  X(runledger_plugin, create)                 \
  X(runledger_plugin, execute)                \
  X(runledger_plugin, destroy)

struct Place {
  std::size_t offset;
  std::size_t size;
  bool operator==(const Place&) const = default;
};
using Layout = std::map<std::string, Place>;

Layout layout_of_this_build() {
  Layout layout;
#define RUNLEDGER_PLACE(type, member) \
  layout[#type "." #member] = {offsetof(type, member), sizeof(type::member)};
  RUNLEDGER_MEMBERS(RUNLEDGER_PLACE)
#undef RUNLEDGER_PLACE
  return layout;
}

Layout frozen_layout(const std::string& path) {
  Layout layout;
  std::ifstream file(path);
  std::string name;
  for (Place place{}; file >> name >> place.offset >> place.size;) layout[name] = place;
  return layout;
}

std::string text_of(const Layout& layout) {
  std::ostringstream text;
  for (const auto& [name, place] : layout) {
    text << name << " " << place.offset << " " << place.size << "\n";
  }
  return text.str();
}

// The file is added to when a member is appended. A change of a line in it needs another ABI
// number, and with that another file.
TEST(AbiLayout, IsTheFrozenOneOfItsNumber) {
  const std::string path = RUNLEDGER_SDK "/abi-" + std::to_string(RUNLEDGER_PLUGIN_ABI) + ".txt";
  EXPECT_EQ(text_of(frozen_layout(path)), text_of(layout_of_this_build())) << path;
}

// So that none is forgotten above.
TEST(AbiLayout, HasNoMemberThatIsNotFrozen) {
  std::map<std::string, std::size_t> ends;
  for (const auto& [name, place] : layout_of_this_build()) {
    std::size_t& end = ends[name.substr(0, name.find('.'))];
    end = std::max(end, place.offset + place.size);
  }
  EXPECT_EQ(ends["runledger_text"], sizeof(runledger_text));
  EXPECT_EQ(ends["runledger_artifact"], sizeof(runledger_artifact));
  EXPECT_EQ(ends["runledger_failure"], sizeof(runledger_failure));
  EXPECT_EQ(ends["runledger_poll"], sizeof(runledger_poll));
  EXPECT_EQ(ends["runledger_review"], sizeof(runledger_review));
  EXPECT_EQ(ends["runledger_http_request"], sizeof(runledger_http_request));
  EXPECT_EQ(ends["runledger_http_answer"], sizeof(runledger_http_answer));
  EXPECT_EQ(ends["runledger_content"], sizeof(runledger_content));
  EXPECT_EQ(ends["runledger_host"], sizeof(runledger_host));
  EXPECT_EQ(ends["runledger_plugin"], sizeof(runledger_plugin));
}

}  // namespace
