// What the reflector's tests say when something is not as it should be. Nothing is decided here but the exit status.
#ifndef NIC_TEST_REFLECTOR_CHECK_H
#define NIC_TEST_REFLECTOR_CHECK_H

#include <stdint.h>
#include <stdio.h>

static int failed_checks;

#define CHECK(condition)                                                                                               \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			failed_checks++;                                                                               \
			printf("FAILED %s:%d: %s\n", __FILE__, __LINE__, #condition);                                  \
		}                                                                                                      \
	} while (0)

/* xorshift64*: the same numbers on every machine for the same seed. */
static inline uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

#endif
