// The engine on a veth pair: what is sent arrives, stamps belong to their packets, and every way to end ends.
#include "engine_lab.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "time_patch.h"

static const double *doubles(const struct column *column)
{
	return column->data;
}

static enum tx_status status_of(const struct run *run, uint32_t packet)
{
	return ((const uint8_t *)run->tx.status.data)[packet];
}

static uint32_t count_status(const struct run *run, enum tx_status status)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < run->plan.packet_count; i++)
		count += status_of(run, i) == status;
	return count;
}

static void pause_ms(long ms)
{
	struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&time, NULL);
}

/*
 * On a veth pair without a queue behind it the send call of a packet delivers it: handed over, stamped, received, and
 * only then the next one. So a stamp given to the wrong packet shows.
 */
static void expect_interleaved(const struct lab_transfer *transfer)
{
	const struct run *sent = transfer->sent, *received = transfer->received;
	double shift_ns = (double)(received->base_wall_ns - sent->base_wall_ns);
	double previous_ns = -INFINITY;

	for (uint32_t row = 0; row < received->rx.count; row++) {
		uint32_t packet = lab_number(received, row);
		double tx_ns = doubles(&sent->tx.kernel)[packet];
		double rx_ns = doubles(&received->rx.kernel)[row] + shift_ns;
		EXPECT(status_of(sent, packet) == TX_SENT);
		if (isnan(tx_ns))
			continue;
		EXPECT(tx_ns >= doubles(&sent->tx.user)[packet]);
		EXPECT(tx_ns >= previous_ns);
		EXPECT(rx_ns >= tx_ns);
		previous_ns = rx_ns;
	}
}

static void sends_and_receives(void)
{
	struct port a, b;
	enum { COUNT = 500, BYTES = 100 };

	lab_open(&a, "va", 1000);
	lab_open(&b, "vb", 1000);
	/* Twice: the second run's stamps are numbered on from the first's. */
	for (int turn = 0; turn < 2; turn++) {
		struct lab_transfer transfer = lab_transfer(&a, &b, lab_plan(COUNT, BYTES, 50000), COUNT);
		struct run *sent = transfer.sent, *received = transfer.received;
		EXPECT(run_stop_reason(sent) == RUN_COMPLETE);
		EXPECT(sent->counters.sent == COUNT && run_progress(sent) == COUNT);
		EXPECT(count_status(sent, TX_SENT) == COUNT);
		EXPECT(sent->counters.stamps_asked == COUNT && sent->counters.stamps_kernel == COUNT);
		EXPECT(sent->stamp_misfits == 0);
		EXPECT(received->rx.count == COUNT && received->rx.overflows == 0);
		EXPECT(received->counters.socket_drops == 0);
		for (uint32_t row = 0; row < received->rx.count; row++) {
			EXPECT(lab_number(received, row) == row);
			EXPECT(((uint32_t *)received->rx.length.data)[row] == BYTES);
			EXPECT(((uint32_t *)received->rx.start.data)[row + 1] == (row + 1) * BYTES);
			EXPECT(doubles(&received->rx.user)[row] >= doubles(&received->rx.kernel)[row]);
			EXPECT(doubles(&sent->tx.late)[row] >= 0);
		}
		expect_interleaved(&transfer);
		lab_transfer_free(&transfer);
	}
	port_close(&a);
	port_close(&b);
}

static void stamps_only_flagged_packets(void)
{
	struct port a, b;
	struct plan plan = lab_plan(200, 60, 0);

	plan.tx_stamping = STAMP_FLAGGED;
	plan.stamp_flag = calloc(200, 1);
	for (uint32_t i = 0; i < 200; i += 7)
		plan.stamp_flag[i] = 1;
	lab_open(&a, "va", 1000);
	lab_open(&b, "vb", 1000);
	struct lab_transfer transfer = lab_transfer(&a, &b, plan, 200);
	for (uint32_t i = 0; i < 200; i++)
		EXPECT(isnan(doubles(&transfer.sent->tx.kernel)[i]) == (i % 7 != 0));
	EXPECT(transfer.sent->counters.stamps_asked == 29);
	expect_interleaved(&transfer);
	lab_transfer_free(&transfer);
	port_close(&a);
	port_close(&b);
}

/* A shaper whose queue is shorter than the train: what it drops is counted and every stamp still finds its packet. */
static void counts_a_full_queue(void)
{
	struct port a, b;
	enum { COUNT = 300 };

	lab_open(&a, "va", 1000);
	lab_open(&b, "vb", 1000);
	lab_command("tc qdisc add dev va root tbf rate 20mbit burst 3000 limit 20000");
	for (int turn = 0; turn < 3; turn++) {
		/* Alternating sizes: a small packet may still fit where a large one was dropped. */
		struct plan plan = lab_plan(COUNT, 1000, turn == 1 ? 20000 : 0);
		for (uint32_t i = 0; i < COUNT; i += 3)
			plan.frame_length[i] = 60;
		struct lab_transfer transfer = lab_transfer(&a, &b, plan, COUNT);
		struct run *sent = transfer.sent;
		EXPECT(sent->counters.no_buffers > 0 && sent->counters.sent > 0);
		EXPECT(sent->counters.last_send_errno == ENOBUFS);
		EXPECT(sent->counters.sent + sent->counters.no_buffers == COUNT);
		EXPECT(count_status(sent, TX_SENT) == sent->counters.sent);
		EXPECT(count_status(sent, TX_NO_BUFFERS) == sent->counters.no_buffers);
		EXPECT(transfer.received->rx.count == sent->counters.sent);
		EXPECT(sent->counters.stamps_kernel == sent->counters.sent);
		EXPECT(sent->stamp_misfits == 0);
		expect_interleaved(&transfer);
		lab_transfer_free(&transfer);
	}
	lab_command("tc qdisc del dev va root");
	port_close(&a);
	port_close(&b);
}

/* A socket buffer that holds a few packets only: the sender waits for room, and is late instead of losing any. */
static void waits_for_its_own_buffer(void)
{
	struct port a, b;
	int bytes = 4096;
	enum { COUNT = 40 };

	lab_open(&a, "va", 1000);
	lab_open(&b, "vb", 1000);
	lab_command("tc qdisc add dev va root tbf rate 5mbit burst 3000 limit 1000000");
	EXPECT(setsockopt(a.tx_fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes) == 0);
	a.send_buffer_bytes = 2 * 4096;
	struct plan plan = lab_plan(COUNT, 1000, 0);
	plan.linger_ns = 2000000000;
	struct lab_transfer transfer = lab_transfer(&a, &b, plan, COUNT);
	EXPECT(transfer.sent->counters.sent == COUNT);
	EXPECT(transfer.sent->counters.no_buffers == 0);
	EXPECT(transfer.sent->counters.stamps_kernel == COUNT);
	/* 40,000 bytes at 5 Mbit/s are 64 ms. */
	EXPECT(doubles(&transfer.sent->tx.late)[COUNT - 1] > 2e7);
	expect_interleaved(&transfer);
	lab_transfer_free(&transfer);
	lab_command("tc qdisc del dev va root");
	port_close(&a);
	port_close(&b);
}

static void counts_a_full_ring(void)
{
	struct port a, b;

	lab_open(&a, "va", 1000);
	lab_open(&b, "vb", 10);
	struct lab_transfer transfer = lab_transfer(&a, &b, lab_plan(100, 60, 1000), 100);
	EXPECT(transfer.received->rx.count == 10);
	EXPECT(transfer.received->rx.overflows == 90);
	EXPECT(lab_number(transfer.received, 9) == 9);
	lab_transfer_free(&transfer);
	port_close(&a);
	port_close(&b);
}

/* Neither what does not pass the filter, nor what passed it before the run. */
static void receives_only_what_it_should(void)
{
	struct port a, b;
	struct plan plan = lab_plan(100, 60, 1000);

	for (uint32_t i = 0; i < 100; i += 2)
		plan.arena[plan.frame_offset[i] + 13] ^= 1;
	lab_open(&a, "va", 1000);
	lab_open(&b, "vb", 1000);
	struct run *early = lab_start(&a, lab_plan(50, 60, 1000));
	run_join(early);
	run_free(early);
	struct lab_transfer transfer = lab_transfer(&a, &b, plan, 50);
	EXPECT(transfer.received->rx.count == 50);
	for (uint32_t row = 0; row < transfer.received->rx.count; row++)
		EXPECT(lab_number(transfer.received, row) == 2 * row + 1);
	EXPECT(transfer.sent->rx.count == 0);
	lab_transfer_free(&transfer);
	port_close(&a);
	port_close(&b);
}

/* The kernel takes a VLAN tag out of the frame; the received bytes have it again. */
static void puts_vlan_tags_back(void)
{
	const uint8_t tagged[] = {0x81, 0x00, 0x60, 0x0a, LAB_ETHERTYPE >> 8, LAB_ETHERTYPE & 0xff};
	struct port a, b;
	struct plan plan = lab_plan(1, 80, 0);
	uint8_t frame[80];

	memcpy(plan.arena + 12, tagged, sizeof tagged);
	memcpy(frame, plan.arena, sizeof frame);
	lab_open(&a, "va", 10);
	lab_open(&b, "vb", 10);
	struct lab_transfer transfer = lab_transfer(&a, &b, plan, 1);
	EXPECT(transfer.received->rx.count == 1);
	if (transfer.received->rx.count == 1) {
		EXPECT(((uint32_t *)transfer.received->rx.length.data)[0] == sizeof frame);
		EXPECT(((uint32_t *)transfer.received->rx.start.data)[1] == sizeof frame);
		EXPECT(memcmp(transfer.received->rx.bytes.data, frame, sizeof frame) == 0);
	}
	lab_transfer_free(&transfer);
	port_close(&a);
	port_close(&b);
}

/* Every packet of a shared frame carries its own time, and the frame that was given stays as it was. */
static void patches_the_time_of_sending(void)
{
	struct port a, b;
	struct plan plan = lab_plan(100, 60, 10000);
	uint8_t frame[60];

	memset(plan.frame_index, 0, 100 * sizeof *plan.frame_index);
	plan.timestamp_at = 20;
	plan.checksum_at = 18;
	memcpy(frame, plan.arena, sizeof frame);
	lab_open(&a, "va", 1000);
	lab_open(&b, "vb", 1000);
	struct lab_transfer transfer = lab_transfer(&a, &b, plan, 100);
	EXPECT(transfer.received->rx.count == 100);
	for (uint32_t row = 0; row < transfer.received->rx.count; row++) {
		uint8_t expected[60];
		double user_ns = doubles(&transfer.sent->tx.user)[row];
		memcpy(expected, frame, sizeof frame);
		patch_time(expected, 20, 18, ntp_time(transfer.sent->base_wall_ns + (int64_t)user_ns));
		EXPECT(memcmp((uint8_t *)transfer.received->rx.bytes.data + row * 60, expected, 60) == 0);
	}
	EXPECT(memcmp(transfer.sent->plan.arena, frame, sizeof frame) == 0);
	lab_transfer_free(&transfer);
	port_close(&a);
	port_close(&b);
}

static void cancels_in_mid_run(double gap_ns, uint32_t least_sent)
{
	struct port a;
	enum { COUNT = 1000 };
	struct plan plan = lab_plan(COUNT, 60, gap_ns);

	plan.linger_ns = 60000000000;
	lab_open(&a, "va", 10);
	struct run *run = lab_start(&a, plan);
	while (run_progress(run) < least_sent)
		pause_ms(1);
	run_cancel(run);
	run_cancel(run);
	run_join(run);
	EXPECT(run_stop_reason(run) == RUN_CANCELED);
	uint32_t sent = count_status(run, TX_SENT);
	EXPECT(sent == run->counters.sent && sent >= least_sent);
	EXPECT(sent + count_status(run, TX_CANCELED) == COUNT);
	for (uint32_t i = 0; i < COUNT; i++)
		EXPECT(isnan(doubles(&run->tx.late)[i]) == (status_of(run, i) == TX_CANCELED));
	run_free(run);
	port_close(&a);
}

/* `event` happens to va while one run sends there and another listens; both end and say why. */
static void ends_when_the_port_goes(const char *event, const char *after)
{
	struct port a, listener;
	enum { COUNT = 100000 };

	lab_open(&a, "va", 10);
	lab_open(&listener, "va", 10);
	struct run *listening = lab_start(&listener, lab_listen(0));
	struct run *sending = lab_start(&a, lab_plan(COUNT, 60, 100000));
	while (run_progress(sending) < 10)
		pause_ms(1);
	lab_command(event);
	run_join(sending);
	run_join(listening);
	EXPECT(run_stop_reason(sending) == RUN_GONE);
	EXPECT(atomic_load(&sending->gone_errno) == ENETDOWN || atomic_load(&sending->gone_errno) == ENXIO);
	EXPECT(run_stop_reason(listening) == RUN_GONE);
	EXPECT(atomic_load(&listening->gone_errno) == ENETDOWN);
	EXPECT(count_status(sending, TX_PENDING) == 0);
	EXPECT(count_status(sending, TX_SENT) >= 10 && count_status(sending, TX_CANCELED) > 0);
	run_free(sending);
	run_free(listening);

	EXPECT(port_check(&a) == -ENETDOWN || port_check(&a) == -ENODEV);
	struct plan plan = lab_plan(1, 60, 0);
	const char *syscall;
	struct run *refused = run_new(&a, &plan, NULL, NULL);
	EXPECT(run_start(refused, &syscall) == port_check(&a));
	run_free(refused);
	port_close(&a);
	port_close(&listener);
	lab_command(after);
}

/* An error of the socket from between two runs does not end the second one. */
static void survives_a_link_that_was_down(void)
{
	struct port a, b;

	lab_open(&a, "va", 100);
	lab_open(&b, "vb", 100);
	lab_command("ip link set va down && ip link set va up");
	struct lab_transfer transfer = lab_transfer(&a, &b, lab_plan(20, 60, 1000), 20);
	EXPECT(run_stop_reason(transfer.sent) == RUN_COMPLETE);
	EXPECT(transfer.received->rx.count == 20);
	lab_transfer_free(&transfer);
	transfer = lab_transfer(&b, &a, lab_plan(20, 60, 1000), 20);
	EXPECT(transfer.received->rx.count == 20);
	lab_transfer_free(&transfer);
	port_close(&a);
	port_close(&b);
}

static int try_to_open(const char *name, enum send_layer layer, const char **syscall)
{
	const struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, 0xffff);
	struct port_options options = {
		.name = name, .layer = layer, .filter = &all, .filter_length = 1, .snap_bytes = 64, .ring_frames = 1};
	struct port port;
	int error = port_open(&port, &options, syscall);

	if (!error)
		port_close(&port);
	return error;
}

static void refuses_what_it_may_not_open(void)
{
	const char *syscall = "";
	int status;

	EXPECT(try_to_open("nosuch0", SEND_LINK, &syscall) == -ENODEV);
	EXPECT(try_to_open("a-name-that-is-too-long", SEND_LINK, &syscall) == -ENODEV);
	pid_t child = fork();
	if (child == 0) {
		int error = setresuid(65534, 65534, 65534) == 0 ? try_to_open("va", SEND_LINK, &syscall) : 0;
		_exit(error == -EPERM && strcmp(syscall, "socket") == 0 ? 0 : 1);
	}
	EXPECT(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
	if (geteuid() != 0 || !lab_enter()) {
		printf("skipped: needs root (CAP_NET_ADMIN) for a network namespace\n");
		return 0;
	}
	sends_and_receives();
	stamps_only_flagged_packets();
	counts_a_full_queue();
	waits_for_its_own_buffer();
	counts_a_full_ring();
	receives_only_what_it_should();
	puts_vlan_tags_back();
	patches_the_time_of_sending();
	cancels_in_mid_run(1e6, 20);
	cancels_in_mid_run(1e10, 1);
	survives_a_link_that_was_down();
	ends_when_the_port_goes("ip link set va down", "ip link set va up");
	refuses_what_it_may_not_open();
	ends_when_the_port_goes("ip link del va", "true");
	EXPECT(lab_all_ended());
	printf(lab_failures() == 0 ? "ok\n" : "%d failures\n", lab_failures());
	return lab_failures() == 0 ? 0 : 1;
}
