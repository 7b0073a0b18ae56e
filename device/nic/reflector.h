// A STAMP reflector in a thread of its own: opens its sockets, answers until it is closed, counts everything.
#ifndef NIC_REFLECTOR_H
#define NIC_REFLECTOR_H

#include <net/if.h>
#include <stdatomic.h>

#include "reflector_admission.h"
#include "reflector_trains.h"

enum { REFLECTOR_MOST_PORTS = 8 };

struct reflector_options {
	/* 0: the kernel chooses. */
	uint16_t udp_ports[REFLECTOR_MOST_PORTS];
	size_t udp_port_count;
	bool ipv4;
	bool ipv6;
	/* Empty for all network ports. */
	char port[IF_NAMESIZE];
	const uint8_t *allow;
	size_t allow_count;
	struct rate source_rate;
	struct rate total_rate;
	/* Whether trains are sent to who proves to receive them, and how many octets of frames a second. */
	bool trains;
	struct rate train_source_rate;
	struct rate train_total_rate;
	/* 1-2^20 sessions, and as many source addresses. */
	uint32_t max_sessions;
	bool real_time;
};

struct reflector_counters {
	_Atomic uint64_t received;
	_Atomic uint64_t reflected;
	_Atomic uint64_t foreign;
	_Atomic uint64_t not_allowed;
	_Atomic uint64_t rate_limited;
	_Atomic uint64_t send_failures;
	_Atomic uint64_t sessions;
	_Atomic uint64_t sessions_evicted;
	/* Where T2 came from: the kernel, or for want of that our own reading of the clock. */
	_Atomic uint64_t stamps_kernel;
	_Atomic uint64_t stamps_missing;
	/*
	 * Datagrams the NIC stamped too. T2 is the kernel's all the same: the NIC's clock runs free, and T3 - T2 would
	 * hold the difference of two clocks.
	 */
	_Atomic uint64_t stamps_hardware;
	/* Lost because a socket's buffer was full; brought up to date once a second and at the end. */
	_Atomic uint64_t socket_drops;
	struct train_counters trains;
};

/* What could not be opened. */
struct reflector_failure {
	const char *syscall;
	/* Number of the UDP port for bind, else the name of the network port. */
	char port[IF_NAMESIZE];
};

struct reflector;

/* 0, or -errno with `failure` filled; nothing is left open then. */
int reflector_open(
	struct reflector **opened, const struct reflector_options *options, struct reflector_failure *failure);

/* Ends the thread, waits for it, closes the sockets. Once only; counters stay readable until reflector_free. */
void reflector_close(struct reflector *reflector);
void reflector_free(struct reflector *reflector);

const struct reflector_counters *reflector_read_counters(const struct reflector *reflector);

/* The bound UDP ports, in the order asked for. */
size_t reflector_udp_ports(const struct reflector *reflector, uint16_t udp_ports[REFLECTOR_MOST_PORTS]);
bool reflector_is_real_time(const struct reflector *reflector);

/* 0 while it works or was closed, else the errno that ended its thread; ENODEV: its network port vanished. */
int reflector_read_failure(const struct reflector *reflector);

#endif
