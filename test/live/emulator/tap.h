// A port whose other end is this program.
#pragma once
#include <linux/if_tun.h>

// Enters the namespace for good and makes the port there, still down. Kind: IFF_TAP for frames, IFF_TUN for IP packets
// alone. Returns a descriptor that does not block; where that cannot be had, the program ends.
int open_port(const char *namespace, const char *port, int kind);
