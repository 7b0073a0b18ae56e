// Shared by the files that touch Node-API: they turn JavaScript values into the core's structs and back, nothing else.
#ifndef NIC_BINDING_H
#define NIC_BINDING_H

#include <net/if.h>
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Adds openPort to `exports` (binding_port.c). */
napi_value register_port(napi_env env, napi_value exports);

struct binding_failure {
	int error; /* a negative errno, 0 for none */
	const char *syscall;
	const char *port;   /* NULL where the failure is of no port */
	const char *detail; /* NULL for the words of the C library */
};

/* Makes an Error with `errno` (symbolic), `syscall` and `port`. */
napi_value binding_error(napi_env env, const struct binding_failure *failure);

/* binding_error, thrown. Returns NULL so that callbacks can return it. */
napi_value binding_throw(napi_env env, struct binding_failure failure);

/* Elements to copy into a typed array of their own. */
struct binding_elements {
	napi_typedarray_type type;
	const void *data; /* NULL: none, not even an empty array */
	size_t count;
	size_t bytes;
};

/*
 * Set `object[name]`. An environment that is about to end (a worker that was terminated) refuses, at any moment: then
 * nothing is set, and what JavaScript would have seen nobody sees.
 */
void binding_set_number(napi_env env, napi_value object, const char *name, double value);
void binding_set_boolean(napi_env env, napi_value object, const char *name, bool value);
void binding_set_elements(napi_env env, napi_value object, const char *name, struct binding_elements elements);

/* Reads a string argument into `out` (always terminated). False if it is no string or does not fit. */
bool binding_read_string(napi_env env, napi_value value, char *out, size_t size);

/* Reads the one argument of `call`, a port's name. False, with an exception, for anything else. */
bool binding_read_port(napi_env env, napi_callback_info info, const char *call, char port[IFNAMSIZ]);

napi_value binding_null(napi_env env);

#endif
