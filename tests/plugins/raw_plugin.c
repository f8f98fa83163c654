/* A plugin in plain C: shows that the contract needs no C++, and, with a definition, is broken. */
#include <runledger/plugin.h>

#ifndef RAW_MAGIC
#define RAW_MAGIC RUNLEDGER_PLUGIN_MAGIC
#endif
#ifndef RAW_ABI
#define RAW_ABI RUNLEDGER_PLUGIN_ABI
#endif
#ifndef RAW_SIZE
#define RAW_SIZE sizeof(runledger_plugin)
#endif
#ifndef RAW_EXECUTE
#define RAW_EXECUTE execute
#endif
#ifndef RAW_SYMBOL
#define RAW_SYMBOL runledger_plugin_v1
#endif
#if defined RAW_FRAGILE
#define RAW_INPUT "{\"required\": [\"who\"]}, \"examples\": [{\"who\": \"me\"}]"
#elif defined RAW_UNENFORCED
#define RAW_INPUT "{\"properties\": {\"who\": {\"pattern\": \"^a\"}}}"
#else
#define RAW_INPUT "{}"
#endif
#ifndef RAW_MANIFEST
#define RAW_MANIFEST                                                          \
  "{\"name\": \"raw\", \"version\": \"0.1\", \"task_types\": [{\"name\": \"raw\"," \
  " \"description\": \"in C\", \"input_schema\": " RAW_INPUT ", \"output_schema\": {}}]}"
#endif

#define TEXT(literal) {literal, sizeof(literal) - 1}

static runledger_status create(void** instance, char* error, size_t error_size) {
  (void)error;
  (void)error_size;
  *instance = 0;
  return RUNLEDGER_OK;
}

#ifdef RAW_UNRESOLVED
extern int nobody_defines_this(void);
#endif

runledger_status execute(void* instance, const runledger_host* host);
runledger_status execute(void* instance, const runledger_host* host) {
  const runledger_text output = TEXT("{\"language\": \"C\"}");
  (void)instance;
#ifdef RAW_STUBBORN
  {
    const runledger_text begun = TEXT("begun");
    host->progress(host->ctx, 1, begun);
  }
  for (volatile int forever = 1; forever;) {
  }
#endif
#ifdef RAW_FRAGILE
  if (host->input.size < sizeof "{who:me}") *(volatile int*)0 = 1;
#endif
#ifdef RAW_UNRESOLVED
  if (nobody_defines_this()) return RUNLEDGER_FAILED;
#endif
  return host->set_result(host->ctx, output);
}

static void destroy(void* instance) { (void)instance; }

extern RUNLEDGER_EXPORT const runledger_plugin RAW_SYMBOL;
const runledger_plugin RAW_SYMBOL = {RAW_MAGIC,
                                     RAW_SIZE,
                                     RAW_ABI,
                                     TEXT("a C compiler"),
                                     TEXT(RUNLEDGER_SDK_VERSION),
                                     TEXT(RAW_MANIFEST),
                                     create,
                                     RAW_EXECUTE,
                                     destroy,
                                     0};
