// Tells watchers that a stream has news. Notified after the commit, on the sequencer's thread, so a
// callback must only hand over to its own thread. watch() and ending a watch: any thread; once a
// Watch has been destroyed its callback is not running and will not run.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>

namespace runledger::core {

class News {
 public:
  class Watch;
  // Every commit from now on that touches the stream calls back, at least once.
  std::unique_ptr<Watch> watch(std::string stream, std::function<void()> on_news);
  void publish(std::span<const std::string> streams);

 private:
  std::mutex mutex_;
  std::multimap<std::string, std::function<void()>, std::less<>> watchers_;
};

class News::Watch {
 public:
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  friend class News;
  using Entry = std::multimap<std::string, std::function<void()>, std::less<>>::iterator;
  Watch(News& news, Entry entry) : news_(news), entry_(entry) {}
  News& news_;
  Entry entry_;
};

}  // namespace runledger::core
