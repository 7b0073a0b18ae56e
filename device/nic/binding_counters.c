// Marshals what the kernel and drivers count and tell of a port (native-link.ts); what it means is decided by the
// callers.
#include "binding_counters.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "driver_counters.h"
#include "ethtool_netlink.h"
#include "link_attributes.h"

static napi_value read_vlan(napi_env env, napi_callback_info info)
{
	struct link_attributes attributes;
	char port[IFNAMSIZ], parent[IFNAMSIZ];
	napi_value object, name;

	if (!binding_read_port(env, info, "readVlan", port))
		return NULL;
	if (link_attributes_read(port, &attributes) != 0 || attributes.vlan_id < 0)
		return binding_null(env);
	napi_create_object(env, &object);
	binding_set_number(env, object, "id", attributes.vlan_id);
	if (attributes.parent_index == 0 || !if_indextoname((unsigned)attributes.parent_index, parent) ||
		napi_create_string_utf8(env, parent, NAPI_AUTO_LENGTH, &name) != napi_ok)
		name = binding_null(env);
	napi_set_named_property(env, object, "parent", name);
	return object;
}

static napi_value make_kernel_counters(napi_env env, const struct link_attributes *attributes)
{
	const struct rtnl_link_stats64 *stats = &attributes->stats;
	napi_value object;

	napi_create_object(env, &object);
	binding_set_number(env, object, "carrierChanges", attributes->carrier_changes);
	binding_set_number(env, object, "txBytes", (double)stats->tx_bytes);
	binding_set_number(env, object, "rxBytes", (double)stats->rx_bytes);
	binding_set_number(env, object, "collisions", (double)stats->collisions);
	binding_set_number(env, object, "rxLengthErrors", (double)stats->rx_length_errors);
	binding_set_number(env, object, "rxOverErrors", (double)stats->rx_over_errors);
	binding_set_number(env, object, "rxCrcErrors", (double)stats->rx_crc_errors);
	binding_set_number(env, object, "rxFrameErrors", (double)stats->rx_frame_errors);
	binding_set_number(env, object, "rxFifoErrors", (double)stats->rx_fifo_errors);
	binding_set_number(env, object, "rxMissedErrors", (double)stats->rx_missed_errors);
	binding_set_number(env, object, "txAbortedErrors", (double)stats->tx_aborted_errors);
	binding_set_number(env, object, "txCarrierErrors", (double)stats->tx_carrier_errors);
	binding_set_number(env, object, "txWindowErrors", (double)stats->tx_window_errors);
	return object;
}

static napi_value read_kernel_counters(napi_env env, napi_callback_info info)
{
	struct link_attributes attributes;
	char port[IFNAMSIZ];

	if (!binding_read_port(env, info, "readKernelCounters", port))
		return NULL;
	return link_attributes_read(port, &attributes) == 0 ? make_kernel_counters(env, &attributes)
							    : binding_null(env);
}

static napi_value read_standard_counters(napi_env env, napi_callback_info info)
{
	struct standard_counters counters;
	char port[IFNAMSIZ];
	napi_value object;

	if (!binding_read_port(env, info, "readStandardCounters", port))
		return NULL;
	napi_create_object(env, &object);
	if (ethtool_read_counters(port, &counters) != 0)
		return object;
	for (int i = 0; i < STANDARD_COUNTERS; i++)
		if (counters.is_told[i])
			binding_set_number(env, object, standard_counter_names[i], (double)counters.value[i]);
	return object;
}

static napi_value read_link_state(napi_env env, napi_callback_info info)
{
	struct link_state state;
	char port[IFNAMSIZ];
	napi_value object;

	if (!binding_read_port(env, info, "readLinkState", port))
		return NULL;
	if (ethtool_read_link_state(port, &state) != 0)
		return binding_null(env);
	napi_create_object(env, &object);
	binding_set_number(env, object, "signalQuality", state.signal_quality);
	binding_set_number(env, object, "bestSignalQuality", state.best_signal_quality);
	binding_set_number(env, object, "downReason", state.down_reason);
	return object;
}

static napi_value read_driver_counter_names(napi_env env, napi_callback_info info)
{
	struct driver_counter_names names;
	char port[IFNAMSIZ];
	napi_value array, name;

	if (!binding_read_port(env, info, "readDriverCounterNames", port))
		return NULL;
	napi_create_array(env, &array);
	if (driver_counters_read_names(port, &names) != 0)
		return array;
	for (uint32_t i = 0; i < names.count; i++) {
		size_t length = strnlen(names.name[i], sizeof names.name[i]);

		if (napi_create_string_latin1(env, names.name[i], length, &name) == napi_ok)
			napi_set_element(env, array, i, name);
	}
	free(names.name);
	return array;
}

/* Arguments: port, how many there are by the names. */
static napi_value read_driver_counters(napi_env env, napi_callback_info info)
{
	napi_value arguments[2], buffer, array;
	char port[IFNAMSIZ];
	size_t argument_count = 2;
	uint32_t room;
	double *numbers;

	napi_get_cb_info(env, info, &argument_count, arguments, NULL, NULL);
	if (argument_count != 2 || !binding_read_string(env, arguments[0], port, sizeof port) ||
		napi_get_value_uint32(env, arguments[1], &room) != napi_ok || room == 0 || room > 65536)
		return binding_throw(env, (struct binding_failure){-EINVAL, "readDriverCounters", NULL,
						  "a port and the number of its counters are needed"});
	uint64_t *values = calloc(room, sizeof *values);
	int count = values ? driver_counters_read(port, values, room) : -ENOMEM;
	if (count < 0 || (uint32_t)count != room) {
		free(values);
		return binding_null(env);
	}
	if (napi_create_arraybuffer(env, room * sizeof *numbers, (void **)&numbers, &buffer) != napi_ok ||
		napi_create_typedarray(env, napi_float64_array, room, buffer, 0, &array) != napi_ok)
		array = NULL;
	for (uint32_t i = 0; array && i < room; i++)
		numbers[i] = (double)values[i];
	free(values);
	return array;
}

void register_counters(napi_env env, napi_value exports)
{
	const napi_property_descriptor functions[] = {
		{"readVlan", NULL, read_vlan, NULL, NULL, NULL, napi_enumerable, NULL},
		{"readKernelCounters", NULL, read_kernel_counters, NULL, NULL, NULL, napi_enumerable, NULL},
		{"readStandardCounters", NULL, read_standard_counters, NULL, NULL, NULL, napi_enumerable, NULL},
		{"readLinkState", NULL, read_link_state, NULL, NULL, NULL, napi_enumerable, NULL},
		{"readDriverCounterNames", NULL, read_driver_counter_names, NULL, NULL, NULL, napi_enumerable, NULL},
		{"readDriverCounters", NULL, read_driver_counters, NULL, NULL, NULL, napi_enumerable, NULL},
	};

	napi_define_properties(env, exports, sizeof functions / sizeof functions[0], functions);
}
