// Adds the readers of counters, of the link's state and of VLANs to `exports`.
#ifndef NIC_BINDING_COUNTERS_H
#define NIC_BINDING_COUNTERS_H

#include <node_api.h>

void register_counters(napi_env env, napi_value exports);

#endif
