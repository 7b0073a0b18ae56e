// Reads OpenOptions: names, bounds and the filter program. What the kernel thinks of them is port.c's matter.
#include "binding.h"
#include "binding_options.h"

#include <stdlib.h>
#include <string.h>

enum { SNAP_BYTES_LEAST = 64, SNAP_BYTES_MOST = 65535, RING_FRAMES_MOST = 1 << 24 };

static const char *read_layer(napi_env env, napi_value options, enum send_layer *layer)
{
	static const char *const names[] = {
		[SEND_LINK] = "link", [SEND_NETWORK4] = "network4", [SEND_NETWORK6] = "network6"};
	napi_value value;
	char name[16];

	if (napi_get_named_property(env, options, "sendLayer", &value) == napi_ok &&
		binding_read_string(env, value, name, sizeof name)) {
		for (int i = 0; i < 3; i++) {
			if (strcmp(name, names[i]) != 0)
				continue;
			*layer = (enum send_layer)i;
			return NULL;
		}
	}
	return "sendLayer must be \"link\", \"network4\" or \"network6\"";
}

static bool read_bounded(napi_env env, napi_value options, const char *name, uint32_t *number)
{
	napi_value value;
	double read;

	if (napi_get_named_property(env, options, name, &value) != napi_ok)
		return false;
	if (napi_get_value_double(env, value, &read) != napi_ok)
		return false;
	if (!(read >= 0 && read <= RING_FRAMES_MOST))
		return false;
	*number = (uint32_t)read;
	return (double)*number == read;
}

static const char *read_filter(napi_env env, napi_value options, struct binding_port_options *read)
{
	static const char PROBLEM[] = "filter must be a Uint8Array of 1 to 4096 instructions of 8 bytes";
	napi_typedarray_type type;
	napi_value value;
	size_t bytes;
	void *data;
	bool is_array = false;

	if (napi_get_named_property(env, options, "filter", &value) != napi_ok)
		return PROBLEM;
	if (napi_is_typedarray(env, value, &is_array) != napi_ok || !is_array)
		return PROBLEM;
	napi_get_typedarray_info(env, value, &type, &bytes, &data, NULL, NULL);
	if (type != napi_uint8_array || bytes == 0 || bytes % sizeof(struct sock_filter) != 0)
		return PROBLEM;
	if (bytes / sizeof(struct sock_filter) > BPF_MAXINSNS)
		return PROBLEM;
	read->filter = malloc(bytes);
	if (!read->filter)
		return "not enough memory for the filter";
	memcpy(read->filter, data, bytes);
	read->options.filter = read->filter;
	read->options.filter_length = (uint16_t)(bytes / sizeof(struct sock_filter));
	return NULL;
}

const char *binding_read_port_options(napi_env env, napi_value value, struct binding_port_options *read)
{
	struct port_options *options = &read->options;
	napi_value name, hardware_stamps;
	const char *problem;

	memset(read, 0, sizeof *read);
	if (napi_get_named_property(env, value, "port", &name) != napi_ok ||
		!binding_read_string(env, name, read->name, sizeof read->name) || read->name[0] == '\0')
		return "port must be the name of a network interface, 1 to 15 characters";
	options->name = read->name;
	if ((problem = read_layer(env, value, &options->layer)))
		return problem;
	if (!read_bounded(env, value, "snapBytes", &options->snap_bytes) || options->snap_bytes < SNAP_BYTES_LEAST ||
		options->snap_bytes > SNAP_BYTES_MOST)
		return "snapBytes must be a whole number from 64 to 65535";
	if (!read_bounded(env, value, "ringFrames", &options->ring_frames) || options->ring_frames == 0)
		return "ringFrames must be a whole number from 1 to 16777216";
	if (napi_get_named_property(env, value, "hardwareStamps", &hardware_stamps) != napi_ok ||
		napi_get_value_bool(env, hardware_stamps, &options->hardware_stamps) != napi_ok)
		return "hardwareStamps must be a boolean";
	return read_filter(env, value, read);
}
