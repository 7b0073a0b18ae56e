// Clock readings in nanoseconds. Decides nothing.
#ifndef NIC_CLOCK_H
#define NIC_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_SEC 1000000000LL

static inline int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * NS_PER_SEC + now.tv_nsec;
}

static inline int64_t mono_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static inline int64_t wall_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

static inline int64_t timespec_ns(const struct timespec *t)
{
	return (int64_t)t->tv_sec * NS_PER_SEC + t->tv_nsec;
}

/* CLOCK_REALTIME minus CLOCK_MONOTONIC, from the closest of a few paired readings. */
static inline int64_t wall_minus_mono_ns(void)
{
	int64_t best_span = INT64_MAX, difference = 0;

	for (int i = 0; i < 5; i++) {
		int64_t before = mono_ns(), wall = wall_ns(), after = mono_ns();
		if (after - before >= best_span)
			continue;
		best_span = after - before;
		difference = wall - (before + best_span / 2);
	}
	return difference;
}

static inline struct timespec ns_timespec(int64_t ns)
{
	return (struct timespec){.tv_sec = ns / NS_PER_SEC, .tv_nsec = ns % NS_PER_SEC};
}

#endif
