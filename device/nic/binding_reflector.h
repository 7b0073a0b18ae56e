// Node-API face of the reflector.
#ifndef APPARENET_BINDING_REFLECTOR_H
#define APPARENET_BINDING_REFLECTOR_H

#include <node_api.h>

// Adds openReflector to the exports. Returns exports, or NULL with a pending exception.
napi_value register_reflector(napi_env env, napi_value exports);

#endif
