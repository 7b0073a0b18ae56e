// What a driver tells by ethtool's netlink protocol: the standard counters of IEEE 802.3 clause 30 and RMON, and why a
// link is down.
#ifndef NIC_ETHTOOL_NETLINK_H
#define NIC_ETHTOOL_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum standard_counter {
	COUNTER_SYMBOL_ERRORS,
	COUNTER_SINGLE_COLLISIONS,
	COUNTER_MULTIPLE_COLLISIONS,
	COUNTER_FCS_ERRORS,
	COUNTER_ALIGNMENT_ERRORS,
	COUNTER_LATE_COLLISIONS,
	COUNTER_EXCESSIVE_COLLISIONS,
	COUNTER_CARRIER_SENSE_ERRORS,
	COUNTER_INTERNAL_RECEIVE_ERRORS,
	COUNTER_FRAGMENTS,
	STANDARD_COUNTERS
};

/* As in nic.ts. */
extern const char *const standard_counter_names[STANDARD_COUNTERS];

struct standard_counters {
	bool is_told[STANDARD_COUNTERS];
	uint64_t value[STANDARD_COUNTERS];
};

/* -1 where not told. */
struct link_state {
	int32_t signal_quality;
	int32_t best_signal_quality;
	int32_t down_reason; /* enum ethtool_link_ext_state */
};

/* ETHTOOL_MSG_STATS_GET. 0, or a negative errno: -ENODEV no such port, -EOPNOTSUPP the kernel or driver does not tell.
 */
int ethtool_read_counters(const char *port, struct standard_counters *counters);

/* ETHTOOL_MSG_LINKSTATE_GET, with the same errors. */
int ethtool_read_link_state(const char *port, struct link_state *state);

/* Read an answer of `length` octets, aligned as nlmsghdr. -EPROTO where it is none. */
int ethtool_parse_counters(const void *message, size_t length, struct standard_counters *counters);
int ethtool_parse_link_state(const void *message, size_t length, struct link_state *state);

#endif
