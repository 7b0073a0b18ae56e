// Tells the service manager about our state (sd_notify protocol).
#ifndef NIC_NOTIFY_H
#define NIC_NOTIFY_H

#include <stddef.h>

/*
 * Sends `state` (for example "READY=1") to the datagram socket at `address`, a path or "@name" for an abstract one.
 * Returns 0, or a negative errno.
 */
int notify_send(const char *address, const char *state, size_t length);

#endif
