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
  uint32_t retryable;     /* 0 or 1 */
  runledger_text code;    /* snake_case, stable: callers match on it */
  runledger_text message; /* for people */
} runledger_failure;

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
  /* RUNLEDGER_OK, RUNLEDGER_STOPPED or RUNLEDGER_FAILED. */
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
static_assert(sizeof(runledger_failure) == 40, "ABI");
static_assert(offsetof(runledger_host, ctx) == 8, "ABI");
static_assert(offsetof(runledger_host, input) == 64, "ABI");
static_assert(offsetof(runledger_host, attempt) == 96, "ABI");
static_assert(offsetof(runledger_host, progress) == 104, "ABI");
static_assert(offsetof(runledger_host, last_error) == 160, "ABI");
static_assert(sizeof(runledger_host) == 168, "ABI: append, and move this to the old last member");
static_assert(offsetof(runledger_plugin, size) == 8, "ABI");
static_assert(offsetof(runledger_plugin, abi) == 12, "ABI");
static_assert(offsetof(runledger_plugin, manifest) == 48, "ABI");
static_assert(offsetof(runledger_plugin, create) == 64, "ABI");
static_assert(sizeof(runledger_plugin) == 88, "ABI: append, and move this to the old last member");

#ifdef __cplusplus
}
#endif

#endif
