// The loop of the reflector's thread: waits for datagrams, hands them on, and looks at the clock and the port once a
// second.
#include "reflector_work.h"

#include <errno.h>
#include <poll.h>
#include <sys/timex.h>

#include "clock.h"

enum {
	TICK_MS = 1000,
	/* Batches taken from one socket before the others have their turn. */
	BATCHES_IN_TURN = 8,
	US_IN_NS = 1000,
};

static const int64_t TICK_NS = TICK_MS * 1000000LL;

/* What the kernel knows of our clock, as the replies state it. */
static uint16_t read_error_estimate(void)
{
	struct timex clock = {0};

	/* A sandbox may hide it (ProtectClock= of systemd): nothing is known then. */
	if (adjtimex(&clock) < 0)
		return stamp_error_estimate(INT64_MAX, false);
	bool synchronised = !(clock.status & STA_UNSYNC);
	/* While nobody disciplines the clock, its maximum error is all that is known. */
	int64_t error_us = synchronised ? clock.esterror : clock.maxerror;
	return stamp_error_estimate((error_us > 0 ? error_us : 1) * US_IN_NS, synchronised);
}

/* False only if the kernel says so, not where it had no descriptor left to be asked by. */
static bool is_port_there(const struct reflector *reflector)
{
	unsigned index = if_nametoindex(reflector->port);

	return index == reflector->port_index || (index == 0 && errno != ENODEV);
}

int reflector_tick(struct reflector *reflector)
{
	struct answering *answering = &reflector->answering;
	uint64_t drops = 0;

	answering->error_estimate = read_error_estimate();
	for (size_t i = 0; i < answering->channel_count; i++)
		drops += reflector_socket_drops(&answering->channels[i].socket);
	atomic_store_explicit(&answering->counters.socket_drops, drops, memory_order_relaxed);
	return reflector->port[0] && !is_port_there(reflector) ? -ENODEV : 0;
}

/* Answers what waits on the channel; ends when nothing waits, after its turn, or with -errno. */
static int serve(struct reflector *reflector, struct channel *channel)
{
	for (int turn = 0; turn < BATCHES_IN_TURN; turn++) {
		int count = receive_batch_read(reflector->batch, &channel->socket);
		/* The port went down: it may come up again, and vanishing is seen by the tick. */
		if (count == -ENETDOWN)
			return 0;
		if (count < 0)
			return count;
		int64_t now_ns = mono_ns();
		for (int i = 0; i < count; i++) {
			struct arrival arrival = receive_batch_arrival(reflector->batch, i);
			answer_arrival(&reflector->answering, channel, &arrival, now_ns);
		}
		if (count < BATCH_DATAGRAMS)
			return 0;
	}
	return 0;
}

/* An error on the socket that is no stamp would wake us for ever unless it is taken. */
static void take_socket_error(const struct channel *channel)
{
	int error;
	socklen_t length = sizeof error;

	(void)getsockopt(channel->socket.fd, SOL_SOCKET, SO_ERROR, &error, &length);
}

static int serve_ready(struct reflector *reflector, const struct pollfd *polled)
{
	struct answering *answering = &reflector->answering;

	for (size_t i = 0; i < answering->channel_count; i++) {
		struct channel *channel = &answering->channels[i];
		if (polled[i].revents & POLLERR) {
			collect_stamps(answering, channel);
			take_socket_error(channel);
		}
		int error = polled[i].revents & POLLIN ? serve(reflector, channel) : 0;
		if (error)
			return error;
	}
	return 0;
}

int reflector_work(struct reflector *reflector)
{
	struct pollfd polled[2 * REFLECTOR_MOST_PORTS + 1];
	size_t count = reflector->answering.channel_count;
	int64_t next_tick_ns = mono_ns() + TICK_NS;

	for (size_t i = 0; i < count; i++)
		polled[i] = (struct pollfd){.fd = reflector->answering.channels[i].socket.fd, .events = POLLIN};
	polled[count] = (struct pollfd){.fd = reflector->wake, .events = POLLIN};
	for (;;) {
		if (poll(polled, (nfds_t)count + 1, TICK_MS) < 0 && errno != EINTR)
			return -errno;
		if (polled[count].revents)
			return 0;
		int error = serve_ready(reflector, polled);
		if (!error && mono_ns() >= next_tick_ns) {
			next_tick_ns = mono_ns() + TICK_NS;
			error = reflector_tick(reflector);
		}
		if (error)
			return error;
	}
}
