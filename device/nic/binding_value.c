// Small conversions between JavaScript values and C that every binding file needs, and the one way errors are made.
#include "binding.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void set_string(napi_env env, napi_value object, const char *name, const char *text)
{
	napi_value value;

	napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
	napi_set_named_property(env, object, name, value);
}

napi_value binding_error(napi_env env, const struct binding_failure *failure)
{
	napi_value message, object;
	const char *name = strerrorname_np(-failure->error);
	const char *port = failure->port ? failure->port : "";
	const char *words = failure->detail ? failure->detail : strerrordesc_np(-failure->error);
	char text[256];

	if (!name)
		name = "EIO";
	snprintf(text, sizeof text, "%s %s: %s (%s)", failure->syscall, port, words ? words : "unknown error", name);
	napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &message);
	napi_create_error(env, NULL, message, &object);
	set_string(env, object, "errno", name);
	set_string(env, object, "syscall", failure->syscall);
	set_string(env, object, "port", port);
	return object;
}

napi_value binding_throw(napi_env env, struct binding_failure failure)
{
	napi_value pending;

	/* A getter among the arguments may have thrown; ours says which argument could not be read. */
	napi_get_and_clear_last_exception(env, &pending);
	napi_throw(env, binding_error(env, &failure));
	return NULL;
}

void binding_set_number(napi_env env, napi_value object, const char *name, double number)
{
	napi_value value;

	napi_create_double(env, number, &value);
	napi_set_named_property(env, object, name, value);
}

void binding_set_boolean(napi_env env, napi_value object, const char *name, bool truth)
{
	napi_value value;

	napi_get_boolean(env, truth, &value);
	napi_set_named_property(env, object, name, value);
}

void binding_set_elements(napi_env env, napi_value object, const char *name, struct binding_elements elements)
{
	napi_value buffer, array;
	void *data;

	if (!elements.data) {
		napi_get_null(env, &array);
		napi_set_named_property(env, object, name, array);
		return;
	}
	if (napi_create_arraybuffer(env, elements.bytes, &data, &buffer) != napi_ok)
		return;
	memcpy(data, elements.data, elements.bytes);
	if (napi_create_typedarray(env, elements.type, elements.count, buffer, 0, &array) == napi_ok)
		napi_set_named_property(env, object, name, array);
}

bool binding_read_string(napi_env env, napi_value value, char *out, size_t size)
{
	size_t length;

	out[0] = '\0';
	if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok || length >= size)
		return false;
	return napi_get_value_string_utf8(env, value, out, size, &length) == napi_ok && strlen(out) == length;
}

napi_value binding_null(napi_env env)
{
	napi_value value;

	return napi_get_null(env, &value) == napi_ok ? value : NULL;
}

bool binding_read_port(napi_env env, napi_callback_info info, const char *call, char port[IFNAMSIZ])
{
	napi_value argument;
	size_t count = 1;

	napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
	if (count == 1 && binding_read_string(env, argument, port, IFNAMSIZ))
		return true;
	binding_throw(env, (struct binding_failure){-EINVAL, call, NULL, "the port must be an interface name"});
	return false;
}
