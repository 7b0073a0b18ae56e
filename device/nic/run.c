// Starts the threads of a run, ends them, and turns what they wrote into the result's columns.
#include "run.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "receiver.h"
#include "sender.h"
#include "txstamps.h"

/*
 * A free-running clock of a NIC may count from anywhere; within this of the wall clock it was set by somebody (UTC or
 * TAI).
 */
static const int64_t SAME_EPOCH_NS = 86400 * NS_PER_SEC;

struct run_threads {
	struct run *run;
	struct sender *sender;
	struct receiver *receiver;
	pthread_t sender_thread;
	pthread_t receiver_thread;
};

void run_wake_receiver(struct run *run)
{
	eventfd_write(run->wake_fd, 1);
}

static void stop(struct run *run)
{
	atomic_store(&run->stopping, true);
	run_wake_receiver(run);
}

void run_cancel(struct run *run)
{
	atomic_store(&run->canceled, true);
	stop(run);
}

void run_port_gone(struct run *run, int error)
{
	atomic_store(&run->gone_errno, error);
	stop(run);
}

uint32_t run_progress(const struct run *run)
{
	return atomic_load_explicit(&run->progress, memory_order_relaxed);
}

enum run_stop run_stop_reason(const struct run *run)
{
	if (atomic_load(&run->gone_errno) != 0)
		return RUN_GONE;
	return atomic_load(&run->canceled) ? RUN_CANCELED : RUN_COMPLETE;
}

/* ns on a clock to ns after `base_ns` as a double, in place: both are 8 bytes. */
static void make_offsets(struct column *column, uint32_t count, int64_t base_ns)
{
	int64_t *instants = column->data;
	double *offsets = column->data;

	for (uint32_t i = 0; i < count; i++) {
		int64_t instant = instants[i];
		offsets[i] = instant == 0 ? NAN : (double)(instant - base_ns);
	}
}

static int64_t find_first(const struct column *column, uint32_t count)
{
	const int64_t *instants = column->data;

	for (uint32_t i = 0; i < count; i++)
		if (instants[i] != 0)
			return instants[i];
	return 0;
}

static int64_t choose_hardware_base(const struct run *run)
{
	int64_t first = find_first(&run->tx.hardware, run->plan.packet_count);

	if (first == 0)
		first = find_first(&run->rx.hardware, run->rx.count);
	return first == 0 || llabs(first - run->base_wall_ns) < SAME_EPOCH_NS ? run->base_wall_ns : first;
}

static void settle_unsent(struct run *run)
{
	uint8_t *status = run->tx.status.data;

	for (uint32_t i = 0; i < run->plan.packet_count; i++) {
		if (status[i] != TX_PENDING)
			continue;
		status[i] = TX_CANCELED;
		((int64_t *)run->tx.user.data)[i] = 0;
		((double *)run->tx.late.data)[i] = NAN;
	}
}

static void finish(struct run *run, int64_t wall_minus_mono_at_start)
{
	struct tpacket_stats stats = {0};
	socklen_t length = sizeof stats;

	run->clock_step_ns = wall_minus_mono_ns() - wall_minus_mono_at_start;
	getsockopt(run->port->rx_fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length);
	run->counters.socket_drops = stats.tp_drops;
	run->port->next_stamp_key = run->first_stamp_key + run->stamp_keys_used;
	/* Of a packet that failed, or was the last before the port went, nobody says whether it used a number up. */
	run->port->stamp_keys_in_doubt =
		run->stamp_misfits > 0 || run->counters.send_failures > 0 || atomic_load(&run->gone_errno) != 0;

	settle_unsent(run);
	run->base_hardware_ns = choose_hardware_base(run);
	make_offsets(&run->tx.user, run->plan.packet_count, run->base_wall_ns);
	make_offsets(&run->tx.kernel, run->plan.packet_count, run->base_wall_ns);
	make_offsets(&run->tx.hardware, run->plan.packet_count, run->base_hardware_ns);
	make_offsets(&run->rx.user, run->rx.count, run->base_wall_ns);
	make_offsets(&run->rx.kernel, run->rx.count, run->base_wall_ns);
	make_offsets(&run->rx.hardware, run->rx.count, run->base_hardware_ns);
}

static void close_threads(struct run_threads *threads)
{
	if (threads->sender)
		sender_close(threads->sender);
	if (threads->receiver)
		receiver_close(threads->receiver);
	free(threads);
}

static void join_threads(struct run_threads *threads)
{
	pthread_join(threads->sender_thread, NULL);
	pthread_join(threads->receiver_thread, NULL);
}

/*
 * The run's own thread: it collects transmit stamps while the other two work, or after them where the socket holds all
 * of a light stream's and nobody needs to look every few ms; then it ends the run.
 */
static void *run_main(void *argument)
{
	struct run_threads *threads = argument;
	struct run *run = threads->run;
	int64_t difference = wall_minus_mono_ns();
	bool afterwards = txstamps_can_wait(run);

	if (afterwards)
		join_threads(threads);
	if (run->plan.tx_stamping != STAMP_NONE)
		txstamps_collect(run);
	if (!afterwards)
		join_threads(threads);
	close_threads(threads);
	finish(run, difference);
	run->done(run->done_context);
	return NULL;
}

static int open_columns(struct run *run)
{
	size_t count = run->plan.packet_count;
	size_t stamps = run->plan.tx_stamping == STAMP_NONE ? 0 : count;
	int error;

	if ((error = column_open(&run->tx.status, count)) < 0)
		return error;
	if ((error = column_open(&run->tx.user, count * sizeof(int64_t))) < 0)
		return error;
	if ((error = column_open(&run->tx.kernel, count * sizeof(int64_t))) < 0)
		return error;
	if ((error = column_open(&run->tx.hardware, count * sizeof(int64_t))) < 0)
		return error;
	if ((error = column_open(&run->tx.late, count * sizeof(double))) < 0)
		return error;
	if ((error = column_open(&run->tx.stamped, stamps * sizeof(uint32_t))) < 0)
		return error;
	return ring_open(&run->rx, run->port->ring_frames);
}

static int prepare(struct run *run, struct run_threads *threads, const char **syscall)
{
	int error;

	*syscall = "mmap";
	if ((error = open_columns(run)) < 0)
		return error;
	if ((error = sender_open(&threads->sender, run)) < 0)
		return error;
	if ((error = receiver_open(&threads->receiver, run)) < 0)
		return error;
	*syscall = "eventfd";
	run->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (run->wake_fd < 0)
		return -errno;
	*syscall = "ioctl";
	if ((error = port_check(run->port)) < 0)
		return error;
	*syscall = "setsockopt";
	if (run->port->stamp_keys_in_doubt && (error = port_restart_stamp_keys(run->port)) < 0)
		return error;
	run->first_stamp_key = run->port->next_stamp_key;
	return port_listen(run->port);
}

static int start_thread(pthread_t *thread, const char *name, void *(*body)(void *), void *argument)
{
	int error = -pthread_create(thread, NULL, body, argument);

	if (error == 0)
		pthread_setname_np(*thread, name);
	return error;
}

/* All three threads or none. */
static int start_threads(struct run *run, struct run_threads *threads)
{
	int error = start_thread(&threads->receiver_thread, "nic-receive", receiver_main, threads->receiver);

	if (error)
		return error;
	error = start_thread(&threads->sender_thread, "nic-send", sender_main, threads->sender);
	if (error == 0) {
		error = start_thread(&run->thread, "nic-run", run_main, threads);
		if (error == 0)
			return 0;
		stop(run);
		pthread_join(threads->sender_thread, NULL);
	}
	stop(run);
	pthread_join(threads->receiver_thread, NULL);
	return error;
}

struct run *run_new(struct port *port, struct plan *plan, run_done done, void *context)
{
	struct run *run = calloc(1, sizeof *run);

	if (!run) {
		plan_free(plan);
		return NULL;
	}
	run->port = port;
	run->plan = *plan;
	*plan = (struct plan){0};
	run->done = done;
	run->done_context = context;
	run->wake_fd = -1;
	return run;
}

int run_start(struct run *run, const char **syscall)
{
	struct run_threads *threads = calloc(1, sizeof *threads);
	sigset_t every, before;
	int error;

	*syscall = "malloc";
	if (!threads)
		return -ENOMEM;
	threads->run = run;
	error = prepare(run, threads, syscall);
	if (error == 0) {
		/* Signals are for the program's own threads, which a send in progress must not stand in for. */
		sigfillset(&every);
		pthread_sigmask(SIG_SETMASK, &every, &before);
		*syscall = "pthread_create";
		error = start_threads(run, threads);
		pthread_sigmask(SIG_SETMASK, &before, NULL);
		if (error)
			port_deafen(run->port);
	}
	if (error)
		close_threads(threads);
	return error;
}

void run_join(struct run *run)
{
	pthread_join(run->thread, NULL);
}

void run_free(struct run *run)
{
	if (run->wake_fd >= 0)
		close(run->wake_fd);
	plan_free(&run->plan);
	column_close(&run->tx.status);
	column_close(&run->tx.user);
	column_close(&run->tx.kernel);
	column_close(&run->tx.hardware);
	column_close(&run->tx.late);
	column_close(&run->tx.stamped);
	ring_close(&run->rx);
	free(run);
}
