// One SIOCETHTOOL call.
#ifndef NIC_ETHTOOL_H
#define NIC_ETHTOOL_H

/* `command` is one of the structs of <linux/ethtool.h>. 0 or a negative errno. */
int ethtool_call(const char *port, void *command);

#endif
