// Waits for absolute instants as exactly as the machine allows: sleep, then spin.
#ifndef NIC_PACER_H
#define NIC_PACER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	/* Of the engine's sender. Above that of the reflector, which must not delay a probe of our own. */
	PACER_SENDER_PRIORITY = 50,
	PACER_NO_PRIORITY = 0,
};

struct pacer {
	bool exact;	     /* a priority was asked for */
	int64_t lazy_gap_ns; /* without one: from this gap on the kernel's own wake-up will do */
	bool real_time;
	int64_t latency_ns; /* decaying maximum of how late the kernel woke us */
	int64_t window_start_ns;
	int64_t window_slept_ns;
};

/*
 * Prepare the calling thread: no timer slack, SCHED_FIFO with this priority where it is allowed, and a first
 * measurement of its wake-up latency (about 2 ms). `light`: the stream is so light on the whole that without a priority
 * nobody spins before its packets, and nothing is measured.
 */
void pacer_start(struct pacer *pacer, int priority, bool light);

/*
 * Wait until CLOCK_MONOTONIC reaches `instant_ns`. False, within about 10 ms, once *stopping is set; within half a
 * second where no priority was asked for and the instant is far away.
 */
bool pacer_wait(struct pacer *pacer, int64_t instant_ns, const atomic_bool *stopping);

#endif
