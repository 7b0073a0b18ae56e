// How much each source may have, and all together: token buckets. What a token is, a reply or an octet, is the caller's
// business. Time is an argument.
#ifndef NIC_REFLECTOR_QUOTA_H
#define NIC_REFLECTOR_QUOTA_H

#include "reflector_table.h"

/* Tokens a second, 0 for no limit, and how many may be taken at once. */
struct rate {
	double per_second;
	double burst;
};

struct bucket {
	double tokens;
	int64_t filled_ns;
};

struct quota {
	struct rate source_rate;
	struct rate total_rate;
	struct bucket total;
	struct table sources;
	struct bucket *source_buckets;
};

struct quota_options {
	struct rate source_rate;
	struct rate total_rate;
	/*
	 * Source addresses whose buckets are kept; the least recently used goes first and comes back with a full
	 * bucket.
	 */
	uint32_t max_sources;
	uint64_t seed;
};

/* 0 or -ENOMEM; the struct may be closed in both cases. */
int quota_open(struct quota *quota, const struct quota_options *options);
void quota_close(struct quota *quota);

/* Takes `tokens` of the source and of all, or none. `now_ns` is of a clock that never goes back. */
bool quota_take(struct quota *quota, const uint8_t address[16], double tokens, int64_t now_ns);

#endif
