// Absolute sleep to a margin before the instant, then a spin. The margin follows the wake-up latency seen lately.
#include "pacer.h"

#include <sched.h>
#include <sys/prctl.h>

#include "clock.h"

/* A late wake-up is remembered for about LATENCY_MEMORY others: the margin then covers about 99 of 100. */
enum { FIRST_SAMPLES = 8, LATENCY_MEMORY = 128 };

static const int64_t FIRST_SLEEP_NS = 200000;
static const int64_t LEAST_MARGIN_NS = 20000;
static const int64_t MOST_MARGIN_NS = 1000000;
/* Between packets that are far apart a longer spin is cheap: a quarter of the gap, at most this. */
static const int64_t MOST_CHEAP_SPIN_NS = 200000;
/* A gap at least this long is worth a sleep, which takes at least 3/10 of it. */
static const int64_t LEAST_SLEEPING_GAP_NS = 50000;
/*
 * In gaps shorter than this a real-time thread sleeps only while it slept less than a sixth of the time: each sleep
 * risks a late wake-up. Of 20,000 packets at 10 kpps on a busy 2-core machine 27 us were the 99th percentile of
 * lateness with a sleep in every gap, 9 us with sleeps in every fifth.
 */
static const int64_t SHORT_GAP_NS = 500000;
enum { SLEEPING_SHARE = 6 };
/* How soon a long sleep notices that the run is to stop: the second where a run waits long between any two packets. */
static const int64_t SLEEP_CHUNK_NS = 10000000;
static const int64_t LAZY_CHUNK_NS = 500000000;
/*
 * Without a wish for real time a packet this far behind the one before is sent when the kernel wakes us: some 0.1 ms
 * late, which its stamp tells. A spin of 0.2 ms before each would be most of what a light stream costs.
 */
static const int64_t LAZY_GAP_NS = 50000000;
/* The same in a stream that is light on the whole: only packets closer than this are company of each other. */
static const int64_t LIGHT_LAZY_GAP_NS = 1000000;

/*
 * The kernel takes the processor away from real-time threads that use more than 95 % of a second (sched_rt_runtime_us):
 * for 50 ms, in the middle of a train. A thread that slept less than a tenth of such a window, because its packets are
 * too close for sleeps, therefore gives the priority up.
 */
static const int64_t WINDOW_NS = 400000000;
static const int64_t LEAST_SLEPT_NS = WINDOW_NS / 10;

static inline void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static void leave_real_time(struct pacer *pacer)
{
	struct sched_param none = {0};

	if (pacer->real_time && sched_setscheduler(0, SCHED_OTHER, &none) == 0)
		pacer->real_time = false;
}

static void observe_latency(struct pacer *pacer, int64_t latency_ns)
{
	if (latency_ns > pacer->latency_ns)
		pacer->latency_ns = latency_ns;
	else
		pacer->latency_ns -= (pacer->latency_ns - latency_ns) / LATENCY_MEMORY;
}

static int64_t sleep_until(struct pacer *pacer, int64_t now_ns, int64_t instant_ns)
{
	struct timespec until = ns_timespec(instant_ns);

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
	int64_t awake_ns = mono_ns();
	pacer->window_slept_ns += awake_ns - now_ns;
	return awake_ns;
}

void pacer_start(struct pacer *pacer, int priority, bool light)
{
	struct sched_param wanted = {.sched_priority = priority};

	*pacer = (struct pacer){
		.exact = priority != PACER_NO_PRIORITY, .lazy_gap_ns = light ? LIGHT_LAZY_GAP_NS : LAZY_GAP_NS};
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	pacer->real_time = priority != PACER_NO_PRIORITY && sched_setscheduler(0, SCHED_FIFO, &wanted) == 0;
	/* A stream that sleeps up to its instants would not use what eight wake-ups tell. */
	for (int i = 0; i < FIRST_SAMPLES && (pacer->exact || !light); i++) {
		int64_t now_ns = mono_ns();
		int64_t instant_ns = now_ns + FIRST_SLEEP_NS;
		observe_latency(pacer, sleep_until(pacer, now_ns, instant_ns) - instant_ns);
	}
	pacer->window_start_ns = mono_ns();
	pacer->window_slept_ns = 0;
}

static void guard_window(struct pacer *pacer, int64_t now_ns)
{
	if (now_ns - pacer->window_start_ns < WINDOW_NS)
		return;
	if (pacer->window_slept_ns < LEAST_SLEPT_NS)
		leave_real_time(pacer);
	pacer->window_start_ns = now_ns;
	pacer->window_slept_ns = 0;
}

static bool has_slept_enough(const struct pacer *pacer, int64_t now_ns)
{
	return pacer->window_slept_ns * SLEEPING_SHARE >= now_ns - pacer->window_start_ns;
}

/* How long before the instant to wake up; all of `wait_ns` for no sleep. */
static int64_t choose_margin(const struct pacer *pacer, int64_t now_ns, int64_t wait_ns)
{
	int64_t cheap_ns = wait_ns / 4 < MOST_CHEAP_SPIN_NS ? wait_ns / 4 : MOST_CHEAP_SPIN_NS;
	int64_t margin_ns = pacer->latency_ns + pacer->latency_ns / 4;

	if (pacer->real_time && wait_ns < SHORT_GAP_NS && has_slept_enough(pacer, now_ns))
		return wait_ns;
	if (margin_ns < cheap_ns)
		margin_ns = cheap_ns;
	if (margin_ns < LEAST_MARGIN_NS)
		margin_ns = LEAST_MARGIN_NS;
	if (margin_ns > MOST_MARGIN_NS)
		margin_ns = MOST_MARGIN_NS;
	if (wait_ns >= LEAST_SLEEPING_GAP_NS && margin_ns > wait_ns / 10 * 7)
		margin_ns = wait_ns / 10 * 7;
	return margin_ns;
}

static bool wait_lazily(struct pacer *pacer, int64_t now_ns, int64_t instant_ns, const atomic_bool *stopping)
{
	/* Ends at the instant; each turn sleeps. */
	while (now_ns < instant_ns && !atomic_load_explicit(stopping, memory_order_relaxed)) {
		int64_t left_ns = instant_ns - now_ns;
		now_ns = sleep_until(pacer, now_ns, now_ns + (left_ns < LAZY_CHUNK_NS ? left_ns : LAZY_CHUNK_NS));
	}
	return !atomic_load_explicit(stopping, memory_order_relaxed);
}

bool pacer_wait(struct pacer *pacer, int64_t instant_ns, const atomic_bool *stopping)
{
	int64_t now_ns = mono_ns();

	if (!pacer->exact && instant_ns - now_ns >= pacer->lazy_gap_ns)
		return wait_lazily(pacer, now_ns, instant_ns, stopping);
	guard_window(pacer, now_ns);
	int64_t margin_ns = choose_margin(pacer, now_ns, instant_ns - now_ns);
	/* Ends when less than the margin is left; each turn sleeps. */
	while (instant_ns - now_ns > margin_ns) {
		if (atomic_load_explicit(stopping, memory_order_relaxed))
			return false;
		int64_t wake_ns = instant_ns - margin_ns;
		if (wake_ns - now_ns > SLEEP_CHUNK_NS)
			wake_ns = now_ns + SLEEP_CHUNK_NS;
		now_ns = sleep_until(pacer, now_ns, wake_ns);
		observe_latency(pacer, now_ns - wake_ns);
	}
	/*
	 * A gap too short to sleep in tells nothing new; forget slowly, so that one bad wake-up does not make us spin
	 * for ever.
	 */
	pacer->latency_ns -= pacer->latency_ns / LATENCY_MEMORY;
	/* Ends at the instant. */
	while (now_ns < instant_ns) {
		if (atomic_load_explicit(stopping, memory_order_relaxed))
			return false;
		relax();
		now_ns = mono_ns();
	}
	return !atomic_load_explicit(stopping, memory_order_relaxed);
}
