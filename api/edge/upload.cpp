#include "api/edge/upload.h"

#include <spdlog/spdlog.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <nlohmann/json.hpp>

#include "api/edge/on_disk.h"
#include "api/edge/read_deadline.h"

namespace runledger::api {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr auto kResult = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kBlockBytes = 256 * 1024;

using Parser = http::request_parser<http::buffer_body>;
using Staged = std::shared_ptr<core::StagedArtifact>;

Problem too_large(std::uint64_t bytes_max) {
  return {.status = 413,
          .code = "body_too_large",
          .detail = "Expected an artifact of at most " + std::to_string(bytes_max) + " bytes"};
}

// What can be said before a byte of the body is read.
std::optional<Problem> check(const Head& head, const std::string& sha256, const Lane& lane) {
  const EdgeLimits& limits = lane.services.settings.limits;
  if (!core::is_sha256_text(sha256)) {
    return Problem{.status = 400,
                   .code = "bad_digest",
                   .detail = "Expected the path to end in 64 lower-case hexadecimal digits"};
  }
  if (!head.content_length && !head.is_chunked) {
    return Problem{.status = 411,
                   .code = "length_required",
                   .detail = "Expected Content-Length or a chunked body"};
  }
  if (head.content_length.value_or(0) > limits.upload_bytes_max) {
    return too_large(limits.upload_bytes_max);
  }
  if (lane.uploads >= limits.uploads_max) {
    return Problem{.status = 503,
                   .code = "overloaded",
                   .detail = "The server receives as many uploads as it takes at a time",
                   .retryable = true,
                   .retry_after_s = 2};
  }
  return std::nullopt;
}

// Reads one block; an error of kind need_buffer only says that the block is full.
asio::awaitable<boost::system::error_code> read_block(Client& client, Parser& parser,
                                                      std::string& block) {
  parser.get().body().data = block.data();
  parser.get().body().size = block.size();
  auto [error, size] = co_await http::async_read(client.stream, client.buffer, parser, kResult);
  if (error == http::error::need_buffer) co_return boost::system::error_code();
  co_return error;
}

asio::awaitable<std::variant<std::monostate, Problem, ClientGone>> receive_bytes(
    Client& client, Lane& lane, std::string_view head_text, Staged staged) {
  const EdgeLimits& limits = lane.services.settings.limits;
  auto deadline = std::chrono::steady_clock::now() + limits.upload_timeout;
  Parser parser;
  parser.body_limit(limits.upload_bytes_max);
  parser.header_limit(static_cast<std::uint32_t>(limits.head_bytes_max));
  boost::system::error_code error;
  parser.put(asio::buffer(head_text.data(), head_text.size()), error);
  std::string block(kBlockBytes, '\0');
  bool is_out_of_time = false;
  while (!error && !parser.is_done()) {
    auto block_deadline = std::chrono::steady_clock::now() + limits.upload_read_timeout;
    ReadDeadline read_deadline(client, std::min(deadline, block_deadline));
    error = co_await read_block(client, parser, block);
    is_out_of_time = read_deadline.has_expired();
    if (error) break;
    std::string_view bytes(block.data(), block.size() - parser.get().body().size);
    auto write = [&] {
      staged->write(bytes);
    };
    if (!bytes.empty()) co_await on_disk(lane.services.disk, write);
  }
  if (!error) co_return std::monostate();
  auto reason = explain_body_error(error, is_out_of_time, limits.upload_bytes_max);
  if (auto* problem = std::get_if<Problem>(&reason)) co_return std::move(*problem);
  co_return ClientGone{};
}

asio::awaitable<UploadResult> store_upload(Client& client, Lane& lane, std::string_view head_text,
                                           const std::string& sha256) {
  asio::thread_pool& disk = lane.services.disk;
  auto stage = [&]() -> Staged {
    return lane.services.artifacts.stage();
  };
  Staged staged = co_await on_disk(disk, stage);
  auto received = co_await receive_bytes(client, lane, head_text, staged);
  if (auto* problem = std::get_if<Problem>(&received)) co_return std::move(*problem);
  if (std::holds_alternative<ClientGone>(received)) co_return ClientGone{};

  auto digest = [&] {
    return staged->sha256();
  };
  std::string actual = co_await on_disk(disk, digest);
  if (actual != sha256) {
    co_return Problem{.status = 422,
                      .code = "digest_mismatch",
                      .detail = "Expected bytes with the SHA-256 " + sha256 + ", but theirs is " +
                                actual + "; nothing was kept"};
  }
  auto commit = [&] {
    return staged->commit();
  };
  core::StoredArtifact stored = co_await on_disk(disk, commit);
  Answer answer{.status = 201};
  answer.body = nlohmann::json{{"sha256", stored.sha256}, {"size", stored.size}}.dump();
  co_return answer;
}

}  // namespace

asio::awaitable<UploadResult> receive_upload(Client& client, Lane& lane, std::string_view head_text,
                                             const Head& head, const Request& request) {
  std::string sha256 = request.path_parameters.empty() ? "" : request.path_parameters.back();
  if (auto problem = check(head, sha256, lane)) co_return std::move(*problem);
  if (!co_await send_continue(client, head, lane.services.settings.limits)) co_return ClientGone{};
  struct Counted {
    explicit Counted(std::size_t& counter) : count(counter) { ++count; }
    ~Counted() { --count; }
    std::size_t& count;
  } counted(lane.uploads);
  try {
    co_return co_await store_upload(client, lane, head_text, sha256);
  } catch (const std::exception& error) {
    spdlog::error("[{}] an upload of {} failed: {}", request.request_id, sha256, error.what());
  }
  co_return Problem{.status = 500,
                    .code = "artifact_not_stored",
                    .detail = "The artifact could not be stored; nothing was kept",
                    .retryable = true};
}

}  // namespace runledger::api
