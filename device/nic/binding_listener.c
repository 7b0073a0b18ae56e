// The NativeListener object (native-reflector.ts): a listening socket that lives until close() or the garbage
// collector.
#include "binding_listener.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "binding.h"
#include "listener.h"

/* Frames of one read, so that a flood cannot hold the caller; and octets of a frame, a jumbo one. */
enum { FRAMES_MOST = 256, FRAME_BYTES = 9216 + LISTENER_TAG_BYTES, GROUPS_MOST = 16 };

/* Tells our objects from all others, so that a method taken to another one touches no foreign descriptor. */
static const napi_type_tag LISTENER_TAG = {0x3a7be1c40f92d865, 0xc1580f6e2db94a73};

static napi_value refuse(napi_env env, const char *detail)
{
	return binding_throw(env, (struct binding_failure){-EINVAL, "openListener", NULL, detail});
}

static void close_listener(napi_env env, void *data, void *hint)
{
	int *fd = data;

	(void)env;
	(void)hint;
	if (*fd >= 0)
		close(*fd);
	free(fd);
}

/* NULL, with an exception, for an object that is no listener. */
static int *unwrap(napi_env env, napi_callback_info info, const char *call)
{
	napi_value self;
	void *fd = NULL;
	bool ours = false;

	if (napi_get_cb_info(env, info, NULL, NULL, &self, NULL) == napi_ok &&
		napi_check_object_type_tag(env, self, &LISTENER_TAG, &ours) == napi_ok && ours &&
		napi_unwrap(env, self, &fd) == napi_ok)
		return fd;
	binding_throw(env, (struct binding_failure){-EINVAL, call, NULL, "called on something that is no listener"});
	return NULL;
}

static bool add_frame(napi_env env, napi_value array, uint32_t row, const uint8_t *frame, size_t length)
{
	napi_value buffer, bytes;
	void *data;

	if (napi_create_arraybuffer(env, length, &data, &buffer) != napi_ok)
		return false;
	memcpy(data, frame, length);
	return napi_create_typedarray(env, napi_uint8_array, length, buffer, 0, &bytes) == napi_ok &&
	       napi_set_element(env, array, row, bytes) == napi_ok;
}

static napi_value read_frames(napi_env env, napi_callback_info info)
{
	uint8_t frame[FRAME_BYTES];
	int *fd = unwrap(env, info, "read");
	napi_value array;

	if (!fd)
		return NULL;
	if (*fd < 0)
		return binding_throw(env, (struct binding_failure){-EBADF, "read", NULL, "the listener is closed"});
	if (napi_create_array(env, &array) != napi_ok)
		return NULL;
	for (uint32_t row = 0; row < FRAMES_MOST; row++) {
		ssize_t length = listener_read(*fd, frame, sizeof frame);

		if (length < 0)
			return binding_throw(env, (struct binding_failure){(int)length, "recvmsg", NULL, NULL});
		if (length == 0 || !add_frame(env, array, row, frame, (size_t)length))
			break;
	}
	return array;
}

static napi_value close_early(napi_env env, napi_callback_info info)
{
	int *fd = unwrap(env, info, "close");

	if (fd && *fd >= 0) {
		close(*fd);
		*fd = -1;
	}
	return NULL;
}

/* The bytes of `options[name]`, which stay JavaScript's. False unless they are a Uint8Array. */
static bool read_bytes(napi_env env, napi_value options, const char *name, const uint8_t **bytes, size_t *length)
{
	napi_typedarray_type type;
	napi_value value;
	void *data;
	bool is_array = false;

	if (napi_get_named_property(env, options, name, &value) != napi_ok ||
		napi_is_typedarray(env, value, &is_array) != napi_ok || !is_array)
		return false;
	if (napi_get_typedarray_info(env, value, &type, length, &data, NULL, NULL) != napi_ok)
		return false;
	*bytes = data;
	return type == napi_uint8_array;
}

static napi_value wrap(napi_env env, int descriptor)
{
	napi_value object;
	int *fd = malloc(sizeof *fd);
	const napi_property_descriptor methods[] = {
		{"read", NULL, read_frames, NULL, NULL, NULL, napi_enumerable, NULL},
		{"close", NULL, close_early, NULL, NULL, NULL, napi_enumerable, NULL},
	};

	if (!fd) {
		close(descriptor);
		return binding_throw(env, (struct binding_failure){-ENOMEM, "openListener", NULL, NULL});
	}
	*fd = descriptor;
	if (napi_create_object(env, &object) != napi_ok ||
		napi_type_tag_object(env, object, &LISTENER_TAG) != napi_ok ||
		napi_wrap(env, object, fd, close_listener, NULL, NULL) != napi_ok) {
		close_listener(env, fd, NULL);
		return NULL;
	}
	napi_define_properties(env, object, sizeof methods / sizeof methods[0], methods);
	return object;
}

static napi_value open_listener(napi_env env, napi_callback_info info)
{
	struct listener_options options;
	char port[IFNAMSIZ];
	napi_value argument, name;
	size_t count = 1, filter_bytes, group_bytes;
	const uint8_t *filter;
	const char *syscall;

	napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
	if (count != 1 || napi_get_named_property(env, argument, "port", &name) != napi_ok ||
		!binding_read_string(env, name, port, sizeof port))
		return refuse(env, "port must be the name of a network interface");
	if (!read_bytes(env, argument, "filter", &filter, &filter_bytes) || filter_bytes == 0 ||
		filter_bytes % sizeof(struct sock_filter) != 0 ||
		filter_bytes / sizeof(struct sock_filter) > BPF_MAXINSNS)
		return refuse(env, "filter must be a Uint8Array of 1 to 4096 instructions of 8 bytes");
	if (!read_bytes(env, argument, "groups", &options.groups, &group_bytes) || group_bytes % GROUP_BYTES != 0 ||
		group_bytes / GROUP_BYTES > GROUPS_MOST)
		return refuse(env, "groups must be a Uint8Array of at most 16 link addresses");
	/* A copy: what JavaScript gives need not be aligned. */
	struct sock_filter program[BPF_MAXINSNS];
	memcpy(program, filter, filter_bytes);
	options.port = port;
	options.filter = program;
	options.filter_length = (uint16_t)(filter_bytes / sizeof(struct sock_filter));
	options.group_count = group_bytes / GROUP_BYTES;
	int fd = listener_open(&options, &syscall);
	if (fd < 0)
		return binding_throw(env, (struct binding_failure){fd, syscall, port, NULL});
	return wrap(env, fd);
}

void register_listener(napi_env env, napi_value exports)
{
	napi_value function;

	napi_create_function(env, "openListener", NAPI_AUTO_LENGTH, open_listener, NULL, &function);
	napi_set_named_property(env, exports, "openListener", function);
}
