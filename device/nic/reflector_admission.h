// Who is answered, and how often: the allow-list of prefixes, and a quota of replies. Time is an argument.
#ifndef NIC_REFLECTOR_ADMISSION_H
#define NIC_REFLECTOR_ADMISSION_H

#include "reflector_quota.h"

enum { PREFIX_BYTES = 17 };

struct admission {
	/*
	 * Rows of 16 octets of address (IPv4 as ::ffff:a.b.c.d) and the length of the prefix, 0-128. One shorter than
	 * ::ffff:0:0/96 holds no IPv4 address.
	 */
	uint8_t *allow;
	size_t allow_count;
	/* In replies. */
	struct quota replies;
};

struct admission_options {
	const uint8_t *allow;
	size_t allow_count;
	struct quota_options replies;
};

/* Copies the allow-list. 0 or -ENOMEM; the struct may be closed in both cases. */
int admission_open(struct admission *admission, const struct admission_options *options);
void admission_close(struct admission *admission);

bool admission_is_allowed(const struct admission *admission, const uint8_t address[16]);

#endif
