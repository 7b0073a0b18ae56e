// Tells how long this machine stood still: a thread on each processor, above all programs, sleeps a millisecond at a
// time and adds up by how much it woke late. What a program of this machine does cannot delay it; what is left is the
// machine itself (a host that gives the processor to somebody else). Runs until SIGTERM, then prints
// "LONGEST_MICROSECONDS SHARE_IN_MILLIONTHS"; the share is that of all processors' time. Needs CAP_SYS_NICE.
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	SLEEP_NS = 1000000,
	USUAL_NS = 200000, // timers of a healthy virtual machine are this late now and then
	MOST_PROCESSORS = 256
};

struct watch {
	int processor;
	int64_t longest_ns, lost_ns;
};

static volatile sig_atomic_t is_told_to_end;

static void tell_to_end(int number)
{
	(void)number;
	is_told_to_end = 1;
}

static int64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void fail(const char *what, int error)
{
	fprintf(stderr, "stall-witness: %s: %s\n", what, strerror(error));
	exit(1);
}

static void *watch_processor(void *argument)
{
	struct watch *watch = argument;
	cpu_set_t own;
	CPU_ZERO(&own);
	CPU_SET(watch->processor, &own);
	int error = pthread_setaffinity_np(pthread_self(), sizeof own, &own);
	if (error != 0)
		fail("a processor of its own", error);
	struct sched_param above_all = {.sched_priority = sched_get_priority_max(SCHED_FIFO)};
	error = pthread_setschedparam(pthread_self(), SCHED_FIFO, &above_all);
	if (error != 0)
		fail("precedence", error);
	while (!is_told_to_end) {
		int64_t due_ns = now_ns() + SLEEP_NS;
		nanosleep(&(struct timespec){.tv_nsec = SLEEP_NS}, NULL);
		int64_t late_ns = now_ns() - due_ns;
		if (late_ns > watch->longest_ns)
			watch->longest_ns = late_ns;
		if (late_ns > USUAL_NS)
			watch->lost_ns += late_ns;
	}
	return NULL;
}

int main(void)
{
	static struct watch watches[MOST_PROCESSORS];
	static pthread_t threads[MOST_PROCESSORS];
	cpu_set_t allowed;
	signal(SIGTERM, tell_to_end);
	if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
		perror("stall-witness: sched_getaffinity");
		return 1;
	}
	int count = 0;
	int64_t began_ns = now_ns();
	for (int processor = 0; processor < MOST_PROCESSORS; processor++) {
		if (!CPU_ISSET(processor, &allowed))
			continue;
		watches[count].processor = processor;
		int error = pthread_create(&threads[count], NULL, watch_processor, &watches[count]);
		if (error != 0)
			fail("thread", error);
		count++;
	}
	int64_t longest_ns = 0, lost_ns = 0;
	for (int i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		lost_ns += watches[i].lost_ns;
		if (watches[i].longest_ns > longest_ns)
			longest_ns = watches[i].longest_ns;
	}
	int64_t watched_ns = (now_ns() - began_ns) * count;
	printf("%lld %lld\n", (long long)(longest_ns / 1000), (long long)((double)lost_ns / (double)watched_ns * 1e6));
	return 0;
}
