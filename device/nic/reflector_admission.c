// Prefix comparison.
#include "reflector_admission.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { INET_PREFIX_BITS = 96 };

int admission_open(struct admission *admission, const struct admission_options *options)
{
	size_t allow_bytes = options->allow_count * PREFIX_BYTES;

	*admission = (struct admission){.allow = malloc(allow_bytes + 1), .allow_count = options->allow_count};
	if (!admission->allow)
		return -ENOMEM;
	memcpy(admission->allow, options->allow, allow_bytes);
	return quota_open(&admission->replies, &options->replies);
}

void admission_close(struct admission *admission)
{
	free(admission->allow);
	quota_close(&admission->replies);
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
