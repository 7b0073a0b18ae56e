// Adds openListener to `exports`.
#ifndef NIC_BINDING_LISTENER_H
#define NIC_BINDING_LISTENER_H

#include <node_api.h>

void register_listener(napi_env env, napi_value exports);

#endif
