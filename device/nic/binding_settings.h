// Adds readPortSettings and writePortSetting to the exports.
#ifndef NIC_BINDING_SETTINGS_H
#define NIC_BINDING_SETTINGS_H

#include <node_api.h>

void register_settings(napi_env env, napi_value exports);

#endif
