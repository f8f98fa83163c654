#include "core/engine/news.h"

namespace runledger::core {

std::unique_ptr<News::Watch> News::watch(std::string stream, std::function<void()> on_news) {
  std::scoped_lock lock(mutex_);
  auto entry = watchers_.emplace(std::move(stream), std::move(on_news));
  return std::unique_ptr<Watch>(new Watch(*this, entry));
}

void News::publish(std::span<const std::string> streams) {
  std::scoped_lock lock(mutex_);
  if (watchers_.empty()) return;
  for (const std::string& stream : streams) {
    auto [first, last] = watchers_.equal_range(stream);
    for (auto it = first; it != last; ++it) it->second();
  }
}

News::Watch::~Watch() {
  std::scoped_lock lock(news_.mutex_);
  news_.watchers_.erase(entry_);
}

}  // namespace runledger::core
