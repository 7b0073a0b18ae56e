// One train under way: its thread, what others may ask of it, and how it ends.
#ifndef NIC_REFLECTOR_TRAIN_H
#define NIC_REFLECTOR_TRAIN_H

#include <pthread.h>
#include <stdatomic.h>

#include "reflector_socket.h"
#include "stamp_train.h"

/* A train ends when its sender was not heard for this long. */
#define TRAIN_SILENCE_NS 500000000LL
/* From the request to the first packet: time for the thread to start and to learn how late it wakes. */
#define TRAIN_LEAD_NS 5000000LL

/*
 * Real-time priorities. Trains close enough to spin may take every processor; the reflector goes before them, or it
 * would neither answer nor hear that a train is to end.
 */
enum { TRAIN_PRIORITY = 1, REFLECTOR_PRIORITY = 2 };

/* How its packets leave: from the socket and address that were asked, to who asked. */
struct train_way {
	struct reflector_socket socket;
	/* Its packet is the request. */
	const struct arrival *arrival;
	uint16_t error_estimate;
};

struct train {
	/* Of whoever starts and joins trains. */
	pthread_t thread;
	bool joinable;
	/* Changes with each train, so that an earlier holder of the slot is told apart. */
	uint32_t generation;
	/* Set before the thread starts. */
	uint32_t run;
	struct train_shape shape;
	struct reflector_socket socket;
	struct sockaddr_storage peer;
	struct arrival origin;
	uint8_t *packet;
	int64_t start_mono_ns;
	bool real_time;
	_Atomic uint64_t *packets_counted;
	/* Between the threads. */
	_Atomic int64_t heard_mono_ns;
	atomic_bool stopping;
	/* An enum train_status. */
	atomic_int status;
	atomic_uint handed_over;
};

/* Starts the thread of a train whose shape and run are set; false where the system has no thread or memory left. */
bool train_start(struct train *train, const struct train_way *way, int64_t now_mono_ns);

/* Waits for the end of a train that was told to stop, or has ended. Safe where there is none. */
void train_join(struct train *train);

#endif
