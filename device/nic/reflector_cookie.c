// SipHash over the holder and the number of the period.
#include "reflector_cookie.h"

#include <string.h>

static uint64_t hash_period(const struct siphash_key *key, const struct cookie_holder *holder, int64_t period)
{
	struct {
		struct cookie_holder holder;
		int64_t period;
	} input = {.holder = *holder, .period = period};

	_Static_assert(sizeof input == 48, "no octet of the hashed input may be undefined");
	return siphash(key, &input, sizeof input);
}

uint64_t cookie_make(const struct siphash_key *key, const struct cookie_holder *holder, int64_t now_ns)
{
	return hash_period(key, holder, now_ns / COOKIE_PERIOD_NS);
}

bool cookie_is_valid(const struct siphash_key *key, const struct cookie_holder *holder, int64_t now_ns, uint64_t cookie)
{
	int64_t period = now_ns / COOKIE_PERIOD_NS;

	return cookie == hash_period(key, holder, period) || cookie == hash_period(key, holder, period - 1);
}
