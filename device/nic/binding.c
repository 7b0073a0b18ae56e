// The addon's entry: exports the functions that need no port, and lets the other binding files add theirs.
#include "binding.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "binding_counters.h"
#include "binding_listener.h"
#include "binding_reflector.h"
#include "binding_route.h"
#include "binding_settings.h"
#include "clock_discipline.h"
#include "link.h"
#include "notify.h"

static struct binding_elements words_of(const uint32_t *map, size_t count)
{
	return (struct binding_elements){napi_uint32_array, map, count, count * sizeof *map};
}

static napi_value read_link(napi_env env, napi_callback_info info)
{
	struct link_settings settings;
	char port[IFNAMSIZ];
	napi_value object;

	if (!binding_read_port(env, info, "readLink", port))
		return NULL;
	if (link_read_settings(port, &settings) != 0)
		return binding_null(env);
	napi_create_object(env, &object);
	binding_set_number(env, object, "speedMbps", settings.speed_mbps);
	binding_set_number(env, object, "duplex", settings.duplex);
	binding_set_boolean(env, object, "autoNegotiation", settings.auto_negotiation);
	binding_set_elements(env, object, "supported", words_of(settings.supported, settings.mode_words));
	binding_set_elements(env, object, "advertising", words_of(settings.advertising, settings.mode_words));
	binding_set_elements(env, object, "partner", words_of(settings.partner, settings.mode_words));
	return object;
}

static napi_value read_timestamping(napi_env env, napi_callback_info info)
{
	struct timestamping_abilities abilities;
	char port[IFNAMSIZ];
	napi_value object;

	if (!binding_read_port(env, info, "readTimestamping", port))
		return NULL;
	if (link_read_timestamping(port, &abilities) != 0)
		return binding_null(env);
	napi_create_object(env, &object);
	binding_set_number(env, object, "capabilities", abilities.capabilities);
	binding_set_number(env, object, "phcIndex", abilities.phc_index);
	binding_set_number(env, object, "txTypes", abilities.tx_types);
	binding_set_number(env, object, "rxFilters", abilities.rx_filters);
	return object;
}

static napi_value read_clock_discipline(napi_env env, napi_callback_info info)
{
	struct clock_discipline discipline;
	napi_value object;

	(void)info;
	if (clock_discipline_read(&discipline) != 0)
		return binding_null(env);
	napi_create_object(env, &object);
	binding_set_boolean(env, object, "synchronized", discipline.synchronized);
	binding_set_number(env, object, "offsetNs", discipline.offset_ns);
	binding_set_number(env, object, "maxErrorNs", discipline.max_error_ns);
	binding_set_number(env, object, "estErrorNs", discipline.est_error_ns);
	binding_set_number(env, object, "frequencyPpm", discipline.frequency_ppm);
	return object;
}

static napi_value notify(napi_env env, napi_callback_info info)
{
	const char *address = getenv("NOTIFY_SOCKET");
	napi_value argument, result;
	char state[4096];
	size_t count = 1;
	int error = 0;

	napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
	if (count != 1 || !binding_read_string(env, argument, state, sizeof state))
		return binding_throw(env, (struct binding_failure){-EINVAL, "notify", NULL,
						  "the state must be a string of at most 4095 bytes"});
	if (address)
		error = notify_send(address, state, strlen(state));
	if (error)
		return binding_throw(env,
			(struct binding_failure){error, "sendto", NULL, "NOTIFY_SOCKET does not take the message"});
	napi_get_boolean(env, address != NULL, &result);
	return result;
}

static void export_function(napi_env env, napi_value exports, const char *name, napi_callback callback)
{
	napi_value function;

	napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function);
	napi_set_named_property(env, exports, name, function);
}

NAPI_MODULE_INIT()
{
	export_function(env, exports, "readLink", read_link);
	export_function(env, exports, "readTimestamping", read_timestamping);
	export_function(env, exports, "readClockDiscipline", read_clock_discipline);
	export_function(env, exports, "notify", notify);
	register_port(env, exports);
	register_settings(env, exports);
	register_counters(env, exports);
	register_listener(env, exports);
	register_reflector(env, exports);
	return register_route(env, exports);
}
