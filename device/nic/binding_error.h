// How every binding reports a failed system call: an Error with errno (symbolic), syscall and port.
#ifndef NIC_BINDING_ERROR_H
#define NIC_BINDING_ERROR_H

#include <node_api.h>

// `negative_errno` as the engine returns it. Leaves the exception pending; always returns NULL, for `return throw_failure(…)`.
napi_value throw_failure(napi_env env, int negative_errno, const char *syscall, const char *port);

// The same as a value, for rejecting a promise.
napi_value create_failure(napi_env env, int negative_errno, const char *syscall, const char *port);

#endif
