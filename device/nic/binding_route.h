// Node-API face of route.c, interface.c and reserve.c.
#ifndef NIC_BINDING_ROUTE_H
#define NIC_BINDING_ROUTE_H

#include <node_api.h>

// Adds lookupRoute, lookupNeighbour, readInterface and reserveUdpPort to the exports. Returns exports, or NULL with a
// pending exception.
napi_value register_route(napi_env env, napi_value exports);

#endif
