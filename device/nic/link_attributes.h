// What the kernel's table of interfaces tells of one: its error counters, and the VLAN it is the port of.
#ifndef NIC_LINK_ATTRIBUTES_H
#define NIC_LINK_ATTRIBUTES_H

#include <linux/if_link.h>
#include <stddef.h>
#include <stdint.h>

struct link_attributes {
	int vlan_id;	  /* -1: no VLAN's port */
	int parent_index; /* of a VLAN's port: the port below it; 0 where that is none of this network namespace */
	uint32_t carrier_changes;
	struct rtnl_link_stats64 stats; /* 0 also for what the driver does not count */
};

/* RTM_GETLINK. 0, or a negative errno: -ENODEV no such interface. */
int link_attributes_read(const char *port, struct link_attributes *attributes);

/* Read an RTM_NEWLINK message of `length` octets, aligned as nlmsghdr. -EPROTO where it is none. */
int link_attributes_parse(const void *message, size_t length, struct link_attributes *attributes);

#endif
