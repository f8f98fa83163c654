// A log that was exported beside its server and imported elsewhere gives the same answers there.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>

#include "core/engine/recovery.h"
#include "eventlog/data_directory.h"
#include "eventlog/rocksdb_storage.h"
#include "tests/e2e/server_process.h"

extern char** environ;

namespace runledger::e2e {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPicture =
    R"({"task":"image","input":{"prompt":"Hello 你好","width":64,"height":48},)"
    R"("labels":{"conversation_id":"42"}})";
constexpr const char* kLarge =
    R"({"task":"image","input":{"prompt":"large","width":2400,"height":2400}})";

std::string submit(HttpSession& http, const char* body) {
  const HttpResult answer = http.post("/v1/runs", body);
  EXPECT_EQ(answer.status, 202) << answer.body;
  return answer.json()["run_id"];
}

void wait_for_end(HttpSession& http, const std::string& run_id) {
  std::size_t from = 0;
  for (std::string status; status != "succeeded" && status != "canceled";) {
    const Json page =
        http.get("/v1/runs/" + run_id + "/events?wait=10&from=" + std::to_string(from)).json();
    from = page["next_offset"];
    status = page["status"];
    ASSERT_NE(status, "failed");
  }
}

// What a client sees of the runs.
std::vector<Json> views(HttpSession& http, const std::vector<std::string>& run_ids) {
  std::vector<Json> seen;
  for (const std::string& run_id : run_ids) {
    seen.push_back(http.get("/v1/runs/" + run_id).json());
    seen.push_back(http.get("/v1/runs/" + run_id + "/events?from=0&limit=500").json());
  }
  seen.push_back(http.get("/v1/runs").json());
  return seen;
}

void expect_rows_are_the_fold(const fs::path& data) {
  const auto storage = eventlog::open_read_only(eventlog::inspect_data_directory(data).log());
  std::map<std::string, std::string> rows;
  storage->rows().scan("", "", [&](std::string_view key, std::string_view value) {
    rows.emplace(key, value);
    return true;
  });
  EXPECT_EQ(storage->rows_offset(), storage->log().head());
  EXPECT_EQ(rows, core::fold_rows(storage->log()));
}

TEST(Exchange, GivesAnotherServerTheSameViews) {
  ServerProcess server;
  server.start();
  HttpSession http = server.session();
  std::vector<std::string> run_ids;
  run_ids.reserve(4);
  for (int i = 0; i < 3; ++i) run_ids.push_back(submit(http, kPicture));
  run_ids.push_back(submit(http, kLarge));
  http.post("/v1/runs/" + run_ids.back() + "/cancel", "{}");
  for (const std::string& run_id : run_ids) wait_for_end(http, run_id);
  const std::vector<Json> before = views(http, run_ids);
  const std::string file = (server.directory() / "log.ndjson.zst").string();
  const Finished exported = server.run({"log", "export", server.data().string(), file});
  ASSERT_EQ(exported.exit_code, 0) << exported.err;

  ServerProcess other;
  const Finished imported = other.run({"log", "import", file, other.data().string()});
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  for (const char* look : {"verify", "tail", "stats"}) {
    EXPECT_EQ(other.run({"log", look, other.data().string()}).exit_code, 0) << look;
  }
  EXPECT_EQ(server.run({"log", "show", server.data().string(), run_ids[0]}).out,
            other.run({"log", "show", other.data().string(), run_ids[0]}).out);
  other.start({0, {}, false});
  HttpSession there = other.session();
  EXPECT_EQ(views(there, run_ids), before);
  submit(there, kPicture);  // and it goes on
  EXPECT_EQ(other.stop(), 0);
  expect_rows_are_the_fold(other.data());
  EXPECT_EQ(other.run({"log", "verify", other.data().string()}).exit_code, 0);
}

TEST(Exchange, TakesALogThatIsBeingWritten) {
  ServerProcess server;
  server.start();
  std::atomic<bool> enough = false;
  std::atomic<std::uint64_t> submitted = 0;
  std::thread client([&, http = server.session()]() mutable {
    while (!enough) {
      submit(http, kPicture);
      ++submitted;
    }
  });
  std::uint64_t events = 0;
  for (int round = 0; round < 5; ++round) {
    const std::uint64_t acknowledged = submitted;
    const std::string file = (server.directory() / "log.ndjson").string();
    const Finished exported = server.run({"log", "export", server.data().string(), file, "--json"});
    EXPECT_EQ(exported.exit_code, 0) << exported.err;
    const fs::path copy = server.directory() / ("copy" + std::to_string(round));
    const Finished imported = server.run({"log", "import", file, copy.string(), "--json"});
    ASSERT_EQ(imported.exit_code, 0) << imported.err;
    EXPECT_EQ(Json::parse(imported.out)["hash"], Json::parse(exported.out)["hash"]);
    events = Json::parse(imported.out)["events"];
    EXPECT_GE(events, acknowledged);  // each is two events or more
  }
  enough = true;
  client.join();
  EXPECT_GT(events, 0u);
}

TEST(Exchange, RemovesWhatAnInterruptedImportHasMade) {
  ServerProcess server;
  server.start();
  HttpSession http = server.session();
  submit(http, kPicture);
  const Finished exported = server.run({"log", "export", server.data().string()});
  ASSERT_EQ(exported.exit_code, 0);

  const core::testing::TemporaryDirectory scratch;
  const std::string fifo = scratch.path() / "fifo";
  const std::string data = scratch.path() / "data";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  std::string program = runledger_binary();
  std::vector<std::string> arguments = {program, "log", "import", fifo, data};
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  ASSERT_EQ(posix_spawn(&pid, program.c_str(), nullptr, nullptr, argv.data(), environ), 0);
  const int writer = ::open(fifo.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_GE(writer, 0);
  const std::size_t half = exported.out.size() / 2;
  ASSERT_EQ(::write(writer, exported.out.data(), half), static_cast<ssize_t>(half));
  const auto entries = [&] {
    return std::distance(fs::directory_iterator(scratch.path()), fs::directory_iterator());
  };
  while (entries() < 2) std::this_thread::yield();  // what it builds is there
  ::kill(pid, SIGINT);
  ::close(writer);  // if it did not wait for the rest when the signal came
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) << status;
  EXPECT_EQ(entries(), 1);
}

}  // namespace
}  // namespace runledger::e2e
