// The thread of a train: waits for each instant, stamps, hands over. Ends with its last packet, on request, when its
// sender is not heard any more, or when the kernel refuses a packet.
#include "reflector_train.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "pacer.h"

/* How soon a long gap notices that its sender is gone, and a full socket that it is to stop. */
static const int64_t LOOK_NS = 100000000;
enum { ROOM_WAIT_MS = 10 };

/* Unheard trains count as stopped. */
static bool is_to_end(struct train *train)
{
	if (mono_ns() - atomic_load_explicit(&train->heard_mono_ns, memory_order_relaxed) > TRAIN_SILENCE_NS)
		atomic_store(&train->stopping, true);
	return atomic_load_explicit(&train->stopping, memory_order_relaxed);
}

/* False when the train is to end before the instant. */
static bool wait_until(struct train *train, struct pacer *pacer, int64_t instant_ns)
{
	for (int64_t left_ns = instant_ns - mono_ns(); left_ns > 2 * LOOK_NS; left_ns = instant_ns - mono_ns())
		if (is_to_end(train) || !pacer_wait(pacer, mono_ns() + LOOK_NS, &train->stopping))
			return false;
	return !is_to_end(train) && pacer_wait(pacer, instant_ns, &train->stopping);
}

static void wait_for_room(const struct train *train)
{
	struct pollfd polled = {.fd = train->socket.fd, .events = POLLOUT};

	/* Stamps of replies on the error queue make poll return at once; do not spin on them. */
	if (poll(&polled, 1, ROOM_WAIT_MS) > 0 && !(polled.revents & POLLOUT)) {
		struct timespec pause = ns_timespec(NS_PER_SEC / 10000);
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
}

/* Ends with the packet handed over, refused for good, or the train told to end. 0 or -errno; -ECANCELED for the last.
 */
static int hand_over(struct train *train, uint32_t index)
{
	struct departure departure = {.tos = train->shape.traffic_class};

	while (!is_to_end(train)) {
		train_write_departure(train->packet, index, wall_ns());
		int error = reflector_socket_reply(&train->socket, &train->origin, &departure);
		if (error != -EAGAIN && error != -EINTR)
			return error;
		wait_for_room(train);
	}
	return -ECANCELED;
}

static enum train_status send_all(struct train *train, struct pacer *pacer)
{
	const struct train_shape *shape = &train->shape;
	double offset_ns = 0;
	uint32_t index = 0;

	for (uint32_t burst = 0; burst < shape->bursts; burst++) {
		double gap_ns = shape->first_gap_ns;
		for (uint32_t position = 0; position < shape->packets; position++) {
			if (!wait_until(train, pacer, train->start_mono_ns + (int64_t)(offset_ns + 0.5)))
				return TRAIN_STOPPED;
			int error = hand_over(train, index);
			if (error)
				return error == -ECANCELED ? TRAIN_STOPPED : TRAIN_FAILED;
			atomic_store_explicit(&train->handed_over, ++index, memory_order_relaxed);
			atomic_fetch_add_explicit(train->packets_counted, 1, memory_order_relaxed);
			offset_ns += position + 1 < shape->packets ? gap_ns : shape->spacing_ns;
			gap_ns /= shape->spread;
		}
	}
	return TRAIN_COMPLETE;
}

static void *train_main(void *argument)
{
	struct train *train = argument;
	struct pacer pacer;

	pacer_start(&pacer, train->real_time ? TRAIN_PRIORITY : PACER_NO_PRIORITY, false);
	atomic_store(&train->status, (int)send_all(train, &pacer));
	return NULL;
}

/* All signals stay with the process' own threads, and the reflector's priority, which threads inherit, with it. */
static int start_thread(struct train *train)
{
	struct sched_param none = {0};
	pthread_attr_t attributes;
	sigset_t all, before;

	pthread_attr_init(&attributes);
	pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attributes, SCHED_OTHER);
	pthread_attr_setschedparam(&attributes, &none);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&train->thread, &attributes, train_main, train);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	if (!error)
		(void)pthread_setname_np(train->thread, "nic-train");
	return error;
}

static void free_packet(struct train *train)
{
	free(train->packet);
	train->packet = NULL;
}

bool train_start(struct train *train, const struct train_way *way, int64_t now_mono_ns)
{
	const struct arrival *arrival = way->arrival;
	struct train_head head = {.run = train->run, .error_estimate = way->error_estimate, .ttl = arrival->ttl};

	train->packet = malloc(train->shape.packet_bytes);
	if (!train->packet)
		return false;
	train_encode_packet(train->packet, train->shape.packet_bytes, arrival->packet, &head);
	train->socket = way->socket;
	train->peer = *arrival->peer;
	train->origin = *arrival;
	train->origin.peer = &train->peer;
	train->origin.packet = train->packet;
	train->origin.length = train->shape.packet_bytes;
	train->start_mono_ns = now_mono_ns + TRAIN_LEAD_NS;
	atomic_store(&train->heard_mono_ns, now_mono_ns);
	atomic_store(&train->stopping, false);
	atomic_store(&train->handed_over, 0);
	atomic_store(&train->status, TRAIN_RUNNING);
	train->joinable = start_thread(train) == 0;
	if (!train->joinable) {
		atomic_store(&train->status, TRAIN_FAILED);
		free_packet(train);
	}
	return train->joinable;
}

void train_join(struct train *train)
{
	if (!train->joinable)
		return;
	pthread_join(train->thread, NULL);
	train->joinable = false;
	free_packet(train);
}
