/* The binary contract between a plugin and the worker that loads it. Plain C: other languages can
 * bind it; C++ authors use <runledger/plugin.hpp>, which is built on it.
 *
 * A plugin is a shared library that exports one data symbol, runledger_plugin_v1. The worker reads
 * it before it calls anything.
 *
 * Growing: members are only ever appended, never moved or given another meaning. `size` is the size
 * of the struct as its writer knew it; a reader uses no member beyond it. A change that this cannot
 * express raises RUNLEDGER_PLUGIN_ABI, and a worker refuses a plugin of another number.
 *
 * Ownership: memory stays with the side that made it. Text and bytes handed to a call are read
 * during the call only; text members of the host table live until execute returns.
 * Nothing is thrown or longjmp-ed across this boundary. Text is UTF-8 with a length, without a NUL.
 */
#ifndef RUNLEDGER_PLUGIN_H
#define RUNLEDGER_PLUGIN_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RUNLEDGER_PLUGIN_MAGIC UINT64_C(0x4e474c5052474c52) /* the bytes RLGRPLGN */
#define RUNLEDGER_PLUGIN_ABI UINT32_C(1)
#define RUNLEDGER_PLUGIN_SYMBOL "runledger_plugin_v1"
#define RUNLEDGER_SDK_VERSION "0.1.0"
#define RUNLEDGER_EXPORT __attribute__((visibility("default")))

/* What a call came to. Numbers never change and are never reused. */
typedef int32_t runledger_status;
#define RUNLEDGER_OK 0
#define RUNLEDGER_STOPPED 1     /* the task is to stop, or has been told to */
#define RUNLEDGER_FAILED 2      /* from execute: set_failure has been called */
#define RUNLEDGER_INVALID 3     /* not JSON, not UTF-8, an unknown level: not done */
#define RUNLEDGER_TOO_LARGE 4   /* over a limit: not done */
#define RUNLEDGER_UNAVAILABLE 5 /* the server could not be reached or did not take it: not done */
#define RUNLEDGER_SUSPENDED 6   /* it has to be waited for: execute has to return this at once */
#define RUNLEDGER_NOT_DONE 7    /* nothing is recorded of it: do it now */
#define RUNLEDGER_TIMED_OUT 8   /* of a poll: it has been waited for long enough */

typedef struct runledger_text {
  const char* data;
  size_t size;
} runledger_text;

/* Filled in by the host. The caller sets `size` before the call. */
typedef struct runledger_artifact {
  uint32_t size;
  uint32_t reserved;
  uint64_t bytes;       /* length of the content */
  char resource_id[64]; /* ends with a NUL */
  char sha256[72];      /* 64 hex digits and a NUL */
} runledger_artifact;

typedef struct runledger_failure {
  uint32_t size;
  uint32_t retryable;      /* 0 or 1 */
  runledger_text code;     /* snake_case, stable: callers match on it */
  runledger_text message;  /* for people */
  uint64_t retry_after_ms; /* the next attempt no earlier */
} runledger_failure;

typedef struct runledger_poll {
  uint32_t size;
  uint32_t reserved;
  runledger_text name;
  uint64_t every_ms;     /* until it is looked again */
  uint64_t timeout_ms;   /* of all looks together; 0: none */
  double factor;         /* by which the time between looks grows, 1 or more */
  uint64_t every_max_ms; /* up to this; 0: it has no limit */
} runledger_poll;

typedef struct runledger_review {
  uint32_t size;
  uint32_t reserved;
  runledger_text name;
  runledger_text body;       /* JSON: what is to be decided on */
  runledger_text validation; /* JSON: what was found out about it, for the person */
  runledger_text schema;     /* JSON object, or empty: what a corrected body has to fit */
} runledger_review;

/* A call to somebody else's server. The worker makes it: it checks the address, adds the
 * credential, keeps to limits. */
typedef struct runledger_http_request {
  uint32_t size;
  uint32_t redirects_max;    /* of GET and HEAD without headers that may be secret */
  runledger_text method;     /* empty: GET */
  runledger_text url;        /* http or https */
  runledger_text headers;    /* JSON: [["Accept", "text/plain"]]; empty: none */
  runledger_text credential; /* name of one that the worker has for the URL's origin; empty: none */
  runledger_text body;       /* any bytes */
  uint64_t first_byte_ms;    /* until the answer begins; 0: a minute */
  uint64_t total_ms;         /* of the whole; 0: five minutes */
  uint64_t answer_bytes_max; /* of its body; 0: as much as is taken at all */
} runledger_http_request;

/* Filled in by the host; the caller sets `size` before the call. Its texts live until the next call
 * on the same thread. */
typedef struct runledger_http_answer {
  uint32_t size;
  uint32_t status;           /* 200 and so on; 0: there is no answer */
  runledger_text headers;    /* JSON as above, names in lower case */
  runledger_text body;       /* any bytes; empty where it became an artifact */
  uint64_t retry_after_ms;   /* that a 429 or 503 asks for; 0: nothing */
  runledger_text problem;    /* without an answer: a stable code; last_error has the sentence */
  uint32_t retryable;        /* 0 or 1: trying again may help */
  uint32_t may_have_arrived; /* 0 or 1: what was asked for may be happening */
} runledger_http_answer;

/* Filled in by the host; the caller sets `size` before the call. */
typedef struct runledger_content {
  uint32_t size;
  uint32_t reserved;
  const void* data;
  uint64_t bytes;
  runledger_text media_type; /* "image/png" */
} runledger_content;

/* One attempt of one task. Its functions may be called from any thread of the plugin until execute
 * returns, always with `ctx`. */
typedef struct runledger_host {
  uint32_t size;
  uint32_t abi;
  void* ctx;
  runledger_text run_id;
  runledger_text task_id;
  runledger_text task_type; /* one of the manifest's */
  runledger_text input;     /* JSON object, valid against the type's input_schema */
  runledger_text session;   /* JSON object: the submitter's facts (user, role, workspace) */
  uint32_t attempt;         /* from 1 */
  uint32_t reserved;

  /* 0 to 100, and a line for people. The latest one wins; may be called as often as you like. */
  runledger_status (*progress)(void* ctx, double percent, runledger_text message);
  /* An event of the plugin's own, in order, none dropped. `data` is any JSON value. */
  runledger_status (*emit)(void* ctx, runledger_text event_type, runledger_text data);
  /* level: debug, info, warning, error. */
  runledger_status (*log)(void* ctx, runledger_text level, runledger_text text);
  /* Stores the bytes and returns when the log names the resource. Blocks. */
  runledger_status (*artifact)(void* ctx, runledger_text name, runledger_text media_type,
                               const void* bytes, size_t bytes_size, runledger_artifact* out);
  /* 1 when the task should end soon. Cheap: ask often. */
  int32_t (*stop_requested)(void* ctx);
  /* The output, a JSON object. Once, before execute returns RUNLEDGER_OK. */
  runledger_status (*set_result)(void* ctx, runledger_text output);
  /* Before execute returns RUNLEDGER_FAILED. */
  runledger_status (*set_failure)(void* ctx, const runledger_failure* failure);
  /* Why the last call on this thread was not done; valid until the next call on this thread. */
  runledger_text (*last_error)(void* ctx);

  /* Durable calls. Only from the thread that runs execute, one after the other, each with a name.
   * What they came to is recorded. Execute is called again from its beginning after a crash and
   * after each wait, and has to make the same calls in the same order: those that are recorded
   * return RUNLEDGER_OK and the result at once. Results live until execute returns. When execute
   * asks for another call than the recorded one, the call returns RUNLEDGER_FAILED, and so do all
   * later ones: the attempt fails as not deterministic. */

  /* RUNLEDGER_NOT_DONE: do it, then step_end with the result, a JSON value. No other durable call
   * before that. step_end returns when the result is recorded. */
  runledger_status (*step_begin)(void* ctx, runledger_text name, runledger_text* result);
  runledger_status (*step_end)(void* ctx, runledger_text name, runledger_text result);
  /* RUNLEDGER_OK when it is over, RUNLEDGER_SUSPENDED before. */
  runledger_status (*sleep)(void* ctx, runledger_text name, uint64_t delay_ms);
  /* RUNLEDGER_NOT_DONE: look, then poll_found with what there is, a JSON value, or poll_wait when
   * there is nothing yet, which gives RUNLEDGER_SUSPENDED or RUNLEDGER_TIMED_OUT. */
  runledger_status (*poll_begin)(void* ctx, runledger_text name, runledger_text* result);
  runledger_status (*poll_found)(void* ctx, runledger_text name, runledger_text result);
  runledger_status (*poll_wait)(void* ctx, const runledger_poll* poll);
  /* RUNLEDGER_OK when a person has decided: {"approved", "body", "corrected", "feedback", "by"}.
   * RUNLEDGER_SUSPENDED before. */
  runledger_status (*review)(void* ctx, const runledger_review* question, runledger_text* verdict);

  /* Calls to other people's servers. Any thread; they block.
   * RUNLEDGER_OK: there is an answer, of whatever status. RUNLEDGER_UNAVAILABLE: there is a problem
   * instead. */
  runledger_status (*http)(void* ctx, const runledger_http_request* request,
                           runledger_http_answer* answer);
  /* A download that becomes an artifact, past the plugin's memory. RUNLEDGER_OK: status 200, and
   * the log names the resource. With an empty media_type that of the answer is taken. */
  runledger_status (*artifact_from)(void* ctx, runledger_text name, runledger_text media_type,
                                    const runledger_http_request* request,
                                    runledger_http_answer* answer, runledger_artifact* out);

  /* The content of a resource that the run's owner may see, such as an earlier step's. It lives
   * until execute returns. Any thread; blocks. RUNLEDGER_INVALID: there is none;
   * RUNLEDGER_UNAVAILABLE: it is not there yet, or cannot be had now. */
  runledger_status (*open_resource)(void* ctx, runledger_text resource_id, runledger_content* out);
} runledger_host;

typedef struct runledger_plugin {
  uint64_t magic;
  uint32_t size;
  uint32_t abi;
  runledger_text compiler; /* "g++ 12.2.0": for messages */
  runledger_text sdk;      /* RUNLEDGER_SDK_VERSION */
  runledger_text manifest; /* JSON, see plugins/README.md */

  /* create, execute and destroy of one attempt run on one thread, each attempt with an instance of
   * its own; several attempts run side by side on different threads.
   * create: RUNLEDGER_OK and *instance, or RUNLEDGER_FAILED and a text (with a NUL) in `error`. */
  runledger_status (*create)(void** instance, char* error, size_t error_size);
  /* RUNLEDGER_OK, RUNLEDGER_STOPPED, RUNLEDGER_FAILED or RUNLEDGER_SUSPENDED. */
  runledger_status (*execute)(void* instance, const runledger_host* host);
  void (*destroy)(void* instance);
} runledger_plugin;

extern RUNLEDGER_EXPORT const runledger_plugin runledger_plugin_v1;

static_assert(sizeof(void*) == 8 && sizeof(size_t) == 8, "the contract is for 64-bit machines");
static_assert(sizeof(runledger_text) == 16, "ABI");
static_assert(offsetof(runledger_artifact, resource_id) == 16, "ABI");
static_assert(offsetof(runledger_artifact, sha256) == 80, "ABI");
static_assert(sizeof(runledger_artifact) == 152, "ABI");
static_assert(offsetof(runledger_failure, code) == 8, "ABI");
static_assert(offsetof(runledger_failure, retry_after_ms) == 40, "ABI");
static_assert(sizeof(runledger_failure) == 48, "ABI");
static_assert(offsetof(runledger_poll, every_max_ms) == 48, "ABI");
static_assert(sizeof(runledger_poll) == 56, "ABI");
static_assert(offsetof(runledger_review, schema) == 56, "ABI");
static_assert(sizeof(runledger_review) == 72, "ABI");
static_assert(offsetof(runledger_http_request, body) == 72, "ABI");
static_assert(offsetof(runledger_http_request, answer_bytes_max) == 104, "ABI");
static_assert(sizeof(runledger_http_request) == 112, "ABI");
static_assert(offsetof(runledger_http_answer, problem) == 48, "ABI");
static_assert(offsetof(runledger_http_answer, may_have_arrived) == 68, "ABI");
static_assert(sizeof(runledger_http_answer) == 72, "ABI");
static_assert(offsetof(runledger_host, ctx) == 8, "ABI");
static_assert(offsetof(runledger_host, input) == 64, "ABI");
static_assert(offsetof(runledger_host, attempt) == 96, "ABI");
static_assert(offsetof(runledger_host, progress) == 104, "ABI");
static_assert(offsetof(runledger_host, last_error) == 160, "ABI");
static_assert(offsetof(runledger_host, step_begin) == 168, "ABI");
static_assert(offsetof(runledger_host, review) == 216, "ABI");
static_assert(offsetof(runledger_content, media_type) == 24, "ABI");
static_assert(sizeof(runledger_content) == 40, "ABI");
static_assert(offsetof(runledger_host, open_resource) == 240, "ABI");
static_assert(sizeof(runledger_host) == 248, "ABI: append, and move this to the old last member");
static_assert(offsetof(runledger_plugin, size) == 8, "ABI");
static_assert(offsetof(runledger_plugin, abi) == 12, "ABI");
static_assert(offsetof(runledger_plugin, manifest) == 48, "ABI");
static_assert(offsetof(runledger_plugin, create) == 64, "ABI");
static_assert(sizeof(runledger_plugin) == 88, "ABI: append, and move this to the old last member");

#ifdef __cplusplus
}
#endif

#endif
