// The counters that a driver has under names of its own, by ethtool's ioctls. Which of them mean what is decided
// elsewhere.
#ifndef NIC_DRIVER_COUNTERS_H
#define NIC_DRIVER_COUNTERS_H

#include <stdint.h>

enum { DRIVER_COUNTER_NAME_BYTES = 32 };

struct driver_counter_names {
	uint32_t count;
	char (*name)[DRIVER_COUNTER_NAME_BYTES]; /* not always terminated; malloc'ed */
};

/* ETHTOOL_GSTRINGS. 0, or a negative errno: -EOPNOTSUPP the driver has none. The caller frees `name`. */
int driver_counters_read_names(const char *port, struct driver_counter_names *names);

/* ETHTOOL_GSTATS: at most `room` values; how many there are, or a negative errno. */
int driver_counters_read(const char *port, uint64_t *values, uint32_t room);

#endif
