// TaskContext::remote(), the part of task_context.hpp about handing a job over once. Included by
// it.
#pragma once

namespace runledger {

namespace detail {

// One remote call: the host says where it stands, and is told what became of it.
template <typename Check>
class RemoteConversation {
 public:
  RemoteConversation(const runledger_host& host, const RemoteOptions& options, Check check)
      : host_(host), options_(options), check_(std::move(check)) {
    job_.size = sizeof job_;
  }

  template <typename Fn>
  RemoteJob run(Fn&& hand_over) {
    std::string doubt = "An earlier attempt ended while it handed the job over";
    runledger_status status = begin();
    for (bool asked = false;; asked = true) {
      if (status == RUNLEDGER_OK) return RemoteJob(job_);
      if (status == RUNLEDGER_NOT_DONE) {
        const auto execute_id = handed_over(hand_over, doubt);
        if (execute_id) return confirm(*execute_id, false);
      } else if (status != RUNLEDGER_UNSURE) {
        check_(status);
      }
      // Not again and again: a provider that loses what it was given needs a person.
      if (asked || !options_.find) give_up(doubt);
      const auto found = options_.find(view(job_.idempotency_key));
      if (found) return confirm(*found, true);
      status = host_.remote_not_found(host_.ctx, &job_);
    }
  }

 private:
  static std::string_view view(runledger_text value) { return {value.data, value.size}; }
  static runledger_text text(std::string_view value) { return {value.data(), value.size()}; }

  runledger_status begin() {
    const RemoteResource wanted = options_.resource.value_or(RemoteResource{});
    const runledger_remote call{sizeof(runledger_remote), 0, text(options_.provider),
                                text(wanted.name), text(wanted.media_type)};
    return host_.remote_begin(host_.ctx, &call, &job_);
  }

  // Nothing: the provider may have it, and `doubt` says why nobody knows.
  template <typename Fn>
  std::optional<std::string> handed_over(Fn& hand_over, std::string& doubt) {
    RemoteCall call{std::string(view(job_.idempotency_key))};
    try {
      return std::string(hand_over(call));
    } catch (const HostRefusal& refused) {  // the host's, not the provider's
      doubt = refused.what();
    } catch (const HttpFailure& failure) {
      if (!failure.may_have_arrived()) {
        refute(failure);
        throw;
      }
      doubt = failure.what();
    } catch (const Failure& failure) {
      refute(failure);
      throw;
    } catch (const Stopped&) {
      throw;
    } catch (const std::exception& unknown) {
      doubt = unknown.what();
    }
    return std::nullopt;
  }

  void refute(const Failure& failure) {
    const runledger_failure known{sizeof(runledger_failure), 0U, text(failure.code()),
                                  text(failure.what()), 0};
    host_.remote_failed(host_.ctx, &known);
  }

  RemoteJob confirm(const std::string& execute_id, bool found) {
    const runledger_status status =
        host_.remote_submitted(host_.ctx, text(execute_id), found ? 1 : 0, &job_);
    // It is there, but under a name that cannot be kept.
    if (status == RUNLEDGER_INVALID || status == RUNLEDGER_TOO_LARGE) {
      give_up(std::string(view(host_.last_error(host_.ctx))));
    }
    check_(status);
    return RemoteJob(job_);
  }

  void give_up(const std::string& doubt) {
    check_(host_.remote_unknown(host_.ctx, text(doubt)));
    throw HostRefusal("remote_unavailable", "The host did not take that a job is unknown", true);
  }

  const runledger_host& host_;
  const RemoteOptions& options_;
  Check check_;
  runledger_remote_job job_{};
};

}  // namespace detail

template <typename Fn>
RemoteJob TaskContext::remote(const RemoteOptions& options, Fn&& hand_over) {
  need(&runledger_host::remote_unknown, "remote");
  const auto checked = [this](runledger_status status) {
    check("remote", status);
  };
  return detail::RemoteConversation(host_, options, checked).run(std::forward<Fn>(hand_over));
}

}  // namespace runledger
