#include "core/views/run_parts.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/json_codec.h"
#include "core/base/visit_texts.h"
#include "core/views/row_keys.h"
#include "core/views/run_row.h"
#include "eventlog/event_log.h"

namespace runledger::core {
namespace {

// The second line of a run's row.
struct RunParts {
  struct Text {
    std::uint32_t at = 0;  // which of the state's texts, in the order of visit_texts()
    std::string hash;
    static constexpr auto fields() {
      return std::tuple{field("at", &Text::at), field("hash", &Text::hash)};
    }
    bool operator==(const Text&) const = default;
  };
  struct Memos {
    std::uint32_t task = 0;  // its place in the run's tasks
    std::uint32_t count = 0;
    static constexpr auto fields() {
      return std::tuple{field("task", &Memos::task), field("count", &Memos::count)};
    }
    bool operator==(const Memos&) const = default;
  };
  std::vector<Text> texts;
  std::vector<Memos> memos;
  bool empty() const { return texts.empty() && memos.empty(); }
  static constexpr auto fields() {
    return std::tuple{extra("texts", &RunParts::texts), extra("memos", &RunParts::memos)};
  }
};

RunParts parts_of(std::string_view run_row) {
  const std::string_view line = parts_in(run_row);
  return line.empty() ? RunParts{} : json_codec::from_json<RunParts>(line);
}

const std::string& hash_of(JsonText& text) {
  if (!text.sha256) {
    text.sha256 = std::make_shared<const std::string>(row_keys::text_hash(text.text));
  }
  return *text.sha256;
}

// Parts that are out of the run while its row is written; puts them back.
class PartsAside {
 public:
  PartsAside() = default;
  ~PartsAside() {
    for (auto& [text, aside] : texts_) text->text.swap(aside);
    for (auto& [memos, aside] : memos_) memos->swap(aside);
  }
  PartsAside(const PartsAside&) = delete;
  PartsAside& operator=(const PartsAside&) = delete;

  void take(JsonText& text) {
    texts_.emplace_back(&text, "null");
    text.text.swap(texts_.back().second);
  }
  void take(std::vector<Memo>& memos) {
    memos_.emplace_back(&memos, std::vector<Memo>{}).second.swap(memos);
  }

 private:
  std::vector<std::pair<JsonText*, std::string>> texts_;
  std::vector<std::pair<std::vector<Memo>*, std::vector<Memo>>> memos_;
};

// The rows beside the run's own: what there is, against what there was.
class PartsWriter {
 public:
  PartsWriter(RunState& run, const TakeRow& take)
      : run_(run), before_(run.stored ? *run.stored : none()), take_(take) {}

  void write() {
    write_memos();  // first: their results are no texts of the row then
    write_texts();
    take_(row_keys::key(row_keys::kRun, run_.run_id),
          encode_run_row(run_, parts_.empty() ? "" : json_codec::to_json(parts_)));
  }
  std::shared_ptr<const StoredParts> stored() {
    if (parts_.empty()) return nullptr;
    return std::make_shared<const StoredParts>(std::move(now_));
  }

 private:
  static const StoredParts& none() {
    static const StoredParts none;
    return none;
  }

  void write_memos() {
    for (std::uint32_t i = 0; i < run_.tasks.size(); ++i) {
      TaskState& task = run_.tasks[i];
      if (task.memos.empty()) continue;
      const StoredParts::Memos memos{task.memos.front().idx,
                                     static_cast<std::uint32_t>(task.memos.size())};
      parts_.memos.push_back({i, memos.count});
      now_.memos.emplace(task.task_id, memos);
      add_memos(task, memos.first_idx);
      aside_.take(task.memos);
    }
    for (const auto& [task_id, memos] : before_.memos) {
      const auto left = now_.memos.find(task_id);
      const std::uint32_t count = left == now_.memos.end() ? 0 : left->second.count;
      for (std::uint32_t n = count; n < memos.count; ++n) {
        take_(row_keys::memo(task_id, n), std::nullopt);
      }
    }
  }
  // They only grow, unless the task has begun anew.
  void add_memos(const TaskState& task, std::uint64_t first_idx) {
    const auto there = before_.memos.find(task.task_id);
    const bool goes_on = there != before_.memos.end() && there->second.first_idx == first_idx;
    for (std::uint32_t n = goes_on ? there->second.count : 0; n < task.memos.size(); ++n) {
      take_(row_keys::memo(task.task_id, n), json_codec::to_json(task.memos[n]));
    }
  }

  void write_texts() {
    std::uint32_t at = 0;
    auto visit = [&](const char*, JsonText& text) {
      if (text.text.size() > kTextInRowBytesMax) write_text(text, at);
      ++at;
    };
    visit_texts("", run_, visit);
    for (const std::string& hash : before_.texts) {
      if (!now_.texts.contains(hash)) take_(row_keys::text(run_.run_id, hash), std::nullopt);
    }
  }
  void write_text(JsonText& text, std::uint32_t at) {
    const std::string& hash = hash_of(text);
    parts_.texts.push_back({at, hash});
    if (now_.texts.insert(hash).second && !before_.texts.contains(hash)) {
      take_(row_keys::text(run_.run_id, hash), text.text);
    }
    aside_.take(text);
  }

  RunState& run_;
  const StoredParts& before_;
  const TakeRow& take_;
  StoredParts now_;
  RunParts parts_;
  PartsAside aside_;
};

// --- reading ---

void read_texts(const eventlog::RowStore& rows, const RunParts& parts, bool inputs, RunState& run) {
  std::vector<JsonText*> texts;
  std::vector<std::string> keys;
  auto part = parts.texts.begin();
  std::uint32_t at = 0;
  auto visit = [&](const char* name, JsonText& text) {
    if (part == parts.texts.end() || part->at != at++) return;
    const std::string& hash = (part++)->hash;
    if (!inputs && std::string_view(name) == "input") return;
    text.sha256 = std::make_shared<const std::string>(hash);
    texts.push_back(&text);
    keys.push_back(row_keys::text(run.run_id, hash));
  };
  visit_texts("", run, visit);
  if (part != parts.texts.end()) throw JsonShapeError("a run's row has fewer texts than it names");
  auto found = rows.get_many(keys);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!found[i]) throw eventlog::LogError("the row " + keys[i] + " is missing");
    texts[i]->text = std::move(*found[i]);
  }
}

void read_memos(const eventlog::RowStore& rows, TaskState& task, std::uint32_t count) {
  task.memos.reserve(count);
  rows.scan(row_keys::memos(task.task_id), "", [&](std::string_view, std::string_view value) {
    task.memos.push_back(json_codec::from_json<Memo>(value));
    return true;
  });
  if (task.memos.size() == count) return;
  throw eventlog::LogError("task " + task.task_id + " has " + std::to_string(count) +
                           " finished steps, but there are rows of " +
                           std::to_string(task.memos.size()));
}

std::shared_ptr<const StoredParts> stored_parts(const RunState& run, const RunParts& parts) {
  StoredParts stored;
  for (const auto& text : parts.texts) stored.texts.insert(text.hash);
  for (const auto& [place, count] : parts.memos) {
    const TaskState& task = run.tasks.at(place);
    stored.memos[task.task_id] = {task.memos.front().idx, count};
  }
  return std::make_shared<const StoredParts>(std::move(stored));
}

}  // namespace

void render_run_rows(RunState& run, const TakeRow& take) {
  std::shared_ptr<const StoredParts> stored;
  {
    PartsWriter writer(run, take);
    writer.write();
    stored = writer.stored();
  }
  run.stored = std::move(stored);
}

RunState read_run(const eventlog::RowStore& rows, std::string_view run_row, RunDetail detail) {
  RunState run = decode_run_row(run_row);
  const RunParts parts = parts_of(run_row);
  if (parts.empty() || detail == RunDetail::kOutline) return run;
  const bool all = detail == RunDetail::kAll;
  read_texts(rows, parts, all, run);
  if (!all) return run;
  for (const auto& [place, count] : parts.memos) {
    if (place >= run.tasks.size() || count == 0) {
      throw JsonShapeError("a run's row names finished steps of no task");
    }
    read_memos(rows, run.tasks[place], count);
  }
  run.stored = stored_parts(run, parts);
  return run;
}

}  // namespace runledger::core
