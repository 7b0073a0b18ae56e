// What the reflector's thread and its owner share. Only the thread touches `answering` while it runs, but for the
// counters.
#ifndef NIC_REFLECTOR_WORK_H
#define NIC_REFLECTOR_WORK_H

#include <pthread.h>

#include "reflector_answer.h"

struct reflector {
	struct answering answering;
	struct receive_batch *batch;
	pthread_t thread;
	/* An eventfd; writing it ends the thread. */
	int wake;
	bool real_time;
	atomic_int failure;
	char port[IF_NAMESIZE];
	unsigned port_index;
	uint16_t udp_ports[REFLECTOR_MOST_PORTS];
	size_t udp_port_count;
};

/* Answers until `wake` is written, then 0; or -errno for what made going on impossible. */
int reflector_work(struct reflector *reflector);

/*
 * To be done once a second: the state of our clock, the drops, and whether the network port is still the one we bound
 * to. 0, or -ENODEV where it is not.
 */
int reflector_tick(struct reflector *reflector);

#endif
