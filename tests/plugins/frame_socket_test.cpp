// Frames between a worker and a plugin's process: whole, in order, with their descriptors, and not
// believed.
#include "core/worker/frame_socket.h"

#include <gmock/gmock.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <array>
#include <thread>

namespace runledger::core::worker {
namespace {

class FrameSocketTest : public ::testing::Test {
 protected:
  FrameSocketTest() {
    std::array<int, 2> both{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both.data()) != 0) std::abort();
    left = std::make_unique<FrameSocket>(FileDescriptor(both[0]));
    right = std::make_unique<FrameSocket>(FileDescriptor(both[1]));
  }
  std::optional<Frame> receive() {
    for (;;) {
      if (auto frame = right->next()) return frame;
      pollfd news{right->number(), POLLIN, 0};
      poll(&news, 1, 10'000);
      if (right->fill() == SocketState::kOpen) continue;
      return right->next();
    }
  }
  void send_bytes(const std::string& bytes) const {
    ASSERT_EQ(::send(left->number(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
  }

  std::unique_ptr<FrameSocket> left;
  std::unique_ptr<FrameSocket> right;
};

TEST_F(FrameSocketTest, CarriesFramesInOrder) {
  ASSERT_TRUE(left->send(1, 7, "hello"));
  ASSERT_TRUE(left->try_send(2));
  ASSERT_TRUE(left->send(3, 0, ""));
  const auto first = receive();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->kind, 1u);
  EXPECT_EQ(first->number, 7u);
  EXPECT_EQ(first->payload, "hello");
  EXPECT_EQ(receive()->kind, 2u);
  EXPECT_EQ(receive()->kind, 3u);
}

TEST_F(FrameSocketTest, CarriesFramesLargerThanTheSocketHolds) {
  const std::string large(kFramePayloadBytesMax, 'x');
  std::thread sender([&] { EXPECT_TRUE(left->send(1, 0, large)); });
  const auto frame = receive();
  sender.join();
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->payload == large);
  EXPECT_FALSE(left->send(1, 0, large + "x"));
}

TEST_F(FrameSocketTest, HandsOverDescriptorsInOrder) {
  std::array<int, 2> files{memfd_create("a", 0), memfd_create("b", 0)};
  ASSERT_TRUE(left->send(1, 0, "before"));
  ASSERT_TRUE(left->send(2, 0, "a", files[0]));
  ASSERT_TRUE(left->send(2, 0, "b", files[1]));
  for (const int file : files) {
    const std::string content = std::to_string(file);
    ASSERT_EQ(pwrite(file, content.data(), content.size(), 0), ssize_t(content.size()));
  }
  EXPECT_EQ(receive()->payload, "before");
  for (const int file : files) {
    ASSERT_TRUE(receive());
    const FileDescriptor got = right->take_file();
    std::string content(10, '\0');
    const auto read = pread(got.get(), content.data(), content.size(), 0);
    EXPECT_EQ(content.substr(0, static_cast<std::size_t>(read)), std::to_string(file));
    close(file);
  }
  EXPECT_FALSE(right->take_file());
}

TEST_F(FrameSocketTest, DoesNotWaitForAFrameOfANonsensicalLength) {
  send_bytes(std::string("\xff\xff\xff\xff", 4) + std::string(12, '\0') + "xyz");
  EXPECT_FALSE(receive());
  EXPECT_EQ(right->fill(), SocketState::kBroken);
}

TEST_F(FrameSocketTest, DoesNotCollectDescriptorsThatBelongToNothing) {
  SocketState state = SocketState::kOpen;
  for (std::size_t i = 0; i <= kFrameFilesMax && state == SocketState::kOpen; ++i) {
    const int file = memfd_create("extra", 0);
    ASSERT_TRUE(left->send(1, 0, "", file));
    close(file);
    state = right->fill();
  }
  EXPECT_EQ(right->fill(), SocketState::kBroken);
}

TEST_F(FrameSocketTest, SaysThatTheOtherEndHasGone) {
  ASSERT_TRUE(left->send(1, 0, "last"));
  left.reset();
  EXPECT_EQ(receive()->payload, "last");
  EXPECT_EQ(right->fill(), SocketState::kClosed);
  EXPECT_FALSE(right->send(1, 0, "x"));
}

TEST_F(FrameSocketTest, GivesUpWhenNobodyReads) {
  using namespace std::chrono_literals;
  const std::string large(4 << 20, 'x');
  EXPECT_FALSE(left->send(1, 0, large, -1, FrameSocket::Clock::now() + 20ms));
  EXPECT_FALSE(left->send(1, 0, "x"));  // half a frame is out
  EXPECT_FALSE(left->try_send(1));
}

}  // namespace
}  // namespace runledger::core::worker
