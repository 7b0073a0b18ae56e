// Marshals between JavaScript and reflector.c; decides nothing about packets.
#include "binding_reflector.h"

static napi_value open_reflector(napi_env env, napi_callback_info info) {
    (void)info;
    napi_throw_error(env, "ENOSYS", "the reflector is not part of this build");
    return NULL;
}

napi_value register_reflector(napi_env env, napi_value exports) {
    napi_value function;
    if (napi_create_function(env, "openReflector", NAPI_AUTO_LENGTH, open_reflector, NULL, &function) != napi_ok) return NULL;
    if (napi_set_named_property(env, exports, "openReflector", function) != napi_ok) return NULL;
    return exports;
}
