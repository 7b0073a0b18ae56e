// Marshals between JavaScript and reflector.c: options in, counters out. Decides nothing about packets.
#include "binding_reflector.h"

#include <errno.h>
#include <stdlib.h>

#include "binding.h"
#include "reflector.h"

enum { MOST_SESSIONS = 1 << 20 };

static const napi_type_tag TAG = {0x6e69632d7265666cULL, 0x6563746f722f3031ULL};

/* Belongs to the JavaScript object; freed with it. */
struct holder {
	struct reflector *reflector;
	napi_async_work work;
	/* Of the first close(); later calls are given the same promise. */
	napi_deferred closing;
	napi_ref promise;
	/* Keeps the object, and with it this struct, while the work is under way. */
	napi_ref self;
	bool close_called;
};

static double read_number(napi_env env, napi_value object, const char *name)
{
	napi_value value = NULL;
	double number = -1;

	napi_get_named_property(env, object, name, &value);
	napi_get_value_double(env, value, &number);
	return number;
}

static bool read_boolean(napi_env env, napi_value object, const char *name)
{
	napi_value value = NULL;
	bool truth = false;

	napi_get_named_property(env, object, name, &value);
	napi_get_value_bool(env, value, &truth);
	return truth;
}

static struct rate read_rate(napi_env env, napi_value options, const char *rate, const char *burst)
{
	return (struct rate){
		.per_second = read_number(env, options, rate),
		.burst = read_number(env, options, burst),
	};
}

static bool is_rate(const struct rate *rate)
{
	return rate->per_second >= 0 && (rate->per_second == 0 || rate->burst >= 1);
}

/* The reason for which the list cannot be used, or NULL. */
static const char *read_udp_ports(napi_env env, napi_value options, struct reflector_options *read)
{
	napi_value array = NULL, item = NULL;
	uint32_t count = 0;

	napi_get_named_property(env, options, "udpPorts", &array);
	if (napi_get_array_length(env, array, &count) != napi_ok || count < 1 || count > REFLECTOR_MOST_PORTS)
		return "udpPorts must name 1 to 8 ports";
	for (uint32_t i = 0; i < count; i++) {
		double number = -1;
		napi_get_element(env, array, i, &item);
		napi_get_value_double(env, item, &number);
		if (!(number >= 0 && number <= UINT16_MAX) || number != (uint16_t)number)
			return "a UDP port is a whole number from 0 to 65535";
		read->udp_ports[i] = (uint16_t)number;
	}
	read->udp_port_count = count;
	return NULL;
}

static const char *read_allow(napi_env env, napi_value options, struct reflector_options *read)
{
	napi_typedarray_type type;
	napi_value array = NULL;
	size_t length;
	void *data;

	napi_get_named_property(env, options, "allow", &array);
	if (napi_get_typedarray_info(env, array, &type, &length, &data, NULL, NULL) != napi_ok ||
		type != napi_uint8_array || length % PREFIX_BYTES != 0)
		return "allow must be rows of 17 bytes";
	read->allow = data;
	read->allow_count = length / PREFIX_BYTES;
	return NULL;
}

static const char *read_options(napi_env env, napi_value options, struct reflector_options *read)
{
	napi_value port = NULL;
	const char *problem = read_udp_ports(env, options, read);

	if (problem)
		return problem;
	napi_get_named_property(env, options, "port", &port);
	if (!binding_read_string(env, port, read->port, sizeof read->port))
		return "port must be an interface name";
	read->ipv4 = read_boolean(env, options, "ipv4");
	read->ipv6 = read_boolean(env, options, "ipv6");
	read->real_time = read_boolean(env, options, "realTime");
	if (!read->ipv4 && !read->ipv6)
		return "neither ipv4 nor ipv6";
	read->source_rate = read_rate(env, options, "sourceRate", "sourceBurst");
	read->total_rate = read_rate(env, options, "totalRate", "totalBurst");
	read->trains = read_boolean(env, options, "trains");
	read->train_source_rate = read_rate(env, options, "trainSourceRate", "trainSourceBurst");
	read->train_total_rate = read_rate(env, options, "trainTotalRate", "trainTotalBurst");
	if (!is_rate(&read->source_rate) || !is_rate(&read->total_rate) || !is_rate(&read->train_source_rate) ||
		!is_rate(&read->train_total_rate))
		return "a rate must not be negative and a burst must be 1 or more";
	double sessions = read_number(env, options, "maxSessions");
	if (!(sessions >= 1 && sessions <= MOST_SESSIONS))
		return "maxSessions must be 1 to 1048576";
	read->max_sessions = (uint32_t)sessions;
	/* Last: its bytes stay JavaScript's, and a getter among the options after it could take them away. */
	return read_allow(env, options, read);
}

static struct holder *unwrap(napi_env env, napi_callback_info info, napi_value *self)
{
	struct holder *holder = NULL;
	bool ours = false;

	napi_get_cb_info(env, info, NULL, NULL, self, NULL);
	if (napi_check_object_type_tag(env, *self, &TAG, &ours) == napi_ok && ours)
		napi_unwrap(env, *self, (void **)&holder);
	if (!holder)
		binding_throw(env, (struct binding_failure){
					   -EINVAL, "reflector", NULL, "called on something that is no reflector"});
	return holder;
}

static void set_counter(napi_env env, napi_value object, const char *name, const _Atomic uint64_t *counter)
{
	binding_set_number(env, object, name, (double)atomic_load_explicit(counter, memory_order_relaxed));
}

static napi_value counters(napi_env env, napi_callback_info info)
{
	napi_value self, object;
	struct holder *holder = unwrap(env, info, &self);

	if (!holder)
		return NULL;
	const struct reflector_counters *counted = reflector_read_counters(holder->reflector);
	napi_create_object(env, &object);
	set_counter(env, object, "received", &counted->received);
	set_counter(env, object, "reflected", &counted->reflected);
	set_counter(env, object, "foreign", &counted->foreign);
	set_counter(env, object, "notAllowed", &counted->not_allowed);
	set_counter(env, object, "rateLimited", &counted->rate_limited);
	set_counter(env, object, "sendFailures", &counted->send_failures);
	set_counter(env, object, "sessions", &counted->sessions);
	set_counter(env, object, "sessionsEvicted", &counted->sessions_evicted);
	set_counter(env, object, "stampsKernel", &counted->stamps_kernel);
	set_counter(env, object, "stampsHardware", &counted->stamps_hardware);
	set_counter(env, object, "stampsMissing", &counted->stamps_missing);
	set_counter(env, object, "socketDrops", &counted->socket_drops);
	set_counter(env, object, "trains", &counted->trains.started);
	set_counter(env, object, "trainsRefused", &counted->trains.refused);
	set_counter(env, object, "trainPackets", &counted->trains.packets);
	return object;
}

static napi_value failure(napi_env env, napi_callback_info info)
{
	napi_value self, value;
	struct holder *holder = unwrap(env, info, &self);

	if (!holder)
		return NULL;
	int error = reflector_read_failure(holder->reflector);
	if (error == 0)
		napi_get_null(env, &value);
	else
		napi_create_int32(env, error, &value);
	return value;
}

static void execute_close(napi_env env, void *data)
{
	struct holder *holder = data;

	(void)env;
	reflector_close(holder->reflector);
}

static void complete_close(napi_env env, napi_status status, void *data)
{
	struct holder *holder = data;
	napi_value nothing;

	(void)status;
	napi_get_undefined(env, &nothing);
	napi_resolve_deferred(env, holder->closing, nothing);
	napi_delete_async_work(env, holder->work);
	napi_delete_reference(env, holder->self);
}

static napi_value close_reflector(napi_env env, napi_callback_info info)
{
	napi_value self, promise = NULL, name;
	struct holder *holder = unwrap(env, info, &self);

	if (!holder)
		return NULL;
	if (holder->close_called) {
		napi_get_reference_value(env, holder->promise, &promise);
		return promise;
	}
	if (napi_create_promise(env, &holder->closing, &promise) != napi_ok)
		return NULL;
	holder->close_called = true;
	napi_create_reference(env, promise, 1, &holder->promise);
	napi_create_reference(env, self, 1, &holder->self);
	napi_create_string_utf8(env, "closeReflector", NAPI_AUTO_LENGTH, &name);
	napi_create_async_work(env, NULL, name, execute_close, complete_close, holder, &holder->work);
	napi_queue_async_work(env, holder->work);
	return promise;
}

static void finalize(napi_env env, void *data, void *hint)
{
	struct holder *holder = data;

	(void)hint;
	if (!holder->close_called)
		reflector_close(holder->reflector);
	else
		napi_delete_reference(env, holder->promise);
	reflector_free(holder->reflector);
	free(holder);
}

static napi_value make_object(napi_env env, struct holder *holder)
{
	uint16_t udp_ports[REFLECTOR_MOST_PORTS];
	size_t count = reflector_udp_ports(holder->reflector, udp_ports);
	napi_value object, array, number;

	napi_property_descriptor methods[] = {
		{.utf8name = "counters", .method = counters, .attributes = napi_enumerable},
		{.utf8name = "failure", .method = failure, .attributes = napi_enumerable},
		{.utf8name = "close", .method = close_reflector, .attributes = napi_enumerable},
	};
	napi_create_object(env, &object);
	napi_define_properties(env, object, sizeof methods / sizeof *methods, methods);
	napi_create_array_with_length(env, count, &array);
	for (size_t i = 0; i < count; i++) {
		napi_create_uint32(env, udp_ports[i], &number);
		napi_set_element(env, array, (uint32_t)i, number);
	}
	napi_set_named_property(env, object, "udpPorts", array);
	binding_set_boolean(env, object, "realTime", reflector_is_real_time(holder->reflector));
	/* An environment that is about to end, of a terminated worker, refuses: nobody would end the thread. */
	if (napi_type_tag_object(env, object, &TAG) == napi_ok &&
		napi_wrap(env, object, holder, finalize, NULL, NULL) == napi_ok)
		return object;
	finalize(env, holder, NULL);
	return binding_throw(env, (struct binding_failure){-ECANCELED, "openReflector", NULL, NULL});
}

static napi_value open_reflector(napi_env env, napi_callback_info info)
{
	struct reflector_options options = {0};
	struct reflector_failure failure;
	napi_valuetype type;
	napi_value argument;
	size_t count = 1;

	napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
	napi_typeof(env, argument, &type);
	const char *problem = type == napi_object ? read_options(env, argument, &options) : "options are missing";
	if (problem)
		return binding_throw(env, (struct binding_failure){-EINVAL, "openReflector", options.port, problem});
	struct holder *holder = calloc(1, sizeof *holder);
	if (!holder)
		return binding_throw(env, (struct binding_failure){-ENOMEM, "openReflector", options.port, NULL});
	int error = reflector_open(&holder->reflector, &options, &failure);
	if (error) {
		free(holder);
		return binding_throw(env, (struct binding_failure){error, failure.syscall, failure.port, NULL});
	}
	return make_object(env, holder);
}

napi_value register_reflector(napi_env env, napi_value exports)
{
	napi_value function;

	if (napi_create_function(env, "openReflector", NAPI_AUTO_LENGTH, open_reflector, NULL, &function) != napi_ok)
		return NULL;
	if (napi_set_named_property(env, exports, "openReflector", function) != napi_ok)
		return NULL;
	return exports;
}
