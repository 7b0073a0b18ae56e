// Proof that a source receives at its address: a keyed hash of the address that only a packet to that address carries.
// Pure.
#ifndef NIC_REFLECTOR_COOKIE_H
#define NIC_REFLECTOR_COOKIE_H

#include <stdbool.h>

#include "siphash.h"

/* Who asked, as the network showed it. Addresses are IPv6 or ::ffff:a.b.c.d. */
struct cookie_holder {
	uint8_t source[16];
	uint8_t destination[16];
	uint16_t source_port;
	uint16_t ssid;
	/* Where an address means something on its link only, that link: who receives there need not on another. Else 0.
	 */
	uint32_t interface;
};

/* A cookie is good for the period in which it was given and for the next one: 1 to 2 minutes. */
#define COOKIE_PERIOD_NS 60000000000LL

uint64_t cookie_make(const struct siphash_key *key, const struct cookie_holder *holder, int64_t now_ns);
bool cookie_is_valid(
	const struct siphash_key *key, const struct cookie_holder *holder, int64_t now_ns, uint64_t cookie);

#endif
