// Turns JavaScript's options into the core's structs, and a finished run into a RunResult (nic.ts).
#ifndef NIC_BINDING_OPTIONS_H
#define NIC_BINDING_OPTIONS_H

#include <node_api.h>

#include "plan.h"
#include "port.h"
#include "run.h"

struct binding_port_options {
	struct port_options options; /* its name and filter point to the members below */
	char name[IFNAMSIZ];
	struct sock_filter *filter; /* malloc'ed; the caller frees it */
};

/* Read OpenOptions. NULL, or what is wrong with them; then there is nothing to free. */
const char *binding_read_port_options(napi_env env, napi_value value, struct binding_port_options *read);

/* Copy RunOptions into `plan`. NULL, or what is wrong with them. The caller frees the plan in both cases. */
const char *binding_read_plan(napi_env env, napi_value options, struct plan *plan);

/* Takes the run's columns over where the runtime allows it, else copies them. */
napi_value binding_make_result(napi_env env, struct run *run);

#endif
