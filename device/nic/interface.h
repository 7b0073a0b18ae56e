// What the process's own network namespace knows of an interface. /sys may show another namespace; these calls cannot.
#ifndef NIC_INTERFACE_H
#define NIC_INTERFACE_H

#include <stdbool.h>
#include <stdint.h>

struct interface_facts {
	int index;
	int mtu;
	uint16_t hardware_type; // ARPHRD_* of <linux/if_arp.h>
	bool running;		// IFF_UP and IFF_RUNNING: administratively up, and the carrier is there
};

// -ENODEV when there is no such interface.
int interface_read(const char *name, struct interface_facts *facts);

#endif
