#include "core/engine/event_feed.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "core/domain/event_codec.h"

namespace runledger::core {
namespace {

using eventlog::EventLog;
using eventlog::Offset;
using eventlog::RecordView;

constexpr std::size_t kPieceEvents = 256;
constexpr std::size_t kPieceBytes = 1024 * 1024;

struct Decoded {
  Event event;
  std::size_t payload_bytes = 0;
};

// What is handed over at a time.
struct Piece {
  std::vector<Decoded> events;
  std::size_t bytes = 0;
};

// A stretch of the log that one thread decodes.
struct Chunk {
  std::deque<Piece> pieces;
  bool complete = false;
  std::exception_ptr failure;  // it is due after the pieces
};

class Feed {
 public:
  Feed(const EventLog& log, Offset from, Offset to, const FeedSettings& settings)
      : log_(log),
        from_(from),
        to_(to),
        settings_(settings),
        chunks_((to - from + settings.chunk_events - 1) / settings.chunk_events) {}
  ~Feed() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    room_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  void run(const TakeEvent& take) {
    const std::size_t threads = std::min(settings_.threads, chunks_);
    ahead_max_ = 2 * threads + 1;
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { decode_chunks(); });
    while (auto piece = next_piece()) {
      for (const Decoded& each : piece->events) take(each.event, each.payload_bytes);
    }
  }

 private:
  // Of the calling thread: the next piece in the log's order; nullopt at the end.
  std::optional<Piece> next_piece() {
    std::unique_lock lock(mutex_);
    while (due_ < chunks_) {
      news_.wait(lock, [this] {
        return !window_.empty() && (!window_[0].pieces.empty() || window_[0].complete);
      });
      Chunk& chunk = window_.front();
      if (!chunk.pieces.empty()) {
        Piece piece = std::move(chunk.pieces.front());
        chunk.pieces.pop_front();
        bytes_ahead_ -= piece.bytes;
        room_.notify_all();
        return piece;
      }
      if (chunk.failure) std::rethrow_exception(chunk.failure);
      window_.pop_front();
      ++due_;
      room_.notify_all();
    }
    return std::nullopt;
  }

  void decode_chunks() {
    while (const auto number = begin_chunk()) {
      std::exception_ptr failure;
      try {
        decode_chunk(*number);
      } catch (...) {
        failure = std::current_exception();
      }
      const std::scoped_lock lock(mutex_);
      if (stopping_) return;
      Chunk& chunk = window_[*number - due_];
      chunk.failure = failure;
      chunk.complete = true;
      if (*number == due_) news_.notify_one();
    }
  }

  std::optional<std::size_t> begin_chunk() {
    std::unique_lock lock(mutex_);
    room_.wait(lock,
               [this] { return stopping_ || begun_ == chunks_ || begun_ < due_ + ahead_max_; });
    if (stopping_ || begun_ == chunks_) return std::nullopt;
    window_.emplace_back();
    return begun_++;
  }

  void decode_chunk(std::size_t number) {
    const Offset first = from_ + number * settings_.chunk_events;
    const Offset end = std::min<Offset>(first + settings_.chunk_events, to_);
    Piece piece;
    bool wanted = true;
    std::exception_ptr failure;
    try {
      log_.read(first, [&](const RecordView& record) {
        piece.events.push_back({decode_event(record), record.payload.size()});
        piece.bytes += record.payload.size();
        if (piece.events.size() >= kPieceEvents || piece.bytes >= kPieceBytes) {
          wanted = hand_over(number, std::exchange(piece, {}));
        }
        return wanted && record.offset + 1 < end;
      });
    } catch (...) {
      failure = std::current_exception();  // behind what has been decoded
    }
    if (wanted && !piece.events.empty()) hand_over(number, std::move(piece));
    if (failure) std::rethrow_exception(failure);
  }

  // Waits while too much is decoded already, but never with the chunk that is due: so it goes on.
  bool hand_over(std::size_t number, Piece piece) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] {
      return stopping_ || bytes_ahead_ + piece.bytes <= settings_.ahead_bytes_max ||
             (number == due_ && window_[0].pieces.empty());
    });
    if (stopping_) return false;
    bytes_ahead_ += piece.bytes;
    window_[number - due_].pieces.push_back(std::move(piece));
    if (number == due_) news_.notify_one();
    return true;
  }

  const EventLog& log_;
  const Offset from_;
  const Offset to_;
  const FeedSettings settings_;
  const std::size_t chunks_;
  std::size_t ahead_max_ = 1;

  std::mutex mutex_;
  std::condition_variable news_;  // of the chunk that is due
  std::condition_variable room_;
  std::deque<Chunk> window_;  // chunks due_ to begun_
  std::size_t due_ = 0;
  std::size_t begun_ = 0;
  std::size_t bytes_ahead_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

void feed_events(const EventLog& log, Offset from, Offset to, const TakeEvent& take,
                 const FeedSettings& settings) {
  if (from >= to) return;
  if (to - from <= settings.chunk_events) {  // not worth a thread
    log.read(from, [&](const RecordView& record) {
      take(decode_event(record), record.payload.size());
      return record.offset + 1 < to;
    });
    return;
  }
  FeedSettings chosen = settings;
  if (chosen.threads == 0) chosen.threads = std::max(1u, std::thread::hardware_concurrency());
  Feed(log, from, to, chosen).run(take);
}

}  // namespace runledger::core
