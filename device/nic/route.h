// The kernel's own answers: which way to an address, who the neighbours are. Asked by rtnetlink, changed never.
#ifndef NIC_ROUTE_H
#define NIC_ROUTE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct route_answer {
	int interface_index;
	char interface_name[IF_NAMESIZE];
	uint8_t type; // RTN_* of <linux/rtnetlink.h>
	bool has_gateway;
	uint8_t gateway_family; // may differ from the destination's: IPv4 by an IPv6 next hop (RFC 5549)
	uint8_t gateway[16];
	bool has_source;
	uint8_t source[16];
	uint32_t mtu; // RTAX_MTU, 0 where the route sets none
};

struct neighbour_answer {
	uint16_t state; // NUD_* of <linux/neighbour.h>
	uint8_t mac[8];
	size_t mac_length;
};

// Ask for the route to `address` (4 or 16 bytes by family), out of `interface_index` if not 0. -ENETUNREACH and kin
// from the kernel.
int route_lookup(int family, const uint8_t *address, int interface_index, struct route_answer *answer);

// Look one neighbour up. -ENOENT when the kernel has no entry for it.
int neighbour_lookup(int family, const uint8_t *address, int interface_index, struct neighbour_answer *answer);

// Hold a UDP port that swallows whatever comes, so that the kernel does not answer replies to raw probes with
// port-unreachable. Returns the descriptor; *port is the number chosen by the kernel.
int reserve_udp_port(int family, uint16_t *port);

#endif
