// One form for every failure that crosses into JavaScript.
#include "binding_error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void set_string(napi_env env, napi_value object, const char *name, const char *value) {
    napi_value string;
    if (napi_create_string_utf8(env, value, NAPI_AUTO_LENGTH, &string) == napi_ok) {
        (void)napi_set_named_property(env, object, name, string);
    }
}

napi_value create_failure(napi_env env, int negative_errno, const char *syscall, const char *port) {
    int error = -negative_errno;
    const char *name = strerrorname_np(error);
    if (name == NULL) name = "EUNKNOWN";
    char text[256];
    snprintf(text, sizeof text, "%s%s%s: %s (%s)", syscall, port[0] != '\0' ? " on " : "", port, strerror(error), name);
    napi_value message, failure;
    if (napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &message) != napi_ok) return NULL;
    if (napi_create_error(env, NULL, message, &failure) != napi_ok) return NULL;
    set_string(env, failure, "errno", name);
    set_string(env, failure, "syscall", syscall);
    set_string(env, failure, "port", port);
    return failure;
}

napi_value throw_failure(napi_env env, int negative_errno, const char *syscall, const char *port) {
    napi_value failure = create_failure(env, negative_errno, syscall, port);
    if (failure != NULL) (void)napi_throw(env, failure);
    return NULL;
}
