// One run: a plan carried out on a port by three threads, and the columns that come out of it.
#ifndef NIC_RUN_H
#define NIC_RUN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "column.h"
#include "plan.h"
#include "port.h"
#include "ring.h"

/* As in nic.ts. */
enum tx_status { TX_PENDING, TX_SENT, TX_NO_BUFFERS, TX_FAILED, TX_CANCELED };

enum run_stop { RUN_COMPLETE, RUN_CANCELED, RUN_GONE };

struct run_counters {
	uint64_t sent;
	uint64_t no_buffers;
	uint64_t send_failures;
	int last_send_errno;
	uint64_t socket_drops;
	uint64_t stamps_asked;
	uint64_t stamps_kernel;
	uint64_t stamps_hardware;
};

/*
 * A row a packet. While the run works instants are int64_t ns on their own clock and 0 for none; run_join leaves
 * doubles: ns after the base, NaN for none.
 */
struct tx_columns {
	struct column status;	/* uint8_t, enum tx_status */
	struct column user;	/* int64_t, then double */
	struct column kernel;	/* int64_t, then double */
	struct column hardware; /* int64_t, then double */
	struct column late;	/* double */
	struct column stamped;	/* uint32_t: which packet asked for the n-th stamp */
};

typedef void (*run_done)(void *context);

struct run {
	struct port *port;
	struct plan plan;
	struct tx_columns tx;
	struct ring rx; /* its instants change like those of tx_columns */
	struct run_counters counters;

	int64_t base_wall_ns;
	int64_t base_mono_ns;
	int64_t base_hardware_ns;
	int64_t clock_step_ns;
	bool real_time;

	uint32_t first_stamp_key;
	uint32_t stamp_keys_used;
	uint32_t stamp_misfits; /* stamps whose number or time cannot be: the kernel counts otherwise than we do */

	/* Between the threads. `stamps_submitted` counts rows of `stamped` that may be looked up. */
	atomic_bool stopping; /* set last among the reasons to stop */
	atomic_bool canceled;
	atomic_int gone_errno; /* positive, 0 while the port is there */
	atomic_bool sending_done;
	atomic_bool receiving_done;
	atomic_uint progress;
	atomic_uint stamps_submitted;
	int wake_fd; /* eventfd that wakes the receiver */
	int64_t sending_done_mono_ns;

	pthread_t thread;
	run_done done;
	void *done_context;
};

/*
 * Make a run out of a checked plan, which it takes over. NULL without memory. `done` will be called on the run's own
 * thread.
 */
struct run *run_new(struct port *port, struct plan *plan, run_done done, void *context);

/* Start its threads. On failure a negative errno, and *syscall names what failed; then nothing was sent. */
int run_start(struct run *run, const char **syscall);

/* Packets handed over so far. */
uint32_t run_progress(const struct run *run);

/* End the run soon; safe from any thread, any number of times, until run_free. */
void run_cancel(struct run *run);

/* Wait until a started run has ended. `done` was called by then. */
void run_join(struct run *run);

enum run_stop run_stop_reason(const struct run *run);

/* After run_join, or instead of it for a run that did not start. */
void run_free(struct run *run);

/* For the run's own threads: the port vanished or went down. */
void run_port_gone(struct run *run, int error);
void run_wake_receiver(struct run *run);

#endif
