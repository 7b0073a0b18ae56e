// Who is answered, and how often: the allow-list of prefixes, a token bucket for each source, one for all together.
// Time is an argument.
#ifndef NIC_REFLECTOR_ADMISSION_H
#define NIC_REFLECTOR_ADMISSION_H

#include "reflector_table.h"

enum { PREFIX_BYTES = 17 };

/* Replies a second, 0 for no limit, and how many may follow each other at once. */
struct rate {
	double per_second;
	double burst;
};

struct bucket {
	double tokens;
	int64_t filled_ns;
};

struct admission {
	/*
	 * Rows of 16 octets of address (IPv4 as ::ffff:a.b.c.d) and the length of the prefix, 0-128. One shorter than
	 * ::ffff:0:0/96 holds no IPv4 address.
	 */
	uint8_t *allow;
	size_t allow_count;
	struct rate source_rate;
	struct rate total_rate;
	struct bucket total;
	struct table sources;
	struct bucket *source_buckets;
};

struct admission_options {
	const uint8_t *allow;
	size_t allow_count;
	struct rate source_rate;
	struct rate total_rate;
	/*
	 * Source addresses whose buckets are kept; the least recently used goes first and comes back with a full
	 * bucket.
	 */
	uint32_t max_sources;
	uint64_t seed;
};

/* Copies the allow-list. 0 or -ENOMEM; the struct may be closed in both cases. */
int admission_open(struct admission *admission, const struct admission_options *options);
void admission_close(struct admission *admission);

bool admission_is_allowed(const struct admission *admission, const uint8_t address[16]);

/* Takes a token of the source and one of all. `now_ns` is of a clock that never goes back. */
bool admission_take(struct admission *admission, const uint8_t address[16], int64_t now_ns);

#endif
