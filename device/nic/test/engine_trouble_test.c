// The engine where the kernel refuses, waits or takes the port away: what was refused is told from what was sent, and
// the next run is as good as the first.
#include "engine_lab.h"

#include <errno.h>
#include <linux/sockios.h>
#include <math.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include "clock.h"

static double user_ns(const struct run *run, uint32_t packet)
{
	return ((const double *)run->tx.user.data)[packet];
}

static double kernel_ns(const struct run *run, uint32_t packet)
{
	return ((const double *)run->tx.kernel.data)[packet];
}

static uint32_t count_status(const struct run *run, enum tx_status status)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < run->plan.packet_count; i++)
		count += ((const uint8_t *)run->tx.status.data)[i] == status;
	return count;
}

static void open_loopback(struct port *port)
{
	const struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct port_options options = {.name = "lo",
		.layer = SEND_NETWORK4,
		.filter = &nothing,
		.filter_length = 1,
		.snap_bytes = 64,
		.ring_frames = 1};
	const char *syscall;

	EXPECT(port_open(port, &options, &syscall) == 0);
}

/* UDP datagrams to the discard port of loopback, 1 ms apart: each has left before the next one is handed over. */
static struct plan plan_datagrams(uint32_t count)
{
	enum { BYTES = sizeof(struct iphdr) + sizeof(struct udphdr) };
	struct plan plan = lab_plan(count, BYTES, 1e6);
	struct iphdr header = {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP};
	struct udphdr datagram = {.source = htons(40000), .dest = htons(9), .len = htons(sizeof datagram)};

	header.saddr = header.daddr = htonl(INADDR_LOOPBACK);
	for (uint32_t i = 0; i < count; i++) {
		memcpy(plan.arena + plan.frame_offset[i], &header, sizeof header);
		memcpy(plan.arena + plan.frame_offset[i] + sizeof header, &datagram, sizeof datagram);
	}
	return plan;
}

static struct run *run_to_the_end(struct port *port, struct plan plan)
{
	struct run *run = lab_start(port, plan);

	run_join(run);
	return run;
}

/*
 * The kernel numbers the stamp of a packet before the firewall sees it. A refused packet therefore uses a number up,
 * and the stamps behind it must not shift, neither in this run nor in the next one.
 */
static void keeps_stamps_apart_from_refused_packets(void)
{
	enum { COUNT = 60 };
	struct port lo;

	if (system("command -v nft >/dev/null") != 0) {
		printf("skipped: packets refused by the firewall need the command nft\n");
		return;
	}
	open_loopback(&lo);
	lab_command("nft add table ip lab");
	lab_command("nft add chain ip lab out '{ type filter hook output priority 0; }'");
	lab_command("nft add rule ip lab out udp dport 9 numgen inc mod 3 0 drop");
	struct run *run = run_to_the_end(&lo, plan_datagrams(COUNT));
	EXPECT(count_status(run, TX_FAILED) == COUNT / 3 && run->counters.send_failures == COUNT / 3);
	EXPECT(run->counters.last_send_errno == EPERM);
	EXPECT(run->counters.stamps_asked == COUNT - COUNT / 3);
	EXPECT(run->counters.stamps_kernel == run->counters.stamps_asked);
	for (uint32_t i = 0; i < COUNT; i++) {
		bool sent = ((const uint8_t *)run->tx.status.data)[i] == TX_SENT;
		EXPECT(sent == !isnan(kernel_ns(run, i)));
		if (sent)
			EXPECT(kernel_ns(run, i) >= user_ns(run, i));
		if (sent && i + 1 < COUNT)
			EXPECT(kernel_ns(run, i) <= user_ns(run, i + 1));
	}
	run_free(run);
	lab_command("nft flush chain ip lab out && nft add rule ip lab out udp dport 9 drop");
	run = run_to_the_end(&lo, plan_datagrams(COUNT));
	EXPECT(run->counters.send_failures == COUNT && run->counters.stamps_asked == 0);
	run_free(run);
	lab_command("nft delete table ip lab");
	run = run_to_the_end(&lo, plan_datagrams(COUNT));
	EXPECT(run->counters.sent == COUNT && run->counters.stamps_kernel == COUNT);
	run_free(run);
	port_close(&lo);
}

/* Nobody knows what became of a packet that a cancel met in the wait for room; it was not refused. */
static void cancels_in_the_wait_for_room(void)
{
	enum { COUNT = 400, BYTES = 1000 };
	struct port a;
	struct timespec pause = {.tv_nsec = 50000000};
	int bytes = 4096, queued;

	lab_open(&a, "va", 10);
	lab_command("tc qdisc add dev va root tbf rate 100kbit burst 3000 limit 1000000");
	EXPECT(setsockopt(a.tx_fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes) == 0);
	a.send_buffer_bytes = 2 * 4096;
	struct plan plan = lab_plan(COUNT, BYTES, 0);
	plan.linger_ns = 600 * NS_PER_SEC;
	struct run *run = lab_start(&a, plan);
	/* The first packets fill the buffer; the next one waits 80 ms for the link, and so does each after it. */
	do {
		nanosleep(&pause, NULL);
		EXPECT(ioctl(a.tx_fd, SIOCOUTQ, &queued) == 0);
	} while (queued < 4096);
	run_cancel(run);
	run_join(run);
	EXPECT(run_stop_reason(run) == RUN_CANCELED);
	EXPECT(run->counters.no_buffers == 0 && run->counters.last_send_errno == 0);
	EXPECT(count_status(run, TX_SENT) + count_status(run, TX_CANCELED) == COUNT);
	run_free(run);
	lab_command("tc qdisc del dev va root");
	port_close(&a);
}

/* A new interface with the old one's name and number: the sockets are bound to neither. */
static void refuses_a_port_in_the_place_of_the_old_one(void)
{
	const enum send_layer layers[] = {SEND_LINK, SEND_NETWORK4};
	const struct sock_filter everything = BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);

	for (int i = 0; i < 2; i++) {
		struct port_options options = {.name = "va",
			.layer = layers[i],
			.filter = &everything,
			.filter_length = 1,
			.snap_bytes = 64,
			.ring_frames = 1};
		struct port port;
		const char *syscall;
		char command[128];
		EXPECT(port_open(&port, &options, &syscall) == 0);
		EXPECT(port_check(&port) == 0);
		snprintf(command, sizeof command,
			"ip link del va && ip link add va index %d type veth peer vb && ip link set va up", port.index);
		lab_command(command);
		EXPECT(port_check(&port) == -ENODEV);
		port_close(&port);
	}
}

/* With the buffer that a process without CAP_NET_ADMIN gets: a few stamps, which fit, are no reason to look all the
 * time. */
static void rests_while_it_waits_for_few_stamps(void)
{
	struct port a;
	struct rusage before, after;

	lab_open(&a, "va", 10);
	a.stamp_buffer_bytes = 425984;
	struct plan plan = lab_plan(10, 60, 1e6);
	plan.linger_ns = NS_PER_SEC / 2;
	EXPECT(getrusage(RUSAGE_SELF, &before) == 0);
	struct run *run = run_to_the_end(&a, plan);
	EXPECT(getrusage(RUSAGE_SELF, &after) == 0);
	EXPECT(run->counters.stamps_kernel == 10);
	EXPECT(after.ru_nvcsw - before.ru_nvcsw < 1000);
	run_free(run);
	port_close(&a);
}

int main(void)
{
	if (!lab_enter()) {
		printf("skipped: needs root (CAP_NET_ADMIN) for a network namespace\n");
		return 0;
	}
	keeps_stamps_apart_from_refused_packets();
	cancels_in_the_wait_for_room();
	rests_while_it_waits_for_few_stamps();
	refuses_a_port_in_the_place_of_the_old_one();
	EXPECT(lab_all_ended());
	printf(lab_failures() == 0 ? "ok\n" : "%d failures\n", lab_failures());
	return lab_failures() == 0 ? 0 : 1;
}
