// Shared by the files that touch Node-API: they turn JavaScript values into the core's structs and back, nothing else.
#ifndef NIC_BINDING_H
#define NIC_BINDING_H

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Adds openPort to `exports` (binding_port.c). */
napi_value register_port(napi_env env, napi_value exports);

/*
 * Makes an Error with `errno` (symbolic), `syscall` and `port`; `error` is a negative errno. `detail` may be NULL: the
 * C library's words are then the message.
 */
napi_value binding_error(napi_env env, int error, const char *syscall, const char *port, const char *detail);

/* binding_error, thrown. Returns NULL so that callbacks can return it. */
napi_value binding_throw(napi_env env, int error, const char *syscall, const char *port, const char *detail);

/* Sets `object[name]`. */
void binding_set_number(napi_env env, napi_value object, const char *name, double value);
void binding_set_boolean(napi_env env, napi_value object, const char *name, bool value);

/* Reads a string argument into `out` (always terminated). False if it is no string or does not fit. */
bool binding_read_string(napi_env env, napi_value value, char *out, size_t size);

#endif
