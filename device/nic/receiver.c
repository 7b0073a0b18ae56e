// Reads frames with their stamps in batches until the run has lingered long enough or nothing more comes, then what the
// socket still holds.
#include "receiver.h"

#include <time.h> /* before <linux/errqueue.h>, which forgets it */

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "clock.h"
#include "control.h"
#include "run.h"

enum { BATCH = 64, CONTROL_BYTES = 128, STREAM_FRAMES = 4, GATHER_NS = 100000 };

/* Of silence, as in src/simulator/quiet-end.ts. */
enum { PAUSES = 3, TAIL_DIVISOR = 2 };

/*
 * How long the frames of a light run that need not be exact may wait in the socket, whose buffer holds thousands of
 * them, while it still sends. To wake up for each was a quarter of what the run costs. The first ones are read at once:
 * where the kernel has just begun to stamp, it stamps those that have none when they are read.
 */
static const int64_t LAZY_READ_NS = 5000000000;
enum { READ_AT_ONCE = 4 };

struct receiver {
	struct run *run;
	int64_t expected_mono_ns; /* when the expected number of frames was reached, 0 before */
	int64_t first_mono_ns;	  /* of the frames read, 0 before */
	int64_t last_mono_ns;
	int64_t longest_pause_ns;
	struct column frames; /* BATCH frames of snap_bytes */
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	_Alignas(struct cmsghdr) uint8_t control[BATCH][CONTROL_BYTES];
};

int receiver_open(struct receiver **opened, struct run *run)
{
	struct receiver *receiver = calloc(1, sizeof *receiver);
	uint32_t snap_bytes = run->port->snap_bytes;

	if (!receiver)
		return -ENOMEM;
	receiver->run = run;
	if (column_open(&receiver->frames, (size_t)BATCH * snap_bytes) < 0) {
		free(receiver);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < BATCH; i++) {
		uint8_t *frame = (uint8_t *)receiver->frames.data + (size_t)i * snap_bytes;
		receiver->vectors[i] = (struct iovec){.iov_base = frame, .iov_len = snap_bytes};
		receiver->messages[i].msg_hdr = (struct msghdr){.msg_iov = &receiver->vectors[i],
			.msg_iovlen = 1,
			.msg_control = receiver->control[i],
			.msg_controllen = CONTROL_BYTES};
	}
	*opened = receiver;
	return 0;
}

void receiver_close(struct receiver *receiver)
{
	column_close(&receiver->frames);
	free(receiver);
}

static void read_stamps(const struct cmsghdr *control, struct received_frame *frame)
{
	struct scm_timestamping stamps;

	memcpy(&stamps, CMSG_DATA(control), sizeof stamps);
	frame->kernel_ns = timespec_ns(&stamps.ts[0]);
	frame->hardware_ns = timespec_ns(&stamps.ts[2]);
}

static void read_auxdata(const struct cmsghdr *control, struct received_frame *frame)
{
	struct tpacket_auxdata aux;

	memcpy(&aux, CMSG_DATA(control), sizeof aux);
	frame->wire_bytes = aux.tp_len;
	if (!(aux.tp_status & TP_STATUS_VLAN_VALID))
		return;
	uint32_t tpid = aux.tp_status & TP_STATUS_VLAN_TPID_VALID ? aux.tp_vlan_tpid : ETH_P_8021Q;
	frame->vlan_tag = tpid << 16 | aux.tp_vlan_tci;
}

static void keep_message(struct receiver *receiver, uint32_t slot, int64_t user_ns)
{
	struct msghdr *message = &receiver->messages[slot].msg_hdr;
	struct received_frame frame = {.user_ns = user_ns,
		.wire_bytes = receiver->messages[slot].msg_len,
		.kept_bytes = receiver->messages[slot].msg_len,
		.bytes = receiver->vectors[slot].iov_base};

	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control; control = CMSG_NXTHDR(message, control)) {
		if (is_control(control, SOL_SOCKET, SCM_TIMESTAMPING, sizeof(struct scm_timestamping)))
			read_stamps(control, &frame);
		if (is_control(control, SOL_PACKET, PACKET_AUXDATA, sizeof(struct tpacket_auxdata)))
			read_auxdata(control, &frame);
	}
	ring_add(&receiver->run->rx, &frame);
	message->msg_controllen = CONTROL_BYTES;
}

static void note_arrival(struct receiver *receiver)
{
	int64_t now_ns = mono_ns();

	if (receiver->first_mono_ns == 0)
		receiver->first_mono_ns = now_ns;
	else if (now_ns - receiver->last_mono_ns > receiver->longest_pause_ns)
		receiver->longest_pause_ns = now_ns - receiver->last_mono_ns;
	receiver->last_mono_ns = now_ns;
}

/* Read one batch. The number of frames, 0 when none waits, or a negative errno when the port is gone. */
static int read_batch(struct receiver *receiver)
{
	int count = recvmmsg(receiver->run->port->rx_fd, receiver->messages, BATCH, MSG_DONTWAIT, NULL);

	if (count < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	int64_t user_ns = wall_ns();
	for (uint32_t i = 0; i < (uint32_t)count; i++)
		keep_message(receiver, i, user_ns);
	if (count > 0)
		note_arrival(receiver);
	return count;
}

static int64_t largest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* When silence ends a run that has sent all; INT64_MAX where it does not, or nothing came. */
static int64_t find_quiet_end(const struct receiver *receiver)
{
	const struct run *run = receiver->run;
	int64_t sent_ns = run->sending_done_mono_ns;

	if (run->plan.quiet_ns == 0 || receiver->first_mono_ns == 0)
		return INT64_MAX;
	int64_t first_wait_ns = receiver->first_mono_ns - run->base_mono_ns;
	int64_t tail_ns = (receiver->last_mono_ns - sent_ns) / TAIL_DIVISOR;
	int64_t silence_ns = largest(run->plan.quiet_ns, PAUSES * receiver->longest_pause_ns);
	return largest(receiver->last_mono_ns, sent_ns + first_wait_ns) + largest(silence_ns, tail_ns);
}

/* When to end, by what is known now; INT64_MAX while packets are still to be sent. */
static int64_t find_deadline(struct receiver *receiver)
{
	const struct run *run = receiver->run;
	const struct plan *plan = &run->plan;
	uint64_t passed = run->rx.count + run->rx.overflows;

	if (plan->expect_frames > 0 && passed >= plan->expect_frames && receiver->expected_mono_ns == 0)
		receiver->expected_mono_ns = mono_ns();
	if (!atomic_load(&run->sending_done))
		return INT64_MAX;
	int64_t deadline_ns = run->sending_done_mono_ns + plan->linger_ns;
	int64_t early_ns = find_quiet_end(receiver);
	if (receiver->expected_mono_ns != 0 && receiver->expected_mono_ns + plan->grace_ns < early_ns)
		early_ns = receiver->expected_mono_ns + plan->grace_ns;
	return early_ns < deadline_ns ? early_ns : deadline_ns;
}

static bool may_be_lazy(const struct receiver *receiver, int64_t deadline_ns)
{
	const struct plan *plan = &receiver->run->plan;

	return deadline_ns == INT64_MAX && !plan->real_time && plan->quiet_ns == 0 &&
	       receiver->run->rx.count >= READ_AT_ONCE && plan_is_light(plan);
}

/* Wait for a frame, a wake-up or the deadline. */
static void wait_for_frames(const struct receiver *receiver, int64_t deadline_ns)
{
	struct pollfd watched[2] = {
		{.fd = receiver->run->wake_fd, .events = POLLIN}, {.fd = receiver->run->port->rx_fd, .events = POLLIN}};
	bool lazy = may_be_lazy(receiver, deadline_ns);
	int64_t left_ns = lazy ? LAZY_READ_NS : deadline_ns - mono_ns();
	struct timespec timeout = ns_timespec(left_ns > 0 ? left_ns : 0);
	eventfd_t ignored;

	ppoll(watched, lazy ? 1 : 2, !lazy && deadline_ns == INT64_MAX ? NULL : &timeout, NULL);
	if (watched[0].revents)
		eventfd_read(receiver->run->wake_fd, &ignored);
}

/*
 * Frames that come in a stream: whoever waits for each is woken for each, on the core that delivers them, and that
 * costs it about a third of its rate. So let some gather; their stamps are the kernel's and do not wait.
 */
static void let_gather(void)
{
	struct timespec nap = ns_timespec(GATHER_NS);

	clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
}

void *receiver_main(void *argument)
{
	struct receiver *receiver = argument;
	struct run *run = receiver->run;

	/*
	 * Ends at the deadline, which stands once sending is done, or when the run is to stop. Frames are read before
	 * it is looked at: those that waited because this thread was kept from its work are no silence.
	 */
	while (!atomic_load(&run->stopping)) {
		int count = read_batch(receiver);
		if (count < 0)
			run_port_gone(run, -count);
		int64_t deadline_ns = find_deadline(receiver);
		if (deadline_ns != INT64_MAX && mono_ns() >= deadline_ns)
			break;
		if (count == 0)
			wait_for_frames(receiver, deadline_ns);
		else if (count >= STREAM_FRAMES && count < BATCH)
			let_gather();
	}
	port_deafen(run->port);
	/* What came before the end, also where the port went: its error overtook the frames. Ends: nothing more comes
	 * in. */
	while (read_batch(receiver) > 0)
		continue;
	atomic_store(&run->receiving_done, true);
	return NULL;
}
