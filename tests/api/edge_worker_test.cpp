// Worker sessions.
#include <gtest/gtest.h>

#include <thread>

#include "tests/api/edge_fixture.h"
#include "tests/api/websocket_client.h"

namespace runledger::api {
namespace {

using EdgeWorker = EdgeTest;

TEST_F(EdgeWorker, FramesGoBothWays) {
  start();
  WebSocketClient socket(port());
  auto response = socket.shake_hands();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 101);
  EXPECT_EQ(response->field("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_FALSE(response->field("x-request-id").empty());
  for (const std::string& text : {std::string("a"), std::string(70'000, 'b')}) {
    socket.send(text);
    EXPECT_EQ(socket.read().value_or(Frame{}).payload, "echo " + text);
  }
  EXPECT_EQ(gateway_.closed(), 0);
}

TEST_F(EdgeWorker, NeedsARoleAHandshakeAndRoom) {
  start();
  EXPECT_EQ(WebSocketClient(port()).shake_hands("viewer").value_or(HttpResponse{}).status, 403);
  EXPECT_EQ(WebSocketClient(port()).shake_hands("wrong").value_or(HttpResponse{}).status, 401);
  auto plain = client().get("/v1/worker");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->status, 426);
  gateway_.is_full = true;
  EXPECT_EQ(WebSocketClient(port()).shake_hands().value_or(HttpResponse{}).status, 503);
}

TEST_F(EdgeWorker, ClosedByTheDispatcherAfterWhatWasSent) {
  start();
  WebSocketClient socket(port());
  ASSERT_TRUE(socket.shake_hands());
  socket.send("close:enough");
  EXPECT_EQ(socket.read().value_or(Frame{}).payload, "bye");
  auto frame = socket.read();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->opcode, kCloseFrame);
  EXPECT_EQ(frame->close_code, 1000);
  EXPECT_EQ(frame->payload, "enough");
  socket.send("\x03\xE8", kCloseFrame);
  EXPECT_TRUE(gateway_.wait_for_closed(1));
}

TEST_F(EdgeWorker, ClosedByTheClientIsToldOnce) {
  start();
  {
    WebSocketClient socket(port());
    ASSERT_TRUE(socket.shake_hands());
    socket.send("\x03\xE8", kCloseFrame);
    EXPECT_EQ(socket.read().value_or(Frame{}).opcode, kCloseFrame);
  }
  {
    WebSocketClient socket(port());
    ASSERT_TRUE(socket.shake_hands());
    socket.raw().reset();
  }
  EXPECT_TRUE(gateway_.wait_for_closed(2));
  stop();
  EXPECT_EQ(gateway_.closed(), 2);
}

TEST_F(EdgeWorker, SessionThatNeverShakesHandsIsToldToo) {
  start();
  HttpClient http(port());
  http.send(
      "GET /v1/worker HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer worker\r\n"
      "Sec-WebSocket-Key: x\r\n\r\n");
  EXPECT_TRUE(gateway_.wait_for_closed(1));
}

TEST_F(EdgeWorker, AnotherThreadMaySendAndSendAfterTheEnd) {
  start();
  WebSocketClient socket(port());
  ASSERT_TRUE(socket.shake_hands());
  auto connection = gateway_.last_connection();
  {
    std::jthread sender([&] {
      for (int i = 0; i < 1000; ++i) connection->send(std::to_string(i));
    });
    for (int i = 0; i < 1000; ++i) {
      ASSERT_EQ(socket.read().value_or(Frame{}).payload, std::to_string(i));
    }
  }
  socket.raw().reset();
  EXPECT_TRUE(gateway_.wait_for_closed(1));
  connection->send("nobody hears");
  stop();
  connection->send("nobody hears");
  connection->close("nobody cares");
}

TEST_F(EdgeWorker, TooManyUnreadFramesEndTheSession) {
  settings_.limits.session_queue_bytes_max = 1'000'000;
  start();
  WebSocketClient never_reads(port(), /*receive_buffer_bytes=*/4096);
  ASSERT_TRUE(never_reads.shake_hands());
  // 100 times 64 KiB at once, beyond the queue's limit.
  never_reads.send("flood");
  EXPECT_TRUE(gateway_.wait_for_closed(1));
}

TEST_F(EdgeWorker, StuckWriterDoesNotKeepAnOverflowingSession) {
  settings_.limits.session_queue_bytes_max = 1'000'000;
  start();
  WebSocketClient never_reads(port(), /*receive_buffer_bytes=*/4096);
  ASSERT_TRUE(never_reads.shake_hands());
  // Far more than all socket buffers and the queue hold, and it comes slowly enough for
  // the writer to get stuck on a full socket first.
  for (int i = 0; i < 1000; ++i) {
    if (!never_reads.send("drip")) break;
  }
  EXPECT_TRUE(gateway_.wait_for_closed(1));
}

TEST_F(EdgeWorker, TooLargeFrameEndsTheSession) {
  settings_.limits.session_frame_bytes_max = 1000;
  start();
  WebSocketClient socket(port());
  ASSERT_TRUE(socket.shake_hands());
  socket.send(std::string(1001, 'x'));
  auto frame = socket.read();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->close_code, 1009);
  socket.raw().reset();
  EXPECT_TRUE(gateway_.wait_for_closed(1));
}

TEST_F(EdgeWorker, BinaryFramesAndThrowingSessionsEndIt) {
  start();
  WebSocketClient binary(port());
  ASSERT_TRUE(binary.shake_hands());
  binary.send("x", kBinaryFrame);
  EXPECT_EQ(binary.read().value_or(Frame{}).opcode, kCloseFrame);
  WebSocketClient throwing(port());
  ASSERT_TRUE(throwing.shake_hands());
  throwing.send("throw");
  EXPECT_EQ(throwing.read().value_or(Frame{}).opcode, kCloseFrame);
  binary.raw().reset();
  throwing.raw().reset();
  EXPECT_TRUE(gateway_.wait_for_closed(2));
}

TEST_F(EdgeWorker, SilentClientIsPingedThenDropped) {
  settings_.limits.session_idle_timeout = std::chrono::milliseconds(200);
  start();
  WebSocketClient socket(port());
  ASSERT_TRUE(socket.shake_hands());
  EXPECT_EQ(socket.read().value_or(Frame{}).opcode, kPingFrame);
  EXPECT_TRUE(gateway_.wait_for_closed(1));
}

TEST_F(EdgeWorker, StopClosesSessions) {
  start();
  WebSocketClient socket(port());
  ASSERT_TRUE(socket.shake_hands());
  std::jthread stopper([&] { stop(); });
  auto frame = socket.read();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->opcode, kCloseFrame);
  EXPECT_EQ(frame->payload, "the server is stopping");
  socket.send("\x03\xE8", kCloseFrame);
  EXPECT_TRUE(gateway_.wait_for_closed(1));
}

}  // namespace
}  // namespace runledger::api
