// The reflector's life from open to close. What its thread does meanwhile stands in reflector_work.c.
#include "reflector.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include "reflector_work.h"

/* Tries to find a port that is free in both address families when the kernel chooses. */
enum { PORT_TRIES = 16 };

static void *run(void *argument)
{
	struct reflector *reflector = argument;
	int error = reflector_work(reflector);

	(void)reflector_tick(reflector);
	atomic_store(&reflector->failure, -error);
	return NULL;
}

static int open_channel(struct reflector *reflector, int family, uint16_t udp_port, const char **syscall)
{
	struct answering *answering = &reflector->answering;
	struct socket_request request = {.family = family, .udp_port = udp_port, .port = reflector->port};
	int error = reflector_socket_open(&answering->channels[answering->channel_count].socket, &request, syscall);

	if (!error)
		answering->channel_count++;
	return error;
}

static uint16_t last_udp_port(const struct reflector *reflector)
{
	return reflector->answering.channels[reflector->answering.channel_count - 1].socket.udp_port;
}

/* One UDP port in the families asked for. Where the kernel chose it for IPv4, IPv6 may find it taken: then again. */
static int open_udp_port(
	struct reflector *reflector, const struct reflector_options *options, uint16_t udp_port, const char **syscall)
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

static int open_sockets(
	struct reflector *reflector, const struct reflector_options *options, struct reflector_failure *failure)
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

static int open_memory(
	struct reflector *reflector, const struct reflector_options *options, struct reflector_failure *failure)
{
	struct answering *answering = &reflector->answering;
	struct {
		uint64_t table_seed;
		struct siphash_key train_secret;
	} chance;

	failure->syscall = "getrandom";
	if (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance)
		return -errno;
	struct admission_options admission = {
		.allow = options->allow,
		.allow_count = options->allow_count,
		.replies = {options->source_rate, options->total_rate, options->max_sessions, chance.table_seed},
	};
	struct trains_options trains = {
		.enabled = options->trains,
		.real_time = options->real_time,
		.quota = {options->train_source_rate, options->train_total_rate, options->max_sessions,
			chance.table_seed},
		.secret = chance.train_secret,
		.counters = &answering->counters.trains,
	};
	failure->syscall = "malloc";
	reflector->batch = receive_batch_open();
	if (!reflector->batch)
		return -ENOMEM;
	int error = admission_open(&answering->admission, &admission);
	if (!error)
		error = trains_open(&answering->trains, &trains);
	return error ? error : session_set_open(&answering->sessions, options->max_sessions, ~chance.table_seed);
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
	struct sched_param priority = {.sched_priority = REFLECTOR_PRIORITY};
	reflector->real_time =
		options->real_time && pthread_setschedparam(reflector->thread, SCHED_FIFO, &priority) == 0;
	return 0;
}

static void close_all(struct reflector *reflector)
{
	struct answering *answering = &reflector->answering;

	/* They send through the sockets. */
	trains_close(&answering->trains);
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

static int open_all(
	struct reflector *reflector, const struct reflector_options *options, struct reflector_failure *failure)
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
	error = reflector_tick(reflector);
	failure->syscall = "pthread_create";
	return error ? error : start_thread(reflector, options);
}

int reflector_open(
	struct reflector **opened, const struct reflector_options *options, struct reflector_failure *failure)
{
	struct reflector *reflector = calloc(1, sizeof *reflector);

	*failure = (struct reflector_failure){.syscall = "malloc"};
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
