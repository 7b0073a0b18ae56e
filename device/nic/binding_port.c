// The NativePort object: its life beside a running run, the garbage collector and the end of the environment.
#include "binding.h"
#include "binding_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Tells our objects from all others, so that a method taken to another object cannot read foreign memory. */
static const napi_type_tag PORT_TAG = {0x8d1f6f5a2b7c4e19, 0xa3c05e7719d84b62};

struct native_port {
	struct port port;
	struct run *run; /* NULL between runs */
	uint32_t last_progress;
	bool closed;
	bool environment_ended;
	napi_threadsafe_function
		ended; /* called by the run's thread; made before the cleanup hook, so it outlives that hook */
	napi_ref self; /* keeps the object while a run works */
	napi_deferred run_promise;
	napi_deferred close_promise; /* NULL unless close() waits for the run */
	napi_ref closing;	     /* what close() returned first */
};

/* On the run's own thread. */
static void announce_end(void *context)
{
	struct native_port *native = context;

	napi_call_threadsafe_function(native->ended, NULL, napi_tsfn_nonblocking);
}

static void end_environment(void *context);

/* Close the sockets and let go of what the environment holds for this port. Once. */
static void close_native(napi_env env, struct native_port *native)
{
	if (native->closed)
		return;
	native->closed = true;
	port_close(&native->port);
	if (native->environment_ended)
		return;
	napi_remove_env_cleanup_hook(env, end_environment, native);
	napi_release_threadsafe_function(native->ended, napi_tsfn_release);
}

/* The environment ends (process.exit, a worker's end), maybe in a run: no thread may outlive this call. */
static void end_environment(void *context)
{
	struct native_port *native = context;

	native->environment_ended = true;
	if (native->run) {
		run_cancel(native->run);
		run_join(native->run);
		run_free(native->run);
		native->run = NULL;
	}
	close_native(NULL, native);
}

static void finalize_port(napi_env env, void *data, void *hint)
{
	struct native_port *native = data;

	(void)hint;
	/* There is no run here: a running one holds a reference to the object. */
	close_native(env, native);
	if (native->closing && !native->environment_ended)
		napi_delete_reference(env, native->closing);
	free(native);
}

static void finish_close(napi_env env, struct native_port *native, napi_deferred promise)
{
	napi_value undefined;

	close_native(env, native);
	napi_get_undefined(env, &undefined);
	napi_resolve_deferred(env, promise, undefined);
}

/* On the JavaScript thread, after the run's thread announced its end. */
static void settle_run(napi_env env, napi_value callback, void *context, void *data)
{
	struct native_port *native = context;

	(void)callback;
	(void)data;
	/* Without an environment the port may be gone already, and end_environment has freed the run. */
	if (!env || !native->run)
		return;
	struct run *run = native->run;
	run_join(run);
	native->last_progress = run_progress(run);
	native->run = NULL;
	napi_resolve_deferred(env, native->run_promise, binding_make_result(env, run));
	run_free(run);
	napi_unref_threadsafe_function(env, native->ended);
	if (native->close_promise)
		finish_close(env, native, native->close_promise);
	native->close_promise = NULL;
	/* Last: without its reference the object may be collected. */
	napi_delete_reference(env, native->self);
	native->self = NULL;
}

/* The port behind `this`; NULL with an exception pending if it is no port. */
static struct native_port *unwrap(napi_env env, napi_callback_info info, napi_value *argument)
{
	size_t count = 1;
	napi_value self;
	void *native = NULL;
	bool ours = false;

	napi_get_cb_info(env, info, &count, argument, &self, NULL);
	if (napi_check_object_type_tag(env, self, &PORT_TAG, &ours) == napi_ok && ours &&
		napi_unwrap(env, self, &native) == napi_ok)
		return native;
	binding_throw(
		env, (struct binding_failure){-EINVAL, "port", NULL, "called on something that is not an open port"});
	return NULL;
}

/* Read the options, check them against the port and start. error is 0 when the threads run. */
static struct binding_failure start_run(napi_env env, struct native_port *native, napi_value options)
{
	struct plan plan = {0};
	struct binding_failure refusal = {.syscall = "run", .port = native->port.name};

	refusal.detail = binding_read_plan(env, options, &plan);
	/* Not before: a getter among the options may have started a run or closed the port. */
	if (native->closed) {
		refusal.error = -EBADF;
		refusal.detail = "the port is closed";
	} else if (native->run) {
		refusal.error = -EBUSY;
		refusal.detail = "a run is working already";
	} else {
		refusal.error = refusal.detail ? -EINVAL : plan_check(&plan, &native->port, &refusal.detail);
	}
	if (refusal.error) {
		plan_free(&plan);
		return refusal;
	}
	struct run *run = run_new(&native->port, &plan, announce_end, native);
	if (!run)
		return (struct binding_failure){-ENOMEM, "malloc", native->port.name, NULL};
	refusal.detail = NULL;
	/* Before the threads start: a short run may announce its end at once. */
	napi_ref_threadsafe_function(env, native->ended);
	refusal.error = run_start(run, &refusal.syscall);
	if (refusal.error) {
		napi_unref_threadsafe_function(env, native->ended);
		run_free(run);
		return refusal;
	}
	native->run = run;
	return refusal;
}

static napi_value run(napi_env env, napi_callback_info info)
{
	napi_value options, self, promise, pending;
	struct native_port *native = unwrap(env, info, &options);
	napi_deferred deferred;

	/* Without a promise, in an environment that is about to end, there is nobody to run for. */
	if (!native || napi_create_promise(env, &deferred, &promise) != napi_ok)
		return NULL;
	struct binding_failure refusal = start_run(env, native, options);
	/* A getter among the options may have thrown; the refusal says which option could not be read. */
	napi_get_and_clear_last_exception(env, &pending);
	if (refusal.error) {
		napi_reject_deferred(env, deferred, binding_error(env, &refusal));
		return promise;
	}
	native->run_promise = deferred;
	napi_get_cb_info(env, info, NULL, NULL, &self, NULL);
	napi_create_reference(env, self, 1, &native->self);
	return promise;
}

static napi_value progress(napi_env env, napi_callback_info info)
{
	napi_value unused, value;
	struct native_port *native = unwrap(env, info, &unused);

	if (!native)
		return NULL;
	napi_create_uint32(env, native->run ? run_progress(native->run) : native->last_progress, &value);
	return value;
}

static napi_value cancel(napi_env env, napi_callback_info info)
{
	napi_value unused;
	struct native_port *native = unwrap(env, info, &unused);

	if (native && native->run)
		run_cancel(native->run);
	return NULL;
}

static napi_value close_port(napi_env env, napi_callback_info info)
{
	napi_value unused, promise = NULL;
	struct native_port *native = unwrap(env, info, &unused);
	napi_deferred deferred;

	if (!native)
		return NULL;
	if (native->closing) {
		napi_get_reference_value(env, native->closing, &promise);
		return promise;
	}
	if (napi_create_promise(env, &deferred, &promise) != napi_ok)
		return NULL;
	napi_create_reference(env, promise, 1, &native->closing);
	if (native->run) {
		native->close_promise = deferred;
		run_cancel(native->run);
	} else {
		finish_close(env, native, deferred);
	}
	return promise;
}

static napi_value make_object(napi_env env, const struct port *port)
{
	const napi_property_descriptor methods[] = {
		{.utf8name = "run", .method = run, .attributes = napi_enumerable},
		{.utf8name = "progress", .method = progress, .attributes = napi_enumerable},
		{.utf8name = "cancel", .method = cancel, .attributes = napi_enumerable},
		{.utf8name = "close", .method = close_port, .attributes = napi_enumerable},
	};
	napi_value object;

	napi_create_object(env, &object);
	binding_set_number(env, object, "index", port->index);
	binding_set_number(env, object, "mtu", port->mtu);
	binding_set_number(env, object, "hardwareType", port->hardware_type);
	binding_set_elements(env, object, "mac",
		(struct binding_elements){napi_uint8_array, port->mac, sizeof port->mac, sizeof port->mac});
	napi_define_properties(env, object, sizeof methods / sizeof methods[0], methods);
	return object;
}

/* False where the environment takes nothing any more, because it is about to end: a worker that was terminated. */
static bool give_to(napi_env env, napi_value object, struct native_port *native)
{
	napi_value name;

	if (napi_create_string_utf8(env, "nic run", NAPI_AUTO_LENGTH, &name) != napi_ok)
		return false;
	if (napi_create_threadsafe_function(
		    env, NULL, NULL, name, 0, 1, NULL, NULL, native, settle_run, &native->ended) != napi_ok)
		return false;
	/* An idle port does not keep the program alive. */
	napi_unref_threadsafe_function(env, native->ended);
	/* Hooks run in reverse order: ours still finds the function above, which has one of its own. */
	napi_add_env_cleanup_hook(env, end_environment, native);
	if (napi_type_tag_object(env, object, &PORT_TAG) == napi_ok &&
		napi_wrap(env, object, native, finalize_port, NULL, NULL) == napi_ok)
		return true;
	close_native(env, native);
	return false;
}

static napi_value open_port(napi_env env, napi_callback_info info)
{
	struct binding_port_options read;
	size_t count = 1;
	napi_value argument;
	const char *syscall = "malloc";
	int error = -ENOMEM;

	napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
	const char *problem = binding_read_port_options(env, argument, &read);
	if (problem)
		return binding_throw(env, (struct binding_failure){-EINVAL, "openPort", read.name, problem});
	struct native_port *native = calloc(1, sizeof *native);
	if (native)
		error = port_open(&native->port, &read.options, &syscall);
	free(read.filter);
	if (error) {
		free(native);
		return binding_throw(env, (struct binding_failure){error, syscall, read.name, NULL});
	}
	napi_value object = make_object(env, &native->port);
	if (give_to(env, object, native))
		return object;
	port_close(&native->port);
	free(native);
	return binding_throw(env, (struct binding_failure){-ECANCELED, "openPort", read.name, NULL});
}

napi_value register_port(napi_env env, napi_value exports)
{
	napi_value function;

	napi_create_function(env, "openPort", NAPI_AUTO_LENGTH, open_port, NULL, &function);
	napi_set_named_property(env, exports, "openPort", function);
	return exports;
}
