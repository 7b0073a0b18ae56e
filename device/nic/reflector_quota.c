// A bucket for each source, kept in a bounded table, and one for all.
#include "reflector_quota.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int quota_open(struct quota *quota, const struct quota_options *options)
{
	*quota = (struct quota){
		.source_rate = options->source_rate,
		.total_rate = options->total_rate,
		.total = {.tokens = options->total_rate.burst},
		.source_buckets = calloc(options->max_sources, sizeof *quota->source_buckets),
	};
	if (!quota->source_buckets)
		return -ENOMEM;
	return table_open(&quota->sources, options->max_sources, options->seed);
}

void quota_close(struct quota *quota)
{
	free(quota->source_buckets);
	table_close(&quota->sources);
	*quota = (struct quota){0};
}

static void fill(struct bucket *bucket, const struct rate *rate, int64_t now_ns)
{
	double gained = (double)(now_ns - bucket->filled_ns) * 1e-9 * rate->per_second;

	bucket->tokens = bucket->tokens + gained > rate->burst ? rate->burst : bucket->tokens + gained;
	bucket->filled_ns = now_ns;
}

static bool is_limited(const struct rate *rate)
{
	return rate->per_second > 0;
}

bool quota_take(struct quota *quota, const uint8_t address[16], double tokens, int64_t now_ns)
{
	if (is_limited(&quota->total_rate)) {
		fill(&quota->total, &quota->total_rate, now_ns);
		if (quota->total.tokens < tokens)
			return false;
	}
	if (is_limited(&quota->source_rate)) {
		struct table_key key = {0};
		uint32_t slot;
		memcpy(&key, address, 16);
		enum table_find found = table_use(&quota->sources, &key, &slot);
		struct bucket *source = &quota->source_buckets[slot];
		if (found != TABLE_FOUND)
			*source = (struct bucket){.tokens = quota->source_rate.burst, .filled_ns = now_ns};
		fill(source, &quota->source_rate, now_ns);
		if (source->tokens < tokens)
			return false;
		source->tokens -= tokens;
	}
	if (is_limited(&quota->total_rate))
		quota->total.tokens -= tokens;
	return true;
}
