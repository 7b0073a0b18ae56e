// Hands a schedule to the kernel: packets due together in one sendmmsg, each exactly once. A refused packet is counted
// and never tried again, because a later packet in its place would not be the schedule that was asked for.
#include "sender.h"

#include <errno.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "clock.h"
#include "pacer.h"
#include "run.h"
#include "time_patch.h"

enum { BATCH = 64, IPV4_DESTINATION = 16, IPV6_DESTINATION = 24, POLL_CHUNK_MS = 10 };

union destination {
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct sender {
	struct run *run;
	struct pacer pacer;
	struct column scratch; /* BATCH private frames to patch; empty when nothing is patched */
	uint32_t longest_frame;
	int64_t give_up_mono_ns; /* until when to wait for room in the socket's own buffer */
	uint32_t stamp_keys;	 /* numbers of stamps the kernel has used up in this run */
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	union destination destinations[BATCH];
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(uint32_t))];
};

static bool wants_stamp(const struct plan *plan, uint32_t packet)
{
	if (plan->tx_stamping == STAMP_FLAGGED)
		return plan->stamp_flag[packet] != 0;
	return plan->tx_stamping == STAMP_ALL;
}

/* One control message serves every stamped packet: the kernel only reads it. */
static void prepare_control(struct sender *sender)
{
	struct msghdr message = {.msg_control = sender->control, .msg_controllen = sizeof sender->control};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	uint32_t flags = SOF_TIMESTAMPING_TX_SOFTWARE;

	if (sender->run->port->hardware_tx)
		flags |= SOF_TIMESTAMPING_TX_HARDWARE;
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SO_TIMESTAMPING;
	header->cmsg_len = CMSG_LEN(sizeof flags);
	memcpy(CMSG_DATA(header), &flags, sizeof flags);
}

static socklen_t address_packet(const struct port *port, const uint8_t *packet, union destination *to)
{
	memset(to, 0, sizeof *to);
	if (port->layer == SEND_NETWORK4) {
		to->v4.sin_family = AF_INET;
		memcpy(&to->v4.sin_addr, packet + IPV4_DESTINATION, sizeof to->v4.sin_addr);
		return sizeof to->v4;
	}
	to->v6.sin6_family = AF_INET6;
	memcpy(&to->v6.sin6_addr, packet + IPV6_DESTINATION, sizeof to->v6.sin6_addr);
	if (IN6_IS_ADDR_LINKLOCAL(&to->v6.sin6_addr))
		to->v6.sin6_scope_id = (uint32_t)port->index;
	return sizeof to->v6;
}

static void prepare_message(struct sender *sender, uint32_t slot, uint32_t packet)
{
	const struct plan *plan = &sender->run->plan;
	uint32_t frame = plan->frame_index[packet];
	uint8_t *bytes = plan->arena + plan->frame_offset[frame];
	struct msghdr *message = &sender->messages[slot].msg_hdr;

	if (sender->scratch.data) {
		uint8_t *copy = (uint8_t *)sender->scratch.data + (size_t)slot * sender->longest_frame;
		memcpy(copy, bytes, plan->frame_length[frame]);
		bytes = copy;
	}
	sender->vectors[slot] = (struct iovec){.iov_base = bytes, .iov_len = plan->frame_length[frame]};
	*message = (struct msghdr){.msg_iov = &sender->vectors[slot], .msg_iovlen = 1};
	if (sender->run->port->layer != SEND_LINK) {
		message->msg_name = &sender->destinations[slot];
		message->msg_namelen = address_packet(sender->run->port, bytes, &sender->destinations[slot]);
	}
	if (wants_stamp(plan, packet)) {
		message->msg_control = sender->control;
		message->msg_controllen = sizeof sender->control;
	}
}

/* How many packets from `first` on leave together: those of the same instant, and when late all that are due by now. */
static uint32_t count_due(const struct sender *sender, uint32_t first, double now_offset_ns)
{
	const struct plan *plan = &sender->run->plan;
	double due_ns = plan->offset_ns[first] > now_offset_ns ? plan->offset_ns[first] : now_offset_ns;
	uint32_t count = 1;

	/*
	 * The network layer refuses packets one by one for reasons of its own (route, firewall); only single sends tell
	 * which.
	 */
	if (sender->run->port->layer != SEND_LINK)
		return 1;
	while (count < BATCH && first + count < plan->packet_count && plan->offset_ns[first + count] <= due_ns)
		count++;
	return count;
}

/*
 * Whether the socket's buffer surely takes `count` frames. Then a sendmmsg that stops early met a full queue behind it,
 * and not EAGAIN, which the kernel would not tell for any but the first packet.
 */
static bool has_room(const struct sender *sender, uint32_t count)
{
	uint64_t most_charged = (uint64_t)count * (2 * (uint64_t)sender->longest_frame + 2048);
	int queued = 0;

	if (ioctl(sender->run->port->tx_fd, SIOCOUTQ, &queued) < 0)
		return false;
	return (uint64_t)queued + most_charged < sender->run->port->send_buffer_bytes;
}

/* Write down which packets the next stamps belong to. How many there are then in all. */
static uint32_t list_stamps(struct sender *sender, uint32_t packet, uint32_t count)
{
	struct run *run = sender->run;
	uint32_t *stamped = run->tx.stamped.data;
	uint32_t next = sender->stamp_keys;

	if (run->plan.tx_stamping == STAMP_NONE)
		return 0;
	for (uint32_t i = packet; i < packet + count; i++)
		if (wants_stamp(&run->plan, i))
			stamped[next++] = i;
	return next;
}

static void record(struct sender *sender, uint32_t packet, enum tx_status status)
{
	struct run_counters *counters = &sender->run->counters;

	((uint8_t *)sender->run->tx.status.data)[packet] = (uint8_t)status;
	if (status == TX_SENT)
		counters->sent++;
	else if (status == TX_NO_BUFFERS)
		counters->no_buffers++;
	else
		counters->send_failures++;
}

/* The kernel numbered the packet's stamp, whatever became of the packet behind that. */
static void use_stamp_number(struct sender *sender, uint32_t packet)
{
	if (wants_stamp(&sender->run->plan, packet))
		sender->stamp_keys++;
}

static void record_sent(struct sender *sender, uint32_t packet)
{
	record(sender, packet, TX_SENT);
	use_stamp_number(sender, packet);
	if (wants_stamp(&sender->run->plan, packet))
		sender->run->counters.stamps_asked++;
}

static bool is_stopping(const struct run *run)
{
	return atomic_load_explicit(&run->stopping, memory_order_relaxed);
}

/* Wait for room in the socket's buffer. False when none came before the end of the schedule or the run is to stop. */
static bool wait_for_room(const struct sender *sender)
{
	struct pollfd socket = {.fd = sender->run->port->tx_fd, .events = POLLOUT};

	while (!is_stopping(sender->run)) {
		if (poll(&socket, 1, POLL_CHUNK_MS) > 0 && (socket.revents & POLLOUT))
			return true;
		if (mono_ns() >= sender->give_up_mono_ns)
			return false;
		/* Stamps waiting on the error queue make poll return at once; do not spin on them. */
		if (socket.revents) {
			struct timespec pause = ns_timespec(NS_PER_SEC / 10000);
			clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
		}
	}
	return false;
}

/* What a refused packet means. False: the kernel did not look at it, its turn has not come yet. */
static bool settle_refusal(struct sender *sender, uint32_t packet, int error)
{
	struct run *run = sender->run;

	if (error == EINTR)
		return false;
	if (error == EAGAIN && (wait_for_room(sender) || is_stopping(run)))
		return false;
	run->counters.last_send_errno = error;
	record(sender, packet, error == ENOBUFS || error == EAGAIN ? TX_NO_BUFFERS : TX_FAILED);
	/* The queue and the firewall come behind the numbering of stamps: a stamp with this number never comes. */
	if (error == ENOBUFS || error == EPERM)
		use_stamp_number(sender, packet);
	if (error == ENETDOWN || error == ENXIO || error == ENODEV)
		run_port_gone(run, error);
	return true;
}

/* Patch the time of sending into prepared packets and write down when they are handed over. */
static void stamp_handover(struct sender *sender, uint32_t first, uint32_t slot, uint32_t count)
{
	struct run *run = sender->run;
	int64_t *user = run->tx.user.data;
	double *late = run->tx.late.data;
	int64_t wall = wall_ns();

	if (sender->scratch.data) {
		uint64_t ntp = ntp_time(wall);
		for (uint32_t i = slot; i < slot + count; i++)
			patch_time(sender->vectors[i].iov_base, run->plan.timestamp_at, run->plan.checksum_at, ntp);
	}
	double now_ns = (double)(mono_ns() - run->base_mono_ns);
	for (uint32_t i = first; i < first + count; i++) {
		user[i] = wall;
		late[i] = now_ns - run->plan.offset_ns[i];
	}
}

/*
 * Hand over `count` prepared packets, in as few calls as the kernel takes. Ends when each has its status or the run
 * stops.
 */
static void submit(struct sender *sender, uint32_t first, uint32_t count)
{
	struct run *run = sender->run;
	uint32_t done = 0;

	while (done < count && !is_stopping(run)) {
		uint32_t together = count - done;
		if (together > 1 && !has_room(sender, together))
			together = 1;
		uint32_t stamps = list_stamps(sender, first + done, together);
		stamp_handover(sender, first + done, done, together);
		/* Before the kernel can deliver one of them, and with the time of handing over that it is held against.
		 */
		atomic_store_explicit(&run->stamps_submitted, stamps, memory_order_release);
		int taken = sendmmsg(run->port->tx_fd, sender->messages + done, together, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (taken < 0) {
			if (settle_refusal(sender, first + done, errno))
				done++;
			continue;
		}
		for (int i = 0; i < taken; i++)
			record_sent(sender, first + done++);
		if ((uint32_t)taken < together && settle_refusal(sender, first + done, ENOBUFS))
			done++;
	}
	atomic_store_explicit(&run->progress, first + done, memory_order_relaxed);
}

static void send_schedule(struct sender *sender)
{
	struct run *run = sender->run;
	const struct plan *plan = &run->plan;

	/* Ends when every packet had its turn or the run is to stop; a send of `due` packets is at least one. */
	for (uint32_t next = 0; next < plan->packet_count;) {
		uint32_t ready = count_due(sender, next, 0);
		/* Prepared before the wait, so that only the clock stands between the instant and the kernel. */
		for (uint32_t i = 0; i < ready; i++)
			prepare_message(sender, i, next + i);
		if (!pacer_wait(&sender->pacer, run->base_mono_ns + (int64_t)plan->offset_ns[next], &run->stopping))
			return;
		uint32_t due = count_due(sender, next, (double)(mono_ns() - run->base_mono_ns));
		for (uint32_t i = ready; i < due; i++)
			prepare_message(sender, i, next + i);
		submit(sender, next, due);
		next += due;
	}
}

static void set_base(struct sender *sender)
{
	struct run *run = sender->run;
	const struct plan *plan = &run->plan;
	double last_ns = plan->packet_count > 0 ? plan->offset_ns[plan->packet_count - 1] : 0;

	run->base_mono_ns = mono_ns() + plan->lead_ns;
	run->base_wall_ns = run->base_mono_ns + wall_minus_mono_ns();
	sender->give_up_mono_ns = run->base_mono_ns + (int64_t)last_ns + plan->linger_ns;
}

int sender_open(struct sender **opened, struct run *run)
{
	const struct plan *plan = &run->plan;
	struct sender *sender = calloc(1, sizeof *sender);

	if (!sender)
		return -ENOMEM;
	sender->run = run;
	for (uint32_t i = 0; i < plan->frame_count; i++)
		if (plan->frame_length[i] > sender->longest_frame)
			sender->longest_frame = plan->frame_length[i];
	prepare_control(sender);
	size_t scratch_bytes = plan->timestamp_at >= 0 ? (size_t)BATCH * sender->longest_frame : 0;
	if (column_open(&sender->scratch, scratch_bytes) < 0) {
		free(sender);
		return -ENOMEM;
	}
	*opened = sender;
	return 0;
}

void *sender_main(void *argument)
{
	struct sender *sender = argument;
	struct run *run = sender->run;

	pacer_start(&sender->pacer, run->plan.real_time ? PACER_SENDER_PRIORITY : PACER_NO_PRIORITY,
		plan_is_light(&run->plan));
	set_base(sender);
	send_schedule(sender);
	run->real_time = sender->pacer.real_time;
	run->stamp_keys_used = sender->stamp_keys;
	run->sending_done_mono_ns = mono_ns();
	atomic_store(&run->sending_done, true);
	run_wake_receiver(run);
	return NULL;
}

void sender_close(struct sender *sender)
{
	column_close(&sender->scratch);
	free(sender);
}
