// Node-API face of the reflector.
#ifndef NIC_BINDING_REFLECTOR_H
#define NIC_BINDING_REFLECTOR_H

#include <node_api.h>

/* Adds openReflector to `exports`. */
napi_value register_reflector(napi_env env, napi_value exports);

#endif
