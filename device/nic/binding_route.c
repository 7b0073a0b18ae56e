// Marshals routes, neighbours, interfaces, queue disciplines and reserved ports; what they mean is decided by the
// callers.
#include "binding_route.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "binding.h"
#include "interface.h"
#include "queue_kinds.h"
#include "route.h"

// Tells reserved ports from all other objects, so that close() taken to another one closes no foreign descriptor.
static const napi_type_tag RESERVED_TAG = {0x5b0e44d19c6f4a7d, 0x91f2a8c63de07b58};

/* A port with many queues has a discipline for each; they are of one kind as a rule. */
enum { MOST_QUEUE_KINDS = 64 };

struct question {
	int family;
	uint8_t address[16];
	int32_t interface_index;
};

// Arguments: Uint8Array of 4 or 16 bytes, interface index.
static bool read_question(napi_env env, napi_callback_info info, struct question *question)
{
	napi_value arguments[2];
	size_t count = 2, length = 0;
	void *data = NULL;
	napi_typedarray_type type;
	if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < 2)
		return false;
	bool is_array = false;
	if (napi_is_typedarray(env, arguments[0], &is_array) != napi_ok || !is_array)
		return false;
	if (napi_get_typedarray_info(env, arguments[0], &type, &length, &data, NULL, NULL) != napi_ok)
		return false;
	if (type != napi_uint8_array || (length != 4 && length != 16))
		return false;
	if (napi_get_value_int32(env, arguments[1], &question->interface_index) != napi_ok)
		return false;
	question->family = length == 16 ? AF_INET6 : AF_INET;
	memcpy(question->address, data, length);
	return true;
}

// A Uint8Array of `length` bytes, or null where there is none.
static struct binding_elements bytes_of(const uint8_t *bytes, size_t length)
{
	return (struct binding_elements){napi_uint8_array, length > 0 ? bytes : NULL, length, length};
}

static napi_value lookup_route(napi_env env, napi_callback_info info)
{
	struct question question;
	struct route_answer answer;
	if (!read_question(env, info, &question))
		return binding_throw(env, (struct binding_failure){-EINVAL, "lookupRoute", NULL, NULL});
	int error = route_lookup(question.family, question.address, question.interface_index, &answer);
	if (error < 0)
		return binding_throw(env, (struct binding_failure){error, "RTM_GETROUTE", NULL, NULL});
	napi_value object, name;
	if (napi_create_object(env, &object) != napi_ok)
		return NULL;
	binding_set_number(env, object, "index", answer.interface_index);
	binding_set_number(env, object, "type", answer.type);
	binding_set_number(env, object, "mtu", answer.mtu);
	size_t gateway = answer.gateway_family == AF_INET6 ? 16 : 4;
	binding_set_elements(env, object, "gateway", bytes_of(answer.gateway, answer.has_gateway ? gateway : 0));
	binding_set_elements(env, object, "source",
		bytes_of(answer.source, answer.has_source ? (question.family == AF_INET6 ? 16 : 4) : 0));
	if (napi_create_string_utf8(env, answer.interface_name, NAPI_AUTO_LENGTH, &name) != napi_ok)
		return NULL;
	if (napi_set_named_property(env, object, "port", name) != napi_ok)
		return NULL;
	return object;
}

static napi_value lookup_neighbour(napi_env env, napi_callback_info info)
{
	struct question question;
	struct neighbour_answer answer;
	if (!read_question(env, info, &question))
		return binding_throw(env, (struct binding_failure){-EINVAL, "lookupNeighbour", NULL, NULL});
	int error = neighbour_lookup(question.family, question.address, question.interface_index, &answer);
	napi_value object;
	if (error == -ENOENT)
		return napi_get_null(env, &object) == napi_ok ? object : NULL;
	if (error < 0)
		return binding_throw(env, (struct binding_failure){error, "RTM_GETNEIGH", NULL, NULL});
	if (napi_create_object(env, &object) != napi_ok)
		return NULL;
	binding_set_number(env, object, "state", answer.state);
	binding_set_elements(env, object, "mac", bytes_of(answer.mac, answer.mac_length));
	return object;
}

static void close_reserved(napi_env env, void *data, void *hint)
{
	(void)env;
	(void)hint;
	int *fd = data;
	if (*fd >= 0)
		close(*fd);
	free(fd);
}

static napi_value release_reserved(napi_env env, napi_callback_info info)
{
	napi_value self;
	int *fd = NULL;
	bool ours = false;
	if (napi_get_cb_info(env, info, NULL, NULL, &self, NULL) != napi_ok)
		return NULL;
	if (napi_check_object_type_tag(env, self, &RESERVED_TAG, &ours) != napi_ok || !ours ||
		napi_unwrap(env, self, (void **)&fd) != napi_ok)
		return binding_throw(env, (struct binding_failure){-EINVAL, "close", NULL,
						  "called on something that is no reserved port"});
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return NULL;
}

// Argument: 4 or 6. The object lives as long as its port is held; close() lets it go at once.
static napi_value reserve_udp(napi_env env, napi_callback_info info)
{
	napi_value argument, object, function;
	size_t count = 1;
	int32_t version = 0;
	if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok || count < 1 ||
		napi_get_value_int32(env, argument, &version) != napi_ok || (version != 4 && version != 6)) {
		return binding_throw(env, (struct binding_failure){-EINVAL, "reserveUdpPort", NULL, NULL});
	}
	int *fd = malloc(sizeof *fd);
	if (fd == NULL)
		return binding_throw(env, (struct binding_failure){-ENOMEM, "reserveUdpPort", NULL, NULL});
	uint16_t port = 0;
	*fd = reserve_udp_port(version == 6 ? AF_INET6 : AF_INET, &port);
	if (*fd < 0) {
		int error = *fd;
		free(fd);
		return binding_throw(env, (struct binding_failure){error, "bind", NULL, NULL});
	}
	if (napi_create_object(env, &object) != napi_ok ||
		napi_type_tag_object(env, object, &RESERVED_TAG) != napi_ok ||
		napi_wrap(env, object, fd, close_reserved, NULL, NULL) != napi_ok) {
		close_reserved(env, fd, NULL);
		return NULL;
	}
	binding_set_number(env, object, "udpPort", port);
	if (napi_create_function(env, "close", NAPI_AUTO_LENGTH, release_reserved, NULL, &function) != napi_ok)
		return NULL;
	if (napi_set_named_property(env, object, "close", function) != napi_ok)
		return NULL;
	return object;
}

// Argument: interface name. null where there is no such interface.
static napi_value read_interface(napi_env env, napi_callback_info info)
{
	napi_value argument, object;
	size_t count = 1;
	char name[IF_NAMESIZE];
	struct interface_facts facts;
	if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok || count < 1)
		return binding_throw(env, (struct binding_failure){-EINVAL, "readInterface", NULL, NULL});
	// A name that is too long is the name of no interface.
	bool fits = binding_read_string(env, argument, name, sizeof name);
	int error = fits ? interface_read(name, &facts) : -ENODEV;
	if (error == -ENODEV)
		return napi_get_null(env, &object) == napi_ok ? object : NULL;
	if (error < 0)
		return binding_throw(env, (struct binding_failure){error, "ioctl", name, NULL});
	if (napi_create_object(env, &object) != napi_ok)
		return NULL;
	binding_set_number(env, object, "index", facts.index);
	binding_set_number(env, object, "mtu", facts.mtu);
	binding_set_number(env, object, "hardwareType", facts.hardware_type);
	binding_set_boolean(env, object, "running", facts.running);
	return object;
}

// Argument: interface index. An array of names; empty where the kernel tells none.
static napi_value list_queue_kinds(napi_env env, napi_callback_info info)
{
	napi_value argument, array, name;
	size_t count = 1;
	int32_t index = 0;
	char kinds[MOST_QUEUE_KINDS][QUEUE_KIND_BYTES];
	if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok || count < 1 ||
		napi_get_value_int32(env, argument, &index) != napi_ok)
		return binding_throw(env, (struct binding_failure){-EINVAL, "listQueueKinds", NULL, NULL});
	int found = queue_kinds_list(index, kinds, MOST_QUEUE_KINDS);
	if (found < 0)
		return binding_throw(env, (struct binding_failure){found, "RTM_GETQDISC", NULL, NULL});
	if (napi_create_array_with_length(env, (size_t)found, &array) != napi_ok)
		return NULL;
	for (int i = 0; i < found; i++) {
		if (napi_create_string_utf8(env, kinds[i], NAPI_AUTO_LENGTH, &name) != napi_ok ||
			napi_set_element(env, array, (uint32_t)i, name) != napi_ok)
			return NULL;
	}
	return array;
}

napi_value register_route(napi_env env, napi_value exports)
{
	const napi_property_descriptor functions[] = {
		{"lookupRoute", NULL, lookup_route, NULL, NULL, NULL, napi_enumerable, NULL},
		{"lookupNeighbour", NULL, lookup_neighbour, NULL, NULL, NULL, napi_enumerable, NULL},
		{"listQueueKinds", NULL, list_queue_kinds, NULL, NULL, NULL, napi_enumerable, NULL},
		{"readInterface", NULL, read_interface, NULL, NULL, NULL, napi_enumerable, NULL},
		{"reserveUdpPort", NULL, reserve_udp, NULL, NULL, NULL, napi_enumerable, NULL},
	};
	if (napi_define_properties(env, exports, sizeof functions / sizeof functions[0], functions) != napi_ok)
		return NULL;
	return exports;
}
