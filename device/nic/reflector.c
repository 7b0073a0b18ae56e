// The reflector's thread and its life from open to close. What happens to a datagram stands in reflector_answer.c.
#include "reflector.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/timex.h>
#include <unistd.h>

#include "clock.h"
#include "reflector_answer.h"

enum {
	TICK_MS = 1000,
	/* Batches taken from one socket before the others have their turn. */
	BATCHES_IN_TURN = 8,
	/* Tries to find a port that is free in both address families when the kernel chooses. */
	PORT_TRIES = 16,
	US_IN_NS = 1000,
};

struct reflector {
	struct answering answering;
	struct receive_batch *batch;
	pthread_t thread;
	int wake;
	bool real_time;
	atomic_int failure;
	char port[IF_NAMESIZE];
	unsigned port_index;
	uint16_t udp_ports[REFLECTOR_MOST_PORTS];
	size_t udp_port_count;
};

/* Once a second: the state of our clock, the drops, and whether the network port is still the one we bound to. */
static int tick(struct reflector *reflector)
{
	struct answering *answering = &reflector->answering;
	struct timex clock = { 0 };
	uint64_t drops = 0;

	bool synchronised = adjtimex(&clock) >= 0 && !(clock.status & STA_UNSYNC);
	/* While nobody disciplines the clock, its maximum error is all that is known. */
	int64_t error_us = synchronised ? clock.esterror : clock.maxerror;
	answering->error_estimate = stamp_error_estimate((error_us > 0 ? error_us : 1) * US_IN_NS, synchronised);
	for (size_t i = 0; i < answering->channel_count; i++)
		drops += reflector_socket_drops(&answering->channels[i].socket);
	atomic_store_explicit(&answering->counters.socket_drops, drops, memory_order_relaxed);
	if (reflector->port[0] && if_nametoindex(reflector->port) != reflector->port_index)
		return -ENODEV;
	return 0;
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
		/* Most drivers stamp while they are handed the packet, so the stamps of this batch are there by now. */
		collect_stamps(&reflector->answering, channel);
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

/* Ends when `wake` is written, or with the errno that made going on impossible. */
static int work(struct reflector *reflector)
{
	struct pollfd polled[2 * REFLECTOR_MOST_PORTS + 1];
	size_t count = reflector->answering.channel_count;
	int64_t next_tick_ns = mono_ns() + TICK_MS * (int64_t)1000000;

	for (size_t i = 0; i < count; i++)
		polled[i] = (struct pollfd){ .fd = reflector->answering.channels[i].socket.fd, .events = POLLIN };
	polled[count] = (struct pollfd){ .fd = reflector->wake, .events = POLLIN };
	for (;;) {
		if (poll(polled, (nfds_t)count + 1, TICK_MS) < 0 && errno != EINTR)
			return -errno;
		if (polled[count].revents)
			return 0;
		int error = serve_ready(reflector, polled);
		if (!error && mono_ns() >= next_tick_ns) {
			next_tick_ns = mono_ns() + TICK_MS * (int64_t)1000000;
			error = tick(reflector);
		}
		if (error)
			return error;
	}
}

static void *run(void *argument)
{
	struct reflector *reflector = argument;
	int error = work(reflector);

	(void)tick(reflector);
	atomic_store(&reflector->failure, -error);
	return NULL;
}

static int open_channel(struct reflector *reflector, int family, uint16_t udp_port, const char **syscall)
{
	struct answering *answering = &reflector->answering;
	struct socket_request request = { .family = family, .udp_port = udp_port, .port = reflector->port };
	int error = reflector_socket_open(&answering->channels[answering->channel_count].socket, &request, syscall);

	if (!error)
		answering->channel_count++;
	return error;
}

static uint16_t last_udp_port(const struct reflector *reflector)
{
	return reflector->answering.channels[reflector->answering.channel_count - 1].socket.udp_port;
}

/* One UDP port in the families asked for. Where the kernel chose it for IPv4, IPv6 may find it taken: then once more. */
static int open_udp_port(struct reflector *reflector, const struct reflector_options *options, uint16_t udp_port,
			 const char **syscall)
{
	struct answering *answering = &reflector->answering;
	int error = -EINVAL;

	*syscall = "bind";
	for (int i = 0; i < PORT_TRIES; i++) {
		uint16_t wanted = udp_port;
		error = 0;
		if (options->ipv4) {
			error = open_channel(reflector, AF_INET, wanted, syscall);
			if (error)
				return error;
			wanted = last_udp_port(reflector);
		}
		if (options->ipv6)
			error = open_channel(reflector, AF_INET6, wanted, syscall);
		if (error != -EADDRINUSE || udp_port != 0 || !options->ipv4)
			break;
		reflector_socket_close(&answering->channels[--answering->channel_count].socket);
	}
	if (!error)
		reflector->udp_ports[reflector->udp_port_count++] = last_udp_port(reflector);
	return error;
}

static int open_sockets(struct reflector *reflector, const struct reflector_options *options,
			struct reflector_failure *failure)
{
	for (size_t i = 0; i < options->udp_port_count; i++) {
		int error = open_udp_port(reflector, options, options->udp_ports[i], &failure->syscall);
		if (error && strcmp(failure->syscall, "bind") == 0)
			snprintf(failure->port, sizeof failure->port, "%u", options->udp_ports[i]);
		if (error)
			return error;
	}
	return 0;
}

static int open_memory(struct reflector *reflector, const struct reflector_options *options,
		       struct reflector_failure *failure)
{
	struct admission_options admission = {
		.allow = options->allow,
		.allow_count = options->allow_count,
		.source_rate = options->source_rate,
		.total_rate = options->total_rate,
		.max_sources = options->max_sessions,
	};

	failure->syscall = "getrandom";
	if (getrandom(&admission.seed, sizeof admission.seed, 0) != (ssize_t)sizeof admission.seed)
		return -errno;
	failure->syscall = "malloc";
	reflector->batch = receive_batch_open();
	if (!reflector->batch)
		return -ENOMEM;
	int error = admission_open(&reflector->answering.admission, &admission);
	return error ? error : session_set_open(&reflector->answering.sessions, options->max_sessions, ~admission.seed);
}

/* All signals stay with the process' own threads. */
static int start_thread(struct reflector *reflector, const struct reflector_options *options)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&reflector->thread, NULL, run, reflector);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		return -error;
	(void)pthread_setname_np(reflector->thread, "nic-reflector");
	struct sched_param lowest = { .sched_priority = sched_get_priority_min(SCHED_FIFO) };
	reflector->real_time = options->real_time && pthread_setschedparam(reflector->thread, SCHED_FIFO, &lowest) == 0;
	return 0;
}

static void close_all(struct reflector *reflector)
{
	struct answering *answering = &reflector->answering;

	for (size_t i = 0; i < answering->channel_count; i++)
		reflector_socket_close(&answering->channels[i].socket);
	if (reflector->wake >= 0)
		close(reflector->wake);
	reflector->wake = -1;
	admission_close(&answering->admission);
	session_set_close(&answering->sessions);
	receive_batch_close(reflector->batch);
	reflector->batch = NULL;
}

static int open_all(struct reflector *reflector, const struct reflector_options *options,
		    struct reflector_failure *failure)
{
	snprintf(reflector->port, sizeof reflector->port, "%s", options->port);
	snprintf(failure->port, sizeof failure->port, "%s", options->port);
	failure->syscall = "if_nametoindex";
	reflector->port_index = options->port[0] ? if_nametoindex(options->port) : 0;
	if (options->port[0] && reflector->port_index == 0)
		return -ENODEV;
	int error = open_memory(reflector, options, failure);
	if (!error)
		error = open_sockets(reflector, options, failure);
	if (error)
		return error;
	failure->syscall = "eventfd";
	reflector->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (reflector->wake < 0)
		return -errno;
	error = tick(reflector);
	failure->syscall = "pthread_create";
	return error ? error : start_thread(reflector, options);
}

int reflector_open(struct reflector **opened, const struct reflector_options *options,
		   struct reflector_failure *failure)
{
	struct reflector *reflector = calloc(1, sizeof *reflector);

	*failure = (struct reflector_failure){ .syscall = "malloc" };
	if (!reflector)
		return -ENOMEM;
	reflector->wake = -1;
	int error = open_all(reflector, options, failure);
	if (error) {
		close_all(reflector);
		free(reflector);
		return error;
	}
	*opened = reflector;
	return 0;
}

void reflector_close(struct reflector *reflector)
{
	uint64_t one = 1;

	/* Cannot fail: the counter of a fresh eventfd is far from full. */
	(void)!write(reflector->wake, &one, sizeof one);
	pthread_join(reflector->thread, NULL);
	close_all(reflector);
}

void reflector_free(struct reflector *reflector)
{
	free(reflector);
}

const struct reflector_counters *reflector_read_counters(const struct reflector *reflector)
{
	return &reflector->answering.counters;
}

size_t reflector_udp_ports(const struct reflector *reflector, uint16_t udp_ports[REFLECTOR_MOST_PORTS])
{
	memcpy(udp_ports, reflector->udp_ports, sizeof reflector->udp_ports);
	return reflector->udp_port_count;
}

bool reflector_is_real_time(const struct reflector *reflector)
{
	return reflector->real_time;
}

int reflector_read_failure(const struct reflector *reflector)
{
	return atomic_load(&reflector->failure);
}
