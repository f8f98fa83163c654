// golden_log_writer: drives an engine through everything that leads to an event, and prints its
// log. Always the same for the same build. What it prints is frozen as a golden log once; see
// README.md.
#include <iostream>

#include "tests/core/workflow_harness.h"
#include "tests/golden/golden_log.h"

namespace runledger::golden {
namespace {

using namespace runledger::core;
using runledger::core::testing::lease_of;

class Scenario : public core::testing::WorkflowHarness {
 public:
  void play() {
    set_up();
    run_to_success();
    run_that_fails();
    runs_that_are_canceled();
    leases_that_are_lost();
    runs_of_several_steps();
    what_people_decide();
    what_takes_time();
    runs_with_a_key();
    what_is_defined();
    what_goes_on_below();
    what_begins_again();
    jobs_of_others();
    what_stays_active();
    what_stays_waiting();
    what_nobody_knows();
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

  // --- several steps ---

  void runs_of_several_steps() {
    start(R"({"steps":[
      {"id":"each","task":"image","for_each":{"items":"${run.input.list}","parallel":1},
       "input":{"prompt":"${item}","n":"${index}"}},
      {"id":"skipped","task":"image","needs":["each"],"when":{"eq":[1,2]}},
      {"id":"last","task":"image","needs":["each"],"on_error":"continue"}],
      "output":{"all":"${steps.each.output}"}})",
          R"({"list":["猫","dog"]})");
    succeed(lease_one(), R"({"v":1})");
    succeed(lease_one(), R"({"v":2})");
    fail(lease_one());
    const std::string paused = start(R"({"steps":[{"id":"one","task":"image"},
      {"id":"two","task":"image"}]})");
    succeed(lease_one());
    fail(lease_one());
    as_user(ResumeRun{paused, {}});
    fail(lease_one());
    as_user(RetryRun{paused, "one", {}});
    work();
    as_user(DefineWorkflow{"inner", "Draws one", {R"({"steps":[{"id":"in","task":"image"}]})"}});
    const std::string outer = start(R"({"steps":[{"id":"sub","workflow":"inner"}]})");
    work(R"({"inner":true})");
    const std::string canceled = start(R"({"steps":[{"id":"sub","workflow":"inner"}]})");
    as_user(CancelRun{canceled, {}});
  }

  void what_people_decide() {
    const char* spec = R"({"steps":[{"id":"one","task":"image","input":{"prompt":"x"},
      "approval":{"roles":["reviewer","operator"],"timeout_ms":60000},
      "review":{"rounds_max":3,"timeout_ms":60000}}]})";
    for (const bool approved : {false, true}) {
      const std::string run_id = start(spec);
      const TaskState asked = task(run_id, "one");
      pass_time();
      as_reviewer(AnswerApproval{
          run_id, asked.task_id, approved, asked.question->content_sha256, "seen", {}});
    }
    const std::string by_hand = submit();
    as_user(PauseRun{by_hand, {}});
    pass_time();
    as_user(ResumeRun{by_hand, {}});
    for (Grant grant = lease_one(); !grant.run_id.empty(); grant = next_of_review()) {
      if (grant.run_id == by_hand) {
        succeed(grant);
        continue;
      }
      review_a_round(grant);
    }
    work();
  }
  Grant next_of_review() {
    const auto grants = lease(1);
    return grants.empty() || rounds_ == 3 ? Grant{} : grants[0];
  }
  void review_a_round(const Grant& grant) {
    as_worker(CompleteStep{lease_of(grant), MemoKind::kStep, "draw", {R"({"draft":1})"}});
    as_worker(RequestReview{
        lease_of(grant), "picture", {R"({"draft":1})"}, {"[]"}, JsonText{R"({"type":"object"})"}});
    const TaskState asked = task(grant.run_id, "one");
    const bool approved = ++rounds_ == 2;
    AnswerReview answer{grant.run_id, asked.task_id, approved, asked.question->content_sha256,
                        {},           "more light",  {}};
    if (approved) answer.corrected = JsonText{R"({"draft":2})"};
    pass_time();
    as_reviewer(std::move(answer));
    if (approved) succeed(lease_one());
  }
  int rounds_ = 0;

  void what_takes_time() {
    start(R"({"steps":[{"id":"one","task":"image","on_error":"fail",
      "attempt_timeout_ms":500,"retry":{"max_attempts":3,"initial_ms":100}}]})");
    fail(lease_one(), true);
    pass_to_due();
    lease_one();
    pass_to_due();  // the attempt's time-out
    pass_to_due();  // the next attempt
    const Grant grant = lease_one();
    as_worker(WaitForPoll{lease_of(grant), "render", 250, 60'000});
    pass_to_due();
    lease_one();
    pass_to_due();
    start(R"({"timeout_ms":900,"steps":[{"id":"one","task":"image","queue_timeout_ms":400}]})");
    pass_to_due();
    pass_to_due();
    SubmitRun later = submission();
    later.start_at_us = clock.now_us() + 5'000'000;
    start(std::move(later));
    pass_to_due();
    work();
  }

  void runs_with_a_key() {
    for (const OnConflict on_conflict :
         {OnConflict::kQueue, OnConflict::kQueue, OnConflict::kReplace}) {
      pass_time();
      SubmitRun keyed = submission();
      keyed.concurrency = Concurrency{"ws-1", 1, on_conflict};
      start(std::move(keyed));
    }
    work();
  }

  void what_is_defined() {
    as_user(DefineWorkflow{
        "inner", "", {R"({"steps":[{"id":"in","task":"image","on_error":"fail"}]})"}});
    as_user(DefineSchedule{{"sched_1",
                            "inner",
                            {R"({"a":1})"},
                            {"{}"},
                            "* * * * *",
                            "Europe/Berlin",
                            CatchUp::kOne,
                            clock.now_us() + 1'000'000}});
    pass_to_due();
    work();
    as_user(ArchiveWorkflow{"inner"});
    pass_to_due();  // there is nothing to start
    as_user(DeleteSchedule{"sched_1"});
  }

  // A pause by hand that reaches the run below, and its end.
  void what_goes_on_below() {
    as_user(DefineWorkflow{"below", "", {R"({"steps":[{"id":"in","task":"image"}]})"}});
    const std::string above = start(R"({"steps":[{"id":"call","workflow":"below"}]})");
    as_user(PauseRun{above, {}});
    pass_time();
    as_user(ResumeRun{above, {}});
    work();
  }

  // An ended run that is repeated from its second step.
  void what_begins_again() {
    const std::string old = start(R"({"steps":[{"id":"one","task":"image"},
      {"id":"two","task":"image","needs":["one"],"on_error":"fail"}]})");
    succeed(lease_one());
    fail(lease_one(), false);
    pass_time();
    as_user(RetryRun{old, "two", {}});
    work();
  }

  // --- jobs at other people's servers ---

  Grant intend(const std::string& name) {
    const Grant grant = lease_one();
    intend(grant, name);
    return grant;
  }
  void intend(const Grant& grant, const std::string& name, bool found_nothing = false) {
    std::optional<RemotePlaceholder> wanted;
    if (!name.empty()) wanted = RemotePlaceholder{ids.make("res"), name, "video/mp4"};
    as_worker(IntendRemote{lease_of(grant), 1, "coze", wanted, found_nothing});
  }
  void confirm(const Grant& grant, const std::string& job) {
    const std::string key = remote_key(grant.task_id, 0, 1);
    as_worker(ConfirmRemote{lease_of(grant), 1, key, job, false});
  }
  void resolve(const Grant& grant, RemoteOutcome outcome, const std::string& job) {
    pass_time();
    run(commands.from_user({"acme", "olga", {Role::kOperator}, "tok"},
                           ResolveRemote{grant.run_id, grant.task_id, outcome, job, "seen", {}}));
  }

  void jobs_of_others() {
    submit();
    const Grant stored = intend("clip.mp4");
    confirm(stored, "job-猫");
    as_worker(StoreResource{lease_of(stored), ids.make("res"), "clip.mp4", "video/webm",
                            std::string(64, 'd'), 99});
    succeed(stored);
    const std::string canceled = submit();
    const Grant cut = intend("clip.mp4");
    confirm(cut, "job-2");
    as_user(CancelRun{canceled, {}});
    as_worker(AcknowledgeCancel{lease_of(cut)});
    submit();
    const Grant lost = intend("");
    as_worker(RefuteRemote{lease_of(lost), 1, {"quota", "No more", false}});
    intend(lost, "");
    lose(lost, "worker_lost", false);
    const Grant found = lease_one();
    intend(found, "", true);
    confirm(found, "job-3");
    succeed(found);
    for (const RemoteOutcome outcome :
         {RemoteOutcome::kSubmitted, RemoteOutcome::kNotSubmitted, RemoteOutcome::kFailed}) {
      submit();
      const Grant unknown = intend("clip.mp4");
      as_worker(DoubtRemote{lease_of(unknown), 1, "The connection broke off"});
      resolve(unknown, outcome, outcome == RemoteOutcome::kSubmitted ? "job-4" : "");
      if (outcome == RemoteOutcome::kNotSubmitted) confirm(intend("clip.mp4"), "job-5");
      work();
    }
    work();
  }

  void what_nobody_knows() {
    SubmitRun urgent = submission();
    urgent.priority = 100;
    as_user(std::move(urgent));
    as_worker(DoubtRemote{lease_of(intend("clip.mp4")), 1, "The connection broke off"});
    urgent = submission();
    urgent.priority = 100;
    as_user(std::move(urgent));
    confirm(intend("clip.mp4"), "job-6");
  }

  void what_stays_waiting() {
    start(R"({"steps":[{"id":"one","task":"image","approval":{}}]})");
    const std::string paused = start(R"({"steps":[{"id":"one","task":"image"}]})");
    as_user(PauseRun{paused, {}});
    SubmitRun later = submission();
    later.start_at_us = clock.now_us() + 3600'000'000;
    start(std::move(later));
    for (int i = 0; i < 2; ++i) {
      SubmitRun keyed = submission();
      keyed.concurrency = Concurrency{"ws-2", 1, OnConflict::kQueue};
      start(std::move(keyed));
    }
    clock.advance_us(static_cast<std::int64_t>(policy.overdue_after_ms) * 1000);
    run(commands.from_system(PassTime{}));
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
