// golden_log_writer: drives an engine through everything that leads to an event, and prints its
// log. Always the same for the same build. What it prints is frozen as a golden log once; see
// README.md.
#include <iostream>

#include "tests/core/harness.h"
#include "tests/golden/golden_log.h"

namespace runledger::golden {
namespace {

using namespace runledger::core;
using runledger::core::testing::lease_of;

class Scenario : public core::testing::Harness {
 public:
  void play() {
    set_up();
    run_to_success();
    run_that_fails();
    runs_that_are_canceled();
    leases_that_are_lost();
    what_stays_active();
    sequencer->stop();
  }

 private:
  using Grant = LeasesGranted::Grant;

  void pass_time() { clock.advance_us(1'234'567); }

  void set_up() {
    const std::string sha(64, 'a');
    run(commands.from_system(CreateToken{{"tok_1", "", "admin", {"admin"}, std::string(64, '1')}}));
    run(commands.from_system(
        CreateToken{{"tok_2", "acme", "alice", {"viewer", "submitter"}, std::string(64, '2')}}));
    register_worker("wrk_1", "1.0.0", R"({"description":"Draws","risk":[]})");
    register_worker("wrk_2", "1.0.0", R"({"description":"Draws","risk":[]})");  // nothing new
    register_worker("wrk_3", "1.1.0", R"({"description":"Draws 猫","risk":["network"]})");
  }
  void register_worker(const std::string& id, const std::string& version,
                       const std::string& manifest) {
    pass_time();
    run(commands.from_system(
        RegisterWorker{{id, "local-" + id.substr(4), 4711, 2},
                       {{"image", version, std::string(64, 'b'), {manifest}}}}));
  }

  Grant lease_one() {
    pass_time();
    return lease(1).at(0);
  }

  void report(const Grant& grant) {
    const LeaseRef ref = lease_of(grant);
    pass_time();
    as_worker(RecordProgress{ref, 12.5, "sketching"});
    as_worker(RecordEmitted{ref, "text.delta", {R"({"delta":"He said \"é 猫\"\n","n":[1,2.5]})"}});
    as_worker(RecordLog{ref, "info", "line\twith a tab"});
    as_worker(RecordProgress{ref, 99, ""});
  }

  void run_to_success() {
    submit("order-1", std::string(64, 'c'));
    submit("order-1", std::string(64, 'c'));  // the same again
    const Grant grant = lease_one();
    report(grant);
    const LeaseRef ref = lease_of(grant);
    for (const char* name : {"a.png", "猫.png", "a.png"}) {  // the last is known already
      as_worker(StoreResource{ref, ids.make("res"), name, "image/png", std::string(64, 'd'), 1234});
    }
    pass_time();
    as_worker(CompleteTask{ref, {R"({"resource_id":"res_1","n":1.5})"}});
  }

  void run_that_fails() {
    submit("", "", "bob");
    const Grant grant = lease_one();
    as_worker(FailTask{lease_of(grant), {"boom", "It \"failed\"\nbadly", true}});
  }

  void runs_that_are_canceled() {
    as_user(CancelRun{submit(), {}});  // before it has begun
    const std::string run_id = submit();
    const Grant grant = lease_one();
    as_user(CancelRun{run_id, {}});
    as_user(CancelRun{run_id, {}});  // again
    as_worker(RecordProgress{lease_of(grant), 50, "still at it"});
    as_worker(AcknowledgeCancel{lease_of(grant)});
    // One whose worker is lost, and one whose worker is done all the same.
    const std::string lost = submit();
    const Grant lost_grant = lease_one();
    as_user(CancelRun{lost, {}});
    lose(lost_grant, "worker_lost", true);
    const std::string done = submit();
    const Grant done_grant = lease_one();
    as_user(CancelRun{done, {}});
    as_worker(CompleteTask{lease_of(done_grant), {"{}"}});
  }

  void lose(const Grant& grant, const std::string& reason, bool charged) {
    pass_time();
    as_worker(LoseLease{grant.run_id, grant.task_id, grant.lease_id, reason, charged});
  }

  void leases_that_are_lost() {
    submit();
    lose(lease_one(), "server_restarted", false);
    lose(lease_one(), "worker_lost", false);
    as_worker(AcknowledgeCancel{lease_of(lease_one())});  // its worker withdraws
    for (std::uint32_t i = 0; i < kLeaseLossesMax; ++i) lose(lease_one(), "worker_lost", true);
    // The run has failed. The next one succeeds at the second attempt.
    submit();
    lose(lease_one(), "worker_lost", true);
    as_worker(CompleteTask{lease_of(lease_one()), {R"({"second":true})"}});
  }

  void what_stays_active() {
    const std::string canceling = submit("order-2", std::string(64, 'e'));
    lease_one();
    as_user(CancelRun{canceling, {}});
    submit("order-1", std::string(64, 'f'), "bob");  // another owner, the same key
    report(lease_one());
    submit("", "", "carol");
    lose(lease_one(), "worker_lost", false);
    SubmitRun urgent = submission();
    urgent.priority = 7;
    urgent.labels = {{"a", "1"}, {"quote\"", "tab\t"}};
    as_user(std::move(urgent));
  }
};

}  // namespace
}  // namespace runledger::golden

int main() {
  runledger::golden::Scenario scenario;
  scenario.play();
  runledger::golden::write_log(scenario.storage->log(), std::cout);
  return scenario.fatal.empty() ? 0 : 1;
}
