// Prefix comparison and token buckets.
#include "reflector_admission.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { INET_PREFIX_BITS = 96 };

int admission_open(struct admission *admission, const struct admission_options *options)
{
	size_t allow_bytes = options->allow_count * PREFIX_BYTES;

	*admission = (struct admission){
		.allow = malloc(allow_bytes + 1),
		.allow_count = options->allow_count,
		.source_rate = options->source_rate,
		.total_rate = options->total_rate,
		.total = {.tokens = options->total_rate.burst},
		.source_buckets = calloc(options->max_sources, sizeof *admission->source_buckets),
	};
	if (!admission->allow || !admission->source_buckets)
		return -ENOMEM;
	memcpy(admission->allow, options->allow, allow_bytes);
	return table_open(&admission->sources, options->max_sources, options->seed);
}

void admission_close(struct admission *admission)
{
	free(admission->allow);
	free(admission->source_buckets);
	table_close(&admission->sources);
	*admission = (struct admission){0};
}

/* ::ffff:0:0/96 */
static bool is_inet(const uint8_t address[16])
{
	static const uint8_t head[INET_PREFIX_BITS / 8] = {[10] = 0xff, [11] = 0xff};

	return memcmp(address, head, sizeof head) == 0;
}

static bool has_prefix(const uint8_t address[16], const uint8_t *row)
{
	unsigned bits = row[16] > 128 ? 128 : row[16];
	unsigned whole = bits / 8;
	unsigned mask = 0xff00u >> bits % 8 & 0xff;

	/* Who lets all of IPv6 in, ::/0, has said nothing of IPv4. */
	if (bits < INET_PREFIX_BITS && is_inet(address))
		return false;
	if (memcmp(address, row, whole) != 0)
		return false;
	return mask == 0 || ((address[whole] ^ row[whole]) & mask) == 0;
}

bool admission_is_allowed(const struct admission *admission, const uint8_t address[16])
{
	for (size_t i = 0; i < admission->allow_count; i++)
		if (has_prefix(address, admission->allow + i * PREFIX_BYTES))
			return true;
	return false;
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

bool admission_take(struct admission *admission, const uint8_t address[16], int64_t now_ns)
{
	struct bucket *source = NULL;

	if (is_limited(&admission->total_rate)) {
		fill(&admission->total, &admission->total_rate, now_ns);
		if (admission->total.tokens < 1)
			return false;
	}
	if (is_limited(&admission->source_rate)) {
		struct table_key key = {0};
		uint32_t slot;
		memcpy(&key, address, 16);
		enum table_find found = table_use(&admission->sources, &key, &slot);
		source = &admission->source_buckets[slot];
		if (found != TABLE_FOUND)
			*source = (struct bucket){.tokens = admission->source_rate.burst, .filled_ns = now_ns};
		fill(source, &admission->source_rate, now_ns);
		if (source->tokens < 1)
			return false;
		source->tokens -= 1;
	}
	if (is_limited(&admission->total_rate))
		admission->total.tokens -= 1;
	return true;
}
