// Reads the error queue of the sending socket and gives each stamp to its packet. A stamp that never comes stays 0.
#include "txstamps.h"

#include <time.h> /* before <linux/errqueue.h>, which forgets it */

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "control.h"
#include "run.h"

enum { BATCH = 64, CONTROL_BYTES = 256 };

/* What the kernel charges the buffer for one waiting stamp, and the fastest it can produce them. */
enum { CHARGED_BYTES_PER_STAMP = 1024, LEAST_NS_PER_STAMP = 500 };

static const int64_t LEAST_PAUSE_NS = 100000;
static const int64_t MOST_PAUSE_NS = 5000000;
/* Stamps can come this much after the last packet, when a queue holds it back. */
static const int64_t LATE_STAMPS_NS = 50000000;

struct stamp_reader {
	struct mmsghdr messages[BATCH];
	_Alignas(struct cmsghdr) uint8_t control[BATCH][CONTROL_BYTES];
};

struct stamp {
	bool valid;
	uint32_t key;
	int64_t kernel_ns;
	int64_t hardware_ns;
};

static bool is_extended_error(const struct cmsghdr *control)
{
	size_t length = sizeof(struct sock_extended_err);

	return is_control(control, SOL_PACKET, PACKET_TX_TIMESTAMP, length) ||
	       is_control(control, SOL_IP, IP_RECVERR, length) || is_control(control, SOL_IPV6, IPV6_RECVERR, length);
}

static struct stamp parse_stamp(struct msghdr *message)
{
	struct stamp stamp = {0};
	struct sock_extended_err error;
	struct scm_timestamping stamps;

	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control; control = CMSG_NXTHDR(message, control)) {
		if (is_control(control, SOL_SOCKET, SCM_TIMESTAMPING, sizeof stamps)) {
			memcpy(&stamps, CMSG_DATA(control), sizeof stamps);
			stamp.kernel_ns = timespec_ns(&stamps.ts[0]);
			stamp.hardware_ns = timespec_ns(&stamps.ts[2]);
		} else if (is_extended_error(control)) {
			memcpy(&error, CMSG_DATA(control), sizeof error);
			stamp.valid = error.ee_origin == SO_EE_ORIGIN_TIMESTAMPING && error.ee_info == SCM_TSTAMP_SND;
			stamp.key = error.ee_data;
		}
	}
	return stamp;
}

static void keep_stamp(struct run *run, const struct stamp *stamp)
{
	uint32_t row = stamp->key - run->first_stamp_key;

	/* A number from before this run belongs to a packet that left late. */
	if (!stamp->valid || row > INT32_MAX)
		return;
	/* A number that was not used yet cannot be: then the kernel's numbers and ours have come apart. */
	if (row >= atomic_load_explicit(&run->stamps_submitted, memory_order_acquire)) {
		run->stamp_misfits++;
		return;
	}
	uint32_t packet = ((const uint32_t *)run->tx.stamped.data)[row];
	if (stamp->kernel_ns != 0) {
		/* Nor does a packet leave before it was handed over. */
		if (stamp->kernel_ns < ((const int64_t *)run->tx.user.data)[packet]) {
			run->stamp_misfits++;
			return;
		}
		((int64_t *)run->tx.kernel.data)[packet] = stamp->kernel_ns;
		run->counters.stamps_kernel++;
	}
	if (stamp->hardware_ns != 0) {
		((int64_t *)run->tx.hardware.data)[packet] = stamp->hardware_ns;
		run->counters.stamps_hardware++;
	}
}

/* Read until the error queue is empty. */
static void drain(struct run *run, struct stamp_reader *reader)
{
	int count = BATCH;

	/* Ends when a batch is not full; each full batch was BATCH stamps of which only so many exist. */
	while (count == BATCH) {
		for (int i = 0; i < BATCH; i++)
			reader->messages[i].msg_hdr =
				(struct msghdr){.msg_control = reader->control[i], .msg_controllen = CONTROL_BYTES};
		count = recvmmsg(run->port->tx_fd, reader->messages, BATCH, MSG_ERRQUEUE | MSG_DONTWAIT, NULL);
		for (int i = 0; i < count; i++) {
			struct stamp stamp = parse_stamp(&reader->messages[i].msg_hdr);
			keep_stamp(run, &stamp);
		}
	}
}

/* For use once sending is done. */
static bool all_came(const struct run *run)
{
	uint64_t asked = run->counters.stamps_asked;

	return run->counters.stamps_kernel >= asked &&
	       (!run->port->hardware_tx || run->counters.stamps_hardware >= asked);
}

static uint32_t count_room(const struct run *run)
{
	return run->port->stamp_buffer_bytes / CHARGED_BYTES_PER_STAMP;
}

static uint32_t count_stamps(const struct run *run)
{
	return run->plan.packet_count * (run->port->hardware_tx ? 2 : 1);
}

bool txstamps_can_wait(const struct run *run)
{
	return count_stamps(run) <= count_room(run) && plan_is_light(&run->plan);
}

/* Half the time in which stamps could fill the buffer; no hurry where all of the run fit into it. */
static int64_t choose_pause(const struct run *run)
{
	uint32_t room = count_room(run);
	int64_t pause_ns = (int64_t)room * LEAST_NS_PER_STAMP / 2;

	if (count_stamps(run) <= room)
		return MOST_PAUSE_NS;
	if (pause_ns < LEAST_PAUSE_NS)
		return LEAST_PAUSE_NS;
	return pause_ns < MOST_PAUSE_NS ? pause_ns : MOST_PAUSE_NS;
}

void txstamps_collect(struct run *run)
{
	struct stamp_reader reader;
	/* Sleeps instead of polling: a poll would be woken by each stamp, within the send call that made it. */
	struct timespec pause = ns_timespec(choose_pause(run));
	bool over = false;

	/* Ends once both threads have, and then at the latest LATE_STAMPS_NS after the last packet. */
	while (!over) {
		bool others_ended = atomic_load(&run->sending_done) && atomic_load(&run->receiving_done);
		drain(run, &reader);
		over = others_ended && (all_came(run) || atomic_load(&run->stopping) ||
					       mono_ns() >= run->sending_done_mono_ns + LATE_STAMPS_NS);
		if (!over)
			clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
}
