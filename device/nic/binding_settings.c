// readPortSettings and writePortSetting (native-link.ts).
#include "binding_settings.h"

#include <errno.h>
#include <math.h>
#include <net/if.h>
#include <string.h>

#include "binding.h"
#include "port_settings.h"

static napi_value refuse(napi_env env, const char *call, const char *detail)
{
	return binding_throw(env, (struct binding_failure){-EINVAL, call, NULL, detail});
}

static napi_value read_port_settings(napi_env env, napi_callback_info info)
{
	napi_value argument, object, none;
	char port[IFNAMSIZ];
	size_t count = 1;

	napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
	if (count != 1 || !binding_read_string(env, argument, port, sizeof port))
		return refuse(env, "readPortSettings", "the port must be an interface name");
	napi_create_object(env, &object);
	napi_get_null(env, &none);
	for (int setting = 0; setting < SETTING_COUNT; setting++) {
		int value = port_setting_read(port, (enum port_setting)setting);

		if (value >= 0)
			binding_set_number(env, object, port_setting_names[setting], value);
		else
			napi_set_named_property(env, object, port_setting_names[setting], none);
	}
	return object;
}

static int find_setting(const char *name)
{
	for (int setting = 0; setting < SETTING_COUNT; setting++)
		if (strcmp(name, port_setting_names[setting]) == 0)
			return setting;
	return -1;
}

static napi_value write_port_setting(napi_env env, napi_callback_info info)
{
	napi_value arguments[3], nothing;
	char port[IFNAMSIZ], name[16];
	size_t count = 3;
	double value;
	int setting, error;

	napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
	if (count != 3 || !binding_read_string(env, arguments[0], port, sizeof port))
		return refuse(env, "writePortSetting", "the port must be an interface name");
	if (!binding_read_string(env, arguments[1], name, sizeof name) || (setting = find_setting(name)) < 0)
		return refuse(env, "writePortSetting", "there is no setting of that name");
	if (napi_get_value_double(env, arguments[2], &value) != napi_ok || !(value >= 0 && value <= 1e6) ||
		value != floor(value))
		return refuse(env, "writePortSetting", "the value must be a whole number from 0 to 1000000");
	error = port_setting_write(port, (enum port_setting)setting, (int)value);
	if (error)
		return binding_throw(env, (struct binding_failure){error, "SIOCETHTOOL", port, NULL});
	napi_get_undefined(env, &nothing);
	return nothing;
}

static void export_function(napi_env env, napi_value exports, const char *name, napi_callback callback)
{
	napi_value function;

	napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function);
	napi_set_named_property(env, exports, name, function);
}

void register_settings(napi_env env, napi_value exports)
{
	export_function(env, exports, "readPortSettings", read_port_settings);
	export_function(env, exports, "writePortSetting", write_port_setting);
}
